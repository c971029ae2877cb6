r"""Choice rules: the table of their operators, and rules compiled to what gives a verdict that explains itself.

Source: States Language specification, "Choice State" and "Data-test expression". Values of the wrong type do not match,
and that is no error. In StringMatches, * stands for any text, \* for a star and \\ for a backslash.

What the path of a Numeric operator leads to counts as 0 when it is not a number: on AWS 8 ≥ false and 7 > [6] match,
while 7 < true, 7 = {"value": 7} and 8 ≤ {"value": 8} do not (measured by gabrielmoreira/tiny-asl-machine, cases
Choice.Numeric*Path; texts and null are taken to be read alike).
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from sfdebug.expressions.errors import ChoicePathError, PathNotFoundError, PathSyntaxError, Pointer, RuleSyntaxError
from sfdebug.expressions.jsonpath.path import Path, compile_path
from sfdebug.expressions.timestamps import parse_nanoseconds
from sfdebug.values import MISSING, Json, Value, compact, shown_without

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Environment


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

_REAL: Final[frozenset[type]] = frozenset({int, float})

Test: TypeAlias = "Callable[[Json], bool]"

MAX_DEPTH: Final = 100
"""Deepest nesting of And, Or and Not that is compiled."""

_BOOLEAN: Final = ("And", "Or", "Not")
_OTHER_FIELDS: Final = frozenset({"Next", "Comment", "Assign", "Output", "Variable"})
_Judge: TypeAlias = "Callable[[Environment], Verdict]"


def shown(value: Json) -> str:
    """A value as one short line of JSON."""
    text = str(value) if type(value) is int else compact(value)  # numbers are most, and the encoder is slow at them
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


class Operator(Struct, frozen=True):
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

        if kind == "Numeric":
            return lambda value: bool(compare(value, wanted)) if type(value) in _REAL else test(value)
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
"""Every data-test operator by its name. IsPresent alone accepts a path that leads nowhere; its rule sees to that."""


class Verdict(Struct, frozen=True, gc=False):
    """What one comparison of a rule came to, and why.

    `value` is the operand found at `path` (MISSING if there is none), `comparand` what it was compared with: the
    literal, or what an operator on two paths found at `comparand_path`. `children` are the verdicts of And, Or and
    Not, those that were evaluated: And stops at the first that fails, Or at the first that matches.

    A Condition in JSONata (`jsonata.choice`) has the operator "Condition", its expression as `path`, its result as
    `value` and no comparand; its `children` are parts of the expression with their values, whose operators are those of
    JSONata ("and", "=", "$exists", "" for a path or variable).
    """

    matched: bool
    operator: str
    path: str
    value: Value
    comparand: Value
    comparand_path: str
    children: tuple[Verdict, ...]
    why: str


class ComparisonVerdict(Verdict, frozen=True, eq=False, gc=False):
    """A verdict on a comparison. Why it came to it is put into words when it is asked for: most never are.

    Equal to any verdict that says the same.
    """

    judge: Operator

    __repr__ = shown_without("judge")

    @property  # type: ignore[misc]
    def why(self) -> str:
        """Why it matched or did not, in short plain words."""
        # What it was compared with is a value here: only IsPresent takes a path that leads nowhere.
        return self.judge.explain(self.value, self.comparand, self.matched)  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return said_in(self) == said_in(other) if isinstance(other, Verdict) else NotImplemented

    def __hash__(self) -> int:
        return hash(said_in(self))

    def __reduce__(self) -> tuple[type[Verdict], tuple[Any, ...]]:
        """A copy is an ordinary verdict."""
        return Verdict, said_in(self)


def said_in(verdict: Verdict) -> tuple[Any, ...]:
    """All that a verdict says, in the order of its fields."""
    return tuple([getattr(verdict, name) for name in Verdict.__struct_fields__])


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A compiled rule. `evaluate(environment)` gives its verdict, or raises ChoicePathError when a path is missing."""

    fields: Mapping[str, Json]
    evaluate: _Judge = field(repr=False, compare=False)


def compile_rule(fields: Mapping[str, Json]) -> CompiledRule:
    """Compile a rule of a Choice state.

    Raises RuleSyntaxError, whose `field` names the field at fault and whose `pointer` leads to it from the rule.
    """
    return CompiledRule(fields, _compiled(fields, ()))


def _compiled(fields: Mapping[str, Json], pointer: Pointer) -> _Judge:
    if len(pointer) > 2 * MAX_DEPTH:
        raise _error(pointer, "", f"the rule is nested more than {MAX_DEPTH} deep", "Split it over several states.")
    operators = [name for name in fields if name in OPERATORS or name in _BOOLEAN]
    unknown = next((name for name in fields if name not in operators and name not in _OTHER_FIELDS), None)
    if unknown is not None and len(operators) != 1:
        raise _unknown_operator(pointer, unknown)
    if not operators:
        raise _error(pointer, "", "the rule has no comparison operator", 'Add one, such as "StringEquals": "text".')
    if len(operators) > 1:
        what = f"the rule has {len(operators)} comparison operators: {', '.join(operators)}"
        raise _error(pointer, operators[1], what, "Keep one, or combine several with And.")
    name = operators[0]
    if name in _BOOLEAN:
        if "Variable" in fields:
            raise _error(pointer, "Variable", f"{name} takes no Variable", "Write the Variable in the rules inside.")
        return _boolean(name, fields[name], (*pointer, name))
    return _data_test(name, fields, pointer)


