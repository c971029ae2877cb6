"""Redriven recordings: followed, verified, summed up; what failed and what was only cut short; mocks made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger, StopReason, Verb
from sfdebug.debugger.recorded.session import RecordedSession, open_recording
from sfdebug.debugger.recorded.spans import SpanPartKind, branches_of, spans
from sfdebug.debugger.recorded.summary import retried, summary_lines
from sfdebug.engine import ExecutionStatus, Program, step
from sfdebug.engine.execution.decisions import Answer, Provenance, Redrive, StopExecution, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName, TaskRequest
from sfdebug.history.alignment.alignment import align
from sfdebug.history.mocks import mock_config, why_another_end
from sfdebug.history.verification.verdict import VerificationStatus, verify
from tests.engine_machines import invoke, scope
from tests.engine_runs import Answers, advance, begin, finish, one
from tests.history_runs import read_back

RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 60, "MaxAttempts": 2}]
ORDER: dict[str, Any] = {
    "StartAt": "Take",
    "States": {
        "Take": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "Next": "Pay"},
        "Pay": invoke(
            Parameters={"n.$": "$.n", "redrives.$": "$$.Execution.RedriveCount"},
            ResultPath="$.paid",
            Retry=RETRY,
            Next="Tell",
        ),
        "Tell": {"Type": "Pass", "Parameters": {"n.$": "$.n", "paid.$": "$.paid", "at.$": "$$.Execution.RedriveTime"}}
        | {"End": True},
    },
}


def paying(*answers: Answer) -> Answers:
    return lambda request: answers[request.invocation]


BUSY, REFUSED, PAID = TaskFailure("Busy", "later", 1), TaskFailure("Refused", "no", 2), TaskResult("ok", 3)


def order_events(*answers: Answer, definition: Any = ORDER, gap: int = 3_600_000) -> list[dict[str, Any]]:
    """The events of an order that is redriven whenever it fails, an hour later."""
    return events_of(definition, {"n": 1}, paying(*answers), gap)


def events_of(definition: Any, input: Any, answers: Answers, gap: int = 3_600_000) -> list[dict[str, Any]]:
    execution = finish(begin(definition, input), answers)
    while execution.status is not ExecutionStatus.SUCCEEDED and execution.redrive_count < 2:
        execution = finish(step(execution, Redrive(at=execution.clock + gap)), answers)
    return execution.history


def opened(events: list[dict[str, Any]], definition: Any = ORDER) -> RecordedSession:
    return open_recording(read_back(events), definition_from(definition) if definition is not None else None)


# followed and verified


def follow_the_redrive(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As in files made by other programs: what a redrive goes on with follows the ExecutionRedriven."""
    redriven = [event["id"] for event in events if event["type"] == "ExecutionRedriven"]
    changed = []
    for event in events:
        before = event["id"] - 1
        is_first = before in redriven and event["previousEventId"] < before
        changed.append({**event, "previousEventId": before} if is_first else event)
    return changed


@pytest.mark.parametrize("made_otherwise", [False, True])
def test_a_redriven_recording_is_identical_to_its_definition(made_otherwise: bool) -> None:
    events = order_events(BUSY, REFUSED, BUSY, BUSY, BUSY, PAID)
    assert sum(event["type"] == "ExecutionRedriven" for event in events) == 2
    if made_otherwise:
        events = follow_the_redrive(events)
    found = verify(definition_from(ORDER), read_back(events))
    assert (found.status, found.first) == (VerificationStatus.IDENTICAL, None)
    assert found.followed == len(events)


@pytest.mark.parametrize(
    ("change", "event_type", "field"),
    [
        (lambda states: states["Pay"].update(Parameters={"n.$": "$.n", "redrives": 0}), "TaskScheduled", "parameters"),
        (lambda states: states["Tell"].update(Parameters={"at": "x"}), "PassStateExited", "output"),
        (lambda states: states["Pay"].update({"Next": "Done"}), "PassStateEntered", "type"),
        (lambda states: states["Pay"].pop("Retry"), "TaskScheduled", "type"),
        (lambda states: states["Pay"]["Retry"][0].update({"IntervalSeconds": 90}), "TaskScheduled", "timestamps"),
        (lambda states: states.update({"Tell": {"Type": "Fail"}}), "PassStateEntered", "type"),
    ],
)
def test_what_goes_otherwise_after_a_redrive_differs(change: Any, event_type: str, field: str) -> None:
    events = order_events(REFUSED, BUSY, PAID)
    changed = json.loads(json.dumps(ORDER))
    changed["States"]["Done"] = {"Type": "Succeed"}
    change(changed["States"])
    found = verify(definition_from(changed), read_back(events))
    redriven = next(event["id"] for event in events if event["type"] == "ExecutionRedriven")
    assert found.status is VerificationStatus.DIVERGES
    assert found.first is not None
    assert (found.first.event_type, found.first.field) == (event_type, field)
    assert found.first.event_id > redriven


