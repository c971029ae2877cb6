"""The JSON texts of large payloads: a loop that carries its data along writes once what its turns share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sfdebug.values import Json, compact, nesting

_LEAST: Final = 16_384
_MOST: Final = 1_048_576
"""Characters of the texts that are remembered: shorter ones are written quickly, longer ones are no payloads."""

_REMEMBERED: Final = 8
_MOST_PARTS: Final = 16
_MOST_LEVELS: Final = 4
"""A value with more parts, and what is further down, is written by the encoder at once, which is faster."""


class PayloadTexts:
    """Writes payloads as text, and remembers the last large ones by identity, with their large parts.

    That is sound because a value is never changed in place, and because what is remembered is held.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def has_parts_of(self, value: Json) -> bool:
        """Whether `value` was written before, or has few parts and one of them was."""
        known = self._known
        if not known:
            return False
        return id(value) in known or any(id(part) in known for part in _parts(value))

    def levels_of(self, value: Json) -> int:
        """How deep `value` is nested, more than `MAX_NESTING` if deeper than that."""
        return self._levels_of(value, _MOST_LEVELS)

    def _levels_of(self, value: Json, levels: int) -> int:
        found = self._known.get(id(value))
        if found is not None:
            if found.levels is None:
                found.levels = nesting(value)
            return found.levels
        if levels and self.has_parts_of(value):
            return 1 + max(self._levels_of(part, levels - 1) for part in _parts(value))
        return nesting(value)

    def text_of(self, value: Json) -> str:
        """The text of `value`, which is nested no deeper than is followed."""
        return self._text_of(value, _MOST_LEVELS)

    def _text_of(self, value: Json, levels: int) -> str:
        found = self._known.pop(id(value), None)
        if found is None:
            text = self._written(value, levels)
            if not _LEAST <= len(text) <= _MOST:
                return text
            found = _Known(value, text)
        self._known[id(value)] = found  # the last that was asked for stands last
        if len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)), None)
        return found.text

    def _written(self, value: Json, levels: int) -> str:
        parts = _parts(value) if levels else ()
        if not parts:
            return compact(value)
        texts = [self._text_of(part, levels - 1) for part in parts]
        if isinstance(value, dict):
            texts = [f"{compact(key)}:{text}" for key, text in zip(value, texts, strict=True)]
            return f"{{{','.join(texts)}}}"
        return f"[{','.join(texts)}]"


@dataclass(slots=True)
class _Known:
    value: Json
    text: str
    levels: int | None = None


def _parts(value: Json) -> Collection[Json]:
    """The parts of a container that has few."""
    if isinstance(value, dict | list) and len(value) <= _MOST_PARTS:
        return value.values() if isinstance(value, dict) else value
    return ()


PAYLOAD_TEXTS: Final = PayloadTexts()
"""Those of this process: the check of a payload's size and its event in the history write the same text."""
