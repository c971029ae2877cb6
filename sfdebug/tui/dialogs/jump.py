"""The jump overlay: a letter on everything that is in view and can be gone to. Typing it goes there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from msgspec import Struct
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import Static

from sfdebug.tui.terminal.guard import ClosesOnce

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

V = TypeVar("V")

_LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
"""The letters by how easily they are reached."""


class JumpTarget(Struct, Generic[V], frozen=True):
    """Something to go to, and the cell of the screen where its letter stands; none where x is below 0.

    `label` is its own one, if it has one.
    """

    value: V
    x: int
    y: int
    label: str = ""


def labelled(targets: Sequence[JumpTarget[V]]) -> dict[str, JumpTarget[V]]:
    """The targets by what is typed for them: their own labels, or a letter each, or two where there are many."""
    unnamed = sum(not target.label for target in targets)
    if unnamed <= len(_LETTERS):
        names = iter(_LETTERS)
    else:
        names = iter([f"{first}{second}" for first, second in product(_LETTERS, repeat=2)])
    found: dict[str, JumpTarget[V]] = {}
    for target in targets:
        label = target.label or next(names, "")
        if label:
            found[label] = target
    return found


class JumpScreen(ClosesOnce, ModalScreen[V], Generic[V]):
    """Letters over what is below; the answer is the value of the target that was typed, None for none."""

    DEFAULT_CSS = """
    JumpScreen {
        background: $background 40%;
        & > .jump {
            position: absolute;
            width: auto;
            height: 1;
            background: $sf-current;
            color: $sf-on-current;
            text-style: bold;
        }
        & > .jump.-gone { display: none; }
        & > .jump:nocolor, &.-beneath > .jump { text-style: bold reverse; }
        & > .jump-hint {
            position: absolute;
            width: 100%;
            height: 1;
            background: $background;
            color: $sf-muted;
            padding: 0 2;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, targets: Sequence[JumpTarget[V]]) -> None:
        super().__init__()
        self._targets = labelled(targets)
        self._typed = ""
        self._signs = {label: Static(Content(label), classes="jump") for label in self._targets}
        self._hint = Static(Content("type a letter to go there   Esc stays"), classes="jump-hint")

    def compose(self) -> ComposeResult:
        """The letters, and what to do with them."""
        for label, sign in self._signs.items():
            target = self._targets[label]
            if target.x < 0:  # it has its label where it stands
                continue
            sign.styles.offset = (target.x, target.y)
            yield sign
        self._hint.styles.offset = (0, self.app.size.height - 1)
        yield self._hint

    def on_key(self, event: events.Key) -> None:
        """Take a letter; with it, what begins otherwise goes away."""
        if event.key == "backspace":
            self._typed = ""
        elif event.character is None or len(event.character) != 1:
            return
        else:
            typed = self._typed + event.character.lower()
            if not any(label.startswith(typed) for label in self._targets):
                return
            self._typed = typed
        event.stop()
        for label, sign in self._signs.items():
            sign.set_class(not label.startswith(self._typed), "-gone")
        if self._typed in self._targets:
            self.dismiss(self._targets[self._typed].value)

    def on_resize(self, event: events.Resize) -> None:
        """What is below has moved: the letters would point elsewhere."""
        if self.is_mounted and self._hint.styles.offset.y.value != event.size.height - 1:
            self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click on a letter goes there, beside them it leaves."""
        place = Offset(event.screen_x, event.screen_y)
        at = next((label for label, sign in self._signs.items() if sign.region.contains_point(place)), "")
        self.dismiss(self._targets[at].value if at else None)

    def action_cancel(self) -> None:
        """Stay."""
        self.dismiss(None)
