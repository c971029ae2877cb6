"""Recorded executions without their values: they take the same way through their definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.aws.redacting import Redactor, change_payloads, open_texts
from sfdebug.engine import Execution
from sfdebug.errors import UnsupportedError
from tests.conformance.test_executions import CASES, replay


def redacted(case: dict[str, Any]) -> dict[str, Any]:
    """The case with its input and its history redacted, as `sfdebug fetch --redact` does."""
    events, given = case["history"]["events"], json.dumps(case["input"])
    redactor = Redactor(json.dumps(case["definition"]), [text for event in events for text in open_texts(event)])
    redactor.learn(given)
    for event in events:
        change_payloads(event, redactor.learn)
    history = {"events": [change_payloads(event, redactor.redacted) for event in events]}
    return {**case, "input": json.loads(redactor.redacted(given)), "history": history}


def way(execution: Execution) -> list[str]:
    """The states in the order in which they were entered."""
    return [event.state for event in execution.events if event.type.endswith("StateEntered")]


@pytest.mark.skipif(not CASES, reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:120])
def test_a_redacted_recording_takes_the_same_way(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    try:
        expected = way(replay(case))
    except UnsupportedError as error:
        pytest.skip(f"not run by this version: {error.what.splitlines()[0][:120]}")
    assert way(replay(redacted(case))) == expected


@pytest.mark.skipif(not CASES, reason="the recorded executions are not beside this checkout")
def test_redacting_does_change_the_recordings() -> None:
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in CASES]
    changed = [case for case in cases if redacted(case)["history"] != case["history"]]
    assert len(changed) > len(cases) / 2
