"""What happens next in a hosted execution: a branch moves, something is due, a question is put, or everything waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine import readiness, step
from sfdebug.engine.ending import next_deadline, own_deadline
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    ExpireExecution,
    Proceed,
    Provenance,
    RefuseTask,
    TaskFailure,
)
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.faults import RUNTIME
from sfdebug.engine.readiness import next_to_move
from sfdebug.engine.resources import Family, parse_resource
from sfdebug.hosting.attempts import NEVER
from sfdebug.hosting.execution_time import has_express_children, wake
from sfdebug.hosting.handlers import NOT_BEGUN

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.hosting.execution_time import ExecutionTime
    from sfdebug.hosting.questions import QuestionDesk


class MoveChooser:
    """Chooses the next decision of an execution, under its lock."""

    def __init__(self, time: ExecutionTime, questions: QuestionDesk) -> None:
        self._time = time
        self._questions = questions

    def next_of(self, execution: Execution, *, by_phase: bool) -> Decision | None:
        """What happens next; None while everything waits, with a timer for when the first time is over. `by_phase`: a
        visit is not gone through in one step."""
        attempts, now = self._questions.open, self._time.now(execution)
        mover = next_to_move(execution)
        if mover is not None:
            return self._move(execution, mover, now, by_phase=by_phase)
        possible = readiness(execution)
        overdue = self._overdue(execution, possible.wakes_at, now)
        if overdue is not None:
            return overdue
        # As many questions as there are attempts: each of them has been put.
        for request in possible.requests if len(possible.requests) != len(attempts) else ():
            if not attempts.is_asked(request):
                decision = self._questions.ask(request, now)
                if decision is not None:
                    return decision
        late = next((branch for branch in possible.ready if branch not in attempts), None)
        if late is not None:
            return Proceed(late, at=self._time.at(now))
        limit = self._limit(execution)
        if (
            self._time.is_virtual
            and not attempts.holds_time
            and possible.wakes_at is not None
            and possible.wakes_at <= limit
        ):
            return wake(execution, possible.wakes_at)
        self._plan(possible.wakes_at, limit)
        return None

    def _limit(self, execution: Execution) -> float:
        """When the first time is over of what is waited for outside, or of the execution because of that. Virtual time
        does not jump over it: who is waited for has the time that he is given."""
        attempts = self._questions.open
        if not attempts and self._time.is_virtual:
            return NEVER
        deadline = next_deadline(execution)[0] if has_express_children(execution) else own_deadline(execution)
        return min(attempts.first_due()[0], deadline)

    def _move(self, execution: Execution, mover: BranchId, now: int, *, by_phase: bool) -> Decision:
        branch = execution.branches[mover]
        if branch.phase is Phase.WORK and branch.visit is not None:
            resource = parse_resource(branch.visit.state.resource)
            if resource.family is Family.ACTIVITY and not self._questions.knows_activity(resource.arn):
                refused = self._refused(execution, mover, resource.arn, now)
                if refused is not None:
                    return refused
        return Proceed(mover, not by_phase and len(execution.branches) == 1, self._time.at(now))

    def _refused(self, execution: Execution, mover: BranchId, arn: str, now: int) -> RefuseTask | None:
        """Recorded: a Task whose activity does not exist is not scheduled. One that is mocked needs none."""
        asked = step(execution, Proceed(mover, at=self._time.at(now))).branches.get(mover)
        if asked is None or asked.request is None or self._questions.mocked(asked.request) is not None:
            return None
        return RefuseTask(mover, RUNTIME, f"The activity {arn} does not exist.")

    def _overdue(self, execution: Execution, wakes_at: int | None, now: int) -> Decision | None:
        """What has become due, the earliest first."""
        attempts = self._questions.open
        at, attempt, error = attempts.first_due()
        if not self._time.is_virtual and wakes_at is not None and wakes_at <= min(now, at):
            return wake(execution, wakes_at)
        if self._time.is_over(execution, is_awaiting=bool(attempts)) and own_deadline(execution) <= at:
            return ExpireExecution(own_deadline(execution))
        if has_express_children(execution) and (late := next_deadline(execution))[0] <= min(now, at):
            return ExpireExecution(*late)
        if attempt is None or at > now:
            return None
        self._questions.drop(attempt, is_gone=False)
        timed_out = TaskFailure(error, provenance=Provenance.COMPUTED, submission=NOT_BEGUN)
        return AnswerTask(attempt.request.branch, timed_out, int(at))

    def _plan(self, wakes_at: int | None, limit: float) -> None:
        """Everything waits: be there when the first time is over."""
        if wakes_at is not None and not self._time.is_virtual:
            limit = min(limit, wakes_at)
        self._time.set_timer(limit)
