"""A text of hundreds of kilobytes in a text area: lines are not wrapped, and what an edit does not touch is not read.

Textual's own document is measured, joined and wrapped as a whole for each key and each line that is painted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar, overload

from rich.cells import cell_len
from textual.document._document import Document
from textual.document._wrapped_document import WrappedDocument
from textual.expand_tabs import get_tab_widths
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.document._document import EditResult, Location


T = TypeVar("T")


class LargeDocument(Document):
    """A document that keeps its text and the widths of its lines; an edit measures the lines that it made."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._kept_text: str | None = None
        self._tab_width = 0
        self._widths: list[int] = []

    @property
    def text(self) -> str:
        """The whole text."""
        if self._kept_text is None:
            self._kept_text = super().text
        return self._kept_text

    def get_size(self, tab_width: int) -> Size:
        """The width of its widest line, and how many lines there are."""
        if tab_width != self._tab_width or len(self._widths) != len(self._lines):
            self._tab_width = tab_width
            self._widths = [self._width(line) for line in self._lines]
        return Size(max(self._widths, default=0), len(self._lines))

    def _width(self, line: str) -> int:
        if line.isascii() and "\t" not in line:
            return len(line)
        return cell_len(line.expandtabs(self._tab_width))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Put a text in place of a range."""
        top, bottom = sorted((start, end))
        result = super().replace_range(start, end, text)
        self._kept_text = None
        if self._widths:
            made = self._lines[top[0] : result.end_location[0] + 1]
            self._widths[top[0] : bottom[0] + 1] = [self._width(line) for line in made]
        return result


class _WrappedRows(Sequence[T]):
    """What is known of each row of a document, worked out when it is asked for."""

    def __init__(self, wrapped: WrappedDocument, known: Callable[[int], T]) -> None:
        self._wrapped = wrapped
        self._known = known

    def __len__(self) -> int:
        return self._wrapped.document.line_count

    @overload
    def __getitem__(self, row: int) -> T: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[T]: ...

    def __getitem__(self, row: int | slice) -> T | Sequence[T]:
        count = len(self)
        if isinstance(row, slice):
            return [self._known(at) for at in range(*row.indices(count))]
        if not -count <= row < count:
            raise IndexError(row)
        return self._known(row % count)


class UnwrappedDocument(WrappedDocument):
    """A document whose lines are never wrapped: each is one row."""

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Note the width of tabs; nothing is wrapped."""
        self._width = 0
        if tab_width:
            self._tab_width = tab_width
        self._wrap_offsets = _WrappedRows(self, lambda row: [])  # type: ignore[assignment]
        self._offset_to_line_info = _WrappedRows(self, lambda row: (row, 0))  # type: ignore[assignment]
        self._line_index_to_offsets = _WrappedRows(self, lambda row: [row])  # type: ignore[assignment]
        self._tab_width_cache = _WrappedRows(self, self._tab_widths)  # type: ignore[assignment]

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """An edit changes no row but its own."""

    @property
    def height(self) -> int:
        """How many lines there are."""
        return self.document.line_count

    def _tab_widths(self, row: int) -> list[int]:
        return [width for _, width in get_tab_widths(self.document.get_line(row), self._tab_width)]
