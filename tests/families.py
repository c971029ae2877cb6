"""A family of executions, made by the engine: one starts two others, of which one fails for a child of its Map Run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.started import STARTED_BY
from tests.aws_stub import START, StubAws
from tests.debugger_runs import machine, passing
from tests.engine_runs import run

PREFIX: Final = "arn:aws:states:eu-west-1:123456789012"
PARENT: Final = f"{PREFIX}:execution:Orders:run-1"
CHILD: Final = f"{PREFIX}:execution:Rows:c-1"
MAIL: Final = f"{PREFIX}:execution:Mail:m-1"
_LAMBDA: Final = "arn:aws:lambda:eu-west-1:123456789012:function:work"
_INPUT: Final = {f"{STARTED_BY}.$": "$$.Execution.Id", "rows.$": "$.rows"}

ORDERS: Final = machine(
    Notify={
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startExecution",
        "Parameters": {"StateMachineArn": f"{PREFIX}:stateMachine:Mail", "Input": {"to": "ann"}},
        "ResultPath": None,
        "Next": "Sub",
    },
    Sub={
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": f"{PREFIX}:stateMachine:Rows", "Input": _INPUT},
        "Next": "Done",
    },
    Done=passing(),
)
ROWS: Final = machine(
    Each={
        "Type": "Map",
        "ItemsPath": "$.rows",
        "ToleratedFailureCount": 1,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            **machine(Work={"Type": "Task", "Resource": _LAMBDA, "End": True}),
        },
        "End": True,
    }
)


class Member(NamedTuple):
    """One execution of the family, as AWS has it."""

    arn: str
    definition: dict[str, Any]
    events: list[dict[str, Any]]
    description: dict[str, Any]


class MadeFamily(NamedTuple):
    """All of them; `map_run` is the ARN of the Map Run, `counts` what AWS says of it."""

    members: tuple[Member, ...]
    map_run: str
    counts: dict[str, int]


def _work(request: TaskRequest) -> Answer:
    return TaskFailure("BadRow", "no number") if request.input == "x" else TaskResult(request.input)


def made_family(*, names_parent: bool = True, is_data_recorded: bool = True) -> MadeFamily:
    """The family; `names_parent`: the input of what was started says what started it."""
    given: dict[str, Any] = {"rows": [1, "x", "x", 4, 5]}
    if names_parent:
        given[STARTED_BY] = PARENT
    rows = run(ROWS, given, _work, **_settings("Rows", "c-1"))
    assert rows.fault is not None
    ended = {
        "ExecutionArn": CHILD,
        "Status": "FAILED",
        "Error": rows.fault.error,
        "Cause": rows.fault.cause,
    }

    def answers(request: TaskRequest) -> Answer:
        if request.state.name == "Notify":
            return TaskResult({"ExecutionArn": MAIL, "StartDate": "2025-01-01T00:00:00Z"})
        return TaskFailure("States.TaskFailed", json.dumps(ended), after_seconds=4)

    orders = run(ORDERS, {"rows": given["rows"]}, answers, **_settings("Orders", "run-1"))
    mail = run(machine(Send=passing()), {"to": "ann"}, **_settings("Mail", "m-1"))
    members = [
        _member(PARENT, ORDERS, orders.history, str(orders.status)),
        _member(CHILD, ROWS, rows.history, str(rows.status)),
        _member(MAIL, machine(Send=passing()), mail.history, str(mail.status)),
    ]
    inner = machine(Work={"Type": "Task", "Resource": _LAMBDA, "End": True})
    map_run = ""
    counts = {"total": 0, "failed": 0, "succeeded": 0, "timedOut": 0, "aborted": 0, "running": 0, "pending": 0}
    for child in rows.ended_children:
        map_run = child.map_run_arn
        member = _member(child.arn, inner, child.history, str(child.status))
        members.append(member._replace(description={**member.description, "mapRunArn": map_run}))
        counts["total"] += 1
        key = str(child.status).lower()
        counts[key] = counts.get(key, 0) + 1
    return MadeFamily(tuple(members), map_run, counts)


def _settings(name: str, execution: str) -> dict[str, Any]:
    return {"state_machine_name": name, "name": execution, "region": "eu-west-1"}


def _member(arn: str, definition: dict[str, Any], events: list[dict[str, Any]], status: str) -> Member:
    parts = arn.split(":")
    end = events[-1]
    nothing: dict[str, Any] = {}
    details = next((value for key, value in end.items() if key.endswith("Details")), nothing)
    description = {
        "executionArn": arn,
        "name": parts[7],
        "stateMachineArn": f"{PREFIX}:stateMachine:{parts[6]}",
        "status": status,
        "startDate": START,
        "stopDate": START + 4,
        **{key: details[key] for key in ("error", "cause") if key in details},
    }
    return Member(arn, definition, events, description)


def in_folder(family: MadeFamily, folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """The family as `sfdebug fetch` saves it: a folder for each execution; `without` some of them."""
    for member in family.members:
        if member.arn in without:
            continue
        place = folder / member.arn.split(":", 5)[-1].replace(":", "-").replace("/", "-")
        place.mkdir(parents=True)
        (place / "history.json").write_text(json.dumps({"events": member.events}), encoding="utf-8")
        (place / "definition.asl.json").write_text(json.dumps(member.definition), encoding="utf-8")
        (place / "execution.json").write_text(json.dumps(member.description), encoding="utf-8")
    return folder


def on_stub(family: MadeFamily, stub: StubAws) -> None:
    """The family as AWS has it."""
    for member in family.members:
        stub.descriptions[member.arn] = member.description
        stub.histories[member.arn] = [_seconds(event) for event in member.events]
        stub.definitions[member.arn] = json.dumps(member.definition)
    entries = [member.description for member in family.members if "mapRunArn" in member.description]
    stub.listed[family.map_run] = entries
    stub.map_runs[family.map_run] = {
        "mapRunArn": family.map_run,
        "executionArn": CHILD,
        "status": "FAILED",
        "startDate": START,
        "stopDate": START + 4,
        "executionCounts": {**family.counts, "resultsWritten": 0},
        "itemCounts": {**family.counts, "resultsWritten": 0},
    }


def _seconds(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "timestamp": START + event["id"] / 1000}
