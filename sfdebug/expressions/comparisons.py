r"""The comparison operators of Choice rules, one table of all of them.

Source: States Language specification, "Data-test expression". Values of the wrong type do not match, and that is
no error. In StringMatches, * stands for any text, \* for a star and \\ for a backslash.

What the path of a Numeric operator leads to counts as 0 when it is not a number: on AWS 8 ≥ false and 7 > [6] match,
while 7 < true, 7 = {"value": 7} and 8 ≤ {"value": 8} do not (measured by gabrielmoreira/tiny-asl-machine, cases
Choice.Numeric*Path; texts and null are taken to be read alike).
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sfdebug.expressions.timestamps import parse_nanoseconds
from sfdebug.values import Json, compact

_SHOWN: Final = 60
_SIGNS: Final = {
    "Equals": ("=", python.eq),
    "LessThan": ("<", python.lt),
    "GreaterThan": (">", python.gt),
    "LessThanEquals": ("≤", python.le),
    "GreaterThanEquals": ("≥", python.ge),
}
_KINDS: Final = {"String": "a string", "Numeric": "a number", "Boolean": "true or false", "Timestamp": "a timestamp"}
_EXAMPLES: Final = {"String": '"text"', "Numeric": "42", "Boolean": "true", "Timestamp": '"2026-01-31T12:00:00Z"'}

Test: TypeAlias = "Callable[[Json], bool]"


def shown(value: Json) -> str:
    """A value as one short line of JSON."""
    text = str(value) if type(value) is int else compact(value)  # numbers are most, and the encoder is slow at them
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: what comparands it refuses, how it tests a value, and how it explains a verdict.

    `prepare(comparand)` gives the test for values; `kind` is the family ("Numeric"), `sign` stands in explanations.
    """

    name: str
    kind: str
    sign: str
    prepare: Callable[[Json], Test]
    takes_path: bool = False

    @property
    def example(self) -> str:
        """The operator as it can be written."""
        return f'"{self.name}": {_EXAMPLES.get(self.kind, "true")}'

    def refuses(self, literal: Json) -> str:
        """What the operator needs instead of `literal`; "" when the literal is right."""
        if self.kind == "Type":
            return "" if isinstance(literal, bool) else "true or false"
        return "" if _key(self.kind, literal) is not None else _KINDS[self.kind]

    def explain(self, value: Json, comparand: Json, matched: bool) -> str:
        """Why the verdict is what it is, in plain words."""
        if self.kind == "Type":
            is_one = matched is comparand
            return f"{shown(value)} is {'' if is_one else 'not '}{self.sign}"
        verdict = "true" if matched else "false"
        for side in (value, comparand):
            if _key(self.kind, side) is not None:
                continue
            if side is comparand and self.kind == "Numeric":
                return f"{shown(value)} {self.sign} 0 is {verdict}: {shown(side)} is not a number and counts as 0"
            return f"{shown(side)} is not {_KINDS[self.kind]}"
        return f"{shown(value)} {self.sign} {shown(comparand)} is {verdict}"


def _key(kind: str, value: Json) -> Any:
    """What values of a kind are compared by, or None when `value` is not of that kind."""
    if kind == "Numeric":
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if kind == "Boolean":
        return value if isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    if kind == "Timestamp":
        return parse_nanoseconds(value)
    # Java compares strings by their UTF-16 units, in which characters beyond U+FFFF come before U+E000.
    return value.encode("utf-16-be", "surrogatepass")


def _ordered(kind: str, compare: Callable[[Any, Any], Any]) -> Callable[[Json], Test]:
    def prepare(comparand: Json) -> Test:
        wanted = _key(kind, comparand)
        if wanted is None and kind == "Numeric":
            wanted = 0  # a literal of another type is refused before; a path may lead to one

        def test(value: Json) -> bool:
            found = _key(kind, value)
            return found is not None and wanted is not None and bool(compare(found, wanted))

        return test

    return prepare


def _matching(comparand: Json) -> Test:
    pieces = _pattern_pieces(comparand) if isinstance(comparand, str) else []
    return lambda value: isinstance(value, str) and _matches(value, pieces)


def _pattern_pieces(pattern: str) -> list[str]:
    """The stretches of text between the stars of a pattern."""
    pieces, position = [""], 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and pattern[position + 1 : position + 2] in ("*", "\\"):
            position += 1
            pieces[-1] += pattern[position]
        elif character == "*":
            pieces.append("")
        else:
            pieces[-1] += character
        position += 1
    return pieces


def _matches(text: str, pieces: list[str]) -> bool:
    """Whether the pieces stand in `text` in order, the first at its start and the last at its end."""
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in middle:
        position = text.find(piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return True


def _type_test(check: Test) -> Callable[[Json], Test]:
    return lambda wanted: lambda value: check(value) is wanted


_TYPES: Final[Mapping[str, tuple[str, Test]]] = {
    "IsNull": ("null", lambda value: value is None),
    "IsNumeric": ("a number", lambda value: _key("Numeric", value) is not None),
    "IsString": ("a string", lambda value: isinstance(value, str)),
    "IsBoolean": ("true or false", lambda value: isinstance(value, bool)),
    "IsTimestamp": ("a timestamp", lambda value: _key("Timestamp", value) is not None),
    "IsPresent": ("there", lambda value: True),
}


def _operators() -> dict[str, Operator]:
    table: dict[str, Operator] = {}
    for kind in _KINDS:
        for comparison, (sign, compare) in _SIGNS.items():
            if kind == "Boolean" and comparison != "Equals":
                continue
            for suffix in ("", "Path"):
                name = f"{kind}{comparison}{suffix}"
                table[name] = Operator(name, kind, sign, _ordered(kind, compare), takes_path=bool(suffix))
    table["StringMatches"] = Operator("StringMatches", "String", "matches", _matching)
    for name, (words, check) in _TYPES.items():
        table[name] = Operator(name, "Type", words, _type_test(check))
    return table


OPERATORS: Final[Mapping[str, Operator]] = _operators()
"""Every data-test operator by its name. IsPresent alone accepts a path that leads nowhere; `choice` sees to that."""
