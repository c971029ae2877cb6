"""The terminal room's own rules: names that Textual uses itself, the thread of a verb, themes that can be read."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest
from textual.app import App
from textual.color import Color
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.widget import Widget
from textual.widgets import Static

import sfdebug.tui
from sfdebug.debugger.verbs import Stop, StopReason
from sfdebug.tui.painting.themes import DARK, DEFAULT_VARIABLES, THEMES, next_theme, theme_name
from sfdebug.tui.terminal.threads import Running
from tests.programs import LONGEST

ROOM = Path(sfdebug.tui.__file__).parent
CLASS_BASES = {"Painted", "Scrolled", "Widget", "ScrollView", "LineList", "Line", "FittedLine"}
CLASS_BASES |= {"Screen", "App", "Vertical", "Horizontal", "Static"}

ON_PURPOSE = {"app.py:SfdebugApp": {"_display"}, "debug.py:DebugScreen": {"_compositor_refresh"}}
ON_PURPOSE |= {key: {"_size_updated"} for key in ("paint.py:Painted", "scrolled.py:Scrolled", "body.py:GraphRow")}
ON_PURPOSE["scrolled.py:Scrolled"] |= {"_repaint_required"}
"""What is overridden because Textual has no public name for it; `test_repaint.py` shows that it is still called."""


def private_names(tree: ast.ClassDef) -> set[str]:
    """The private attributes and methods that a class makes."""
    made = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            made.add(node.attr)
    return {name for name in made if name.startswith("_") and not name.startswith("__")}


def base_names(node: ast.stmt) -> set[str]:
    """What a class is made of: `Painted`, and `App` for `App[int]`."""
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in bases]
    return {base.id for base in plain if isinstance(base, ast.Name)}


async def test_no_widget_overwrites_what_textual_keeps_for_itself() -> None:
    """`self._running = …` in a widget once stopped its message pump."""
    app: App[None] = App()
    async with app.run_test():
        of_apps = set(vars(app)) | set(dir(app))
        of_widgets: set[str] = set()
        widgets: tuple[Widget, ...] = (ScrollView(), Static(), Screen())
        for widget in widgets:
            of_widgets |= set(vars(widget)) | set(dir(widget))
    clashes = {}
    for path in ROOM.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            bases = base_names(node)
            if isinstance(node, ast.ClassDef) and bases & CLASS_BASES:
                found = private_names(node) & (of_apps if "App" in bases else of_widgets)
                if found:
                    clashes[f"{path.name}:{node.name}"] = found
    assert clashes == ON_PURPOSE


# A verb on its thread


def test_a_short_verb_is_over_at_once() -> None:
    running = Running(lambda interrupt: Stop(StopReason.STEP, "done"))
    assert running.start(5.0)
    assert running.result().text == "done"


def test_a_long_verb_is_interrupted() -> None:
    begun = threading.Event()

    def verb(interrupt: object) -> Stop:
        assert callable(interrupt)
        begun.set()
        while not interrupt():
            pass
        return Stop(StopReason.INTERRUPTED, "stopped")

    running = Running(verb)
    assert not running.start(0.0)
    assert begun.wait(LONGEST)
    assert not running.is_over
    running.interrupt()
    assert running.wait(LONGEST)
    assert running.result().reason is StopReason.INTERRUPTED


def test_what_a_verb_raises_is_raised_again() -> None:
    def verb(interrupt: object) -> Stop:
        raise ValueError("no")

    running = Running(verb)
    assert running.start(5.0)
    with pytest.raises(ValueError, match="no"):
        running.result()


# Themes

STATUSES = ("current", "done", "failed", "caught", "waiting", "added", "removed", "changed", "muted")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(color: Color) -> float:
        parts = [value / 255 for value in color.rgb]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [one for one in THEMES if not one.ansi], ids=lambda theme: theme.name)
def test_every_status_can_be_read(theme: object) -> None:
    variables = theme.variables  # type: ignore[attr-defined]
    background = theme.background  # type: ignore[attr-defined]
    for status in STATUSES:
        assert contrast(variables[f"sf-{status}"], background) >= 4.5, status
    assert contrast(variables["sf-faint"], background) >= 3.0
    assert contrast(variables["sf-on-current"], variables["sf-current"]) >= 4.5
    assert contrast(theme.foreground, variables["sf-cursor"]) >= 4.5  # type: ignore[attr-defined]


def test_themes_define_the_same_variables() -> None:
    for theme in THEMES:
        assert theme.variables.keys() == DEFAULT_VARIABLES.keys()


def test_themes_by_name() -> None:
    assert theme_name("light") == "sfdebug-light"
    assert theme_name(None) == theme_name("no such theme") == DARK
    assert next_theme("no such theme") == DARK
    assert next_theme(THEMES[-1].name) == THEMES[0].name
