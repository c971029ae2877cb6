"""Rules that recordings and measurements of AWS show beyond the schema of fields, each with its neighbours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug import validate
from sfdebug.asl.load import definition_from, examine_definition
from tests.command_line import sfdebug

PASS = {"Type": "Pass", "End": True}
PATH = "Value must be a valid JSONPath."
REFERENCE = "Value is not a Reference Path"
HALF = "JSONata string must start with {% and end with %}"


def one(state: Any, **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


def data(state: Any) -> dict[str, Any]:
    return {**one(state), "QueryLanguage": "JSONata"}


def told(definition: Any) -> list[tuple[str, str | None]]:
    return [(each["message"], each.get("location")) for each in validate(definition)["diagnostics"]]


def codes(definition: Any) -> list[str]:
    """The codes of all findings, with those of which AWS says nothing."""
    found = examine_definition(json.dumps(definition), "<definition>", "json").findings
    return [finding.verdict.code for finding in found if finding.verdict]


@pytest.mark.parametrize(
    ("path", "gives_text"),
    [
        ("$.a.b", True),
        ("$$.Execution.Id", True),
        ("$v.name", True),
        ("States.Format('{} failed', $.id)", True),
        ("States.UUID()", True),
        ("States.Hash($.a, 'SHA-1')", True),
        ("States.Base64Decode($.a)", True),
        ("States.JsonToString($)", True),
        ("States.ArrayGetItem($.names, 0)", True),
        ("States.Array('a')", False),
        ("States.MathAdd(1, 2)", False),
        ("States.ArrayLength($.a)", False),
        ("States.StringToJson('1')", False),
        ("States.JsonMerge($.a, $.b, false)", False),
        ("States.StringSplit('a,b', ',')", False),
    ],
)
@pytest.mark.parametrize("field", ["ErrorPath", "CausePath"])
def test_a_fail_state_takes_functions_that_give_a_string(field: str, path: str, gives_text: bool) -> None:
    """Source: AWS docs, "Fail workflow state"."""
    assert told(one({"Type": "Fail", field: path})) == ([] if gives_text else [(PATH, f"/States/A/{field}")])


@pytest.mark.parametrize(
    ("path", "is_reference"),
    [
        ("$.a.b", True),
        ("$['a'][2]", True),
        ("$$.Execution.Input.list", True),
        ("$list", True),
        ("$list.inner", True),
        ("$.a[*]", False),
        ("$..a", False),
        ("$.a[1:3]", False),
        ("$.a[?(@.b == 1)]", False),
        ("$.a[0,1]", False),
        ("$$.Execution.Input[*]", False),
    ],
)
def test_a_map_s_items_are_named_by_a_reference_path(path: str, is_reference: bool) -> None:
    """Source: AWS docs, "ItemsPath"; the Context object was recorded."""
    state = {"Type": "Map", "ItemsPath": path, "ItemProcessor": {"StartAt": "I", "States": {"I": PASS}}, "End": True}
    assert told(one(state)) == ([] if is_reference else [(REFERENCE, "/States/A/ItemsPath")])


@pytest.mark.parametrize(
    ("text", "is_whole"),
    [
        ("{% 1 %}", True),
        ("{%1%}", True),
        ("plain", True),
        ("a %} b", True),
        ("100 %", True),
        ("{% 1", False),
        ("1 %}", False),
        ("x {% 1 %}", False),
        ("{% 1 %} x", False),
        (" {% 1 %}", False),
    ],
)
def test_an_expression_is_opened_and_closed(text: str, is_whole: bool) -> None:
    """Measured (iwamot/sfnx, docs/design.md) and recorded, of either end."""
    assert told(data({**PASS, "Output": {"o": [text]}})) == ([] if is_whole else [(HALF, "/States/A/Output/o[0]")])


@pytest.mark.parametrize("text", ["{% 1", "1 %}", "x {% 1 %}"])
@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("Seconds", {"Type": "Wait", "End": True}),
        ("Timestamp", {"Type": "Wait", "End": True}),
        ("Items", {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": PASS}}, "End": True}),
        ("MaxConcurrency", {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": PASS}}, "End": True}),
        ("TimeoutSeconds", {"Type": "Task", "Resource": "arn:aws:lambda:::function:f", "End": True}),
        ("Error", {"Type": "Fail"}),
    ],
)  # fmt: skip
def test_a_half_open_expression_is_told_of_once(field: str, state: dict[str, Any], text: str) -> None:
    assert told(data({**state, field: text})) == [(HALF, f"/States/A/{field}")]


@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("SecondsPath", {"Type": "Wait", "End": True}),
        ("TimestampPath", {"Type": "Wait", "End": True}),
        ("TimeoutSecondsPath", {"Type": "Task", "Resource": "arn:aws:lambda:::function:f", "End": True}),
        ("HeartbeatSecondsPath", {"Type": "Task", "Resource": "arn:aws:lambda:::function:f", "End": True}),
    ],
)
def test_a_time_stands_in_one_place(field: str, state: dict[str, Any]) -> None:
    """Source: specification, "Wait State" and "Timeouts", which want Reference Paths."""
    for path in ("$.a.b[0]", "$['a']", "$$.Execution.Input.t", "$v.t"):
        assert told(one({**state, field: path})) == []
    for path in ("$.a[*]", "$..a", "$.a[0:1]"):
        assert told(one({**state, field: path})) == [(REFERENCE, f"/States/A/{field}")]
    assert told(one({**state, field: "a"})) == [(PATH, f"/States/A/{field}")]


TOKEN = "{% $states.context.Task.Token %}"
WAITING = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}


def test_a_task_has_the_context_of_a_task() -> None:
    """Measured (iwamot/sfnx, docs/design.md): AWS refuses it of a Pass."""
    waiting = {**WAITING, "Arguments": {"QueueUrl": "u", "MessageBody": TOKEN}, "Assign": {"token": TOKEN}}
    assert codes(data(waiting)) == []
    refused = "Field '$states.context.Task' does not exist."
    assert told(data({**PASS, "Output": {"t": TOKEN}})) == [(refused, "/States/A/Output/t")]
    assert told(data({**PASS, "Assign": {"t": "{% $states.context.Task %}"}})) == [(refused, "/States/A/Assign/t")]
    assert told(data({**PASS, "Output": "{% $states.context.State.Name & 'Task.Token' %}"})) == []


@pytest.mark.parametrize("state", [{"Type": "Succeed", "Output": TOKEN}, {"Type": "Fail", "Cause": TOKEN}])
def test_of_other_states_without_a_task_only_sfdebug_warns(state: dict[str, Any]) -> None:
    assert told(data(state)) == []
    assert codes(data(state)) == ["NO_TASK_TOKEN"]


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (one(PASS, B={"Type": "Pass", "Next": "C"}, C={"Type": "Pass", "Next": "B"}),
         ["UNREACHABLE_STATE", "UNREACHABLE_STATE"]),
        (one(PASS, B={"Type": "Pass", "Next": "C"}, C=PASS), ["MISSING_TRANSITION_TARGET", "UNREACHABLE_STATE"]),
        (one(PASS, B={"Type": "Pass", "Next": "B"}), ["MISSING_TRANSITION_TARGET"]),
        (one({"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}, C={"Type": "Pass", "Next": "A"}),
         ["MISSING_END_STATE", "MISSING_TRANSITION_TARGET"]),
        (one({"Type": "Pass", "Next": "B"}, B={"Type": "Succeed"}), []),
    ],
)  # fmt: skip
def test_aws_counts_what_another_state_leads_to(definition: dict[str, Any], said: list[str]) -> None:
    """Reported (cfn-lint issue 4074): of a state without a way to it and the state after it, AWS names the first."""
    assert codes(definition) == said


@pytest.mark.parametrize("language", [None, 5, "jsonata"])
def test_what_is_not_jsonpath_is_jsonata(language: Any) -> None:
    """Reported: AWS takes whatever is not exactly "JSONPath" for JSONata."""
    messages = [message for message, _ in told({**one({**PASS, "InputPath": "$.a"}), "QueryLanguage": language})]
    assert len(messages) == 2
    assert any(message.startswith("The QueryLanguage is set to 'JSONata', but field 'Inp") for message in messages)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"OutputType": "JSONL", "Transformation": "FLATTEN"}, []),
        ({"OutputType": "JSON"}, []),
        ({"Transformation": "NONE"}, [("These fields are required: [OutputType]", "")]),
        ({"OutputType": "CSV"}, [("Value should be one of the following: [JSON, JSONL]", "/OutputType")]),
        ({"OutputType": "JSON", "Transformation": "compact"},
         [("Value should be one of the following: [NONE, COMPACT, FLATTEN]", "/Transformation")]),
    ],
)  # fmt: skip
def test_how_results_are_written(config: dict[str, Any], said: list[tuple[str, str]]) -> None:
    """Source: the schema of AWS's language service for editors."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I"}
    state = {
        "Type": "Map", "End": True, "ItemProcessor": {**processor, "States": {"I": PASS}},
        "ResultWriter": {"WriterConfig": config},
    }  # fmt: skip
    start = "/States/A/ResultWriter/WriterConfig"
    assert told(one(state)) == [(message, start + place) for message, place in said]


