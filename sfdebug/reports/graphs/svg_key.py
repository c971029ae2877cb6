"""What the signs of an SVG mean: a small sample of each, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.drawing.elements import Zoom
from sfdebug.reports.graphs.key import CHANGE_MEANINGS, STATUS_MEANINGS
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, STATUS_SIGNS
from sfdebug.reports.graphs.svg_lines import ICONS
from sfdebug.text import ELLIPSIS

if TYPE_CHECKING:
    from sfdebug.reports.graphs.export import GraphExport

KEY_HEIGHT: Final = 20
"""The height of a row of the key, in pixels."""

_HEAD: Final = "M36 -4L43 0L36 4z"
_BOX: Final = '<rect class="box" x="6" y="-7" width="32" height="14" rx="5"/>'
_GROUP: Final = '<rect class="group" x="6" y="-7" width="32" height="14" rx="5"/>'
_INNER: Final = '<rect class="group" x="8.5" y="-4.5" width="27" height="9" rx="3"/>'
_DOT: Final = '<circle class="start" cx="13" cy="0" r="3.5"/>'
_RAIL: Final = '<path class="line" d="M22-9V-5M4 5V0Q4-5 9-5H35Q40-5 40 0V5M22-5V5"/>'


def key_rows(export: GraphExport) -> list[tuple[str, str]]:
    """A row for each sign: its sample, around the height 0 and 44 wide, and what it means."""
    divider = '<line class="divider" {0}/>'.format
    rows = [
        ('<circle class="start" cx="22" cy="0" r="4.5"/>', "the start"),
        (_BOX, "a state; its type stands above its name"),
        (_GROUP, "a Parallel or Map, around its states"),
        (_BOX + _INNER, "a closed Parallel or Map"),
        ('<rect class="missing" x="6" y="-7" width="32" height="14" rx="5"/>', "a target that is no state"),
        (divider('x1="22" y1="-9" x2="22" y2="9"'), "between branches, in front of the one with the number"),
        (
            divider('x1="2" y1="0" x2="42" y2="0"'),
            "a rule: nothing leads from the start to what stands below it",
        ),
        (_line(""), "Next, a rule of a Choice, Default"),
        (_line("catch"), "Catch: dashed, with an open arrow; ! in front of its errors"),
        ('<path class="line" d="M2 0H40M12-8V-5Q12 0 17 0"/>', "lines that join: all of them lead to one state"),
        (_RAIL, "the rail of a Choice with many targets: one line, from which each has its own"),
        ('<path class="line" d="M2 0H18.5a3.5 3.5 0 0 1 7 0H42M22-9V9"/>', "lines that cross and do not join"),
        (f'<g transform="translate(22 0)">{ICONS["retry"]}</g>', "has Retry"),
        (_badge("end"), "End: its branch, or the run, ends here"),
        (_badge("succeed"), "Succeed"),
        (_badge("fail"), "Fail"),
        (_word("label", "[a]"), "this label is cut: all of it stands below"),
        (_word("label", ELLIPSIS), "something is cut here"),
    ]
    if export.layout.zoom is Zoom.DOTS:
        rows.insert(2, (f'<rect class="chip" x="6" y="-7" width="32" height="14" rx="5"/>{_DOT}', "a state as a dot"))
    if export.overlay is not None:
        rows += [(_status(status, signs.sign), STATUS_MEANINGS[status]) for status, signs in STATUS_SIGNS.items()]
        rows.append((_line("taken"), "a transition that was taken"))
        rows.append((_line("catch taken"), "a Catch that was taken"))
        rows.append((_line("untaken"), "a transition that was not taken"))
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
