"""A server with a store, killed with SIGKILL while clients call it, again and again: whatever a client was told is so
in the next process, and everything that was started comes to its end."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.hosted_runs import ROLE
from tests.killed_servers import LostCall, RawClient, ServedStore, served_store
from tests.programs import LONGEST

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
MACHINE = {
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Next": "Token"},
        "Token": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
                "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
                "MessageBody.$": "$$.Task.Token",
            },
            "ResultPath": "$.sent",
            "Next": "Some",
        },
        "Some": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}},
            "ResultPath": "$.items",
            "Next": "Worker",
        },
        # A worker may be given a task by an answer that does not reach it: AWS has the timeout for that, too.
        "Worker": {
            "Type": "Task",
            "Resource": ACTIVITY,
            "TimeoutSeconds": 1,
            "Retry": [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 99}],
            "End": True,
        },
    },
}
KILLS = int(os.environ.get("SFDEBUG_KILLS") or 12)
"""More of them are killed in a long run: SFDEBUG_KILLS=1000."""


class Clients:
    """Several clients, what they were told, and how often: the one who kills waits for a number of answers."""

    def __init__(self, store: ServedStore) -> None:
        self.store = store
        self.serves = threading.Condition()
        self.answers = 0
        self.generation = 0
        self.is_over = self.has_ended = False
        self.faults: list[str] = []
        self.histories: dict[str, list[Any]] = {}
        self.outcomes: dict[str, Any] = {}
        self.taken: dict[str, str] = {}
        """By the tokens of tasks what was sent for them, and taken."""
        self.ended: dict[str, Any] = {}

    def run(self, work: Callable[[Clients, RawClient, Random], None], seed: int) -> None:
        try:
            work(self, RawClient(lambda: self.store.port), Random(seed))
        except Exception as error:  # told by the test, and not by a thread
            self.faults.append(repr(error))
            raise

    def call(self, client: RawClient, operation: str, /, **members: Any) -> tuple[int, Any]:
        """The answer, from the next server where this one is killed before it answers."""
        while True:
            generation = self.generation
            try:
                answer = client(operation, **members)
            except LostCall:
                with self.serves:  # for a moment: its connection may have been that of one before, and this one runs on
                    self.serves.wait_for(lambda before=generation: self.generation > before, 1.0)  # type: ignore[misc]
                continue
            with self.serves:
                self.answers += 1
                self.serves.notify_all()
            return answer

    def see(self, client: RawClient, arn: str) -> list[Any]:
        """The history of an execution, which has what was told of it before."""
        _, told = self.call(client, "GetExecutionHistory", executionArn=arn, maxResults=1000)
        events: list[Any] = told["events"]
        before = self.histories.get(arn, [])
        assert events[: len(before)] == before, f"what was told has changed: {arn}"
        self.histories[arn] = events
        return events


def client_work(clients: Clients, client: RawClient, random: Random, count: int = 10**9) -> None:
    """Start executions, and see each through."""
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:M"
    number = 0
    while not clients.is_over and number < count:
        number += 1
        name = f"{random.randrange(10**9)}"
        given = json.dumps({"items": list(range(random.randrange(4))), "name": name})
        status, told = clients.call(client, "StartExecution", stateMachineArn=machine, name=name, input=given)
        assert status == 200, told
        arn = told["executionArn"]
        token = None
        while token is None:
            for event in clients.see(client, arn):
                details = event.get("taskScheduledEventDetails")
                token = json.loads(details["parameters"])["MessageBody"] if details is not None else token
        status, told = clients.call(client, "SendTaskSuccess", taskToken=token, output=json.dumps(name))
        assert status == 200 or told["__type"].endswith(("#TaskTimedOut", "#InvalidToken")), told
        again, told = clients.call(client, "SendTaskSuccess", taskToken=token, output='"once more"')
        assert again != 200, "a token is answered once"
        ended: dict[str, Any] = {"status": "RUNNING"}
        while ended["status"] == "RUNNING":
            _, ended = clients.call(client, "DescribeExecution", executionArn=arn)
        assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", json.loads(given) | {"sent": name}), (
            ended
        )
        clients.ended[arn] = ended
        clients.see(client, arn)


def worker_work(clients: Clients, client: RawClient, random: Random) -> None:
    """Do what the activity is for, as long as anybody starts something."""
    while not clients.has_ended:
        _, task = clients.call(client, "GetActivityTask", activityArn=ACTIVITY, workerName="w")
        if task.get("taskToken"):
            status, told = clients.call(client, "SendTaskSuccess", taskToken=task["taskToken"], output=task["input"])
            assert status == 200 or told["__type"].endswith(("#TaskTimedOut", "#InvalidToken")), told


def test_nothing_that_was_told_is_lost(tmp_path: Path) -> None:
    with served_store(tmp_path / "store") as store:
        clients, first = Clients(store), RawClient(lambda: store.port)
        first("CreateActivity", name="work", tags=[{"key": "a", "value": "b"}])
        created = first("CreateStateMachine", name="M", definition=json.dumps(MACHINE), roleArn=ROLE, publish=True)
        assert created[0] == 200, created
        works = [client_work] * 3 + [worker_work] * 2
        threads = [
            threading.Thread(target=clients.run, args=(work, seed), name=f"test-client-{seed}", daemon=True)
            for seed, work in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        random = Random(7)
        for _ in range(KILLS):
            with clients.serves:
                enough = clients.answers + random.randrange(1, 40)
                assert clients.serves.wait_for(lambda: clients.answers >= enough or clients.faults, LONGEST)  # noqa: B023
            if clients.faults:
                break
            store.kill()
            store.start()
            with clients.serves:
                clients.generation += 1
                clients.serves.notify_all()
        clients.is_over = True
        for thread in threads[:3]:
            thread.join(LONGEST)
        clients.has_ended = True
        assert clients.faults == []
        assert not any(thread.is_alive() for thread in threads[:3])
        last = RawClient(lambda: store.port)
        for arn, ended in clients.ended.items():
            assert last("DescribeExecution", executionArn=arn) == (200, ended)
            clients.see(last, arn)
        assert len(clients.ended) >= KILLS // 4
        _, listed = last("ListExecutions", stateMachineArn=created[1]["stateMachineArn"], maxResults=1000)
        assert {one["status"] for one in listed["executions"]} == {"SUCCEEDED"}
        assert {one["executionArn"] for one in listed["executions"]} == set(clients.ended)
        assert last("ListTagsForResource", resourceArn=ACTIVITY) == (200, {"tags": [{"key": "a", "value": "b"}]})


if not hasattr(os, "fork"):
    test_nothing_that_was_told_is_lost = pytest.mark.skip("no fork")(test_nothing_that_was_told_is_lost)
