"""What a list does with an execution and those around it: compare it with another one, show its family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.executions.outcome import SUCCEEDED
from sfdebug.tui.browser.around import Around

if TYPE_CHECKING:
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.browser.chosen import Chosen


def compare(chosen: Chosen) -> None:
    """What is different between the execution at hand and one that is marked, or else the last that succeeded; where
    the one at hand is marked itself, between two that are."""
    entry = chosen.entry
    if entry is None:
        return
    others = [one for one in chosen.marked if one.key != entry.key]
    if len(others) > 1:
        chosen.screen.say(f"{len(others)} others are marked: two are compared. Space takes a mark away")
        return
    other = others[0] if others else _known_good(chosen, entry)
    around_of(chosen, entry).compare(chosen.screen.app, other=other)


def _known_good(chosen: Chosen, entry: ExecutionOutcome) -> ExecutionOutcome | None:
    """Of an Express execution the last known one that succeeded: AWS keeps no list that could be asked for it."""
    if ":express:" not in entry.arn or not chosen.place.is_account:
        return None
    good = [one for one in chosen.known if one.status == SUCCEEDED and one.key != entry.key]
    return max(good, key=lambda one: one.newest_time or 0, default=None)


def family(chosen: Chosen) -> None:
    """What started the execution at hand, and what it started, on one page."""
    if chosen.entry is not None:
        around_of(chosen, chosen.entry).show_family(chosen.screen.app)


def around_of(chosen: Chosen, entry: ExecutionOutcome) -> Around:
    """What is around an execution of a list. Those of a Map Run are its children: a list does not say so itself."""
    is_child = ":mapRun:" in chosen.of and not entry.map_run_arn
    return Around(chosen.place, replace(entry, map_run_arn=chosen.of) if is_child else entry, chosen.children)
