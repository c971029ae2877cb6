"""`verify` on every execution recorded from AWS: what proves a changed definition proves the engine too.

Placeholders and times are the recorder's (see `compare.py`), so equality is the comparer's, and times do not count.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.history.alignment.alignment import align
from sfdebug.history.mocks import mock_config
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import Recording
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.replay.replay import Replay, replay, settings_of
from sfdebug.reports.differences import difference_lines
from sfdebug.simulation import simulate
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.values import is_present
from tests.conformance.compare import equal
from tests.conformance.known_misses import KNOWN_MISSES

FOLDER: Final = Path(__file__).parents[3] / "shared" / "conformance" / "executions"
CASES: Final = sorted(FOLDER.glob("*.json"))
RULES: Final = Rules(frozenset({"timestamps"}), equal=equal)
START_TIME: Final = 1_795_240_124_000
"""The moment to which those that wait for a date refer."""

needs_recordings = pytest.mark.skipif(not CASES, reason="the recorded executions are not beside this checkout")
each_case = pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:120])


def load(path: Path) -> tuple[dict[str, Any], Recording]:
    """A case, and its history as the reader reads it."""
    case = json.loads(path.read_text(encoding="utf-8"))
    (recording,) = parse_recordings(json.dumps(case["history"]), path.name)
    return case, replace(recording, facts=replace(recording.facts, execution_type=case["type"]))


def replayed(case: dict[str, Any], recording: Recording) -> Replay:
    """The recording run again under its own definition."""
    settings = settings_of(recording, start_time=START_TIME)
    definition = definition_from(case["definition"])
    # Of some inputs the history has only a placeholder.
    return replay(definition, recording, rules=RULES, settings=settings, input=case["input"])


@needs_recordings
@each_case
def test_a_recorded_execution_is_verified(path: Path) -> None:
    case, recording = load(path)
    assert recording.problems == ()
    found = replayed(case, recording)
    reason = KNOWN_MISSES.get(path.stem)
    if reason is not None:
        assert not found.is_identical, f"no longer a miss, take it off the list: {reason}"
        pytest.xfail(reason)
    assert found.is_identical, "\n".join(difference_lines(found.differences[0]))
    assert found.events_followed + len(found.skipped) == len(recording.events)


@needs_recordings
@each_case
def test_what_was_recorded_can_be_drawn_without_the_definition(path: Path) -> None:
    case, recording = load(path)
    machine, real = reconstruct(align(recording)), definition_from(case["definition"])
    drawn = [state for state in machine.walk() if not state.name.startswith("inside ")]
    assert [real.state(state.path).type for state in drawn] == [state.type for state in drawn]


def _is_linear(path: Path) -> bool:
    """No branches, every Task answered by an error that has a name or a result, and an end of its own."""
    _, recording = load(path)
    types = [event.type for event in recording.events]
    if any(event.startswith(("Map", "Parallel")) for event in types) or path.stem in KNOWN_MISSES:
        return False
    asked = sum(1 for event in types if event in ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled"))
    answered = sum(
        1
        for event in recording.events
        if event.type in ("TaskSucceeded", "LambdaFunctionSucceeded", "ActivitySucceeded")
        or (event.type in ("TaskFailed", "LambdaFunctionFailed", "ActivityFailed") and event.text("error"))
    )
    return 0 < asked == answered and types[-1] in ("ExecutionSucceeded", "ExecutionFailed")


@needs_recordings
@pytest.mark.parametrize("path", [path for path in CASES if _is_linear(path)], ids=lambda path: path.stem[:120])
def test_mocks_of_a_linear_execution_drive_a_run_to_the_same_end(path: Path) -> None:
    case, recording = load(path)
    mocks = mock_config({"recorded": recording}, "Machine")
    assert mocks.notes == ()
    tasks = MockConfig.parse(json.dumps(mocks.config)).handler("Machine", "recorded")
    execution = simulate(definition_from(case["definition"]), case["input"], tasks, settings_of(recording))
    assert (execution.status, execution.error) == (recording.status, recording.error)
    if is_present(recording.output):
        assert is_present(execution.output)
        assert equal(recording.output, execution.output)


@needs_recordings
def test_a_changed_payload_is_always_found() -> None:
    """No comparison is so lenient that it proves nothing: each output made another one is a difference."""
    checked = 0
    for path in CASES[::7]:
        case, recording = load(path)
        if path.stem in KNOWN_MISSES:
            continue
        events = list(recording.events)
        place = next((i for i, event in enumerate(events) if event.type == "PassStateExited"), None)
        if place is None:
            continue
        changed = {**events[place].details, "output": '{"another": ["value"]}'}
        events[place] = events[place]._replace(details=changed)
        found = replayed(case, replace(recording, events=tuple(events)))
        assert found.differences, path.stem
        assert found.differences[0].event_id <= events[place].id
        checked += 1
    assert checked > 10
