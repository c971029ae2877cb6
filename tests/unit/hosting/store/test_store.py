"""A host that is kept: whatever it was told is there again in the next process, and goes on from where it stood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace
from sfdebug.hosting.records import AliasRoute
from sfdebug.hosting.refusals import RefusalReason
from tests.hosted_runs import token_of, waiting
from tests.kept_hosts import KeptHost
from tests.unit.hosting.test_host import CALL, WORK, starting
from tests.unit.hosting.test_hosted import Answers, one, refusal

PASS = {"Type": "Pass", "Next": "B"}
TWO = {"StartAt": "A", "States": {"A": PASS, "B": {"Type": "Pass", "Parameters": {"b.$": "$"}, "End": True}}}


def again(
    host: KeptHost, *arguments: Any, pass_seconds: float = 0, written: int | None = None, **more: Any
) -> KeptHost:
    """The host in the next process, so much later."""
    wall = host.kill(written)
    return KeptHost(host.path, *arguments, wall=wall + pass_seconds * 1000, **more)


def told(host: KeptHost, arn: str) -> Any:
    return host.execution(arn), [event.as_dict() for event in host.history(arn)], host.machine_of(arn)


# resources


def test_resources_are_as_they_were(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    arn = host.make(TWO)
    host.tags.add(arn, {"b": "2", "a": "1"})
    first = host.versions.publish(arn)
    host.machines.update(arn, definition=json.dumps(one(CALL)))
    second = host.versions.publish(arn, description="second")
    third = host.machines.update(arn, role_arn="arn:aws:iam::123456789012:role/other", publish=True)[1]
    assert third is not None
    host.versions.delete(third.arn)
    alias = host.aliases.create("live", [AliasRoute(first.arn, 90), AliasRoute(second.arn, 10)], "both")
    gone = host.make(TWO, "Gone")
    host.tags.add(gone, {"x": "y"})
    host.machines.delete(gone)
    host.activities.create("work", {"t": "1"})
    host.activities.create("other")
    host.activities.delete(WORK.replace("work", "other"))
    before = host.machines.list(), host.versions.list(arn), host.aliases.list(arn), host.activities.list()
    then = again(host)
    assert (then.machines.list(), then.versions.list(arn), then.aliases.list(arn), then.activities.list()) == before
    assert then.tags.of(arn) == {"b": "2", "a": "1"}
    assert then.tags.of(WORK) == {"t": "1"}
    assert refusal(then.tags.of, gone) is RefusalReason.RESOURCE_UNKNOWN
    assert then.aliases.get(alias.arn) == alias
    assert refusal(then.versions.delete, first.arn) is RefusalReason.VERSION_IN_USE
    assert then.versions.publish(arn).number == 4, "a number is never used again"
    assert refusal(then.make, one(CALL)) is RefusalReason.MACHINE_EXISTS, "with publish it was changed last"


# executions


@pytest.mark.parametrize("pace", [VIRTUAL, REAL, TimePace(0.1)])
def test_executions_that_are_over_are_told_of_as_before(tmp_path: Path, pace: TimePace) -> None:
    host = KeptHost(tmp_path / "store", pace=pace)
    machine = host.make(TWO)
    failing = host.make(one({"Type": "Fail", "Error": "E", "Cause": "why"}), "Failing")
    arns = [host.run(machine, {"n": number}, f"n{number}").arn for number in range(3)]
    arns.append(host.run(failing, ["\ud800"]).arn)
    before = [told(host, arn) for arn in arns]
    listed = [record.name for record in host.executions(machine)]
    then = again(host, pace=pace)
    assert [told(then, arn) for arn in arns] == before
    assert then.reopened.running == 0
    assert [record.name for record in then.executions(machine)] == listed == ["n2", "n1", "n0"]
    assert [record.name for record in then.executions(machine)[1:2]] == ["n1"]
    assert len(then.executions(failing, status="FAILED")) == 1
    assert len(then.executions(failing, status="SUCCEEDED")) == 0
    assert refusal(then.start_execution, machine, '{"n": 1}', "n1") is RefusalReason.EXECUTION_EXISTS
    assert refusal(then.execution, arns[0] + "x") is RefusalReason.EXECUTION_UNKNOWN


def test_one_that_runs_goes_on_and_its_token_is_still_good(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    machine = host.make({"StartAt": "W", "States": {"W": waiting(Next="A"), **TWO["States"]}})  # type: ignore[dict-item]
    started = host.run(machine, {"x": 1}, "name")
    token = token_of(host, started.arn)
    then = again(host)
    assert then.reopened.running == 1
    assert then.start_execution(machine, '{"x": 1}', "name").started == started.started
    then.hands.work()
    then.tokens.succeed(token, '{"ok": true}')
    then.hands.work()
    assert then.execution(started.arn).status is ExecutionStatus.SUCCEEDED
    assert then.types(started.arn)[:4] == ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted"]
    assert refusal(then.tokens.succeed, token, "1") in (RefusalReason.TOKEN_TIMED_OUT, RefusalReason.TASK_GONE)
    last = again(then)
    assert last.execution(started.arn) == then.execution(started.arn)


def test_a_token_whose_task_has_ended_is_still_known(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", pace=REAL)
    task = waiting(
        TimeoutSeconds=60, HeartbeatSeconds=50, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "W"}], Next="W"
    )
    states = {"T": task, "W": {"Type": "Wait", "Seconds": 1_000, "End": True}}
    machine = host.make({"StartAt": "T", "States": states})
    answered, late, stopped = (host.run(machine, name=name).arn for name in ("answered", "late", "stopped"))
    tokens = [token_of(host, each) for each in (answered, late, stopped)]
    host.tokens.succeed(tokens[0], "1")
    host.stop_execution(stopped)
    host.hands.pass_time(61)

    def refusals(host: KeptHost) -> list[RefusalReason]:
        return [refusal(host.tokens.succeed, token, "1") for token in (*tokens, "never given")]

    expected = [
        RefusalReason.TOKEN_TIMED_OUT,
        RefusalReason.TOKEN_TIMED_OUT,
        RefusalReason.TASK_GONE,
        RefusalReason.TOKEN_INVALID,
    ]
    assert refusals(host) == expected
    then = again(host, pace=REAL)
    assert then.reopened.running == 2
    assert refusals(then) == expected
    then.store._database.write("UPDATE tokens SET reason = ? WHERE reason = 'TASK_GONE'", [("OTHER",)])
    assert refusal(then.tokens.succeed, tokens[2], "1") is RefusalReason.UNREADABLE


@pytest.mark.parametrize("beats", [False, True])
@pytest.mark.parametrize("pace", [VIRTUAL, REAL])
def test_time_passes_meanwhile(tmp_path: Path, pace: TimePace, beats: bool) -> None:
    host = KeptHost(tmp_path / "store", pace=pace)
    arn = host.run(host.make(one(waiting(End=True, HeartbeatSeconds=60)))).arn
    host.hands.pass_time(50)
    if beats:
        host.tokens.heartbeat(token_of(host, arn))
    then = again(host, pace=pace, pass_seconds=30)
    then.hands.pass_time(0)
    assert (then.execution(arn).status is ExecutionStatus.RUNNING) is beats
    then.hands.pass_time(40)
    record = then.execution(arn)
    assert record.status is ExecutionStatus.FAILED
    (timed_out,) = [event.time for event in then.history(arn) if event.type == "TaskTimedOut"]
    assert timed_out == record.started + (110_000 if beats else 60_000)


def test_a_wait_ends_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", pace=REAL)
    wait = one({"Type": "Wait", "Seconds": 100, "End": True})
    arns = [host.run(host.make(wait)).arn]
    host.hands.pass_time(70)
    then = again(host, pace=REAL, pass_seconds=10)
    then.hands.pass_time(19)
    assert then.execution(arns[0]).status is ExecutionStatus.RUNNING
    then.hands.pass_time(1)
    record = then.execution(arns[0])
    assert (record.status, record.stopped) == (ExecutionStatus.SUCCEEDED, record.started + 100_000)


def test_what_was_being_called_is_called_once_more_and_told(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", Answers(A=TaskResult(1)))
    arn = host.make(one(CALL))
    started = host.start_execution(arn).arn
    host.hands.work(with_calls=False)
    assert len(host.hands.calls) == 1
    answers = Answers(A=TaskResult(2))
    then = again(host, answers)
    assert [(one.execution_arn, one.state) for one in then.reopened.called] == [(started, "A")]
    then.hands.work()
    assert (then.execution(started).output, len(answers.asked)) == ("2", 1)
    assert again(then, Answers()).reopened.called == ()


def test_an_answer_that_came_before_the_call_was_over_is_not_lost(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", Answers(A=None))
    started = host.start_execution(host.make(one(waiting(End=True)))).arn
    host.hands.work(with_calls=False)
    token = token_of(host, started)
    host.tokens.succeed(token, '"early"')
    assert host.execution(started).status is ExecutionStatus.RUNNING
    answers = Answers()
    then = again(host, answers)
    assert refusal(then.tokens.succeed, token, '"again"') is RefusalReason.TOKEN_TIMED_OUT
    then.hands.work()
    assert (then.execution(started).output, len(answers.asked)) == ('"early"', 0)
    assert then.types(started)[2:5] == ["TaskScheduled", "TaskStarted", "TaskSubmitted"]


def test_workers_get_the_tasks_that_were_queued_in_their_order(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", pace=REAL)
    host.activities.create("work")
    task = {"Type": "Task", "Resource": WORK, "TimeoutSeconds": 30}
    wait = {"Type": "Wait", "Seconds": 5, "Next": "T"}
    late = host.make({"StartAt": "W", "States": {"W": wait, "T": {**task, "End": True}}}, "Late")
    early = host.make(one({**task, "End": True}), "Early")
    arns = [host.run(late, "late").arn, host.run(early, "taken").arn, host.run(early, "early").arn]
    taken = host.activities.poll(WORK, "w").wait(0)
    assert taken is not None
    host.hands.pass_time(10)
    then = again(host, pace=REAL, pass_seconds=10)
    then.hands.work()
    tasks = [then.activities.poll(WORK, "v").wait(0) for _ in range(2)]
    assert [task.input for task in tasks if task is not None] == ['"early"', '"late"']
    for each in (taken, *tasks):
        assert each is not None
        then.tokens.succeed(each.token, each.input)
    then.hands.work()
    assert [then.execution(arn).output for arn in arns] == ['"late"', '"taken"', '"early"']


@pytest.mark.parametrize("type", ["STANDARD", "EXPRESS"])
@pytest.mark.parametrize("written", [None, *range(12)])
def test_what_a_task_has_started_is_started_once(tmp_path: Path, type: str, written: int | None) -> None:
    """However little of it was written when the process was killed."""
    host = KeptHost(tmp_path / "store", pace=REAL)
    child = host.make(one({"Type": "Wait", "Seconds": 5, "End": True}), "Child", type=type)
    task = starting(child, ".sync:2")
    if type == "EXPRESS":
        task["Resource"] = "arn:aws:states:::aws-sdk:sfn:startSyncExecution"
    parent = host.make(one(task), "Parent")
    host.store.commit()
    started = host.start_execution(parent, "{}", "p").arn
    host.hands.work()
    then = again(host, written=written, pace=REAL)
    if written == 0:
        then.start_execution(parent, "{}", "p")
    then.hands.pass_time(0)
    (inside,) = [one for one in then.executions() if one.machine_arn == child]
    assert inside.status is ExecutionStatus.RUNNING
    then = again(then, pass_seconds=5, pace=REAL)
    then.hands.pass_time(5)
    assert then.execution(started).status is ExecutionStatus.SUCCEEDED
    assert len(then.executions()) == 2
    assert then.types(started).count("TaskScheduled") == 1


def test_a_redrive_goes_on_with_what_was_kept(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", Answers(A=TaskFailure("E", "first")))
    arn = host.run(host.make(one(CALL))).arn
    then = again(host, Answers(A=TaskResult("second")), keep=1)
    then.hand_clock.wall += 1_000
    assert then.redrive_execution(arn, "token").status is ExecutionStatus.RUNNING
    assert then.redrive_execution(arn, "token").redrive_count == 1
    last = again(then, Answers(A=TaskResult("third")))
    assert last.reopened.running == 1
    assert last.redrive_execution(arn, "token").redrive_count == 1, "the same call once more is known"
    last.hands.work()
    record = last.execution(arn)
    assert (record.status, record.output, record.redrive_count) == (ExecutionStatus.SUCCEEDED, '"third"', 1)
    assert [one.name for one in last.executions(redriven=True)] == [record.name]
    assert again(last).execution(arn) == record


def test_map_runs_are_found_with_their_children(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    inner["ProcessorConfig"]["ExecutionType"] = "STANDARD"  # type: ignore[index]
    machine = host.make(one({"Type": "Map", "ItemsPath": "$", "ItemProcessor": inner, "End": True}))
    arns = [host.run(machine, items).arn for items in ([1, 2, 3], [])]
    runs = [run for arn in arns for run in host.map_runs.list(arn)]
    children = list(host.map_runs.executions(runs[0].arn))
    histories = [list(host.history(child.arn)) for child in children]
    then = again(host)
    assert [then.map_runs.get(run.arn) for run in runs] == runs
    assert list(then.map_runs.executions(runs[0].arn)) == children
    last = again(then)
    assert [list(last.history(child.arn)) for child in children] == histories
    assert last.machine_of(children[0].arn).map_run_arn == runs[0].arn
    assert refusal(last.execution, children[0].arn + "x") is RefusalReason.EXECUTION_UNKNOWN
    assert refusal(last.map_runs.get, runs[0].arn + "x") is RefusalReason.MAP_RUN_UNKNOWN


def test_what_leaves_memory_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store", keep=2)
    machine = host.make(TWO)
    arns = [host.run(machine, number).arn for number in range(6)]
    assert len(host.hosted_executions()) == 2
    assert [host.execution(arn).input for arn in arns] == [str(number) for number in range(6)]
    assert all(host.types(arn)[-1] == "ExecutionSucceeded" for arn in arns)
    assert host.hosted(arns[0]) is host.hosted(arns[0]), "there is one of each"
    assert len(host.executions(machine)) == 6
    name = arns[0].rpartition(":")[2]
    assert refusal(host.start_execution, machine, "0", name) is RefusalReason.EXECUTION_EXISTS


def test_an_end_that_was_not_written_comes_about_once_more(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    machine = host.make(TWO)
    arn = host.run(machine).arn
    entries = [type(entry).__name__ for entry in host.store._commit._queue]
    then = again(host, written=entries.index("ExecutionStood"))
    assert then.execution(arn).status is ExecutionStatus.SUCCEEDED
    assert [record.status for record in then.executions(machine)] == [ExecutionStatus.SUCCEEDED]
    then.machines.delete(machine)
    assert then.machines.list() == ()


def test_a_machine_that_is_being_deleted_goes_with_its_last_execution(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    machine = host.make(one(waiting(End=True)))
    arn = host.run(machine).arn
    host.machines.delete(machine)
    then = again(host)
    assert refusal(then.start_execution, machine) is RefusalReason.MACHINE_DELETING
    then.hands.work()
    then.stop_execution(arn)
    assert then.machines.list() == ()
    last = again(then)
    assert last.machines.list() == ()
    assert last.execution(arn).status is ExecutionStatus.ABORTED


def test_a_case_that_is_gone_is_told(tmp_path: Path) -> None:
    from sfdebug.tasks.mock_config import MockConfig

    mocks = {
        "StateMachines": {"Machine": {"TestCases": {"Case": {"T": "R"}}}},
        "MockedResponses": {"R": {"0": {"Return": 1}}},
    }
    (tmp_path / "mocks.json").write_text(json.dumps(mocks))
    config = MockConfig.load(tmp_path / "mocks.json")
    host = KeptHost(tmp_path / "store", mocks=config)
    machine = host.make({"StartAt": "W", "States": {"W": waiting(Next="T"), "T": CALL}})
    arn = host.run(f"{machine}#Case").arn
    token = token_of(host, arn)
    then = again(host)
    assert then.reopened.without_case == (arn,)
    last = again(then, mocks=config)
    assert last.reopened.without_case == ()
    last.tokens.succeed(token, "1")
    last.hands.work()
    assert last.execution(arn).output == "1"
