"""Handlers that many executions ask at once: no call waits for another one, or ends it; all are ended together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from urllib.request import urlopen

import pytest

from sfdebug.aws.service_calls import ServiceAnswer
from sfdebug.engine import ExecutionStatus
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.records import MachineSettings
from sfdebug.simulation import simulate
from sfdebug.tasks.apis.calls import ApiTasks
from sfdebug.tasks.apis.url_map import MappedUrl, UrlMap
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.endpoint import LambdaEndpoint
from sfdebug.tasks.outside import CallCancelledError, CallingHandler
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.values import Json
from tests.api_server import ApiAnswer, ApiServer, api_server
from tests.hosted_runs import ROLE
from tests.programs import LONGEST, until

API = "https://api.example.com"
STATES: dict[str, dict[str, Any]] = {
    "api": {"Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": API, "Method": "GET"}},
    "endpoint": {"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:charge"},
    "service": {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "q", "MessageBody": "b"}},
}


def machine_of(kind: str) -> dict[str, Any]:
    """A machine whose Task makes such a call."""
    return {"StartAt": "Call", "States": {"Call": {"Type": "Task", "End": True, **STATES[kind]}}}


class Service:
    """A service that says what the API says."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(
        self, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        with urlopen(self.url, timeout=LONGEST) as answer:
            return ServiceAnswer({"said": json.loads(answer.read())})


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with api_server() as server:
        yield server


@pytest.fixture(params=list(STATES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def handler(api: ApiServer, kind: str) -> Iterator[CallingHandler]:
    handlers: dict[str, CallingHandler] = {
        "api": ApiTasks(UrlMap([MappedUrl(API, api.url)]), Callbacks()),
        "endpoint": LambdaTasks((), LambdaEndpoint(api.url)),
        "service": ServiceTasks(Service(api.url), Callbacks(), "at a test"),
    }
    yield handlers[kind]
    for each in handlers.values():
        each.close()


def said(found: Json) -> Json:
    """What the API said, of what a Task was given."""
    return found.get("ResponseBody", found.get("said", found)) if isinstance(found, dict) else found


def test_one_that_is_not_answered_holds_no_other_execution_up(
    api: ApiServer, handler: CallingHandler, kind: str
) -> None:
    may_end = Event()
    api.answers = [ApiAnswer(b"1", waits=may_end), ApiAnswer(b"2")]
    with ExecutionHost(handler) as host:
        machine = host.machines.create(MachineSettings("Calls", json.dumps(machine_of(kind)), ROLE))[0].arn
        first = host.start_execution(machine)
        until(lambda: len(api.calls) == 1)
        second = host.wait_until_ended(host.start_execution(machine).arn, LONGEST)
        assert second is not None
        assert said(json.loads(second.output or "")) == 2
        assert host.execution(first.arn).status is ExecutionStatus.RUNNING
        may_end.set()
        ended = host.wait_until_ended(first.arn, LONGEST)
        assert ended is not None
        assert said(json.loads(ended.output or "")) == 1


def test_all_that_are_under_way_are_cancelled(api: ApiServer, handler: CallingHandler, kind: str) -> None:
    may_end = Event()
    api.answers = [ApiAnswer(b"1", waits=may_end), ApiAnswer(b"2", waits=may_end)]
    with ThreadPoolExecutor() as threads:
        calls = [threads.submit(simulate, machine_of(kind), {}, handler) for _ in range(2)]
        until(lambda: len(api.calls) == 2)
        handler.cancel()
        assert [type(call.exception(LONGEST)) for call in calls] == [CallCancelledError, CallCancelledError]
        may_end.set()
    assert said(simulate(machine_of(kind), {}, handler).output) == {}
