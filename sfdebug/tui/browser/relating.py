"""What a list does with an execution and those around it: compare it with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.tui.browser.around import Around, show_read

if TYPE_CHECKING:
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
    show_read(chosen.screen.app, Around(chosen.place, entry).compared(other=others[0] if others else None))
