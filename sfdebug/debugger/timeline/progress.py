"""How far the branches of a Parallel, the iterations of a Map or the child executions of a Map Run have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork

if TYPE_CHECKING:
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.work import Tolerance


class Progress(NamedTuple):
    """`ended` of `total` are over, `failed` of them without success (only a Map Run goes on after that).

    `tolerates` says in words how many items of a Map Run may fail; "" where none may.
    """

    ended: int
    total: int
    failed: int = 0
    tolerates: str = ""

    @property
    def text(self) -> str:
        """`12 of 25 over, 1 failed, 2 tolerated`."""
        parts = [f"{self.ended:,} of {self.total:,} over"]
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        if self.tolerates:
            parts.append(f"{self.tolerates} tolerated")
        return ", ".join(parts)


def progress_of(branch: Branch | None) -> Progress | None:
    """The progress of what `branch` has started; None when it has started nothing."""
    work = branch.work if branch is not None else None
    if isinstance(work, MapRunWork):
        failed = len(work.failed_children)
        return Progress(len(work.ended) + failed, work.count, failed, tolerance_text(work.tolerance))
    if isinstance(work, (MapWork, ParallelWork)):
        return Progress(len(work.ended), work.count)
    return None


def tolerance_text(tolerance: Tolerance) -> str:
    """How many items may fail: `2`, `10%`, `2 or 10%`; "" when none may."""
    parts = [] if not tolerance.count else [f"{tolerance.count:,}"]
    if tolerance.percentage:
        parts.append(f"{tolerance.percentage:g}%")
    # Both thresholds count: the lower one decides.
    return " and ".join(parts)
