"""What the signs of an SVG mean: a small sample of each, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.reports.graphs.key import CHANGE_MEANINGS, STATUS_MEANINGS
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, STATUS_SIGNS
from sfdebug.reports.graphs.svg_lines import ICONS

if TYPE_CHECKING:
    from sfdebug.reports.graphs.export import GraphExport

KEY_HEIGHT: Final = 20
"""The height of a row of the key, in pixels."""

_HEAD: Final = "M36 -4L43 0L36 4z"


def key_rows(export: GraphExport) -> list[tuple[str, str]]:
    """A row for each sign: its sample, around the height 0 and 44 wide, and what it means."""
    rows = [
        ('<circle class="start" cx="22" cy="0" r="4.5"/>', "the start"),
        (_line(""), "Next, a rule of a Choice, Default"),
        (_line("catch"), "Catch: dashed, with an open arrow; ! in front of its errors"),
        ('<rect class="group" x="6" y="-7" width="32" height="14" rx="5"/>', "a Parallel or Map, around its states"),
        (f'<g transform="translate(22 0)">{ICONS["retry"]}</g>', "has Retry"),
        (_badge("end"), "End: its branch, or the run, ends here"),
        (_badge("succeed"), "Succeed"),
        (_badge("fail"), "Fail"),
        (_word("label", "[a]"), "this label is cut: all of it stands below"),
    ]
    if export.overlay is not None:
        rows += [(_status(status, signs.sign), STATUS_MEANINGS[status]) for status, signs in STATUS_SIGNS.items()]
        rows.append((_line("taken"), "a transition that was taken"))
        rows.append((_word("beside taken", "×3"), "so many visits, or so often taken; once where there is no number"))
    if export.changes is not None:
        rows += [
            (_line(kind) + _word(f"beside {kind}", CHANGE_SIGNS[kind].sign), meaning)
            for kind, meaning in CHANGE_MEANINGS.items()
        ]
    return rows


def _line(look: str) -> str:
    return f'<path class="line {look}" d="M2 0H36"/><path class="head {look}" d="{_HEAD}"/>'


def _badge(name: str) -> str:
    return f'<g transform="translate(22 0)"><circle class="badge" r="6.5"/>{ICONS[name]}</g>'


def _status(status: str, sign: str) -> str:
    return f'<g class="state {status}">{_word("status", sign)}</g>'


def _word(kind: str, text: str) -> str:
    return f'<text class="{kind}" x="22" y="4" text-anchor="middle">{text}</text>'
