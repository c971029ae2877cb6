"""The workers of one function: a call takes one that is free. AWS runs a function as often at once as it is called.

Here there is one process for a function as long as that is enough. A call that has waited for a while gets another one:
what it waits for may wait for it, as where a function starts an execution that calls the function. Those that are not
needed any more end.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sfdebug.tasks.outside import CallCancelledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.tasks.lambdas.worker import Worker

PATIENCE: Final = 1.0
"""Seconds that a call waits for a worker before there is another one."""
MOST_WORKERS: Final = 16
"""Of one function at once. AWS, "Use Lambda recursive loop detection": after 16 calls of itself one is stopped."""


class WorkerCrew:
    """The workers of one function."""

    def __init__(self, make: Callable[[], Worker], most: int = MOST_WORKERS, patience: float = PATIENCE) -> None:
        """`make` makes one more of them."""
        self._make = make
        self._most = most
        self._patience = patience
        self._changed = threading.Condition()
        self._free: list[Worker] = []
        self._busy: list[Worker] = []
        self._is_closed = False

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A worker that nobody else has meanwhile. Raises CallCancelledError after `close`."""
        worker = self._taken()
        try:
            yield worker
        finally:
            if self._given_back(worker):
                worker.close()

    def _taken(self) -> Worker:
        with self._changed:
            if self._busy and not self._free:
                self._changed.wait_for(lambda: self._free or self._is_closed, self._patience)
                self._changed.wait_for(lambda: self._free or self._is_closed or len(self._busy) < self._most)
            if self._is_closed:
                raise CallCancelledError("the call was cancelled")
            worker = self._free.pop() if self._free else self._make()
            self._busy.append(worker)
            return worker

    def _given_back(self, worker: Worker) -> bool:
        """Whether a worker is not needed any more: another one waits for a call already."""
        with self._changed:
            self._busy.remove(worker)
            is_more = bool(self._free) or self._is_closed
            if not is_more:
                self._free.append(worker)
            self._changed.notify()
            return is_more

    def close(self) -> None:
        """End all workers, and the calls that they make."""
        with self._changed:
            self._is_closed = True
            workers = (*self._free, *self._busy)
            self._free.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.close()
