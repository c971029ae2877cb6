"""A child execution of a Map Run as a run of its own: gathered from the debugger that it ran in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.histories import history_of_child
from sfdebug.debugger.timeline.index import TakenEdge, edge_left_by
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.debugger.wording.positions import branch_label
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.page.gathering import Gathering
from sfdebug.page.model import PageRun
from sfdebug.times import duration_text, moment_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.page.model import Marks, PageEvent, PageVisit
    from sfdebug.page.values import ValueTable

_MARKS: Final = {
    VisitStatus.RUNNING: MarkStatus.CURRENT,
    VisitStatus.SUCCEEDED: MarkStatus.DONE,
    VisitStatus.CAUGHT: MarkStatus.CAUGHT,
    VisitStatus.FAILED: MarkStatus.FAILED,
    VisitStatus.ABORTED: MarkStatus.ABORTED,
}


class ChildGathering(Gathering):
    """A child execution that is being gathered. Its states stand as it alone has left them, not as all children did."""

    def __init__(
        self, around: Gathering, child: ChildExecution, visits: dict[int, Visit], title: str, values: ValueTable
    ) -> None:
        """`visits` are those of its branch, by number."""
        super().__init__(around.debugger, title, values, visits)
        self._child = child
        self._home = child.id
        self.layout = around.layout
        self._history = history_of_child(self._timeline, child)
        self._events = self._history.events
        first = self._history.node_at(1).index if self._events else 0
        self._index = first - 1
        self._counts: dict[int, set[int]] = {}

    def _marks(self, node: TimelineNode, shown: dict[int, tuple[str, int]]) -> Iterator[Marks]:
        for number in self._take_touched():
            visit = self._visits.get(number)
            if visit is None:
                continue
            place = self._places[visit.state.path]
            seen = self._counts.setdefault(place, set())
            seen.add(number)
            mark = _MARKS[visit.status] if number in self._ended else MarkStatus.CURRENT
            now = mark.value, len(seen)
            if shown.get(place) != now:
                shown[place] = now
                yield (place, *now)

    def _whole(self, events: list[PageEvent], visits: list[PageVisit]) -> PageRun:
        child = self._child
        own = [visit for visit in visits if visit.first]  # another Map Run of the same state had visits like these
        self._visits = {visit.number: self._visits[visit.number] for visit in own}
        taken: dict[int, int] = {}
        layout = self.layout
        for visit in own:
            made = self._visits[visit.number]
            edge = edge_left_by(made)
            if edge is not None:
                self._take(taken, layout.edge_index(*edge), visit.last)
        if own:
            path = self._visits[own[0].number].state.path
            self._take(taken, layout.edge_index(*TakenEdge(path[:-2], path, "start")), own[0].first)
        fault = child.fault
        cause = f": {fault.cause}" if fault is not None and fault.cause else ""
        facts = [("Started", moment_text(child.identity.start_time))]
        if events:
            facts.append(("Took", f"{duration_text(events[-1].time)} of virtual time"))
        return PageRun(
            title=self._title,
            status=child.status.value,
            mode=self._mode(),
            facts=tuple(facts),
            end=f"it failed with {fault.error or 'an error without a name'}{cause}" if fault is not None else "",
            graph="",
            machine=self._machine(),
            states=self._states(),
            taken=tuple(taken.items()),
            events=events,
            visits=own,
            faults=tuple(self._faults(own)),
            input=self._values.add(child.input),
            output=self._values.add(child.output),
        )

    def _take(self, taken: dict[int, int], edge: int | None, event: int) -> None:
        if edge is not None:
            taken.setdefault(edge, event)


def child_label(gathering: Gathering, child: ChildExecution) -> str:
    """What a child execution is called: "child 3 of 25"."""
    return branch_label(gathering.last, child.id)
