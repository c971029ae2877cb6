"""The graph as a self-contained SVG, drawn from the same layout as the text: cells become coordinates."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from sfdebug.drawing.elements import MISSING_TYPE, Badge, EdgeKind, Zoom
from sfdebug.drawing.painting.line_notes import place_notes
from sfdebug.drawing.painting.paint import branch_numbers, paint
from sfdebug.reports.graphs.export import state_id
from sfdebug.reports.graphs.signs import BADGE_WORDS, CHANGE_SIGNS, STATUS_SIGNS
from sfdebug.reports.graphs.svg_key import KEY_HEIGHT, key_rows
from sfdebug.reports.graphs.svg_lines import (
    CELL_HEIGHT,
    CELL_WIDTH,
    CORNER,
    FLAT,
    ICONS,
    MARGIN,
    SMALL_SIZE,
    heads,
    name_width,
    number,
    path,
    stretches,
    style,
    text_width,
    upright,
    x_of,
    y_of,
)
from sfdebug.reports.graphs.svg_names import FittedName, fitted_name, squeezed
from sfdebug.text import cell_width, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.drawing.elements import Box, Label
    from sfdebug.drawing.painting.line_notes import LineNote
    from sfdebug.reports.graphs.export import GraphExport
    from sfdebug.reports.graphs.svg_lines import Stretch

PAGE_CELLS: Final = 140
"""How wide a drawing may be, in cells, to be looked at on a page."""

NAME_CELLS: Final = 27
"""A box is no wider than for a name of so many cells: longer ones stand in two lines."""

_LEAST_NOTE: Final = 60
_NOTE_HEIGHT: Final = 17
_PAD: Final = 10
"""How far text stays from a box's sides."""

_GAP: Final = 4
"""The blank between two texts in one line."""

_ICON: Final = 16
"""The room of a badge beside text."""


def render(export: GraphExport, theme: str = "auto", *, key: bool = False) -> str:
    """The export as an SVG document. `theme` is "light", "dark", or "auto" for whichever the reader's system has; `key`
    adds what every sign means."""
    return _Document(export, theme, has_key=key).text()


