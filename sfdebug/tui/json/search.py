"""Searching in a JSON value: an index of its lines in order, made once, over which each new query is quick.

A query is what every pane takes (`sfdebug.tui.widgets.search`): a regular expression, `!` in front inverts it, and case
counts once a capital is typed. It is looked for in `key: value`, and in array items in the value alone.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from sfdebug.patterns import compiled
from sfdebug.text import counted
from sfdebug.tui.json.changes import compare, merged
from sfdebug.tui.json.nodes import OLD_ROOT, Gone, are_scalars, step_to_gone
from sfdebug.tui.painting.paint import fit
from sfdebug.tui.widgets.search import matcher
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.tui.json.changes import Changes, Member
    from sfdebug.tui.json.nodes import NodePath
    from sfdebug.values import Json


class SearchIndex:
    """The texts of all lines of a value, or of two that are compared, folded or not."""

    def __init__(self, after: Value, before: Value = MISSING, *, is_difference: bool = False) -> None:
        self._parents: list[int] = []
        self._steps: list[str | int | Gone] = []
        self._texts: list[str] = []
        if is_present(after) and is_present(before) and is_difference:
            comparison = compare(before, after)
            if comparison.is_whole and are_scalars(before, after):
                self._add(-1, "", f"{_text(before)} → {_text(after)}")
                return
            if comparison.is_whole:
                self._add_whole(-1, OLD_ROOT, before)
                self._add_whole(-1, "", after)
                return
            if comparison.counts:
                self._add_merged(before, after, comparison.changes)
                return
        if is_present(after):
            self._add_whole(-1, "", after)

    def __len__(self) -> int:
        return len(self._texts)

    def matches(self, query: str) -> list[int]:
        """The numbers of the lines that match, in order; [] for an empty query."""
        is_match = matcher(query)
        if is_match is None:
            return []
        return [number for number, text in enumerate(self._texts) if is_match(text)]

    def path_of(self, number: int) -> NodePath:
        """Where the line with this number stands."""
        steps: list[str | int | Gone] = []
        while self._parents[number] >= 0:
            steps.append(self._steps[number])
            number = self._parents[number]
        if self._steps[number] == OLD_ROOT:
            steps.append(OLD_ROOT)
        return tuple(reversed(steps))

    def number_of(self, path: NodePath) -> int:
        """The number of the line at `path`, or of the nearest around it."""
        roots = [number for number, parent in enumerate(self._parents) if parent < 0] or [0]
        wants_old = path[:1] == (OLD_ROOT,)
        number = roots[0] if wants_old else roots[-1]
        for step in path[1:] if wants_old else path:
            inside = range(number + 1, len(self._texts))
            below = next((n for n in inside if self._parents[n] == number and self._steps[n] == step), None)
            if below is None:
                break
            number = below
        return number

    def _add(self, parent: int, step: str | int | Gone, text: str) -> int:
        plain = step.step if isinstance(step, Gone) else step
        self._parents.append(parent)
        self._steps.append(step)
        self._texts.append(f"{plain}: {text}" if isinstance(plain, str) and parent >= 0 else text)
        return len(self._texts) - 1

    def _add_whole(self, parent: int, step: str | int | Gone, value: Value) -> None:
        """Add a value and all that is in it: the many lines of a large value, so nothing is called needlessly."""
        stack = [(self._add(parent, step, _text(value)), _items(value))]
        while stack:
            owner, rest = stack[-1]
            for key, item in rest:
                text = item if isinstance(item, str) else _text(item)
                self._parents.append(owner)
                self._steps.append(key)
                self._texts.append(f"{key}: {text}" if isinstance(key, str) else text)
                if item and isinstance(item, (dict, list)):
                    stack.append((len(self._texts) - 1, _items(item)))
                    break
            else:
                stack.pop()

    def _add_merged(self, before: Json, after: Json, changes: Changes) -> None:
        stack = [(self._add(-1, "", ""), merged(before, after, changes))]
        while stack:
            owner, rest = stack[-1]
            for member in rest:
                inside = self._add_member(owner, member)
                if inside is not None:
                    stack.append((len(self._texts) - 1, inside))
                    break
            else:
                stack.pop()

    def _add_member(self, owner: int, member: Member) -> Iterator[Member] | None:
        """Add a member; give what is to be compared in it, if anything."""
        step, before, after = member.step, member.before, member.after
        if after is MISSING:
            self._add_whole(owner, step_to_gone(step), before)
        elif member.changes is not None and is_present(before):
            self._add(owner, step, "")
            return merged(before, after, member.changes)
        elif not member.differs:
            self._add_whole(owner, step, after)
        elif are_scalars(before, after):
            self._add(owner, step, f"{_text(before)} → {_text(after)}")
        else:
            self._add_whole(owner, Gone(step), before)
            self._add_whole(owner, step, after)
        return None


class ValueSearch:
    """What is searched for in the value on the screen, and which of its matches is at hand."""

    def __init__(self) -> None:
        self.query = ""
        self.matches: Sequence[int] = ()
        self._at = -1
        self._values: tuple[Value, Value, bool] = (MISSING, MISSING, False)
        self._index: SearchIndex | None = None

    def look_in(self, after: Value, before: Value, *, is_difference: bool) -> None:
        """Search this value, or what differs between two, for the same."""
        self._values, self._index = (after, before, is_difference), None
        self.find(self.query)

    def find(self, query: str) -> None:
        """Search for this; "" for nothing."""
        self.query, self._at = query, -1
        self.matches = self._indexed().matches(query) if query else ()

    def _indexed(self) -> SearchIndex:
        if self._index is None:
            after, before, is_difference = self._values
            self._index = SearchIndex(after, before, is_difference=is_difference)
        return self._index

    def first_from(self, path: NodePath) -> NodePath:
        """Where the first match is, from `path` on and round."""
        return self._go_to(bisect_left(self.matches, self._indexed().number_of(path)))

    def next(self, direction: int) -> NodePath:
        """Where the next match is, or the previous one, round and round."""
        return self._go_to(self._at + direction)

    def _go_to(self, match: int) -> NodePath:
        self._at = match % len(self.matches)
        return self._indexed().path_of(self.matches[self._at])

    @property
    def count_text(self) -> str:
        """How many matches there are: `3 matches`, `no match`."""
        return counted(len(self.matches), "match") if self.matches else "no match"

    @property
    def text(self) -> str:
        """How the search goes: `/name  2 of 3 matches`."""
        at = f"{self._at + 1:,} of " if self._at >= 0 else ""
        return f"/{fit(self.query, 20)}  {at}{self.count_text}"


def _items(value: Value) -> Iterator[tuple[str | int, Json]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if value is MISSING or isinstance(value, (dict, list)):
        return ""
    try:
        return json.dumps(value)
    except ValueError:  # an integer too long for Python to write
        return ""


def highlighter(query: str) -> re.Pattern[str] | None:
    """What to mark in the lines that match; None where nothing can be (no query, or an inverted one)."""
    if not query or query.startswith("!"):
        return None
    return compiled(query)
