"""What the home screen lists, and who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from textual.screen import Screen


OpenedScreen: TypeAlias = "Screen[None]"
"""What an item opens."""


class HomeSection(StrEnum):
    """The sections of the list, in its order."""

    BEGIN = "Begin"
    MACHINES = "State machines"
    CONTINUE = "Continue"
    RECENT = "Recent"
    HERE = "In this folder"
    RECORDED = "Recorded here"
    SAMPLES = "Samples"
    AWS = "AWS"


class HomeItem(Struct, frozen=True):
    """Something to open. `key` tells it from all others; `open` makes the screen on it, and raises SfdebugError.

    `about` says more of it, a paragraph for each text; it may take its time, and is called on a thread. `cases` are
    the test cases that it can be opened with instead, asked for when they are to be seen.
    """

    section: HomeSection
    key: str
    label: str
    detail: str
    open: Callable[[], OpenedScreen]
    about: Callable[[], Sequence[str]]
    cases: Callable[[], Sequence[HomeItem]] | None = None
    is_missing: bool = False
    is_case: bool = False


class HomeSource(Protocol):
    """Where the items come from. What takes time is read on a thread, after the first picture."""

    def first(self) -> Sequence[HomeItem]:
        """What is known at once."""

    def later(self, is_stopped: Callable[[], bool]) -> Iterator[Sequence[HomeItem]]:
        """What is found after that, some at a time, until `is_stopped`."""
