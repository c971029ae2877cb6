"""Event patterns read from their text or value, and why one is refused, in AWS's words.

The words are those of recorded answers of TestEventPattern, and of AWS's Event Ruler for what is not recorded.
How complex wildcards may be is not judged: AWS's measure has a limit that is not told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.matchers import (
    AddressMatcher,
    AffixMatcher,
    CaselessMatcher,
    ExactMatcher,
    ExcludingMatcher,
    NumericMatcher,
    PresenceMatcher,
    ValueMatcher,
    WildcardMatcher,
    address_of,
    exact,
)
from sfdebug.eventbridge.patterns import EventPattern, PatternField
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.values import Json

OR: Final = "$or"
MAX_ALTERNATIVES: Final = 1_000
"""Source: EventBridge User Guide, "Using multiple field matching": no more combinations."""

MAX_DEPTH: Final = 200
"""Deepest nesting of objects that is followed."""

_RESERVED: Final = frozenset(
    {
        *("exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr"),
        *("=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"),
        *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
        *("ip-address-in-range", "ip-address-not-in-range"),
    }
)
"""No names of fields inside of `$or`. Source: AWS's Event Ruler, its README on `$or`."""

_Branches = list[dict[str, PatternField]]


class EventPatternError(SfdebugError):
    """A pattern that EventBridge refuses. `reason` is in AWS's words, `keys` lead to the field that it is about."""

    def __init__(self, reason: str, keys: tuple[str, ...] = ()) -> None:
        place = ".".join(keys)
        super().__init__(f"Event pattern is not valid. Reason: {reason}", where=place)
        self.reason = reason
        self.keys = keys


def read_pattern(text: str) -> EventPattern:
    """The pattern in a JSON text. Raises EventPatternError.

    A name that stands twice counts as its last one, as AWS has it; two objects count together.
    """
    try:
        value = json.loads(text, object_pairs_hook=_joined)
    except ValueError as error:
        raise EventPatternError(f"it is no JSON: {error}") from None
    except RecursionError:
        raise EventPatternError("it is nested too deep") from None
    return pattern_of(value)


def pattern_of(value: Json) -> EventPattern:
    """The pattern that a JSON value is. Raises EventPatternError."""
    if not isinstance(value, dict):
        raise EventPatternError("Filter is not an object")
    branches = _read_object(value, (), [{}], is_inside_or=False)
    return EventPattern(tuple(tuple(branch[path] for path in sorted(branch)) for branch in branches))


