"""Time that passes as it does in reality: Waits, back-off and timeouts are waited for, with a way to go on before."""

from __future__ import annotations

from math import ceil
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from msgspec import Struct

from sfdebug.engine.ending import next_deadline
from sfdebug.engine.execution.decisions import Provenance, TaskSilence
from sfdebug.engine.readiness import next_to_move, readiness, sleepers
from sfdebug.tasks.handler import TaskHandler
from sfdebug.tasks.outside import CallCancelledError, call_of, last_heartbeat
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, Decision
    from sfdebug.engine.execution.visit import TaskRequest

TICK: Final = 0.1
"""Seconds between two looks at whether something has come, and two words about how long it still takes."""


class RealWait(Struct, frozen=True):
    """What is waited for: `what` in words, of so many seconds in all (None: nobody knows), since when."""

    what: str
    seconds: float | None
    began: float

    @property
    def left(self) -> float | None:
        """The seconds that are left; None where nobody knows."""
        return None if self.seconds is None else max(0.0, self.seconds - (monotonic() - self.began))

    @property
    def how_long(self) -> str:
        """How much is left, in front of a word: `12 s of 30 s `; "" where nobody knows."""
        if self.left is None or self.seconds is None:
            return ""
        return f"{duration_text(1_000 * ceil(self.left))} of {duration_text(1_000 * ceil(self.seconds))} "


@runtime_checkable
class PacingHandler(TaskHandler, Protocol):
    """A task handler that is asked before time passes."""

    def pass_time(self, execution: Execution) -> bool:
        """Wait as long as time is about to pass here; whether that came to its end."""

    def took(self, seconds: float) -> None:
        """So many seconds of what is about to pass have passed already."""

    def around(self, tasks: TaskHandler | None) -> TaskHandler:
        """The same for an execution inside, the Tasks of which others answer."""


class RealTime:
    """A task handler that lets others answer, and lets a run take the time that it takes.

    What a real call took is not waited for again when it passes on the clock of the execution. A Task whose token is to
    be answered is waited for as long as its timeout and its heartbeat allow.
    """

    def __init__(self, tasks: TaskHandler | None, outside: RealTime | None = None) -> None:
        """`outside` is that of the execution which has started this one: they wait as one."""
        self._tasks = tasks
        self._outside = outside
        self._waiting: RealWait | None = None
        self._goes_on = Event()
        self._is_interrupted = False
        self._took = 0.0
        """Milliseconds that answers took since time has passed last."""
        self._passed_until = 0.0
        """The time of the execution, in milliseconds, up to which it has passed in reality."""
        self._clock = 0
        self.on_tick: Callable[[RealWait | None], None] | None = None
        """Told now and then what is waited for, and None when that is over."""

    @property
    def handlers(self) -> tuple[TaskHandler, ...]:
        """What answers."""
        return (self._tasks,) if self._tasks is not None else ()

    @property
    def waiting(self) -> RealWait | None:
        """What is waited for now."""
        return self._top._waiting

    @property
    def _top(self) -> RealTime:
        return self._outside._top if self._outside is not None else self

    def skip(self) -> None:
        """Wait no longer, from another thread: the run goes on as if the time had passed."""
        self._top._goes_on.set()

    def interrupt(self) -> None:
        """Wait no longer, from another thread: the run does not go on."""
        self._top._is_interrupted = True
        self._top._goes_on.set()

    def around(self, tasks: TaskHandler | None) -> RealTime:
        """The same for an execution inside."""
        return RealTime(tasks, self)

    def took(self, seconds: float) -> None:
        """So many seconds of what is about to pass have passed already."""
        self._took = max(self._took, seconds * 1000)

    # what a run asks

    def decide(self, execution: Execution) -> Decision | None:
        """Nothing but to wait where a run without a person lets time pass. Raises CallCancelledError."""
        if next_to_move(execution) is None and readiness(execution).question is None:
            self.pass_time(execution)
        return None

    def pass_time(self, execution: Execution) -> bool:
        """Wait as long as time is about to pass here; whether that came to its end, or was skipped."""
        if execution.clock < self._clock:  # it has gone back: what was waited for then is not waited for now
            self._passed_until = 0.0
        self._clock = execution.clock
        self._passed_until = max(self._passed_until, execution.clock + self._took)
        self._took = 0.0
        wakes_at = readiness(execution).wakes_at
        if wakes_at is None:
            return True
        began, until = max(execution.clock, self._passed_until), min(wakes_at, next_deadline(execution)[0])
        waited = self._wait(sleepers(execution, wakes_at)[0].state_name, (until - began) / 1000)
        self._passed_until = until if waited is None else began + waited * 1000
        return waited is None

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the others answer; a call whose task token is to be answered is waited for. Raises CallCancelledError,
        and what they raise."""
        if self._tasks is None:
            return None
        began = monotonic()
        answer = self._tasks.answer(request)
        call = call_of(self._tasks, request) if answer is None and request.task_token is not None else None
        if call is not None:
            answer = self._called_back(request)
        self.took(monotonic() - began)
        return answer

    # waiting

    def _called_back(self, request: TaskRequest) -> Answer | None:
        assert self._tasks is not None
        began = monotonic()
        for _ in self._ticks(f"the answer to the task token of {request.state.name}", request.timeout_seconds):
            answer = self._tasks.answer(request)
            if answer is not None:
                return answer
            heartbeat = last_heartbeat(self._tasks, request.task_token) if request.task_token is not None else 0.0
            now, heard = monotonic(), max(began, heartbeat)
            if request.heartbeat_seconds is not None and now - heard >= request.heartbeat_seconds:
                return TaskSilence(Provenance.SERVICE)
            if request.timeout_seconds is not None and now - began >= request.timeout_seconds:
                return TaskSilence(Provenance.SERVICE)
        if self._top._is_interrupted:
            raise CallCancelledError(
                f"waiting for the answer to the task token of {request.state.name} was interrupted"
            )
        return None

    def _wait(self, what: str, seconds: float) -> float | None:
        """Wait; None when that came to its end or was skipped, else the seconds until it was interrupted."""
        if seconds <= 0:
            return None
        began = monotonic()
        for _ in self._ticks(what, seconds):
            if monotonic() - began >= seconds:
                return None
        return monotonic() - began if self._top._is_interrupted else None

    def _ticks(self, what: str, seconds: float | None) -> Iterator[None]:
        """Comes again and again, until somebody skips or interrupts."""
        top = self._top
        top._goes_on.clear()
        top._is_interrupted = False
        wait = top._waiting = RealWait(what, seconds, monotonic())
        try:
            while True:
                yield
                if top.on_tick is not None:
                    top.on_tick(wait)
                if top._goes_on.wait(TICK if wait.left is None else min(TICK, max(wait.left, 0.001))):
                    return
        finally:
            top._waiting = None
            if top.on_tick is not None:
                top.on_tick(None)


def real_time_in(tasks: TaskHandler | None) -> RealTime | None:
    """The one among the handlers of `tasks` that waits."""
    if isinstance(tasks, RealTime):
        return tasks
    found = (real_time_in(each) for each in getattr(tasks, "handlers", ()))
    return next((each for each in found if each is not None), None)
