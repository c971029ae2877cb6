"""Text, question and list dialogs, by keyboard and by mouse."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input

from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem, PickList
from sfdebug.tui.dialogs.messages import ConfirmDialog, DefinitionDialog, TextDialog
from sfdebug.tui.widgets.line import Line
from tests.widget_host import WidgetHost

SIZES = [(80, 24), (120, 40)]


async def answer_to(dialog: Screen[Any], *keys: str, size: tuple[int, int] = (80, 24)) -> list[Any]:
    """What a dialog answers to keys; [] while it stays open."""
    app = WidgetHost()
    async with app.run_test(size=size) as pilot:
        app.push_screen(dialog, app.seen.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return app.seen


@pytest.mark.parametrize(
    ("key", "answer"), [("enter", [True]), ("y", [True]), ("n", [False]), ("escape", [False]), ("x", [])]
)
async def test_a_question(key: str, answer: list[bool]) -> None:
    assert await answer_to(ConfirmDialog("Leave?", "Your forks are not saved."), key) == answer


async def test_a_dialog_that_opens_is_painted_once_when_all_of_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    paint = Screen._compositor_refresh

    def painting(screen: Screen[Any]) -> None:
        paint(screen)
        if isinstance(screen, ConfirmDialog):
            painted.append(" ".join(strip.text for strip in screen._compositor.render_strips()))

    monkeypatch.setattr(Screen, "_compositor_refresh", painting)
    app = WidgetHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ConfirmDialog("Leave?", "Your forks are not saved."))
        await pilot.pause()
        (whole,) = painted
        assert "Your forks are not saved." in whole
        await pilot.resize_terminal(100, 30)
        assert len(painted) > 1, "it is painted in its new size"


async def test_the_words_of_a_question_can_be_clicked() -> None:
    app = WidgetHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ConfirmDialog("Leave?", "Really?", yes="leave", no="stay"), app.seen.append)
        await pilot.pause()
        hints = app.screen.query_one("#dialog-hints", Line)
        assert hints.text.strip() == "Enter leave   Esc stay"
        await pilot.click(hints, offset=(hints.text.index("leave") + 1, 0))
        await pilot.pause()
    assert app.seen == [True]


async def test_a_text_is_shown_as_it_is_and_scrolls() -> None:
    app = WidgetHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(TextDialog("[/b] Cause", "[red]not markup[/\n\x1b[2J\n" + "line\n" * 60 + "the end"))
        await pilot.pause()
        shown = "\n".join(app.text_of(app.screen))
        assert "[/b] Cause" in shown
        assert "[red]not markup[/" in shown
        assert "\x1b" not in shown
        assert "the end" not in shown
        await pilot.press("G")
        await pilot.pause()
        assert "the end" in "\n".join(app.text_of(app.screen))
        await pilot.press("enter")
        assert len(app.screen_stack) == 1


ITEMS = [
    ListItem(3, "iteration 3", "failed at Resize", "✗", "failed"),
    ListItem(0, "iteration 0", "waits", "?", "waiting", is_current=True),
    *(ListItem(n, f"iteration {n}", "done") for n in range(4, 40)),
]


async def test_a_list_starts_at_the_current_item() -> None:
    assert await answer_to(ListDialog("Branch", ITEMS), "enter") == [0]
    assert await answer_to(ListDialog("Branch", ITEMS), "up", "enter") == [3]
    assert await answer_to(ListDialog("Branch", ITEMS), "down", "down", "enter") == [5]
    assert await answer_to(ListDialog("Branch", ITEMS), "escape") == [None]


async def test_typing_filters_a_list_by_label_and_detail() -> None:
    assert await answer_to(ListDialog("Branch", ITEMS), *"17", "enter") == [17]
    assert await answer_to(ListDialog("Branch", ITEMS), *"failed", "enter") == [3]
    assert await answer_to(ListDialog("Branch", ITEMS), *"zzz", "enter") == []
    assert await answer_to(ListDialog("Branch", ITEMS), *"zz", "backspace", "backspace", "enter") == [0]


async def test_an_empty_list_says_so() -> None:
    app = WidgetHost()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog: ListDialog[int] = ListDialog("Forks", [], nothing="there are no forks yet")
        app.push_screen(dialog)
        await pilot.pause()
        assert "there are no forks yet" in "\n".join(app.text_of(app.screen))
        await pilot.press("enter")
        assert app.screen is dialog


async def test_a_click_picks_an_item() -> None:
    app = WidgetHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ListDialog("Branch", ITEMS), app.seen.append)
        await pilot.pause()
        assert isinstance(app.focused, Input)
        await pilot.click(app.screen.query_one(PickList), offset=(12, 3))
        await pilot.pause()
    assert app.seen == [5]


@pytest.mark.parametrize("size", SIZES)
async def test_dialogs_fit_the_screen(size: tuple[int, int]) -> None:
    app = WidgetHost()
    async with app.run_test(size=size) as pilot:
        listing = ListDialog("L", ITEMS, "one\ntwo\nthree")
        dialogs: list[Screen[Any]] = [TextDialog("T", "line\n" * 100), listing, ConfirmDialog("Q", "?")]
        for dialog in dialogs:
            app.push_screen(dialog)
            await pilot.pause()
            frame, hints = dialog.query_one(".frame").region, dialog.query_one("#dialog-hints").region
            assert frame.bottom <= size[1]
            assert frame.y <= hints.y < frame.bottom - 1
            assert frame.right <= size[0]
            app.pop_screen()


@pytest.mark.parametrize("path", ["a" * 300, "~nobody-of-that-name/x.json", "no/such.json"])
async def test_a_path_that_cannot_be_is_told_and_asked_for_again(path: str) -> None:
    app = WidgetHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(DefinitionDialog(path), app.seen.append)
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert "there is no file" in "\n".join(app.text_of(app.screen))
    assert app.seen == []
