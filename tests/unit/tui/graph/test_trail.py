"""Where a state stands: the containers around it in a line, and titles that stay in sight."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from sfdebug.asl.load import definition_from
from sfdebug.drawing import Layout, build
from sfdebug.tui.graph.trail import StuckTitle, steps_to, stuck_titles, title_pieces, trail
from tests.debugger_runs import machine, passing

FAN = {
    "Type": "Parallel",
    "Branches": [machine(One=passing("Two"), Two=passing()), machine(Other=passing())],
    "End": True,
}
ALBUMS = machine(**{"Each album": {"Type": "Map", "ItemProcessor": machine(**{"Fan out": FAN}), "End": True}})
ALBUM, OUT = ("Each album",), ("Each album", 0, "Fan out")


@pytest.fixture(scope="module")
def albums() -> Layout:
    return build(definition_from(ALBUMS))


def test_steps_name_the_branches_of_a_parallel_alone(albums: Layout) -> None:
    assert steps_to(albums, (*OUT, 1, "Other")) == ["Each album", "Fan out", "branch 2"]
    assert steps_to(albums, OUT) == ["Each album"]
    assert steps_to(albums, ALBUM) == []


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (40, "Each album › Fan out › branch 2 › "),
        (33, "… › Fan out › branch 2 › "),
        (15, "… › branch 2 › "),
        (3, "… › "),
    ],
)
def test_the_first_steps_go_where_there_is_no_room(width: int, text: str) -> None:
    assert trail(["Each album", "Fan out", "branch 2"], "›", width) == text


def _stuck(layout: Layout, row: int, shown: Region) -> list[StuckTitle]:
    return list(stuck_titles([box for box in layout.boxes if box.is_open], row, shown))


def test_titles_above_the_view_stand_in_its_first_row(albums: Layout) -> None:
    outer, inner = albums.box(ALBUM), albums.box(OUT)
    assert outer is not None
    assert inner is not None
    top = Region(0, inner.y + 1, albums.width, 5)
    assert _stuck(albums, top.y, top) == [
        StuckTitle(ALBUM, outer.x + 1, outer.width - 2, True),
        StuckTitle(OUT, inner.x + 1, inner.width - 2, True),
    ]
    assert _stuck(albums, top.y + 1, top) == []
    assert _stuck(albums, outer.bottom, Region(0, outer.bottom, albums.width, 5)) == [], "the frame is over"
    shown = [text for text, _ in title_pieces(albums, _stuck(albums, top.y, top)[1], "›")]
    assert shown == ["Each album › ", "Parallel: ", "Fan out"]
    narrow = [text for text, _ in title_pieces(albums, StuckTitle(OUT, 0, 18, True), "›")]
    assert narrow == ["", "", "Fan out"]


def test_titles_left_of_the_view_stand_at_its_left(albums: Layout) -> None:
    outer = albums.box(ALBUM)
    assert outer is not None
    shown = Region(outer.x + 10, 0, 30, 40)
    assert _stuck(albums, outer.y, shown)[0].x == outer.x + 10
    assert not _stuck(albums, outer.y, shown)[0].is_frame
    assert _stuck(albums, outer.y, Region(outer.right - 4, 0, 30, 40)) == [], "there is no room for it"
