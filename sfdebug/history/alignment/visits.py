"""Visits and attempts as a recorded history tells of them, with real times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.recording import RecordedEvent

_FAILURES = ("Failed", "TimedOut")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a Task, a Parallel or a Map: its events, from what scheduled or started it. Counts from 1.

    `redrives` is how often the execution had been redriven when it began.
    """

    number: int
    events: tuple[RecordedEvent, ...]
    redrives: int = 0

    @property
    def began(self) -> RecordedEvent:
        """The event that scheduled or started it."""
        return self.events[0]

    @property
    def ended(self) -> RecordedEvent | None:
        """The event that says how it ended, None when none does."""
        return next((event for event in reversed(self.events) if _is_end(event.type)), None)

    @property
    def failed(self) -> bool:
        """Whether it failed or timed out."""
        end = self.ended
        return end is not None and end.type.endswith(_FAILURES)

    @property
    def error(self) -> str | None:
        """The error name that it failed with. A TimedOut event without one is States.Timeout."""
        end = self.ended
        if end is None or not self.failed:
            return None
        return end.text("error") or ("States.Timeout" if end.type.endswith("TimedOut") else None)

    @property
    def cause(self) -> str | None:
        """The cause that it failed with."""
        end = self.ended
        return end.text("cause") if end is not None and self.failed else None

    @property
    def input(self) -> Value:
        """What the task was called with: the effective input. MISSING when it was not recorded."""
        for name in ("parameters", "input"):
            value = self.began.payload(name)
            if value is not MISSING:
                return value
        return MISSING

    @property
    def result(self) -> Value:
        """What the task returned. MISSING when it failed, or that was not recorded."""
        end = self.ended
        return end.payload("output") if end is not None and not self.failed else MISSING

    @property
    def milliseconds(self) -> int | None:
        """How long it took, as far as its events say."""
        return _between(self.began, self.events[-1])


@dataclass(frozen=True, slots=True)
class RecordedVisit:
    """One stay in one state. `number` is its place among the visits, from 0, in order of entry.

    `last` is its last event, `exited` that by which the state was left, None when it never was. `container` is the
    number of the visit to the Parallel or Map that its branch belongs to.

    Of a visit that was not left, `failed` says that its failure was taken by nobody, and went up to its container or
    ended the execution; `aborted` that it was cut short by something else, also while it waited for a retry. Both are
    about the last time: a redrive can have gone on with it. `redriven` are the ids of the ExecutionRedriven that did.
    """

    number: int
    branch: BranchId
    state: str
    type: str
    entered: RecordedEvent
    last: RecordedEvent
    exited: RecordedEvent | None
    attempts: tuple[Attempt, ...] = ()
    container: int | None = None
    aborted: bool = False
    failed: bool = False
    redriven: tuple[int, ...] = ()

    @property
    def milliseconds(self) -> int | None:
        """How long the stay was, up to its last event."""
        return _between(self.entered, self.exited or self.last)

    @property
    def input(self) -> Value:
        """The state's raw input."""
        return self.entered.payload("input")

    @property
    def output(self) -> Value:
        """What the state gave on, MISSING when it was not left or that was not recorded."""
        return self.exited.payload("output") if self.exited is not None else MISSING

    @property
    def status(self) -> str:
        """ "succeeded", "caught" (left after a failure), "failed", "aborted" or, as far as is recorded, "running"."""
        if self.exited is not None:
            return "caught" if self.attempts and self.attempts[-1].failed else "succeeded"
        if self.failed:
            return "failed"
        return "aborted" if self.aborted else "running"


def _is_end(event_type: str) -> bool:
    return event_type.endswith(("Succeeded", *_FAILURES)) and not event_type.startswith(("MapIteration", "Evaluation"))


def _between(first: RecordedEvent, last: RecordedEvent) -> int | None:
    if first.time is None or last.time is None:
        return None
    return last.time - first.time
