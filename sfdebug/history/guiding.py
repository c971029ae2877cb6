"""Guiding a replay: event after event of the recording, the engine is driven to it and the two are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.decisions import EditInput, Provenance
from sfdebug.engine.execution import Phase
from sfdebug.history.answers import is_begun
from sfdebug.history.comparing import TIMESTAMPS, Comparer, Difference, FieldDifference, Rules
from sfdebug.history.driving import Driver, Upcoming, Woken
from sfdebug.history.explaining import explain_field, explain_moved, explain_path, explain_timing
from sfdebug.history.unknowable import Unknowable
from sfdebug.values import MISSING, Value, same

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.decisions import BranchId
    from sfdebug.engine.events import Event
    from sfdebug.history.aligning import Alignment
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.recording import RecordedEvent

_MOST_MOVES: Final = 50
"""More steps than any one event needs."""
_AFTER_ANY_BRANCH: Final = frozenset(
    {"MapIterationStarted", "MapStateSucceeded", "MapStateExited", "ParallelStateSucceeded", "ParallelStateExited"}
)


class _Lane:
    """One branch: its recorded events, by place, and its computed ones, with how far both have been compared."""

    __slots__ = ("at", "computed", "computed_at", "has_other_output", "last_state", "recorded")

    def __init__(self, recorded: Sequence[int]) -> None:
        self.recorded = recorded
        self.computed: list[Event] = []
        self.at = 0
        self.computed_at = 0
        self.has_other_output = False
        self.last_state = ""


class Guide:
    """Follows a recording; afterwards `differences`, `computed` and `driver.execution` say what came of it."""

    def __init__(self, execution: Execution, alignment: Alignment, rules: Rules) -> None:
        tolerance = None if TIMESTAMPS in rules.ignore else rules.tolerance_seconds
        self.driver = Driver(execution, alignment, tolerance)
        self.differences: list[Difference] = []
        self.computed: dict[int, Event] = {}
        self.reached_after: dict[int, int] = {}
        self.accepted: set[tuple[int, str]] = set()
        self._alignment = alignment
        self._events = alignment.recording.events
        self._rules = rules
        self._unknowable = Unknowable(execution.machine)
        self._comparer = Comparer(rules, self._unknowable, has_data=alignment.recording.has_data)
        self._ids: dict[int, int] = self._unknowable.event_ids
        self.skipped: dict[int, int] = {}
        self._lanes = {branch: _Lane(places) for branch, places in alignment.by_branch.items()}
        self._seen = 0
        self._collect()

    def follow(self) -> None:
        """Go through the whole recording, or as far as the engine can be brought along."""
        for place, event in enumerate(self._events):
            branch = self._alignment.branches[place]
            self.driver.at_place(place)
            if not self._come_to(place, event, branch):
                return
            lane = self._lanes[branch]
            if event.is_exit:
                lane.last_state = event.name
            self.driver.settle(event, branch, Upcoming(lane.recorded, lane.at))
            self._collect()
            self.reached_after[place] = len(self.driver.execution.decisions)
        self._check_end()

    # one recorded event

    def _come_to(self, place: int, event: RecordedEvent, branch: BranchId) -> bool:
        """Bring the computed events of a branch up to this recorded one, and compare. False: the paths part here."""
        lane, moves = self._lanes[branch], 0
        while lane.at < len(lane.recorded) and lane.recorded[lane.at] <= place:
            if lane.computed_at < len(lane.computed):
                if not self._pair(lane, branch):
                    return False
                continue
            moves += 1
            if moves > _MOST_MOVES or not self._move(lane, event, branch):
                waiting = self._events[lane.recorded[lane.at]]
                if is_begun(waiting.type):
                    self._skip(lane, waiting)
                    continue
                self._part(waiting, branch, None)
                return False
        return True

    def _move(self, lane: _Lane, event: RecordedEvent, branch: BranchId) -> bool:
        if event.is_entry:
            self._correct_input(lane, event, branch)
        moved = self.driver.advance(event, branch, Upcoming(lane.recorded, lane.at))
        self._collect()
        return moved

    def _correct_input(self, lane: _Lane, event: RecordedEvent, branch_id: BranchId) -> None:
        """Have the state start with its recorded input, when the computed one is another."""
        branch = self.driver.execution.branches.get(branch_id)
        text = event.details.get("input")
        if branch is None or branch.phase is not Phase.READY or branch.state_name != event.name or branch.edited:
            return
        if not isinstance(text, str) or event.is_truncated("input"):
            return
        before = self._alignment.recording.by_id.get(event.previous_event_id)
        is_first = before is not None and before.type in ("ParallelStateStarted", "MapIterationStarted")
        giver = branch_id[-1][0] if is_first and branch_id else lane.last_state
        difference = self._comparer.text("input", text, branch.input, giver)
        if difference is None:
            return
        value = self._comparer.parsed(text)
        if value is MISSING:
            return
        if difference.accepted:
            self.accepted.add((event.id, "input"))
        elif not lane.has_other_output and "input" not in self._rules.ignore:
            self._note(event, branch_id, difference)
        lane.has_other_output = False
        self.driver.step(EditInput(branch_id, value, Provenance.RECORDED))

    def _pair(self, lane: _Lane, branch: BranchId) -> bool:
        """Compare the next recorded event of a branch with its next computed one."""
        place = lane.recorded[lane.at]
        recorded, computed = self._events[place], lane.computed[lane.computed_at]
        if recorded.type != computed.type:
            if is_begun(computed.type):
                self._ids[computed.id] = self._ids.get(computed.previous_event_id, 0)
                lane.computed_at += 1
                return True
            if is_begun(recorded.type):
                self._skip(lane, recorded)
                return True
            self._part(recorded, branch, computed)
            return False
        if recorded.name and computed.details and computed.details.get("name", recorded.name) != recorded.name:
            self._part(recorded, branch, computed)
            return False
        lane.at += 1
        lane.computed_at += 1
        self._ids[computed.id] = recorded.id
        self.computed[place] = computed
        self._compare(lane, recorded, computed, branch)
        return True

    def _skip(self, lane: _Lane, recorded: RecordedEvent) -> None:
        """A recorded event that tells only that a task began, and that the engine does not come to."""
        self.skipped[recorded.id] = self.skipped.get(recorded.previous_event_id, recorded.previous_event_id)
        lane.at += 1

    def _compare(self, lane: _Lane, recorded: RecordedEvent, computed: Event, branch: BranchId) -> None:
        for token in self.driver.tokens:
            self._unknowable.add_token(token)
        self.driver.tokens.clear()
        for difference in self._comparer.event(recorded, computed):
            if difference.accepted:
                self.accepted.add((recorded.id, difference.field))
                continue
            if difference.field == "output" and recorded.is_exit:
                lane.has_other_output = True
            elif difference.field == "output" and recorded.type == "ExecutionSucceeded" and lane.has_other_output:
                continue  # told where the last state was left
            self._note(recorded, branch, difference)
        if "previousEventId" not in self._rules.ignore:
            self._compare_predecessors(recorded, computed, branch)
        for woken in self.driver.woken:
            self._compare_times(recorded, woken)
        self.driver.woken.clear()

    def _compare_predecessors(self, recorded: RecordedEvent, computed: Event, branch: BranchId) -> None:
        wanted = self.skipped.get(recorded.previous_event_id, recorded.previous_event_id)
        found = self._ids.get(computed.previous_event_id, 0)
        found = self.skipped.get(found, found)
        if wanted == found or recorded.type in ("ExecutionTimedOut", "ExecutionAborted"):
            return
        if not self._rules.strict and (
            self._goes_on_after_redrive(wanted, found) or self._may_follow_either(recorded, wanted, found)
        ):
            return
        self.differences.append(
            Difference(
                recorded.id, branch, computed.state, "previousEventId", recorded.previous_event_id, found,
                "the events stand in another order", kind="path", event_type=recorded.type,
            )
        )  # fmt: skip

    def _goes_on_after_redrive(self, wanted: int, found: int) -> bool:
        """What a redrive goes on with follows the old entry of its state, or the ExecutionRedriven (a Fail state)."""
        known = self._alignment.recording.by_id
        return any(event_id in known and known[event_id].type == "ExecutionRedriven" for event_id in (wanted, found))

    def _may_follow_either(self, recorded: RecordedEvent, wanted: int, found: int) -> bool:
        """What ends a container follows the branch that ended last, what starts an iteration the one whose place it
        takes: where several ended at once, any of them. AWS is of two minds too (both recorded): MapStateExited follows
        MapRunStarted or MapRunSucceeded."""
        if recorded.type not in _AFTER_ANY_BRANCH:
            return False
        branch = self._alignment.branches[self._place_of(recorded)]
        depth = len(branch) - (1 if recorded.type == "MapIterationStarted" else 0)
        known = self._alignment.recording.by_id
        return all(
            event_id in known and self._alignment.branches[self._place_of(known[event_id])][:depth] == branch[:depth]
            for event_id in (wanted, found)
        )

    def _compare_times(self, recorded: RecordedEvent, woken: Woken) -> None:
        if TIMESTAMPS in self._rules.ignore or abs(woken.at - woken.due) <= self._rules.tolerance_seconds * 1000:
            return
        start = self.driver.execution.settings.start_time
        self.differences.append(
            Difference(
                recorded.id, woken.branch.id, woken.branch.state_name, TIMESTAMPS, start + woken.at, start + woken.due,
                explain_timing(woken), kind="timing", event_type=recorded.type,
            )
        )  # fmt: skip

    # differences

    def _note(self, recorded: RecordedEvent, branch: BranchId, found: FieldDifference) -> None:
        """Keep the differences of a field. A value that only stands elsewhere is one of them, not two."""
        execution, field = self.driver.execution, found.field
        new = [leaf for leaf in found.leaves if leaf.recorded is MISSING]
        for leaf in found.leaves:
            if leaf.recorded is MISSING and leaf not in new:
                continue
            moved = next((other for other in new if _is_moved(leaf, other)), None)
            if moved is not None:
                new.remove(moved)
                explanation = explain_moved(execution, branch, recorded, field, leaf, moved)
            else:
                explanation = explain_field(execution, branch, recorded, field, leaf)
            self.differences.append(
                Difference(
                    recorded.id, branch, self._state_at(recorded), field, leaf.recorded, leaf.computed,
                    explanation, leaf.pointer, event_type=recorded.type,
                )
            )  # fmt: skip

    def _part(self, recorded: RecordedEvent, branch: BranchId, computed: Event | None) -> None:
        """The computed execution goes another way than the recorded one, and cannot be followed from here on."""
        left: Value = f"{recorded.type} {recorded.name}".strip()
        right: Value = MISSING
        if computed is not None:
            name = computed.details.get("name", "") if computed.details else ""
            right = f"{computed.type} {name}".strip()
        lacks_data = computed is None and self.driver.lacks_data
        explained = "" if lacks_data else explain_path(self.driver.execution, branch, computed)
        explanation = explained or self.driver.reason
        self.differences.append(
            Difference(
                recorded.id, branch, self._state_at(recorded), "type", left, right, explanation,
                kind="unknown" if lacks_data else "path", event_type=recorded.type, is_end=True,
            )
        )  # fmt: skip

    def _state_at(self, recorded: RecordedEvent) -> str:
        if recorded.name:
            return recorded.name
        place = self._alignment.visit_of[self._place_of(recorded)]
        return self._alignment.visits[place].state if place is not None else ""

    def _place_of(self, recorded: RecordedEvent) -> int:
        from bisect import bisect_left

        return bisect_left(self._events, recorded.id, key=lambda event: event.id)

    def _check_end(self) -> None:
        """After a recorded end: the engine has no more events than AWS."""
        end = self._alignment.recording.end
        if end is None or end.type not in ("ExecutionSucceeded", "ExecutionFailed"):
            return
        is_running = self.driver.execution.status is ExecutionStatus.RUNNING
        for branch, lane in self._lanes.items():
            more = [event for event in lane.computed[lane.computed_at :] if not is_begun(event.type)]
            if more:
                explanation = f"the computed execution has {len(more)} more event(s) in this branch"
                self.differences.append(
                    Difference(
                        end.id, branch, more[0].state, "type", MISSING, more[0].type, explanation,
                        kind="path", event_type=end.type, is_end=is_running,
                    )
                )  # fmt: skip

    def _collect(self) -> None:
        """Sort the engine's new events into their branches."""
        events = self.driver.execution.events
        for index in range(self._seen, len(events)):
            event = events[index]
            lane = self._lanes.get(event.branch)
            if lane is None:
                lane = self._lanes[event.branch] = _Lane(())
            lane.computed.append(event)
        self._seen = len(events)


def _is_moved(gone: Leaf, new: Leaf) -> bool:
    """Whether a recorded value that is gone from its place is the one that is new in another."""
    if gone.computed is not MISSING or gone.recorded is MISSING or new.computed is MISSING:
        return False
    return same(gone.recorded, new.computed)
