"""The steps of a JSONPath and what they select, by Jayway's rules.

A step turns the nodes selected so far into the nodes selected next. As long as the path is definite there is
exactly one node, and a step that does not fit it is an error; after the first step that can select several, what
does not fit is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import thread_time
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.expressions.errors import ExpressionError, Miss, NotALeafError, PathNotFoundError
from sfdebug.expressions.java import java_text
from sfdebug.expressions.jsonpath.fast_paths import Location, bracketed, not_an_array, not_an_object
from sfdebug.values import MISSING, Json, Value

MAX_SELECTED: Final = 250_000
"""Most nodes that one step may select: no payload that AWS passes on (256 KiB) holds more values than this."""

MAX_SECONDS: Final = 2.0
"""Longest time of the processor that the regular expressions of one evaluation may take together: what else the machine
does meanwhile does not count."""

Node: TypeAlias = "tuple[Json, Location]"
"""A value with its location, as RFC 9535 calls the pair."""


class Evaluation:
    """One evaluation of a path: the document that `$` means in its filters, what they found there, and the time."""

    __slots__ = ("cache", "deadline", "path", "root")

    def __init__(self, path: str, root: Json) -> None:
        self.path = path
        self.root = root
        self.cache: dict[int, object] = {}
        self.deadline = 0.0

    def seconds_left(self) -> float:
        """How long the next regular expression may take. Raises ExpressionError when the time is used up."""
        now = thread_time()
        if not self.deadline:
            self.deadline = now + MAX_SECONDS
        if now >= self.deadline:
            raise self.too_slow()
        return self.deadline - now

    def too_slow(self) -> ExpressionError:
        """The error for a regular expression that takes too long."""
        return ExpressionError(
            f"The regular expressions in '{self.path}' take longer than {MAX_SECONDS:g} seconds", path=self.path
        )


Accepts: TypeAlias = "Callable[[Json, Evaluation], bool]"


class Names(Struct, frozen=True, gc=False):
    """Fields by name. Several names select one object made of those fields, as the last step (`merged`); as an earlier
    one (not `is_leaf`) they are an error where they meet an object, as a report of AWS's console has it: Jayway's
    versions since 2.0 go on with each of the fields."""

    names: tuple[str, ...]
    merged: bool = False
    is_leaf: bool = True

    @property
    def is_definite(self) -> bool:
        """Whether it selects one node at most."""
        return len(self.names) == 1 or self.merged

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"

    def select(self, value: Json, here: Location) -> Iterator[Node]:
        """The fields of an object; nothing for any other value. Raises NotALeafError."""
        if not isinstance(value, dict):
            return
        if not self.is_leaf:
            names = ", ".join(f"'{name}'" for name in self.names)
            raise NotALeafError(f"{bracketed(here)}[{names}]")
        if self.merged:
            yield {name: value[name] for name in self.names if name in value}, here
            return
        for name in self.names:
            if name in value:
                yield value[name], (*here, name)

    def problem(self, value: Json, here: str, rest: str) -> tuple[str, Miss] | None:
        """Why it does not fit `value`, in Jayway's words; None when it does."""
        if not isinstance(value, dict):
            return not_an_object(str(self), here, value), Miss.KIND
        if len(self.names) == 1 and self.names[0] not in value:
            words = "No results for path:" if rest == str(self) else "Missing property in path"
            return f"{words} {here}{self}", Miss.NAME
        return None

    def scans(self, value: Json) -> bool:
        """Whether `..` applies it to `value`."""
        if not isinstance(value, dict):
            return False
        return not self.is_definite or all(name in value for name in self.names)


class _ArrayStep(Struct, frozen=True, gc=False):
    """A step that fits arrays."""

    def problem(self, value: Json, here: str, rest: str) -> tuple[str, Miss] | None:
        """Why it does not fit `value`, in Jayway's words; None when it does."""
        return None if isinstance(value, list) else (not_an_array(rest, here, value), Miss.KIND)

    def scans(self, value: Json) -> bool:
        """Whether `..` applies it to `value`."""
        return isinstance(value, list)


class Indices(_ArrayStep, frozen=True, gc=False):
    """Array items by index; a negative index counts from the end."""

    indices: tuple[int, ...]

    @property
    def is_definite(self) -> bool:
        """Whether it selects one node at most."""
        return len(self.indices) == 1

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indices)) + "]"

    def select(self, value: Json, here: Location) -> Iterator[Node]:
        """The items that exist; nothing for any other value."""
        if not isinstance(value, list):
            return
        for index in self.indices:
            if -len(value) <= index < len(value):
                yield value[index], (*here, index % len(value))


class Slice(_ArrayStep, frozen=True, gc=False):
    """Array items from `start` to before `end`. Jayway passes over a step, and reads [-9:2] as below."""

    start: int | None
    end: int | None
    is_definite: bool = False

    def __str__(self) -> str:
        return f"[{'' if self.start is None else self.start}:{'' if self.end is None else self.end}]"

    def select(self, value: Json, here: Location) -> Iterator[Node]:
        """The items of the stretch; nothing for any other value."""
        if not isinstance(value, list):
            return
        size = len(value)
        for index in self._stretch(size):
            yield value[index], (*here, index % size)

    def _stretch(self, size: int) -> range:
        if self.end is None:
            start = self.start or 0
            return range(max(0, start + size if start < 0 else start), size)
        if self.start is None:
            return range(min(size, self.end + size if self.end < 0 else self.end))
        # With both ends given, Jayway takes a negative end as it is and lets the index run up through -1 to 0.
        return range(max(self.start, -size), min(size, self.end))


