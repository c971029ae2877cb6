"""What an execution took of its definition.

It is counted in executions that the engine computed, run or replayed: a history alone does not say which of several
rules matched, or which Retrier had a task tried again.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StatePath, StateType
from sfdebug.engine.ending import longest
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import RetryVerdict, StageName, StageStatus, VisitStatus
from sfdebug.history.coverage.items import HEARTBEAT_FIELDS, TIMEOUT_FIELDS, own_items, start_item, transition_item
from sfdebug.history.coverage.model import CoverageItem, CoverageKind, ItemCount, TakenItems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.visit import Stage, Visit

_TAKEN: Final = (StageStatus.MATCHED, StageStatus.FORCED)
_LEFT: Final = (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT)
_TIMEOUT: Final = "States.Timeout"
_HEARTBEAT: Final = "States.HeartbeatTimeout"
_ITERATED: Final = (StageName.ITERATIONS, StageName.MAP_RUN)


def taken_in(execution: Execution, before_event: int | None = None) -> TakenItems:
    """What an execution has taken so far, and how often.

    Args:
        execution: The execution.
        before_event: Only what happened before this event counts: from there on it went another way than the one that
            was recorded. What a state does as its last thing before that is left out, too.
    """
    open_visits = (branch.visit for branch in execution.branches.values() if branch.visit is not None)
    visits = sorted([*execution.visits, *open_visits], key=lambda visit: visit.number)
    if before_event is not None:
        visits = [visit for visit in visits if visit.entered_event_id < before_event]
    count = _Count(visits)
    doubtful = {visit.branch: visit.number for visit in visits} if before_event is not None else {}
    for visit in visits:
        count.enter(visit)
        if doubtful.get(visit.branch) != visit.number:
            count.leave(visit)
    if _is_timed_out(execution) and (before_event is None or execution.events[-1].id < before_event):
        count.taken.update(own_items(execution.machine))
    return TakenItems(count.taken, frozenset(count.unseen))


def _is_timed_out(execution: Execution) -> bool:
    """Whether an execution took longer than its machine says that it may, which AWS lets none do."""
    most = execution.machine.timeout_seconds
    return execution.status is ExecutionStatus.TIMED_OUT and most is not None and most <= longest(execution)


class _Count:
    """Counts what visits took, one after the other."""

    def __init__(self, visits: Sequence[Visit]) -> None:
        self.taken: Counter[CoverageItem] = Counter()
        self.unseen: set[StatePath] = set()
        self._last: dict[BranchId, Visit] = {}
        self._stays = _Stays(visits)

    def enter(self, visit: Visit) -> None:
        state = visit.state
        self.taken[CoverageItem(CoverageKind.STATE, state.path)] += 1
        before = self._last.get(visit.branch)
        if before is None or before.next != state.name or before.status not in _LEFT:  # a Retrier begins branches anew
            self.taken[start_item(state.path)] += 1
        self._last[visit.branch] = visit

    def leave(self, visit: Visit) -> None:
        state = visit.state
        if state.type not in (StateType.PASS, StateType.WAIT, StateType.SUCCEED, StateType.FAIL):
            for stage in visit.stages:
                self._count_stage(visit, stage)
        if state.type is StateType.MAP:
            self._count_items(visit)
        container = self._last.get(visit.branch[:-1]) if visit.branch else None
        if visit.status is VisitStatus.FAILED and container is not None:
            is_map = container.state.type is StateType.MAP
            kind = CoverageKind.FAILED_ITEM if is_map else CoverageKind.FAILED_BRANCH
            self.taken[CoverageItem(kind, container.state.path)] += 1
        if visit.next is not None and visit.status in _LEFT:
            self.taken[transition_item(state, visit.next, _way(visit))] += 1

    def _count_stage(self, visit: Visit, stage: Stage) -> None:
        path, taken = visit.state.path, self.taken
        if stage.name in (StageName.RULE, StageName.DEFAULT) and stage.status in _TAKEN:
            taken[CoverageItem(CoverageKind.RULE, path, stage.index)] += 1
        elif stage.name is StageName.CATCH and stage.status in _TAKEN:
            taken[CoverageItem(CoverageKind.CATCHER, path, stage.index)] += 1
        elif stage.name is StageName.RETRY and stage.status in _TAKEN:
            taken[CoverageItem(CoverageKind.RETRIER, path, stage.index)] += 1
        elif stage.name is StageName.RETRY and isinstance(stage.detail, RetryVerdict) and stage.detail.matched:
            taken[CoverageItem(CoverageKind.EXHAUSTED, path, stage.index)] += 1
        elif stage.name is StageName.TASK and stage.fault is not None:
            kind = _limit(visit, stage)
            if kind is not None:
                taken[CoverageItem(kind, path)] += 1

    def _count_items(self, visit: Visit) -> None:
        stage = next((stage for stage in reversed(visit.stages) if stage.name in _ITERATED), None)
        if stage is None or stage.status is StageStatus.INJECTED:
            return
        if stage.name is StageName.MAP_RUN and stage.provenance is Provenance.RECORDED:
            self.unseen.add(visit.state.path)
        count = self._item_count(visit, stage)
        if count is not None:
            self.taken[CoverageItem(CoverageKind.ITEMS, visit.state.path, way=ItemCount.of(count))] += 1

    def _item_count(self, visit: Visit, stage: Stage) -> int | None:
        """How many items a Map had; None where that is not known: its ItemReader's dataset was not read."""
        if "ItemReader" not in visit.state.fields:
            return len(stage.before) if isinstance(stage.before, list) else None
        children = self._stays.inside(visit)
        is_read = stage.status is not StageStatus.FAILED and stage.provenance is Provenance.COMPUTED
        return len(children) if children or is_read else None


