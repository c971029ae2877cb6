"""Interventions: what the user imposes on the run. In the past, each of them forks the timeline.

Each has a check that says in plain words why it makes no sense at the cursor, and an action that does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.arguments import why_no_number, why_no_path, why_no_text
from sfdebug.debugger.stepping.back import Backtracker, asking_node, attempt_start
from sfdebug.debugger.stepping.outcome_forecast import forecast_outcome
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.pending_decisions import before_decision, decision_to_take_back
from sfdebug.debugger.timeline.position import Position, position_at
from sfdebug.debugger.timeline.stops import Stop, StopReason
from sfdebug.debugger.wording import positions as words
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    Dataset,
    EditInput,
    ForceChoice,
    InjectFailure,
    Provenance,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.execution import Phase
from sfdebug.errors import DecisionError
from sfdebug.tasks.handler import why_no_answer
from sfdebug.text import counted
from sfdebug.values import why_not_json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.stepping.outcome_forecast import OutcomeForecast
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.values import Json

FAILING_TYPES = (StateType.TASK, StateType.PARALLEL, StateType.MAP)


class Interventions:
    """Decisions of the user at the cursor of a timeline."""

    def __init__(self, timeline: Timeline, backtracker: Backtracker) -> None:
        self.timeline = timeline
        self.backtracker = backtracker

    # force a Choice

    def why_not_force(self) -> str | None:
        """Why no Choice can be forced here; None when one can."""
        state = self._spot().state
        if state is None:
            return "there is no state here"
        return None if state.type is StateType.CHOICE else f"{named(state.name)} is a {state.type}, not a Choice"

    def force(self, rule: int | None) -> Stop:
        """The Choice at the cursor takes rule `rule` (from 0), or its Default when it is None."""
        why = self.why_not_force() or (why_no_number(rule, "a rule") if rule is not None else None)
        spot = self._spot()
        if why or spot.state is None:
            return refused(why or "")
        count = len(spot.state.choices)
        if rule is not None and not 0 <= rule < count:
            return refused(f"{named(spot.state.name)} has {counted(count, 'rule')}: there is no rule {rule + 1}")
        if rule is None and spot.state.default is None:
            return refused(f"{named(spot.state.name)} has no Default")
        target = f"rule {rule + 1}" if rule is not None else "Default"
        base, branch = self._before_entering(spot)
        reason = f"forced Choice '{spot.state.name}' to {target}"
        leads_to = spot.state.choices[rule].next if rule is not None else spot.state.default or ""
        text = f"{named(spot.state.name)} is forced to {target}: it goes on to {named(leads_to)}"
        return self._decide(base, ForceChoice(branch, rule), reason, text, branch)

    # edit an input

    def why_not_edit_input(self) -> str | None:
        """Why there is no input to edit here; None when there is."""
        return None if self._spot().state is not None else "there is no state here"

    def edit_input(self, value: Json) -> Stop:
        """The state about to run gets `value`; a state that was entered is entered again with it."""
        why, fault = self.why_not_edit_input(), why_not_json(value)
        spot = self._spot()
        if why or spot.state is None:
            return refused(why or "")
        if fault is not None:
            return refused(f"the input {fault}")
        base, branch = self._before_entering(spot)
        reason = f"edited the input of '{spot.state.name}'"
        text = f"{named(spot.state.name)} is about to run with the edited input"
        return self._decide(base, EditInput(branch, value), reason, text, branch)

    # answer a task

    def asking(self) -> TaskRequest | None:
        """The Task that waits for its answer at the cursor: in the branch in focus, else in any."""
        spot = self._spot()
        if spot.request is not None or not spot.is_settled:
            return spot.request
        branches = spot.execution.branches.values() if not spot.node.is_over else ()
        requests = [branch.request for branch in branches if branch.request and branch.phase is Phase.ASKING]
        return min(requests, key=lambda request: request.is_optional, default=None)

    def why_not_answer(self) -> str | None:
        """Why no task can be answered here; None when one can."""
        if self.asking() is not None:
            return None
        if self.why_not_edit_result() is None:
            return f"{self._spot().name} has its answer: edit its result instead"
        return "no Task waits for an answer here"

    def answer(self, answer: Answer) -> Stop:
        """Answer the Task that waits."""
        request = self.asking()
        if request is None:
            return refused(self.why_not_answer() or "")
        spot = self._spot()
        return self._answered(spot.node, request.branch, request.state, answer)

    def why_not_edit_result(self) -> str | None:
        """Why there is no result of a task or of a Map Run to edit here; None when there is."""
        spot = self._spot()
        if spot.state is None:
            return "there is no state here"
        if spot.state.type is not StateType.TASK and not spot.state.is_distributed:
            return f"{named(spot.state.name)} is a {spot.state.type}, not a Task"
        not_yet = "started its Map Run" if spot.state.type is StateType.MAP else "been called"
        if spot.visit is None:
            return f"{named(spot.state.name)} has not {not_yet} yet"
        if asking_node(spot.node, spot.visit) is None:
            injected = any(stage.provenance is Provenance.USER and stage.fault for stage in spot.visit.stages)
            if injected:
                return f"{named(spot.state.name)} did not ask: its failure was injected"
            return f"{named(spot.state.name)} has not {not_yet} yet"
        return None

    def edit_result(self, answer: Answer) -> Stop:
        """Give the last attempt of the task, or of the Map Run, of the present visit another answer."""
        why = self.why_not_edit_result()
        spot = self._spot()
        if why or spot.visit is None or spot.state is None:
            return refused(why or "")
        base = asking_node(spot.node, spot.visit)
        assert base is not None
        return self._answered(base, spot.visit.branch, spot.state, answer)

    def _answered(self, base: TimelineNode, branch: BranchId, state: State, answer: Answer) -> Stop:
        why = why_no_answer(answer)
        if why is not None:
            return refused(f"the answer {why}")
        if isinstance(answer, TaskResult):
            done = "returned a result"
        elif isinstance(answer, TaskFailure):
            done = f"failed with {answer.error or 'an error without a name'}"
        elif isinstance(answer, Dataset):
            done = "got its items"
        else:
            done = "never answers"
        decision = AnswerTask(branch, answer)
        return self._decide(base, decision, f"'{state.name}' {done}", f"{named(state.name)} {done}", branch, place=0)

    # inject a failure

    def why_not_inject(self, path: StatePath | None = None) -> str | None:
        """Why no failure can be injected into the state at `path`, or at the cursor; None when one can."""
        spot = self._spot()
        try:
            state = spot.execution.machine.state(path) if path is not None else spot.state
        except KeyError:
            return f"there is no state {'/'.join(map(str, path or ()))}"
        if state is None:
            return "there is no state here"
        if state.type not in FAILING_TYPES:
            return f"{named(state.name)} is a {state.type}: failures can be injected into Task, Parallel and Map states"
        if spot.is_over and self._under_way(spot, state) is None:
            return f"the execution is over: go back to before {named(state.name)}"
        return None

    def _why_no_injection(self, path: StatePath, error: str, cause: str | None, attempts: int) -> str | None:
        why = why_no_path(path) or self.why_not_inject(path)
        why = why or why_no_text(error, "an error's name") or why_no_number(attempts, "a count of attempts")
        why = why or (why_no_text(cause, "a cause") if cause is not None else None)
        if why is None and not error.strip():
            why = "an error needs a name, such as States.TaskFailed"
        if why is None and attempts < 1:
            why = "a failure is injected into at least one attempt"
        return why

    def inject(self, path: StatePath, error: str, cause: str | None, attempts: int) -> Stop:
        """The next `attempts` attempts of the state at `path` fail.

        When it is being visited at the cursor, the attempt at hand is the first of them: a task that waits for
        its answer gets this one; work that has begun, or is done, begins again on a fork.
        """
        why = self._why_no_injection(path, error, cause, attempts)
        if why is not None:
            return refused(why)
        spot = self._spot()
        state = spot.execution.machine.state(path)
        decision = InjectFailure(path, error, cause, attempts)
        times = "next attempt fails" if attempts == 1 else f"next {attempts} attempts fail"
        text = f"{named(state.name)}: the {times} with {error}"
        reason = f"injected {error} into '{state.name}'" + (f", {attempts} times" if attempts > 1 else "")
        visit = self._under_way(spot, state)
        if visit is None:
            return self._decide(spot.node, decision, reason, text, spot.focus)
        branch = spot.execution.branches.get(visit.branch)
        if branch is not None and spot.is_settled and branch.phase is Phase.ASKING and branch.visit is visit:
            return self._fail_now(spot.node, branch.id, decision, reason, text)
        base = attempt_start(spot.node, visit)
        return self._decide(base or spot.node, decision, reason, text, visit.branch)

    def foretell_injection(
        self, path: StatePath, error: str, cause: str | None, attempts: int
    ) -> OutcomeForecast | None:
        """What would become of the state at `path` if that were injected; None where it is not at hand."""
        if self._why_no_injection(path, error, cause, attempts) is not None:
            return None
        spot = self._spot()
        state = spot.execution.machine.state(path)
        decision = InjectFailure(path, error, cause, attempts)
        visit = self._under_way(spot, state)
        if visit is None:
            there = [branch.id for branch in spot.execution.branches.values() if state_path(branch) == path]
            is_at_hand = len(there) == 1 and spot.focus[: len(there[0])] == there[0]  # of several, any may be first
            return forecast_outcome(spot.execution, there[0], (decision,)) if is_at_hand else None
        live = spot.execution.branches.get(visit.branch)
        if live is not None and spot.is_settled and live.phase is Phase.ASKING and live.visit is visit:
            rest = (replace(decision, attempts=attempts - 1),) if attempts > 1 else ()
            return forecast_outcome(spot.execution, live.id, (*rest, AnswerTask(live.id, TaskFailure(error, cause))))
        base = attempt_start(spot.node, visit) or spot.node
        return forecast_outcome(base.execution, visit.branch, (decision,))

    def foretell_answer(self, answer: Answer) -> OutcomeForecast | None:
        """What would become of the Task that waits if it were answered so; None when the answer does not fit."""
        request = self.asking()
        if request is None or why_no_answer(answer) is not None:
            return None
        return forecast_outcome(self._spot().execution, request.branch, (AnswerTask(request.branch, answer),))

    def _under_way(self, spot: Position, state: State) -> Visit | None:
        """The visit to `state` at the cursor, or around it, whose work has begun; None when its next try is ahead."""
        for depth in range(len(spot.focus), -1, -1):
            branch = spot.execution.branches.get(spot.focus[:depth])
            visit = spot.visit if depth == len(spot.focus) else branch.visit if branch else None
            if visit is None or visit.state is not state or attempt_start(spot.node, visit) is None:
                continue
            is_live = branch is not None and branch.visit is not None and branch.visit.number == visit.number
            return None if is_live and branch is not None and _is_before_work(branch.phase, branch.work) else visit
        return None

    def _fail_now(self, node: TimelineNode, branch: BranchId, injection: InjectFailure, reason: str, text: str) -> Stop:
        """The task that waits fails with the injected error, and the attempts after it too."""
        forked = None
        if injection.attempts > 1:
            rest = replace(injection, attempts=injection.attempts - 1)
            stop = self._decide(node, rest, reason, text, branch)
            if stop.is_refused:
                return stop
            node, forked = self.timeline.cursor.node, stop.forked
        answer = AnswerTask(branch, TaskFailure(injection.error, injection.cause))
        stop = self._decide(node, answer, reason, text, branch, place=0)
        return replace(stop, forked=forked) if forked is not None and not stop.is_refused else stop

    # a fork without a decision

    def why_not_fork_here(self) -> str | None:
        """Why the recording cannot be left here; None when it can."""
        timeline = self.timeline
        if timeline.record is None:
            return "this is a simulation already: force, inject or edit makes a fork"
        if not timeline.is_on_recording:
            return f"this is {timeline.current.name} already, not the recording"
        if self._spot().is_over:
            return "the execution is over: go back to before what should go otherwise"
        return timeline.record.why_not_fork(timeline.cursor.node, timeline.lane)

    def fork_here(self) -> Stop:
        """Go on from the cursor as a simulation."""
        why = self.why_not_fork_here()
        if why is not None:
            return refused(why)
        cursor = self.timeline.cursor
        self.timeline.branch_off(cursor.node, "left the recording")
        self.timeline.put_cursor(cursor.node, cursor.place, cursor.focus)
        text = "a simulation from here on; Tasks answer as recorded where they are called alike"
        return Stop(StopReason.CHANGED, text, self.timeline.current.id)

    # take a decision back

    def why_not_leave(self) -> str | None:
        """Why there is nothing to take back and no fork to leave here; None when there is."""
        if self.timeline.current.parent is not None or decision_to_take_back(self.timeline) is not None:
            return None
        return "this is the main timeline: there is no fork to leave"

    def take_back(self) -> Stop | None:
        """Stand before the decision at the cursor, on a fork without it; None when there is none of this fork's own."""
        timeline = self.timeline
        decided = decision_to_take_back(timeline)
        if decided is None:
            return None
        base, text = before_decision(timeline, decided), f"took back: {timeline.decided(decided)}"
        is_new = timeline.take_back(decided, base, text)
        branch = getattr(decided.decision, "branch", None)
        timeline.put_cursor(base, focus=branch if branch in base.execution.branches else None)
        return Stop(StopReason.CHANGED, text, timeline.current.id if is_new else None)

    # making a decision

    def _spot(self) -> Position:
        return position_at(self.timeline.cursor)

    def _before_entering(self, spot: Position) -> tuple[TimelineNode, BranchId]:
        if spot.visit is None:
            return spot.node, spot.focus
        return self.backtracker.ready_before(spot.visit), spot.visit.branch

    def _decide(
        self, base: TimelineNode, decision: Decision, reason: str, text: str, focus: BranchId, place: int | None = None
    ) -> Stop:
        try:
            node, forked = self.timeline.decide(base, decision, reason, focus)
        except DecisionError as error:
            return refused(error.what)
        wanted = focus if place is None and focus in node.execution.branches else None
        self.timeline.put_cursor(node, place, focus=wanted)
        spot = position_at(self.timeline.cursor)
        if spot.is_over:
            return Stop(StopReason.END, words.end(spot.execution), self.timeline.current.id if forked else None)
        return Stop(StopReason.CHANGED, text, self.timeline.current.id if forked else None)


def refused(why: str) -> Stop:
    """The stop of a verb that did nothing."""
    return Stop(StopReason.REFUSED, why)


def _is_before_work(phase: Phase, work: object) -> bool:
    """Whether the next attempt is still ahead: not begun, or waiting for its Retry."""
    return phase in (Phase.WORK, Phase.FAULT) or (phase is Phase.SLEEPING and work is None)
