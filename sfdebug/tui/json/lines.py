"""The lines of a JSON value on the screen: painting, moving, folding. Only what is in view is painted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding

from sfdebug.expressions.jsonata.expression import is_jsonata_string
from sfdebug.tui.json.nodes import ChangeMark, JsonNode, NodePath, label, pointer_of, room_for_value
from sfdebug.tui.json.search import highlighter
from sfdebug.tui.json.text import (
    EXPRESSION,
    INDEX,
    KEY,
    SIGN,
    STRING,
    count_text,
    cut,
    preview,
    scalar,
)
from sfdebug.tui.json.tree import JsonTree
from sfdebug.tui.painting.glyphs import UNICODE, Glyphs, glyphs_of
from sfdebug.tui.painting.paint import Piece, pieces_length
from sfdebug.tui.widgets.line import WidgetMessage
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from textual import events
    from textual.binding import BindingType

    from sfdebug.asl.text.source import Pointer

_ASCII_SPARE: Final = 6
"""Cells that the ellipses of a line may take more of when they are written as three dots."""

_SIDE_PAINT: Final = {ChangeMark.ADDED: "added", ChangeMark.REMOVED: "removed", ChangeMark.CHANGED: "changed"}


class JsonLines(LineList):
    """A folding tree of one JSON value, or of two that are compared.

    Folds and the cursor are kept by path: after another value is shown, the cursor is on the same key if there
    is one, and what was folded still is.
    """

    DEFAULT_CSS = """
    JsonLines {
        height: 1fr;
        scrollbar-gutter: stable;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "fold", "Fold, or go out", id="json.fold", show=False),
        Binding("l,right", "unfold", "Unfold, or go in", id="json.unfold", show=False),
        Binding("H", "fold_all", "Fold all in it", id="json.fold_all", show=False),
        Binding("L", "unfold_all", "Unfold all in it", id="json.unfold_all", show=False),
        Binding("space", "toggle_fold", "Fold or unfold", id="json.toggle", show=False),
        Binding("plus", "level(1)", "Open one level more", id="json.level_more", show=False),
        Binding("minus", "level(-1)", "Open one level less", id="json.level_less", show=False),
    ]

    class Refused(WidgetMessage["JsonLines"]):
        """Something was not done, or only in part; `why` says so in a few words."""

        def __init__(self, lines: JsonLines, why: str) -> None:
            super().__init__(lines)
            self.why = why

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tree_of_lines = JsonTree()
        self._wanted: NodePath = ()
        self._painter = LinePainter(self.tree_of_lines)
        self._empty = ""

    # Content

    def show(
        self,
        value: Value,
        *,
        beside: Mapping[Pointer, str] | None = None,
        empty: str = "(nothing)",
        is_expression: bool = False,
    ) -> None:
        """Show one value. `beside` stands by place behind values; `empty` stands for MISSING."""
        self._painter.beside = beside or {}
        self._painter.is_expression = is_expression
        self._empty = empty
        self._replace(lambda: self.tree_of_lines.show(value))

    def show_difference(self, before: Value, after: Value, *, empty: str = "(nothing)") -> None:
        """Show what changed between two values; a value that is MISSING counts as all new, or all gone."""
        self._painter.beside = {}
        self._painter.is_expression = False
        self._empty = empty
        if is_present(before) and is_present(after):
            self._replace(lambda: self.tree_of_lines.show_difference(before, after))
        else:
            mark = ChangeMark.ADDED if before is MISSING else ChangeMark.REMOVED
            whole = after if before is MISSING else before
            self._replace(lambda: self.tree_of_lines.show(whole, mark))

    def _replace(self, show: Callable[[], None]) -> None:
        top = round(self.scroll_y)
        row_on_screen = self.cursor - top
        show()
        node = self.tree_of_lines.find(self._wanted)
        row = self.tree_of_lines.row_of(self.tree_of_lines.visible(node)) if node is not None else 0
        self.rows_changed(row)
        if 0 <= row_on_screen < self.size.height:
            self.scroll_to(y=max(0, row - row_on_screen), animate=False)
        self.post_message(self.Moved(self, self.cursor))

    def set_highlight(self, query: str) -> None:
        """Mark what matches a query in the lines."""
        self._painter.highlight = highlighter(query)
        self._strips.clear()
        self.repaint()

    @property
    def line_width(self) -> int:
        """How many cells a line has: the scroll bar's column and one beside it stay free."""
        return max(1, self.scrollable_content_region.width - 1)

    @property
    def node(self) -> JsonNode | None:
        """The node under the cursor; None when there are no lines."""
        return self.tree_of_lines.node_at(self.cursor) if self.cursor < len(self.tree_of_lines) else None

    @property
    def wanted(self) -> NodePath:
        """The place that the user went to last, be it in this value or not."""
        return self._wanted

    def go_to(self, path: NodePath, *, unfold: bool = True) -> None:
        """Put the cursor on what is there, or the nearest around it."""
        self._wanted = path
        node = self.tree_of_lines.find(path)
        if node is None:
            return
        if unfold:
            self.tree_of_lines.reveal(node)
        self.rows_changed(self.tree_of_lines.row_of(self.tree_of_lines.visible(node)))
        self.post_message(self.Moved(self, self.cursor))

    # What the list asks for

    def count_rows(self) -> int:
        """How many lines there are."""
        return len(self.tree_of_lines)

    def row_text(self, row: int) -> str:
        """The key on a line."""
        return label(self.tree_of_lines.node_at(row))

    @property
    def empty_text(self) -> str:
        """What stands where there is no value."""
        return self._empty

    def watch_cursor(self, before: int, after: int) -> None:
        """Remember where the user went."""
        super().watch_cursor(before, after)
        node = self.node
        if node is not None:
            self._wanted = node.path

    def on_resize(self) -> None:
        """Break long strings anew."""
        node = self.node
        path = node.path if node is not None else ()
        if self.tree_of_lines.set_width(self.line_width):
            found = self.tree_of_lines.find(path)
            self.rows_changed(self.tree_of_lines.row_of(self.tree_of_lines.visible(found)) if found else 0)

    # Actions

    def _folded(self, node: JsonNode) -> None:
        """Paint again after folding, with the cursor on `node`."""
        self.rows_changed(self.tree_of_lines.row_of(node))
        self._wanted = node.path
        self.post_message(self.Moved(self, self.cursor))
        if self.tree_of_lines.is_cut_short:
            self.post_message(self.Refused(self, "not all of it: that would be too many lines"))

    def action_fold(self) -> None:
        """Fold the node; when there is nothing to fold, go to the one around it."""
        node = self.node
        if node is None:
            return
        if node.expanded:
            self.tree_of_lines.fold(node)
            self._folded(node)
        elif node.parent is not None and node.parent.parent is not None:
            self.move_to(self.tree_of_lines.row_of(node.parent))
            self.post_message(self.Moved(self, self.cursor))

    def action_unfold(self) -> None:
        """Unfold the node; when it is unfolded, go to the first in it."""
        node = self.node
        if node is None:
            return
        if not node.expanded:
            self.tree_of_lines.unfold(node)
            self._folded(node)
        elif node.children:
            self._move_by(1)

    def action_toggle_fold(self) -> None:
        """Fold or unfold the node."""
        node = self.node
        if node is not None and self.tree_of_lines.toggle(node):
            self._folded(node)

    def action_fold_all(self) -> None:
        """Fold the node and all that is in it."""
        node = self.node
        if node is not None:
            self.tree_of_lines.fold_all(node)
            self._folded(node)

    def action_unfold_all(self) -> None:
        """Unfold the node and all that is in it."""
        node = self.node
        if node is not None:
            self.tree_of_lines.unfold_all(node)
            self._folded(node)

    def action_level(self, direction: int) -> None:
        """Unfold the whole value one level further than its deepest open line, or one less far."""
        path = self._wanted
        self.tree_of_lines.fold_to_level(max(1, self.tree_of_lines.open_level + direction))
        node = self.tree_of_lines.find(path)
        if node is not None:
            self._folded(self.tree_of_lines.visible(node))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line; a click on its arrow, or a second one anywhere, folds or unfolds."""
        event.prevent_default()  # Textual would call the list's own handler too
        row = event.y + round(self.scroll_y)
        if not 0 <= row < len(self.tree_of_lines):
            return
        event.stop()
        self.move_to(row)
        self.post_message(self.Moved(self, self.cursor))
        node = self.tree_of_lines.node_at(row)
        arrow = self.tree_of_lines.gutter + 2 * node.depth
        if arrow <= event.x < arrow + 2 or event.chain == 2:
            self.action_toggle_fold()

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """The pieces of a line."""
        self._painter.glyphs, self._painter.is_ascii = glyphs_of(self), self.app.has_class("ascii")
        return self._painter.pieces(self.tree_of_lines.node_at(row), self.line_width)


class LinePainter:
    """Paints the line of a node: its mark, its arrow, its key, its value, and where that came from."""

    def __init__(self, tree: JsonTree) -> None:
        self._tree = tree
        self.glyphs: Glyphs = UNICODE
        self.is_ascii = False
        self.beside: Mapping[Pointer, str] = {}
        """What stands behind values, by their places."""
        self.highlight: re.Pattern[str] | None = None
        self.is_expression = False
        """In an expression, what is evaluated is told from what stands there as it is."""

    def pieces(self, node: JsonNode, width: int) -> list[Piece]:
        """The line in `width` cells."""
        if not self.is_ascii:
            return self._pieces(node, width)
        return [(text.replace("…", "..."), paint) for text, paint in self._pieces(node, width - _ASCII_SPARE)]

    def _pieces(self, node: JsonNode, width: int) -> list[Piece]:
        pieces = [*self._mark(node), ("  " * node.depth, ""), self._arrow(node), (" ", "")]
        if node.key_width:
            pieces += self._key(node)
        room = room_for_value(node, width, self._tree.gutter)
        origin = self.beside.get(pointer_of(node.path), "") if not (node.is_text or node.is_part) else ""
        if origin:
            room = max(8, room - len(origin) - 2)
        pieces += self._found(self._value(node, room))
        if origin:
            gap = width - pieces_length(pieces) - len(origin)
            pieces += [(" " * max(2, gap), ""), (origin, "muted")]
        return pieces

    def _mark(self, node: JsonNode) -> list[Piece]:
        if not self._tree.gutter:
            return []
        signs = (self.glyphs.added, self.glyphs.removed, self.glyphs.changed)
        sign = dict(zip((ChangeMark.ADDED, ChangeMark.REMOVED, ChangeMark.CHANGED), signs, strict=True))
        return [(sign.get(node.mark, " "), _SIDE_PAINT.get(node.mark, "")), (" ", "")]

    def _arrow(self, node: JsonNode) -> Piece:
        if node.expanded:
            return "v" if self.is_ascii else "▾", "muted"
        if self._tree.can_unfold(node):
            return ">" if self.is_ascii else "▸", "muted"
        return " ", ""

    def _key(self, node: JsonNode) -> list[Piece]:
        text, _ = cut((label(node), ""), node.key_width)
        paint = _SIDE_PAINT.get(node.mark) if node.mark is not ChangeMark.CHANGED else None
        own = KEY if isinstance(node.step, str) or not (node.is_part or text.isdigit()) else INDEX
        gap = " " * (node.key_width - cell_len(text) + 2)
        return [*self._found([(text, paint or own)]), (gap, "")]

    def _value(self, node: JsonNode, room: int) -> list[Piece]:
        if node.mark is ChangeMark.CHANGED and is_present(node.before) and is_present(node.value):
            return self._change(node.before, node.value, room)
        if node.is_part or not is_present(node.value):
            return []
        side = _SIDE_PAINT.get(node.mark)
        if node.is_text:
            pieces: list[Piece] = [(str(node.value), STRING)]
        elif isinstance(node.value, (dict, list)):
            pieces = _container(node, node.value, room)
        elif is_present(node.embedded):
            before: Piece = ("JSON in a string", "muted")
            pieces = [before, ("  ", ""), *_container(node, node.embedded, room - len(before[0]) - 2)]
        else:
            pieces = self._scalar(node, room)
        return [(text, side) for text, _ in pieces] if side else pieces

    def _scalar(self, node: JsonNode, room: int) -> list[Piece]:
        value = node.value
        assert is_present(value)
        text, paint = cut(scalar(value, 2000), room)
        if not self.is_expression or not isinstance(value, str):
            return [(text, paint)]
        if is_jsonata_string(value):
            return jsonata_pieces(text)
        is_path = isinstance(node.step, str) and node.step.endswith(".$")
        return [(text, EXPRESSION if is_path else paint)]

    def _change(self, before: Json, after: Json, room: int) -> list[Piece]:
        old, new = (scalar(value, 2000)[0] for value in (before, after))
        half = (room - 3) // 2
        old = cut((old, ""), max(half, room - 3 - cell_len(new)))[0]
        new = cut((new, ""), room - 3 - cell_len(old))[0]
        return [(old, "removed"), (" ", ""), (self.glyphs.arrow, SIGN), (" ", ""), (new, "added")]

    def _found(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces with what the search found cut out and painted as such."""
        if self.highlight is None:
            return list(pieces)
        made: list[Piece] = []
        for text, paint in pieces:
            at = 0
            for match in self.highlight.finditer(text):
                if match.end() > match.start():
                    made += [(text[at : match.start()], paint), (match.group(), "found")]
                    at = match.end()
            made.append((text[at:], paint))
        return made


def jsonata_pieces(text: str) -> list[Piece]:
    """`"{% $x %}"` as it stands on the screen, cut off perhaps: what is evaluated, between its signs."""
    head, tail = text[:3], text[-3:] if text.endswith('%}"') and len(text) >= 6 else ""
    return [(head, SIGN), (text[3 : len(text) - len(tail)], EXPRESSION), (tail, SIGN)]


def _container(node: JsonNode, value: Json, room: int) -> list[Piece]:
    """An object or array: its brackets when unfolded, else a look inside, and how much is in it."""
    if not value:
        return preview(value, room)
    count = count_text(value)
    if node.expanded:
        return [("{}" if isinstance(value, dict) else "[]", SIGN), ("  ", ""), (count, "muted")]
    inside = preview(value, room - len(count) - 2)
    return [*inside, ("  ", ""), (count, "muted")]
