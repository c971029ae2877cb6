"""A hosted execution that is held, stepped and released, however often, ends with the same events as one that never
is: in virtual time, whatever the machine and however long the pauses."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, Trigger
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.hosting.breakpoint_holding import BreakpointHolder
from tests.examples import examples
from tests.hosted_runs import HandHost
from tests.property.test_engine_purity import machines

POINTS = [Breakpoint(Trigger.STATE, "S0"), Breakpoint(Trigger.STATE, "S1b0S0"), Breakpoint(Trigger.FAULT)]


class _Chance:
    """Answers by chance, but the same for the same attempt, and after some time."""

    def answer(self, request: TaskRequest) -> Answer | None:
        if request.kind is RequestKind.MAP_RUN:
            return None
        draw = Random(repr((request.branch, request.state.path, request.invocation)))
        if draw.random() < 0.3:
            return TaskFailure(draw.choice(("Busy", "Odd")), "by chance", draw.choice((0.0, 1.5)))
        return TaskResult({"ok": draw.randrange(9)}, draw.choice((0.0, 2.0)))


def _events(definition: dict[str, Any], random: Random | None, points: list[Breakpoint]) -> tuple[Any, ...]:
    """All that happened in an execution; with `random`, of one that somebody holds and releases as chance says."""
    holder = BreakpointHolder(points, holds_starts=True) if random is not None else None
    host = HandHost(_Chance(), holder=holder)
    arn = host.start_execution(host.make(definition), '{"items": [1, 2]}', "same").arn
    hosted, hands = host.hosted(arn), host.hands
    for _ in range(3_000):
        if random is None:
            hands.work()
            break
        if hosted.over.is_set():
            break
        if hosted.held is not None:
            host.hand_clock.wall += random.choice((0, 700, 3_600_000))
            random.choice((hosted.step_held, hosted.release))()
        elif random.random() < 0.3:
            hosted.hold()
        kept = hands.jobs or hands.calls
        if kept:
            kept.pop(0)()
    assert hosted.over.is_set()
    ran = hosted.execution
    children = {child.arn: list(child.events) for child in (*ran.ended_children, *ran.children.values())}
    host.close()
    return list(ran.events), children, ran.status, ran.output, ran.fault


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(machines(), st.integers(0, 2**32), st.lists(st.sampled_from(POINTS), max_size=2, unique=True))
def test_holding_changes_nothing_of_what_happens(
    definition: dict[str, Any], seed: int, points: list[Breakpoint]
) -> None:
    assert _events(definition, Random(seed), points) == _events(definition, None, [])
