"""A debugger on a recorded execution: known to its end, never changed, each value with where it comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger, StopReason, Verb
from sfdebug.debugger.recorded.events import search
from sfdebug.debugger.recorded.origins import Origin
from sfdebug.debugger.recorded.session import RecordedSession, open_recording
from sfdebug.debugger.recorded.spans import SpanPartKind, branches_of, spans
from sfdebug.debugger.recorded.summary import retried, summary_lines
from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.recording import Recording, RecordingError
from sfdebug.tasks.answerers import AnswererKind
from sfdebug.values import MISSING
from tests.debugger_runs import Nobody, machine, passing, refusal, task
from tests.history_runs import read_back, recorded, recording

SHOP = machine(
    Price=passing("Charge", Parameters={"total.$": "$.price", "customer.$": "$.customer"}),
    Charge=task(
        "Ship",
        Parameters={"amount.$": "$.total"},
        ResultPath="$.charge",
        Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2}],
    ),
    Ship=task(ResultPath="$.shipped"),
)
EACH = machine(
    All={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": machine(Work=task("Note"), Note=passing()),
        "End": True,
    }
)


def too_much(request: TaskRequest) -> Any:
    """Charge is busy once, and then refuses more than 100."""
    if request.state.name == "Ship":
        return TaskResult({"parcel": 7}, after_seconds=3)
    if request.attempt == 1:
        return TaskFailure("Busy", "come back", after_seconds=1)
    amount = request.input.get("amount") if isinstance(request.input, dict) else None
    if isinstance(amount, int) and amount > 100:
        return TaskFailure("Refused", "more than 100", after_seconds=1.5)
    return TaskResult({"paid": True}, after_seconds=1.5)


def third_fails(request: TaskRequest) -> Any:
    return TaskFailure("Bad", "three") if request.input == 3 else TaskResult(request.input)


def shop(price: int = 120) -> Recording:
    return recording(SHOP, {"price": price, "customer": "Ada"}, too_much)


def opened(found: Recording, definition: Any = SHOP) -> Debugger:
    machine = definition_from(definition) if definition is not None else None
    return Debugger.on_recording(open_recording(found, machine))


@pytest.fixture
def debugger() -> Debugger:
    return opened(shop())


def stages(debugger: Debugger) -> dict[str, str]:
    """The origins of the stages that are done at the cursor, the last of each name."""
    return {str(line.name): line.origin for line in debugger.view().visit_stages if not line.is_pending}


def signature(debugger: Debugger) -> tuple[Any, ...]:
    cursor, view = debugger.cursor, debugger.view()
    return cursor.node.id, cursor.stage_offset, view.branch, view.event_index, view.stage_index


# The recording as a timeline


@pytest.mark.parametrize("definition", [SHOP, None])
def test_the_whole_recording_is_there_at_once(definition: Any) -> None:
    debugger = opened(shop(), definition)
    view = debugger.view()
    assert view.mode == "recording"
    assert view.event_index == 1
    assert [event.as_dict() for event in view.events] == shop().history
    assert not view.is_at_tip
    assert debugger.run().reason is StopReason.END
    assert debugger.view().event_index == len(view.events)
    assert debugger.view().execution.status is ExecutionStatus.FAILED


@pytest.mark.parametrize("definition", [SHOP, None])
def test_there_and_back_again(definition: Any) -> None:
    debugger = opened(shop(), definition)
    trail = [signature(debugger)]
    while debugger.can(Verb.STEP_INTO):
        debugger.step_into()
        trail.append(signature(debugger))
    assert len(trail) > 6
    assert debugger.view().is_finished
    while trail:
        assert signature(debugger) == trail.pop()
        debugger.step_back()


@pytest.mark.parametrize("definition", [SHOP, None])
def test_state_by_state(definition: Any) -> None:
    debugger = opened(shop(50), definition)
    names = []
    while debugger.can(Verb.STEP_OVER):
        state = debugger.view().state
        assert state is not None
        names.append(state.name)
        debugger.step_over()
    assert names == ["Price", "Charge", "Ship"]
    back = []
    while debugger.can(Verb.BACK_OVER):
        debugger.back_over()
        state = debugger.view().state
        assert state is not None
        back.append(state.name)
    assert back == ["Ship", "Charge", "Price"]


def test_every_event_can_be_jumped_to(debugger: Debugger) -> None:
    for event in debugger.view().events:
        debugger.goto_event(event.id)
        view = debugger.view()
        assert view.event_index >= event.id
        if event.type.endswith("StateEntered"):
            assert view.state is not None
            assert view.state.name == event.state


def test_times_are_the_recorded_ones(debugger: Debugger) -> None:
    debugger.run()
    last, first = debugger.view().events[-1], debugger.view().events[0]
    assert debugger.view().clock_ms == last.time - first.time == 1000 + 2000 + 1500


# What failed


def test_one_key_to_the_failure(debugger: Debugger) -> None:
    stop = debugger.goto_failure()
    assert stop.reason is StopReason.FAULT
    assert stop.text == "Charge failed with Refused: more than 100"
    assert debugger.view().attempt == 2
    debugger.goto_failure()
    assert debugger.view().attempt == 1, "the only other fault"


def test_the_failure_below_containers() -> None:
    found = recording(EACH, {"items": [1, 2, 3, 4]}, third_fails)
    for definition in (EACH, None):
        debugger = opened(found, definition)
        assert debugger.goto_failure().text == "Work failed with Bad: three"
        assert debugger.view().branch == (("All", 2),)
    run = open_recording(found)
    place = run.alignment.failure
    assert place is not None
    assert found.events[place].type == "LambdaFunctionFailed"
    assert run.alignment.faults == (place,)


def test_a_fail_state_is_the_failure() -> None:
    definition = machine(A=passing("Stop"), Stop={"Type": "Fail", "Error": "No", "Cause": "because"})
    for given in (definition, None):
        debugger = opened(recording(definition, {}), given)
        debugger.goto_failure()
        assert debugger.view().state_path == ("Stop",)


def test_nothing_failed() -> None:
    assert opened(recording(machine(A=passing()), {}), machine(A=passing())).goto_failure().is_refused


def test_the_summary_says_where_why_how_long_and_what_was_retried() -> None:
    run = open_recording(shop(), definition_from(SHOP))
    assert [one.errors for one in retried(run.alignment)] == [("Busy", "Refused")]
    lines = dict(summary_lines(run))
    assert (lines["Error"], lines["Cause"]) == ("Refused", "more than 100")
    assert lines["Status"] == "FAILED after 4.5 s, 11 events, 2 state visits"
    assert lines["Failed in"].startswith("Charge, attempt 2")
    assert lines["Definition"] == "every recorded value is computed alike"


def test_the_summary_does_not_invent_how_an_attempt_ended() -> None:
    events = [event.as_dict() for event in shop().events]
    cut = events[: next(i for i, event in enumerate(events) if str(event["type"]).endswith("Failed")) + 2]
    assert str(cut[-1]["type"]).endswith("Scheduled")
    run = open_recording(read_back(cut), definition_from(SHOP))
    assert dict(summary_lines(run))["Retried"].endswith(", Busy; how the last one ended is not recorded")
    bare = [event for event in cut if not str(event["type"]).endswith("Failed")]
    run = open_recording(read_back(bare), definition_from(SHOP))
    retried = dict(summary_lines(run))["Retried"]
    assert retried.startswith("Charge: 2 attempts")
    assert retried.endswith("; how the last one ended is not recorded")
    assert ", ;" not in retried


def test_what_failed_in_a_parallel_or_map_is_named() -> None:
    """ParallelStateFailed and MapStateFailed have no details."""
    again = [{"ErrorEquals": ["Bad"], "MaxAttempts": 1}]
    caught = [{"ErrorEquals": ["Bad"], "Next": "Done"}]
    each = {**EACH["States"]["All"], "Retry": again, "Catch": caught}
    both = {"Type": "Parallel", "Branches": [EACH], "Retry": again, "Catch": caught, "End": True}
    for definition in (machine(All=each, Done=passing()), machine(Both=both, Done=passing())):
        run = open_recording(recording(definition, {"items": [1, 2, 3]}, third_fails), definition_from(definition))
        name = definition["StartAt"]
        lines = dict(summary_lines(run))
        assert lines["Caught"] == f"{name}: Bad"
        assert lines["Retried"].startswith(f"{name}: 2 attempts"), lines["Retried"]
        assert "Bad" in lines["Retried"]
        assert "no error name" not in str(lines)


def test_the_failing_iteration_is_named() -> None:
    run = open_recording(recording(EACH, {"items": [1, 2, 3]}, third_fails))
    assert dict(summary_lines(run))["Failed in"].startswith("Work in All #2")


# Where values come from


def test_each_value_says_where_it_comes_from() -> None:
    debugger = opened(shop(50))
    debugger.goto_visit(2)
    debugger.step_over()
    debugger.step_back()
    assert stages(debugger) == {
        "Input": Origin.BOTH,
        "Parameters": Origin.BOTH,
        "Task": Origin.RECORDED,
        "Retry": Origin.COMPUTED,
        "ResultPath": Origin.COMPUTED,
        "Output": Origin.BOTH,
    }


def test_a_difference_is_marked_and_explained() -> None:
    events = recorded(SHOP, {"price": 50, "customer": "Ada"}, too_much)
    exited = next(event for event in events if event["type"] == "PassStateExited")
    entered = next(event for event in events if event["type"] == "TaskStateEntered")
    for key, event in (("stateExitedEventDetails", exited), ("stateEnteredEventDetails", entered)):
        which = "output" if "Exited" in key else "input"
        event[key][which] = json.dumps({"sum": 50, "customer": "Ada"})
    debugger = opened(read_back(events), SHOP)
    debugger.step_over()
    debugger.step_back()
    output = next(line for line in debugger.view().visit_stages if line.name == "Output")
    assert output.origin == Origin.DIFFERS
    assert output.recorded == {"sum": 50, "customer": "Ada"}
    assert output.places[("total",)] == "not recorded"
    assert "$.sum" in output.explanations[0]


def test_without_a_definition_everything_is_as_recorded() -> None:
    debugger = opened(shop(), None)
    assert debugger.recorded is not None
    assert debugger.recorded.is_reconstructed
    debugger.goto_failure()
    assert set(stages(debugger).values()) == {Origin.RECORDED}
    assert debugger.view().stage is not None
    assert debugger.view().stage.fault.error == "Refused"  # type: ignore[union-attr]


# Forks


def test_without_a_definition_nothing_can_be_changed() -> None:
    debugger = opened(shop(), None)
    debugger.goto_failure()
    for stop in (debugger.edit_input({}), debugger.fork_here(), debugger.inject_failure(("Charge",), "X")):
        assert stop.is_refused
        assert "no definition" in stop.text
    assert "no definition" in refusal(debugger, Verb.EDIT_INPUT)
    assert len(debugger.timeline.forks) == 1


def test_mended_data_goes_on_to_success(debugger: Debugger) -> None:
    before = [event.as_dict() for event in debugger.view().events]
    debugger.goto_failure()
    stop = debugger.edit_input({"total": 80, "customer": "Ada"})
    assert stop.forked == 1
    assert debugger.view().mode == "fork of a recording"
    assert debugger.run().reason is StopReason.QUESTION, "called otherwise, nobody knows whether it would fail"
    assert debugger.answer_task(TaskResult({"paid": True})).reason is not StopReason.REFUSED
    assert debugger.run().reason is StopReason.QUESTION, "Ship was never called"
    debugger.answer_task(TaskResult({"parcel": 1}))
    assert debugger.run().reason is StopReason.END
    assert debugger.view().execution.status is ExecutionStatus.SUCCEEDED
    debugger.switch_fork(0)
    assert [event.as_dict() for event in debugger.view().events] == before
    assert debugger.timeline.main_nodes[-1].execution.status is ExecutionStatus.FAILED


def test_a_fork_answers_as_recorded_and_takes_as_long() -> None:
    debugger = opened(shop(50))
    debugger.goto_event(2)
    debugger.fork_here()
    assert debugger.run().reason is StopReason.END
    view = debugger.view()
    main = debugger.timeline.main_nodes[-1].execution
    assert view.execution.output == main.output
    assert view.clock_ms == main.clock
    assert [event.type for event in view.events] == [event.type for event in shop(50).events]
    assert [event.id for event in view.events] == list(range(1, len(view.events) + 1))


def test_somebody_else_answers_on_a_fork_of_the_recording() -> None:
    debugger = opened(shop(50))
    debugger.goto_event(11)
    who = debugger.answerers.who_answers()
    assert who is not None
    assert who.kind is AnswererKind.RECORDING
    assert debugger.choose_answerer(AnswererKind.USER).forked == 1
    assert debugger.run().reason is StopReason.QUESTION
    debugger.answer_task(TaskResult({"by": "hand"}))
    assert debugger.run().reason is StopReason.END
    debugger.switch_fork(0)
    debugger.goto_event(11)
    who = debugger.answerers.who_answers()
    assert who is not None
    assert who.kind is AnswererKind.RECORDING


def test_a_failure_is_injected_where_there_was_none() -> None:
    debugger = opened(shop(50))
    debugger.goto_event(2)
    debugger.inject_failure(("Ship",), "Lost", attempts=1)
    debugger.run()
    assert debugger.view().execution.error == "Lost"


def test_where_nothing_was_computed_nothing_differs() -> None:
    definition = machine(Ask=task("Done"), Done=passing())
    events = recorded(definition, {"n": 1}, lambda request: TaskResult({"long": "x" * 40}))
    for event in events:
        if event["type"] == "LambdaFunctionSucceeded":
            event["lambdaFunctionSucceededEventDetails"] |= {"output": '{"lo', "outputDetails": {"truncated": True}}
    run = open_recording(read_back(events), definition_from(definition))
    assert run.replay is not None
    assert run.replay.divergence is not None
    assert run.replay.divergence.explanation == "the result of 'Ask' was cut off by AWS"
    assert run.differences == {}
    text = dict(summary_lines(run))["Definition"]
    assert text.endswith("where the recording lacks what is needed to go on")


def test_the_recording_ends_where_it_was_cut_off() -> None:
    found = shop(50)
    cut = replace(found, events=found.events[:6])
    debugger = opened(cut)
    assert debugger.run().reason is StopReason.EDGE
    assert debugger.stop.hints == ((Verb.FORK_HERE, "goes on from it as a simulation"),)
    assert debugger.step_into().reason is StopReason.EDGE
    debugger.fork_here()
    assert debugger.run().reason is StopReason.QUESTION


def test_others_answer_what_was_not_recorded() -> None:
    found = replace(shop(50), events=shop(50).events[:6])
    run = open_recording(found, definition_from(SHOP))

    class Everything(Nobody):
        def answer(self, request: TaskRequest) -> Any:
            return TaskResult({"by": "others"})

    debugger = Debugger.on_recording(run, tasks=Everything())
    debugger.run()
    debugger.fork_here()
    assert debugger.run().reason is StopReason.END


def test_a_definition_that_goes_another_way_shows_the_rest_as_recorded() -> None:
    other = json.loads(json.dumps(SHOP))
    other["States"]["Charge"]["Next"] = "Thank"
    other["States"]["Thank"] = passing("Ship")
    debugger = opened(shop(50), other)
    assert debugger.recorded is not None
    assert debugger.recorded.replay is not None
    assert debugger.recorded.replay.divergence is not None
    assert debugger.run().reason is StopReason.END
    assert debugger.view().status is ExecutionStatus.SUCCEEDED
    debugger.step_back()
    assert "left the recording" in debugger.fork_here().text
    debugger.goto_event(2)
    assert not debugger.fork_here().is_refused


# Live


@pytest.mark.parametrize("definition", [SHOP, None])
def test_new_events_are_taken_in(definition: Any) -> None:
    found = shop(50)
    known = definition_from(definition) if definition else None
    part = open_recording(replace(found, events=found.events[:5]), known, is_live=True)
    debugger = Debugger.on_recording(part)
    debugger.run()
    assert debugger.stop.text == "this is the newest event: the execution still runs"
    if definition:
        debugger.goto_event(2)
        debugger.fork_here()
        debugger.switch_fork(0)
        debugger.goto_event(len(part.recording.events))
    for count in range(6, len(found.events) + 1):
        more = open_recording(replace(found, events=found.events[:count]), _machine_of(debugger, known), is_live=True)
        debugger.goto_event(10**6)
        assert debugger.take_in(more)
        assert debugger.view().event_index == count
    assert debugger.view().is_finished
    assert [event.as_dict() for event in debugger.view().events] == found.history


def _machine_of(debugger: Debugger, known: Any) -> Any:
    return known


# Containers, time, search


def test_iterations_failed_first() -> None:
    run = open_recording(recording(EACH, {"items": [1, 2, 3, 4]}, third_fails), definition_from(EACH))
    (container,) = [visit for visit in run.alignment.visits if visit.state == "All"]
    found = branches_of(run, container)
    assert found[0].id == (("All", 2),)
    assert (found[0].status, found[0].state, found[0].error) == ("failed", "Work", "Bad")
    assert len(found) == 4
    debugger = Debugger.on_recording(run)
    debugger.goto_recorded(found[0].index, found[0].id)
    assert debugger.view().state_path[-1] == "Work"


def test_spans_show_attempts_and_the_waits_between() -> None:
    charge = spans(open_recording(shop()))[1]
    assert [part.kind for part in charge.parts] == [SpanPartKind.FAILED, SpanPartKind.RETRY_WAIT, SpanPartKind.FAILED]
    assert [part.end - part.begin for part in charge.parts] == [1000, 2000, 1500]
    assert charge.attempts == 2


def test_search_looks_into_every_payload(debugger: Debugger) -> None:
    hits = list(search(debugger.view().events, "ada"))
    assert [hit.event.type for hit in hits] == ["ExecutionStarted", "PassStateExited"]
    assert hits[0].excerpt[hits[0].at : hits[0].at + hits[0].length] == "Ada"
    assert [hit.field for hit in search(debugger.view().events, "more than")] == ["cause"]
    for odd in ("(", "[[~]", "a{99999999999}", "(" * 5_000):  # none is a pattern, nor a warning, nor too much
        assert list(search(debugger.view().events, odd)) == []


def test_a_recording_without_a_state_has_nothing_to_show() -> None:
    found = replace(shop(), events=shop().events[:1])
    with pytest.raises(RecordingError):
        open_recording(found)


def test_without_data_the_states_are_still_there() -> None:
    events = recorded(SHOP, {"price": 50, "customer": "Ada"}, too_much)
    for event in events:
        for details in event.values():
            if isinstance(details, dict):
                for name in ("input", "output", "parameters"):
                    details.pop(name, None)
    run: RecordedSession = open_recording(read_back(events), definition_from(SHOP))
    assert run.replay is None
    assert not run.is_reconstructed
    assert "input" in run.why_not_replayed
    debugger = Debugger.on_recording(run)
    while debugger.can(Verb.STEP_INTO):
        debugger.step_into()
        debugger.view()
    assert debugger.view().is_finished


@pytest.mark.parametrize("definition", [SHOP, None])
def test_a_redriven_execution_goes_on_after_its_failure(definition: Any) -> None:
    events = recorded(SHOP, {"price": 120, "customer": "Ada"}, too_much)
    scheduled = next(event for event in events if event["type"] == "LambdaFunctionScheduled")
    failed = events[-1]["id"]
    more: list[tuple[str, dict[str, Any]]] = [
        ("ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": 1}}),
        ("LambdaFunctionScheduled", {key: value for key, value in scheduled.items() if key.endswith("Details")}),
        ("LambdaFunctionSucceeded", {"lambdaFunctionSucceededEventDetails": {"output": '{"paid":true}'}}),
        ("TaskStateExited", {"stateExitedEventDetails": {"name": "Charge", "output": '{"charge":{"paid":true}}'}}),
    ]
    for number, (kind, details) in enumerate(more, start=failed + 1):
        events.append({**events[-1], "id": number, "previousEventId": number - 1, "type": kind} | details)
        events[-1] = {
            key: value for key, value in events[-1].items() if key in details or not key.endswith("EventDetails")
        }
    found = read_back(events)
    debugger = opened(found, definition)
    assert debugger.recorded is not None
    lines = dict(summary_lines(debugger.recorded))
    assert lines["Redriven"] == (
        f"2025-01-01 00:00:04.500 UTC, event {failed + 1}, 0 ms after it FAILED in Charge with Refused; "
        "goes on in Charge"
    )
    assert ", redriven once, " in lines["Status"]
    seen: dict[int, tuple[dict[str, str], int]] = {}
    for _ in range(200):
        seen[debugger.view().event_index] = stages(debugger), debugger.view().attempt
        if not debugger.can(Verb.STEP_INTO) or debugger.step_into().reason is StopReason.EDGE:
            break
    assert max(seen) == len(found.events), "the steps go on beyond the failure"
    found_stages, attempt = seen[failed + 3]
    assert found_stages["Task"] == Origin.RECORDED
    assert "Redrive" in found_stages
    assert attempt == 1, "Retriers begin anew"


def test_the_stages_of_a_played_visit_are_those_that_were_recorded() -> None:
    debugger = opened(shop(50), None)
    debugger.run()
    charge = next(visit for visit in debugger.execution.visits if visit.state.name == "Charge")
    assert [(stage.name, stage.before, stage.after) for stage in charge.stages] == [
        ("Input", MISSING, {"total": 50, "customer": "Ada"}),
        ("Task", {"amount": 50}, MISSING),
        ("Retry", {"Error": "Busy", "Cause": "come back"}, MISSING),
        ("Task", {"amount": 50}, {"paid": True}),
        ("Output", MISSING, {"total": 50, "customer": "Ada", "charge": {"paid": True}}),
    ]
    assert {stage.provenance for stage in charge.stages} == {"recorded"}
