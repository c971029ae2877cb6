"""Where an execution is that runs: the states under way, told by the end of its history, read on from where it ended.

Which event belongs to which stay in a state is told by `previousEventId`. Source: AWS Step Functions API Reference,
`HistoryEvent`. Of what was entered before the first event that was read nothing is known.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.aws.executions import RUNNING, event_id, status_after
from sfdebug.history.reading.event_shapes import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.aws.executions import HistoryEvent

_ENTERED: Final = "StateEntered"
_EXITED: Final = "StateExited"
_SCHEDULED: Final = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")
_CONTAINERS: Final = ("MapStateEntered", "ParallelStateEntered")
_LOST: Final = (
    "MapIterationFailed",
    "MapIterationAborted",
    "MapStateFailed",
    "ParallelStateFailed",
    "StateAborted",
    "MapStateStarted",
    "ParallelStateStarted",
)
_CONTAINER_NAMES: Final = ("MapState", "ParallelState")
_MOST_EVENTS: Final = 4_000
"""So many events are kept to tell which stay the next one belongs to; of older ones the last of each under way."""


class _Stay(Struct, frozen=True):
    """A stay in a state. `around` is the event that began the Map or Parallel around it, 0 where that is not known."""

    name: str
    since: int | None
    is_container: bool
    around: int


class Whereabouts(Struct, frozen=True, gc=False):
    """`states` are those under way, `Charge`, `Charge ×3`, `Charge, Ship`, of a Map or a Parallel what is under way in
    it; "" where nothing is known to be. Where it is one, `tries` is how often its Task was tried (None: it is none),
    `since` when it was entered, in milliseconds since 1970. `is_over`: its last event was its end."""

    states: str = ""
    tries: int | None = None
    since: int | None = None
    is_over: bool = False


class Trail:
    """The stays that are under way after the events that it was given."""

    def __init__(self) -> None:
        self.last = 0
        """The id of the last event that is known; 0: none."""
        self._is_over = False
        self._stays: dict[int, _Stay] = {}
        self._tries: Counter[int] = Counter()
        self._left: dict[int, int] = {}
        """Of stays that are over what was around them: events of theirs can be followed by others of that."""
        self._failed: set[int] = set()
        """Maps and Parallels that have failed, and were not left or begun again."""
        self._stay_of: dict[int, int] = {}
        """The event that began the stay, by the events of it."""

    def add(self, events: Iterable[HistoryEvent]) -> None:
        """Follow more events, in their order; those that are known are left out."""
        for event in events:
            number = event_id(event)
            if number > self.last:
                self.last = number
                self._is_over = status_after([event]) != RUNNING
                self._follow(number, event)
        if len(self._stay_of) > _MOST_EVENTS:
            newest = {stay: event for event, stay in self._stay_of.items()}  # of each stay the last one
            since = self.last - _MOST_EVENTS // 2
            kept = {event: stay for event, stay in self._stay_of.items() if event > since or newest[stay] == event}
            kept = {event: stay for event, stay in kept.items() if event > since or stay in self._stays}
            self._stay_of, self._left = kept, {one: self._left[one] for one in kept.values() if one in self._left}

    def _follow(self, number: int, event: HistoryEvent) -> None:
        kind, previous = str(event.get("type")), event.get("previousEventId")
        stay = self._open(self._stay_of.get(previous, 0) if isinstance(previous, int) else 0)
        if kind.endswith(_ENTERED):
            name = _name(event, "stateEnteredEventDetails")
            self._stays[number] = _Stay(name, moment_of(event.get("timestamp")), kind in _CONTAINERS, stay)
            self._stay_of[number] = number
            return
        if kind.endswith(_LOST) and stay:
            stay = self._lose(stay, kind)
        elif kind.endswith(_EXITED) and stay:
            stay = self._leave(stay)
        elif kind in _SCHEDULED and stay:
            self._tries[stay] += 1
        if stay:
            self._stay_of[number] = stay

    def _lose(self, stay: int, kind: str) -> int:
        """What is under way in a Map, a Parallel or an iteration is over without having been left, or it begins again;
        gives back the stay of the event. It follows the fault, which can be far inside."""
        is_of_container = kind.startswith(_CONTAINER_NAMES)
        if kind.startswith("MapIteration") or (is_of_container and not self._stays[stay].is_container):
            while stay and not self._stays[stay].is_container:
                stay = self._leave(stay)
            if kind.startswith("MapIteration"):
                return stay
        elif kind.endswith("StateAborted"):
            return self._leave(stay)
        if not stay:
            return 0
        if kind.endswith("Failed"):  # a second one after the same fault is of what is around
            while stay in self._failed and self._stays[stay].around:
                stay = self._leave(stay)
            self._failed.add(stay)
        else:
            self._failed.discard(stay)
        for inner in [number for number, one in self._stays.items() if one.around == stay]:
            self._leave(inner)
        return stay

    def _open(self, stay: int) -> int:
        """The stay, or what is around it and is not over; 0 where that is not known."""
        while stay and stay not in self._stays:
            stay = self._left.get(stay, 0)
        return stay

    def _leave(self, stay: int) -> int:
        """It is over, with all that is under way in it; gives back what is around it."""
        around = self._stays.pop(stay).around
        self._left[stay] = around
        del self._tries[stay]
        self._failed.discard(stay)
        for inner in [number for number, one in self._stays.items() if one.around == stay]:
            self._leave(inner)
        return self._open(around)

    @property
    def whereabouts(self) -> Whereabouts:
        """Where it is now."""
        if self._is_over:
            return Whereabouts(is_over=True)
        shown = self._shown
        counts = Counter(self._stays[number].name for number in shown)
        text = ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())
        if len(shown) != 1:
            return Whereabouts(text)
        (one,) = shown
        return Whereabouts(text, self._tries[one] or None, self._stays[one].since)

    @property
    def _shown(self) -> list[int]:
        """The innermost ones: those without another one in them."""
        around = {one.around for one in self._stays.values()}
        return [number for number in self._stays if number not in around]


def _name(event: HistoryEvent, details: str) -> str:
    found = event.get(details)
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""
