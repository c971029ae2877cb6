"""The words beside edges: a Choice rule as an infix condition, a Catcher's error names, and fitting them.

The long form says everything; the fitted form drops the start of paths first (`$.result.Job.State` → `State`),
then quotes, then cuts the operand, because the value compared with is what tells sibling rules apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from msgspec import Struct

from sfdebug.text import ELLIPSIS, cell_width, fit, stripped
from sfdebug.values import Json

_COMPARISONS: Final = {
    "Equals": "=",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
}
_FAMILIES: Final = ("String", "Numeric", "Boolean", "Timestamp")
_OPERATORS: Final = {f"{family}{name}": sign for family in _FAMILIES for name, sign in _COMPARISONS.items()} | {
    "StringMatches": "matches"
}
"""The States Language's comparison operators that take a value ("Choice State"), and how they read infix."""

_TESTS: Final = {
    "IsPresent": "present",
    "IsNull": "null",
    "IsNumeric": "a number",
    "IsString": "a string",
    "IsBoolean": "a boolean",
    "IsTimestamp": "a timestamp",
}
_NEGATED: Final = {"=": "!=", "<": ">=", ">": "<=", "<=": ">", ">=": "<", "matches": "does not match"}
_STATES_INPUT: Final = re.compile(r"\$states\.input\.(?:\w+\.)*(?=\w)")
_QUOTED_STEP: Final = re.compile(r"\[['\"]([^'\"]+)['\"]\]((?:\[\d+\])*)$")
_PLAIN_STEP: Final = re.compile(r"[\w$-]+(?:\[\d+\])*$")
_UNREADABLE: Final = "?"
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


class ConditionLabel(NamedTuple):
    """A condition in three parts; a composite, or a JSONata expression, is all in `left`."""

    left: str
    operator: str = ""
    right: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


class Caption(Struct, frozen=True, dict=True):
    """What an edge says: the condition of a Choice rule, the errors of a Catcher, or a plain word.

    `common` are parts of the condition that sibling rules have too: the first to go when room is short.
    """

    rule: Mapping[str, Json] | None = None
    common: frozenset[str] = frozenset()
    errors: tuple[str, ...] = ()
    word: str = ""

    @cached_property
    def full(self) -> str:
        """All of it, in one line."""
        if self.rule is not None:
            return short_condition(self.rule)
        return "!" + ", ".join(stripped(name) for name in self.errors) if self.errors else self.word

    def fitted(self, width: int) -> str:
        """As much of it as `width` cells hold."""
        text = self.full
        if cell_width(text) <= width:
            return text
        if self.rule is not None:
            return fitted_condition(self.rule, width, self.common)
        tails = [stripped(name).rpartition(".")[2] for name in self.errors]
        if not tails:
            return fit(text, width)
        text = "!" + ", ".join(tails)
        return text if cell_width(text) <= width else _with_count(f"!{tails[0]}", len(tails), width)


def fitted_captions(captions: Sequence[Caption], width: int) -> str:
    """What a line says that stands for several edges: all of it, or the first and a count: `status = "NEW" +2`."""
    if len(captions) < 2:
        return captions[0].fitted(width) if captions else ""
    text = ", ".join(caption.full for caption in captions)
    if cell_width(text) <= width:
        return text
    more = len(f" +{len(captions) - 1}")
    return _with_count(captions[0].fitted(width - more), len(captions), width)


def is_whole(captions: Sequence[Caption], text: str) -> bool:
    """Whether `text`, fitted, leaves nothing out but the start of paths."""
    return text == ", ".join(caption.full for caption in captions) or (len(captions) == 1 and ELLIPSIS not in text)


def _with_count(first: str, count: int, width: int) -> str:
    more = f" +{count - 1}" if count > 1 else ""
    return fit(fit(first, width - len(more)) + more, width)


def short_condition(fields: Mapping[str, Json]) -> str:
    """The condition of a Choice rule in one line: `total > 100 and status = "NEW"`. Never raises."""
    return str(_condition(fields, short=False))


