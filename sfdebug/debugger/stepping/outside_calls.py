"""The calls that left the program, by the places of the timeline at which Tasks asked: what they did stays done."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.stepping.back import asking_node
from sfdebug.engine.execution.decisions import AnswerTask, Provenance
from sfdebug.engine.readiness import questions
from sfdebug.tasks.inside_calls import made_in
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
    again; `attempt` tells it from others. In an execution that a Task started `states` are those that led to the call,
    from that Task on. `call` is what is known of it, None where that is nothing any more."""

    callee: str
    attempt: AttemptKey
    states: tuple[str, ...] = ()
    call: OutsideCall | None = None


_CALLED: Final = (Provenance.FUNCTION, Provenance.SERVICE, Provenance.COMPUTED)
"""Of answers for which something may have been called: by a state machine that was run, in it."""


class OutsideCalls:
    """The calls of a session: what its Tasks called, and the end of what is under way."""

    def __init__(self, timeline: Timeline, tasks: TaskHandler | None) -> None:
        self._timeline = timeline
        self._tasks = tasks

    @property
    def can_be_made(self) -> bool:
        """Whether a task handler calls what lies outside of the program, such as a Lambda function's handler."""
        return makes_calls(self._tasks)

    @property
    def are_real(self) -> bool:
        """Whether there is anything at all that a task handler would call: functions, services, APIs."""
        return any(each.can_call for each in calling_handlers(self._tasks))

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
        left: list[tuple[AttemptKey, Effect]] = []
        made: set[AttemptKey] = set()
        at: TimelineNode | None = node
        here: TimelineNode | None = self._timeline.cursor.node
        while at is not here and at is not None and here is not None:
            is_left = at.index >= here.index
            asked, effects = self._effects(at if is_left else here)
            if is_left:
                left += [(asked, effect) for effect in reversed(effects)]
            elif effects:
                made.add(asked)
            at, here = (at.parent, here) if is_left else (at, here.parent)
        return tuple(effect for asked, effect in left if asked not in made)

    def made_on(self, fork: Fork) -> int:
        """How many calls were really made for a fork's own answers, since it parted."""
        return sum(len(self._effects(node)[1]) for node in fork.nodes[fork.shared :])

    def _effects(self, node: TimelineNode) -> tuple[AttemptKey, tuple[Effect, ...]]:
        """What was called for the answer that the step to a node took in, in this order, with what tells the attempt
        that was answered: one call, or those in the execution that the Task started."""
        parent, decision = node.parent, node.decision
        if parent is None or not isinstance(decision, AnswerTask):
            return (), ()
        provenance = decision.answer.provenance
        request = request_at(parent, decision.branch) if provenance in _CALLED else None
        if request is None:
            return (), ()
        from sfdebug.tasks.call_log import attempt_key  # here: it loads OpenSSL, which most sessions do without

        key = attempt_key(request)
        if provenance is Provenance.COMPUTED:
            return key, self._inside(request)
        call = call_of(self._tasks, request)
        return key, (Effect(call.callee if call is not None else request.state.name, key, call=call),)

    def inside_of(self, visit: Visit, attempt: int | None = None) -> tuple[Effect, ...]:
        """What was called in the execution that a visit's Task has started in an attempt, by default the last one up to
        the cursor: also where that is not over yet."""
        if not self.can_be_made:
            return ()
        for node in self._asking(visit):
            request = request_at(node, visit.branch)
            if request is not None and attempt in (None, request.attempt):
                return self._inside(request)
        return ()

    def _inside(self, request: TaskRequest) -> tuple[Effect, ...]:
        made = made_in(self._tasks, request)
        return tuple(Effect(one.call.callee, (one.call.attempt,), one.states, one.made) for one in made)

    def last(self, visit: Visit | None = None) -> tuple[Effect, ...]:
        """What was called for the last answer on the way to the cursor for which something was, or for the last one of
        a visit's Task; nothing where nothing was called."""
        node: TimelineNode | None = self._timeline.cursor.node
        if visit is not None:
            node = ended_node(self._timeline.fork, visit) or self._timeline.fork.nodes[-1]
        while node is not None and node.parent is not None and self.can_be_made:
            effects = self._effects(node)[1] if visit is None or _answers(node, visit) else ()
            if effects:
                return effects
            node = node.parent
        return ()

    def lost(self) -> int:
        """How many calls on the way to the cursor no handler knows of: they were made before this session was opened
        again, or before services were reset. What they did is not in services on this machine."""
        node: TimelineNode | None = self._timeline.cursor.node
        count = 0
        while node is not None and node.parent is not None and self.can_be_made:
            count += sum(effect.call is None for effect in self._effects(node)[1])
            node = node.parent
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


def _answers(node: TimelineNode, visit: Visit) -> bool:
    """Whether what came to be at a node is the answer to a visit's Task."""
    decision, parent = node.decision, node.parent
    if parent is None or not isinstance(decision, AnswerTask):
        return False
    branch = parent.execution.branches.get(decision.branch)
    return branch is not None and branch.visit is not None and branch.visit.number == visit.number


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
