"""Has the drawings of the graph's pane made as they are wished for: at once, or a large machine on another thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from textual.worker import get_current_worker

from sfdebug.configuration import FirstZoom
from sfdebug.text import counted
from sfdebug.tui.graph.plan import DrawingPlan
from sfdebug.tui.terminal.guard import report
from sfdebug.tui.terminal.precedence import PRECEDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from sfdebug.asl.definition import StatePath
    from sfdebug.tui.graph.drawings import Drawings, MachineDrawing, Wish

_AT_ONCE: Final = 40
"""A machine with more states is laid out on another thread, so that the screen does not wait for it."""


class GraphDrawer:
    """Draws what is planned, and shows the last one that was wished for.

    `show` gets each drawing; `awaited` is called where there will be one later, or none.
    """

    def __init__(self, pane: Widget, show: Callable[[MachineDrawing], None], awaited: Callable[[], None]) -> None:
        self.plan = DrawingPlan()
        self.is_drawing = False
        """Whether one is under way on another thread."""
        self._pane = pane
        self._show = show
        self._awaited = awaited
        self._shown: MachineDrawing | None = None
        self._wishes = 0
        self._trouble = ""

    def draw(self) -> None:
        """Draw what is planned now, as soon as there is a machine, and room for it."""
        drawings = self.plan.drawings if self.plan.room or self._pane.size else None
        if drawings is None:
            return
        wish = self.plan.wish(self._pane.size, is_ascii=self._pane.app.has_class("ascii"))
        self._wishes += 1
        drawing = drawings.kept(wish)
        if drawing is None and self.plan.count > _AT_ONCE:
            self.is_drawing = True
            self._awaited()
            number = self._wishes
            self._pane.run_worker(
                lambda: self._draw_elsewhere(drawings, wish, number),
                thread=True,
                exclusive=True,
                group="graph",
                exit_on_error=False,
            )
            return
        try:
            drawing = drawing or drawings.draw(wish)
        except Exception as error:
            self._failed(error)
        else:
            if drawing is not None:
                self._drawn(drawing, self._wishes)

    def _draw_elsewhere(self, drawings: Drawings, wish: Wish, number: int) -> None:
        from sfdebug.drawing.giving_way import DrawingGivenUp, giving_way

        worker, app = get_current_worker(), self._pane.app

        def wait() -> None:
            PRECEDENCE.wait()
            if worker.is_cancelled:  # the screen is left, which would have to wait for it, or another one is wished for
                raise DrawingGivenUp

        try:
            with giving_way(wait):
                drawing = drawings.draw(wish, lambda: worker.is_cancelled)
        except Exception as error:
            if not worker.is_cancelled:
                app.call_from_thread(self._failed, error)
        else:
            if drawing is not None and not worker.is_cancelled:
                app.call_from_thread(self._drawn, drawing, number)

    def _failed(self, error: Exception) -> None:
        """The run can be debugged without its graph: say that there is none, and go on."""
        self.is_drawing = False
        self._trouble = "no graph could be drawn"
        self._awaited()
        report(self._pane.app, error)

    def _drawn(self, drawing: MachineDrawing, number: int) -> None:
        """Show a drawing, unless another one was wished for in the meantime."""
        if number == self._wishes:
            self.is_drawing, self._trouble = False, ""
            self._shown = drawing
            self._show(drawing)

    # How large, and what is folded

    @property
    def looks(self) -> dict[str, Any]:
        """What is folded, and how large the states were asked to be drawn: what a session finds again."""
        folded = sorted((list(path) for path in self.plan.folded), key=str)
        return {"folded": folded, "zoom": str(self.plan.size) if self.plan.size is not None else ""}

    def draw_as(self, folded: frozenset[StatePath], zoom: str) -> None:
        """Draw with these folded, and so large; a size that there is not is as large as fits."""
        from sfdebug.drawing.elements import Zoom

        self.plan.folded = folded
        self.plan.size = next((one for one in Zoom if str(one) == zoom), None)
        self.draw()

    def begin_with(self, zoom: FirstZoom) -> None:
        """How large the states are drawn, when the graph has not been loaded yet."""
        from sfdebug.drawing.elements import Zoom

        sizes = {FirstZoom.BOXES: Zoom.FULL, FirstZoom.LINES: Zoom.LINES, FirstZoom.DOTS: Zoom.DOTS}
        self.plan.size = sizes.get(zoom)

    @property
    def is_fitted(self) -> bool:
        """Whether the drawing is as large as fits the pane, rather than as was asked for."""
        return self.plan.size is None

    def fit(self) -> None:
        """Draw the states as large as fits the pane."""
        self.plan.size = None
        self.draw()

    def zoom(self, step: int) -> bool:
        """Draw the states larger (1) or smaller (-1); whether there is such a size."""
        if self._shown is None or not self.plan.zoom(self._shown.size, step):
            return False
        self.draw()
        return True

    def fold(self, path: StatePath) -> None:
        """Fold a Parallel or Map, or unfold it."""
        self.plan.folded ^= {path}
        self.draw()

    def fold_all(self) -> bool:
        """Fold every Parallel and Map; when all of them are, unfold them; whether there are any."""
        if self._shown is None or not self.plan.fold_all(self._shown.layout):
            return False
        self.draw()
        return True

    # In words

    @property
    def size_words(self) -> str:
        """How large the states are drawn: `lines`; where that follows the pane, `lines, fitted` when all of it is seen,
        and what of it fits when not. Or that they are about to be drawn."""
        if self.is_drawing:
            return self._under_way
        if self._shown is None:
            return ""
        from sfdebug.tui.graph.drawings import ZOOM_WORDS

        words, layout = ZOOM_WORDS[self._shown.size], self._shown.layout
        if not self.is_fitted:
            return words
        room = self._pane.scrollable_content_region
        if layout.width > room.width:
            return f"{words}, the smallest"
        return f"{words}, fitted" if layout.height <= room.height else f"{words}, fitted across"

    @property
    def words_instead(self) -> str:
        """What stands in the pane before anything is drawn."""
        return self._trouble or (self._under_way if self.plan.machine is not None else "")

    @property
    def why_nothing(self) -> str:
        """Why nothing is drawn, for who asks for something that needs a drawing."""
        return self._trouble or ("the graph is being drawn" if self.plan.machine is not None else "nothing is drawn")

    @property
    def _under_way(self) -> str:
        return f"drawing {counted(self.plan.count, 'state')} …"
