"""What a key of a list is pressed on, for what other parts do with executions: one at hand, those marked, all shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.executions.groups import FailureGroup
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.browser.around import Children
    from sfdebug.tui.browser.keys import ListKey
    from sfdebug.tui.browser.places import SourcePlace
    from sfdebug.tui.browser.reading_lists import ReadingListScreen


class Chosen(Struct, frozen=True):
    """`screen` is the list or the groups, `of` the ARN of the state machine or Map Run that is listed, "" for all that
    is there; `name` what the list is called.

    `entry` is the execution at hand, in the groups the newest of the one at hand, which is `group`; None where nothing
    is. `marked` are those with a mark, `shown` all that the filter shows, in the groups the members of `group`; `known`
    is all that was read so far, of any status; `is_whole` says whether that is all there is. `lists` makes a list of
    another place, with a title, `children` that of the children of a Map Run.
    """

    screen: ReadingListScreen[Any]
    place: SourcePlace
    of: str
    name: str
    entry: ExecutionOutcome | None
    lists: Callable[[SourcePlace, str], Screen[None]]
    marked: Sequence[ExecutionOutcome]
    shown: Sequence[ExecutionOutcome]
    known: Sequence[ExecutionOutcome]
    children: Children
    group: FailureGroup | None = None
    is_whole: bool = False

    @property
    def subjects(self) -> Sequence[ExecutionOutcome]:
        """Those that are marked, and without any mark all that are shown."""
        return self.marked or self.shown


class ListAction(Struct, frozen=True):
    """A key, the same in the list and in the groups, and what it does, called on the thread of the screen."""

    key: ListKey
    run: Callable[[Chosen], None]
