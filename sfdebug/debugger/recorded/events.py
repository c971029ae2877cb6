"""Recorded events in the engine's form, so that every pane shows them like computed ones; and searching in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, overload

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.events import Event, LastPayload, details_key
from sfdebug.history.recording import PAYLOADS, RecordedEvent, parse_payload
from sfdebug.patterns import compiled
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment

_KEPT: Final = 8_192
"""How many payloads are kept as values: what a screen shows is parsed once."""
_AROUND: Final = 36
MOST_HITS: Final = 500
"""More are not looked for: nobody reads them."""


class PastEvent(Event, frozen=True, gc=False):
    """A recorded event. Its payloads are parsed when they are looked at, for most of a long history never are.

    `raw` are the details as AWS gave them: payloads are text.
    """

    raw: dict[str, Json] | None = None

    @classmethod
    def of(cls, event: RecordedEvent, branch: BranchId, state: str) -> PastEvent:
        """The event, in a branch and a state as the alignment says."""
        raw = dict(event.details)
        return cls(event.id, event.previous_event_id, event.type, event.time or 0, branch, state, None, raw)

    @property  # type: ignore[misc]
    def details(self) -> dict[str, Json] | None:
        """The details with values in place of JSON texts. A text that is no JSON, or was cut off, stays a text."""
        raw = self.raw
        if not raw:
            return raw
        return {name: _value(name, value) for name, value in raw.items() if not name.endswith("Details")}

    def as_dict(self, last: LastPayload | None = None) -> dict[str, Json]:
        """The event in the shape of GetExecutionHistory, as it was recorded."""
        time = self.time or None
        return RecordedEvent(self.id, self.previous_event_id, self.type, time, self.raw or {}).as_dict()

    def written_details(self, last: LastPayload | None = None) -> dict[str, Json]:
        """The details alone, as they were recorded; {} where there are none."""
        return dict(self.raw) if self.raw and details_key(self.type) else {}

    @property
    def search_text(self) -> str:
        """All that is recorded of it, for searching: payloads as they were written."""
        raw = self.raw or {}
        return " ".join(value if isinstance(value, str) else str(value) for value in raw.values())


def _value(name: str, value: Json) -> Json:
    if name in PAYLOADS and isinstance(value, str):
        found = _parsed(value)
        return found if is_present(found) else value
    if name == "assignedVariables" and isinstance(value, dict):
        return {key: _value("output", text) for key, text in value.items()}
    return value


@lru_cache(maxsize=_KEPT)
def _parsed(text: str) -> Value:
    return parse_payload(text)


class PastEvents(Sequence[Event]):
    """All events of a recording. Each is made when it is asked for."""

    def __init__(self, alignment: Alignment) -> None:
        self._events = alignment.recording.events
        self._alignment = alignment

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        event = self._events[index]
        index = index if index >= 0 else len(self) + index
        return PastEvent.of(event, self._alignment.branches[index], self._alignment.state_at(index))


class ForkEvents(Sequence[Event]):
    """The events of a fork of a recording: the recorded ones up to where it parts, then the computed ones.

    The ids of the computed ones go on from the last recorded one.
    """

    def __init__(self, past: Sequence[Event], shared: int, computed: Sequence[Event], base: int) -> None:
        self._past = past
        self._shared = shared
        self._computed = computed
        self._base = base
        self._shift = (past[shared - 1].id if shared else 0) - base

    def __len__(self) -> int:
        return self._shared + max(0, len(self._computed) - self._base)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = index if index >= 0 else len(self) + index
        if not 0 <= position < len(self):
            raise IndexError(index)
        if position < self._shared:
            return self._past[position]
        event = self._computed[self._base + position - self._shared]
        return replace(
            event, id=event.id + self._shift, previous_event_id=max(0, event.previous_event_id + self._shift)
        )


# searching


class SearchHit(Struct, frozen=True, gc=False):
    """A place where the searched text stands: in an event (by its position, from 0), in a field of its details.

    `excerpt` is the text around it, `at` where in the excerpt it begins, `length` how long it is.
    """

    position: int
    event: Event
    field: str
    excerpt: str
    at: int
    length: int


def search(events: Sequence[Event], query: str) -> Iterator[SearchHit]:
    """The fields of the events that hold `query`, a regular expression or, when it is none, a text. The same value goes
    from state to state: only its first event is given. Case counts once a capital is typed."""
    pattern = compiled(query)
    seen: set[int] = set()
    found = 0
    for position, event in enumerate(events):
        for field, text in _texts(event):
            match = pattern.search(text)
            if match is None:
                continue
            key = hash((text, event.state if field == "name" else ""))
            if key in seen:
                continue
            seen.add(key)
            begin = max(0, match.start() - _AROUND)
            excerpt = text[begin : match.end() + _AROUND]
            yield SearchHit(position, event, field, excerpt, match.start() - begin, match.end() - match.start())
            found += 1
            if found >= MOST_HITS:
                return


def _texts(event: Event) -> Iterator[tuple[str, str]]:
    details = event.raw if isinstance(event, PastEvent) else event.details
    for field, value in (details or {}).items():
        if isinstance(value, str):
            yield field, value
        elif not field.endswith("Details"):
            yield field, compact(value)
