"""TestState's request: parameters as boto3 takes them, and what is said of those that AWS refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sfdebug
from sfdebug import TestStateError, test_state
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.limits import MAX_PAYLOAD_BYTES

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
MACHINE: dict[str, Any] = {
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Result": 1, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "Result": 2, "End": True}}},
            "End": True,
        },
    },
}
TASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
    "End": True,
}


def refusal(**request: Any) -> tuple[str, str]:
    """The code and the message of the error that a request ends with."""
    with pytest.raises(TestStateError) as caught:
        test_state(**request)
    answer = caught.value.response["Error"]
    assert str(caught.value) == (
        f"An error occurred ({answer['Code']}) when calling the TestState operation: {answer['Message']}"
    )
    return answer["Code"], answer["Message"]


def test_the_response_of_a_lone_state() -> None:
    assert test_state(definition=json.dumps(PASS), input='{"a": 1}') == {"output": '{"a":1}', "status": "SUCCEEDED"}


def test_it_is_no_test_for_pytest() -> None:
    assert getattr(sfdebug.test_state, "__test__", True) is False
    assert TestStateError.__test__ is False


def test_it_can_be_called_as_the_package_says_whatever_was_imported_before() -> None:
    import sfdebug.state_testing.calling

    assert sfdebug.test_state is sfdebug.state_testing.calling.test_state


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        ({}, 'Missing required parameter in input: "definition"'),
        ({"definition": PASS, "Input": "{}"}, 'Unknown parameter in input: "Input"'),
        ({"definition": TASK, "mock": {"Result": "{}"}}, 'Unknown parameter in mock: "Result"'),
        (
            {"definition": TASK, "mock": {"errorOutput": {"Error": "E"}}},
            'Unknown parameter in mock.errorOutput: "Error"',
        ),
        ({"definition": PASS, "stateConfiguration": {"retries": 1}}, 'in stateConfiguration: "retries"'),
        ({"definition": PASS, "input": 1}, "the parameter input is of the type int"),
        ({"definition": TASK, "mock": "{}"}, "the parameter mock is of the type str"),
        ({"definition": TASK, "mock": {"result": 1}}, "the parameter mock.result is of the type int"),
        ({"definition": PASS, "inspectionLevel": 1}, "the parameter inspectionLevel is of the type int"),
        ({"definition": PASS, "revealSecrets": "yes"}, "the parameter revealSecrets is of the type str"),
        (
            {"definition": PASS, "stateConfiguration": {"retrierRetryCount": True}},
            "the parameter stateConfiguration.retrierRetryCount is of the type bool",
        ),
        ({"definition": 1}, "a definition is a text or a dict, not an int"),
        ({"definition": {"Type": object()}}, "this cannot be written as JSON"),
        ({"definition": PASS, "input": {"a": float("nan")}}, "this cannot be written as JSON"),
        ({"definition": "no-such-file.asl.json"}, "the definition cannot be read"),
    ],
)
def test_what_boto3_would_not_send(request_: dict[str, Any], what: str) -> None:
    with pytest.raises(UsageError) as caught:
        test_state(**request_)
    assert what in caught.value.what


def broken(value: str, place: str, constraint: str) -> tuple[str, str]:
    failed = f"Value '{value}' at '{place}' failed to satisfy constraint: Member must {constraint}"
    return "ValidationException", f"1 validation error detected: {failed}"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            {"inspectionLevel": "ALL"},
            broken("ALL", "inspectionLevel", "satisfy enum value set: [INFO, DEBUG, TRACE]"),
        ),
        (
            {"mock": {"result": "{}", "fieldValidationMode": "LAX"}},
            broken("LAX", "mock.fieldValidationMode", "satisfy enum value set: [STRICT, PRESENT, NONE]"),
        ),
        (
            {"stateConfiguration": {"mapIterationFailureCount": -1}},
            broken("-1", "stateConfiguration.mapIterationFailureCount", "have value greater than or equal to 0"),
        ),
        ({"stateName": ""}, broken("", "stateName", "have length greater than or equal to 1")),
        ({"stateName": "x" * 81}, broken("x" * 81, "stateName", "have length less than or equal to 80")),
        ({"roleArn": ""}, broken("", "roleArn", "have length greater than or equal to 1")),
    ],
)
def test_parameters_outside_of_their_constraints(request_: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(definition=PASS, **request_) == expected


def test_a_long_value_is_not_repeated_whole() -> None:
    code, message = refusal(definition=PASS, input=json.dumps("é" * MAX_PAYLOAD_BYTES))
    assert code == "ValidationException"
    assert message.endswith(
        f"at 'input' failed to satisfy constraint: Member must have size less than or equal to {MAX_PAYLOAD_BYTES} "
        "bytes in UTF-8 encoding"
    )
    assert len(message) < 500


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Invalid execution input."),
        ("{", "Unexpected end-of-input: expected close marker for Object"),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ("NaN", "Unrecognized token 'NaN': was expecting"),
        ("1 2", "Invalid execution input."),
        ("[" * 100_000, ""),
    ],
)
def test_an_input_that_is_no_json_is_refused_in_jacksons_words(text: str, said: str) -> None:
    code, message = refusal(definition=PASS, input=text)
    assert code == "InvalidExecutionInput"
    assert message.startswith(f"Invalid State Machine Execution Input: '{said}")


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "null"])
def test_variables_and_context_are_objects(text: str) -> None:
    assert refusal(definition=PASS, variables=text)[0] == "ValidationException"
    assert refusal(definition=TASK, mock={"result": "{}"}, context=text)[0] == "ValidationException"


def test_python_values_stand_for_their_json() -> None:
    response = test_state(
        definition=TASK | {"ResultSelector": {"id.$": "$.MessageId", "of.$": "$$.Execution.Name"}},
        input={"a": 1},
        context={"Execution": {"Name": "mine"}},
        mock={"result": {"MessageId": "7"}, "fieldValidationMode": "PRESENT"},
    )
    assert json.loads(response["output"]) == {"id": "7", "of": "mine"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            {"mock": {"result": "{}"}, "revealSecrets": True},
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (
            {"mock": {"result": "{}", "errorOutput": {"error": "E"}}},
            "A test mock should have only one of the following fields: [result, errorOutput].",
        ),
        ({"mock": {}}, "A test mock should have one of the following fields: [result, errorOutput]."),
        (
            {"mock": {"errorOutput": {"cause": "why"}}},
            "The field 'error' is required when errorOutput is specified in a test mock.",
        ),
        ({"context": "{}"}, "Context can only be specified when a mock is specified."),
    ],
)
def test_parameters_that_exclude_one_another(request_: dict[str, Any], expected: str) -> None:
    assert refusal(definition=TASK, **request_) == ("ValidationException", expected)


def test_secrets_can_be_asked_for_without_a_mock() -> None:
    assert test_state(definition=PASS, revealSecrets=True)["status"] == "SUCCEEDED"
    assert (
        test_state(
            definition=TASK, mock={"result": "x", "fieldValidationMode": "NONE"} | {"result": "{}"}, revealSecrets=False
        )["status"]
        == "SUCCEEDED"
    )


# definitions


def test_definitions_in_all_forms(tmp_path: Path) -> None:
    expected = {"output": "1", "status": "SUCCEEDED"}
    state = {"Type": "Pass", "Result": 1, "End": True}
    lone = tmp_path / "state.json"
    lone.write_text(json.dumps(state))
    yaml = tmp_path / "state.yaml"
    yaml.write_text("Type: Pass\nResult: 1\nEnd: true\n")
    whole = tmp_path / "machine.asl.json"
    whole.write_text(json.dumps(MACHINE))
    states: tuple[Any, ...] = (state, json.dumps(state), lone, str(lone), yaml)
    for definition in states:
        assert test_state(definition=definition) == expected
    machines: tuple[Any, ...] = (MACHINE, json.dumps(MACHINE), whole, sfdebug.load(MACHINE))
    for definition in machines:
        assert test_state(definition=definition, stateName="First") == expected | {"nextState": "Each"}


def test_a_state_inside_of_another_is_found() -> None:
    assert test_state(definition=MACHINE, stateName="Inner") == {"output": "2", "status": "SUCCEEDED"}


def test_a_lone_state_may_lead_to_states_that_are_not_there() -> None:
    assert test_state(definition={"Type": "Pass", "Next": "Elsewhere"})["nextState"] == "Elsewhere"


def test_a_state_that_is_not_there() -> None:
    """Recorded."""
    expected = ("ValidationException", "State not found in definition")
    assert refusal(definition=MACHINE, stateName="Frist") == expected


@pytest.mark.parametrize(
    "definition",
    [
        {"Type": "Pass"},
        {"Type": "Pass", "End": True, "Next": "Other"},
        {"Type": "Jump", "End": True},
        {"Type": "Parallel", "Branches": [], "End": True},
        "[1]\n",
        '{"Type": ',
        "{}",
        MACHINE,
    ],
)
def test_a_faulty_state(definition: Any) -> None:
    code, message = refusal(definition=definition, mock={"result": "[]"})
    assert code == "InvalidDefinition"
    assert message.startswith("Invalid State Machine Definition: '")


def test_a_machine_is_faulty_wherever_it_is() -> None:
    faulty = {**MACHINE, "States": {**MACHINE["States"], "Each": {**MACHINE["States"]["Each"], "Next": "First"}}}
    assert refusal(definition=faulty, stateName="First")[0] == "InvalidDefinition"


def test_a_yaml_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "state.yaml"
    path.write_text("Type: [Pass\n")
    with pytest.raises(DefinitionError):
        test_state(definition=path)
