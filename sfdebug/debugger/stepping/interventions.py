"""Interventions: what the user imposes on the run. In the past, each of them forks the timeline.

Each has a check, which gives the refusal where it makes no sense at the cursor, and an action that does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.stepping.back import Backtracker, asking_node, attempt_start
from sfdebug.debugger.stepping.forecasts import forecast_outcome
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.position import Position, before_decision, decision_to_take_back, position_at
from sfdebug.debugger.verbs import Stop, StopReason, Verb, no_number, no_path, no_text, refused
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
    from sfdebug.debugger.stepping.forecasts import OutcomeForecast
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

    def why_not_force(self) -> Stop | None:
        """Why no Choice can be forced here; None when one can."""
        state = self._position().state
        if state is None:
            return refused("there is no state here")
        if state.type is not StateType.CHOICE:
            return refused(f"{named(state.name)} is a {state.type}, not a Choice")
        return None

    def force(self, rule: int | None) -> Stop:
        """The Choice at the cursor takes rule `rule` (from 0), or its Default when it is None."""
        refusal = self.why_not_force() or (no_number(rule, "a rule") if rule is not None else None)
        if refusal is not None:
            return refusal
        position = self._position()
        assert position.state is not None
        count = len(position.state.choices)
        if rule is not None and not 0 <= rule < count:
            return refused(f"{named(position.state.name)} has {counted(count, 'rule')}: there is no rule {rule + 1}")
        if rule is None and position.state.default is None:
            return refused(f"{named(position.state.name)} has no Default")
        target = f"rule {rule + 1}" if rule is not None else "Default"
        base, branch = self._before_entering(position)
        reason = f"forced Choice '{position.state.name}' to {target}"
        leads_to = position.state.choices[rule].next if rule is not None else position.state.default or ""
        text = f"{named(position.state.name)} is forced to {target}: it goes on to {named(leads_to)}"
        return self._decide(base, ForceChoice(branch, rule), reason, text, branch)

    # edit an input

    def why_not_edit_input(self) -> Stop | None:
        """Why there is no input to edit here; None when there is."""
        return None if self._position().state is not None else refused("there is no state here")

    def edit_input(self, value: Json) -> Stop:
        """The state about to run gets `value`; a state that was entered is entered again with it."""
        position, fault = self._position(), why_not_json(value)
        if position.state is None:
            return refused("there is no state here")
        if fault is not None:
            return refused(f"the input {fault}")
        base, branch = self._before_entering(position)
        reason = f"edited the input of '{position.state.name}'"
        text = f"{named(position.state.name)} is about to run with the edited input"
        return self._decide(base, EditInput(branch, value), reason, text, branch)

    # answer a task

    def asking(self) -> TaskRequest | None:
        """The Task that waits for its answer at the cursor: in the branch in focus, else in any."""
        position = self._position()
        if position.request is not None or not position.is_settled:
            return position.request
        branches = position.execution.branches.values() if not position.node.is_over else ()
        requests = [branch.request for branch in branches if branch.request and branch.phase is Phase.ASKING]
        return min(requests, key=lambda request: request.is_optional, default=None)

    def why_not_answer(self) -> Stop | None:
        """Why no task can be answered here; None when one can."""
        if self.asking() is not None:
            return None
        if self.why_not_edit_result() is None:
            return refused(f"{self._position().name} has its answer: edit its result instead", Verb.EDIT_RESULT)
        return refused("no Task waits for an answer here")

    def answer(self, answer: Answer) -> Stop:
        """Answer the Task that waits."""
        if (refusal := self.why_not_answer()) is not None:
            return refusal
        request = self.asking()
        assert request is not None
        return self._answered(self._position().node, request.branch, request.state, answer)

    def why_not_edit_result(self) -> Stop | None:
        """Why there is no result of a task or of a Map Run to edit here; None when there is."""
        position = self._position()
        if position.state is None:
            return refused("there is no state here")
        if position.state.type is not StateType.TASK and not position.state.is_distributed:
            return refused(f"{named(position.state.name)} is a {position.state.type}, not a Task")
        not_yet = "started its Map Run" if position.state.type is StateType.MAP else "been called"
        if position.visit is None:
            return refused(f"{named(position.state.name)} has not {not_yet} yet")
        if asking_node(position.node, position.visit) is None:
            injected = any(stage.provenance is Provenance.USER and stage.fault for stage in position.visit.stages)
            if injected:
                return refused(f"{named(position.state.name)} did not ask: its failure was injected")
            return refused(f"{named(position.state.name)} has not {not_yet} yet")
        return None

    def edit_result(self, answer: Answer) -> Stop:
        """Give the last attempt of the task, or of the Map Run, of the present visit another answer."""
        if (refusal := self.why_not_edit_result()) is not None:
            return refusal
        position = self._position()
        assert position.visit is not None
        assert position.state is not None
        base = asking_node(position.node, position.visit)
        assert base is not None
        return self._answered(base, position.visit.branch, position.state, answer)

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
        return self._decide(
            base, decision, f"'{state.name}' {done}", f"{named(state.name)} {done}", branch, stage_offset=0
        )

    # inject a failure

    def why_not_inject(self, path: StatePath | None = None) -> Stop | None:
        """Why no failure can be injected into the state at `path`, or at the cursor; None when one can."""
        position = self._position()
        try:
            state = position.execution.machine.state(path) if path is not None else position.state
        except KeyError:
            return refused(f"there is no state {'/'.join(map(str, path or ()))}")
        if state is None:
            return refused("there is no state here")
        if state.type not in FAILING_TYPES:
            can = "failures can be injected into Task, Parallel and Map states"
            return refused(f"{named(state.name)} is a {state.type}: {can}")
        if position.is_over and self._under_way(position, state) is None:
            return refused(f"the execution is over: go back to before {named(state.name)}", Verb.BACK_OVER)
        return None

    def _why_no_injection(self, path: StatePath, error: str, cause: str | None, attempts: int) -> Stop | None:
        refusal = no_path(path) or self.why_not_inject(path)
        refusal = refusal or no_text(error, "an error's name") or no_number(attempts, "a count of attempts")
        refusal = refusal or (no_text(cause, "a cause") if cause is not None else None)
        if refusal is None and not error.strip():
            refusal = refused("an error needs a name, such as States.TaskFailed")
        if refusal is None and attempts < 1:
            refusal = refused("a failure is injected into at least one attempt")
        return refusal

    def inject(self, path: StatePath, error: str, cause: str | None, attempts: int) -> Stop:
        """The next `attempts` attempts of the state at `path` fail.

        When it is being visited at the cursor, the attempt at hand is the first of them: a task that waits for
        its answer gets this one; work that has begun, or is done, begins again on a fork.
        """
        refusal = self._why_no_injection(path, error, cause, attempts)
        if refusal is not None:
            return refusal
        position = self._position()
        state = position.execution.machine.state(path)
        decision = InjectFailure(path, error, cause, attempts)
        times = "next attempt fails" if attempts == 1 else f"next {attempts} attempts fail"
        text = f"{named(state.name)}: the {times} with {error}"
        reason = f"injected {error} into '{state.name}'" + (f", {attempts} times" if attempts > 1 else "")
        visit = self._under_way(position, state)
        if visit is None:
            return self._decide(position.node, decision, reason, text, position.focus)
        branch = position.execution.branches.get(visit.branch)
        if branch is not None and position.is_settled and branch.phase is Phase.ASKING and branch.visit is visit:
            return self._fail_now(position.node, branch.id, decision, reason, text)
        base = attempt_start(position.node, visit)
        return self._decide(base or position.node, decision, reason, text, visit.branch)

    def forecast_injection(
        self, path: StatePath, error: str, cause: str | None, attempts: int
    ) -> OutcomeForecast | None:
        """What would become of the state at `path` if that were injected; None where it is not at hand."""
        if self._why_no_injection(path, error, cause, attempts) is not None:
            return None
        position = self._position()
        state = position.execution.machine.state(path)
        decision = InjectFailure(path, error, cause, attempts)
        visit = self._under_way(position, state)
        if visit is None:
            there = [branch.id for branch in position.execution.branches.values() if state_path(branch) == path]
            is_at_hand = len(there) == 1 and position.focus[: len(there[0])] == there[0]  # of several, any may be first
            return forecast_outcome(position.execution, there[0], (decision,)) if is_at_hand else None
        live = position.execution.branches.get(visit.branch)
        if live is not None and position.is_settled and live.phase is Phase.ASKING and live.visit is visit:
            rest = (replace(decision, attempts=attempts - 1),) if attempts > 1 else ()
            return forecast_outcome(
                position.execution, live.id, (*rest, AnswerTask(live.id, TaskFailure(error, cause)))
            )
        base = attempt_start(position.node, visit) or position.node
        return forecast_outcome(base.execution, visit.branch, (decision,))

    def forecast_answer(self, answer: Answer) -> OutcomeForecast | None:
        """What would become of the Task that waits if it were answered so; None when the answer does not fit."""
        request = self.asking()
        if request is None or why_no_answer(answer) is not None:
            return None
        return forecast_outcome(self._position().execution, request.branch, (AnswerTask(request.branch, answer),))

    def _under_way(self, position: Position, state: State) -> Visit | None:
        """The visit to `state` at the cursor, or around it, whose work has begun; None when its next try is ahead."""
        for depth in range(len(position.focus), -1, -1):
            branch = position.execution.branches.get(position.focus[:depth])
            visit = position.visit if depth == len(position.focus) else branch.visit if branch else None
            if visit is None or visit.state is not state or attempt_start(position.node, visit) is None:
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
        stop = self._decide(node, answer, reason, text, branch, stage_offset=0)
        return replace(stop, forked=forked) if forked is not None and not stop.is_refused else stop

    # a fork without a decision

    def why_not_fork_here(self) -> Stop | None:
        """Why the recording cannot be left here; None when it can."""
        timeline = self.timeline
        if timeline.record is None:
            ways = (Verb.FORCE_CHOICE, Verb.INJECT_FAILURE, Verb.EDIT_INPUT)
            return refused("this is a simulation already: force, inject or edit makes a fork", *ways)
        if not timeline.is_on_recording:
            return refused(f"this is {timeline.current.name} already, not the recording")
        if self._position().is_over:
            return refused("the execution is over: go back to before what should go otherwise", Verb.BACK_OVER)
        why = timeline.record.why_not_fork(timeline.cursor.node, timeline.fork)
        return refused(why) if why is not None else None

    def fork_here(self) -> Stop:
        """Go on from the cursor as a simulation."""
        if (refusal := self.why_not_fork_here()) is not None:
            return refusal
        cursor = self.timeline.cursor
        self.timeline.branch_off(cursor.node, "left the recording")
        self.timeline.put_cursor(cursor.node, cursor.stage_offset, cursor.focus)
        text = "a simulation from here on; Tasks answer as recorded where they are called alike"
        return Stop(StopReason.CHANGED, text, self.timeline.current.id)

    # take a decision back

    def why_not_leave(self) -> Stop | None:
        """Why there is nothing to take back and no fork to leave here; None when there is."""
        if self.timeline.current.parent is not None or decision_to_take_back(self.timeline) is not None:
            return None
        return refused("this is the main timeline: there is no fork to leave")

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

    def _position(self) -> Position:
        return position_at(self.timeline.cursor)

    def _before_entering(self, position: Position) -> tuple[TimelineNode, BranchId]:
        if position.visit is None:
            return position.node, position.focus
        return self.backtracker.ready_before(position.visit), position.visit.branch

    def _decide(
        self,
        base: TimelineNode,
        decision: Decision,
        reason: str,
        text: str,
        focus: BranchId,
        stage_offset: int | None = None,
    ) -> Stop:
        try:
            node, forked = self.timeline.decide(base, decision, reason, focus)
        except DecisionError as error:
            return refused(error.what)
        wanted = focus if stage_offset is None and focus in node.execution.branches else None
        self.timeline.put_cursor(node, stage_offset, focus=wanted)
        position = position_at(self.timeline.cursor)
        if position.is_over:
            return Stop(StopReason.END, words.end(position.execution), self.timeline.current.id if forked else None)
        return Stop(StopReason.CHANGED, text, self.timeline.current.id if forked else None)


def _is_before_work(phase: Phase, work: object) -> bool:
    """Whether the next attempt is still ahead: not begun, or waiting for its Retry."""
    return phase in (Phase.WORK, Phase.FAULT) or (phase is Phase.SLEEPING and work is None)
