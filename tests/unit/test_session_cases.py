"""A session as a test case: what happened is what a run with it does, and a mock file keeps all that is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.errors import MockConfigError, UsageError
from sfdebug.session_cases import (
    CaseProof,
    SessionCase,
    machine_in,
    prove,
    read_mock_file,
    session_case,
    with_case,
    write_whole,
)
from sfdebug.tasks.mock_config import MockConfig
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler, machine, over_to, passing, task

OLD = """\
{
    "StateMachines": {
        "Shop": { "TestCases": { "happy": { "Charge": "Charged" } } }
    },
    "MockedResponses": {
        "Charged": { "0": { "Return": {"ok":   true} } }
    }
}
"""


def ran(definition: dict[str, Any] = ORDER, input: Any = ORDER_INPUT, **answers: Any) -> Debugger:
    debugger = Debugger(definition, input, tasks=Handler(answers))
    debugger.run()
    return debugger


def proved(debugger: Debugger) -> tuple[SessionCase, CaseProof]:
    found = session_case(debugger)
    return found, prove(debugger, with_case(None, "f", "Shop", "mine", found), "Shop", "mine", found)


def test_results_and_failures_are_counted_by_the_calls() -> None:
    again = [TaskFailure("Lambda.TooManyRequestsException", "busy"), TaskResult({"paid": 1})]
    debugger = ran(Charge=lambda request: again[min(request.attempt - 1, 1)])
    found, proof = proved(debugger)
    assert found.answers["Charge"] == (
        {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "busy"}},
        {"Return": {"paid": 1}},
    )
    assert found.notes == ()
    assert proof == CaseProof(len(debugger.execution.events))


def test_an_injected_failure_is_one_of_the_answers() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.inject_failure(("Charge",), "Lambda.TooManyRequestsException", "x", 2)
    debugger.run()
    found, proof = proved(debugger)
    assert "Throw" in str(found.answers["Charge"][0])
    assert len(found.answers["Charge"]) == 3
    assert proof.difference == ""


def test_the_calls_of_iterations_are_counted_together() -> None:
    debugger = ran(EACH, {"items": [1, 2, 3]}, Work=lambda request: TaskResult({"n": request.input}))
    found, proof = proved(debugger)
    assert [answer["Return"]["n"] for answer in found.answers["Work"]] == [1, 2, 3]  # type: ignore[call-overload, index]
    assert proof.difference == ""


def test_what_no_mock_brings_about_is_told_and_seen() -> None:
    debugger = ran()
    debugger.restart()
    over_to(debugger, "Paid?")
    debugger.force_choice(0)
    debugger.run()
    found, proof = proved(debugger)
    assert found.notes == ("a Choice was forced: 'Paid?'",)
    assert "WaitStateEntered in 'Hold'" in proof.difference


def test_an_edited_input_at_the_start_is_that_of_the_case() -> None:
    debugger = Debugger(machine(A=passing("B"), B=task()), {"n": 1}, tasks=Handler())
    debugger.edit_input({"n": 2})
    debugger.run()
    found, _ = proved(debugger)
    assert found.input == {"n": 2}
    assert found.notes == ()


def test_a_run_that_is_not_over_is_no_test() -> None:
    with pytest.raises(UsageError):
        session_case(Debugger(ORDER, ORDER_INPUT))


def test_a_file_keeps_what_is_in_it_as_it_is_written() -> None:
    found = session_case(ran())
    text = with_case(OLD, "f", "Shop", "mine", found)
    assert '"Charged": { "0": { "Return": {"ok":   true} } }' in text
    assert '"happy": { "Charge": "Charged" }' in text
    config = MockConfig.parse(text)
    assert config.cases("Shop") == ("happy", "mine")
    assert prove(ran(), text, "Shop", "mine", found).difference == ""
    assert MockConfig.parse(with_case(text, "f", "Other", "mine", found)).state_machines == ("Shop", "Other")


def test_a_case_is_never_written_over_another() -> None:
    found = session_case(ran())
    with pytest.raises(UsageError, match="already"):
        with_case(OLD, "f", "Shop", "happy", found)
    with pytest.raises(UsageError):
        with_case(OLD, "f", "Shop", "  ", found)
    with pytest.raises(MockConfigError):
        with_case('{"StateMachines": 1}', "f", "Shop", "mine", found)


def test_responses_of_the_same_name_get_another() -> None:
    found = session_case(ran())
    first = with_case(None, "f", "Shop", "mine", found)
    other = json.loads(with_case(first, "f", "Other", "mine", found))
    assert other["StateMachines"]["Other"]["TestCases"]["mine"]["Charge"] == "Charge in mine 2"


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    assert read_mock_file(file) is None
    assert machine_in(None, "f", "Shop") == "Shop"
    assert machine_in(OLD, "f", "Other") == "Shop"
    write_whole(file, OLD)
    assert read_mock_file(file) == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["mocks.json"]
    with pytest.raises(UsageError):
        write_whole(tmp_path / "no" / "mocks.json", OLD)
