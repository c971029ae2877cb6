"""Calls that Step Functions waits for until their job is done (`.sync`): how the job is asked for, and when it is over.

Source: AWS Step Functions Developer Guide, the page of each optimized integration; AWS API, the describing calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from sfdebug.values import Json


class Job(Struct, frozen=True):
    """How a job is followed: `call` of botocore's `service`, with arguments that are taken from what starting it gave
    and was given, until what stands at `status` is one of `done` or `failed`. The description is at `path` of the
    answer."""

    service: str
    call: str
    arguments: Mapping[str, tuple[str, ...]]
    status: tuple[str, ...]
    done: frozenset[str]
    failed: frozenset[str]
    path: tuple[str | int, ...] = ()
    is_list: bool = False
    """Whether the argument is a list of the one that is asked about."""


_DONE: Final = frozenset({"SUCCEEDED", "COMPLETED", "Completed", "STOPPED", "COMPLETE"})
_FAILED: Final = frozenset({"FAILED", "Failed", "TIMEOUT", "ERROR", "CANCELLED", "TIMED_OUT", "FAULT", "Stopped"})

JOBS: Final[Mapping[tuple[str, str], Job]] = {
    ("athena", "startQueryExecution"): Job(
        "athena",
        "GetQueryExecution",
        {"QueryExecutionId": ("result", "QueryExecutionId")},
        ("QueryExecution", "Status", "State"),
        _DONE,
        _FAILED,
    ),
    ("batch", "submitJob"): Job(
        "batch", "DescribeJobs", {"Jobs": ("result", "JobId")}, ("Status",), _DONE, _FAILED, ("Jobs", 0), is_list=True
    ),
    ("codebuild", "startBuild"): Job(
        "codebuild",
        "BatchGetBuilds",
        {"Ids": ("result", "Build", "Id")},
        ("BuildStatus",),
        _DONE,
        _FAILED,
        ("Builds", 0),
        is_list=True,
    ),
    ("glue", "startJobRun"): Job(
        "glue",
        "GetJobRun",
        {"JobName": ("given", "JobName"), "RunId": ("result", "JobRunId")},
        ("JobRunState",),
        _DONE,
        _FAILED,
        ("JobRun",),
    ),
    ("ecs", "runTask"): Job(
        "ecs",
        "DescribeTasks",
        {"Tasks": ("result", "Tasks", "0", "TaskArn"), "Cluster": ("given?", "Cluster")},
        ("LastStatus",),
        frozenset({"STOPPED"}),
        frozenset(),
        ("Tasks", 0),
        is_list=True,
    ),
    ("states", "startExecution"): Job(
        "stepfunctions",
        "DescribeExecution",
        {"ExecutionArn": ("result", "ExecutionArn")},
        ("Status",),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "TIMED_OUT", "ABORTED"}),
    ),
}
"""By the service and the call of the Resource."""


def asked(job: Job, given: Mapping[str, Json], result: Json) -> dict[str, Json]:
    """The arguments of the call that describes a job."""
    found: dict[str, Json] = {}
    for name, (source, *path) in job.arguments.items():
        value = at(result if source == "result" else dict(given), path)
        if value is not None:
            found[name] = [value] if job.is_list and source == "result" else value
    return found


def at(value: Json, path: list[str] | tuple[str | int, ...]) -> Json:
    """What stands at a path; None where there is nothing."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and str(step).isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
