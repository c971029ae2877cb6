"""JSONata in a definition's fields: JSON in which a string that is wholly `{% … %}` is an expression.

Source: AWS docs, "Transforming data with JSONata in Step Functions". The causes are AWS's: recorded, but for what an
array's items are called in the path of a field, which no recording shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.expressions.jsonata import Jsonata, compile_jsonata, is_jsonata_string
from sfdebug.expressions.jsonata_errors import JsonataFault, JsonataSyntaxError, QueryEvaluationError
from sfdebug.expressions.jsonata_limits import DEFAULT_LIMITS, JsonataLimits
from sfdebug.expressions.jsonata_values import UnsupportedResultError
from sfdebug.values import MISSING, Json, compact

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy

Pointer: TypeAlias = "tuple[str | int, ...]"

MAX_DEPTH: Final = 100
"""Deepest nesting of a template that is compiled: enough for any payload that AWS takes, and no strain on the stack."""

_NOTHING: Final[Mapping[str, Json]] = {}


@dataclass(frozen=True, slots=True)
class JsonataEnvironment:
    """What one stage's expressions see: `$states`, the variables, randomness, the clock (ms from 1970), the bounds."""

    states: Json
    variables: Mapping[str, Json] = field(default_factory=dict)
    entropy: Entropy | None = None
    now: int | None = None
    limits: JsonataLimits = DEFAULT_LIMITS


Reader: TypeAlias = Callable[[JsonataEnvironment], Json]


@dataclass(frozen=True, slots=True)
class JsonataTemplate:
    """A compiled field.

    `parts` are its expressions: where each stands in the template, and what it is. `evaluate(environment)` gives the
    value, or raises QueryEvaluationError; parts of the template without expressions are shared, not copied.
    """

    template: Json
    field_path: str
    parts: tuple[tuple[Pointer, Jsonata], ...]
    evaluate: Reader = field(repr=False, compare=False)


def compile_jsonata_template(template: Json, field_path: str = "", *, expected: str | None = None) -> JsonataTemplate:
    """Compile the value of a field. `field_path` is what AWS calls the field in causes ("Output", "Items").

    `expected` is the kind of value ("array", "number", …) that an expression which is the whole field must give.
    Raises JsonataSyntaxError, whose `pointer` leads to the string at fault and whose `offset` is in that string.
    """
    parts = tuple(_parts(template, ()))
    readers = {pointer: _reader(jsonata, field_path, pointer) for pointer, jsonata in parts}
    evaluate = _compiled(template, (), readers) or (lambda environment: template)
    if expected is not None and () in readers:
        evaluate = _expecting(parts[0][1], field_path, expected, evaluate)
    return JsonataTemplate(template, field_path, parts, evaluate)


def _parts(template: Json, pointer: Pointer) -> Iterator[tuple[Pointer, Jsonata]]:
    if len(pointer) > MAX_DEPTH:
        raise JsonataSyntaxError("", 0, f"the value is nested more than {MAX_DEPTH} deep", fix="Make it flatter.")
    if isinstance(template, str):
        if is_jsonata_string(template):
            yield pointer, _expression(template, pointer)
    elif isinstance(template, dict):
        for key, value in template.items():
            yield from _parts(value, (*pointer, key))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from _parts(value, (*pointer, index))


def _expression(text: str, pointer: Pointer) -> Jsonata:
    inner = text[2:-2]
    try:
        return compile_jsonata(inner.strip())
    except JsonataSyntaxError as error:
        error.offset += 2 + len(inner) - len(inner.lstrip())
        error.text = text
        error.pointer = pointer
        raise


def _compiled(template: Json, pointer: Pointer, readers: Mapping[Pointer, Reader]) -> Reader | None:
    """What evaluates `template`, or None when it holds no expression and can be shared as it is."""
    if pointer in readers:
        return readers[pointer]
    if isinstance(template, dict):
        fields = [(key, _compiled(value, (*pointer, key), readers)) for key, value in template.items()]
        named = [(key, read) for key, read in fields if read]
        return _object(template, named) if named else None
    if isinstance(template, list):
        items = [(index, _compiled(value, (*pointer, index), readers)) for index, value in enumerate(template)]
        numbered = [(index, read) for index, read in items if read]
        return _array(template, numbered) if numbered else None
    return None


def _object(template: dict[str, Json], computed: list[tuple[str, Reader]]) -> Reader:
    def evaluate(environment: JsonataEnvironment) -> Json:
        value = template.copy()
        for key, read in computed:
            value[key] = read(environment)
        return value

    return evaluate


def _array(template: list[Json], computed: list[tuple[int, Reader]]) -> Reader:
    def evaluate(environment: JsonataEnvironment) -> Json:
        value = template.copy()
        for index, read in computed:
            value[index] = read(environment)
        return value

    return evaluate


def _reader(jsonata: Jsonata, field_path: str, pointer: Pointer) -> Reader:
    place = "/".join((field_path, *map(str, pointer))) if field_path else "/".join(map(str, pointer))

    def fail(why: str, fault: JsonataFault | None = None) -> QueryEvaluationError:
        error = query_error(jsonata.text, place, why, fault)
        error.pointer = pointer
        return error

    def evaluate(environment: JsonataEnvironment) -> Json:
        try:
            value = jsonata.evaluate(
                environment.states,
                environment.variables,
                entropy=environment.entropy,
                limits=environment.limits,
                now=environment.now,
            )
        except JsonataFault as fault:
            raise fail(f"threw an error during evaluation. {fault}", fault) from None
        except UnsupportedResultError:
            raise fail("returned an unsupported result type.") from None
        if value is MISSING:
            raise fail("returned nothing (undefined).")
        return value

    return evaluate


def query_error(expression: str, field_path: str, why: str, fault: JsonataFault | None = None) -> QueryEvaluationError:
    """The error of an expression in AWS's words, without the sentence that names the state."""
    cause = f"The JSONata expression '{expression}' specified for the field '{field_path}' {why}"
    return QueryEvaluationError(cause, expression=expression, field_path=field_path, fault=fault)


def kind_of(value: Json) -> str:
    """What AWS calls the kind of a value (recorded: array, boolean, null, number, object, string)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def unexpected_kind(expression: str, field_path: str, expected: str, value: Json) -> QueryEvaluationError:
    """The error of an expression that gave a value of another kind than its field takes."""
    why = (
        f"returned an unexpected result type. Expected '{expected}', but was '{kind_of(value)}' "
        f"for value: {compact(value)}"
    )
    return query_error(expression, field_path, why)


def _expecting(jsonata: Jsonata, field_path: str, expected: str, read: Reader) -> Reader:
    def evaluate(environment: JsonataEnvironment) -> Json:
        value = read(environment)
        if kind_of(value) != expected:
            raise unexpected_kind(jsonata.text, field_path, expected, value)
        return value

    return evaluate