def test_a_redrive_that_the_definition_does_not_come_to_differs() -> None:
    caught = json.loads(json.dumps(ORDER))
    caught["States"]["Pay"]["Catch"] = [{"ErrorEquals": ["Refused"], "Next": "End"}]
    caught["States"]["End"] = {"Type": "Succeed"}
    found = verify(definition_from(caught), read_back(order_events(REFUSED, PAID)))
    assert found.first is not None
    assert (found.first.event_type, found.first.computed) == ("ExecutionFailed", "TaskStateExited Pay")
    events = order_events(PAID)
    extra = {"id": len(events) + 1, "previousEventId": len(events), "type": "ExecutionRedriven"}
    found = verify(definition_from(ORDER), read_back([*events, {**extra, "timestamp": events[-1]["timestamp"]}]))
    assert found.first is not None
    assert "is SUCCEEDED and cannot be redriven" in found.first.explanation


def test_the_time_of_the_execution_is_counted_from_the_redrive() -> None:
    events = order_events(REFUSED, BUSY, PAID)
    assert verify(definition_from({**ORDER, "TimeoutSeconds": 80}), read_back(events)).status == "identical"
    (first, *_) = verify(definition_from({**ORDER, "TimeoutSeconds": 50}), read_back(events)).differences
    assert (first.computed, first.event_type) == ("ExecutionTimedOut", "TaskScheduled")


def test_a_map_run_that_was_redriven_is_followed() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **scope(T=invoke())}
    definition = one(
        {"Type": "Map", "ItemProcessor": processor, "ResultPath": "$.all", "ItemsPath": "$.l", "End": True}
    )
    arn = "arn:aws:states:us-east-1:123456789012:mapRun:M/A:0b6c9d1e-3c55-4a86-8a0c-5d4f1e6b9a7c"
    given, output = '{"l":[1,2]}', '{"l":[1,2],"all":["a","b"]}'
    steps: list[tuple[int, str, dict[str, Any]]] = [
        (0, "ExecutionStarted", {"input": given, "roleArn": "arn:aws:iam::123456789012:role/sfdebug"}),
        (0, "MapStateEntered", {"name": "A", "input": given}),
        (2, "MapStateStarted", {"length": 2}),
        (3, "MapRunStarted", {"mapRunArn": arn}),
        (4, "MapRunFailed", {"error": "States.ExceedToleratedFailureThreshold", "cause": "too many"}),
        (5, "MapStateFailed", {}),
        (6, "ExecutionFailed", {"error": "States.ExceedToleratedFailureThreshold", "cause": "too many"}),
        (7, "ExecutionRedriven", {"redriveCount": 1}),
        (3, "MapRunRedriven", {"mapRunArn": arn, "redriveCount": 1}),
        (9, "MapRunSucceeded", {}),
        (10, "MapStateSucceeded", {}),
        (9, "MapStateExited", {"name": "A", "output": output}),
        (12, "ExecutionSucceeded", {"output": output}),
    ]
    events = []
    for number, (previous, kind, details) in enumerate(steps, 1):
        key = "stateEnteredEventDetails" if kind.endswith("Entered") else f"{kind[0].lower()}{kind[1:]}EventDetails"
        key = "stateExitedEventDetails" if kind.endswith("Exited") else key
        stamp = f"2025-01-01T00:00:{number:02}+00:00"
        events.append({"id": number, "previousEventId": previous, "type": kind, "timestamp": stamp, key: details})
    machine = definition_from(definition)
    found = verify(machine, read_back(events), recorded_definition=machine)
    assert (found.status, found.first) == (VerificationStatus.IDENTICAL, None)
    for known in (definition, None):
        run = opened(events, known)
        assert "goes on in A" in dict(summary_lines(run))["Redriven"]
        (visit,) = run.alignment.visits
        assert (visit.status, visit.redriven) == ("succeeded", (8,))
    debugger = Debugger.on_recording(opened(events, definition))
    debugger.goto_failure()
    failed = debugger.view().stage
    assert failed is not None
    assert (failed.name, failed.provenance) == (StageName.MAP_RUN, Provenance.RECORDED), "its children computed nothing"