def common_parts(rules: Sequence[Mapping[str, Json]]) -> frozenset[str]:
    """The operands of And that more than one of `rules` has."""
    seen: set[str] = set()
    common: set[str] = set()
    for rule in rules:
        parts = {short_condition(part) for part in _operands(rule)}
        common |= parts & seen
        seen |= parts
    return frozenset(common)


def fitted_condition(fields: Mapping[str, Json], width: int, common: frozenset[str] = frozenset()) -> str:
    """The condition of a Choice rule in at most `width` cells; without its parts in `common` if they take too many."""
    text = short_condition(fields)
    if cell_width(text) <= width:
        return text
    parts = _operands(fields)
    own = [part for part in parts if short_condition(part) not in common]
    if 0 < len(own) < len(parts):
        rest: Mapping[str, Json] = own[0] if len(own) == 1 else {"And": [dict(part) for part in own]}
        return fit(f"{ELLIPSIS} {fitted_condition(rest, width - 2)}", width)
    left, operator, right = _condition(fields, short=True)
    value = right.strip('"')
    for shown in (right, value):
        text = str(ConditionLabel(left, operator, shown))
        if cell_width(text) <= width:
            return text
    if not operator:
        return fit(left, width)
    room = max(width - cell_width(f" {operator} {value}"), min(width // 4, cell_width(left)))
    return fit(str(ConditionLabel(fit(left, room), operator, value)), width)


def _condition(fields: Mapping[str, Json], *, short: bool) -> ConditionLabel:
    expression = fields.get("Condition")
    if isinstance(expression, str):
        text = stripped(expression.strip().removeprefix("{%").removesuffix("%}"))
        return ConditionLabel(_STATES_INPUT.sub("", text) if short else text)
    for word in ("And", "Or"):
        parts = fields.get(word)
        if isinstance(parts, list):
            texts = [_operand(part, word, short=short) for part in parts]
            return ConditionLabel(f" {word.lower()} ".join(texts) or _UNREADABLE)
    inner = fields.get("Not")
    if isinstance(inner, dict):
        return _negation(inner, short=short)
    return _comparison(fields, short=short)


def _operands(fields: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The rules that an And joins; [] for any other rule."""
    parts = fields.get("And")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _operand(part: Json, around: str, *, short: bool) -> str:
    if not isinstance(part, dict):
        return _UNREADABLE
    text = str(_condition(part, short=short))
    mixes = ("Or" if around == "And" else "And") in part
    return f"({text})" if mixes else text


def _negation(inner: Mapping[str, Json], *, short: bool) -> ConditionLabel:
    condition = _condition(inner, short=short)
    if condition.operator in _NEGATED:
        return condition._replace(operator=_NEGATED[condition.operator])
    if condition.operator == "is":
        return condition._replace(operator="is not")
    if condition.operator == "is not":
        return condition._replace(operator="is")
    return ConditionLabel(f"not ({condition})")


def _comparison(fields: Mapping[str, Json], *, short: bool) -> ConditionLabel:
    variable = _path(fields.get("Variable"), short=short)
    for name, value in fields.items():
        if name in _TESTS:
            return ConditionLabel(variable, "is" if value is True else "is not", _TESTS[name])
        operator = _OPERATORS.get(name)
        if operator:
            return ConditionLabel(variable, operator, _literal(value))
        operator = _OPERATORS.get(name.removesuffix("Path"))
        if operator:
            return ConditionLabel(variable, operator, _path(value, short=short))
    return ConditionLabel(variable)


def _path(value: Json, *, short: bool) -> str:
    if not isinstance(value, str):
        return _UNREADABLE
    text = stripped(value)
    if short:
        return _last_step(text)
    return text[2:] if text.startswith("$.") and len(text) > 2 else text


def _last_step(path: str) -> str:
    """The end of a path: `$.a.b[0].c` → `c`, `$.a['b.c']` → `b.c`, `$.a[0]` → `a[0]`."""
    if "(" in path:
        return path
    quoted = _QUOTED_STEP.search(path)
    if quoted:
        return quoted.group(1) + quoted.group(2)
    plain = _PLAIN_STEP.search(path)
    return plain.group() if plain else path


def _literal(value: Json) -> str:
    return stripped(_ENCODER.encode(value))
