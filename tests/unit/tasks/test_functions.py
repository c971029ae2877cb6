"""FunctionTasks: which function is called, with what, and what becomes of its result."""

from __future__ import annotations

import math
import sys
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import UsageError
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.handler import TaskHandler
from tests.task_requests import task_request


def test_is_a_task_handler() -> None:
    assert isinstance(FunctionTasks(), TaskHandler)


def test_by_state_with_the_input() -> None:
    tasks = FunctionTasks(by_state={"Charge": lambda order: {"charged": order["total"]}})
    assert tasks.answer(task_request(input={"total": 5})) == TaskResult({"charged": 5}, provenance=Provenance.FUNCTION)


def test_second_parameter_gets_the_request() -> None:
    def charge(order: Any, request: TaskRequest) -> Any:
        return [request.state.name, request.invocation, request.attempt, order]

    tasks = FunctionTasks(by_state={"Charge": charge})
    answer = tasks.answer(task_request(input=1, invocation=4, attempt=2))
    assert answer == TaskResult(["Charge", 4, 2, 1], provenance=Provenance.FUNCTION)


def test_second_parameter_with_a_default_is_left_alone_unless_it_is_called_request() -> None:
    def with_default(order: Any, currency: str = "EUR") -> Any:
        return currency

    def with_request(order: Any, request: TaskRequest | None = None) -> Any:
        return request is not None

    tasks = FunctionTasks(by_state={"A": with_default, "B": with_request})
    assert tasks.answer(task_request("A")) == TaskResult("EUR", provenance=Provenance.FUNCTION)
    assert tasks.answer(task_request("B")) == TaskResult(True, provenance=Provenance.FUNCTION)


def test_methods_builtins_and_variable_arguments_can_be_given() -> None:
    class Shop:
        def charge(self, order: Any) -> Any:
            return ["method", order]

    def anything(*arguments: Any) -> Any:
        return len(arguments)

    tasks = FunctionTasks(by_state={"A": Shop().charge, "B": len, "C": anything})
    assert tasks.answer(task_request("A", input=1)) == TaskResult(["method", 1], provenance=Provenance.FUNCTION)
    assert tasks.answer(task_request("B", input=[1, 2])) == TaskResult(2, provenance=Provenance.FUNCTION)
    assert tasks.answer(task_request("C")) == TaskResult(1, provenance=Provenance.FUNCTION)


def test_state_comes_before_resource_and_exact_resource_before_pattern() -> None:
    sqs = "arn:aws:states:::sqs:sendMessage"
    tasks = FunctionTasks(
        by_state={"Special": lambda _: "state"},
        by_resource={"arn:aws:states:::sqs:*": lambda _: "pattern", sqs: lambda _: "exact"},
    )

    def result(request: TaskRequest) -> Any:
        answer = tasks.answer(request)
        return answer.output if isinstance(answer, TaskResult) else answer

    assert result(task_request("Special", resource=sqs)) == "state"
    assert result(task_request("Send", resource=sqs)) == "exact"
    assert result(task_request("Send", resource=f"{sqs}.waitForTaskToken")) == "pattern"
    assert result(task_request("Other", resource="arn:aws:states:::sns:publish")) is None


def test_exception_fails_the_task_with_its_class_name_and_text() -> None:
    class CardDeclined(Exception):
        pass

    def charge(order: Any) -> Any:
        raise CardDeclined("insufficient funds")

    answer = FunctionTasks(by_state={"Charge": charge}).answer(task_request())
    assert answer == TaskFailure("CardDeclined", "insufficient funds", provenance=Provenance.FUNCTION)


def test_interruption_is_not_an_answer() -> None:
    def charge(order: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FunctionTasks(by_state={"Charge": charge}).answer(task_request())


def test_answers_can_be_returned_as_they_are() -> None:
    tasks = FunctionTasks(
        by_state={
            "Slow": lambda _: TaskResult({"ok": True}, after_seconds=12),
            "Refused": lambda _: TaskFailure("Refused", None, after_seconds=1),
            "Silent": lambda _: TaskSilence(),
        }
    )
    assert tasks.answer(task_request("Slow")) == TaskResult({"ok": True}, 12, Provenance.FUNCTION)
    assert tasks.answer(task_request("Refused")) == TaskFailure("Refused", None, 1, Provenance.FUNCTION)
    assert tasks.answer(task_request("Silent")) == TaskSilence(Provenance.FUNCTION)


def test_a_function_cannot_change_the_execution() -> None:
    kept: list[Any] = []

    def charge(order: Any) -> Any:
        order["items"].append("stolen")
        kept.append(order)
        return order

    given: Any = {"items": ["mug"]}
    answer = FunctionTasks(by_state={"Charge": charge}).answer(task_request(input=given))
    assert given == {"items": ["mug"]}
    kept[0]["items"].clear()
    assert answer == TaskResult({"items": ["mug", "stolen"]}, provenance=Provenance.FUNCTION)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ((1, 2), "a tuple at $"),
        ({"at": datetime(2025, 1, 1, tzinfo=UTC)}, "a datetime at $.at"),
        ([{"n": math.nan}], "nan at $[0].n"),
        ({1: "one"}, "the key 1 at $, which is no text"),
    ],
)
def test_results_that_are_not_json_are_refused(result: Any, words: str) -> None:
    tasks = FunctionTasks(by_state={"Charge": lambda _: result})
    with pytest.raises(UsageError, match="the result of the function for 'Charge'") as caught:
        tasks.answer(task_request())
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("charge", "'Charge' is a str, not a function"),
        (lambda: 1, "cannot be called with one or two arguments"),
        (lambda a, b, c: 1, "cannot be called with one or two arguments"),
    ],
)
def test_what_is_no_such_function_is_refused_at_once(function: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        FunctionTasks(by_state={"Charge": function})
    assert words in caught.value.what


def test_what_is_asked_and_answered_is_gone_through_by_objects_and_arrays_not_by_leaves() -> None:
    orders: Any = [{f"field{number}": "text" for number in range(50)} for _ in range(100)]
    tasks, request = FunctionTasks(by_state={"Charge": lambda given: given}), task_request(input=orders)
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        answer = tasks.answer(request)
    finally:
        sys.setprofile(None)
    assert answer == TaskResult(orders, provenance=Provenance.FUNCTION)
    # Two copies of a hundred objects, and one look for what JSON does not have: 5,000 leaves cost none of them a call.
    assert calls < 2_500
