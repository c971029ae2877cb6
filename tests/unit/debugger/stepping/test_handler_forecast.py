"""The forecast: which Retrier or Catcher would take a fault, and that it comes as forecast."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.stepping.forecasts import Fate, forecast
from tests.debugger_runs import Handler, machine, passing, task, where

RETRY = [
    {"ErrorEquals": ["Slow"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2, "MaxDelaySeconds": 3},
    {"ErrorEquals": ["Never"], "MaxAttempts": 0},
    {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 5, "MaxAttempts": 1},
]
CATCH = [{"ErrorEquals": ["Slow", "Never"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}]


def _machine(**fields: Any) -> dict[str, Any]:
    return machine(A=task(**fields), B=passing(), C=passing())


def _state(**fields: Any) -> Any:
    return Debugger(_machine(**fields)).machine.state(("A",))


def test_a_retrier_with_its_ladder_and_the_catcher_behind_it() -> None:
    handling = forecast(_state(Retry=RETRY, Catch=CATCH), "Slow")
    assert handling.retrier == 0
    assert (handling.retries_left, handling.delays) == (3, (1, 2, 3))
    assert (handling.catcher, handling.next) == (0, "B")
    assert [(verdict.kind, verdict.index, verdict.matched, verdict.takes) for verdict in handling.verdicts] == [
        ("Retry", 0, True, True),
        ("Retry", 1, False, False),
        ("Retry", 2, True, False),
        ("Catch", 0, True, True),
        ("Catch", 1, True, False),
    ]
    assert handling.verdicts[1].why == "Slow is not in ErrorEquals"
    assert handling.verdicts[2].why == "not asked: a Retrier before it names the error"
    assert handling.text == ("Retrier 1 tries again up to 3 times (after 1 s, 2 s, 3 s); after that A goes on to B.")


def test_attempts_that_were_used_count() -> None:
    handling = forecast(_state(Retry=RETRY, Catch=CATCH), "Slow", (2, 0, 0))
    assert (handling.retries_left, handling.delays) == (1, (3,))
    used_up = forecast(_state(Retry=RETRY, Catch=CATCH), "Slow", (3, 0, 0))
    assert (used_up.retrier, used_up.delays, used_up.next) == (None, (), "B")
    assert used_up.verdicts[0].why == "matches, but its 3 retries are used up"
    assert used_up.text == "Nothing tries again: A goes on to B."


def test_max_attempts_zero_never_retries() -> None:
    handling = forecast(_state(Retry=RETRY, Catch=CATCH), "Never")
    assert (handling.retrier, handling.next) == (None, "B")


@pytest.mark.parametrize(
    ("error", "retrier", "target"),
    [("States.Timeout", None, "C"), ("States.Runtime", None, None), ("Boom", 2, "C")],
)
def test_wildcards_cover_what_the_engine_says(error: str, retrier: int | None, target: str | None) -> None:
    handling = forecast(_state(Retry=RETRY, Catch=CATCH), error)
    assert (handling.retrier, handling.next) == (retrier, target)


def test_nobody_takes_it() -> None:
    handling = forecast(_state(), "Boom")
    assert handling.verdicts == ()
    assert handling.text == "Nothing tries again: A fails, since no Catcher takes it."


def test_a_ladder_without_end_is_bounded() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 99_999_999, "BackoffRate": 10, "JitterStrategy": "FULL"}]
    handling = forecast(_state(Retry=retry), "Boom")
    assert handling.retries_left == 99_999_999
    assert len(handling.delays) == 100
    assert handling.text.startswith("Retrier 1 tries again up to 99,999,999 times (after up to 1 s, 10 s, 100 s")


@pytest.mark.parametrize("error", ["Slow", "Never", "Other", "States.Timeout"])
def test_what_was_forecast_happens(error: str) -> None:
    definition = _machine(Retry=RETRY, Catch=CATCH)
    debugger = Debugger(definition, tasks=Handler())
    handling = forecast(debugger.machine.state(("A",)), error)
    debugger.inject_failure(("A",), error, attempts=handling.retries_left + 1)
    debugger.step_over()
    assert where(debugger)[0] == handling.next
    assert debugger.view().clock_ms == sum(handling.delays) * 1000


def test_what_the_machine_does_meanwhile_leaves_no_forecast_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.debugger.stepping.forecasts.thread_time", lambda: 5.0)
    monkeypatch.setattr("sfdebug.debugger.stepping.forecasts._PATIENCE", 0.0)
    debugger = Debugger(_machine(Retry=RETRY, Catch=CATCH), tasks=Handler())
    outcome = debugger.forecast_injection(("A",), "Slow", None, 9)
    assert outcome is not None
    assert (outcome.fate, outcome.next) == (Fate.CAUGHT, "B")
