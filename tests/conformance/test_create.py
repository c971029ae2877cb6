"""CreateStateMachine: what AWS took is taken, what it refused is refused in its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.resources import express_problems
from sfdebug.errors import DefinitionError
from sfdebug.validation import definition_error, validate

CASES: Final = sorted((Path(__file__).parents[3] / "shared" / "conformance" / "create").glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.skipif(not CASES, reason="the recorded answers of CreateStateMachine are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[-100:])
def test_a_recorded_creation(path: Path) -> None:
    case = read(path)
    message = None if case["accepted"] else case["error"]["message"]
    assert definition_error(case["definition"], case["type"]) == message
    assert (validate(case["definition"], case["type"])["result"] == "OK") is case["accepted"]


@pytest.mark.skipif(not CASES, reason="the recorded answers of CreateStateMachine are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[-100:])
def test_loading_agrees(path: Path) -> None:
    case = read(path)
    try:
        machine = definition_from(case["definition"])
        accepted = not (case["type"] == "EXPRESS" and express_problems(machine))
    except DefinitionError:
        accepted = False
    assert accepted is case["accepted"]
