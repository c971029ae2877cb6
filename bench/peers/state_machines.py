"""Interpreters of state machines beside sfdebug, which alone writes AWS's events and notes every stage."""

from __future__ import annotations

import copy
import json
import os
import warnings
from collections.abc import Callable, Iterator
from time import process_time, sleep
from typing import Any, Final

from bench.loop import LOOP, ORDER
from bench.peers.npm import NotInstalledError, run_script

_TRANSITIONS: Final = (10_000, 100_000)
_FOR_MOTO: Final = 1_000
"""It takes a second for so many."""


def lines() -> Iterator[str]:
    """What one transition of the JSONPath loop takes here and there."""
    for count in _TRANSITIONS:
        yield from _beside("aws-local-stepfunctions (Node.js)", count, _node)
    yield from _beside("moto", _FOR_MOTO, _moto)


def _beside(name: str, transitions: int, run: Callable[[dict[str, Any]], float]) -> Iterator[str]:
    what = f"a transition of the JSONPath loop of {transitions:,}"
    definition = _loop(transitions)
    try:
        # One after the other, twice: the machine may be slower now than a moment ago.
        pairs = [(_own(definition), run(definition)) for _ in range(2)]
    except NotInstalledError as missing:
        yield f"  {what}: {name} is skipped, for {missing}"
        return
    ours, theirs = (min(times) / transitions * 1e6 for times in zip(*pairs, strict=True))
    yield f"  {what}: sfdebug {ours:,.1f} µs, {name} {theirs:,.1f} µs ({theirs / ours:,.1f} times)"


def _loop(transitions: int) -> dict[str, Any]:
    definition = copy.deepcopy(LOOP)
    definition["States"]["Again?"]["Choices"][0]["NumericLessThan"] = transitions // 2
    return definition


def _own(definition: dict[str, Any]) -> float:
    import sfdebug

    machine = sfdebug.load(definition)
    settings = sfdebug.Settings(max_history_events=10**9)
    begun = process_time()
    execution = sfdebug.simulate(machine, {"order": ORDER, "n": 0}, settings=settings)
    seconds = process_time() - begun
    assert str(execution.status) == "SUCCEEDED"
    return seconds


def _node(definition: dict[str, Any]) -> float:
    given = {"definition": definition, "input": {"order": ORDER, "n": 0}}
    found = run_script("state_machines.mjs", "aws-local-stepfunctions", given)
    assert found["output"]["n"] == definition["States"]["Again?"]["Choices"][0]["NumericLessThan"]
    return float(found["seconds"])


def _moto(definition: dict[str, Any]) -> float:
    try:
        from moto import mock_aws
    except ImportError:
        raise NotInstalledError("moto is not installed") from None
    import boto3

    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="us-east-1")
    with warnings.catch_warnings(), mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        warnings.simplefilter("ignore")
        client = boto3.client("stepfunctions")
        made = client.create_state_machine(
            name="Loop", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/none"
        )
        begun = process_time()
        started = client.start_execution(
            stateMachineArn=made["stateMachineArn"], input=json.dumps({"order": ORDER, "n": 0})
        )
        status = "RUNNING"
        while status == "RUNNING":
            sleep(0.05)  # asking costs, too
            status = client.describe_execution(executionArn=started["executionArn"])["status"]
        seconds = process_time() - begun
    assert status == "SUCCEEDED", status
    return seconds
