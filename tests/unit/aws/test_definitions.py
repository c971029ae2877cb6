"""Which definition each of many executions ran: asked for seldom, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sfdebug.aws.errors import DeniedError, NotFoundError
from sfdebug.aws.fetching import Definitions
from sfdebug.aws.listing import ExecutionEntry

MINUTE = 60_000


class Machine:
    """A state machine that was updated at these minutes, as a reader that only answers that."""

    def __init__(self, *updates: float) -> None:
        self.updates = updates
        self.asked: list[str] = []
        self.errors: dict[str, Exception] = {}

    def ask(self, operation: str, target: str, **parameters: Any) -> dict[str, Any]:
        self.asked.append(target)
        if target in self.errors:
            raise self.errors[target]
        updated = max(one for one in self.updates if one <= float(target.partition(":")[0]))
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=updated)
        return {"definition": f'"{updated}"', "updateDate": moment}


def entries(minutes: list[float], **more: str) -> list[ExecutionEntry]:
    return [
        ExecutionEntry(f"{one}", f"{one}", "FAILED", int(one * MINUTE), None, 0, None, None, {**more})
        for one in minutes
    ]


def asked_for(machine: Machine, wanted: list[ExecutionEntry], version: str = "") -> list[str]:
    definitions = Definitions(machine, wanted)  # type: ignore[arg-type]
    return [definitions.of(one.arn, one.started_at, version).definition for one in wanted]


def test_one_answer_tells_of_all_that_were_started_under_it() -> None:
    machine = Machine(0, 50, 80)
    minutes = [99.0, 98.0, 81.0, 79.0, 60.0, 51.0, 40.0, 1.0]
    wanted = entries(minutes)
    assert asked_for(machine, wanted) == [f'"{max(one for one in (0, 50, 80) if one <= m)}"' for m in minutes]
    assert machine.asked == ["99.0", "79.0", "40.0"]
    # In whichever order they come, the last that was started is asked for first.
    machine.asked.clear()
    assert asked_for(machine, wanted[::-1])
    assert machine.asked == ["99.0", "1.0", "40.0", "51.0", "60.0", "79.0"]


def test_around_an_update_each_is_asked_for() -> None:
    machine = Machine(0, 50)
    wanted = entries([99.0, 50.2, 50.1, 50.05, 49.95, 49.9, 49.7])
    asked_for(machine, wanted)
    assert machine.asked == ["99.0", "50.1", "50.05", "49.95", "49.9"]


def test_a_version_is_asked_for_once_and_says_nothing_of_what_has_none() -> None:
    machine = Machine(0)
    asked_for(machine, entries([9.0, 5.0], stateMachineVersionArn="v:1"), "v:1")
    assert machine.asked == ["9.0"]
    definitions = Definitions(machine, entries([9.0]))  # type: ignore[arg-type]
    definitions.of("8:v", 8 * MINUTE, "v:2")
    definitions.of("7.0", 7 * MINUTE)
    assert machine.asked == ["9.0", "9.0", "8:v"]


def test_refusals() -> None:
    machine = Machine(0)
    machine.errors["9.0"] = NotFoundError("gone")
    wanted = entries([9.0, 8.0, 7.0])
    definitions = Definitions(machine, wanted)  # type: ignore[arg-type]
    assert definitions.of("8.0", 8 * MINUTE).definition == '"0"'
    with pytest.raises(NotFoundError):
        definitions.of("9.0", 9 * MINUTE)
    denied = Definitions(machine, wanted[1:])  # type: ignore[arg-type]
    machine.errors["8.0"] = DeniedError("states:X", "no", "")
    machine.asked.clear()
    for one in wanted[1:]:
        with pytest.raises(DeniedError):
            denied.of(one.arn, one.started_at)
    assert machine.asked == ["8.0"]