class _Document:
    def __init__(self, export: GraphExport, theme: str, *, has_key: bool) -> None:
        self.export = export
        self.layout = export.layout
        self.theme = theme
        # those that were taken lie above the others
        self.stretches = sorted(stretches(self.layout), key=lambda each: bool(export.look(each.edges)))
        self.placed = place_notes(paint(self.layout), export.edge_texts)
        self.key = key_rows(export) if has_key else []
        self.flat = frozenset(
            (x, box.y) for box in self.layout.boxes if box.height == 1 for x in range(box.x, box.right + 1)
        )
        self.notes = _notes(export, self.placed.unplaced)
        below = _NOTE_HEIGHT * len(self.notes) + (MARGIN // 2 if self.notes else 0)
        below += KEY_HEIGHT * len(self.key) + (MARGIN // 2 if self.key else 0)
        texts = [text for _, text in self.notes] + [f"{' ' * 16}{text}" for _, text in self.key]
        longest = max((text_width(text, 11.5) for text in texts), default=0)
        self.width = 2 * MARGIN + round(max(self.layout.width * CELL_WIDTH, longest) + 0.5)
        self.drawing_height = MARGIN + self.layout.height * CELL_HEIGHT
        self.height = self.drawing_height + below + MARGIN

    def text(self) -> str:
        """The whole document."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        described = "; ".join(filter(None, (_count(self.export), self.export.summary())))
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
            f'<title id="title">{_safe(self.export.title)}</title>',
            f'<desc id="desc">{_safe(described)}</desc>',
            f"<style>\n{self._style()}</style>",
            f'<rect class="paper" width="{self.width}" height="{self.height}" rx="8"/>',
            *(self._box(box) for box in self.layout.boxes if box.is_open),
            *self._dividers(),
            *self._lines(),
            *(self._box(box) for box in self.layout.boxes if not box.is_open),
            *self._heads(),
            *self._labels(),
            *self._beside(),
            *self._below(),
            "</svg>",
            "",
        ]
        return "\n".join(parts)

    def _style(self) -> str:
        export = self.export
        has_run, has_changes = export.overlay is not None, export.changes is not None
        return style(self.theme, with_run=has_run, with_changes=has_changes)

    # Boxes

    def _box(self, box: Box) -> str:
        status = self.export.status(box)
        classes = " ".join(filter(None, ("state", status)))
        tip = f"<title>{_safe(self._tip(box))}</title>"
        if box.is_open:
            body = self._frame(box) + self._titled(box) + self._status(box) + self._badges(box)
        elif box.height == 1:
            body = self._flat(box)
        else:
            body = self._frame(box) + self._named(box) + self._status(box) + self._badges(box)
        return f'<g class="{classes}" data-id={attribute(state_id(box.path))}>{tip}{body}</g>'

    def _flat(self, box: Box) -> str:
        """A state in one row: its name between ends, or beside a dot; then its badges."""
        left, top, width, height = _area(box)
        middle = top + height / 2
        is_dot = self.layout.zoom is Zoom.DOTS
        status = self.export.status(box)
        sign = {**STATUS_SIGNS, **CHANGE_SIGNS}[status].sign if status else ""
        x = x_of(box.status_at[0])
        shown = f'<text class="status" x="{number(x)}" y="{number(middle + 4)}" text-anchor="middle">{sign}</text>'
        if is_dot:
            left = x + _PAD - 3
            body = self._frame(box)
            body += shown if sign else f'<circle class="start" cx="{number(x)}" cy="{number(middle)}" r="3.5"/>'
        else:
            left += _PAD
            body = self._frame(box) + (shown if sign else "")
        badges = [badge for badge in box.badges if badge in ICONS]
        room = width - 2 * _PAD - _ICON * len(badges) - (0 if is_dot or not sign else CELL_WIDTH)
        fitted = fitted_name(self.export.name(box), room, is_flat=True)
        body += _name(left, middle + 4.5, fitted)
        at = left + min(room, fitted.width) + _ICON / 2
        for badge in badges:
            body += f'<g transform="translate({number(at)} {number(middle)})">{ICONS[badge]}</g>'
            at += _ICON
        return body

    def _frame(self, box: Box) -> str:
        left, top, width, height = _area(box)
        kind = "group" if box.is_open else "missing" if box.type == MISSING_TYPE else "box"
        kind = "chip" if kind == "box" and box.height == 1 and self.layout.zoom is Zoom.DOTS else kind
        corner = CORNER + 2 if box.is_open else CORNER
        frame = (
            f'<rect class="{kind}" x="{number(left)}" y="{number(top)}" width="{number(width)}"'
            f' height="{number(height)}" rx="{corner}"/>'
        )
        if box.collapsed:
            inside = f'x="{number(left + 3)}" y="{number(top + 3)}" width="{number(width - 6)}"'
            frame += f'<rect class="group" {inside} height="{number(height - 6)}" rx="{CORNER - 2}"/>'
        return frame

    def _titled(self, box: Box) -> str:
        """The title of a container, inside its frame: type and name in one line."""
        left, top, width, _ = _area(box)
        room = width - 2 * _PAD - self._status_width(box) - (_ICON if Badge.RETRY in box.badges else 0)
        kind = f"{box.type}:"
        lost = f"· {Badge.UNREACHABLE.value}" if Badge.UNREACHABLE in box.badges else ""
        aside = text_width(kind, SMALL_SIZE) + _GAP + text_width(lost, SMALL_SIZE) + _GAP
        fitted = fitted_name(self.export.name(box), room - aside, is_flat=True, most=1)
        size = f' style="font-size:{number(fitted.size)}px"' if not fitted.is_usual else ""
        spans = f'<tspan class="type">{kind}</tspan><tspan dx="{_GAP}"{size}>{_safe(fitted.lines[0])}</tspan>'
        spans += f'<tspan class="type" dx="{_GAP}">{lost}</tspan>' if lost else ""
        where = f'x="{number(left + _PAD)}" y="{number(top + 12)}"'
        return f'<text class="name" {where}{squeezed(aside + fitted.width, room)}>{spans}</text>'

    def _named(self, box: Box) -> str:
        left, top, width, _ = _area(box)
        ends = any(badge in box.badges for badge in (Badge.END, Badge.SUCCEED, Badge.FAIL))
        fitted = fitted_name(self.export.name(box), width - 2 * _PAD, last_less=_ICON if ends else 0)
        is_one = len(fitted.lines) == 1
        titled = _text("type", left + _PAD, top + (14 if is_one else 11.5), _title(box))
        return titled + _name(left + _PAD, top + (30 if is_one else 29), fitted)

    def _status_width(self, box: Box) -> float:
        return text_width(self._status_text(box), SMALL_SIZE)

    def _status_text(self, box: Box) -> str:
        """The status in as many words as there is room for behind the title."""
        options = (self.export.status_text(box), *self.export.status_texts(box))
        room = (box.width - 1) * CELL_WIDTH - 2 * _PAD
        if not box.is_open:
            room -= text_width(_title(box), SMALL_SIZE) + (_ICON if Badge.RETRY in box.badges else 0) + _GAP
        elif self.export.changes is not None:
            room /= 2
        return next((text for text in options if text_width(text, SMALL_SIZE) <= room), options[-1])

    def _status(self, box: Box) -> str:
        text = self._status_text(box)
        if not text:
            return ""
        left, top, width, _ = _area(box)
        fitted = fitted_name(self.export.name(box), width - 2 * _PAD) if not box.is_open else None
        down = 12.0 if fitted is None else 14.0 if len(fitted.lines) == 1 else 11.5
        x, y = number(left + width - _PAD), number(top + down)
        return f'<text class="status" x="{x}" y="{y}" text-anchor="end">{_safe(text)}</text>'

    def _badges(self, box: Box) -> str:
        left, top, width, height = _area(box)
        found = ""
        if Badge.RETRY in box.badges:
            x, y = left + width - _PAD - self._status_width(box) - _ICON / 2, top + 10.5
            if not box.is_open:
                x = left + _PAD + text_width(_title(box), SMALL_SIZE) + _ICON / 2
            found += f'<g transform="translate({number(x)} {number(y)})">{ICONS["retry"]}</g>'
        for badge in (Badge.END, Badge.SUCCEED, Badge.FAIL):
            if badge in box.badges:
                x, y = left + width - 2 * CELL_WIDTH, top + height
                where = f'transform="translate({number(x)} {number(y)})"'
                found += f'<g {where}><circle class="badge" r="6.5"/>{ICONS[badge.value]}</g>'
        return found

    def _tip(self, box: Box) -> str:
        """What a browser shows when the pointer rests on a box."""
        words = [BADGE_WORDS[badge] for badge in box.badges if badge in BADGE_WORDS]
        lines = [f"{self.export.name(box)} ({', '.join([box.type, *words])})", self.export.status_text(box)]
        return "\n".join(filter(None, lines))

    def _dividers(self) -> list[str]:
        found = []
        for divider in self.layout.dividers:
            x, y = x_of(divider.x), y_of(divider.y)
            if divider.is_vertical:
                end = f'x2="{number(x)}" y2="{number(y_of(divider.y + divider.length - 1))}"'
            else:
                end = f'x2="{number(x_of(divider.x + divider.length - 1))}" y2="{number(y)}"'
            found.append(f'<line class="divider" x1="{number(x)}" y1="{number(y)}" {end}/>')
        return [*found, *self._branches()]

    def _branches(self) -> Iterator[str]:
        """The numbers of branches, above the dividers in front of them."""
        for (owner, row), numbers in branch_numbers(self.layout).items():
            box = self.layout.box(owner)
            assert box is not None
            is_top = row == box.y
            after = self._title_end(box) if is_top else 0.0
            for column, end, branch in numbers:
                x = max(MARGIN + column * CELL_WIDTH, after)
                room = MARGIN + end * CELL_WIDTH - x
                text = next((text for text in (f"branch {branch}", branch) if text_width(text, SMALL_SIZE) <= room), "")
                if text:
                    yield _text("branch", x, y_of(row) + (12 if is_top else 3.5), text)

    def _title_end(self, box: Box) -> float:
        """Where the title of an open container ends, and what stands behind it."""
        kind, name = f"{box.type}:", self.export.name(box)
        width = text_width(kind, SMALL_SIZE) + name_width(name) + (_ICON if Badge.RETRY in box.badges else 0)
        lost = text_width(f"· {Badge.UNREACHABLE.value}", SMALL_SIZE) if Badge.UNREACHABLE in box.badges else 0
        return _area(box)[0] + _PAD + width + lost + 3 * _GAP

    # Lines

    def _lines(self) -> list[str]:
        nets = upright(self.stretches)
        found = []
        for stretch in self.stretches:
            edges = _listed(stretch)
            data = path(stretch, nets, self.flat)
            found.append(f'<path class="{self._class("line", stretch)}" data-edges="{edges}" d="{data}"/>')
        markers = [
            f'<circle class="start" cx="{number(x_of(x))}" cy="{number(y_of(y))}" r="4.5"/>'
            for x, y in self.layout.start
        ]
        return [*found, *markers]

    def _heads(self) -> list[str]:
        return [
            f'<path class="{self._class("head", stretch)}" data-head-of="{_listed(stretch)}" d="{data}"/>'
            for stretch in self.stretches
            for data in heads(stretch, self.flat)
        ]

    def _class(self, kind: str, stretch: Stretch) -> str:
        look = self.export.look(stretch.edges)
        words = [kind, "catch" if stretch.is_catch else "", look]
        if self.export.overlay is not None and not look:
            words.append("untaken")
        return " ".join(filter(None, words))

    def _labels(self) -> list[str]:
        found = []
        for label in self.layout.labels:
            tip = "; ".join(text for index in label.edges for text in self.layout.edges[index].labels)
            room = CELL_WIDTH * (len(label.text) + 1)
            x, y = MARGIN + label.x * CELL_WIDTH - 2, y_of(label.y) + 4
            is_catch = any(self.layout.edges[index].kind is EdgeKind.CATCH for index in label.edges)
            look = self.export.look(label.edges)
            kind = " ".join(["label", *(["catch"] if is_catch else []), *([look] if look in CHANGE_SIGNS else [])])
            beside = self._behind(label)
            found.append(_text(kind, x, y, label.text, room, tip, self._note(beside) if beside is not None else ""))
        return found

    def _behind(self, label: Label) -> LineNote | None:
        """What stands right behind a label, as part of it: how wide letters are is but guessed."""
        end = label.x + cell_width(label.text) + 1
        return next((note for note in self.placed.notes if (note.x, note.y) == (end, label.y)), None)

    def _note(self, note: LineNote) -> str:
        return f'<tspan class="{self._note_class(note)}" dx="{_GAP}">{_safe(note.text)}</tspan>'

    def _note_class(self, note: LineNote) -> str:
        is_catch = any(self.layout.edges[index].kind is EdgeKind.CATCH for index in note.edges)
        return f"beside {self.export.look(note.edges) or 'changed'}{' caught' if is_catch else ''}"

    def _beside(self) -> list[str]:
        """What stands beside lines: how often they were taken, what became of them."""
        behind = [self._behind(label) for label in self.layout.labels]
        return [
            _text(self._note_class(note), MARGIN + note.x * CELL_WIDTH, y_of(note.y) + 4, note.text)
            for note in self.placed.notes
            if note not in behind
        ]

    def _below(self) -> list[str]:
        y = self.drawing_height + MARGIN // 2
        found = []
        for kind, text in self.notes:
            y += _NOTE_HEIGHT
            found.append(_text(kind, MARGIN, y, text))
        y += MARGIN // 2 if self.key else 0
        for sample, text in self.key:
            y += KEY_HEIGHT
            found.append(f'<g transform="translate({MARGIN} {number(y - 4)})">{sample}</g>')
            found.append(_text("key", MARGIN + 56, y, text))
        return found


def _area(box: Box) -> tuple[float, float, float, float]:
    """Left, top, width and height of a box's frame: the middles of its border cells; nearly all of a single row."""
    left, top = x_of(box.x), y_of(box.y)
    width, height = (box.width - 1) * CELL_WIDTH, (box.height - 1) * CELL_HEIGHT
    if box.height == 1:
        return left, top - FLAT / 2, width, FLAT
    return left, top, width, height


def _listed(stretch: Stretch) -> str:
    """The edges that share a stretch, by their indices."""
    return " ".join(map(str, stretch.edges))


def _title(box: Box) -> str:
    unreachable = f" · {Badge.UNREACHABLE.value}" if Badge.UNREACHABLE in box.badges else ""
    if box.type == MISSING_TYPE:
        return "missing"
    if box.collapsed:
        return f"{box.type}: {counted(box.content, 'state')}{unreachable}"
    return box.type + unreachable


def _count(export: GraphExport) -> str:
    states = sum(box.type != MISSING_TYPE for box in export.layout.boxes)
    transitions = sum(edge.kind is not EdgeKind.START for edge in export.layout.edges)
    return f"A state machine with {counted(states, 'state')} and {counted(transitions, 'transition')}"


def _notes(export: GraphExport, unplaced: Iterable[int]) -> list[tuple[str, str]]:
    """The lines below the drawing, each with its class."""
    width = max(_LEAST_NOTE, int(export.layout.width * CELL_WIDTH / 7))
    found: list[tuple[str, str]] = []

    def add(kind: str, text: str, hanging: str = "") -> None:
        wrapped = textwrap.wrap(text, width, subsequent_indent=hanging, break_on_hyphens=False)
        found.extend((kind, line) for line in wrapped)

    if export.is_marked:
        add("note", export.heading())
    for sign, line in export.details():
        add(_NOTE_KINDS.get(sign, "note"), f"{sign} {line}" if sign else line, "  ")
    for line in export.unplaced_texts(unplaced):
        add("note", line)
    for head, text in export.legend():
        add("note", f"{head} {text}")
    for remark in export.remarks():
        add("note wrong", f"! {remark}")
    return found


_NOTE_KINDS: Final = {"+": "note added", "-": "note removed", "~": "note changed"}


def _text(kind: str, x: float, y: float, text: str, room: float | None = None, tip: str = "", behind: str = "") -> str:
    """A small text; squeezed into `room` pixels where a usual font would need more. `behind` is markup."""
    narrow = squeezed(text_width(text, SMALL_SIZE), room) if room is not None else ""
    title = f"<title>{_safe(tip)}</title>" if tip and tip != text else ""
    shown = f"{title}{_safe(text)}"
    if behind and narrow:
        shown, narrow = f"{title}<tspan{narrow}>{_safe(text)}</tspan>", ""
    return f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{narrow}>{shown}{behind}</text>'


def _name(x: float, y: float, name: FittedName) -> str:
    """A name in a line, or in two of which the lower one stands a little below `y`."""
    size = "" if name.is_usual else f' style="font-size:{number(name.size)}px"'
    if len(name.lines) == 1:
        narrow = squeezed(name.width, name.room)
        return f'<text class="name" x="{number(x)}" y="{number(y)}"{size}{narrow}>{_safe(name.lines[0])}</text>'
    spans = ""
    for line, room, row in zip(name.lines, (name.room, name.room - name.last_less), (-6.5, name.size - 6), strict=True):
        narrow = squeezed(name.width_of(line), room)
        spans += f'<tspan x="{number(x)}" y="{number(y + row)}"{narrow}>{_safe(line)}</tspan>'
    return f'<text class="name"{size}>{spans}</text>'


def _safe(text: str) -> str:
    """`text` as XML content: escaped, without the characters that XML cannot hold."""
    return escape("".join(each for each in text if each in "\t\n" or (each >= " " and not _is_forbidden(each))))


def attribute(text: str) -> str:
    """`text` as the quoted value of an attribute, without the characters that XML cannot hold."""
    return quoteattr("".join(each for each in text if each >= " " and not _is_forbidden(each)))


def _is_forbidden(character: str) -> bool:
    """XML 1.0, production Char: no surrogates, no U+FFFE and U+FFFF."""
    return "\ud800" <= character <= "\udfff" or character in "\ufffe\uffff"
