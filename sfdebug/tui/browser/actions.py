"""What can be done with the executions of a list, besides opening them: one table, a row for each key.

The key's action is `act('ID')` with the row's own id. What reads goes through `ReadingListScreen.work`.
"""

from __future__ import annotations

from typing import Final

from sfdebug.tui.browser.chosen import Chosen, ListAction
from sfdebug.tui.browser.keys import ListKey
from sfdebug.tui.browser.relating import compare, family
from sfdebug.tui.browser.tickets import show_ticket
from sfdebug.tui.browser.verifying import verify_chosen

ACTIONS: Final[tuple[ListAction, ...]] = (
    ListAction(
        ListKey(
            "list.compare",
            "equals_sign,ampersand",
            "compare",
            "What is different: from the marked one, else from the last that succeeded",
            "act('list.compare')",
            3,
        ),
        compare,
    ),
    ListAction(
        ListKey(
            "list.ticket",
            "c,number_sign",
            "ticket",
            "It for a ticket, as Markdown: copy, write, redact; with what is different from a marked one",
            "act('list.ticket')",
            3,
        ),
        show_ticket,
    ),
    ListAction(
        ListKey(
            "list.family",
            "u",
            "up and down",
            "What started it and what it started, on one page",
            "act('list.family')",
            6,
        ),
        family,
    ),
    ListAction(
        ListKey(
            "list.verify",
            "w",
            "would it hold",
            "Would a mended definition have held? Those marked, or all shown, under it",
            "act('list.verify')",
            6,
        ),
        verify_chosen,
    ),
)

_BY_ID: Final = {action.key.id: action for action in ACTIONS}


def action_keys() -> tuple[ListKey, ...]:
    """The keys of all actions."""
    return tuple(action.key for action in ACTIONS)


def act(id: str, chosen: Chosen) -> None:
    """Do what a key stands for."""
    _BY_ID[id].run(chosen)
