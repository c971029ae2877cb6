"""The errors of AWS's TestState, in the shape in which botocore raises them."""

from __future__ import annotations

from typing import ClassVar, Final, TypedDict

from sfdebug.errors import SfdebugError

VALIDATION: Final = "ValidationException"
INVALID_DEFINITION: Final = "InvalidDefinition"
INVALID_INPUT: Final = "InvalidExecutionInput"
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
    return TestStateError(VALIDATION, message)
