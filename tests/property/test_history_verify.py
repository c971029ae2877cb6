"""Verifying a changed definition: it says "diverges" exactly where a run of it has other events, and names the first.

A random machine is run, changed in one place, and run again with the same draws and the same answers of its Tasks. What
`verify` says of the changed definition and the first run's history must be what comparing the two runs gives. It draws
otherwise itself: what AWS makes up is no difference.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import SfdebugError
from sfdebug.history.recording import Recording
from sfdebug.history.verification.verdict import VerificationStatus, verify
from tests.history_runs import read_back, steps_in_any_order

ROUNDS = 10
CHANGES = 10

LAMBDA = "arn:aws:states:::lambda:invoke"
NAME = "march"


class Maker:
    """Makes a machine of a few states in a row, in one query language, with a Choice that may skip one."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.is_jsonata = bool(seed % 2)
        self.maps = 0

    def machine(self) -> dict[str, Any]:
        count = self.draw.randint(3, 6)
        names = [f"S{number}" for number in range(count)]
        states: dict[str, Any] = {}
        for number, name in enumerate(names):
            follower = names[number + 1] if number + 1 < count else None
            kinds: list[Callable[[], dict[str, Any]]] = [self.shaping, self.shaping, self.task, self.wait]
            if follower:
                kinds.append(self.inline_map)
            if number + 2 < count and self.draw.random() < 0.2:
                states[name] = self.choice(names[number + 1], names[number + 2])
                continue
            state = self.draw.choice(kinds)() | ({"Next": follower} if follower else {"End": True})
            states[name] = state
        language = {"QueryLanguage": "JSONata"} if self.is_jsonata else {}
        return {**language, "StartAt": names[0], "States": states}

    def made_up(self) -> Any:
        """An expression whose value nobody can compute, or a plain one."""
        if self.is_jsonata:
            return self.draw.choice(
                ["{% $uuid() %}", "{% $random() %}", "{% $millis() %}", "{% $now() %}", "{% 'k-' & $uuid() %}",
                 "{% $states.context.State.EnteredTime %}", "{% $states.input.n + 1 %}", 4, "five",
                 "{% $states.context.Execution.Name %}"]
            )  # fmt: skip
        return self.draw.choice(
            ["States.UUID()", "States.MathRandom(1, 1000000)", "$$.State.EnteredTime", "$$.Execution.Name",
             "States.Format('k-{}', States.UUID())", "States.MathAdd($.n, 1)", "$.n", "$$.Execution.StartTime"]
        )  # fmt: skip

    def template(self) -> dict[str, Any]:
        """A payload template that keeps `n`, with a made-up value and a literal or two."""
        if self.is_jsonata:
            kept: dict[str, Any] = {"n": "{% $states.input.n %}", "price": self.draw.randint(1, 99)}
            return kept | {"x": self.made_up(), "deep": {"y": self.made_up(), "z": [self.draw.randint(1, 9)]}}
        kept = {"n.$": "$.n", "price": self.draw.randint(1, 99)}
        made = {"deep": {"y.$": self.made_up(), "z": [self.draw.randint(1, 9)]}}
        return kept | {"x.$": self.made_up()} | made

    def shaping(self) -> dict[str, Any]:
        if self.is_jsonata:
            state: dict[str, Any] = {"Type": "Pass", "Output": self.template()}
            if self.draw.random() < 0.5:
                state["Assign"] = {"v": self.made_up(), "w": self.draw.randint(1, 9)}
            return state
        state = {"Type": "Pass", "Parameters": self.template()}
        if self.draw.random() < 0.4:
            state["ResultPath"] = self.draw.choice(["$.kept", "$.other"])
        return state

    def task(self) -> dict[str, Any]:
        retry = {"Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": self.draw.choice([5, 10]), "MaxAttempts": 3}]}
        if self.is_jsonata:
            arguments = {"FunctionName": "f", "Payload": self.template()}
            output = {"n": "{% $states.input.n %}", "got": "{% $states.result.Payload %}"}
            return {"Type": "Task", "Resource": LAMBDA, "Arguments": arguments, "Output": output, **retry}
        return {
            "Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "f", "Payload": self.template()},
            "ResultSelector": {"p.$": "$.Payload"}, "ResultPath": "$.got", "TimeoutSeconds": 60, **retry,
        }  # fmt: skip

    def wait(self) -> dict[str, Any]:
        return {"Type": "Wait", "Seconds": self.draw.randint(1, 30)}

    def choice(self, following: str, skipping: str) -> dict[str, Any]:
        limit = self.draw.randint(0, 9)
        if self.is_jsonata:
            rule: dict[str, Any] = {"Condition": f"{{% $states.input.n > {limit} %}}", "Next": skipping}
        else:
            rule = {"Variable": "$.n", "NumericGreaterThan": limit, "Next": skipping}
        return {"Type": "Choice", "Choices": [rule], "Default": following}

    def inline_map(self) -> dict[str, Any]:
        self.maps += 1
        inside = f"In{self.maps}"
        inner = {"StartAt": inside, "States": {inside: {**self.shaping_of_item(), "End": True}}}
        if self.is_jsonata:
            return {
                "Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 1, "ItemProcessor": inner,
                "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}", "id": self.made_up()},
                "Output": {"n": "{% $states.input.n %}", "all": "{% $states.result %}"},
            }  # fmt: skip
        return {
            "Type": "Map", "ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": 1, "ItemProcessor": inner,
            "ItemSelector": {"n.$": "$$.Map.Item.Value", "id.$": self.made_up()}, "ResultPath": "$.all",
        }  # fmt: skip

    def shaping_of_item(self) -> dict[str, Any]:
        if self.is_jsonata:
            return {"Type": "Pass", "Output": {"n": "{% $states.input.n * 2 %}", "x": self.made_up()}}
        return {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 2)", "x.$": self.made_up()}}


