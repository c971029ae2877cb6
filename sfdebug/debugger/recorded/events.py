"""Recorded events in the engine's form, so that every pane shows them like computed ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, overload

from sfdebug.engine.execution.events import Event, LastPayload, details_key
from sfdebug.history.recording import PAYLOADS, parse_payload
from sfdebug.values import Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.recording import RecordedEvent

_KEPT: Final = 8_192
"""How many payloads are kept as values: what a screen shows is parsed once."""


class PastEvent(Event):
    """A recorded event. Its payloads are parsed when they are looked at, for most of a long history never are."""

    __slots__ = ()

    @classmethod
    def of(cls, event: RecordedEvent, branch: BranchId, state: str) -> PastEvent:
        """The event, in a branch and a state as the alignment says."""
        return cls(event.id, event.previous_event_id, event.type, event.time or 0, branch, state, dict(event.details))

    @property
    def raw(self) -> dict[str, Json] | None:
        """The details as AWS gave them: payloads are text."""
        return self[6]

    @property
    def details(self) -> dict[str, Json] | None:
        """The details with values in place of JSON texts. A text that is no JSON, or was cut off, stays a text."""
        raw = self.raw
        if not raw:
            return raw
        return {name: _value(name, value) for name, value in raw.items() if not name.endswith("Details")}

    def as_dict(self, last: LastPayload | None = None) -> dict[str, Json]:
        """The event in the shape of GetExecutionHistory, as it was recorded."""
        from sfdebug.engine.execution.events import timestamp

        event: dict[str, Json] = {"timestamp": timestamp(self.time)} if self.time else {}
        event |= {"type": self.type, "id": self.id, "previousEventId": self.previous_event_id}
        key, raw = details_key(self.type), self.raw
        if key is not None and (raw or not self.type.endswith(("Started", "TimedOut"))):
            event[key] = dict(raw or {})
        return event

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
            return [self[place] for place in range(*index.indices(len(self)))]
        event = self._events[index]
        place = index if index >= 0 else len(self) + index
        at = self._alignment.visit_of[place]
        state = self._alignment.visits[at].state if at is not None else event.name
        return PastEvent.of(event, self._alignment.branches[place], state)


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
            return [self[place] for place in range(*index.indices(len(self)))]
        place = index if index >= 0 else len(self) + index
        if not 0 <= place < len(self):
            raise IndexError(index)
        if place < self._shared:
            return self._past[place]
        event = self._computed[self._base + place - self._shared]
        return event._replace(
            id=event.id + self._shift, previous_event_id=max(0, event.previous_event_id + self._shift)
        )
