"""Lists of executions without AWS and without files: a source of rows that are known already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from sfdebug.aws.listing import MachineEntry, Wanted
from sfdebug.executions.outcome import ExecutionOutcome, FailedState, Known, takes
from sfdebug.executions.source import Count, MachineCounts, MapRunFacts
from sfdebug.history.recording import Recording, RecordingError
from sfdebug.tui.browser.places import KeptPlace

ARN = "arn:aws:states:eu-west-1:123456789012"
ORDERS = f"{ARN}:stateMachine:Orders"
DAY = 1_764_374_400_000
"""Milliseconds: 2025-11-29 00:00 UTC."""


class RowsSource:
    """What there is is what was given."""

    title = "rows"

    def __init__(self, rows: Iterable[ExecutionOutcome], machines: Iterable[MachineEntry] = ()) -> None:
        self.rows = list(rows)
        self._machines = list(machines)

    def machines(self, name: str = "") -> Iterator[list[MachineEntry]]:
        yield self._machines

    def counts(self, machine: MachineEntry, since: int | None = None) -> MachineCounts | None:
        return MachineCounts(Count(3), Count(1_000, is_exact=False), since)

    def executions(self, of: str = "", wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        yield [one for one in self.rows if takes(replace(wanted or Wanted(), statuses=()), one)]

    def news(self, of: str, known: Mapping[str, ExecutionOutcome]) -> list[ExecutionOutcome]:
        return []

    def find(self, arn: str) -> ExecutionOutcome:
        return next(one for one in self.rows if one.arn == arn)

    def map_run(self, arn: str) -> MapRunFacts:
        return MapRunFacts(arn)

    def outcome(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        return outcome

    def outcomes(self, many: Iterable[ExecutionOutcome]) -> Iterator[ExecutionOutcome]:
        return iter(many)

    def recording(self, outcome: ExecutionOutcome) -> Recording:
        raise RecordingError("it has none", where=outcome.key)

    def definition(self, outcome: ExecutionOutcome) -> str | None:
        return None


def place_of(rows: Iterable[ExecutionOutcome], title: str = "eu-west-1, profile production") -> KeptPlace:
    """A place with these executions."""
    return KeptPlace(title, RowsSource(rows))


def night() -> list[ExecutionOutcome]:
    """Some executions of a night: what failed in three ways, what ran, what went well."""
    declined, missing = "the card of order {n} was declined", "the path '$.order' was not found in {n}"
    kinds = (
        ("CardDeclined", declined, FailedState("Charge", attempts=3), 2),
        ("States.Runtime", missing, FailedState("Check", (("Lines", 7),)), 0),
        ("States.Timeout", "", FailedState("Ship", attempts=1), 0),
    )
    rows = []
    for number in range(40):
        name, start = f"order-{4711 + number}", DAY + number * 97_000
        base = ExecutionOutcome(f"{ARN}:execution:Orders:{name}", name, ORDERS, "SUCCEEDED", start, start + 1_250)
        if number % 4 == 1:
            error, cause, state, retries = kinds[number // 4 % 3]
            status = "TIMED_OUT" if error == "States.Timeout" else "FAILED"
            cause, stop = cause.format(n=4711 + number), start + 750 * (number + 1)
            base = replace(base, status=status, error=error, cause=cause, failed_state=state, retries=retries)
            base = replace(base, stopped_at=stop, known=Known.WHOLE, events=11 + number, redrive_count=int(number == 5))
        rows.append(base if number < 38 else replace(base, status="RUNNING", stopped_at=None))
    return rows[::-1]
