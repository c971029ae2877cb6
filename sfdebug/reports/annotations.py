"""Annotations of GitHub: what stands beside the lines of a pull request, as commands that its runner reads.

Source: GitHub, "Workflow commands for GitHub Actions", and actions/toolkit, `command.ts`, for how they are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from sfdebug.reports.paths import repository_path
from sfdebug.text import escaped

MOST: Final = 10
"""So many of each kind GitHub shows of a step; more are not seen by anybody."""
_MESSAGE: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY: Final = (*_MESSAGE, (":", "%3A"), (",", "%2C"))


class AnnotationLevel(StrEnum):
    """How much an annotation matters, in GitHub's words."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Annotation(Struct, frozen=True):
    """What is said beside a line of a file; `line` and `column` count from 1, 0 for none."""

    level: AnnotationLevel
    file: str
    line: int
    column: int
    title: str
    message: str


def annotation_lines(found: Iterable[Annotation], most: int = MOST) -> list[str]:
    """The worst annotations as commands, one a line; of equal ones those that come first."""
    order = list(AnnotationLevel)
    worst = sorted(found, key=lambda one: order.index(one.level))[:most]
    return [_command(one) for one in worst]


def _command(one: Annotation) -> str:
    places: dict[str, str] = {}
    if one.file and not one.file.startswith("<"):
        places["file"] = repository_path(one.file)
        if one.line:
            places["line"] = str(one.line)
            if one.column:
                places["col"] = str(one.column)
    places["title"] = _lines(one.title)
    properties = ",".join(f"{name}={_with(value, _PROPERTY)}" for name, value in places.items())
    return f"::{one.level} {properties}::{_with(_lines(one.message), _MESSAGE)}"


def _lines(text: str) -> str:
    """Text from users, of which no line break but its own is left, and nothing that a terminal obeys."""
    return "\n".join(escaped(line) for line in text.split("\n"))


def _with(text: str, signs: Iterable[tuple[str, str]]) -> str:
    for sign, code in signs:
        text = text.replace(sign, code)
    return text
