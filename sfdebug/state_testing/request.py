"""The request of TestState: its parameters as boto3 takes them, checked, with their JSON texts read.

Its errors have the shape in which botocore raises them.

Source: AWS API reference, TestState, "Request Parameters": names, lengths, ranges and sets of values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NoReturn, TypedDict

from sfdebug.errors import SfdebugError, UsageError
from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.values import MISSING, Json, Value

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


LEVELS: Final = ("INFO", "DEBUG", "TRACE")
MODES: Final = ("STRICT", "PRESENT", "NONE")


@dataclass(frozen=True, slots=True)
class Mock:
    """The mocked answer: `result` as text, or an error; and how strictly a result is held against the API's model."""

    result: str | None = None
    error_output: tuple[str, str | None] | None = None
    mode: str = "STRICT"


@dataclass(frozen=True, slots=True)
class _StateConfiguration:
    """What has happened to the state before: retries, failed iterations, and the data that its ItemReader reads."""

    retrier_retry_count: int = 0
    error_caused_by_state: str | None = None
    map_iteration_failure_count: int | None = None
    map_item_reader_data: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One call of TestState. `definition` is what the caller gave: a text, a path, a dict or a definition."""

    definition: Any
    state_name: str | None
    input: Json
    variables: Mapping[str, Json]
    context: Mapping[str, Json] | None
    mock: Mock | None
    configuration: _StateConfiguration
    inspection_level: str
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
    _check_names("", given)
    if "definition" not in given:
        raise UsageError('Missing required parameter in input: "definition"', fix="Give the state, or its machine.")
    mock = _mock(given)
    configuration = _configuration(given)
    level = _choice(given, "", "inspectionLevel", LEVELS)
    reveals = given.get("revealSecrets", False)
    if not isinstance(reveals, bool):
        _wrong_type("revealSecrets", reveals, bool)
    if reveals and mock is not None:
        raise refused("TestState does not support RevealSecrets when a mock is specified.")
    context = _json_object(given, "context")
    if context is not None and mock is None:
        # The API reference says that it is refused; AWS's words are not known.
        raise refused("Context can only be specified when a mock is specified.")
    return Request(
        definition=given["definition"],
        state_name=_text(given, "", "stateName"),
        input=_input(given),
        variables=_json_object(given, "variables") or {},
        context=context,
        mock=mock,
        configuration=configuration,
        inspection_level=level or "INFO",
        role_arn=_text(given, "", "roleArn"),
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


def _mock(given: Mapping[str, Any]) -> Mock | None:
    fields = _structure(given, "", "mock")
    if fields is None:
        return None
    result = _text(fields, "mock", "result")
    error = _structure(fields, "mock", "errorOutput")
    mode = _choice(fields, "mock", "fieldValidationMode", MODES) or "STRICT"
    if result is not None and error is not None:
        raise refused("A test mock should have only one of the following fields: [result, errorOutput].")
    if result is None and error is None:
        # Not recorded: what AWS says of a mock without an answer.
        raise refused("A test mock should have one of the following fields: [result, errorOutput].")
    if error is None:
        return Mock(result, None, mode)
    place = "mock.errorOutput"
    name = _text(error, place, "error")
    if name is None:
        # The API reference says that it is required; AWS's words are not known.
        raise refused("The field 'error' is required when errorOutput is specified in a test mock.")
    return Mock(None, (name, _text(error, place, "cause")), mode)


def _configuration(given: Mapping[str, Any]) -> _StateConfiguration:
    place = "stateConfiguration"
    fields = _structure(given, "", place)
    if fields is None:
        return _StateConfiguration()
    return _StateConfiguration(
        retrier_retry_count=_count(fields, place, "retrierRetryCount") or 0,
        error_caused_by_state=_text(fields, place, "errorCausedByState"),
        map_iteration_failure_count=_count(fields, place, "mapIterationFailureCount"),
        map_item_reader_data=_text(fields, place, "mapItemReaderData"),
    )


def _input(given: Mapping[str, Any]) -> Json:
    text = _text(given, "", "input")
    if text is None:
        return {}
    value = parse_json(text)
    if value is MISSING:
        # Not recorded for TestState: StartExecution's words for the same mistake.
        raise TestStateError(_INVALID_INPUT, f"Invalid State Machine Execution Input: '{_reason(text)}'")
    return value


def _json_object(given: Mapping[str, Any], name: str) -> dict[str, Json] | None:
    text = _text(given, "", name)
    if text is None:
        return None
    value = parse_json(text)
    if not isinstance(value, dict):
        # The API reference asks for an object; AWS's words are not known.
        raise refused(f"The value of '{name}' must be a valid JSON object.")
    return value


def _reason(text: str) -> str:
    try:
        json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        return str(error) or "it is nested too deep"
    return "it is not JSON"


# parameters by their type


def _check_names(place: str, given: Mapping[str, Any]) -> None:
    known = _STRUCTURES[place]
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        where = place or "input"
        raise UsageError(
            f'Unknown parameter in {where}: "{unknown}"', fix=f"TestState takes there: {', '.join(known)}."
        )


def _structure(given: Mapping[str, Any], place: str, name: str) -> Mapping[str, Any] | None:
    value = given.get(name)
    path = _path(place, name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        _wrong_type(path, value, dict)
    _check_names(path, value)
    return value


def _text(given: Mapping[str, Any], place: str, name: str) -> str | None:
    value = given.get(name)
    path = _path(place, name)
    if value is None:
        return None
    if path in _TAKES_JSON and isinstance(value, dict | list):
        value = _written(path, value)
    if not isinstance(value, str):
        _wrong_type(path, value, str)
    if path in _NOT_EMPTY and not value:
        raise _broken(value, path, "Member must have length greater than or equal to 1")
    if len(value.encode("utf-8", "surrogatepass")) > _LONGEST[path]:
        raise _broken(value, path, f"Member must have length less than or equal to {_LONGEST[path]}")
    return value


def _written(path: str, value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"this cannot be written as JSON: {error}", where=path) from error


def _choice(given: Mapping[str, Any], place: str, name: str, choices: tuple[str, ...]) -> str | None:
    value = given.get(name)
    path = _path(place, name)
    if value is None:
        return None
    if not isinstance(value, str):
        _wrong_type(path, value, str)
    if value not in choices:
        raise _broken(value, path, f"Member must satisfy enum value set: [{', '.join(choices)}]")
    return value


def _count(given: Mapping[str, Any], place: str, name: str) -> int | None:
    value = given.get(name)
    path = _path(place, name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        _wrong_type(path, value, int)
    if value < 0:
        raise _broken(str(value), path, "Member must have value greater than or equal to 0")
    return value


def _path(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _broken(value: str, path: str, constraint: str) -> TestStateError:
    """The words that AWS services share for a parameter outside of its constraints."""
    shown = value if len(value) <= 200 else f"{value[:200]}…"
    return refused(
        f"1 validation error detected: Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
    )


def _wrong_type(path: str, value: Any, wanted: type) -> NoReturn:
    raise UsageError(f"the parameter {path} is of the type {type(value).__name__}", fix=f"Give a {wanted.__name__}.")
