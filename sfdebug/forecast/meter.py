"""The meter of a run: events, transitions, retries and the largest payload, counted event by event.

It counts simulated and recorded events alike, and says of every event how much there was up to it, so that a screen can
step back. Source for what a transition is: AWS's pricing page, each state that is entered, and each retry again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.recorded.events import PastEvent
from sfdebug.engine.execution.events import PAYLOAD_TEXTS, Event, EventType
from sfdebug.forecast.loops import LoopFinder
from sfdebug.history.recording import CONTAINER_STARTS, PAYLOADS, TASK_FAMILIES, is_cut_off

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.values import Json

_ATTEMPTS: Final = frozenset({*(f"{family}Scheduled" for family in TASK_FAMILIES), *CONTAINER_STARTS})
"""The events that begin an attempt of a Task, a Parallel or a Map."""
_OVER: Final = frozenset(f"{family}{end}" for family in TASK_FAMILIES for end in ("Succeeded", "Failed"))
"""The events that end an attempt of a Task with an answer."""


class PayloadPeak(Struct, frozen=True, gc=False):
    """The largest payload: its bytes as UTF-8, the field of the event that has it, the state that this is about."""

    size: int
    field: str
    state: str
    event_id: int


class StateUsage(Struct, frozen=True, gc=False):
    """What one state used: how often it was entered and tried again, and how many events are about it."""

    state: str
    entered: int
    retries: int
    events: int


class UsageSoFar(Struct, frozen=True, gc=False):
    """What a run has used up to one of its events. Whether the step out of Start is a transition more was not
    settled by what AWS says: `transitions` counts without it. `step_bytes` are the inputs of the states inside of
    Parallels and Maps, added up."""

    events: int
    entered: int
    retries: int
    step_bytes: int
    peak: PayloadPeak | None

    @property
    def transitions(self) -> int:
        """States entered, and retries."""
        return self.entered + self.retries

    @property
    def payload_bytes(self) -> int:
        """What an Express execution holds in payloads: those of the steps in Parallels and Maps together, and no less
        than the largest one."""
        return max(self.step_bytes, self.peak.size if self.peak is not None else 0)


NOTHING_YET: Final = UsageSoFar(0, 0, 0, 0, None)


class RunMeter:
    """Takes the events of one history in their order."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.loops = LoopFinder()
        self.has_unknown_sizes = False
        """Whether AWS cut a payload off, whose size is not known then."""
        self._instant_at: int | None = None
        self._root: BranchId = ()  # a child execution's own top level is a branch of its parent
        self._scheduled: dict[tuple[BranchId, str], int] = {}
        self._entered: list[int] = []
        self._retries: list[int] = []
        self._step_bytes: list[int] = []
        self._peaks: list[PayloadPeak] = []
        self._peaked_at: list[int] = []
        self._attempts: dict[tuple[BranchId, str], int] = {}
        self._states: dict[str, list[int]] = {}
        self._last: tuple[Json, int] = (None, 0)
        for event in events:
            self.take(event)

    def __len__(self) -> int:
        return len(self._entered)

    def take(self, event: Event) -> None:
        """Count the next event."""
        entered = retried = 0
        key = (event.branch, event.state)
        if event.type.endswith("StateEntered"):
            entered, self._attempts[key] = 1, 0
        elif event.type in _ATTEMPTS:
            attempts = self._attempts[key] = self._attempts.get(key, 0) + 1
            retried = int(attempts > 1)
            self._scheduled[key] = event.time
        elif event.type in _OVER and self._instant_at is None and self._scheduled.get(key) == event.time:
            self._instant_at = len(self)
        if event.type == EventType.EXECUTION_STARTED:
            self._root = event.branch
        is_step = bool(entered and event.branch != self._root)
        about = "" if is_of_execution(event.type) else event.state
        of_state = self._states.setdefault(about, [0, 0, 0])
        of_state[0] += entered
        of_state[1] += retried
        of_state[2] += 1
        self._entered.append(entered + (self._entered[-1] if self._entered else 0))
        self._retries.append(retried + (self._retries[-1] if self._retries else 0))
        largest = self._measured(event)
        self._step_bytes.append((self._step_bytes[-1] if self._step_bytes else 0) + (largest if is_step else 0))
        self.loops.take(event, entered + retried, largest)

    def _measured(self, event: Event) -> int:
        """The bytes of the largest payload of an event; 0 where it has none."""
        largest, which = 0, ""
        raw = raw_details(event)
        for name in PAYLOADS:
            value = raw.get(name)
            if name not in raw:
                continue
            if is_cut_off(raw.get(f"{name}Details")):
                self.has_unknown_sizes = True
                continue
            is_text = isinstance(event, PastEvent) and isinstance(value, str)
            size = bytes_of(value) if is_text and isinstance(value, str) else self._size(value)
            if size > largest:
                largest, which = size, name
        if largest and (not self._peaks or largest > self._peaks[-1].size):
            self._peaks.append(PayloadPeak(largest, which, event.state, event.id))
            self._peaked_at.append(len(self._entered))
        return largest

    def _size(self, value: Json) -> int:
        """A state's output is the next one's input: it is written once for both."""
        if value is not self._last[0] or value is None:
            self._last = (value, bytes_of(PAYLOAD_TEXTS.text_of(value)))
        return self._last[1]

    def at(self, count: int) -> UsageSoFar:
        """What was used by the first `count` events."""
        count = min(count, len(self))
        if not count:
            return NOTHING_YET
        peaks = bisect_right(self._peaked_at, count)
        peak = self._peaks[peaks - 1] if peaks else None
        at = count - 1
        return UsageSoFar(count, self._entered[at], self._retries[at], self._step_bytes[at], peak)

    def has_instant_tasks(self, count: int) -> bool:
        """Whether, in the first `count` events, an attempt of a Task was over as soon as it was scheduled: nobody has
        said how long it takes."""
        return self._instant_at is not None and self._instant_at < count

    def transitions_of(self, index: int) -> int:
        """How many transitions the event at a place is, from 0."""
        before = self._entered[index - 1] + self._retries[index - 1] if index else 0
        return self._entered[index] + self._retries[index] - before

    @property
    def total(self) -> UsageSoFar:
        """What was used by all of them."""
        return self.at(len(self))

    @property
    def states(self) -> tuple[StateUsage, ...]:
        """What each state used, in the order in which they were entered first; the events of the execution itself,
        how it started and ended, are those of ""."""
        return tuple(StateUsage(state, *counts) for state, counts in self._states.items())


def raw_details(event: Event) -> Mapping[str, Json]:
    """The details of an event: of a recorded one as AWS gave them, with payloads as texts."""
    return (event.raw if isinstance(event, PastEvent) else event.details) or {}


def bytes_of(text: str) -> int:
    """The bytes of a text in UTF-8, as AWS counts them."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def is_of_execution(event_type: str) -> bool:
    """Whether an event is about the execution as a whole."""
    return event_type.startswith("Execution") and event_type != EventType.EVALUATION_FAILED
