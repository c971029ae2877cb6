"""Calls of the Step Functions API in tests, without a wire, on a host that is worked by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.server.api import StepFunctionsApi
from tests.hosted_runs import ROLE, HandHost

PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
WAIT = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}})
PLACE = "arn:aws:states:us-east-1:123456789012"


class RefusedCall(Exception):
    """A call that was answered with an error."""

    def __init__(self, status: int, type: str, message: str) -> None:
        super().__init__(f"{type}: {message}")
        self.status = status
        self.type = type
        self.message = message


class HandApi:
    """The API of a host that is worked by hand; each call does all that there is to do."""

    def __init__(self, *, is_working: bool = True, **host: Any) -> None:
        self.host = HandHost(**host)
        self.api = StepFunctionsApi(self.host, on_fault=self._fault)
        self.is_working = is_working

    @staticmethod
    def _fault(error: Exception) -> None:
        raise error

    def __call__(self, operation: str, /, **members: Any) -> Any:
        answer = self.api.answer(f"AWSStepFunctions.{operation}", json.dumps(members).encode(), lambda: True)
        body = json.loads(answer.body)
        if self.is_working:
            self.host.hands.work()
        if answer.status != 200:
            raise RefusedCall(answer.status, body["__type"].rpartition("#")[2], body["message"])
        return body

    def create(self, name: str = "M", definition: str = PASS, **members: Any) -> str:
        """The ARN of a machine that is made."""
        arn: str = self("CreateStateMachine", name=name, definition=definition, roleArn=ROLE, **members)[
            "stateMachineArn"
        ]
        return arn

    def start(self, arn: str, **members: Any) -> str:
        """The ARN of an execution that is started."""
        started: str = self("StartExecution", stateMachineArn=arn, **members)["executionArn"]
        return started

    def refused(self, operation: str, /, **members: Any) -> tuple[str, str]:
        """The error that a call is answered with: its type and its message."""
        with pytest.raises(RefusedCall) as caught:
            self(operation, **members)
        return caught.value.type, caught.value.message
