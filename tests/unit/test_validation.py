"""The offline ValidateStateMachineDefinition: codes, messages and places as AWS was recorded and reported to give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug import load, validate
from sfdebug.asl.load import examine_definition
from sfdebug.asl.parsing.choices import OPERATORS
from sfdebug.asl.text.jackson import json_fault
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.validation import definition_error, state_error

PASS = {"Type": "Pass", "End": True}
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f"},
    "End": True,
}
SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"


def one(state: Any, **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


NO_END = ("MISSING_END_STATE", "Workflow has no terminal state", None)


def told(definition: Any, **options: Any) -> list[tuple[str, str, str | None]]:
    found = validate(definition, **options)["diagnostics"]
    return [(each["code"], each["message"], each.get("location")) for each in found]


def processor(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "I", "States": {"I": PASS}, **fields}


def test_a_valid_definition() -> None:
    assert validate(one(PASS)) == {"result": "OK", "diagnostics": [], "truncated": False}


def test_every_way_to_give_a_definition(tmp_path: Path) -> None:
    faulty = one({"Type": "Pass"})
    said = [(SCHEMA, "This object should have only one of the following fields: [Next, End]", "/States/A"), NO_END]
    file = tmp_path / "d.asl.json"
    file.write_text(json.dumps(faulty))
    for given in (faulty, json.dumps(faulty), json.dumps(faulty, indent=2), file, str(file)):
        assert told(given) == said
    assert told(load(one(PASS))) == []
    with pytest.raises(DefinitionError):
        validate(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"type": "FAST"}, "type must be STANDARD or EXPRESS"),
        ({"severity": "INFO"}, "severity must be ERROR or WARNING"),
        ({"maxResults": 101}, "maxResults must be a whole number from 0 to 100"),
        ({"maxResults": -1}, "maxResults"),
        ({"maxResults": True}, "maxResults"),
        ({"maxResults": "5"}, "maxResults"),
    ],
)
def test_arguments_that_aws_refuses(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        validate(one(PASS), **options)


def test_an_empty_definition_is_refused() -> None:
    with pytest.raises(UsageError, match="must not be empty"):
        validate("")


def test_results_are_cut_and_said_to_be() -> None:
    definition = {**one({**PASS, "InputPath": "$.a", "OutputPath": "$.b", "Result": 1}), "QueryLanguage": "JSONata"}
    assert len(validate(definition, maxResults=0)["diagnostics"]) == 3
    cut = validate(definition, maxResults=2)
    assert (len(cut["diagnostics"]), cut["truncated"], cut["result"]) == (2, True, "FAIL")
    assert validate(definition, maxResults=3)["truncated"] is False


PATH_ONLY = "The QueryLanguage is set to 'JSONata', but field '{}' is only supported for the 'JSONPath' QueryLanguage"
DATA_ONLY = "The QueryLanguage is set to 'JSONPath', but field '{}' is only supported for the 'JSONata' QueryLanguage"
LANGUAGES = "Value should be one of the following: [JSONPath, JSONata]"
DOWNGRADE = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({**PASS, "TimeoutSeconds": 5}, [("Field 'TimeoutSeconds' is not supported", "/States/A")]),
        ({**PASS, "Arguments": 5}, [("Field 'Arguments' is not supported", "/States/A")]),
        ({**TASK, "Arguments": {}}, [(DATA_ONLY.format("Arguments"), "/States/A")]),
        ({**PASS, "Output": 5}, [(DATA_ONLY.format("Output"), "/States/A")]),
        ({**PASS, "Next": "A"}, [("There should only be one of the following fields: [Next, End]", "/States/A")]),
        ({"Type": "Task", "End": True}, [("These fields are required: [Resource]", "/States/A")]),
        ({"End": True}, [("The field 'Type' is required", "/States/A")]),
        ({"Type": "Psas", "End": True},
         [("The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
           "/States/A/Type")]),
        ({**TASK, "Resource": "f"}, [("Value is not a valid resource ARN", "/States/A/Resource")]),
        ({**TASK, "Resource": "${F}"}, [("Value is not a valid resource ARN", "/States/A/Resource")]),
        ({**TASK, "Resource": {"Ref": "F"}}, [("Expected value of type [STRING]", "/States/A/Resource")]),
        ({**TASK, "Credentials": {}}, [("The field 'RoleArn' is required but was missing", "/States/A/Credentials")]),
        ({**TASK, "TimeoutSeconds": 0}, [("Minimum value is 1", "/States/A/TimeoutSeconds")]),
        ({**TASK, "TimeoutSeconds": 100000000}, [("Maximum value is 99999999", "/States/A/TimeoutSeconds")]),
        ({**TASK, "TimeoutSeconds": "5"}, [("Expected value of type Integer", "/States/A/TimeoutSeconds")]),
        ({**TASK, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"},
         [("There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]", "/States/A")]),
        ({**TASK, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0}]}, []),
        ({**TASK, "Retry": [{"ErrorEquals": []}]}, [("Value cannot be empty", "/States/A/Retry[0]/ErrorEquals")]),
        ({**TASK, "Retry": [{"ErrorEquals": ["E", "States.ALL"]}]},
         [("States.ALL must appear alone and at end of list", "/States/A/Retry[0]/ErrorEquals")]),
        ({**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]},
         [("States.ALL must appear alone and at end of list", "/States/A/Retry[0]/ErrorEquals")]),
        ({**TASK, "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "SOME"}]},
         [("Value should be one of the following: [NONE, FULL]", "/States/A/Retry[0]/JitterStrategy")]),
        ({**TASK, "Catch": [{}]}, [("These fields are required: [ErrorEquals, Next]", "/States/A/Catch[0]")]),
        ({"Type": "Wait", "End": True},
         [("This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
           "/States/A")]),
        ({"Type": "Wait", "End": True, "Seconds": 1, "SecondsPath": "$.s"},
         [("There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
           "/States/A")]),
        ({"Type": "Wait", "End": True, "Timestamp": "noon"},
         [("String does not match RFC3339 timestamp", "/States/A/Timestamp")]),
        ({**PASS, "InputPath": "a"}, [("Value must be a valid JSONPath.", "/States/A/InputPath")]),
        ({**PASS, "ResultPath": "$.a[*]"}, [("Value is not a Reference Path", "/States/A/ResultPath")]),
        ({**PASS, "ResultPath": "a"},
         [("Value is not a Reference Path: Reference path didn't start with '$'", "/States/A/ResultPath")]),
        ({**PASS, "Parameters": {"in": {"Name.$": "foo"}}},
         [("The value for the field 'Name.$' must be a valid JSONPath or a valid intrinsic function call",
           "/States/A/Parameters/in")]),
        ({**PASS, "QueryLanguage": "jsonata", "Output": 1}, [(LANGUAGES, "/States/A/QueryLanguage")]),
        ({**PASS, "QueryLanguage": "SQL", "InputPath": "$.a"},
         [(PATH_ONLY.format("InputPath"), "/States/A"), (LANGUAGES, "/States/A/QueryLanguage")]),
        ({**PASS, "QueryLanguage": 5}, [("Expected value of type [STRING]", "/States/A/QueryLanguage")]),
        ({"Type": "Parallel", "Branches": [], "End": True}, [("Value cannot be empty", "/States/A/Branches")]),
        ({"Type": "Parallel", "Branches": [{}], "End": True},
         [("These fields are required: [States, StartAt]", "/States/A/Branches[0]")]),
        ({"Type": "Map", "End": True},
         [("This object should have only one of the following fields: [ItemProcessor, Iterator]", "/States/A")]),
        ({"Type": "Map", "End": True, "ItemProcessor": processor(QueryLanguage="JSONata")},
         [("Field 'QueryLanguage' is not supported", "/States/A/ItemProcessor")]),
        ({"Type": "Map", "End": True, "Items": [1], "ItemProcessor": processor()},
         [(DATA_ONLY.format("Items"), "/States/A")]),
        ({"Type": "Map", "QueryLanguage": "JSONata", "End": True,
          "ItemProcessor": {"StartAt": "I", "States": {"I": {**PASS, "Output": 1}}}},
         [(DATA_ONLY.format("Output"), "/States/A/ItemProcessor/States/I")]),
        ({"Type": "Map", "End": True, "ItemProcessor": processor(ProcessorConfig={"Mode": "DISTRIBUTED"})},
         [("These fields are required: [ExecutionType]", "/States/A/ItemProcessor/ProcessorConfig")]),
        ({"Type": "Map", "End": True,
          "ItemProcessor": processor(ProcessorConfig={"Mode": "INLINE", "ExecutionType": "STANDARD"})},
         [("Field 'ExecutionType' is not supported", "/States/A/ItemProcessor/ProcessorConfig")]),
        ({"Type": "Choice", "Choices": []}, [("Value cannot be empty", "/States/A/Choices")]),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True}]},
         [("These fields are required: [Next]", "/States/A/Choices[0]")]),
        ({"Type": "Choice", "Choices": [{"Not": {"Variable": "$.a", "IsNull": True, "Next": "A"}, "Next": "A"}]},
         [("Field 'Next' is not supported", "/States/A/Choices[0]/Not")]),
        ({"Type": "Choice", "Choices": [{"Variable": "a", "IsNull": True, "Next": "A"}]},
         [("Value is not a Reference Path: Reference path didn't start with '$'", "/States/A/Choices[0]/Variable")]),
        ({"Type": "Choice", "Choices": [{"Next": "A"}]},
         [("The object must have only one of the following fields, [And, Or, Not, Variable, Condition]",
           "/States/A/Choices[0]")]),
        ({"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "A"}]},
         [(DATA_ONLY.format("Condition"), "/States/A/Choices[0]")]),
    ],
)  # fmt: skip
def test_what_the_schema_says(state: dict[str, Any], said: list[tuple[str, str]]) -> None:
    found = [finding for finding in told(one(state)) if finding != NO_END]
    assert found == [(SCHEMA, message, location) for message, location in said]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({**PASS, "QueryLanguage": "JSONPath", "Output": 1}, [(DOWNGRADE, "/States/A")]),
        ({"Type": "Map", "QueryLanguage": "JSONPath", "MaxConcurrency": -1, "End": True, "ItemProcessor": processor()},
         [(DOWNGRADE, "/States/A"), ("Minimum value is 0", "/States/A/MaxConcurrency")]),
        ({**PASS, "QueryLanguage": "jsonpath"}, [(LANGUAGES, "/States/A/QueryLanguage")]),
        ({**PASS, "ResultPath": "$.a"}, [(PATH_ONLY.format("ResultPath"), "/States/A")]),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "A"}]},
         [(PATH_ONLY.format("Variable"), "/States/A/Choices[0]")]),
        ({**PASS, "Output": "{% $x"}, [("JSONata string must start with {% and end with %}", "/States/A/Output")]),
        ({"Type": "Choice", "Choices": [{"Condition": "${foo = 2}", "Next": "A"}]},
         [("JSONata string must start with {% and end with %}", "/States/A/Choices[0]/Condition")]),
    ],
)  # fmt: skip
def test_what_the_schema_says_under_jsonata(state: dict[str, Any], said: list[tuple[str, str]]) -> None:
    definition = {**one(state), "QueryLanguage": "JSONata"}
    found = [finding for finding in told(definition) if finding != NO_END]
    assert found == [(SCHEMA, message, location) for message, location in said]


def test_the_machine_s_own_fields() -> None:
    assert told({}) == [(SCHEMA, "These fields are required: [States, StartAt]", "/")]
    assert told({"StartAt": "A"}) == [(SCHEMA, "These fields are required: [States]", "/")]
    assert told({**one(PASS), "Startat": 1}) == [(SCHEMA, "Field 'Startat' is not supported", "/")]
    assert told({**one(PASS), "Version": "2.0"}) == [
        (SCHEMA, "Value should be one of the following: [1.0]", "/Version")
    ]
    assert told({**one(PASS), "TimeoutSeconds": 0}) == []
    assert told({"QueryLanguage": "jsonpath", **one({**PASS, "InputPath": "$.a"})}) == [
        (SCHEMA, LANGUAGES, "/QueryLanguage"),
        (SCHEMA, PATH_ONLY.format("InputPath"), "/States/A"),
    ]
    assert told("[]") == [(SCHEMA, "Definition must be a valid JSON object", None)]
    assert told('"text"') == [(SCHEMA, "Definition must be a valid JSON object", None)]


def test_something_else_than_a_definition_is_judged_as_one() -> None:
    assert set(told('{"Type": "Pass", "End": true}')) == {
        (SCHEMA, "These fields are required: [States, StartAt]", "/"),
        (SCHEMA, "Field 'Type' is not supported", "/"),
        (SCHEMA, "Field 'End' is not supported", "/"),
    }


GHOST = "Missing 'Next' target: Ghost"


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (one({"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}),
         [NO_END]),
        (one({"Type": "Pass", "Next": "A"}, C={"Type": "Pass", "Next": "A"}),
         [NO_END]),
        (one({"Type": "Pass", "Next": "A"}, C=PASS), [(TARGET, 'State "C" is not reachable.', "/States/C")]),
        (one({"Type": "Pass", "Next": "Ghost"}),
         [(TARGET, GHOST, "/States/A/Next"), NO_END]),
        (one({"Type": "Pass", "Next": "Ghost"}, C=PASS),
         [(TARGET, GHOST, "/States/A/Next"), (TARGET, 'State "C" is not reachable.', "/States/C")]),
        (one({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Ghost"}], "Default": "Z"},
             Z=PASS), [(TARGET, GHOST, "/States/A/Choices[0]/Next")]),
        (one({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Z"}], "Default": "Ghost"},
             Z=PASS), [(TARGET, GHOST, "/States/A/Default")]),
        (one({**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Ghost"}]}),
         [(TARGET, GHOST, "/States/A/Catch[0]/Next")]),
        ({"StartAt": "Ghost", "States": {"A": PASS}},
         [(TARGET, GHOST, "/StartAt"), (TARGET, 'State "A" is not reachable.', "/States/A")]),
        (one(PASS, **{"a/b": PASS}), [(TARGET, 'State "a/b" is not reachable.', "/States/a/b")]),
        (one({"Type": "Parallel", "End": True, "Branches": [{"StartAt": "I", "States": {"I": PASS, "J": PASS}}]}),
         [(TARGET, 'State "J" is not reachable.', "/States/A/Branches[0]/States/J")]),
        (one({"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "Ghost", "States": {"I": PASS}}}),
         [(TARGET, GHOST, "/States/A/ItemProcessor/StartAt"),
          (TARGET, 'State "I" is not reachable.', "/States/A/ItemProcessor/States/I")]),
        (one({"Type": "Map", "End": True,
              "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "I"}}}}), []),
        (one({"Type": "Map", "Next": "B", "ItemProcessor": processor()}, B=PASS, I=PASS),
         [("DUPLICATE_STATE_NAME", "Duplicate State name: I", "/States/I"),
          (TARGET, 'State "I" is not reachable.', "/States/I")]),
    ],
)  # fmt: skip
def test_transitions(definition: dict[str, Any], said: list[Any]) -> None:
    assert told(definition) == said


NO_WAY_ON = "This object should have only one of the following fields: [Next, End]"


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (one({"Type": "Pass"}), [(SCHEMA, NO_WAY_ON, "/States/A"), NO_END]),
        (one({**PASS, "Result": 1, "Seconds": 2}, B=PASS),
         [(SCHEMA, "Field 'Seconds' is not supported", "/States/A"),
          (TARGET, 'State "B" is not reachable.', "/States/B")]),
        (one({"Type": "Wait", "Seconds": -1, "Next": "Ghost"}, B=PASS),
         [(SCHEMA, "Minimum value is 0", "/States/A/Seconds"), (TARGET, GHOST, "/States/A/Next"),
          (TARGET, 'State "B" is not reachable.', "/States/B")]),
        (one({"End": True}), [(SCHEMA, "The field 'Type' is required", "/States/A"), NO_END]),
        (one({"Next": "B"}, B=PASS), [(SCHEMA, "The field 'Type' is required", "/States/A")]),
        (one({"Type": "Pass", "Next": "B"}, B={"End": True}),
         [(SCHEMA, "The field 'Type' is required", "/States/B"), NO_END]),
        ({"StartAt": "A", "States": {}},
         [(SCHEMA, "Value cannot be empty", "/States"), (TARGET, "Missing 'Next' target: A", "/StartAt"), NO_END]),
        ({"States": {"A": PASS, "B": PASS}}, [(SCHEMA, "These fields are required: [StartAt]", "/")]),
        (one({"Type": "Fail", "Next": "B"}, B=PASS), [(SCHEMA, "Field 'Next' is not supported", "/States/A")]),
        (one({"Type": "Parallel", "End": True, "Branches": [{"StartAt": "I", "States": {}}]}),
         [(SCHEMA, "Value cannot be empty", "/States/A/Branches[0]/States"),
          (TARGET, "Missing 'Next' target: I", "/States/A/Branches[0]/StartAt")]),
    ],
)  # fmt: skip
def test_what_a_faulty_schema_leaves_to_say_of_the_transitions(definition: dict[str, Any], said: list[Any]) -> None:
    assert told(definition) == said


def test_a_reason_that_is_told_already_is_not_told_twice() -> None:
    with pytest.raises(DefinitionError) as caught:
        load({"StartAt": "A", "States": {}})
    assert [problem.what for problem in caught.value.problems] == ["'States' is empty"]


def test_operators_stand_in_the_order_of_aws() -> None:
    choices = [{"Variable": "$.n", "NumericEquals": 1, "IsString": True, "Next": "B"}]
    (found,) = told(one({"Type": "Choice", "Choices": choices}, B=PASS))
    assert found[1].startswith("There should only be one of the following fields: [StringEquals, IsBoolean, StringLess")
    assert found[1].endswith(", IsPresent, TimestampGreaterThanEquals, NumericGreaterThanEqualsPath]")
    (found,) = told(one({"Type": "Choice", "Choices": [{"Variable": "$.n", "Next": "B"}]}, B=PASS))
    assert found[1].startswith("This object should have only one of the following fields: [StringEquals, IsBoolean, ")
    assert sorted(found[1].rpartition("[")[2][:-1].split(", ")) == sorted(OPERATORS)


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("$a[1,2)", "INVALID", 'Expected "]", got ","'),
        ('"open', "INVALID", "String literal must be terminated by a matching quote"),
        ("1 +", "INVALID", "Unexpected end of expression"),
        ("", "INVALID", "Unexpected end of expression"),
        ("$x :=", "INVALID", "Unexpected end of expression"),
        ("$$", "UNSUPPORTED", "Reference to '$$' is not supported."),
        ("phone", "UNSUPPORTED", "Reference to 'phone' at the top level is not supported."),
        ("$sum(order.price)", "UNSUPPORTED", "Reference to 'order' at the top level is not supported."),
        ("phone(1)", "UNSUPPORTED", "Reference to 'phone' at the top level is not supported."),
        ("(phone(1)).a", "UNSUPPORTED", "Reference to 'phone' at the top level is not supported."),
        ("$states.input.a.phone(1)", "", ""),
        ("function($x) { $x.phone }($states.input)", "", ""),
        ("$states.errorOutput", "UNSUPPORTED", "Field '$states.errorOutput' does not exist."),
        ("$states.input.list[price > 3].name", "", ""),
        ("$map($states.input.list, function($v) { $v.name })", "", ""),
        ("{'a': $states.context.Execution.Id}.a", "", ""),
    ],
)
def test_expressions(expression: str, code: str, message: str) -> None:
    definition = {**one({**PASS, "Output": {"v": f"{{% {expression} %}}"}}), "QueryLanguage": "JSONata"}
    said = [(f"{code}_JSONATA_EXPRESSION", message, "/States/A/Output/v")] if code else []
    assert told(definition) == said


def test_each_name_is_told_once_where_it_stands_first() -> None:
    text = "{% bbb(aaa) + $sum([aaa, bbb]) %}"
    definition = {**one({**PASS, "Output": text}), "QueryLanguage": "JSONata"}
    names = [message.split("'")[1] for _, message, _ in told(definition)]
    assert names == ["bbb", "aaa"]
    examination = examine_definition(json.dumps(definition), "<definition>", "json")
    line = json.dumps(definition)
    columns = [finding.problem.column for finding in examination.findings if finding.problem]
    assert columns == [line.index("bbb") + 1, line.index("aaa") + 1]


@pytest.mark.parametrize("depth", [150, 700, 3_000])
def test_an_expression_however_deep_is_judged(depth: int) -> None:
    text = f"{{% {'(' * depth}$a.b{')' * depth} %}}"
    said = told({**one({**PASS, "Output": text}), "QueryLanguage": "JSONata"})
    assert said == [] or [code for code, _, _ in said] == ["INVALID_JSONATA_EXPRESSION"]


def test_error_output_is_a_catcher_s() -> None:
    catcher = {
        "ErrorEquals": ["States.ALL"], "Next": "B",
        "Output": "{% $states.errorOutput %}", "Assign": {"e": "{% $states.errorOutput.Cause %}"},
    }  # fmt: skip
    task = {"Type": "Task", "Resource": FUNCTION, "Catch": [catcher], "End": True}
    assert told({**one(task, B=PASS), "QueryLanguage": "JSONata"}) == []


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("states", "RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'."),
        ("a-b", "INVALID_VARIABLE_NAME", "Invalid variable name 'a-b': the variable name contains invalid characters."),
        ("_a", "INVALID_VARIABLE_NAME", "Invalid variable name '_a': the variable name contains invalid characters."),
        ("größe", "", ""),
    ],
)
def test_variable_names(name: str, code: str, message: str) -> None:
    said = [(code, message, f"/States/A/Assign/{name}")] if code else []
    assert told(one({**PASS, "Assign": {name: 1}})) == said


def test_express() -> None:
    resource = "arn:aws:states:::ecs:runTask.sync"
    definition = one(
        {**TASK, "Resource": resource, "Parameters": {"TaskDefinition": "t"}, "End": False, "Next": "B"},
        B={"Type": "Map", "Next": "C", "ItemProcessor": processor(
            ProcessorConfig={"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})},
        C={**TASK, "Resource": "arn:aws:states:us-east-1:111111111111:activity:a"},
    )  # fmt: skip
    del definition["States"]["A"]["End"]
    assert told(definition) == []
    assert told(definition, type="EXPRESS") == [
        (SCHEMA, "Express state machine does not support '.sync' service integration", "/States/A/Resource"),
        (SCHEMA, "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
         "/States/B/ItemProcessor/ProcessorConfig/Mode"),
        (SCHEMA, "Express state machine does not support Activity ARN", "/States/C/Resource"),
    ]  # fmt: skip


def test_warnings_are_told_when_asked_for_and_do_not_fail() -> None:
    definition = one(
        {"Type": "Pass", "Result": {"a": "$.b"}, "Parameters": {"x": "$.y", "z": "States.UUID()"}, "Next": "F"},
        F={"Type": "Fail", "Error": "$.error"},
    )
    assert validate(definition) == {"result": "OK", "diagnostics": [], "truncated": False}
    found = validate(definition, severity="WARNING")
    assert found["result"] == "OK"
    assert {each["severity"] for each in found["diagnostics"]} == {"WARNING"}
    assert [(each["code"], each["location"]) for each in found["diagnostics"]] == [
        ("PASS_RESULT_IS_STATIC", "/States/A/Result/a"),
        ("NO_DOLLAR", "/States/A/Parameters/x"),
        ("NO_DOLLAR", "/States/A/Parameters/z"),
        ("NO_PATH", "/States/F/Error"),
    ]


def test_what_sfdebug_alone_finds_is_not_in_aws_s_answer() -> None:
    definition = {**one({**PASS, "Output": "{% $nowhere %}"}), "QueryLanguage": "JSONata"}
    assert validate(definition, severity="WARNING")["diagnostics"] == []


def test_labels() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}

    def labelled(label: str) -> dict[str, Any]:
        return {"Type": "Map", "Label": label, "ItemProcessor": processor(ProcessorConfig=config), "End": True}

    assert told(one(labelled("a?")))[0][0] == "INVALID_LABEL_NAME"
    text = json.dumps(one(labelled("a?")), separators=(",", ":"))
    assert definition_error(text) == (
        "Error=ValueError Args=[\"Label contains invalid character: '?'\"] in definition "
        f"'{json.dumps(json.loads(text))}'."
    )
    second = {"StartAt": "J", "States": {"J": PASS}, "ProcessorConfig": config}
    both = one({**labelled("a"), "End": False, "Next": "B"}, B={**labelled("a"), "ItemProcessor": second})
    del both["States"]["A"]["End"]
    assert told(both) == [("DUPLICATE_LABEL_NAME", "Duplicate Label name: a", "/States/B/Label")]


@pytest.mark.parametrize(
    ("reader", "message", "location"),
    [
        ({"Resource": "arn:aws:states:::s3:putObject"},
         "The field 'Resource' does not match any of the allowed values", "/Resource"),
        ({"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV"}},
         "The field 'CSVHeaderLocation' is required", "/ReaderConfig"),
        ({"Resource": "arn:aws:states:::s3:getObject",
          "ReaderConfig": {"InputType": "JSON", "CSVHeaderLocation": "FIRST_ROW"}},
         "Field 'CSVHeaderLocation' is not supported", "/ReaderConfig"),
        ({"Resource": "arn:aws:states:::s3:getObject",
          "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}},
         "These fields are required: [CSVHeaders]", "/ReaderConfig"),
        ({"Resource": "arn:aws:states:::s3:getObject", "Arguments": {}}, DATA_ONLY.format("Arguments"), ""),
    ],
)  # fmt: skip
def test_item_readers(reader: dict[str, Any], message: str, location: str) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor(ProcessorConfig=config), "End": True}
    assert told(one(state)) == [(SCHEMA, message, f"/States/A/ItemReader{location}")]


def reading(**config: Any) -> list[tuple[str, str | None]]:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config}
    mode = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor(ProcessorConfig=mode), "End": True}
    start = "/States/A/ItemReader/ReaderConfig"
    return [(message, (location or "").removeprefix(start)) for _, message, location in told(one(state))]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3}, [("The field 'InputType' is required", "")]),
        ({"InputType": "JSON", "ItemsPointer": "rows"},
         [("Invalid input: JSON Pointer expression must start with '/': \"rows\"", "/ItemsPointer")]),
        ({"InputType": "CSV", "CSVDelimiter": "TAB"}, [("The field 'CSVHeaderLocation' is required", "")]),
        ({"InputType": "JSON", "ManifestType": "ATHENA_DATA"}, [("Field 'ManifestType' is not supported", "")]),
        ({"InputType": "PARQUET", "CSVHeaderLocation": "GIVEN"}, [("Field 'CSVHeaderLocation' is not supported", "")]),
        ({"InputType": "JSON", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]},
         [("Field 'CSVHeaderLocation' is not supported", ""), ("Field 'CSVHeaders' is not supported", "")]),
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "COLON"},
         [("Value should be one of the following: [COMMA, PIPE, SEMICOLON, SPACE, TAB]", "/CSVDelimiter")]),
        ({"Transformation": "FLATTEN"},
         [("Value should be one of the following: [NONE, LOAD_AND_FLATTEN]", "/Transformation")]),
    ],
)  # fmt: skip
def test_what_a_reader_needs_and_does_not_have(config: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert reading(**config) == said


@pytest.mark.parametrize(
    "config",
    [
        {"Transformation": "NONE", "MaxItems": 2},
        {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"},
        {"InputType": "JSON", "ItemsPointer": "/a/b"},
        {"InputType": "JSON", "ItemsPointer": ""},
        {"InputType": "JSONL", "ManifestType": "ATHENA_DATA"},
        {"InputType": "MANIFEST"},
        {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "CSVDelimiter": "SEMICOLON"},
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "ManifestType": "ATHENA_DATA"},
        {"ManifestType": "S3_INVENTORY"},
    ],
)
def test_readers_that_aws_takes(config: dict[str, Any]) -> None:
    assert reading(**config) == []


@pytest.mark.parametrize("kind", [None, 5, [], {}])
def test_a_reader_s_kind_may_be_anything_and_stops_nothing(kind: Any) -> None:
    reading(InputType=kind, CSVHeaderLocation="GIVEN", CSVHeaders=["a"])


DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
READER = {"Resource": "arn:aws:states:::s3:getObject"}
BOTH = "There should only be one of the following fields: [{0}, {0}Path]"
NOT_REFERENCE = "Value is not a Reference Path"


def distributed(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor(ProcessorConfig=DISTRIBUTED), "End": True, **fields}


@pytest.mark.parametrize(
    ("name", "outer"),
    [
        ("MaxConcurrency", ()),
        ("ToleratedFailureCount", ()),
        ("ToleratedFailurePercentage", ()),
        ("MaxItemsPerBatch", ("ItemBatcher",)),
        ("MaxInputBytesPerBatch", ("ItemBatcher",)),
        ("MaxItems", ("ItemReader", "ReaderConfig")),
    ],
)
@pytest.mark.parametrize(
    ("fields", "message", "language"),
    [
        ({"": 1}, "", "JSONPath"),
        ({"": 0}, "", "JSONPath"),
        ({"": "{% 1 %}"}, "", "JSONata"),
        ({"Path": "$.n"}, "", "JSONPath"),
        ({"Path": "$.a[0]['n']"}, "", "JSONPath"),
        ({"Path": "$n"}, "", "JSONPath"),
        ({"Path": "$n.a"}, "", "JSONPath"),
        ({"": 1, "Path": "$.n"}, BOTH, "JSONPath"),
        ({"": -1}, "Minimum value is 0", "JSONPath"),
        ({"": "1"}, "Expected value of type ", "JSONPath"),
        ({"Path": "$$.Execution.Input.n"}, NOT_REFERENCE, "JSONPath"),
        ({"Path": "$.a[*]"}, NOT_REFERENCE, "JSONPath"),
        ({"Path": "n"}, f"{NOT_REFERENCE}: Reference path didn't start with '$'", "JSONPath"),
        ({"Path": 1}, "Expected value of type [STRING]", "JSONPath"),
        ({"Path": "$.n"}, "The QueryLanguage is set to 'JSONata', but field '{0}Path' is only supported", "JSONata"),
    ],
)  # fmt: skip
def test_the_numbers_of_a_map(
    name: str, outer: tuple[str, ...], fields: dict[str, Any], message: str, language: str
) -> None:
    given: dict[str, Any] = {f"{name}{suffix}": value for suffix, value in fields.items()}
    for step in reversed(outer):
        given = {step: {**READER, **given} if step == "ItemReader" else given}
    found = told({**one(distributed(**given)), "QueryLanguage": language})
    if not message:
        assert found == []
        return
    place = "/".join(["/States/A", *outer])
    of_the_owner = message is BOTH or message.startswith("The QueryLanguage")
    location = place if of_the_owner else f"{place}/{name}{next(iter(fields))}"
    assert [(code, where) for code, _, where in found] == [(SCHEMA, location)]
    assert found[0][1].startswith(message.format(name))


@pytest.mark.parametrize(
    ("fields", "message", "location"),
    [
        ({"ToleratedFailurePercentage": -1}, "Minimum value is 0.0", "ToleratedFailurePercentage"),
        ({"ToleratedFailurePercentage": 101}, "Maximum value is 100.0", "ToleratedFailurePercentage"),
        ({"MaxConcurrency": -1}, "Minimum value is 0", "MaxConcurrency"),
        ({"ItemReader": {**READER, "ReaderConfig": {"MaxItems": 100_000_001}}}, "Maximum value is 100000000",
         "ItemReader/ReaderConfig/MaxItems"),
    ],
)  # fmt: skip
def test_the_ranges_of_a_map_s_numbers(fields: dict[str, Any], message: str, location: str) -> None:
    assert told(one(distributed(**fields))) == [(SCHEMA, message, f"/States/A/{location}")]


def test_the_headers_of_a_reader_are_no_expressions() -> None:
    config = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["{% phone %}", "{% 1 + %}"]}
    state = distributed(ItemReader={**READER, "ReaderConfig": config})
    assert told({**one(state), "QueryLanguage": "JSONata"}) == []
    elsewhere = distributed(ItemReader={**READER, "Arguments": {"ReaderConfig": {"CSVHeaders": "{% phone %}"}}})
    assert [code for code, _, _ in told({**one(elsewhere), "QueryLanguage": "JSONata"})] == [
        "UNSUPPORTED_JSONATA_EXPRESSION"
    ]


@pytest.mark.parametrize(
    ("resource", "is_known"),
    [
        ("arn:aws:states:::lambda:invoke.sync", False),
        ("arn:aws:states:::aws-sdk:sqs:sendMessage.sync", False),
        ("arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken", True),
        ("arn:aws:states:::glue:startJobRun.waitForTaskToken", False),
        ("arn:aws:states:::glue:startJobRun.sync", True),
        ("arn:aws:states:::ecs:runTask.sync:2", False),
        ("arn:aws:states:::states:startExecution.sync:2", True),
        ("arn:aws-us-gov:states:::sqs:sendMessage.waitForTaskTokens", False),
        ("arn:aws:states:us-east-1:111111111111:activity:my.sync", True),
        ("arn:aws:lambda:us-east-1:111111111111:function:f", True),
    ],
)
def test_integration_patterns(resource: str, is_known: bool) -> None:
    message = (
        f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource "
        "is not available in this region."
    )
    arguments = {"TaskDefinition": "t"}
    if is_known:
        call = resource.split(":::")[-1].split(".")[0]
        arguments = {
            "aws-sdk:sqs:sendMessage": {"QueueUrl": "q", "MessageBody": "m"},
            "glue:startJobRun": {"JobName": "j"},
            "states:startExecution": {"StateMachineArn": "arn"},
        }.get(call, {})
    said = [] if is_known else [(SCHEMA, message, "/States/A/Resource")]
    assert told(one({**TASK, "Resource": resource, "Parameters": arguments})) == said


def test_what_creating_says() -> None:
    assert definition_error(json.dumps(one(PASS))) is None
    loop = json.dumps(one({"Type": "Pass", "Next": "Ghost"}))
    assert definition_error(loop) == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Next, "
        "MISSING_END_STATE: Workflow has no terminal state at null'"
    )


def test_what_testing_a_state_says() -> None:
    assert state_error('{"Type": "Pass", "Next": "Elsewhere"}') is None
    assert state_error('{"Type": "Pass"}') == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: This object should have only one of the "
        "following fields: [Next, End] at /States/StateName'"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope", "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', "
         "'true' or 'false')\n at [Source: (String)\"nope\"; line: 1, column: 5]"),
        ("{a: 1}", "Unexpected character ('a' (code 97)): was expecting double-quote to start field name\n at "
         '[Source: (String)"{a: 1}"; line: 1, column: 3]'),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value\n"),
        ('{"a": 1 "b": 2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n"),
        ('["a"\n"b"]', "Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries\n"),
        ('{"a": 1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name\n"),
        ("[1,]", "Unexpected character (']' (code 93)): expected a valid value (JSON String"),
        ('{"a": [1}', "Unexpected close marker '}': expected ']' (for Array starting at [Source:"),
        ('{"a": {}', "Unexpected end-of-input: expected close marker for Object (start marker at [Source:"),
        ('{"a": "b', "Unexpected end-of-input: was expecting closing quote for a string value\n"),
        ('{"a', "Unexpected end-of-input in field name\n"),
        ('{"a": "\\q"}', "Unrecognized character escape 'q' (code 113)\n"),
        ('{"a": "\\u12"}', "Unexpected character ("),
        ('{"a": "\n"}', "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be"),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed\n"),
        ("[-]", "Unexpected character (']' (code 93)): in numeric value: Digit (0-9) expected\n"),
        ("[" * 1001, "Document nesting depth (1001) exceeds"),
    ],
)  # fmt: skip
def test_text_that_is_no_json(text: str, message: str) -> None:
    (found,) = validate(text)["diagnostics"]
    assert (found["severity"], found["code"]) == ("ERROR", "INVALID_JSON_DESCRIPTION")
    assert found["message"].startswith(message)
    assert found["location"] == found["message"].split("\n at ")[-1], "recorded: the place stands in both"


def test_a_path_and_a_text_are_told_apart_as_in_loading() -> None:
    assert told("not a definition")[0][0] == "INVALID_JSON_DESCRIPTION"  # AWS knows no paths: what is none is a text
    for validated_or_loaded in (validate, load):
        with pytest.raises(DefinitionError, match=r"gone.asl.json: there is no such file"):
            validated_or_loaded("gone.asl.json")
        with pytest.raises(UsageError, match="not None"):
            validated_or_loaded(None)  # type: ignore[arg-type]


def test_blank_text_is_no_description() -> None:
    """Recorded."""
    assert told(" \n") == [(SCHEMA, "Definition must be a valid JSON object", None)]


@pytest.mark.parametrize("text", ["{}", "[]", '{"a":[1,-2.5e3,"x\\u00e9\\n",true,false,null,{"b":{}}]}', " 1 ", '"x"'])
def test_json_has_no_fault(text: str) -> None:
    assert json_fault(text) is None
    json.loads(text)


def test_a_long_text_is_shown_in_part() -> None:
    fault = json_fault("[" + " " * 600 + "x")
    assert fault is not None
    assert fault.location.endswith("[truncated 102 chars]; line: 1, column: 603]")
