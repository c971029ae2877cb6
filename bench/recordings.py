"""Debugging recorded histories of nearly 25,000 events: opening one, and the slowest steps and jumps in it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time
from typing import Final

from bench.figures import Figure, Unit
from bench.histories import DEFINITIONS, history_text, timed

_TIMES: Final = 200


@dataclass(frozen=True)
class Measured:
    """Seconds: json.loads of the file, opening it in the debugger from its text, the 99th percentile of each verb with
    the view after it."""

    what: str
    events: int
    loads: float
    opened: float
    verbs: dict[str, float]

    @property
    def ratio(self) -> float:
        """Opening it, in units of json.loads of the same file."""
        return self.opened / self.loads


def measure(what: str) -> Measured:
    """Measure one of the definitions of `bench.histories`."""
    from sfdebug.asl.load import definition_from
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.history.reading.read import parse_recordings

    data, machine = history_text(what).encode(), definition_from(DEFINITIONS[what])

    def opening() -> Debugger:
        (recording,) = parse_recordings(data, f"{what}.json")
        return Debugger.on_recording(open_recording(recording, machine))

    loads, _ = timed(lambda: json.loads(data))
    opened, debugger = timed(opening)
    assert debugger.recorded is not None
    draw, count = random.Random(1), len(debugger.recorded.recording.events)
    verbs: dict[str, Callable[[], object]] = {
        "jump": lambda: debugger.goto_event(draw.randrange(1, count)),
        "step into": debugger.step_into,
        "step over": debugger.step_over,
        "step back": debugger.step_back,
        "back over": debugger.back_over,
        "to the failure": debugger.goto_failure,
    }
    times: dict[str, list[float]] = {name: [] for name in verbs}
    for _ in range(_TIMES):
        for name, verb in verbs.items():
            begun = process_time()
            verb()
            debugger.view()
            times[name].append(process_time() - begun)
    worst = {name: sorted(found)[int(len(found) * 0.99)] for name, found in times.items()}
    return Measured(what, count, loads, opened, worst)


def figures(baseline: float) -> Iterator[Figure]:
    """Opening in the debugger, in units of json.loads of the same file; and the slowest verb, with its view."""
    for what in DEFINITIONS:
        found = measure(what)
        name = f"open {found.events:,} recorded events in the debugger, {what}"
        yield Figure(f"open/{what}", name, Unit.TIMES, found.ratio, 10)
        slowest = max(found.verbs, key=lambda verb: found.verbs[verb])
        name = f"the slowest verb there with its view, 99%: {slowest}"
        yield Figure(f"verbs/{what}", name, Unit.MILLISECONDS, found.verbs[slowest], 0.008, baseline)


if __name__ == "__main__":
    for each in DEFINITIONS:
        print(measure(each))
