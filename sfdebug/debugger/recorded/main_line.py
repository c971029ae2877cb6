"""The main line of a recording's timeline: all its nodes, made at once, so that a jump is a look-up; and the jumps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.collection import seldom_collected
from sfdebug.debugger.recorded.events import ForkEvents, PastEvents
from sfdebug.debugger.recorded.playing import Player
from sfdebug.debugger.recorded.session import knows_all, replayed
from sfdebug.debugger.timeline.nodes import TimelineNode, next_node
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.timeline.timeline import Timeline
from sfdebug.debugger.verbs import Stop, StopReason
from sfdebug.debugger.wording import positions as words
from sfdebug.engine import Program
from sfdebug.engine.execution.decisions import Proceed, Redrive
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import UsageError
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import RecordingError
from sfdebug.history.replay.event_comparison import DifferenceKind
from sfdebug.history.replay.replay import EVENTS_AT_A_TIME, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfdebug.debugger.recorded.playing import PlayedStep
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import RecordedEvent
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.history.replay.replay import Replay, Replaying, ReplayProgress

    Make = Callable[[int, TimelineNode], TimelineNode]

_AT_FIRST: Final = 2
"""Nodes that a main line has at least, unless there are no more."""
_PLAYED: Final = Proceed()
"""What stands as the decision of a node that nothing was decided for."""
_REDRIVEN: Final = Redrive()


class RecordedTimeline:
    """The recording on a timeline's main line: which event each node has come to."""

    is_decided = False

    def __init__(self, run: RecordedSession) -> None:
        self.run = run
        self.past: Sequence[Event] = PastEvents(run.alignment)
        self.reached: list[int] = []
        """For each recorded event that was come to: the index of the node at which it has happened; never falling."""
        self.played_from: int | None = 0 if run.replay is None and run.replaying is None else None
        """The index of the first node that was not computed, but made from what was recorded."""
        self.ahead: list[Execution] = []
        """What a replay that is under way has come to, at which more recorded events can still turn out to have
        happened: not on the main line yet, where all that is said stays true."""
        self._indices: dict[int, int] = {}

    @property
    def is_live(self) -> bool:
        """Whether more events may come."""
        return self.run.is_live

    def is_main(self, fork: Fork) -> bool:
        """Whether a fork is the recording."""
        return fork.parent is None

    def replay_to(self, timeline: Timeline, count: int) -> bool:
        """Have so many recorded events on the main line, where the replay is still under way; whether it grew."""
        before = len(timeline.main_nodes)
        while not self._shows(timeline, count) and replay_on(timeline, EVENTS_AT_A_TIME) is not None:
            pass
        return len(timeline.main_nodes) > before

    def replay_start(self, timeline: Timeline) -> None:
        """Replay until something has been explored, so that what can be done at the start is known too."""
        while len(timeline.main_nodes) < _AT_FIRST and replay_on(timeline, 1) is not None:
            pass

    def _shows(self, timeline: Timeline, count: int) -> bool:
        """Whether the node is there at which so many recorded events have happened."""
        if count < 1 or self.run.replaying is None:
            return True
        return len(self.reached) >= count and self.reached[count - 1] < len(timeline.main_nodes)

    # where events and nodes meet

    def count_at(self, index: int) -> int:
        """How many recorded events have happened at the node with that index of the main line."""
        return bisect_right(self.reached, index)

    def node_index(self, event_index: int) -> int:
        """The index of the node at which a recorded event has happened; of the last one where it never is."""
        return self.reached[min(event_index, len(self.reached) - 1)] if self.reached else 0

    def faulted_node(self, event_index: int, nodes: Sequence[TimelineNode]) -> TimelineNode:
        """The node at which the fault of a recorded event was raised: the one that made the event."""
        computed = self.computed.get(event_index)
        if computed is None:
            return nodes[self.node_index(event_index)]
        # Other branches can have gone on before the engine came to it: the node that shows it can be a later one.
        return nodes[bisect_left(nodes, computed.id, key=lambda node: len(node.execution.events))]

    def events(self, fork: Fork) -> Sequence[Event]:
        """All events of a fork: for the main line all that were recorded."""
        if fork.parent is None:
            return self.past
        base = fork.nodes[fork.recorded - 1]
        shared = self.count_at(base.index)
        return ForkEvents(self.past, shared, fork.nodes[-1].execution.events, len(base.execution.events))

    def count_on(self, fork: Fork, node: TimelineNode) -> int:
        """How many of the events of a fork have happened at one of its nodes."""
        if node.index < fork.recorded:
            return self.count_at(node.index)
        base = fork.nodes[fork.recorded - 1]
        return self.count_at(base.index) + len(node.execution.events) - len(base.execution.events)

    # where visits meet

    def visit_of(self, visit: Visit, fork: Fork) -> RecordedVisit | None:
        """The recorded visit that a visit of a fork is, or began as."""
        if visit.number > fork.nodes[fork.recorded - 1].execution.visit_count:
            return None
        index = self._index_of_computed(visit.entered_event_id)
        if index is None and self.played_from is not None:
            index = self.run.recording.index_of(visit.entered_event_id)
        return self.run.alignment.visit_at(index) if index is not None else None

    def _index_of_computed(self, event_id: int) -> int | None:
        """The recorded event that a computed one was compared with."""
        computed = self.computed
        if len(self._indices) < len(computed):  # a replay that is under way finds more and more of them
            new = islice(computed.items(), len(self._indices), None)
            self._indices.update((event.id, index) for index, event in new)
        return self._indices.get(event_id)

    # what was computed

    @property
    def _replay(self) -> Replay | Replaying | None:
        """What was computed, or is being computed."""
        return self.run.replay or self.run.replaying

    @property
    def computed(self) -> Mapping[int, Event]:
        """For a recorded event, by its index, the computed one, as far as it is known."""
        return self._replay.computed if self._replay is not None else {}

    @property
    def progress(self) -> ReplayProgress | None:
        """How far the replay is that is under way; None when it is over, or there is none."""
        return self.run.replaying.progress if self.run.replaying is not None else None

    def is_accepted(self, event: RecordedEvent, field: str) -> bool:
        """Whether the field of an event differs only in what nobody can compute."""
        return self._replay is not None and (event.id, field) in self._replay.accepted

    def differences_at(self, event: RecordedEvent, field: str) -> list[Difference]:
        """What differs in the field of an event, as far as it is known."""
        run = self.run
        found: Iterable[Difference]
        if run.replaying is None:
            found = run.differences.get(event.id, ())
        else:
            found = (one for one in run.replaying.differences if one.event_id == event.id)
        return [one for one in found if one.field == field and one.kind is not DifferenceKind.UNKNOWN]

    def why_not_fork(self, node: TimelineNode, fork: Fork) -> str | None:
        """Why nothing can be changed at a node; None when it can."""
        run, progress = self.run, self.progress
        if progress is not None:
            return f"{run.why_not_replayed} ({percent(progress)}): it can be changed when that is over"
        if run.replay is None:
            return f"{run.why_not_replayed}: it can be looked at, not changed. Give the definition: sfdebug replay"
        if self.played_from is not None and fork.parent is None and node.index >= self.played_from:
            left = run.replay.divergence
            where = f" at event {left.event_id}" if left is not None else ""
            if run.replay.is_stopped:
                return f"it is not known what the definition does from here on: the replay was stopped{where}"
            return f"the definition has left the recording{where}: fork before that"
        return None


