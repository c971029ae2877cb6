"""Real clients on the served API: boto3, the AWS CLI and AWS's SDK for JavaScript, and what Terraform calls."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.exchanges import exchanges
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.hosting.host import ExecutionHost
from sfdebug.server.wire import ApiServer
from sfdebug.tasks.mock_config import MockConfig
from tests.api_calls import PASS, PLACE
from tests.hosted_runs import ROLE
from tests.served_api import api_served, boto3_client, client_environment

AWS = os.environ.get("SFDEBUG_AWS_CLI") or shutil.which("aws")
"""The AWS CLI: `pipx install awscli`, or SFDEBUG_AWS_CLI=PATH."""

JS_SDK = os.environ.get("SFDEBUG_AWS_SDK")
"""A folder with AWS's SDK for JavaScript: npm install --prefix FOLDER @aws-sdk/client-sfn."""

MOCKS = {
    "StateMachines": {"Charging": {"TestCases": {"Declined": {"Charge": "declined"}, "Paid": {"Charge": "paid"}}}},
    "MockedResponses": {
        "declined": {"0": {"Throw": {"Error": "Card.Declined", "Cause": "no money"}}},
        "paid": {"0": {"Return": {"receipt": 7}}},
    },
}
CHARGE = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:charge", "End": True}


class Answers:
    """Answers the Tasks of one state."""

    def answer(self, request: Any) -> TaskResult | None:
        """What the state `Known` gives."""
        return TaskResult({"known": request.input}) if request.state.name == "Known" else None


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with ExecutionHost(Answers(), MockConfig.parse(json.dumps(MOCKS), "mocks.json")) as host, api_served(host) as found:
        yield found


@pytest.fixture(scope="module")
def client(server: ApiServer) -> Any:
    return boto3_client(server)


def created(client: Any, name: str, definition: str = PASS, **more: Any) -> str:
    answer = client.create_state_machine(name=name, definition=definition, roleArn=ROLE, **more)
    return str(answer["stateMachineArn"])


def machine(**states: Any) -> str:
    return json.dumps({"StartAt": next(iter(states)), "States": states})


def ended(client: Any, execution: str) -> dict[str, Any]:
    """An execution that is over; it is asked for again and again, as programs do."""
    for _ in range(2000):
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
    raise AssertionError(f"{execution} does not end")


def test_boto3_gets_typed_times_errors_and_pages(client: Any) -> None:
    arn = created(client, "Boto")
    started = client.start_execution(stateMachineArn=arn, input="[1]")
    found = ended(client, started["executionArn"])
    assert (found["status"], found["output"]) == ("SUCCEEDED", "[1]")
    assert found["startDate"] == started["startDate"]
    assert found["startDate"].tzinfo is not None
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=started["executionArn"], PaginationConfig={"PageSize": 2}
    )
    assert [[event["id"] for event in page["events"]] for page in pages] == [[1, 2], [3, 4]]
    with pytest.raises(client.exceptions.ExecutionDoesNotExist) as caught:
        client.describe_execution(executionArn=f"{started['executionArn']}x")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["RequestId"]
    with pytest.raises(ClientError, match=r"\(InvalidArn\).*Invalid ARN prefix: x"):
        client.describe_execution(executionArn="x")


def test_calls_with_a_prefix_before_the_host_come_here(client: Any) -> None:
    arn = created(client, "Quick", type="EXPRESS")
    answer = client.start_sync_execution(stateMachineArn=arn, input="{}")
    assert (answer["status"], answer["billingDetails"]["billedMemoryUsedInMB"]) == ("SUCCEEDED", 64)
    failing = machine(F={"Type": "Fail", "Error": "E", "Cause": "c"})
    failed = client.start_sync_execution(stateMachineArn=created(client, "Broken", failing, type="EXPRESS"))
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "E", "c")
    assert client.test_state(definition='{"Type": "Succeed"}', input="[2]")["output"] == "[2]"


