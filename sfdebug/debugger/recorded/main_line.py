"""The main line of a recording's timeline: all its nodes, made at once, so that any jump is a look-up."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from sfdebug.collection import seldom_collected
from sfdebug.debugger.recorded.playing import Player
from sfdebug.debugger.recorded.session import RecordedTimeline, knows_all
from sfdebug.debugger.timeline.nodes import TimelineNode, next_node
from sfdebug.debugger.timeline.timeline import Timeline
from sfdebug.engine import Program
from sfdebug.engine.execution.decisions import Proceed, Redrive
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import RecordingError
from sfdebug.history.replay.replay import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.debugger.recorded.playing import PlayedStep
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.history.replay.replay import Replay

    Make = Callable[[int, TimelineNode], TimelineNode]

_PLAYED = Proceed()
"""What stands as the decision of a node that nothing was decided for."""
_REDRIVEN = Redrive()


def recorded_timeline(run: RecordedSession) -> Timeline:
    """A timeline whose main line is the recording, with the cursor at its start."""
    with seldom_collected():
        if run.replay is None:
            player = _player(run)
            timeline = Timeline(player.start())
            record = timeline.record = RecordedTimeline(run)
            _reach(record, len(timeline.tip.execution.events), 0)
            _play(timeline, player)
        else:
            timeline = Timeline(run.replay.start)
            timeline.record = RecordedTimeline(run)
            _compute(timeline, run.replay, 0)
    timeline.put_cursor(timeline.nodes[0], 0)
    return timeline


def take_in(timeline: Timeline, run: RecordedSession) -> bool:
    """Put a longer recording of the same execution on the main line; forks stay as they are.

    Nodes that it shares with the old one stay, and with them the cursor where it is on one of these; else the cursor
    goes to the new end. Returns whether the cursor stood at the old end.
    """
    was_at_end = timeline.current.id == 0 and timeline.cursor.node is timeline.tip
    with seldom_collected():
        kept = _shared(timeline, run)
        timeline.cut_main(kept)
        timeline.record = RecordedTimeline(run)
        if run.replay is not None:
            _compute(timeline, run.replay, kept - 1)
        else:
            player = _player(run)
            _reach(timeline.record, len(player.start().events), 0)
            _play(timeline, player, skip=kept - 1)
    return was_at_end


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


def _compute(timeline: Timeline, replay: Replay, kept: int) -> None:
    """The nodes of a replay from the decision with the number `kept` on, then what it could not follow, as played."""
    executions = islice(replay.executions(), kept + 1, None)
    for decision, execution in zip(replay.decisions[kept:], executions, strict=True):
        timeline.append_recorded(_making(decision, execution))
    record = timeline.record
    assert record is not None
    _match(record, timeline.main_nodes, replay)
    if replay.divergence is not None and len(record.reached) < len(replay.recording.events):
        _play_rest(timeline, record)


def _making(decision: Decision, execution: Execution) -> Make:
    return lambda node_id, parent: next_node(node_id, parent, decision, execution)


def _match(record: RecordedTimeline, nodes: Sequence[TimelineNode], replay: Replay) -> None:
    """Find for each recorded event the node at which its computed one happened."""
    lengths = [len(node.execution.events) for node in nodes]
    for place, _event in enumerate(replay.recording.events):
        computed = replay.computed.get(place)
        if computed is None:
            if place not in replay.reached_after:
                return
            _reach(record, 1, 0)
        else:
            _reach(record, 1, min(bisect_left(lengths, computed.id), len(nodes) - 1))


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
    for moment in player.moments():
        if moment.place is not None and moment.place >= known:
            timeline.append_recorded(_moment(moment))
            _reach(record, 1, len(timeline.main_nodes) - 1)
        elif moment.place is None and len(timeline.main_nodes) > record.played_from:
            timeline.append_recorded(_moment(moment))


def _play(timeline: Timeline, player: Player, skip: int = 0) -> None:
    record = timeline.record
    assert record is not None
    for number, moment in enumerate(player.moments(), start=1):
        if number > skip:
            timeline.append_recorded(_moment(moment))
        if moment.place is not None:
            _reach(record, 1, number)


def _moment(moment: PlayedStep) -> Make:
    """The node of a played moment: it looks at the branch that moved, or when that is gone, at the one around it."""
    execution, visit = moment.execution, moment.visit
    is_running = execution.status is ExecutionStatus.RUNNING

    def make(node_id: int, parent: TimelineNode) -> TimelineNode:
        fresh = len(visit.stages) - moment.kept if visit is not None else 0
        return TimelineNode(
            id=node_id,
            index=parent.index + 1,
            parent=parent,
            decision=_REDRIVEN if moment.redriven else _PLAYED,
            execution=execution,
            visit=visit,
            kept=moment.kept,
            fresh=fresh,
            focus=_live(execution, moment.moved) if is_running else (),
            entered=moment.entered,
            arrived=moment.arrived,
            faulted=moment.faulted and is_running,
        )

    return make


def _live(execution: Execution, branch: BranchId) -> BranchId:
    while branch and branch not in execution.branches:
        branch = branch[:-1]
    return branch