def recorded_line(timeline: Timeline) -> RecordedTimeline | None:
    """What is known of the recording on a timeline's main line; None when that is a simulation."""
    return timeline.record if isinstance(timeline.record, RecordedTimeline) else None


def percent(progress: ReplayProgress) -> str:
    """How far a replay has come, in words: `40%`."""
    return f"{100 * progress.done // max(1, progress.of)}%"


def recorded_timeline(run: RecordedSession) -> Timeline:
    """A timeline whose main line is the recording, with the cursor at its start: the whole of it, or as much of it as
    is replayed already."""
    computed = run.replay or run.replaying
    with seldom_collected():
        if computed is None:
            player = _player(run)
            timeline = Timeline(player.start())
            _play(timeline, RecordedTimeline(run), player, 1)
        else:
            timeline = Timeline(computed.start)
            timeline.record = record = RecordedTimeline(run)
            if run.replay is not None:
                _compute(timeline, record, run.replay, 0)
            else:
                record.replay_start(timeline)
    timeline.put_cursor(timeline.nodes[0], 0)
    return timeline


# a replay that is under way


def replay_on(timeline: Timeline, most_events: int | None = None) -> ReplayProgress | None:
    """Replay so many recorded events more (None: all) and put what came of them on the main line, where the replay is
    under way. How far it is; None when there is nothing left to do."""
    record = recorded_line(timeline)
    replaying = record.run.replaying if record is not None else None
    if record is None or replaying is None:
        return None
    with seldom_collected():
        if most_events is None:
            replaying.finish()
        else:
            replaying.advance(most_events)
        _take_over(timeline, record, replaying)
    return replaying.progress