class Wildcard(Struct, frozen=True, gc=False):
    """Every field of an object and every item of an array."""

    is_definite: bool = False

    def __str__(self) -> str:
        return "[*]"

    def select(self, value: Json, here: Location) -> Iterator[Node]:
        """The fields or items; nothing for any other value."""
        return children(value, here)

    def problem(self, value: Json, here: str, rest: str) -> tuple[str, Miss] | None:
        """It fits every value."""
        return None

    def scans(self, value: Json) -> bool:
        """Whether `..` applies it to `value`."""
        return True


@dataclass(frozen=True, slots=True)
class Filter:
    """The array items that a condition accepts, or the object itself if it accepts that."""

    text: str
    accepts: Accepts = field(repr=False, compare=False)
    is_definite: bool = False

    def __str__(self) -> str:
        return "[?]"

    def filtered(self, value: Json, here: Location, evaluation: Evaluation) -> Iterator[Node]:
        """What the condition accepts of `value`."""
        if isinstance(value, dict):
            if self.accepts(value, evaluation):
                yield value, here
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if self.accepts(item, evaluation):
                    yield item, (*here, index)

    def problem(self, value: Json, here: str, rest: str) -> tuple[str, Miss] | None:
        """Why it does not fit `value`, in Jayway's words; None when it does."""
        if isinstance(value, (dict, list)):
            return None
        return f"Filter: {rest} can not be applied to primitives. Current context is: {java_text(value)}", Miss.KIND


class Descend(Struct, frozen=True, gc=False):
    """`..`: the next step is applied to the value and to every object and array inside it."""

    is_definite: bool = False

    def __str__(self) -> str:
        return ".."


@dataclass(frozen=True, slots=True)
class PathFunction:
    """A function call at the end of a path; with `gathers` it takes all that the path selects, as one array."""

    name: str
    call: Callable[[Json], Json] = field(repr=False, compare=False)
    gathers: bool = False
    is_definite: bool = True

    def __str__(self) -> str:
        return f".{self.name}()"


Step: TypeAlias = "Names | Indices | Slice | Wildcard | Filter | Descend | PathFunction"


def children(value: Json, here: Location) -> Iterator[Node]:
    """The fields of an object or the items of an array, as nodes."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield item, (*here, name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield item, (*here, index)


def containers(value: Json, here: Location) -> Iterator[Node]:
    """`value` and every object and array inside it, each before what it contains, in document order."""
    waiting: list[Node] = [(value, here)]
    while waiting:
        node = waiting.pop()
        if isinstance(node[0], (dict, list)):
            yield node
            waiting.extend(reversed([child for child in children(*node) if isinstance(child[0], (dict, list))]))


def run(steps: Sequence[Step], document: Json, evaluation: Evaluation, *, require: bool = False) -> list[Node]:
    """The nodes that the steps select, in order; none for a definite path that ends past the end of an array.

    With `require` (Jayway's REQUIRE_PROPERTIES, which its existence checks set), a missing field is an error after
    an indefinite step too. Raises PathNotFoundError, or ExpressionError when the path selects too much.
    """
    nodes: list[Node] = [(document, ())]
    definite = True
    scanning = False
    for depth, step in enumerate(steps):
        if isinstance(step, Descend):
            scanning, definite = True, False
            continue
        if definite:
            _check(steps, depth, nodes[0][0] if nodes else MISSING, evaluation.path)
        if require and isinstance(step, Names) and not scanning:
            _require(step, nodes, evaluation.path)
        nodes = _collect(_selected(step, nodes, evaluation, scanning=scanning), evaluation)
        scanning = False
        definite = definite and step.is_definite
    return nodes


def _check(steps: Sequence[Step], depth: int, value: Value, path: str) -> None:
    """Raise PathNotFoundError when a step that must fit `value` does not."""
    step = steps[depth]
    if value is MISSING or isinstance(step, (PathFunction, Descend)) or step.problem(value, "", "") is None:
        return
    # Only now is it worth printing the path.
    problem = step.problem(value, canonical(steps[:depth]), canonical(steps[depth:])[1:])
    assert problem is not None
    raise PathNotFoundError(path, *problem)


def _require(step: Names, nodes: list[Node], path: str) -> None:
    """Raise PathNotFoundError when an object among the nodes lacks a field."""
    for value, here in nodes:
        missing = next((name for name in step.names if isinstance(value, dict) and name not in value), None)
        if missing is not None:
            raise PathNotFoundError(path, f"Missing property in path {bracketed((*here, missing))}")


def _selected(step: Step, nodes: list[Node], evaluation: Evaluation, *, scanning: bool) -> Iterator[Node]:
    if isinstance(step, PathFunction) and step.gathers:
        yield step.call([value for value, _ in nodes]), ()
        return
    for node in nodes:
        for value, here in containers(*node) if scanning else (node,):
            if isinstance(step, Filter):
                if not scanning or step.accepts(value, evaluation):
                    yield from step.filtered(value, here, evaluation)
            elif isinstance(step, PathFunction):
                yield step.call(value), here
            elif not isinstance(step, Descend) and (not scanning or step.scans(value)):
                yield from step.select(value, here)


def _collect(selected: Iterator[Node], evaluation: Evaluation) -> list[Node]:
    nodes: list[Node] = []
    for node in selected:
        nodes.append(node)
        if len(nodes) > MAX_SELECTED:
            raise ExpressionError(f"'{evaluation.path}' selects more than {MAX_SELECTED} values", path=evaluation.path)
    return nodes


def canonical(steps: Sequence[Step]) -> str:
    """The steps in the one form in which AWS prints paths: `$['a'][0]`."""
    return "$" + "".join(map(str, steps))


def is_definite(steps: Sequence[Step]) -> bool:
    """Whether the steps select one value at most."""
    last = steps[-1] if steps else None
    return (isinstance(last, PathFunction) and last.gathers) or all(step.is_definite for step in steps)
