"""The errors that AWS's Step Functions API answers with: their types, their words, and how they go over the wire.

The words are those of recorded answers; where none is known, a comment says so. Source for the types: AWS API
reference, the errors of each operation; the names before the # are those of recorded bodies.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sfdebug.errors import SfdebugError

_SERVICE: Final = "com.amazonaws.swf.service.v2.model"
_VALIDATION: Final = "com.amazon.coral.validate"
_PROTOCOL: Final = "com.amazon.coral.service"
_EVENTS: Final = "com.amazonaws.events"


class ErrorType(StrEnum):
    """The types that are answered here: all that have a meaning without an account."""

    ACTIVITY_ALREADY_EXISTS = "ActivityAlreadyExists"
    ACTIVITY_DOES_NOT_EXIST = "ActivityDoesNotExist"
    CONFLICT = "ConflictException"
    EXECUTION_ALREADY_EXISTS = "ExecutionAlreadyExists"
    EXECUTION_DOES_NOT_EXIST = "ExecutionDoesNotExist"
    EXECUTION_NOT_REDRIVABLE = "ExecutionNotRedrivable"
    INVALID_ARN = "InvalidArn"
    INVALID_DEFINITION = "InvalidDefinition"
    INVALID_ENCRYPTION_CONFIGURATION = "InvalidEncryptionConfiguration"
    INVALID_EVENT_PATTERN = "InvalidEventPatternException"
    INVALID_EXECUTION_INPUT = "InvalidExecutionInput"
    INVALID_LOGGING_CONFIGURATION = "InvalidLoggingConfiguration"
    INVALID_NAME = "InvalidName"
    INVALID_OUTPUT = "InvalidOutput"
    INVALID_TOKEN = "InvalidToken"
    MISSING_REQUIRED_PARAMETER = "MissingRequiredParameter"
    RESOURCE_NOT_FOUND = "ResourceNotFound"
    STATE_MACHINE_ALREADY_EXISTS = "StateMachineAlreadyExists"
    STATE_MACHINE_DELETING = "StateMachineDeleting"
    STATE_MACHINE_DOES_NOT_EXIST = "StateMachineDoesNotExist"
    STATE_MACHINE_TYPE_NOT_SUPPORTED = "StateMachineTypeNotSupported"
    TASK_TIMED_OUT = "TaskTimedOut"
    TOO_MANY_TAGS = "TooManyTags"
    VALIDATION = "ValidationException"
    # of the protocol, the same for all services that speak it
    ACCESS_DENIED = "AccessDeniedException"
    INTERNAL_FAILURE = "InternalFailure"
    NO_LOCAL_SERVICE = "NoLocalService"
    REQUEST_TOO_LARGE = "RequestEntityTooLargeException"
    SERIALIZATION = "SerializationException"
    SERVICE_UNAVAILABLE = "ServiceUnavailableException"
    UNKNOWN_OPERATION = "UnknownOperationException"


_SPACES: Final = {
    ErrorType.INVALID_EVENT_PATTERN: _EVENTS,
    ErrorType.VALIDATION: _VALIDATION,
    ErrorType.ACCESS_DENIED: _PROTOCOL,
    ErrorType.INTERNAL_FAILURE: _PROTOCOL,
    ErrorType.NO_LOCAL_SERVICE: _PROTOCOL,
    ErrorType.REQUEST_TOO_LARGE: _PROTOCOL,
    ErrorType.SERIALIZATION: _PROTOCOL,
    ErrorType.SERVICE_UNAVAILABLE: _PROTOCOL,
    ErrorType.UNKNOWN_OPERATION: _PROTOCOL,
}


class ApiRefusalError(SfdebugError):
    """A call is answered with an error.

    Attributes:
        type: AWS's name of it, from which clients make their typed exceptions.
        message: What it says.
        status: That of HTTP.
    """

    def __init__(self, type: ErrorType | str, message: str, status: int = 400) -> None:
        super().__init__(f"{type}: {message}")
        self.type = str(type)
        self.message = message
        self.status = status

    def as_dict(self) -> dict[str, str]:
        """The body that goes over the wire."""
        space = _SPACES.get(ErrorType(self.type), _SERVICE) if self.type in _KNOWN else _SERVICE
        return {"__type": f"{space}#{self.type}", "message": self.message}


_KNOWN: Final = frozenset(ErrorType)


def invalid_arn(why: str) -> ApiRefusalError:
    """Recorded: "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'"."""
    return ApiRefusalError(ErrorType.INVALID_ARN, f"Invalid Arn: '{why}'")


def invalid_name(name: str) -> ApiRefusalError:
    """Recorded: "Invalid Name: 'activity name'"."""
    return ApiRefusalError(ErrorType.INVALID_NAME, f"Invalid Name: '{name}'")


def invalid_token() -> ApiRefusalError:
    """Recorded of a page token and of a task token: "Invalid Token: 'Invalid token'"."""
    return ApiRefusalError(ErrorType.INVALID_TOKEN, "Invalid Token: 'Invalid token'")


def invalid_input(why: str) -> ApiRefusalError:
    """Recorded: "Invalid State Machine Execution Input: 'Invalid execution input.'"."""
    return ApiRefusalError(ErrorType.INVALID_EXECUTION_INPUT, f"Invalid State Machine Execution Input: '{why}'")


def validation(message: str) -> ApiRefusalError:
    """What AWS calls a ValidationException."""
    return ApiRefusalError(ErrorType.VALIDATION, message)


def resource_not_found(arn: str) -> ApiRefusalError:
    """Recorded of a tag on a version: "Resource not found: 'arn:…'"."""
    return ApiRefusalError(ErrorType.RESOURCE_NOT_FOUND, f"Resource not found: '{arn}'")
