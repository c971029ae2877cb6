"""A breakpoint stops exactly where looking at each step says: forward, over what is explored, back, in recordings."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.debugger import Cursor, Debugger, StopReason, TimelineNode
from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, HitRule, Trigger
from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text, parse_breakpoint
from sfdebug.debugger.expressions.language import DebugSyntaxError
from sfdebug.debugger.recorded.session import RecordedSession
from sfdebug.debugger.timeline.position import Position, position_at
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.visit import StageName, StageStatus
from tests.examples import STEADY, examples
from tests.property.test_debugger_recordings import runs
from tests.property.test_debugger_walks import INPUT, MOST_STEPS, Fickle, machines

bounded = settings(
    max_examples=examples(75),
    derandomize=STEADY,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)

Station = tuple[int, int, Any]
"""A place: the index of the node, the place in it, the branch in focus."""


def station(cursor: Cursor) -> Station:
    return cursor.node.index, cursor.stage_offset, cursor.branch


# what is expected, worked out by looking at each step on its own


class Rule(NamedTuple):
    """A breakpoint as a text, and as what a person would check by hand at each place."""

    text: str
    waits: Callable[[TimelineNode, TimelineNode, int], bool]
    holds: Callable[[Position], bool | None]
    counts: Callable[[int], bool]


def _entered(name: str) -> Callable[[TimelineNode, TimelineNode, int], bool]:
    def waits(before: TimelineNode, node: TimelineNode, offset: int) -> bool:
        if offset != -1 or node.execution.visit_count == before.execution.visit_count:
            return False
        number = node.execution.visit_count
        live = [branch.visit for branch in node.execution.branches.values()]
        new = [*live, *node.execution.visits[len(before.execution.visits) :]]
        return any(visit is not None and visit.number == number and visit.state.name == name for visit in new)

    return waits


def _at_stage(name: str, stage: StageName) -> Callable[[TimelineNode, TimelineNode, int], bool]:
    def waits(before: TimelineNode, node: TimelineNode, offset: int) -> bool:
        if not 0 <= offset < node.fresh or node.visit is None or node.visit.state.name != name:
            return False
        found = node.visit.stages[node.kept + offset]
        return found.name is stage and found.status is not StageStatus.WAITING

    return waits


def _event(type: str) -> Callable[[TimelineNode, TimelineNode, int], bool]:
    def waits(before: TimelineNode, node: TimelineNode, offset: int) -> bool:
        if offset != node.last_stage_offset:
            return False
        was, now = ([*execution.events] for execution in (before.execution, node.execution))
        for old, new in (
            (before.execution.children.values(), node.execution.children.values()),
            ((), node.execution.ended_children[len(before.execution.ended_children) :]),
        ):
            was += [event for child in old for event in child.events]
            now += [event for child in new for event in child.events]
        return sum(event.type == type for event in now) > sum(event.type == type for event in was)

    return waits


def _fault(before: TimelineNode, node: TimelineNode, offset: int) -> bool:
    return node.faulted and offset == node.last_stage_offset


def _clock(milliseconds: int) -> Callable[[TimelineNode, TimelineNode, int], bool]:
    return lambda before, node, offset: (
        offset == node.last_stage_offset and before.execution.clock < milliseconds <= node.execution.clock
    )


def _input(position: Position) -> Any:
    if position.visit is not None:
        return position.visit.input
    return position.branch.input if position.branch is not None else None


def _attempt(position: Position) -> int:
    visit = position.visit
    if visit is None:
        return 1
    all_told = position.revealed == len(visit.stages) or position.stage is None
    return visit.attempt - visit.redriven_after if all_told or position.stage is None else position.stage.attempt


def _has_n(position: Position) -> bool:
    value = _input(position)
    return isinstance(value, dict) and "n" in value


CONDITIONS: tuple[tuple[str, Callable[[Position], bool | None]], ...] = (
    ("", lambda position: True),
    ("if {% $exists($states.input.n) %}", _has_n),
    ("if $states.input.n", _has_n),
    ("if $states.attempt > 1", lambda position: _attempt(position) > 1),
    ("if {% $states.attempt = 1 %}", lambda position: _attempt(position) == 1),
    ("if $states.input.n == 1", lambda position: _input(position)["n"] == 1 if _has_n(position) else None),
    ("if $nobody_has_this > 1", lambda position: None),
)
"""Conditions with what they come to; None where they cannot be told."""

COUNTS: tuple[tuple[str, Callable[[int], bool]], ...] = (
    ("", lambda number: True),
    ("hit 2", lambda number: number == 2),
    ("hit 2+", lambda number: number >= 2),
    ("every 2", lambda number: number % 2 == 0),
)


@st.composite
def rules(draw: st.DrawFn, names: list[str]) -> Rule:
    name = draw(st.sampled_from(names))
    stage = draw(st.sampled_from((StageName.INPUT, StageName.OUTPUT)))
    type = draw(st.sampled_from((EventType.PASS_STATE_ENTERED, EventType.TASK_STATE_EXITED, EventType.TASK_FAILED)))
    clock = draw(st.integers(1, 4))
    place, waits = draw(
        st.sampled_from(
            (
                (name, _entered(name)),
                (f"{name} at {stage}", _at_stage(name, stage)),
                (f"event {type}", _event(type)),
                ("fault", _fault),
                (f"clock +00:00:0{clock}", _clock(clock * 1000)),
            )
        )
    )
    condition, holds = draw(st.sampled_from(CONDITIONS))
    count, counts = draw(st.sampled_from(COUNTS))
    return Rule(" ".join(filter(None, (place, count, condition))), waits, holds, counts)


def expected(nodes: list[TimelineNode], found: list[Rule]) -> list[Station]:
    """Where the rules stop, in the order of the timeline."""
    numbers = dict.fromkeys(range(len(found)), 0)
    stations: list[Station] = []
    for before, node in pairwise(nodes):
        for offset in range(-1, node.last_stage_offset + 1):
            if offset == -1:
                last = before.last_stage_offset
                cursor = Cursor(before, last, node.moved)
            else:
                is_last = offset == node.last_stage_offset and node.hands_over
                cursor = Cursor(node, offset, node.moved if is_last else None)
            stops = False
            for at, rule in enumerate(found):
                if not rule.waits(before, node, offset):
                    continue
                verdict = rule.holds(position_at(cursor))
                if verdict is None:
                    stops = True
                elif verdict:
                    numbers[at] += 1
                    stops = stops or rule.counts(numbers[at])
            if stops and (not stations or stations[-1] != station(cursor)):
                stations.append(station(cursor))
    return stations


# what the debugger does


def forward(debugger: Debugger) -> list[Station]:
    stations: list[Station] = []
    while True:
        stop = debugger.run()
        if stop.reason not in (StopReason.BREAKPOINT, StopReason.FAULT):
            return stations
        assert stop.breakpoints
        stations.append(station(debugger.cursor))
        assert len(stations) < MOST_STEPS


def back(debugger: Debugger) -> list[Station]:
    stations: list[Station] = []
    while True:
        stop = debugger.run_back()
        if stop.reason not in (StopReason.BREAKPOINT, StopReason.FAULT):
            return stations
        stations.append(station(debugger.cursor))
        assert len(stations) < MOST_STEPS


@bounded
@given(machines(uncaught=True), st.data())
def test_breakpoints_stop_exactly_where_looking_at_each_step_says(machine: dict[str, Any], data: st.DataObject) -> None:
    looked = Debugger(machine, INPUT, tasks=Fickle(), most_steps=MOST_STEPS)
    names = [state.name for state in looked.machine.walk()]
    found = data.draw(st.lists(rules(names), min_size=1, max_size=3, unique_by=lambda rule: rule.text))
    assert looked.run().reason is StopReason.END
    stations = expected(looked.timeline.nodes, found)
    debugger = Debugger(machine, INPUT, tasks=Fickle(), most_steps=MOST_STEPS)
    for rule in found:
        assert debugger.breakpoints.add(debugger.breakpoints.read(rule.text))
    start = station(debugger.cursor)
    ahead = [place for place in stations if place != start]
    assert forward(debugger) == ahead, "where nothing is explored yet"
    end = station(debugger.cursor)
    behind = [place for place in reversed(stations) if place != end]
    assert back(debugger) == behind
    debugger.restart()
    assert forward(debugger) == ahead, "over what is explored"
    assert back(debugger) == behind, "hits are counted by their places, not by how often one came by"


@bounded
@given(machines(uncaught=True), st.data())
def test_breakpoints_hold_on_a_fork(machine: dict[str, Any], data: st.DataObject) -> None:
    debugger = Debugger(machine, INPUT, tasks=Fickle(), most_steps=MOST_STEPS)
    names = [state.name for state in debugger.machine.walk()]
    found = data.draw(st.lists(rules(names), min_size=1, max_size=3, unique_by=lambda rule: rule.text))
    for rule in found:
        debugger.breakpoints.add(debugger.breakpoints.read(rule.text))
    forward(debugger)
    debugger.restart()
    assert debugger.edit_input({**INPUT, "n": 2}).forked == 1
    start = station(debugger.cursor)
    stops = forward(debugger)
    end = station(debugger.cursor)
    stations = expected(debugger.timeline.nodes, found)
    assert stops == [place for place in stations if place[:2] >= start[:2] and place != start]
    assert back(debugger) == [place for place in reversed(stations) if place != end]


@bounded
@given(runs, st.data())
def test_breakpoints_stop_there_in_recordings_too(run: RecordedSession, data: st.DataObject) -> None:
    debugger = Debugger.on_recording(run)
    names = [state.name for state in run.machine.walk()]
    found = data.draw(st.lists(rules(names), min_size=1, max_size=3, unique_by=lambda rule: rule.text))
    stations = expected(debugger.timeline.nodes, found)
    for rule in found:
        assert debugger.breakpoints.add(debugger.breakpoints.read(rule.text))
    start = station(debugger.cursor)
    assert forward(debugger) == [place for place in stations if place != start]
    end = station(debugger.cursor)
    assert back(debugger) == [place for place in reversed(stations) if place != end]


@bounded
@given(machines(uncaught=True), st.data())
def test_a_log_is_what_was_said_up_to_the_cursor(machine: dict[str, Any], data: st.DataObject) -> None:
    debugger = Debugger(machine, INPUT, tasks=Fickle(), most_steps=MOST_STEPS)
    name = data.draw(st.sampled_from([state.name for state in debugger.machine.walk()]))
    debugger.breakpoints.add(debugger.breakpoints.read(f'{name} log "{{$states.attempt}} {{$.nowhere}}"'))
    assert debugger.run().reason is StopReason.END, "a message does not stop"
    said = debugger.breakpoints.log(debugger.timeline)
    places = expected(debugger.timeline.nodes, [Rule(name, _entered(name), lambda position: True, lambda number: True)])
    assert [station(line.cursor) for line in said] == places
    assert all(line.text == "1 {$.nowhere: there is no $.nowhere here}" for line in said)
    debugger.restart()
    assert debugger.breakpoints.log(debugger.timeline) == ()


# the text form


names = st.text(min_size=1, max_size=30).filter(lambda name: name == name.strip() or True)
numbers = st.integers(1, 999)
messages = st.lists(st.sampled_from(("total ", "{$.total}", '"', "{{", "}}", "{% 1 + 1 %}", "\n", "é")), max_size=4)


@st.composite
def written(draw: st.DrawFn) -> Breakpoint:
    trigger = draw(st.sampled_from(Trigger))
    fields: dict[str, Any] = {}
    if trigger in (Trigger.STATE, Trigger.STAGE, Trigger.EDGE, Trigger.ERROR):
        awkward = st.sampled_from(
            ("Ship if $.x", "off", "fault", "event log", "a -> b", "Look at Task", '"', " x ", "hit 3")
        )
        fields["name"] = draw(names | awkward)
    if trigger is Trigger.EDGE:
        fields["detail"] = draw(names)
    if trigger is Trigger.STAGE:
        fields["detail"] = draw(st.sampled_from(("Parameters", "Rule 2", "Item" + "Selector", "Retry")))
    if trigger is Trigger.EVENT:
        fields["name"] = str(
            draw(st.sampled_from([each for each in EventType if each is not EventType.EXECUTION_STARTED]))
        )
    if trigger is Trigger.VARIABLE:
        fields["name"] = draw(st.sampled_from(("total", "é", "x1")))
    if trigger in (Trigger.PAYLOAD, Trigger.CLOCK):
        fields["amount"] = draw(st.integers(1, 10**8))
    rule = draw(st.sampled_from(HitRule))
    return Breakpoint(
        trigger,
        iteration=draw(st.none() | numbers),
        hit_rule=rule,
        hit=0 if rule is HitRule.ALL else draw(numbers),
        condition=draw(st.sampled_from(("", "$.a > 1", "$.t == ' hit 3'", "{% $states.input.a %}", "$x && !$.y"))),
        message="".join(draw(messages)) if draw(st.booleans()) else None,
        is_on=draw(st.booleans()),
        **fields,
    )


@settings(max_examples=examples(300), derandomize=STEADY, deadline=None, database=None)
@given(written())
def test_what_is_written_is_read_back(point: Breakpoint) -> None:
    text = breakpoint_text(point)
    assert parse_breakpoint(text) == point, text
    if point.name:
        assert parse_breakpoint(text, [point.name]) == point, "known names change nothing"


WORDS = ("Ship", " ", "if", "hit", "3", "$.a", ">", "1", '"', "log", "{%", "%}", "at", "Task", "->", "off", "every")


@settings(max_examples=examples(200), derandomize=STEADY, deadline=None, database=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        point = parse_breakpoint(text)
    except DebugSyntaxError as error:
        assert 0 <= error.offset <= len(text)
        assert str(error)
    else:
        assert parse_breakpoint(breakpoint_text(point)) == point


@pytest.mark.parametrize("text", ["Ship if $.x > 1 hit 3", "Ship hit 3 if $.x > 1", "Ship  hit  3   if  $.x > 1"])
def test_clauses_may_stand_in_any_order(text: str) -> None:
    assert breakpoint_text(parse_breakpoint(text)) == "Ship hit 3 if $.x > 1"
