"""How long `sfdebug verify` takes for 1,000 recorded executions of about 40 events each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure, Unit
from bench.processes import waited_for

HISTORIES: Final = 1_000
_ITEMS: Final = 3

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
    what = f"verify {HISTORIES:,} histories, {events / HISTORIES:.0f} events each (waited for)"
    yield Figure("verify/1000", what, Unit.MILLISECONDS, seconds, 1.0, baseline)


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
