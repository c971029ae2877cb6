"""The values of a page, each once: whatever stands in a run's data goes through this one table on its way there.

Values are kept as JSON text, so that no number loses a digit on its way through a browser, and are known by a number.
Where the data are to be left out, they are left out here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sfdebug.aws.redacting import Redactor, change_payloads
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOTHING: Final = -1
"""In place of a value's number: there is none."""

LEFT_OUT: Final = -2
"""In place of a value's number: the page would have become too large."""

MOST_CHARACTERS: Final = 160_000_000
"""So much text of data is taken into a page, before it is packed: what comes after that is left out, and counted."""


class ValueTable:
    """Values by number, in the order in which they came."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self.texts: list[str] = []
        self.left_out = 0
        self._room = most
        self._by_text: dict[str, int] = {}
        self._by_id: dict[int, int] = {}
        self._kept: list[Json] = []
        """The values that are known by their identity: as long as they are kept, nothing else has it."""
        self._details: set[int] = set()

    def add(self, value: Value) -> int:
        """The number of a value; NOTHING where there is none, LEFT_OUT where there is no room for it."""
        if not is_present(value):
            return NOTHING
        if not isinstance(value, (dict, list)):
            return self._of_text(compact(value))
        known = self._by_id.get(id(value))
        if known is None:
            known = self._by_id[id(value)] = self._of_text(compact(value))
            self._kept.append(value)
        return known

    def add_details(self, details: Mapping[str, Json]) -> int:
        """The number of what stands in an event, in AWS's shape: names, ARNs, and data as texts."""
        number = self._of_text(compact(dict(details)), is_details=True)
        if number >= 0:
            self._details.add(number)
        return number

    def _of_text(self, text: str, *, is_details: bool = False) -> int:
        key = f"details {text}" if is_details else text  # left out in another way, when the data are
        known = self._by_text.get(key)
        if known is not None:
            return known
        if len(text) > self._room:
            self.left_out += 1
            return LEFT_OUT
        self._room -= len(text)
        self._by_text[key] = len(self.texts)
        self.texts.append(text)
        return len(self.texts) - 1

    def redacting(self, redactor: Redactor) -> Iterator[None]:
        """Leave the data out of all values: stand-ins of their shape and order take their place. One value at a step,
        and each twice: all are learnt before the first is left out."""
        for number, text in enumerate(self.texts):
            if number in self._details:
                change_payloads(json.loads(text), redactor.learn)
            else:
                redactor.learn(text)
            redactor.learn_accounts(text)
            yield
        for number, text in enumerate(self.texts):
            bare = (
                compact(change_payloads(json.loads(text), redactor.redacted))
                if number in self._details
                else redactor.redacted(text)
            )
            self.texts[number] = redactor.without_accounts(bare)
            yield
