"""The list that reads executions, as screens over it know it, and what those have in common: they show what it knows
in its span of time, and read no executions of their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sfdebug.executions.outcome import ExecutionOutcome
from sfdebug.tui.browser.keys import NOTHING_FITS
from sfdebug.tui.browser.reading_lists import ReadingListScreen
from sfdebug.tui.browser.telling import looked_words
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.widgets.search import matcher

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.executions.groups import FailureGroup
    from sfdebug.tui.browser.chosen import Chosen
    from sfdebug.tui.browser.feed import ExecutionFeed
    from sfdebug.tui.browser.filters import RowFilter, SortOrder
    from sfdebug.tui.browser.lists import EntryList, ExecutionList
    from sfdebug.tui.browser.narrowing import Narrowing
    from sfdebug.tui.browser.places import SourcePlace
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.widgets.search import Matcher

E = TypeVar("E")


class FeedOwner(ReadingListScreen[ExecutionOutcome]):
    """The list of executions that lies below such screens, and does the reading."""

    feed: ExecutionFeed
    list: ExecutionList
    name_of_list: str
    narrowing: Narrowing

    @abstractmethod
    def groups(self) -> tuple[FailureGroup, ...]:
        """The failures that are known, those together that are alike."""

    @abstractmethod
    def chosen(self) -> Chosen:
        """What a key is pressed on."""

    @abstractmethod
    def children_of(self, place: SourcePlace, map_run: str) -> Screen[Any]:
        """The list of the children of a Map Run, by its ARN."""

    @abstractmethod
    def list_of(self, place: SourcePlace, title: str) -> Screen[None]:
        """A list of another place, to be shown over this one."""

    @abstractmethod
    def show_group(self, group: FailureGroup) -> None:
        """Show only what belongs to this group."""

    @abstractmethod
    def show_entry(self, at: str, shown: RowFilter, order: SortOrder) -> None:
        """Show only what belongs to an entry of the overview, `at` being its key, in an order."""

    @abstractmethod
    def action_groups(self) -> None:
        """Failures that are alike, together."""

    @abstractmethod
    def action_time(self, step: int) -> None:
        """Another span of time."""

    @abstractmethod
    def action_look_on(self) -> None:
        """Look into more."""

    @abstractmethod
    def action_reload(self) -> None:
        """Read now."""


class FeedScreen(ReadingListScreen[E]):
    """A screen over such a list, with what is made of its executions. Subclasses say what that is."""

    NOTHING: ClassVar[str] = ""
    """What it says when there is nothing, and no filter is the reason."""

    def __init__(self, owner: FeedOwner, entries: EntryList[E], at: str) -> None:
        """`at` is the key of the entry that is to have the cursor."""
        super().__init__(owner.place, entries, owner.now)
        self.owner = owner
        entries.zone = owner.list.zone
        self._at = at

    @abstractmethod
    def found(self, matches: Matcher | None) -> Sequence[E]:
        """The entries, of them those that the filter takes."""

    @abstractmethod
    def count_words(self) -> Piece:
        """How many there are, for the title."""

    @property
    @abstractmethod
    def wants_more(self) -> bool:
        """Whether the list below is to read on for it."""

    def looked_words(self) -> Piece:
        """How many of those that failed were looked into."""
        return looked_words(self.owner.feed)

    def on_mount(self) -> None:
        """Show what is known, and have the rest read."""
        self.say("")
        self.owner.feed.touched()
        self.refresh_list()

    def refresh_list(self) -> None:
        """More is known."""
        nothing = NOTHING_FITS if self.pattern else self.NOTHING
        self.entries.put(self.found(matcher(self.pattern)), nothing, self._at)
        self._at = ""
        self.trouble = self.owner.trouble
        self.show_trouble()
        self.show_lines()
        if self.wants_more:
            self.owner.feed.more()

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`Orders   3 kinds of failure      eu-west-1   UTC`."""
        return (
            [(self.owner.name_of_list, "strong"), ("   ", ""), self.count_words()],
            [(self.place.title, "muted"), ("   ", ""), (self.zone_words, "")],
        )

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`last 24 h        340 failed, 200 looked into`."""
        span, hides = self.owner.narrowing.shown.span
        left: list[Piece] = [(span, "current" if hides else "muted")]
        if self.pattern:
            left += [(f" {glyphs_of(self).dot} /{self.pattern}", "current")]
        return left, [self.looked_words()]

    def action_time(self, step: int) -> None:
        """Another span of time, in the list too."""
        self.owner.action_time(step)
        self.refresh_list()

    def action_reload(self) -> None:
        """Read now."""
        self.owner.action_reload()
