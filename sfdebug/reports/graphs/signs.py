"""How a drawn graph tells things apart: signs, words and colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sfdebug.drawing.elements import Badge


class StatusSign(NamedTuple):
    """How a status is told besides its colour: a sign, the same in ASCII, a word."""

    sign: str
    ascii: str
    word: str


STATUS_SIGNS: Final[Mapping[str, StatusSign]] = {
    "current": StatusSign("▸", ">", "here"),
    "waiting": StatusSign("?", "?", "waits"),
    "failed": StatusSign("✗", "x", "failed"),
    "caught": StatusSign("!", "!", "caught"),
    "done": StatusSign("✓", "v", "done"),
    "aborted": StatusSign("∘", "o", "cut off"),
    "unvisited": StatusSign("·", ".", "not visited"),
}
"""By `MarkStatus`, as on the screen; in the order in which they count."""

CHANGE_SIGNS: Final[Mapping[str, StatusSign]] = {
    "added": StatusSign("+", "+", "added"),
    "removed": StatusSign("-", "-", "removed"),
    "changed": StatusSign("~", "~", "changed"),
    "renamed": StatusSign("~", "~", "renamed"),
}
"""By `ChangeKind`: how it is told what became of a state or a transition between two definitions."""

PALETTES: Final[Mapping[str, Mapping[str, str]]] = {
    "light": {
        "paper": "#fbfaf7", "box": "#ffffff", "group": "#f3f1ea", "text": "#23272e", "muted": "#5a6370",
        "frame": "#a9aeb6", "line": "#8a919c", "catch": "#a8440c", "label": "#4a525e",
        "done": "#0a5fb4", "failed": "#b3261e", "caught": "#7b3fb5", "current": "#b35900", "waiting": "#8a5a00",
        "added-fill": "#e4f4e8", "removed-fill": "#fcebea", "changed-fill": "#fbf3df", "renamed-fill": "#fbf3df",
        "faint": "#767d88", "added": "#1a7f37", "removed": "#cf222e", "changed": "#8a5a00", "renamed": "#8a5a00",
    },
    "dark": {
        "paper": "#13161b", "box": "#1e242d", "group": "#181c23", "text": "#d5dae2", "muted": "#98a2b2",
        "frame": "#4f5866", "line": "#758091", "catch": "#ff9e80", "label": "#b4bcc9",
        "done": "#6cb6ff", "failed": "#ff7b72", "caught": "#d2a8ff", "current": "#ffb454", "waiting": "#f2cc8f",
        "added-fill": "#17301f", "removed-fill": "#371f20", "changed-fill": "#322b19", "renamed-fill": "#322b19",
        "faint": "#828c9b", "added": "#57c26d", "removed": "#ff7b72", "changed": "#f2cc8f", "renamed": "#f2cc8f",
    },
}  # fmt: skip
"""The colours of formats that have their own, by theme and by what they mean."""

BADGE_WORDS: Final[Mapping[str, str]] = {
    Badge.RETRY: "Retry",
    Badge.UNREACHABLE: "unreachable",
}
"""Badges that tell something that the type does not, in words."""
