"""A session played again: the decisions that its journal holds, on a debugger that nothing was done in yet.

Nothing is asked of a task handler: what was answered is in the journal. What does not fit is an error, or, where the
definition has changed, where the playing ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sfdebug.debugger.sessions.coding import branch_of, decision_of
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.records import Forked, Stood, Stops, Unanswered, Walked
from sfdebug.debugger.stepping.answering import AnswererChoice
from sfdebug.debugger.stepping.undo import Undone
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.engine.execution.decisions import Proceed
from sfdebug.errors import SfdebugError
from sfdebug.tasks.answerers import AnswererKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.sessions.records import ChosenOnce, Done, UndoneOnce
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.values import Json

_PROCEED = Proceed()
_MOST_NODES: Final = 5_000_000
"""No session has as many: a file that says so is not to keep anybody waiting."""
_ELSEWHERE = "It was saved by another version of sfdebug, or is damaged: begin afresh (--fresh)."


def play(debugger: Debugger, done: Iterable[Done], kept: list[Json]) -> tuple[str, ...]:
    """Do all of it again; what is to be said of it: breakpoints and watches that cannot be set.

    Raises SessionError at what cannot be done, or comes out otherwise than it did; all before that is done.
    """
    stops = Stops()
    try:
        for number, one in enumerate(done, start=1):
            try:
                for move in one.moves:
                    _MOVES[type(move)](debugger, move, kept)
                _restore(debugger, one)
            except SfdebugError as error:
                raise SessionError(f"step {number} cannot be played again: {error.what}", fix=_ELSEWHERE) from error
            stops = one.stops or stops
    finally:
        notes = put_stops(debugger, stops)
        debugger.resume()
    return notes


def put_stops(debugger: Debugger, stops: Stops) -> tuple[str, ...]:
    """Have these breakpoints and watches; what cannot be set is named, with the reason."""
    errors = debugger.breakpoints.take_texts(stops.breakpoints)
    notes = [f"the breakpoint {error.text} is left out: {error.what}" for error in errors]
    notes += [
        f"the watch {error.text} is left out: {error.what}" for error in debugger.watches.take_texts(stops.watches)
    ]
    return tuple(notes)


def _restore(debugger: Debugger, one: Done) -> None:
    timeline = debugger.timeline
    fork = _fork(debugger, one.on)
    if fork is not timeline.fork:
        timeline.stand(fork.id, fork.cursor)
    if one.undone is not None:
        debugger.undoing.undone = tuple(_undone(debugger, each) for each in one.undone)
    if one.chosen is not None:
        debugger.answering.choices = tuple(map(_chosen, one.chosen))


def _fork(debugger: Debugger, number: int) -> Fork:
    lines = debugger.timeline.lines
    if not 0 <= number < len(lines):
        raise SessionError(f"there is no fork {number}")
    return lines[number]


def _node_index(fork: Fork, index: int) -> int:
    if not 0 <= index < len(fork.nodes):
        raise SessionError(f"{fork.name} has no node {index}")
    return index


def _cursor(fork: Fork, index: int, place: int, focus: Any) -> Cursor:
    node = fork.nodes[_node_index(fork, index)]
    if not 0 <= place <= node.last_stage_offset:
        raise SessionError(f"node {index} of {fork.name} has no place {place}")
    branch = None if focus is None else branch_of(focus)
    around = node.parent.execution.branches if node.parent is not None else {}
    if branch is not None and branch not in node.execution.branches and branch not in around:
        raise SessionError(f"no such branch runs at node {index} of {fork.name}")
    return Cursor(node, place, branch)


def _undone(debugger: Debugger, one: UndoneOnce) -> Undone:
    _fork(debugger, one.went_to)
    return Undone(
        one.on, _cursor(_fork(debugger, one.on), one.at, one.place, one.focus), one.went_to, one.decided, one.what
    )


def _chosen(one: ChosenOnce) -> AnswererChoice:
    try:
        kind = AnswererKind(one.kind)
    except ValueError:
        raise SessionError(f"it names nothing that answers Tasks: {one.kind}") from None
    attempt = None
    if one.attempt is not None:
        if len(one.attempt) != 2 or not isinstance(one.attempt[1], int):
            raise SessionError("it names an attempt that is not whole")
        attempt = branch_of(one.attempt[0]), one.attempt[1]
    return AnswererChoice(tuple(one.path), kind, one.on, one.forks, attempt)


def _do_fork(debugger: Debugger, move: Forked, kept: list[Json]) -> None:
    parent = _fork(debugger, move.of)
    index = _node_index(parent, move.at)
    undoes = None if move.undoes is None else parent.nodes[_node_index(parent, move.undoes)]
    record = debugger.timeline.record
    why = record.why_not_fork(parent.nodes[index], parent) if record is not None else None
    if why is not None:
        raise SessionError(why)
    debugger.timeline.refork(parent.id, index, move.why, undoes)


def _do_walk(debugger: Debugger, move: Walked, kept: list[Json]) -> None:
    timeline, fork = debugger.timeline, _fork(debugger, move.on)
    if timeline.record is not None and fork.parent is None:
        raise SessionError("it makes a recording longer")
    for step in move.by:
        if isinstance(step, int):
            for _ in range(min(step, _MOST_NODES)):
                timeline.regrow(fork.id, _PROCEED, "", None)
            continue
        if not isinstance(step, list) or len(step) != 4 or not isinstance(step[2], str):
            raise SessionError("it has a decision that is not whole")
        focus = None if step[3] is None else branch_of(step[3])
        timeline.regrow(fork.id, decision_of(step[:2], kept), step[2], focus)


def _do_stand(debugger: Debugger, move: Stood, kept: list[Json]) -> None:
    fork = _fork(debugger, move.on)
    cursor = _cursor(fork, move.at, move.place, move.focus)
    events = len(cursor.node.execution.events)
    if events != move.events:
        raise SessionError(f"{events:,} events have happened there, where {move.events:,} had")
    if fork is debugger.timeline.fork:
        debugger.timeline.cursor = cursor
    else:
        fork.cursor = cursor


def _do_unanswered(debugger: Debugger, move: Unanswered, kept: list[Json]) -> None:
    fork = _fork(debugger, move.on)
    branch: BranchId = branch_of(move.branch)
    question = fork.nodes[_node_index(fork, move.at)].id, branch
    if move.is_over:
        debugger.timeline.unanswered.discard(question)
    else:
        debugger.timeline.unanswered.add(question)


_MOVES: Final[dict[type, Any]] = {Forked: _do_fork, Walked: _do_walk, Stood: _do_stand, Unanswered: _do_unanswered}
