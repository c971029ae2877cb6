"""JSONata in a definition's fields: JSON in which a string that is wholly `{% … %}` is an expression.

Source: AWS docs, "Transforming data with JSONata in Step Functions".

An expression that gives nothing, or another kind of value than its field takes, fails in AWS's words. Recorded: the
causes "… returned nothing (undefined).", "… returned an unexpected result type. Expected 'array', but was 'object' for
value: {…}" with the kinds array, boolean, null, number, object and string, "… returned an unsupported result type.",
"… threw an error during evaluation. T1006: …". Measured (gabrielmoreira/tiny-asl-machine): "The TimeoutSeconds field
cannot be parsed as an integer: 1.6". By analogy with these: the same sentence for a field that takes a boolean, a
number or a string; "The Seconds field cannot be parsed as a long value: 1.5", which is recorded for SecondsPath.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from sfdebug.expressions.errors import Pointer
from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError, QueryEvaluationError
from sfdebug.expressions.jsonata.expression import Jsonata, compile_jsonata, is_jsonata_string
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.values import UnsupportedResultError
from sfdebug.values import MISSING, Json, compact

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy


MAX_DEPTH: Final = 100
"""Deepest nesting of a template that is compiled: enough for any payload that AWS takes, and no strain on the stack."""


def _kind_of(value: Json) -> str:
    """What AWS calls the kind of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _query_error(expression: str, field_path: str, why: str, fault: JsonataFault | None = None) -> QueryEvaluationError:
    """The error of an expression in AWS's words, without the sentence that names the state."""
    cause = f"The JSONata expression '{expression}' specified for the field '{field_path}' {why}"
    return QueryEvaluationError(cause, expression=expression, location=field_path, fault=fault)


def _undefined_result(expression: str, field_path: str) -> QueryEvaluationError:
    """The error of an expression that gave nothing."""
    return _query_error(expression, field_path, "returned nothing (undefined).")


def _unsupported_result(expression: str, field_path: str) -> QueryEvaluationError:
    """The error of an expression that gave a function."""
    return _query_error(expression, field_path, "returned an unsupported result type.")


def _failed_evaluation(expression: str, field_path: str, fault: JsonataFault) -> QueryEvaluationError:
    """The error of an expression that could not be evaluated. Measured in AWS: bounds have no code, and a colon.

    Behind an internal error AWS writes an id that means nothing elsewhere.
    """
    if fault.is_internal:
        return _query_error(expression, field_path, "threw an internal error during evaluation.", fault)
    shown = f": {fault.message}" if fault.is_bound else f". {fault}"
    return _query_error(expression, field_path, f"threw an error during evaluation{shown}", fault)


def unexpected_kind(expression: str, field_path: str, expected: str, value: Json) -> QueryEvaluationError:
    """The error of an expression that gave a value of another kind than its field takes."""
    kind = "number" if expected == "integer" else expected
    why = f"returned an unexpected result type. Expected '{kind}', but was '{_kind_of(value)}' for value: "
    return _query_error(expression, field_path, why + compact(value))


def _checker(expression: str, field_path: str, expected: str) -> Callable[[Json], Json]:
    """What lets a result through that the field takes, a whole number without a point, and raises
    QueryEvaluationError for any other."""

    def check(value: Json) -> Json:
        if _kind_of(value) != ("number" if expected == "integer" else expected):
            raise unexpected_kind(expression, field_path, expected, value)
        if expected == "integer" and isinstance(value, float):
            if not value.is_integer():
                wanted = "a long value" if field_path == "Seconds" else "an integer"
                cause = f"The {field_path} field cannot be parsed as {wanted}: {compact(value)}"
                raise QueryEvaluationError(cause, expression=expression, location=field_path)
            value = int(value)
        return value

    return check