# what is told of it


@pytest.mark.parametrize("definition", [ORDER, None])
def test_the_summary_tells_each_redrive(definition: Any) -> None:
    run = opened(order_events(BUSY, REFUSED, BUSY, BUSY, BUSY, PAID), definition)
    lines = [text for name, text in summary_lines(run) if name == "Redriven"]
    assert lines == [
        "2025-01-01 01:01:03.000 UTC, event 12, 1 h 00 min after it FAILED in Pay with Refused; goes on in Pay",
        "2025-01-01 02:04:06.000 UTC, event 23, 1 h 00 min after it FAILED in Pay with Busy; goes on in Pay",
    ]
    tried = [(one.visit.state, len(one.attempts), one.is_saved) for one in retried(run.alignment)]
    assert tried == [("Pay", 2, False), ("Pay", 3, False)], "a redrive is no retry"
    (pay,) = [span for span in spans(run) if span.visit.state == "Pay"]
    assert pay.idle == 7_200_000
    assert pay.milliseconds == 249_000
    assert {part.kind for part in pay.parts} == {SpanPartKind.FAILED, SpanPartKind.RETRY_WAIT, SpanPartKind.WORK}


@pytest.mark.parametrize("definition", [ORDER, None])
def test_the_stages_after_the_redrive_are_shown_and_the_failure_is_gone_to(definition: Any) -> None:
    debugger = Debugger.on_recording(opened(order_events(REFUSED, PAID), definition))
    assert debugger.goto_failure().reason is StopReason.FAULT
    view = debugger.view()
    assert (view.state.name if view.state else "", view.event_index) == ("Pay", 7)
    stop = debugger.run()
    assert (stop.reason, debugger.view().execution.status) == (StopReason.END, ExecutionStatus.FAILED)
    assert "it was redriven 1 h 00 min later" in stop.text
    assert debugger.can(Verb.STEP_OVER)
    debugger.step_over()
    view = debugger.view()
    assert view.stage is not None
    assert (view.stage.name, view.execution.status) == (StageName.REDRIVE, ExecutionStatus.RUNNING)
    assert view.stage.expression == {"RedriveCount": 1, "RedriveTime": "2025-01-01T01:00:02.000Z"}
    assert "redriven at 2025-01-01T01:00:02.000Z (redrive 1): Pay goes on" in view.sentence
    debugger.step_over()
    view = debugger.view()
    assert (view.state.name if view.state else "", view.is_about_to_run) == ("Tell", True)
    debugger.step_back()
    names = [line.name for line in debugger.view().visit_stages if not line.is_pending]
    assert names[names.index(StageName.REDRIVE) + 1 :].count(StageName.TASK) == 1
    assert debugger.run().reason is StopReason.END
    assert debugger.view().execution.status is ExecutionStatus.SUCCEEDED


def test_a_fork_of_a_redriven_recording_goes_on_from_its_second_half() -> None:
    debugger = Debugger.on_recording(opened(order_events(REFUSED, PAID)))
    last = len(debugger.view().events)
    debugger.goto_event(last - 3)
    assert debugger.can(Verb.FORK_HERE)
    debugger.fork_here()
    assert debugger.run().reason is StopReason.END
    assert debugger.view().execution.status is ExecutionStatus.SUCCEEDED


def test_a_fail_state_that_failed_again_is_where_it_failed() -> None:
    definition = one({"Type": "Pass", "Next": "B"}, B={"Type": "Fail", "Error": "E"})
    run = opened(events_of(definition, {}, paying()), definition)
    place = run.alignment.failure
    assert place is not None
    assert run.recording.events[place].type == "FailStateEntered"
    assert dict(summary_lines(run))["Failed in"].startswith("B, event ")
    assert [visit.status for visit in run.alignment.visits] == ["succeeded", "failed"]


# what failed, and what was cut short