def test_a_test_case_answers_behind_a_hash_and_nobody_is_told(client: Any) -> None:
    arn = created(client, "Charging", machine(Charge=CHARGE))

    def run(machine: str) -> dict[str, Any]:
        return ended(client, client.start_execution(stateMachineArn=machine)["executionArn"])

    assert run(f"{arn}#Paid")["output"] == '{"receipt":7}'
    assert run(f"{arn}#Declined")["error"] == "Card.Declined"
    alone = run(arn)
    assert (alone["status"], alone["error"]) == ("FAILED", "States.Runtime")
    assert "A test case of a mock file, or a handler of the function" in alone["cause"]
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Lost"):
        client.start_execution(stateMachineArn=f"{arn}#Lost")


def test_state_machines_start_each_other_and_workers_answer(client: Any) -> None:
    task = {**CHARGE, "Resource": "arn:aws:states:::states:startExecution.sync:2"}
    child = created(client, "Child", machine(Known={**CHARGE}))
    parent = created(client, "Parent", machine(S={**task, "Parameters": {"StateMachineArn": child, "Input": {"n": 1}}}))
    found = ended(client, client.start_execution(stateMachineArn=parent)["executionArn"])
    assert json.loads(found["output"])["Output"]["known"]["n"] == 1
    assert len(client.list_executions(stateMachineArn=child)["executions"]) == 1

    activity = client.create_activity(name="work")["activityArn"]
    arn = created(client, "Working", machine(W={**CHARGE, "Resource": activity}))
    with ThreadPoolExecutor(1) as worker:
        polled = worker.submit(client.get_activity_task, activityArn=activity, workerName="me")
        execution = client.start_execution(stateMachineArn=arn, input="[3]")["executionArn"]
        task = polled.result(30)
    assert task["input"] == "[3]"
    client.send_task_success(taskToken=task["taskToken"], output="4")
    assert ended(client, execution)["output"] == "4"


def test_many_executions_at_once_are_all_there(client: Any) -> None:
    states = {str(n): {"Type": "Wait", "Seconds": 60, "Next": str(n + 1)} for n in range(4)}
    arn = created(client, "Many", machine(**states, **{"4": {"Type": "Pass", "End": True}}))
    with ThreadPoolExecutor(16) as starters:
        started = list(
            starters.map(
                lambda n: client.start_execution(stateMachineArn=arn, name=f"run-{n}", input=str(n)), range(64)
            )
        )
    outputs = [ended(client, one["executionArn"])["output"] for one in started]
    assert outputs == [str(number) for number in range(64)]
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=arn, statusFilter="SUCCEEDED", PaginationConfig={"PageSize": 10}
    )
    assert {each["name"] for page in pages for each in page["executions"]} == {f"run-{n}" for n in range(64)}


def test_terraforms_calls_plan_apply_refresh_and_destroy(client: Any) -> None:
    """Those of its provider for aws_sfn_state_machine and aws_sfn_alias, in its order."""
    logging = {"level": "OFF", "includeExecutionData": False}
    assert client.validate_state_machine_definition(definition=PASS, type="STANDARD")["result"] == "OK"
    answer = client.create_state_machine(
        name="tf",
        definition=PASS,
        roleArn=ROLE,
        type="STANDARD",
        publish=True,
        loggingConfiguration=logging,
        tracingConfiguration={"enabled": False},
        tags=[{"key": "Name", "value": "tf"}],
    )
    arn, version = answer["stateMachineArn"], answer["stateMachineVersionArn"]

    def refresh() -> dict[str, Any]:
        found: dict[str, Any] = client.describe_state_machine(stateMachineArn=arn)
        assert found["loggingConfiguration"] == logging
        assert client.list_state_machine_versions(stateMachineArn=arn, maxResults=1)["stateMachineVersions"]
        assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "Name", "value": "tf"}]
        return found

    assert refresh()["status"] == "ACTIVE"
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    assert client.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"] == routes
    assert len(client.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]) == 1
    changed = machine(B={"Type": "Succeed"})
    client.update_state_machine(stateMachineArn=arn, definition=changed, roleArn=ROLE, loggingConfiguration=logging)
    assert refresh()["definition"] == changed
    client.delete_state_machine_alias(stateMachineAliasArn=alias)
    client.delete_state_machine(stateMachineArn=arn)
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        client.describe_state_machine(stateMachineArn=arn)


