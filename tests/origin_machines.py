"""Machines that move data about in all ways that sfdebug follows, made at random; every leaf of their data is unique.

A machine grows state by state: what the next one reads is chosen from what a run of those before it has given, so that
all of its paths lead somewhere.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.values import Json
from tests.debugger_runs import LAMBDA

Keys = tuple[str | int, ...]


class Tokens:
    """Answers Tasks with values of unique leaves, the same for the same question; the first try of some fails."""

    def answer(self, request: TaskRequest) -> Answer | None:
        if request.kind is RequestKind.MAP_RUN:
            if request.is_optional:
                return None
            return Dataset(items=tuple({"read": f"item-{request.state.name}-{n}"} for n in range(3)))
        where = "-".join([request.state.name, *(str(index) for _, index in request.branch), str(request.invocation)])
        if request.state.name.startswith("Fails") or (
            request.state.name.startswith("Retries") and request.attempt == 1
        ):
            return TaskFailure(f"error-{where}", f"cause-{where}")
        return TaskResult(
            {"r": f"result-{where}", "s": {"t": f"deep-{where}"}, "l": [f"first-{where}", f"last-{where}"]}
        )


INPUT: dict[str, Json] = {
    "a": "input-a",
    "b": {"c": "input-b-c", "d": {"e": "input-b-d-e"}},
    "items": [{"x": "input-i0-x", "y": ["input-i0-y"]}, {"x": "input-i1-x", "y": ["input-i1-y0", "input-i1-y1"]}],
    "pairs": {"one": {"x": "input-p1-x"}, "two": {"x": "input-p2-x"}},
}


def leaves(value: Json, keys: Keys = ()) -> list[tuple[Keys, Json]]:
    """Every leaf of a value, with the way to it."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*keys, key))]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in leaves(item, (*keys, index))]
    return [(keys, value)]


def places(value: Json, keys: Keys = ()) -> list[Keys]:
    """The way to every part of a value."""
    found = [keys]
    if isinstance(value, dict):
        return found + [each for key, item in value.items() for each in places(item, (*keys, key))]
    if isinstance(value, list):
        return found + [each for index, item in enumerate(value) for each in places(item, (*keys, index))]
    return found


def jsonpath(keys: Keys, root: str = "$") -> str:
    """Keys as a JSONPath."""
    return root + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)


def jsonata(keys: Keys, root: str = "$states.input") -> str:
    """Keys as a JSONata path."""
    return jsonpath(keys, root)


def run(definition: dict[str, Any]) -> Debugger:
    """A session that has run to its end."""
    debugger = Debugger(definition, INPUT, tasks=Tokens())
    debugger.run()
    return debugger


def run_twice(definition: dict[str, Any]) -> dict[str, Any]:
    """A machine in a branch of a Parallel that fails at its end and is tried again: all of it runs a second time."""
    states = dict(definition["States"])
    last = next(name for name, state in states.items() if state.get("End"))
    states[last] = {**states[last], "Next": "Again"}
    del states[last]["End"]
    states["Again"] = {"Type": "Task", "Resource": LAMBDA, "ResultPath": None, "End": True}
    other = {"StartAt": "Other", "States": {"Other": {"Type": "Pass", "End": True}}}
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    twice = {"Type": "Parallel", "Branches": [{**definition, "States": states}, other], "Retry": retry, "End": True}
    return {"StartAt": "Twice", "States": {"Twice": twice}}


