"""What a ticket knows: where it failed, with what the Task was called, which rule led there, where to look it up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.aws.console import LinkKind
from sfdebug.debugger.ticket import (
    DatumKind,
    RuleOperand,
    Ticket,
    lambda_error,
    statistics_of,
    ticket_of,
    ticket_without_history,
)
from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.executions.groups import group_failures
from sfdebug.executions.outcome import ExecutionOutcome, Known
from sfdebug.history.recording import ExecutionInfo
from sfdebug.values import MISSING
from tests.compared_pairs import FIELD, THRESHOLD, Pair, Run, session
from tests.debugger_runs import machine, passing

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:charge:live"
PREFIX = "arn:aws:states:us-east-1:123456789012"


def ticket(pair: Pair, **given: Any) -> Ticket:
    return ticket_of(session(pair, pair.failed, "run-1", **given))


def charged(fields: dict[str, Any], error: TaskFailure, input: Any = None, **around: Any) -> Pair:
    """A machine with one Task, Charge, that fails."""
    task = {"Type": "Task", "Resource": LAMBDA, "End": True, **fields}
    return Pair("", machine(Charge=task, **around), Run(input or {"n": 1}, {"Charge": error}), Run(), "")


def test_a_task_that_was_tried_in_an_iteration() -> None:
    inner = {
        "StartAt": "Charge",
        "States": {
            "Charge": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "charge", "Payload.$": "$"},
                "Retry": [{"ErrorEquals": ["Declined"], "MaxAttempts": 2}],
                "End": True,
            }
        },
    }
    each = {"Type": "Map", "ItemsPath": "$.orders", "MaxConcurrency": 1, "Iterator": inner, "End": True}
    cause = json.dumps({"errorType": "Declined", "errorMessage": "no", "stackTrace": ["  File 1\n", "  File 2"]})

    def answer(request: Any) -> Any:
        return TaskFailure("Declined", cause) if request.input["Payload"] == 7 else None

    pair = Pair("", machine(Each=each), Run({"orders": [1, 7]}, {"Charge": answer}), Run(), "")
    found = ticket(pair)
    failure = found.failure
    assert failure is not None
    assert failure.place is not None
    assert (failure.place.path, failure.place.attempts, failure.error) == ("Each[1]/Charge", 3, "Declined")
    assert failure.parsed is not None
    assert failure.parsed.trace == ("  File 1", "  File 2")
    called, given = found.data
    assert (called.kind, called.state, called.branch) == (DatumKind.TASK_INPUT, "Charge", (("Each", 1),))
    assert called.value == {"FunctionName": "charge", "Payload": 7}
    assert (given.kind, given.value) == (DatumKind.EXECUTION_INPUT, {"orders": [1, 7]})
    assert [(len(one.attempts), one.is_saved) for one in found.retried] == [(3, False)]
    assert [one.name for one in found.links if one.kind is LinkKind.FUNCTION_LOG] == ["/aws/lambda/charge"]


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ('{"errorType": "E", "errorMessage": "m", "trace": ["a", "b"]}', ("E", "m", ("a", "b"), "")),
        ('{"errorMessage": "m", "stackTrace": [["f.py", 3, "go", "x()"]]}', ("", "m", ("f.py, 3, go, x()",), "")),
        ('{"errorType": "E", "errorMessage": "m", "stack": "a\\nb"}', ("E", "m", ("a", "b"), "")),
        ('{"errorType": "E", "errorMessage": "", "requestId": "r", "trace": []}', ("E", "", (), "r")),
        ('{"errorType": 3}', None),
        ('{"Error": "x"}', None),
        ("RequestId: 1 Error: timed out", None),
        ('{"errorType": "E"', None),
        ("", None),
    ],
)
def test_the_cause_of_a_lambda_function(cause: str, expected: tuple[Any, ...] | None) -> None:
    found = lambda_error(cause)
    assert (None if found is None else (found.type, found.message, found.trace, found.request_id)) == expected


def test_the_rule_that_led_to_it_and_what_it_read() -> None:
    found = ticket(FIELD)
    assert found.rule is not None
    assert (found.rule.state, found.rule.target, found.rule.index) == ("Check", "Reject", 0)
    assert [(one.path, one.value) for one in found.rule.operands] == [("$.country", "XX")]
    assert found.rule.operands[0].why
    assert found.data[0].kind is DatumKind.STATE_INPUT


def test_a_default_that_led_to_it_names_what_no_rule_matched() -> None:
    pair = Pair(
        "",
        machine(
            Check={
                "Type": "Choice",
                "Choices": [
                    {"And": [{"Variable": "$.n", "NumericLessThan": 5}, {"Variable": "$.s", "IsString": True}],
                     "Next": "Go"},
                    {"Not": {"Variable": "$.n", "NumericGreaterThan": 5}, "Next": "Go"},
                ],
                "Default": "Stop",
            },
            Go=passing(),
            Stop={"Type": "Fail", "Error": "TooMany"},
        ),
        Run({"n": 9, "s": [1]}),
        Run(),
        "",
    )  # fmt: skip
    found = ticket(pair).rule
    assert found is not None
    assert (found.is_computed, found.index) == (True, None)
    assert [(one.path, one.value) for one in found.operands] == [("$.n", 9), ("$.n", 9)]


def test_without_a_definition_no_rule_is_claimed() -> None:
    found = ticket(FIELD, with_definition=False).rule
    assert found is not None
    assert (found.target, found.is_computed, found.operands) == ("Reject", False, ())
    jsonata = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.n > 3 %}", "Next": "Stop"}],
        "Default": "Go",
    }
    pair = Pair(
        "",
        {**machine(Check=jsonata, Go={"Type": "Succeed"}, Stop={"Type": "Fail"}), "QueryLanguage": "JSONata"},
        Run({"n": 9}),
        Run(),
        "",
    )
    found = ticket(pair).rule
    assert found is not None
    assert RuleOperand("$states.input.n", 9) in [replace(one, why="") for one in found.operands]


def test_the_function_is_known_by_the_arn_of_the_resource_and_by_a_name() -> None:
    plain = ticket(charged({}, TaskFailure("E", "c")))
    assert [one.name for one in plain.links if one.kind is LinkKind.FUNCTION_LOG] == ["/aws/lambda/charge"]
    assert ticket(charged({}, TaskFailure("E", "c"))).data[0].value == {"n": 1}
    for name in ("charge", "123456789012:function:charge", LAMBDA, "function:charge:live"):
        fields = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": name}}
        found = ticket(charged(fields, TaskFailure("E", "c")))
        assert [one.name for one in found.links if one.kind is LinkKind.FUNCTION_LOG] == ["/aws/lambda/charge"], name
    other = {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"FunctionName": "charge"}}
    assert LinkKind.FUNCTION_LOG not in {one.kind for one in ticket(charged(other, TaskFailure("E", "c"))).links}


def test_what_the_description_says_besides_the_history() -> None:
    run = session(THRESHOLD, THRESHOLD.failed, "run-1")
    described = ExecutionInfo.of_description(
        {
            "executionArn": f"{PREFIX}:execution:Orders:run-1",
            "name": "run-1",
            "stateMachineArn": f"{PREFIX}:stateMachine:Orders",
            "traceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
            "stateMachineVersionArn": f"{PREFIX}:stateMachine:Orders:7",
            "redriveStatus": "REDRIVABLE",
        }
    )
    facts = replace(described, log_groups=("orders",))
    found = ticket_of(replace(run, recording=replace(run.recording, facts=facts)))
    assert found.outcome.version == f"{PREFIX}:stateMachine:Orders:7"
    assert found.outcome.redrive_status == "REDRIVABLE"
    kinds = [one.kind for one in found.links]
    assert kinds == [LinkKind.EXECUTION, LinkKind.STATE_MACHINE, LinkKind.LOG, LinkKind.TRACE]


def test_an_execution_that_went_well_has_no_failure() -> None:
    found = ticket_of(session(FIELD, FIELD.good, "run-1"))
    assert (found.failure, found.rule) == (None, None)
    assert [one.kind for one in found.data] == [DatumKind.EXECUTION_INPUT]


def test_without_its_history_what_a_list_knows_is_told() -> None:
    outcome = ExecutionOutcome(
        arn=f"{PREFIX}:execution:Orders:run-1",
        name="run-1",
        status="FAILED",
        known=Known.DESCRIBED,
        error="Declined",
        cause='{"errorType": "Declined", "errorMessage": "no"}',
    )
    found = ticket_without_history(outcome, "it is denied")
    assert found.failure is not None
    assert (found.failure.error, found.failure.place) == ("Declined", None)
    assert found.failure.parsed is not None
    assert [one.kind for one in found.links] == [LinkKind.EXECUTION, LinkKind.STATE_MACHINE]


def test_data_that_are_not_recorded_say_why() -> None:
    run = session(FIELD, FIELD.failed, "run-1", with_definition=False)
    events = [event._replace(details={k: v for k, v in event.details.items() if k != "input"})
              for event in run.recording.events]  # fmt: skip
    bare = session(FIELD, FIELD.failed, "run-1", with_definition=False)
    bare = type(bare)(replace(bare.recording, events=tuple(events)), bare.alignment, bare.machine)
    assert [(one.value, one.lack) for one in ticket_of(bare).data][-1] == (MISSING, "was not recorded")


def test_how_often_is_counted_among_what_was_looked_into() -> None:
    def one(number: int, **fields: Any) -> ExecutionOutcome:
        base = ExecutionOutcome(arn=f"{PREFIX}:execution:Orders:{number}", status="FAILED", known=Known.WHOLE)
        return replace(base, stopped_at=number, **fields)

    known = [one(1, error="E"), one(2, error="E"), one(3, error="F"), replace(one(4), known=Known.LISTED)]
    found = statistics_of(known[0], group_failures(known), known, since=None, is_whole=False)
    assert found is not None
    assert (found.group.count, found.looked_into, found.failed) == (2, 3, 4)
    assert statistics_of(one(9), group_failures(known), known, since=None, is_whole=True) is None
