"""The request of TestState: its parameters as boto3 takes them, checked, with their JSON texts read.

Its errors have the shape in which botocore raises them.

Source: AWS API reference, TestState, "Request Parameters": names, lengths, ranges and sets of values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final, NoReturn, TypedDict, TypeVar

from msgspec import Struct

from sfdebug.asl.text.jackson import no_input
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.values import MISSING, Json, Value, is_present

T = TypeVar("T")
C = TypeVar("C", bound=StrEnum)

_VALIDATION: Final = "ValidationException"
INVALID_DEFINITION: Final = "InvalidDefinition"
_INVALID_INPUT: Final = "InvalidExecutionInput"
"""Codes of AWS's API reference: TestState, "Errors"."""


class ErrorText(TypedDict):
    """The `Error` of botocore's ClientError."""

    Code: str
    Message: str


class ErrorResponse(TypedDict):
    """The `response` of botocore's ClientError, as far as it can be known offline."""

    Error: ErrorText


class TestStateError(SfdebugError):
    """TestState refuses the request. Read `response["Error"]` as of a botocore ClientError: a Code and a Message."""

    __test__: ClassVar[bool] = False
    operation_name: ClassVar[str] = "TestState"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.response: ErrorResponse = {"Error": {"Code": code, "Message": message}}

    def __str__(self) -> str:
        error = self.response["Error"]
        return f"An error occurred ({error['Code']}) when calling the TestState operation: {error['Message']}"


def refused(message: str) -> TestStateError:
    """The ValidationException with this message."""
    return TestStateError(_VALIDATION, message)


class InspectionLevel(StrEnum):
    """How much the answer tells of the data flow."""

    INFO = "INFO"
    DEBUG = "DEBUG"
    TRACE = "TRACE"


class ValidationMode(StrEnum):
    """How strictly a mocked result is held against the model of the API."""

    STRICT = "STRICT"
    PRESENT = "PRESENT"
    NONE = "NONE"


class Mock(Struct, frozen=True):
    """The mocked answer: `result` as text, or an error; and how strictly a result is held against the API's model."""

    result: str | None = None
    error_output: tuple[str, str | None] | None = None
    mode: ValidationMode = ValidationMode.STRICT


class _StateConfiguration(Struct, frozen=True):
    """What has happened to the state before: retries, failed iterations, and the data that its ItemReader reads."""

    retrier_retry_count: int = 0
    error_caused_by_state: str | None = None
    map_iteration_failure_count: int | None = None
    map_item_reader_data: str | None = None


class Request(Struct, frozen=True):
    """One call of TestState. `definition` is what the caller gave: a text, a path, a dict or a definition."""

    definition: Any
    state_name: str | None
    input: Json
    variables: Mapping[str, Json]
    context: Mapping[str, Json] | None
    mock: Mock | None
    configuration: _StateConfiguration
    inspection_level: InspectionLevel
    role_arn: str | None


_STRUCTURES: Final = {
    "": (
        "definition",
        "roleArn",
        "input",
        "inspectionLevel",
        "revealSecrets",
        "variables",
        "stateName",
        "mock",
        "context",
        "stateConfiguration",
    ),
    "mock": ("result", "errorOutput", "fieldValidationMode"),
    "mock.errorOutput": ("error", "cause"),
    "stateConfiguration": (
        "retrierRetryCount",
        "errorCausedByState",
        "mapIterationFailureCount",
        "mapItemReaderData",
    ),
}
_LONGEST: Final = {
    "roleArn": 256,
    "input": MAX_PAYLOAD_BYTES,
    "variables": MAX_PAYLOAD_BYTES,
    "context": MAX_PAYLOAD_BYTES,
    "stateName": 80,
    "mock.result": MAX_PAYLOAD_BYTES,
    "mock.errorOutput.error": 256,
    "mock.errorOutput.cause": 32_768,
    "stateConfiguration.errorCausedByState": 80,
    "stateConfiguration.mapItemReaderData": MAX_PAYLOAD_BYTES,
}
_NOT_EMPTY: Final = ("roleArn", "stateName", "stateConfiguration.errorCausedByState")
_TAKES_JSON: Final = ("input", "variables", "context", "mock.result", "stateConfiguration.mapItemReaderData")
"""Texts that hold JSON; where boto3 takes only the text, a Python value may be given too."""


def read_request(given: Mapping[str, Any]) -> Request:
    """The request that the keyword arguments make. Raises TestStateError as AWS would, UsageError for what boto3
    would not send."""
    fields = _Structure(given)
    if "definition" not in given:
        raise UsageError('Missing required parameter in input: "definition"', fix="Give the state, or its machine.")
    mock = _mock(fields)
    configuration = _configuration(fields)
    level = fields.choice("inspectionLevel", InspectionLevel) or InspectionLevel.INFO
    if fields.value("revealSecrets", bool) and mock is not None:
        raise refused("TestState does not support RevealSecrets when a mock is specified.")
    context = _json_object(fields, "context")
    if context is not None and mock is None:
        # The API reference says that it is refused; AWS's words are not known.
        raise refused("Context can only be specified when a mock is specified.")
    return Request(
        definition=given["definition"],
        state_name=fields.text("stateName"),
        input=_input(fields),
        variables=_json_object(fields, "variables") or {},
        context=context,
        mock=mock,
        configuration=configuration,
        inspection_level=level,
        role_arn=fields.text("roleArn"),
    )


