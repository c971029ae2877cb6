"""The state machines that are measured besides the loop of `bench.loop`: JSONata, and branches side by side.

Each is run headless, with all of its events; a function here gives the seconds that one run takes.
"""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any, Final

from bench.loop import ORDER, ROUNDS

if TYPE_CHECKING:
    from sfdebug.values import Json

ITEMS: Final = 1_000
BRANCHES: Final = 10
STATES_IN_BRANCH: Final = 20

JSONATA_LOOP: Final[dict[str, Any]] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Assign": {"n": 0}, "Next": "Count"},
        "Count": {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}"}, "Next": "Again?"},
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% $n < {ROUNDS} %}}", "Next": "Count"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
"""10,000 transitions of a Pass with Assign and a Choice with a Condition; the order goes round as the data."""


def pass_chain(prefix: str, length: int) -> dict[str, Any]:
    """A scope of so many Pass states in a row."""
    names = [f"{prefix}{index}" for index in range(length)]
    states: dict[str, Any] = {name: {"Type": "Pass", "Next": names[at + 1]} for at, name in enumerate(names[:-1])}
    return {"StartAt": names[0], "States": {**states, names[-1]: {"Type": "Pass", "End": True}}}


def map_machine(processor_config: dict[str, str]) -> dict[str, Any]:
    """A Map whose items go through two Pass states."""
    processor = {"ProcessorConfig": processor_config, **pass_chain("Step", 2)}
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}
    return {"StartAt": "Each", "States": {"Each": each}}


INLINE_MAP: Final = map_machine({"Mode": "INLINE"})
DISTRIBUTED_MAP: Final = map_machine({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
PARALLEL: Final[dict[str, Any]] = {
    "StartAt": "Side by side",
    "States": {
        "Side by side": {
            "Type": "Parallel",
            "Branches": [pass_chain(f"Branch{number}Step", STATES_IN_BRANCH) for number in range(BRANCHES)],
            "End": True,
        }
    },
}

MAP_TRANSITIONS: Final = 1 + 2 * ITEMS
PARALLEL_TRANSITIONS: Final = 1 + BRANCHES * STATES_IN_BRANCH
JSONATA_TRANSITIONS: Final = 2 + 2 * ROUNDS


def run_jsonata_loop() -> float:
    """Seconds for the loop in JSONata."""
    return _seconds(JSONATA_LOOP, ORDER, JSONATA_TRANSITIONS)


def run_inline_map() -> float:
    """Seconds for an inline Map of 1,000 items."""
    return _seconds(INLINE_MAP, _items(), MAP_TRANSITIONS)


def run_distributed_map() -> float:
    """Seconds for a distributed Map of 1,000 items, each an execution of its own."""
    return _seconds(DISTRIBUTED_MAP, _items(), MAP_TRANSITIONS)


def run_parallel() -> float:
    """Seconds for a Parallel of 10 branches with 20 states each."""
    return _seconds(PARALLEL, ORDER, PARALLEL_TRANSITIONS)


def debug_parallel(width: int) -> tuple[int, float]:
    """How many transitions a Parallel of so many branches has, and the seconds that they take in the debugger."""
    from sfdebug.debugger import Debugger

    branches = [pass_chain(f"Branch{number}Step", 4) for number in range(width)]
    wide = {"Type": "Parallel", "Branches": branches, "End": True}
    debugger = Debugger({"StartAt": "Wide", "States": {"Wide": wide}}, {"n": 1})
    start = process_time()
    debugger.run()
    seconds = process_time() - start
    assert str(debugger.execution.status) == "SUCCEEDED"
    return 1 + 4 * width, seconds


def _items() -> Json:
    return {"items": [{"sku": f"SKU-{number}", "quantity": number} for number in range(ITEMS)]}


def _seconds(definition: dict[str, Any], given: Json, transitions: int) -> float:
    from sfdebug.asl.load import definition_from
    from sfdebug.engine import Program
    from sfdebug.simulation import simulate

    machine = definition_from(definition)
    Program(machine)  # compiled once, and kept: what is measured is the run
    start = process_time()
    execution = simulate(machine, given)
    seconds = process_time() - start
    histories = [execution.events, *(child.events for child in execution.ended_children)]
    entered = sum(event.type.endswith("StateEntered") for events in histories for event in events)
    assert (str(execution.status), entered) == ("SUCCEEDED", transitions)
    return seconds
