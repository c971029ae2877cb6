"""MockConfigFile.json: read as Step Functions Local reads it, its errors with their places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.errors import MockConfigError
from sfdebug.simulation import simulate
from sfdebug.tasks.handler import TaskHandler
from sfdebug.tasks.mock_config import MockConfig, MockFileError, ordinal
from tests.task_requests import task_request

MOCKED = Provenance.MOCKED


def mock_file(responses: dict[str, Any], cases: dict[str, Any] | None = None, **machines: Any) -> str:
    """The text of a mock file with one state machine, and others by name."""
    first = {"Shop": {"TestCases": cases or {"Case": {"Charge": next(iter(responses))}}}}
    return json.dumps({"StateMachines": first | machines, "MockedResponses": responses}, indent=2)


def problems(text: str) -> list[tuple[int, int, str, str]]:
    """What is wrong with a mock file: line, column, what, fix."""
    with pytest.raises(MockFileError) as caught:
        MockConfig.parse(text)
    return [(problem.line, problem.column, problem.what, problem.fix) for problem in caught.value.problems]


RETRIED = {"0-1": {"Throw": {"Error": "Busy", "Cause": "try again"}}, "2": {"Return": {"ok": True}}}


def test_answers_by_invocation() -> None:
    tasks = MockConfig.parse(mock_file({"Charged": RETRIED})).handler("Shop", "Case")
    assert isinstance(tasks, TaskHandler)
    busy = TaskFailure("Busy", "try again", provenance=MOCKED)
    assert [tasks.answer(task_request(invocation=n)) for n in (0, 1)] == [busy, busy]
    assert tasks.answer(task_request(invocation=2)) == TaskResult({"ok": True}, provenance=MOCKED)
    # Asking again, in any order, gives the same: the handler counts nothing.
    assert tasks.answer(task_request(invocation=0)) == busy


def test_invocations_count_not_attempts() -> None:
    tasks = MockConfig.parse(mock_file({"Charged": RETRIED})).handler("Shop", "Case")
    assert tasks.answer(task_request(invocation=2, attempt=1)) == TaskResult({"ok": True}, provenance=MOCKED)


def test_states_that_the_case_does_not_mention_are_left_to_others() -> None:
    tasks = MockConfig.parse(mock_file({"Charged": RETRIED})).handler(None, "Case")
    assert tasks.answer(task_request("Ship")) is None


def test_any_json_can_be_returned_and_a_cause_can_be_left_out() -> None:
    responses = {"Odd": {"0": {"Return": None}, "1": {"Return": [1]}, "2": {"Throw": {"Error": "E"}}}}
    tasks = MockConfig.parse(mock_file(responses)).handler(None, "Case")
    assert tasks.answer(task_request(invocation=0)) == TaskResult(None, provenance=MOCKED)
    assert tasks.answer(task_request(invocation=1)) == TaskResult([1], provenance=MOCKED)
    assert tasks.answer(task_request(invocation=2)) == TaskFailure("E", None, provenance=MOCKED)


def test_an_invocation_that_the_file_does_not_have_is_an_error() -> None:
    config = MockConfig.parse(mock_file({"Charged": RETRIED}), "mocks.json")
    with pytest.raises(MockConfigError) as caught:
        config.handler("Shop", "Case").answer(task_request(invocation=3))
    error = caught.value
    assert "'Charge' is called for the 4th time (invocation 3)" in error.what
    assert "'Charged' in case 'Case' answers only 0-1, 2" in error.what
    assert error.where.startswith("mocks.json:")
    assert "Add \"3\" to 'Charged'" in error.fix


def test_cases_of_one_machine_and_of_all() -> None:
    config = MockConfig.parse(
        mock_file({"R": RETRIED}, {"A": {}, "B": {}}, Store={"TestCases": {"B": {}, "C": {"Charge": "R"}}})
    )
    assert config.state_machines == ("Shop", "Store")
    assert config.cases("Shop") == ("A", "B")
    assert config.cases() == ("A", "B", "C")


def test_finding_the_case() -> None:
    config = MockConfig.parse(
        mock_file({"R": RETRIED}, {"Fine": {}, "Both": {}}, Store={"TestCases": {"Both": {}, "Mine": {"Charge": "R"}}}),
        "mocks.json",
    )
    assert config.handler(None, "Mine").answer(task_request(invocation=2)) is not None

    def failure(machine: str | None, case: str) -> tuple[str, str]:
        with pytest.raises(MockConfigError) as caught:
            config.handler(machine, case)
        assert caught.value.where == "mocks.json"
        return caught.value.what, caught.value.fix

    assert failure(None, "mine") == ("there is no test case 'mine'", "Did you mean 'Mine'?")
    assert failure(None, "xyz") == ("there is no test case 'xyz'", "The test cases are 'Fine', 'Both', 'Mine'.")
    what, fix = failure(None, "Both")
    assert what == "several state machines have a test case 'Both'"
    assert "'Shop#Both', 'Store#Both'" in fix
    assert failure("Stor", "Mine")[1] == "Did you mean 'Store'?"
    assert failure("Shop", "Fin") == ("'Shop' has no test case 'Fin'", "Did you mean 'Fine'?")


def test_all_problems_of_the_form_are_reported_at_once_in_file_order() -> None:
    text = """{
  "StateMachines": {
    "Shop": {
      "TestCases": {
        "Good": { "Charge": "Chargd", "Ship": 7 },
        "Bad": []
      },
      "Cases": {}
    },
    "Other": []
  },
  "MockedResponses": {
    "Charged": {
      "0": { "Return": 1, "Throw": { "Error": "E" } },
      "1": {},
      "x": { "Return": 1 },
      "3-2": { "Return": 1 },
      "4-6": { "Return": 1 },
      "5": { "Return": 1 },
      "7": { "Throw": { "Cause": "C" } },
      "8": { "Throw": { "Error": 4 } },
      "9": 12,
      "10": { "Throw": "E" },
      "011": { "Return": 1 }
    },
    "Empty": {},
    "List": []
  }
}"""
    found = problems(text)
    assert [(line, what) for line, _, what, _ in found] == [
        (5, "there is no mocked response called 'Chargd'"),
        (5, "the response for 'Ship' is a number, not a name"),
        (6, "the test case 'Bad' is an array, not an object"),
        (8, "'Cases' means nothing here"),
        (10, "the state machine 'Other' is an array, not an object"),
        (14, "the answer to '0' has both Return and Throw"),
        (15, "the answer to '1' has neither Return nor Throw"),
        (16, "'x' is not a number of invocations"),
        (17, "the range '3-2' ends before it begins"),
        (19, "invocation 5 already has an answer"),
        (20, "Throw has no Error"),
        (21, "Error is a number, not text"),
        (22, "the answer to '9' is a number, not an object"),
        (23, "Throw is a text, not an object"),
        (24, "'011' is not a number of invocations"),
        (26, "the response 'Empty' is empty"),
        (27, "the response 'List' is an array, not an object"),
    ]
    assert found[0][1] == 29
    assert found[0][3] == "Did you mean 'Charged'?"
    assert found[8][3] == 'Write "2-3".'


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "the file holds an array, not an object"),
        ("{}", "'MockedResponses' is missing"),
        ('{"StateMachines": 1, "MockedResponses": {}}', "'StateMachines' is a number, not an object"),
        ('{"StateMachines": {"S": {}}, "MockedResponses": {}}', "'TestCases' is missing"),
    ],
)
def test_files_of_another_kind(text: str, what: str) -> None:
    assert what in [found[2] for found in problems(text)]


def test_the_name_in_the_documentation_s_text_is_mended() -> None:
    # AWS's own page calls the key MockedResponse in one place and MockedResponses in its examples.
    found = problems('{"StateMachines": {"S": {"TestCases": {}}}, "MockedResponse": {}}')
    assert ("'MockedResponse' means nothing here", "Did you mean 'MockedResponses'?") in [f[2:] for f in found]


def test_syntax_errors_have_their_place() -> None:
    found = problems('{"StateMachines": {},\n "MockedResponses": {,}}')
    assert found[0][0] == 2


def test_a_key_given_twice_is_a_problem() -> None:
    text = '{"StateMachines": {}, "MockedResponses": {"R": {"0": {"Return": 1}, "0": {"Return": 2}}}}'
    assert any("0" in what for _, _, what, _ in problems(text))


def test_load(tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    path.write_bytes(b"\xef\xbb\xbf" + mock_file({"R": RETRIED}).encode())
    assert MockConfig.load(path).name == str(path)
    with pytest.raises(MockConfigError, match="the mock file cannot be read: No such file"):
        MockConfig.load(tmp_path / "none.json")
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(MockConfigError, match="byte 7 is not UTF-8"):
        MockConfig.load(path)
    with pytest.raises(MockConfigError, match="cannot be read"):
        MockConfig.load("bad\0name")


def test_check_warns_of_states_that_the_definition_does_not_have() -> None:
    machine = definition_from(
        {
            "StartAt": "Each",
            "States": {
                "Each": {
                    "Type": "Map",
                    "ItemProcessor": {
                        "StartAt": "Charge card",
                        "States": {"Charge card": {"Type": "Task", "Resource": "arn:aws:states:::x:y", "End": True}},
                    },
                    "Next": "Done",
                },
                "Done": {"Type": "Succeed"},
            },
        }
    )
    cases = {"Case": {"Charge card": "R", "Charge Card": "R", "Done": "R", "Zzz": "R"}}
    config = MockConfig.parse(mock_file({"R": RETRIED}, cases))
    warnings = config.check(machine, None, "Case")
    assert [warning.severity for warning in warnings] == ["warning"] * 3
    assert [(warning.what.split(" state ")[-1], warning.fix) for warning in warnings] == [
        ("'Charge Card'", "Did you mean 'Charge card'?"),
        ("'Done' is a Succeed: only Tasks and distributed Maps are mocked", "Take it out of the test case."),
        ("'Zzz'", "Its Tasks are 'Charge card'."),
    ]
    assert all(warning.line > 1 and warning.excerpt for warning in warnings)


def test_a_distributed_map_is_mocked_with_the_result_of_its_run() -> None:
    work = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "Work", "States": {"Work": work}}
    machine = {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": processor, "End": True}}}
    mocks = MockConfig.parse(mock_file({"R": {"0": {"Return": ["whole"]}}}, {"Case": {"All": "R"}}))
    assert mocks.check(definition_from(machine), None, "Case") == ()
    assert simulate(machine, [1, 2], mocks.handler(None, "Case")).output == ["whole"]


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")]
)
def test_ordinal(number: int, text: str) -> None:
    assert ordinal(number) == text