def _unknown_operator(pointer: Pointer, name: str) -> RuleSyntaxError:
    close = get_close_matches(name, [*OPERATORS, *_BOOLEAN], 1, 0.6)
    fix = f"Did you mean {close[0]}?" if close else "Write one such as StringEquals, NumericLessThan or IsPresent."
    if name == "Condition":
        fix = 'A Condition needs "QueryLanguage": "JSONata"; in JSONPath write a Variable and an operator.'
    return _error(pointer, name, f"there is no comparison operator {name}", fix)


def _boolean(name: str, value: Json, pointer: Pointer) -> _Judge:
    if name == "Not":
        if not isinstance(value, dict):
            raise _error(pointer[:-1], name, "Not must hold one rule", 'Write "Not": {"Variable": …, …}.')
        return _not(_compiled(value, pointer))
    if not isinstance(value, list) or not value:
        fix = f'Write "{name}": [{{"Variable": …, …}}, …].'
        raise _error(pointer[:-1], name, f"{name} must hold an array of at least one rule", fix)
    inner: list[_Judge] = []
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise _error((*pointer, index), "", f"{name} holds something that is not a rule", "Write an object here.")
        inner.append(_compiled(item, (*pointer, index)))
    return _all_or_any(name, tuple(inner))


def _not(inner: _Judge) -> _Judge:
    def judge(environment: Environment) -> Verdict:
        verdict = inner(environment)
        why = f"the rule inside {'matches' if verdict.matched else 'does not match'}: {verdict.why}"
        return Verdict(not verdict.matched, "Not", "", MISSING, MISSING, "", (verdict,), why)

    return judge


def _all_or_any(name: str, inner: tuple[_Judge, ...]) -> _Judge:
    decisive = name == "Or"  # And is decided by the first rule that fails, Or by the first that matches

    def judge(environment: Environment) -> Verdict:
        verdicts: list[Verdict] = []
        for judge_inner in inner:
            verdicts.append(judge_inner(environment))
            if verdicts[-1].matched is decisive:
                break
        last = verdicts[-1]
        if last.matched is decisive:
            word = "matches" if decisive else "does not match"
            why = f"rule {len(verdicts)} of {len(inner)} inside {word}: {last.why}"
        else:
            why = f"{'none' if decisive else 'all'} of the {len(inner)} rules inside match{'es' if decisive else ''}"
        matched = last.matched
        return Verdict(matched, name, "", MISSING, MISSING, "", tuple(verdicts), why)

    return judge


def _data_test(name: str, fields: Mapping[str, Json], pointer: Pointer) -> _Judge:
    operator = OPERATORS[name]
    if "Variable" not in fields:
        raise _error(pointer, name, f"{name} needs a Variable to look at", 'Add "Variable": "$.name".')
    variable = _path("Variable", fields["Variable"], pointer)
    literal = fields[name]
    if operator.takes_path:
        return _compare_paths(operator, variable, _path(name, literal, pointer))
    problem = operator.refuses(literal)
    if problem:
        raise _error(pointer, name, f"{name} needs {problem}, not {shown(literal)}", f"Write {operator.example}.")
    if name == "IsPresent":
        return _is_present(variable, literal)
    return _compare_literal(operator, variable, literal)


def _path(name: str, text: Json, pointer: Pointer) -> Path:
    if not isinstance(text, str):
        raise _error(pointer, name, f"{name} must hold a path, not {shown(text)}", f'Write "{name}": "$.name".')
    try:
        return compile_path(text)
    except PathSyntaxError as error:
        problem = RuleSyntaxError(name, error.message, fix=error.fix, text=text, offset=error.offset)
        problem.pointer = (*pointer, name)
        raise problem from error


def _compare_literal(operator: Operator, variable: Path, literal: Json) -> _Judge:
    test, name, path, read = operator.prepare(literal), operator.name, variable.text, variable.read

    def judge(environment: Environment) -> Verdict:
        try:
            value = read(environment)
        except PathNotFoundError as error:
            raise ChoicePathError(path) from error
        return ComparisonVerdict(test(value), name, path, value, literal, "", (), "", operator)

    return judge


def _compare_paths(operator: Operator, variable: Path, other: Path) -> _Judge:
    def judge(environment: Environment) -> Verdict:
        value, comparand = _read(variable, environment), _read(other, environment)
        matched = operator.prepare(comparand)(value)
        return ComparisonVerdict(matched, operator.name, variable.text, value, comparand, other.text, (), "", operator)

    return judge


def _is_present(variable: Path, wanted: Json) -> _Judge:
    def judge(environment: Environment) -> Verdict:
        value: Value
        try:
            value = variable.read(environment)
            why = f"{variable.text} is there: {shown(value)}"
        except PathNotFoundError:
            value = MISSING
            why = f"{variable.text} is not there"
        matched = (value is not MISSING) is wanted
        return Verdict(matched, "IsPresent", variable.text, value, wanted, "", (), why)

    return judge


def _read(path: Path, environment: Environment) -> Json:
    try:
        return path.read(environment)
    except PathNotFoundError as error:
        raise ChoicePathError(path.text) from error


def _error(pointer: Pointer, name: str, message: str, fix: str) -> RuleSyntaxError:
    error = RuleSyntaxError(name, message, fix=fix)
    error.pointer = (*pointer, name) if name else pointer
    return error
