"""Builds the view at the cursor. All of it is looked up; nothing grows with the length of the history."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.index import interventions_in
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.position import pending_interventions, position_at
from sfdebug.debugger.view.branches import BranchLines
from sfdebug.debugger.view.lines import done_lines, stage_lines, variables_at
from sfdebug.debugger.view.model import MarkStatus, StateMark, View
from sfdebug.debugger.view.standing import STATUS_BY_VISIT
from sfdebug.debugger.wording import positions as words
from sfdebug.debugger.wording.answerers import in_words
from sfdebug.debugger.wording.positions import progress_of
from sfdebug.debugger.wording.stages import about_to_run, sentence
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sfdebug.asl.definition import State, StateMachine, StatePath
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.timeline.index import TimelineIndex
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.debugger.verbs import Stop
    from sfdebug.debugger.view.model import BranchLine, StageLine
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.tasks.answerers import Answerer


class ViewBuilder:
    """Sees what stands at the cursor of a timeline."""

    def __init__(
        self,
        timeline: Timeline,
        breakpoints: Breakpoints,
        machine: StateMachine,
        is_unanswered: Callable[[TimelineNode, TaskRequest], bool],
        origins_of: Callable[[tuple[StageLine, ...], Visit | None], tuple[StageLine, ...]],
        about_to_call: Callable[[TaskRequest], Answerer | None],
    ) -> None:
        """`is_unanswered` tells whether nobody but the user answers a question; `origins_of` marks the lines of a visit
        with where their values come from; `about_to_call` tells who is really called for a question by the next step.
        """
        self.timeline = timeline
        self.breakpoints = breakpoints
        self._is_unanswered = is_unanswered
        self._origins_of = origins_of
        self._about_to_call = about_to_call
        self._branch_lines = BranchLines()
        self._ended = _EndedMarks(timeline.facts, -1, {}, {})
        self._unvisited = {state.path: _UNVISITED for state in machine.walk()}

    def view(self, stop: Stop, question: TaskRequest | None) -> View:
        """The view at the cursor."""
        timeline = self.timeline
        here = position_at(timeline.cursor)
        node, execution = here.node, here.execution
        state = here.state
        fork, pending = timeline.current, words.pending(timeline)
        history = history_at(timeline, here)
        text = self.sentence_at(here)
        return View(
            execution=execution,
            status=execution.status if here.is_settled else ExecutionStatus.RUNNING,
            state=state,
            state_path=state.path if state else (),
            visit=here.visit,
            is_about_to_run=here.is_ready,
            input=here.visit.input if here.visit else here.branch.input if here.branch else MISSING,
            branch=here.focus,
            branch_label=words.branch_label(execution, here.focus),
            variables=variables_at(here),
            child=history.child,
            child_label=words.execution_label(execution, history.child_id),
            visit_stages=self._lines(here),
            stage_index=here.revealed - 1,
            marks=self.marks_at(here),
            taken=timeline.facts.taken(self._fact_index(here)),
            events=history.events,
            event_index=history.count_at(timeline.nodes[self._fact_index(here)]),
            stop=stop,
            clock_ms=execution.clock,
            attempt=self._attempt(here),
            max_attempts=_max_attempts(state) if state else None,
            branches=self.branches(here),
            fork_name=fork.name,
            fork_id=fork.id,
            mode=_mode(timeline),
            forks=timeline.forks,
            sentence=f"{text} {pending.text[0].upper()}{pending.text[1:]}." if pending else text,
            pending=pending,
            question=question,
            node_id=node.id,
            is_at_tip=node is timeline.tip and here.is_settled,
            is_finished=here.is_over,
        )

    def branches(self, here: Position) -> tuple[BranchLine, ...]:
        """The live branches, containers before their content; failed child executions before those that run."""
        failed = self.timeline.facts.failed_children(self._fact_index(here))
        return self._branch_lines.of(here, failed, lambda request: self.is_for_user(here.node, request))

    def is_for_user(self, node: TimelineNode, request: TaskRequest) -> bool:
        """Whether a question at the cursor's node waits for the user: nobody else answers it, no answer is explored."""
        return not request.is_optional and self.timeline.next is None and self._is_unanswered(node, request)

    def visits_of(self, path: StatePath) -> list[Visit]:
        """The visits to a state up to the cursor, in the order of entry."""
        here = position_at(self.timeline.cursor)
        live = [branch.visit for branch in here.execution.branches.values()]
        ended = self.timeline.facts.visits(path, self._fact_index(here))
        visits = {visit.number: visit for visit in (*ended, *live, here.visit) if visit and visit.state.path == path}
        return [visits[number] for number in sorted(visits)]

    def lines_of(self, visit: Visit) -> tuple[StageLine, ...]:
        """The stages of a visit, with their origins in a recording."""
        return self._origins_of(stage_lines(visit.state, visit, len(visit.stages)), visit)

    def done_lines_of(self, visit: Visit) -> tuple[StageLine, ...]:
        """Those of them that have come about, without what is still planned."""
        return self._origins_of(done_lines(visit), visit)

    # the parts

    def _lines(self, here: Position) -> tuple[StageLine, ...]:
        if here.state is None:
            return ()
        return self._origins_of(stage_lines(here.state, here.visit, here.revealed), here.visit)

    def _fact_index(self, here: Position) -> int:
        """The last node whose facts are revealed: a visit that this very step ended is not over before its last
        stage."""
        node = here.node
        ends_here = not here.is_settled and here.focus not in node.execution.branches
        return node.index - 1 if ends_here or (not here.is_settled and node.is_over) else node.index

    def _attempt(self, here: Position) -> int:
        if here.visit is None:
            return 1
        if here.revealed == len(here.visit.stages) or here.stage is None:
            return here.visit.attempt - here.visit.redriven_after
        return here.stage.attempt

    def marks_at(self, here: Position) -> dict[StatePath, StateMark]:
        """How each state stands at a position."""
        index, facts, signs = self._fact_index(here), self.timeline.facts, self.breakpoints.signs
        inside = _states_in_progress(here.execution) if not here.is_over else {}
        current = here.state.path if here.state and not here.is_over else None
        pending_force = {state_path(branch) for branch in _forced(here.execution)}
        pending_injection = {injection.state for injection in here.execution.injections}
        forced_ahead, injected_ahead = pending_interventions(self.timeline)
        pending_force |= forced_ahead
        pending_injection |= injected_ahead
        marks = dict(self._ended_marks(index))
        for path, visit in inside.items():
            count, _, _ = facts.stood(path, index)
            marks[path] = _mark(MarkStatus.WAITING, count, signs.get(path, _NO_BREAKPOINT), *interventions_in(visit))
        special = {*pending_force, *pending_injection, *((current,) if current is not None else ())}
        for path in special:
            count, last, _ = facts.stood(path, index)
            seen = inside.get(path) or last
            if path == current:
                status = MarkStatus.CURRENT
                seen = here.visit or seen
            elif path in inside:
                status = MarkStatus.WAITING
            else:
                status = STATUS_BY_VISIT[seen.status] if seen else MarkStatus.UNVISITED
            forced, injected = interventions_in(seen) if seen else (False, False)
            marks[path] = StateMark(
                status=status,
                visits=count,
                breakpoint=signs.get(path, _NO_BREAKPOINT),
                forced=forced or path in pending_force,
                injected=injected or path in pending_injection,
            )
        return marks

    def _ended_marks(self, index: int) -> dict[StatePath, StateMark]:
        """The marks by what has ended alone, which is all there is to say of nearly every state of a large machine.

        From one place to the next, only the states change of which a visit began or ended in between.
        """
        facts, signs, known = self.timeline.facts, self.breakpoints.signs, self._ended
        if known.facts is not facts or known.signs != signs or known.index < 0:
            marks = dict(self._unvisited)
            marks |= {path: StateMark(breakpoint=sign) for path, sign in signs.items() if path in marks}
            before = -1
        else:
            marks, before = known.marks, known.index
        self._brought(marks, before, index)
        self._ended = _EndedMarks(facts, index, signs, marks)
        return marks

    def _brought(self, marks: dict[StatePath, StateMark], before: int, index: int) -> None:
        """Make of the marks by what had ended at the node at `before` those at `index`.

        Most states of a large machine are entered once and left once; the others are looked up one by one.
        """
        facts, signs = self.timeline.facts, self.breakpoints.signs
        paths, kinds = facts.touches(min(before, index), max(before, index))
        others = {path for path, kind in zip(paths, kinds, strict=True) if not kind} if 0 in kinds else set()
        if before < index:
            marks.update(zip(paths, map(_AFTER.__getitem__, kinds), strict=True))
        else:
            marks.update(zip(reversed(paths), map(_BEFORE.__getitem__, reversed(kinds)), strict=True))
        for path in (*others, *signs):
            if path in marks:
                count, last, intervened = facts.stood(path, index)
                status = STATUS_BY_VISIT[last.status] if last is not None else MarkStatus.UNVISITED
                marks[path] = _mark(status, count, signs.get(path, _NO_BREAKPOINT), *intervened)

    def sentence_at(self, here: Position) -> str:
        """The plain sentence on where it stands."""
        if here.is_over:
            ended = words.end(here.execution)
            if here.stage is None or here.state is None or here.node.visit is None:
                return f"{ended[0].upper()}{ended[1:]}."
        if here.state is None:
            return ""
        if here.visit is None:
            edited = here.branch is not None and here.branch.edited is Provenance.USER
            forced = here.branch.forced if here.branch else None
            return about_to_run(here.state, edited=edited, forced=forced)
        stage = here.stage
        if stage is None:
            return about_to_run(here.state)
        started_at = here.execution.settings.start_time
        return sentence(
            stage,
            here.state,
            visit=here.visit,
            progress=progress_of(here.branch),
            started_at=started_at,
            container=words.container_of(here.execution, here.focus),
            about_to_call=self.called_next(here),
        )

    def called_next(self, here: Position) -> str:
        """What is really called by the next step, in words; "" where nothing is."""
        request = here.request
        if request is None or self.timeline.next is not None:
            return ""
        who = self._about_to_call(request)
        return in_words(who) if who is not None else ""


