"""The clock that fires the schedules of a book when they are due.

It goes by the time of the machine, which is set forward and back, and which goes on while the machine sleeps: what was
due meanwhile is fired once when it wakes. What was due while nothing was served is not fired.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.eventbridge.schedules import Schedule
    from sfdebug.hosting.clock import WallClock
    from sfdebug.hosting.scheduling import JobScheduler, Timer
    from sfdebug.hosting.triggers.book import TriggerBook
    from sfdebug.hosting.triggers.hosted_trigger import HostedTrigger

_LONGEST: Final = 30_000.0
"""Milliseconds after which it looks again in any case: the machine's time may have been set, or it has slept."""


def machine_time() -> int:
    """What the clock of the machine shows, in milliseconds since 1970."""
    return int(time.time() * 1000)


class ScheduleClock:
    """Fires what is due, until it is closed."""

    def __init__(
        self, book: TriggerBook, scheduler: JobScheduler, clock: WallClock, now: Callable[[], int] = machine_time
    ) -> None:
        """`scheduler` does jobs when `clock` shows a time; `now` is what schedules go by."""
        self._book = book
        self._scheduler = scheduler
        self._clock = clock
        self._now = now
        self._began = 0
        self._timer: Timer | None = None
        self._is_closed = False
        found = ((trigger, trigger.schedule) for trigger in book.list)
        self._schedules: list[tuple[HostedTrigger, Schedule]] = [
            (trigger, schedule) for trigger, schedule in found if schedule is not None
        ]

    def __len__(self) -> int:
        """How many schedules there are that can be due."""
        return len(self._schedules)

    def start(self) -> None:
        """Fire them from now on: rates count from here."""
        self._began = self._now()
        for trigger, schedule in self._schedules:
            self._book.tell_due(trigger, schedule.next_after(self._began - 1, self._began))
        self._wait()

    def close(self) -> None:
        """Fire nothing any more."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """Fire what is due by now, each once."""
        now = self._now()
        for trigger, schedule in self._schedules:
            due = trigger.due
            if self._is_closed or due is None or due > now:
                continue
            self._book.tell_due(trigger, schedule.next_after(now, self._began))
            self._book.fire_due(trigger, due)
        self._wait()

    def _wait(self) -> None:
        due = [trigger.due for trigger, _ in self._schedules if trigger.due is not None]
        if due and not self._is_closed:
            wait = min(max(0.0, min(due) - self._now()), _LONGEST)
            self._timer = self._scheduler.later(self._clock.now() + wait, self._look)
