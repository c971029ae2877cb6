"""What of a machine is to be drawn in the graph's pane: how large, with what folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.geometry import Size

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.drawing.elements import Layout, Zoom
    from sfdebug.tui.graph.drawings import Drawings, Wish

_HARDLY_HIGHER: Final = 3
"""A pane that is higher or lower by no more rows is the same for the drawing."""


class DrawingPlan:
    """What of a machine is to be drawn: for a pane of which size, how large, and with which containers folded."""

    def __init__(self) -> None:
        self.machine: StateMachine | None = None
        self.count = 0
        self.folded: frozenset[StatePath] = frozenset()
        self.size: Zoom | None = None
        """How large, as was asked for; None: as large as fits."""
        self.room: Size | None = None
        self.lent = 0
        """How many rows of the room may go to what stands below the pane."""

        self._drawings: Drawings | None = None

    def take(self, machine: StateMachine) -> None:
        """Draw this machine."""
        self.machine = machine
        self.count = sum(1 for _ in machine.walk())

    def fit_to(self, room: Size, lent: int) -> bool:
        """Draw for a pane of this size, of which so many rows may be lent; whether it is another than before. Lines
        that come and go above and below the pane do not change how the graph looks."""
        before = self.room
        if before is not None and room.width == before.width and abs(room.height - before.height) <= _HARDLY_HIGHER:
            return False
        self.room, self.lent = room, lent
        return True

    @property
    def drawings(self) -> Drawings | None:
        """What makes the drawings of the machine, and keeps some; None where there is no machine."""
        if self.machine is None:
            return None
        from sfdebug.tui.graph.drawings import Drawings

        if self._drawings is None or self._drawings.machine is not self.machine:
            self._drawings = Drawings(self.machine)
        return self._drawings

    def wish(self, room: Size, *, is_ascii: bool) -> Wish:
        """What is to be drawn, in a pane of this size if none was said."""
        from sfdebug.tui.graph.drawings import Wish

        room = self.room or room
        lent = self.lent + _HARDLY_HIGHER
        return Wish(room.width, room.height, self.folded, self.size, is_ascii, lent)

    def zoom(self, drawn: Zoom, step: int) -> bool:
        """Draw larger (1) or smaller (-1) than it is drawn; whether there is such a size."""
        from sfdebug.tui.graph.drawings import next_zoom

        zoom = next_zoom(drawn, step)
        if zoom is None:
            return False
        self.size = zoom
        return True

    def fold_all(self, drawing: Layout) -> bool:
        """Fold every Parallel and Map; when all of them are, unfold them; whether there are any."""
        if self.machine is None:
            return False
        from sfdebug.drawing import containers

        every = containers(self.machine)
        outermost = {box.path for box in drawing.boxes if box.is_container}
        self.folded = frozenset() if outermost <= self.folded else every
        return bool(every)

    def unfold_around(self, path: StatePath) -> bool:
        """Unfold what is folded around a state; whether something was."""
        around = {path[:length] for length in range(1, len(path))}
        is_inside = bool(around & self.folded)
        self.folded -= around
        return is_inside
