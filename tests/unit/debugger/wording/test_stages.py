"""The plain sentences: one for every kind of stage and every way it can end."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.wording.stages import sentence
from sfdebug.debugger.wording.values import listed, noun, simple_path
from sfdebug.engine.execution.decisions import Answer, Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus
from sfdebug.values import MISSING, Value
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, PARALLEL, Handler, machine, over_to, passing, task, where

THROTTLED = "Lambda.TooManyRequestsException"


def _all_sentences(definition: Any, input: Any = None, *answers: Answer) -> list[str]:
    left = list(answers)
    debugger = Debugger(definition, input, tasks=Handler({"A": lambda request: left.pop(0) if left else None}))
    sentences = [debugger.view().sentence]
    while debugger.step_into().reason in (StopReason.STEP, StopReason.END):
        sentences.append(debugger.view().sentence)
        if debugger.stop.reason is StopReason.END:
            break
    return sentences


def _one(state: dict[str, Any], input: Any = None, *answers: Answer) -> dict[str, str]:
    """Each sentence of one state called A, by the first word that is not its name."""
    return {text.split(" ")[0]: text for text in _all_sentences(machine(A=state, B=passing()), input, *answers)}


def test_the_sentence_of_the_issue() -> None:
    state = passing(InputPath="$.order")
    sentences = _one(state, {"order": {"total": 1}, "customer": "Ada"})
    assert sentences["InputPath"] == "InputPath `$.order` keeps only the order; the customer is gone from here on."


def test_keys_left_behind_come_back_with_result_path() -> None:
    state = task(InputPath="$.order", ResultPath="$.paid")
    sentences = _one(state, {"order": 1, "customer": "Ada", "note": ""}, TaskResult(1))
    assert sentences["InputPath"] == (
        "InputPath `$.order` keeps only the order; customer and note are out of sight until ResultPath."
    )
    assert sentences["ResultPath"] == "ResultPath adds the result to the input of A, at `$.paid`."


@pytest.mark.parametrize(
    ("path", "input", "expected"),
    [
        (None, {"a": 1}, "InputPath null throws the input away: A works on an empty object."),
        ("$", {"a": 1}, "InputPath `$` keeps the whole input."),
        ("$$.Execution.Name", {}, 'InputPath `$$.Execution.Name` takes the text "execution" from the Context object'),
        ("$.a", {"a": 1}, "InputPath `$.a` keeps only the a."),
        ("$.a.b", {"a": {"b": 1}, "c": 2}, "InputPath `$.a.b` keeps only the b of the a; the c is gone from here on."),
        (
            "$.a",
            dict.fromkeys("abcdef", 1),
            "InputPath `$.a` keeps only the a; b, c, d and 2 more are gone from here on.",
        ),
        ("$.a[0]", {"a": [7]}, "InputPath `$.a[0]` keeps only what it selects, 7."),
        ("$.x", {"a": 1}, "InputPath `$.x` cannot be worked out, so A fails with States.Runtime: "),
    ],
)
def test_input_path(path: str | None, input: Any, expected: str) -> None:
    assert _one(passing(InputPath=path), input)["InputPath"].startswith(expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (None, "OutputPath null throws everything away: the output is an empty object."),
        ("$", "OutputPath `$` passes everything on."),
        ("$.a", "OutputPath `$.a` passes on only the a; the b is left behind."),
        ("$$.Execution.Name", 'OutputPath `$$.Execution.Name` passes on the text "execution" from the Context object.'),
    ],
)
def test_output_path(path: str | None, expected: str) -> None:
    assert _one(passing(OutputPath=path), {"a": 1, "b": 2})["OutputPath"] == expected


def test_templates_say_where_each_key_comes_from() -> None:
    parameters = {
        "amount.$": "$.total",
        "id.$": "$$.Execution.Name",
        "label.$": "States.Format('{}', $.total)",
        "note": "as it is",
        "more": {"x.$": "$.total"},
    }
    text = _one(passing(Parameters=parameters), {"total": 1})["Parameters"]
    assert text == (
        "Parameters builds a new value: amount from `$.total`, id from `$$.Execution.Name` in the Context object, "
        "label computed by States.Format and 2 more."
    )
    fixed = _one(passing(Parameters=["a"]))["Parameters"]
    assert fixed == "Parameters builds a new value, as written in the definition: a list of 1 item."
    text = _one(passing(Parameters={"more": {"x.$": "$.total"}, "n": 1}), {"total": 1})["Parameters"]
    assert text == "Parameters builds a new value: more built from parts and n as written."


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (None, "ResultPath null throws the result away: the input of A goes on as it was."),
        ("$", "ResultPath `$` puts the result in place of everything."),
        ("$.x.y", "ResultPath adds the result to the input of A, at `$.x.y`."),
    ],
)
def test_result_path(path: str | None, expected: str) -> None:
    assert _one(passing(ResultPath=path), {})["ResultPath"] == expected


def test_result_and_result_selector() -> None:
    assert _one(passing(Result=[1, 2]))["Result"] == (
        "Result puts a value written in the definition in place of the input: a list of 2 items."
    )
    sentences = _one(task(ResultSelector={"x.$": "$.y"}), {}, TaskResult({"y": 1}))
    assert sentences["ResultSelector"] == "ResultSelector builds the result anew: x from `$.y`."


def test_a_task_that_waits_succeeds_and_fails() -> None:
    retry = [{"ErrorEquals": [THROTTLED], "IntervalSeconds": 2, "MaxAttempts": 3}]
    answers = (TaskFailure(THROTTLED, "slow down."), TaskResult({"ok": True}, provenance=Provenance.MOCKED))
    sentences = _all_sentences(machine(A=task(Retry=retry)), {"a": 1}, *answers)
    assert sentences == [
        "About to run A, a Task state: it calls a Lambda function, with up to 3 retries.",
        "A starts with the input: an object with the key a.",
        "A has been called with an object with the key a, and waits for its answer.",
        f"A failed with {THROTTLED}: slow down (your answer).",
        f"Retrier 1 matches {THROTTLED}: it waits 2 s, then tries again: attempt 2 of 4.",
        "A has been called (attempt 2) with an object with the key a, and waits for its answer.",
        "A returned an object with the key ok (its mock).",
        "A is done, and the execution ends with an object with the key ok.",
        "The execution succeeded.",
    ]


def test_time_limits() -> None:
    assert "A did not answer in time: the attempt fails with States.Timeout." in _all_sentences(
        machine(A=task(TimeoutSeconds=5)), {}, TaskSilence()
    )
    assert "A sent no heartbeat in time: the attempt fails with States.Timeout." in _all_sentences(
        machine(A=task(TimeoutSeconds=50, HeartbeatSeconds=5)), {}, TaskSilence()
    )


def test_retriers_and_catchers_that_do_not_take_it_say_why() -> None:
    retry = [{"ErrorEquals": ["Other"]}]
    catch = [{"ErrorEquals": ["Another"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}]
    definition = machine(A=task(Retry=retry, Catch=catch), B=passing())
    sentences = _all_sentences(definition, {}, TaskFailure("Boom"))
    assert sentences[4:7] == [
        "Retrier 1 does not try again: Boom is not in ErrorEquals.",
        "Catcher 1 does not take it: Boom is not in ErrorEquals.",
        "Catcher 2 takes Boom, puts the error in place of everything and goes to B.",
    ]


@pytest.mark.parametrize(
    ("path", "does"), [(None, "throws the error away"), ("$.error", "puts the error at `$.error`")]
)
def test_where_a_catcher_puts_the_error(path: str | None, does: str) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": path, "Next": "B"}]
    sentences = _all_sentences(machine(A=task(Catch=catch), B=passing()), {}, TaskFailure(None))
    assert f"Catcher 1 takes an error without a name, {does} and goes to B." in sentences


def test_jitter_is_told() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "JitterStrategy": "FULL"}]
    sentences = _all_sentences(machine(A=task(Retry=retry)), {}, TaskFailure("Boom"), TaskResult(1))
    (text,) = [text for text in sentences if text.startswith("Retrier")]
    assert "(with jitter, 10 s at most), then tries again: attempt 2 of 4." in text


def test_choices() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Paid?")
    before = debugger.cursor.node.id
    debugger.step_into()
    debugger.step_into()
    text = debugger.view().sentence
    assert text.startswith("Rule 1 does not match (")
    assert "42.5" in text
    debugger.step_into()
    assert debugger.view().sentence == 'No rule matches: "Paid?" goes on to its Default, Charge.'
    debugger.goto_node(before)
    debugger.force_choice(0)
    debugger.step_into()
    debugger.step_into()
    assert debugger.view().sentence.startswith(
        'You forced rule 1: "Paid?" goes on to Hold, although it does not match ('
    )
    debugger.goto_node(before)
    debugger.force_choice(None)
    debugger.step_into()
    debugger.step_into()
    assert debugger.view().sentence == 'You forced the Default: "Paid?" goes on to Charge.'


def test_waits() -> None:
    wait = {"Type": "Wait", "Seconds": 30, "Next": "B"}
    later = {"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z", "End": True}
    sentences = _all_sentences(machine(A=wait, B=later))
    assert "A waits 30 s of virtual time until +00:00:30." in sentences
    assert "B does not wait: its time has come already." in sentences


def test_containers_tell_their_progress() -> None:
    debugger = Debugger(PARALLEL)
    seen = [debugger.view().sentence]
    while debugger.step_into().reason is not StopReason.END:
        if where(debugger)[0] == "Both":
            seen.append(debugger.view().sentence)
    assert seen == [
        "About to run Both, a Parallel state: it runs 2 branches side by side.",
        "Both starts with the input: an empty object.",
        "Both runs 2 branches side by side, each with an empty object; 0 of 2 have ended.",
        "Both runs 2 branches side by side, each with an empty object; 2 of 2 have ended.",
        "All branches have ended: their outputs make a list of 2 items.",
        "Both is done: After gets a list of 2 items.",
    ]


def test_a_map_tells_its_items_and_how_it_fails() -> None:
    debugger = Debugger(EACH, {"items": [1]}, tasks=Handler({"Work": lambda request: TaskFailure("Boom", "no")}))
    seen = []
    while debugger.step_into().reason is not StopReason.END:
        seen.append(debugger.view().sentence)
    assert "ItemsPath `$.items` picks the list to go through: 1 item." in seen
    assert "The processor runs once, for the one item; 0 of 1 have ended." in seen
    assert "An iteration failed, so Each fails with Boom: no." in seen
    empty = Debugger(EACH, {"items": []})
    seen = []
    while empty.step_into().reason is not StopReason.END:
        seen.append(empty.view().sentence)
    assert "There are no items: Each has nothing to do." in seen


def test_injected_failures_and_fail_states() -> None:
    debugger = Debugger(machine(A=task()), tasks=Handler())
    debugger.inject_failure(("A",), "Boom", "because")
    while where(debugger) != ("A", "Task"):
        debugger.step_into()
    assert debugger.view().sentence == "You made this attempt fail with Boom: because."
    assert debugger.run().text == "the execution failed with Boom: because"
    fail = machine(F={"Type": "Fail", "Error": "Sorry", "Cause": "no money."})
    assert "F raises Sorry: no money." in _all_sentences(fail)
    assert "F raises an error without a name." in _all_sentences(machine(F={"Type": "Fail"}))


def test_edited_inputs_are_told() -> None:
    debugger = Debugger(machine(A=passing()))
    debugger.edit_input({"x": 1})
    assert debugger.view().sentence == "About to run A, a Pass state, with the input that you gave."
    debugger.step_into()
    assert debugger.view().sentence == "A starts with the input that you gave: an object with the key x."


@pytest.mark.parametrize("name", list(StageName))
@pytest.mark.parametrize("status", list(StageStatus))
def test_every_stage_has_a_sentence_whatever_is_known_about_it(name: StageName, status: StageStatus) -> None:
    state = Debugger(ORDER).machine.state(("Paid?",))
    values: tuple[Value, ...] = (MISSING, None, {"a": 1}, [1], "x")
    for value in values:
        text = sentence(Stage(name, value, value, value, status, 0), state)
        assert text.lstrip('"')[0].isupper()
        assert text.endswith(".")
        assert "  " not in text


def test_phrases() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and 1 more"
    assert noun("x" * 100) == f'the text "{"x" * 39}…"'
    assert noun("") == "an empty text"
    assert noun(None) == "null"
    assert noun(MISSING) == "nothing"
    assert simple_path("$.a['b c'].d-e") == ["a", "b c", "d-e"]
    assert simple_path("$.a[*]") is None
