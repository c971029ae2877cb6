"""What was called in executions that Tasks started: a session that goes on knows it, and calls none of it anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.restoring import read_session
from sfdebug.tasks.answerers import AnswererKind
from tests.nested_calls import CHILD, EDITED, PARENT, Queue, send
from tests.session_runs import going_on, keeper_of


def at_refund(debugger: Debugger) -> Debugger:
    """Where Refund asks."""
    debugger.restart()
    while not debugger.nested.at_hand:
        assert not debugger.step_into().is_refused
    return debugger


def at_question(inner: Debugger) -> None:
    """On to where the next Task asks."""
    while inner.asking is None:
        assert not inner.step_into().is_refused


def reopened(
    keeper: SessionKeeper, path: Path, queue: Queue, machine: Any = PARENT, child: Any = CHILD
) -> tuple[Debugger, SessionKeeper]:
    """The session gone on with, by handlers that know of no call."""
    assert keeper.keep()
    keeper.close()
    found = going_on(path, machine, queue.tasks(child))
    return found.debugger, found.keeper


def test_what_ended_is_stepped_into_again_without_a_call(tmp_path: Path) -> None:
    queue, path = Queue(), tmp_path / "session"
    debugger = Debugger(PARENT, {}, tasks=queue.tasks())
    keeper = keeper_of(debugger, path)
    debugger.run()
    output = debugger.execution.output
    for _ in range(2):  # what is kept of it is kept again
        debugger, keeper = reopened(keeper, path, queue)
        inner = at_refund(debugger).nested.enter()
        inner.step_over()
        at_question(inner)
        assert inner.view().sentence.startswith("Pay has been called with "), "no call is said to come"
        inner.run()
        assert not debugger.nested.leave(inner).is_refused
        assert debugger.run().reason is StopReason.END
        assert (debugger.execution.output, len(debugger.timeline.forks)) == (output, 1)
    assert queue.sent == ["ask", "pay", "tell"]
    keeper.close()


@pytest.mark.parametrize("is_stepped_into", [True, False])
def test_what_had_not_ended_goes_on_where_it_was(tmp_path: Path, is_stepped_into: bool) -> None:
    queue, path = Queue(), tmp_path / "session"
    debugger = at_refund(Debugger(PARENT, {}, tasks=queue.tasks()))
    keeper = keeper_of(debugger, path)
    inner = debugger.nested.enter()
    inner.step_over()
    inner.step_over()
    debugger, keeper = reopened(keeper, path, queue)
    if is_stepped_into:
        inner = debugger.nested.enter()
        inner.run()
        debugger.nested.leave(inner)
    assert debugger.run().reason is StopReason.END
    assert queue.sent == ["ask", "pay", "tell"]
    output: Any = debugger.execution.output
    assert [answer["MessageId"] for answer in output.values()] == ["m1", "m2", "m3"]
    keeper.close()


def test_calling_again_inside_calls_and_its_answer_is_the_one_that_is_kept(tmp_path: Path) -> None:
    queue, path = Queue(), tmp_path / "session"
    debugger = Debugger(PARENT, {}, tasks=queue.tasks())
    keeper = keeper_of(debugger, path)
    debugger.run()
    debugger, keeper = reopened(keeper, path, queue)
    inner = at_refund(debugger).nested.enter()
    inner.step_over()
    at_question(inner)
    assert not inner.call_again().is_refused
    assert queue.sent == ["ask", "pay", "tell", "pay"]
    debugger, keeper = reopened(keeper, path, queue)
    inner = at_refund(debugger).nested.enter()
    inner.run()
    assert queue.sent == ["ask", "pay", "tell", "pay"]
    output: Any = inner.execution.output
    assert output["pay"]["MessageId"] == "m4"
    keeper.close()


def test_nothing_is_called_anew_after_the_definition_has_changed(tmp_path: Path) -> None:
    queue, path = Queue(), tmp_path / "session"
    debugger = at_refund(Debugger(PARENT, {}, tasks=queue.tasks()))
    keeper = keeper_of(debugger, path)
    debugger.nested.enter().run()
    debugger, keeper = reopened(keeper, path, queue, EDITED)
    at_refund(debugger).nested.enter().run()
    debugger, keeper = reopened(keeper, tmp_path / "session.again", queue, EDITED)
    debugger.run()
    assert debugger.execution.status == "SUCCEEDED"
    assert queue.sent == ["ask", "pay", "tell"]
    keeper.close()


def test_a_fork_and_an_undo_walk_into_it_again_without_a_call() -> None:
    queue = Queue()
    debugger = Debugger(PARENT, {}, tasks=queue.tasks())
    debugger.run()
    inner = at_refund(debugger).nested.enter()
    inner.run()
    at_refund(debugger)
    assert debugger.choose_answerer(AnswererKind.MACHINE).forked == 1  # a fork on which it is asked again
    debugger.run()
    assert not debugger.leave_fork().is_refused
    at_refund(debugger).nested.enter().run()
    inner.restart()
    inner.step_over()
    assert inner.choose_answerer(AnswererKind.SERVICE).forked == 1
    inner.run()
    assert queue.sent == ["ask", "pay", "tell"]


def test_where_more_was_called_than_is_kept_nothing_is_called_but_by_calling_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfdebug.tasks.inside_calls.MOST_INSIDE", 1)
    queue, path = Queue(), tmp_path / "session"
    debugger = at_refund(Debugger(PARENT, {}, tasks=queue.tasks()))
    keeper = keeper_of(debugger, path)
    debugger.nested.enter().run()
    for _ in range(2):
        debugger, keeper = reopened(keeper, path, queue)
        stop = debugger.run()
        assert stop.is_refused
        assert "this may have been one that is not kept: nothing is called" in stop.text
    inner = debugger.nested.enter()
    assert inner.run().is_refused
    assert queue.sent == ["ask", "pay", "tell"]
    assert not inner.call_again().is_refused
    assert queue.sent == ["ask", "pay", "tell", "pay"]
    keeper.close()


def test_what_waits_for_its_task_token_is_not_called_again_and_waits_for_the_user(tmp_path: Path) -> None:
    ask = send("ask", End=True)
    body = {**ask["Parameters"], "MessageBody": "ask", "MessageAttributes": {"t": {"StringValue.$": "$$.Task.Token"}}}
    waiting = {
        "StartAt": "Ask",
        "States": {"Ask": {**ask, "Parameters": body, "Resource": f"{ask['Resource']}.waitForTaskToken"}},
    }
    queue, path = Queue(), tmp_path / "session"
    debugger = at_refund(Debugger(PARENT, {}, tasks=queue.tasks(waiting)))
    keeper = keeper_of(debugger, path)
    assert debugger.nested.enter().run().reason is StopReason.QUESTION
    debugger, keeper = reopened(keeper, path, queue, child=waiting)
    inner = debugger.nested.enter()
    assert inner.run().reason is StopReason.QUESTION
    assert queue.sent == ["ask"]
    keeper.close()


def test_what_the_session_itself_called_is_not_kept_twice(tmp_path: Path) -> None:
    machine = definition_from({"StartAt": "Ask", "States": {"Ask": send("ask", End=True)}})
    queue, path = Queue(), tmp_path / "session"
    debugger = Debugger(machine, {}, tasks=queue.tasks())
    debugger.run()
    keeper = keeper_of(debugger, path)
    assert keeper.keep()
    keeper.close()
    assert queue.sent == ["ask"]
    assert not any(done.called for done in read_session(path).done)
