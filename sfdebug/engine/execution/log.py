"""An append-only sequence as a value: appending gives a new log, and the old one still reads as it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Generic, TypeVar, overload

T = TypeVar("T")


class Log(Sequence[T], Generic[T]):
    """An immutable view of the first n items of a list that grows.

    Logs in one line of descent share that list, so appending to the newest costs O(1) and memory is kept once
    however many logs are kept. Appending to an older one, a fork, copies its items first.

    A log can have forgotten its first items: they count in its length and in places, but are not there any more, and
    iterating begins after them, with the item at `first`.
    """

    __slots__ = ("_first", "_items", "_size")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items: list[T] = list(items)
        self._size = len(self._items)
        self._first = 0

    def append(self, *items: T) -> Log[T]:
        """A log with `items` after those of this one, which stays as it is."""
        shared = self._items
        if len(shared) != self._size:
            shared = shared[: self._size]
        shared.extend(items)
        log: Log[T] = _new(Log)
        log._items = shared
        log._size = len(shared)
        log._first = self._first
        return log

    def forgetting(self, kept: int) -> Log[T]:
        """This log with no more than its last `kept` items."""
        gone = max(self._size - kept, 0)
        log = Log(self._items[gone : self._size])
        log._first = self._first + gone
        return log

    @property
    def first(self) -> int:
        """The place of the first item that is not forgotten."""
        return self._first

    def __len__(self) -> int:
        return self._first + self._size

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            first = self._first
            return [self._items[i - first] for i in range(*index.indices(len(self))) if i >= first]
        place = index - self._first if index >= 0 else index + self._size
        if not 0 <= place < self._size:
            raise IndexError(index)
        return self._items[place]

    def __iter__(self) -> Iterator[T]:
        return islice(self._items, self._size)

    def __reversed__(self) -> Iterator[T]:
        for index in range(self._size - 1, -1, -1):
            yield self._items[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Log):
            return NotImplemented
        if self._size != other._size or self._first != other._first:
            return False
        return self._items is other._items or all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Log({list(self)!r})"


_new: Final = object.__new__
