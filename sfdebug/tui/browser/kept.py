"""The recordings of one file as a source of executions: all of it is known, and nothing is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.errors import UsageError
from sfdebug.executions.outcome import outcome_of
from sfdebug.executions.source import MapRunFacts

if TYPE_CHECKING:
    from sfdebug.aws.listing import MachineEntry, Wanted
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import MachineCounts
    from sfdebug.history.recording import Recording


class RecordingsSource:
    """Recordings that have been read already."""

    def __init__(self, recordings: Sequence[Recording], title: str) -> None:
        self.title = title
        self._recordings = {str(number): one for number, one in enumerate(recordings, start=1)}

    def machines(self, name: str = "") -> Iterator[list[MachineEntry]]:
        """None: they stand in one list."""
        yield []

    def counts(self, machine: MachineEntry, since: int | None = None) -> MachineCounts | None:
        """Not known of a machine."""
        return None

    def executions(self, of: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        """All of them, a part at a time: to tell what became of one, its events are followed."""
        page: list[ExecutionOutcome] = []
        arns: set[str] = set()
        for label, recording in self._recordings.items():
            found = outcome_of(recording)
            arn = "" if found.arn in arns else found.arn  # recorded twice: the second one is another one here
            arns.add(found.arn)
            page.append(replace(found, arn=arn, label=label, name=found.name or recording.key))
            if len(page) >= _PAGE:
                yield page
                page = []
        yield page

    def news(self, of: str, known: Mapping[str, ExecutionOutcome]) -> list[ExecutionOutcome]:
        """None ever."""
        return []

    def find(self, arn: str) -> ExecutionOutcome:
        """The one with that ARN. Raises UsageError when it is not in the file."""
        for page in self.executions(""):
            for one in page:
                if one.arn == arn:
                    return one
        raise UsageError("it is not in this file", where=arn, fix=f"sfdebug fetch {arn} saves it.")

    def map_run(self, arn: str) -> MapRunFacts:
        """The execution whose history names it, where that is in the file."""
        for page in self.executions(""):
            for one in page:
                if any(event.text("mapRunArn") == arn for event in self.recording(one).events):
                    return MapRunFacts(arn, one.arn)
        return MapRunFacts(arn)

    def outcome(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """There is no more to know."""
        return outcome

    def outcomes(self, many: Iterable[ExecutionOutcome]) -> Iterator[ExecutionOutcome]:
        """There is no more to know."""
        return iter(many)

    def recording(self, outcome: ExecutionOutcome) -> Recording:
        """The one that it is of."""
        found = self._recordings.get(outcome.label)
        if found is None:
            raise UsageError("there is no such execution in this file", where=outcome.key)
        return found

    def definition(self, outcome: ExecutionOutcome) -> str | None:
        """Not known here."""
        return None


_PAGE = 200
