"""What a key costs on the screen: layouts, lines and bytes are counted, and what is written is what was painted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from sfdebug.debugger import Debugger
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tui.terminal.changes import TerminalCells
from tests.tui_terminal import Counter, Terminal, counted

SAMPLES = Path(__file__).parents[3] / "samples"
RED, BLUE = Style(color="#ff0000", bold=True), Style(color="#0000ff")
CONSOLE = Console(color_system="truecolor", force_terminal=True)


def order() -> Debugger:
    folder = SAMPLES / "order"
    tasks = MockConfig.load(folder / "MockConfigFile.json").handler(None, "HappyPath")
    given = json.loads((folder / "input.json").read_text(encoding="utf-8"))
    return Debugger(folder / "order.asl.json", given, tasks=tasks)


def order_without_advice() -> Debugger:
    """The same, in which no state has a line of advice more than another one."""
    debugger = order()
    definition = json.loads((SAMPLES / "order" / "order.asl.json").read_text(encoding="utf-8"))
    definition["Comment"] = "sfdebug: ignore lambda-without-service-retry"
    return Debugger(definition, debugger.execution.input, tasks=debugger.tasks)


def painted_whole(counter: Counter) -> Terminal:
    """What a terminal shows on which the whole screen is painted now."""
    app, terminal = counter.session.app, Terminal()
    whole = app.screen._compositor.render_full_update()
    terminal.write(whole.render_segments(app.console))
    return terminal


# A key


async def test_a_step_writes_what_changes_and_lays_out_at_most_once() -> None:
    async with counted(order()) as counter:
        for _ in range(6):
            work = await counter.press("n")
            assert work.layouts <= 1
            assert 0 < work.bytes < 9_000  # the whole screen is 40,000
            assert work.lines < 130


async def test_a_step_to_where_no_line_more_is_needed_lays_out_nothing() -> None:
    async with counted(order_without_advice()) as counter:
        await counter.press("n", "n")
        work = await counter.press("n")
        assert (work.layouts, work.paints) == (0, 1)
        assert work.lines < 60


async def test_to_move_a_selection_paints_its_lines() -> None:
    async with counted(order_without_advice()) as counter:
        await counter.press("n", "n", "n", "N")
        works = [await counter.press(key) for key in ("down", "up", "down", "up")]
        assert all(work.bytes < 1_500 for work in works)
        at_rest = [work for work in works if not work.layouts]  # where as many lines say what is selected
        assert at_rest
        assert all(work.lines <= 8 for work in at_rest)


async def test_a_key_that_does_nothing_says_so_once() -> None:
    async with counted(order()) as counter:
        first = await counter.press("f8")
        assert first.bytes > 20
        again = await counter.press("f8")
        assert again.bytes < 20


# What stands on the terminal


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_what_was_written_is_what_was_painted(size: tuple[int, int]) -> None:
    async with counted(order(), size) as counter:
        for key in ("n", "n", "s", "tab", "down", "d", "z", "z", "n", "N", "m", "?", "escape", "slash", "x"):
            await counter.press(key)
            assert counter.terminal.cells == painted_whole(counter).cells, key


async def test_a_terminal_of_another_size_is_painted_anew() -> None:
    async with counted(order()) as counter:
        await counter.press("n")
        before = counter.terminal.written
        counter.terminal.cells.clear()
        await counter.session.resize(100, 36)
        assert counter.terminal.written - before > 5_000
        assert counter.terminal.cells == painted_whole(counter).cells


@pytest.mark.parametrize("keys", [(), ("question_mark",)])
async def test_ctrl_l_writes_all_again_after_something_wrote_over_it(keys: tuple[str, ...]) -> None:
    async with counted(order()) as counter:
        await counter.press(*keys)
        counter.terminal.cells.clear()
        await counter.press("ctrl+l")
        assert counter.terminal.cells == painted_whole(counter).cells


async def test_after_the_program_was_stopped_all_is_painted_anew() -> None:
    async with counted(order()) as counter:
        counter.terminal.cells.clear()
        counter.session.app._resume_signal()
        counter.session.app.screen.refresh(layout=True)
        await counter.session.pilot.pause()
        assert counter.terminal.cells == painted_whole(counter).cells


# Cells


def whole(*rows: Strip) -> LayoutUpdate:
    return LayoutUpdate([[row] for row in rows], Region(0, 0, rows[0].cell_length, len(rows)))


def strip(*pieces: tuple[str, Style | None]) -> Strip:
    return Strip([Segment(text, style) for text, style in pieces])


def written(cells: TerminalCells, update: LayoutUpdate | ChopsUpdate) -> str:
    return cells.changes(update).render_segments(CONSOLE)


def test_only_the_cells_that_differ_are_written() -> None:
    cells = TerminalCells()
    written(cells, whole(strip(("one two three", RED))))
    assert written(cells, whole(strip(("one two three", RED)))) == ""
    assert written(cells, whole(strip(("one Two three", RED)))) == "\x1b[1;5H\x1b[0;1;38;2;255;0;0mT\x1b[0m"
    assert written(cells, whole(strip(("one Two ", RED), ("three", BLUE)))) == (
        "\x1b[1;9H\x1b[38;2;0;0;255mthree\x1b[0m"
    )


def test_changes_near_each_other_are_one_and_distant_ones_are_two() -> None:
    cells = TerminalCells()
    written(cells, whole(strip(("a" * 40, None))))
    assert written(cells, whole(strip(("b" + "a" * 3 + "b" + "a" * 35, None)))) == "\x1b[1;1Hbaaab"
    assert written(cells, whole(strip(("c" + "a" * 3 + "b" + "a" * 30 + "c" + "a" * 4, None)))) == (
        "\x1b[1;1Hc\x1b[1;36Hc"
    )


def test_a_row_with_a_wide_character_is_written_as_a_whole() -> None:
    cells, terminal = TerminalCells(), Terminal()
    for row in ("ab\N{CJK UNIFIED IDEOGRAPH-6F22}cd ", "ab\N{CJK UNIFIED IDEOGRAPH-6F22}ce ", "abccce ", "abccde "):
        out = written(cells, whole(strip((row, RED))))
        terminal.write(out)
        assert terminal.row(0) == row
    assert out == "\x1b[1;5H\x1b[0;1;38;2;255;0;0md\x1b[0m"  # the wide one is gone: single cells again


def test_characters_that_are_one_together_stay_together() -> None:
    cells = TerminalCells()
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN} x"
    assert family in written(cells, whole(strip((family, None))))
    assert family in written(cells, whole(strip((family.replace("x", "y"), None)))).replace("y", "x")


def test_what_was_forgotten_is_written_again() -> None:
    cells = TerminalCells()
    first = written(cells, whole(strip(("one", RED)), strip(("two", BLUE))))
    cells.forget()
    assert written(cells, whole(strip(("one", RED)), strip(("two", BLUE)))) == first


def test_a_piece_of_a_row_that_was_covered_is_written_when_it_is_seen_again() -> None:
    cells, terminal = TerminalCells(), Terminal()
    below, above = strip(("........", None)), strip(("##", RED))
    for pieces in ({0: below}, {0: strip(("..", None)), 2: above, 4: strip(("....", None))}, {0: below}):
        ends = [*list(pieces)[1:], 8]
        terminal.write(written(cells, ChopsUpdate([pieces], [(0, 0, 8)], [ends])))
    assert terminal.row(0) == "........"
