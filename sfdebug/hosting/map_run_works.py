"""How the Map Runs of a hosted execution were seen last, by their ARNs: of one that is over, nothing else is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.work import MapRunWork, PreparedWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.execution import Branch


def see_works(execution: Execution, works: dict[str, MapRunWork | PreparedWork]) -> None:
    """After a step, note how the Map Run of the branch that moved stands."""
    branches, moved = execution.branches, execution.moved
    branch = branches.get(moved)
    if branch is not None and branch.work is not None:
        _see(branch, works)
    if moved:
        _see(branches.get(moved[:-1]), works)


def works_in(
    execution: Execution, known: Mapping[str, MapRunWork | PreparedWork]
) -> dict[str, MapRunWork | PreparedWork]:
    """What is known of the Map Runs that an execution has started."""
    histories = (
        execution.events,
        *(child.events for child in (*execution.ended_children, *execution.children.values())),
    )
    started = {
        str(event.details["mapRunArn"])
        for events in histories
        for event in events
        if event.details is not None and "mapRunArn" in event.details
    }
    works = {arn: work for arn, work in known.items() if arn in started}
    for branch in execution.branches.values():
        _see(branch, works)
    return works


def _see(branch: Branch | None, works: dict[str, MapRunWork | PreparedWork]) -> None:
    work = branch.work if branch is not None else None
    if isinstance(work, MapRunWork) or (isinstance(work, PreparedWork) and work.arn):
        works[work.arn] = work
