"""Walking at random over recordings: nothing is lost, nothing of the recording ever changes, back is the reverse of
forward."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger, Verb
from sfdebug.debugger.recorded.main_line import recorded_line
from sfdebug.debugger.recorded.session import RecordedSession, open_recording
from sfdebug.debugger.recorded.spans import spans
from sfdebug.debugger.recorded.summary import summary_lines
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import Recording, RecordingError
from tests.debugger_runs import machine, passing, task
from tests.examples import STEADY, examples
from tests.history_runs import read_back, recorded

RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.problem", "Next": "Fan"}]
LINE = machine(Look=task("Note", Retry=RETRY), Note=passing())
SIDE = machine(Left=task(), Right=passing())
PAUSE = machine(Pause={"Type": "Wait", "Seconds": 3, "End": True})
EACH = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": LINE, "ResultPath": "$.all", "Catch": CATCH}
NESTED = machine(
    All={**EACH, "Next": "Fan"},
    Fan={"Type": "Parallel", "Branches": [SIDE, PAUSE], "Next": "Which"},
    Which={"Type": "Choice", "Choices": [{"Variable": "$[0]", "IsPresent": True, "Next": "Good"}], "Default": "Bad"},
    Good=task("Bad"),
    Bad={"Type": "Fail", "Error": "Always"},
)  # fmt: skip


def answer(request: TaskRequest) -> Any:
    if request.state.name == "Look" and request.attempt == 1 and request.input in (2, 5):
        return TaskFailure("Busy", "later")
    if request.state.name == "Look" and request.input == 5:
        return TaskFailure("Broken", "five")
    return TaskResult(request.input)


@cache
def run_of(last: int, seed: int, cut: int, has_definition: bool) -> RecordedSession:
    found = read_back(recorded(NESTED, {"items": list(range(last))}, answer, seed=seed))
    if cut:
        found = replace(found, events=found.events[: max(3, len(found.events) * cut // 10)])
    return open_recording(found, definition_from(NESTED) if has_definition else None)


bounded = settings(max_examples=examples(60), derandomize=STEADY, deadline=None, database=None)

runs = st.builds(run_of, st.integers(0, 7), st.integers(0, 12), st.sampled_from([0, 3, 7]), st.booleans())
VERBS = (
    *("step_into", "step_over", "step_out", "run", "step_back", "back_over", "back_out", "run_back", "restart"),
    *("goto_failure", "fork_here", "leave_fork"),
)
moves = st.one_of(
    st.sampled_from(VERBS),
    st.tuples(st.just("event"), st.integers(0, 200)),
    st.tuples(st.just("scrub"), st.integers(-9, 9)),
    st.tuples(st.just("edit"), st.integers(0, 3)),
    st.tuples(st.just("answer"), st.integers(0, 3)),
    st.tuples(st.just("inject"), st.sampled_from(["All", "Fan", "Good"])),
    st.tuples(st.just("place"), st.integers(0, 60)),
    st.tuples(st.just("fork"), st.integers(0, 3)),
)


def act(debugger: Debugger, move: Any) -> None:
    if isinstance(move, str):
        getattr(debugger, move)()
        return
    kind, value = move
    {
        "event": lambda: debugger.goto_event(value),
        "scrub": lambda: debugger.scrub(value),
        "edit": lambda: debugger.edit_input({"items": [value]}),
        "answer": lambda: debugger.answer_task(TaskResult(value)),
        "inject": lambda: debugger.inject_failure((value,), "Injected"),
        "place": lambda: debugger.goto_recorded(value),
        "fork": lambda: debugger.switch_fork(value),
    }[kind]()


@settings(bounded, max_examples=examples(120))
@given(runs, st.lists(moves, max_size=25))
def test_nothing_changes_a_recording(run: RecordedSession, walk: list[Any]) -> None:
    debugger = Debugger.on_recording(run)
    main = list(debugger.timeline.main_nodes)
    for move in walk:
        act(debugger, move)
        view = debugger.view()
        assert 0 <= view.event_index <= len(view.events)
        ids = [event.id for event in view.events]
        assert ids == sorted(set(ids))
    assert all(left is right for left, right in zip(main, debugger.timeline.main_nodes, strict=True))
    debugger.switch_fork(0)
    assert [event.as_dict() for event in debugger.view().events] == run.recording.history


@bounded
@given(runs, st.integers(0, 300))
def test_back_is_the_reverse_of_forward(run: RecordedSession, steps: int) -> None:
    debugger = Debugger.on_recording(run)
    trail = []
    for _ in range(steps):
        here = (debugger.cursor.node.id, debugger.cursor.stage_offset)
        if not debugger.can(Verb.STEP_INTO):
            break
        debugger.step_into()
        if (debugger.cursor.node.id, debugger.cursor.stage_offset) == here:
            break
        trail.append(here)
    while trail:
        debugger.step_back()
        assert (debugger.cursor.node.id, debugger.cursor.stage_offset) == trail.pop()


@bounded
@given(runs)
def test_every_recorded_event_is_come_to(run: RecordedSession) -> None:
    debugger = Debugger.on_recording(run)
    line = recorded_line(debugger.timeline)
    assert line is not None
    reached = line.reached
    assert len(reached) == len(run.recording.events)
    assert reached == sorted(reached)
    for index, event in enumerate(run.recording.events):
        debugger.goto_event(event.id)
        assert debugger.view().event_index > index


def damaged(events: list[dict[str, Any]], draw: random.Random) -> list[dict[str, Any]]:
    """The events with a few faults: missing, doubled, cut off, of another type, with other ids, names and times."""
    events = json.loads(json.dumps(events))
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(events))
        event, other = events[place], draw.choice(events)
        details = [key for key in event if key.endswith("EventDetails")]
        kind = draw.randrange(8)
        if kind == 0 and len(events) > 1:
            del events[place]
        elif kind == 1:
            events.insert(draw.randrange(len(events)), dict(other))
        elif kind == 2:
            event["previousEventId"] = draw.randint(0, len(events) + 2)
        elif kind == 3:
            event["type"] = other["type"]
        elif kind == 4:
            event |= {key: draw.choice([None, {}, [], "x", {"name": 5, "output": "{"}]) for key in details}
        elif kind == 5:
            event["id"] = draw.choice([0, -1, "x", None, 10**9, draw.randint(1, len(events))])
        elif kind == 6:
            events = events[: place + 1]
        else:
            event |= {"timestamp": draw.choice([None, "x", 0, 1e18, -5])}
            event |= {
                key: {**event[key], "name": draw.choice(["Nope", "", "All"])} for key in details[:1] if event[key]
            }
    return events


@pytest.mark.parametrize("seed", range(40))
def test_what_can_be_read_of_a_damaged_history_can_be_walked(seed: int) -> None:
    draw = random.Random(seed)
    events = recorded(NESTED, {"items": [1, 2, 5]}, answer, seed=seed % 7)
    for _ in range(4):
        try:
            found = parse_recordings(json.dumps({"events": damaged(events, draw)}))
        except RecordingError:
            continue
        for definition in (definition_from(NESTED), None):
            for one in found:
                walk(one, definition, draw)


def walk(found: Recording, definition: Any, draw: random.Random) -> None:
    try:
        run = open_recording(found, definition)
    except RecordingError:
        return
    summary_lines(run)
    spans(run)
    debugger = Debugger.on_recording(run)
    debugger.run()
    debugger.goto_failure()
    for _ in range(5):
        debugger.goto_event(draw.randint(1, len(found.events)))
        for verb in ("step_into", "step_over", "back_over", "fork_here", "run"):
            getattr(debugger, verb)()
            debugger.view()
        debugger.switch_fork(0)
    shown = [event.as_dict() | {"timestamp": ""} for event in debugger.view().events]
    assert shown == [event | {"timestamp": ""} for event in found.history]
