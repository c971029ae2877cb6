"""Searching in all data of a run: every payload of every event, as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.recorded.events import PastEvent
from sfdebug.patterns import compiled
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.engine.execution.events import Event

_AROUND: Final = 36
MOST_HITS: Final = 500
"""More are not looked for: nobody reads them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where the searched text stands: in an event (by its position, from 0), in a field of its details.

    `excerpt` is the text around it, `at` where in the excerpt it begins, `length` how long it is.
    """

    position: int
    event: Event
    field: str
    excerpt: str
    at: int
    length: int


def search(events: Sequence[Event], query: str) -> Iterator[Hit]:
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
            yield Hit(position, event, field, excerpt, match.start() - begin, match.end() - match.start())
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