class MachineBuilder:
    """Adds states of random kinds to a scope."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0

    def machine(self, length: int) -> dict[str, Any]:
        """A whole machine, of states in a row."""
        states: dict[str, Any] = {}
        definition: dict[str, Any] = {"StartAt": "S", "States": states}
        states["S"] = {"Type": "Pass", "End": True}
        last = "S"
        for _ in range(length):
            debugger = run(definition)
            output, variables = debugger.execution.output, dict(debugger.execution.visits[-1].variables)
            assigned = debugger.execution.visits[-1].assigned
            variables.update(assigned or {})
            name, state = self.state(output, variables, depth=1)
            before = states[last]
            del before["End"]
            before["Next"] = name
            catching = before.get("Catch")
            if catching:
                catching[0]["Next"] = name
            states[name] = {**state, "End": True}
            if "Choices" in state:
                del states[name]["End"]
                after = self.name("After")
                state_after = {"Type": "Pass", "End": True}
                states[name]["Choices"][0]["Next"] = after
                states[name]["Default"] = after
                states[after] = state_after
                name = after
            if "Catch" in state:
                after = self.name("After")
                states[name]["Catch"][0]["Next"] = after
                states[after] = {"Type": "Pass", "End": True}
                states[name]["Next"] = after
                del states[name]["End"]
                name = after
            last = name
        return definition

    def name(self, word: str) -> str:
        """A name that no state has yet."""
        self.count += 1
        return f"{word}{self.count}"

    def key(self) -> str:
        """A key that no object has yet."""
        self.count += 1
        return f"k{self.count}"

    def pick(self, value: Json) -> Keys:
        """The way to some part of a value."""
        return self.random.choice(places(value))

    def state(self, value: Json, variables: dict[str, Json], depth: int) -> tuple[str, dict[str, Any]]:
        """A state that can be given `value`."""
        kinds = [self.shaping, self.selecting, self.literal, self.task, self.jsonata, self.jsonata_task, self.choice]
        kinds += [self.failing, self.waiting]
        if depth:
            kinds += [self.parallel, self.map, self.jsonata_map, self.map_run, self.reader]
        return self.random.choice(kinds)(value, variables)

    def template(self, value: Json, variables: dict[str, Json]) -> dict[str, Any]:
        """A payload template."""
        made: dict[str, Any] = {}
        for _ in range(self.random.randint(1, 3)):
            kind = self.random.randint(0, 6)
            if kind == 0:
                made[self.key()] = {"lit": f"literal-{self.key()}"}
            elif kind == 1 and variables:
                name = self.random.choice(sorted(variables))
                made[f"{self.key()}.$"] = jsonpath(self.pick(variables[name]), f"${name}")
            elif kind == 2:
                made[self.key()] = {f"{self.key()}.$": jsonpath(self.pick(value)), "l": [f"literal-{self.key()}"]}
            elif kind == 3:
                one, two = jsonpath(self.pick(value)), jsonpath(self.pick(value))
                made[f"{self.key()}.$"] = f"States.Array({one}, {two})"
            elif kind == 4:
                made[f"{self.key()}.$"] = "$$.Execution.Input.b"
            elif kind == 5 and isinstance(value, dict) and isinstance(value.get("items"), list):
                made[f"{self.key()}.$"] = self.random.choice(["$.items[*].x", "$.items[-1]", "$.items[?(@.x)]", "$..x"])
            else:
                made[f"{self.key()}.$"] = jsonpath(self.pick(value))
        return made

    def expression(self, value: Json, variables: dict[str, Json], root: str = "$states.input") -> Any:
        """JSON with JSONata in it."""
        kind = self.random.randint(0, 7)
        if kind == 0 and variables:
            name = self.random.choice(sorted(variables))
            return f"{{% {jsonata(self.pick(variables[name]), f'${name}')} %}}"
        if kind == 1:
            one, two = jsonata(self.pick(value), root), jsonata(self.pick(value), root)
            return f"{{% {{'p': {one}, 'q': [{two}, 'literal-{self.key()}']}} %}}"
        if kind == 2 and isinstance(value, dict):
            other = jsonata(self.pick(value), root)
            return f"{{% $merge([{root}, {{'m': {other}}}]) %}}"
        if kind == 3:
            return {"in": f"{{% {jsonata(self.pick(value), root)} %}}", "lit": f"literal-{self.key()}"}
        if kind == 4 and isinstance(value, dict) and isinstance(value.get("items"), list):
            return f"{{% {root}.items.{self.random.choice(['x', 'y'])} %}}"
        if kind == 5:
            one = jsonata(self.pick(value), root)
            return f"{{% ($v := {one}; {{'v': $v}}) %}}"
        if kind == 6:
            return {"all": f"{{% {root} %}}"}
        return f"{{% {jsonata(self.pick(value), root)} %}}"

    # the kinds of states

    def shaping(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {"Type": "Pass", "Parameters": self.template(value, variables)}
        if isinstance(value, dict) and self.random.random() < 0.8:
            state["ResultPath"] = f"$.{self.key()}"
        if self.random.random() < 0.4:
            state["Assign"] = {f"v{self.key()}.$": "$", "lit": f"literal-{self.key()}"}
        return self.name("Shape"), state

    def selecting(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {"Type": "Pass"}
        objects = [keys for keys in places(value) if isinstance(_at(value, keys), dict)]
        keys = self.random.choice(objects) if objects else ()
        where = self.random.choice(["InputPath", "OutputPath"])
        if where == "InputPath" and isinstance(value, dict):
            state["ResultPath"] = f"$.{self.key()}"
        return self.name("Select"), {**state, where: jsonpath(keys)}

    def literal(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {"Type": "Pass", "Result": {"n": [f"literal-{self.key()}"]}}
        if isinstance(value, dict):
            state["ResultPath"] = f"$.{self.key()}.inner"
        return self.name("Literal"), state

    def task(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {"Type": "Task", "Resource": LAMBDA}
        if self.random.random() < 0.5:
            state["Parameters"] = self.template(value, variables)
        if self.random.random() < 0.5:
            state["ResultSelector"] = {"sel.$": "$.s.t", "two.$": "$.l[1]", "lit": f"literal-{self.key()}"}
        if isinstance(value, dict):
            state["ResultPath"] = self.random.choice([f"$.{self.key()}", None, f"$.{self.key()}.x"])
        if self.random.random() < 0.4:
            state["Assign"] = {f"v{self.key()}.$": "$"}
        word = "Task"
        if self.random.random() < 0.4:
            state["Retry"] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
            word = "Retries"
        return self.name(word), state

    def failing(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        catcher: dict[str, Any] = {"ErrorEquals": ["States.ALL"], "Next": ""}
        if isinstance(value, dict) and self.random.random() < 0.8:
            catcher["ResultPath"] = f"$.{self.key()}"
        if self.random.random() < 0.5:
            catcher["Assign"] = {f"v{self.key()}.$": "$.Cause"}
        return self.name("Fails"), {"Type": "Task", "Resource": LAMBDA, "Catch": [catcher]}

    def waiting(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        return self.name("Wait"), {"Type": "Wait", "Seconds": 1}

    def choice(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        if self.random.random() < 0.5:
            condition = f"{{% $exists({jsonata(self.pick(value))}) %}}"
            rule: dict[str, Any] = {"Condition": condition, "Next": ""}
            if self.random.random() < 0.5:
                rule["Output"] = self.expression(value, variables)
            return self.name("Choice"), {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [rule]}
        rule = {"Variable": jsonpath(self.pick(value)), "IsPresent": self.random.random() < 0.7, "Next": ""}
        return self.name("Choice"), {"Type": "Choice", "Choices": [rule]}

    def jsonata(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": self.expression(value, variables),
        }
        if self.random.random() < 0.5:
            state["Assign"] = {f"v{self.key()}": self.expression(value, variables)}
        return self.name("Query"), state

    def jsonata_task(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {"Type": "Task", "QueryLanguage": "JSONata", "Resource": LAMBDA}
        state["Arguments"] = {"arg": self.expression(value, variables)}
        result: Json = {"r": 0, "s": {"t": 0}, "l": [0, 0]}
        if self.random.random() < 0.7:
            state["Output"] = {
                "kept": self.expression(value, variables),
                "got": f"{{% {jsonata(self.pick(result), '$states.result')} %}}",
            }
        if self.random.random() < 0.5:
            state["Assign"] = {f"v{self.key()}": f"{{% {jsonata(self.pick(result), '$states.result')} %}}"}
        return self.name("Call"), state

    def inner(self, value: Json, variables: dict[str, Json]) -> dict[str, Any]:
        """The scope of a branch whose input is `value`."""
        name, state = self.state(value, variables, depth=0)
        end = self.name("End")
        state = {**state, "Next": end}
        if "Choices" in state:
            del state["Next"]
            state["Choices"][0]["Next"] = state["Default"] = end
        if "Catch" in state:
            state["Catch"][0]["Next"] = end
        return {"StartAt": name, "States": {name: state, end: {"Type": "Pass", "End": True}}}

    def parallel(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        branches = [self.inner(value, variables), self.inner(value, variables)]
        state: dict[str, Any] = {"Type": "Parallel", "Branches": branches}
        if isinstance(value, dict):
            state["ResultPath"] = f"$.{self.key()}"
        return self.name("Both"), state

    def map(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        found = [keys for keys in places(value) if isinstance(_at(value, keys), list) and _at(value, keys)]
        if not found:
            return self.literal(value, variables)
        keys = self.random.choice(found)
        given = _common(_at(value, keys))
        state: dict[str, Any] = {"Type": "Map", "ItemsPath": jsonpath(keys)}
        if self.random.random() < 0.6:
            selector = {"i.$": "$$.Map.Item.Value", "n.$": "$$.Map.Item.Index", **self.template(value, variables)}
            state["ItemSelector"] = selector
            given = {"i": given, "n": 0}
        state["ItemProcessor"] = self.inner(
            _common(_at(value, keys)) if "ItemSelector" not in state else given, variables
        )
        if "ItemSelector" in state:
            state["ItemProcessor"] = self.inner({"i": _common(_at(value, keys)), "n": 0}, variables)
        if isinstance(value, dict):
            state["ResultPath"] = f"$.{self.key()}"
        return self.name("Each"), state

    def jsonata_map(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        found = [keys for keys in places(value) if isinstance(_at(value, keys), list) and _at(value, keys)]
        if not found:
            return self.jsonata(value, variables)
        keys = self.random.choice(found)
        state: dict[str, Any] = {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Items": f"{{% {jsonata(keys)} %}}",
            "ItemSelector": {"item": "{% $states.context.Map.Item.Value %}", "all": "{% $states.input %}"},
            "ItemProcessor": {
                "StartAt": (name := self.name("In")),
                "States": {name: {"Type": "Pass", "End": True}},
            },
        }
        return self.name("Every"), state

    def map_run(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        found = [keys for keys in places(value) if isinstance(_at(value, keys), list) and _at(value, keys)]
        if not found:
            return self.literal(value, variables)
        state: dict[str, Any] = {
            "Type": "Map",
            "ItemsPath": jsonpath(self.random.choice(found)),
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": (name := self.name("Child")),
                "States": {
                    name: {"Type": "Pass", "Parameters": {"me.$": "$", "in.$": "$$.Execution.Input"}, "End": True}
                },
            },
        }
        if self.random.random() < 0.5:
            state["ItemBatcher"] = {"MaxItemsPerBatch": 2, "BatchInput": self.template(value, variables)}
        if self.random.random() < 0.5:
            state["ItemSelector"] = {"i.$": "$$.Map.Item.Value", "f.$": jsonpath(self.pick(value))}
        if isinstance(value, dict):
            state["ResultPath"] = f"$.{self.key()}"
        return self.name("Run"), state

    def reader(self, value: Json, variables: dict[str, Json]) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "Parameters": {"Bucket": "b", "Key": "k", "Tag": {"t.$": jsonpath(self.pick(value))}},
                "ReaderConfig": {"InputType": "JSON"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": (name := self.name("Child")),
                "States": {name: {"Type": "Pass", "End": True}},
            },
        }
        if isinstance(value, dict):
            state["ResultPath"] = f"$.{self.key()}"
        return self.name("Read"), state


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value[key]
    return value


def _common(items: list[Any]) -> Any:
    """What all items of a list have: the first of them, as far as the others are alike."""
    first = items[0]
    if all(isinstance(item, dict) and isinstance(first, dict) for item in items):
        return {key: _common([item[key] for item in items]) for key in first if all(key in item for item in items)}
    if all(isinstance(item, list) and isinstance(first, list) and item for item in items):
        return [_common([item[0] for item in items])]
    return "leaf"
