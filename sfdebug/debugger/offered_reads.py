"""What a workflow reads of a Task's result: found by following the result's place through the states after it.

This is a guess from the definition's text, for offering a value; the engine never uses it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import QueryLanguage, Scope, State, StateType
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

Steps: TypeAlias = "tuple[str | int, ...]"

_MOST_STATES: Final = 60


@dataclass(frozen=True, slots=True)
class Read:
    """A place in the result that something reads. `hint` is a value that would fit there, MISSING when unknown.

    `reader` is the name of the state that reads it.
    """

    steps: Steps
    hint: Value
    reader: str


@dataclass(frozen=True, slots=True)
class _Place:
    """How `$` and the result relate: the result lies at `under` in `$`, or `$` is the place `inside` the result."""

    under: Steps = ()
    inside: Steps = ()

    def result_steps(self, steps: Steps) -> Steps | None:
        """Where a path of `$` leads in the result; None when it leads elsewhere."""
        if not self.under:
            return self.inside + steps
        return steps[len(self.under) :] if steps[: len(self.under)] == self.under else None

    def narrowed(self, steps: Steps) -> _Place | None:
        """The relation after `$` was narrowed to a path of it; None when the result is no longer in it."""
        if not self.under:
            return _Place(inside=self.inside + steps)
        size = min(len(self.under), len(steps))
        if self.under[:size] != steps[:size]:
            return None
        return _Place(under=self.under[size:], inside=steps[size:])


def reads_of_result(state: State, scope: Scope | None) -> list[Read]:
    """Everything that `state` and the states after it in `scope`, and inside those, read of its result, in order.

    Without the scope, what the state itself reads of it.
    """
    if state.query_language is QueryLanguage.JSONATA:
        return []
    found: list[Read] = []
    selector = state.fields.get("ResultSelector", MISSING)
    if selector is not MISSING:
        found += _template_reads(selector, _Place(), state.name)
    place = _after(state, None)
    if place is None or scope is None:
        return found
    later = _follow(_successors(state), place, scope)
    if selector is MISSING:
        return found + list(later)
    if isinstance(selector, dict):
        found += _through_selector(later, selector)
    return found


def _through_selector(reads: Iterator[Read], selector: Mapping[str, Json]) -> Iterator[Read]:
    """Reads of what a ResultSelector makes, as reads of the result that it is made from."""
    for read in reads:
        source = selector.get(f"{read.steps[0]}.$") if read.steps else None
        steps = path_steps(source) if isinstance(source, str) else None
        if steps is not None:
            yield Read(steps + read.steps[1:], read.hint, read.reader)


def _follow(names: list[str], place: _Place, scope: Scope) -> Iterator[Read]:
    queue = deque((name, place) for name in names)
    seen: set[tuple[str, _Place]] = set()
    while queue and len(seen) < _MOST_STATES:
        name, here = queue.popleft()
        state = scope.states.get(name)
        if state is None or (name, here) in seen or state.query_language is QueryLanguage.JSONATA:
            continue
        seen.add((name, here))
        yield from _reads_in(state, here)
        after = _after(state, here)
        if after is not None:
            queue.extend((successor, after) for successor in _successors(state))


def _successors(state: State) -> list[str]:
    names = [choice.next for choice in state.choices]
    names += [name for name in (state.default, state.next) if name is not None]
    return list(dict.fromkeys(names))


def _after(state: State, place: _Place | None) -> _Place | None:
    """Where the result is in the state's output, when it is at `place` in its input (None: this state makes it)."""
    input_path = state.fields.get("InputPath", "$")
    output_path = state.fields.get("OutputPath", "$")
    if place is None:
        result_path = state.fields.get("ResultPath", "$")
        steps = path_steps(result_path) if isinstance(result_path, str) else None
        made = _Place(under=steps) if steps is not None else None
    elif _has_result(state):
        made = _kept(place, state.fields.get("ResultPath", "$"))
    else:
        steps = path_steps(input_path) if isinstance(input_path, str) else None
        made = place.narrowed(steps) if steps is not None else None
    steps = path_steps(output_path) if isinstance(output_path, str) else None
    return made.narrowed(steps) if made is not None and steps is not None else None


def _has_result(state: State) -> bool:
    if state.type is StateType.PASS:
        return "Result" in state.fields or "Parameters" in state.fields
    return state.type in (StateType.TASK, StateType.PARALLEL, StateType.MAP)


def _kept(place: _Place, result_path: Json) -> _Place | None:
    """Where the result is after a state put its own result at `result_path`; None when it was overwritten."""
    if result_path is None:
        return place
    steps = path_steps(result_path) if isinstance(result_path, str) else None
    if steps is None or steps == place.under[: len(steps)]:
        return None
    return place


