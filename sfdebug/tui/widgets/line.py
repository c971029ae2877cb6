"""One line of painted pieces, some of which can be clicked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from rich.cells import cell_len
from textual.message import Message
from textual.strip import Strip

from sfdebug.tui.painting.paint import Painted, Piece, strip_of

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget


W = TypeVar("W", bound="Widget")

LinePiece: TypeAlias = "tuple[str, str] | tuple[str, str, str]"
"""A text, its paint, and for what can be clicked the name of the target."""


class WidgetMessage(Message, Generic[W]):
    """A message of a widget by which `@on` can tell it from others."""

    def __init__(self, widget: W) -> None:
        super().__init__()
        self._widget = widget

    @property
    def control(self) -> W:
        """The widget that it is from."""
        return self._widget


class Line(Painted):
    """A widget of one row. `put` says what stands in it; a click on a target posts `Picked` with its name."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Line { height: 1; }"

    class Picked(WidgetMessage["Line"]):
        """A target was clicked."""

        def __init__(self, line: Line, target: str) -> None:
            super().__init__(line)
            self.target = target

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pieces: list[Piece] = []
        self._targets: list[tuple[int, int, str]] = []

    def put(self, pieces: Iterable[LinePiece]) -> None:
        """Show these pieces."""
        self._set_pieces(pieces)
        self.repaint()

    def _set_pieces(self, pieces: Iterable[LinePiece]) -> None:
        self._pieces, self._targets, at = [], [], 0
        for text, paint, *target in pieces:
            end = at + cell_len(text)
            self._pieces.append((text, paint))
            if target:
                self._targets.append((at, end, target[0]))
            at = end

    @property
    def text(self) -> str:
        """What the line says, without paint."""
        return "".join(text for text, _ in self._pieces)

    def paint_line(self, y: int) -> Strip:
        """The line itself."""
        return strip_of(self, self._pieces if y == 0 else (), self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Tell which target was clicked."""
        for start, end, target in self._targets:
            if start <= event.x < end:
                event.stop()
                self.post_message(self.Picked(self, target))
                return


class FittedLine(Line):
    """A line whose pieces depend on its width: they are made when it is painted, never before its size is known."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fitted_to = -1

    @abstractmethod
    def pieces(self, width: int) -> Sequence[LinePiece]:
        """What to show in `width` cells."""

    def changed(self) -> None:
        """Make the pieces anew."""
        self._fitted_to = -1
        self.repaint()

    def paint_line(self, y: int) -> Strip:
        """The line itself, fitted."""
        width = self.size.width
        if width != self._fitted_to:
            self._fitted_to = width
            self._set_pieces(self.pieces(width))
        return super().paint_line(y)
