"""What can go wrong in reading from AWS: the errors that this room raises."""

from __future__ import annotations

from sfdebug.errors import SfdebugError


def shown(text: str) -> str:
    """`text` that a terminal can be given: control characters are written as escapes."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


class AwsError(SfdebugError):
    """AWS could not be read."""

    def __init__(self, what: str, fix: str = "", *, where: str = "") -> None:
        super().__init__(shown(what), where=shown(where), fix=shown(fix))


class InvalidArnError(AwsError):
    """What was given is no ARN, or not of something that can be read."""


class NoClientError(AwsError):
    """boto3 is not installed."""


class CredentialsError(AwsError):
    """There are no credentials, or AWS does not take them: expired, unknown, wrongly signed."""


class DeniedError(AwsError):
    """The credentials are good and do not allow this. `action` is what a policy has to allow."""

    def __init__(self, action: str, what: str, fix: str, *, where: str = "") -> None:
        super().__init__(what, fix, where=where)
        self.action = action


class RegionError(AwsError):
    """No region is known, or one that does not exist or does not fit."""


class NotFoundError(AwsError):
    """There is no such execution, state machine, Map Run or log group (any more)."""


class ThrottledError(AwsError):
    """AWS refused because of too many requests, also after waiting."""


class UnreachableError(AwsError):
    """The endpoint does not answer, or not in time, or is not AWS."""


class NotSupportedError(AwsError):
    """AWS has no such information, for an Express workflow for example."""


class UnexpectedAnswerError(AwsError):
    """AWS answered with an error that nobody foresaw: its own words are passed on."""


class CancelledError(AwsError):
    """The user cancelled."""


class NotReadingError(AwsError):
    """Something in sfdebug asked for an operation that is not in the list of those that only read."""
