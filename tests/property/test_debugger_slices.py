"""A recording that is opened before it is replayed: at every moment what is there is what will be there in the end."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.main_line import recorded_line
from sfdebug.debugger.recorded.session import begin_recording, open_recording
from sfdebug.history.recording import Recording
from sfdebug.history.replay.replay import Replaying, replay
from sfdebug.history.verification.verdict import VerificationStatus, verify
from tests.examples import STEADY, examples
from tests.history_runs import read_back, recorded
from tests.property.test_debugger_recordings import NESTED, answer

bounded = settings(max_examples=examples(60), derandomize=STEADY, deadline=None, database=None)
OTHER = {**NESTED, "States": {**NESTED["States"], "Bad": {"Type": "Fail", "Error": "Now and then"}}}
SHORT = {**NESTED, "States": {**NESTED["States"], "Good": {"Type": "Succeed"}}}
DEFINITIONS: tuple[dict[str, Any], ...] = (NESTED, OTHER, SHORT)


@cache
def recording_of(last: int, seed: int, cut: int) -> Recording:
    found = read_back(recorded(NESTED, {"items": list(range(last))}, answer, seed=seed))
    return replace(found, events=found.events[: max(3, len(found.events) * cut // 10)]) if cut else found


recordings = st.builds(recording_of, st.integers(0, 7), st.integers(0, 5), st.sampled_from([0, 3, 7]))
definitions = st.sampled_from(DEFINITIONS).map(definition_from)
slices = st.lists(st.integers(1, 40), max_size=12)
VERBS = ("step_into", "step_over", "step_out", "run", "step_back", "back_over", "back_out", "run_back", "goto_failure")
moves = st.lists(
    st.one_of(
        st.sampled_from(VERBS),
        st.tuples(st.sampled_from(["goto_recorded", "goto_event", "replay_on"]), st.integers(1, 90)),
        st.tuples(st.just("scrub"), st.integers(-9, 9)),
    ),
    max_size=14,
)


@bounded
@given(recordings, definitions, slices)
def test_a_replay_in_slices_is_the_replay(found: Recording, machine: Any, sizes: list[int]) -> None:
    whole, replaying = replay(machine, found, keep_trail=True), Replaying(machine, found, keep_trail=True)
    behind = 0
    for size in sizes:
        progress = replaying.advance(size)
        assert progress.done == len(found.events) or progress.is_over or progress.done == behind + size
        assert set(replaying.differences) <= set(whole.differences)
        assert set(replaying.accepted) <= whole.accepted
        behind = progress.done
    sliced = replaying.finish()
    assert sliced.differences == whole.differences
    assert sliced.decisions == whole.decisions
    assert sliced.execution.history == whole.execution.history
    assert (sliced.computed, sliced.reached_after) == (whole.computed, whole.reached_after)
    assert len(sliced.trail) == len(whole.trail) == len(whole.decisions)
    assert not sliced.is_stopped


@bounded
@given(recordings, definitions, slices)
def test_a_replay_that_is_stopped_claims_no_more_than_it_knows(
    found: Recording, machine: Any, sizes: list[int]
) -> None:
    replaying = Replaying(machine, found)
    for size in sizes:
        replaying.advance(size)
    was_over, last = replaying.result is not None, replaying.progress.done
    stopped = replaying.stop()
    assert stopped.is_stopped is not was_over
    if was_over:
        assert stopped.differences == replay(machine, found).differences
        return
    assert not stopped.is_identical
    assert stopped.divergence is not None
    assert stopped.divergence.event_id == found.events[last].id
    assert "not replayed" in stopped.divergence.explanation
    run = begin_recording(found, machine)
    debugger = Debugger.on_recording(run)
    progress = debugger.replay_on(max(1, last))
    assert progress is not None
    debugger.stop_replaying()
    assert debugger.recorded is not None
    conclusion = debugger.recorded.conclusion
    assert conclusion is not None
    if progress.is_over:  # a step of the engine can make several events: the last ones were among them
        assert conclusion.status is verify(machine, found).status
    else:
        assert conclusion.status in (VerificationStatus.NOT_VERIFIED, VerificationStatus.DIVERGES)
    debugger.goto_recorded(len(found.events) - 1)
    assert debugger.view().event_index == len(found.events)


@bounded
@given(recordings, definitions, moves)
def test_a_walk_is_the_same_while_it_is_replayed(found: Recording, machine: Any, path: list[Any]) -> None:
    whole = Debugger.on_recording(open_recording(found, machine))
    growing = Debugger.on_recording(begin_recording(found, machine))
    for move in path:
        if isinstance(move, tuple) and move[0] == "replay_on":
            growing.replay_on(move[1])
            continue
        for debugger in (whole, growing):
            name, *given = (move,) if isinstance(move, str) else move
            getattr(debugger, name)(*given)
        assert standing(growing) == standing(whole), move
    growing.replay_on()
    assert growing.replaying is None
    assert standing(growing) == standing(whole)
    mine, theirs = recorded_line(growing.timeline), recorded_line(whole.timeline)
    assert mine is not None
    assert theirs is not None
    assert (mine.reached, mine.played_from) == (theirs.reached, theirs.played_from)
    assert len(growing.timeline.nodes) == len(whole.timeline.nodes)


def standing(debugger: Debugger) -> tuple[Any, ...]:
    """Where a debugger stands, and what it says of it."""
    cursor, view, stop = debugger.cursor, debugger.view(), debugger.stop
    origins = tuple((line.name, line.origin, line.explanations) for line in view.visit_stages)
    return (
        cursor.node.index, cursor.stage_offset, cursor.branch, cursor.node.execution.history, view.event_index,
        view.sentence, view.marks, origins, stop.reason, stop.text,
    )  # fmt: skip
