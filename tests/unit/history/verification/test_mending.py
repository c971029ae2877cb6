"""What would have come of recorded executions under a mended definition: only what was computed is ever claimed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.recording import Recording
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.verification.mending import verify_mending
from sfdebug.history.verification.outcomes import HELD, Mending, MendOutcome, RecordedFailure, by_failure, grouped
from tests.engine_runs import run
from tests.history_runs import read_back, recorded
from tests.mutations import known_as

INVOKE = "arn:aws:states:::lambda:invoke"
OUTCOMES = {outcome.name: outcome for outcome in MendOutcome}


def call(function: str, payload: Any = None, **fields: Any) -> dict[str, Any]:
    given = {"Payload.$": "$"} if payload is None else {"Payload": payload}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": function, **given}, **fields}


ORDER: dict[str, Any] = {
    "StartAt": "Get",
    "States": {
        "Get": call("get", ResultPath="$.got", Next="Pick"),
        "Pick": {"Type": "Pass", "InputPath": "$.got.items", "ResultPath": "$.items", "Next": "Enough?"},
        "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.got.n", "NumericLessThan": 1, "Next": "Stop"}],
                    "Default": "Put"},
        "Stop": {"Type": "Fail", "Error": "TooFew", "Cause": "none is left"},
        "Put": call("put", ResultPath=None, Next="Done"),
        "Done": {"Type": "Succeed"},
    },
}  # fmt: skip
"""The path of Pick leads nowhere: there is `list`, and no `items`."""

DONE = {"Pick/InputPath": "$.got.list"}
"""The mend."""


def answers(request: TaskRequest) -> Answer:
    """What functions say to a call, by nothing else than the call: on AWS a mended run would get the same."""
    given: Any = request.input
    if given["FunctionName"] == "get":
        return TaskResult({"list": [1], "n": 3}, after_seconds=1)
    if given["FunctionName"] == "put" and given.get("Payload", {}).get("x") == "bad":
        return TaskFailure("Broken", '{"errorMessage": "order 4711 is broken"}', after_seconds=1)
    return TaskResult({"ok": True}, after_seconds=1)


def changed(changes: dict[str, Any], base: dict[str, Any] = ORDER) -> dict[str, Any]:
    found = copy.deepcopy(base)
    for place, value in changes.items():
        *path, last = place.split("/")
        node: Any = found if path[:1] == [""] else found["States"]
        for key in path:
            node = node[key] if key else node
        node[last] = value
    return found


def history(definition: dict[str, Any], input: Any, **settings: Any) -> Recording:
    return known_as(recorded(definition, input, answers, name="march", **settings))


def mending(definition: dict[str, Any], recording: Recording, **given: Any) -> Mending:
    found = verify_mending(definition_from(definition), recording, **given).mending
    assert found is not None
    return found


CATCH = [{"ErrorEquals": ["Broken"], "Next": "Done"}]
CASES = [
    # what fails in Pick, by its path
    ("Pick", {}, "SAME_FAILURE", "Pick", "States.Runtime in 'Pick'"),
    ("Pick", {"Get/Next": "More", "More": {"Type": "Pass", "Next": "Pick"}}, "SAME_FAILURE", "Pick", ""),
    ("Pick", {"Pick/InputPath": "$.got.other"}, "FAILS_OTHERWISE", "Pick", "with another cause"),
    ("Pick", {**DONE, "Put/Parameters": {"FunctionName": "new"}}, "GOES_ON", "Put", "'Put' is called"),
    ("Pick", {**DONE, "Pick/Next": "Done"}, "NOW_SUCCEEDS", "Pick", "another way from 'Pick' on"),
    ("Pick", {**DONE, "Pick/Next": "Stop"}, "FAILS_OTHERWISE", "Stop", "TooFew in 'Stop'"),
    ("Pick", {"Get/Next": "Nap", "Nap": {"Type": "Wait", "Seconds": 9, "Next": "Done"}}, "NOW_SUCCEEDS", "", ""),
    # the same call from another state is answered as recorded, another call is not
    ("Pick", {"/StartAt": "First", "First": {"Type": "Pass", "Next": "Get"}, **DONE, "Pick/Next": "Done"},
     "NOW_SUCCEEDS", "Get", ""),
    ("Pick", {"/StartAt": "First", "First": {"Type": "Pass", "Result": 1, "ResultPath": "$.o", "Next": "Get"}, **DONE},
     "DIFFERS", "Get", "does not come to"),
    ("Pick", {"Get/Parameters": {"FunctionName": "got", "Payload.$": "$"}, **DONE}, "DIFFERS", "Get", "something else"),
    # what fails in Put, by what its function says
    ("Put", {}, "SAME_FAILURE", "Put", "Broken in 'Put'"),
    ("Put", {"Put/Catch": CATCH}, "NOW_SUCCEEDS", "Put", ""),
    ("Put", {"Put/Catch": [{**CATCH[0], "Next": "Stop"}]}, "FAILS_OTHERWISE", "Stop", ""),
    ("Put", {"Put/Catch": [{**CATCH[0], "ErrorEquals": ["Other"]}]}, "SAME_FAILURE", "Put", ""),
    ("Put", {"Put/Retry": [{"ErrorEquals": ["Broken"]}]}, "GOES_ON", "Put", "'Put' is called, attempt 2"),
    ("Put", {"Put/Parameters": {"FunctionName": "put", "Payload": {"x": "good"}}}, "DIFFERS", "Put", "something else"),
    ("Put", {"Put/TimeoutSeconds": 5}, "DIFFERS", "Put", "something else"),
    ("Put", {"Enough?/Choices": [{"Variable": "$.got.n", "NumericLessThan": 5, "Next": "Done"}]}, "NOW_SUCCEEDS",
     "Put", ""),
    ("Put", {"Pick/Next": "Nap", "Nap": {"Type": "Wait", "Seconds": 9, "Next": "Enough?"}}, "SAME_FAILURE", "Put", ""),
    # what succeeded
    ("good", {}, "SUCCEEDS_AS_RECORDED", "", ""),
    ("good", {"Pick/ResultPath": None}, "DIFFERS", "Put", "something else"),
    ("good", {"Put/ResultPath": "$.put"}, "DIFFERS", "Put", "it still succeeds"),
    ("good", {"Enough?/Default": "Done"}, "DIFFERS", "Put", "it succeeds on this way too"),
    ("good", {"Enough?/Default": "Stop"}, "NOW_FAILS", "Stop", "TooFew in 'Stop'"),
]  # fmt: skip


def story(name: str) -> tuple[dict[str, Any], Any]:
    """What was recorded, and with which input."""
    return (ORDER, {"x": "good"}) if name == "Pick" else (changed(DONE), {"x": "bad" if name == "Put" else "good"})


@pytest.mark.parametrize(("name", "changes", "outcome", "state", "words"), CASES)
def test_each_outcome_is_the_computed_one(
    name: str, changes: dict[str, Any], outcome: str, state: str, words: str
) -> None:
    base, given = story(name)
    definition = changed(changes, base)
    found = mending(definition, history(base, given))
    assert (found.outcome.name, found.outcome) == (outcome, OUTCOMES[outcome]), found
    assert state in ("", found.state)
    assert words in found.what
    # What is claimed of the end is what comes of it where functions say the same to the same call.
    truth = run(definition, given, answers)
    if found.outcome in HELD:
        assert truth.status is ExecutionStatus.SUCCEEDED
    elif found.outcome in (MendOutcome.SAME_FAILURE, MendOutcome.FAILS_OTHERWISE, MendOutcome.NOW_FAILS):
        assert truth.status is ExecutionStatus.FAILED
        assert (truth.error or "") in found.what
        assert (found.outcome is MendOutcome.SAME_FAILURE) <= (truth.error == (found.failure and found.failure.error))
    else:
        assert found.reasons or "succeeds" in found.what, "it says what is not known"


def test_it_says_up_to_where_it_was_compared_and_what_was_answered_as_recorded() -> None:
    recording = history(ORDER, {"x": "good"})
    assert [event.type for event in recording.events[-2:]] == ["PassStateEntered", "ExecutionFailed"]
    found = mending(changed({**DONE, "Pick/Next": "Done"}), recording)
    assert (found.compared_to, found.answered) == (recording.events[-2].id, 0)
    failure = found.failure
    assert failure is not None
    assert (failure.state, failure.error, "$.got.items" in failure.cause) == ("Pick", "States.Runtime", True)
    first = changed({"/StartAt": "First", "First": {"Type": "Pass", "Next": "Get"}, **DONE, "Pick/Next": "Done"})
    found = mending(first, recording)
    assert (found.compared_to, found.answered) == (1, 1)


def test_each_recorded_answer_is_given_once() -> None:
    """A second call of the same is another call, whatever the first was told."""
    base = changed({"Put/Next": "Again", "Again": call("put", ResultPath=None, Next="Done"), **DONE})
    recording = history(base, {"x": "good"})
    start = {"/StartAt": "First", "First": {"Type": "Pass", "Next": "Get"}}
    assert mending(changed(start, base), recording).answered == 3
    third = {"Again/Next": "Third", "Third": call("put", ResultPath=None, Next="Done")}
    found = mending(changed({**start, **third}, base), recording)
    assert (found.outcome, found.answered) == (MendOutcome.DIFFERS, 3)
    assert "'Third'" in found.reasons[0]


def test_calls_under_way_in_other_branches_are_answered_as_recorded() -> None:
    def branch(name: str, function: str, **more: Any) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: call(function, End=True, **more)}}

    base: dict[str, Any] = {
        "StartAt": "Both",
        "States": {"Both": {"Type": "Parallel", "End": True, "Branches": [branch("A", "a"), branch("B", "b")]}},
    }

    def slow(request: TaskRequest) -> Answer:
        if request.state.name == "A":
            return TaskFailure("Broken", "early", after_seconds=1)
        return TaskResult({"late": True}, after_seconds=5)

    recording = known_as(recorded(base, {}, slow, name="march"))
    caught = copy.deepcopy(base)
    caught["States"]["Both"]["Branches"][0]["States"]["A"] |= {"Catch": [{"ErrorEquals": ["Broken"], "Next": "Ok"}]}
    caught["States"]["Both"]["Branches"][0]["States"]["Ok"] = {"Type": "Pass", "End": True}
    found = mending(caught, recording)  # B was cut short when A failed: what it would have said is not recorded
    assert (found.outcome, found.state) == (MendOutcome.GOES_ON, "B")
    last = copy.deepcopy(base)
    last["States"]["Both"]["Catch"] = [{"ErrorEquals": ["Broken"], "Next": "End"}]
    last["States"]["End"] = {"Type": "Succeed"}
    assert mending(last, recording).outcome is MendOutcome.NOW_SUCCEEDS


def test_a_way_that_hangs_on_a_clock_or_on_chance_is_not_claimed() -> None:
    made_up = ("$random() < 0.5", "$floor($random() * 10) = 4", "$millis() % 10 = 0",
               "$states.context.Execution.Name = 'x'")  # fmt: skip
    conditions = (*made_up, "$id = 'x'", "$r = 4", "$states.input.name = 'x'", "$states.input.n = 2")
    made = {"name": "{% $states.context.Execution.Name %}", "n": 1}
    assigned = {"id": "{% $states.context.Execution.Name %}", "r": "{% $floor($random() * 10) %}"}
    for condition in conditions:
        base: dict[str, Any] = {
            "QueryLanguage": "JSONata",
            "StartAt": "P",
            "States": {
                "P": {"Type": "Pass", "Output": "{% $error('no') %}", "Next": "C"},
                "C": {"Type": "Choice", "Choices": [{"Condition": f"{{% {condition} %}}", "Next": "Bad"}],
                      "Default": "Good"},
                "Good": {"Type": "Succeed"},
                "Bad": {"Type": "Fail"},
            },
        }  # fmt: skip
        more: dict[str, Any] = {"P/Assign": assigned} if "$id" in condition or "$r " in condition else {}
        found = mending(changed({"P/Output": made, **more}, base), read_back(recorded(base)))
        assert found.outcome is MendOutcome.GOES_ON, condition
        assert "'C' hangs on a clock" in found.what
        known = mending(changed({"P/Output": {"n": 1}}, base), read_back(recorded(base)))
        assert (known.outcome in HELD) == (condition not in made_up), "what hangs on nothing made up is computed"


@pytest.mark.parametrize("cut", ["running", "truncated", "gap", "no input"])
def test_what_is_not_recorded_is_never_a_success(cut: str) -> None:
    events = recorded(ORDER, {"x": "good"}, answers)
    if cut == "running":
        events = events[:-1]
    elif cut == "truncated":
        answer = next(event for event in events if event["type"] == "TaskSucceeded")
        answer["taskSucceededEventDetails"]["outputDetails"] = {"truncated": True}
    elif cut == "gap":
        del events[4]
    else:
        del events[0]["executionStartedEventDetails"]["input"]
        del events[1]["stateEnteredEventDetails"]["input"]
    recording = read_back(events)
    definition = definition_from(changed({**DONE, "Pick/Next": "Done"}))
    try:
        found = verify_mending(definition, recording).mending
    except Exception as error:
        assert cut == "no input", error
        return
    assert found is not None
    assert found.outcome not in HELD
    assert found.outcome is not MendOutcome.GOES_ON
    assert found.reasons


def test_a_loop_has_an_end() -> None:
    definition = changed({**DONE, "Pick/Next": "Pick"})
    found = mending(definition, history(ORDER, {"x": "good"}))
    assert found.outcome in (MendOutcome.GOES_ON, MendOutcome.FAILS_OTHERWISE)


def test_what_the_rules_ignore_is_no_difference() -> None:
    other = changed({"Put/Comment": "", "Put/TimeoutSeconds": 50, "Put/Catch": CATCH, **DONE})
    recording = history(changed(DONE), {"x": "bad"})
    assert mending(other, recording).outcome is MendOutcome.DIFFERS
    rules = Rules(frozenset({"timeoutInSeconds"}))
    assert mending(other, recording, rules=rules).outcome is MendOutcome.NOW_SUCCEEDS


def test_groups_by_outcome_and_by_what_failed() -> None:
    failed, good = ExecutionStatus.FAILED, ExecutionStatus.SUCCEEDED
    one = Mending(MendOutcome.SAME_FAILURE, failed, "A", what="E in 'A'", failure=RecordedFailure("A", "E", "n 1"))
    two = Mending(MendOutcome.SAME_FAILURE, failed, "A", what="E in 'A'", compared_to=9,
                  failure=RecordedFailure("A", "E", "n 2"))  # fmt: skip
    three = Mending(MendOutcome.NOW_SUCCEEDS, failed, "A", failure=RecordedFailure("A", "E", "n 3"))
    four = Mending(MendOutcome.SUCCEEDS_AS_RECORDED, good)
    told = [("1", one), ("2", two), ("3", three), ("4", four)]
    groups = grouped(told)
    assert [(group.outcome, [title for title, _ in group.executions]) for group in groups] == [
        (MendOutcome.NOW_SUCCEEDS, ["3"]),
        (MendOutcome.SUCCEEDS_AS_RECORDED, ["4"]),
        (MendOutcome.SAME_FAILURE, ["1", "2"]),
    ]
    assert groups[-1].compared_to == (0, 9)
    (alike,) = by_failure(told, lambda cause: cause.rstrip("0123456789"))
    assert (alike.failure.cause, alike.total) == ("n ", 3)
    assert alike.outcomes == {MendOutcome.NOW_SUCCEEDS: 1, MendOutcome.SAME_FAILURE: 2}
    assert len(by_failure(told, str)) == 3
