"""The live branches, and the child executions of a Map Run that have failed, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.timeline.progress import progress_of
from sfdebug.debugger.view.model import BranchLine
from sfdebug.debugger.wording import positions as words
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.execution.work import MapRunWork
from sfdebug.times import clock_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import TaskRequest


def branch_lines(
    spot: Position, failed: Sequence[ChildExecution], is_for_user: Callable[[TaskRequest], bool]
) -> tuple[BranchLine, ...]:
    """The live branches, containers before their content; before the child executions of a Map Run that run, those of
    `failed` that belong to it. `is_for_user` tells of a question whether nobody but the user answers it."""
    execution = spot.execution
    if spot.node.is_over:
        return ()
    over = _shown(spot, failed)
    lines = [
        _live(execution, branch, is_for_user, is_focused=branch.id == spot.focus)
        for branch in execution.branches.values()
    ]
    lines += [_failed(execution, child) for child in over]
    return tuple(sorted(lines, key=_place))


def _place(line: BranchLine) -> tuple[tuple[int, str, int], ...]:
    """Where a line is sorted: the containers from the outside in, and what is over before its siblings."""
    last = len(line.id) - 1
    return tuple((0 if line.child_arn and at == last else 1, *step) for at, step in enumerate(line.id))


def _live(
    execution: Execution, branch: Branch, is_for_user: Callable[[TaskRequest], bool], *, is_focused: bool
) -> BranchLine:
    return BranchLine(
        id=branch.id,
        label=words.branch_label(execution, branch.id),
        state=branch.state_name,
        doing=doing(branch, is_for_user),
        depth=len(branch.id),
        is_focused=is_focused,
    )


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


def _shown(spot: Position, failed: Sequence[ChildExecution]) -> list[ChildExecution]:
    """Those of Map Runs that are under way, and of the last one of the state in focus."""
    if not failed:
        return []
    works = [branch.work for branch in spot.execution.branches.values()]
    arns = {work.arn for work in works if isinstance(work, MapRunWork)}
    if spot.visit is not None and spot.visit.state.is_distributed:
        place = (*spot.visit.branch, (spot.visit.state.name, 0))
        own = [child for child in failed if _is_of(child, place, spot.visit.entered_at)]
        arns |= {own[-1].map_run_arn} if own else set()
    running = spot.execution.children  # also those that failed, and were redriven
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
    return "its items come next" if thing == "its items" else "called; its answer comes next"
