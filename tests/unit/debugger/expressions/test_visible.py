"""What expressions see: the same as the engine's own at that place."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.expressions.language import (
    CannotEvaluateError,
    DebugSyntaxError,
    compile_condition,
    compile_expression,
    compile_message,
)
from sfdebug.debugger.expressions.visible import Visible
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName
from tests.debugger_runs import Handler, machine, passing, task

ITEMS = machine(
    Each={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"own.$": "$$"},
        "ItemProcessor": machine(One=passing("Two", Parameters={"own.$": "$$"}), Two=passing()),
        "ResultPath": "$.done",
        "Next": "Call",
    },
    Call=task(Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 1}], Parameters={"own.$": "$$", "n.$": "$.n"}),
)  # fmt: skip


def answer(request: Any) -> Any:
    return TaskFailure("Busy", "later") if request.attempt == 1 else TaskResult({"id": 7})


def debugger() -> Debugger:
    return Debugger(ITEMS, {"n": 1, "items": [10, 20]}, tasks=Handler({"Call": answer}))


def places(session: Debugger) -> Any:
    while session.step_into().reason != "end":
        yield Visible(session.cursor)


def test_the_context_object_is_the_engine_s_own() -> None:
    compared = 0
    for visible in places(debugger()):
        stage = visible.position.stage
        if stage is None or stage.name is not StageName.PARAMETERS or not isinstance(stage.after, dict):
            continue
        assert compile_expression("$$").value(visible) == stage.after["own"]
        assert compile_expression("{% $states.context %}").value(visible) == stage.after["own"]
        compared += 1
    assert compared >= 3


def test_what_a_task_gave_its_error_and_its_attempt() -> None:
    seen = []
    for visible in places(debugger()):
        stage = visible.position.stage
        if stage is not None and stage.name in (StageName.TASK, StageName.RETRY) and stage.status != "waiting":
            states = visible.states(with_context=False)
            seen.append((stage.name, states["attempt"], states.get("result"), states.get("errorOutput")))
    failed = {"Error": "Busy", "Cause": "later"}
    assert seen == [
        (StageName.TASK, 1, None, failed),
        (StageName.RETRY, 2, None, failed),
        (StageName.TASK, 2, {"id": 7}, None),
    ]


def test_iterations_are_counted_from_one() -> None:
    session = debugger()
    session.run_to_state(("Each", 0, "Two"))
    assert compile_expression("$states.iteration").value(Visible(session.cursor)) == 1
    session.run_to_state(("Each", 0, "Two"))
    assert compile_expression("{% $states.iteration %}").value(Visible(session.cursor)) == 2
    assert compile_expression("$$.Map.Item.Index").value(Visible(session.cursor)) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$.nope", "there is no $.nope here"),
        ("$.n.deep", "there is no $.n.deep here (Expected to find an object with property ['deep']"),
        ("$nobody", "there is no $nobody here"),
        ("{% $states.result %}", "it gives nothing"),
        ("{% 1 + 'a' %}", "T2002"),
        ("{% $random() %}", "D3137"),
        ("{% function($x) { $x } %}", "it gives a function"),
        ("{% $states.result.id > 'a' %}", "it gives nothing"),
    ],
)
def test_what_has_no_value_says_why(text: str, why: str) -> None:
    with pytest.raises(CannotEvaluateError) as caught:
        compile_expression(text).value(Visible(debugger().cursor))
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize("text", ["{% 1 %}", "{% 'true' %}", "{% [true] %}"])
def test_a_condition_is_true_or_false_and_nothing_else(text: str) -> None:
    with pytest.raises(CannotEvaluateError, match="neither true nor false"):
        compile_condition(text).holds(Visible(debugger().cursor))


def test_messages() -> None:
    visible = Visible(debugger().cursor)
    assert compile_message("n={$.n} {{x}} {% $states.input.n + 1 %} {$.items}").written(visible) == "n=1 {x} 2 [10,20]"
    assert compile_message("{$.nope}").written(visible) == "{$.nope: there is no $.nope here}"
    assert compile_message("").written(visible) == ""
    for text, offset in (("a {", 2), ("a } b", 2), ("{$.}", 2), ("x {% $states. %}", 13)):
        with pytest.raises(DebugSyntaxError) as caught:
            compile_message(text)
        assert abs(caught.value.offset - offset) <= 1