@pytest.mark.parametrize(
    ("end", "is_known"),
    [("", True), (":1", True), (":live", True), (":$LATEST", True), (":a-b_c", True), (":a.b", False), (":", False)],
)
def test_a_function_s_version_or_alias(end: str, is_known: bool) -> None:
    """Source: Lambda's API reference, the pattern of a function's ARN."""
    arn = f"arn:aws:lambda:us-east-1:111111111111:function:f{end}"
    assert (told(one({"Type": "Task", "Resource": arn, "End": True})) == []) is is_known


@pytest.mark.parametrize(
    "resource",
    [
        "arn:", "arn:aws", "arn:aws:states:::lambda", "arn:aws:states:::aws-sdk", "arn:aws:states:::",
        "arn:aws:states:us-east-1:111111111111:activity:", "arn:aws:lambda:us-east-1:111111111111:function",
        "arn:aws:lambda:us-east-1:111111111111:function:", "arn:aws:lambda:us-east-1:111111111111:f",
    ],
)  # fmt: skip
def test_an_arn_that_names_nothing(resource: str) -> None:
    (said,) = told(one({"Type": "Task", "Resource": resource, "End": True}))
    assert said == ("Value is not a valid resource ARN", "/States/A/Resource")


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:us-east-1:111111111111:activity:a", "arn:aws-cn:lambda:cn-north-1:111111111111:function:f",
        "arn:aws:lambda:::function:f", "arn:aws:swf:us-east-1:111111111111:task:t",
    ],
)  # fmt: skip
def test_arns_of_workers(resource: str) -> None:
    assert told(one({"Type": "Task", "Resource": resource, "End": True})) == []


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    file = tmp_path / "flawed.asl.json"
    task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"topicArn": "t"}, "Next": "B"}
    file.write_text(json.dumps(one(task, B=PASS, C=PASS)))
    return file


def test_check_warns_of_what_loading_takes(flawed: Path) -> None:
    outcome = sfdebug("check", str(flawed))
    assert outcome.code == 0
    assert "'topicArn'" in outcome.err
    assert outcome.err.count("nothing leads to the state 'C'") == 1


def test_check_tells_warnings_beside_errors(flawed: Path) -> None:
    flawed.write_text(flawed.read_text().replace('"Next": "B"', '"Next": "Ghost"'))
    outcome = sfdebug("check", str(flawed))
    assert outcome.code != 0
    assert "there is no state 'Ghost'" in outcome.err
    assert "nothing leads to the state 'C'" in outcome.err


def test_loading_alone_does_not_ask_the_catalogue(flawed: Path) -> None:
    machine = definition_from(json.loads(flawed.read_text()))
    assert [warning.what for warning in machine.warnings] == ["nothing leads to the state 'C'"]
