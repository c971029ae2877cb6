"""What can be done with the executions of a list, besides opening them: one table, a row for each key.

The key's action is `act('ID')` with the row's own id. What reads goes through `ListScreen.work`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.tui.browser.chosen import Chosen, ListAction

if TYPE_CHECKING:
    from sfdebug.tui.browser.keys import ListKey

ACTIONS: Final[tuple[ListAction, ...]] = ()

_BY_ID: Final = {action.key.id: action for action in ACTIONS}


def action_keys() -> tuple[ListKey, ...]:
    """The keys of all actions."""
    return tuple(action.key for action in ACTIONS)


def act(id: str, chosen: Chosen) -> None:
    """Do what a key stands for."""
    _BY_ID[id].run(chosen)
