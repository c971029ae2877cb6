"""Verbs and recordings that are given what is none: refused in words, and nothing has changed."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import sfdebug
from sfdebug.debugger.stepping.forecasts import OutcomeForecast
from sfdebug.debugger.verbs import Stop
from sfdebug.errors import NestingError, UsageError

TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "C"}
CHOICE = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "A"}], "Default": "D"}
MACHINE = {"StartAt": "A", "States": {"A": TASK, "C": CHOICE, "D": {"Type": "Succeed"}}}
RUBBISH: tuple[Any, ...] = (
    None, -1, 10**30, 1.5, True, "x", "", (), [], {}, {1: 2}, set(), object(), float("nan"), b"x", ("A",), (("A", 0),),
    len, sfdebug.TaskResult({1}), sfdebug.TaskFailure(5), sfdebug.TaskResult(1, after_seconds="x"),  # type: ignore[arg-type]
    sfdebug.TaskResult(1, after_seconds=-5), "\ud800",
)  # fmt: skip
NO_VERBS = ("take_in", "set_live", "replay_on")
VERBS = [
    name
    for name, method in inspect.getmembers(sfdebug.Debugger, inspect.isfunction)
    if not name.startswith("_")
    and name
    not in (
        "view",
        "branches",
        "lines_of",
        "done_lines_of",
        "visits_of",
        "who_changed",
        "explanation",
        "can",
        "why_unavailable",
        "do",
        "running",
        "take_in",
        "set_live",
        "replay_on",
    )
    and len(inspect.signature(method).parameters) > 1
]


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_raises_for_what_it_is_given(verb: str) -> None:
    for value in RUBBISH:
        arguments = [(value,)] if "inject" not in verb else [(("A",), value), (value, "E"), (("A",), "E", value)]
        for given in arguments:
            debugger = sfdebug.Debugger(MACHINE, {})
            debugger.step_over()
            stop = getattr(debugger, verb)(*given)
            if verb.startswith("forecast"):
                assert stop is None or isinstance(stop, OutcomeForecast)
            else:
                assert isinstance(stop, Stop)
                assert stop.text
            debugger.view()
            debugger.run()


@pytest.mark.parametrize("name", ["pointer", "visit", "stage", "side", "variable"])
def test_who_changed_raises_nothing_but_usage_errors(name: str) -> None:
    debugger = sfdebug.Debugger(MACHINE, {})
    debugger.step_over()
    for value in RUBBISH:
        try:
            found = debugger.who_changed(**{name: value})
        except UsageError:
            continue
        assert isinstance(found, sfdebug.DataOrigin)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), {1: 2}, ("a",)])
def test_what_is_no_json_is_refused(value: Any) -> None:
    debugger = sfdebug.Debugger(MACHINE, {})
    before = debugger.execution
    assert debugger.edit_input(value).is_refused
    assert debugger.execution is before
    debugger.step_over()
    assert debugger.answer_task(sfdebug.TaskResult(value)).is_refused
    assert debugger.question is not None
    with pytest.raises(UsageError, match="has an output that has"):
        sfdebug.simulate(MACHINE, {}, Answering(sfdebug.TaskResult(value)))


class Answering:
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def answer(self, request: object) -> Any:
        return self._answer


START: dict[str, Any] = {"id": 1, "type": "ExecutionStarted", "previousEventId": 0}


@pytest.mark.parametrize(
    "event",
    [
        {"id": 2, "type": "TaskScheduled", "previousEventId": {}},
        {"id": 2, "type": "TaskScheduled", "previousEventId": None},
        {"id": True, "type": "TaskScheduled", "previousEventId": 1},
        {"id": 2, "type": "TaskStateEntered", "previousEventId": 1, "stateEnteredEventDetails": {}},
        {"id": 2, "type": "TaskStateEntered", "previousEventId": 1, "stateEnteredEventDetails": []},
        {"id": 2, "type": "", "previousEventId": 1},
        {"id": 2, "type": ["x"], "previousEventId": 1},
    ],
)
def test_recorded_tasks_take_histories_only(event: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="this event"):
        sfdebug.RecordedTasks([START, event])


def test_data_that_nest_without_end_are_told() -> None:
    with pytest.raises(NestingError, match="nested deeper than sfdebug follows"):
        sfdebug.simulate(_with_end(), {})
    debugger = sfdebug.Debugger(_with_end(), {})
    stop = debugger.run()
    assert stop.is_refused
    assert "nested deeper" in stop.text
    debugger.step_back()
    debugger.view()


def _with_end() -> dict[str, Any]:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "E"}], "Default": "A"}
    nest = {"Type": "Pass", "Parameters": {"l.$": "$"}, "Next": "C"}
    return {"StartAt": "A", "States": {"A": nest, "C": choice, "E": {"Type": "Succeed"}}}


def test_sessions_that_are_none() -> None:
    debugger, recorded = sfdebug.Debugger(MACHINE, {}), sfdebug.recordings([{"id": 1, "type": "ExecutionStarted"}])[0]
    refusing: tuple[Any, ...] = (
        lambda: sfdebug.open_recording(5),  # type: ignore[arg-type]
        lambda: sfdebug.open_recording(recorded, MACHINE),  # type: ignore[arg-type]
        lambda: sfdebug.Debugger.on_recording(5),  # type: ignore[arg-type]
        lambda: sfdebug.Debugger(MACHINE, {}, most_steps=-1),
        lambda: sfdebug.FirstAnswer(3),  # type: ignore[arg-type]
        lambda: sfdebug.StateMachines(3),  # type: ignore[arg-type]
        lambda: debugger.take_in(5),  # type: ignore[arg-type]
        lambda: debugger.set_live(is_live=True),
    )
    for refuse in refusing:
        with pytest.raises(UsageError, match=r"\n  ."):
            refuse()


def test_an_injection_after_the_end_takes_effect_where_its_hint_leads() -> None:
    debugger = sfdebug.Debugger(MACHINE, {}, tasks=sfdebug.FunctionTasks({"A": lambda given: given}))
    debugger.run()
    (hint,) = debugger.inject_failure(("A",), "Boom").hints
    debugger.do(hint.verb)
    assert not debugger.inject_failure(("A",), "Boom").is_refused
    debugger.run()
    assert debugger.execution.fault is not None
    assert debugger.execution.fault.error == "Boom"