class JsonataEnvironment(Struct, frozen=True, gc=False):
    """What one stage's expressions see: `$states`, the variables, randomness, the clock (ms from 1970), the bounds.

    Nothing changes it; it is not frozen because a frozen one takes three times as long to make, for every state.
    """

    states: Json
    variables: Mapping[str, Json] = field(default_factory=dict)
    entropy: Entropy | None = None
    now: int | None = None
    limits: JsonataLimits = DEFAULT_LIMITS


_FieldReader: TypeAlias = Callable[[JsonataEnvironment], Json]


@dataclass(frozen=True, slots=True)
class JsonataTemplate:
    """A compiled field.

    `parts` are its expressions: where each stands in the template, and what it is. `evaluate(environment)` gives the
    value, or raises QueryEvaluationError; parts of the template without expressions are shared, not copied.
    """

    template: Json
    field_path: str
    parts: tuple[tuple[Pointer, Jsonata], ...]
    evaluate: _FieldReader = field(repr=False, compare=False)


def compile_jsonata_template(template: Json, field_path: str = "", *, expected: str | None = None) -> JsonataTemplate:
    """Compile the value of a field. `field_path` is what AWS calls the field in causes ("Output", "Items").

    `expected` is the kind of value that an expression which is the whole field must give: "array", "boolean", "number",
    "integer" for one without a fraction, or "string". Raises JsonataSyntaxError, whose `pointer` leads to the string at
    fault and whose `offset` is in that string.
    """
    parts = tuple(_parts(template, ()))
    readers = {pointer: _reader(jsonata, field_path, pointer) for pointer, jsonata in parts}
    evaluate = _compiled(template, (), readers) or (lambda environment: template)
    if expected is not None and () in readers:
        evaluate = _expecting(evaluate, _checker(parts[0][1].text, field_path, expected))
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


def _compiled(template: Json, pointer: Pointer, readers: Mapping[Pointer, _FieldReader]) -> _FieldReader | None:
    """What evaluates `template`, or None when it holds no expression and can be shared as it is."""
    if pointer in readers:
        return readers[pointer]
    if isinstance(template, dict):
        fields = [(key, _compiled(value, (*pointer, key), readers)) for key, value in template.items()]
        named = [(key, read) for key, read in fields if read]
        return _filled(template, named) if named else None
    if isinstance(template, list):
        items = [(index, _compiled(value, (*pointer, index), readers)) for index, value in enumerate(template)]
        numbered = [(index, read) for index, read in items if read]
        return _filled(template, numbered) if numbered else None
    return None


def _filled(template: Any, computed: Sequence[tuple[str | int, _FieldReader]]) -> _FieldReader:
    def evaluate(environment: JsonataEnvironment) -> Json:
        value: Any = template.copy()
        for key, read in computed:
            value[key] = read(environment)
        return value  # type: ignore[no-any-return]

    return evaluate


def _location_of(field_path: str, pointer: Pointer) -> str:
    """What AWS calls a location in a field: "Output/total" (recorded), "Output/rows[0]/total" (measured)."""
    location = field_path
    for each in pointer:
        location += f"[{each}]" if isinstance(each, int) else f"/{each}" if location else each
    return location


def _reader(jsonata: Jsonata, field_path: str, pointer: Pointer) -> _FieldReader:
    location, text, evaluate_in = _location_of(field_path, pointer), jsonata.text, jsonata.evaluate_in

    def placed(error: QueryEvaluationError) -> QueryEvaluationError:
        error.pointer = pointer
        return error

    def evaluate(environment: JsonataEnvironment) -> Json:
        seen = environment
        run = JsonataRun(seen.limits, seen.entropy, seen.now, seen.states, seen.variables)
        try:
            value = evaluate_in(run)
        except JsonataFault as fault:
            raise placed(_failed_evaluation(text, location, fault)) from None
        except UnsupportedResultError:
            raise placed(_unsupported_result(text, location)) from None
        if value is MISSING:
            raise placed(_undefined_result(text, location))
        return value

    return evaluate


def _expecting(read: _FieldReader, check: Callable[[Json], Json]) -> _FieldReader:
    return lambda environment: check(read(environment))
