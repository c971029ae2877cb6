"""The JSON pane on a screen: what it shows, folding, searching, copying, and the reader's place."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import Screen

from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import COMMANDS
from sfdebug.tui.widgets.line import Line
from sfdebug.values import MISSING, Json
from tests.widget_host import WidgetHost

BEFORE: dict[str, Any] = {"order": {"id": "o-1", "items": [{"sku": "A", "qty": 1}]}, "customer": {"id": "c-9"}}
AFTER: dict[str, Any] = {"order": {"id": "o-1", "items": [{"sku": "A", "qty": 2}]}, "total": 42.5}


class Recorder(WidgetHost):
    """Keeps the messages of the view and the keys that it lets through."""

    def on_json_view_copied(self, event: JsonView.Copied) -> None:
        self.seen.append((event.what, event.text))

    def on_json_view_mode_picked(self, event: JsonView.ModePicked) -> None:
        self.seen.append(event.mode)


class Stage:
    """A view on a screen, and what it says."""

    def __init__(self, app: Recorder, pilot: Pilot[Any], view: JsonView) -> None:
        self.app, self.pilot, self.view = app, pilot, view

    @property
    def lines(self) -> list[str]:
        return [line for line in self.app.text_of(self.view.query_one(JsonLines)) if line]

    @property
    def header(self) -> str:
        return self.view.query_one("#json-header", Line).text

    @property
    def footer(self) -> str:
        return self.view.query_one("#json-footer", Line).text.strip()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def staged(
    before: Any = BEFORE, after: Any = AFTER, mode: Mode = Mode.AFTER, size: tuple[int, int] = (80, 24), **more: Any
) -> AsyncIterator[Stage]:
    view = JsonView()
    app = Recorder(view)
    async with app.run_test(size=size) as pilot:
        view.set_values(before, after, mode, "ResultPath", **more)
        view.focus()
        await pilot.pause()
        yield Stage(app, pilot, view)


async def test_a_value_is_shown_with_its_keys_in_a_column() -> None:
    async with staged() as stage:
        assert stage.lines == [
            "▾ {}  2 keys",
            "  ▾ order  {}  2 keys",
            '      id     "o-1"',
            "    ▾ items  []  1 item",
            "      ▾ 0  {}  2 keys",
            '          sku  "A"',
            "          qty  2",
            "    total  42.5",
        ]
        assert stage.footer == "$"


async def test_the_difference_marks_lines_with_signs() -> None:
    async with staged(mode=Mode.DIFFERENCE) as stage:
        assert [line[0] for line in stage.lines] == [" ", " ", " ", " ", " ", " ", "~", "−", "−", "+"]
        assert "qty  1 → 2" in stage.lines[6]
        assert stage.footer.endswith("+ 1  − 1  ~ 1")


async def test_each_mode_shows_its_value() -> None:
    async with staged({"a": 1}, {"a": 2}, expression={"x.$": "$.y"}) as stage:
        for mode, text in ((Mode.BEFORE, "a  1"), (Mode.AFTER, "a  2"), (Mode.EXPRESSION, 'x.$  "$.y"')):
            stage.view.mode = mode
            await stage.pilot.pause()
            assert stage.lines[1].strip() == text
            assert f"▸ {mode}" in stage.header


async def test_missing_values_are_said_in_words() -> None:
    async with staged(MISSING, MISSING) as stage:
        assert stage.lines == [" (no value yet)"]
        stage.view.mode = Mode.BEFORE
        await stage.pilot.pause()
        assert stage.lines == [" (nothing)"]
        stage.view.set_values(MISSING, {"a": 1}, Mode.DIFFERENCE)
        await stage.pilot.pause()
        assert stage.lines == [" (nothing to compare with)"]
        await stage.press("y")
        assert stage.footer == "there is nothing to copy"


async def test_equal_values_say_so() -> None:
    async with staged({"a": 1}, {"a": 1}, Mode.DIFFERENCE) as stage:
        assert stage.footer.endswith("no difference")


async def test_provenance_stands_at_the_right() -> None:
    async with staged(provenance={("order",): "computed", ("total",): "mocked"}) as stage:
        assert stage.lines[1].endswith(" computed")
        assert stage.lines[-1].endswith(" mocked")
        stage.view.set_values({}, {"a": 1}, provenance="user")
        await stage.pilot.pause()
        assert stage.lines[0].endswith(" user")


async def test_folding_with_the_keys_of_fx() -> None:
    async with staged() as stage:
        await stage.press("j", "h")
        assert stage.lines[1] == '  ▸ order  {id: "o-1", items: […]}  2 keys'
        await stage.press("l", "l")
        assert stage.footer == "$.order.id"
        await stage.press("h")
        assert stage.footer == "$.order"
        await stage.press("minus", "minus", "minus")
        assert len(stage.lines) == 3
        await stage.press("minus")
        assert len(stage.lines) == 3
        await stage.press("plus")
        assert len(stage.lines) == 5
        await stage.press("plus", "plus", "plus")
        assert len(stage.lines) == 8
        await stage.press("g", "H")
        assert len(stage.lines) == 1
        await stage.press("L")
        assert len(stage.lines) == 8
        await stage.press("space")
        assert len(stage.lines) == 1
        await stage.press("enter", "G")
        assert stage.footer == "$.total"


async def test_motion() -> None:
    async with staged({}, {f"k{n}": n for n in range(60)}) as stage:
        await stage.press("j", "j", "k", "down", "up")
        assert stage.footer == "$.k0"
        await stage.press("ctrl+d")
        page = stage.view.query_one(JsonLines).cursor
        assert page > 15
        await stage.press("ctrl+u", "G")
        assert stage.footer == "$.k59"
        assert stage.lines[-1].strip() == "k59  59"


async def test_the_cursor_stays_on_its_key_when_the_value_changes() -> None:
    async with staged() as stage:
        await stage.press(*"jjjjjj")
        assert stage.footer == "$.order.items[0].qty"
        stage.view.set_values(AFTER, {"note": "x", **AFTER, "payment": {"a": 1}}, Mode.AFTER)
        await stage.pilot.pause()
        assert stage.footer == "$.order.items[0].qty"
        stage.view.set_values(AFTER, {"order": {}}, Mode.AFTER)
        await stage.pilot.pause()
        assert stage.footer == "$.order"
        stage.view.set_values(AFTER, AFTER, Mode.AFTER)
        await stage.pilot.pause()
        assert stage.footer == "$.order.items[0].qty"


async def test_the_line_stays_at_its_height_on_the_screen() -> None:
    async with staged({}, {f"k{n}": n for n in range(60)}) as stage:
        lines = stage.view.query_one(JsonLines)
        lines.go_to(("k40",))
        await stage.pilot.pause()
        height = lines.cursor - round(lines.scroll_y)
        stage.view.set_values({}, {**{f"new{n}": n for n in range(10)}, **{f"k{n}": n for n in range(60)}})
        await stage.pilot.pause()
        assert stage.footer == "$.k40"
        assert lines.cursor - round(lines.scroll_y) == height


async def test_searching_goes_from_match_to_match() -> None:
    async with staged() as stage:
        await stage.press("H", "slash", *"id")
        assert stage.footer == "$.order.id       /id  1 of 1 match" or stage.view.path == "$.order.id"
        await stage.press("enter")
        assert stage.view.query_one(JsonLines).has_focus
        assert stage.footer.endswith("/id  1 of 1 match")
        await stage.press("slash", *["backspace"] * 2, *"[ab]")
        await stage.press("enter", "full_stop")
        assert "of " in stage.footer
        await stage.press("escape")
        assert "/" not in stage.footer


async def test_matches_are_gone_through_round_and_round() -> None:
    async with staged({}, {"a": 1, "b": {"a": 2}, "c": [{"a": 3}]}) as stage:
        await stage.press("slash", *"^a:", "enter")
        places = [stage.view.path]
        for _ in range(3):
            await stage.press("full_stop")
            places.append(stage.view.path)
        assert places == ["$.a", "$.b.a", "$.c[0].a", "$.a"]
        await stage.press("comma")
        assert stage.view.path == "$.c[0].a"
        await stage.press("enter")
        assert stage.view.path == "$.a"


async def test_a_search_starts_where_the_cursor_is_and_escape_goes_back_there() -> None:
    async with staged({}, {"a": 1, "b": {"a": 2}, "c": 3}) as stage:
        await stage.press("j", "j", "slash", *"a:")
        assert stage.view.path == "$.b.a"
        await stage.press("escape")
        assert stage.view.path == "$.b"
        assert stage.view.query_one(JsonLines).has_focus
        await stage.press("slash", *"zzz")
        assert stage.view.path == "$.b"


async def test_escape_is_left_to_the_screen_when_there_is_no_search() -> None:
    async with staged() as stage:
        assert stage.view.check_action("leave_search", ()) is False
        await stage.press("slash", "a", "enter")
        assert stage.view.check_action("leave_search", ()) is True


async def test_copying_the_path_the_value_and_the_key() -> None:
    async with staged() as stage:
        await stage.press("j", "y")
        assert stage.footer == "copy:  y value   p path   k key   Esc"
        await stage.press("p")
        assert stage.app.clipboard == "$.order"
        await stage.press("y", "v")
        assert json.loads(stage.app.clipboard) == AFTER["order"]
        await stage.press("y", "k")
        assert stage.app.clipboard == "order"
        assert [what for what, _ in stage.app.seen] == [
            "the path $.order",
            f"the value of $.order, {len(stage.app.seen[1][1])} bytes",
            "the key order",
        ]
        assert stage.view.path == "$.order"


async def test_another_key_calls_the_copying_off_and_does_its_own_thing() -> None:
    async with staged() as stage:
        await stage.press("y", "j")
        assert stage.view.path == "$.order"
        assert stage.app.seen == []
        await stage.press("y", "escape", "k")
        assert stage.view.path == "$"


async def test_the_path_inside_json_in_a_string_is_that_of_the_string() -> None:
    async with staged({}, {"Cause": json.dumps({"errorMessage": "boom"})}) as stage:
        await stage.press("j")
        assert stage.lines[1].endswith('JSON in a string  {errorMessage: "boom"}  1 key')
        await stage.press("l", "j")
        assert stage.footer == "$.Cause, in its text $.errorMessage"
        await stage.press("y", "p")
        assert stage.app.clipboard == "$.Cause"
        await stage.press("y", "v")
        assert stage.app.clipboard == '"boom"'


async def test_the_mouse_moves_folds_and_switches() -> None:
    async with staged() as stage:
        lines = stage.view.query_one(JsonLines)
        await stage.pilot.click(lines, offset=(10, 2))
        assert stage.view.path == "$.order.id"
        await stage.pilot.click(lines, offset=(2, 1))
        await stage.pilot.pause()
        assert len(stage.lines) == 3
        column = stage.header.index("difference") + 1
        await stage.pilot.click(stage.view.query_one("#json-header", Line), offset=(column, 0))
        await stage.pilot.pause()
        assert stage.view.mode is Mode.DIFFERENCE
        assert stage.app.seen == [Mode.DIFFERENCE]


async def test_data_are_never_markup_and_never_move_the_terminal() -> None:
    value: Json = {"[/b]": "[red]x[/", "c": "\x1b[2J\u202e\n", "wide": "日本語" * 40, "s": "\ud800"}
    async with staged({}, value) as stage:
        assert '"[/b]"  "[red]x[/"' in stage.lines[1]
        assert "\\u001b[2J\\u202e\\n" in stage.lines[2]
        await stage.press("G", "y", "v")
        assert stage.app.clipboard == '"\\ud800"'


@pytest.mark.parametrize("width", [20, 30, 60, 80])
async def test_every_line_fits_whatever_the_width(width: int) -> None:
    value: Json = {"k" * 50: {"x": "y" * 100}, "日本": ["語" * 50] * 3, "n": 10**40}
    async with staged({"n": "z" * 90}, value, Mode.DIFFERENCE, size=(width, 24)) as stage:
        await stage.press(*["plus"] * 9)
        lines = stage.view.query_one(JsonLines)
        for row in range(lines.count_rows()):
            assert lines.render_line(row).cell_length == lines.size.width


async def test_in_ascii_no_other_character_is_drawn() -> None:
    view = JsonView()
    app = Recorder(view, is_ascii=True)
    async with app.run_test(size=(80, 24)) as pilot:
        view.set_values(BEFORE, {**AFTER, "long": "word " * 40, "n": list(range(200))}, Mode.DIFFERENCE)
        view.focus()
        await pilot.press("j", "h")
        await pilot.pause()
        text = "\n".join(app.text_of(view.query_one(JsonLines)))
        assert text.isascii()
        assert '> order     {id: "o-1", items: [...]}  2 keys' in text
        assert "[0 ... 99]" in text


def test_no_key_of_the_pane_is_a_verb_of_the_debugger() -> None:
    own: set[str] = set()
    for owner in (JsonView, JsonLines):
        for binding in owner.BINDINGS:
            assert isinstance(binding, Binding)
            own |= set(binding.key.split(","))
    shared = {"slash", "comma", "full_stop", "y", "escape"}
    motion = {key for command in COMMANDS if command.scope != "everywhere" for key in command.keys}
    verbs = {key for command in COMMANDS if command.scope == "everywhere" for key in command.keys}
    assert own & verbs <= shared
    assert {"j", "k", "g", "G"} <= motion


async def test_a_value_of_two_megabytes_paints_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[int] = []
    original = JsonLines.paint_row

    def counting(self: JsonLines, row: int, width: int) -> Any:
        painted.append(row)
        return original(self, row, width)

    monkeypatch.setattr(JsonLines, "paint_row", counting)
    big: Json = {"data": [{"id": n, "name": f"item {n}", "text": "x" * 60} for n in range(22_000)]}
    async with staged({}, big) as stage:
        lines = stage.view.query_one(JsonLines)
        assert lines.count_rows() < 100
        lines.action_unfold_all()
        await stage.pilot.pause()
        assert lines.count_rows() > 10_000
        lines.action_last()
        await stage.pilot.pause()
        assert len(painted) < 200
        assert isinstance(stage.app.screen, Screen)
