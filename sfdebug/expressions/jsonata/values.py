"""Values while JSONata computes with them, and what a result is as plain JSON.

A value is JSON, a function, or a sequence; undefined is MISSING, null is None. A sequence is JSONata's list of results:
one of one item is that item, one of none is undefined.

Whatever an evaluation makes itself and may hold more than plain JSON is of a class of this module; a list or dict that
is exactly a `list` or `dict` is plain JSON at every depth. A result copies the former and shares the latter with the
inputs. How AWS writes numbers that JSON cannot show was measured there: 1/0 is "Infinity", 0/0 is "NaN", also inside
arrays. Whole numbers beyond 64 bits become doubles there; of these, what is shared here stays as it was given.
"""

from __future__ import annotations

import marshal
import math
from collections.abc import Callable, Collection, Hashable
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from sfdebug.expressions.jsonata.errors import JsonataFault, too_large
from sfdebug.values import MISSING, Json, same

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.limits import JsonataRun


_EXACT: Final = 2**53
_LONGEST: Final = 2**63
"""Whole numbers below this are exact: `exact` says so too, one call for each number slower."""

_COMPARED_AT_ONCE: Final[frozenset[type]] = frozenset({int, str})
"""Types of items of which Python's own comparison of lists is JSON's."""

AS_IT_IS: Final = frozenset({str, bool, type(None), dict, list, type(MISSING)})
"""Types of results that are what they stand for already."""

_TINY: Final = frozenset({bool, type(None)})
_PLAIN: Final = frozenset({dict, list})
_MARSHALLED: Final = 2
_NUMBERS: Final = frozenset({int})
_TEXT: Final = frozenset({str})

_FLAT: Final = frozenset({int, bool, type(None), dict, list, str})
"""Types of what needs no conversion inside a result."""

_WITH_FRACTIONS: Final = _FLAT | {float}

_FREE: Final = 64
"""How many parts of the inputs a result may repeat before their sizes count: few cannot make it grow without bound."""


class Sequence(list[Any]):
    """A list of results. `single` keeps it a list when it holds one item; `tuples` says its items are bindings."""

    single = False
    tuples = False
    outer = False


class Array(list[Any]):
    """An array that the evaluation made: its items may be anything."""


class Constructed(Array):
    """An array from an array constructor that stands as a step of a path: it is not flattened into the results."""


class Object(dict[str, Any]):
    """An object that the evaluation made: its fields may hold anything."""


class JsonataFunction:
    """A function as a value. `arity` is how many arguments a higher-order function passes to it at most."""

    __slots__ = ("arity", "call", "name", "validate")

    def __init__(
        self,
        name: str,
        arity: int,
        call: Callable[[JsonataRun, list[Any], Any], Any],
        validate: Callable[[list[Any], Any], list[Any]] | None = None,
    ) -> None:
        self.name = name
        self.arity = arity
        self.call = call
        self.validate = validate


class Comparator(JsonataFunction):
    """A function of two values that may be known to order them by what is computed of each.

    `sort(run, items)` gives items in that order, None where that is not known.
    """

    __slots__ = ("sort",)

    def __init__(
        self,
        call: Callable[[JsonataRun, list[Any], Any], Any],
        sort: Callable[[JsonataRun, list[Any]], list[Any] | None],
    ) -> None:
        super().__init__("lambda", 2, call)
        self.sort = sort


def is_function(value: Any) -> TypeGuard[JsonataFunction]:
    """Whether `value` is a function: built in, defined by the expression, or a regular expression."""
    return isinstance(value, JsonataFunction)


def is_number(value: Any) -> bool:
    """Whether `value` is a number. Raises JsonataFault D1001 for one that has overflowed."""
    if isinstance(value, float):
        if math.isinf(value):
            raise JsonataFault("D1001", value=str(value))
        return not math.isnan(value)
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: float) -> int | float:
    """A computed number: whole ones as integers, the way JSON shows them."""
    if isinstance(value, int):
        if -_EXACT <= value <= _EXACT:
            return value
        try:
            return number(float(value))
        except OverflowError:
            raise JsonataFault("D1001", value=str(value)[:40]) from None
    if math.isfinite(value) and value.is_integer() and abs(value) < _LONGEST:
        return int(value)
    return value


def exact(value: int) -> bool:
    """Whether a whole number fits into 64 bits."""
    return -_LONGEST <= value < _LONGEST


def in_64_bits(value: int) -> int | float:
    """A whole number of a JSON text. Measured in AWS: exact in 64 bits, and a double beyond."""
    return value if exact(value) else float(value)


