"""What a step, a walk and a view cost does not grow with the run or the branches: counted in lines, not in seconds."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest

from bench.machines import pass_chain
from sfdebug.debugger import Debugger, StopReason, Verb
from sfdebug.engine import Execution, Settings
from sfdebug.engine.execution.branches import Block, ManyBranches

LOOP: dict[str, Any] = {
    "StartAt": "Count",
    "States": {
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again?"},
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 10**6, "Next": "Count"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
ENDLESS = Settings(max_history_events=10**7)


def wide(branches: int, states: int = 20) -> dict[str, Any]:
    scopes = [pass_chain(f"Branch{number}Step", states) for number in range(branches)]
    return {"StartAt": "All", "States": {"All": {"Type": "Parallel", "Branches": scopes, "End": True}}}


def every(count: int) -> Callable[[], bool]:
    left = iter(range(count - 1, -1, -1))
    return lambda: next(left) == 0


def lines(work: Callable[[], object]) -> int:
    """How many lines of Python run; a comprehension counts each of its rounds."""
    count = 0

    def traced(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return traced

    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


def cost_of_steps(definition: dict[str, Any], given: Any, after: int, steps: int = 1_000) -> float:
    """Lines for each step of the engine, once so many have been taken."""
    debugger = Debugger(definition, given, settings=ENDLESS)
    running = debugger.running(Verb.RUN)
    running.advance(every(after))
    cost = lines(lambda: running.advance(every(steps)))
    assert running.steps == after + steps
    return cost / steps


def test_a_step_costs_the_same_after_20_000_transitions_as_after_1_000() -> None:
    early, late = (cost_of_steps(LOOP, {"n": 0}, 2 * transitions) for transitions in (1_000, 20_000))
    assert late < 1.02 * early


def test_a_step_costs_nearly_the_same_with_500_branches_as_with_10() -> None:
    few = cost_of_steps(wide(10), {}, 40, 300)
    many = cost_of_steps(wide(500), {}, 2_000)
    assert many < 1.9 * few


def test_a_step_of_a_wide_parallel_makes_anew_what_it_changes() -> None:
    debugger = Debugger(wide(500, 3), {})
    debugger.run()
    executions = [node.execution for node in debugger.timeline.nodes]
    grown = [new_blocks(left, right) for left, right in pairwise(executions)]
    # Of 32 blocks those of the branch that moved and of its Parallel; all when they begin, and when few are left.
    assert sum(count > 2 for count in grown) < 8


def new_blocks(before: Execution, after: Execution) -> int:
    known = {id(block) for block in blocks_of(before)}
    return sum(id(block) not in known for block in blocks_of(after))


def blocks_of(execution: Execution) -> tuple[Block, ...]:
    return execution.branches.blocks if type(execution.branches) is ManyBranches else ()


@pytest.fixture(scope="module")
def explored() -> Debugger:
    debugger = Debugger(wide(500, 4), {})
    debugger.run()
    return debugger


def test_a_view_after_a_step_looks_at_each_branch_once(explored: Debugger) -> None:
    explored.goto_node(2_000)
    explored.view()
    explored.step_into()
    assert len(explored.execution.branches) == 501
    assert lines(explored.view) < 40 * 501


def test_a_view_after_a_jump_looks_at_each_state_and_branch_that_changed(explored: Debugger) -> None:
    explored.goto_node(600)
    explored.view()
    explored.goto_node(3_500)
    assert lines(explored.view) < 60 * 501 + 20 * 2_000


@pytest.mark.parametrize(
    ("verb", "most"),
    [
        (Verb.STEP_INTO, 1_000),
        (Verb.STEP_OVER, 15_000),  # the others take their turns until this one has moved
        (Verb.STEP_OUT, 2_000),
        (Verb.RUN, 1_000),
        (Verb.STEP_BACK, 1_000),
        (Verb.BACK_OVER, 15_000),
        (Verb.BACK_OUT, 2_000),
        (Verb.RUN_BACK, 1_000),
    ],
)
def test_a_verb_on_explored_ground_looks_up_where_it_arrives(verb: Verb, most: int, explored: Debugger) -> None:
    draw = random.Random(verb)
    for _ in range(20):
        explored.goto_node(draw.randrange(1, len(explored.timeline.nodes)))
        assert lines(lambda: explored.do(verb)) < most


@pytest.mark.parametrize("verb", [Verb.RUN, Verb.RUN_BACK])
def test_the_next_breakpoint_on_explored_ground_is_looked_up(verb: Verb, explored: Debugger) -> None:
    state = ("All", 250, "Branch250Step3")
    explored.breakpoints.toggle(state)
    start = 10 if verb is Verb.RUN else len(explored.timeline.nodes) - 10
    explored.goto_node(start)
    explored.do(verb)  # what is loaded for the first stop of all does not count
    explored.goto_node(start)
    assert lines(lambda: explored.do(verb)) < 1_000
    assert (explored.stop.reason, explored.view().state_path) == (StopReason.BREAKPOINT, state)
    explored.breakpoints.toggle(state)
