"""The lines of the live branches, and of the child executions of a Map Run that have failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.view.model import BranchLine
from sfdebug.debugger.wording import positions as words
from sfdebug.debugger.wording.positions import progress_of
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.execution.work import MapRunWork, MapWork
from sfdebug.times import clock_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import TaskRequest

_Place: TypeAlias = tuple[tuple[int, str, int], ...]


class _Kept(Struct, frozen=True, gc=False):
    """A line with what it was made of."""

    branch: Branch
    is_for_user: bool
    total: int
    place: _Place
    line: BranchLine


class BranchLines:
    """Makes the lines of a place. Of 500 branches a step moves one: the lines of the others are those of the place
    before."""

    def __init__(self) -> None:
        self._kept: dict[BranchId, _Kept] = {}

    def of(
        self, position: Position, failed: Sequence[ChildExecution], is_for_user: Callable[[TaskRequest], bool]
    ) -> tuple[BranchLine, ...]:
        """The live branches, containers before their content; before the child executions of a Map Run that run, those
        of `failed` that belong to it. `is_for_user` tells of a question whether nobody but the user answers it."""
        execution = position.execution
        if position.node.is_over:
            return ()
        known, kept = self._kept, {}
        totals: dict[BranchId, int] = {}
        for branch in execution.branches.values():
            id = branch.id
            asks = branch.request is not None and branch.phase is Phase.ASKING and is_for_user(branch.request)
            total = totals.get(id[:-1], -1)
            if total < 0:
                total = totals[id[:-1]] = _total(execution, id)
            line = known.get(id)
            if line is None or line.total != total:
                label = words.branch_label(execution, id)
                line = _Kept(branch, asks, total, _place(id), _live(branch, label, is_for_user))
            elif line.branch is not branch or line.is_for_user != asks:
                line = _Kept(branch, asks, total, line.place, _live(branch, line.line.label, is_for_user))
            kept[id] = line
        self._kept = kept
        placed = [(each.place, each.line) for each in kept.values()]
        placed += [(_place(child.id, is_over=True), _failed(execution, child)) for child in _shown(position, failed)]
        placed.sort(key=_by_place)
        focus = position.focus
        lines = (line for _, line in placed)
        return tuple(
            replace(line, is_focused=True) if line.id == focus and not line.child_arn else line for line in lines
        )


def _by_place(pair: tuple[_Place, BranchLine]) -> _Place:
    return pair[0]


def _total(execution: Execution, id: BranchId) -> int:
    """Of how many iterations or child executions a branch is one, as its label says."""
    parent = execution.branches.get(id[:-1]) if id else None
    work = parent.work if parent is not None else None
    return work.count if isinstance(work, MapWork | MapRunWork) else 0


def _place(id: BranchId, *, is_over: bool = False) -> _Place:
    """Where a line is sorted: the containers from the outside in, and what is over before its siblings."""
    last = len(id) - 1
    return tuple((0 if is_over and at == last else 1, *step) for at, step in enumerate(id))


def _live(branch: Branch, label: str, is_for_user: Callable[[TaskRequest], bool]) -> BranchLine:
    return BranchLine(branch.id, label, branch.state_name, doing(branch, is_for_user), len(branch.id))


def _failed(execution: Execution, child: ChildExecution) -> BranchLine:
    error = child.fault.error if child.fault and child.fault.error else "an error without a name"
    ended = "timed out" if child.fault is None else f"failed with {error}"
    return BranchLine(
        id=child.id,
        label=words.branch_label(execution, child.id),
        state="",
        doing=ended,
        depth=len(child.id),
        child_arn=child.arn,
    )


def _shown(position: Position, failed: Sequence[ChildExecution]) -> list[ChildExecution]:
    """Those of Map Runs that are under way, and of the last one of the state in focus."""
    if not failed:
        return []
    works = [branch.work for branch in position.execution.branches.values()]
    arns = {work.arn for work in works if isinstance(work, MapRunWork)}
    if position.visit is not None and position.visit.state.is_distributed:
        place = (*position.visit.branch, (position.visit.state.name, 0))
        own = [child for child in failed if _is_of(child, place, position.visit.entered_at)]
        arns |= {own[-1].map_run_arn} if own else set()
    running = position.execution.children  # also those that failed, and were redriven
    return [child for child in failed if child.map_run_arn in arns and child.id not in running]


def _is_of(child: ChildExecution, first: tuple[tuple[str, int], ...], since: int) -> bool:
    started = child.identity.start_time
    return child.id[:-1] == first[:-1] and child.id[-1][0] == first[-1][0] and started >= since


def doing(branch: Branch, is_for_user: Callable[[TaskRequest], bool]) -> str:
    """Where a branch stands, in a few words."""
    if branch.phase is Phase.READY:
        return "about to run"
    if branch.phase is Phase.ASKING:
        return _asking(branch.request, is_for_user)
    if branch.phase is Phase.SLEEPING and branch.wake_at is not None:
        return f"waits until +{clock_text(branch.wake_at)}"
    if branch.phase is Phase.CHILDREN:
        progress = progress_of(branch)
        if isinstance(branch.work, MapRunWork) and progress is not None:
            return progress.text
        return f"waits for its branches, {progress[0]} of {progress[1]} ended" if progress else "waits for its branches"
    if branch.phase is Phase.FAULT:
        return "has failed: Retry and Catch are next"
    if branch.phase is Phase.EXIT:
        return "about to leave"
    return "about to start its work"


def _asking(request: TaskRequest | None, is_for_user: Callable[[TaskRequest], bool]) -> str:
    if request is not None and request.is_optional:
        return "about to start its child executions"
    thing = "its items" if request is not None and request.kind is RequestKind.MAP_RUN else "an answer"
    if request is None or is_for_user(request):
        return f"waits for {thing}"
    return "its items come next" if thing == "its items" else "its answer comes next"
