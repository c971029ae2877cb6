"""What executions took of a definition: states, transitions, rules, Retriers and Catchers, each as often as it was."""

from __future__ import annotations

from typing import Any

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.coverage.items import coverage_items, merged
from sfdebug.history.coverage.model import Coverage, CoverageKind, TakenItems
from sfdebug.history.coverage.taking import taken_in
from sfdebug.reports.coverage.data import coverage_dict
from sfdebug.reports.coverage.text import coverage_lines, item_text
from tests.engine_runs import run

TASK = "arn:aws:states:::lambda:invoke"
WAYS = [
    {"Variable": "$.more", "BooleanEquals": True, "Next": "Call"},
    {"Variable": "$.end", "BooleanEquals": True, "Next": "Out"},
]
MACHINE: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map", "ItemsPath": "$.items", "Next": "Pick",
            "Retry": [{"ErrorEquals": ["Again"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["Other"], "Next": "Never"}, {"ErrorEquals": ["States.ALL"], "Next": "Pick"}],
            "ItemProcessor": {"StartAt": "Call", "States": {
                "Call": {"Type": "Task", "Resource": TASK, "Next": "Call again?",
                         "Retry": [{"ErrorEquals": ["Busy"]}, {"ErrorEquals": ["Slow"]}]},
                "Call again?": {"Type": "Choice", "Choices": WAYS, "Default": "Out"},
                "Out": {"Type": "Pass", "End": True}}},
        },
        "Pick": {"Type": "Choice", "Choices": [{"Variable": "$[0]", "IsPresent": True, "Next": "Done"}],
                 "Default": "Done"},
        "Never": {"Type": "Pass", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}  # fmt: skip
ON: dict[str, Any] = {"more": False, "end": False}
MORE, END = {**ON, "more": True}, {**ON, "end": True}


def covered(*inputs: list[Any]) -> Coverage:
    """The coverage by runs whose items say what their Task does, attempt by attempt: an error or an answer."""

    def answer(items: list[Any], request: TaskRequest) -> Answer:
        said = items[request.branch[-1][1]][request.invocation if len(items) == 1 else request.attempt - 1]
        return TaskFailure(said) if isinstance(said, str) else TaskResult(said)

    def taken(items: list[Any]) -> TakenItems:
        return taken_in(run(MACHINE, {"items": list(range(len(items)))}, lambda request: answer(items, request)))

    return merged(definition_from(MACHINE), map(taken, inputs))


def counts(found: Coverage, kind: CoverageKind) -> dict[str, int]:
    return {item_text(item): count for item, count in found.of(kind).items()}


def test_everything_in_a_definition_is_there_once() -> None:
    items = coverage_items(definition_from(MACHINE))
    of_kind = {kind: sum(item.kind is kind for item in items) for kind in CoverageKind}
    assert of_kind == {
        "state": 7, "transition": 12, "rule": 5, "retrier": 3, "exhausted retrier": 3, "catcher": 2, "timeout": 0,
        "missed heartbeat": 0, "items": 3, "failed item": 1, "failed branch": 0,
    }  # fmt: skip
    assert len(set(items)) == len(items)


def test_nothing_is_taken_by_no_execution() -> None:
    found = merged(definition_from(MACHINE), [])
    assert found.executions == 0
    assert not any(found.counts.values())


def test_what_was_taken_is_counted() -> None:
    found = covered([["Busy", MORE, END]], [[ON], [ON]])
    assert found.executions == 2
    assert counts(found, CoverageKind.STATE) == {
        "'Each'": 2, "'Each'[0]/'Call'": 4, "'Each'[0]/'Call again?'": 4, "'Each'[0]/'Out'": 3, "'Pick'": 2,
        "'Never'": 0, "'Done'": 2,
    }  # fmt: skip
    assert counts(found, CoverageKind.RULE) == {
        "rule #1 of 'Each'[0]/'Call again?'": 1, "rule #2 of 'Each'[0]/'Call again?'": 1,
        "Default of 'Each'[0]/'Call again?'": 2, "rule #1 of 'Pick'": 2, "Default of 'Pick'": 0,
    }  # fmt: skip
    assert list(counts(found, CoverageKind.RETRIER).values()) == [0, 1, 0]
    assert list(counts(found, CoverageKind.CATCHER).values()) == [0, 0]
    ways = counts(found, CoverageKind.TRANSITION)
    assert ways["start of the execution > 'Each'"] == 2
    assert ways["start of 'Each' > 'Each'[0]/'Call'"] == 3, "by a rule it is entered again, which begins nothing"
    assert ways["'Each'[0]/'Call again?' > 'Each'[0]/'Call' by Choice"] == 1
    assert ways["'Each'[0]/'Call again?' > 'Each'[0]/'Out' by Default"] == 2
    assert ways["'Each' > 'Pick' by Next"] == 2
    assert ways["'Each' > 'Pick' by Catch"] == 0


def test_a_retried_map_begins_its_branches_anew_and_a_catcher_is_a_way() -> None:
    found = covered([["Again", "Again", "Again"]])
    assert list(counts(found, CoverageKind.RETRIER).values()) == [2, 0, 0]
    assert list(counts(found, CoverageKind.CATCHER).values()) == [0, 1]
    ways = counts(found, CoverageKind.TRANSITION)
    assert ways["start of 'Each' > 'Each'[0]/'Call'"] == 3
    assert (ways["'Each' > 'Pick' by Catch"], ways["'Each' > 'Pick' by Next"]) == (1, 0)


def test_the_table_names_what_was_never_taken_and_what_goes_without_saying_not() -> None:
    lines = coverage_lines(covered([[ON]]))
    assert lines[0].startswith("taken by 1 execution: 6 of 7 states, 6 of 12 transitions, 2 of 5 Choice rules, 0 of 3 ")
    assert "  never: 'Never'" in lines
    assert "  never: Retrier #2 of 'Each'[0]/'Call' tries again" in lines
    assert not any("'Never' > 'Done'" in line for line in lines), "it was never entered"
    everything = coverage_lines(covered([[ON]]), all_items=True)
    assert len(everything) == 1 + 36
    found: Any = coverage_dict(covered([[ON]]))
    assert (found["states"]["total"], found["states"]["taken"], found["executions"]) == (7, 6, 1)
    assert found["rules"]["items"][2] == {"state": ["Each", 0, "Call again?"], "index": None, "count": 1}
