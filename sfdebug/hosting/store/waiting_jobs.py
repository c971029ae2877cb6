"""Who does the work of a host that keeps things: jobs wait while nothing can be kept, and calls until what led to them
is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sfdebug.hosting.refusals import HostRefusalError
from sfdebug.hosting.store.commit import BACKLOG

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.hosting.scheduling import JobScheduler, Timer
    from sfdebug.hosting.store.commit import GroupCommit


class KeepingScheduler:
    """Does jobs by another scheduler, each when it may be done."""

    def __init__(self, inner: JobScheduler, commit: GroupCommit) -> None:
        self._inner = inner
        self._commit = commit

    def step(self, job: Callable[[], None]) -> None:
        """Do a short job soon; where much is queued to be kept, that is written first."""
        self._inner.step(partial(self._do_step, job))

    def call(self, job: Callable[[], None]) -> None:
        """Do a job that may call something outside, when all that was decided before is kept: what was called is never
        unknown to the file."""
        self._inner.call(partial(self._do_call, job))

    def later(self, wall: float, job: Callable[[], None]) -> Timer:
        """Do a short job when the wall clock shows that."""
        return self._inner.later(wall, job)

    def close(self, end_calls: Callable[[], None]) -> None:
        """Begin no job any more, end the calls that are under way, and wait for what is."""
        self._inner.close(end_calls)

    def _do_step(self, job: Callable[[], None]) -> None:
        if self._commit.trouble or self._commit.backlog > BACKLOG:
            try:
                self._commit.commit()
            except HostRefusalError:
                self._commit.hold(partial(self.step, job))
                return
        job()

    def _do_call(self, job: Callable[[], None]) -> None:
        try:
            self._commit.commit()
        except HostRefusalError:
            self._commit.hold(partial(self.call, job))
            return
        if not self._commit.is_closed:
            job()