def _mode(timeline: Timeline) -> str:
    if timeline.record is None:
        return "simulation"
    if timeline.record.is_decided:
        return "followed" if timeline.is_on_recording else "fork of followed"
    if not timeline.is_on_recording:
        return "fork of a recording"
    return "live" if timeline.record.is_live else "recording"


class _EndedMarks(Struct, frozen=True):
    """The marks by what has ended at the node with this index: changed in place when another is looked at."""

    facts: TimelineIndex
    index: int
    signs: Mapping[StatePath, BreakpointSign]
    marks: dict[StatePath, StateMark]


_UNVISITED = StateMark()
_NO_BREAKPOINT = BreakpointSign.NONE


@lru_cache(maxsize=4096)
def _mark(status: MarkStatus, visits: int, sign: BreakpointSign, forced: bool, injected: bool) -> StateMark:
    return StateMark(status, visits, sign, forced, injected)


_ENTERED_ONCE: Final = StateMark(visits=1)
_DONE_ONCE: Final = StateMark(MarkStatus.DONE, 1)
_AFTER: Final = (_UNVISITED, _ENTERED_ONCE, _DONE_ONCE)
"""The mark of a state after each `Touch`, and before it."""
_BEFORE: Final = (_UNVISITED, _UNVISITED, _ENTERED_ONCE)


def _max_attempts(state: State) -> int | None:
    """The most tries that a Retrier allows, the first included; None without Retry, and where several Retriers count
    each for itself."""
    return state.retriers[0].max_attempts + 1 if len(state.retriers) == 1 else None


def _states_in_progress(execution: Execution) -> dict[StatePath, Visit]:
    return {branch.visit.state.path: branch.visit for branch in execution.branches.values() if branch.visit}


def _forced(execution: Execution) -> Iterator[Branch]:
    return (branch for branch in execution.branches.values() if branch.forced)
