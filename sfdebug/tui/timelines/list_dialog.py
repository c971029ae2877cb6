"""The list of timelines: Enter switches to one, `=` compares it with the one on the screen."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.widgets import Input

from sfdebug.tui.dialogs.list_dialog import ListDialog

_SIGN: Final = "="


class TimelinesDialog(ListDialog[int]):
    """Its answer is the id of a timeline; `is_comparing` says that it is to be compared, not switched to."""

    is_comparing = False

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys of every list, and the one that compares."""
        *others, cancel = super().hints()
        return (*others, ("=", "compare", "compare"), cancel) if len(self._items) > 1 else (*others, cancel)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """The sign is typed where the filter is: no timeline's name has it."""
        if _SIGN not in event.value:
            super()._typed(event)
            return
        event.stop()
        event.input.value = event.value.replace(_SIGN, "")
        self.action_compare()

    def action_compare(self) -> None:
        """Compare the timeline with the cursor with the one on the screen."""
        if len(self._items) < 2:
            return
        self.is_comparing = True
        self.action_pick()
