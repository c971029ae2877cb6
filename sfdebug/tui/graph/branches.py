"""What a Parallel or Map says about its branches: `iteration 3 of 12 · 2 over, 1 failed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import StatePath
from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.progress import progress_of

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.progress import Progress
    from sfdebug.debugger.view.model import View

Said: TypeAlias = "tuple[str, ...]"
"""The same in full, then shorter and shorter."""

NOTHING: Final[Mapping[StatePath, Said]] = {}


def branches_in_view(view: View) -> dict[StatePath, Said]:
    """For each Parallel or Map that is at work, by its path: which branch is in view, and how the others do."""
    if view.is_finished:
        return {}
    labels = {line.id: line.label for line in view.branches if not line.child_arn}
    found: dict[StatePath, Said] = {}
    for id, branch in view.execution.branches.items():
        progress = progress_of(branch)
        if progress is None:
            continue
        path = state_path(branch)
        inside = view.branch[: len(id) + 1]
        is_in_view = len(inside) > len(id) and inside[:-1] == id and inside[-1][0] == branch.state_name
        if path in found and not is_in_view:
            continue
        found[path] = _said(labels.get(inside, "") if is_in_view else "", progress)
    return found


def _said(label: str, progress: Progress) -> Said:
    """`iteration 3 of 12 · 2 over, 1 failed`, `iteration 3 of 12 · 1 failed`, `iteration 3 of 12`, `3 of 12`."""
    failed = f"{progress.failed:,} failed" if progress.failed else ""
    over = f"{progress.ended:,} over" if label else f"{progress.ended:,} of {progress.total:,} over"
    texts = (f"{over}, {failed}" if failed else over, failed)
    said = [" · ".join(filter(None, (label, text))) for text in (*texts, "")]
    return tuple(dict.fromkeys(text for text in (*said, label.partition(" ")[2]) if text))
