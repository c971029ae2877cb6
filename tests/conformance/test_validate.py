"""ValidateStateMachineDefinition, offline: what AWS answered, the twin answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug import validate
from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.resources import express_problems
from sfdebug.errors import DefinitionError
from sfdebug.validation import definition_error, state_error

CONFORMANCE: Final = Path(__file__).parents[3] / "shared" / "conformance"
CASES: Final = sorted((CONFORMANCE / "validate").glob("*.json"))
RAN: Final = sorted(CONFORMANCE.glob("ex*/*.json"))
TESTED: Final = sorted((CONFORMANCE / "test_state").glob("*.json"))
REFUSED: Final = "Invalid State Machine Definition: "


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def ids(path: Path) -> str:
    return path.stem[-100:]


@pytest.mark.skipif(
    not CASES, reason="the recorded answers of ValidateStateMachineDefinition are not beside this checkout"
)
@pytest.mark.parametrize("path", CASES, ids=ids)
def test_a_recorded_validation(path: Path) -> None:
    case = read(path)
    assert validate(**case["request"]) == case["response"]


@pytest.mark.skipif(
    not CASES, reason="the recorded answers of ValidateStateMachineDefinition are not beside this checkout"
)
@pytest.mark.parametrize("path", CASES, ids=ids)
def test_loading_agrees(path: Path) -> None:
    case = read(path)
    text, type_ = case["request"]["definition"], case["request"]["type"]
    try:
        machine = definition_from(text)
        accepted = not (type_ == "EXPRESS" and express_problems(machine))
    except DefinitionError:
        accepted = False
    assert accepted is (case["response"]["result"] == "OK")


@pytest.mark.skipif(not RAN, reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", RAN, ids=ids)
def test_what_ran_is_valid(path: Path) -> None:
    case = read(path)
    definition = case["definition"]
    text = definition if isinstance(definition, str) else json.dumps(definition)
    assert validate(text, type=case.get("type", "STANDARD"))["diagnostics"] == []


@pytest.mark.skipif(not TESTED, reason="the recorded answers of TestState are not beside this checkout")
@pytest.mark.parametrize("path", TESTED, ids=ids)
def test_what_was_tested_is_refused_in_the_same_words(path: Path) -> None:
    case = read(path)
    text = case["request"]["definition"]
    message = case.get("error", {}).get("message", "")
    refusal = definition_error(text) if "States" in json.loads(text) else state_error(text)
    assert refusal == (message if message.startswith(REFUSED) else None)
