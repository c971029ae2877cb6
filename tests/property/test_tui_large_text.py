"""A large document is edited as Textual's own is: the same text, the same size, the same places."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.document._document import Document
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset

from sfdebug.tui.json.large_text import LargeDocument, UnwrappedDocument
from tests.examples import examples

texts = st.text(alphabet="ab\t\n日{", max_size=30)
place = st.tuples(st.integers(0, 6), st.integers(0, 8))


@given(texts, st.lists(st.tuples(place, place, texts), max_size=6))
@settings(max_examples=examples(150), deadline=None)
def test_edits(start: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]]) -> None:
    own, other = LargeDocument(start), Document(start)
    wrapped, unwrapped = WrappedDocument(other, 0, 2), UnwrappedDocument(own, 0, 2)
    for one, two, text in edits:
        rows = other.line_count - 1
        first, last = sorted((min(row, rows), min(column, len(other[min(row, rows)]))) for row, column in (one, two))
        mine, theirs = own.replace_range(first, last, text), other.replace_range(first, last, text)
        assert mine == theirs
        wrapped.wrap_range(first, last, theirs.end_location)
        unwrapped.wrap_range(first, last, mine.end_location)
        assert own.text == other.text
        assert own.get_size(2) == other.get_size(2)
        assert unwrapped.height == wrapped.height
        for row in range(other.line_count):
            assert unwrapped.get_offsets(row) == wrapped.get_offsets(row)
            assert unwrapped.get_tab_widths(row) == wrapped.get_tab_widths(row)
            assert unwrapped.location_to_offset((row, 0)) == wrapped.location_to_offset((row, 0))
            assert unwrapped.offset_to_location(Offset(3, row)) == wrapped.offset_to_location(Offset(3, row))
