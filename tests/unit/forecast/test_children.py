"""What child executions used: each event counted once, while they run, back again, and on forks."""

from __future__ import annotations

from collections import Counter

import pytest

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.events import Event
from sfdebug.forecast.children import ChildrenMeter, ForkedMeters
from sfdebug.forecast.meter import RunMeter
from tests.unit.forecast.loop_definitions import Runs, mapping_debugger, polling


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each event was counted."""
    counts: Counter[int] = Counter()
    take = RunMeter.take

    def noted(meter: RunMeter, event: Event) -> None:
        counts[id(event)] += 1
        take(meter, event)

    monkeypatch.setattr(RunMeter, "take", noted)
    return counts


def used(meter: ChildrenMeter, debugger: Debugger) -> list[tuple[int, int]]:
    """How many child executions of each Map Run there are, and their transitions."""
    return [(one.count, one.transitions) for one in meter.used_in(debugger.view().execution)]


def test_they_are_counted_while_they_run_and_back_again(taken: Counter[int]) -> None:
    debugger, meter = mapping_debugger(), ChildrenMeter()
    seen = [used(meter, debugger) for _ in range(24) if debugger.step_into()]
    assert seen[:5] == [[], [], [], [(3, 0)], [(3, 0)]]
    assert seen[5:14] == [[(3, 1)]] * 5 + [[(3, 2)]] * 3 + [[(3, 3)]]
    back = [used(meter, debugger) for _ in range(24) if debugger.step_back()]
    assert [*reversed(back)][1:] == seen[:-1]
    debugger.run()
    assert used(meter, debugger) == [(3, 6)]
    events = [event for child in debugger.execution.ended_children for event in child.events]
    assert [taken[id(event)] for event in events] == [1] * 18


def test_those_that_are_alike_on_two_forks_are_counted_once(taken: Counter[int]) -> None:
    debugger, meter = mapping_debugger(MaxConcurrency=1), ChildrenMeter()
    debugger.run()
    assert used(meter, debugger) == [(3, 6)]
    children = list(debugger.execution.ended_children)
    while debugger.view().state_path != ("Each", 0, "In"):  # of the last one, which ran when the others were over
        debugger.step_back()
    debugger.edit_input(30)
    debugger.run()
    forked = list(debugger.execution.ended_children)
    assert [one is other for one, other in zip(children, forked, strict=True)] == [True, True, False]
    assert used(meter, debugger) == [(3, 7)]
    assert {taken[id(event)] for child in children for event in child.events if child is not children[2]} == {1}
    debugger.switch_fork(0)
    debugger.run()
    assert used(meter, debugger) == [(3, 6)]
    assert max(taken.values()) <= 2, "of the child that parts, what is before that is counted on both forks"


def test_a_history_on_two_forks_has_two_meters_from_where_they_part(taken: Counter[int]) -> None:
    debugger, meters = Debugger(polling(60), {}, tasks=Runs(2)), ForkedMeters()
    debugger.run()
    main = debugger.execution.events
    whole = meters.up_to("", main, len(main), 0)
    debugger.goto_event(6)
    debugger.edit_input({"a": 1})
    debugger.run()
    fork = debugger.execution.events
    assert meters.up_to("", fork, 5, 1) is whole, "up to there it is the same history"
    assert set(taken.values()) == {1}
    other = meters.up_to("", fork, len(fork), 1)
    assert other is not whole
    assert (other.total, whole.total) == (RunMeter(fork).total, RunMeter(main).total)
    assert meters.up_to("", main, len(main), 0) is whole
    assert meters.up_to("", fork, len(fork), 1) is other


def test_the_states_of_a_child_execution_itself_are_not_inside_of_a_map_of_it() -> None:
    """Of an Express execution, inputs in Parallels and Maps count together; those one after the other do not."""
    debugger = mapping_debugger()
    debugger.edit_input({"items": [{"text": "x" * 1_000}]})
    debugger.run()
    (child,) = debugger.execution.ended_children
    assert RunMeter(child.events).total.step_bytes == 0
    (one,) = ChildrenMeter().used_in(debugger.execution)
    assert one.payload == len('{"text":""}') + 1_000
