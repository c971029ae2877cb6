"""Without colour, in ASCII, and in each theme, the screen says the same."""

from __future__ import annotations

import pytest
from textual.filter import NoColor

from sfdebug.engine.execution.decisions import TaskFailure
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened


def styles_on_screen(session: Session) -> list[tuple[str, object]]:
    """Every text on the terminal with its style, as the terminal gets it."""
    found: list[tuple[str, object]] = []
    background = session.screen.styles.background
    for strip in session.app.screen._compositor.render_strips():
        for line_filter in session.app.get_line_filters():
            strip = strip.apply_filter(line_filter, background)
        found += [(segment.text, segment.style) for segment in strip]
    return found


async def test_no_color_leaves_bold_and_reverse_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    failing = Handler({"Charge": lambda request: TaskFailure("Declined")})
    async with opened(ORDER, ORDER_INPUT, tasks=failing, size=LARGE) as session:
        assert any(isinstance(line_filter, NoColor) for line_filter in session.app.get_line_filters())
        await session.press("n", "n", "s", "s", "b")
        for _, style in styles_on_screen(session):
            color, background = getattr(style, "color", None), getattr(style, "bgcolor", None)
            assert color is None or color.is_default
            assert background is None or background.is_default
        here = [style for text, style in styles_on_screen(session) if text == "▸ here"]
        assert [getattr(style, "reverse", None) for style in here] == [True]
        assert "✓ done" in session.text
        await session.press("c")
        assert "✗ failed" in session.text


async def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "2")
        reversed_text = "".join(text for text, style in styles_on_screen(session) if getattr(style, "reverse", False))
        assert "Input" in reversed_text


@pytest.mark.parametrize("has_colour", [True, False], ids=["colour", "NO_COLOR"])
async def test_a_pane_stands_out_and_the_others_are_faint(has_colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n")

        def looks() -> dict[str, tuple[str, bool]]:
            words = ("Charge", "StateEntered")
            found = [(text.strip(), style) for text, style in styles_on_screen(session)]
            plain = {word: next(style for text, style in found if word in text) for word in words}
            return {
                word: (str(getattr(style, "color", "")), bool(getattr(style, "dim", 0)))
                for word, style in plain.items()
            }

        before = looks()
        session.screen.light("graph")
        await session.pilot.pause()
        lit = looks()
        assert lit["Charge"] == before["Charge"]
        assert lit["StateEntered"] != before["StateEntered"]
        session.screen.light("")
        await session.pilot.pause()
        assert looks() == before


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x50"])
async def test_ascii_is_ascii(size: tuple[int, int]) -> None:
    failing = Handler({"Charge": lambda request: TaskFailure("Lambda.TooManyRequestsException")})
    async with opened(ORDER, ORDER_INPUT, tasks=failing, size=size, ascii=True) as session:
        assert session.text.isascii()
        for keys in (("n", "s", "s", "s"), ("2",), ("3", "d"), ("4",), ("b", "c"), ("N", "f")):
            await session.press(*keys)
            odd = {character for character in session.text if not character.isascii()}
            assert odd == set(), keys


async def test_the_theme_is_the_one_asked_for() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), theme="light") as session:
        assert session.app.theme == "sfdebug-light"
        assert session.app.current_theme.dark is False


@pytest.mark.parametrize("size", [SMALL, MEDIUM], ids=["80x24", "120x40"])
async def test_ascii_is_ascii_without_colour_too(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size, ascii=True) as session:
        for keys in (("n",), ("2",), ("3",), ("4",), ("n", "i")):
            await session.press(*keys)
            frames = {style.top[0] for style in (pane.styles.border for pane in session.screen.query("Pane"))}
            assert "heavy" not in frames
            assert session.text.isascii()
        assert session.app.screen.query_one(".frame").styles.border.top[0] == "ascii"


async def test_the_only_pane_has_no_frame_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=SMALL) as session:
        assert not any(sign in session.text for sign in "┏┓┗┛")
        await session.resize(*MEDIUM)
        assert "┏" in session.text
