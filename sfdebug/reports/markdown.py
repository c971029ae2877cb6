"""Markdown that data cannot break out of: whatever stands in a name, a cause or a payload stays what it is.

Data stand in code spans and fences only, whose delimiters are longer than any run of backticks in them, and with
everything that a terminal or a browser acts upon written as an escape. The forms are those that GitHub, GitLab and Jira
have in common. Source: GitHub Flavored Markdown Spec, "Code spans", "Fenced code blocks", "HTML blocks".
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from sfdebug.text import escaped

_RUNS: Final = re.compile("`+")
_LINES: Final = re.compile("\r\n|\r|\n")


_ACTED_ON: Final = re.compile(r"[\\`*_\[\]<~|$&]|^\s*[-+=>#]")
_NUMBERED: Final = re.compile(r"^(\s*\d+)([.)])")


def plain(text: str) -> str:
    """Text as text, on one line: nothing in it is markup."""
    marked = _ACTED_ON.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", escaped(text))
    return _NUMBERED.sub(r"\1\\\2", marked).strip()


def code(text: str) -> str:
    """Data as a code span, on one line."""
    shown = escaped(text)
    if not shown:
        return "` `"
    mark = "`" * _free_run(shown, 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{mark}{pad}{shown}{pad}{mark}"


def fenced(text: str, language: str = "") -> list[str]:
    """Data as a code block; its own lines stay lines."""
    lines = [escaped(line.replace("\t", "    ")) for line in _LINES.split(text)]
    fence = "`" * max((_free_run(line, 3) for line in lines), default=3)
    return [f"{fence}{language}", *lines, fence]


def folded(summary: str, lines: list[str]) -> list[str]:
    """Lines that are shown when somebody clicks on the summary, which is a plain text."""
    return [f"<details><summary>{escape(escaped(summary))}</summary>", "", *lines, "", "</details>"]


def link(text: str, url: str) -> str:
    """A link; `url` is percent-encoded already."""
    return f"[{code(text)}](<{url}>)"


def _free_run(text: str, least: int) -> int:
    """The length of a run of backticks that is not in `text`, and longer than all that are."""
    return max([least - 1, *(len(run) for run in _RUNS.findall(text))]) + 1
