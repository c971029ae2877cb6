"""One hosted execution: what others see of it, and what they do with it. It only ever moves on, by its loop.

A client sees the main line. Somebody who debugs it may hold it, have it go on step by step, or from a line of his own.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Protocol

from sfdebug.engine import step
from sfdebug.engine.execution.decisions import Redrive, StopExecution
from sfdebug.errors import DecisionError
from sfdebug.hosting.attempts import AwaitedKind, HostedAttempt
from sfdebug.hosting.holding import HoldKind, HoldReason
from sfdebug.hosting.left_behind import went_on
from sfdebug.hosting.loop import ExecutionLoop
from sfdebug.hosting.map_run_works import works_in
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision, TaskFailure, TaskResult
    from sfdebug.engine.execution.work import MapRunWork, PreparedWork
    from sfdebug.hosting.attempts import StartedExecution
    from sfdebug.hosting.handlers import Called
    from sfdebug.hosting.holding import ExecutionHolder, Held
    from sfdebug.hosting.left_behind import WentOn
    from sfdebug.hosting.records import StartFacts
    from sfdebug.hosting.resuming import KeptAttempt, KeptCourse
    from sfdebug.hosting.shared import HostingShared
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.start_calls import StartCall


class HostedKeeper(Protocol):
    """Who has the executions, and is told what becomes of them."""

    @property
    def holder(self) -> ExecutionHolder | None:
        """Who says where executions are held."""

    def stepping(self, hosted: HostedExecution, decision: Decision, after: Execution) -> None:
        """A step leads there, which nobody has seen yet; told under the lock of the execution."""

    def decided(self, hosted: HostedExecution, decision: Decision) -> None:
        """A step was made; told under the lock of the execution."""

    def awaiting(self, hosted: HostedExecution, attempt: HostedAttempt) -> None:
        """An attempt waits, or waits otherwise than before; told under the lock of the execution."""

    def held(self, hosted: HostedExecution) -> None:
        """An execution is held, or no longer; told under its lock."""

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        """An execution goes on from another line; told under its lock."""

    def ended(self, hosted: HostedExecution) -> None:
        """An execution is over, and its lock is free."""

    def redriving(self, hosted: HostedExecution) -> None:
        """An execution is about to go on again; told under its lock. Raises HostRefusalError where it must not."""

    def redriven(self, hosted: HostedExecution) -> None:
        """An execution goes on again, and its lock is free."""


class HostedExecution:
    """An execution that runs. `execution` is how it stands now: an immutable value, read without the lock."""

    def __init__(
        self,
        shared: HostingShared,
        keeper: HostedKeeper,
        facts: StartFacts,
        execution: Execution,
        mocks: TaskHandler | None,
    ) -> None:
        self.facts = facts
        self.execution = execution
        self.map_run_works: dict[str, MapRunWork | PreparedWork] = {}
        """By their ARNs, how the Map Runs were seen last."""
        self.is_left_waiting = False
        """Whether it waits for nothing but somebody outside."""
        self.over = threading.Event()
        self.since = shared.clock.now()
        """When it was started, redriven or over, on the wall, whatever the time is in it."""
        self.client_token: str | None = None
        """That of its last redrive, by which the same call is known again."""
        self.is_deserted = False
        """Whether the client that waited for its end has gone."""
        self.kept: object = None
        """What it is to who keeps it."""
        self.on_end: list[Callable[[], None]] = []
        """Told when it is over."""
        self.on_left_waiting: list[Callable[[], None]] = []
        """Told when it waits for nothing but somebody outside."""
        self.on_pause: list[Callable[[], None]] = []
        """Told when its time stands still, or goes on."""
        self._clock = shared.clock
        self._keeper = keeper
        self.stepping: Callable[[Decision, Execution], None] = partial(keeper.stepping, self)
        self.decided: Callable[[Decision], None] = partial(keeper.decided, self)
        self._loop = ExecutionLoop(shared, self, mocks)

    @property
    def is_sync(self) -> bool:
        """Whether the client that has started it waits for its end."""
        return self.facts.is_sync

    @property
    def held(self) -> Held | None:
        """Why it is held, and since when; None while it is not."""
        return self._loop.holding.held

    @property
    def is_paused(self) -> bool:
        """Whether its time stands still: it is held, or waits for one that is."""
        return self._loop.time.is_stopped

    def passed_since(self, execution: Execution) -> int:
        """How long ago it stood like that, in milliseconds; of one that is over, how long ago it ended."""
        return self._loop.time.now(execution) - execution.clock

    @property
    def clock(self) -> tuple[float, float]:
        """How late it was in it when the wall's clock showed that; told under its lock."""
        return self._loop.time.standing

    # taken up again

    def take_up(self, course: KeptCourse) -> None:
        """Have it stand where one stood that was kept; nobody else has it yet. Raises DecisionError, and whatever else
        the engine raises, where that is not what this engine does."""
        self._loop.take_up(course.decisions)
        if course.clock is not None:
            self._loop.time.go_on_from(*course.clock)
        self.since, self.client_token = course.since, course.client_token
        if not self._loop.is_running:
            self.over.set()

    def take_up_attempt(self, kept: KeptAttempt, find: Callable[[str], StartedExecution | None]) -> bool:
        """Have a question that was put be waited for again, where nobody has to be asked once more for that; `find`
        gives the executions that Tasks have started. Whether something was being called, and will be again."""
        with self._loop:
            return self._loop.reopener.take_up(kept, find)

    # what clients do with it

    def go_on(self) -> None:
        """Step it, soon, from any thread."""
        with self._loop:
            self._loop.schedule()

    def catch_up(self, token: str) -> None:
        """Have the question be put that has this token, if it stands in the history and would be put soon."""
        with self._loop:
            self._loop.catch_up(token)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End it now, from any thread: it is over when this returns."""
        with self._loop:
            if self._loop.is_running:
                self._loop.step(StopExecution(error, cause, self._loop.now))
                self._loop.settle()

    def redrive(self, client_token: str | None = None) -> None:
        """Go on from where it failed. Raises HostRefusalError (NOT_REDRIVABLE, CLOSED, EXECUTION_UNKNOWN)."""
        with self._loop:
            if client_token is not None and client_token == self.client_token:
                return
            decision = Redrive(self._loop.now)
            try:
                step(self.execution, decision)
            except DecisionError as error:
                raise HostRefusalError(RefusalReason.NOT_REDRIVABLE, self.facts.arn, error.what) from None
            self.over.clear()  # who is still to tell of the last end sees that it does not count any more
            try:
                self._keeper.redriving(self)
            except HostRefusalError:
                self.over.set()
                raise
            self._loop.step(decision)
            self.client_token = client_token
            self.since = self._clock.now()
            self._loop.schedule()
        self._keeper.redriven(self)

    def decide(self, choose: Callable[[Execution], Decision | None]) -> None:
        """Take what `choose` makes of the execution as it stands, if anything. Raises DecisionError for what does not
        fit."""
        with self._loop:
            decision = choose(self.execution) if self._loop.is_running else None
            if decision is not None:
                self._loop.step(decision)
                self._loop.settle()

    # what somebody does who debugs it

    def hold(self) -> None:
        """Hold it where it stands, from any thread. Of one that is over, or held, nothing comes."""
        with self._loop:
            if self._loop.is_running and self.held is None:
                self._loop.hold(HoldReason(HoldKind.BY_HAND))

    def release(self) -> None:
        """Have it go on, from any thread, with what has arrived for it meanwhile. One that was to make one step more is
        not held behind it."""
        with self._loop:
            self._loop.holding.step_once(is_stepping=False)
            if self.held is not None:
                self._loop.let_go()
                self._loop.schedule()

    def step_held(self) -> bool:
        """Have it make one step, and be held again.

        Returns:
            Whether it has: where it waits for something outside, or for time to pass, its time goes on until that
            comes, and it is held again behind the step that is made then.
        """
        with self._loop:
            if self.held is None:
                return False
            before = len(self.execution.decisions)
            self._loop.let_go()
            self._loop.holding.step_once(is_stepping=True)
            self._loop.advance(1)
            return len(self.execution.decisions) > before

    def would_leave(self, execution: Execution) -> WentOn:
        """What `go_on_from` would give. Raises HostRefusalError as that does."""
        with self._loop:
            return self._left_for(execution)

    def go_on_from(self, execution: Execution) -> WentOn:
        """Go on from another line of this execution, which is held: a fork of somebody who has looked at it. It stays
        held there.

        What both lines wait for is waited for on. What the new one waits for and was answered on what is left behind
        waits again: a token can be answered once more, an execution that was started gives its end. What only the old
        line waited for is dropped, as when a branch is stopped.

        Args:
            execution: As it stands at the end of the new line: of the same definition, settings and input.

        Returns:
            What had happened outside on what is left behind.

        Raises:
            HostRefusalError: NOT_HELD, LINE_UNKNOWN.
        """
        loop = self._loop
        with loop:
            went = self._left_for(execution)
            self.execution = execution
            loop.time.go_to(execution)
            loop.holding.begin_anew(execution, loop.reopener.reconcile(execution, went))
            self.map_run_works = works_in(execution, self.map_run_works)
            self._keeper.went_on(self, went)
            loop.settle()
        return went

    def _left_for(self, execution: Execution) -> WentOn:
        if self.held is None:
            raise HostRefusalError(RefusalReason.NOT_HELD, self.facts.arn)
        loop = self._loop
        gone = loop.reopener.not_asked_by(execution)
        went = went_on(self.execution, execution, loop.questions.acts, gone, loop.holding.sent_for(gone))
        if went is None:
            raise HostRefusalError(RefusalReason.LINE_UNKNOWN, self.facts.arn)
        return went

    # what reaches an attempt

    def take_answer(self, attempt: HostedAttempt, answer: TaskResult | TaskFailure) -> bool:
        """Whether the attempt still waited for what was sent for its token."""
        with self._loop:
            if not self._loop.questions.open.has(attempt):
                return False
            if attempt.kind is AwaitedKind.CALL or self.held is not None:
                attempt.early = answer
                self.awaits(attempt)
            if attempt.kind is not AwaitedKind.CALL:
                self._loop.take(attempt, self._loop.questions.sent(attempt, answer), is_sent=True)
            return True

    def take_heartbeat(self, attempt: HostedAttempt) -> bool:
        """Whether the attempt still waited."""
        with self._loop:
            if not self._loop.questions.open.has(attempt):
                return False
            attempt.heard = self._loop.now
            self.awaits(attempt)
            self._loop.schedule()
            return True

    def take_worker(self, attempt: HostedAttempt, worker_name: str | None) -> bool:
        """Whether the attempt still waited for a worker, which has it now."""
        with self._loop:
            if not self._loop.questions.open.has(attempt) or attempt.kind is not AwaitedKind.WORKER:
                return False
            self._loop.take(attempt, self._loop.questions.taken(attempt, worker_name))
            return True

    def take_called(self, attempt: HostedAttempt, called: Called) -> None:
        """What came of a call, on the thread that made it."""
        with self._loop:
            self._loop.take(attempt, self._loop.questions.came_of_call(attempt, called))

    def take_end(self, attempt: HostedAttempt, call: StartCall, child: StartedExecution) -> None:
        """An execution that the attempt has started is over, and its lock is free."""
        with self._loop:
            self._loop.take(attempt, self._loop.questions.ended(attempt, call, child))

    def see_children(self) -> None:
        """The time of an execution that is waited for has been stopped, or goes on; its lock is free."""
        with self._loop:
            self._loop.pause()
            self._loop.schedule()

    # what its loop tells and asks

    @property
    def holder(self) -> ExecutionHolder | None:
        """Who says where executions are held."""
        return self._keeper.holder

    def afterwards(self, job: Callable[[], None]) -> None:
        """Do what may take the locks of others when the lock of this one is free."""
        self._loop.afterwards(job)

    def awaits(self, attempt: HostedAttempt) -> None:
        """An attempt waits, or waits otherwise than before."""
        self._keeper.awaiting(self, attempt)

    def tell_held(self) -> None:
        """It is held, or no longer."""
        self._keeper.held(self)

    def tell_ended(self) -> None:
        """It is over, and its lock is free."""
        self._keeper.ended(self)
