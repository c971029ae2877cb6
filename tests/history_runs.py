"""Histories for tests: engine runs written as AWS writes them, also in another order than the engine's own."""

from __future__ import annotations

import copy
import json
import random
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sfdebug.asl.load import definition_from
from sfdebug.engine import Execution, ExecutionStatus, Settings, readiness, start, step
from sfdebug.engine.execution.decisions import AnswerTask, Proceed
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import Recording
from tests.engine_runs import Answers, echo

ORDER: dict[str, Any] = {
    "StartAt": "Fetch",
    "States": {
        "Fetch": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "fetch", "Payload.$": "$"},
            "ResultSelector": {"n.$": "$.Payload.n"},
            "ResultPath": "$.got",
            "TimeoutSeconds": 60,
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sum"}],
            "Next": "Big?",
        },
        "Big?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.got.n", "NumericGreaterThan": 5, "Next": "Nap"}],
            "Default": "Sum",
        },
        "Nap": {"Type": "Wait", "Seconds": 10, "Next": "Sum"},
        "Sum": {"Type": "Pass", "Parameters": {"all.$": "$"}, "ResultPath": "$.total", "End": True},
    },
}
"""Fetches a number, naps when it is above five, sums up."""

_ENTERED = re.compile(r"(?<=entered at the event id #)\d+")


def recorded(
    definition: Any, input: Any = None, answers: Answers = echo, order: int | None = None, **settings: Any
) -> list[dict[str, Any]]:
    """The events of a run in the shape of GetExecutionHistory; with `order` in a random order of its branches."""
    events = run_in_any_order(definition, input, answers, order, **settings).history
    return events if order is None else interleaved(events, definition, order)


def changed(place: str, value: Any) -> dict[str, Any]:
    """ORDER with another value at "State/Field/…"."""
    definition = copy.deepcopy(ORDER)
    node: Any = definition["States"]
    *path, last = place.split("/")
    for key in path:
        node = node[int(key)] if isinstance(node, list) else node[key]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return definition


def recording(definition: Any, input: Any = None, answers: Answers = echo, **more: Any) -> Recording:
    """A run, read back from its events."""
    return read_back(recorded(definition, input, answers, **more))


def read_back(events: Sequence[Mapping[str, Any]], name: str = "history.json") -> Recording:
    """The one execution of a list of events."""
    (found,) = parse_recordings(json.dumps({"events": events}), name)
    return found


def run_in_any_order(
    definition: Any, input: Any = None, answers: Answers = echo, order: int | None = None, **settings: Any
) -> Execution:
    """A whole execution whose branches take turns at random."""
    (execution,) = deque(steps_in_any_order(definition, input, answers, order, **settings), maxlen=1)
    return execution


def steps_in_any_order(
    definition: Any, input: Any = None, answers: Answers = echo, order: int | None = None, **settings: Any
) -> Iterator[Execution]:
    """The same, from its start, after each step."""
    execution = start(definition_from(definition), {} if input is None else input, Settings(**settings))
    yield execution
    draw = random.Random(order)
    while execution.status is ExecutionStatus.RUNNING:
        possible = readiness(execution)
        options: list[Any] = [Proceed(branch) for branch in possible.ready]
        options += [AnswerTask(request.branch, answers(request)) for request in possible.requests]
        chosen = Proceed() if not options else options[0] if order is None else draw.choice(options)
        execution = step(execution, chosen)
        yield execution


def interleaved(events: list[dict[str, Any]], definition: Any, seed: int) -> list[dict[str, Any]]:
    """The same events in another possible order, with ids to match, one to a hundred milliseconds apart.

    An event stays after the one that it follows, after those before it in its branch, and the end of a container after
    everything inside it.
    """
    from sfdebug.history.alignment.alignment import align

    draw = random.Random(seed)
    alignment = align(read_back(events), definition_from(definition))
    after: dict[int, set[int]] = {place: set() for place in range(len(events))}
    places = {event["id"]: place for place, event in enumerate(events)}
    last: dict[Any, int] = {}
    for place, event in enumerate(events):
        branch = alignment.branches[place]
        if event["previousEventId"]:
            after[place].add(places[event["previousEventId"]])
        if branch in last:
            after[place].add(last[branch])
        if event["type"].endswith(("StateSucceeded", "StateFailed", "StateExited", "Aborted")) or not branch:
            after[place] |= {mark for inside, mark in last.items() if inside[: len(branch)] == branch}
        if event["type"] == "MapIterationStarted":  # in the order of the items
            key = ("started", branch[:-1], branch[-1][0])
            after[place] |= {last[key]} if key in last else set()
            last[key] = place
        if event["type"].endswith(("Aborted", "IterationFailed")):
            after[place] |= set(last.values())
        last[branch] = place
    order: list[int] = []
    while after:
        free = [place for place, needs in after.items() if not needs]
        taken = draw.choice(free)
        del after[taken]
        for needs in after.values():
            needs.discard(taken)
        order.append(taken)
    return _renumbered([events[place] for place in order], draw)


def _renumbered(events: list[dict[str, Any]], draw: random.Random) -> list[dict[str, Any]]:
    ids = {0: 0} | {event["id"]: number for number, event in enumerate(events, 1)}
    moment, renumbered = 1_735_689_600_000, []
    for event in events:
        text = _ENTERED.sub(lambda match: str(ids[int(match[0])]), json.dumps(event))
        moment += draw.randint(1, 100)
        stamped = json.loads(text) | {"id": ids[event["id"]], "previousEventId": ids[event["previousEventId"]]}
        renumbered.append(stamped | {"timestamp": moment / 1000})
    return renumbered