def parse_json(text: str) -> Value:
    """The value of a JSON text, MISSING when it is none (NaN and Infinity are none)."""
    try:
        value: Json = json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return MISSING
    return value


def _no_json(text: str) -> NoReturn:
    raise ValueError(text)


def _mock(request: _Structure) -> Mock | None:
    fields = request.structure("mock")
    if fields is None:
        return None
    result = fields.text("result")
    error = fields.structure("errorOutput")
    mode = fields.choice("fieldValidationMode", ValidationMode) or ValidationMode.STRICT
    if result is not None and error is not None:
        raise refused("A test mock should have only one of the following fields: [result, errorOutput].")
    if result is None and error is None:
        # Not recorded: what AWS says of a mock without an answer.
        raise refused("A test mock should have one of the following fields: [result, errorOutput].")
    if error is None:
        return Mock(result, None, mode)
    name = error.text("error")
    if name is None:
        # The API reference says that it is required; AWS's words are not known.
        raise refused("The field 'error' is required when errorOutput is specified in a test mock.")
    return Mock(None, (name, error.text("cause")), mode)


def _configuration(request: _Structure) -> _StateConfiguration:
    fields = request.structure("stateConfiguration")
    if fields is None:
        return _StateConfiguration()
    return _StateConfiguration(
        retrier_retry_count=fields.count("retrierRetryCount") or 0,
        error_caused_by_state=fields.text("errorCausedByState"),
        map_iteration_failure_count=fields.count("mapIterationFailureCount"),
        map_item_reader_data=fields.text("mapItemReaderData"),
    )


def _input(request: _Structure) -> Json:
    text = request.text("input")
    if text is None:
        return {}
    value = parse_json(text)
    if not is_present(value):
        # Not recorded for TestState: StartExecution's words for the same mistake.
        raise TestStateError(_INVALID_INPUT, f"Invalid State Machine Execution Input: '{no_input(text)}'")
    return value


def _json_object(request: _Structure, name: str) -> dict[str, Json] | None:
    text = request.text(name)
    if text is None:
        return None
    value = parse_json(text)
    if not isinstance(value, dict):
        # The API reference asks for an object; AWS's words are not known.
        raise refused(f"The value of '{name}' must be a valid JSON object.")
    return value


class _Structure:
    """The parameters of a request, or of a structure in it, by their type; `place` is its path."""

    def __init__(self, given: Mapping[str, Any], place: str = "") -> None:
        known = _STRUCTURES[place]
        unknown = next((name for name in given if name not in known), None)
        if unknown is not None:
            raise UsageError(
                f'Unknown parameter in {place or "input"}: "{unknown}"',
                fix=f"TestState takes there: {', '.join(known)}.",
            )
        self._given = given
        self._place = place

    def _path(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def value(self, name: str, wanted: type[T]) -> T | None:
        """A parameter of this type, None when it is not given."""
        value = self._given.get(name)
        if value is None:
            return None
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            what = f"the parameter {self._path(name)} is of the type {type(value).__name__}"
            raise UsageError(what, fix=f"Give a {'dict' if wanted is Mapping else wanted.__name__}.")
        return value

    def structure(self, name: str) -> _Structure | None:
        """A parameter that has parameters."""
        value = self.value(name, Mapping)  # type: ignore[type-abstract]
        return None if value is None else _Structure(value, self._path(name))

    def text(self, name: str) -> str | None:
        """A text, or a value to be written as one that holds JSON."""
        path, value = self._path(name), self._given.get(name)
        if path in _TAKES_JSON and isinstance(value, dict | list):
            value = _written(path, value)
        else:
            value = self.value(name, str)
        if value is None:
            return None
        if path in _NOT_EMPTY and not value:
            raise _broken(value, path, "Member must have length greater than or equal to 1")
        most, size = _LONGEST[path], len(value.encode("utf-8", "surrogatepass"))
        if path in _TAKES_JSON and size > most:  # measured on AWS by others
            raise _broken(value, path, f"Member must have size less than or equal to {most} bytes in UTF-8 encoding")
        if path not in _TAKES_JSON and len(value) > most:
            raise _broken(value, path, f"Member must have length less than or equal to {most}")
        return value

    def choice(self, name: str, choices: type[C]) -> C | None:
        """One of a set of texts."""
        value = self.value(name, str)
        if value is None:
            return None
        if value not in tuple(choices):
            known = f"Member must satisfy enum value set: [{', '.join(choices)}]"
            raise _broken(value, self._path(name), known)
        return choices(value)

    def count(self, name: str) -> int | None:
        """A whole number from 0."""
        value = self.value(name, int)
        if value is not None and value < 0:
            raise _broken(str(value), self._path(name), "Member must have value greater than or equal to 0")
        return value


def _written(path: str, value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"this cannot be written as JSON: {error}", where=path) from error


def _broken(value: str, path: str, constraint: str) -> TestStateError:
    """The words that AWS services share for a parameter outside of its constraints."""
    shown = value if len(value) <= 200 else f"{value[:200]}…"
    return refused(
        f"1 validation error detected: Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
    )
