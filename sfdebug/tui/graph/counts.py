"""How often the run took each transition, beside its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfdebug.drawing.painting.line_notes import LineNote, NotePlacer

if TYPE_CHECKING:
    from sfdebug.drawing.painting.canvas import Canvas


class TakenCounts:
    """Finds a place for each number in one drawing, and keeps it there while the number has as many digits."""

    def __init__(self, canvas: Canvas) -> None:
        self._placer = NotePlacer(canvas)
        self._lines: dict[int, tuple[int, ...]] = {}
        self._notes: dict[tuple[int, ...], LineNote] = {}
        self._by_row: dict[int, list[LineNote]] = {}

    def totals(self, times: Mapping[int, int]) -> dict[int, int]:
        """How often the line of each edge was taken: one line can stand for a rule and Default."""
        return {index: sum(times.get(each, 0) for each in self._line(index)) for index in times}

    def show(self, totals: Mapping[int, int], sign: str) -> set[int]:
        """Show those that are more than once, each behind `sign`; the rows that look otherwise than before."""
        counts = {self._line(index): count for index, count in totals.items() if count > 1}
        notes: dict[tuple[int, ...], LineNote] = {}
        for line in sorted(counts):
            before, text = self._notes.get(line), f"{sign}{counts[line]}"
            note = before if before is not None and before.text == text else self._placer.place(line, text)
            if note is not None:
                notes[line] = note
        changed = set(notes.values()) ^ set(self._notes.values())
        self._notes = notes
        self._by_row = {}
        for note in notes.values():
            self._by_row.setdefault(note.y, []).append(note)
        return {note.y for note in changed}

    def in_row(self, row: int) -> list[LineNote]:
        """What stands in a row."""
        return self._by_row.get(row, [])

    def _line(self, index: int) -> tuple[int, ...]:
        line = self._lines.get(index)
        if line is None:
            line = self._lines[index] = self._placer.line_of(index)
        return line
