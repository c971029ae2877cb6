"""Interventions: what the user imposes on the run. In the past, each of them forks the timeline.

Each has a check, which gives the refusal where it makes no sense at the cursor, and an action that does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.debugger.stepping.back import Backtracker, asking_node, attempt_start
from sfdebug.debugger.stepping.forecasts import forecast_choice, forecast_outcome
from sfdebug.debugger.stepping.outside_calls import calls_between, ended_node, makes_calls, request_at
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.position import Position, position_at
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
from sfdebug.engine.readiness import questions
from sfdebug.errors import DecisionError
from sfdebug.tasks.handler import why_no_answer
from sfdebug.tasks.outside import call_of, calling_handlers
from sfdebug.text import counted
from sfdebug.values import why_not_json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.stepping.answering import Answering
    from sfdebug.debugger.stepping.forecasts import ChoiceForecast, OutcomeForecast
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.values import Json

_FAILING_TYPES = (StateType.TASK, StateType.PARALLEL, StateType.MAP)


class _Asked(NamedTuple):
    """A question of a Task, and the node at which it waited for the answer."""

    node: TimelineNode
    request: TaskRequest


def _visit_ahead(fork: Fork, here: Position) -> Visit | None:
    """The visit that a state which is about to run gets further on, on a fork; None where it was not run there yet."""
    for node in fork.nodes[here.node.index + 1 :]:
        branch = node.execution.branches.get(here.focus)
        if branch is None:
            return None
        if branch.visit is not None:
            return branch.visit if branch.visit.state is here.state else None
    return None


class Interventions:
    """Decisions of the user at the cursor of a timeline."""

    def __init__(self, timeline: Timeline, backtracker: Backtracker, answering: Answering) -> None:
        self.timeline = timeline
        self.backtracker = backtracker
        self.answering = answering
        self.tasks = answering.tasks

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
        here = self._position()
        assert here.state is not None
        count = len(here.state.choices)
        if rule is not None and not 0 <= rule < count:
            return refused(f"{named(here.state.name)} has {counted(count, 'rule')}: there is no rule {rule + 1}")
        if rule is None and here.state.default is None:
            return refused(f"{named(here.state.name)} has no Default")
        target = f"rule {rule + 1}" if rule is not None else "Default"
        base, branch = self._before_entering(here)
        reason = f"forced Choice '{here.state.name}' to {target}"
        leads_to = here.state.choices[rule].next if rule is not None else here.state.default or ""
        text = f"{named(here.state.name)} is forced to {target}: it goes on to {named(leads_to)}"
        return self._decide(base, ForceChoice(branch, rule), reason, text, branch)

    # edit an input

    def why_not_edit_input(self) -> Stop | None:
        """Why there is no input to edit here; None when there is."""
        return None if self._position().state is not None else refused("there is no state here")

    def edit_input(self, value: Json) -> Stop:
        """The state about to run gets `value`; a state that was entered is entered again with it."""
        here, fault = self._position(), why_not_json(value)
        if here.state is None:
            return refused("there is no state here")
        if fault is not None:
            return refused(f"the input {fault}")
        base, branch = self._before_entering(here)
        reason = f"edited the input of '{here.state.name}'"
        text = f"{named(here.state.name)} is about to run with the edited input"
        return self._decide(base, EditInput(branch, value), reason, text, branch)

    # answer a task

    def asking(self) -> TaskRequest | None:
        """The Task that waits for its answer at the cursor: in the branch in focus, else in any."""
        here = self._position()
        if here.request is not None or not here.is_settled:
            return here.request
        if here.node.is_over:
            return None
        needed = next((request for request in questions(here.execution) if not request.is_optional), None)
        return needed or next(questions(here.execution), None)

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
        here = self._position()
        if here.state is None:
            return refused("there is no state here")
        if here.state.type is not StateType.TASK and not here.state.is_distributed:
            return refused(f"{named(here.state.name)} is a {here.state.type}, not a Task")
        not_yet = "started its Map Run" if here.state.type is StateType.MAP else "been called"
        if here.visit is None:
            return refused(f"{named(here.state.name)} has not {not_yet} yet")
        if asking_node(here.node, here.visit) is None:
            injected = any(stage.provenance is Provenance.USER and stage.fault for stage in here.visit.stages)
            if injected:
                return refused(f"{named(here.state.name)} did not ask: its failure was injected")
            return refused(f"{named(here.state.name)} has not {not_yet} yet")
        return None

    def edit_result(self, answer: Answer) -> Stop:
        """Give the last attempt of the task, or of the Map Run, of the present visit another answer."""
        if (refusal := self.why_not_edit_result()) is not None:
            return refusal
        here = self._position()
        assert here.visit is not None
        assert here.state is not None
        base = asking_node(here.node, here.visit)
        assert base is not None
        return self._answered(base, here.visit.branch, here.state, answer)

    # call again

    def why_not_call_again(self) -> Stop | None:
        """Why nothing can be called again here; None where the Task at hand was called, or would be: the call may have
        been made before the session was left, or somebody answered in its place."""
        asked = self._asked_at_hand()
        if asked is not None and any(handler.knows(asked.request) for handler in calling_handlers(self.tasks)):
            return None
        if not makes_calls(self.tasks):
            return refused("no Task of this session calls anything outside of the program")
        last = next(calls_between(self.tasks, self._position().node, self.timeline.nodes[0]), None)
        if last is None:
            return refused("nothing outside of the program was called here")
        return refused(f"{last.callee} was called, but not here: go back to that Task first", Verb.BACK_OVER)

    def _asked_at_hand(self) -> _Asked | None:
        """What the Task at hand asked last: that of the present visit, or where it is about to run, of the visit that
        stands ahead on this fork, which one has stepped back over."""
        here = self._position()
        fork = self.timeline.fork
        visit, node = here.visit, here.node
        if visit is None:
            visit = _visit_ahead(fork, here)
            node = (ended_node(fork, visit) if visit is not None else None) or fork.nodes[-1]
        base = asking_node(node, visit) if visit is not None else None
        request = request_at(base, visit.branch) if base is not None and visit is not None else None
        return _Asked(base, request) if base is not None and request is not None else None

    def call_again(self) -> Stop:
        """Call once more what the Task at hand called last; where another answer comes, a fork goes on with it."""
        if (refusal := self.why_not_call_again()) is not None:
            return refusal
        asked = self._asked_at_hand()
        assert asked is not None
        base, request = asked
        self.answering.forget(request)
        for handler in calling_handlers(self.tasks):
            handler.forget(request)
        answer = self.answering.ask_anew(request)
        if call_of(self.tasks, request) is None:
            name = named(request.state.name)
            return refused(f"{name} is not called: it is answered otherwise, by a mock for example")
        if answer is not None:
            return self._answered(base, request.branch, request.state, answer)
        self.timeline.put_cursor(base)
        return Stop(StopReason.QUESTION, f"{named(request.state.name)} was called again, and waits for its answer")

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
        here = self._position()
        try:
            state = here.execution.machine.state(path) if path is not None else here.state
        except KeyError:
            return refused(f"there is no state {'/'.join(map(str, path or ()))}")
        if state is None:
            return refused("there is no state here")
        if state.type not in _FAILING_TYPES:
            can = "failures can be injected into Task, Parallel and Map states"
            return refused(f"{named(state.name)} is a {state.type}: {can}")
        if here.is_over and self._under_way(here, state) is None:
            return refused(f"the execution is over: go back to before {named(state.name)}", Verb.RESTART)
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
        here = self._position()
        state = here.execution.machine.state(path)
        decision = InjectFailure(path, error, cause, attempts)
        times = "next attempt fails" if attempts == 1 else f"next {attempts} attempts fail"
        text = f"{named(state.name)}: the {times} with {error}"
        reason = f"injected {error} into '{state.name}'" + (f", {attempts} times" if attempts > 1 else "")
        visit = self._under_way(here, state)
        if visit is None:
            return self._decide(here.node, decision, reason, text, here.focus)
        branch = here.execution.branches.get(visit.branch)
        if branch is not None and here.is_settled and branch.phase is Phase.ASKING and branch.visit is visit:
            return self._fail_now(here.node, branch.id, decision, reason, text)
        base = attempt_start(here.node, visit)
        return self._decide(base or here.node, decision, reason, text, visit.branch)

    def forecast_injection(
        self, path: StatePath, error: str, cause: str | None, attempts: int
    ) -> OutcomeForecast | None:
        """What would become of the state at `path` if that were injected; None where it is not at hand."""
        if self._why_no_injection(path, error, cause, attempts) is not None:
            return None
        here = self._position()
        state = here.execution.machine.state(path)
        decision = InjectFailure(path, error, cause, attempts)
        visit = self._under_way(here, state)
        if visit is None:
            there = [branch.id for branch in here.execution.branches.values() if state_path(branch) == path]
            is_at_hand = len(there) == 1 and here.focus[: len(there[0])] == there[0]  # of several, any may be first
            return forecast_outcome(here.execution, there[0], (decision,)) if is_at_hand else None
        live = here.execution.branches.get(visit.branch)
        if live is not None and here.is_settled and live.phase is Phase.ASKING and live.visit is visit:
            rest = (replace(decision, attempts=attempts - 1),) if attempts > 1 else ()
            return forecast_outcome(here.execution, live.id, (*rest, AnswerTask(live.id, TaskFailure(error, cause))))
        base = attempt_start(here.node, visit) or here.node
        return forecast_outcome(base.execution, visit.branch, (decision,))

    def forecast_choice(self) -> ChoiceForecast | None:
        """What the Choice at the cursor would do by itself; None where there is none."""
        here = self._position()
        if here.state is None or self.why_not_force() is not None:
            return None
        base, branch = self._before_entering(here)
        return forecast_choice(here.state, base.execution, branch)

    def forecast_answer(self, answer: Answer) -> OutcomeForecast | None:
        """What would become of the Task that waits if it were answered so; None when the answer does not fit."""
        request = self.asking()
        if request is None or why_no_answer(answer) is not None:
            return None
        return forecast_outcome(self._position().execution, request.branch, (AnswerTask(request.branch, answer),))

    def _under_way(self, here: Position, state: State) -> Visit | None:
        """The visit to `state` at the cursor, or around it, whose work has begun; None when its next try is ahead."""
        for depth in range(len(here.focus), -1, -1):
            branch = here.execution.branches.get(here.focus[:depth])
            visit = here.visit if depth == len(here.focus) else branch.visit if branch else None
            if visit is None or visit.state is not state or attempt_start(here.node, visit) is None:
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

    # making a decision

    def _position(self) -> Position:
        return position_at(self.timeline.cursor)

    def _before_entering(self, here: Position) -> tuple[TimelineNode, BranchId]:
        if here.visit is None:
            return here.node, here.focus
        return self.backtracker.ready_before(here.visit), here.visit.branch

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
        here = position_at(self.timeline.cursor)
        if here.is_over:
            return Stop(StopReason.END, words.end(here.execution), self.timeline.current.id if forked else None)
        return Stop(StopReason.CHANGED, text, self.timeline.current.id if forked else None)


def _is_before_work(phase: Phase, work: object) -> bool:
    """Whether the next attempt is still ahead: not begun, or waiting for its Retry."""
    return phase in (Phase.WORK, Phase.FAULT) or (phase is Phase.SLEEPING and work is None)
