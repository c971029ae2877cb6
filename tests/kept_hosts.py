"""Hosts that are worked by hand and kept in a file: killed at any moment, and made again from what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfdebug.hosting.store.reopening import Reopened
from sfdebug.hosting.store.store import HostStore
from tests.hosted_runs import HandHost

_BEGUN: list[HostStore] = []


def end_threads() -> None:
    """End the threads of all stores that were begun: a test that is over leaves its last one open."""
    for store in _BEGUN:
        store._commit._closing.set()
        store._commit._has_more.set()
    _BEGUN.clear()


class KeptHost(HandHost):
    """A host with a store, which was reopened."""

    def __init__(self, path: Path, *arguments: Any, wall: float | None = None, **more: Any) -> None:
        self.path = path
        self.said: list[str] = []
        self.store = HostStore.open(str(path), self.said.append, lambda: self.said.append(""))
        _BEGUN.append(self.store)
        super().__init__(*arguments, keeping=self.store, **more)
        if wall is not None:
            self.hand_clock.wall = wall
        self.reopened: Reopened = self.store.reopen(self)

    def kill(self, written: int | None = None) -> float:
        """End as a process does that is killed: of what was queued, so many entries are in the file, or all. What the
        wall shows."""
        queue = self.store._commit._queue
        if written is not None:
            del queue[written:]
        self.store.commit()
        queue.clear()
        self.store.close()
        return self.hand_clock.wall
