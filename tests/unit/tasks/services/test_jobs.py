"""Jobs that are waited for: what is asked exists in the API, and moto's own jobs end as they would on AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sfdebug.aws.catalogue.integrations import OPTIMIZED
from sfdebug.aws.catalogue.models import operation
from sfdebug.aws.catalogue.names import api_of, field_names
from sfdebug.aws.service_calls import ServiceClients
from sfdebug.simulation import simulate
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.tasks.services.emr import EMR, api_arguments, task_result
from sfdebug.tasks.services.jobs import JOBS, asked, has_failed, result_of
from sfdebug.tasks.services.local import LocalServices, local_endpoint
from tests.moto_server import missing

ECS = JOBS["ecs", "runTask"]
_NOT_FOLLOWED = {"emr-serverless:deleteApplication", "emr-serverless:cancelJobRun"}


def member(shape: Any, name: str) -> Any:
    found = next((each for api, each in shape.members.items() if name in field_names(api)), None)
    assert found is not None, f"{shape.name} has no {name}"
    return found


@pytest.mark.parametrize("name", JOBS, ids=":".join)
def test_what_is_asked_of_a_job_is_in_the_api(name: tuple[str, str]) -> None:
    job = JOBS[name]
    described = operation(job.service, job.call)
    for argument, (source, *path) in job.arguments.items():
        member(described.input_shape, argument)
        if name[0] == EMR or path[0] == "0":
            continue  # arguments and answers of its own
        begun = operation(*(api_of(*name) or ())[:2])
        shape = begun.output_shape if source == "result" else begun.input_shape
        for step in path:
            shape = shape.member if step == "0" else member(shape, step)
    shape = described.output_shape
    for place in (*job.path, *job.status):
        shape = shape.member if place == 0 else member(shape, str(place))
    if shape.enum:
        assert job.done | job.failed <= set(shape.enum)
    assert not job.done & job.failed


def test_every_call_of_the_guide_that_is_waited_for_is_followed() -> None:
    calls = {(service, call) for service, known in OPTIMIZED.items() for call in known if ".sync" in known[call]}
    lacking = {f"{service}:{call}" for service, call in calls - JOBS.keys() if service != "eks"}
    assert lacking == _NOT_FOLLOWED


@pytest.mark.parametrize(
    ("description", "failed"),
    [
        ({"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {}]}, False),
        ({"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {"ExitCode": 137}]}, True),
        ({"LastStatus": "STOPPED", "StopCode": "TaskFailedToStart", "Containers": []}, True),
    ],
)
def test_a_task_of_ecs_fails_when_a_container_does(description: dict[str, Any], failed: bool) -> None:
    assert has_failed(ECS, description) is failed


def test_what_a_job_gives() -> None:
    build, cluster = JOBS["codebuild", "startBuild"], JOBS[EMR, "createCluster"]
    assert result_of(build, {"Id": "b"}, {}) == {"Build": {"Id": "b"}}
    assert result_of(cluster, {"Cluster": {}}, {"ClusterId": "j"}) == {"Cluster": {}, "ClusterId": "j"}
    assert asked(ECS, {"Cluster": "c"}, {"Tasks": [{"TaskArn": "t"}]}) == {"Tasks": ["t"], "Cluster": "c"}


def test_the_calls_of_emr_are_those_of_one_cluster_and_one_step() -> None:
    assert api_arguments("addStep", {"ClusterId": "j", "Step": {"a": 1}}) == {"JobFlowId": "j", "Steps": [{"a": 1}]}
    assert task_result("addStep", {"StepIds": ["s"], "x": 1}) == {"x": 1, "StepId": "s"}
    assert task_result("createCluster", {"JobFlowId": "j"}) == {"ClusterId": "j"}


@pytest.fixture(scope="module")
def clients() -> Iterator[ServiceClients]:
    local = LocalServices("us-east-1", "123456789012")
    local.start()
    yield ServiceClients(local_endpoint(local))
    local.close()


def run(clients: ServiceClients, resource: str, parameters: dict[str, Any]) -> Any:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    tasks = ServiceTasks(clients, Callbacks(), "here", follows_arns=False)
    found = simulate({"StartAt": "Run", "States": {"Run": state}}, {}, tasks)
    assert found.fault is None, found.fault
    return found.output


@pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}")
def test_jobs_of_moto_are_waited_for_and_described(clients: ServiceClients) -> None:
    query = {"QueryString": "select 1", "ResultConfiguration": {"OutputLocation": "s3://results/"}}
    found = run(clients, "athena:startQueryExecution.sync", query)
    assert found["QueryExecution"]["Status"]["State"] == "SUCCEEDED"
    training = {
        "TrainingJobName": "t",
        "RoleArn": "arn:aws:iam::123456789012:role/FakeRole",
        "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://b"},
        "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 10},
    }
    assert run(clients, "sagemaker:createTrainingJob.sync", training)["TrainingJobStatus"] == "Completed"
    instances = {"MasterInstanceType": "m4.large", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True}
    cluster = {"Name": "n", "Instances": instances, "JobFlowRole": "r", "ServiceRole": "s", "ReleaseLabel": "emr-6.0.0"}
    made = run(clients, "elasticmapreduce:createCluster.sync", cluster)
    assert made["Cluster"]["Id"] == made["ClusterId"]
    ended = run(clients, "elasticmapreduce:terminateCluster.sync", {"ClusterId": made["ClusterId"]})
    assert ended["Cluster"]["Status"]["State"] == "TERMINATED"


@pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}")
def test_a_job_of_glue_is_waited_for(clients: ServiceClients) -> None:
    pytest.importorskip("pyparsing", reason="moto's Glue needs pyparsing")
    command = {"Name": "glueetl", "ScriptLocation": "s3://x"}
    clients.client("glue").create_job(Name="j", Role="r", Command=command)
    found = run(clients, "glue:startJobRun.sync", {"JobName": "j"})
    assert (found["JobName"], found["JobRunState"]) == ("j", "SUCCEEDED")
