"""FirstAnswer: the first handler that knows the answer gives it."""

from __future__ import annotations

from sfdebug.engine.execution.decisions import Provenance, TaskResult
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.handler import FirstAnswer
from tests.task_requests import task_request


def test_the_first_that_knows_the_state_answers() -> None:
    chain = FirstAnswer(
        FunctionTasks(by_state={"A": lambda _: "first"}),
        FunctionTasks(by_state={"A": lambda _: "second", "B": lambda _: "second"}),
    )
    assert chain.answer(task_request("A")) == TaskResult("first", provenance=Provenance.FUNCTION)
    assert chain.answer(task_request("B")) == TaskResult("second", provenance=Provenance.FUNCTION)
    assert chain.answer(task_request("C")) is None


def test_null_is_an_answer() -> None:
    chain = FirstAnswer(FunctionTasks(by_state={"A": lambda _: None}), FunctionTasks(by_state={"A": lambda _: 1}))
    assert chain.answer(task_request("A")) == TaskResult(None, provenance=Provenance.FUNCTION)


def test_an_empty_chain_knows_nothing() -> None:
    assert FirstAnswer().answer(task_request()) is None
