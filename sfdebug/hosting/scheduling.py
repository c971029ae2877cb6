"""Who does the work of a host: a few threads for steps, more for calls, one for timers. Nothing of them outlives it."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.hosting.clock import WallClock

STEPPERS: Final = 4
"""Threads that step executions; more would only wait for one another."""
CALLERS: Final = 64
"""Threads that wait for what Tasks call; each call that is under way has one."""
_SWEPT: Final = 4_096
"""After so many timers, those that were cancelled are let go."""
STALLED: Final = 0.5
"""Seconds in which no call has begun though some are queued, after which there is a thread more: those that are under
way may wait for those that are queued."""
_MOST_MORE: Final = 1_024
"""Such threads at a time."""
_PATIENCE: Final = 10.0
"""Seconds that are given to calls to end: a function of the user's cannot be ended from outside."""


def _nothing() -> None:
    """What a timer does that was cancelled."""


class Timer:
    """A job that is done later, unless it is cancelled."""

    __slots__ = ("is_cancelled", "job", "wall")

    def __init__(self, wall: float, job: Callable[[], None]) -> None:
        self.wall = wall
        self.job = job
        self.is_cancelled = False

    def cancel(self) -> None:
        """Do not do it, and keep nothing in memory for it."""
        self.is_cancelled, self.job = True, _nothing


class JobScheduler(Protocol):
    """Does jobs, soon or later. A job raises nothing."""

    def step(self, job: Callable[[], None]) -> None:
        """Do a short job soon."""

    def call(self, job: Callable[[], None]) -> None:
        """Do a job that may wait for something outside."""

    def later(self, wall: float, job: Callable[[], None]) -> Timer:
        """Do a short job when the wall clock shows that."""

    def close(self, end_calls: Callable[[], None]) -> None:
        """Begin no job any more, end the calls that are under way, and wait for what is."""


class ThreadScheduler:
    """Jobs on threads, each of which is started when there is work for it."""

    def __init__(
        self, clock: WallClock, steppers: int = STEPPERS, callers: int = CALLERS, stalled: float = STALLED
    ) -> None:
        self._clock = clock
        self._steps = _Pool("steps", steppers)
        self._calls = _WaitingPool("calls", callers, stalled)
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Timer]] = []
        self._numbers = count()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def step(self, job: Callable[[], None]) -> None:
        """Do a short job soon."""
        self._steps.add(job)

    def call(self, job: Callable[[], None]) -> None:
        """Do a job that may wait for something outside."""
        self._calls.add(job)

    def later(self, wall: float, job: Callable[[], None]) -> Timer:
        """Do a short job when the wall clock shows that."""
        timer = Timer(wall, job)
        with self._changed:
            if self._is_closed:
                return timer
            number = next(self._numbers)
            if number % _SWEPT == 0:
                self._heap = [entry for entry in self._heap if not entry[2].is_cancelled]
                heapq.heapify(self._heap)
            heapq.heappush(self._heap, (wall, number, timer))
            if self._thread is None:
                self._thread = threading.Thread(name="sfdebug-hosts-time", target=self._watch, daemon=True)
                self._thread.start()
            elif self._heap[0][2] is timer:
                self._changed.notify()
        return timer

    def close(self, end_calls: Callable[[], None]) -> None:
        """Begin no job any more, end the calls that are under way, and wait for what is."""
        with self._changed:
            self._is_closed = True
            self._heap.clear()
            self._changed.notify()
            thread = self._thread
        self._calls.close()
        self._steps.close()
        end_calls()
        end = monotonic() + _PATIENCE
        for each in (thread, *self._calls.threads, *self._steps.threads):
            if each is not None and each is not threading.current_thread():
                each.join(max(0.0, end - monotonic()))

    def _watch(self) -> None:
        while True:
            with self._changed:
                if self._is_closed:
                    return
                while self._heap and self._heap[0][2].is_cancelled:
                    heapq.heappop(self._heap)
                if not self._heap:
                    self._changed.wait()
                    continue
                left = self._heap[0][0] - self._clock.now()
                if left > 0:
                    self._changed.wait(min(left / 1000, _LONGEST))
                    continue
                timer = heapq.heappop(self._heap)[2]
            self._steps.add(timer.job)


_LONGEST: Final = 3_600.0
"""Seconds that are waited for at a time: a condition takes no year."""


class _Pool:
    """So many threads at most, which take jobs in their order."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._jobs: deque[Callable[[], None]] = deque()
        self.threads: list[threading.Thread] = []
        self._idle = 0
        self._begun = 0
        """How many jobs were begun."""
        self._is_closed = False

    def add(self, job: Callable[[], None]) -> None:
        with self._changed:
            if self._is_closed:
                return
            self._jobs.append(job)
            if self._idle >= len(self._jobs):
                self._changed.notify()
            elif len(self.threads) < self._most:
                self._start(self._work)
            else:
                self._is_full()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(name="sfdebug-hosts-" + self._name, target=work, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _is_full(self) -> None:
        """Told, with the lock, that a job has to wait for a thread."""

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._jobs.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._is_closed:
                    self._idle += 1
                    self._changed.wait()
                    self._idle -= 1
                if self._is_closed:
                    return
                self._begun += 1
                job = self._jobs.popleft()
            _do(job)


class _WaitingPool(_Pool):
    """One whose jobs may wait for what is queued behind them: a function that is called starts an execution, and waits
    for its end. Where nothing has begun for a while though jobs are queued, one more thread does the newest of them,
    which is what others wait for; and so on, until they go on."""

    def __init__(self, name: str, most: int, stalled: float) -> None:
        super().__init__(name, most)
        self._stalled = stalled
        self._closing = threading.Condition(self._lock)
        """What the watching thread waits for: it must not be woken in the place of one that is to do a job."""
        self._more = 0
        self._watches = False

    def _is_full(self) -> None:
        if not self._watches:
            self._watches = True
            self._start(self._watch)

    def close(self) -> None:
        super().close()
        with self._lock:
            self._closing.notify()

    def _watch(self) -> None:
        """Start a thread more whenever nothing has begun for that long, as long as jobs are queued."""
        with self._changed:
            while self._jobs and not self._is_closed:
                before = self._begun
                self._closing.wait_for(lambda: self._is_closed, self._stalled)
                if self._jobs and self._begun == before and self._more < _MOST_MORE:
                    self._more += 1
                    self._start(self._work_more)
            self._watches = False
            self._gone()

    def _work_more(self) -> None:
        while True:
            with self._changed:
                if not self._jobs:
                    self._more -= 1
                    self._gone()
                    return
                self._begun += 1
                job = self._jobs.pop()
            _do(job)

    def _gone(self) -> None:
        """This thread ends; nobody has to wait for it any more."""
        if not self._is_closed:
            self.threads.remove(threading.current_thread())


def _do(job: Callable[[], None]) -> None:
    with suppress(Exception):  # a job sees to its own faults: one that does not must not cost a thread
        job()
