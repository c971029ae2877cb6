"""Real definitions load, and so does what AWS ran."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.asl.load import definition_from, load_definition
from sfdebug.errors import DefinitionError

SHARED: Final = Path(__file__).parents[3] / "shared"
WORKFLOWS: Final = sorted((SHARED / "workflows").glob("*.asl.*"))
CONFORMANCE: Final = SHARED / "conformance"
RECORDED: Final = sorted(CONFORMANCE.glob("ex*/*.json"))
TESTED_STATES: Final = sorted((CONFORMANCE / "test_state").glob("*.json"))

MALFORMED: Final = {
    "sfn-iot-data-analytics-dataset_statemachine_statemachine.asl.json": (10, 33, "':' is not expected after a value"),
    "shared-fallback-state-jsonata_statemachine_statemachine.asl.json": (
        5,
        5,
        "'QueryLanguage' stands among the states",
    ),
}
"""The definitions that are not valid, each with the place and the words of its one error."""

REJECTED_STATES: Final = ("Value cannot be empty at", "should have one of these values")
"""What AWS says of the definitions of TestState that it rejects as such."""


def ids(path: Path) -> str:
    return path.stem[:100]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.skipif(not WORKFLOWS, reason="the real definitions are not beside this checkout")
@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_a_real_definition_loads(path: Path) -> None:
    if path.name in MALFORMED:
        with pytest.raises(DefinitionError) as caught:
            load_definition(path)
        (problem,) = caught.value.problems
        line, column, words = MALFORMED[path.name]
        assert (problem.line, problem.column) == (line, column)
        assert words in problem.what
        return
    machine = load_definition(path)
    states = list(machine.walk())
    assert states
    for state in states:
        assert machine.state(state.path) is state
        assert machine.document.key_span(state.pointer).line > 1
    for problem in (*machine.warnings, *machine.unresolved):
        assert problem.line
        assert problem.excerpt


@pytest.mark.skipif(not RECORDED, reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", RECORDED, ids=ids)
def test_a_definition_that_ran_loads(path: Path) -> None:
    machine = definition_from(read(path)["definition"])
    assert machine.scope.start_at in machine.scope.states


@pytest.mark.skipif(not TESTED_STATES, reason="the recorded answers of TestState are not beside this checkout")
@pytest.mark.parametrize("path", TESTED_STATES, ids=ids)
def test_a_state_that_was_tested_loads(path: Path) -> None:
    case = read(path)
    definition = json.loads(case["request"]["definition"])
    rejected = any(words in case.get("error", {}).get("message", "") for words in REJECTED_STATES)
    if "States" not in definition:
        definition = around(definition)
    if rejected:
        with pytest.raises(DefinitionError):
            definition_from(definition)
    else:
        assert definition_from(definition).scope.states


def around(state: dict[str, Any]) -> dict[str, Any]:
    """A definition of one state, and of the states that it leads to."""
    entries = [state, *state.get("Catch", []), *state.get("Choices", [])]
    names = {entry["Next"] for entry in entries if "Next" in entry} | {state.get("Default", "Default")}
    return {"StartAt": "StateName", "States": {"StateName": state, **{name: {"Type": "Succeed"} for name in names}}}
