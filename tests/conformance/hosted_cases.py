"""Recorded executions that a host can run: those that come from the answers of their Tasks alone, with these answers as
test cases."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from sfdebug.engine import Settings
from sfdebug.history.alignment.recorded_tasks import RecordedTasks
from sfdebug.history.mocks import mock_config
from sfdebug.history.reading.read import recordings_of
from tests.conformance.known_misses import KNOWN_MISSES
from tests.conformance.test_executions import CASES, _settings

ACCOUNT = "111111111111"


class HostedCase:
    """One recorded execution."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem[:120]

    @cached_property
    def recorded(self) -> dict[str, Any]:
        """The file."""
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    @property
    def events(self) -> list[dict[str, Any]]:
        """What AWS recorded."""
        events: list[dict[str, Any]] = self.recorded["history"]["events"]
        return events

    @property
    def type(self) -> str:
        """STANDARD or EXPRESS."""
        return str(self.recorded["type"])

    @property
    def definition(self) -> str:
        """The definition, as text."""
        given = self.recorded["definition"]
        return given if isinstance(given, str) else json.dumps(given)

    @property
    def input(self) -> str:
        """The input, as text."""
        return json.dumps(self.recorded["input"])

    @property
    def settings(self) -> Settings:
        """What it was run under."""
        return _settings(self.type)

    @property
    def activities(self) -> list[str]:
        """What its activities are called is told by its events."""
        scheduled = (event.get("activityScheduledEventDetails") for event in self.events)
        return [details["resource"].rpartition(":")[2] for details in scheduled if details]

    @property
    def is_of_its_tasks_alone(self) -> bool:
        """Whether nothing but answers of Tasks gives it: nobody stopped it, and it was recorded to its end."""
        last = self.events[-1]["type"]
        ended = last.startswith("Execution") and last not in ("ExecutionAborted", "ExecutionTimedOut")
        return ended and self.path.stem not in KNOWN_MISSES

    @property
    def fits_a_mock_file(self) -> bool:
        """Whether a mock file of Step Functions Local can say all that was answered: it knows no first answer before a
        task token comes back, no names of workers, no child executions, and no timeout without a cause."""
        for event in self.events:
            details: dict[str, Any] = next((value for name, value in event.items() if name.endswith("Details")), {})
            if event["type"] in ("TaskSubmitted", "ActivityStarted", "MapRunStarted"):
                return False
            if event["type"] in ("TaskTimedOut", "LambdaFunctionTimedOut") and "cause" not in details:
                return False
        return True

    @property
    def mock_file(self) -> str:
        """What `sfdebug mocks` makes of the recording, with one test case that is called as it is."""
        (recording,) = recordings_of(self.events, self.name)
        return json.dumps(mock_config({self.name: recording}, "StateMachine").config)


HOSTED_CASES = [HostedCase(path) for path in CASES]


class RecordedMocks:
    """Test cases that answer as it was recorded; each is called as its recording."""

    state_machines = ()

    def __init__(self, *cases: HostedCase) -> None:
        self.cases = {case.name: case for case in cases}

    def handler(self, state_machine: str | None, case: str) -> RecordedTasks:
        return RecordedTasks(self.cases[case].events)
