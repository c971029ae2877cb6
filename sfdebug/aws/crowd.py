"""Reading several things from AWS at once: a few threads, the answers in the order of the questions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from sfdebug.aws.problems import AwsError, CancelledError, CredentialsError
from sfdebug.aws.waiting import Cancellation

WORKERS: Final = 6
"""So many requests are under way together: few enough that AWS seldom asks for fewer."""

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def read_together(
    ask: Callable[[Question], Answer], questions: Iterable[Question], cancellation: Cancellation, workers: int = WORKERS
) -> Iterator[tuple[Question, Answer | AwsError]]:
    """What `ask` gives for each question, or the AwsError that it raised, in their order and as soon as it is there.

    No more than a few answers are kept waiting. After credentials that are not taken nothing more is asked: all later
    questions have the same answer. What is under way is cancelled when the caller takes no more.
    """
    refusal: list[CredentialsError] = []

    def one(question: Question) -> Answer | AwsError:
        if refusal:
            return refusal[0]
        try:
            return ask(question)
        except CredentialsError as error:
            refusal.append(error)
            return error
        except CancelledError:
            raise
        except AwsError as error:
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
