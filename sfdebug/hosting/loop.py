"""The loop of one hosted execution: it is stepped in slices until it is over, is held, or everything in it waits.

All of it happens under one lock, by one thread at a time. What it leads to elsewhere (a child execution is to be
stopped, an end to be told) is done afterwards, when the lock is free.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol, Self

from sfdebug.engine import ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import ExpireExecution, StopExecution
from sfdebug.engine.faults import RUNTIME
from sfdebug.errors import NestingError, SfdebugError
from sfdebug.hosting.attempts import NEVER
from sfdebug.hosting.execution_time import ExecutionTime
from sfdebug.hosting.holding import Arrival, Held, Holding
from sfdebug.hosting.map_run_works import see_works
from sfdebug.hosting.moves import MoveChooser
from sfdebug.hosting.questions import QuestionDesk, QuestionKeeper
from sfdebug.hosting.reopening import AttemptReopener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.work import MapRunWork, PreparedWork
    from sfdebug.hosting.attempts import HostedAttempt
    from sfdebug.hosting.holding import ExecutionHolder, HoldReason
    from sfdebug.hosting.scheduling import Timer
    from sfdebug.hosting.shared import HostingShared
    from sfdebug.tasks.handler import TaskHandler

SLICE: Final = 200
"""So many steps at most are made at a time: others have their turn then."""
_CAUGHT_UP: Final = 20
"""So many slices at most are made for somebody who waits: other branches may go on and on."""
_FORGOTTEN_AT_ONCE: Final = 4_000
_LOOKED_AT: Final = 100
_KEPT: Final = 1_000
"""Of visits and decisions; all events stay."""


class LoopSubject(QuestionKeeper, Protocol):
    """The execution that is stepped: what others see of it."""

    map_run_works: dict[str, MapRunWork | PreparedWork]
    is_left_waiting: bool
    over: threading.Event
    since: float
    on_end: list[Callable[[], None]]
    on_left_waiting: list[Callable[[], None]]
    on_pause: list[Callable[[], None]]

    stepping: Callable[[Decision, Execution], None]
    """Told where a step leads, before anybody sees it."""
    decided: Callable[[Decision], None]
    """Told of a step that was made."""

    @property
    def holder(self) -> ExecutionHolder | None:
        """Who says where executions are held."""

    def tell_held(self) -> None:
        """It is held, or no longer."""

    def tell_ended(self) -> None:
        """It is over; told when the lock is free."""


class ExecutionLoop:
    """Steps an execution. Everything but `run` is used under its lock: within a turn, `with loop`."""

    def __init__(self, shared: HostingShared, subject: LoopSubject, mocks: TaskHandler | None) -> None:
        self.time = ExecutionTime(shared, self._due)
        self.questions = QuestionDesk(shared, subject, mocks, self.time)
        self.holding = Holding()
        self._shared = shared
        self._subject = subject
        self._moves = MoveChooser(self.time, self.questions)
        self._clock = shared.clock
        self._scheduler = shared.scheduler
        self._lock = threading.Lock()
        self._is_scheduled = False
        self._steps = 0
        self._afterwards: list[Callable[[], None]] = []

    @property
    def reopener(self) -> AttemptReopener:
        """What has attempts wait again."""
        return AttemptReopener(self._shared, self._subject, self.questions, self.time)

    def __enter__(self) -> Self:
        """A turn: the lock is this thread's."""
        self._lock.acquire()
        return self

    def __exit__(self, *raised: object) -> None:
        """The lock is free again; what is to be done afterwards is done."""
        self._lock.release()
        if self._afterwards:
            self._do_afterwards()

    def afterwards(self, job: Callable[[], None]) -> None:
        """Do what may take the locks of others when this one is free."""
        self._afterwards.append(job)

    def _do_afterwards(self) -> None:
        while self._afterwards:
            with self._lock:
                todo, self._afterwards = self._afterwards, []
            faults = [fault for job in todo if (fault := _done(job)) is not None]
            if faults:
                raise faults[0]

    # going on

    @property
    def is_running(self) -> bool:
        """Whether the execution is not over."""
        return self._subject.execution.status is ExecutionStatus.RUNNING

    @property
    def now(self) -> int:
        """The time of the execution."""
        return self.time.now(self._subject.execution)

    def schedule(self) -> None:
        """Step it, soon, if it can move."""
        if not self._is_scheduled and self.holding.held is None and self.is_running:
            self._is_scheduled = True
            self._scheduler.step(self.run)

    def settle(self) -> None:
        """After a step from outside: go on, or see that it was the last."""
        if self.is_running:
            self.schedule()
        else:
            self._end()

    def run(self) -> None:
        """Make a slice of steps, on a thread of the scheduler."""
        with self:
            self._is_scheduled = self._subject.is_left_waiting = False
            self.advance(SLICE)

    def catch_up(self, token: str) -> None:
        """Step it now up to the question that has a token and has been made, but not put."""
        for _ in range(_CAUGHT_UP):
            if not self._is_scheduled or not self.is_running or self.holding.held is not None:
                return
            requests = readiness(self._subject.execution).requests
            request = next((one for one in requests if one.task_token == token), None)
            if request is None or self.questions.open.is_asked(request):
                return
            self.advance(SLICE)

    def _due(self, timer: Timer) -> None:
        with self._lock:
            if self.time.is_due(timer):
                self.schedule()

    def advance(self, most: int) -> None:
        """Make the next steps, so many at most; those that are left are made soon."""
        try:
            self._advance(most)
        except Exception as error:  # the engine cannot go on: nobody waits for ever for that
            self._break_off(error)

    def _advance(self, most: int) -> None:
        subject, holding = self._subject, self.holding
        holding.look_with(subject.holder, subject.facts, subject.execution)
        if holding.held is None and self.time.is_over(subject.execution, is_awaiting=bool(self.questions.open)):
            self.step(ExpireExecution(self.now))
        for _ in range(most):
            if subject.execution.status is not ExecutionStatus.RUNNING or holding.held is not None:
                break
            decision = holding.arrived() if holding.arrivals else None
            if decision is None:
                decision = self._moves.next_of(subject.execution, by_phase=holding.is_watching)
            if decision is None:
                self._wait()
                return
            reason = holding.before(subject.execution, decision) if holding.is_watching else None
            if reason is not None:
                self.hold(reason)
                break
            self.step(decision)
        self.settle()

    def _wait(self) -> None:
        self._subject.is_left_waiting = not self.questions.open.holds_time
        if self._subject.is_left_waiting:
            self._afterwards += self._subject.on_left_waiting

    def take(self, attempt: HostedAttempt, come: Iterator[Decision], *, is_sent: bool = False) -> None:
        """Take in what comes of something outside: now, or when the execution goes on. `is_sent`: by a client."""
        self.holding.arrivals.append(Arrival(attempt, come, is_sent=is_sent))
        try:
            while self.is_running and self.holding.held is None and (decision := self.holding.arrived()) is not None:
                self.step(decision)
        except Exception as error:  # nothing that was sent leaves an execution hanging
            self._break_off(error)
        self.settle()

    def step(self, decision: Decision) -> None:
        """Make a step, with all that comes of it here."""
        subject, before = self._subject, self._subject.execution
        after = step(before, decision)
        if after.clock > before.clock:
            self.time.follow(after)
        subject.stepping(decision, after)
        subject.execution = after
        subject.decided(decision)
        fewer = len(before.branches) - len(after.branches)
        for aborted in self.questions.open.aborted(after, fewer) if fewer > 0 else ():
            self.questions.abort(aborted, is_gone=after.status is not ExecutionStatus.RUNNING)
        see_works(after, subject.map_run_works)
        if self.time.is_stopped:
            self.pause()
        if self.holding.is_watching:
            reason = self.holding.after(before, decision, after)
            if reason is not None and self.holding.held is None and self.is_running:
                self.hold(reason)
        self._forget_visits()

    def _forget_visits(self) -> None:
        """Now and then: where there are many, the oldest are forgotten."""
        self._steps += 1
        if self._steps % _LOOKED_AT == 0:
            execution = self._subject.execution
            if len(execution.decisions) - execution.decisions.first >= _FORGOTTEN_AT_ONCE:
                self._subject.execution = execution.forgetting_visits(_KEPT)

    def take_up(self, decisions: Iterable[Decision]) -> None:
        """Have it stand where these decisions lead, which were taken in another process. Raises DecisionError, and
        whatever else the engine raises, where that is not what this engine does."""
        for decision in decisions:
            after = self._subject.execution = step(self._subject.execution, decision)
            see_works(after, self._subject.map_run_works)
            self._forget_visits()

    # being held

    def hold(self, reason: HoldReason) -> None:
        """It is held from now on."""
        self.holding.held = Held(reason, self._clock.now())
        self.holding.step_once(is_stepping=False)
        self._subject.is_left_waiting = False
        self.pause()
        self._subject.tell_held()

    def let_go(self) -> None:
        """It is held no longer."""
        self.holding.held = None
        self.pause()
        self._subject.tell_held()

    def pause(self) -> None:
        """Stop its time, or have it go on, as it is to be: it stands still while it is held, or waits for an execution
        the time of which does. Those that wait for it are told."""
        is_stopped = self.holding.held is not None or self.questions.open.is_paused
        if is_stopped != self.time.is_stopped:
            self.time.stop(is_stopped=is_stopped)
            for attempt in self.questions.open if not is_stopped else ():
                self._subject.awaits(attempt)  # who keeps it learns how its clock goes from here
            self._afterwards += self._subject.on_pause

    # the end

    def _end(self) -> None:
        """It is over: nothing is waited for any more."""
        subject = self._subject
        if subject.over.is_set():
            return
        for attempt in self.questions.open:
            self.questions.abort(attempt, is_gone=True)
        was_held = self.holding.end()
        self.pause()
        self.time.set_timer(NEVER)
        subject.is_left_waiting = False
        subject.since = self._clock.now()
        subject.over.set()
        if was_held:
            subject.tell_held()
        self._afterwards += [subject.tell_ended, *subject.on_end]
        for told in (subject.on_end, subject.on_left_waiting, subject.on_pause):
            told.clear()  # who waited is not kept in memory for that

    def _break_off(self, error: Exception) -> None:
        """The engine cannot go on, which is no fault of the execution: it is aborted, and says why."""
        if self.is_running:
            told = str(error) if isinstance(error, SfdebugError) else f"{type(error).__name__}: {error}"
            if isinstance(error, RecursionError):
                told = str(NestingError(self._subject.execution.machine.name))
            self.step(StopExecution(RUNTIME, told, self.now))
        self._end()


def _done(job: Callable[[], None]) -> Exception | None:
    """Do a job; what it raises. Those behind it are done in any case: they may be what others wait for."""
    try:
        job()
    except Exception as fault:
        return fault
    return None