def each(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return one({"Type": "Map", "ItemProcessor": processor, "End": True, **fields})


def busy_first(request: TaskRequest) -> Answer:
    """The first waits for its retry when the third fails; the second is still at work."""
    index = request.branch[0][1]
    answers = (TaskFailure("Busy", "c", 1), TaskResult(0, 60), TaskFailure("Bad", "c", 5))
    return answers[index]


@pytest.mark.parametrize("container", ["Map", "Parallel"])
@pytest.mark.parametrize("knows", [True, False])
def test_a_branch_that_waited_for_its_retry_did_not_fail(container: str, knows: bool) -> None:
    work = [invoke(Retry=RETRY) for _ in range(3)]
    if container == "Map":
        definition = each(scope(W0=work[0]))
    else:
        branches = [scope(**{f"W{index}": state}) for index, state in enumerate(work)]
        definition = one({"Type": "Parallel", "Branches": branches, "End": True})
    events = finish(begin(definition, [1, 2, 3]), busy_first).history
    run = opened(events, definition if knows else None)
    found = branches_of(run, run.alignment.visits[0])
    assert [(one.id[-1][1], one.status, one.error) for one in found] == [
        (2, "failed", "Bad"),
        (0, "aborted", "Busy"),
        (1, "aborted", ""),
    ]
    assert [visit.status for visit in run.alignment.visits] == ["failed", "aborted", "aborted", "failed"]
    assert dict(summary_lines(run))["Failed in"].startswith(f"W{0 if container == 'Map' else 2} in A #2, event ")
    waited = next(span for span in spans(run) if span.visit.branch[-1:] and span.visit.branch[-1][1] == 0)
    assert waited.parts[-1].kind is SpanPartKind.RETRY_WAIT
    debugger = Debugger.on_recording(run)
    debugger.goto_failure()
    view = debugger.view()
    assert view.branch == (("A", 2),)
    place = run.alignment.failure
    assert place is not None
    assert view.event_index == place + 1


def test_what_was_stopped_or_ran_out_of_time_while_it_waited_did_not_fail() -> None:
    for timeout in (False, True):
        definition = one(invoke(Retry=RETRY)) | ({"TimeoutSeconds": 9} if timeout else {})
        execution = begin(definition, {})
        while not any(event.type == "TaskFailed" for event in execution.events):
            execution = advance(execution, lambda request: BUSY)
        execution = advance(execution)
        execution = finish(execution) if timeout else step(execution, StopExecution("Stop", "by hand", at=5_000))
        (visit,) = align(read_back(execution.history)).visits
        assert (visit.status, execution.status) == ("aborted", "TIMED_OUT" if timeout else "ABORTED")


def test_only_the_last_try_of_a_container_counts() -> None:
    state = {"Type": "Parallel", "Branches": [scope(T=invoke()), scope(U=invoke())], "End": True, "Retry": RETRY}

    def answers(request: TaskRequest) -> Answer:
        return (
            TaskFailure("Busy", "c", 1) if request.invocation == 0 and request.state.name == "T" else TaskResult(1, 2)
        )

    run = opened(finish(begin(one(state), {}), answers).history, one(state))
    assert [one.status for one in branches_of(run, run.alignment.visits[0])] == ["succeeded", "succeeded"]
    inner = [(visit.state, visit.status) for visit in run.alignment.visits[1:]]
    assert inner == [("T", "failed"), ("U", "aborted"), ("T", "succeeded"), ("U", "succeeded")]


def test_the_culprit_is_found_in_containers_within_containers() -> None:
    inner = {"Type": "Parallel", "Branches": [scope(T=invoke(Retry=RETRY)), scope(U=invoke(Retry=RETRY))], "End": True}
    definition = each(scope(P=inner))

    def answers(request: TaskRequest) -> Answer:
        is_culprit = request.branch[0][1] == 1 and request.state.name == "U"
        return TaskFailure("Bad" if is_culprit else "Busy", "c", 3 if is_culprit else 1)

    for known in (definition, None):
        run = opened(finish(begin(definition, [1, 2]), answers).history, known)
        failed = {(visit.state, visit.branch) for visit in run.alignment.visits if visit.status == "failed"}
        assert failed == {("A", ()), ("P", (("A", 1),)), ("U", (("A", 1), ("P", 1)))}
        assert dict(summary_lines(run))["Failed in"].startswith("U in A #1, P #1, event ")
        (first, second) = branches_of(run, run.alignment.visits[0])
        assert (first.id, first.status, second.status) == ((("A", 1),), "failed", "aborted")


def test_faults_at_the_same_time_do_not_move_the_failure() -> None:
    """Both fail in the same millisecond; the one that the Map failed with is the second."""
    definition = each(scope(T=invoke(Retry=RETRY, Next="U"), U=invoke()))
    execution = finish(begin(definition, [1, 2]), lambda request: TaskResult(1))
    assert execution.status is ExecutionStatus.SUCCEEDED
    events = finish(
        begin(definition, [1, 2]),
        lambda request: TaskResult(1) if request.state.name == "T" else TaskFailure("Bad", str(request.branch[0][1])),
    ).history
    for event in events:
        event["timestamp"] = events[0]["timestamp"]
    run = opened(events, definition)
    place = run.alignment.failure
    assert place is not None
    assert run.recording.events[place].id == next(
        event["previousEventId"] for event in events if event["type"] == "MapStateFailed"
    )
    debugger = Debugger.on_recording(run)
    debugger.goto_failure()
    view = debugger.view()
    assert view.branch == run.alignment.branches[place]
    assert (
        view.state.name if view.state else "",
        view.visit.fault.error if view.visit and view.visit.fault else "",
    ) == (
        "U",
        "Bad",
    )


# mocks


def mocked(events: list[dict[str, Any]], definition: Any) -> tuple[dict[str, Any], list[str], str]:
    """The responses, the notes, and how a run with them ends otherwise."""
    recording = read_back(events)
    mocks = mock_config({"Case": recording}, "Order")
    why = why_another_end(Program(definition_from(definition)), recording, json.dumps(mocks.config), "Order", "Case")
    responses = mocks.config["MockedResponses"]
    assert isinstance(responses, dict)
    return dict(responses), [*mocks.notes, *mocks.doubts["Case"]], why


PLAIN = {
    **ORDER,
    "States": {**ORDER["States"], "Tell": {"Type": "Pass", "Parameters": {"p.$": "$.paid"}, "End": True}},
}


def test_mocks_of_a_redriven_execution_answer_as_after_the_redrive() -> None:
    events = order_events(BUSY, REFUSED, BUSY, PAID, definition=PLAIN)
    responses, notes, why = mocked(events, PLAIN)
    assert responses["Pay in Case"] == {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": "ok"}}
    (note,) = notes
    assert "was redriven once, and a run is not" in note
    assert "the 2 answers before that are left out" in note
    assert why == ""
    failed = order_events(REFUSED, BUSY, REFUSED, REFUSED, definition=PLAIN)
    responses, notes, why = mocked(failed, PLAIN)
    assert responses["Pay in Case"] == {"0": {"Throw": {"Error": "Refused", "Cause": "no"}}}
    assert "redriven 2 times" in notes[0]
    assert why == ""


def test_mocks_of_a_redriven_map_answer_each_iteration_once() -> None:
    definition = each(scope(T=invoke(), U=invoke()), MaxConcurrency=1)

    def answers(request: TaskRequest) -> Answer:
        if request.state.name == "T" and request.input == 2 and request.invocation == 1:
            return TaskFailure("Bad")
        return TaskResult(f"{request.state.name}{request.input}")

    responses, _, why = mocked(events_of(definition, [1, 2, 3], answers), definition)
    assert responses["T in Case"] == {str(at): {"Return": f"T{at + 1}"} for at in range(3)}
    assert why == ""


def test_what_a_run_with_mocks_does_otherwise_is_told() -> None:
    time = order_events(REFUSED, PAID)  # its output has the RedriveTime, which a run does not have
    _, _, why = mocked(time, ORDER)
    assert "a run with the mocks ends FAILED with States.Runtime, and the execution ended SUCCEEDED" in why
    _, notes, why = mocked(order_events(PAID, definition=PLAIN)[4:], PLAIN)
    assert "it begins with event 5: what was answered before is not in it" in notes[0]
    assert why
    _, notes, why = mocked(order_events(BUSY, PAID, definition=PLAIN)[:8], PLAIN)
    assert "a run with the mocks stops: " in why
    stopped = finish(begin(PLAIN, {"n": 1}), lambda request: PAID).history[:6]
    aborted = {"id": 7, "previousEventId": 0, "type": "ExecutionAborted", "timestamp": stopped[-1]["timestamp"]}
    _, notes, why = mocked([*stopped, aborted], PLAIN)
    assert any("was aborted, which no answer of a Task brings about" in note for note in notes)
    other = json.loads(json.dumps(PLAIN))
    other["States"]["Tell"]["Parameters"] = {"q.$": "$.paid"}
    _, _, why = mocked(order_events(PAID, definition=PLAIN), other)
    assert "the output" in why
