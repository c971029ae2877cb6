"""A run as a walk in plain text: each stage with its explanation, what was said once not again."""

from __future__ import annotations

from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.reports.walk import walk_lines
from tests.debugger_runs import EACH, machine, passing, task
from tests.engine_runs import run, scripted


def test_a_walk_tells_each_stage_and_repeats_no_reason() -> None:
    retry = [{"ErrorEquals": ["Boom"], "IntervalSeconds": 2}]
    definition = machine(A=task("B", Retry=retry, ResultPath="$.paid"), B=passing(OutputPath="$.paid"))
    answers = scripted({"A": [TaskFailure("Boom", "no"), TaskFailure("Boom", "no"), TaskResult(7)]})
    lines = list(walk_lines(run(definition, {"total": 42}, answers)))
    assert lines[:13] == [
        "A (Task)",
        "  Input",
        "    A starts with the input: an object with the key total.",
        "    It is the first state: its input is that of the execution.",
        "  Task",
        "    A failed with Boom: no (your answer).",
        "    An error is no result: what the state does with its result is left out. The Retriers are asked;",
        "      there is no Catch.",
        "  Retry",
        "    Retrier 1 matches Boom: it waits 2 s, then tries again: attempt 2 of 4.",
        "    The delay before the first retry is IntervalSeconds, 2 s. It is retry 1 of MaxAttempts 3.",
        "    One might expect MaxAttempts 3 to mean 3 tries in all. It counts the retries: with the first try",
        "      that makes 4.",
    ]
    assert sum("An error is no result" in line for line in lines) == 1
    assert sum("A failed with Boom" in line for line in lines) == 2
    assert lines[-6:] == [
        "    One might expect total in the output. Nothing but what OutputPath selects gets there.",
        "  Output",
        "    B is done, and the execution ends with 7.",
        "    What OutputPath gives is the output.",
        "",
        "The execution succeeded.",
    ]
    assert max(map(len, lines)) <= 100


def test_a_walk_says_in_which_iteration_a_state_ran_and_how_all_ended() -> None:
    answers = scripted({"Work": [TaskResult(1), TaskFailure("Boom", "no\x1b[31m")]})
    lines = list(walk_lines(run(EACH, {"items": [1, 2]}, answers)))
    assert "One (Pass), iteration 2 of Each" in lines
    assert lines[-1] == "The execution failed with Boom: no\\u001b[31m."
    assert not any("\x1b" in line for line in lines)
