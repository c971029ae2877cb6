"""Recorded histories of nearly 25,000 events, AWS's limit: what reading, aligning and replaying them takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time
from typing import Any, Final, TypeVar

from bench.figures import Figure, Unit
from bench.loop import ORDER

T = TypeVar("T")

_TASK: Final = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"Payload.$": "$"}}
_PASS: Final = {"Type": "Pass", "Parameters": {"n.$": "$.n", "twice.$": "States.MathAdd($.n, $.n)"}}

LOOP: Final[dict[str, Any]] = {
    "StartAt": "Count",
    "States": {
        "Count": {
            "Type": "Pass",
            "Parameters": {"order.$": "$.order", "n.$": "States.MathAdd($.n, 1)"},
            "Next": "Again?",
        },
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 6_200, "Next": "Count"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


def _chain(length: int, first: str = "S") -> dict[str, Any]:
    """A scope of so many Pass states in a row, with a Task at its end."""
    names = [f"{first}{number}" for number in range(length)]
    states: dict[str, Any] = {
        name: {**_PASS, "Next": follower} for name, follower in zip(names, [*names[1:], f"{first}-task"], strict=True)
    }
    states[f"{first}-task"] = {**_TASK, "ResultPath": None, "OutputPath": "$.n", "End": True}
    return {"StartAt": names[0], "States": states}


MAP: Final[dict[str, Any]] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ResultPath": None,
            "ItemSelector": {"n.$": "$$.Map.Item.Value"},
            "ItemProcessor": _chain(8),
            "End": True,
        }
    },
}


def _fan_out(depth: int, width: int, length: int, name: str = "P") -> dict[str, Any]:
    """A Parallel of Parallels."""
    branches = [
        _chain(length, f"{name}{index}-")
        if depth == 1
        else {
            "StartAt": f"{name}{index}",
            "States": {f"{name}{index}": _fan_out(depth - 1, width, length, f"{name}{index}")},
        }
        for index in range(width)
    ]
    return {"Type": "Parallel", "Branches": branches, "ResultPath": None, "End": True}


PARALLEL: Final[dict[str, Any]] = {"StartAt": "P", "States": {"P": _fan_out(3, 5, 72)}}
INPUTS: Final[dict[str, Any]] = {
    "loop": {"order": ORDER, "n": 0},
    "Map of 1,000": {"order": ORDER, "items": list(range(1_000))},
    "nested Parallel": {"order": ORDER, "n": 0},
}
DEFINITIONS: Final[dict[str, Any]] = {"loop": LOOP, "Map of 1,000": MAP, "nested Parallel": PARALLEL}


@dataclass(frozen=True)
class Measured:
    """Seconds for one history: json.loads of the file, reading it, aligning it, replaying it."""

    what: str
    events: int
    megabytes: float
    loads: float
    read: float
    aligned: float
    replayed: float

    @property
    def ratio(self) -> float:
        """Opening it, all in all, in units of json.loads of the same file."""
        return (self.read + self.aligned + self.replayed) / self.loads


def history_text(what: str) -> str:
    """The history of a run of that definition, as the AWS command line would print it."""
    from sfdebug.simulation import simulate
    from sfdebug.tasks.functions import FunctionTasks

    def answer(given: Any) -> Any:
        return {"StatusCode": 200, "Payload": given}

    tasks = FunctionTasks(by_resource={"arn:aws:states:::lambda:invoke": answer})
    execution = simulate(DEFINITIONS[what], INPUTS[what], tasks)
    assert str(execution.status) == "SUCCEEDED", execution.cause
    return json.dumps({"events": execution.history}, indent=4)


def measure(what: str) -> Measured:
    """Measure one of `DEFINITIONS`."""
    from sfdebug.asl.load import definition_from
    from sfdebug.engine import Program
    from sfdebug.history.alignment.alignment import align
    from sfdebug.history.reading.read import parse_recordings
    from sfdebug.history.replay.replay import replay

    data, program = history_text(what).encode(), Program(definition_from(DEFINITIONS[what]))
    loads, _ = timed(lambda: json.loads(data))
    read, (recording,) = timed(lambda: parse_recordings(data, f"{what}.json"))
    aligned, alignment = timed(lambda: align(recording, program.machine))
    replayed, found = timed(lambda: replay(program, recording, alignment=alignment))
    assert found.is_identical, found.differences[0]
    return Measured(what, len(recording.events), len(data) / 1e6, loads, read, aligned, replayed)


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """The seconds of the quickest of three calls, and what it gave."""
    best = float("inf")
    for _ in range(3):
        start = process_time()
        result = call()
        best = min(best, process_time() - start)
    return best, result


def figures(_: float) -> Iterator[Figure]:
    """Reading, aligning and replaying, in units of json.loads of the same file."""
    for what in DEFINITIONS:
        found = measure(what)
        name = f"read, align, replay {found.events:,} events, {what} ({found.megabytes:.0f} MB)"
        yield Figure(f"replay/{what}", name, Unit.TIMES, found.ratio, 10)


if __name__ == "__main__":
    for what in DEFINITIONS:
        print(measure(what))
