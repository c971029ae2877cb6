"""An account with many executions of several state machines, on the stub: what is asked of one is made when asked.

Five machines by default: each execution has its own inputs and ids; a tenth of them failed, in three ways.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from tests.aws_stub import START, ApiError, Fields, StubAws

PREFIX: Final = "arn:aws:states:eu-west-1:123456789012"
MACHINES: Final = ("Orders", "Refunds", "Invoices", "Shipping", "Reports")
DEFINITION: Final = json.dumps(
    {
        "StartAt": "Check",
        "States": {
            "Check": {"Type": "Pass", "Next": "Charge"},
            "Charge": {
                "Type": "Task",
                "Resource": f"{PREFIX.replace('states', 'lambda')}:function:charge",
                "Retry": [{"ErrorEquals": ["Throttled"], "MaxAttempts": 1}],
                "Next": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }
)
FAILURES: Final = (
    ("CardDeclined", "the card of order {number} was declined ({id})", "Charge"),
    ("Throttled", "rate exceeded, request {id}", "Charge"),
    ("States.Runtime", "the path '$.order' of order {number} was not found", "Check"),
)
"""Error, cause and state of each kind of failure."""


def machine_arn(name: str) -> str:
    return f"{PREFIX}:stateMachine:{name}"


class Fleet(StubAws):
    """So many executions, spread evenly over the machines, one started every second, the last one at `START`."""

    def __init__(self, count: int = 10_000, machines: tuple[str, ...] = MACHINES, running: int = 3) -> None:
        self.count, self.names, self.running = count, machines, running
        self.deleted: set[str] = set()
        self.stopped: dict[str, str] = {}
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self.deleted, self.stopped = set(), {}
        self.machines = [
            {"stateMachineArn": machine_arn(name), "name": name, "type": "STANDARD", "creationDate": START - 1e6}
            for name in self.names
        ]
        for machine in self.names:
            self.listed[machine_arn(machine)] = list(self._entries(machine))

    def number_of(self, arn: str) -> int:
        """The number of an execution in the account; the last ones run. Raises ApiError."""
        number = arn.rpartition("-")[2]
        if arn in self.deleted or not number.isdecimal() or int(number) >= self.count:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return int(number)

    def status_of(self, number: int) -> str:
        machine = self.names[number % len(self.names)]
        arn = f"{PREFIX}:execution:{machine}:run-{number:05}"
        if arn in self.stopped:
            return self.stopped[arn]
        if number >= self.count - self.running:
            return "RUNNING"
        return "FAILED" if number // len(self.names) % 10 == 3 else "SUCCEEDED"

    def failure_of(self, number: int) -> tuple[str, str, str]:
        """Error, cause and state, alike for every third failure of a machine."""
        error, cause, state = FAILURES[number // (10 * len(self.names)) % len(FAILURES)]
        return error, cause.format(number=4711 + number, id=f"{number * 2654435761 % 2**32:08x}a1"), state

    def _entries(self, machine: str) -> Iterator[Fields]:
        for number in range(self.count - 1, -1, -1):
            if self.names[number % len(self.names)] == machine:
                yield self.entry(number)

    def entry(self, number: int) -> Fields:
        machine = self.names[number % len(self.names)]
        status, start = self.status_of(number), START - self.count + number
        found: Fields = {
            "executionArn": f"{PREFIX}:execution:{machine}:run-{number:05}",
            "stateMachineArn": machine_arn(machine),
            "name": f"run-{number:05}",
            "status": status,
            "startDate": start,
            "redriveCount": 0,
        }
        return found if status == "RUNNING" else {**found, "stopDate": start + 0.75}

    def stop(self, arn: str, status: str = "FAILED") -> None:
        """One that runs has ended: it is first in AWS's list."""
        number = self.number_of(arn)
        self.stopped[arn] = status
        entry = {**self.entry(number), "stopDate": START + 60}
        entries = self.listed[entry["stateMachineArn"]]
        self.listed[entry["stateMachineArn"]] = [entry, *(one for one in entries if one["executionArn"] != arn)]

    # what the API answers, of each execution when it is asked for

    def _ListExecutions(self, asked: Fields) -> Fields:
        if asked.get("stateMachineArn") == QUICK:
            raise ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type")
        return super()._ListExecutions(asked)

    def _DescribeExecution(self, asked: Fields) -> Fields:
        number = self.number_of(asked["executionArn"])
        entry = self.entry(number)
        answer = {**entry, "input": json.dumps({"order": 4711 + number}), "inputDetails": {"included": True}}
        if entry["status"] == "FAILED":
            error, cause, _ = self.failure_of(number)
            answer |= {"error": error, "cause": cause, "redriveStatus": "REDRIVABLE"}
        return answer

    def _DescribeStateMachineForExecution(self, asked: Fields) -> Fields:
        self.number_of(asked["executionArn"])
        machine = asked["executionArn"].split(":")[6]
        return {
            "stateMachineArn": machine_arn(machine),
            "name": machine,
            "definition": DEFINITION,
            "roleArn": "r",
            "updateDate": START - 1e6,
        }

    def _GetExecutionHistory(self, asked: Fields) -> Fields:
        events = self.events_of(self.number_of(asked["executionArn"]))
        if asked.get("includeExecutionData") is False:
            events = [_without_data(event) for event in events]
        return self._paged("events", events[::-1] if asked.get("reverseOrder") else events, asked)

    def events_of(self, number: int) -> list[Fields]:
        """The history of an execution, as AWS writes it."""
        status, order = self.status_of(number), json.dumps({"order": 4711 + number})
        data, start = {"truncated": False}, START - self.count + number
        error, cause, state = self.failure_of(number) if status == "FAILED" else ("", "", "")
        steps: list[tuple[str, str, Fields]] = [
            ("ExecutionStarted", "executionStarted", {"input": order, "inputDetails": data, "roleArn": "r"}),
            ("PassStateEntered", "stateEntered", {"name": "Check", "input": order, "inputDetails": data}),
        ]
        if state != "Check":
            call = {"resource": f"{PREFIX.replace('states', 'lambda')}:function:charge", "input": order}
            steps += [
                ("PassStateExited", "stateExited", {"name": "Check", "output": order, "outputDetails": data}),
                ("TaskStateEntered", "stateEntered", {"name": "Charge", "input": order, "inputDetails": data}),
                ("LambdaFunctionScheduled", "lambdaFunctionScheduled", {**call, "inputDetails": data}),
                ("LambdaFunctionStarted", "", {}),
            ]
            failed = ("LambdaFunctionFailed", "lambdaFunctionFailed", {"error": error, "cause": cause})
            if error == "Throttled":
                steps += [failed, *steps[-2:]]
            if status == "FAILED":
                steps.append(failed)
        if status == "SUCCEEDED":
            steps += [
                ("LambdaFunctionSucceeded", "lambdaFunctionSucceeded", {"output": "{}", "outputDetails": data}),
                ("TaskStateExited", "stateExited", {"name": "Charge", "output": "{}", "outputDetails": data}),
                ("SucceedStateEntered", "stateEntered", {"name": "Done", "input": "{}", "inputDetails": data}),
                ("SucceedStateExited", "stateExited", {"name": "Done", "output": "{}", "outputDetails": data}),
                ("ExecutionSucceeded", "executionSucceeded", {"output": "{}", "outputDetails": data}),
            ]
        if status == "FAILED":
            steps.append(("ExecutionFailed", "executionFailed", {"error": error, "cause": cause}))
        return [_event(index, start, *step) for index, step in enumerate(steps, start=1)]


