"""What a run started, with its own steps where they are known: child executions of Map Runs, and other executions."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.started import StartedKind, started_in, unnamed_in
from sfdebug.page.children import ChildGathering, child_label
from sfdebug.page.gathering import Gathering, children_of, visits_within
from sfdebug.page.model import PageKin, PageParent
from sfdebug.page.values import NOTHING
from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.page.model import PageRun
    from sfdebug.page.values import ValueTable

_MOST_WITH_STEPS: Final = 200
_MOST_EVENTS: Final = 25_000
"""So many executions that were started have their steps in a page, with so many events in all."""

_MOST_NAMED: Final = 10_000
_WELL: Final = (ExecutionStatus.SUCCEEDED, ExecutionStatus.RUNNING)
_CHILD: Final = "child execution"
_LEFT_OUT: Final = "its steps are left out: the page would have become too large"
_NOT_LOOKED_FOR: Final = "its own history was not looked for"


class StartedRun(Struct, frozen=True):
    """An execution that a recorded run started, as it was found: `debugger` is on its recording, None where that could
    not be had, and `why` says so. `event_id` is the event that names it, `took` is in milliseconds. `started` is what
    it started itself, and `unshown` what is not even named of that."""

    name: str
    kind: str
    status: str
    state: str
    event_id: int
    error: str = ""
    took: int | None = None
    debugger: Debugger | None = None
    why: str = ""
    started: tuple[StartedRun, ...] = ()
    unshown: str = ""


class _Inside:
    """The child executions of a simulated run by their Map Run, and the visits of each."""

    def __init__(self, gathering: Gathering) -> None:
        self.children: dict[str, list[ChildExecution]] = {}
        for child in children_of(gathering.last):
            self.children.setdefault(child.map_run_arn, []).append(child)
        self.visits = visits_within(gathering.last) if self.children else {}


class FamilyGathering:
    """The runs of a page with what they started: `runs` has the ones at the top first."""

    def __init__(self, tops: Sequence[Gathering], values: ValueTable, *, has_names: bool) -> None:
        """`has_names`: executions are called by their own names, which can say something of the data."""
        self.runs: list[PageRun] = [gathering.run for gathering in tops]
        self._values = values
        self._has_names = has_names
        self._runs_left = _MOST_WITH_STEPS
        self._events_left = _MOST_EVENTS

    def steps(
        self, place: int, gathering: Gathering, started: Sequence[StartedRun] | None, unshown: str = ""
    ) -> Iterator[None]:
        """Gather what the run at a place started. `started` is what was found of that, None when nobody looked."""
        run = gathering.debugger.recorded
        left = [unshown] if unshown else []
        if started is None:
            started = self._named(gathering)
            if run is not None:
                left += [f"{one.state} started one that is not named: {one.why}" for one in unnamed_in(run.alignment)]
        rows: list[PageKin] = []
        yield from self._children(place, gathering, _Inside(gathering), rows, left)
        for number, one in enumerate(started, 1):
            yield from self._started(place, one, number, rows)
        if rows or left:
            self.runs[place] = replace(self.runs[place], kin=tuple(rows), unshown=". ".join(left))

    def _children(
        self, place: int, gathering: Gathering, inside: _Inside, rows: list[PageKin], left: list[str]
    ) -> Iterator[None]:
        """The children of the Map Runs that were simulated in a run."""
        events = gathering.map_runs
        mine = [child for arn in events for child in inside.children.get(arn, ())]
        failed_first = sorted(mine, key=lambda child: child.status in _WELL)
        chosen = {child.arn for child in failed_first if self._takes(len(child.events))}
        named = {child.arn for child in failed_first[:_MOST_NAMED]}
        for child in (one for one in mine if one.arn in named):
            event, state, label = events[child.map_run_arn], str(child.id[-1][0]), child_label(gathering, child)
            at = -1
            if child.arn in chosen:
                visits = inside.visits.get(child.id, {})
                inner = ChildGathering(gathering, child, visits, f"{state}: {label}", self._values)
                yield from inner.steps()
                at = self._add(inner.run, PageParent(place, event, state))
                yield from self._below(at, inner, inside)
            rows.append(self._row(child, at, event, state, label))
        if len(mine) > _MOST_NAMED:
            left.append(f"{counted(len(mine) - _MOST_NAMED, 'more child execution')} that ran are not named here")

    def _below(self, place: int, child: Gathering, inside: _Inside) -> Iterator[None]:
        """The children of the Map Runs in a child."""
        rows: list[PageKin] = []
        left: list[str] = []
        yield from self._children(place, child, inside, rows, left)
        if rows:
            self.runs[place] = replace(self.runs[place], kin=tuple(rows), unshown=". ".join(left))

    def _row(self, child: ChildExecution, at: int, event: int, state: str, label: str) -> PageKin:
        took = child.events[-1].time - child.events[0].time if len(child.events) else -1
        error = str(child.fault.error or "") if child.fault is not None else ""
        why = _LEFT_OUT if at < 0 else ""
        given = self._values.add(child.input)
        return PageKin(at, event, state, label, _CHILD, child.status.value, error, took, given, why)

    def _started(self, place: int, one: StartedRun, number: int, rows: list[PageKin]) -> Iterator[None]:
        """An execution whose recording was found, or was not."""
        name = one.name if self._has_names else f"{one.kind} {number:,}"
        event, at, why, given = self._place_of(place, one.event_id), -1, one.why, NOTHING
        if one.debugger is not None and not self._takes(_size(one.debugger)):
            why = _LEFT_OUT
        elif one.debugger is not None:
            inner = Gathering(one.debugger, f"{one.state}: {name}", self._values)
            yield from inner.steps()
            at, given = self._add(inner.run, PageParent(place, event, one.state)), inner.run.input
            yield from self.steps(at, inner, one.started, one.unshown)
        took = one.took if one.took is not None else -1
        rows.append(PageKin(at, event, one.state, name, one.kind, one.status, one.error, took, given, why))

    def _named(self, gathering: Gathering) -> list[StartedRun]:
        """What a recording names as started, where nobody looked for more of it."""
        run = gathering.debugger.recorded
        return [
            StartedRun(
                f"Map Run {one.arn[-36:][:8]}" if one.kind is StartedKind.MAP_RUN else one.arn.split(":")[-1],
                str(one.kind),
                one.status,
                one.state,
                one.event_id,
                why="its children were not looked for" if one.kind is StartedKind.MAP_RUN else _NOT_LOOKED_FOR,
            )
            for one in (started_in(run.alignment) if run is not None else ())
        ]

    def _takes(self, events: int) -> bool:
        """Whether there is room for one more with so many events; then it is taken."""
        if not events or self._runs_left < 1 or events > self._events_left:
            return False
        self._runs_left -= 1
        self._events_left -= events
        return True

    def _add(self, run: PageRun, parent: PageParent) -> int:
        self.runs.append(replace(run, parent=parent))
        return len(self.runs) - 1

    def _place_of(self, place: int, event_id: int) -> int:
        """Where an event stands in a run, from 1; 0 where it does not."""
        events = self.runs[place].events
        at = bisect_left(events, event_id, key=lambda event: event.id)
        return at + 1 if at < len(events) and events[at].id == event_id else 0


def _size(debugger: Debugger) -> int:
    run = debugger.recorded
    return len(run.recording.events) if run is not None else 0
