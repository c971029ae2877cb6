"""Waiting again for what an execution waits for: after another process, or on another line of the execution.

What an execution waits for stands in it; how its attempts waited is told beside that, or is found by what has happened
outside. All of it happens under the lock of the execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import AnswerTask, TaskFailure, TaskResult
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.readiness import questions
from sfdebug.hosting.attempts import AwaitedKind, HostedAttempt, waits_for_its_token
from sfdebug.hosting.handlers import Called, broken
from sfdebug.hosting.left_behind import is_same_question
from sfdebug.tasks.start_calls import StartCall, StartCallKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.attempts import StartedExecution
    from sfdebug.hosting.execution_time import ExecutionTime
    from sfdebug.hosting.left_behind import WentOn
    from sfdebug.hosting.questions import QuestionDesk, QuestionKeeper
    from sfdebug.hosting.resuming import KeptAttempt
    from sfdebug.hosting.shared import HostingShared


class AttemptReopener:
    """Has the attempts of an execution wait again."""

    def __init__(self, shared: HostingShared, keeper: QuestionKeeper, desk: QuestionDesk, time: ExecutionTime) -> None:
        self._shared = shared
        self._keeper = keeper
        self._desk = desk
        self._time = time

    # after another process

    def take_up(self, kept: KeptAttempt, find: Callable[[str], StartedExecution | None]) -> bool:
        """Wait again for what an attempt of another process waited for.

        Args:
            kept: How it stood. What has to be asked again is left to be: a worker, or what was being called.
            find: Gives the executions that Tasks have started.

        Returns:
            Whether something was being called, and will be once more.
        """
        execution = self._keeper.execution
        branch = execution.branches.get(kept.branch)
        request = branch.request if branch is not None else None
        told = (kept.event, kept.attempt)
        if branch is None or request is None or (request.scheduled_event_id, request.attempt) != told:
            return False  # it was answered since
        attempt = HostedAttempt(self._keeper, request, kept.asked, kept.began)
        attempt.heard = kept.heard
        attempt.early = kept.early if isinstance(kept.early, TaskResult | TaskFailure) else None
        has_begun = isinstance(branch.work, TaskWork) and branch.work.has_begun
        if kept.kind == AwaitedKind.CHILD.value:
            self._take_up_child(attempt, find(kept.child), has_begun=has_begun)
        elif has_begun or attempt.early is not None:
            self._take_up_token(attempt, has_begun=has_begun)
        else:
            return kept.kind == AwaitedKind.CALL.value
        return False

    def _take_up_token(self, attempt: HostedAttempt, *, has_begun: bool) -> None:
        attempt.kind = AwaitedKind.TOKEN
        self._desk.wait_for(attempt)
        self._desk.expect(attempt)
        early = attempt.early
        if early is not None:  # who has sent that was told that it is taken
            self._shared.tokens.drop(attempt.token, is_gone=False)

            def come() -> None:
                if has_begun:
                    self._keeper.take_answer(attempt, early)
                else:
                    self._keeper.take_called(attempt, Called(None, None))

            self._keeper.afterwards(come)

    def _take_up_child(self, attempt: HostedAttempt, child: StartedExecution | None, *, has_begun: bool) -> None:
        call = self._start_call(attempt.request)
        if child is not None and isinstance(call, StartCall) and (has_begun or call.kind is StartCallKind.SDK_SYNC):
            self._desk.wait_for_child(attempt, call, child)

    # on another line

    def not_asked_by(self, execution: Execution) -> list[HostedAttempt]:
        """The attempts that another line of the execution does not wait for."""
        asked = {request.branch: request for request in questions(execution)}
        return [
            attempt
            for attempt in self._desk.open
            if (request := asked.get(attempt.request.branch)) is None or not is_same_question(request, attempt.request)
        ]

    def reconcile(self, execution: Execution, went: WentOn) -> Iterator[Decision]:
        """The execution is on another line from here on: attempts that it does not wait for are dropped. Gives what is
        to be taken first: what it waits for, and was answered on what is left behind, waits once more."""
        desk = self._desk
        for attempt in self.not_asked_by(execution):
            desk.abort(attempt, is_gone=False)
        desk.acts.go_back(went.decisions)
        desk.line += 1
        for request in questions(execution):
            if request.branch in desk.open:
                attempt = desk.open.at(request.branch)
                desk.open.remove(attempt)
                attempt.request = request
                desk.open.add(attempt)
        return self._waiting_again(tuple(questions(execution)))

    def _waiting_again(self, requests: Sequence[TaskRequest]) -> Iterator[Decision]:
        desk = self._desk
        for request in requests:
            branch = self._keeper.execution.branches.get(request.branch)
            if branch is None or branch.request is not request or not isinstance(branch.work, TaskWork):
                continue
            if not desk.open.is_asked(request):
                if branch.work.has_begun:
                    yield from self._reopened(request)
                continue
            attempt = desk.open.at(request.branch)
            if not branch.work.has_begun and attempt.submission is not None:
                yield desk.begun(attempt, attempt.submission, self._time.at(self._now))

    def _reopened(self, request: TaskRequest) -> Iterator[Decision]:
        """A task that has begun: its limits count anew."""
        now = self._now
        attempt = HostedAttempt(self._keeper, request, self._time.passed_at(self._keeper.execution, now), now)
        call = self._start_call(request)
        if not isinstance(call, StartCall) or waits_for_its_token(request):
            attempt.kind = AwaitedKind.TOKEN
            self._desk.wait_for(attempt)
            self._desk.expect(attempt)
            return
        arn = self._desk.acts.started_for(request)
        child = self._shared.inside.started(arn) if arn is not None else None
        if child is not None:
            self._desk.wait_for_child(attempt, call, child)
            return
        lost = broken("The execution that this Task has started is not in memory any more.")
        yield AnswerTask(request.branch, lost, self._time.at(now))

    def _start_call(self, request: TaskRequest) -> StartCall | TaskFailure | None:
        started = self._keeper.execution.settings.start_time
        return self._shared.inside.start_call(request, started, self._desk.line)

    @property
    def _now(self) -> int:
        return self._time.now(self._keeper.execution)