def _event(number: int, start: float, type: str, details: str, values: Fields) -> Fields:
    previous = 0 if number <= 2 else number - 1
    shown: Fields = {"timestamp": start + number / 1000, "type": type, "id": number, "previousEventId": previous}
    return shown | ({f"{details}EventDetails": values} if details else {})


def _without_data(event: Fields) -> Fields:
    """An event as AWS gives it with includeExecutionData false."""
    return {name: _less(value) if name.endswith("EventDetails") else value for name, value in event.items()}


def _less(details: Any) -> Fields:
    return {name: value for name, value in details.items() if name not in ("input", "output", "parameters")}


# an Express state machine, whose executions are in a log alone

QUICK: Final = machine_arn("Quick")
QUICK_DEFINITION: Final = json.dumps(
    {
        "StartAt": "Look",
        "States": {"Look": {"Type": "Pass", "Next": "Bad"}, "Bad": {"Type": "Fail", "Error": "Late", "Cause": "no"}},
    }
)


def add_express(stub: StubAws, count: int, level: str = "ALL") -> None:
    """The state machine Quick with so many executions in its log, one a second from `START` on; every third failed."""
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/quick:*"}}
    stub.machines.append(
        {"stateMachineArn": QUICK, "name": "Quick", "type": "EXPRESS", "definition": QUICK_DEFINITION, "roleArn": "r",
         "creationDate": START - 1e6, "loggingConfiguration": {"level": level, "destinations": [group]}}
    )  # fmt: skip
    records = [record for number in range(count) for record in _express_records(number)]
    records.sort(key=lambda record: int(record["event_timestamp"]))
    stub.log_groups["/aws/quick"] = [
        {"eventId": str(index), "message": json.dumps(record), "timestamp": int(record["event_timestamp"])}
        for index, record in enumerate(records)
    ]


def quick_arn(number: int) -> str:
    return f"{PREFIX}:express:Quick:run-{number}:0b1c{number:04}"


def _express_records(number: int) -> Iterator[Fields]:
    data = json.dumps({"order": number})
    steps: list[tuple[str, Fields]] = [
        ("ExecutionStarted", {"input": data, "inputDetails": {"truncated": False}, "roleArn": "r"}),
        ("PassStateEntered", {"name": "Look", "input": data, "inputDetails": {"truncated": False}}),
        ("PassStateExited", {"name": "Look", "output": data, "outputDetails": {"truncated": False}}),
    ]
    if number % 3 == 0:
        steps += [
            ("FailStateEntered", {"name": "Bad", "input": data, "inputDetails": {"truncated": False}}),
            ("ExecutionFailed", {"error": "Late", "cause": f"order {number} is late"}),
        ]
    else:
        steps.append(("ExecutionSucceeded", {"output": data, "outputDetails": {"truncated": False}}))
    for index, (type, details) in enumerate(steps, start=1):
        yield {
            "id": str(index),
            "type": type,
            "details": details,
            "previous_event_id": str(index - 1),
            "event_timestamp": str(int(START * 1000) + number * 1000 + index * 300),
            "execution_arn": quick_arn(number),
        }