def truth(value: Any, run: JsonataRun | None = None) -> bool:
    """A value as a boolean; looking through arrays counts as steps of `run`. Source: the JSONata documentation,
    $boolean()."""
    if value is True or value is False:
        return bool(value)
    if isinstance(value, list):
        return _holds_truth(value, run)
    if isinstance(value, (str, int, float, dict)):
        return bool(value)
    return False


def _holds_truth(array: list[Any], run: JsonataRun | None) -> bool:
    """Whether an item of an array, or of one inside it, is true. Each array is looked through once, however often it
    is shared."""
    waiting, seen = [array], {id(array)}
    while waiting:
        each = waiting.pop()
        if run is not None:
            run.tick(1 + (len(each) >> 4))
        for item in each:
            if isinstance(item, list):
                if id(item) not in seen:
                    seen.add(id(item))
                    waiting.append(item)
            elif truth(item):
                return True
    return False


def equal(left: Any, right: Any, run: JsonataRun) -> bool:
    """The `=` operator for two values that are not undefined: deep, and true is not 1.

    What is compared counts as steps: values share parts, so that how much it is cannot be told from their sizes.
    """
    if not isinstance(left, (list, dict)) or not isinstance(right, (list, dict)):
        return same(left, right)
    if left is right:
        return True
    if len(left) != len(right):
        return False
    run.tick(1 + (len(left) >> 2))
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(equal(value, right[key], run) for key, value in left.items())
        )
    if not isinstance(right, list):
        return False
    kinds = set(map(type, left))
    if len(kinds) == 1 and kinds <= _COMPARED_AT_ONCE and kinds == set(map(type, right)):
        return list.__eq__(left, right) is True
    return all(equal(one, other, run) for one, other in zip(left, right, strict=True))


def identity(value: Any, run: JsonataRun) -> Hashable:
    """A key that is equal for two values exactly when `equal` holds; making it counts as steps."""
    if isinstance(value, dict):
        run.tick(1 + (len(value) >> 2))
        return ("object", frozenset((key, identity(item, run)) for key, item in value.items()))
    if isinstance(value, list):
        run.tick(1 + (len(value) >> 2))
        return ("array", *(identity(item, run) for item in value))
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, JsonataFunction):
        return ("function", id(value))
    return (type(value) is str, value)


def settle(result: Any, keep: bool = False) -> Any:
    """What a sequence stands for: none for undefined, one item for itself."""
    if type(result) is Sequence and not result.tuples:
        if keep:
            result.single = True
        if not result:
            return MISSING
        if len(result) == 1:
            return result if result.single else result[0]
    return result


def appended(run: JsonataRun, first: Any, second: Any) -> Any:
    """$append: both as one array; what is not an array counts as an array of itself, undefined as nothing."""
    if first is MISSING:
        return second
    if second is MISSING:
        return first
    joined: list[Any] = Sequence([first]) if not isinstance(first, list) else Array(first)
    if isinstance(second, list):
        joined.extend(second)
    else:
        joined.append(second)
    run.check_items(joined)
    return joined


def rearranged(items: list[Any]) -> list[Any]:
    """Items of an array in another order: plain JSON if all of them are."""
    kinds = set(map(type, items))
    if kinds <= _FLAT or (kinds <= _WITH_FRACTIONS and all(map(math.isfinite, (x for x in items if type(x) is float)))):
        return items
    return Array(items)


class Gathered:
    """`appended` again and again: what it has made itself grows in place, for it is nobody else's yet."""

    __slots__ = ("_own", "_run")

    def __init__(self, run: JsonataRun) -> None:
        self._run = run
        self._own: dict[int, Array] = {}

    def append(self, first: Any, second: Any) -> Any:
        """What `appended` gives."""
        own = self._own.get(id(first))
        if own is None or second is MISSING:
            joined = appended(self._run, first, second)
            if type(joined) is Array and joined is not second:
                self._own[id(joined)] = joined
            return joined
        if isinstance(second, list):
            own.extend(second)
        else:
            own.append(second)
        self._run.check_items(own)
        return own


def looked_up(run: JsonataRun, value: Any, key: str) -> Any:
    """The field `key` of an object, or of each object of an array."""
    if isinstance(value, dict):
        return value.get(key, MISSING)
    if isinstance(value, list):
        found = Sequence()
        run.tick(len(value))
        for item in value:
            each = looked_up(run, item, key) if isinstance(item, (dict, list)) else MISSING
            if isinstance(each, list):
                found.extend(each)
            elif each is not MISSING:
                found.append(each)
        run.check_items(found)
        return found
    return MISSING


class UnsupportedResultError(Exception):
    """The result holds a function, which no JSON can show."""


