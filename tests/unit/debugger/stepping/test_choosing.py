"""Who answers a Task, and another one in its place: on which forks, in which attempts, in sessions, and why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason, Verb
from sfdebug.engine.execution.decisions import Answer, Provenance, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.tasks.mock_config import MockConfig
from tests.session_runs import going_on, keeper_of

ARN = "arn:aws:lambda:eu-west-1:123456789012:function"
MACHINE: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": f"{ARN}:charge",
            "ResultPath": "$.paid",
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 3}],
            "Next": "Ship",
        },
        "Ship": {"Type": "Task", "Resource": f"{ARN}:ship", "ResultPath": "$.shipped", "Next": "Done"},
        "Done": {"Type": "Pass", "End": True},
    },
}
MOCKS = MockConfig.parse(
    '{"StateMachines": {"M": {"TestCases": {"Good": {"Charge": "Yes"}}}},'
    ' "MockedResponses": {"Yes": {"0-9": {"Return": {"by": "mock"}}}}}',
    "/x/Mocks.json",
)


class Handler:
    """Stands for what is really called: answers as one, and counts."""

    def __init__(self, *failing: int) -> None:
        self.asked: list[tuple[str, int]] = []
        self.failing = failing

    def answerer(self, request: TaskRequest) -> Answerer:
        name = request.resource.rpartition(":")[2]
        why = "" if name == "charge" else "no handler is given for ship"
        return Answerer(AnswererKind.FUNCTION, name, "" if why else "python app.py:handler", why)

    def answer(self, request: TaskRequest) -> Answer | None:
        self.asked.append((request.state.name, request.invocation))
        if request.state.name != "Charge":
            return None
        if request.invocation in self.failing:
            return TaskFailure("Busy", provenance=Provenance.FUNCTION)
        return TaskResult({"by": "handler"}, provenance=Provenance.FUNCTION)


def debugger_of(handler: Handler, *, mocks_first: bool = False) -> Debugger:
    mocks = MOCKS.handler("M", "Good")
    return Debugger(MACHINE, {}, tasks=FirstAnswer(mocks, handler) if mocks_first else FirstAnswer(handler, mocks))


def paid_by(debugger: Debugger) -> Any:
    return debugger.execution.branches[()].input["paid"]["by"]  # type: ignore[index, call-overload]


def who(debugger: Debugger) -> str:
    found = debugger.answerers.who_answers()
    return f"{found.kind} {found.name} {found.place}".rstrip() if found is not None else ""


def test_who_answers_is_known_before_and_after() -> None:
    debugger = debugger_of(Handler())
    assert who(debugger) == "function charge python app.py:handler"
    debugger.step_into()
    assert who(debugger) == "function charge python app.py:handler"
    debugger.step_over()
    assert who(debugger) == "user you", "the mocks do not mention Ship, and it has no handler"
    debugger.run()
    debugger.answer_task(TaskResult(1))
    assert who(debugger) == "user you"
    debugger.run()
    assert who(debugger) == "", "a Pass"
    mocked = debugger_of(Handler(), mocks_first=True)
    assert who(mocked) == "mock case Good Mocks.json"


def test_all_that_could_answer_are_told_with_why_not() -> None:
    debugger = debugger_of(Handler())
    debugger.step_over()
    request = debugger.answerers.request()
    assert request is not None
    assert [(one.kind, one.why_not) for one in debugger.answering.who_could(request)] == [
        (AnswererKind.FUNCTION, "no handler is given for ship"),
        (AnswererKind.MOCK, "case Good does not mention it"),
        (AnswererKind.USER, ""),
    ]
    stop = debugger.choose_answerer(AnswererKind.MOCK)
    assert stop.is_refused
    assert stop.text == "Ship cannot be answered so: case Good does not mention it"
    assert debugger.choose_answerer(AnswererKind.SERVICE).text.endswith("nothing of the kind service is given")


def test_before_the_first_answer_no_fork_is_made_and_it_holds_from_then_on() -> None:
    handler = Handler(0, 1)
    debugger = debugger_of(handler)
    stop = debugger.choose_answerer(AnswererKind.MOCK)
    assert (stop.reason, stop.forked) == (StopReason.CHANGED, None)
    assert stop.text == "Charge is answered by the mock, case Good (Mocks.json)"
    debugger.step_over()
    assert paid_by(debugger) == "mock"
    assert handler.asked == []


def test_one_attempt_alone() -> None:
    handler = Handler(1)
    debugger = debugger_of(handler)
    assert debugger.choose_answerer(AnswererKind.USER, every=False).text == "Charge is answered by you, in this attempt"
    debugger.run()
    assert debugger.question is not None
    assert handler.asked == []
    debugger.answer_task(TaskFailure("Busy"))
    debugger.step_over()
    assert handler.asked == [("Charge", 1), ("Charge", 2)], "the next attempts are the handler's"
    assert paid_by(debugger) == "handler"


def test_after_the_answer_a_fork_goes_on_from_before_it_and_undo_leaves_it() -> None:
    handler = Handler()
    debugger = debugger_of(handler)
    debugger.step_into()
    debugger.step_into()
    debugger.step_into()
    assert handler.asked == [("Charge", 0)]
    stop = debugger.choose_answerer(AnswererKind.MOCK)
    assert stop.forked == 1
    assert who(debugger).startswith("mock")
    debugger.step_over()
    assert paid_by(debugger) == "mock"
    debugger.leave_fork()
    assert debugger.view().fork_name == "main"
    assert who(debugger).startswith("function"), "there it was answered so, and still would be"
    debugger.redo()
    debugger.restart()
    assert who(debugger).startswith("mock")
    assert handler.asked == [("Charge", 0)]


def test_a_fork_that_parted_before_does_not_have_it_and_later_ones_do() -> None:
    debugger = debugger_of(Handler())
    debugger.edit_input({"n": 1})
    debugger.step_over()
    debugger.restart()
    debugger.edit_input({"n": 2})
    assert debugger.view().fork_name == "fork 1"
    debugger.switch_fork(0)
    debugger.restart()
    assert debugger.choose_answerer(AnswererKind.USER).forked == 2
    debugger.switch_fork(1)
    assert who(debugger).startswith("function")
    debugger.switch_fork(2)
    debugger.edit_input({"n": 3})
    assert who(debugger) == "user you"


def test_what_waits_for_the_user_is_asked_again_when_another_one_is_chosen() -> None:
    handler = Handler()
    debugger = debugger_of(handler)
    debugger.choose_answerer(AnswererKind.USER)
    assert debugger.run().reason is StopReason.QUESTION
    assert not debugger.can(Verb.RUN)
    debugger.choose_answerer(AnswererKind.FUNCTION)
    assert debugger.question is None
    debugger.step_over()
    assert paid_by(debugger) == "handler"
    assert handler.asked == [("Charge", 0)]


def test_another_task_than_that_at_the_cursor() -> None:
    debugger = debugger_of(Handler())
    debugger.step_over()
    debugger.step_back()
    assert debugger.choose_answerer(AnswererKind.USER, ("Ship",), every=False).forked is None
    assert debugger.choose_answerer(AnswererKind.USER, ("Done",)).text == "Done is a Pass, not a Task"
    assert debugger.choose_answerer(AnswererKind.USER, ("Nowhere",)).text == "there is no state here"


@pytest.mark.parametrize("every", [True, False])
def test_sessions_keep_what_was_chosen(tmp_path: Path, every: bool) -> None:
    debugger = debugger_of(Handler())
    keeper = keeper_of(debugger, tmp_path / "session")
    debugger.choose_answerer(AnswererKind.USER, every=every)
    debugger.run()
    keeper.keep()
    debugger.choose_answerer(AnswererKind.MOCK, every=every)
    assert debugger.question is None
    keeper.keep()
    keeper.close()
    again = going_on(tmp_path / "session", debugger.machine, debugger.tasks)
    assert again.debugger.answering.choices == debugger.answering.choices
    assert again.debugger.question is None
    again.debugger.step_over()
    assert paid_by(again.debugger) == "mock"
    again.keeper.close()
