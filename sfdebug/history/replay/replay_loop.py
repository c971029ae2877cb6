"""Guiding a replay: event after event of the recording, the engine is driven to it and the two are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import EditInput, EditOutput, Provenance
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.execution import Phase
from sfdebug.history.alignment.visits import is_begun
from sfdebug.history.leaves import Leaf, is_moved, is_same_leaf, replaced
from sfdebug.history.recording import BRANCH_STARTS, ENDINGS
from sfdebug.history.replay.dependence import DependenceTracer, Window
from sfdebug.history.replay.engine_driver import EngineDriver
from sfdebug.history.replay.event_comparison import (
    TIMESTAMPS,
    ComparedValue,
    Comparer,
    Difference,
    DifferenceKind,
    FieldDifference,
    Rules,
)
from sfdebug.history.replay.explain import (
    explain_field,
    explain_moved,
    explain_order,
    explain_path,
)
from sfdebug.history.replay.nondeterminism import Nature, drawn_failure
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.recording import RecordedEvent

_MOST_MOVES: Final = 50
"""More steps than any one event needs."""
_LEFT: Final = frozenset({"output", "assignedVariables"})
"""What a state gives when it is left: compared before it is, so that a value that AWS made up is taken over."""
_ENTERED: Final = frozenset({"input"})
_NOTHING_YET: Final[frozenset[str]] = frozenset()
_AFTER_ANY_BRANCH: Final = frozenset(
    {
        EventType.MAP_ITERATION_STARTED,
        EventType.MAP_STATE_SUCCEEDED,
        EventType.MAP_STATE_EXITED,
        EventType.PARALLEL_STATE_SUCCEEDED,
        EventType.PARALLEL_STATE_EXITED,
    }
)
_NATURES: Final = {
    Nature.CLOCK: "the clock",
    Nature.CHANCE: "a random value",
    Nature.NAMES: "what the recording does not say of the execution",
}


class _Progress:
    """How far one branch has come: its recorded events, by index, its computed ones, and how many have been compared.

    `entered` and `left` are the recorded entry and exit whose data has been compared already, before their events came;
    `input_leaves` and `output_leaves` the places where the input of the state at hand, and the output of the last one,
    are other than recorded; `is_corrected` says that the last output holds recorded values.
    """

    __slots__ = (
        "at", "computed", "computed_at", "entered", "input_leaves", "is_corrected", "left", "output_leaves", "recorded",
    )  # fmt: skip

    def __init__(self, recorded: Sequence[int]) -> None:
        self.recorded = recorded
        self.computed: list[Event] = []
        self.at = 0
        self.computed_at = 0
        self.entered = 0
        self.left = 0
        self.input_leaves: tuple[Leaf, ...] = ()
        self.output_leaves: tuple[Leaf, ...] = ()
        self.is_corrected = False

    def walk(self) -> Iterator[int]:
        """Its recorded events that are yet to come, by index."""
        recorded = self.recorded
        return (recorded[position] for position in range(self.at, len(recorded)))


class _Findings:
    """What differs, and what was taken over as recorded: `drawn` was made up by AWS, of `unnamed` values the recording
    does not say what they should be, of `untraced` ones it cannot be followed. `accepted` are the fields (event id,
    name) that differ in nothing else."""

    def __init__(self, alignment: Alignment) -> None:
        self.differences: list[Difference] = []
        self.untraced: list[Difference] = []
        self.unnamed: list[Difference] = []
        self.drawn: list[Difference] = []
        self.accepted: set[tuple[int, str]] = set()
        self._alignment = alignment

    def keep(
        self,
        execution: Execution,
        recorded: RecordedEvent,
        branch: BranchId,
        found: FieldDifference,
        carried: Sequence[Leaf],
    ) -> None:
        """Keep what was found of a field; `carried` are the places where the state's input was already another."""
        if found.leaves:
            self._note(execution, recorded, branch, found, carried)
        else:
            self.accepted.add((recorded.id, found.field))
        for kept, leaves in ((self.drawn, found.drawn), (self.unnamed, found.unnamed), (self.untraced, found.untraced)):
            kept.extend(
                Difference.at(
                    recorded, branch, self.state_at(recorded), found.field, leaf.recorded, leaf.computed,
                    pointer=leaf.pointer, kind=DifferenceKind.UNKNOWN,
                )
                for leaf in leaves
            )  # fmt: skip

    def _note(
        self,
        execution: Execution,
        recorded: RecordedEvent,
        branch: BranchId,
        found: FieldDifference,
        carried: Sequence[Leaf],
    ) -> None:
        """Keep the differences of a field. A value that only stands elsewhere is one of them, not two."""
        field = found.field
        new = [leaf for leaf in found.leaves if leaf.recorded is MISSING]
        for leaf in found.leaves:
            if leaf.recorded is MISSING and leaf not in new:
                continue
            moved = next((other for other in new if is_moved(leaf, other)), None)
            if moved is not None:
                new.remove(moved)
                explanation = explain_moved(execution, branch, recorded, field, leaf, moved)
            else:
                explanation = explain_field(execution, branch, recorded, field, leaf)
            is_carried = any(is_same_leaf(leaf, other) for other in carried)
            given = (self.state_at(recorded), field, leaf.recorded, leaf.computed, explanation)
            self.differences.append(
                Difference.at(recorded, branch, *given, pointer=leaf.pointer, is_carried=is_carried)
            )

    def state_at(self, recorded: RecordedEvent) -> str:
        """The state that a recorded event names, or belongs to."""
        index = self._alignment.recording.index_of(recorded.id)
        return recorded.name or (self._alignment.state_at(index) if index is not None else "")


