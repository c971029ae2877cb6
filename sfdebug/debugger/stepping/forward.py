"""Walking forward: stage by stage, state by state, out of a branch, or on to a breakpoint; and who moves next.

What is explored already is walked over again, not computed again; beyond the tip the engine is asked, and the
task handler for the answers that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.stepping.halting import halt
from sfdebug.debugger.stepping.nested import StoppedInsideError
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason, Verb
from sfdebug.debugger.wording import positions as words
from sfdebug.engine.execution.decisions import AnswerTask, Proceed, Redrive
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.engine.readiness import first_inside, is_ready, next_to_move, questions, readiness
from sfdebug.tasks.real_time import PacingHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.breakpoints.lookout import Lookout, StopPlace
    from sfdebug.debugger.stepping.answering import Answering
    from sfdebug.debugger.stepping.travel import Travel
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.execution import Execution

    Ask = Callable[[TaskRequest], Answer | None]

_PROCEED = Proceed()


class _Target(Struct, frozen=True, gc=False):
    """Where a verb arrives: at a node of which `has_come` says so, and where the run of `branch` is over."""

    has_come: Callable[[TimelineNode], bool] | None = None
    branch: BranchId = ()

    def is_at(self, node: TimelineNode) -> bool:
        """Whether the node that was just come to is such a place."""
        is_over = bool(self.branch) and self.branch not in node.execution.branches
        return is_over or (self.has_come is not None and self.has_come(node))


class NextMove(Struct, frozen=True, gc=False):
    """What the engine is to be told next: `enters` is the state that `branch` will enter by it, if it does."""

    decision: Decision
    branch: BranchId | None = None
    enters: StatePath | None = None


def choose_move(execution: Execution, focus: BranchId | None, ask: Ask) -> NextMove | TaskRequest:
    """The next move of a running execution, or the question that has to be answered before anything else.

    With a focus, that branch moves as long as it can, then the branches inside it. When they have to wait, and
    without a focus, the others move in the engine's order. Questions are put when nothing else is ready, as
    in a headless run; only the one in focus is put at once. A Map Run that nobody answers for, and that has its items,
    runs them. Time passes when nobody can move or asks.
    """
    first = next_to_move(execution)
    if focus is not None:
        branch = execution.branches.get(focus)
        if branch is not None and branch.request is not None and branch.phase is Phase.ASKING:
            return _settled((branch.request,), ask) or branch.request
        if branch is not None and is_ready(branch, execution.clock):
            return _proceed(execution, focus, first)
        inside = first_inside(execution, focus) if first is not None else None
        if inside is not None:
            return _proceed(execution, inside, first)
        inner = _settled((request for request in questions(execution) if _is_inside(request.branch, focus)), ask)
        if inner is not None:
            return inner
    if first is not None:
        return _proceed(execution, first, first)
    return _last_resort(execution, focus, ask)


def _last_resort(execution: Execution, focus: BranchId | None, ask: Ask) -> NextMove | TaskRequest:
    """The next move where no branch is ready: to answer a question, to start a child execution, to let time pass."""
    settled = _settled(questions(execution), ask)
    if settled is not None:
        return settled
    possible = readiness(execution)
    if possible.requests:
        inside = (each for each in possible.requests if focus is not None and _is_inside(each.branch, focus))
        return next(inside, possible.requests[0])
    ready = possible.ready
    if focus in ready:
        return _proceed(execution, focus, ready[0])
    if ready:
        late = next((id for id in ready if focus is not None and _is_inside(id, focus)), ready[0])
        return _proceed(execution, late, ready[0])
    return NextMove(_PROCEED)


def _is_inside(branch: BranchId, container: BranchId) -> bool:
    return len(branch) > len(container) and branch[: len(container)] == container


def _proceed(execution: Execution, branch_id: BranchId, first: BranchId | None) -> NextMove:
    branch = execution.branches[branch_id]
    decision = _PROCEED if branch_id == first else Proceed(branch_id)
    return NextMove(decision, branch_id, state_path(branch) if branch.phase is Phase.READY else None)


def _settled(requests: Iterable[TaskRequest], ask: Ask) -> NextMove | None:
    """What to do about the first question that the handler answers, or that needs no answer; None without one."""
    for request in requests:
        answer = ask(request)
        if answer is not None:
            return NextMove(AnswerTask(request.branch, answer), request.branch)
        if request.is_optional:
            return NextMove(Proceed(request.branch), request.branch)
    return None


MOST_STEPS: Final = 100_000
"""After so many steps of the engine a verb stops by itself; a Standard execution ends before, at 25,000 events."""


class Walker:
    """Moves the cursor of a timeline forward."""

    def __init__(
        self, timeline: Timeline, breakpoints: Breakpoints, answering: Answering, most_steps: int = MOST_STEPS
    ) -> None:
        self.timeline = timeline
        self.breakpoints = breakpoints
        self.answering = answering
        self.most_steps = most_steps

    # the verbs, each as the steps that it makes

    def into(self) -> Travel:
        """One place further; into the branches of a Parallel or Map."""
        timeline, cursor = self.timeline, self.timeline.cursor
        if cursor.focus is not None and cursor.focus not in cursor.node.execution.branches:
            timeline.put_cursor(cursor.node, cursor.stage_offset)  # that branch has ended: on to the one in its place
            return self._stepped()
        if cursor.focus is not None:
            return (yield from self._into_chosen(cursor.focus))
        if not cursor.is_settled:
            return self._one_stage(cursor.node, cursor.stage_offset + 1)
        to = _Target(lambda node: not node.is_silent)
        return (yield from self._travel(self._live_focus(), to, at_first_stage=True))

    def over(self) -> Travel:
        """Until the branch in focus stands before its next state, or has ended."""
        focus = self._live_focus()

        def has_come(node: TimelineNode) -> bool:
            return (node.arrived and node.moved == focus) or isinstance(node.decision, Redrive)

        return self._travel(focus, _Target(has_come, focus))

    def out(self) -> Travel:
        """Until the branch in focus has ended."""
        focus = self._live_focus()
        return self._travel(focus, _Target(None, focus))

    def run(self) -> Travel:
        """On to a breakpoint, a watched fault, a question or the end."""
        return self._travel(None, _Target())

    def standing(self) -> Stop | None:
        """What stops at the very place where one stands, at which a run that goes on from there does not look."""
        cursor, lookout = self.timeline.cursor, self.breakpoints.lookout(self.timeline)
        if lookout is None:
            return None
        found = lookout.within(cursor.node, cursor.stage_offset - 1)
        if found is not None and found.cursor.stage_offset == cursor.stage_offset:
            return halt(self.timeline, self._with_entry(found, lookout, None))
        branch = cursor.node.execution.branches.get(cursor.branch)
        is_ready = cursor.is_settled and branch is not None and branch.phase is Phase.READY
        entry = lookout.before(cursor.node, cursor.branch, state_path(branch)) if branch and is_ready else None
        return halt(self.timeline, entry) if entry is not None else None

    def until(self, lookout: Lookout | None) -> Travel:
        """On to where `lookout` says, or to what else stops a run."""
        return self._travel(None, _Target(), lookout=lookout)

    def to_node(self, target: TimelineNode) -> Travel:
        """On to a node, or to what else stops a run."""
        return self._travel(None, _Target(lambda node: node is target))

    # moving

    def _live_focus(self) -> BranchId:
        """The branch in focus, or when it has just ended, the one that takes its place."""
        cursor = self.timeline.cursor
        focus = cursor.branch
        return focus if focus in cursor.node.execution.branches else cursor.node.focus

    def _into_chosen(self, focus: BranchId) -> Travel:
        """One place further in a branch that the user chose: over explored nodes that moved others, then on."""

        explored = self.timeline.tip.index

        def has_come(node: TimelineNode) -> bool:
            return (node.moved == focus and not node.is_silent) or node.index > explored

        return self._travel(focus, _Target(has_come, focus), at_first_stage=True)

    def _travel(
        self,
        focus: BranchId | None,
        to: _Target,
        *,
        at_first_stage: bool = False,
        lookout: Lookout | None = None,
    ) -> Travel:
        timeline, start = self.timeline, self.timeline.cursor
        lookout = lookout or self.breakpoints.lookout(timeline)
        stop = self._held(start.node, lookout, focus, after=start.stage_offset) if lookout is not None else None
        if stop is None and (lookout is None or lookout.is_indexed):
            stop = self._skim(to, lookout, at_first_stage=at_first_stage)
        if stop is not None:
            return stop
        standing = start.branch if start.is_settled and timeline.cursor is start else None
        for count in range(self.most_steps):
            if count:
                yield
            node = timeline.cursor.node
            if node.is_over and timeline.next is None:  # a recording can go on: it was redriven
                return self._ended(node)
            if timeline.is_on_recording and timeline.next is None and not timeline.replay_more():
                return words.edge(timeline)
            move = self._next_move(node, focus)
            if isinstance(move, Stop):
                return move
            is_new = count > 0 or move.branch != standing
            if lookout is not None and is_new and (found := lookout.before(node, move.branch, move.enters)) is not None:
                return halt(timeline, found)
            node = timeline.next or timeline.extend(move.decision)
            timeline.put_cursor(node, 0 if at_first_stage else None)
            has_arrived = to.is_at(node)
            last = 0 if has_arrived and at_first_stage else None
            if lookout is not None and (stop := self._held(node, lookout, focus, until=last)) is not None:
                return stop
            if node.is_over and timeline.cursor.is_settled:
                return self._ended(node)
            if has_arrived:
                return self._stepped()
        return Stop(StopReason.LIMIT, f"still running after {self.most_steps:,} steps; the same again goes on")

    def _skim(self, to: _Target, lookout: Lookout | None, *, at_first_stage: bool) -> Stop | None:
        """Over what is explored already, to the first place to stop at, which is looked up: a whole Map is one step.
        None: there is none, and the cursor is at the tip."""
        timeline, here = self.timeline, self.timeline.cursor
        if timeline.next is None:
            return None
        nodes, end = timeline.nodes, timeline.facts.end_after(here.node.index)
        held = lookout.ahead(here) if lookout is not None else None
        stop = held[0] if held is not None else len(nodes)
        index = min(stop, end if end is not None else len(nodes))
        if to.branch:
            index = min(index, timeline.over_after(here.node, to.branch))
        if to.has_come is not None:
            ahead = map(nodes.__getitem__, range(here.node.index + 1, index))
            found = next(filter(to.has_come, ahead), None)
            index = found.index if found is not None else index
        if held is not None and index == stop:
            return halt(timeline, held[1])
        if index == len(nodes):
            timeline.put_cursor(nodes[-1])
            return None
        node = nodes[index]
        timeline.put_cursor(node, 0 if at_first_stage else None)
        if node.is_over and timeline.cursor.is_settled:
            return self._ended(node)
        return self._stepped()

    def _held(
        self, node: TimelineNode, lookout: Lookout, focus: BranchId | None, *, after: int = -1, until: int | None = None
    ) -> Stop | None:
        """The stop at the first place of a node, behind `after` and up to `until`, at which something stops."""
        found = lookout.within(node, after)
        if found is None or (until is not None and found.cursor.stage_offset > until):
            return None
        return halt(self.timeline, self._with_entry(found, lookout, focus))

    def _with_entry(self, found: StopPlace, lookout: Lookout, focus: BranchId | None) -> StopPlace:
        """What stops at a place, with what stops there because the branch is about to enter its state."""
        cursor = found.cursor
        node, branch = cursor.node, cursor.node.execution.branches.get(cursor.branch)
        is_ready = cursor.is_settled and branch is not None and branch.phase is Phase.READY
        if branch is None or not is_ready or focus not in (None, cursor.branch):
            return found
        following = self.timeline.fork.after(node)
        if following is not None:
            moved, enters = following.moved, following.entered
        else:  # nobody has to be asked: one that is ready goes first
            first = next_to_move(node.execution) if focus is None else cursor.branch
            moved, enters = first or cursor.branch, state_path(branch)
        entry = lookout.before(node, moved, enters) if moved == cursor.branch else None
        return entry.beside(found) if entry is not None else found

    def _one_stage(self, node: TimelineNode, stage_offset: int) -> Stop:
        """To the next place of a node, at which somebody may wait."""
        lookout = self.breakpoints.lookout(self.timeline)
        if lookout is not None:
            stop = self._held(node, lookout, self._live_focus(), after=stage_offset - 1, until=stage_offset)
            if stop is not None:
                return stop
        self.timeline.put_cursor(node, stage_offset)
        return self._stepped()

    def _next_move(self, node: TimelineNode, focus: BranchId | None) -> NextMove | Stop:
        """The next move; where a Task waits for the user, or what it started has stopped, the stop there."""
        known = self.timeline.next
        if known is not None and known.decision is not None:
            return NextMove(known.decision, known.moved, known.entered)
        try:
            move = choose_move(node.execution, focus, lambda request: self.answering.ask(node, request))
        except StoppedInsideError as stopped:
            self.timeline.put_cursor(node, focus=stopped.request.branch)
            return stopped.stop
        if isinstance(move, TaskRequest):
            self.timeline.put_cursor(node, focus=move.branch)
            return Stop(StopReason.QUESTION, words.question(move))
        tasks = self.answering.tasks
        if move.branch is None and isinstance(tasks, PacingHandler) and not tasks.pass_time(node.execution):
            where = words.describe_position(position_at(self.timeline.cursor))
            return Stop(StopReason.INTERRUPTED, f"interrupted {where}")
        return move

    def _ended(self, node: TimelineNode) -> Stop:
        self.timeline.put_cursor(node)
        return Stop(StopReason.END, words.end(node.execution))

    def _stepped(self) -> Stop:
        position = position_at(self.timeline.cursor)
        if position.is_over:
            return self._ended(position.node)
        return Stop(StopReason.STEP, words.describe_position(position))


TRAVELS: Final[dict[Verb, Callable[[Walker], Travel]]] = {
    Verb.STEP_INTO: Walker.into,
    Verb.STEP_OVER: Walker.over,
    Verb.STEP_OUT: Walker.out,
    Verb.RUN: Walker.run,
}
"""The verbs that go forward, each as the steps that it makes."""
