"""A verb in slices: it stops where the whole verb does, and wherever it is left the debugger simply stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bench.machines import pass_chain
from sfdebug.debugger import Debugger, StopReason, Verb
from tests.debugger_runs import ENDLESS, ORDER, ORDER_INPUT, Handler, machine, passing

WIDE: dict[str, Any] = machine(
    Both={"Type": "Parallel", "Branches": [pass_chain(f"B{number}S", 3) for number in range(4)], "Next": "End"},
    End=passing(),
)


def every(count: int) -> Callable[[], bool]:
    """Enough after so many steps, again and again."""
    left = [count]

    def is_enough() -> bool:
        left[0] -= 1
        if left[0]:
            return False
        left[0] = count
        return True

    return is_enough


@pytest.mark.parametrize("verb", [Verb.STEP_INTO, Verb.STEP_OVER, Verb.STEP_OUT, Verb.RUN])
@pytest.mark.parametrize("slice_", [1, 2, 7])
def test_a_verb_in_slices_goes_where_the_whole_verb_goes(verb: Verb, slice_: int) -> None:
    for definition, given in ((ORDER, ORDER_INPUT), (WIDE, {})):
        whole, sliced = (Debugger(definition, given, tasks=Handler()) for _ in range(2))
        while not whole.view().is_finished:
            expected = whole.do(verb)
            running = sliced.running(verb)
            enough = every(slice_)
            while not running.is_over:
                stop = running.advance(enough)
                assert sliced.stop == stop
                assert (stop.reason is StopReason.INTERRUPTED) is not running.is_over
            assert stop == expected
            assert sliced.cursor.node.id == whole.cursor.node.id
            assert sliced.execution.history == whole.execution.history


def test_nothing_moves_before_the_first_slice() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    running = debugger.running(Verb.RUN)
    assert debugger.cursor.node.index == 0
    assert running.advance().reason is StopReason.END
    assert running.is_over
    assert running.advance() == debugger.stop


def test_what_is_left_in_the_middle_is_an_ordinary_place() -> None:
    debugger = Debugger(ENDLESS)
    running = debugger.running(Verb.RUN)
    stop = running.advance(every(1_000))
    assert stop.reason is StopReason.INTERRUPTED
    assert (running.steps, debugger.cursor.node.index) == (1_000, 1_000)
    assert stop.text == "interrupted about to run A"
    assert debugger.view().stop == stop
    debugger.step_back()
    assert running.is_over
    assert running.advance().is_refused
    assert debugger.cursor.node.index == 999
    debugger.step_over()
    assert debugger.cursor.node.index == 1_000


def test_progress_counts_the_branches_of_the_container_that_runs() -> None:
    debugger = Debugger(WIDE, {})
    running = debugger.running(Verb.STEP_OVER)
    seen = []
    while not running.is_over:
        running.advance(every(1))
        if running.progress is not None:
            seen.append((running.progress.ended, running.progress.total))
    assert sorted(set(seen)) == [(count, 4) for count in range(5)]
    assert seen == sorted(seen)


def test_what_a_handler_cannot_do_is_refused_and_ends_it() -> None:
    def broken(request: object) -> Any:
        return 5

    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Reserve": broken}))
    running = debugger.running(Verb.RUN)
    assert running.advance().is_refused
    assert running.is_over


def test_only_verbs_that_go_forward_are_driven_in_slices() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    with pytest.raises(TypeError):
        debugger.running(Verb.STEP_BACK)
    assert debugger.running(Verb.RUN).advance(5).is_refused  # type: ignore[arg-type]
