"""The questions of one hosted execution: each is put once, to whoever answers it, and what comes of it is a decision.

A test case answers at once; what answers Tasks is called on another thread; an activity's worker, a started execution
or whoever has the task token is waited for. All of it happens under the lock of the execution.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from sfdebug.engine.context import task_token
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    BeginTask,
    Proceed,
    Provenance,
    Submission,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.resources import Family, parse_resource
from sfdebug.errors import SfdebugError
from sfdebug.hosting.attempts import (
    AttemptKeeper,
    AwaitedKind,
    HostedAttempt,
    OpenAttempts,
    attempt_name,
    waits_for_its_token,
)
from sfdebug.hosting.handlers import Called, broken
from sfdebug.hosting.left_behind import OutsideActs, OutsideKind
from sfdebug.hosting.records import ActivityTask
from sfdebug.tasks.start_calls import StartCall, StartCallKind, begun_response, start_response
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, Decision
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.attempts import StartedExecution
    from sfdebug.hosting.execution_time import ExecutionTime
    from sfdebug.hosting.records import StartFacts
    from sfdebug.hosting.shared import HostingShared
    from sfdebug.tasks.handler import TaskHandler


_OUTSIDE: Final = (Provenance.FUNCTION, Provenance.SERVICE)


class QuestionKeeper(AttemptKeeper, Protocol):
    """The execution that asks."""

    facts: StartFacts
    execution: Execution

    def awaits(self, attempt: HostedAttempt) -> None:
        """An attempt waits, or waits otherwise than before."""

    def go_on(self) -> None:
        """Step it, soon."""

    def see_children(self) -> None:
        """The time of an execution that is waited for has been stopped, or goes on."""

    def take_called(self, attempt: HostedAttempt, called: Called) -> None:
        """What came of a call, on the thread that made it."""

    def take_end(self, attempt: HostedAttempt, call: StartCall, child: StartedExecution) -> None:
        """An execution that the attempt has started is over, and its lock is free."""

    def afterwards(self, job: Callable[[], None]) -> None:
        """Do what may take the locks of others when the lock of this one is free."""


class QuestionDesk:
    """Puts the questions of an execution, and keeps the attempts that wait."""

    def __init__(
        self, shared: HostingShared, keeper: QuestionKeeper, mocks: TaskHandler | None, time: ExecutionTime
    ) -> None:
        self.open = OpenAttempts()
        self.acts = OutsideActs()
        self.line = 0
        """How often the execution has gone on from another line, so that no name is made up twice."""
        self._shared = shared
        self._keeper = keeper
        self._mocks = mocks
        self._time = time

    # asking

    def mocked(self, request: TaskRequest) -> Answer | None:
        """What the test case of the execution answers, if it does."""
        try:
            return self._mocks.answer(request) if self._mocks is not None else None
        except SfdebugError as error:
            return broken(str(error))

    def knows_activity(self, arn: str) -> bool:
        """Whether there is such an activity."""
        return self._shared.activities.knows(arn)

    def ask(self, request: TaskRequest, now: int) -> Decision | None:
        """Put a question; what it leads to at once, if anything."""
        execution, time = self._keeper.execution, self._time
        attempt = HostedAttempt(self._keeper, request, time.passed_at(execution, now), now)
        answer = self.mocked(request)
        if answer is not None:
            return AnswerTask(request.branch, attempt.timed(answer, time.passed_at(execution, now)), time.at(now))
        if request.kind is RequestKind.MAP_RUN:
            return self._call_out(attempt, now)
        if self._shared.inside.is_asked(request):
            self._call(attempt, self._shared.inside.asked)
            return None
        call = self._shared.inside.start_call(request, execution.settings.start_time, self.line)
        if isinstance(call, TaskFailure):
            return AnswerTask(request.branch, call, time.at(now))
        if call is not None:
            return self._start_inside(attempt, call, now)
        resource = parse_resource(request.resource)
        if resource.family is Family.ACTIVITY:
            self._queue(attempt, resource.arn)
            return None
        return self._call_out(attempt, now)

    def _call_out(self, attempt: HostedAttempt, now: int) -> Decision | None:
        """Ask what answers Tasks; without any, a task token is waited for all the same."""
        request = attempt.request
        if self._shared.handlers.has_any:
            if request.task_token is not None:
                self.expect(attempt)
            self._call(attempt, self._shared.handlers.called)
            return None
        if request.is_optional:
            return Proceed(request.branch, at=self._time.at(now))
        missing = self._shared.inside.missing(request)
        if missing is not None:
            return AnswerTask(request.branch, missing, self._time.at(now))
        if not waits_for_its_token(request):
            return AnswerTask(request.branch, self._shared.handlers.unanswered(request), self._time.at(now))
        return self._await_token(attempt, Submission(), now)

    def _call(self, attempt: HostedAttempt, ask: Callable[[TaskRequest], Called]) -> None:
        """Ask on another thread."""
        self.wait_for(attempt)
        self._count_calls()
        self._shared.scheduler.call(partial(self._called, attempt, ask))

    def _called(self, attempt: HostedAttempt, ask: Callable[[TaskRequest], Called]) -> None:
        """On a thread that may wait."""
        try:
            called = ask(attempt.request)
        except Exception as error:  # who asks sees to what it knows; nobody waits for ever for the rest
            called = Called(broken(f"{type(error).__name__}: {error}"), None)
        self._keeper.take_called(attempt, called)

    def _await_token(self, attempt: HostedAttempt, submission: Submission, now: int) -> Decision:
        """The task has begun; its token is with somebody outside."""
        request = attempt.request
        assert request.task_token is not None, "only what has a token is waited for by it"
        attempt.kind = AwaitedKind.TOKEN
        self.wait_for(attempt)
        self.expect(attempt)
        return self.begun(attempt, submission, self._time.at(now))

    def begun(self, attempt: HostedAttempt, submission: Submission, at: int | None) -> Decision:
        """The task of an attempt has begun."""
        attempt.submission = submission
        return BeginTask(attempt.request.branch, submission, at)

    def wait_for(self, attempt: HostedAttempt) -> None:
        """An attempt waits from now on."""
        self.open.add(attempt)
        self._keeper.awaits(attempt)

    def expect(self, attempt: HostedAttempt) -> None:
        """What is sent for the token of an attempt reaches it from now on."""
        request, settings = attempt.request, self._keeper.execution.settings
        of_activity = task_token(settings, request.branch, request.scheduled_event_id, request.attempt)
        attempt.token = request.task_token or of_activity
        self._shared.tokens.expect(attempt.token, attempt)

    def _queue(self, attempt: HostedAttempt, arn: str) -> None:
        """Have a worker of the activity take it. Its limits do not count before that."""
        attempt.kind, attempt.began, attempt.heard, attempt.activity = AwaitedKind.WORKER, None, None, arn
        self.wait_for(attempt)
        self.expect(attempt)
        self._shared.activities.schedule(arn, ActivityTask(attempt.token, compact(attempt.request.input)), attempt)

    def _start_inside(self, attempt: HostedAttempt, call: StartCall, now: int) -> Decision | None:
        """Start what a Task starts, and wait for its end where the Task does."""
        request = attempt.request
        waits = call.kind.waits and not waits_for_its_token(request)
        at, parent = self._keeper.execution.settings.start_time + attempt.asked, self._keeper.facts
        child = self._shared.inside.start_inside(call, parent, attempt_name(parent.arn, request), at)
        if isinstance(child, TaskFailure):
            return AnswerTask(request.branch, child, self._time.at(now))
        response = begun_response(call, child.facts.arn, at)
        self._note(OutsideKind.CHILD, request, child.facts.arn)
        if waits_for_its_token(request):
            return self._await_token(attempt, Submission(response), now)
        if not waits:
            answer = TaskResult(response, provenance=Provenance.COMPUTED)
            return AnswerTask(request.branch, answer, self._time.at(now))
        self.wait_for_child(attempt, call, child)
        if call.kind is StartCallKind.SDK_SYNC:
            return None
        return self.begun(attempt, Submission(response), self._time.at(now))

    def wait_for_child(self, attempt: HostedAttempt, call: StartCall, child: StartedExecution) -> None:
        """An attempt waits for the end of what it has started."""
        attempt.kind, attempt.child = AwaitedKind.CHILD, child
        self.wait_for(attempt)
        ended = partial(self._keeper.take_end, attempt, call, child)
        child.on_left_waiting.append(self._keeper.go_on)
        child.on_pause.append(self._keeper.see_children)
        child.on_end.append(ended)
        if child.over.is_set():  # perhaps before it could tell
            self._keeper.afterwards(ended)
        elif child.is_paused:
            self._keeper.afterwards(self._keeper.see_children)

    # what comes of it

    # Each of these gives the decisions one after the other: one is to be taken before the next is asked for. What has
    # arrived for an attempt that does not wait any more leads to none.

    def sent(self, attempt: HostedAttempt, answer: TaskResult | TaskFailure) -> Iterator[Decision]:
        """Somebody outside, whose time has passed, has sent the answer for the token of an attempt."""
        if not self.open.has(attempt):
            return
        now = self._now
        self._note(OutsideKind.ANSWER, attempt.request, attempt.token)
        self.drop(attempt, is_gone=False)
        timed = attempt.timed(replace(answer, after_seconds=0.0), now)
        yield AnswerTask(attempt.request.branch, timed, now)

    def ended(self, attempt: HostedAttempt, call: StartCall, child: StartedExecution) -> Iterator[Decision]:
        """What an attempt has started is over."""
        if self.open.has(attempt):
            yield self._answered(attempt, start_response(call, child.execution), self._now)

    def taken(self, attempt: HostedAttempt, worker_name: str | None) -> Iterator[Decision]:
        """A worker has the task of an attempt. Its limits count from here: AWS docs, "Troubleshooting activities"."""
        if not self.open.has(attempt):
            return
        now = self._now
        self._note(OutsideKind.WORKER, attempt.request, attempt.token)
        attempt.kind, attempt.began, attempt.heard = AwaitedKind.TOKEN, now, now
        self._keeper.awaits(attempt)
        yield self.begun(attempt, Submission(worker_name=worker_name), now)

    def came_of_call(self, attempt: HostedAttempt, called: Called) -> Iterator[Decision]:
        """A call is over. What was called for an attempt that is over is not asked for again."""
        if not self.open.has(attempt):
            self._shared.handlers.forget(attempt.request)
            return
        now = self._now
        if self._was_outside(attempt, called):
            self._note(OutsideKind.CALL, attempt.request, attempt.request.resource)
        attempt.kind = AwaitedKind.TOKEN
        self._count_calls()
        request, call = attempt.request, called.call
        if called.answer is not None and attempt.early is None:
            yield self._answered(attempt, called.answer, now)
        elif request.is_optional:
            self.drop(attempt, is_gone=False)
            yield Proceed(request.branch, at=self._time.at(now))
        elif call is None and attempt.early is None and (missing := self._shared.inside.missing(request)):
            yield self._answered(attempt, missing, now)
        elif attempt.token and (call is not None or attempt.early or waits_for_its_token(request)):
            submission = call.submission if call is not None else None
            self._keeper.awaits(attempt)
            yield self.begun(attempt, submission or Submission(), self._time.at(now))
            if attempt.early is not None:
                yield from self.sent(attempt, attempt.early)
        else:
            yield self._answered(attempt, self._shared.handlers.unanswered(request), now)

    def _was_outside(self, attempt: HostedAttempt, called: Called) -> bool:
        """Whether a call has really called something."""
        provenance = called.answer.provenance if called.answer is not None else None
        return called.call is not None or provenance in _OUTSIDE or self._shared.inside.is_asked(attempt.request)

    def _answered(self, attempt: HostedAttempt, answer: Answer, now: int) -> Decision:
        """An attempt has its answer from within this program, and does not wait any more."""
        self.drop(attempt, is_gone=False)
        timed = attempt.timed(answer, self._time.passed_at(self._keeper.execution, now))
        return AnswerTask(attempt.request.branch, timed, self._time.at(now))

    # what is over

    def drop(self, attempt: HostedAttempt, *, is_gone: bool) -> None:
        """It is not waited for any more; `is_gone`: the execution is over."""
        self.open.remove(attempt)
        if attempt.token:
            self._shared.tokens.drop(attempt.token, is_gone=is_gone)
        if attempt.activity:
            self._shared.activities.drop(attempt.activity, attempt.token)
        if attempt.kind is not AwaitedKind.CALL:
            self._shared.handlers.forget(attempt.request)
        self._count_calls()

    def abort(self, attempt: HostedAttempt, *, is_gone: bool) -> None:
        """Its branch is gone. AWS docs, "Run a job (.sync)": what was started for it is then stopped as well."""
        self.drop(attempt, is_gone=is_gone)
        if attempt.child is not None:
            self._keeper.afterwards(attempt.child.stop)

    # what is noted

    @property
    def _now(self) -> int:
        return self._time.now(self._keeper.execution)

    def _note(self, kind: OutsideKind, request: TaskRequest, subject: str) -> None:
        self.acts.note(kind, request, subject, self._keeper.execution)

    def _count_calls(self) -> None:
        self._time.count_calls(is_calling=self.open.is_calling)