def stop_replaying(timeline: Timeline) -> None:
    """Replay no further: from there on only what was recorded is on the main line."""
    record = recorded_line(timeline)
    replaying = record.run.replaying if record is not None else None
    if record is not None and replaying is not None:
        with seldom_collected():
            replaying.stop()
            _take_over(timeline, record, replaying)


def _take_over(timeline: Timeline, record: RecordedTimeline, replaying: Replaying) -> None:
    """Put what a replay has newly come to on the main line."""
    ahead, result = record.ahead, replaying.result
    ahead += replaying.taken_trail()
    _match(record, [*(node.execution for node in _open_nodes(timeline, record)), *ahead], replaying)
    last = record.reached[-1] if record.reached else 0
    known = len(ahead) if result is not None else max(0, last - len(timeline.main_nodes))
    for execution in ahead[:known]:
        timeline.append_recorded(_making(execution.decisions[-1], execution))
    del ahead[:known]
    if result is not None:
        record.run = replayed(record.run, result)
        _end_computed(timeline, record, result)


def _open_nodes(timeline: Timeline, record: RecordedTimeline) -> list[TimelineNode]:
    """The nodes of the main line at which the next recorded event can have happened: not before the last one has."""
    return timeline.main_nodes[record.reached[-1] if record.reached else 0 :]


def take_in(timeline: Timeline, run: RecordedSession) -> bool:
    """Put a longer recording of the same execution on the main line; forks stay as they are.

    Nodes that it shares with the old one stay, and with them the cursor where it is on one of these; else the cursor
    goes to the new end. Returns whether the cursor stood at the old end.
    """
    was_at_end = timeline.current.id == 0 and timeline.cursor.node is timeline.tip
    with seldom_collected():
        kept = _shared(timeline, run)
        timeline.cut_main(kept)
        if run.replay is None:
            _play(timeline, RecordedTimeline(run), _player(run), kept)
        else:
            _compute(timeline, RecordedTimeline(run), run.replay, kept - 1)
    return was_at_end


def _play(timeline: Timeline, record: RecordedTimeline, player: Player, kept: int) -> None:
    """The nodes of a played recording behind those that are kept."""
    timeline.record = record
    _reach(record, len(player.start().events), 0)
    for number, played in enumerate(player.steps(), start=1):
        if number >= kept:
            timeline.append_recorded(_making_played(played))
        if played.index is not None:
            _reach(record, 1, number)


def _player(run: RecordedSession) -> Player:
    return Player(run.alignment, Program(run.machine), settings_of(run.recording))


def _recorded_player(run: RecordedSession) -> Player:
    """A player for what the definition does not do: where it lacks recorded states, with states made of the events."""
    if knows_all(run.machine, run.alignment):
        return _player(run)
    try:
        program = Program(reconstruct(run.alignment))
    except RecordingError:  # a damaged file, of which no machine can be made
        return _player(run)
    return Player(run.alignment, program, settings_of(run.recording))


def _shared(timeline: Timeline, run: RecordedSession) -> int:
    """How many nodes of the main line a longer recording has too: at least the first."""
    nodes = timeline.main_nodes
    if run.replay is None:
        was_over = nodes[-1].is_over
        return max(1, len(nodes) - (1 if was_over else 0))
    decisions = run.replay.decisions
    count = 1
    while count < len(nodes) and count <= len(decisions) and nodes[count].decision == decisions[count - 1]:
        count += 1
    return count


def _compute(timeline: Timeline, record: RecordedTimeline, replay: Replay, kept: int) -> None:
    """The nodes of a replay from the decision with the number `kept` on, then what it could not follow, as played."""
    timeline.record = record
    executions = islice(replay.executions(), kept + 1, None)
    for decision, execution in zip(replay.decisions[kept:], executions, strict=True):
        timeline.append_recorded(_making(decision, execution))
    _match(record, [node.execution for node in _open_nodes(timeline, record)], replay)
    _end_computed(timeline, record, replay)


def _end_computed(timeline: Timeline, record: RecordedTimeline, replay: Replay) -> None:
    """What a replay could not follow, as played."""
    if replay.divergence is not None and len(record.reached) < len(replay.recording.events):
        _play_rest(timeline, record)


def _making(decision: Decision, execution: Execution) -> Make:
    return lambda node_id, parent: next_node(node_id, parent, decision, execution)


def _match(record: RecordedTimeline, executions: Sequence[Execution], replay: Replay | Replaying) -> None:
    """Find for each recorded event that is behind a replay the node at which its computed one happened. `executions`
    are those of the nodes from the last one on at which an event is known to have happened."""
    first = record.reached[-1] if record.reached else 0
    counts = [len(execution.events) for execution in executions]
    for index in range(len(record.reached), replay.events_behind):
        event = replay.computed.get(index)
        _reach(record, 1, 0 if event is None else first + min(bisect_left(counts, event.id), len(counts) - 1))


