"""The nodes of a folding JSON tree: one for each line that can be shown, made only when its parent is unfolded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct
from rich.cells import cell_len

from sfdebug.tui.json.changes import Changes, Member, merged
from sfdebug.tui.json.text import key_text, path_text, scalar, wrap
from sfdebug.values import MISSING, Json, Value, is_present

CHUNK: Final = 100
"""Arrays and objects with more members than this are shown in parts of this many."""

_WIDEST_COLUMN: Final = 24
_LONGEST_KEY: Final = 40
"""Keys side by side share a column, as far as they are no wider than this; longer ones are cut at the second."""

_LONGEST_EMBEDDED: Final = 1_000_000
_MOST_TEXT_LINES: Final = 5_000


class ChangeMark(StrEnum):
    """How a line stands in a difference. `INSIDE`: it is on both sides, and something in it differs."""

    SAME = " "
    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"
    INSIDE = "·"


class Gone(Struct, frozen=True):
    """The step to a member that is only in the value before, where the same step may lead to another one after."""

    step: str | int


OLD_ROOT: Final = Gone(-1)
"""The step to the whole value before, where another one took its place."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """The members from `start` up to, not including, `stop` of a long array or object."""

    start: int
    stop: int
    label: str = field(compare=False)


class TextLine(Struct, frozen=True):
    """One line of a long string that is unfolded."""

    number: int


Step: TypeAlias = "str | int | Gone | LinePart | TextLine"
NodePath: TypeAlias = "tuple[str | int | Gone, ...]"
"""Where a node stands, without the parts of long arrays: what folds and the cursor are remembered by."""


class JsonNode:
    """One line of the tree and what can be unfolded under it.

    `value` is what the line shows; `before` is the other side where it changed. `count` is how many lines the node
    takes with all that is unfolded under it. `level` is how deep it lies in the value, `depth` how deep on the screen.
    """

    __slots__ = (
        "_embedded",
        "before",
        "changes",
        "children",
        "count",
        "depth",
        "expanded",
        "held",
        "index",
        "key_width",
        "keys",
        "level",
        "mark",
        "parent",
        "step",
        "value",
    )

    def __init__(
        self,
        parent: JsonNode | None,
        step: Step,
        value: Value,
        *,
        mark: ChangeMark = ChangeMark.SAME,
        before: Value = MISSING,
        changes: Changes | None = None,
        held: Sequence[Member] | None = None,
    ) -> None:
        self.parent = parent
        self.step = step
        self.value = value
        self.mark = mark
        self.before = before
        self.changes = changes
        self.held = held
        self.keys: Sequence[str] = ()
        self.depth: int = parent.depth + 1 if parent is not None else -1
        self.level: int = parent.level + (not isinstance(step, LinePart)) if parent is not None else -1
        self.index = 0
        self.children: list[JsonNode] | None = None
        self.count = 1
        self.expanded = False
        self.key_width = 0
        self._embedded: Value | None = None

    @property
    def is_part(self) -> bool:
        """Whether the node stands for some of the members of its parent."""
        return isinstance(self.step, LinePart)

    @property
    def is_text(self) -> bool:
        """Whether the node is a line of a long string."""
        return isinstance(self.step, TextLine)

    @property
    def is_container(self) -> bool:
        """Whether the node is an object or array (not one that stands in a text)."""
        return not self.is_part and isinstance(self.value, (dict, list))

    @property
    def is_root(self) -> bool:
        """Whether the node is the whole value."""
        return self.parent is not None and self.parent.parent is None

    @property
    def owner(self) -> JsonNode:
        """The object, array or string that the node belongs to: itself, unless it is a part or a line of a text."""
        node = self
        while (node.is_part or node.is_text) and node.parent is not None:
            node = node.parent
        return node

    @property
    def path(self) -> NodePath:
        """The steps from the root, without those to parts and lines of text."""
        steps: list[str | int | Gone] = []
        node: JsonNode | None = self
        while node is not None and not node.is_root and node.parent is not None:
            if isinstance(node.step, (str, int, Gone)):
                steps.append(node.step)
            node = node.parent
        if node is not None and node.step == OLD_ROOT:
            steps.append(OLD_ROOT)
        return tuple(reversed(steps))

    @property
    def embedded(self) -> Value:
        """The object or array whose JSON text this string is; MISSING when it is none."""
        if self._embedded is None:
            self._embedded = _embedded(self.value)
        return self._embedded

    def siblings(self) -> list[JsonNode]:
        """The nodes beside this one, itself included."""
        return self.parent.children or [] if self.parent is not None else [self]


def _embedded(value: Value) -> Value:
    if not isinstance(value, str) or len(value) > _LONGEST_EMBEDDED or value.lstrip()[:1] not in ("{", "["):
        return MISSING
    try:
        parsed: Json = json.loads(value)
    except (ValueError, RecursionError):
        return MISSING
    return parsed if parsed else MISSING


def room_for_value(node: JsonNode, width: int, gutter: int) -> int:
    """How many cells of a line of `width` are left for the value after indentation, arrow and key."""
    key = node.key_width + 2 if node.key_width else 0
    return max(8, width - gutter - 2 * node.depth - 2 - key)


def can_unfold(node: JsonNode, width: int, gutter: int) -> bool:
    """Whether there is more to see under the node than its line of `width` cells shows."""
    if node.is_text:
        return False
    if node.is_part or node.mark is ChangeMark.INSIDE:
        return True
    room = room_for_value(node, width, gutter)
    if node.mark is ChangeMark.CHANGED:
        return _cells(node.before) + _cells(node.value) + 3 > room
    if isinstance(node.value, (dict, list)):
        return bool(node.value)
    if isinstance(node.value, str):
        return _cells(node.value) > room or "\n" in node.value or is_present(node.embedded)
    return False


def _cells(value: Value) -> int:
    return cell_len(scalar(value, 2000)[0]) if is_present(value) and not isinstance(value, (dict, list)) else 0


def make_children(node: JsonNode, width: int, gutter: int) -> list[JsonNode]:
    """The nodes under `node`, none of them unfolded."""
    if node.mark is ChangeMark.CHANGED:
        sides = ((ChangeMark.REMOVED, node.before), (ChangeMark.ADDED, node.value))
        return _numbered([line for mark, value in sides for line in _text_lines(node, value, mark, width - gutter)])
    if isinstance(node.value, str) and not node.is_part and not is_present(node.embedded):
        return _numbered(_text_lines(node, node.value, node.mark, width - gutter))
    return _from_members(node, _members_of(node))


def _text_lines(node: JsonNode, value: Value, mark: ChangeMark, width: int) -> list[JsonNode]:
    text = value if isinstance(value, str) else scalar(value, 2000)[0] if is_present(value) else ""
    lines = wrap(text, max(16, width - 2 * node.depth - 4), _MOST_TEXT_LINES)
    return [JsonNode(node, TextLine(number), line, mark=mark) for number, line in enumerate(lines)]


class _Members:
    """The members of a node, some of them at a time."""

    def __init__(self, value: Json, held: Sequence[Member] | None = None, keys: Sequence[str] = ()) -> None:
        self._value = value
        self._held = held
        self._keys = keys

    def __len__(self) -> int:
        if self._held is not None:
            return len(self._held)
        return len(self._value) if isinstance(self._value, (dict, list)) else 0

    @property
    def held(self) -> Sequence[Member] | None:
        """The members themselves, when they were merged from two values."""
        return self._held

    def keys(self) -> Sequence[str]:
        """The keys of an object, in order; none for an array."""
        if not self._keys and self._held is not None:
            self._keys = [member.step for member in self._held if isinstance(member.step, str)]
        elif not self._keys and isinstance(self._value, dict):
            self._keys = list(self._value)
        return self._keys

    def between(self, start: int, stop: int) -> Iterator[Member]:
        """The members from `start` up to `stop`."""
        if self._held is not None:
            yield from self._held[start:stop]
        elif isinstance(self._value, list):
            for index in range(start, min(stop, len(self._value))):
                yield Member(index, self._value[index], self._value[index])
        elif isinstance(self._value, dict):
            for key in self.keys()[start:stop]:
                yield Member(key, self._value[key], self._value[key])


def _members_of(node: JsonNode) -> _Members:
    if node.held is not None:
        return _Members(None, node.held, node.keys)
    value = node.owner.value
    if isinstance(value, str):
        value = node.owner.embedded
    if node.mark is ChangeMark.INSIDE and node.changes is not None and is_present(node.before) and is_present(value):
        return _Members(None, list(merged(node.before, value, node.changes)))
    return _Members(value if is_present(value) else None, None, node.keys)


def _from_members(node: JsonNode, content: _Members) -> list[JsonNode]:
    start, stop = (node.step.start, node.step.stop) if isinstance(node.step, LinePart) else (0, len(content))
    if stop - start <= CHUNK:
        made = [child for member in content.between(start, stop) for child in _nodes_of(node, member)]
        widths = [min(cell_len(label(child)), _LONGEST_KEY) for child in made]
        column = min(max(widths, default=0), _WIDEST_COLUMN)
        for child, width in zip(made, widths, strict=True):
            child.key_width = max(width, column)
        return _numbered(made)
    size = CHUNK
    while (stop - start) > size * CHUNK:
        size *= CHUNK
    keys = content.keys()
    parts: list[JsonNode] = []
    for first in range(start, stop, size):
        last = min(first + size, stop) - 1
        text = f"{key_text(keys[first])} … {key_text(keys[last])}" if keys else f"[{first} … {last}]"
        parts.append(_part_node(node, LinePart(first, last + 1, text), content.held))
        parts[-1].keys = keys
    return _numbered(parts)


def _part_node(node: JsonNode, part: LinePart, held: Sequence[Member] | None) -> JsonNode:
    mark = node.mark
    if held is not None:
        inside = any(
            member.differs or member.changes is not None or MISSING in (member.before, member.after)
            for member in held[part.start : part.stop]
        )
        mark = ChangeMark.INSIDE if inside else ChangeMark.SAME
    child = JsonNode(node, part, node.owner.value, mark=mark, held=held, changes=node.changes)
    child.key_width = min(cell_len(label(child)), _LONGEST_KEY)
    return child


def _nodes_of(parent: JsonNode, member: Member) -> list[JsonNode]:
    if parent.mark in (ChangeMark.ADDED, ChangeMark.REMOVED):
        return [JsonNode(parent, member.step, member.after, mark=parent.mark)]
    if member.before is MISSING:
        return [JsonNode(parent, member.step, member.after, mark=ChangeMark.ADDED)]
    if member.after is MISSING:
        return [JsonNode(parent, step_to_gone(member.step), member.before, mark=ChangeMark.REMOVED)]
    if member.changes is not None:
        return [
            JsonNode(
                parent, member.step, member.after, mark=ChangeMark.INSIDE, before=member.before, changes=member.changes
            )
        ]
    if member.differs:
        return differing(parent, member.step, member.before, member.after)
    return [JsonNode(parent, member.step, member.after)]


def step_to_gone(step: str | int) -> str | int | Gone:
    """The step to a member that is gone. A key needs no mark of its own: no other member has it."""
    return Gone(step) if isinstance(step, int) else step


def differing(parent: JsonNode, step: str | int, before: Value, after: Value) -> list[JsonNode]:
    """The nodes for a value that became another: one line for two scalars, else one for each side."""
    if are_scalars(before, after):
        return [JsonNode(parent, step, after, mark=ChangeMark.CHANGED, before=before)]
    gone = OLD_ROOT if parent.parent is None else Gone(step)
    return [
        JsonNode(parent, gone, before, mark=ChangeMark.REMOVED),
        JsonNode(parent, step, after, mark=ChangeMark.ADDED),
    ]


def are_scalars(before: Value, after: Value) -> bool:
    """Whether a change from one to the other fits on one line."""
    return not isinstance(before, (dict, list)) and not isinstance(after, (dict, list))


def _plain_step(step: Step) -> str | int:
    if isinstance(step, Gone):
        return step.step
    return step if isinstance(step, (str, int)) else ""


def _numbered(nodes: list[JsonNode]) -> list[JsonNode]:
    for index, node in enumerate(nodes):
        node.index = index
    return nodes


def label(node: JsonNode) -> str:
    """What stands before the value on the node's line: its key or index, or the range of a part."""
    step = node.step
    if isinstance(step, TextLine) or node.is_root:
        return ""
    if isinstance(step, LinePart):
        return step.label
    return key_text(_plain_step(step))


def pointer_of(path: NodePath) -> tuple[str | int, ...]:
    """The place as plain keys and indices."""
    return tuple(step.step if isinstance(step, Gone) else step for step in path if step != OLD_ROOT)


def split_path(node: JsonNode) -> tuple[tuple[str | int, ...], tuple[str | int, ...]]:
    """The keys and indices that lead to a node: those in the value, then those in the JSON that a string holds."""
    path = pointer_of(node.path)
    at = node.parent
    while at is not None:
        if isinstance(at.value, str) and not at.is_part and is_present(at.embedded):
            outer = split_path(at)[0]
            return outer, path[len(outer) :]
        at = at.parent
    return path, ()


def where_text(node: JsonNode, path: str) -> str:
    """The path under the cursor, with which part of a long array it is, and where in a text that holds JSON."""
    part = f"  {label(node)}" if node.is_part else ""
    _, inner = split_path(node)
    return f"{path}{f', in its text {path_text(inner)}' if inner else ''}{part}"
