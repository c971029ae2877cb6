"""What a dialog forecasts is what the engine then does: for any Retriers and Catchers, answers, silence, failures."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.asl.definition import State
from sfdebug.debugger import Debugger
from sfdebug.debugger.stepping.forecasts import Fate, OutcomeForecast
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import StageName, StageStatus, Visit, VisitStatus
from sfdebug.errors import SfdebugError
from sfdebug.tui.dialogs.outlook import outlook
from sfdebug.tui.painting.glyphs import UNICODE
from tests.debugger_runs import Nobody, machine, passing, task
from tests.examples import examples

A = ("A",)
ERRORS = ["Boom", "States.Timeout", "States.HeartbeatTimeout", "States.TaskFailed", "States.Runtime", "Pay.Declined"]
names = st.lists(st.sampled_from([*ERRORS, "States.ALL"]), min_size=1, max_size=2, unique=True).map(
    lambda found: ["States.ALL"] if "States.ALL" in found else found
)
retriers = st.fixed_dictionaries(
    {"ErrorEquals": names},
    optional={
        "MaxAttempts": st.integers(0, 3),
        "IntervalSeconds": st.integers(1, 40),
        "BackoffRate": st.sampled_from([1.0, 1.5, 2.0]),
        "MaxDelaySeconds": st.integers(41, 60),
        "JitterStrategy": st.sampled_from(["FULL", "NONE"]),
    },
)
paths = st.sampled_from([None, "$", "$.error", "$.list[0].x"])
catchers = st.fixed_dictionaries({"ErrorEquals": names, "Next": st.just("Sorry")}, optional={"ResultPath": paths})
seconds = st.sampled_from([0.0, 15.0, 70.0])
answers = st.one_of(
    st.builds(TaskSilence),
    st.builds(TaskFailure, st.sampled_from([*ERRORS, None]), st.sampled_from([None, "why"]), seconds),
    st.builds(TaskResult, st.sampled_from([{"x": 1}, "text"]), seconds),
)


def last_all(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """States.ALL stands alone, once, in the last entry."""
    named = [entry for entry in entries if "States.ALL" not in entry["ErrorEquals"]]
    return [*named, *[entry for entry in entries if entry not in named][:1]]


@st.composite
def debuggers(draw: st.DrawFn, first: str = "A") -> Debugger:
    """A debugger at the start of a machine whose A fails in its own way; `first` "Before" puts a Pass in front."""
    fields: dict[str, Any] = {
        "Retry": last_all(draw(st.lists(retriers, max_size=3))),
        "Catch": last_all(draw(st.lists(catchers, max_size=2))),
        **draw(
            st.fixed_dictionaries(
                {}, optional={"TimeoutSeconds": st.integers(20, 60), "HeartbeatSeconds": st.integers(5, 19)}
            )
        ),
        "ResultPath": draw(st.sampled_from(["$", "$.result", "$.list.x"])),
    }
    states = {"A": task("Then", **fields), "Then": passing(), "Sorry": passing()}
    definition = machine(**({"Before": passing("A")} if first == "Before" else {}), **states)
    definition["TimeoutSeconds"] = draw(st.sampled_from([30, 100, 10_000]))
    return Debugger(definition, {"list": [1]}, tasks=Nobody())


def visit_to_a(debugger: Debugger) -> Visit:
    return debugger.visits_of(A)[-1]


def check(debugger: Debugger, outcome: OutcomeForecast) -> None:
    """The debugger has done what was forecast, and stands where its verb stopped."""
    visit, view = visit_to_a(debugger), debugger.view()
    stages = [stage for stage in visit.stages if stage.attempt >= outcome.first_attempt]
    retries = [(stage.index, stage.after) for stage in stages if _took(stage, StageName.RETRY)]
    assert retries == list(outcome.retries)
    faults = [stage.fault for stage in stages if stage.name is StageName.TASK and stage.fault is not None]
    assert faults == list(outcome.faults)
    if outcome.fate is Fate.RUNS:
        assert debugger.question is not None
        assert debugger.question.attempt == outcome.attempt
    elif outcome.fate is Fate.CAUGHT:
        assert (visit.status, visit.next) == (VisitStatus.CAUGHT, outcome.next)
    elif outcome.fate is Fate.RETURNS:
        assert visit.status is VisitStatus.SUCCEEDED
    elif outcome.fate is Fate.TIMES_OUT:
        assert view.status == "TIMED_OUT"
    else:
        assert (visit.status, visit.fault) == (VisitStatus.FAILED, outcome.fault)
        assert view.status == "FAILED"


def _took(stage: Any, name: StageName) -> bool:
    return stage.name is name and stage.status is StageStatus.MATCHED


def words(state: State, error: str | None, attempts: int, outcome: OutcomeForecast | None) -> str:
    lines = outlook(state, error, attempts, UNICODE, outcome=outcome)
    return "\n".join("".join(text for text, _ in line) for line in lines)


@given(debuggers(), answers, st.integers(0, 1))
@settings(max_examples=examples(60), deadline=None)
def test_an_answer_does_what_was_forecast(debugger: Debugger, answer: Answer, failed_before: int) -> None:
    debugger.step_over()
    for _ in range(failed_before):
        debugger.answer_task(TaskFailure("Boom"))
        debugger.step_over()
    if debugger.question is None:
        return
    outcome = debugger.forecast_answer(answer)
    assert outcome is not None
    said = words(debugger.machine.state(A), None, 1, outcome)
    debugger.answer_task(answer)
    if not debugger.view().is_finished:
        debugger.step_over()
    check(debugger, outcome)
    assert ("goes to Sorry" in said) == (outcome.fate is Fate.CAUGHT)


@given(debuggers(), st.sampled_from(ERRORS), st.integers(1, 6), st.integers(0, 2))
@settings(max_examples=examples(60), deadline=None)
def test_an_injected_failure_does_what_was_forecast(debugger: Debugger, error: str, attempts: int, steps: int) -> None:
    for _ in range(steps):
        debugger.step_into()
    outcome = debugger.forecast_injection(A, error, None, attempts)
    assert outcome is not None
    debugger.inject_failure(A, error, None, attempts)
    if not debugger.view().is_finished:
        debugger.step_over()
    check(debugger, outcome)


@given(debuggers("Before"), st.sampled_from(ERRORS), st.integers(1, 6))
@settings(max_examples=examples(60), deadline=None)
def test_what_is_said_of_a_state_that_is_still_to_come_happens(debugger: Debugger, error: str, attempts: int) -> None:
    """Its data are not there yet, so its Retriers and Catchers alone are judged: who takes the failure, how often."""
    assert debugger.forecast_injection(A, error, None, attempts) is None
    said = words(debugger.machine.state(A), error, attempts, None)
    debugger.inject_failure(A, error, None, attempts)
    try:
        debugger.step_over()
        debugger.step_over()
    except SfdebugError:
        return
    if debugger.view().status == "TIMED_OUT":
        return  # nobody can know beforehand when it begins
    visit = visit_to_a(debugger)
    tries = [stage for stage in visit.stages if _took(stage, StageName.RETRY)]
    caught = [stage for stage in visit.stages if stage.name is StageName.CATCH and stage.status != "not matched"]
    assert (f"Retrier {(tries[0].index or 0) + 1} tries again" in said) if tries else ("tries again" not in said)
    if len(tries) > 1:
        assert f"tries again {len(tries)} times" in said
    assert ("goes to Sorry" in said) == bool(caught)
    if caught and caught[0].index is not None:
        assert f"Catcher {caught[0].index + 1} goes" in said
    if caught and visit.status is not VisitStatus.CAUGHT:
        assert "unless its ResultPath cannot use the data then" in said
    assert ("runs as it would" in said) == (debugger.question is not None)