def _reach(record: RecordedTimeline, count: int, index: int) -> None:
    """The next `count` events have happened at the node with that index."""
    last = record.reached[-1] if record.reached else 0
    record.reached += [max(last, index)] * count


def _play_rest(timeline: Timeline, record: RecordedTimeline) -> None:
    """After the definition has left the recording: what was recorded from there on, as far as the states are known."""
    known = len(record.reached)
    player = _recorded_player(record.run)
    record.played_from = len(timeline.main_nodes)
    player.start()
    for played in player.steps():
        if played.index is not None and played.index >= known:
            timeline.append_recorded(_making_played(played))
            _reach(record, 1, len(timeline.main_nodes) - 1)
        elif played.index is None and len(timeline.main_nodes) > record.played_from:
            timeline.append_recorded(_making_played(played))


def _making_played(played: PlayedStep) -> Make:
    """The node of a played step: it looks at the branch that moved, or when that is gone, at the one around it."""
    execution, visit = played.execution, played.visit
    is_running = execution.status is ExecutionStatus.RUNNING

    def make(node_id: int, parent: TimelineNode) -> TimelineNode:
        return TimelineNode(
            id=node_id,
            index=parent.index + 1,
            parent=parent,
            decision=_REDRIVEN if played.redriven else _PLAYED,
            execution=execution,
            visit=visit,
            kept=played.kept,
            fresh=len(visit.stages) - played.kept if visit is not None else 0,
            focus=_live(execution, played.moved) if is_running else (),
            entered=played.entered,
            arrived=played.arrived,
            faulted=played.faulted and is_running,
        )

    return make


def _live(execution: Execution, branch: BranchId) -> BranchId:
    while branch and branch not in execution.branches:
        branch = branch[:-1]
    return branch


# jumps


def goto_event(timeline: Timeline, index: int, branch: BranchId | None = None) -> Stop | None:
    """Go to where a recorded event happened, on the recording itself; None when there is no such event."""
    record = recorded_line(timeline)
    if record is None or not 0 <= index < len(record.past):
        return None
    record.replay_to(timeline, index + 1)
    node = timeline.main_nodes[record.node_index(index)]
    focus = branch if branch is not None and branch in node.execution.branches else None
    timeline.put_cursor(node, focus=focus)
    return Stop(StopReason.JUMP, words.describe_position(position_at(timeline.cursor)))


def has_failure(timeline: Timeline) -> bool:
    """Whether there is a failure to go to. Where a replay is under way, what was recorded says it."""
    record = recorded_line(timeline)
    if record is not None and timeline.is_on_recording and record.progress is not None:
        return record.run.has_failure
    return next_failure(timeline) is not None


def next_failure(timeline: Timeline) -> TimelineNode | None:
    """What made the recording fail; from there, and where nothing did, the next fault, round and round.

    None when there is no fault.
    """
    record = recorded_line(timeline)
    if record is not None and timeline.is_on_recording:
        decisive = _decisive_event(record.run)
        if decisive is not None:
            record.replay_to(timeline, decisive + 1)
            node = record.faulted_node(decisive, timeline.main_nodes)
            if timeline.cursor.node is not node:
                return node
        record.replay_to(timeline, len(record.past))  # the next one can be anywhere
    index = timeline.facts.fault_after(timeline.cursor.node.index)
    return timeline.nodes[index] if index is not None else None


def _decisive_event(run: RecordedSession) -> int | None:
    """What made the execution fail; where it went well in the end, what made it fail before it was redriven."""
    alignment = run.alignment
    index = alignment.failure
    ends = alignment.failed_ends
    return alignment.failure_behind(ends[-1][0]) if index is None and ends else index


def land_on_failure(timeline: Timeline, node: TimelineNode) -> Stop:
    """Stand where something failed."""
    timeline.put_cursor(node)
    if node.visit is not None and node.visit.fault is not None:
        return Stop(StopReason.FAULT, words.fault(node))
    return Stop(StopReason.FAULT, words.describe_position(position_at(timeline.cursor)))


def check_recording(timeline: Timeline) -> None:
    """Raises UsageError for a simulation."""
    if timeline.record is None:
        fix = "Debugger.on_recording makes a session on a recorded execution."
        raise UsageError("this is a simulation, not a recorded execution", fix=fix)


def set_live(timeline: Timeline, *, is_live: bool) -> None:
    """Whether more of the recording on the main line may become known. Raises UsageError for a simulation."""
    check_recording(timeline)
    line = recorded_line(timeline)
    if line is not None:
        line.run = replace(line.run, is_live=is_live)
