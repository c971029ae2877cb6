"""Opening an execution of a list: it is read, told on the screen that asked for it, and shown over that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sfdebug.tui.browser.relating import around_of
from sfdebug.tui.browser.tickets import how_often

if TYPE_CHECKING:
    from sfdebug.aws.concurrency import Progress
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.browser.feed_screens import FeedOwner
    from sfdebug.tui.browser.loading import Ready
    from sfdebug.tui.browser.reading import Work
    from sfdebug.tui.browser.reading_lists import ReadingListScreen


def open_execution(owner: FeedOwner, screen: ReadingListScreen[Any], entry: ExecutionOutcome) -> None:
    """Open an execution of the list `owner`, on `screen`, which is that list or lies over it."""
    owner.list.fresh.discard(entry.key)

    def read(work: Work) -> Ready:
        def begin(what: str) -> Progress:
            work.tell(what)
            return lambda done, of: work.tell(f"{what}, {done:,}" if of is None else f"{what}, {done:,} of {of:,}")

        return owner.place.ready(work.source, entry, begin)

    def opened(ready: Ready) -> None:
        shown = ready.screen(is_nested=True, relatives=lambda: around_of(owner.chosen(), entry))
        shown.how_often = lambda outcome: how_often(
            replace(outcome, arn=entry.arn, place=entry.place, label=entry.label),
            owner.feed.shown,
            is_whole=owner.feed.is_whole,
        )
        owner.app.push_screen(shown)

    screen.work(f"reading {entry.title}", read, opened, "This execution cannot be opened")
