"""`make snap`: the pictures of the README, taken of the running program at the moments that it tells of."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from textual.pilot import Pilot

from bench.graph_pictures import GRAPHS
from bench.graph_sheets import write
from bench.lesson_pictures import take_lessons
from bench.on_call_pictures import take_on_call
from bench.page_pictures import take_page
from bench.recording_pictures import RECORDINGS
from bench.screenshot import picture
from bench.served_pictures import take_served
from sfdebug.asl.load import load_definition
from sfdebug.cli.inputs import read_input
from sfdebug.cli.samples import find_sample
from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.engine.execution.visit import StageName
from sfdebug.tasks.handler import FirstAnswer, TaskHandler
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.function import function_from
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.values import is_present

BUSY: Final = "Lambda.TooManyRequestsException"
CHARGE: Final = ("Charge card",)
HANDLER: Final = "samples/order-sam/src/charge/app.py:handler"


class Moment(NamedTuple):
    """One picture: how to get there with the debugger's verbs, then the keys to press."""

    name: str
    prepare: Callable[[Debugger], object]
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (132, 40)


def go_to(debugger: Debugger, state: str) -> None:
    """Step over states until `state` is about to run."""
    for _ in range(100):
        found = debugger.view().state
        if found is not None and found.name == state:
            return
        debugger.step_over()
    raise AssertionError(f"the run does not come to {state}")


def go_to_stage(debugger: Debugger, name: StageName, times: int = 1) -> None:
    """Step into stages until the cursor has met one called `name` so many times."""
    for _ in range(200):
        debugger.step_into()
        view = debugger.view()
        if view.visit_stages and view.visit_stages[view.stage_index].name == name:
            times -= 1
            if not times:
                return
    raise AssertionError(f"no stage {name}")


def first_stages(debugger: Debugger) -> None:
    """In the middle of Check stock: InputPath has been applied."""
    go_to(debugger, "Check stock")
    go_to_stage(debugger, StageName.INPUT_PATH)


def busy(times: int, retries: int) -> Callable[[Debugger], None]:
    """Charge card with injected failures, at the Retrier's verdict number `retries`."""

    def prepare(debugger: Debugger) -> None:
        go_to(debugger, "Charge card")
        debugger.inject_failure(CHARGE, BUSY, "Rate exceeded", times)
        go_to_stage(debugger, StageName.RETRY, retries)

    return prepare


def caught(debugger: Debugger) -> None:
    """Charge card after four injected failures, at the Catcher that takes the last."""
    go_to(debugger, "Charge card")
    debugger.inject_failure(CHARGE, BUSY, "Rate exceeded", 4)
    go_to_stage(debugger, StageName.CATCH, 2)


def forked(debugger: Debugger) -> None:
    """The result of Check stock was edited, and the run went on to where the order is on hold."""
    go_to(debugger, "All in stock?")
    debugger.step_over()
    go_to(debugger, "Tell: shipped")
    while debugger.view().state is not None and debugger.view().state.name != "Check stock":  # type: ignore[union-attr]
        debugger.back_over()
    go_to_stage(debugger, StageName.TASK)
    debugger.edit_result(TaskResult({"StatusCode": 200, "Payload": {"missing": ["KETTLE-1L"], "warehouse": "OSL-2"}}))
    go_to(debugger, "Tell: on hold")


def broken(debugger: Debugger) -> None:
    """A run has stopped at a condition; on the way something was said."""
    for text in (
        "Ship order if $.total > 50",
        'Charge card at Task log "try {$states.attempt}: {$states.result.Payload.chargeId}"',
        "Check stock at ResultSelector if {% $states.input.total < 50 %}",
        "error States.Timeout",
        "payload over 200 KiB",
        "off Tell: paid hit 3+",
    ):
        debugger.breakpoints.add(debugger.breakpoints.read(text))
    debugger.run()


def watched(debugger: Debugger) -> None:
    """Check stock has put its result into the order; three expressions are watched."""
    for text in (
        "$.stock",
        "$.payment.amount",
        "{% $sum($states.input.items.(price * quantity)) %}",
        "$states.attempt",
    ):
        debugger.watches.add(text)
    go_to(debugger, "Check stock")
    go_to_stage(debugger, StageName.RESULT_PATH)


def asked(debugger: Debugger) -> None:
    """Charge card is about to be called."""
    go_to(debugger, "Charge card")
    go_to_stage(debugger, StageName.TASK)


MOMENTS: Final = (
    Moment("stages", first_stages),
    Moment("retry", busy(times=2, retries=2)),
    Moment("force", lambda debugger: go_to(debugger, "All in stock?"), ("f",)),
    Moment("inject", lambda debugger: go_to(debugger, "Charge card"), ("i",)),
    Moment("catch", caught),
    Moment("fork", forked, ("t",)),
    Moment("conditions", broken, ("ctrl+b",)),
    Moment("watches", watched),
    Moment("narrow", first_stages, ("2",), (80, 24)),
)


def order(*functions: str) -> Debugger:
    """A fresh session on the order sample, behind the mocks with handlers of these functions."""
    sample = find_sample("order")
    execution_input = read_input(f"@{sample.input}")
    assert is_present(execution_input)
    tasks: TaskHandler = MockConfig.load(sample.mocks).handler(None, sample.case)
    if functions:
        tasks = FirstAnswer(tasks, LambdaTasks([function_from(f"{name}={HANDLER}") for name in functions]))
    return Debugger(load_definition(str(sample.definition)), execution_input, tasks=tasks)


def main(folder: Path) -> None:
    """Write all pictures into `folder`."""
    for moment in MOMENTS:
        debugger = order()
        moment.prepare(debugger)
        _take(debugger, folder / f"{moment.name}.svg", moment.keys, moment.size, "order.asl.json")
    session = order("charge-card")
    asked(session)
    _take(session, folder / "who-answers.svg", ("Z",), Moment("", asked).size, "order.asl.json")
    for graph in (*GRAPHS, *RECORDINGS):
        _take(graph.session(), folder / f"{graph.name}.svg", graph.keys, graph.size, graph.title)
    take_on_call(folder, steady)
    take_lessons(folder, steady)
    take_served(folder, steady)
    take_page(folder)
    write(folder)


def _take(debugger: Debugger, path: Path, keys: tuple[str, ...], size: tuple[int, int], title: str) -> None:
    picture(debugger, path, keys, size=size, title=title, scene=drawn)
    path.write_text(steady(path.read_text(encoding="utf-8"), path.stem), encoding="utf-8")
    print(path)


async def drawn(pilot: Pilot[int]) -> None:
    """Wait until a large graph is drawn too."""
    screen = pilot.app.screen
    while isinstance(screen, DebugScreen) and screen.graph.drawer.is_drawing:
        await pilot.pause(0.02)


def steady(svg: str, name: str) -> str:
    """`svg` with names of its own in place of Textual's random ones: an unchanged screen gives an equal file."""
    return re.sub(r"terminal-\d+", f"terminal-{name}", svg)


if __name__ == "__main__":
    parser = ArgumentParser(prog="pictures", description="Write the pictures of the README, from the program.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/pictures"))
    main(parser.parse_args().folder)
