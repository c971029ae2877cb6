"""Following how states stand node after node: it says what the marks of a view say, and looks at what has changed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.view.build import ViewBuilder
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.debugger.view.standing import Standing, StandingWalk
from tests.compared_pairs import REDRIVEN
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, PARALLEL
from tests.pages import ended, loop, refused
from tests.performance.counting import calls_of

UNVISITED = Standing(MarkStatus.UNVISITED, 0)


def wide(branches: int, length: int = 1) -> dict[str, Any]:
    """A Parallel of so many branches with so many states each."""

    def chain(branch: int) -> dict[str, Any]:
        names = [f"{branch}-{number}" for number in range(length)]
        states = {name: {"Type": "Pass", "Next": after} for name, after in pairwise(names)}
        return {"StartAt": names[0], "States": {**states, names[-1]: {"Type": "Pass", "End": True}}}

    every = [chain(branch) for branch in range(branches)]
    return {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": every, "End": True}}}


FAILING_BRANCH = wide(3, 2)
FAILING_BRANCH["States"]["P"]["Branches"][1] = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No"}}}


def redriven() -> Debugger:
    """A recorded run that failed, and went on."""
    run, _ = REDRIVEN.sessions()
    return Debugger.on_recording(run)


@pytest.mark.parametrize(
    "debugger",
    [
        pytest.param(lambda: ended(ORDER, ORDER_INPUT), id="order"),
        pytest.param(refused, id="retries and a failure"),
        pytest.param(lambda: ended(loop(4), {"n": 0}), id="loop"),
        pytest.param(lambda: ended(PARALLEL, ORDER_INPUT), id="Parallel"),
        pytest.param(lambda: ended(EACH, {"items": [1, 2, 3]}), id="Map"),
        pytest.param(lambda: ended(wide(80, 2)), id="branches in blocks"),
        pytest.param(lambda: ended(FAILING_BRANCH), id="branches that are cut short"),
        pytest.param(redriven, id="redriven"),
    ],
)
@pytest.mark.parametrize("every", [1, 3])
def test_it_says_what_the_marks_of_a_view_say(debugger: Any, every: int) -> None:
    run: Debugger = debugger()
    timeline = run.timeline
    views = ViewBuilder(
        timeline, Breakpoints(run.machine), run.machine, lambda *_: False, lambda lines, _: lines, lambda _: None
    )
    walk, stands = StandingWalk(timeline.facts), {state.path: UNVISITED for state in run.machine.walk()}
    for node in [*timeline.nodes[::every], timeline.nodes[-1]]:
        stands |= walk.come_to(node)
        marks = views.marks_at(position_at(Cursor(node, node.last_stage_offset)))
        assert stands == {path: Standing(mark.status, mark.visits) for path, mark in marks.items()}


@pytest.mark.parametrize("run", [refused, redriven, lambda: ended(PARALLEL, ORDER_INPUT)])
def test_the_nodes_of_events_are_those_at_which_each_has_happened(run: Any) -> None:
    debugger: Debugger = run()
    history = history_at(debugger.timeline, position_at(Cursor(debugger.timeline.nodes[0])))
    nodes = [history.node_at(count) for count in range(1, len(history.events) + 1)]
    assert [*history.nodes_of_events()] == nodes != []


def test_a_step_costs_what_it_changes_however_many_states_there_are() -> None:
    small, large = ended(wide(2, 5)), ended(wide(2, 50))

    def walked(debugger: Debugger) -> None:
        walk = StandingWalk(debugger.timeline.facts)
        assert max(len(walk.come_to(node)) for node in debugger.timeline.nodes) <= 4

    steps = [len(one.timeline.nodes) for one in (small, large)]
    calls = [calls_of(lambda one=one: walked(one)) for one in (small, large)]  # type: ignore[misc]
    assert calls[1] / steps[1] < 1.2 * calls[0] / steps[0]
