"""Fields: one field in both query languages, its value and its own failure."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.definition import State
from sfdebug.asl.load import definition_from
from sfdebug.engine import start, step
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError
from sfdebug.engine.fields.base import Fields, read_whole
from sfdebug.engine.fields.flow import fields_of
from sfdebug.engine.fields.kinds import INTEGER, NUMBER, TEXT
from sfdebug.engine.step_draft import StepDraft
from sfdebug.values import Json

INPUT: Json = {"n": 7, "text": "why", "half": 0.5}


def given(language: str, **fields: Any) -> tuple[Fields, StepDraft]:
    """A state that has been entered, with these fields, and the draft of its next step."""
    state = {"Type": "Pass", "Next": "B"}
    definition = {"QueryLanguage": language, "StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}}
    execution = step(start(definition_from(definition), INPUT))
    entered: State = execution.machine.state(("A",))
    return type(fields_of(entered))(fields), StepDraft(execution, execution.branches[()])


@pytest.mark.parametrize(
    ("language", "field", "written"),
    [("JSONPath", "LimitPath", "$.n"), ("JSONata", "Limit", "{% $states.input.n %}"), ("JSONPath", "Limit", 7)],
)
def test_a_number_however_it_is_written(language: str, field: str, written: Json) -> None:
    fields, draft = given(language, **{field: written})
    limit = fields.value("Limit", INTEGER)
    assert limit is not None
    assert (limit.name, limit.expression) == (field, written)
    assert read_whole(limit, draft, INPUT) == 7


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_field_that_is_not_there(language: str) -> None:
    fields, draft = given(language)
    assert fields.value("Limit", INTEGER) is None
    assert fields.payload("Credentials") is None
    assert read_whole(None, draft, INPUT) is None


@pytest.mark.parametrize(
    ("kind", "path", "cause"),
    [
        (INTEGER, "$.text", 'The LimitPath field refers to value "why" which is not a valid integer: $.text'),
        (NUMBER, "$.text", 'The LimitPath field refers to value "why" which is not a valid float: $.text'),
        (TEXT, "$.n", "The LimitPath field refers to a value which is not a string: $.n"),
        (INTEGER, "$.gone", "Invalid path '$.gone' : No results for path: $['gone']"),
    ],
)
def test_a_path_that_the_field_cannot_use(kind: Any, path: str, cause: str) -> None:
    fields, draft = given("JSONPath", LimitPath=path)
    limit = fields.value("Limit", kind)
    assert limit is not None
    with pytest.raises(StateError) as caught:
        limit.read(draft, INPUT)
    assert (caught.value.error, caught.value.cause, caught.value.location) == ("States.Runtime", cause, None)


def test_an_expression_that_gives_another_kind() -> None:
    fields, draft = given("JSONata", Limit="{% $states.input.text %}")
    limit = fields.part(fields.given, "ItemReader").value("Limit", INTEGER)
    assert limit is not None
    with pytest.raises(StateError) as caught:
        limit.read(draft, INPUT)
    assert (caught.value.error, caught.value.location) == ("States.QueryEvaluationError", "ItemReader/Limit")
    assert "Expected 'number', but was 'string'" in (caught.value.cause or "")


@pytest.mark.parametrize(
    ("language", "field", "error", "location"),
    [
        ("JSONPath", "LimitPath", "States.Runtime", None),
        ("JSONata", "Limit", "States.QueryEvaluationError", "Limit"),
    ],
)
def test_a_value_that_the_state_cannot_use(language: str, field: str, error: str, location: str | None) -> None:
    fields, _ = given(language, **{field: "$.n" if language == "JSONPath" else "{% $states.input.n %}"})
    limit = fields.value("Limit", INTEGER)
    assert limit is not None
    failure = limit.failure("Limit cannot be 7.")
    assert (failure.error, failure.cause, failure.location) == (error, "Limit cannot be 7.", location)
    assert limit.failure("no", is_located=False).location is None


@pytest.mark.parametrize(
    ("language", "written"),
    [("JSONPath", {"RoleArn.$": "$.text"}), ("JSONata", {"RoleArn": "{% $states.input.text %}"})],
)
def test_a_payload_as_a_stage(language: str, written: Json) -> None:
    fields, draft = given(language, Credentials=written)
    payload = fields.payload("Credentials")
    assert payload is not None
    assert payload.apply(draft, StageName.ARGUMENTS, INPUT) == {"RoleArn": "why"}
    stage = draft.visit.stages[-1]
    assert (stage.name, stage.before, stage.after) == (StageName.ARGUMENTS, INPUT, {"RoleArn": "why"})
