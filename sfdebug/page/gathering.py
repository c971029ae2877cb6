"""What a page shows of a run, gathered from the debugger: nothing is worked out here that its views do not say.

Every event is looked at where it has happened on the fork that is in view. The debugger's cursor stays where it is.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
from sfdebug.debugger.explaining.asking import explained
from sfdebug.debugger.recorded.main_line import recorded_line
from sfdebug.debugger.recorded.summary import summary_lines
from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.view.build import ViewBuilder
from sfdebug.debugger.view.json_diff import stage_changes
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.debugger.view.standing import StandingWalk
from sfdebug.debugger.wording.positions import branch_label, end, stage_label
from sfdebug.drawing import build
from sfdebug.engine.execution.events import LastPayload
from sfdebug.engine.execution.stages import in_common
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.page.model import Marks, PageEvent, PageFault, PageRun, PageStage, PageState, PageVisit
from sfdebug.page.values import NOTHING
from sfdebug.reports.graphs import svg
from sfdebug.reports.graphs.export import GraphExport, state_id
from sfdebug.reports.graphs.overlay import Marked, RecordingOverlay
from sfdebug.times import duration_text, moment_text
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.timeline.index import TakenEdge
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.view.model import StageLine, StateMark
    from sfdebug.drawing.elements import Layout
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.page.values import ValueTable

_MOST_CHANGES: Final = 100
"""More differences of one stage are counted, not shown: the values themselves are there, whole."""

_UNVISITED: Final = (MarkStatus.UNVISITED.value, 0)


def visits_of(execution: Execution) -> dict[int, Visit]:
    """All visits of an execution, by number: those that are over, and those that are not."""
    live = [branch.visit for branch in execution.branches.values() if branch.visit is not None]
    return {visit.number: visit for visit in (*execution.visits, *live)}


def children_of(execution: Execution) -> list[ChildExecution]:
    """The child executions of the Map Runs of an execution, in the order of their items: each once, as it stands
    last."""
    found = {child.arn: child for child in (*execution.ended_children, *execution.children.values())}
    return sorted(found.values(), key=lambda child: child.id)


def visits_within(execution: Execution) -> dict[BranchId, dict[int, Visit]]:
    """The visits of an execution by number, for each execution in it: () is the one at the top, without its children,
    the others are the branches that child executions run as."""
    ids = {child.id for child in children_of(execution)}
    found: dict[BranchId, dict[int, Visit]] = {(): {}}
    for number, visit in visits_of(execution).items():
        branch = visit.branch
        while branch and branch not in ids:
            branch = branch[:-1]
        found.setdefault(branch, {})[number] = visit
    return found


def gathered(debugger: Debugger, title: str, values: ValueTable) -> PageRun:
    """What a page shows of the fork in view of a debugger."""
    gathering = Gathering(debugger, title, values)
    for _ in gathering.steps():
        pass
    return gathering.run


class Gathering:
    """A run that is being gathered, event by event: `run` is there when all `steps` are done."""

    run: PageRun
    layout: Layout
    """The drawing that it is shown on; there with `run`."""

    def __init__(
        self, debugger: Debugger, title: str, values: ValueTable, visits: dict[int, Visit] | None = None
    ) -> None:
        """`visits`, by number: without them all, also those of child executions, which have no events here."""
        self._debugger = debugger
        self._title = title
        self._values = values
        self._timeline = timeline = debugger.timeline
        self._fork = timeline.fork
        self._nodes = tuple(timeline.nodes)
        """Those that are there now: a fork can grow meanwhile."""
        self._history = history_at(timeline, position_at(Cursor(self._nodes[0])))
        self._events = self._history.events
        views = ViewBuilder(
            timeline, Breakpoints(debugger.machine), debugger.machine,
            lambda *_: False, lambda lines, _: lines, lambda _: None,
        )  # fmt: skip
        self._views = views
        self._standing = StandingWalk(timeline.facts)
        self._places = {state.path: number for number, state in enumerate(debugger.machine.walk())}
        last = self._nodes[-1].execution
        self._last = last
        self._visits = visits if visits is not None else visits_of(last)
        self._current: dict[BranchId, int] = {}
        """The visit that each branch had last, by its number, at the node that has been come to."""
        self._ended: set[int] = set()
        self._touched: list[int] = []
        """The visits that began, went on or ended at the nodes that were come to since states were last looked at."""
        self._home: BranchId = ()
        self._index = -1
        self.map_runs: dict[str, int] = {}
        """By which event each Map Run was started."""
        self._spans: dict[int, list[tuple[int, int]]] = {}
        """Of each visit the places of its events, and how many of its stages were over there."""
        self._record = recorded_line(timeline)
        self._last_payload = LastPayload()

    @property
    def size(self) -> int:
        """How many steps there are."""
        return len(self._events) + len(self._visits)

    @property
    def is_in_view(self) -> bool:
        """Whether the fork that is gathered is still the one in view."""
        return self._timeline.fork is self._fork

    def steps(self) -> Iterator[None]:
        """Gather it: one event or visit at a step."""
        events: list[PageEvent] = []
        shown: dict[int, tuple[str, int]] = {}
        start = self._events[0].time if len(self._events) else 0
        at_node = -1
        marks: tuple[Marks, ...] = ()
        for count, (event, node) in enumerate(zip(self._events, self._history.nodes_of_events(), strict=True), 1):
            if node.index != at_node:
                at_node = node.index
                self._come_to(node)
                marks = tuple(self._marks(node, shown))
            events.append(self._event(count, event, node, start, marks))
            marks = ()
            yield
        visits = []
        for number in sorted(self._visits):
            visits.append(self._visit(self._visits[number], start, events))
            yield
        self.run = self._whole(events, visits)

    @property
    def debugger(self) -> Debugger:
        """The debugger that it is gathered from."""
        return self._debugger

    @property
    def last(self) -> Execution:
        """The execution where its fork ends."""
        return self._last

    # Events

    def _come_to(self, node: TimelineNode) -> None:
        """Know the visits up to a node."""
        while self._index < node.index:
            self._index += 1
            here, parent = self._nodes[self._index], self._nodes[self._index - 1] if self._index else None
            seen = len(parent.execution.visits) if parent is not None else 0
            for visit in here.execution.visits[seen:]:
                self._current[visit.branch] = visit.number
                self._ended.add(visit.number)
                self._touched.append(visit.number)
            branch = here.execution.branches.get(here.moved)
            if branch is not None and branch.visit is not None:
                self._current[here.moved] = branch.visit.number
                self._ended.discard(branch.visit.number)  # a redrive goes on with it
                self._touched.append(branch.visit.number)

    def _take_touched(self) -> list[int]:
        found, self._touched = self._touched, []
        return found

    def _marks(self, node: TimelineNode, shown: dict[int, tuple[str, int]]) -> Iterator[Marks]:
        """How states stand at a node, where that is another way than before."""
        self._take_touched()
        stands = {self._places[path]: how for path, how in self._standing.come_to(node).items()}
        for place, how in sorted(stands.items()):
            now = how.status.value, how.visits
            if shown.get(place, _UNVISITED) != now:
                shown[place] = now
                yield (place, *now)

    def _event(self, count: int, event: Event, node: TimelineNode, start: int, marks: tuple[Marks, ...]) -> PageEvent:
        number = self._visit_of(event, node)
        revealed, is_waiting = self._revealed(number, node)
        if number:
            self._spans.setdefault(number, []).append((count, revealed - is_waiting))
        fields = event.written_details(self._last_payload)
        error = fields.get("error")
        if "mapRunArn" in fields:
            self.map_runs.setdefault(str(fields["mapRunArn"]), count)
        return PageEvent(
            id=event.id,
            type=str(event.type),
            time=event.time - start,
            state=event.state,
            visit=number,
            revealed=revealed,
            is_waiting=is_waiting,
            details=self._values.add_details(fields) if fields else NOTHING,
            error=str(error) if error is not None else "",
            marks=marks,
        )

    def _visit_of(self, event: Event, node: TimelineNode) -> int:
        """The visit that an event belongs to: the last one of its branch; 0 for what is of no state."""
        if not event.state:
            return 0
        branch = event.branch
        while branch and branch not in self._current:
            branch = branch[:-1]
        found = self._current.get(branch, 0)
        return found if found in self._visits else 0

    def _revealed(self, number: int, node: TimelineNode) -> tuple[int, bool]:
        """How many stages of a visit have come about at a node, and whether the last one waits for its result."""
        if not number:
            return 0, False
        visit = self._visits[number]
        if number in self._ended:
            return len(visit.stages), False
        branch = node.execution.branches.get(visit.branch)
        now = branch.visit if branch is not None else None
        if now is None or now.number != number:
            return len(visit.stages), False
        shown = len(now.stages)
        return shown, in_common(now.stages, visit.stages) < shown and now.stages[-1].status is StageStatus.WAITING

    # Visits

    def _visit(self, visit: Visit, start: int, events: list[PageEvent]) -> PageVisit:
        span = self._spans.get(visit.number, ())
        first, last = (span[0][0], span[-1][0]) if span else (0, 0)
        begin = events[first - 1].time if first else visit.entered_at - start
        end_at = events[last - 1].time if last else begin
        lines = self._debugger.done_lines_of(visit)
        is_made_up = self._record is not None and self._record.run.is_reconstructed
        return PageVisit(
            number=visit.number,
            state=self._places[visit.state.path],
            branch=branch_label(self._last, visit.branch) if visit.branch != self._home else "",
            status=visit.status.value,
            first=first,
            last=last,
            begin=begin,
            end=max(begin, end_at),
            attempts=visit.attempt,
            input=self._values.add(visit.input),
            output=self._values.add(visit.output),
            variables=self._values.add(dict(visit.variables)) if visit.variables else NOTHING,
            next=visit.next or "",
            stages=tuple(self._stage(visit, row, line, is_made_up=is_made_up) for row, line in enumerate(lines)),
        )

    def _stage(self, visit: Visit, row: int, line: StageLine, *, is_made_up: bool) -> PageStage:
        stage, values = line.stage, self._values
        assert stage is not None, "a visit has no planned stages"
        told = explained(self._last, visit.state, visit, row, len(visit.stages), is_made_up=is_made_up)
        changes = stage_changes(stage, visit)
        return PageStage(
            label=stage_label(stage, visit.state),
            status=line.status,
            before=values.add(line.before),
            after=values.add(line.after),
            expression=values.add(line.expression),
            told=(*told.lines, *line.explanations),
            changes=tuple(
                (one.kind, one.pointer, values.add(one.before), values.add(one.after))
                for one in changes[:_MOST_CHANGES]
            ),
            more_changes=max(0, len(changes) - _MOST_CHANGES),
            origin=line.origin,
            recorded=values.add(line.recorded),
            error=str(stage.fault.error or "") if stage.fault is not None else "",
        )

    # The whole

    def _whole(self, events: list[PageEvent], visits: list[PageVisit]) -> PageRun:
        last, facts = self._last, self._timeline.facts
        tip = self._nodes[-1]
        marks = self._views.marks_at(position_at(Cursor(tip, tip.last_stage_offset)))
        taken = facts.taken(tip.index)
        export = self._graph(marks, {edge: taken.times(edge) for edge in taken}, len(events))
        first_taken = []
        for edge in taken:
            number = export.layout.edge_index(*edge)
            if number is not None:
                first_taken.append((number, self._first_at(edge, len(events))))
        run = self._debugger.recorded
        return PageRun(
            title=self._title,
            status=last.status.value,
            mode=self._mode(),
            facts=tuple(summary_lines(run)) if run is not None else self._facts(events),
            end=end(last) if tip.is_over else "",
            graph=svg.render(export, "light"),
            machine=self._machine(),
            states=self._states(),
            taken=tuple(sorted(first_taken)),
            events=events,
            visits=visits,
            faults=tuple(self._faults(visits)),
            input=self._values.add(last.input),
            output=self._values.add(last.output),
        )

    def _first_at(self, edge: TakenEdge, most: int) -> int:
        """By which event a transition had been taken first."""
        at = self._timeline.facts.first_taken(edge)
        return min(max(1, self._history.count_at(self._nodes[at])), most)

    def _mode(self) -> str:
        if self._record is None:
            return "simulation"
        return "recording" if self._timeline.is_on_recording else "fork of a recording"

    def _facts(self, events: list[PageEvent]) -> tuple[tuple[str, str], ...]:
        if not events:
            return ()
        took = duration_text(events[-1].time)
        start = self._nodes[0].execution.settings.start_time
        return (("Started", moment_text(start)), ("Took", f"{took} of virtual time"))

    def _machine(self) -> str:
        return sha256(compact(self._debugger.machine.document.value).encode("utf-8", "surrogatepass")).hexdigest()

    def _states(self) -> tuple[PageState, ...]:
        walk = self._debugger.machine.walk()
        return tuple(PageState(state_id(state.path), state.name, str(state.type)) for state in walk)

    def _graph(self, marks: Mapping[StatePath, StateMark], taken: Mapping[TakenEdge, int], events: int) -> GraphExport:
        self.layout = layout = build(self._debugger.machine, max_name=svg.NAME_CELLS, max_width=svg.PAGE_CELLS)
        states = {path: Marked(mark.status, mark.visits) for path, mark in marks.items() if mark.visits}
        overlay = RecordingOverlay(self._title, self._last.status, events, states, taken)
        return GraphExport(layout, self._title, overlay)

    def _faults(self, visits: list[PageVisit]) -> Iterator[PageFault]:
        """The faults, in the order of their visits and stages, and what a Retrier or a Catcher made of each."""
        by_number = {visit.number: visit for visit in visits}
        for number in sorted(self._visits):
            visit, page = self._visits[number], by_number[number]
            for row, stage in enumerate(visit.stages):
                fault = visit.fault if stage.name is StageName.ERROR else stage.fault
                if fault is None or stage.name in (StageName.RETRY, StageName.CATCH):
                    continue
                span = self._spans.get(number, ())
                at = next((place for place, over in span if over > row), page.last)
                cause = self._values.add(fault.cause) if fault.cause is not None else NOTHING
                yield PageFault(at, number, visit.state.name, str(fault.error or ""), cause, self._became(visit, row))

    def _became(self, visit: Visit, row: int) -> str:
        for later in visit.stages[row + 1 :]:
            if later.name not in (StageName.RETRY, StageName.CATCH):
                break
            if later.status is StageStatus.MATCHED:
                label = stage_label(later, visit.state)
                return f"{label}: tried again" if later.name is StageName.RETRY else f"{label}: goes to {visit.next}"
        return "nothing took it" if visit.status is VisitStatus.FAILED else visit.status.value
