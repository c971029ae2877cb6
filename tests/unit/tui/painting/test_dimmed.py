"""What stands behind a dialog is what Textual makes of it."""

from __future__ import annotations

import pytest
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen

from sfdebug.tui.painting.dimmed import Dimmed

RED = Style.parse("bold red on #102030")


@pytest.mark.parametrize("color", [Color(10, 20, 30, 0.65), Color(0, 0, 0, 0)])
def test_pieces_are_dimmed_as_textual_dims_them(color: Color) -> None:
    pieces = [
        Segment("a", RED),
        Segment("b"),
        Segment("c", RED),
        Segment("d", RED + Style(link="file:///x", meta={"a": 1})),
        Segment("e", Style.parse("on white")),
        Control.home().segment,
    ]
    dimmed = list(Dimmed.process_segments(pieces, color))
    assert dimmed == list(BackgroundScreen.process_segments(pieces, color))
    assert dimmed[3].style is not None
    assert not dimmed[3].style.link
