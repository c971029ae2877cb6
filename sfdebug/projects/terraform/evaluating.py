"""Expressions of Terraform, evaluated as far as the files alone say.

What only a run of Terraform knows becomes a `Placeholder`, and so does whatever is made of one. Source: HCL native
syntax specification, "Expressions" and "Templates"; Terraform docs, "Expressions".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.asl.text.placed import PlacedBuilder, PlacedText
from sfdebug.projects.assumptions import Assumptions, Placeholder
from sfdebug.projects.model import AssumedBasis, ProjectError
from sfdebug.projects.reading import problem_in
from sfdebug.projects.terraform.functions import FUNCTIONS, WRONG, Unfit, as_json, number, text
from sfdebug.projects.terraform.syntax import (
    Attribute,
    Call,
    Choice,
    Expression,
    ForOf,
    ForParts,
    HclLiteral,
    HclName,
    HclTemplate,
    IfParts,
    Index,
    Interpolation,
    ListOf,
    Node,
    ObjectOf,
    Operation,
    Part,
    Splat,
)
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Source
    from sfdebug.errors import Problem

MAX_STEPS: Final = 300_000
"""Most values that are looked at for one project, so that small files cannot keep the processor busy for ever."""

MAX_DEPTH: Final = 80
MAX_TEXT: Final = 1 << 22


class RootNames(Protocol):
    """What the first name of a reference stands for."""

    def root(self, name: str) -> object:
        """The value of a first name. Raises KeyError for one that there is not."""


class LazyValue(Protocol):
    """A value whose members are made when they are asked for: `var`, `local`, a resource."""

    def member(self, key: str | int) -> object:
        """A member."""

    def each(self) -> list[object]:
        """What a splat or a `for` goes through."""

    def plain(self) -> Json:
        """What stands for it where a value is needed."""


class NameScope(Struct, frozen=True):
    """What names mean in a stretch of a file."""

    source: Source
    names: RootNames | None
    own: Mapping[str, object] = field(default_factory=dict)

    def within(self, own: Mapping[str, object]) -> NameScope:
        """The scope in a `for`, or in what is made several times."""
        return NameScope(self.source, self.names, {**self.own, **own})


class Evaluator:
    """Evaluates expressions. `calls` are functions that need more than their arguments."""

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self.calls: dict[str, Callable[[Call, NameScope], object]] = {}
        self.problems: list[Problem] = []
        self.active: list[str] = []
        self._steps = 0
        self._depth = 0

    def value(self, node: Expression, scope: NameScope) -> Json:
        """The value of an expression; a Placeholder where nobody knows it."""
        try:
            return plain(self.raw(node, scope))
        except WRONG as error:
            why = str(error) if isinstance(error, Unfit) else "it cannot be evaluated"
            return self.unknown(node, scope, why)

    def text(self, node: Expression, scope: NameScope) -> str:
        """The value of an expression as a text."""
        value = self.value(node, scope)
        try:
            return value if isinstance(value, str) else text(value)
        except Unfit as error:
            return self.unknown(node, scope, str(error))

    def unknown(self, node: Node, scope: NameScope, why: str, *, option: str = "") -> Placeholder:
        """A stand-in for a value that only a run of Terraform knows: it reads as it is written."""
        written = " ".join(scope.source.text[node.start : node.end].split())
        span = scope.source.span(node.start, node.end)
        return Placeholder(
            self.assumptions.unknown_in(written, why, scope.source.name, span.line, span.column, option=option)
        )

    def note(self, node: Node, scope: NameScope, what: str, fix: str, *, severity: str = "warning") -> None:
        """Note a problem, each only once."""
        problem = problem_in(scope.source, node.start, node.end, what, fix, severity=severity)
        if problem not in self.problems and len(self.problems) < 200:
            self.problems.append(problem)

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """What is wrong in here is but a warning: the project can be used without it. Raises Unfit for a file that
        cannot be read."""
        known = len(self.problems)
        try:
            yield
        except ProjectError as error:
            self.problems += error.problems
            raise Unfit("it cannot be read") from None
        finally:
            self.problems[known:] = [replace(each, severity="warning") for each in self.problems[known:]]

    @contextmanager
    def entered(self, label: str, node: Node, scope: NameScope) -> Iterator[bool]:
        """Whether what `label` names is not being evaluated already: else it names itself, which is noted."""
        is_free = label not in self.active
        if not is_free:
            chain = " → ".join((*self.active[self.active.index(label) :], label))
            self.note(
                node, scope, f"a cycle of references: {chain}", "Terraform refuses it: break it", severity="error"
            )
        self.active.append(label)
        try:
            yield is_free
        finally:
            self.active.pop()

    # expressions

    def raw(self, node: Expression, scope: NameScope) -> Any:
        """The value of an expression, or what has members. Raises Unfit or what Python does for what has none."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            what = f"its expressions come to more than {MAX_STEPS:,} values"
            raise ProjectError([problem_in(scope.source, node.start, node.end, what, "make them smaller")])
        if self._depth > MAX_DEPTH:
            raise Unfit("it is nested too deep")
        self._depth += 1
        try:
            return _KINDS[type(node)](self, node, scope)
        finally:
            self._depth -= 1

    def _literal(self, node: HclLiteral, scope: NameScope) -> Json:
        return node.value

    def _name(self, node: HclName, scope: NameScope) -> object:
        if node.name in scope.own:
            return scope.own[node.name]
        if scope.names is None:
            self.note(node, scope, f"nothing gives this template '{node.name}'", "add it to the call of templatefile")
            raise Unfit("nothing gives it")
        return scope.names.root(node.name)

    def _attribute(self, node: Attribute, scope: NameScope) -> object:
        return self._member(self.raw(node.owner, scope), node.name, node, scope)

    def _index(self, node: Index, scope: NameScope) -> object:
        owner = self.raw(node.owner, scope)
        key = plain(self.raw(node.key, scope))
        if isinstance(key, Placeholder):
            return self.unknown(node, scope, "its key is only known when it is applied")
        return self._member(owner, key, node, scope)

    def _member(self, owner: object, key: Json, node: Node, scope: NameScope) -> object:
        if isinstance(owner, Placeholder):
            return self.unknown(node, scope, "it is only known when it is applied")
        if isinstance(owner, dict):
            return owner[text(key)]
        if isinstance(owner, list):
            return owner[int(number(key))]
        if isinstance(owner, str | int | float) or owner is None:
            raise Unfit("it has no members")
        holder: LazyValue = owner  # type: ignore[assignment]
        found = holder.member(key if isinstance(key, int) else text(key))
        return self.unknown(node, scope, "it is made when it is applied") if found is UNKNOWN else found

    def _splat(self, node: Splat, scope: NameScope) -> object:
        owner = self.raw(node.owner, scope)
        if isinstance(owner, Placeholder):
            return self.unknown(node, scope, "it is only known when it is applied")
        found = []
        for each in each_of(owner) if owner is not None else []:
            for step in node.steps:
                key = step if isinstance(step, str) else plain(self.raw(step, scope))
                each = self._member(each, key, node, scope)
            found.append(plain(each) if node.steps else each)
        return found

    def _list(self, node: ListOf, scope: NameScope) -> list[Any]:
        return [self.raw(item, scope) for item in node.items]

    def _object(self, node: ObjectOf, scope: NameScope) -> dict[str, Any]:
        return {text(self.value(key, scope)): self.raw(value, scope) for key, value in node.items}

    def _for(self, node: ForOf, scope: NameScope) -> object:
        collection = self.raw(node.collection, scope)
        if isinstance(collection, Placeholder):
            return self.unknown(node, scope, "what it goes through is only known when it is applied")
        results: list[Any] = []
        keyed: dict[str, Any] = {}
        for key, item in pairs(collection):
            inner = scope.within({node.value: item, **({node.key: key} if node.key else {})})
            if node.condition is not None and plain(self.raw(node.condition, inner)) in (False, "false"):
                continue
            if node.result_key is None:
                results.append(self.raw(node.result, inner))
                continue
            name, result = text(self.value(node.result_key, inner)), self.raw(node.result, inner)
            keyed[name] = [*keyed.get(name, []), result] if node.is_grouped else result
        return results if node.result_key is None else keyed

    def _choice(self, node: Choice, scope: NameScope) -> object:
        return self.raw(node.yes if self.holds(node.condition, scope) else node.no, scope)

    def holds(self, node: Expression, scope: NameScope) -> bool:
        """Whether a condition holds; one that nobody knows does not, which is noted as assumed."""
        value = self.value(node, scope)
        if not isinstance(value, Placeholder):
            return value in (True, "true")
        written = " ".join(scope.source.text[node.start : node.end].split())
        span = scope.source.span(node.start, node.end)
        self.assumptions.assume(
            written, "false", AssumedBasis.CONDITION, "it is only known when it is applied",
            scope.source.name, span.line, span.column,
        )  # fmt: skip
        return False

    def _operation(self, node: Operation, scope: NameScope) -> Json:
        left = plain(self.raw(node.left, scope))
        if node.right is None:
            if isinstance(left, Placeholder):
                return self.unknown(node, scope, "it is only known when it is applied")
            return left not in (True, "true") if node.operator == "!" else -number(left)
        if node.operator in ("&&", "||") and not isinstance(left, Placeholder):
            is_true = left in (True, "true")
            if is_true is (node.operator == "||"):
                return is_true
        right = plain(self.raw(node.right, scope))
        if isinstance(left, Placeholder) or isinstance(right, Placeholder):
            return self.unknown(node, scope, "it is only known when it is applied")
        return _combined(node.operator, left, right)

    def _call(self, node: Call, scope: NameScope) -> object:
        special = self.calls.get(node.name)
        if special is not None:
            return special(node, scope)
        if node.name in ("try", "can"):
            return self._tried(node, scope)
        function = FUNCTIONS.get(node.name.removeprefix("core::"))
        if function is None:
            return self.unknown(node, scope, f"sfdebug does not evaluate {node.name}")
        arguments = [plain(self.raw(argument, scope)) for argument in node.arguments]
        if node.expands and arguments and isinstance(arguments[-1], list):
            arguments = [*arguments[:-1], *arguments[-1]]
        is_known = not any(map(has_unknown, arguments))
        if not is_known and not _takes_unknown(node.name, arguments):
            return self.unknown(node, scope, "it is only known when it is applied")
        found = function(*arguments)
        return Placeholder(found) if isinstance(found, str) and not is_known else found

    def _tried(self, node: Call, scope: NameScope) -> object:
        for argument in node.arguments:
            try:
                found = self.raw(argument, scope)
            except WRONG:
                continue
            return True if node.name == "can" else found
        if node.name == "can":
            return False
        raise Unfit("none of its values can be evaluated")

    # texts

    def _template(self, node: HclTemplate, scope: NameScope) -> object:
        if len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
            return self.raw(node.parts[0].value, scope)
        builder = PlacedBuilder()
        is_unknown = self.fill(node.parts, scope, builder)
        made = builder.built().text
        return Placeholder(made) if is_unknown else made

    def placed(self, node: HclTemplate, scope: NameScope) -> PlacedText:
        """A template filled in, with places."""
        builder = PlacedBuilder()
        self.fill(node.parts, scope, builder)
        return builder.built()

    def fill(self, parts: tuple[Part, ...], scope: NameScope, builder: PlacedBuilder) -> bool:
        """Add the parts of a template to a text; whether one of them is unknown."""
        is_unknown = False
        for part in parts:
            if isinstance(part, PlacedText):
                builder.take(part, 0, len(part.text))
            elif isinstance(part, Interpolation):
                value = self.text(part.value, scope)
                is_unknown |= isinstance(value, Placeholder)
                builder.add(str(value), part.start)
            elif isinstance(part, IfParts):
                chosen = part.yes if self.holds(part.condition, scope) else part.no
                is_unknown |= self.fill(chosen, scope, builder)
            else:
                is_unknown |= self._fill_each(part, scope, builder)
            if builder.size > MAX_TEXT:
                raise Unfit("it becomes too long")
        return is_unknown

    def _fill_each(self, part: ForParts, scope: NameScope, builder: PlacedBuilder) -> bool:
        collection = self.raw(part.collection, scope)
        if isinstance(collection, Placeholder):
            builder.add(self.unknown(part.collection, scope, "it is only known when it is applied"), part.start)
            return True
        is_unknown = False
        for key, item in pairs(collection):
            inner = scope.within({part.value: item, **({part.key: key} if part.key else {})})
            is_unknown |= self.fill(part.parts, inner, builder)
        return is_unknown


