"""The parser: what a definition becomes, and everything that can be wrong with it, each at its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.asl.definition import QueryLanguage, StateMachine, StateType
from sfdebug.asl.load import definition_from, parse_definition
from sfdebug.errors import DefinitionError, Problem

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}


def one(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


def problems(definition: Any) -> tuple[Problem, ...]:
    try:
        return definition_from(definition).warnings
    except DefinitionError as error:
        return error.problems


def told(definition: Any) -> list[tuple[str, str]]:
    return [(problem.where, problem.what) for problem in problems(definition)]


def fine(definition: Any) -> StateMachine:
    machine = definition_from(definition)
    assert machine.warnings == ()
    return machine


def test_a_definition_with_all_state_types() -> None:
    inner = {"StartAt": "{}1", "States": {"{}1": PASS}}

    def scope(name: str) -> Any:
        return json.loads(json.dumps(inner).replace("{}", name))

    definition = {
        "Comment": "all",
        "StartAt": "Pass",
        "TimeoutSeconds": 60,
        "Version": "1.0",
        "States": {
            "Pass": {"Type": "Pass", "Comment": "first", "Result": {"a": 1}, "ResultPath": "$.p", "Next": "Task"},
            "Task": {
                "Type": "Task",
                "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f",
                "InputPath": "$.p",
                "Parameters": {"x.$": "$.a", "y": {"z.$": "States.Format('{}', $.a)"}, "list": [{"q.$": "$$.State"}]},
                "ResultSelector": {"r.$": "$.Payload"},
                "TimeoutSeconds": 30,
                "HeartbeatSeconds": 10,
                "Credentials": {"RoleArn": "arn:aws:iam::111111111111:role/r"},
                "Retry": [
                    {"ErrorEquals": ["E", "F"], "MaxDelaySeconds": 5, "JitterStrategy": "FULL"},
                    {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3, "MaxAttempts": 0, "BackoffRate": 1.5},
                ],
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Choice"}],
                "Next": "Choice",
            },
            "Choice": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.a", "NumericGreaterThan": 1, "Next": "Wait"},
                    {"Not": {"Variable": "$.b", "IsPresent": True}, "Next": "Fail"},
                ],
                "Default": "Succeed",
            },
            "Wait": {"Type": "Wait", "Seconds": 0, "Next": "Parallel"},
            "Parallel": {"Type": "Parallel", "Branches": [scope("B"), scope("C")], "Next": "Map"},
            "Map": {
                "Type": "Map",
                "ItemsPath": "$[0]",
                "ItemSelector": {"item.$": "$$.Map.Item.Value"},
                "MaxConcurrency": 2,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **scope("D")},
                "Next": "Succeed",
            },
            "Succeed": {"Type": "Succeed", "OutputPath": None},
            "Fail": {"Type": "Fail", "Error": "E", "CausePath": "States.Format('{}', $.a)"},
        },
    }
    machine = fine(definition)
    assert (machine.name, machine.comment, machine.timeout_seconds) == ("<definition>", "all", 60)
    assert [state.type for state in machine.scope.states.values()] == [
        StateType.PASS, StateType.TASK, StateType.CHOICE, StateType.WAIT, StateType.PARALLEL, StateType.MAP,
        StateType.SUCCEED, StateType.FAIL,
    ]  # fmt: skip
    assert [state.path for state in machine.walk()][4:9] == [
        ("Parallel",), ("Parallel", 0, "B1"), ("Parallel", 1, "C1"), ("Map",), ("Map", 0, "D1"),
    ]  # fmt: skip
    task = machine.state(("Task",))
    first, second = task.retriers
    assert (first.error_equals, first.interval_seconds, first.max_attempts, first.backoff_rate) == (("E", "F"), 1, 3, 2)
    assert (first.max_delay_seconds, first.jitter_strategy) == (5, "FULL")
    assert (second.index, second.interval_seconds, second.max_attempts, second.backoff_rate) == (1, 3, 0, 1.5)
    assert (second.max_delay_seconds, second.jitter_strategy) == (None, "NONE")
    (catcher,) = task.catchers
    assert (catcher.next, catcher.fields["ResultPath"], catcher.error_equals) == ("Choice", None, ("States.ALL",))
    choice = machine.state(("Choice",))
    assert [rule.next for rule in choice.choices] == ["Wait", "Fail"]
    assert (choice.default, choice.next, choice.end) == ("Succeed", None, False)
    inner_state = machine.state(("Map", 0, "D1"))
    assert inner_state.end
    assert machine.document.span(inner_state.pointer).line > machine.document.span(task.pointer).line
    assert task.comment == ""
    assert machine.state(("Pass",)).comment == "first"


def test_a_map_may_call_its_processor_iterator() -> None:
    machine = fine(one({"Type": "Map", "Iterator": {"StartAt": "I", "States": {"I": PASS}}, "End": True}))
    assert machine.state(("A", 0, "I")).pointer == ("States", "A", "Iterator", "States", "I")


@pytest.mark.parametrize(
    ("state", "where", "words"),
    [
        ({"End": True}, "States.A", "a state needs 'Type'"),
        ({"type": "Pass", "End": True}, "States.A", "a state needs 'Type'"),
        ({"Type": "Psas", "End": True}, "States.A.Type", "there is no state type 'Psas'"),
        ({"Type": 7, "End": True}, "States.A.Type", "'Type' must be a string"),
        ("Pass", "States.A", "'A' must be a state, which is an object, not a string"),
        (None, "States.A", "not null"),
        ({"Type": "Pass"}, "States.A", "neither 'Next' nor 'End'"),
        ({"Type": "Pass", "End": False}, "States.A", "neither 'Next' nor 'End'"),
        ({"Type": "Pass", "End": "true"}, "States.A.End", "'End' must be true or false, not a string"),
        ({"Type": "Pass", "End": True, "Next": "A"}, "States.A.Next", "not both"),
        ({"Type": "Pass", "Next": "A", "End": True}, "States.A.End", "not both"),
        ({"Type": "Pass", "Next": 3}, "States.A.Next", "'Next' must be a string, not a number"),
        ({"Type": "Pass", "Next": ""}, "States.A.Next", "'Next' is empty"),
        ({"Type": "Succeed", "End": True}, "States.A.End", "a Succeed state has no 'End'"),
        ({"Type": "Fail", "Next": "A"}, "States.A.Next", "a Fail state has no 'Next'"),
        ({"Type": "Task", "End": True}, "States.A", "a Task state needs 'Resource'"),
        ({"Type": "Wait", "End": True}, "States.A", "a Wait state needs to know how long"),
        ({"Type": "Parallel", "End": True}, "States.A", "a Parallel state needs 'Branches'"),
        ({"Type": "Parallel", "Branches": [], "End": True}, "States.A.Branches", "'Branches' is empty"),
        ({"Type": "Parallel", "Branches": {}, "End": True}, "States.A.Branches", "must be an array of branches"),
        ({"Type": "Parallel", "Branches": [3], "End": True}, "States.A.Branches[0]", "must be an object, not"),
        ({"Type": "Parallel", "Branches": [{}], "End": True}, "States.A.Branches[0]", "a branch needs 'StartAt'"),
        ({"Type": "Map", "End": True}, "States.A", "a Map state needs 'ItemProcessor'"),
        ({"Type": "Map", "ItemProcessor": 1, "End": True}, "States.A.ItemProcessor", "must be an object with StartAt"),
        ({"Type": "Choice"}, "States.A", "a Choice state needs 'Choices'"),
        ({**PASS, "Resource": "x"}, "States.A.Resource", "a Pass state has no field 'Resource'"),
        ({**PASS, "ResultPaht": "$"}, "States.A.ResultPaht", "a Pass state has no field 'ResultPaht'"),
        ({**PASS, "Comment": 1}, "States.A.Comment", "'Comment' must be a string, not a number"),
        ({**PASS, "InputPath": 1}, "States.A.InputPath", "'InputPath' must be a path, not a number"),
        ({**PASS, "InputPath": "a.b"}, "States.A.InputPath", "'a.b'"),
        ({**PASS, "InputPath": "$.a["}, "States.A.InputPath", "'$.a['"),
        ({**PASS, "ResultPath": "$.a[*]"}, "States.A.ResultPath", "'$.a[*]'"),
        ({**PASS, "ResultPath": True}, "States.A.ResultPath", "must be a path or null, not a boolean"),
        ({**PASS, "Parameters": "$.a"}, "States.A.Parameters", "'Parameters' must be an object, not a string"),
        ({**PASS, "Parameters": 5}, "States.A.Parameters", "must be an object, not a number"),
        ({**PASS, "Parameters": {"a.$": 5}}, "States.A.Parameters.a.$", "'a.$' must hold a path"),
        ({**PASS, "Parameters": {"a.$": "b"}}, "States.A.Parameters.a.$", "'b' is neither a path nor a call"),
        ({**PASS, "Parameters": {"l": [{"a.$": "$["}]}}, "States.A.Parameters.l[0].a.$", "'$['"),
        ({**PASS, "Parameters": {"a.$": "States.Fromat('x')"}}, "States.A.Parameters.a.$", "States.Fromat"),
        ({**PASS, "Parameters": {"a": 1, "a.$": "$.b"}}, "States.A.Parameters.a.$", "both give the field 'a'"),
        ({**PASS, "Parameters": {"a.$": "{% $x %}"}}, "States.A.Parameters.a.$", "a JSONata expression in a JSONPath"),
        ({**PASS, "Output": 1}, "States.A.Output", "'Output' is a field of JSONata states"),
        ({**PASS, "QueryLanguage": "JSONpath"}, "States.A.QueryLanguage", "must be JSONPath or JSONata"),
        ({**PASS, "Assign": 3}, "States.A.Assign", "'Assign' must be an object, not a number"),
        ({**TASK, "TimeoutSeconds": 0}, "States.A.TimeoutSeconds", "must be at least 1, not 0"),
        ({**TASK, "TimeoutSeconds": "5"}, "States.A.TimeoutSeconds", "must be a whole number, not a string"),
        ({**TASK, "TimeoutSeconds": 1.5}, "States.A.TimeoutSeconds", "must be a whole number, not 1.5"),
        ({**TASK, "TimeoutSeconds": True}, "States.A.TimeoutSeconds", "must be a whole number, not a boolean"),
        ({**TASK, "TimeoutSeconds": 99999999999}, "States.A.TimeoutSeconds", "must be at most 99999999"),
        ({**TASK, "TimeoutSeconds": "{% $x %}"}, "States.A.TimeoutSeconds", "holds a JSONata expression"),
        ({**TASK, "TimeoutSeconds": 9, "TimeoutSecondsPath": "$"}, "States.A.TimeoutSecondsPath", "exclude each other"),
        ({**TASK, "TimeoutSeconds": 9, "HeartbeatSeconds": 9}, "States.A.HeartbeatSeconds", "smaller than"),
        ({**TASK, "Credentials": {}}, "States.A.Credentials", "'RoleArn' is missing"),
        ({**TASK, "Arguments": {}}, "States.A.Arguments", "'Arguments' is a field of JSONata states"),
        ({"Type": "Wait", "Seconds": -1, "End": True}, "States.A.Seconds", "must be at least 0, not -1"),
        ({"Type": "Wait", "Seconds": 1, "Timestamp": "x", "End": True}, "States.A.Timestamp", "exclude each other"),
        ({"Type": "Wait", "Timestamp": "2030-01-01", "End": True}, "States.A.Timestamp", "is not a timestamp"),
        ({"Type": "Wait", "Timestamp": 7, "End": True}, "States.A.Timestamp", "must be a timestamp, not a number"),
        ({"Type": "Wait", "SecondsPath": 7, "End": True}, "States.A.SecondsPath", "must be a path, not a number"),
        ({"Type": "Fail", "Error": "a", "ErrorPath": "$.b"}, "States.A.ErrorPath", "exclude each other"),
        ({"Type": "Fail", "CausePath": "cause"}, "States.A.CausePath", "'cause' is neither a path"),
        ({"Type": "Fail", "InputPath": "$"}, "States.A.InputPath", "a Fail state has no field 'InputPath'"),
    ],
)  # fmt: skip
def test_a_wrong_state(state: Any, where: str, words: str) -> None:
    found = told(one(state))
    assert any(place == where and words in what for place, what in found), found
    with pytest.raises(DefinitionError):
        definition_from(one(state))


def map_state(**fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I", "States": {"I": PASS},
    }  # fmt: skip
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


@pytest.mark.parametrize(
    ("fields", "where", "words"),
    [
        ({"Iterator": {"StartAt": "J", "States": {"J": PASS}}}, "States.A.Iterator", "exclude each other"),
        ({"Parameters": {}, "ItemSelector": {}}, "States.A.Parameters", "old and the new name"),
        ({"ItemsPath": 3}, "States.A.ItemsPath", "must be a path"),
        ({"Items": []}, "States.A.Items", "a field of JSONata states"),
        ({"ItemSelector": {"a.$": 1}}, "States.A.ItemSelector.a.$", "must hold a path"),
        ({"ItemReader": []}, "States.A.ItemReader", "must be an object"),
        ({"ItemReader": {"Parameters": {"B.$": "x"}}}, "States.A.ItemReader.Parameters.B.$", "neither a path"),
        ({"MaxConcurrency": -1}, "States.A.MaxConcurrency", "must be at least 0"),
        ({"ToleratedFailurePercentage": 101}, "States.A.ToleratedFailurePercentage", "must be at most 100"),
        ({"ToleratedFailureCount": "x"}, "States.A.ToleratedFailureCount", "must be a whole number"),
        ({"Label": "x" * 41}, "States.A.Label", "'Label' has 41 characters"),
        ({"Label": "a b"}, "States.A.Label", "holds the character ' '"),
        ({"Label": "a\u0085"}, "States.A.Label", "holds the character '\\u0085'"),
        ({"Label": 1}, "States.A.Label", "must be a string"),
        ({"ItemProcessor": {"ProcessorConfig": {"Mode": "FAST"}, "StartAt": "I", "States": {"I": PASS}}},
         "States.A.ItemProcessor.ProcessorConfig.Mode", "must be INLINE or DISTRIBUTED"),
        ({"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "I", "States": {"I": PASS}}},
         "States.A.ItemProcessor.ProcessorConfig", "needs 'ExecutionType'"),
        ({"ItemProcessor": {"ProcessorConfig": [], "StartAt": "I", "States": {"I": PASS}}},
         "States.A.ItemProcessor.ProcessorConfig", "must be an object"),
    ],
)  # fmt: skip
def test_a_wrong_map(fields: dict[str, Any], where: str, words: str) -> None:
    found = told(one(map_state(**fields)))
    assert any(place == where and words in what for place, what in found), found


@pytest.mark.parametrize(
    ("definition", "where", "words"),
    [
        ([], "", "a definition is an object, not an array"),
        ("", "", "nothing in it"),
        ({}, "", "a definition needs 'StartAt'"),
        ({}, "", "a definition needs 'States'"),
        ({"StartAt": "A", "States": []}, "States", "'States' must be an object, not an array"),
        ({"StartAt": "A", "States": {}}, "States", "'States' is empty"),
        ({"StartAt": 1, "States": {"A": PASS}}, "StartAt", "'StartAt' must be a string"),
        ({**one(PASS), "Startat": "A"}, "Startat", "a definition has no field 'Startat'"),
        ({**one(PASS), "Version": "2.0"}, "Version", "'Version' must be 1.0"),
        ({**one(PASS), "TimeoutSeconds": -1}, "TimeoutSeconds", "must be at least 0"),
        ({**one(PASS), "QueryLanguage": "SQL"}, "QueryLanguage", "must be JSONPath or JSONata"),
        ({**one({**PASS, "QueryLanguage": "JSONPath"}), "QueryLanguage": "JSONata"},
         "States.A.QueryLanguage", "cannot"),
        (one(PASS, QueryLanguage="JSONata"), "States.QueryLanguage", "stands among the states"),
        (one({**PASS, "End": True}, **{"x" * 81: PASS}), "States." + "x" * 81, "has 81 characters"),
        (one(PASS, **{"": PASS}), "States.", "this state has no name"),
    ],
)  # fmt: skip
def test_a_wrong_machine(definition: Any, where: str, words: str) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, "d.json")
    found = [(problem.where, problem.what) for problem in caught.value.problems]
    assert any(place == where and words in what for place, what in found), found


def test_everything_wrong_is_told_at_once_in_file_order_with_places() -> None:
    text = """{
  "StartAt": "Frist",
  "States": {
    "First": {"Type": "Task", "Next": "Secnd", "TimeoutSeconds": "soon"},
    "Second": {"Type": "Choise", "End": true},
    "Third": {"Type": "Pass", "Parameters": {"a.$": "$.x["}}
  }
}"""
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, "order.asl.json")
    assert [(problem.location, problem.what.split("'")[0]) for problem in caught.value.problems] == [
        ("order.asl.json:2:14", "there is no state "),
        ("order.asl.json:4:5", "a Task state needs "),
        ("order.asl.json:4:39", "there is no state "),
        ("order.asl.json:4:66", ""),
        ("order.asl.json:5:24", "there is no state type "),
        ("order.asl.json:6:5", "this state has neither "),
        ("order.asl.json:6:58", ""),
    ]
    fixes = [problem.fix for problem in caught.value.problems]
    assert fixes[0] == "did you mean 'First'?"
    assert fixes[2] == "did you mean 'Second'?"
    assert fixes[4] == "did you mean 'Choice'?"


def test_a_syntax_error_that_leaves_no_doubt_does_not_hide_the_others() -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B",}}}'
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, "d.json")
    assert ["comma" in p.what or "no state 'B'" in p.what for p in caught.value.problems].count(True) == 2


def test_a_misspelt_field_gets_a_suggestion() -> None:
    (problem, *_) = problems(one({**TASK, "Paramters": {}}))
    assert problem.fix == "did you mean 'Parameters'?"
    (problem, *_) = problems(one({"Type": "pass", "End": True}))
    assert problem.fix == "did you mean 'Pass'?"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.json", '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"ResultPath":"$.abc.*"}}}'),
        ("d.yaml", "{StartAt: A, States: {A: {Type: Pass, End: true, ResultPath: '$.abc.*'}}}"),
        ("d.yaml", "{StartAt: A, States: {A: {Type: Pass, End: true, ResultPath: $.abc.*}}}"),
    ],
)
def test_the_caret_stands_inside_a_bad_path(name: str, text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, name)
    (problem,) = caught.value.problems
    assert text[problem.column - 1] == "*"


def test_the_caret_stands_at_the_value_when_its_text_is_written_with_escapes() -> None:
    text = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"ResultPath":"$.\\u0061bc.*"}}}'
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, "d.json")
    (problem,) = caught.value.problems
    assert problem.column - 1 == text.index('"$.')


def test_jsonata_and_distributed_maps_load() -> None:
    machine = fine(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Map",
            "States": {
                "Map": {
                    "Type": "Map",
                    "Items": "{% $states.input.values %}",
                    "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
                    "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "b"}},
                    "ItemBatcher": {"MaxItemsPerBatch": "{% 5 %}"},
                    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject"},
                    "Label": "Größe-1",
                    "MaxConcurrency": "{% $n %}",
                    "ToleratedFailurePercentage": "{% $n %}",
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                        "StartAt": "Wait",
                        "States": {"Wait": {"Type": "Wait", "Seconds": "{% 1 %}", "Next": "Until"},
                                   "Until": {"Type": "Wait", "Timestamp": "{% $now() %}", "End": True}},
                    },
                    "Catch": [{"ErrorEquals": ["E"], "Output": "{% 1 %}", "Assign": {"e": 1}, "Next": "Choice"}],
                    "Next": "Choice",
                },
                "Choice": {
                    "Type": "Choice",
                    "Choices": [{"Condition": "{% $x = 1 %}", "Assign": {"x": 1}, "Output": 1, "Next": "Task"},
                                {"Condition": True, "Next": "Fail"}],
                    "Default": "Task",
                },
                "Task": {**TASK, "Arguments": {"a": "{% 1 %}"}, "Output": "{% $states.result %}",
                         "TimeoutSeconds": "{% 5 %}", "Assign": {"x": "{% 1 %}"}},
                "Fail": {"Type": "Fail", "Error": "{% $e %}", "Cause": "{% $c %}"},
            },
        }
    )  # fmt: skip
    assert machine.query_language is QueryLanguage.JSONATA
    assert machine.state(("Map", 0, "Wait")).query_language is QueryLanguage.JSONATA


def test_states_inside_a_jsonata_map_have_the_language_of_the_machine() -> None:
    inner = {"StartAt": "P", "States": {"P": {**PASS, "InputPath": "$.a"}}}
    machine = fine(one({"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True}))
    assert machine.state(("A",)).query_language is QueryLanguage.JSONATA
    assert machine.state(("A", 0, "P")).query_language is QueryLanguage.JSONPATH


@pytest.mark.parametrize(
    ("state", "where", "words"),
    [
        ({**PASS, "Parameters": {}}, "States.A.Parameters", "'Parameters' is a field of JSONPath states"),
        ({**PASS, "InputPath": "$"}, "States.A.InputPath", "a field of JSONPath states"),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "A"}]},
         "States.A.Choices[0].Variable", "a field of JSONPath rules"),
        ({"Type": "Choice", "Choices": [{"Next": "A"}]}, "States.A.Choices[0]", "a rule needs 'Condition'"),
        ({"Type": "Choice", "Choices": [{"Condition": 3, "Next": "A"}]}, "States.A.Choices[0].Condition", "must be a"),
        ({"Type": "Wait", "Seconds": "5", "End": True}, "States.A.Seconds", "must be a whole number, not a string"),
    ],
)  # fmt: skip
def test_a_wrong_jsonata_state(state: dict[str, Any], where: str, words: str) -> None:
    found = told({**one(state), "QueryLanguage": "JSONata"})
    assert any(place == where and words in what for place, what in found), found


def test_placeholders_load_and_are_noted_where_a_value_is_needed() -> None:
    machine = definition_from(
        one(
            {
                "Type": "Task",
                "Resource": "${LambdaArn}",
                "Comment": "${Comment}",
                "TimeoutSeconds": "${Timeout}",
                "InputPath": "$.${Field}",
                "Parameters": {"a": "${A}", "b.$": "States.Format('${Text} {}', $.b)", "c.$": "${Path}"},
                "Retry": [{"ErrorEquals": ["${Error}"], "MaxAttempts": "${Attempts}"}],
                "Next": "W",
            },
            W={"Type": "Wait", "Timestamp": "${Until}", "End": True},
        )
    )
    assert [warning.where for warning in machine.unresolved] == [
        "States.A.TimeoutSeconds",
        "States.A.InputPath",
        "States.A.Parameters.c.$",
        "States.A.Retry[0].MaxAttempts",
        "States.W.Timestamp",
    ]
    assert all(warning.severity == "warning" for warning in machine.warnings)
    assert machine.state(("A",)).retriers[0].max_attempts == 3


def test_an_unquoted_placeholder_is_warned_of_once() -> None:
    text = '{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":${Wait},"End":true}}}'
    machine = parse_definition(text, "d.json")
    assert [warning.column for warning in machine.warnings] == [55]
    assert len(machine.unresolved) == 1


def test_warnings_do_not_stop_loading() -> None:
    definition = one(
        {
            **TASK,
            "Resource": "my-function",
            "Retry": [{"ErrorEquals": ["States.TimeOut", "States.Http.StatusCode.503"]}],
        },
        B={**map_state(ItemReader={}, Label="x"), "ItemProcessor": {"StartAt": "I", "States": {"I": PASS}}},
    )
    assert [(where, what.split("'")[0]) for where, what in told(definition)] == [
        ("States.A.Resource", "the Resource "),
        ("States.A.Retry[0].ErrorEquals[0]", "AWS has no error called "),
        ("States.B", "nothing leads to the state "),
        ("States.B.ItemReader", ""),
        ("States.B.Label", ""),
    ]
    assert len(definition_from(definition).warnings) == 5
