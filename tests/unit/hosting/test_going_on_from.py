"""Another line of a held execution becomes its main line: what it waits for, and what stays done of the one before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.engine import Execution, ExecutionStatus, start, step
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    Decision,
    EditInput,
    Proceed,
    Provenance,
    StopExecution,
    TaskResult,
)
from sfdebug.engine.execution.execution import Phase
from sfdebug.hosting.clock import REAL, VIRTUAL
from sfdebug.hosting.hosted import HostedExecution
from sfdebug.hosting.left_behind import OutsideKind
from sfdebug.hosting.refusals import RefusalReason
from tests.hosted_runs import NOW, HandHost, token_of, waiting
from tests.kept_hosts import KeptHost
from tests.unit.hosting.test_holding import chain, is_held
from tests.unit.hosting.test_host import WORK, starting
from tests.unit.hosting.test_hosted import CALL, Answers, one, refusal
from tests.unit.hosting.test_observing import Witness


def began(execution: Execution) -> Execution:
    return start(execution.program, execution.input, execution.settings)  # type: ignore[arg-type]


def line(hosted: HostedExecution, *more: Decision, until: str = "", phase: Phase = Phase.READY) -> Execution:
    """The main line as it was when a state came into a phase, and on from there by other decisions."""
    execution = began(hosted.execution)
    for decision in hosted.execution.decisions:
        branch = next(iter(execution.branches.values()))
        if branch.state_name == until and branch.phase is phase:
            break
        execution = step(execution, decision)
    for decision in more:
        execution = step(execution, decision)
    return execution


def held(host: HandHost, definition: Any, input: Any = None) -> HostedExecution:
    """An execution that has come to where it waits, and is held there."""
    hosted = host.hosted(host.run(host.make(definition), input).arn)
    hosted.hold()
    return hosted


def test_what_had_happened_on_what_is_left_behind_is_told_and_the_new_line_goes_on() -> None:
    witness = Witness()
    called = TaskResult({"called": 1}, provenance=Provenance.FUNCTION)
    host = HandHost(Answers(B=called), observers=[witness])
    hosted = held(host, chain("A", "B", "C", B=dict(CALL), C=waiting()))
    arn = hosted.facts.arn
    old = token_of(host, arn)
    mine = AnswerTask((), TaskResult({"mine": 2}))
    fork = line(hosted, EditInput((), {"edited": True}), Proceed(), Proceed(), mine, Proceed(), until="B")
    foreseen = hosted.would_leave(fork)
    assert hosted.execution is not fork
    went = hosted.go_on_from(fork)
    assert went == foreseen
    assert [(act.kind, act.state, act.subject) for act in went.left] == [
        (OutsideKind.CALL, "B", CALL["Resource"]),
        (OutsideKind.TOKEN, "C", old),
    ]
    assert (went.events, went.left_events) == (3, 9)
    assert list(fork.events)[:3] == list(host.history(arn))[:3]
    assert is_held(hosted)
    assert refusal(host.tokens.succeed, old, "1") is RefusalReason.TOKEN_TIMED_OUT
    hosted.release()
    host.hands.work()
    answers = [event.details for event in host.history(arn) if event.type == "LambdaFunctionSucceeded"]
    assert [details and details["output"] for details in answers] == [{"mine": 2}]
    host.tokens.succeed(token_of(host, arn), '"end"')
    host.hands.work()
    assert host.execution(arn).output == '"end"'
    ran, again = host.hosted(arn).execution, began(fork)
    for decision in witness.decisions[arn]:
        again = step(again, decision)
    assert list(again.events) == list(ran.events)
    assert witness.of(arn)[:4] == ["began", "decided", "held", "went on"]


@pytest.mark.parametrize("pace", [VIRTUAL, REAL])
def test_a_token_that_was_answered_on_what_is_left_behind_can_be_answered_again(pace: Any) -> None:
    host = HandHost(pace=pace)
    machine = chain("A", "B", A=waiting(TimeoutSeconds=60), B=waiting())
    hosted = host.hosted(host.run(host.make(machine)).arn)
    token = token_of(host, hosted.facts.arn)
    host.hands.pass_time(20)
    host.tokens.succeed(token, '"first"')
    host.hands.work()
    hosted.hold()
    host.hands.pass_time(500)
    went = hosted.go_on_from(line(hosted, until="B"))
    assert [act.kind for act in went.left] == [OutsideKind.TOKEN]
    execution = began(hosted.execution)
    for decision in list(hosted.execution.decisions)[:-1]:
        execution = step(execution, decision)
        if host_waits(execution):
            break
    went = hosted.go_on_from(execution)
    assert [(act.kind, act.subject) for act in went.left] == [(OutsideKind.ANSWER, token)]
    hosted.release()
    host.hands.pass_time(30)
    host.tokens.heartbeat(token)
    host.tokens.succeed(token, '"second"')
    host.hands.work()
    assert '"second"' in json.dumps([event.details for event in host.history(hosted.facts.arn)])
    assert host.types(hosted.facts.arn).count("TaskSubmitted") == 2
    assert refusal(host.tokens.succeed, token, "3") is RefusalReason.TOKEN_TIMED_OUT


def host_waits(execution: Execution) -> bool:
    """Whether its Task has begun, and waits for its answer."""
    return execution.events[-1].type == "TaskSubmitted"


def test_a_token_that_both_lines_wait_for_stays_with_what_was_sent_for_it() -> None:
    branches = [
        {"StartAt": "B", "States": {"B": waiting(End=True)}},
        {"StartAt": "C", "States": {"C": waiting(End=True)}},
    ]
    host = HandHost()
    hosted = held(host, one({"Type": "Parallel", "Branches": branches, "End": True}))
    attempts = {attempt.request.state.name: attempt for attempt in hosted._loop.questions.open}
    tokens = {name: attempt.token for name, attempt in attempts.items()}
    host.tokens.succeed(tokens["B"], '"b"')
    host.tokens.succeed(tokens["C"], '"c"')
    branch = attempts["C"].request.branch
    fork = line(hosted, AnswerTask(branch, TaskResult("mine")))
    went = hosted.go_on_from(fork)
    assert [(act.kind, act.state) for act in went.left] == [(OutsideKind.TOKEN, "C"), (OutsideKind.ANSWER, "C")]
    hosted.release()
    host.hands.work()
    assert host.execution(hosted.facts.arn).output == '["b","mine"]'


def test_an_execution_that_was_started_gives_its_end_once_more() -> None:
    host = HandHost()
    inner = host.make(one({"Type": "Pass", "Result": 5, "End": True}), "Inner")
    hosted = held(host, chain("A", "B", A=starting(inner), B=waiting()))
    execution = began(hosted.execution)
    for decision in hosted.execution.decisions:
        execution = step(execution, decision)
        if host_waits(execution):
            break
    hosted.go_on_from(execution)
    assert "TaskSucceeded" not in host.types(hosted.facts.arn)
    hosted.release()
    host.hands.work()
    assert host.types(hosted.facts.arn).count("TaskSucceeded") == 1
    assert len(host.executions(inner)) == 1


def test_an_execution_that_is_started_again_has_another_name_and_the_first_one_is_stopped() -> None:
    host = HandHost()
    inner = host.make(one(waiting(End=True)), "Inner")
    hosted = held(host, chain("A", "B", B=starting(inner)))
    (first,) = host.executions(inner)
    went = hosted.go_on_from(line(hosted, until="B"))
    assert [(act.kind, act.subject) for act in went.left] == [(OutsideKind.CHILD, first.arn)]
    assert host.execution(first.arn).status is ExecutionStatus.ABORTED
    hosted.release()
    host.hands.work()
    second, _ = sorted(host.executions(inner), key=lambda record: record.is_over)
    assert second.arn != first.arn
    host.tokens.succeed(token_of(host, second.arn), "1")
    host.hands.work()
    assert host.execution(hosted.facts.arn).status is ExecutionStatus.SUCCEEDED


def test_a_worker_that_has_a_task_which_is_left_behind_is_told_so() -> None:
    host = HandHost()
    host.activities.create("work")
    hosted = host.hosted(host.run(host.make(chain("A", "B", B={"Type": "Task", "Resource": WORK}))).arn)
    task = host.activities.poll(WORK).wait(0)
    assert task is not None
    hosted.hold()
    went = hosted.go_on_from(line(hosted, until="B"))
    assert {act.kind for act in went.left} == {OutsideKind.WORKER, OutsideKind.TOKEN}
    assert refusal(host.tokens.succeed, task.token, "1") is RefusalReason.TOKEN_TIMED_OUT
    hosted.release()
    host.hands.work()
    assert host.activities.poll(WORK).wait(0) is not None


def test_a_line_that_is_over_ends_the_execution() -> None:
    host = HandHost()
    hosted = held(host, chain("A", "B", B=waiting()))
    hosted.go_on_from(line(hosted, StopExecution("Enough"), until="B"))
    assert host.execution(hosted.facts.arn).error == "Enough"
    assert hosted.held is None
    assert len(host.tokens) == 0


def test_virtual_time_is_that_of_the_new_line() -> None:
    host = HandHost()
    machine = chain("A", "B", "C", A={"Type": "Wait", "Seconds": 900}, B=waiting(), C={"Type": "Wait", "Seconds": 5})
    hosted = held(host, machine)
    hosted.go_on_from(line(hosted, until="A"))
    hosted.go_on_from(line(hosted, Proceed(), until="A"))
    assert hosted.execution.clock == 0
    hosted.release()
    host.hands.work()
    host.tokens.succeed(token_of(host, hosted.facts.arn), "1")
    host.hands.work()
    assert host.execution(hosted.facts.arn).stopped == NOW + 905_000


def test_what_is_no_line_of_the_held_execution_is_refused() -> None:
    host = HandHost()
    hosted, other = held(host, chain("A", "B", B=waiting())), HandHost()
    running = other.hosted(other.run(other.make(chain("A", "B", B=waiting(TimeoutSeconds=9)))).arn)
    assert refusal(running.go_on_from, running.execution) is RefusalReason.NOT_HELD
    assert refusal(hosted.go_on_from, running.execution) is RefusalReason.LINE_UNKNOWN
    elsewhere = start(hosted.execution.program, {"other": 1}, hosted.execution.settings)  # type: ignore[arg-type]
    assert refusal(hosted.would_leave, elsewhere) is RefusalReason.LINE_UNKNOWN
    again = hosted.go_on_from(hosted.execution)
    assert (again.left, again.left_events) == ((), 0)


def test_a_host_that_is_kept_goes_on_from_the_new_line_with_what_was_sent_while_it_was_held(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "kept.db")
    hosted = held(host, chain("A", "B", "C", A={"Type": "Pass"}, B=waiting(), C=waiting()))
    arn = hosted.facts.arn
    hosted.go_on_from(line(hosted, EditInput((), {"edited": True}), until="B"))
    hosted.release()
    host.hands.work()
    hosted.hold()
    host.tokens.succeed(token_of(host, arn), '"sent"')
    events = list(host.history(arn))
    again = KeptHost(tmp_path / "kept.db", wall=host.kill())
    assert list(again.history(arn))[: len(events)] == events
    again.hands.work()
    assert [event.state for event in again.history(arn) if event.type == "TaskStateEntered"] == ["B", "C"]
    assert '"sent"' in json.dumps([event.details for event in again.history(arn) if event.type == "TaskSucceeded"])
    again.kill()
