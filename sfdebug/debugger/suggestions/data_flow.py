"""What a workflow reads of a Task's result: found by following the result's places through the states after it.

This is a guess from the definition's text, for offering a value; the engine never uses it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import QueryLanguage, Scope, State, StateType
from sfdebug.debugger.suggestions.expressions import (
    INPUT,
    ITEM,
    RESULT,
    Mention,
    Steps,
    copies,
    mentions,
    path_mentions,
    path_steps,
)
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.values import Json


@dataclass(frozen=True, slots=True)
class ResultLocation:
    """What lies at `under` in `root` (the input, or a variable) is what lies at `inside` in the result."""

    root: str = INPUT
    under: Steps = ()
    inside: Steps = ()


Places: TypeAlias = "tuple[ResultLocation, ...]"


def found_at(places: Iterable[ResultLocation], root: str, steps: Steps) -> Iterator[ResultLocation]:
    """What a path finds of the result, as places of the value that it finds."""
    for place in places:
        if place.root != root:
            continue
        size = len(place.under)
        if steps[:size] == place.under:
            yield ResultLocation(INPUT, (), place.inside + steps[size:])
        elif place.under[: len(steps)] == steps:
            yield ResultLocation(INPUT, place.under[len(steps) :], place.inside)


def narrowed(places: Iterable[ResultLocation], steps: Steps | None) -> Places:
    """The places after the input was narrowed to a path of it (None: one that leads elsewhere); the variables stay."""
    places = tuple(places)
    kept = tuple(place for place in places if place.root != INPUT)
    return kept if steps is None else (*kept, *found_at(places, INPUT, steps))


def built(places: Iterable[ResultLocation], template: Json, root: str, *, jsonata: bool) -> Iterator[ResultLocation]:
    """What of the result is in a value that a template makes; the value is to be `root`."""
    places = tuple(places)
    for place, mention in copies(template, jsonata=jsonata):
        for found in found_at(places, mention.root, mention.steps):
            yield ResultLocation(root, place + found.under, found.inside)


def assigned(places: Places, sources: Iterable[ResultLocation], template: Json, *, jsonata: bool) -> Places:
    """The places after an Assign, whose expressions see `sources`."""
    if not isinstance(template, dict) or not template:
        return places
    names = {name if jsonata else name.removesuffix(".$") for name in template}
    made: list[ResultLocation] = []
    sources = tuple(sources)
    for place in built(sources, template, "", jsonata=jsonata):
        name = place.under[0]
        made.append(ResultLocation(str(name), place.under[1:], place.inside))
    return (*(place for place in places if place.root not in names), *made)


__all__ = ["ResultRead", "Steps", "path_steps", "reads_of_item", "reads_of_result"]

_MOST_STATES: Final = 60
_WITH_RESULT: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)
_NOT_EXPRESSIONS: Final = frozenset({"Branches", "ItemProcessor", "Iterator", "Choices", "Catch", "Retry", "Comment"})
_PATH_FIELDS: Final[dict[str, Json]] = {
    "ItemsPath": [],
    "SecondsPath": 1,
    "TimestampPath": "2025-01-01T00:00:00Z",
    "TimeoutSecondsPath": 60,
    "HeartbeatSecondsPath": 30,
    "MaxConcurrencyPath": 1,
    "ErrorPath": "Error",
    "CausePath": "",
}


@dataclass(frozen=True, slots=True)
class ResultRead:
    """A place in the result that something reads. `hint` is a value that would fit there, MISSING when unknown.

    `reader` is the name of the state that reads it.
    """

    steps: Steps
    hint: Value
    reader: str


def reads_of_result(state: State, scope: Scope | None) -> list[ResultRead]:
    """Everything that `state` and the states after it in `scope`, and inside those, read of its result, in order.

    Without the scope, what the state itself reads of it.
    """
    jsonata, fields = _is_jsonata(state), state.fields
    value: Places = (ResultLocation(RESULT),)
    found: list[ResultRead] = []
    if jsonata:
        for name in ("Assign", "Output"):
            found += _reads(value, mentions(fields.get(name), jsonata=True), state.name)
    elif "ResultSelector" in fields:
        value = (ResultLocation(INPUT),)  # what `$` is there
        found += _reads(value, mentions(fields["ResultSelector"], jsonata=False), state.name)
        value = tuple(built(value, fields["ResultSelector"], RESULT, jsonata=False))
    if scope is not None:
        after = _with_result(state, fields, value)
        found += _follow([(name, after) for name in _successors(state)], scope)
    return found


def reads_of_item(state: State) -> list[ResultRead]:
    """What a distributed Map and its processor read of each item, in order."""
    jsonata, fields = _is_jsonata(state), state.fields
    places: Places = (ResultLocation(ITEM),)
    selector = fields.get("ItemSelector", fields.get("Parameters"))
    found = _reads(places, mentions(selector, jsonata=jsonata), state.name)
    if selector is not None:
        places = tuple(built(places, selector, INPUT, jsonata=jsonata))
    else:
        places = (ResultLocation(),)
    if "ItemBatcher" in fields:
        places = tuple(ResultLocation(INPUT, ("Items", 0, *place.under), place.inside) for place in places)
    return [*found, *(read for branch in state.branches for read in _follow([(branch.start_at, places)], branch))]


def _with_result(state: State, fields: Mapping[str, Json], value: Places) -> Places:
    """Where the result is after the state that gave it."""
    if _is_jsonata(state):
        output = fields.get("Output", MISSING)
        made = built(value, output, INPUT, jsonata=True) if output is not MISSING else iter((ResultLocation(),))
        return assigned(tuple(made), value, fields.get("Assign"), jsonata=True)
    path = fields.get("ResultPath", "$")
    steps = path_steps(path) if isinstance(path, str) else None
    places = (
        tuple(ResultLocation(INPUT, steps + place.under, place.inside) for place in value) if steps is not None else ()
    )
    seen = tuple(replace(place, root=INPUT) for place in value)
    return _with_output_path(assigned(places, seen, fields.get("Assign"), jsonata=False), fields)


def _with_output_path(places: Places, fields: Mapping[str, Json]) -> Places:
    path = fields.get("OutputPath", "$")
    return narrowed(places, path_steps(path) if isinstance(path, str) else None)


def _follow(starts: Iterable[tuple[str, Places]], scope: Scope) -> Iterator[ResultRead]:
    queue = deque(starts)
    seen: set[tuple[str, Places]] = set()
    while queue and len(seen) < _MOST_STATES:
        name, places = queue.popleft()
        state = scope.states.get(name)
        if state is None or not places or (name, places) in seen:
            continue
        seen.add((name, places))
        yield from _reads_in(state, places)
        queue.extend(_onward(state, places))


def _successors(state: State) -> list[str]:
    names = [choice.next for choice in state.choices]
    names += [name for name in (state.default, state.next) if name is not None]
    return list(dict.fromkeys(names))


def _onward(state: State, places: Places) -> list[tuple[str, Places]]:
    """The states after this one, each with where the result is then."""
    ways = [(rule.next, {**rule.fields, "OutputPath": state.fields.get("OutputPath", "$")}) for rule in state.choices]
    ways += [(name, dict(state.fields)) for name in (state.default, state.next) if name is not None]
    return list(dict.fromkeys((name, _after(state, fields, places)) for name, fields in ways))


def _after(state: State, fields: Mapping[str, Json], places: Places) -> Places:
    """Where the result is in what a later state gives on, its last fields being `fields`."""
    if _is_jsonata(state):
        sources = places
        if "Output" in fields:
            kept = tuple(place for place in places if place.root != INPUT)
            places = (*kept, *built(places, fields["Output"], INPUT, jsonata=True))
        elif state.type in _WITH_RESULT:
            places = tuple(place for place in places if place.root != INPUT)
        return assigned(places, sources, fields.get("Assign"), jsonata=True)
    raw, places = places, _narrowed_input(state, places)
    if _makes_result(state):
        path = state.fields.get("ResultPath", "$")
        steps = path_steps(path) if isinstance(path, str) else None
        kept = tuple(place for place in places if place.root != INPUT)
        sources = kept
        places = (*kept, *_not_overwritten(raw, steps if path is not None else None))
    else:
        sources = places
    return _with_output_path(assigned(places, sources, fields.get("Assign"), jsonata=False), state.fields)


def _not_overwritten(places: Places, steps: Steps | None) -> Places:
    """Where the result is in the raw input after another one was put at `steps` (None: nowhere)."""
    inputs = tuple(place for place in places if place.root == INPUT)
    return inputs if steps is None else tuple(place for place in inputs if steps != place.under[: len(steps)])


def _makes_result(state: State) -> bool:
    if state.type is StateType.PASS:
        return "Result" in state.fields or "Parameters" in state.fields
    return state.type in _WITH_RESULT


def _narrowed_input(state: State, places: Places) -> Places:
    path = state.fields.get("InputPath", "$")
    return narrowed(places, path_steps(path) if isinstance(path, str) else None)


# what a state reads


def _reads_in(state: State, places: Places) -> Iterator[ResultRead]:
    if _is_jsonata(state):
        for field, value in state.fields.items():
            if field not in _NOT_EXPRESSIONS:
                yield from _reads(places, mentions(value, jsonata=True), state.name)
        for choice in state.choices:
            yield from _reads(places, mentions(dict(choice.fields), jsonata=True), state.name)
        yield from _reads_inside(state, places)
        return
    path = state.fields.get("InputPath", "$")
    if isinstance(path, str) and path != "$":
        yield from _reads(places, path_mentions(path), state.name)
    inner = _narrowed_input(state, places)
    templates = ["Parameters", "ItemSelector"] + ([] if _makes_result(state) else ["Assign"])
    for field in templates:
        yield from _reads(inner, mentions(state.fields.get(field), jsonata=False), state.name)
    for field, hint in _PATH_FIELDS.items():
        path = state.fields.get(field)
        if isinstance(path, str):
            yield from _reads(inner, path_mentions(path, hint), state.name)
    for choice in state.choices:
        yield from _reads(inner, _rule_mentions(choice.fields), state.name)
        yield from _reads(inner, mentions(choice.fields.get("Assign"), jsonata=False), state.name)
    yield from _reads_inside(state, inner)


def _reads(places: Places, read: Iterable[Mention], reader: str) -> list[ResultRead]:
    return [
        ResultRead(found.inside, mention.hint, reader)
        for mention in read
        for found in found_at(places, mention.root, mention.steps)
        if not found.under
    ]


def _reads_inside(state: State, places: Places) -> Iterator[ResultRead]:
    """What the branches of a Parallel, or the iterations of a Map, read of what they are given."""
    given: Places
    if state.type is StateType.PARALLEL:
        is_built = "Parameters" in state.fields or "Arguments" in state.fields
        given = tuple(place for place in places if place.root != INPUT) if is_built else places
    elif state.type is StateType.MAP:
        given = _item_places(state, places)
    else:
        return
    for branch in state.branches:
        yield from _follow([(branch.start_at, given)], branch)


def _item_places(state: State, places: Places) -> Places:
    """Where the result is in what each iteration is given; child executions see no variables from outside."""
    kept = () if state.is_distributed else tuple(place for place in places if place.root != INPUT)
    if {"ItemSelector", "Parameters", "ItemBatcher", "ItemReader"} & state.fields.keys():
        return kept
    if _is_jsonata(state):
        items = state.fields.get("Items", "{% $states.input %}")
        listed = tuple(built(places, items, INPUT, jsonata=True))
        return (*kept, *found_at(listed, INPUT, (0,)))
    path = state.fields.get("ItemsPath", "$")
    steps = path_steps(path) if isinstance(path, str) else None
    return kept if steps is None else (*kept, *found_at(places, INPUT, (*steps, 0)))


def _is_jsonata(state: State) -> bool:
    return state.query_language is QueryLanguage.JSONATA


# Choice rules of JSONPath


def _rule_mentions(rule: Mapping[str, Json]) -> Iterator[Mention]:
    variable = rule.get("Variable")
    if isinstance(variable, str) and "IsPresent" not in rule:  # a test of presence reads nothing of the value
        yield from path_mentions(variable, _choice_hint(rule))
    for field, value in rule.items():
        if field in ("And", "Or") and isinstance(value, list):
            for part in value:
                if isinstance(part, dict):
                    yield from _rule_mentions(part)
        elif field == "Not" and isinstance(value, dict):
            yield from (replace(mention, hint=MISSING) for mention in _rule_mentions(value))
        elif field.endswith("Path") and isinstance(value, str):
            yield from path_mentions(value, _KINDS.get(field.partition("Equals")[0], MISSING))


_KINDS: Final[dict[str, Json]] = {"Numeric": 1, "Boolean": True}


def _choice_hint(rule: Mapping[str, Json]) -> Value:
    """A value that makes a comparison true."""
    for operator, literal in rule.items():
        if operator.startswith("Numeric") and isinstance(literal, (int, float)):
            step = {"NumericGreaterThan": 1, "NumericLessThan": -1}.get(operator, 0)
            return literal + step
        if operator == "StringMatches" and isinstance(literal, str):
            return literal.replace("\\*", "\0").replace("*", "1").replace("\0", "*")
        if operator in ("StringEquals", "BooleanEquals") or operator.startswith("Timestamp"):
            return literal if not operator.endswith("Path") else MISSING
        if operator in _TYPE_TESTS and literal is True:
            return _TYPE_TESTS[operator]
    return MISSING


_TYPE_TESTS: Final[dict[str, Json]] = {
    "IsNull": None,
    "IsBoolean": True,
    "IsNumeric": 1,
    "IsString": "",
    "IsTimestamp": "2025-01-01T00:00:00Z",
}