def test_a_client_of_another_service_is_told_what_is_wrong(server: ApiServer) -> None:
    for service, call, members in (
        ("dynamodb", "list_tables", {}),
        ("sqs", "list_queues", {}),
        ("s3", "list_objects_v2", {"Bucket": "b"}),
        ("sts", "get_caller_identity", {}),
        ("lambda", "list_functions", {}),
    ):
        other = boto3.client(
            service,
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(retries={"total_max_attempts": 1}),
        )
        with pytest.raises(ClientError, match="set AWS_ENDPOINT_URL_SFN alone"):
            getattr(other, call)(**members)


@pytest.mark.skipif(AWS is None, reason="the AWS CLI is not installed here, and SFDEBUG_AWS_CLI does not name it")
def test_the_aws_cli_starts_and_reads(server: ApiServer, client: Any) -> None:
    """By a call with a prefix before the host, which reads what came of it, too."""
    assert AWS is not None
    arn = created(client, "Cli", type="EXPRESS")
    words = ["stepfunctions", "start-sync-execution", "--state-machine-arn", arn, "--input", '{"a": 1}']
    environment = {**os.environ, **client_environment(server.url), "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run([AWS, *words], env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["status"], found["output"]) == ("SUCCEEDED", '{"a":1}')


@pytest.mark.skipif(JS_SDK is None, reason="SFDEBUG_AWS_SDK names no folder with AWS's SDK for JavaScript")
def test_the_sdk_for_javascript_starts_and_reads(server: ApiServer, client: Any) -> None:
    assert JS_SDK is not None
    arn = created(client, "Js", type="EXPRESS")
    script = f"""
        const {{ SFNClient, StartSyncExecutionCommand, DescribeExecutionCommand }} = require("@aws-sdk/client-sfn");
        (async () => {{
            const client = new SFNClient({{ disableHostPrefix: true, maxAttempts: 1 }});
            const call = new StartSyncExecutionCommand({{ stateMachineArn: "{arn}", input: "[5]" }});
            const answer = await client.send(call);
            let error = "";
            const lost = "{PLACE}:execution:Js:lost";
            try {{ await client.send(new DescribeExecutionCommand({{ executionArn: lost }})); }}
            catch (told) {{ error = told.name + "|" + told.message; }}
            console.log(JSON.stringify({{ ...answer, error, at: answer.startDate instanceof Date }}));
        }})();
    """
    environment = {**os.environ, **client_environment(server.url)}
    command = ["node", "-e", textwrap.dedent(script)]
    done = subprocess.run(command, env=environment, cwd=Path(JS_SDK), capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["output"], answer["at"]) == ("SUCCEEDED", "[5]", True)
    lost = f"{PLACE}:execution:Js:lost"
    assert answer["error"] == f"ExecutionDoesNotExist|Execution Does Not Exist: '{lost}'"


def test_recorded_exchanges_are_made_again_whatever_plugins_of_pytest_are_there(tmp_path: Path) -> None:
    """sfdebug's own has a fixture of the same name as the one that compares."""
    tests = tmp_path / "tests" / "aws" / "services" / "stepfunctions" / "v2"
    tests.mkdir(parents=True)
    name = "tests/aws/services/stepfunctions/v2/test_sfn_api_small.py::test_list"
    (tests / "test_sfn_api_small.py").write_text(
        "def test_list(aws_client, sfn_snapshot):\n"
        "    sfn_snapshot.match('listed', aws_client.stepfunctions.list_activities())\n"
    )
    recorded = {"recorded-date": "01-01-2026, 00:00:00", "recorded-content": {"listed": {"activities": [], "more": 1}}}
    (tests / "test_sfn_api_small.snapshot.json").write_text(json.dumps({name: recorded}))
    rows, end = exchanges(tmp_path, ["test_sfn_api*.py"])
    assert [row["rows"] for row in rows] == [[["ListActivities", "listed", "/more: missing"]]], end
