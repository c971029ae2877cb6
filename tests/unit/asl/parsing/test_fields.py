"""A field of a state, or an intrinsic function, is one entry in one table: nothing else has to know of it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sfdebug.asl.definition import StateType
from sfdebug.asl.load import definition_from
from sfdebug.asl.parsing import shapes
from sfdebug.asl.parsing.fields import EXCLUSIVE, STATES, FieldRule
from sfdebug.errors import DefinitionError
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.expressions.intrinsics.functions import FUNCTIONS, IntrinsicFunction


def machine(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, **fields}}}


def problem_of(definition: dict[str, Any]) -> str:
    with pytest.raises(DefinitionError) as caught:
        definition_from(definition)
    return caught.value.problems[0].what


def test_a_field_is_an_entry_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "has no field 'Until'" in problem_of(machine(Until="a"))
    monkeypatch.setitem(cast("Any", STATES[StateType.PASS]), "Until", FieldRule(shapes.text))
    assert definition_from(machine(Until="a")).warnings == ()
    assert problem_of(machine(Until=1)) == "'Until' must be a string, not a number"
    assert "cannot be read" in problem_of(machine(Until="{% $( %}", QueryLanguage="JSONata"))


def test_a_function_is_an_entry_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    reverse = IntrinsicFunction("States.Reverse($.text)", 1, 1, lambda given, _: str(given[0])[::-1], gives_text=True)
    monkeypatch.setitem(cast("Any", FUNCTIONS), "States.Reverse", reverse)
    assert compile_intrinsic("States.Reverse($.text)").evaluate(Environment({"text": "abc"})) == "cba"
    fail = {"Type": "Fail", "ErrorPath": "States.Reverse($.text)"}
    assert definition_from({"StartAt": "A", "States": {"A": fail}}).warnings == ()


def test_a_field_and_its_path_exclude_each_other() -> None:
    pairs = {group for group in EXCLUSIVE if len(group) == 2}
    assert {("TimeoutSeconds", "TimeoutSecondsPath"), ("MaxItems", "MaxItemsPath"), ("Error", "ErrorPath")} <= pairs
    assert not {("Items", "ItemsPath"), ("Output", "OutputPath"), ("Result", "ResultPath")} & pairs
