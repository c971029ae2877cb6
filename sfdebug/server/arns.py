"""The ARNs that requests name: what kind of resource each is of, and AWS's words for those that are none.

Source: AWS docs, "Resource types defined by AWS Step Functions". Recorded: what does not begin with `arn:` has an
"Invalid ARN prefix", and an Express execution is a "Resource type not valid in this context". As public reports have
it, of an ARN with `${AWS::AccountId}` left in it: "Resource type can not be empty".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from sfdebug.hosting.starting import CASE_MARK
from sfdebug.server.errors import invalid_arn, validation

_PARTS: Final = 7
_PREFIX: Final = "arn:"


class ResourceArnKind(StrEnum):
    """The kinds of resources, as their ARNs call them."""

    STATE_MACHINE = "stateMachine"
    EXECUTION = "execution"
    EXPRESS = "express"
    ACTIVITY = "activity"
    MAP_RUN = "mapRun"


class ResourceArn(Struct, frozen=True):
    """An ARN of Step Functions: its text, the kind of resource, the name, and what stands behind that."""

    text: str
    kind: str
    name: str
    rest: str = ""

    @property
    def whole(self) -> str:
        """The ARN without what stands behind the name: the state machine's, of a version or an alias."""
        return self.text.removesuffix(f":{self.rest}") if self.rest else self.text

    @property
    def is_map_state(self) -> bool:
        """Whether it is that of a distributed Map in a state machine, by its label."""
        return "/" in self.name.partition(CASE_MARK)[0]

    @property
    def is_version(self) -> bool:
        """Whether a number stands behind the name of a state machine."""
        return self.rest.isascii() and self.rest.isdecimal()


def read_arn(text: str, *kinds: ResourceArnKind) -> ResourceArn:
    """An ARN of one of these kinds. Raises ApiRefusalError (InvalidArn)."""
    if not text.startswith(_PREFIX):
        raise invalid_arn(f"Invalid ARN prefix: {text}")
    parts = text.split(":", _PARTS)
    if len(parts) >= _PARTS and not parts[5]:
        raise invalid_arn(f"Resource type can not be empty: {text}")
    if len(parts) < _PARTS or not parts[_PARTS - 1] or not parts[-1]:
        raise invalid_arn(f"Invalid ARN: {text}")  # not recorded
    kind, name = parts[5], parts[6]
    if parts[2] != "states":
        raise invalid_arn(f"Invalid ARN service: {text}")  # not recorded
    if kind not in kinds:
        raise invalid_arn(f"Resource type not valid in this context: {kind}")
    return ResourceArn(text, kind, name, parts[_PARTS] if len(parts) > _PARTS else "")


def read_machine_arn(text: str) -> ResourceArn:
    """An ARN of a state machine, a version or an alias. AWS API, StartExecution and others: a distributed Map's is
    refused. Raises ApiRefusalError (InvalidArn, ValidationException)."""
    arn = read_arn(text, ResourceArnKind.STATE_MACHINE)
    if arn.is_map_state:
        raise validation(f"The ARN of a Distributed Map state is not valid in this context: {text}")  # not recorded
    return arn
