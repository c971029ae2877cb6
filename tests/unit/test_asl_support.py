"""What loads but does not run: told with its place, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.express import express_problems
from sfdebug.asl.load import definition_from, parse_definition
from sfdebug.asl.support import unsupported

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}


def one(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


def processor(mode: str = "DISTRIBUTED", **fields: Any) -> dict[str, Any]:
    config = {"Mode": mode, "ExecutionType": "STANDARD"}
    scope = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": PASS}}
    return {"Type": "Map", "ItemProcessor": scope, "End": True, **fields}


@pytest.mark.parametrize(
    ("definition", "where", "words"),
    [
        ({**one(PASS), "QueryLanguage": "JSONata"}, "QueryLanguage", "the query language is JSONata"),
        (one({**PASS, "QueryLanguage": "JSONata"}), "States.A.QueryLanguage", "of the state 'A' is JSONata"),
        (one({**PASS, "Assign": {"x": 1}}), "States.A.Assign", "sets variables"),
        (one({**TASK, "Catch": [{"ErrorEquals": ["E"], "Assign": {"x": 1}, "Next": "B"}]}, B=PASS),
         "States.A.Catch[0].Assign", "sets variables"),
        (one({**PASS, "InputPath": "$x.a"}), "States.A.InputPath", "reads the variable $x"),
        (one({**PASS, "Parameters": {"l": [{"a.$": "$x"}]}}), "States.A.Parameters.l[0].a.$", "the variable $x"),
        (one({**PASS, "Parameters": {"a.$": "States.Format('{}', $x)"}}), "States.A.Parameters.a.$", "variable $x"),
        (one({"Type": "Choice", "Default": "B", "Choices": [
            {"And": [{"Variable": "$x", "IsNull": True}], "Assign": {"y": 1}, "Next": "B"}]}, B=PASS),
         "States.A.Choices[0].And[0].Variable", "the variable $x"),
        (one(processor()), "States.A.ItemProcessor.ProcessorConfig.Mode", "is a Distributed Map"),
        (one(processor(ItemReader={})), "States.A.ItemReader", "reading items from a data source"),
        (one(processor(ItemBatcher={})), "States.A.ItemBatcher", "batching items"),
        (one(processor(ResultWriter={})), "States.A.ResultWriter", "writing results"),
        (one(processor("INLINE", ToleratedFailureCount=1)), "States.A.ToleratedFailureCount", "lets iterations fail"),
        (one({**TASK, "TimeoutSeconds": "${T}"}), "States.A.TimeoutSeconds", "still a placeholder"),
    ],
)  # fmt: skip
def test_unsupported(definition: dict[str, Any], where: str, words: str) -> None:
    found = unsupported(definition_from(definition))
    assert any(problem.where == where and words in problem.what for problem in found), found
    assert all(problem.line and problem.fix for problem in found)


def test_a_definition_within_what_is_run_has_nothing_unsupported() -> None:
    state = {
        **TASK,
        "Parameters": {"a.$": "$.a", "b.$": "$$.Task.Token", "c.$": "States.Format('costs $x {}', $.a)", "d": "$x"},
        "ResultPath": "$.a_b",
        "OutputPath": "$['x']",
        "Comment": "reads $x",
    }
    assert unsupported(definition_from(one(state, B=processor("INLINE", ItemsPath="$.b[?(@.c == '$x')]")))) == ()


def test_a_jsonata_machine_is_told_once_and_the_states_inside_a_container_are_theirs() -> None:
    definition = {**one({**PASS, "Output": 1}, B={**PASS, "Assign": {"x": 1}}), "QueryLanguage": "JSONata"}
    assert len(unsupported(definition_from(definition))) == 1
    inner = {"StartAt": "I", "States": {"I": {**PASS, "InputPath": "$x"}}}
    (problem,) = unsupported(definition_from(one({"Type": "Parallel", "Branches": [inner], "End": True})))
    assert problem.where == "States.A.Branches[0].States.I.InputPath"


def test_places_are_those_of_the_file() -> None:
    machine = parse_definition(
        "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Assign: {x: 1}\n    End: true\n", "d.yaml"
    )
    (problem,) = unsupported(machine)
    assert problem.place == "d.yaml:5:5"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            {**TASK, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
            "no .waitForTaskToken integrations",
        ),
        ({**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2"}, "no .sync:2 integrations"),
        ({**TASK, "Resource": "arn:aws:states:us-east-1:111111111111:activity:a"}, "no activities"),
        (processor(), "no Distributed Maps"),
    ],
)
def test_what_express_does_not_have(state: dict[str, Any], words: str) -> None:
    (problem,) = express_problems(definition_from(one(state)))
    assert words in problem.what
    assert express_problems(definition_from(one(TASK))) == ()