def answered(request: TaskRequest) -> Answer:
    """The first try of every second state fails; no answer hangs on what was asked."""
    if request.attempt == 1 and int(request.state.name[1:]) % 2:
        return TaskFailure("Busy", "again", after_seconds=1)
    return TaskResult({"Payload": {"from": request.state.name}}, after_seconds=2)


def ran(definition: dict[str, Any], seed: int) -> Iterator[dict[str, Any]]:
    """The history of a run, event by event: many a change makes it endless. `seed` stands for all that AWS makes up,
    and a replay has another one."""
    given, count = {"n": 5, "price": 1, "items": [1, 2, 3]}, 0
    for execution in steps_in_any_order(definition, given, answered, name=NAME, seed=seed + 1):
        for event in execution.events[count:]:
            yield event.as_dict()
        count = len(execution.events)


def recorded_as(events: list[dict[str, Any]]) -> Recording:
    """A history whose execution is known by name."""
    arn = f"arn:aws:states:us-east-1:123456789012:execution:StateMachine:{NAME}"
    found = read_back(events)
    return replace(found, facts=replace(found.facts, arn=arn, name=NAME).completed(found.events))


def first_difference(left: list[dict[str, Any]], right: Iterator[dict[str, Any]]) -> int | None:
    """The id of the first event that differs, or whose state lasted otherwise before it; None when none does."""
    for number, (mine, theirs) in enumerate(zip_longest(left, right), 1):
        if mine is None or theirs is None:
            return number
        if _plain(mine) != _plain(theirs):
            return int(mine["id"])
    return None


def _plain(event: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(event))  # type: ignore[no-any-return]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a definition whose value may be changed for another of its kind."""
    found: list[tuple[Any, ...]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        where = (*path, key)
        if isinstance(inner, dict | list):
            found += places(inner, where)
        is_dropped = key in (
            "ResultPath",
            "ResultSelector",
            "Assign",
            "Retry",
            "Output",
            "Parameters",
            "TimeoutSeconds",
        )
        is_number = isinstance(inner, int) and not isinstance(inner, bool) and key != "MaxConcurrency"
        is_text = isinstance(inner, str) and key not in ("Type", "Resource", "QueryLanguage", "StartAt", "Variable")
        if is_dropped or is_number or is_text:
            found.append(where)
    return found


def changed(definition: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """The definition with one place changed, dropped or pointed elsewhere."""
    other = copy.deepcopy(definition)
    where = draw.choice(places(other))
    node: Any = other
    for key in where[:-1]:
        node = node[key]
    key, value = where[-1], node[where[-1]]
    if isinstance(value, dict | list):
        del node[key]
    elif isinstance(value, int):
        node[key] = value + draw.choice([1, 7, 100]) if key != "Seconds" else value + draw.choice([3, 40])
    elif key in ("Next", "Default"):
        node[key] = draw.choice(sorted(definition["States"]))
    elif value.startswith("{%"):
        node[key] = draw.choice(["{% $states.input.n * 3 %}", "{% 'k2-' & $string($states.input.n) %}", "text"])
    elif value.startswith(("$", "States.")) and key != "ResultPath":
        node[key] = draw.choice(["States.MathAdd($.n, 3)", "States.Format('k2-{}', $.n)", "$.price"])
    elif key == "ResultPath":
        node[key] = "$.elsewhere"
    else:
        node[key] = f"{value}-2"
    return other


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_verify_says_what_comparing_two_runs_says(seed: int) -> None:
    definition = Maker(seed).machine()
    events = list(ran(definition, seed))
    found = verify(definition_from(definition), recorded_as(events))
    assert found.status is VerificationStatus.IDENTICAL, (found.reasons, found.first)
    draw = random.Random(seed)
    for _ in range(CHANGES):
        other = changed(definition, draw)
        if other == definition:
            continue
        try:
            machine = definition_from(other)
        except SfdebugError:
            continue
        wanted = first_difference(events, ran(other, seed))
        found = verify(machine, recorded_as(events))
        told = found.first.event_id if found.first is not None else None
        assert (told, found.status) == (
            wanted, VerificationStatus.IDENTICAL if wanted is None else VerificationStatus.DIVERGES
        ), (other, found)  # fmt: skip
