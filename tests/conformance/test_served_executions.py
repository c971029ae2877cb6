"""Executions recorded from AWS, through a client: created, started with their recorded answers, and read back over the
wire by boto3, page by page. The events are the recorded ones.

The answers are those of a mock file that `sfdebug mocks` makes of the recording, wherever that can say them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sfdebug.hosting.host import ExecutionHost
from sfdebug.server.api import StepFunctionsApi
from sfdebug.server.wire import ApiServer
from sfdebug.tasks.mock_config import MockConfig
from tests.command_line import ROOT
from tests.conformance.compare import equal, first_difference
from tests.conformance.hosted_cases import ACCOUNT, HOSTED_CASES, HostedCase, RecordedMocks
from tests.hosted_runs import HandClock

pytestmark = pytest.mark.skipif(not HOSTED_CASES, reason="the recorded executions are not beside this checkout")


class ServedMocks(RecordedMocks):
    """Mock files where they can say what was answered, and the recording itself where they cannot."""

    def handler(self, state_machine: str | None, case: str) -> Any:
        recorded = self.cases[case]
        if not recorded.fits_a_mock_file:
            return super().handler(state_machine, case)
        return MockConfig.parse(recorded.mock_file, "mocks.json").handler(None, case)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    settings = HOSTED_CASES[0].settings
    clock = HandClock()
    clock.wall = float(settings.start_time)
    mocks: Any = ServedMocks(*HOSTED_CASES)
    with ExecutionHost(mocks=mocks, account=ACCOUNT, settings=settings, clock=clock) as host:
        server = ApiServer(StepFunctionsApi(host, on_fault=_fault))
        server.start()
        yield boto3.client(
            "stepfunctions",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, parameter_validation=False),
        )
        server.close()


def _fault(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("case", HOSTED_CASES, ids=lambda case: case.name)
def test_served_execution(client: Any, case: HostedCase) -> None:
    if not case.is_of_its_tasks_alone:
        pytest.skip("not from the answers of its Tasks alone")
    name = f"M{HOSTED_CASES.index(case)}"
    for activity in case.activities:
        client.create_activity(name=activity)
    role = case.settings.role_arn
    try:
        created = client.create_state_machine(name=name, definition=case.definition, roleArn=role, type=case.type)
    except client.exceptions.InvalidDefinition as error:
        pytest.skip(f"not taken by this version: {str(error).splitlines()[0][:160]}")
    arn = f"{created['stateMachineArn']}#{case.name}"
    execution = client.start_execution(stateMachineArn=arn, input=case.input)["executionArn"]
    for _ in range(5000):
        found = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            break
    size = len(case.events) // 2 + 1  # two pages
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": size}
    )
    difference = first_difference(case.events, [event for page in pages for event in page["events"]])
    assert difference is None, str(difference)
    _check_end(case.events[-1], found)


def test_the_page_on_the_endpoint_says_how_many_there_are() -> None:
    text = " ".join((ROOT / "docs" / "endpoint.md").read_text().split())
    told = re.search(r"(\d+) of the (\d+) executions recorded.* For (\d+) of them", text)
    assert told is not None
    alone = [case for case in HOSTED_CASES if case.is_of_its_tasks_alone]
    by_file = [case for case in alone if case.fits_a_mock_file]
    assert [int(each) for each in told.groups()] == [len(alone), len(HOSTED_CASES), len(by_file)]


def _check_end(event: dict[str, Any], found: dict[str, Any]) -> None:
    """The end that is told of an execution is that of its last event."""
    details: dict[str, Any] = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    assert event["type"] == f"Execution{found['status'].title().replace('_', '')}"
    for name in ("output", "error", "cause"):
        recorded = details.get(name)
        assert equal(recorded, found.get(name)) or equal(_read(recorded), _read(found.get(name))), name


def _read(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
