"""A JSON value as lines that fold: which line is where, what is unfolded, and how that outlives a change of value."""

from __future__ import annotations

from collections import deque
from typing import Final

from sfdebug.tui.json.changes import Counts, compare
from sfdebug.tui.json.nodes import (
    CHUNK,
    OLD_ROOT,
    ChangeMark,
    Gone,
    JsonNode,
    LinePart,
    NodePath,
    can_unfold,
    differing,
    make_children,
)
from sfdebug.values import MISSING, Json, Value, is_present

_AUTOMATIC_LINES: Final = 48
"""A value is unfolded by itself as far as this many lines show."""

_MOST_CHANGED_LINES: Final = 2_000
_MOST_UNFOLDED: Final = 20_000
"""No command unfolds more lines than this at once."""


class FoldMemory:
    """What the user has folded and unfolded, by path, so that the next value is folded the same way."""

    def __init__(self) -> None:
        self._one: dict[NodePath, bool] = {}
        self._all: dict[NodePath, bool] = {}

    def of(self, node: JsonNode) -> bool | None:
        """Whether this node is to be unfolded; None where nobody said so."""
        return None if node.is_part else self._one.get(node.path)

    def inside(self, node: JsonNode, around: bool | None = None) -> bool | None:
        """Whether all in this node is to be unfolded, or as `around` says."""
        return self._all.get(node.path, around) if self._all and not node.is_text else around

    def remember(self, node: JsonNode, *, is_open: bool) -> None:
        """Of this node alone."""
        if not node.is_part and not node.is_text:
            self._one[node.path] = is_open

    def remember_all(self, node: JsonNode, *, is_open: bool) -> None:
        """Of this node and all that is in it."""
        path = node.path
        for memory in (self._one, self._all):
            for key in [key for key in memory if key[: len(path)] == path]:
                del memory[key]
        self._all[path] = is_open

    def clear(self) -> None:
        """Forget everything."""
        self._one.clear()
        self._all.clear()