class _Unknown:
    """Says of a member that nobody knows it."""


UNKNOWN: Final = _Unknown()


def plain(value: object) -> Json:
    """A value without members that are made when they are asked for."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    holder: LazyValue = value  # type: ignore[assignment]
    return holder.plain()


def has_unknown(value: Json) -> bool:
    """Whether something in a value is only known when it is applied."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return isinstance(value, Placeholder)


def each_of(value: object) -> list[object]:
    """What a splat goes through: the items of a list, or the one value."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict | str | int | float):
        return [value]
    holder: LazyValue = value  # type: ignore[assignment]
    return holder.each()


def pairs(value: object) -> Iterator[tuple[Json, object]]:
    """Keys and values of what a `for` goes through."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield key, value[key]
    elif isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, str | int | float) or value is None:
        raise Unfit("a list or an object is needed")
    else:
        yield from enumerate(each_of(value))


def _combined(operator: str, left: Json, right: Json) -> Json:
    if operator in ("==", "!="):
        return (as_json(left) == as_json(right)) is (operator == "==")
    if operator in ("&&", "||"):
        return right in (True, "true")
    found: Json = _ARITHMETIC[operator](number(left), number(right))
    return found


_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left // right if isinstance(left, int) and left % right == 0 else left / right,
    "%": lambda left, right: left % right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}

