"""What was really called: on the way to where one stands, on the way that was left, and of it what nobody knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.tasks.outside import calling_handlers
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.tasks.state_machines import StateMachines
from tests.nested_calls import CHILD, PARENT, QUEUE, START, Queue, send
from tests.session_runs import going_on, keeper_of

SENT_BY: dict[str, Any] = {"StateMachineArn": "refund", "Input": {"to.$": "$.to"}}
ASKING = definition_from(
    {
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", "Next": "Refund"},
            "Refund": {**START, "Parameters": SENT_BY, "Next": "Last"},
            "Last": send("last", End=True),
        },
    }
)
SENDING = {**send("ask", End=True), "Parameters": {"QueueUrl": QUEUE, "MessageBody.$": "$.to"}}
BY_INPUT: dict[str, Any] = {"StartAt": "Ask", "States": {"Ask": SENDING}}
TWICE = {"StartAt": "Again", "States": {"Again": {**START, "End": True}}}


def test_going_back_over_a_task_leaves_the_calls_in_what_it_started() -> None:
    debugger = Debugger(PARENT, {}, tasks=Queue().tasks())
    debugger.run()
    assert debugger.calls.made_on(debugger.timeline.fork) == 3
    there = debugger.cursor.node
    debugger.restart()
    left = debugger.calls.left_behind(there)
    assert [effect.states for effect in left] == [("Refund", "Tell"), ("Refund", "Pay"), ("Refund", "Ask")]
    assert {effect.callee for effect in left} == {"sqs:sendMessage"}
    debugger.run()
    assert debugger.calls.left_behind(there) == ()


def test_calls_two_machines_deep_name_the_states_that_led_to_them() -> None:
    services = ServiceTasks(Queue(), Callbacks(), "here")
    start = {**START, "Parameters": {"StateMachineArn": "middle", "Input": {}}, "End": True}
    tasks = FirstAnswer(StateMachines({"refund": CHILD, "middle": TWICE}, services), services)
    debugger = Debugger(definition_from({"StartAt": "Refund", "States": {"Refund": start}}), {}, tasks=tasks)
    debugger.run()
    made = debugger.calls.last()
    assert [effect.states for effect in made] == [("Refund", "Again", name) for name in ("Ask", "Pay", "Tell")]


def test_each_fork_counts_the_calls_of_its_own_input() -> None:
    queue = Queue()
    debugger = Debugger(ASKING, {"to": "a"}, tasks=queue.tasks(BY_INPUT))
    debugger.run()
    there = debugger.cursor.node
    debugger.restart()
    debugger.edit_input({"to": "b"})
    debugger.run()
    assert queue.sent == ["a", "last", "b"]
    main, fork = debugger.timeline.lines
    assert (debugger.calls.made_on(main), debugger.calls.made_on(fork)) == (2, 2)
    left = debugger.calls.left_behind(there)
    assert [effect.states for effect in left] == [("Refund", "Ask")], "the other call is made on this way, too"


def test_what_was_answered_by_hand_has_called_nothing() -> None:
    debugger = Debugger(PARENT, {}, tasks=Queue().tasks())
    debugger.run()
    debugger.step_back()
    debugger.step_back()
    assert not debugger.edit_result(TaskResult({})).is_refused
    assert debugger.calls.made_on(debugger.timeline.fork) == 0


def test_after_a_reset_and_in_a_session_gone_on_with_they_are_lost(tmp_path: Path) -> None:
    queue, path = Queue(), tmp_path / "session"
    debugger = Debugger(PARENT, {}, tasks=queue.tasks())
    keeper = keeper_of(debugger, path)
    debugger.run()
    assert debugger.calls.lost() == 0
    services = next(calling_handlers(debugger.tasks))
    assert isinstance(services, ServiceTasks)
    services.forget_all()
    assert debugger.calls.lost() == 3
    for _ in range(2):  # what is kept of it is kept again
        assert keeper.keep()
        keeper.close()
        found = going_on(path, PARENT, queue.tasks())
        debugger, keeper = found.debugger, found.keeper
        assert debugger.calls.lost() == 3
        assert [(effect.callee, effect.states, effect.call) for effect in debugger.calls.last()] == [
            ("sqs:sendMessage", ("Refund", name), None) for name in ("Ask", "Pay", "Tell")
        ]
        debugger.restart()
        debugger.run()
    assert queue.sent == ["ask", "pay", "tell"]
    keeper.close()


def test_under_another_input_what_is_not_called_again_counts_as_well() -> None:
    queue = Queue()
    debugger = Debugger(ASKING, {"to": "a"}, tasks=queue.tasks())
    debugger.run()
    debugger.restart()
    debugger.edit_input({"to": "b"})
    debugger.run()
    assert queue.sent == ["ask", "pay", "tell", "last"]
    assert debugger.calls.made_on(debugger.timeline.fork) == 4
