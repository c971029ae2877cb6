"""The list of those that could answer a Task: Enter picks one from now on, `=` for the attempt at hand alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.widgets import Input

from sfdebug.tasks.answerers import AnswererKind
from sfdebug.tui.dialogs.list_dialog import ListDialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.tui.dialogs.list_dialog import ListItem

_SIGN: Final = "="


class AnswererDialog(ListDialog[AnswererKind]):
    """Its answer is a kind; `is_once` says that it is for this attempt alone."""

    def __init__(self, title: str, items: Sequence[ListItem[AnswererKind]], note: str, *, can_be_once: bool) -> None:
        super().__init__(title, items, note, verb="from now on")
        self._can_be_once = can_be_once
        self.is_once = False

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys of every list, and the one for a single attempt."""
        *others, cancel = super().hints()
        return (*others, (_SIGN, "this attempt alone", "once"), cancel) if self._can_be_once else (*others, cancel)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """The sign is typed where the filter is: no name has it."""
        if _SIGN not in event.value:
            super()._typed(event)
            return
        event.stop()
        event.input.value = event.value.replace(_SIGN, "")
        self.action_once()

    def action_once(self) -> None:
        """Pick the one with the cursor, for this attempt alone."""
        self.is_once = self._can_be_once
        self.action_pick()
