"""Map Runs of distributed Maps: which ones an execution started, how each went, and its child executions.

Source: AWS Step Functions API Reference, `ListMapRuns`, `DescribeMapRun`, `ListExecutions` with `mapRunArn`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sfdebug.aws.answers import moment_in, plain
from sfdebug.aws.machines import FAILED_FIRST, PENDING_REDRIVE, Wanted, child_pages
from sfdebug.aws.session import PAGE, ReadOperation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.aws.machines import ExecutionEntry
    from sfdebug.aws.session import AwsReader
    from sfdebug.aws.waiting import Progress
    from sfdebug.values import Json

CHILDREN_FAILED_FIRST: Final = (*FAILED_FIRST[:3], PENDING_REDRIVE, *FAILED_FIRST[3:])


@dataclass(frozen=True, slots=True)
class MapRunDescription:
    """What DescribeMapRun says. The counts are by AWS's own names: total, pending, running, succeeded, failed, …"""

    arn: str
    execution_arn: str
    status: str
    started_at: int | None
    stopped_at: int | None
    item_counts: Mapping[str, int]
    execution_counts: Mapping[str, int]
    redrive_count: int
    redriven_at: int | None
    answer: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class MapRunEntry:
    """A Map Run in a list."""

    arn: str
    execution_arn: str
    started_at: int | None
    stopped_at: int | None


def describe_map_run(reader: AwsReader, arn: str) -> MapRunDescription:
    """What AWS says of a Map Run. Raises AwsError."""
    answer = reader.ask(ReadOperation.DESCRIBE_MAP_RUN, arn, mapRunArn=arn)
    return MapRunDescription(
        arn=answer.get("mapRunArn", arn),
        execution_arn=answer.get("executionArn", ""),
        status=answer.get("status", ""),
        started_at=moment_in(answer, "startDate"),
        stopped_at=moment_in(answer, "stopDate"),
        item_counts=_counts(answer.get("itemCounts")),
        execution_counts=_counts(answer.get("executionCounts")),
        redrive_count=answer.get("redriveCount", 0),
        redriven_at=moment_in(answer, "redriveDate"),
        answer=plain(answer),
    )


def list_map_runs(reader: AwsReader, execution_arn: str) -> tuple[MapRunEntry, ...]:
    """All Map Runs that an execution started. Raises AwsError."""
    pages = reader.pages(ReadOperation.LIST_MAP_RUNS, execution_arn, executionArn=execution_arn, maxResults=PAGE)
    return tuple(
        MapRunEntry(
            arn=entry.get("mapRunArn", ""),
            execution_arn=entry.get("executionArn", execution_arn),
            started_at=moment_in(entry, "startDate"),
            stopped_at=moment_in(entry, "stopDate"),
        )
        for page in pages
        for entry in page.get("mapRuns") or ()
    )


def list_children(
    reader: AwsReader, map_run_arn: str, most: int, progress: Progress | None = None
) -> tuple[ExecutionEntry, ...]:
    """Up to `most` child executions of a Map Run: failed, timed out and aborted ones first, then the others.

    Nothing is asked beyond those. Raises AwsError.
    """
    children: list[ExecutionEntry] = []
    if most <= 0:
        return ()
    for page in child_pages(reader, map_run_arn, Wanted(statuses=CHILDREN_FAILED_FIRST)):
        # One that changes its status in between is listed under both.
        known = {child.arn for child in children}
        children += [child for child in page if child.arn not in known]
        if progress is not None:
            progress(min(len(children), most), most)
        if len(children) >= most:
            break
    return tuple(children[:most])


def _counts(answer: Mapping[str, Any] | None) -> dict[str, int]:
    return {name: number for name, number in (answer or {}).items() if isinstance(number, int)}
