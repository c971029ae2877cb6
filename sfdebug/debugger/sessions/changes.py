"""What of a debugger a journal does not have yet. A timeline only grows, so that this is a matter of counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfdebug.debugger.sessions.coding import Keeping, code_answer, code_branch, code_decision
from sfdebug.debugger.sessions.records import (
    CalledInside,
    ChosenOnce,
    Done,
    Forked,
    Stood,
    Stops,
    Summary,
    Unanswered,
    UndoneOnce,
    Walked,
)
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.engine.execution.decisions import InjectFailure, Proceed
from sfdebug.tasks.inside_calls import inside_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.sessions.records import Move
    from sfdebug.debugger.stepping.answering import AnswererChoice
    from sfdebug.debugger.stepping.undo import Undone
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.decisions import BranchId

_PROCEED = Proceed()


class Written:
    """What of a debugger is written: how much of each fork, and where its cursor is said to be."""

    def __init__(self) -> None:
        self.nodes: list[int] = []
        self.cursors: list[Cursor] = []
        self.current = 0
        self.unanswered: frozenset[tuple[int, BranchId]] = frozenset()
        self.undone: tuple[Undone, ...] = ()
        self.chosen: tuple[AnswererChoice, ...] = ()
        self.called: list[int] = []
        """How many of the calls inside, of each handler that tells them."""
        self.is_cut = False
        self.stops = Stops()
        self.seen: dict[str, Any] = {}


def written_at(debugger: Debugger, seen: dict[str, Any], *, is_all: bool) -> Written:
    """What is written of a debugger that nothing was done in, or with `is_all` once all is."""
    written, timeline = Written(), debugger.timeline
    for fork in timeline.lines if is_all else timeline.lines[:1]:
        written.nodes.append(len(fork.nodes) if is_all or timeline.is_of_recording else 1)
        written.cursors.append(timeline.cursor_on(fork) if is_all else Cursor(fork.nodes[0], 0))
    if is_all:
        written.current = timeline.fork.id
        written.unanswered = frozenset(timeline.unanswered)
        written.undone = debugger.undoing.undone
        written.chosen = debugger.answering.choices
        written.called = [len(one.told) for one in inside_calls(debugger.tasks)]
        written.is_cut = _is_cut(debugger)
        written.stops = _stops(debugger)
        written.seen = seen
    return written


def changes(debugger: Debugger, written: Written, seen: dict[str, Any], keeping: Keeping, now: float) -> Done | None:
    """The record of what was done since; None when that is nothing. `keeping` takes the long data in it."""
    timeline = debugger.timeline
    moves = [*_grown(debugger, written, keeping), *_answerless(debugger, written), *_cursors(debugger, written)]
    undone, chosen = debugger.undoing.undone, debugger.answering.choices
    stops, called, is_cut = _stops(debugger), _called(debugger, written, keeping), _is_cut(debugger)
    is_same = (
        not moves and timeline.fork.id == written.current and undone == written.undone and chosen == written.chosen
    )
    is_same = is_same and not called and is_cut == written.is_cut
    if is_same and stops == written.stops and seen == written.seen:
        return None
    return Done(
        time=now,
        on=timeline.fork.id,
        summary=summary_of(debugger),
        moves=moves,
        undone=[_undone(one) for one in undone] if undone != written.undone else None,
        stops=stops if stops != written.stops else None,
        chosen=[_chosen(one) for one in chosen] if chosen != written.chosen else None,
        called=called or None,
        is_cut=is_cut or None,
        seen=seen if seen != written.seen else None,
    )


def summary_of(debugger: Debugger) -> Summary:
    """Where a debugger stands."""
    from sfdebug.debugger.timeline.position import position_at

    timeline = debugger.timeline
    here = position_at(timeline.cursor)
    count = len(here.execution.events)
    if timeline.record is not None:
        count = timeline.record.count_on(timeline.fork, here.node)
    return Summary(here.state.name if here.state else "", count, len(timeline.lines) - 1, here.is_over)


def _stops(debugger: Debugger) -> Stops:
    return Stops(list(debugger.breakpoints.to_texts()), list(debugger.watches.texts))


def _called(debugger: Debugger, written: Written, keeping: Keeping) -> list[CalledInside]:
    """What was called since in executions that Tasks started; of an attempt, under each scope, the last call."""
    called: dict[tuple[str, str, str], CalledInside] = {}
    for position, one in enumerate(inside_calls(debugger.tasks)):
        known = written.called[position] if position < len(written.called) else 0
        last = {(call.scope, call.attempt): call for call in one.told[known:]}
        for call in last.values():
            answer = code_answer(call.answer, keeping)
            coded = CalledInside(one.kind.value, call.attempt, answer, call.scope, call.state, call.callee)
            called[coded.by, coded.scope, coded.attempt] = coded
    return list(called.values())


def _is_cut(debugger: Debugger) -> bool:
    return any(one.is_cut for one in inside_calls(debugger.tasks))


def _undone(one: Undone) -> UndoneOnce:
    cursor = one.cursor
    return UndoneOnce(
        one.fork, cursor.node.index, cursor.stage_offset, _focus(cursor.focus), one.went_to, one.decided, one.what
    )


def _chosen(one: AnswererChoice) -> ChosenOnce:
    attempt = [code_branch(one.attempt[0]), one.attempt[1]] if one.attempt is not None else None
    return ChosenOnce(list(one.path), one.kind.value, one.fork, one.forks, attempt)


def _focus(branch: BranchId | None) -> list[Any] | None:
    return None if branch is None else code_branch(branch)


def _grown(debugger: Debugger, written: Written, keeping: Keeping) -> Iterator[Move]:
    """The new forks and nodes, in the order in which they were made."""
    timeline = debugger.timeline
    grown: list[tuple[int, Fork, list[TimelineNode]]] = []
    for fork in timeline.lines:
        known = written.nodes[fork.id] if fork.id < len(written.nodes) else fork.shared
        if len(fork.nodes) > known and not (timeline.is_of_recording and fork.parent is None):
            nodes = fork.nodes[known:]
            grown.append((nodes[0].id, fork, nodes))
    told = len(written.nodes)
    for fork, nodes in _in_order(grown):
        while told <= fork.id:
            yield _forked(timeline.lines[told])
            told += 1
        yield Walked(fork.id, _decisions(debugger, nodes, keeping))
    while told < len(timeline.lines):
        yield _forked(timeline.lines[told])
        told += 1


def _in_order(grown: list[tuple[int, Fork, list[TimelineNode]]]) -> Iterator[tuple[Fork, list[TimelineNode]]]:
    """Runs of nodes of one fork; where several forks have grown by turns, each run as far as it goes."""
    if len(grown) == 1:
        yield grown[0][1], grown[0][2]
        return
    all_nodes = sorted(((node.id, fork, node) for _, fork, nodes in grown for node in nodes), key=lambda each: each[0])
    run: list[TimelineNode] = []
    for number, (_, fork, node) in enumerate(all_nodes):
        run.append(node)
        if number + 1 == len(all_nodes) or all_nodes[number + 1][1] is not fork:
            yield fork, run
            run = []


def _forked(fork: Fork) -> Forked:
    assert fork.parent is not None
    undoes = fork.undoes.index if fork.undoes is not None else None
    return Forked(fork.parent.id, fork.shared - 1, fork.reason, undoes)


def _decisions(debugger: Debugger, nodes: list[TimelineNode], keeping: Keeping) -> list[Any]:
    coded: list[Any] = []
    timeline = debugger.timeline
    for node in nodes:
        decision = node.decision
        assert decision is not None, "the first node is not grown"
        if decision == _PROCEED and not timeline.decided(node):
            if coded and isinstance(coded[-1], int):
                coded[-1] += 1
            else:
                coded.append(1)
            continue
        focus = code_branch(node.focus) if isinstance(decision, InjectFailure) else None
        coded.append([*code_decision(decision, keeping), timeline.decided(node), focus])
    return coded


def _answerless(debugger: Debugger, written: Written) -> Iterator[Move]:
    timeline = debugger.timeline
    if timeline.unanswered == written.unanswered:
        return
    differing = ((written.unanswered - timeline.unanswered, True), (timeline.unanswered - written.unanswered, False))
    for questions, is_over in differing:
        for node_id, branch in sorted(questions):
            node = timeline.node(node_id)
            fork = next((fork for fork in timeline.lines if node is not None and fork.holds(node)), None)
            if node is not None and fork is not None:
                yield Unanswered(fork.id, node.index, code_branch(branch), is_over)


def _cursors(debugger: Debugger, written: Written) -> Iterator[Move]:
    timeline = debugger.timeline
    for fork in timeline.lines:
        cursor = timeline.cursor_on(fork)
        if fork.id < len(written.cursors) and _is_same(cursor, written.cursors[fork.id]):
            continue
        events = len(cursor.node.execution.events)
        yield Stood(fork.id, cursor.node.index, cursor.stage_offset, _focus(cursor.focus), events)


def _is_same(left: Cursor, right: Cursor) -> bool:
    return left is right or (
        left.node is right.node and left.stage_offset == right.stage_offset and left.focus == right.focus
    )