def _joined(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        before = found.get(name)
        found[name] = _together(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def _together(before: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    return _joined([*before.items(), *value.items()])


# objects


def _read_object(
    value: Mapping[str, Json], keys: tuple[str, ...], branches: _Branches, *, is_inside_or: bool
) -> _Branches:
    """The branches with what an object wants besides."""
    if not value:
        raise EventPatternError("Empty objects are not allowed", keys)
    if len(keys) > MAX_DEPTH:
        raise EventPatternError("it is nested too deep", keys[:8])
    for name, item in value.items():
        here = (*keys, name)
        if name == OR:
            branches = _read_or(item, keys, branches)
        elif is_inside_or and name in _RESERVED:
            raise EventPatternError(f"{name} is Ruler reserved fieldName which cannot be used inside {OR}.", here)
        elif isinstance(item, dict):
            branches = _read_object(item, here, branches, is_inside_or=is_inside_or)
        elif isinstance(item, list):
            field = PatternField(here, tuple(_read_matchers(item, here)))
            for branch in branches:
                branch[field.path] = field
        else:
            raise EventPatternError(f'"{name}" must be an object or an array', here)
    return branches


def _read_or(value: Json, keys: tuple[str, ...], branches: _Branches) -> _Branches:
    here = (*keys, OR)
    if not isinstance(value, list):
        raise EventPatternError(f"It must be an Array followed with {OR}.", here)
    found: _Branches = []
    for item in value:
        if not isinstance(item, dict):
            raise EventPatternError(f"Only JSON object is allowed in array of {OR} relationship.", here)
        found += _read_object(item, keys, [dict(branch) for branch in branches], is_inside_or=True)
        if len(found) > MAX_ALTERNATIVES:
            raise EventPatternError(f"its {OR} come to more than {MAX_ALTERNATIVES:,} combinations", here)
    if len(value) < 2:
        raise EventPatternError(f"There must have at least 2 Objects in {OR} relationship.", here)
    return found


# values


def _read_matchers(items: list[Json], keys: tuple[str, ...]) -> Iterator[ValueMatcher]:
    if not items:
        raise EventPatternError("Empty arrays are not allowed", keys)
    for item in items:
        if isinstance(item, dict):
            yield _read_expression(item, keys)
        elif isinstance(item, list):
            raise EventPatternError("Match value must be String, number, true, false, or null", keys)
        else:
            yield exact(item)


def _read_expression(value: dict[str, Json], keys: tuple[str, ...]) -> ValueMatcher:
    if not value:
        raise EventPatternError("Match expression name not found", keys)
    name, given = next(iter(value.items()))
    read = _OPERATORS.get(name)
    if read is None:
        raise EventPatternError(f"Unrecognized match type {name}", keys)
    matcher = read(given, keys)
    if len(value) > 1:
        raise EventPatternError(
            "Too many elements in numeric expression"
            if name in ("numeric", "anything-but")
            else "Only one key allowed in match expression",
            keys,
        )
    return matcher


def _read_exactly(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if not isinstance(given, str):
        raise EventPatternError("exact match pattern must be a string", keys)
    return ExactMatcher(given)


def _read_prefix(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    return _read_affix(given, keys, is_suffix=False)


def _read_suffix(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    return _read_affix(given, keys, is_suffix=True)


def _read_affix(given: Json, keys: tuple[str, ...], *, is_suffix: bool) -> ValueMatcher:
    name = "suffix" if is_suffix else "prefix"
    if isinstance(given, dict):
        if not given:
            raise EventPatternError(f"{name.capitalize()} expression name not found", keys)
        inner, text = next(iter(given.items()))
        if inner != "equals-ignore-case":
            raise EventPatternError(f"Unsupported {name} pattern: {inner}", keys)
        if not isinstance(text, str):
            raise EventPatternError("equals-ignore-case match pattern must be a string", keys)
        if len(given) > 1:
            raise EventPatternError("Only one key allowed in match expression", keys)
        return AffixMatcher(text, is_suffix, ignores_case=True)
    if not isinstance(given, str):
        raise EventPatternError(f"{name} match pattern must be a string", keys)
    return AffixMatcher(given, is_suffix)


def _read_caseless(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if not isinstance(given, str):
        raise EventPatternError("equals-ignore-case match pattern must be a string", keys)
    return CaselessMatcher(given)


def _read_wildcard(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if not isinstance(given, str):
        raise EventPatternError("wildcard match pattern must be a string", keys)
    parts, at = [""], 0
    while at < len(given):
        sign = given[at]
        place = len(given[:at].encode("utf-8", "surrogatepass")) + 1  # in bytes, behind the quote
        if sign == "*":
            if given[at + 1 : at + 2] == "*":
                raise EventPatternError(f"Consecutive wildcard characters at pos {place}", keys)
            parts.append("")
        elif sign == "\\":
            at += 1
            if given[at : at + 1] not in ("*", "\\"):
                raise EventPatternError(f"Invalid escape character at pos {place}", keys)
            parts[-1] += given[at]
        else:
            parts[-1] += sign
        at += 1
    return WildcardMatcher(given, tuple(parts))


def _read_exists(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if not isinstance(given, bool):
        raise EventPatternError("exists match pattern must be either true or false.", keys)
    return PresenceMatcher(given)


def _read_cidr(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if not isinstance(given, str):
        raise EventPatternError("prefix match pattern must be a string", keys)  # recorded: AWS's own word for it
    slashed = given.split("/")
    if len(slashed) != 2:
        raise EventPatternError("Malformed CIDR, one '/' required", keys)
    try:
        bits = int(slashed[1])
    except ValueError:
        raise EventPatternError("Malformed CIDR, mask bits must be an integer", keys) from None
    if bits < 0:
        raise EventPatternError("Malformed CIDR, mask bits must not be negative", keys)
    low = address_of(slashed[0])
    if low is None:
        raise EventPatternError(f"Nonstandard IP address: {slashed[0]}", keys)
    if bits >= low.max_prefixlen:
        raise EventPatternError(f"IPv{low.version} mask bits must be < {low.max_prefixlen}", keys)
    return AddressMatcher(given, low, type(low)(int(low) | ((1 << (low.max_prefixlen - bits)) - 1)))


# numeric


def _read_numeric(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if not isinstance(given, list):
        raise EventPatternError("Value of numeric must be an array.", keys)
    operator = given[0] if given else "]"
    if not given or not isinstance(operator, str):
        shown = operator if isinstance(operator, str) else compact(operator)
        raise EventPatternError(f"Invalid member in numeric match: {shown}", keys)
    if operator not in ("=", "<", "<=", ">", ">="):
        raise EventPatternError(f"Unrecognized numeric range operator: {operator}", keys)
    first = _number(given[1:2], "equals" if operator == "=" else operator, keys)
    rest = given[2:]
    if operator in ("=", "<", "<="):
        if rest:
            raise EventPatternError("Too many elements in numeric expression", keys)
        if operator == "=":
            return NumericMatcher(first, first)
        return NumericMatcher(high=first, is_high_open=operator == "<")
    if not rest:
        return NumericMatcher(low=first, is_low_open=operator == ">")
    return _read_upper(first, rest, keys, is_low_open=operator == ">")


def _read_upper(low: float, rest: list[Json], keys: tuple[str, ...], *, is_low_open: bool) -> ValueMatcher:
    operator = rest[0]
    if not isinstance(operator, str):
        raise EventPatternError(f"Bad value in numeric range: {compact(operator)}", keys)
    if operator not in ("<", "<="):
        raise EventPatternError(f"Bad numeric range operator: {operator}", keys)
    high = _number(rest[1:2], operator, keys)
    if len(rest) > 2:
        raise EventPatternError("Too many terms in numeric range expression", keys)
    if high <= low:
        raise EventPatternError("Bottom must be less than top", keys)
    return NumericMatcher(low, high, is_low_open, operator == "<")


def _number(given: list[Json], operator: str, keys: tuple[str, ...]) -> float:
    value = given[0] if given else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise EventPatternError(f"Value of {operator} must be numeric", keys)
    return value


# anything-but


def _read_anything_but(given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if isinstance(given, dict):
        return _read_nested_anything_but(given, keys)
    if isinstance(given, bool) or given is None:
        raise EventPatternError(_WRONG_ANYTHING_BUT, keys)
    values: list[Json] = given if isinstance(given, list) else [given]
    for value in values:
        if isinstance(value, bool | dict | list) or value is None:
            raise EventPatternError("Inside anything but list, start|null|boolean is not supported.", keys)
    if len({isinstance(value, str) for value in values}) != 1:
        what = "Inside anything but list, either all values are number or string, mixed type is not supported"
        raise EventPatternError(what, keys)
    return ExcludingMatcher(tuple(map(ExactMatcher, _leaves(values))))


def _read_nested_anything_but(given: dict[str, Json], keys: tuple[str, ...]) -> ValueMatcher:
    if not given:
        raise EventPatternError("Anything-But expression name not found", keys)
    name, inner = next(iter(given.items()))
    if name not in ("equals-ignore-case", "prefix", "suffix", "wildcard"):
        raise EventPatternError(f"Unsupported anything-but pattern: {name}", keys)
    if isinstance(inner, dict | bool) or inner is None:
        raise EventPatternError(_WRONG_ANYTHING_BUT, keys)
    excluded = [_excluded(name, each, keys) for each in (inner if isinstance(inner, list) else [inner])]
    if len(given) > 1:
        raise EventPatternError("Too many elements in numeric expression", keys)
    return ExcludingMatcher(tuple(excluded))


def _excluded(name: str, given: Json, keys: tuple[str, ...]) -> ValueMatcher:
    if name == "wildcard":
        return _read_wildcard(given, keys)
    if name == "equals-ignore-case":
        if not isinstance(given, str):
            what = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
            raise EventPatternError(what, keys)
        return CaselessMatcher(given)
    if not isinstance(given, str):
        raise EventPatternError("prefix/suffix match pattern must be a string", keys)
    if not given:
        raise EventPatternError("Null prefix/suffix not allowed", keys)
    return AffixMatcher(given, name == "suffix")


def _leaves(values: list[Json]) -> Iterator[str | int | float]:
    for value in values:
        if isinstance(value, str | int | float):
            yield value


_WRONG_ANYTHING_BUT: Final = "Value of anything-but must be an array or single string/number value."
_OPERATORS: Final[Mapping[str, Callable[[Json, tuple[str, ...]], ValueMatcher]]] = {
    "exactly": _read_exactly,
    "prefix": _read_prefix,
    "suffix": _read_suffix,
    "equals-ignore-case": _read_caseless,
    "wildcard": _read_wildcard,
    "numeric": _read_numeric,
    "anything-but": _read_anything_but,
    "exists": _read_exists,
    "cidr": _read_cidr,
}
