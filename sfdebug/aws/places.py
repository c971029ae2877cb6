"""Where one can read from: the profiles of the AWS configuration, and the regions that have Step Functions.

Nothing is asked of AWS: both are in files, the user's own and those of boto3.
"""

from __future__ import annotations

import os
from typing import Final

from msgspec import Struct

from sfdebug.aws.errors import NoClientError

_USUAL: Final = "aws"
"""The partition of all regions but those of China and of governments."""


class AwsProfile(Struct, frozen=True):
    """A profile of the AWS configuration; `region` is the one that it names, "" for none."""

    name: str
    region: str


def profiles() -> tuple[AwsProfile, ...]:
    """The profiles in ~/.aws/config and ~/.aws/credentials, or the files that the environment names instead.

    Raises NoClientError without boto3.
    """
    try:
        import botocore.session
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise _no_client() from error
    try:
        found = botocore.session.Session().full_config.get("profiles") or {}
    except BotoCoreError:  # the files are no configuration: whoever asks AWS next is told where and why
        return ()
    return tuple(AwsProfile(name, str(found[name].get("region") or "")) for name in sorted(found))


def regions(like: str | None = None) -> tuple[str, ...]:
    """The regions that have Step Functions, as far as this boto3 knows; those of the partition of `like`.

    Raises NoClientError without boto3.
    """
    try:
        import boto3
    except ImportError as error:
        raise _no_client() from error
    session = boto3.Session(region_name=like or "us-east-1")
    partitions = session.get_available_partitions()
    own = (one for one in partitions if like in session.get_available_regions("stepfunctions", partition_name=one))
    partition = next(own, _USUAL)
    return tuple(sorted(session.get_available_regions("stepfunctions", partition_name=partition)))


def default_region(profile: str | None) -> str | None:
    """The region that AWS's own configuration names for a profile, None when it names none."""
    if region_named() is not None:
        return region_named()
    try:
        import boto3
    except ImportError as error:
        raise _no_client() from error
    from botocore.exceptions import BotoCoreError

    try:
        region: str | None = boto3.Session(profile_name=profile).region_name
    except BotoCoreError:
        return None
    return region


def region_named() -> str | None:
    """The region in AWS_REGION: AWS's own command line puts it before all that is configured, boto3 passes over it."""
    return os.environ.get("AWS_REGION") or None


def _no_client() -> NoClientError:
    return NoClientError("reading from AWS needs boto3, which is not installed", "Install it: pip install boto3")
