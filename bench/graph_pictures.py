"""Pictures of graphs for the README: a loop that was gone round, containers within one another, 300 states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sfdebug.asl.load import load_definition
from sfdebug.cli.inputs import read_input
from sfdebug.cli.samples import find_sample
from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.values import Json, is_present

_FUNCTION: Final = "arn:aws:lambda:eu-central-1:123456789012:function:"
_RETRY: Final[Json] = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]
_STEPS_IN_PART: Final = 5
_PARTS: Final = 50


class GraphMoment(NamedTuple):
    """One picture: a session, brought to where it is taken, and the keys to press then."""

    name: str
    title: str
    session: Callable[[], Debugger]
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)


class Echo:
    """Answers every Task with its input."""

    def answer(self, request: TaskRequest) -> Answer:
        """The input, as a result."""
        return TaskResult(request.input)


def polling() -> Debugger:
    """The polling sample, in its third round."""
    debugger = sample("polling")
    for _ in range(12):
        debugger.step_over()
    return debugger


def orders() -> Debugger:
    """The map-orders sample at its end, where an order of the batch is among those that are accepted."""
    debugger = sample("map-orders")
    debugger.run()
    return debugger


def sample(name: str) -> Debugger:
    """A fresh session on a sample."""
    found = find_sample(name)
    execution_input = read_input(f"@{found.input}")
    assert is_present(execution_input)
    tasks = MockConfig.load(found.mocks).handler(None, found.case)
    return Debugger(load_definition(str(found.definition)), execution_input, tasks=tasks)


def task(function: str, **fields: Json) -> dict[str, Any]:
    """A Task state."""
    return {"Type": "Task", "Resource": _FUNCTION + function, **fields}


def shops() -> Debugger:
    """A Map in a Parallel in a Map: every shop of every region is counted, and its weather noted."""
    each_shop = {
        "Type": "Map",
        "ItemsPath": "$.shops",
        "ItemProcessor": {
            "StartAt": "Count the stock",
            "States": {
                "Count the stock": task("count", Retry=_RETRY, Next="Report"),
                "Report": task("report", End=True),
            },
        },
        "End": True,
    }
    both = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "Each shop", "States": {"Each shop": each_shop}},
            {"StartAt": "Weather", "States": {"Weather": task("weather", End=True)}},
        ],
        "End": True,
    }
    each_region = {
        "Type": "Map",
        "ItemsPath": "$.regions",
        "MaxConcurrency": 2,
        "ItemProcessor": {"StartAt": "Shops and weather", "States": {"Shops and weather": both}},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell someone"}],
        "Next": "Sum up",
    }
    definition = {
        "StartAt": "Prepare",
        "States": {
            "Prepare": {"Type": "Pass", "Next": "Each region"},
            "Each region": each_region,
            "Sum up": task("sum", End=True),
            "Tell someone": {"Type": "Fail", "Error": "NoReport"},
        },
    }
    regions: Json = [{"shops": [1, 2, 3]}, {"shops": [4, 5]}, {"shops": [6]}]
    debugger = Debugger(definition, {"regions": regions}, tasks=Echo())
    debugger.breakpoints.toggle(("Sum up",))
    while len(debugger.view().branch) < 3 or debugger.view().branch[0][1] != 1:
        debugger.step_into()
    debugger.step_over()
    return debugger


def parcels() -> Debugger:
    """A Choice of five, one way taken."""
    kinds = {"book": "Wrap", "film": "Put in a tin", "toy": "Box"}
    rules: list[dict[str, Any]] = [
        {"Variable": "$.kind", "StringEquals": kind, "Next": name} for kind, name in kinds.items()
    ]
    light = {"Variable": "$.grams", "NumericLessThan": 2_000}
    rules.insert(1, {"And": [{"Variable": "$.kind", "StringEquals": "food"}, light], "Next": "Chill"})
    states: dict[str, Any] = {
        "Receive": {"Type": "Pass", "Next": "Which kind?"},
        "Which kind?": {"Type": "Choice", "Choices": rules, "Default": "Ask someone"},
        **{name: {"Type": "Pass", "Next": "Send"} for name in (*kinds.values(), "Chill")},
        "Ask someone": {"Type": "Wait", "Seconds": 60, "Next": "Which kind?"},
        "Send": {"Type": "Succeed"},
    }
    debugger = Debugger({"StartAt": "Receive", "States": states}, {"kind": "food", "grams": 300})
    for _ in range(2):
        debugger.step_over()
    return debugger


def steps(count: int) -> dict[str, Any]:
    """A machine of so many states in parts of six: work with a check that goes back, and a way out for errors."""
    states: dict[str, Any] = {}
    for part in range(1, count // (_STEPS_IN_PART + 1) + 1):
        names = [f"{word} {part}" for word in ("Fetch", "Clean", "Convert", "Store")]
        for name, following in zip(names, [*names[1:], f"Good? {part}"], strict=True):
            states[name] = task(name.split()[0].lower(), Next=following)
        catcher: Json = [{"ErrorEquals": ["States.ALL"], "Next": f"Skip {part}"}]
        states[names[2]] |= {"Retry": _RETRY, "Catch": catcher}
        rule = {"Variable": "$.again", "BooleanEquals": True, "Next": names[1]}
        states[f"Good? {part}"] = {"Type": "Choice", "Choices": [rule], "Default": f"Skip {part}"}
        states[f"Skip {part}"] = {"Type": "Pass", "Next": f"Fetch {part + 1}"}
    last = states[list(states)[-1]]
    del last["Next"]
    last["End"] = True
    return {"StartAt": "Fetch 1", "States": states}


def long_run(states: int, overs: int) -> Callable[[], Debugger]:
    """A run through a machine of so many states, so many of them done."""

    def session() -> Debugger:
        debugger = Debugger(steps(states), {"again": False}, tasks=Echo())
        for _ in range(overs):
            debugger.step_over()
        return debugger

    return session


GRAPHS: Final = (
    GraphMoment("who-changed", "map-orders.asl.json", orders, ("3", "j", "j", "j", "at", "j", "at"), (120, 40)),
    GraphMoment("graph-loop", "polling.asl.json", polling),
    GraphMoment("graph-nested", "shops.asl.json", shops),
    GraphMoment("graph-choice", "parcels.asl.json", parcels, (), (80, 24)),
    GraphMoment("graph-30", "thirty.asl.json", long_run(30, 15), (), (120, 40)),
    GraphMoment("graph-300", "many.asl.json", long_run(300, 100), ("z",), (120, 40)),
)
