"""Reports of a run: text, one object, events."""

from __future__ import annotations

import io
import json
from typing import Any

from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
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
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
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


class Fails:
    """Fails each call with an error of its own."""

    def __init__(self, *errors: str | None) -> None:
        self._errors = list(errors)

    def answer(self, request: Any) -> Any:
        return TaskFailure(self._errors.pop(0), "broke\x1b[2J\nhere") if self._errors else TaskResult(1)


def catching(count: int) -> dict[str, Any]:
    """So many Tasks in a row, each of which leads on when it fails; then an end without a name."""
    states: dict[str, Any] = {"Over": {"Type": "Fail"}}
    for number in range(count):
        after = f"T{number + 1}" if number + 1 < count else "Over"
        caught = [{"ErrorEquals": ["States.ALL"], "Next": after}]
        states[f"T{number}"] = {"Type": "Task", "Resource": FUNCTION, "Catch": caught, "Next": after}
    return {"StartAt": "T0", "States": states}


def test_a_failure_says_what_was_caught_on_the_way() -> None:
    """A Fail without an Error says nothing of why: what a Catch took before it does."""
    result = RunResult.from_execution(simulate(catching(2), {}, Fails("Boom", None)))
    diagnostics = io.StringIO()
    write_text(result, None, diagnostics)
    assert diagnostics.getvalue().splitlines()[1:] == [
        "  caught: Boom in 'T0', then 'T1': broke\\u001b[2J here",
        "  caught: an error without a name in 'T1', then 'Over': broke\\u001b[2J here",
    ]
    first = {"state": "T0", "error": "Boom", "cause": "broke\x1b[2J\nhere", "next": "T1", "times": 1}
    assert result.as_dict()["caught"] == [first, {**first, "state": "T1", "error": None, "next": "Over"}]
    assert "caught" not in RunResult.from_execution(simulate(catching(2), {}, Fails())).as_dict()


def test_what_was_caught_again_is_counted_and_only_the_last_are_listed() -> None:
    items = {"StartAt": "T0", "States": {**catching(1)["States"], "Over": {"Type": "Pass", "End": True}}}
    states = {"Each": {"Type": "Map", "ItemProcessor": items, "Next": "End"}, "End": {"Type": "Fail"}}
    result = RunResult.from_execution(simulate({"StartAt": "Each", "States": states}, [1, 2, 3], Fails("A", "B", "A")))
    assert [(one.error, one.count) for one in result.caught] == [("A", 2), ("B", 1)]
    assert result.caught[0].text.startswith("A in 'T0', 2 times, then 'Over'")
    diagnostics = io.StringIO()
    many = RunResult.from_execution(simulate(catching(7), {}, Fails(*"ABCDEFG")))
    write_text(many, None, diagnostics)
    lines = diagnostics.getvalue().splitlines()
    assert [line.split()[1] for line in lines[1:6]] == [*"CDEFG"]
    assert lines[6:] == ["  and 2 others before (--json lists them all)"]


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
