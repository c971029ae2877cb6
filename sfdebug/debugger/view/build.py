"""Looking: builds the view at the cursor. All of it is looked up; nothing grows with the length of the history."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.pending_decisions import pending_interventions, pending_text
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.timeline.progress import progress_of
from sfdebug.debugger.view.branch_lines import branch_lines
from sfdebug.debugger.view.model import MarkStatus, StateMark, View
from sfdebug.debugger.view.stage_lines import stage_lines
from sfdebug.debugger.view.variables import variables_at
from sfdebug.debugger.wording import positions as words
from sfdebug.debugger.wording.stages import about_to_run, sentence
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageStatus, VisitStatus
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.definition import State, StateMachine, StatePath
    from sfdebug.debugger.stepping.breakpoints import Breakpoints
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.stops import Stop
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.debugger.view.model import BranchLine, StageLine
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import TaskRequest, Visit

_STATUS = {
    VisitStatus.RUNNING: MarkStatus.WAITING,
    VisitStatus.SUCCEEDED: MarkStatus.DONE,
    VisitStatus.CAUGHT: MarkStatus.CAUGHT,
    VisitStatus.FAILED: MarkStatus.FAILED,
    VisitStatus.ABORTED: MarkStatus.ABORTED,
}


class ViewBuilder:
    """Sees what stands at the cursor of a timeline."""

    def __init__(
        self,
        timeline: Timeline,
        breakpoints: Breakpoints,
        machine: StateMachine,
        is_unanswered: Callable[[TimelineNode, TaskRequest], bool],
    ) -> None:
        self.timeline = timeline
        self.breakpoints = breakpoints
        self._is_unanswered = is_unanswered
        self._unvisited = {state.path: _UNVISITED for state in machine.walk()}

    def view(self, stop: Stop, question: TaskRequest | None) -> View:
        """The view at the cursor."""
        timeline = self.timeline
        spot = position_at(timeline.cursor)
        node, execution = spot.node, spot.execution
        state = spot.state
        fork, ahead = timeline.current, pending_text(timeline)
        history = history_at(timeline, spot)
        text = self._sentence(spot)
        return View(
            execution=execution,
            status=execution.status if spot.is_settled else ExecutionStatus.RUNNING,
            state=state,
            state_path=state.path if state else (),
            visit=spot.visit,
            is_about_to_run=spot.is_ready,
            input=spot.visit.input if spot.visit else spot.branch.input if spot.branch else MISSING,
            branch=spot.focus,
            branch_label=words.branch_label(execution, spot.focus),
            variables=variables_at(spot),
            child=history.child,
            child_label=words.execution_label(execution, history.child_id),
            visit_stages=self._lines(spot),
            stage_index=spot.revealed - 1,
            marks=self._marks(spot),
            taken=timeline.facts.taken(self._fact_index(spot)),
            events=history.events,
            event_index=history.count_at(timeline.nodes[self._fact_index(spot)]),
            stop=stop,
            clock_ms=execution.clock,
            attempt=self._attempt(spot),
            max_attempts=_max_attempts(state) if state else None,
            branches=self.branches(spot),
            fork_name=fork.name,
            fork_id=fork.id,
            mode=_mode(timeline),
            forks=timeline.forks,
            sentence=f"{text} {ahead[0].upper()}{ahead[1:]}." if ahead else text,
            ahead=ahead,
            question=question,
            node_id=node.id,
            is_at_tip=node is timeline.tip and spot.is_settled,
            is_finished=spot.is_over,
        )

    def branches(self, spot: Position) -> tuple[BranchLine, ...]:
        """The live branches, containers before their content; failed child executions before those that run."""
        failed = self.timeline.facts.failed_children(self._fact_index(spot))
        return branch_lines(spot, failed, lambda request: self.is_for_user(spot.node, request))

    def is_for_user(self, node: TimelineNode, request: TaskRequest) -> bool:
        """Whether a question at the cursor's node waits for the user: nobody else answers it, no answer is explored."""
        return not request.is_optional and self.timeline.next is None and self._is_unanswered(node, request)

    def visits_of(self, path: StatePath) -> list[Visit]:
        """The visits to a state up to the cursor, in the order of entry."""
        spot = position_at(self.timeline.cursor)
        live = [branch.visit for branch in spot.execution.branches.values()]
        ended = self.timeline.facts.visits(path, self._fact_index(spot))
        visits = {visit.number: visit for visit in (*ended, *live, spot.visit) if visit and visit.state.path == path}
        return [visits[number] for number in sorted(visits)]

    def lines_of(self, visit: Visit) -> tuple[StageLine, ...]:
        """The stages of a visit, with their origins in a recording."""
        return self._marked(stage_lines(visit.state, visit, len(visit.stages)), visit)

    # the parts

    def _lines(self, spot: Position) -> tuple[StageLine, ...]:
        return self._marked(stage_lines(spot.state, spot.visit, spot.revealed), spot.visit) if spot.state else ()

    def _marked(self, lines: tuple[StageLine, ...], visit: Visit | None) -> tuple[StageLine, ...]:
        if self.timeline.record is None:
            return lines
        from sfdebug.debugger.recorded.main_line import recorded_line
        from sfdebug.debugger.recorded.origins import marked

        record = recorded_line(self.timeline)
        return marked(lines, visit, record, self.timeline.lane) if record is not None else lines

    def _fact_index(self, spot: Position) -> int:
        """The last node whose facts are revealed: a visit that this very step ended is not over before its last
        stage."""
        node = spot.node
        ends_here = not spot.is_settled and spot.focus not in node.execution.branches
        return node.index - 1 if ends_here or (not spot.is_settled and node.is_over) else node.index

    def _attempt(self, spot: Position) -> int:
        if spot.visit is None:
            return 1
        if spot.revealed == len(spot.visit.stages) or spot.stage is None:
            return spot.visit.attempt - spot.visit.redriven_after
        return spot.stage.attempt

    def _marks(self, spot: Position) -> dict[StatePath, StateMark]:
        index, facts, stops = self._fact_index(spot), self.timeline.facts, self.breakpoints.states
        inside = _states_in_progress(spot.execution) if not spot.is_over else {}
        current = spot.state.path if spot.state and not spot.is_over else None
        pending_force = {state_path(branch) for branch in spot.execution.branches.values() if branch.forced}
        pending_injection = {injection.state for injection in spot.execution.injections}
        forced_ahead, injected_ahead = pending_interventions(self.timeline)
        pending_force |= forced_ahead
        pending_injection |= injected_ahead
        marks = dict(self._unvisited)
        marks |= {path: _UNVISITED_WITH_BREAKPOINT for path in stops if path in marks}
        # The states that nothing is to be said of but how their visits ended: nearly all of a large machine.
        for path, count, last, imposed in facts.visited(index):
            status = _STATUS[last.status] if last is not None else MarkStatus.UNVISITED
            marks[path] = _mark(status, count, path in stops, *imposed)
        special = {*inside, *pending_force, *pending_injection, *((current,) if current is not None else ())}
        for path in special:
            visit = inside.get(path) or facts.last_visit(path, index)
            if path == current:
                status = MarkStatus.CURRENT
                visit = spot.visit or visit
            elif path in inside:
                status = MarkStatus.WAITING
            else:
                status = _STATUS[visit.status] if visit else MarkStatus.UNVISITED
            marks[path] = StateMark(
                status=status,
                visits=facts.entries(path, index),
                breakpoint=path in stops,
                forced=path in pending_force or _has(visit, StageStatus.FORCED),
                injected=path in pending_injection or _has(visit, StageStatus.INJECTED),
            )
        return marks

    def _sentence(self, spot: Position) -> str:
        if spot.is_over:
            ended = words.end(spot.execution)
            if spot.stage is None or spot.state is None or spot.node.visit is None:
                return f"{ended[0].upper()}{ended[1:]}."
        if spot.state is None:
            return ""
        if spot.visit is None:
            edited = spot.branch is not None and spot.branch.edited is Provenance.USER
            forced = spot.branch.forced if spot.branch else None
            return about_to_run(spot.state, edited=edited, forced=forced)
        stage = spot.stage
        if stage is None:
            return about_to_run(spot.state)
        started_at = spot.execution.settings.start_time
        return sentence(
            stage,
            spot.state,
            visit=spot.visit,
            progress=progress_of(spot.branch),
            started_at=started_at,
            container=words.container_of(spot.execution, spot.focus),
        )


def _mode(timeline: Timeline) -> str:
    if timeline.record is None:
        return "simulation"
    if not timeline.is_on_recording:
        return "fork of a recording"
    return "live" if timeline.record.is_live else "recording"


_UNVISITED = StateMark()
_UNVISITED_WITH_BREAKPOINT = StateMark(breakpoint=True)


@lru_cache(maxsize=4096)
def _mark(status: MarkStatus, visits: int, has_breakpoint: bool, forced: bool, injected: bool) -> StateMark:
    return StateMark(status, visits, has_breakpoint, forced, injected)


def _max_attempts(state: State) -> int | None:
    """The most tries that one Retrier allows, the first included; None without Retry."""
    return max(retrier.max_attempts for retrier in state.retriers) + 1 if state.retriers else None


def _states_in_progress(execution: Execution) -> dict[StatePath, Visit]:
    return {branch.visit.state.path: branch.visit for branch in execution.branches.values() if branch.visit}


def _has(visit: Visit | None, status: StageStatus) -> bool:
    return visit is not None and any(stage.status is status for stage in visit.stages)
