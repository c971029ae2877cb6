"""How the panes are framed and arranged: by the size of the terminal, and by whether one of them is maximised."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from sfdebug.text import clean
from sfdebug.tui.keys import key_of
from sfdebug.tui.painting.paint import Painted, fit

if TYPE_CHECKING:
    from typing import Self

    from sfdebug.tui.widgets.search import FilterNote

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 12
_TWO_WIDTH: Final = 96
_TWO_HEIGHT: Final = 30
_WIDE_WIDTH: Final = 160
_WIDE_HEIGHT: Final = 36
_STACKED_HEIGHT: Final = 20


class Arrangement(StrEnum):
    """The names are CSS classes of the screen, with a hyphen in front."""

    TINY = "tiny"
    """Too small: the screen says what it needs."""
    ONE = "one"
    """One pane at a time, with a strip to switch; stages and data together where there are rows for both."""
    TWO = "two"
    """Graph left, stages and data right, timeline below."""
    WIDE = "wide"
    """Graph left, with the whole height; stages, data and timeline right, each as wide as can be."""


def arrangement_for(width: int, height: int, *, is_maximised: bool = False) -> Arrangement:
    """The arrangement for a terminal of this size."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Arrangement.TINY
    if is_maximised or width < _TWO_WIDTH or height < _TWO_HEIGHT:
        return Arrangement.ONE
    if width >= _WIDE_WIDTH and height >= _WIDE_HEIGHT:
        return Arrangement.WIDE
    return Arrangement.TWO


_TOGETHER: Final = frozenset({"stages", "data"})


def panes_shown(arrangement: Arrangement, height: int, opened: str, *, is_maximised: bool) -> frozenset[str] | None:
    """The names of the panes that are shown while `opened` is open; None for all of them."""
    if arrangement is not Arrangement.ONE:
        return None
    if is_maximised or height < _STACKED_HEIGHT or opened not in _TOGETHER:
        return frozenset({opened})
    return _TOGETHER


_ROWS: Final = {Arrangement.TWO: (5, 7, 5), Arrangement.WIDE: (12, 18, 13)}
_LEAST_EVENTS: Final = 3
_IDLE: Final = 3
"""Rows of the timeline's pane that are not events': its frame and the slider."""


def grid_rows(arrangement: Arrangement, height: int, events: int) -> str:
    """How high stages, data and timeline are in `height` rows: a timeline that has no more than so many events leaves
    the rows that it would not fill to the others. "" where it fills its own: then they are as the style sheet says."""
    stages, data, timeline = _ROWS[arrangement]
    needed = max(_LEAST_EVENTS, events) + _IDLE
    is_idle = needed < height * timeline // (stages + data + timeline)
    return f"{stages}fr {data}fr {needed}" if is_idle else ""


def what_is_needed(width: int, height: int) -> str:
    """What a terminal that is too small is told."""
    return (
        f"sfdebug needs {LEAST_WIDTH} columns and {LEAST_HEIGHT} rows.\n"
        f"This terminal has {width} and {height}.\n\n"
        f"Make it larger, or its font smaller; {key_of('program.quit')} leaves."
    )


_SHARES: Final = {Arrangement.TWO: (11 / 24, 0.64), Arrangement.WIDE: (10 / 23, 0.5)}
"""The share of the terminal's width that the pane has, and the most that it may take where the drawing needs it."""

_FRAME: Final = 2


def widest(arrangement: Arrangement, width: int) -> int:
    """How many columns a drawing may take in a terminal of this width; 0 where the pane is as wide as it is."""
    share = _SHARES.get(arrangement)
    return int(share[1] * width) - _FRAME if share is not None else 0


def columns(arrangement: Arrangement, width: int, needed: int) -> int:
    """How wide the pane is made, its frame included, for a drawing that needs `needed` columns."""
    least, most = _SHARES[arrangement]
    return max(round(least * width), min(needed + _FRAME, int(most * width)))


class TooSmall(Static):
    """Says how large a terminal the program needs."""

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, width: int, height: int) -> None:
        """Say it for a terminal of this size."""
        self.update(Content(what_is_needed(width, height)))


_CORNERS: Final = 6
"""Columns of the upper edge that are not the title's."""

_LEAST: Final = 8


class Pane(Vertical):
    """A titled frame. The title is data: it is never read as markup. A filter in force stands behind it, and stays
    when the title is cut."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.heading = ""
        self.filter_note: FilterNote | None = None
        self._edges = ("", "")
        self._subtitle_paint = ""
        self._is_edge_only = False

    def set_title(self, title: str, subtitle: str = "", paint: str = "") -> None:
        """Show this title in the upper edge, and `subtitle` in the lower one, with that variable of the theme as its
        colour."""
        self.heading = clean(title)
        if paint != self._subtitle_paint:
            self._subtitle_paint, self._edges = paint, ("", "")
        self._write(clean(subtitle))

    def light(self, is_lit: bool | None) -> None:
        """Have this pane stand out among the others, or be faint behind one that does; None for neither."""
        self.set_class(is_lit is True, "-lit")
        self.set_class(is_lit is False, "-faint")
        for widget in self.query("*"):
            if isinstance(widget, Painted):
                widget.paint_faint(is_lit is False)

    def set_filter_note(self, note: FilterNote | None) -> None:
        """Say which filter is in force: `/Failed: 3 of 120`; None for none."""
        if note != self.filter_note:
            self.filter_note = note
            self._write(self._edges[1])

    def on_resize(self) -> None:
        """Fit the title to the new width."""
        self._write(self._edges[1])

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint the frame again; for another title not what is in it."""
        if self._is_edge_only:
            left, top = self.content_offset
            width, height = self.outer_size
            if not top:
                return self  # there is no frame to have a title
            regions = (Region(-left, -top, width, 1), Region(-left, height - 1 - top, width, 1))
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _write(self, subtitle: str) -> None:
        edges = (self._fitted_heading(), subtitle)
        if edges == self._edges:
            return
        self._edges = edges
        self._is_edge_only = True
        try:
            self.border_title = Content(edges[0]) if edges[0] else None
            style = f"${self._subtitle_paint}" if self._subtitle_paint else ""
            self.border_subtitle = Content.styled(subtitle, style) if subtitle else None
        finally:
            self._is_edge_only = False

    def _fitted_heading(self) -> str:
        if self.filter_note is None:
            return self.heading
        width = max(0, self.outer_size.width - _CORNERS)
        note = self.filter_note.fitted(width - _LEAST - 3)
        heading = fit(self.heading, max(_LEAST, width - cell_len(note) - 3))
        return f"{heading} \N{MIDDLE DOT} {note}"
