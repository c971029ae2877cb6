"""Following an execution that still runs: its new events, as AWS comes to show them.

AWS has no call for "events since": the newest events are read backwards until one that is known (`reverseOrder` of
GetExecutionHistory). What is new costs a page or two, however long the history is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.aws.executions import event_id, newest_pages, read_history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.aws.executions import HistoryEvent
    from sfdebug.aws.session import AwsReader
    from sfdebug.aws.waiting import Progress, Sleep

_ENDS: Final = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"})
"""Source: API Reference, `HistoryEvent`, type. After one of these only ExecutionRedriven can come."""

_AT_ONCE: Final = 100
"""New events that are read with the first request of a look."""


@dataclass(frozen=True, slots=True)
class News:
    """What one look at the execution found: the new events in order, and whether it is over."""

    events: tuple[HistoryEvent, ...]
    is_over: bool


def follow(
    reader: AwsReader,
    arn: str,
    *,
    after: int = 0,
    interval: float = 2.0,
    sleep: Sleep | None = None,
    progress: Progress | None = None,
) -> Iterator[News]:
    """Look at an execution again and again until it is over: one `News` for each look, also when there are none.

    `after` is the id of the last event that is known already (0: none). Between two looks `sleep` is called with
    `interval` in seconds; without it the wait ends at once when the reading is cancelled. `progress` is told while a
    first look reads a long history. Raises AwsError; CancelledError when the reader's cancellation says so.
    """
    wait = sleep or reader.cancellation.wait
    last = after
    while True:
        news = _look(reader, arn, last, progress)
        if news.events:
            last = event_id(news.events[-1])
        yield news
        if news.is_over:
            return
        wait(interval)
        reader.cancellation.check()


def _look(reader: AwsReader, arn: str, last: int, progress: Progress | None) -> News:
    if last == 0:
        events = read_history(reader, arn, progress)
    else:
        events = events_after(reader, arn, last)
    fresh = [event for event in events if event_id(event) > last]
    shown = _without_gap(fresh, last)
    # With a gap, the end is not shown yet; without news, the last event known before may have been the end.
    is_over = bool(events) and events[-1].get("type") in _ENDS and len(shown) == len(fresh)
    return News(tuple(shown), is_over)


def events_after(reader: AwsReader, arn: str, last: int) -> list[HistoryEvent]:
    """The event with the id `last` (so that its type is known) and those after it, in order. Raises AwsError."""
    found: dict[int, HistoryEvent] = {}
    for page in newest_pages(reader, arn, _AT_ONCE):
        found.update({event_id(event): event for event in page if event_id(event) >= last})
        if not page or event_id(page[-1]) <= last:
            break
    return [found[number] for number in sorted(found)]


def _without_gap(fresh: list[HistoryEvent], last: int) -> list[HistoryEvent]:
    """`fresh` up to the first id that is missing after `last`: AWS's answers can lag, and ids have no gaps."""
    count = 0
    while count < len(fresh) and event_id(fresh[count]) == last + count + 1:
        count += 1
    return fresh[:count]
