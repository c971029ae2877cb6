"""Calls of a host that is kept, while its file cannot grow: refused in words, and nothing that was told is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus
from sfdebug.hosting.records import MachineSettings
from sfdebug.server.api import StepFunctionsApi
from tests.hosted_runs import ROLE, token_of, waiting
from tests.kept_hosts import KeptHost
from tests.unit.hosting.test_hosted import one


class FullDisk:
    """A host whose file may have so many pages."""

    def __init__(self, path: Path) -> None:
        self.host = KeptHost(path)
        self.api = StepFunctionsApi(self.host)

    def allow(self, pages: int) -> None:
        writer = self.host.store._database._writer
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (there,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {there + pages}").fetchall()

    def call(self, operation: str, /, **members: Any) -> tuple[int, Any]:
        answer = self.api.answer(f"AWSStepFunctions.{operation}", json.dumps(members).encode())
        return answer.status, json.loads(answer.body)


def test_calls_are_refused_and_executions_wait_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfdebug.hosting.store.commit._AGAIN", 0.0)
    disk = FullDisk(tmp_path / "store")
    host = disk.host
    machine = host.machines.create(MachineSettings("M", json.dumps(one(waiting(End=True))), ROLE))[0].arn
    before = host.run(machine, {}, "before").arn
    status, told = disk.call("DescribeExecution", executionArn=before)
    assert (status, told["status"]) == (200, "RUNNING")
    disk.allow(2)
    large = json.dumps("x" * 200_000)
    status, told = disk.call("StartExecution", stateMachineArn=machine, name="large", input=large)
    assert (status, told["__type"]) == (503, "com.amazon.coral.service#ServiceUnavailableException")
    assert f"cannot keep anything in {tmp_path / 'store'} (database or disk is full)" in told["message"]
    assert disk.call("CreateActivity", name="refused")[0] == 503
    assert host.activities.list() == (), "nothing is begun that is refused"
    assert host.said == ["database or disk is full"]
    host.store._commit.hold(host.hands.work)
    assert token_of(host, before)
    held = host.hosted(f"{before.rpartition(':')[0]}:large")
    assert held.execution.events[-1].type == "ExecutionStarted", "it waits before its first state"
    disk.allow(10_000)
    status, told = disk.call("StartExecution", stateMachineArn=machine, name="large", input=large)
    assert (status, told["executionArn"]) == (200, held.facts.arn), "as SDKs ask once more"
    assert host.said[1:] == [""]
    host.hands.work()
    assert token_of(host, held.facts.arn)
    then = KeptHost(tmp_path / "store", wall=host.kill())
    assert then.reopened.running == 2
    then.hands.work()
    for arn in (before, held.facts.arn):
        then.tokens.succeed(token_of(then, arn), "1")
        then.hands.work()
        assert then.execution(arn).status is ExecutionStatus.SUCCEEDED
    then.store.close()
