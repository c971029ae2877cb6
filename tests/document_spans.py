"""Every span of a document, by pointer."""

from __future__ import annotations

from collections.abc import Iterator

from sfdebug.asl.text.source import Document, Members, Pointer, Span


def value_spans(document: Document) -> dict[Pointer, Span]:
    """The span of each value, the document's own first."""
    return {pointer: document.span(pointer) for pointer in _pointers(document)}


def key_spans(document: Document) -> dict[Pointer, Span]:
    """The span of each object key, by the pointer of the value that it leads to."""
    return {
        pointer: document.key_span(pointer)
        for pointer in _pointers(document)
        if pointer and isinstance(pointer[-1], str)
    }


def _pointers(document: Document) -> Iterator[Pointer]:
    waiting: list[tuple[Pointer, object]] = [((), document.extent)]
    while waiting:
        pointer, extent = waiting.pop()
        yield pointer
        if isinstance(extent, Members):
            waiting += [((*pointer, step), child) for step, child in reversed(extent.values.items())]