def _reads_in(state: State, place: _Place) -> Iterator[Read]:
    input_path = state.fields.get("InputPath", "$")
    steps = path_steps(input_path) if isinstance(input_path, str) else None
    if steps is None:
        return
    if steps:
        yield from _read(place, steps, MISSING, state.name)
    inner = place.narrowed(steps)
    if inner is None:
        return
    for field in ("Parameters", "ItemSelector"):
        template = state.fields.get(field, MISSING)
        if template is not MISSING:
            yield from _template_reads(template, inner, state.name)
    for field, hint in _PATH_FIELDS.items():
        path = state.fields.get(field)
        if isinstance(path, str):
            yield from _read(inner, path_steps(path), hint, state.name)
    for choice in state.choices:
        yield from _rule_reads(choice.fields, inner, state.name)
    yield from _reads_inside(state, inner)


def _reads_inside(state: State, place: _Place) -> Iterator[Read]:
    """What the branches of a Parallel, or the iterations of a Map, read of the input that they are given."""
    if state.type is StateType.PARALLEL and "Parameters" not in state.fields:
        for branch in state.branches:
            yield from _follow([branch.start_at], place, branch)
    if state.type is StateType.MAP and not {"ItemSelector", "Parameters"} & state.fields.keys():
        path = state.fields.get("ItemsPath", "$")
        steps = path_steps(path) if isinstance(path, str) else None
        item = place.narrowed((*steps, 0)) if steps is not None else None
        if item is not None:
            for branch in state.branches:
                yield from _follow([branch.start_at], item, branch)


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


def _read(place: _Place, steps: Steps | None, hint: Value, reader: str) -> Iterator[Read]:
    found = place.result_steps(steps) if steps is not None else None
    if found is not None:
        yield Read(found, hint, reader)


def _template_reads(template: Json, place: _Place, reader: str) -> Iterator[Read]:
    if isinstance(template, dict):
        for key, value in template.items():
            if key.endswith(".$") and isinstance(value, str):
                for steps, hint in _expression_paths(value):
                    yield from _read(place, steps, hint, reader)
            else:
                yield from _template_reads(value, place, reader)
    elif isinstance(template, list):
        for item in template:
            yield from _template_reads(item, place, reader)


_QUOTED: Final = re.compile(r"'(?:\\.|[^'\\])*'")
_PATH_IN_CALL: Final = re.compile(r"(?<![\w$])\$(?!\$)[^\s,()]*")
_ARRAY_FUNCTIONS: Final = ("States.ArrayLength", "States.ArrayContains", "States.ArrayPartition", "States.ArrayUnique")


def _expression_paths(expression: str) -> Iterator[tuple[Steps, Value]]:
    """The paths in a path or an intrinsic function, each with a value that would fit it."""
    if not expression.startswith("States."):
        steps = path_steps(expression)
        if steps is not None:
            yield steps, MISSING
        return
    hint: Value = MISSING
    if expression.startswith(_ARRAY_FUNCTIONS):
        hint = []
    elif expression.startswith(("States.MathAdd", "States.MathRandom")):
        hint = 1
    elif expression.startswith("States.StringToJson"):
        hint = "{}"
    for path in _PATH_IN_CALL.findall(_QUOTED.sub("''", expression)):
        steps = path_steps(path)
        if steps is not None:
            yield steps, hint


def _rule_reads(rule: Mapping[str, Json], place: _Place, reader: str) -> Iterator[Read]:
    variable = rule.get("Variable")
    if isinstance(variable, str) and "IsPresent" not in rule:  # a test of presence reads nothing of the value
        yield from _read(place, path_steps(variable), _choice_hint(rule), reader)
    for field, value in rule.items():
        if field in ("And", "Or") and isinstance(value, list):
            for part in value:
                if isinstance(part, dict):
                    yield from _rule_reads(part, place, reader)
        elif field == "Not" and isinstance(value, dict):
            yield from (Read(read.steps, MISSING, reader) for read in _rule_reads(value, place, reader))
        elif field.endswith("Path") and isinstance(value, str):
            yield from _read(place, path_steps(value), _KINDS.get(field.partition("Equals")[0], MISSING), reader)


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

_STEP: Final = re.compile(r"\.([^.\[\]()*?@'\"\s]+)|\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]|\[\s*(\d+)\s*\]|\[\*\]")


def path_steps(path: str) -> Steps | None:
    """The steps of a path from `$`, up to the first that is no key or index; None for other paths (`$$`, `$x`)."""
    if path[:1] != "$" or path[1:2] not in ("", ".", "["):
        return None
    steps: list[str | int] = []
    position = 1
    while match := _STEP.match(path, position):
        position = match.end()
        dotted, single, double, index = match.groups()
        if index is not None:
            steps.append(int(index) if int(index) < 10 else 0)
        else:
            name = next((name for name in (dotted, single, double) if name is not None), None)
            steps.append(name if name is not None else 0)
        if path[position : position + 1] == "(":  # a function, as in `$.items.length()`
            return tuple(steps[:-1])
    return tuple(steps)
