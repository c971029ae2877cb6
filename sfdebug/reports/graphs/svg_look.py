"""How the SVG looks: its measures, its colours in light and dark, its style sheet and its small pictures.

The colours are those of the screen's themes. The file brings nothing along and asks for nothing: no scripts, no
fonts, no images; a viewer without style sheets still gets shapes and text.
"""

from __future__ import annotations

from typing import Final

CELL_WIDTH: Final = 8.5
CELL_HEIGHT: Final = 19
MARGIN: Final = 20
"""The measures of a cell and of the blank around the drawing, in pixels."""

CORNER: Final = 6
"""The radius of a box's corners and of a line's turns."""

NAME_SIZE: Final = 12.5
SMALL_SIZE: Final = 10.5

_SANS: Final = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", Arial, sans-serif'
)

_PALETTES: Final = {
    "light": {
        "paper": "#fbfaf7", "box": "#ffffff", "group": "#f3f1ea", "text": "#23272e", "muted": "#5a6370",
        "frame": "#a9aeb6", "line": "#8a919c", "catch": "#a8440c", "label": "#4a525e",
        "done": "#0a5fb4", "failed": "#b3261e", "caught": "#7b3fb5", "current": "#b35900", "waiting": "#8a5a00",
        "faint": "#767d88",
    },
    "dark": {
        "paper": "#13161b", "box": "#1e242d", "group": "#181c23", "text": "#d5dae2", "muted": "#98a2b2",
        "frame": "#4f5866", "line": "#758091", "catch": "#ff9e80", "label": "#b4bcc9",
        "done": "#6cb6ff", "failed": "#ff7b72", "caught": "#d2a8ff", "current": "#ffb454", "waiting": "#f2cc8f",
        "faint": "#828c9b",
    },
}  # fmt: skip

THEMES: Final = ("auto", *_PALETTES)
"""What `style` takes: "auto" is light, or dark where the reader's system is."""

_RULES: Final = """\
text { font-family: @SANS@; fill: @text@; }
.paper { fill: @paper@; }
.name { font-size: @NAME@px; font-weight: 600; }
.type { font-size: @SMALL@px; fill: @muted@; }
.label { font-size: @SMALL@px; fill: @label@; }
tspan.type { font-weight: 400; }
.label.catch { fill: @catch@; stroke: none; }
.note { font-size: 11.5px; fill: @muted@; }
.note.wrong { fill: @failed@; }
.box { fill: @box@; stroke: @frame@; stroke-width: 1.25; }
.chip { fill: @box@; stroke: @frame@; stroke-width: .75; }
.group { fill: @group@; stroke: @frame@; stroke-width: 1.25; stroke-dasharray: 5 4; }
.missing { fill: none; stroke: @failed@; stroke-width: 1.25; stroke-dasharray: 2 3; }
.divider { stroke: @frame@; stroke-width: 1; stroke-dasharray: 1 4; }
.line { fill: none; stroke: @line@; stroke-width: 1.5; }
.head { fill: @line@; }
.catch { stroke: @catch@; stroke-dasharray: 4 3; }
.head.catch { fill: @catch@; stroke: none; }
.taken { stroke: @done@; stroke-width: 2.75; }
.head.taken { fill: @done@; stroke: none; }
.catch.taken { stroke: @caught@; }
.head.catch.taken { fill: @caught@; stroke: none; }
.untaken { opacity: .55; }
.start { fill: @text@; }
.badge { fill: @paper@; stroke: @frame@; stroke-width: 1.25; }
.icon { fill: none; stroke: @muted@; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.icon.full { fill: @muted@; stroke: none; }
.status { font-size: @SMALL@px; font-weight: 600; }
.state.unvisited .status, .state.aborted .status { fill: @faint@; font-weight: 400; }
.state.unvisited .name, .state.unvisited .type { fill: @faint@; }
.state.unvisited .name { font-weight: 400; }
"""

_STATUS_RULES: Final = """\
.state.{0} > .box, .state.{0} > .group { stroke: @{0}@; stroke-width: 2; }
.state.{0} .status { fill: @{0}@; }
"""

_STATUSES: Final = ("done", "failed", "caught", "current", "waiting")


def style(theme: str, *, with_run: bool) -> str:
    """The style sheet. `theme` is one of `THEMES`; the rules for a run are left out when there is none."""
    rules = _RULES
    if with_run:
        rules += "".join(_STATUS_RULES.replace("{0}", status) for status in _STATUSES)
    else:
        rules = "".join(line for line in rules.splitlines(keepends=True) if not _is_of_run(line))
    rules = rules.replace("@SANS@", _SANS).replace("@NAME@", str(NAME_SIZE)).replace("@SMALL@", str(SMALL_SIZE))
    plain = _filled(rules, _PALETTES["dark" if theme == "dark" else "light"])
    if theme != "auto":
        return plain
    coloured = "".join(_colours_of(line) for line in rules.splitlines())
    return plain + "@media (prefers-color-scheme: dark) {\n" + _filled(coloured, _PALETTES["dark"]) + "}\n"


def _is_of_run(rule: str) -> bool:
    return ".taken" in rule or ".untaken" in rule or ".status" in rule or ".state" in rule


def _colours_of(rule: str) -> str:
    """A rule with but its colours; "" when it has none."""
    selector, _, rest = rule.partition(" { ")
    kept = "; ".join(part.strip() for part in rest.rstrip(" }").split(";") if "@" in part)
    return f"{selector} {{ {kept} }}\n" if kept else ""


def _filled(rules: str, palette: dict[str, str]) -> str:
    for name, colour in palette.items():
        rules = rules.replace(f"@{name}@", colour)
    return rules


ICONS: Final = {
    "end": '<path class="icon full" d="M-2.75-2.75h5.5v5.5h-5.5z"/>',
    "succeed": '<path class="icon" d="M-3 .2l2.1 2.3L3-2.4"/>',
    "fail": '<path class="icon" d="M-2.5-2.5l5 5m0-5l-5 5"/>',
    "retry": '<path class="icon" d="M3.2-2A3.8 3.8 0 1 0 3.8.6M3.6-4.2v2.4H1.2"/>',
}
"""Badges, around (0, 0)."""

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]{}-/ ")
_BROAD: Final = frozenset("mwMWGOQ@%&")


def name_width(text: str) -> float:
    """About how wide a state's name is, which is bold."""
    return text_width(text, NAME_SIZE) * 1.1


def text_width(text: str, size: float) -> float:
    """About how wide `text` is in a sans-serif font, in pixels; rather too wide than too narrow."""
    total = 0.0
    for character in text:
        if character in _NARROW:
            total += 0.38
        elif character in _BROAD:
            total += 0.93
        elif not character.isascii():
            total += 0.62 if ord(character) < 0x1100 or 0x2000 <= ord(character) < 0x2E80 else 1.02
        else:
            total += 0.7 if character.isupper() else 0.6
    return total * size
