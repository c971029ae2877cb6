"""Calls that Step Functions waits for until their job is done (`.sync`): how the job is asked for, and when it is over.

Source: AWS Step Functions Developer Guide, the page of each optimized integration with its examples, which say what is
read of a result; AWS API, the describing calls and the states that a job can be in.
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
    answer; `wrapped` is the field of the Task's result that it becomes, "" where it is the result."""

    service: str
    call: str
    arguments: Mapping[str, tuple[str, ...]]
    status: tuple[str, ...]
    done: frozenset[str]
    failed: frozenset[str]
    path: tuple[str | int, ...] = ()
    is_list: bool = False
    """Whether the argument is a list of the one that is asked about."""
    wrapped: str = ""
    kept: tuple[str, ...] = ()
    """Fields of the first answer that the result has besides."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _sagemaker(kind: str) -> Job:
    name = f"{kind}JobName"
    status = (f"{kind}JobStatus",)
    return Job("sagemaker", f"Describe{kind}Job", {name: ("given", name)}, status, _set("Completed"), _SAGEMAKER_FAILED)


def _serverless(done: str, failed: str, source: str) -> Job:
    arguments = {"ApplicationId": (source, "ApplicationId")}
    status = ("Application", "State")
    return Job("emr-serverless", "GetApplication", arguments, status, _set(done), _set(failed))


def _cluster(source: str, done: str, failed: str, *, kept: tuple[str, ...] = ()) -> Job:
    status = ("Cluster", "Status", "State")
    arguments = {"ClusterId": (source, "ClusterId")}
    return Job("emr", "DescribeCluster", arguments, status, _set(done), _set(failed), kept=kept)


_SAGEMAKER_FAILED: Final = _set("Failed Stopped")
_BUILD_FAILED: Final = _set("FAILED FAULT TIMED_OUT STOPPED")

JOBS: Final[Mapping[tuple[str, str], Job]] = {
    ("athena", "startQueryExecution"): Job(
        "athena",
        "GetQueryExecution",
        {"QueryExecutionId": ("result", "QueryExecutionId")},
        ("QueryExecution", "Status", "State"),
        _set("SUCCEEDED"),
        _set("FAILED CANCELLED"),
    ),
    ("batch", "submitJob"): Job(
        "batch",
        "DescribeJobs",
        {"Jobs": ("result", "JobId")},
        ("Status",),
        _set("SUCCEEDED"),
        _set("FAILED"),
        ("Jobs", 0),
        is_list=True,
    ),
    ("bedrock", "createModelCustomizationJob"): Job(
        "bedrock",
        "GetModelCustomizationJob",
        {"JobIdentifier": ("result", "JobArn")},
        ("Status",),
        _set("Completed"),
        _set("Failed Stopped"),
    ),
    ("codebuild", "startBuild"): Job(
        "codebuild",
        "BatchGetBuilds",
        {"Ids": ("result", "Build", "Id")},
        ("BuildStatus",),
        _set("SUCCEEDED"),
        _BUILD_FAILED,
        ("Builds", 0),
        is_list=True,
        wrapped="Build",
    ),
    ("codebuild", "startBuildBatch"): Job(
        "codebuild",
        "BatchGetBuildBatches",
        {"Ids": ("result", "BuildBatch", "Id")},
        ("BuildBatchStatus",),
        _set("SUCCEEDED"),
        _BUILD_FAILED,
        ("BuildBatches", 0),
        is_list=True,
        wrapped="BuildBatch",
    ),
    ("databrew", "startJobRun"): Job(
        "databrew",
        "DescribeJobRun",
        {"Name": ("given", "Name"), "RunId": ("result", "RunId")},
        ("State",),
        _set("SUCCEEDED"),
        _set("FAILED STOPPED TIMEOUT"),
    ),
    ("ecs", "runTask"): Job(
        "ecs",
        "DescribeTasks",
        {"Tasks": ("result", "Tasks", "0", "TaskArn"), "Cluster": ("given?", "Cluster")},
        ("LastStatus",),
        _set("STOPPED"),
        frozenset(),
        ("Tasks", 0),
        is_list=True,
    ),
    ("elasticmapreduce", "addStep"): Job(
        "emr",
        "DescribeStep",
        {"ClusterId": ("given", "ClusterId"), "StepId": ("result", "StepId")},
        ("Step", "Status", "State"),
        _set("COMPLETED"),
        _set("CANCELLED FAILED INTERRUPTED"),
    ),
    ("elasticmapreduce", "createCluster"): _cluster(
        "result", "WAITING TERMINATED", "TERMINATED_WITH_ERRORS", kept=("ClusterId",)
    ),
    ("elasticmapreduce", "terminateCluster"): _cluster("given", "TERMINATED TERMINATED_WITH_ERRORS", ""),
    ("emr-containers", "deleteVirtualCluster"): Job(
        "emr-containers",
        "DescribeVirtualCluster",
        {"Id": ("given", "Id")},
        ("VirtualCluster", "State"),
        _set("TERMINATED"),
        _set("ARRESTED"),
    ),
    ("emr-containers", "startJobRun"): Job(
        "emr-containers",
        "DescribeJobRun",
        {"Id": ("result", "Id"), "VirtualClusterId": ("given", "VirtualClusterId")},
        ("JobRun", "State"),
        _set("COMPLETED"),
        _set("FAILED CANCELLED"),
    ),
    ("emr-serverless", "createApplication"): _serverless("CREATED STARTED STOPPED", "TERMINATED", "result"),
    ("emr-serverless", "startApplication"): _serverless("STARTED", "STOPPED TERMINATED", "given"),
    ("emr-serverless", "stopApplication"): _serverless("STOPPED", "TERMINATED", "given"),
    ("emr-serverless", "startJobRun"): Job(
        "emr-serverless",
        "GetJobRun",
        {"ApplicationId": ("given", "ApplicationId"), "JobRunId": ("result", "JobRunId")},
        ("JobRun", "State"),
        _set("SUCCESS"),
        _set("FAILED CANCELLED"),
    ),
    ("glue", "startJobRun"): Job(
        "glue",
        "GetJobRun",
        {"JobName": ("given", "JobName"), "RunId": ("result", "JobRunId")},
        ("JobRunState",),
        _set("SUCCEEDED"),
        _set("FAILED STOPPED TIMEOUT ERROR EXPIRED"),
        ("JobRun",),
    ),
    ("mediaconvert", "createJob"): Job(
        "mediaconvert",
        "GetJob",
        {"Id": ("result", "Job", "Id")},
        ("Job", "Status"),
        _set("COMPLETE"),
        _set("CANCELED ERROR"),
    ),
    ("sagemaker", "createHyperParameterTuningJob"): _sagemaker("HyperParameterTuning"),
    ("sagemaker", "createLabelingJob"): _sagemaker("Labeling"),
    ("sagemaker", "createProcessingJob"): _sagemaker("Processing"),
    ("sagemaker", "createTrainingJob"): _sagemaker("Training"),
    ("sagemaker", "createTransformJob"): _sagemaker("Transform"),
    ("states", "startExecution"): Job(
        "stepfunctions",
        "DescribeExecution",
        {"ExecutionArn": ("result", "ExecutionArn")},
        ("Status",),
        _set("SUCCEEDED"),
        _set("FAILED TIMED_OUT ABORTED"),
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


def has_failed(job: Job, description: Json) -> bool:
    """Whether a job that is over has failed: its status says so, or a container of its has ended with an error.

    Source: Step Functions Developer Guide, "Run Amazon ECS/Fargate tasks"; of exit codes ECS API, Container.
    """
    if at(description, job.status) in job.failed:
        return True
    if job.service != "ecs":
        return False
    containers = at(description, ["Containers"])
    codes = [at(each, ["ExitCode"]) for each in containers] if isinstance(containers, list) else []
    return at(description, ["StopCode"]) == "TaskFailedToStart" or any(code not in (None, 0) for code in codes)


def result_of(job: Job, description: Json, begun: Mapping[str, Json]) -> Json:
    """What a Task gets of the description of its job."""
    if job.wrapped:
        return {job.wrapped: description}
    if job.kept and isinstance(description, dict):
        return {**description, **{name: begun[name] for name in job.kept if name in begun}}
    return description


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