def outermost(input: Any) -> Any:
    """A document as the outermost `$`: an array is visited as one value there, as the reference does."""
    if not isinstance(input, list):
        return input
    wrapped = Sequence([input])
    wrapped.outer = True
    return wrapped


def plain(value: Any, run: JsonataRun) -> Json:
    """`value` as plain JSON. Raises JsonataFault for too many values or characters, UnsupportedResultError for a
    function."""
    if isinstance(value, (list, dict)) and len(value) <= _FREE:
        items = value if isinstance(value, list) else value.values()
        kinds = set(map(type, items))
        if kinds <= _FLAT and (int not in kinds or _are_exact(items, kinds)):
            return list(value) if isinstance(value, list) else dict(value)
    return _Plain(run).convert(value)


def _are_exact(items: Collection[Any], kinds: set[type]) -> bool:
    if kinds == _NUMBERS:
        return exact(max(items)) and exact(min(items))
    return not [item for item in items if type(item) is int and not -_LONGEST <= item < _LONGEST]


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


class _Plain:
    """One conversion, which counts the values and characters of the result.

    What is shared with the inputs is weighed when it could be too much: a bound on it is found much sooner. `marshal`
    (version 2, which shares nothing) writes at least a byte for each value and each character.
    """

    __slots__ = ("_bound", "_characters", "_free", "_items", "_run", "_unweighed", "_weights")

    def __init__(self, run: JsonataRun) -> None:
        self._run = run
        self._items = run.limits.items
        self._characters = run.limits.characters
        self._free = _FREE
        self._bound = 0
        self._unweighed: list[list[Any] | dict[str, Any]] = []
        self._weights: dict[int, tuple[int, int]] = {}

    def convert(self, item: Any) -> Json:
        """`item` as plain JSON."""
        kind = type(item)
        if kind is int:
            return in_64_bits(item)
        if kind is str:
            self._spend(0, len(item))
            return str(item)
        if kind is float:
            return _number(item)
        if isinstance(item, (list, dict)):
            if kind is list or kind is dict:
                self._share([item])
                return item
            return self._array(item) if isinstance(item, list) else self._object(item)
        if isinstance(item, JsonataFunction):
            raise UnsupportedResultError
        if item is MISSING:
            return None
        scalar: bool | None = item
        return scalar

    def _array(self, array: list[Any]) -> list[Json]:
        self._spend(len(array), 0)
        kinds = set(map(type, array))
        if kinds == _NUMBERS and _are_exact(array, kinds):
            return list(array)
        if kinds == _TEXT:
            self._spend(0, sum(map(len, array)))
            return list(array)
        if kinds <= _PLAIN:
            for start in range(0, len(array), _FREE):
                self._share(array[start : start + _FREE])
            return list(array)
        return [item if type(item) in _TINY else self.convert(item) for item in array]

    def _object(self, value: dict[str, Any]) -> dict[str, Json]:
        result: dict[str, Json] = {}
        characters = sum(map(len, value))
        for key, item in value.items():
            kind = type(item)
            if kind is str:
                characters += len(item)
            elif kind not in _TINY and not (kind is int and -_LONGEST <= item < _LONGEST):
                result[key] = self.convert(item)
                continue
            result[key] = item
        self._spend(len(value), characters)
        return result

    def _share(self, values: list[Any]) -> None:
        if self._free > 0:
            free = self._free
            self._free -= len(values)
            values = values[free:]
            if not values:
                return
        self._unweighed += values
        try:
            self._bound += len(marshal.dumps(values, _MARSHALLED))
        except ValueError:  # nested too deep for it, or of a class of its own
            self._bound = max(self._items, self._characters) + 1
        self._spend(0, 0)

    def _spend(self, items: int, characters: int) -> None:
        self._items -= items
        self._characters -= characters
        if self._items < self._bound or self._characters < self._bound:
            self._weigh()

    def _weigh(self) -> None:
        for value in self._unweighed:
            weight = self._weights.get(id(value))
            if weight is None:
                weight = self._weights[id(value)] = _weight(value)
            self._items -= weight[0]
            self._characters -= weight[1]
        self._unweighed, self._bound = [], 0
        if self._items < 0:
            raise too_large(self._run.limits.items, "items")
        if self._characters < 0:
            raise too_large(self._run.limits.characters, "characters")


def _weight(value: list[Any] | dict[str, Any]) -> tuple[int, int]:
    """How many values and characters plain JSON holds."""
    items = characters = 0
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            characters += len(each)
        elif isinstance(each, dict):
            items += len(each)
            characters += sum(map(len, each))
            waiting.extend(each.values())
        elif isinstance(each, list):
            items += len(each)
            waiting.extend(each)
    return items, characters
