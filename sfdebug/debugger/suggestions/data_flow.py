"""What a workflow reads of a Task's result: found by following the result's locations through the states after it.

This is a guess from the definition's text, for offering a value; the engine never uses it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

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


class _Location(Struct, frozen=True, gc=False):
    """What lies at `under` in `root` (the input, or a variable) is what lies at `inside` in the result."""

    root: str = INPUT
    under: Steps = ()
    inside: Steps = ()


_Locations: TypeAlias = "tuple[_Location, ...]"


def _found_at(locations: Iterable[_Location], root: str, steps: Steps) -> Iterator[_Location]:
    """What a path finds of the result, as locations of the value that it finds."""
    for location in locations:
        if location.root != root:
            continue
        size = len(location.under)
        if steps[:size] == location.under:
            yield _Location(INPUT, (), location.inside + steps[size:])
        elif location.under[: len(steps)] == steps:
            yield _Location(INPUT, location.under[len(steps) :], location.inside)


def _narrowed(locations: Iterable[_Location], steps: Steps | None) -> _Locations:
    """The locations after the input was narrowed to a path of it (None: one leading elsewhere); the variables stay."""
    locations = tuple(locations)
    kept = tuple(location for location in locations if location.root != INPUT)
    return kept if steps is None else (*kept, *_found_at(locations, INPUT, steps))


def _built(locations: Iterable[_Location], template: Json, root: str, *, jsonata: bool) -> Iterator[_Location]:
    """What of the result is in a value that a template makes; the value is to be `root`."""
    locations = tuple(locations)
    for location, mention in copies(template, jsonata=jsonata):
        for found in _found_at(locations, mention.root, mention.steps):
            yield _Location(root, location + found.under, found.inside)


def _assigned(locations: _Locations, sources: Iterable[_Location], template: Json, *, jsonata: bool) -> _Locations:
    """The locations after an Assign, whose expressions see `sources`."""
    if not isinstance(template, dict) or not template:
        return locations
    names = {name if jsonata else name.removesuffix(".$") for name in template}
    made: list[_Location] = []
    sources = tuple(sources)
    for location in _built(sources, template, "", jsonata=jsonata):
        name = location.under[0]
        made.append(_Location(str(name), location.under[1:], location.inside))
    return (*(location for location in locations if location.root not in names), *made)


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


class ResultRead(Struct, frozen=True, gc=False):
    """A location in the result that something reads. `hint` is a value that would fit there, MISSING when unknown.

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
    value: _Locations = (_Location(RESULT),)
    found: list[ResultRead] = []
    if jsonata:
        for name in ("Assign", "Output"):
            found += _reads(value, mentions(fields.get(name), jsonata=True), state.name)
    elif "ResultSelector" in fields:
        value = (_Location(INPUT),)  # what `$` is there
        found += _reads(value, mentions(fields["ResultSelector"], jsonata=False), state.name)
        value = tuple(_built(value, fields["ResultSelector"], RESULT, jsonata=False))
    if scope is not None:
        after = _with_result(state, fields, value)
        found += _follow([(name, after) for name in _successors(state)], scope)
    return found


def reads_of_item(state: State) -> list[ResultRead]:
    """What a distributed Map and its processor read of each item, in order."""
    jsonata, fields = _is_jsonata(state), state.fields
    locations: _Locations = (_Location(ITEM),)
    selector = fields.get("ItemSelector", fields.get("Parameters"))
    found = _reads(locations, mentions(selector, jsonata=jsonata), state.name)
    if selector is not None:
        locations = tuple(_built(locations, selector, INPUT, jsonata=jsonata))
    else:
        locations = (_Location(),)
    if "ItemBatcher" in fields:
        locations = tuple(_Location(INPUT, ("Items", 0, *location.under), location.inside) for location in locations)
    return [*found, *(read for branch in state.branches for read in _follow([(branch.start_at, locations)], branch))]


def _with_result(state: State, fields: Mapping[str, Json], value: _Locations) -> _Locations:
    """Where the result is after the state that gave it."""
    if _is_jsonata(state):
        output = fields.get("Output", MISSING)
        made = _built(value, output, INPUT, jsonata=True) if output is not MISSING else iter((_Location(),))
        return _assigned(tuple(made), value, fields.get("Assign"), jsonata=True)
    path = fields.get("ResultPath", "$")
    steps = path_steps(path) if isinstance(path, str) else None
    locations = (
        tuple(_Location(INPUT, steps + location.under, location.inside) for location in value)
        if steps is not None
        else ()
    )
    seen = tuple(replace(location, root=INPUT) for location in value)
    return _with_output_path(_assigned(locations, seen, fields.get("Assign"), jsonata=False), fields)


def _with_output_path(locations: _Locations, fields: Mapping[str, Json]) -> _Locations:
    path = fields.get("OutputPath", "$")
    return _narrowed(locations, path_steps(path) if isinstance(path, str) else None)


