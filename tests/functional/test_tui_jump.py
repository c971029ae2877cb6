"""The jump overlay, the order of the help, the legend, and going to the background."""

from __future__ import annotations

import pytest

from sfdebug.tui.commands.finding import help_rows
from sfdebug.tui.dialogs.jump import JumpScreen, JumpTarget, labelled
from sfdebug.tui.keys import COMMANDS, KeyScope
from sfdebug.tui.painting.glyphs import ASCII, LEGEND, UNICODE, Glyphs
from tests.tui_runs import MEDIUM, SMALL, opened

_MACHINE = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Succeed"}},
}


def test_a_letter_each_or_two_where_there_are_many() -> None:
    few = labelled([JumpTarget(number, 0, number) for number in range(26)])
    assert len(few) == 26
    assert {len(label) for label in few} == {1}
    many = labelled([JumpTarget("pane", 0, 0, "1"), *(JumpTarget(str(number), 0, number) for number in range(60))])
    assert len(many) == 61
    assert {len(label) for label in many} == {1, 2}
    assert many["1"].value == "pane"
    typed = [label for label in many if label != "1"]
    assert not any(other != label and other.startswith(label) for label in typed for other in typed)


async def test_a_letter_goes_to_a_state_and_a_number_to_a_pane() -> None:
    async with opened(_MACHINE, {"n": 1}, size=MEDIUM) as session:
        await session.press("4", "ctrl+o")
        overlay = session.app.screen
        assert isinstance(overlay, JumpScreen)
        await session.press("d")  # the third state in view
        assert session.app.screen is session.screen
        assert session.screen.open_pane == "graph"
        assert session.screen.graph.selected == ("C",)
        await session.press("ctrl+o", "3")
        assert session.screen.open_pane == "data"
        await session.press("ctrl+o", "escape")
        assert (session.screen.open_pane, session.screen.graph.selected) == ("data", ("C",))


async def test_letters_stand_on_what_they_lead_to() -> None:
    async with opened(_MACHINE, {"n": 1}, size=MEDIUM) as session:
        before = session.text.splitlines()
        await session.press("ctrl+o")
        after = session.text.splitlines()
        for (path, x, y), letter in zip(session.screen.graph.states_in_view(), "asd", strict=True):
            assert after[y][x] == letter
            assert str(path[-1]) in "".join(before[y : y + 2])
        for number, (_, x, y) in enumerate(session.screen.panes_in_view(), start=1):
            assert before[y][x] == after[y][x] == str(number)


async def test_where_one_pane_fits_numbers_lead_to_the_others() -> None:
    async with opened(_MACHINE, {"n": 1}, size=SMALL) as session:
        await session.press("ctrl+o", "4")
        assert session.screen.open_pane == "timeline"
        await session.press("ctrl+o")
        assert "type a letter to go there" in session.text
        await session.resize(100, 30)
        assert session.app.screen is session.screen


@pytest.mark.parametrize(("pane", "heading"), [("graph", "the graph"), ("stages", "the list"), ("data", "the data")])
def test_the_keys_of_the_open_pane_come_first(pane: str, heading: str) -> None:
    rows = list(help_rows(lambda _: None, pane, UNICODE))
    assert rows[0].title == f"Here, in {heading}"
    assert not [row for row in rows[1:] if row.title == f"In {heading}"]
    ids = [row.id for row in rows if row.id]
    assert sorted(ids) == sorted(set(ids))
    assert {command.id for command in COMMANDS if command.scope is KeyScope.EVERYWHERE} <= set(ids)


@pytest.mark.parametrize("size", [SMALL, MEDIUM, (200, 50)])
async def test_the_help_cuts_nothing(size: tuple[int, int]) -> None:
    async with opened(_MACHINE, {"n": 1}, size=size) as session:
        await session.press("question_mark")
        items = session.app.screen._items  # type: ignore[attr-defined]
        width = session.app.screen.query_one("PickList").size.width
        pick_list = session.app.screen.query_one("PickList")
        for row in range(len(items)):
            line = "".join(piece[0] for piece in pick_list.paint_row(row, width))  # type: ignore[attr-defined]
            assert UNICODE.ellipsis not in line or "something is cut here" in line, line


async def test_zoom_is_found() -> None:
    async with opened(_MACHINE, {"n": 1}, size=MEDIUM) as session:
        await session.press("question_mark", *"zoom")
        assert "/zoom: 3 of " in session.text, "a command that goes on below is one"
        for id in ("larger", "smaller", "fit"):
            assert id in session.text.casefold()


_LINES = {
    "paused",
    "rule",
    "dash",
    "knot",
    "bar",
    "ellipsis",
    "arrow",
    "dot",
    "block",
    "falling",
    "rising",
    "marked",
    "within",
}
"""What is drawn with, or stands before a word that says it, or belongs to the lists of executions."""


def test_every_sign_is_in_the_legend() -> None:
    assert {sign.glyph for sign in LEGEND} | _LINES == set(Glyphs.__struct_fields__)
    for glyphs in (UNICODE, ASCII):
        shown = [row for row in help_rows(lambda _: None, "graph", glyphs) if row.sign]
        assert [row.sign for row in shown if not row.title] == [getattr(glyphs, sign.glyph) for sign in LEGEND]
        drawn = {sign for row in shown for sign in row.title.split()}
        assert {"[", "<", "{"} <= drawn
        assert ({"╎╌", "▽△", "╔═", "┃━", "↻", "■"} if glyphs is UNICODE else {":~", "VA", "#=", "@", "#"}) <= drawn


async def test_a_terminal_that_cannot_wait_says_so() -> None:
    async with opened(_MACHINE, {"n": 1}, size=MEDIUM) as session:
        await session.press("ctrl+z")
        assert session.message == "this terminal cannot take the program into the background"
