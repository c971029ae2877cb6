"""The calls that left the program, by the places of the timeline at which Tasks asked: what they did stays done."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.stepping.back import asking_node
from sfdebug.engine.execution.decisions import AnswerTask, Provenance
from sfdebug.engine.readiness import questions
from sfdebug.tasks.nesting import nesting_handlers
from sfdebug.tasks.outside import awaited, call_of, calling_handlers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.tasks.call_log import AttemptKey
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.outside import OutsideCall


class Effect(Struct, frozen=True, gc=False):
    """Something was called, by its name, or by that of the state where the call was made before the session was opened
    again; `attempt` tells it from others."""

    callee: str
    attempt: AttemptKey


_CALLED: Final = (Provenance.FUNCTION, Provenance.SERVICE)


class OutsideCalls:
    """The calls of a session: what its Tasks called, and the end of what is under way."""

    def __init__(self, timeline: Timeline, tasks: TaskHandler | None) -> None:
        self._timeline = timeline
        self._tasks = tasks

    @property
    def can_be_made(self) -> bool:
        """Whether a task handler calls what lies outside of the program, such as a Lambda function's handler."""
        return makes_calls(self._tasks)

    def last_of(self, visit: Visit, attempt: int | None = None) -> OutsideCall | None:
        """The call that a visit's Task made in an attempt, by default the last one up to the cursor.

        `visit` is as it was seen: its attempts are looked for along the current fork, which may have gone on since.
        """
        if not self.can_be_made:
            return None
        for node in self._asking(visit):
            request = request_at(node, visit.branch)
            if request is not None and attempt in (None, request.attempt):
                return call_of(self._tasks, request)
        return None

    def left_behind(self, node: TimelineNode) -> tuple[Effect, ...]:
        """What was called on the way to a node that the cursor has left, as far as that is not on the way to the
        cursor, the last first: what it did stays done."""
        if not self.can_be_made:
            return ()
        left: list[Effect] = []
        made: set[AttemptKey] = set()
        at: TimelineNode | None = node
        here: TimelineNode | None = self._timeline.cursor.node
        while at is not here and at is not None and here is not None:
            is_left = at.index >= here.index
            effect = self._effect(at if is_left else here)
            if effect is not None and is_left:
                left.append(effect)
            elif effect is not None:
                made.add(effect.attempt)
            at, here = (at.parent, here) if is_left else (at, here.parent)
        return tuple(effect for effect in left if effect.attempt not in made)

    def made_on(self, fork: Fork) -> int:
        """How many of a fork's own answers, since it parted, came from what was really called."""
        return sum(self._effect(node) is not None for node in fork.nodes[fork.shared :])

    def _effect(self, node: TimelineNode) -> Effect | None:
        """What was called for the answer that the step to a node took in; None where nothing was."""
        parent, decision = node.parent, node.decision
        if parent is None or not isinstance(decision, AnswerTask) or not _is_by_call(node, None):
            return None
        request = request_at(parent, decision.branch)
        if request is None:
            return None
        from sfdebug.tasks.call_log import attempt_key  # here: it loads OpenSSL, which most sessions do without

        call = call_of(self._tasks, request)
        return Effect(call.callee if call is not None else request.state.name, attempt_key(request))

    def last_before_here(self) -> OutsideCall | None:
        """The last call that was answered on the way to the cursor, whichever Task made it; None where none was."""
        if not self.can_be_made:
            return None
        return next(calls_between(self._tasks, self._timeline.cursor.node, self._timeline.fork.nodes[0]), None)

    def is_unknown(self, visit: Visit | None = None) -> bool:
        """Whether the last call of a visit's Task, or without one the last on the way to the cursor, is of before this
        session was opened again: it answered, and no handler knows of it."""
        node: TimelineNode | None = self._timeline.cursor.node
        if visit is not None:
            node = ended_node(self._timeline.fork, visit) or self._timeline.fork.nodes[-1]
        while node is not None and node.parent is not None and self.can_be_made:
            if _is_by_call(node, visit):
                return next(calls_between(self._tasks, node, node.parent), None) is None
            node = node.parent
        return False

    def lost(self) -> int:
        """How many calls on the way to the cursor no handler knows of: they were made before this session was opened
        again, or before services were reset. What they did is not in services on this machine."""
        node: TimelineNode | None = self._timeline.cursor.node
        count = 0
        while node is not None and node.parent is not None and self.can_be_made:
            decision, parent = node.decision, node.parent
            if isinstance(decision, AnswerTask) and _is_by_call(node, None):
                request = request_at(parent, decision.branch)
                count += request is not None and call_of(self._tasks, request) is None
            node = parent
        return count

    def cancel(self) -> None:
        """End what is under way, calls and state machines that Tasks have started, from another thread than that of the
        verb that waits for it."""
        for machines in nesting_handlers(self._tasks):
            machines.cancel()
        for handler in calling_handlers(self._tasks):
            handler.cancel()

    @property
    def awaited(self) -> str:
        """What the call that is under way waits for, in words, such as a debugger; "" where it does its work."""
        return awaited(self._tasks)

    def _asking(self, visit: Visit) -> Iterator[TimelineNode]:
        """The nodes at which the Task of a visit waited for an answer, the last first."""
        fork = self._timeline.fork
        node = asking_node(ended_node(fork, visit) or fork.nodes[-1], visit)
        while node is not None:
            yield node
            node = asking_node(node.parent, visit) if node.parent is not None else None


def ended_node(fork: Fork, visit: Visit) -> TimelineNode | None:
    """The first node of a fork at which a visit is over; None where it is not."""
    nodes = fork.nodes
    first = bisect_left(nodes, visit.number, key=lambda node: node.execution.visit_count)
    for node in nodes[first:]:
        branch = node.execution.branches.get(visit.branch)
        if branch is None or branch.visit is None or branch.visit.number != visit.number:
            return node
    return None


def _is_by_call(node: TimelineNode, visit: Visit | None) -> bool:
    """Whether what came to be at a node is the answer of what was really called, by a visit's Task if one is given."""
    decision, parent = node.decision, node.parent
    if parent is None or not isinstance(decision, AnswerTask):
        return False
    branch = parent.execution.branches.get(decision.branch)
    asking = branch.visit.number if branch is not None and branch.visit is not None else None
    is_of_it = visit is None or asking == visit.number
    return is_of_it and getattr(decision.answer, "provenance", None) in _CALLED


def makes_calls(tasks: TaskHandler | None) -> bool:
    """Whether there is a handler that calls what lies outside."""
    return next(calling_handlers(tasks), None) is not None


def request_before(node: TimelineNode, visit: Visit) -> TaskRequest | None:
    """What the Task of a visit asked last, back from `node`; None where it has not asked."""
    base = asking_node(node, visit)
    return request_at(base, visit.branch) if base is not None else None


def request_at(node: TimelineNode, branch: BranchId) -> TaskRequest | None:
    """What a branch asks at a node."""
    return next((each for each in questions(node.execution) if each.branch == branch), None)


def calls_between(tasks: TaskHandler | None, later: TimelineNode, earlier: TimelineNode) -> Iterator[OutsideCall]:
    """The calls whose answers came after `earlier`, up to `later`, the last first."""
    node: TimelineNode | None = later
    while node is not None and node.index > earlier.index:
        parent = node.parent
        if parent is not None and isinstance(node.decision, AnswerTask):
            request = request_at(parent, node.decision.branch)
            call = call_of(tasks, request) if request is not None else None
            if call is not None:
                yield call
        node = parent
