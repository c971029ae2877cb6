"""The themes: dark, light and high contrast. Blue and orange are the main pair, so that no one needs red and green.

Each status has a colour here, a glyph in `glyphs.py` and a word on the screen; with NO_COLOR the last two remain.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from textual.theme import Theme

DARK: Final = "sfdebug-dark"
LIGHT: Final = "sfdebug-light"
CONTRAST: Final = "sfdebug-contrast"
BENEATH: Final = "ansi_default"
"""The terminal's own foreground or background, which may be light or dark."""
TERMINAL: Final = "sfdebug-terminal"
"""The colours that the terminal has, as its user has set them."""


class _Palette(Struct, frozen=True):
    """The colours of one theme, by what they mean."""

    background: str
    panel: str
    bar: str
    foreground: str
    muted: str
    faint: str
    frame: str
    current: str
    on_current: str
    done: str
    failed: str
    caught: str
    catch: str
    waiting: str
    added: str
    removed: str
    changed: str
    key: str
    cursor: str
    cursor_blurred: str


_DARK: Final = _Palette(
    background="#13161b",
    panel="#1e242d",
    bar="#1b2027",
    foreground="#d5dae2",
    muted="#8b95a5",
    faint="#5d6675",
    frame="#343b47",
    current="#ffb454",
    on_current="#1a1408",
    done="#6cb6ff",
    failed="#ff7b72",
    caught="#d2a8ff",
    catch="#b0785f",
    waiting="#f2cc8f",
    added="#7ccfd8",
    removed="#ff9e80",
    changed="#e3c878",
    key="#ffb454",
    cursor="#274160",
    cursor_blurred="#232a35",
)

_LIGHT: Final = _Palette(
    background="#fbfaf7",
    panel="#eae7df",
    bar="#f0eee8",
    foreground="#23272e",
    muted="#5a6370",
    faint="#868e99",
    frame="#cfcabf",
    current="#b35900",
    on_current="#ffffff",
    done="#0a5fb4",
    failed="#b3261e",
    caught="#7b3fb5",
    catch="#a8633f",
    waiting="#8a5a00",
    added="#00697a",
    removed="#a8440c",
    changed="#7a5d00",
    key="#b35900",
    cursor="#cfe2f7",
    cursor_blurred="#e7e5de",
)

_CONTRAST: Final = _Palette(
    background="#000000",
    panel="#1a1a1a",
    bar="#000000",
    foreground="#ffffff",
    muted="#d0d0d0",
    faint="#a8a8a8",
    frame="#909090",
    current="#ffb000",
    on_current="#000000",
    done="#7cc4ff",
    failed="#ff8080",
    caught="#e0b0ff",
    catch="#e0a088",
    waiting="#ffe066",
    added="#80f0ff",
    removed="#ffa080",
    changed="#ffe066",
    key="#ffb000",
    cursor="#0050a0",
    cursor_blurred="#303030",
)


_OWN: Final = tuple(name for name in _Palette.__struct_fields__ if name not in ("background", "panel", "foreground"))
"""What has no variable of Textual's."""


def _variables(palette: _Palette) -> dict[str, str]:
    return {
        **{f"sf-{name.replace('_', '-')}": getattr(palette, name) for name in _OWN},
        "ansi-background": BENEATH,  # what Textual's own style sheets want of themes with a terminal's colours
        "ansi-foreground": BENEATH,
        "block-cursor-background": palette.cursor,
        "block-cursor-foreground": palette.foreground,
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": palette.cursor_blurred,
        "border": palette.done,
        "border-blurred": palette.frame,
        "scrollbar": palette.frame,
        "scrollbar-hover": palette.faint,
        "scrollbar-active": palette.done,
        "scrollbar-background": palette.background,
        "scrollbar-background-hover": palette.background,
        "scrollbar-background-active": palette.background,
        "scrollbar-corner-color": palette.background,
        "input-selection-background": palette.cursor,
        "input-cursor-background": palette.current,
        "input-cursor-foreground": palette.background,
        "text-muted": palette.muted,
        "text-disabled": palette.faint,
        "foreground-muted": palette.muted,
        "foreground-disabled": palette.faint,
        "footer-key-foreground": palette.key,
        "link-color": palette.done,
    }


def _theme(name: str, palette: _Palette, *, dark: bool, ansi: bool = False) -> Theme:
    return Theme(
        name=name,
        primary=palette.done,
        secondary=palette.caught,
        accent=palette.current,
        warning=palette.waiting,
        error=palette.failed,
        success=palette.done,
        foreground=palette.foreground,
        background=palette.background,
        surface=palette.background,
        panel=palette.panel,
        dark=dark,
        ansi=ansi,
        variables=_variables(palette),
    )


_TERMINAL: Final = _Palette(
    background=BENEATH,
    panel=BENEATH,
    bar=BENEATH,
    foreground=BENEATH,
    muted=BENEATH,
    faint="ansi_bright_black",
    frame="ansi_bright_black",
    current="ansi_yellow",
    on_current="ansi_black",
    done="ansi_blue",
    failed="ansi_red",
    caught="ansi_magenta",
    catch="ansi_red",
    waiting="ansi_bright_yellow",
    added="ansi_cyan",
    removed="ansi_red",
    changed="ansi_yellow",
    key="ansi_yellow",
    cursor=BENEATH,
    cursor_blurred=BENEATH,
)

THEMES: Final = (
    _theme(DARK, _DARK, dark=True),
    _theme(LIGHT, _LIGHT, dark=False),
    _theme(CONTRAST, _CONTRAST, dark=True),
    _theme(TERMINAL, _TERMINAL, dark=True, ansi=True),
)

DEFAULT_VARIABLES: Final = _variables(_DARK)
"""What our own variables mean under a theme that does not define them."""


def next_theme(name: str) -> str:
    """The theme after `name`, round and round."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else DARK


def theme_name(wanted: str | None) -> str:
    """The full name of a theme by its short one, such as "light"; dark for None and for what there is not."""
    names = [theme.name for theme in THEMES]
    return f"sfdebug-{wanted}" if f"sfdebug-{wanted}" in names else DARK
