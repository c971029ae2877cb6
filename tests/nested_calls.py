"""A machine that starts another one whose Tasks call a service, and the service, which counts what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any

from sfdebug.asl.load import definition_from
from sfdebug.aws.service_calls import ServiceAnswer
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.handler import FirstAnswer, TaskHandler
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.values import Json

SEND = "arn:aws:states:::sqs:sendMessage"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"


def send(text: str, **more: Any) -> dict[str, Any]:
    body = {"QueueUrl": QUEUE, "MessageBody": text}
    return {"Type": "Task", "Resource": SEND, "Parameters": body, "ResultPath": f"$.{text}", **more}


CHILD: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {"Ask": send("ask", Next="Pay"), "Pay": send("pay", Next="Tell"), "Tell": send("tell", End=True)},
}
START: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::states:startExecution.sync:2",
    "Parameters": {"StateMachineArn": "refund", "Input": {}},
    "OutputPath": "$.Output",
}
PARENT = definition_from({"StartAt": "Refund", "States": {"Refund": {**START, "End": True}}})
EDITED = definition_from(
    {"StartAt": "Refund", "States": {"Refund": {**START, "Next": "Done"}, "Done": {"Type": "Succeed"}}}
)


class Queue:
    """Counts what is sent, as a service does."""

    def __init__(self) -> None:
        self.sent: list[Json] = []
        self.is_open = Event()
        """Until then it does not answer."""
        self.is_open.set()

    def call(
        self, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        assert self.is_open.wait(60)
        self.sent.append(arguments["MessageBody"])
        return ServiceAnswer({"MessageId": f"m{len(self.sent)}"})

    def tasks(self, child: dict[str, Any] = CHILD) -> TaskHandler:
        """Task handlers that know of no call."""
        services = ServiceTasks(self, Callbacks(), "here")
        return FirstAnswer(StateMachines({"refund": child}, services), services)