class ReplayLoop:
    """Follows a recording, all at once or so many events at a time; `findings`, `computed` and `driver.execution` say
    what has come of it.

    A value that AWS made up is taken over as recorded, where it can be what the definition gives, where the recording
    does not say what it should be, or where that cannot be followed. Any other value goes on as it was computed.
    """

    def __init__(self, execution: Execution, alignment: Alignment, rules: Rules) -> None:
        tolerance = None if TIMESTAMPS in rules.ignore else rules.tolerance_seconds
        self.driver = EngineDriver(execution, alignment, tolerance)
        self.findings = _Findings(alignment)
        self.computed: dict[int, Event] = {}
        self.reached_after: dict[int, int] = {}
        self.skipped: dict[int, int] = {}
        self.at = 0
        """The index of the next recorded event."""
        self.is_over = False
        self.is_stopped = False
        self._alignment = alignment
        self._events = alignment.recording.events
        self._rules = rules
        self._ignores_order = "previousEventId" in rules.ignore
        self._has_shadows = bool(self.driver.shadows)
        self._tracer = DependenceTracer(alignment.recording, self.driver.shadows)
        has_data = alignment.recording.has_data
        self._comparer = Comparer(rules, self.driver.shadows, self._tracer, has_data=has_data)
        self._ids: dict[int, int] = self._tracer.event_ids
        self._progress = {branch: _Progress(indices) for branch, indices in alignment.by_branch.items()}
        self._seen = 0
        self._collect()

    def follow(self, most: int | None = None) -> None:
        """Go on through so many recorded events, or all that are left, as far as the engine can be brought along:
        then it `is_over`. Where it stopped makes no difference to what comes of it."""
        last = len(self._events) if most is None else min(self.at + most, len(self._events))
        driver, branches, has_redrives = self.driver, self._alignment.branches, bool(self._alignment.redrives)
        for index in range(self.at, last):
            event, branch = self._events[index], branches[index]
            driver.at_event(index)
            progress = self._progress[branch]
            if not self._come_to(index, event, branch, progress):
                self.is_over = True
                return
            # A branch that has left a state asks nothing, and has not failed.
            if (has_redrives or not event.is_exit) and driver.settle(event, branch, progress):
                self._collect()
            self.reached_after[index] = len(driver.execution.decisions)
            self.at = index + 1
        if self.at == len(self._events) and not self.is_over:
            self._check_end()
            self.is_over = True

    def stop(self) -> None:
        """Go no further: what is known ends before the next recorded event, and is said to."""
        if self.is_over:
            return
        self.is_over = self.is_stopped = True
        event, branch = self._events[self.at], self._alignment.branches[self.at]
        last = f"beyond event {self._events[self.at - 1].id}" if self.at else "at all"
        given = (self.findings.state_at(event), "type", f"{event.type} {event.name}".strip(), MISSING)
        self.findings.differences.append(
            Difference.at(
                event, branch, *given, f"it was not replayed {last}", kind=DifferenceKind.UNKNOWN, is_end=True
            )
        )

    # one recorded event

    def _come_to(self, index: int, event: RecordedEvent, branch: BranchId, progress: _Progress) -> bool:
        """Bring the computed events of a branch up to this recorded one, and compare. False: the paths part here."""
        moves = 0
        while progress.at < len(progress.recorded) and progress.recorded[progress.at] <= index:
            if progress.computed_at < len(progress.computed):
                if not self._pair(progress, branch):
                    return False
                continue
            moves += 1
            if moves > _MOST_MOVES or not self._move(progress, event, branch):
                waiting = self._events[progress.recorded[progress.at]]
                if is_begun(waiting.type):
                    self._skip(progress, waiting)
                    continue
                self._part(waiting, branch, None)
                return False
        return True

    def _move(self, progress: _Progress, event: RecordedEvent, branch: BranchId) -> bool:
        waiting = self._events[progress.recorded[progress.at]]
        live = self.driver.execution.branches.get(branch)
        if live is None:
            pass
        elif live.phase is Phase.READY and progress.entered != waiting.id and waiting.is_entry:
            live = self._compare_input(progress, waiting, live)
        elif live.phase is Phase.EXIT and progress.left != waiting.id and waiting.is_exit:
            live = self._compare_output(progress, waiting, live)
        moved = self.driver.advance(event, branch, live, progress)
        self._collect()
        return moved

    def _compare_input(self, progress: _Progress, event: RecordedEvent, branch: Branch) -> Branch:
        """Compare the input of the state that a branch is about to enter; what AWS made up in it is taken over.

        Returns the branch as it stands then."""
        branch_id = branch.id
        if branch.state_name != event.name:
            return branch
        progress.entered = event.id
        carried, progress.output_leaves, progress.input_leaves = progress.output_leaves, (), ()
        if "input" not in event.details:
            if self._alignment.recording.has_data and "input" not in self._rules.ignore:
                self._keep(event, branch_id, FieldDifference("input", (Leaf("", MISSING, branch.input),)), ())
            return branch
        if branch.edited is Provenance.RECORDED:
            self.findings.accepted.add((event.id, "input"))
        recorded, found = event.details["input"], None
        if not self._comparer.is_plainly_same("input", recorded, branch.input):
            subject = ComparedValue(event, self._window(event), lambda found: found.branches[branch_id].input)
            found = self._comparer.field("input", recorded, branch.input, subject)
        if found is not None:
            progress.input_leaves = found.leaves
            self._keep(event, branch_id, found, carried)
            if found.taken:
                value = replaced(branch.input, found.taken)
                self.driver.correct(EditInput(branch_id, value, Provenance.RECORDED))
        if self._has_shadows and not event.is_truncated("input"):
            self.driver.shadows.agree(self.driver.execution, branch_id)
        return branch if found is None else self.driver.execution.branches[branch_id]

    def _compare_output(self, progress: _Progress, event: RecordedEvent, branch: Branch) -> Branch:
        """Compare what the state gives that a branch is about to leave; what AWS made up in it is taken over.

        Returns the branch as it stands then."""
        branch_id, visit = branch.id, branch.visit
        if branch.state_name != event.name or visit is None or not is_present(visit.output):
            return branch
        progress.left = event.id
        output, assigned = visit.output, visit.assigned
        carried = progress.input_leaves
        found = self._compare_left(branch, event, "output", output)
        if found is not None:
            progress.output_leaves = found.leaves
            self._keep(event, branch_id, found, carried)
            output = replaced(output, found.taken)
        found = None
        if assigned or "assignedVariables" in event.details:
            found = self._compare_left(branch, event, "assignedVariables", dict(assigned) if assigned else MISSING)
        if found is not None:
            self._keep(event, branch_id, found, ())
            given = replaced(dict(assigned or {}), found.taken)
            assigned = given if isinstance(given, dict) else assigned
        progress.is_corrected = output is not visit.output
        if progress.is_corrected or assigned is not visit.assigned:
            self.driver.correct(EditOutput(branch_id, output, assigned, Provenance.RECORDED))
            branch = self.driver.execution.branches[branch_id]
        if self._has_shadows and "output" in event.details and not event.is_truncated("output"):
            self.driver.shadows.agree(self.driver.execution, branch_id)
        return branch

    def _compare_left(
        self, branch: Branch, event: RecordedEvent, field: str, computed: Value
    ) -> FieldDifference | None:
        if field not in event.details:
            if computed is MISSING or field in self._rules.ignore or not self._alignment.recording.has_data:
                return None
            return FieldDifference(field, (Leaf("", MISSING, computed),))
        recorded = event.details[field]
        if self._comparer.is_plainly_same(field, recorded, computed):
            return None
        branch_id = branch.id
        is_output = field == "output"

        def find(execution: Execution) -> Value:
            visit = execution.branches[branch_id].visit
            assert visit is not None
            return visit.output if is_output else dict(visit.assigned) if visit.assigned else MISSING

        subject = ComparedValue(event, self._window(event), find, self._is_muddied(branch))
        return self._comparer.field(field, recorded, computed, subject)

    def _is_muddied(self, branch: Branch | None) -> bool:
        if not self._has_shadows or branch is None or branch.visit is None:
            return False
        return self.driver.shadows.is_muddied(branch.visit.number)

    def _window(self, event: RecordedEvent) -> Callable[[], Window]:
        """When a value of the event was computed: asked for where one differs."""
        return lambda: self._window_of(event)

    def _window_of(self, event: RecordedEvent) -> Window:
        """After the event before it; what a container gives its branches, since it was entered."""
        recording = self._alignment.recording
        before = recording.by_id.get(event.previous_event_id)
        index = recording.index_of(event.id)
        visit = self._alignment.visit_at(index) if index is not None else None
        around = visit.container if visit is not None else None
        is_first = before is not None and before.type in BRANCH_STARTS
        if event.is_entry and is_first and around is not None:
            before = self._alignment.visits[around].entered
        earliest = before.time if before is not None else recording.start_time
        if event.type == EventType.WAIT_STATE_EXITED:
            earliest = event.time  # what it gives is made when it is over
        return Window(earliest, event.time, TIMESTAMPS in self._rules.ignore)

    def _pair(self, progress: _Progress, branch: BranchId) -> bool:
        """Compare the next recorded event of a branch with its next computed one."""
        index = progress.recorded[progress.at]
        recorded, computed = self._events[index], progress.computed[progress.computed_at]
        if recorded.type != computed.type:
            if is_begun(computed.type):
                self._ids[computed.id] = self._ids.get(computed.previous_event_id, 0)
                progress.computed_at += 1
                return True
            if is_begun(recorded.type):
                self._skip(progress, recorded)
                return True
            self._part(recorded, branch, computed)
            return False
        name = recorded.name
        if name and computed.details and computed.details.get("name", name) != name:
            self._part(recorded, branch, computed)
            return False
        progress.at += 1
        progress.computed_at += 1
        self._ids[computed.id] = recorded.id
        self.computed[index] = computed
        self._compare(progress, recorded, computed, branch)
        return True

    def _skip(self, progress: _Progress, recorded: RecordedEvent) -> None:
        """A recorded event that tells only that a task began, and that the engine does not come to."""
        self.skipped[recorded.id] = self.skipped.get(recorded.previous_event_id, recorded.previous_event_id)
        progress.at += 1

    def _compare(self, progress: _Progress, recorded: RecordedEvent, computed: Event, branch: BranchId) -> None:
        but, driver = _NOTHING_YET, self.driver
        carried: Sequence[Leaf] = ()
        if progress.left == recorded.id:
            but = _LEFT
        elif recorded.is_entry:
            but = _ENTERED
            driver.shadows.parted.pop(branch, None)
        elif recorded.type == EventType.EXECUTION_SUCCEEDED:
            carried = progress.output_leaves
            if progress.is_corrected:
                self.findings.accepted.add((recorded.id, "output"))
        is_muddied = self._has_shadows and self._is_muddied(driver.execution.branches.get(branch))
        for difference in self._comparer.event(recorded, computed, self._window, is_muddied=is_muddied, but=but):
            self._keep(recorded, branch, difference, carried)
        known = self._ids.get(computed.previous_event_id, 0)
        if known != recorded.previous_event_id and not self._ignores_order:
            self._compare_predecessors(recorded, computed, branch)
        if driver.times.woken or driver.times.stalled:
            self.findings.differences += driver.times.differences(self._rules, recorded, driver.start_time)

    def _compare_predecessors(self, recorded: RecordedEvent, computed: Event, branch: BranchId) -> None:
        wanted = self.skipped.get(recorded.previous_event_id, recorded.previous_event_id)
        found = self._ids.get(computed.previous_event_id, 0)
        found = self.skipped.get(found, found)
        if (
            wanted == found
            or not recorded.is_placed
            or recorded.type in (EventType.EXECUTION_TIMED_OUT, EventType.EXECUTION_ABORTED)
        ):
            return
        if not self._rules.strict and (
            self._goes_on_after_redrive(wanted, found) or _may_follow_either(self._alignment, recorded, wanted, found)
        ):
            return
        given = (recorded.previous_event_id, found, explain_order(self.driver.execution, branch, recorded))
        self.findings.differences.append(
            Difference.at(recorded, branch, computed.state, "previousEventId", *given, kind=DifferenceKind.PATH)
        )

    def _goes_on_after_redrive(self, wanted: int, found: int) -> bool:
        """What a redrive goes on with follows the old entry of its state, or the ExecutionRedriven (a Fail state)."""
        known = self._alignment.recording.by_id
        return any(
            event_id in known and known[event_id].type == EventType.EXECUTION_REDRIVEN for event_id in (wanted, found)
        )

    # differences

    def _keep(self, recorded: RecordedEvent, branch: BranchId, found: FieldDifference, carried: Sequence[Leaf]) -> None:
        self.findings.keep(self.driver.execution, recorded, branch, found, carried)

    def _part(self, recorded: RecordedEvent, branch: BranchId, computed: Event | None) -> None:
        """The computed execution goes another way than the recorded one, and cannot be followed from here on."""
        left: Value = f"{recorded.type} {recorded.name}".strip()
        right: Value = MISSING
        if computed is not None:
            name = computed.details.get("name", "") if computed.details else ""
            right = f"{computed.type} {name}".strip()
        lacks_data = computed is None and self.driver.lacks_data
        explained = "" if lacks_data else explain_path(self.driver.execution, branch, computed)
        if computed is None and recorded.type == EventType.MAP_ITERATION_STARTED and not lacks_data:
            explained = explained or explain_order(self.driver.execution, branch, recorded)
        explanation = explained or self.driver.reason
        kind = DifferenceKind.UNKNOWN if lacks_data else DifferenceKind.PATH
        drawn = self._drawn_way(branch) or drawn_failure(self.driver.execution.machine, recorded, computed)
        if drawn is not None:
            kind = DifferenceKind.UNKNOWN
            explanation = f"which way it goes hangs on {_NATURES[drawn]}{f': {explanation}' if explanation else ''}"
        given = (self.findings.state_at(recorded), "type", left, right, explanation)
        self.findings.differences.append(Difference.at(recorded, branch, *given, kind=kind, is_end=True))

    def _drawn_way(self, branch: BranchId) -> Nature | None:
        """What the way of a branch, or of one around it, hangs on, where AWS made that up."""
        parted = self.driver.shadows.parted
        return next((parted[branch[:depth]] for depth in range(len(branch), -1, -1) if branch[:depth] in parted), None)

    def _check_end(self) -> None:
        """After a recorded end: the engine has no more events than AWS."""
        end = self._alignment.recording.end
        if end is None or end.type not in (EventType.EXECUTION_SUCCEEDED, EventType.EXECUTION_FAILED):
            return
        is_running = self.driver.execution.status is ExecutionStatus.RUNNING
        for branch, progress in self._progress.items():
            more = [event for event in progress.computed[progress.computed_at :] if not is_begun(event.type)]
            if more:
                explanation = f"the computed execution has {len(more)} more event(s) in this branch"
                given = (more[0].state, "type", MISSING, more[0].type, explanation)
                self.findings.differences.append(
                    Difference.at(end, branch, *given, kind=DifferenceKind.PATH, is_end=is_running)
                )

    def _collect(self) -> None:
        """Sort the engine's new events into their branches."""
        events = self.driver.execution.events
        count = len(events)
        for index in range(self._seen, count):
            event = events[index]
            branch = () if event.type in ENDINGS else event.branch  # what ends it in a branch ends all of it
            progress = self._progress.get(branch)
            if progress is None:
                progress = self._progress[branch] = _Progress(())
            progress.computed.append(event)
        self._seen = count


def _may_follow_either(alignment: Alignment, recorded: RecordedEvent, wanted: int, found: int) -> bool:
    """Whether an event may follow either of two others, given by their recorded ids.

    What ends a container follows the branch that ended last, what starts an iteration the one whose place it takes:
    where several ended at once, any of them. AWS is of two minds too (both recorded): MapStateExited follows
    MapRunStarted or MapRunSucceeded.
    """
    if recorded.type not in _AFTER_ANY_BRANCH:
        return False
    recording = alignment.recording
    indices = [recording.index_of(event_id) for event_id in (recorded.id, wanted, found)]
    known = [index for index in indices if index is not None]
    starts = {recording.events[index].type == EventType.MAP_STATE_STARTED for index in known[1:]}
    if recorded.type == EventType.MAP_ITERATION_STARTED and len(starts) > 1:
        return False  # at once, or in the place of another one: how many run side by side tells them apart
    if len(known) < len(indices):
        return False
    branch, *others = (alignment.branches[index] for index in known)
    depth = len(branch) - (1 if recorded.type == EventType.MAP_ITERATION_STARTED else 0)
    return all(other[:depth] == branch[:depth] for other in others)
