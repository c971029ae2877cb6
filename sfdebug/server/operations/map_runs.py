"""Map Runs: described, listed, changed. Source: AWS API, DescribeMapRun, ListMapRuns, UpdateMapRun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.server.arns import ResourceArnKind, read_arn
from sfdebug.server.call import ApiCall, seconds, without_none
from sfdebug.server.pages import page_of
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.hosting.records import MapRunCounts


def describe_map_run(call: ApiCall) -> dict[str, Json]:
    """DescribeMapRun."""
    run = call.host.map_runs.get(read_arn(call.members["mapRunArn"], ResourceArnKind.MAP_RUN).text)
    return without_none(
        mapRunArn=run.arn,
        executionArn=run.execution_arn,
        status=run.status.value,
        startDate=seconds(run.started),
        stopDate=None if run.stopped is None else seconds(run.stopped),
        maxConcurrency=run.max_concurrency,
        toleratedFailurePercentage=run.tolerated_failure_percentage,
        toleratedFailureCount=run.tolerated_failure_count,
        itemCounts=_counts(run.items),
        executionCounts=_counts(run.executions),
        redriveCount=run.redrive_count,
        redriveDate=None if run.redriven is None else seconds(run.redriven),
    )


def list_map_runs(call: ApiCall) -> dict[str, Json]:
    """ListMapRuns of an execution."""
    arn = read_arn(call.members["executionArn"], ResourceArnKind.EXECUTION).text
    page, token = page_of(call.host.map_runs.list(arn), call.members, "map runs", arn)
    listed: list[Json] = [
        without_none(
            executionArn=run.execution_arn,
            mapRunArn=run.arn,
            stateMachineArn=run.machine_arn,
            startDate=seconds(run.started),
            stopDate=None if run.stopped is None else seconds(run.stopped),
        )
        for run in page
    ]
    return without_none(mapRuns=listed, nextToken=token)


def update_map_run(call: ApiCall) -> dict[str, Json]:
    """UpdateMapRun of one that runs."""
    call.host.map_runs.update(
        read_arn(call.members["mapRunArn"], ResourceArnKind.MAP_RUN).text,
        max_concurrency=call.get("maxConcurrency"),
        tolerated_failure_count=call.get("toleratedFailureCount"),
        tolerated_failure_percentage=call.get("toleratedFailurePercentage"),
    )
    return {}


def _counts(counts: MapRunCounts) -> dict[str, Json]:
    members: dict[str, Json] = {
        "pending": counts.pending,
        "running": counts.running,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "timedOut": counts.timed_out,
        "aborted": counts.aborted,
        "total": counts.total,
        "resultsWritten": counts.results_written,
    }
    # Recorded without them before there were redrives; a count that is none says nothing.
    if counts.failures_not_redrivable:
        members["failuresNotRedrivable"] = counts.failures_not_redrivable
    if counts.pending_redrive:
        members["pendingRedrive"] = counts.pending_redrive
    return members