class _Stays:
    """Which branches a container began during one stay in it: those with a stay between its entry and the next one in
    its own branch."""

    def __init__(self, visits: Sequence[Visit]) -> None:
        self._inside: dict[tuple[BranchId, str], list[tuple[int, int]]] = defaultdict(list)
        self._entered: dict[BranchId, list[int]] = defaultdict(list)
        for visit in visits:
            self._entered[visit.branch].append(visit.number)
            if visit.branch:
                name, index = visit.branch[-1]
                self._inside[visit.branch[:-1], name].append((visit.number, index))

    def inside(self, visit: Visit) -> frozenset[int]:
        """The indices of the branches."""
        entered = self._entered[visit.branch]
        after = bisect_right(entered, visit.number)
        end = entered[after] if after < len(entered) else sys.maxsize
        stays = self._inside.get((visit.branch, visit.state.name), [])
        first = bisect_right(stays, visit.number, key=_number)
        return frozenset(index for _, index in stays[first : bisect_right(stays, end, key=_number)])


def _number(stay: tuple[int, int]) -> int:
    return stay[0]


def _limit(visit: Visit, stage: Stage) -> CoverageKind | None:
    """The limit that a Task's fault says it has passed, of those that its state has."""
    fault, fields = stage.fault, visit.state.fields
    if fault is None or fault.error not in (_TIMEOUT, _HEARTBEAT):
        return None
    has_heartbeat = any(field in fields for field in HEARTBEAT_FIELDS)
    has_timeout = any(field in fields for field in TIMEOUT_FIELDS)
    is_missed = fault.error == _HEARTBEAT or _HEARTBEAT in fault.aliases or not has_timeout
    if is_missed:
        return CoverageKind.HEARTBEAT if has_heartbeat else None
    return CoverageKind.TIMEOUT


def _way(visit: Visit) -> str:
    if visit.status is VisitStatus.CAUGHT:
        return "catch"
    if visit.state.type is not StateType.CHOICE:
        return "next"
    return "default" if any(stage.name is StageName.DEFAULT for stage in visit.stages) else "choice"
