"""JSONata in a definition's fields: JSON in which a string that is wholly `{% … %}` is an expression.

Source: AWS docs, "Transforming data with JSONata in Step Functions". The causes are AWS's, see `jsonata_kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError, QueryEvaluationError
from sfdebug.expressions.jsonata.expression import Jsonata, compile_jsonata, is_jsonata_string
from sfdebug.expressions.jsonata.kinds import (
    Range,
    checker,
    failed_evaluation,
    undefined_result,
    unsupported_result,
)
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.values import UnsupportedResultError
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy

Pointer: TypeAlias = "tuple[str | int, ...]"

MAX_DEPTH: Final = 100
"""Deepest nesting of a template that is compiled: enough for any payload that AWS takes, and no strain on the stack."""

_NOTHING: Final[Mapping[str, Json]] = {}


@dataclass(slots=True)
class JsonataEnvironment:
    """What one stage's expressions see: `$states`, the variables, randomness, the clock (ms from 1970), the bounds.

    Nothing changes it; it is not frozen because a frozen one takes three times as long to make, for every state.
    """

    states: Json
    variables: Mapping[str, Json] = field(default_factory=dict)
    entropy: Entropy | None = None
    now: int | None = None
    limits: JsonataLimits = DEFAULT_LIMITS


FieldReader: TypeAlias = Callable[[JsonataEnvironment], Json]


@dataclass(frozen=True, slots=True)
class JsonataTemplate:
    """A compiled field.

    `parts` are its expressions: where each stands in the template, and what it is. `evaluate(environment)` gives the
    value, or raises QueryEvaluationError; parts of the template without expressions are shared, not copied.
    """

    template: Json
    field_path: str
    parts: tuple[tuple[Pointer, Jsonata], ...]
    evaluate: FieldReader = field(repr=False, compare=False)


def compile_jsonata_template(
    template: Json, field_path: str = "", *, expected: str | None = None, within: Range | None = None
) -> JsonataTemplate:
    """Compile the value of a field. `field_path` is what AWS calls the field in causes ("Output", "Items").

    `expected` is the kind of value (`jsonata_kinds.EXPECTED`) that an expression which is the whole field must give,
    `within` the range of a number. Raises JsonataSyntaxError, whose `pointer` leads to the string at fault and whose
    `offset` is in that string.
    """
    parts = tuple(_parts(template, ()))
    readers = {pointer: _reader(jsonata, field_path, pointer) for pointer, jsonata in parts}
    evaluate = _compiled(template, (), readers) or (lambda environment: template)
    if expected is not None and () in readers:
        evaluate = _expecting(evaluate, checker(parts[0][1].text, field_path, expected, within))
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


def _compiled(template: Json, pointer: Pointer, readers: Mapping[Pointer, FieldReader]) -> FieldReader | None:
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


def _object(template: dict[str, Json], computed: list[tuple[str, FieldReader]]) -> FieldReader:
    def evaluate(environment: JsonataEnvironment) -> Json:
        value = template.copy()
        for key, read in computed:
            value[key] = read(environment)
        return value

    return evaluate


def _array(template: list[Json], computed: list[tuple[int, FieldReader]]) -> FieldReader:
    def evaluate(environment: JsonataEnvironment) -> Json:
        value = template.copy()
        for index, read in computed:
            value[index] = read(environment)
        return value

    return evaluate


def place_of(field_path: str, pointer: Pointer) -> str:
    """What AWS calls a place in a field: "Output/total" (recorded), "Output/rows[0]/total" (measured)."""
    place = field_path
    for each in pointer:
        place += f"[{each}]" if isinstance(each, int) else f"/{each}" if place else each
    return place


def _reader(jsonata: Jsonata, field_path: str, pointer: Pointer) -> FieldReader:
    place, text, evaluate_in = place_of(field_path, pointer), jsonata.text, jsonata.evaluate_in

    def placed(error: QueryEvaluationError) -> QueryEvaluationError:
        error.pointer = pointer
        return error

    def evaluate(environment: JsonataEnvironment) -> Json:
        try:
            value = evaluate_in(run_in(environment))
        except JsonataFault as fault:
            raise placed(failed_evaluation(text, place, fault)) from None
        except UnsupportedResultError:
            raise placed(unsupported_result(text, place)) from None
        if value is MISSING:
            raise placed(undefined_result(text, place))
        return value

    return evaluate


def run_in(environment: JsonataEnvironment) -> JsonataRun:
    """A new evaluation that sees `environment`."""
    return JsonataRun(
        environment.limits, environment.entropy, environment.now, environment.states, environment.variables
    )


def _expecting(read: FieldReader, check: Callable[[Json], Json]) -> FieldReader:
    return lambda environment: check(read(environment))