_TEXTS: Final = frozenset(
    {
        "chomp",
        "coalesce",
        "format",
        "join",
        "jsonencode",
        "nonsensitive",
        "replace",
        "sensitive",
        "tostring",
        "trimspace",
    }
)
_LISTS: Final = frozenset(
    {
        "compact", "concat", "element", "flatten", "formatlist", "keys", "length", "lookup", "merge", "one", "slice",
        "tolist", "tomap", "values", "zipmap",
    }
)  # fmt: skip


def _takes_unknown(name: str, arguments: list[Json]) -> bool:
    """Whether a function puts values together, so that a placeholder among them stays what it is."""
    return name in _TEXTS or (name in _LISTS and not any(isinstance(each, Placeholder) for each in arguments))


_KINDS: Final[dict[type, Callable[[Evaluator, Any, NameScope], Any]]] = {
    HclLiteral: Evaluator._literal,
    HclName: Evaluator._name,
    Attribute: Evaluator._attribute,
    Index: Evaluator._index,
    Splat: Evaluator._splat,
    Call: Evaluator._call,
    ListOf: Evaluator._list,
    ObjectOf: Evaluator._object,
    ForOf: Evaluator._for,
    Choice: Evaluator._choice,
    Operation: Evaluator._operation,
    HclTemplate: Evaluator._template,
}
