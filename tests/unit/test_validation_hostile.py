"""Whatever stands in a definition, validating and linting answer; and they agree with loading."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug import validate
from sfdebug.asl.load import definition_from
from sfdebug.asl.text.jackson import json_fault
from sfdebug.errors import DefinitionError
from sfdebug.validation import definition_error
from tests.examples import examples

SOUND: Final[dict[str, Any]] = {
    "Comment": "all kinds of fields",
    "QueryLanguage": "JSONPath",
    "StartAt": "Task",
    "TimeoutSeconds": 9,
    "States": {
        "Task": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Credentials": {"RoleArn.$": "$.r"},
            "Parameters": {"FunctionName.$": "$.b", "Payload": [{"d.$": "States.Format('{}', $x)"}]},
            "TimeoutSeconds": 9, "HeartbeatSeconds": 3, "ResultPath": "$.r", "Assign": {"x.$": "$.a"},
            "Retry": [{"ErrorEquals": ["E"], "MaxDelaySeconds": 9, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"y": 1}, "Next": "Data"}], "Next": "Choice",
        },
        "Choice": {
            "Type": "Choice", "Default": "Wait",
            "Choices": [{"And": [{"Variable": "$.a", "IsNull": True}, {"Not": {"Variable": "$x", "StringEquals": "b"}}],
                         "Next": "Map"}],
        },
        "Wait": {"Type": "Wait", "Seconds": 3, "Next": "Data"},
        "Data": {
            "Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Arguments": {"QueueUrl": "{% $states.input.a %}", "MessageBody": {}},
            "Output": "{% $y & $string($states.result) %}",
            "TimeoutSeconds": "{% 5 %}", "Next": "Rules",
        },
        "Rules": {
            "Type": "Choice", "QueryLanguage": "JSONata", "Default": "Map",
            "Choices": [{"Condition": "{% $x = 2 %}", "Output": {"z": "{% $x %}"}, "Next": "Parallel"}],
        },
        "Map": {
            "Type": "Map", "ItemsPath": "$.l", "Label": "label", "ToleratedFailurePercentage": 5, "Next": "Parallel",
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}},
            "ItemBatcher": {"MaxItemsPerBatch": 3}, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject"},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I",
                              "States": {"I": {"Type": "Pass", "Result": {"q": 1}, "End": True}}},
        },
        "Parallel": {
            "Type": "Parallel", "Next": "Fail",
            "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Succeed", "OutputPath": "$.o"}}}],
        },
        "Fail": {"Type": "Fail", "Error": "E", "CausePath": "$.cause"},
    },
}  # fmt: skip


def pointers(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [here]
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in members:
        found += pointers(item, (*here, key))
    return found


PLACES: Final = [place for place in pointers(SOUND) if place]
ODD: Final = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 200), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(("", "$", "$.a", "$.a[*]", "{% $x %}", "{%", "{% %}", "{% a %}", "${P}", "${a = 1}", "States.ALL",
                     "A", "Task", "Map", "States.Format('{}')", "$states", "JSONata", "DISTRIBUTED",
                     "\N{SNOWMAN}" * 90)),
    st.sampled_from(([], {}, [None], {"a.$": 1}, {"Type": "Pass"}, [{}], {"": {}}, ["States.ALL", 5])),
)  # fmt: skip


def changed(place: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    definition = copy.deepcopy(SOUND)
    target: Any = definition
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    return definition


def test_the_definition_is_sound() -> None:
    assert validate(SOUND, severity="WARNING") == {"result": "OK", "diagnostics": [], "truncated": False}


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), value=ODD, type_=st.sampled_from(("STANDARD", "EXPRESS")))
def test_any_change_is_answered_and_loading_agrees(place: tuple[str | int, ...], value: Any, type_: str) -> None:
    definition = changed(place, value)
    answer = validate(definition, type=type_, severity="WARNING")
    text = json.dumps(definition)
    assert answer == validate(text, type=type_, severity="WARNING")
    assert (answer["result"] == "OK") is (definition_error(text, type_) is None)
    assert all(each["message"] and each["code"] for each in answer["diagnostics"])
    try:
        definition_from(definition)
    except DefinitionError:
        assert answer["result"] == "FAIL"


@settings(max_examples=examples(100), deadline=None)
@given(place=st.sampled_from(PLACES))
def test_any_missing_field_is_answered(place: tuple[str | int, ...]) -> None:
    definition = copy.deepcopy(SOUND)
    target: Any = definition
    for step in place[:-1]:
        target = target[step]
    del target[place[-1]]
    failed = False
    try:
        definition_from(definition)
    except DefinitionError:
        failed = True
    result = validate(definition)["result"]
    assert result == "FAIL" or not failed


@settings(max_examples=examples(200), deadline=None)
@given(text=st.text(alphabet='{}[]":,\\ntruefals123-.eE \n\u00e9', max_size=20))
def test_what_is_json_is_what_python_calls_so(text: str) -> None:
    fault = json_fault(text)
    try:
        json.JSONDecoder().raw_decode(text.lstrip(" \t\r\n"))
    except ValueError:
        assert fault is not None
    else:
        assert fault is None


@settings(max_examples=examples(100), deadline=None)
@given(text=st.text(alphabet='{}[]":,Statesrule01 \n', min_size=1, max_size=20))
def test_any_text_is_answered(text: str) -> None:
    assert validate("\n" + text)["result"] == "FAIL"
