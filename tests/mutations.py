"""Recorded executions, and changes of their definitions: what `verify` must say of each.

A story is a definition that was run once, with another clock, other draws and other UUIDs than its replay has, and
written as AWS writes histories. A row changes one place of it and says what may be said of the recording then: for a
difference also at which event and field it stands first, and words of the reason where they matter.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.events import timestamp
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.history.recording import Recording
from sfdebug.history.verification.verdict import Verification, VerificationStatus, verify
from tests.engine_runs import Answers, echo
from tests.history_runs import read_back, run_in_any_order

IDENTICAL: Final = VerificationStatus.IDENTICAL
PARTIAL: Final = VerificationStatus.PARTIAL
DIVERGES: Final = VerificationStatus.DIVERGES
NOT_VERIFIED: Final = VerificationStatus.NOT_VERIFIED

DROP: Final = object()
"""A change that takes the field away."""
INVOKE: Final = "arn:aws:states:::lambda:invoke"
START_TIME: Final = 1_764_053_123_457
NAME: Final = "march"
LITERAL: Final = "0b6c9d1e-3c55-4a86-8a0c-5d4f1e6b9a7c"
OTHER_LITERAL: Final = "1f2e3d4c-5b6a-4978-9695-a4b3c2d1e0f1"

Change = Callable[[Any], object] | Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """A definition, and how the execution went that was recorded."""

    definition: dict[str, Any]
    input: Any = field(default_factory=dict)
    answers: Answers = echo
    order: int | None = None
    edit: Callable[[list[dict[str, Any]]], None] | None = None
    name: str = NAME
    """What is known of the execution's name."""


@dataclass(frozen=True)
class Row:
    """A change of a story's definition, and what may be said of the recording then.

    A mapping gives values for places "State/Field/…"; one that starts with "/" begins at the top of the definition.
    `expected` is a status, or, of a difference, where the first one stands: event type, state, field and place.
    `known` says that the definition that the execution ran is given as well.
    """

    story: str
    name: str
    change: Change
    expected: VerificationStatus | str
    words: str = ""
    known: bool = False

    @property
    def status(self) -> VerificationStatus:
        """The verdict."""
        return self.expected if isinstance(self.expected, VerificationStatus) else DIVERGES

    @property
    def where(self) -> str:
        """Where the first difference stands, "" when there is none."""
        return "" if isinstance(self.expected, VerificationStatus) else self.expected

    @property
    def id(self) -> str:
        return f"{self.story}: {self.name}{' (definition known)' if self.known else ''}"


def changed(definition: dict[str, Any], change: Change) -> dict[str, Any]:
    """The definition, changed."""
    other = copy.deepcopy(definition)
    if callable(change):
        change(other)
        return other
    for place, value in change.items():
        node: Any = other if place.startswith("/") else other["States"]
        *path, last = place.removeprefix("/").split("/")
        for key in path:
            node = node[int(key)] if isinstance(node, list) else node[key]
        if value is DROP:
            del node[last]
        elif isinstance(node, list):
            node[int(last)] = value
        else:
            node[last] = value
    return other


def recording_of(story: Story) -> Recording:
    """The history of a story, with facts as `sfdebug fetch` knows them, and stamps some milliseconds late."""
    run = run_in_any_order(
        story.definition, story.input, story.answers, story.order, name=NAME, seed=77, start_time=START_TIME
    )
    events = late(run.history)
    if story.edit is not None:
        story.edit(events)
    return known_as(events, story.name)


def late(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with stamps that are more and more behind, as AWS's clock goes on between two of them."""
    draw, behind = random.Random(5), 0
    stamped = []
    for event in events:
        moment = parse_timestamp(event["timestamp"])
        assert moment is not None
        stamped.append(event | {"timestamp": timestamp(moment + behind)})
        behind += draw.randint(0, 4)
    return stamped


def known_as(events: list[dict[str, Any]], name: str = NAME) -> Recording:
    if not name:
        return read_back(events)
    arn = f"arn:aws:states:us-east-1:123456789012:execution:StateMachine:{name}"
    found = read_back(events)
    return replace(found, facts=replace(found.facts, arn=arn, name=name).completed(found.events))


def verdict(story: Story, recording: Recording, row: Row) -> Verification:
    """What `verify` says of the changed definition."""
    recorded = definition_from(story.definition) if row.known else None
    machine = definition_from(changed(story.definition, row.change))
    return verify(machine, recording, recorded_definition=recorded)


def told(found: Verification) -> str:
    """Where the first difference stands: event type, state and field."""
    first = found.first
    if first is None:
        return ""
    return f"{first.event_type} {first.state} {first.field}{first.pointer}"


def invoke(payload: Any, **fields: Any) -> dict[str, Any]:
    """A Task that calls a function."""
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f", "Payload": payload}, **fields}


def work(request: Any) -> Any:
    """Tasks by the names of their states: Flaky fails twice, Bad always, Slow never answers."""
    name = request.state.name
    if name == "Flaky" and request.attempt < 3:
        return TaskFailure("Busy", "again", after_seconds=0.5)
    if name == "Bad":
        return TaskFailure("Broken", "it is broken", after_seconds=1)
    if name == "Slow":
        return TaskSilence()
    return TaskResult({"Payload": {"from": name, "n": 7}, "Code": 200}, after_seconds=1.2)


def reordered(definition: Any) -> None:
    """Every object's keys in the opposite order."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(inner) for key, inner in reversed(value.items())}
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    definition.update({key: definition.pop(key) for key in reversed(list(definition))})
    definition["States"] = {
        name: {
            key: turned(inner) if key in ("Retry", "Catch") else inner for key, inner in reversed(list(state.items()))
        }
        for name, state in reversed(definition["States"].items())
    }