class JsonTree:
    """The lines of one value, or of two that are compared. Line numbers cost O(depth); nothing is made for what is
    folded."""

    def __init__(self) -> None:
        self.top = JsonNode(None, "", MISSING)
        self.counts = Counts()
        self.is_cut_short = False
        self._level: int | None = None
        self._memory = FoldMemory()
        self._width = 80
        self._gutter = 0

    # Content

    def show(self, value: Value, mark: ChangeMark = ChangeMark.SAME) -> None:
        """Show one value, all of it marked as new or as gone if `mark` says so; MISSING makes a tree without lines."""
        self.top = JsonNode(None, "", value)
        self.counts = Counts(added=mark is ChangeMark.ADDED, removed=mark is ChangeMark.REMOVED)
        self._gutter = 2 if self.counts else 0
        nodes = [JsonNode(self.top, "", value, mark=mark)] if is_present(value) else []
        self._plant(nodes, self._level if self._level is not None else automatic_level(value))

    def show_difference(self, before: Json, after: Json) -> None:
        """Show two values as one tree, its lines marked where they differ."""
        self.top = JsonNode(None, "", after)
        self._gutter = 2
        comparison = compare(before, after)
        self.counts = comparison.counts
        if comparison.is_whole:
            nodes = differing(self.top, "", before, after)
        elif self.counts:
            nodes = [JsonNode(self.top, "", after, mark=ChangeMark.INSIDE, before=before, changes=comparison.changes)]
        else:
            nodes = [JsonNode(self.top, "", after)]
        self._plant(nodes, self._level if self._level is not None else 1 if self.counts else automatic_level(after))

    def _plant(self, nodes: list[JsonNode], level: int) -> None:
        for index, node in enumerate(nodes):
            node.index = index
        self.top.children = nodes
        self.top.expanded = True
        self.top.count = len(nodes)
        self._open(nodes, level, None, _MOST_CHANGED_LINES if self._level is None else _MOST_UNFOLDED)

    @property
    def gutter(self) -> int:
        """How many cells at the left of a line are kept for the marks of a difference."""
        return self._gutter

    @property
    def width(self) -> int:
        """How many cells a line has."""
        return self._width

    def set_width(self, width: int) -> bool:
        """Fit long strings to another width; return whether lines changed."""
        if width == self._width:
            return False
        self._width = width
        changed = False
        todo = [self.top]
        while todo:
            node = todo.pop()
            if not node.children:
                continue
            if node.children[0].is_text:
                was_open = node.expanded
                self._close(node)
                node.children = None
                if was_open:
                    self._open([node], 0, True, _MOST_UNFOLDED, only=True)
                changed = True
            elif node.expanded:
                todo.extend(node.children)
        return changed

    # Lines

    def __len__(self) -> int:
        return self.top.count if self.top.children else 0

    def node_at(self, row: int) -> JsonNode:
        """The node on line `row`, from 0. Raises IndexError."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        node = self.top
        while True:
            children = node.children or []
            if node.count == len(children) + (node is not self.top):  # all of them are single lines
                return children[row]
            for child in children:
                if row < child.count:
                    node = child
                    break
                row -= child.count
            if row == 0:
                return node
            row -= 1

    def row_of(self, node: JsonNode) -> int:
        """The line of a node all of whose ancestors are unfolded."""
        row = 0
        while node.parent is not None:
            parent = node.parent
            siblings = parent.children or []
            is_flat = parent.count == len(siblings) + (parent is not self.top)
            row += node.index if is_flat else sum(sibling.count for sibling in siblings[: node.index])
            row += parent is not self.top
            node = parent
        return row

    def can_unfold(self, node: JsonNode) -> bool:
        """Whether there is more to see under the node than its own line shows."""
        return can_unfold(node, self._width, self._gutter)

    # Folding

    def fold(self, node: JsonNode) -> None:
        """Hide what is under the node."""
        if node.expanded:
            self._close(node)
            self._memory.remember(node, is_open=False)

    def unfold(self, node: JsonNode) -> None:
        """Show what is under the node, as far as it was unfolded before."""
        if not node.expanded and self.can_unfold(node):
            self._memory.remember(node, is_open=True)
            self._open([node], 0, None, _MOST_UNFOLDED, only=True)

    def toggle(self, node: JsonNode) -> bool:
        """Fold or unfold the node; return whether there was anything to do."""
        if node.expanded:
            self.fold(node)
            return True
        self.unfold(node)
        return node.expanded

    def fold_all(self, node: JsonNode) -> None:
        """Fold the node and all that is in it."""
        self._memory.remember_all(node, is_open=False)
        self._close(node)
        node.children = None

    def unfold_all(self, node: JsonNode) -> None:
        """Unfold the node and all that is in it, as far as `_MOST_UNFOLDED` lines."""
        if not self.can_unfold(node):
            return
        self._memory.remember_all(node, is_open=True)
        self._close(node)
        node.children = None
        self._open([node], 0, True, _MOST_UNFOLDED)

    @property
    def open_level(self) -> int:
        """How many levels are open where most are: 0 when all is folded."""
        level, nodes = 0, list(self.top.children or [])
        while nodes:
            node = nodes.pop()
            if node.expanded:
                level = max(level, node.depth + 1)
                nodes += node.children or []
        return level

    def fold_to_level(self, level: int) -> None:
        """Unfold everything that is less than `level` deep, fold the rest. Level 1 shows the members of the root."""
        self._memory.clear()
        self._level = level
        for node in self.top.children or []:
            self._close(node)
            node.children = None
        self._open(list(self.top.children or []), level, None, _MOST_UNFOLDED)

    def _wants_open(self, node: JsonNode, level: int, deep: bool | None) -> bool:
        """Whether a node that has just been made is to be unfolded at once."""
        if not self.can_unfold(node):
            return False
        remembered = self._memory.of(node)
        if remembered is not None:
            return remembered
        if deep is not None:
            return deep and (node.is_container or node.is_part)
        if node.mark is ChangeMark.INSIDE:
            return True
        if node.is_part:
            return self._level is not None and node.level < self._level
        if not node.is_container:
            return False
        return node.level < level or (node.mark in (ChangeMark.ADDED, ChangeMark.REMOVED) and _is_small(node.value))

    def _open(self, nodes: list[JsonNode], level: int, deep: bool | None, budget: int, *, only: bool = False) -> None:
        """Unfold those of `nodes` that want it (all of them with `only`), and in them what wants it, outer first."""
        self.is_cut_short = False
        queue = deque((node, self._memory.inside(node, deep)) for node in nodes if only or self._opens(node, level))
        opened: list[JsonNode] = []
        while queue:
            node, inherited = queue.popleft()
            if node.children is None:
                node.children = make_children(node, self._width, self._gutter)
            elif node.expanded:
                continue
            budget -= len(node.children)
            if budget < 0 and opened:
                self.is_cut_short = True
                break
            node.expanded = True
            opened.append(node)
            for child in node.children:
                if child.children is not None:
                    continue
                here = self._memory.inside(child, inherited)
                if self._wants_open(child, level, here):
                    queue.append((child, here))
        for node in reversed(opened):
            node.count = 1 + sum(child.count for child in node.children or [])
        self._recount([node for node in nodes if node.expanded])

    def _opens(self, node: JsonNode, level: int) -> bool:
        return self._wants_open(node, level, self._memory.inside(node))

    def _close(self, node: JsonNode) -> None:
        if node.expanded:
            node.expanded = False
            node.count = 1
            self._recount([node])

    def _recount(self, nodes: list[JsonNode]) -> None:
        """Count again the lines of everything around `nodes` that is unfolded."""
        for node in nodes:
            parent = node.parent
            while parent is not None and parent.expanded:
                own = 0 if parent is self.top else 1
                parent.count = own + sum(child.count for child in parent.children or [])
                parent = parent.parent

    # Places

    def find(self, path: NodePath) -> JsonNode | None:
        """The node at `path`, or the nearest one around it; made when it must be, not unfolded."""
        roots = self.top.children or []
        wants_old = path[:1] == (OLD_ROOT,)
        found: JsonNode | None = next((root for root in roots if (root.step == OLD_ROOT) is wants_old), None)
        if found is None and roots:
            found = roots[-1]
        for step in path[1:] if wants_old else path:
            child = self._child(found, step) if found is not None else None
            if child is None:
                break
            found = child
        return found

    def _child(self, node: JsonNode, step: str | int | Gone) -> JsonNode | None:
        if not (node.is_container or is_present(node.embedded)):
            return None
        plain = step.step if isinstance(step, Gone) else step
        while True:
            if node.children is None:
                node.children = make_children(node, self._width, self._gutter)
            part: JsonNode | None = None
            alike: JsonNode | None = None
            for child in node.children:
                if child.step == step:
                    return child
                if child.step == plain or child.step == Gone(plain):
                    alike = alike or child
                elif part is None and isinstance(child.step, LinePart) and _holds(child, child.step, plain):
                    part = child
            if part is None:
                return alike
            node = part

    def visible(self, node: JsonNode) -> JsonNode:
        """The node itself, or the outermost folded one around it."""
        seen = node
        at = node.parent
        while at is not None and at is not self.top:
            if not at.expanded:
                seen = at
            at = at.parent
        return seen

    def reveal(self, node: JsonNode) -> None:
        """Unfold everything around the node."""
        around: list[JsonNode] = []
        at = node.parent
        while at is not None and at is not self.top:
            around.append(at)
            at = at.parent
        for parent in reversed(around):
            if not parent.expanded:
                self._memory.remember(parent, is_open=True)
                self._open([parent], 0, None, _MOST_UNFOLDED, only=True)


def _holds(node: JsonNode, part: LinePart, step: str | int) -> bool:
    if node.held is not None:
        return any(member.step == step for member in node.held[part.start : part.stop])
    if isinstance(step, int):
        return part.start <= step < part.stop
    return step in node.keys[part.start : part.stop]


def _is_small(value: Value) -> bool:
    return _lines_at(value, 99, 12) <= 12


def automatic_level(value: Value) -> int:
    """How deep a value can be unfolded with no more than `_AUTOMATIC_LINES` lines; at least one level."""
    level = 1
    lines = _lines_at(value, 1, _AUTOMATIC_LINES)
    while level < 99:
        more = _lines_at(value, level + 1, _AUTOMATIC_LINES)
        if more > _AUTOMATIC_LINES or more == lines:
            break
        level, lines = level + 1, more
    return level


def _lines_at(value: Value, level: int, most: int) -> int:
    """How many lines `value` takes unfolded to `level`; counting stops soon after `most`."""
    count, row = 1, [value]
    for _ in range(level):
        below: list[Value] = []
        for item in row:
            if isinstance(item, (dict, list)) and len(item) > CHUNK:
                count += len(item) // CHUNK
            else:
                below.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if count + len(below) > most:
                return count + len(below)
        count += len(below)
        row = below
        if not row:
            break
    return count
