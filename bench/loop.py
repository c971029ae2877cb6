"""The loop that is measured: a Pass that counts and a Choice that leads back, 10,000 transitions in all."""

from __future__ import annotations

from time import process_time
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


def run_loop(*, keep_visits: bool = True) -> float:
    """Seconds for the whole loop, without keeping a timeline."""
    from sfdebug.asl.load import definition_from
    from sfdebug.engine import Program
    from sfdebug.simulation import simulate

    machine = definition_from(LOOP)
    Program(machine)
    start = process_time()
    execution = simulate(machine, {"order": ORDER, "n": 0}, keep_visits=keep_visits)
    seconds = process_time() - start
    entered = sum(1 for event in execution.events if event.type.endswith("StateEntered"))
    assert (str(execution.status), entered) == ("SUCCEEDED", TRANSITIONS + 1)
    return seconds


def run_loop_for_its_events() -> float:
    """Seconds for the loop when nobody asks for its stages."""
    return run_loop(keep_visits=False)


def debug_loop() -> float:
    """Seconds for the whole loop in the debugger, which keeps every step of it."""
    from sfdebug.debugger import Debugger

    debugger = Debugger(LOOP, {"order": ORDER, "n": 0})
    start = process_time()
    debugger.run()
    seconds = process_time() - start
    assert str(debugger.execution.status) == "SUCCEEDED"
    return seconds
