"""Pictures of graphs, compared with accepted ones: containers within one another, a loop, a machine larger than the
screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.settings import ScreenSettings
from tests.debugger_runs import Handler, machine, passing, task
from tests.snapshot.test_tui_pictures import pressing
from tests.tui_runs import SMALL

SnapCompare = Callable[..., bool]

LOOP = machine(
    Look=task("Ready?"),
    **{
        "Ready?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.ready", "BooleanEquals": True, "Next": "Done"}],
            "Default": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Look"},
        "Done": {"Type": "Succeed"},
    },
)
SHOP = {"StartAt": "Count", "States": {"Count": passing("Report"), "Report": task()}}
BOTH = {
    "Type": "Parallel",
    "Branches": [
        {
            "StartAt": "Each shop",
            "States": {
                "Each shop": {"Type": "Map", "ItemsPath": "$.shops", "ItemProcessor": SHOP, "End": True},
            },
        },
        {"StartAt": "Weather", "States": {"Weather": task()}},
    ],
    "End": True,
}
NESTED = machine(
    **{
        "Each region": {
            "Type": "Map",
            "ItemsPath": "$.regions",
            "ItemProcessor": {"StartAt": "Both", "States": {"Both": BOTH}},
            "Next": "Sum up",
        },
        "Sum up": passing(),
    }
)
CHAIN = machine(**{f"Step {n}": passing(f"Step {n + 1}") for n in range(1, 40)}, **{"Step 40": passing()})


def program(definition: dict[str, Any], input: Any, *, ascii: bool = False) -> SfdebugApp:
    debugger = Debugger(definition, input, tasks=Handler())
    return SfdebugApp(debugger, title="graph.asl.json", settings=ScreenSettings(ascii))


def test_the_taken_path_of_a_loop(snap_compare: SnapCompare) -> None:
    app = program(LOOP, {"ready": False})
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing(*["n"] * 7, "b"))


def test_a_map_in_a_parallel_in_a_map(snap_compare: SnapCompare) -> None:
    app = program(NESTED, {"regions": [{"shops": [1, 2]}, {"shops": [3]}]})
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing(*["s"] * 14))


def test_more_than_the_screen_in_ascii(snap_compare: SnapCompare) -> None:
    app = program(CHAIN, {}, ascii=True)
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing(*["n"] * 20))
