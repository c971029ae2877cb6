"""What loads but cannot be run as it stands: told with its place, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from tests.asl_machines import PASS, TASK, one, processor


@pytest.mark.parametrize(
    ("state", "where"),
    [
        ({**TASK, "TimeoutSeconds": "${T}"}, "States.A.TimeoutSeconds"),
        ({**PASS, "InputPath": "$.${Field}"}, "States.A.InputPath"),
        ({**PASS, "QueryLanguage": "JSONata", "Output": "{% $x + ${N} %}"}, "States.A.Output"),
        ({"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "${N}", "End": True}, "States.A.Seconds"),
    ],
)
def test_a_placeholder_where_a_value_is_needed_cannot_be_run(state: dict[str, Any], where: str) -> None:
    (problem,) = definition_from(one(state)).unresolved
    assert problem.where == where
    assert "still a placeholder" in problem.what
    assert problem.line
    assert problem.fix


@pytest.mark.parametrize(
    "definition",
    [
        {**one({**PASS, "Output": "{% $states.input %}", "Assign": {"x": 1}}), "QueryLanguage": "JSONata"},
        one({**PASS, "Assign": {"x.$": "$.a"}}),
        one(processor(ItemReader={"Resource": "arn:aws:states:::s3:getObject"}, ToleratedFailureCount=1)),
    ],
)
def test_both_languages_variables_and_distributed_maps_run(definition: dict[str, Any]) -> None:
    assert definition_from(definition).unresolved == ()


def test_a_definition_within_what_is_run_has_nothing_unsupported() -> None:
    state = {
        **TASK,
        "Parameters": {"a.$": "$.a", "b.$": "$$.Task.Token", "c.$": "States.Format('costs $x {}', $.a)", "d": "$x"},
        "ResultPath": "$.a_b",
        "OutputPath": "$['x']",
        "Comment": "reads $x",
    }
    assert definition_from(one(state, B=processor("INLINE", InputPath="$.b[?(@.c == '$x')]"))).unresolved == ()
