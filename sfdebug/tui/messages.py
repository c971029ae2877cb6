"""What the widgets tell the screen. They never reach sideways: they post these, past tense, upwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath


class StateShown(Message):
    """A state in the graph was chosen, to see its last visit or its definition."""

    def __init__(self, path: StatePath) -> None:
        super().__init__()
        self.path = path


class BreakpointToggled(Message):
    """The breakpoint of a state in the graph was asked to change."""

    def __init__(self, path: StatePath) -> None:
        super().__init__()
        self.path = path
