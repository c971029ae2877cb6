"""Reading with patience: cancelling from another thread, waiting before AWS is asked again, several answers at once."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct

from sfdebug.aws.errors import OF_ONE_THING, AwsError, CancelledError

WORKERS: Final = 6
"""So many requests are under way together: few enough that AWS seldom asks for fewer."""

Question = TypeVar("Question")
Answer = TypeVar("Answer")

Sleep: TypeAlias = Callable[[float], object]
"""Waits so many seconds. Tests give one that does not."""

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with how many are done, and how many there are in all (None: nobody knows yet)."""


class Cancellation:
    """Lets one thread end what another one reads. A request under way ends by its answer or its timeout."""

    def __init__(self) -> None:
        self._event = Event()

    def cancel(self) -> None:
        """End the reading at its next step; a wait ends at once."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raises CancelledError after `cancel`."""
        if self.is_cancelled:
            raise CancelledError("reading from AWS was cancelled")

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond `cancel`."""
        self._event.wait(seconds)


class Backoff(Struct, frozen=True):
    """How often to ask in all, and how long to wait in between: each wait twice the one before, up to `longest`.

    A part of each wait is random, so that several readers who were refused together do not come back together.
    """

    throttled_attempts: int = 7
    failed_attempts: int = 3
    first: float = 0.5
    longest: float = 20.0
    chance: Callable[[], float] = random.random

    def seconds(self, attempt: int) -> float:
        """The wait after this attempt, counted from 1: between half of the full wait and all of it."""
        full = min(self.longest, self.first * 2.0 ** min(attempt - 1, 30))
        return full * (0.5 + self.chance() / 2)

    def allows_another(self, attempt: int, *, throttled: bool) -> bool:
        """Whether to ask again after this many attempts."""
        return attempt < (self.throttled_attempts if throttled else self.failed_attempts)


def read_together(
    ask: Callable[[Question], Answer], questions: Iterable[Question], cancellation: Cancellation, workers: int = WORKERS
) -> Iterator[tuple[Question, Answer | AwsError]]:
    """What `ask` gives for each question, or the AwsError that it raised, in their order and as soon as it is there.

    No more than a few answers are kept waiting. After what holds for all (credentials that are not taken, no network,
    too many requests) nothing more is asked: all later questions have the same answer. What is under way is cancelled
    when the caller takes no more.
    """
    refusal: list[AwsError] = []

    def one(question: Question) -> Answer | AwsError:
        if refusal:
            return refusal[0]
        try:
            return ask(question)
        except CancelledError:
            raise
        except AwsError as error:
            if not isinstance(error, OF_ONE_THING):
                refusal.append(type(error)(error.what, error.fix))  # of what was asked first it says nothing
            return error

    waiting: deque[tuple[Question, Future[Answer | AwsError]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="sfdebug-read")
    is_done = False
    try:
        for question in questions:
            waiting.append((question, pool.submit(one, question)))
            if len(waiting) >= 2 * workers:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
        is_done = True
    finally:
        if not is_done:
            cancellation.cancel()
        pool.shutdown(wait=False, cancel_futures=True)
