"""Clients' executions that are held: in the list, in the debug screen, seen by the client as RUNNING."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sfdebug.limits import ExecutionType
from sfdebug.server.api import StepFunctionsApi
from sfdebug.server.operations import executions
from tests.api_calls import PASS
from tests.hosted_runs import token_of
from tests.served_api import api_served, boto3_client
from tests.served_runs import LARGE_ORDER, SMALL_ORDER, watched


async def test_in_hold_mode_each_start_is_held_and_let_go_on_from_the_list() -> None:
    async with watched(holds=True) as program:
        first = await program.start(SMALL_ORDER, "run-1")
        await program.start(SMALL_ORDER, "run-2")
        assert "HOLD virtual time 2 held · 0 running · 0 over" in program.flat
        assert "‖ HELD Orders run-2 Price" in program.flat
        assert "at its start" in program.flat
        assert program.host.execution(first).status == "RUNNING"  # as its client sees it
        await program.press("j", "c")
        await program.look()
        assert program.host.execution(first).status == "SUCCEEDED"
        assert "1 held · 0 running · 1 over" in program.flat
        await program.press("k", "n")
        await program.look()
        assert "after a step" in program.flat
        await program.press("C")
        await program.look()
        assert "0 running · 2 over" in program.flat
        await program.press("H")
        arn = await program.start(SMALL_ORDER, "run-3")
        assert program.host.execution(arn).status == "SUCCEEDED"


async def test_in_a_narrow_terminal_the_counts_stay_whole() -> None:
    async with watched(holds=True, size=(80, 24)) as program:
        for number in range(12):
            await program.start(SMALL_ORDER, f"run-{number}")
        await program.press("b", "a", *"Check", "enter", "escape")
        heading = program.text.splitlines()[0].rstrip()
        assert heading.endswith("12 held · 0 running · 0 over")
        assert "HOLD" in heading


async def test_one_that_runs_is_held_by_hand_stopped_and_redriven_in_the_list() -> None:
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        await program.press("c")
        assert "it is not held: h holds it" in program.flat
        await program.press("h")
        assert "by hand" in program.flat
        program.host.tokens.succeed(token_of(program.host, arn), "{}")
        await program.look()
        assert program.host.execution(arn).status == "RUNNING"  # what came counts when it goes on
        await program.press("x", "enter")
        await program.look()
        assert program.host.execution(arn).status == "ABORTED"
        await program.press("r")
        await program.look()
        assert program.host.execution(arn).redrive_count == 1
        await program.press("h", "c", "f", "f")
        assert program.rows() == ["run-1"]


async def test_a_breakpoint_of_the_panel_holds_what_comes_to_it() -> None:
    async with watched() as program:
        await program.press("b")
        assert "They hold clients' executions, in every state machine" in program.flat
        await program.press("a", *"Check", "enter", "escape")
        assert "● 1" in program.text.splitlines()[0]
        arn = await program.start(SMALL_ORDER, "run-1")
        assert "breakpoint Check" in program.flat
        await program.press("enter")
        program.at("Check")
        assert "HELD" in program.text.splitlines()[0]
        await program.press("b")  # on the selected state: off
        assert program.server.holder.breakpoints == []
        await program.press("c")
        await program.look()
        assert program.host.execution(arn).status == "SUCCEEDED"


async def test_where_the_client_stands_the_keys_that_step_are_for_its_execution() -> None:
    async with watched(holds=True) as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        await program.press("enter")
        program.at("Price")
        assert "n steps it, c lets it go on you: at its head" in program.flat
        await program.press("n")
        program.at("Large?")
        await program.press("s")
        assert len(program.host.history(arn)) == len(program.debugged.debugger.execution.events)
        await program.press("n")
        program.at("Approve")
        await program.press("N")
        program.at("Large?")
        count = len(program.host.history(arn))
        await program.press("n")  # over what is known: nothing of the client's
        program.at("Approve")
        assert len(program.host.history(arn)) == count
        await program.press("n")
        assert "it waits, and its time goes on" in program.flat
        program.host.tokens.succeed(token_of(program.host, arn), '{"by": "ann"}')
        await program.look()
        assert "HELD" in program.text.splitlines()[0]
        await program.press("c")
        await program.look()
        assert program.host.execution(arn).status == "SUCCEEDED"
        assert "✓ SUCCEEDED" in program.text.splitlines()[0]


async def test_a_fork_goes_on_as_the_clients_execution_after_what_stays_done_is_told() -> None:
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        token = token_of(program.host, arn)
        await program.press("enter", "N", "N", "f", "enter", "n")
        program.at("Check")
        await program.press("semicolon", "g")
        assert "Approve has given a task token away, which counts no more." in program.text
        assert "events that clients may have read are left behind" in program.flat
        await program.press("escape")
        await program.look()
        assert program.host.hosted(arn).held is None  # it was held for the question alone
        await program.press("semicolon", "g", "enter")
        assert "this is the client's execution now" in program.flat
        assert "you: at its head" in program.flat
        with pytest.raises(Exception, match="token"):
            program.host.tokens.succeed(token, "{}")
        await program.press("c")
        await program.look()
        assert program.host.execution(arn).status == "SUCCEEDED"
        assert "Approve" not in {event.state for event in program.host.history(arn)}
        assert list(program.host.history(arn)) == list(program.debugged.debugger.execution.events)


async def test_a_client_sees_running_until_somebody_lets_it_go_on() -> None:
    """Through boto3, over HTTP."""
    async with watched(holds=True) as program:
        with api_served(program.host) as server:
            client = boto3_client(server)

            async def called(operation: str, **members: Any) -> dict[str, Any]:
                found: dict[str, Any] = await asyncio.to_thread(getattr(client, operation), **members)
                return found

            started = await called(
                "start_execution", stateMachineArn=program.machine, input=json.dumps(SMALL_ORDER), name="run-1"
            )
            await program.look()
            assert (await called("describe_execution", executionArn=started["executionArn"]))["status"] == "RUNNING"
            assert "‖ HELD Orders run-1" in program.flat
            history = await called("get_execution_history", executionArn=started["executionArn"])
            assert [one["type"] for one in history["events"]] == ["ExecutionStarted"]
            await program.press("enter", "c")
            await program.look()
            found = await called("describe_execution", executionArn=started["executionArn"])
            assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"id": "o-1", "total": 20})
            assert "✓ SUCCEEDED" in program.text.splitlines()[0]


async def test_a_client_that_has_gone_is_told_and_not_counted_down_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "_SLICE", 0.0)
    async with watched(holds=True) as program:
        arn = program.host.make(json.loads(PASS), "Quick", type=ExecutionType.EXPRESS)
        program.host.run(program.machine, LARGE_ORDER, "run-1")
        body = json.dumps({"stateMachineArn": arn, "name": "sync-1", "input": json.dumps(SMALL_ORDER)}).encode()
        answer = StepFunctionsApi(program.host).answer("AWSStepFunctions.StartSyncExecution", body, lambda: True)
        assert answer.status == 503
        await program.look()
        assert program.rows() == ["sync-1", "run-1"]
        assert "at its start its client has gone" in program.flat
        assert "gives up" not in program.flat
        await program.press("enter")
        assert "its client has gone" in program.text.splitlines()[0]
        await program.press("c")
        await program.look()
        assert "its client has gone" not in program.text
        assert program.host.hosted_executions()[0].execution.status == "SUCCEEDED"


async def test_before_a_client_that_waits_gives_up_the_seconds_left_are_told() -> None:
    async with watched(holds=True) as program:
        arn = program.host.make(json.loads(PASS), "Quick", type=ExecutionType.EXPRESS)
        program.host.start_sync_execution(arn, json.dumps(SMALL_ORDER), "sync-1")
        await program.look()
        assert "its client (botocore) gives up in 60 s" in program.flat
        await program.press("enter")
        program.host.hand_clock.wall += 45_000
        await program.look()
        assert "gives up in 15 s" in program.text.splitlines()[0]
        program.host.hand_clock.wall += 30_000
        await program.look()
        assert "AWS would in 225 s" in program.text.splitlines()[0]
        await program.press("c")
        await program.look()
        assert "SUCCEEDED" in program.text.splitlines()[0]
