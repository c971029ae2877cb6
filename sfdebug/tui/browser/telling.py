"""What is said of an execution under the list of them, and of how much is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.text import counted
from sfdebug.times import duration_text
from sfdebug.tui.browser.base import entry_lines
from sfdebug.tui.browser.filters import STATUSES, SortKey
from sfdebug.tui.browser.keys import BACK, NOTHING_FITS
from sfdebug.tui.browser.lists import first_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.trail import Whereabouts
    from sfdebug.tui.browser.feed import ExecutionFeed
    from sfdebug.tui.browser.filters import RowFilter
    from sfdebug.tui.browser.lists import ExecutionList
    from sfdebug.tui.browser.narrowing import Narrowing
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece


def execution_lines(
    entry: ExecutionOutcome, glyphs: Glyphs, *, where: str, began: str, lasted: int | None
) -> list[list[Piece]]:
    """How it stands, its cause, what is not known, its ARN. `where` is where it runs, `began` when it began, in words,
    "" where that is not to be said; `lasted` is in milliseconds."""
    sign, paint = STATUSES.get(entry.status, ("unvisited", "muted"))
    where = f" in {entry.failed_state.path}" if entry.failed_state is not None else where
    duration = duration_text(lasted)
    times = [f"began {began}" if began else ""]
    times.append(f"{'has run' if entry.is_running else 'took'} {duration}" if duration else "")
    times.append(counted(entry.events, "event") if entry.events is not None else "")
    times.append("1 retry" if entry.retries == 1 else f"{entry.retries} retries" if entry.retries else "")
    times.append(counted(entry.redrive_count, "redrive") if entry.redrive_count else "")
    whys = entry.cause or entry.refusal or (entry.why_no_state if entry.is_unsuccessful else "")
    first: list[Piece] = [
        (f"{getattr(glyphs, sign)} {entry.status}{where}", paint),
        (f"   {entry.error}" if entry.error else "", "strong"),
        ("   " + ", ".join(part for part in times if part), "muted"),
    ]
    lacks = f"the failed state is not known: {entry.refusal}" if entry.refusal and whys != entry.refusal else ""
    return entry_lines(first, [(first_line(whys), "")], [(lacks, "muted")], [(entry.arn or entry.place, "faint")])


def running_words(found: Whereabouts | None, now: int, denied: str) -> str:
    """Where one is that runs: ` in Charge, try 2, for 12 s`; `denied` is the permission that lacks to know."""
    if found is None or not found.states:
        return f", where is not known: these credentials may not {denied}" if denied else ""
    tries = f", try {found.tries}" if found.tries is not None and found.tries > 1 else ""
    since = f", for {duration_text(max(0, now - found.since))}" if found.since is not None else ""
    return f" in {found.states}{tries}{since}"


def looked_words(feed: ExecutionFeed, rows: Iterable[ExecutionOutcome] | None = None) -> Piece:
    """How many failures there are, all or among `rows`, and of how many it is known why."""
    looked, failed = feed.looked if rows is None else feed.looked_among(rows)
    if looked >= failed:
        return f"{failed:,} failed", "muted"
    why_not = feed.why_not_looked
    more = f"may not {why_not.action}" if why_not is not None else f"{looked:,} looked into"
    return f"{failed:,} failed, {more}", "waiting"


def listed_words(feed: ExecutionFeed) -> str:
    """`1,204 executions`, `12 FAILED in that time`, `200 executions so far`: how many the list in force has given."""
    if not feed.listed:
        return "0 executions" if feed.is_whole else ""
    statuses, listed = feed.wanted.statuses, len(feed.listed)
    if len(statuses) == 1:  # AWS was asked for these alone; others came in as news
        words = f"{sum(one.status == statuses[0] for one in feed.shown):,} {statuses[0]}"
    else:
        words = counted(listed, "execution")
    if feed.is_full:
        return f"{words}, no more are read: f and t show others"
    in_time = " in that time" if feed.wanted.since is not None else ""
    return f"{words}{in_time}" if feed.is_whole else f"{words} so far"


def narrowed_words(narrowing: Narrowing, feed: ExecutionFeed, glyphs: Glyphs) -> list[Piece]:
    """`FAILED · last 24 h · newest first`: what is shown, and in which order."""
    order, found = narrowing.order, []
    for part, hides in narrowing.shown.parts():
        found += [(part, "current" if hides else "muted"), (f" {glyphs.dot} ", "faint")]
    found.append((order.words, "muted"))
    if not feed.is_whole and feed.listed and order.key not in (SortKey.START, SortKey.STATUS):
        found.append((" among those read", "waiting"))
    return found


def counted_words(
    rows: ExecutionList, shown: RowFilter, feed: ExecutionFeed, glyphs: Glyphs, *, seconds: float
) -> list[Piece]:
    """`12 shown · 340 failed, 200 looked into · 2 marked`; those that run are looked at every so many seconds, 0 for
    never."""
    parts: list[Piece] = []
    if shown.hides:
        parts.append((f"{len(rows.entries):,} shown", "current"))
    if any(one.is_unsuccessful for one in feed.shown):
        parts.append(looked_words(feed))
    if rows.marked:
        parts.append((f"{len(rows.marked):,} marked", "key"))
    if seconds and rows.whereabouts:
        parts.append((f"{len(rows.whereabouts):,} running followed every {seconds:.0f} s", "current"))
    if rows.fresh:
        parts.append((f"{len(rows.fresh):,} new", "added"))
    dot = (f" {glyphs.dot} ", "faint")
    return [piece for part in parts for piece in (dot, part)][1:]


_NO_HISTORY: Final = "there are no executions: no file here has a list of events, or is one"


def empty_words(feed: ExecutionFeed, shown: RowFilter, *, is_in_trouble: bool) -> str:
    """What a list says in which there is nothing."""
    if is_in_trouble and not feed.listed:
        return "nothing could be read"
    if feed.is_reading or (not feed.listed and not feed.is_whole):
        return "reading..."
    looked, failed = feed.looked
    if shown.needs_outcomes and looked < failed:
        return f"nothing fits so far: {failed - looked:,} failures are not looked into; {BACK.label} shows all"
    if shown.hides:
        return NOTHING_FITS
    return "there are no executions" if feed.is_account else _NO_HISTORY
