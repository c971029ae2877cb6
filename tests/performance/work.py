"""The pieces of work of which the costs are counted, by the names that `budgets.json` has for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

from bench.histories import LOOP as RECORDED_LOOP
from bench.loop import LOOP, ORDER
from bench.machines import DISTRIBUTED_MAP, INLINE_MAP, JSONATA_LOOP, pass_chain
from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.drawing import build
from sfdebug.drawing.painting.paint import paint
from sfdebug.history.reading.read import parse_recordings
from sfdebug.page.document import NamedRun, run_page
from sfdebug.replayer import verify
from sfdebug.simulation import simulate
from sfdebug.values import Json
from tests.debugger_runs import ORDER as ORDERING
from tests.debugger_runs import ORDER_INPUT, Handler
from tests.graph_machines import generated, machine
from tests.performance.counting import blocks_kept_by, bytes_kept_by, calls_of, counted_calls, each, each_kept
from tests.tui_runs import Session, opened

FEW: Final = 40
MANY: Final = 120


def _jsonpath_loop(rounds: int) -> dict[str, Any]:
    return _with_rounds(LOOP, "NumericLessThan", rounds)


def _jsonata_loop(rounds: int) -> dict[str, Any]:
    return _with_rounds(JSONATA_LOOP, "Condition", f"{{% $n < {rounds} %}}")


def _with_rounds(loop: dict[str, Any], field: str, bound: Json) -> dict[str, Any]:
    (choice,) = loop["States"]["Again?"]["Choices"]
    again = {**loop["States"]["Again?"], "Choices": [{**choice, field: bound}]}
    return {**loop, "States": {**loop["States"], "Again?": again}}


def _parallel(branches: int) -> dict[str, Any]:
    chains = [pass_chain(f"Branch{number}Step", 4) for number in range(branches)]
    return {"StartAt": "Wide", "States": {"Wide": {"Type": "Parallel", "Branches": chains, "End": True}}}


def _loop_input() -> Json:
    return {"order": ORDER, "n": 0}


def _items(count: int) -> Json:
    return {"items": [{"sku": f"SKU-{number}", "quantity": number} for number in range(count)]}


# Each takes a number, of rounds, items or branches, and returns what it has made


def _run_jsonpath(rounds: int) -> object:
    return simulate(_jsonpath_loop(rounds), _loop_input())


def _run_jsonata(rounds: int) -> object:
    return simulate(_jsonata_loop(rounds), _loop_input())


def _run_map(items: int) -> object:
    return simulate(INLINE_MAP, _items(items))


def _run_distributed(items: int) -> object:
    return simulate(DISTRIBUTED_MAP, _items(items))


def _run_parallel(branches: int) -> object:
    return simulate(_parallel(branches), ORDER)


def _debug(rounds: int) -> Debugger:
    debugger = Debugger(_jsonpath_loop(rounds), _loop_input())
    debugger.run()
    return debugger


def _history(definition: dict[str, Any], given: Json) -> bytes:
    return json.dumps({"events": simulate(definition, given).history}).encode()


class _Opened:
    """Recordings opened in the debugger; their histories are made before it is counted."""

    def __init__(self, definitions: Callable[[int], dict[str, Any]], given: Json) -> None:
        self._texts = {
            count: (_history(definitions(count), given), definition_from(definitions(count))) for count in (FEW, MANY)
        }

    def __call__(self, count: int) -> object:
        return self.opened(count)

    def opened(self, count: int) -> Debugger:
        """A debugger on one of them."""
        data, machine = self._texts[count]
        (recording,) = parse_recordings(data, "loop.json")
        return Debugger.on_recording(open_recording(recording, machine))

    def events(self) -> float:
        """How many events more there are, for one round or branch more."""
        sizes = {count: len(json.loads(data)["events"]) for count, (data, _) in self._texts.items()}
        return (sizes[MANY] - sizes[FEW]) / (MANY - FEW)


def _recorded_loop(rounds: int) -> dict[str, Any]:
    return _with_rounds(RECORDED_LOOP, "NumericLessThan", rounds)


def _opened_event(measure: Callable[[Callable[[], object]], int], what: _Opened) -> float:
    counted = each if measure is calls_of else each_kept
    return counted(measure, what, FEW, MANY) / what.events()


class _Paged(_Opened):
    """Pages of recordings that are open."""

    def __init__(self, definitions: Callable[[int], dict[str, Any]], given: Json) -> None:
        super().__init__(definitions, given)
        self._open = {count: self.opened(count) for count in (FEW, MANY)}

    def __call__(self, count: int) -> object:
        return run_page([NamedRun(self._open[count], "a run")])


def _verified_history() -> float:
    """Calls for one small history more of many with the same definition."""
    text, machine = _history(_recorded_loop(8), _loop_input()), definition_from(_recorded_loop(8))

    def verify_so_many(count: int) -> None:
        for number in range(count):
            (recording,) = parse_recordings(text, f"{number}.json")
            verify(machine, recording)

    return each(calls_of, verify_so_many, 2, 6)


def _steps(debugger: Debugger, verbs: tuple[Callable[[], object], ...], times: int = 10) -> float:
    """Calls for a verb with the view after it."""

    def go() -> None:
        for _ in range(times):
            for verb in verbs:
                verb()
                debugger.view()

    go()
    return calls_of(go) / times / len(verbs)


def _step_in_a_loop(rounds: int) -> float:
    debugger = _debug(rounds)
    debugger.goto_event(2 * rounds)
    return _steps(debugger, (debugger.step_into, debugger.step_into, debugger.step_back, debugger.step_over))


def _jump_in_a_loop(rounds: int) -> float:
    debugger = _debug(rounds)
    near, far = partial(debugger.goto_event, 7), partial(debugger.goto_event, 3 * rounds)
    return _steps(debugger, (far, near))


def _new_step_in_a_parallel(branches: int) -> float:
    """Calls for a step that was not walked before, with its view, amid so many branches."""
    debugger = Debugger(_parallel(branches), ORDER)
    for _ in range(4):
        debugger.step_into()
    return _steps(debugger, (debugger.step_over,), times=8)


async def _keys(session: Session, *keys: str) -> tuple[float, float]:
    """Our calls, and those of Textual and Rich, for a key, when all of them were pressed once before."""
    await session.press(*keys)
    with counted_calls() as calls:
        await session.press(*keys)
    return calls.ours / len(keys), calls.screen / len(keys)


async def _keys_in(debugger: Debugger, *keys: str) -> tuple[float, float]:
    async with opened(debugger) as session:
        session.screen.commands.long_verb.patience = 60  # a verb is waited for, on however slow a machine
        if len(session.app.screen_stack) > 1:
            await session.press("escape")  # the summary of a recording
        return await _keys(session, *keys)


@cache
def _key_in_a_definition(*keys: str) -> tuple[float, float]:
    return asyncio.run(_keys_in(Debugger(ORDERING, ORDER_INPUT, tasks=Handler()), *keys))


@cache
def _key_in_a_recording(*keys: str) -> tuple[float, float]:
    data, machine = _history(_recorded_loop(60), _loop_input()), definition_from(_recorded_loop(60))
    (recording,) = parse_recordings(data, "loop.json")
    return asyncio.run(_keys_in(Debugger.on_recording(open_recording(recording, machine)), *keys))


_STEPPING: Final = ("n", "s", "N", "n", "S", "n")
_STEPPING_RECORDED: Final = ("n", "n", "s", "N")

_SCREEN: Final = 50
"""Rows."""

_TANGLED, _TOO_WIDE = 24, 21
"""Seeds of machines of 50 states that take long: lines cross in the first order found; six widths are tried."""


def _drawing(seed: int) -> float:
    """The calls of drawing a machine that has been drawn before, as far as a screen shows it."""
    definition = machine(generated(seed, 50))

    def work() -> object:
        canvas = paint(build(definition))
        return [canvas.row(row) for row in range(_SCREEN)]

    work()
    return float(calls_of(work))


COSTS: Final[dict[str, Callable[[], float]]] = {
    "calls: a transition of a JSONPath loop": lambda: each(calls_of, _run_jsonpath, FEW, MANY) / 2,
    "calls: a transition of a JSONata loop": lambda: each(calls_of, _run_jsonata, FEW, MANY) / 2,
    "calls: a transition in an inline Map": lambda: each(calls_of, _run_map, FEW, MANY) / 2,
    "calls: a transition in a distributed Map": lambda: each(calls_of, _run_distributed, FEW, MANY) / 2,
    "calls: a transition in a Parallel": lambda: each(calls_of, _run_parallel, 10, 60) / 4,
    "calls: a transition in the debugger": lambda: each(calls_of, _debug, FEW, MANY) / 2,
    "calls: a step and its view, 600 transitions walked": lambda: _step_in_a_loop(300),
    "calls: a step and its view, 3,000 transitions walked": lambda: _step_in_a_loop(1_500),
    "calls: a jump and its view, 3,000 transitions walked": lambda: _jump_in_a_loop(1_500),
    "calls: a new step and its view, amid 10 branches": lambda: _new_step_in_a_parallel(10),
    "calls: a new step and its view, amid 100 branches": lambda: _new_step_in_a_parallel(100),
    "calls: a recorded event opened, loop": lambda: _opened_event(calls_of, _Opened(_recorded_loop, _loop_input())),
    "calls: a recorded event opened, wide Parallel": lambda: _opened_event(calls_of, _Opened(_parallel, ORDER)),
    "calls: a recorded event in a page, loop": lambda: _opened_event(calls_of, _Paged(_recorded_loop, _loop_input())),
    "calls: a recorded event in a page, wide Parallel": lambda: _opened_event(calls_of, _Paged(_parallel, ORDER)),
    "calls: a small history verified": _verified_history,
    "calls: a stepping key": lambda: _key_in_a_definition(*_STEPPING)[0],
    "calls: a stepping key, Textual's and Rich's": lambda: _key_in_a_definition(*_STEPPING)[1],
    "calls: a stepping key in a recording": lambda: _key_in_a_recording(*_STEPPING_RECORDED)[0],
    "calls: a stepping key in a recording, Textual's and Rich's": lambda: _key_in_a_recording(*_STEPPING_RECORDED)[1],
    "calls: a key that moves in a pane": lambda: _key_in_a_definition("2", "down", "down", "up", "1")[0],
    "calls: a key that moves in a pane, Textual's and Rich's": lambda: _key_in_a_definition(
        "2", "down", "down", "up", "1"
    )[1],
    "calls: 50 states drawn, whose lines cross": lambda: _drawing(_TANGLED),
    "calls: 50 states drawn, which are too wide": lambda: _drawing(_TOO_WIDE),
    "blocks: kept of a transition of a JSONPath loop": lambda: each_kept(blocks_kept_by, _run_jsonpath, FEW, MANY) / 2,
    "blocks: kept of a transition of a JSONata loop": lambda: each_kept(blocks_kept_by, _run_jsonata, FEW, MANY) / 2,
    "blocks: kept of a transition in the debugger": lambda: each_kept(blocks_kept_by, _debug, FEW, MANY) / 2,
    "blocks: kept of a recorded event opened": lambda: _opened_event(
        blocks_kept_by, _Opened(_recorded_loop, _loop_input())
    ),
    "bytes: kept of a transition of a JSONPath loop": lambda: each_kept(bytes_kept_by, _run_jsonpath, FEW, MANY) / 2,
    "bytes: kept of a transition in the debugger": lambda: each_kept(bytes_kept_by, _debug, FEW, MANY) / 2,
    "bytes: kept of a recorded event opened": lambda: _opened_event(
        bytes_kept_by, _Opened(_recorded_loop, _loop_input())
    ),
}
