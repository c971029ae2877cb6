"""Reports of a run: text, one object, events."""

from __future__ import annotations

import io
import json
from typing import Any

from sfdebug.reports.result import RunResult, write_history, write_json, write_text
from sfdebug.simulation import simulate

FAILS: dict[str, Any] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Inner", "States": {"Inner": {"Type": "Fail", "Error": "E", "Cause": "a\nb\x1b[2J"}}}
            ],
            "End": True,
        }
    },
}
PASS: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def texts(definition: dict[str, Any], input: Any = None) -> tuple[str, str]:
    """What goes to stdout and to stderr."""
    data, diagnostics = io.StringIO(), io.StringIO()
    write_text(RunResult.from_execution(simulate(definition, input)), data, diagnostics)
    return data.getvalue(), diagnostics.getvalue()


def test_success_is_data_only() -> None:
    assert texts(PASS, {"ä": [1, 2.5]}) == ('{\n  "ä": [\n    1,\n    2.5\n  ]\n}\n', "")


def test_failure_is_no_data_and_cannot_move_the_cursor() -> None:
    data, diagnostics = texts(FAILS)
    assert data == ""
    assert "\x1b" not in diagnostics
    lines = diagnostics.splitlines()
    assert lines[0].endswith("execution FAILED in 'Inner'")
    assert lines[1:] == ["  error: E", "  cause: a", "         b\\u001b[2J"]


def test_failure_without_error_and_cause() -> None:
    bare = {"StartAt": "A", "States": {"A": {"Type": "Fail"}}}
    assert texts(bare)[1].endswith("execution FAILED in 'A'\n")
    result = RunResult.from_execution(simulate(bare)).as_dict()
    assert (result["error"], result["cause"], result["failedState"]) == (None, None, "A")


def test_one_object() -> None:
    stream = io.StringIO()
    write_json(RunResult.from_execution(simulate(PASS, 5)), stream)
    assert json.loads(stream.getvalue()) | {"definition": ""} == {
        "status": "SUCCEEDED",
        "output": 5,
        "definition": "",
        "type": "STANDARD",
        "input": 5,
        "transitions": 1,
        "events": 4,
        "virtualSeconds": 0,
    }


def test_streams_that_cannot_hold_a_character_get_escapes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    execution = simulate(PASS, "ä")
    write_json(RunResult.from_execution(execution), stream)
    write_history(execution, stream)
    stream.flush()
    assert b'"output": "\\u00e4"' in raw.getvalue()


def test_history_has_aws_s_shape() -> None:
    stream = io.StringIO()
    execution = simulate(PASS, {"a": 1})
    write_history(execution, stream)
    events = json.loads(stream.getvalue())["events"]
    assert events == execution.history
    assert events[1]["stateEnteredEventDetails"]["input"] == '{"a":1}'
    assert len(stream.getvalue().splitlines()) == len(events) + 4
