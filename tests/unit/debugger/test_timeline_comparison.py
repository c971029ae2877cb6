"""Two timelines compared: where they part, and what differs from there on."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.timeline_comparison import Contrast, ContrastField, TimelineComparison, compare_forks
from sfdebug.engine.execution.decisions import TaskResult
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, machine, over_to, passing, task, where

FIELD = ContrastField


def names(comparison: TimelineComparison) -> list[tuple[str | None, str | None]]:
    """The states of the pairs."""
    return [
        (pair.left.state.name if pair.left else None, pair.right.state.name if pair.right else None)
        for pair in comparison.pairs
    ]


def test_a_forced_choice_leads_another_way() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    debugger.restart()
    over_to(debugger, "Paid?")
    debugger.force_choice(0)
    debugger.run()
    found = compare_forks(debugger.timeline, 0, 1)
    assert names(found) == [("Paid?", "Paid?"), (None, "Hold"), ("Charge", "Charge"), ("Ship", "Ship")]
    assert [one.field for one in found.pairs[0].contrasts] == [FIELD.NEXT]
    assert found.pairs[0].contrasts[0].is_path
    assert [one.field for one in found.pairs[1].contrasts] == [FIELD.VISIT]
    assert found.pairs[2].contrasts == ()
    assert found.end == ()
    assert len(found.differing) == 2
    assert found.parted.execution.visits[-1].state.name == "Reserve"


def test_an_edited_result_makes_other_data() -> None:
    definition = machine(A=task("B", ResultPath="$.r"), B=passing(Assign={"v.$": "$.r"}))
    debugger = Debugger(definition, {"n": 1}, tasks=Handler({"A": lambda request: TaskResult({"x": 1, "y": 2})}))
    debugger.run()
    debugger.restart()
    while where(debugger) != ("A", "Task"):
        debugger.step_into()
    debugger.step_into()
    debugger.edit_result(TaskResult({"x": 5, "y": 2}))
    debugger.run()
    found = compare_forks(debugger.timeline, 0, 1)
    assert found.pairs[0].contrasts == (
        Contrast(FIELD.RESULT, 1, 5, "/x"),
        Contrast(FIELD.OUTPUT, 1, 5, "/r/x"),
    )
    assert [(one.field, one.pointer) for one in found.pairs[1].contrasts] == [
        (FIELD.INPUT, "/r/x"),
        (FIELD.VARIABLES, "/v/x"),
        (FIELD.OUTPUT, "/r/x"),
    ]
    assert [(one.field, one.pointer) for one in found.end] == [(FIELD.OUTPUT, "/r/x")]


def test_a_failure_differs_in_attempts_and_error() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    debugger.restart()
    over_to(debugger, "Charge")
    debugger.inject_failure(("Charge",), "Declined", "no money")
    debugger.run()
    found = compare_forks(debugger.timeline, 0, 1)
    charge = next(pair for pair in found.pairs if pair.any.state.name == "Charge")
    assert {one.field for one in charge.contrasts} >= {FIELD.RESULT, FIELD.ERROR, FIELD.NEXT, FIELD.STATUS}
    assert [one.field for one in found.end][:2] == [FIELD.STATUS, FIELD.ERROR]


def test_a_timeline_is_like_itself_and_unknown_ones_are_refused() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    assert compare_forks(debugger.timeline, 0, 0).differing == ()
    with pytest.raises(KeyError):
        compare_forks(debugger.timeline, 0, 7)


def test_a_run_under_another_definition_is_compared_from_its_start() -> None:
    before = Debugger(machine(A=passing("B", Result=1, ResultPath="$.n"), B=passing()), {})
    after = Debugger(machine(A=passing("B", Result=2, ResultPath="$.n"), B=passing()), {})
    before.run()
    after.run()
    found = compare_forks(after.timeline, 0, 0, before.timeline)
    assert names(found) == [("A", "A"), ("B", "B")]
    assert found.pairs[0].contrasts == (Contrast(FIELD.OUTPUT, 1, 2, "/n"),)
