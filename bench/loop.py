"""The loop that is measured: a Pass that counts and a Choice that leads back, 10,000 transitions in all."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any, Final

ROUNDS: Final = 5_000
TRANSITIONS: Final = 2 * ROUNDS

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
            "Choices": [{"Variable": "$.n", "NumericLessThan": ROUNDS, "Next": "Count"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}

ORDER: Final[dict[str, Any]] = {
    "orderId": "A-1001",
    "customer": {"name": "Ada Ferrand", "address": {"street": "12 Mill Lane", "city": "Bergen", "country": "NO"}},
    "items": [{"sku": f"SKU-{number}", "quantity": number, "price": 9.5 * number} for number in range(1, 9)],
    "total": 72.5,
}


def run_loop() -> float:
    """Seconds for the whole loop, without keeping a timeline."""
    from sfdebug.asl.load import definition_from
    from sfdebug.engine import Program
    from sfdebug.simulation import simulate

    machine = definition_from(LOOP)
    Program(machine)
    start = perf_counter()
    execution = simulate(machine, {"order": ORDER, "n": 0})
    seconds = perf_counter() - start
    entered = sum(1 for event in execution.events if event.type.endswith("StateEntered"))
    assert (str(execution.status), entered) == ("SUCCEEDED", TRANSITIONS + 1)
    return seconds


def debug_loop() -> float:
    """Seconds for the whole loop in the debugger, which keeps every step of it."""
    from sfdebug.debugger import Debugger

    debugger = Debugger(LOOP, {"order": ORDER, "n": 0})
    start = perf_counter()
    debugger.run()
    seconds = perf_counter() - start
    assert str(debugger.execution.status) == "SUCCEEDED"
    return seconds


def json_round_trips(count: int = 20_000) -> float:
    """Seconds for reading and writing a small order as JSON so many times: how fast this machine is today."""
    text = json.dumps(ORDER)
    start = perf_counter()
    for _ in range(count):
        json.dumps(json.loads(text))
    return perf_counter() - start
