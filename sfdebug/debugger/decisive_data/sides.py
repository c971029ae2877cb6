"""One of two compared executions: its recording, and, where it could be computed, its values with their origins."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sfdebug.debugger.data_origins.flow import VisitFlow
from sfdebug.debugger.data_origins.origins import DataOrigins
from sfdebug.debugger.recorded.main_line import recorded_line, recorded_timeline
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.debugger.data_origins.model import DataPlace, OriginStep
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.values import Value


class ComparedSide:
    """One side. Its timeline is made when something of it is first asked for."""

    def __init__(self, run: RecordedSession) -> None:
        self.run = run
        self.recording = run.recording
        self.alignment = run.alignment

    @property
    def is_computed(self) -> bool:
        """Whether a definition was run, so that there are stages with expressions."""
        return self.run.replay is not None

    @cached_property
    def _timeline(self) -> DataOrigins:
        self.timeline = recorded_timeline(self.run)
        return DataOrigins(self.timeline)

    @cached_property
    def _numbers(self) -> Mapping[int, Visit]:
        """The computed visits by the numbers of the recorded ones."""
        _ = self._timeline
        record, fork = recorded_line(self.timeline), self.timeline.fork
        tip = fork.nodes[-1].execution
        assert record is not None, "the timeline is that of a recording"
        visits = [*tip.visits, *(branch.visit for branch in tip.branches.values() if branch.visit is not None)]
        found: dict[int, Visit] = {}
        for visit in visits:
            recorded = record.visit_of(visit, fork)
            if recorded is not None:
                found[recorded.number] = visit
        return found

    @cached_property
    def _recorded(self) -> Mapping[int, int]:
        return {visit.number: number for number, visit in self._numbers.items()}

    def visit(self, recorded: RecordedVisit | None) -> Visit | None:
        """The computed visit that a recorded one is; None where nothing was computed."""
        if recorded is None or not self.is_computed:
            return None
        found = self._numbers.get(recorded.number)
        return found if found is not None and not VisitFlow(found).is_played else None

    def recorded(self, number: int) -> RecordedVisit | None:
        """The recorded visit that the computed one with that number is."""
        found = self._recorded.get(number)
        return self.alignment.visits[found] if found is not None else None

    def value(self, place: DataPlace | None) -> Value:
        """The value at a place; MISSING where there is none."""
        return self._timeline.value(place) if place is not None else MISSING

    def end(self, place: DataPlace) -> tuple[OriginStep, ...]:
        """The way back of the value at a place, the newest step first."""
        return self._timeline.steps(place)


def last_stage(visit: Visit, names: tuple[StageName, ...]) -> int | None:
    """The index of the last stage of a visit with one of these names; None where there is none."""
    return next((at for at in range(len(visit.stages) - 1, -1, -1) if visit.stages[at].name in names), None)