def _follow(starts: Iterable[tuple[str, _Locations]], scope: Scope) -> Iterator[ResultRead]:
    queue = deque(starts)
    seen: set[tuple[str, _Locations]] = set()
    while queue and len(seen) < _MOST_STATES:
        name, locations = queue.popleft()
        state = scope.states.get(name)
        if state is None or not locations or (name, locations) in seen:
            continue
        seen.add((name, locations))
        yield from _reads_in(state, locations)
        queue.extend(_onward(state, locations))


def _successors(state: State) -> list[str]:
    names = [choice.next for choice in state.choices]
    names += [name for name in (state.default, state.next) if name is not None]
    return list(dict.fromkeys(names))


def _onward(state: State, locations: _Locations) -> list[tuple[str, _Locations]]:
    """The states after this one, each with where the result is then."""
    ways = [(rule.next, {**rule.fields, "OutputPath": state.fields.get("OutputPath", "$")}) for rule in state.choices]
    ways += [(name, dict(state.fields)) for name in (state.default, state.next) if name is not None]
    return list(dict.fromkeys((name, _after(state, fields, locations)) for name, fields in ways))


def _after(state: State, fields: Mapping[str, Json], locations: _Locations) -> _Locations:
    """Where the result is in what a later state gives on, its last fields being `fields`."""
    if _is_jsonata(state):
        sources = locations
        if "Output" in fields:
            kept = tuple(location for location in locations if location.root != INPUT)
            locations = (*kept, *_built(locations, fields["Output"], INPUT, jsonata=True))
        elif state.type in _WITH_RESULT:
            locations = tuple(location for location in locations if location.root != INPUT)
        return _assigned(locations, sources, fields.get("Assign"), jsonata=True)
    raw, locations = locations, _narrowed_input(state, locations)
    if _makes_result(state):
        path = state.fields.get("ResultPath", "$")
        steps = path_steps(path) if isinstance(path, str) else None
        kept = tuple(location for location in locations if location.root != INPUT)
        sources = kept
        locations = (*kept, *_not_overwritten(raw, steps if path is not None else None))
    else:
        sources = locations
    return _with_output_path(_assigned(locations, sources, fields.get("Assign"), jsonata=False), state.fields)


def _not_overwritten(locations: _Locations, steps: Steps | None) -> _Locations:
    """Where the result is in the raw input after another one was put at `steps` (None: nowhere)."""
    inputs = tuple(location for location in locations if location.root == INPUT)
    return inputs if steps is None else tuple(location for location in inputs if steps != location.under[: len(steps)])


def _makes_result(state: State) -> bool:
    if state.type is StateType.PASS:
        return "Result" in state.fields or "Parameters" in state.fields
    return state.type in _WITH_RESULT


def _narrowed_input(state: State, locations: _Locations) -> _Locations:
    path = state.fields.get("InputPath", "$")
    return _narrowed(locations, path_steps(path) if isinstance(path, str) else None)


# what a state reads


def _reads_in(state: State, locations: _Locations) -> Iterator[ResultRead]:
    if _is_jsonata(state):
        for field, value in state.fields.items():
            if field not in _NOT_EXPRESSIONS:
                yield from _reads(locations, mentions(value, jsonata=True), state.name)
        for choice in state.choices:
            yield from _reads(locations, mentions(dict(choice.fields), jsonata=True), state.name)
        yield from _reads_inside(state, locations)
        return
    path = state.fields.get("InputPath", "$")
    if isinstance(path, str) and path != "$":
        yield from _reads(locations, path_mentions(path), state.name)
    inner = _narrowed_input(state, locations)
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


def _reads(locations: _Locations, read: Iterable[Mention], reader: str) -> list[ResultRead]:
    return [
        ResultRead(found.inside, mention.hint, reader)
        for mention in read
        for found in _found_at(locations, mention.root, mention.steps)
        if not found.under
    ]


def _reads_inside(state: State, locations: _Locations) -> Iterator[ResultRead]:
    """What the branches of a Parallel, or the iterations of a Map, read of what they are given."""
    given: _Locations
    if state.type is StateType.PARALLEL:
        is_built = "Parameters" in state.fields or "Arguments" in state.fields
        given = tuple(location for location in locations if location.root != INPUT) if is_built else locations
    elif state.type is StateType.MAP:
        given = _item_locations(state, locations)
    else:
        return
    for branch in state.branches:
        yield from _follow([(branch.start_at, given)], branch)


def _item_locations(state: State, locations: _Locations) -> _Locations:
    """Where the result is in what each iteration is given; child executions see no variables from outside."""
    kept = () if state.is_distributed else tuple(location for location in locations if location.root != INPUT)
    if {"ItemSelector", "Parameters", "ItemBatcher", "ItemReader"} & state.fields.keys():
        return kept
    if _is_jsonata(state):
        items = state.fields.get("Items", "{% $states.input %}")
        listed = tuple(_built(locations, items, INPUT, jsonata=True))
        return (*kept, *_found_at(listed, INPUT, (0,)))
    path = state.fields.get("ItemsPath", "$")
    steps = path_steps(path) if isinstance(path, str) else None
    return kept if steps is None else (*kept, *_found_at(locations, INPUT, (*steps, 0)))


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
