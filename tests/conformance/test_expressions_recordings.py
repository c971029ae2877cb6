"""Payload templates and intrinsic functions against executions recorded from AWS.

Each recording here is a chain of Pass states in JSONPath: what enters each is put through its Parameters, ResultPath
and OutputPath, and compared with what AWS recorded at its exit, or with the cause of its failure.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError, PathNotFoundError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.expressions.template import compile_template
from sfdebug.values import Json, same

_RANDOM = "RandomNumberGenerated"  # stands in the recordings for a number that differs every time
_FIELDS = {"Type", "Parameters", "ResultPath", "OutputPath", "InputPath", "Next", "End", "Comment"}


class _Half:
    """Draws that are always in the middle."""

    def uniform(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


def _recordings(shared: Path, pattern: str) -> list[tuple[str, dict[str, Any]]]:
    files = sorted((shared / "conformance/executions").glob(pattern))
    return [(file.name, json.loads(file.read_text(encoding="utf-8"))) for file in files]


def _is_plain(definition: dict[str, Any]) -> bool:
    states = definition["States"].values()
    return definition.get("QueryLanguage") != "JSONata" and all(
        state["Type"] == "Pass" and set(state) <= _FIELDS for state in states
    )


def _output(state: dict[str, Any], given: Json, execution_input: Json) -> Json:
    """What a Pass state gives on."""

    def environment(value: Json) -> Environment:
        return Environment(value, make_context=lambda: {"Execution": {"Input": execution_input}}, entropy=_Half())

    selected = compile_path(state.get("InputPath", "$")).read(environment(given))
    result = (
        compile_template(state["Parameters"]).evaluate(environment(selected)) if "Parameters" in state else selected
    )
    output = compile_reference_path(state.get("ResultPath", "$")).write(given, result)
    return compile_path(state.get("OutputPath", "$")).read(environment(output))


def _agrees(ours: Json, recorded: Json) -> bool:
    if recorded == _RANDOM:
        return isinstance(ours, int)
    if isinstance(ours, str) and isinstance(recorded, (dict, list)):
        return same(json.loads(ours), recorded)
    if isinstance(ours, dict) and isinstance(recorded, dict):
        return ours.keys() == recorded.keys() and all(_agrees(value, recorded[key]) for key, value in ours.items())
    return same(ours, recorded)


def _replayed(record: dict[str, Any]) -> list[tuple[Json, Json]]:
    """Ours and AWS's output of every state that the recording left."""
    states = record["definition"]["States"]
    pairs: list[tuple[Json, Json]] = []
    given: Json = None
    for event in record["history"]["events"]:
        if "stateEnteredEventDetails" in event:
            given = json.loads(event["stateEnteredEventDetails"]["input"])
        elif "stateExitedEventDetails" in event:
            details = event["stateExitedEventDetails"]
            pairs.append((_output(states[details["name"]], given, record["input"]), json.loads(details["output"])))
    return pairs


def test_intrinsic_functions_give_what_aws_recorded(shared: Path) -> None:
    compared, misses = 0, []
    for name, record in _recordings(shared, "intrinsic_functions*"):
        if not _is_plain(record["definition"]):
            continue
        pairs = _replayed(record)
        compared += bool(pairs)
        misses += [f"{name}: {ours!r}, recorded {theirs!r}" for ours, theirs in pairs if not _agrees(ours, theirs)]
    assert misses == []
    assert compared >= 80


def test_paths_in_parameters_give_what_aws_recorded(shared: Path) -> None:
    compared, misses = 0, []
    for name, record in _recordings(shared, "*json_path*"):
        pairs = _replayed(record)
        compared += len(pairs)
        misses += [f"{name}: {ours!r}, recorded {theirs!r}" for ours, theirs in pairs if not _agrees(ours, theirs)]
    assert misses == []
    assert compared >= 5


@pytest.mark.parametrize("field", ["InputPath", "OutputPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"])
def test_a_path_that_finds_nothing_is_worded_as_aws_recorded(shared: Path, field: str) -> None:
    record = next(
        record
        for _, record in _recordings(shared, "*test_invalid_jsonpath*")
        if field in json.dumps(record["definition"]) and "Invalid path" in json.dumps(record["history"])
    )
    match = re.search(r"Invalid path '([^']*)' : (.*?)\"", json.dumps(record["history"]))
    assert match is not None
    with pytest.raises(PathNotFoundError) as caught:
        compile_path(match[1]).read(Environment({"int-literal": 0}))
    assert caught.value.detail == match[2]


def test_a_template_that_finds_nothing_knows_what_aws_names(shared: Path) -> None:
    _, record = _recordings(shared, "*test_invalid_jsonpath-INVALID_JSONPATH_IN_STRING_EXPR*")[0]
    cause = record["history"]["events"][-1]["executionFailedEventDetails"]["cause"]
    state = record["definition"]["States"]["pass"]
    with pytest.raises(ExpressionError) as caught:
        compile_template(state["Parameters"]).evaluate(Environment(record["input"]))
    assert f"The JSONPath '{caught.value.path}' specified for the field '{caught.value.field}' could not be" in cause
