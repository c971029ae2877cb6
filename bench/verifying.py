"""How long `sfdebug verify` takes for 1,000 recorded executions of about 40 events each."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure, Unit
from bench.processes import peak_of, waited_for
from sfdebug.processes import usable_cores

HISTORIES: Final = 1_000
_ITEMS: Final = 3
_TIMES: Final = 5
_GAIN: Final = 1.8
"""So many times as fast are two processes to be as one."""

DEFINITION: Final[dict[str, Any]] = {
    "StartAt": "Price",
    "States": {
        "Price": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ResultPath": "$.priced",
            "ItemProcessor": {
                "StartAt": "Look up",
                "States": {
                    "Look up": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Parameters": {"FunctionName": "price", "Payload.$": "$"},
                        "ResultSelector": {"price.$": "$.Payload"},
                        "End": True,
                    }
                },
            },
            "Next": "Large?",
        },
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.total", "NumericGreaterThan": 500, "Next": "Review"}],
            "Default": "Done",
        },
        "Review": {"Type": "Pass", "Parameters": {"review.$": "$.orderId"}, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}


def figures(baseline: float) -> Iterator[Figure]:
    """The seconds that a user waits for the verdicts of all of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "order.asl.json").write_text(json.dumps(DEFINITION), encoding="utf-8")
        events = write_histories(folder / "histories")
        arguments = ("verify", str(folder / "order.asl.json"), str(folder / "histories"))
        seconds = min(waited_for(*arguments) for _ in range(2))
        scaled = list(_at_scale(folder)) if usable_cores() > 1 and hasattr(os, "wait4") else []
    what = f"verify {HISTORIES:,} histories, {events / HISTORIES:.0f} events each (waited for)"
    yield Figure("verify/1000", what, Unit.MILLISECONDS, seconds, 1.0, baseline)
    yield from scaled


def _at_scale(folder: Path) -> Iterator[Figure]:
    """What a second process brings, and by how much memory grows with the number of histories."""
    definition, histories = str(folder / "order.asl.json"), folder / "histories"
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(_TIMES):  # in turns: whatever else runs on the machine is in both
        for jobs, taken in times.items():
            taken.append(waited_for("verify", definition, str(histories), "-q", "--jobs", str(jobs)))
    ratio = min(times[2]) / min(times[1])
    what = f"verify {HISTORIES:,} histories by two processes, in times of what one takes"
    yield Figure("verify/two processes", what, Unit.TIMES, ratio, 1 / _GAIN)
    few = folder / "few"
    few.mkdir()
    for number in range(0, HISTORIES, 10):
        (few / f"{number}.json").write_bytes((histories / f"{number}.json").read_bytes())
    arguments = ("--jobs", "1", "--json", "--junit", str(folder / "report.xml"))
    grown = peak_of("verify", definition, str(histories), *arguments) - peak_of(
        "verify", definition, str(few), *arguments
    )
    what = f"verify: what {HISTORIES:,} histories hold more than {HISTORIES // 10} do, with both reports"
    yield Figure("verify/memory", what, Unit.MEGABYTES, max(0.0, grown), 4.0 * 2**20)


def write_histories(folder: Path) -> int:
    """Write the histories, each into a file of its own; how many events they have in all."""
    from sfdebug.asl.load import definition_from
    from sfdebug.simulation import simulate
    from sfdebug.tasks.functions import FunctionTasks

    def priced(given: Any) -> Any:
        return {"StatusCode": 200, "Payload": given["Payload"] * 2}

    tasks = FunctionTasks(by_resource={"arn:aws:states:::lambda:invoke": priced})
    machine, events = definition_from(DEFINITION), 0
    folder.mkdir()
    for number in range(HISTORIES):
        given: dict[str, Any] = {"orderId": f"A-{number}", "total": number, "items": [*range(number, number + _ITEMS)]}
        history = simulate(machine, given, tasks).history
        events += len(history)
        (folder / f"{number}.json").write_text(json.dumps({"events": history}), encoding="utf-8")
    return events
