"""Executions recorded from AWS, run again: the same events, in the same order, with the same payloads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine import Execution, Settings, readiness, start, step
from sfdebug.engine.execution.decisions import AnswerTask
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.errors import UnsupportedError
from sfdebug.history.alignment.recorded_tasks import RecordedTasks
from tests.conformance.compare import first_difference
from tests.conformance.known_misses import KNOWN_MISSES
from tests.explanations import check_explained

FOLDER = Path(__file__).parents[3] / "shared" / "conformance" / "executions"
CASES = sorted(FOLDER.glob("*.json"))
_MOST_STEPS = 20_000


def _settings(execution_type: str) -> Settings:
    """The account of the recordings, and the moment to which those that wait for a date refer."""
    return Settings(
        execution_type=execution_type,
        account="111111111111",
        role_arn="arn:aws:iam::111111111111:role/role",
        start_time=1_795_240_124_000,
        object_items=ObjectItems.NOWHERE,  # they are older than that
    )


def replay(case: dict[str, Any]) -> Execution:
    """The recorded execution run by the engine, as far as its recorded answers go."""
    tasks = RecordedTasks(case["history"]["events"])
    execution = start(definition_from(case["definition"]), case["input"], _settings(case["type"]))
    for _ in range(_MOST_STEPS):
        possible = readiness(execution)
        if possible.finished:
            return execution
        stop = tasks.decide(execution)
        if stop is not None:
            execution = step(execution, stop)
            continue
        question = possible.question
        answer = tasks.answer(question) if question else None
        if question is not None and answer is not None:
            execution = step(execution, AnswerTask(question.branch, answer))
        elif question is not None and not question.is_optional:
            return execution
        else:
            execution = step(execution)
    raise AssertionError("the execution does not end")


@pytest.mark.skipif(not CASES, reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:120])
def test_recorded_execution(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    try:
        execution = replay(case)
    except UnsupportedError as error:
        pytest.skip(f"not run by this version: {error.what.splitlines()[0][:120]}")
    check_explained(execution)  # of every recorded stage something is said
    recorded = case["history"]["events"]
    computed = execution.history
    if not recorded[-1]["type"].startswith("Execution"):  # recorded while it was still running
        computed = computed[: len(recorded)]
    difference = first_difference(recorded, computed)
    reason = KNOWN_MISSES.get(path.stem)
    if reason is not None:
        assert difference is not None, f"no longer a miss, take it off the list: {reason}"
        pytest.xfail(reason)
    assert difference is None, str(difference)
