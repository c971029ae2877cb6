"""Forcing a Choice, injecting a failure, answering a task, editing a value: what the dialogs show and answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, TextArea

from sfdebug.asl.definition import State
from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.tui.dialogs.answer_task import AnswerTaskDialog, KindStrip
from sfdebug.tui.dialogs.edit_json import EditJsonDialog
from sfdebug.tui.dialogs.error_field import Suggestions
from sfdebug.tui.dialogs.force_choice import ForceChoiceDialog, ForceChoiceResult
from sfdebug.tui.dialogs.frame import DialogNote
from sfdebug.tui.dialogs.inject_failure import InjectFailureDialog, InjectResult
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.widgets.line import Line
from sfdebug.values import MISSING, Json
from tests.debugger_runs import Nobody, machine, passing, task
from tests.tui_runs import until
from tests.widget_host import WidgetHost

ORDER = machine(
    Charge=task(
        "Paid?",
        Resource="arn:aws:states:::lambda:invoke",
        TimeoutSeconds=60,
        Retry=[
            {"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 3},
            {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1},
        ],
        Catch=[
            {"ErrorEquals": ["Declined"], "Next": "Refuse", "ResultPath": None},
            {"ErrorEquals": ["States.ALL"], "Next": "Notify", "ResultPath": "$.error"},
        ],
    ),
    **{
        "Paid?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.status", "StringEquals": "[PAID]", "Next": "Ship"},
                {
                    "And": [
                        {"Variable": "$.total", "NumericGreaterThan": 10},
                        {"Variable": "$.vip", "BooleanEquals": True},
                    ],
                    "Next": "Ship",
                },
                {"Variable": "$.total", "NumericLessThan": 100, "Next": "Refuse"},
            ],
            "Default": "Notify",
        }
    },
    Ship=task(),
    Refuse=passing(),
    Notify=passing(),
)
LOADED = definition_from(ORDER)
CHARGE, PAID, SHIP = LOADED.state(("Charge",)), LOADED.state(("Paid?",)), LOADED.state(("Ship",))


@asynccontextmanager
async def opened(dialog: Screen[Any], size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[WidgetHost, Pilot[Any]]]:
    app = WidgetHost()
    async with app.run_test(size=size) as pilot:
        app.push_screen(dialog, app.seen.append)
        await pilot.pause()
        yield app, pilot
        await pilot.pause()


def shown(app: WidgetHost) -> str:
    return "\n".join(app.text_of(app.screen))


def forcing(data: Json, **changes: Any) -> ForceChoiceDialog:
    """The dialog on `Paid?` with these data; `changes` are fields of the Choice, None to leave one out."""
    fields = {**ORDER["States"]["Paid?"], **changes}
    states = {**ORDER["States"], "Paid?": {key: field for key, field in fields.items() if field is not None}}
    debugger = Debugger({"StartAt": "Paid?", "States": states}, data)
    state, forecast = debugger.view().state, debugger.forecast_choice()
    assert state is not None
    assert forecast is not None
    return ForceChoiceDialog(state, forecast, state.default)


DATA: Json = {"status": "OPEN", "total": 42.5, "vip": False}


async def test_every_rule_is_shown_with_its_values_and_its_verdict() -> None:
    async with opened(forcing(DATA)) as (app, _):
        text = shown(app)
        assert '1 $.status StringEquals "[PAID]"' in text
        assert '✗ "OPEN" = "[PAID]" is false' in text
        assert "✓ $.total: 42.5 > 10" in text
        assert "✓ 42.5 < 100" in text
        taken = next(line for line in text.splitlines() if "would be taken" in line)
        assert "42.5 < 100" in taken
        assert "→ Notify" in text


async def test_the_first_way_that_is_not_taken_is_offered_and_enter_forces_it() -> None:
    async with opened(forcing(DATA)) as (app, pilot):
        await pilot.press("enter")
    assert app.seen == [ForceChoiceResult(0)]
    async with opened(forcing({"status": "[PAID]", "total": 1, "vip": True})) as (app, pilot):
        await pilot.press("enter")
    assert app.seen == [ForceChoiceResult(1)]


@pytest.mark.parametrize(
    ("keys", "rule"), [("3", 2), ("j", 1), ("jjk", 1), ("G", None), ("d", None), ("4", None), ("Gg", 0), ("9", 0)]
)
async def test_ways_are_chosen_with_letters_and_digits(keys: str, rule: int | None) -> None:
    async with opened(forcing(DATA)) as (app, pilot):
        await pilot.press(*keys, "enter")
    assert app.seen == [ForceChoiceResult(rule)]


async def test_a_way_is_forced_with_the_mouse_and_escape_forces_nothing() -> None:
    async with opened(forcing(DATA)) as (app, pilot):
        await pilot.click(app.screen.query_one(OptionList), offset=(8, 3))
    assert app.seen == [ForceChoiceResult(1)]
    async with opened(forcing(DATA)) as (app, pilot):
        await pilot.press("escape")
    assert app.seen == [None]


async def test_a_choice_that_would_fail_says_so() -> None:
    data: Json = {"status": "OPEN", "total": 1000, "vip": False}
    async with opened(forcing(data, Default=None)) as (app, _):
        assert "By itself the Choice would fail with States.Runtime" in shown(app)
        assert "would be taken" not in shown(app)


async def test_a_rule_that_cannot_be_evaluated_fails_the_choice_before_one_that_matches() -> None:
    rules = [
        {"Variable": "$.status", "NumericGreaterThanPath": "$.missing", "Next": "Ship"},
        {"Variable": "$.total", "NumericLessThan": 100, "Next": "Refuse"},
    ]
    async with opened(forcing(DATA, Choices=rules)) as (app, _):
        assert "cannot be evaluated" in shown(app)
        assert "By itself the Choice would fail with States.Runtime" in shown(app)
        assert "would be taken" not in shown(app)


# A failure


async def test_names_that_the_state_handles_come_first() -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, _):
        names = [entry.name for entry in app.screen.query_one(Suggestions).names]
        assert names[:3] == ["Lambda.TooManyRequestsException", "States.Timeout", "Declined"]
        assert "Lambda.ServiceException" in names
        assert "States.ALL" not in names
        assert len(names) == len(set(names))


async def test_what_will_happen_is_said_before_it_is_done() -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, pilot):
        text = shown(app)
        assert "attempt 1 fails with Lambda.TooManyRequestsException" in text
        assert "Retrier 1 tries again, after 2 s" in text
        assert "attempt 2 runs as it would without this" in text
        await pilot.press("tab", "tab", "2")
        await pilot.pause()
        text = shown(app)
        assert "attempts 1, 2 fail" in text
        assert "tries again 2 times, after 2 s, 4 s" in text
        assert "attempt 3 runs" in text
        await pilot.press("backspace", "6")
        await pilot.pause()
        text = shown(app)
        assert "attempts 1 to 4 fail" in text
        assert "after 2 s, 4 s, 8 s" in text
        assert "Catcher 2 goes to Notify with the error at $.error" in text
        assert "2 more failures are kept for the next time that Charge runs" in text


async def test_a_visit_under_way_has_used_its_retries() -> None:
    async with opened(InjectFailureDialog([CHARGE], attempt=4, retrier_counts=(3, 0))) as (app, _):
        text = shown(app)
        assert "attempt 4 fails" in text
        assert "Catcher 2 goes to Notify" in text
        assert "tries again" not in text


async def test_a_failure_that_nobody_takes() -> None:
    async with opened(InjectFailureDialog([SHIP])) as (app, _):
        assert "nobody catches it: the execution FAILS" in shown(app)


async def test_the_answer_holds_what_was_filled_in() -> None:
    async with opened(InjectFailureDialog([CHARGE, SHIP], CHARGE)) as (app, pilot):
        await pilot.press("down", "down")
        assert "Catcher 1 goes to Refuse and drops the error" in shown(app)
        await pilot.press("tab", *"no money", "tab", "3", "enter")
    assert app.seen == [InjectResult(("Charge",), "Declined", "no money", 3)]


async def test_any_error_name_can_be_typed() -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, pilot):
        await pilot.press(*"My.Error", "enter")
    assert app.seen == [InjectResult(("Charge",), "My.Error", None, 1)]


async def test_another_state_is_picked_with_the_keyboard() -> None:
    async with opened(InjectFailureDialog([CHARGE, SHIP], CHARGE)) as (app, pilot):
        await pilot.press("shift+tab", "enter", "down", "enter")
        await pilot.pause()
        await pilot.press("tab", "enter")
    assert app.seen == [InjectResult(("Ship",), "Lambda.TooManyRequestsException", None, 1)]


async def test_a_suggestion_is_taken_with_the_mouse() -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, pilot):
        await pilot.click(app.screen.query_one(Suggestions), offset=(4, 2))
        await pilot.pause()
        assert isinstance(app.focused, Input)
        assert "attempt 1 fails with Declined" in shown(app)
        await pilot.press("enter")
    assert app.seen == [InjectResult(("Charge",), "Declined", None, 1)]


@pytest.mark.parametrize("attempts", ["0", "x", "", "-1", "99999999999"])
async def test_an_impossible_number_of_attempts_is_refused(attempts: str) -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, pilot):
        await pilot.press("tab", "tab", "backspace", *attempts, "enter")
        await pilot.pause()
        assert "the attempts are a number from 1" in shown(app)
        assert app.seen == []
        await pilot.press("ctrl+u", "2", "enter")
    assert app.seen[0].attempts == 2


async def test_typing_filters_the_names_and_enter_uses_the_one_that_is_marked() -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, pilot):
        names = app.screen.query_one(Suggestions)
        await pilot.press(*"perm")
        await pilot.pause()
        assert [entry.name for entry in names.names] == ["States.Permissions", "perm"]
        assert "fails with States.Permissions" in shown(app)
        await pilot.press("down")
        await pilot.pause()
        assert "fails with perm" in shown(app)
        await pilot.press("up", "enter")
    assert app.seen == [InjectResult(("Charge",), "States.Permissions", None, 1)]


async def test_with_nothing_typed_the_first_name_is_used() -> None:
    async with opened(InjectFailureDialog([CHARGE])) as (app, pilot):
        await pilot.press("x", "ctrl+u", "enter")
    assert app.seen == [InjectResult(("Charge",), "Lambda.TooManyRequestsException", None, 1)]


# A task's answer


def asking(state: State = CHARGE, value: Json = None, **request: Any) -> AnswerTaskDialog:
    return AnswerTaskDialog(
        TaskRequest((), state, {"amount": "[/b]"}, request.pop("attempt", 1), 0, 5, **request),
        value,
        "offered: a guess",
    )


async def test_the_question_and_the_offer_are_shown() -> None:
    async with opened(asking(value={"ok": True}, timeout_seconds=60)) as (app, _):
        text = shown(app)
        assert "Charge asks" in text
        assert "arn:aws:states:::lambda:invoke" in text
        assert '"[/b]"' in text
        assert "offered: a guess" in text
        assert isinstance(app.focused, KindStrip)


async def test_it_opens_on_the_ways_where_letters_do_nothing_and_enter_takes_the_offer() -> None:
    async with opened(asking(value={"ok": True})) as (app, pilot):
        await pilot.press(*"nschlaq", "space", "backspace")
        await pilot.pause()
        assert "Enter answer" in shown(app)
        await pilot.press("enter")
    assert app.seen == [TaskResult({"ok": True}, 0.0)]


async def test_a_result_can_take_time() -> None:
    async with opened(asking(value=1)) as (app, pilot):
        await pilot.press("tab")
        assert isinstance(app.focused, TextArea)
        await pilot.press("tab", "7", "enter")
    assert app.seen == [TaskResult(1, 7.0)]


async def test_a_result_that_is_no_json_is_refused() -> None:
    async with opened(asking(value={"ok": True})) as (app, pilot):
        await pilot.press("tab", "x", "ctrl+s")
        await pilot.pause()
        assert "not JSON yet" in shown(app)
        assert app.seen == []
        await pilot.press("backspace", "ctrl+s")
    assert app.seen == [TaskResult({"ok": True})]


async def test_failing_says_who_takes_it() -> None:
    async with opened(asking(attempt=2)) as (app, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert "attempt 2 fails with Lambda.TooManyRequestsException" in shown(app)
        await pilot.press(*"Declined", "tab", *"why", "enter")
    assert app.seen == [TaskFailure("Declined", "why")]


async def test_never_replying_says_what_ends_the_attempt() -> None:
    async with opened(asking(timeout_seconds=60, heartbeat_seconds=10)) as (app, pilot):
        await pilot.press("ctrl+t", "ctrl+t")
        await pilot.pause()
        assert "HeartbeatSeconds ends the attempt after 10 s" in shown(app)
        assert "fails with States.Timeout, a missed heartbeat" in shown(app)
        await pilot.press("ctrl+s")
    assert app.seen == [TaskSilence()]
    async with opened(asking()) as (app, pilot):
        await pilot.press("ctrl+t", "ctrl+t")
        await pilot.pause()
        assert "99,999,999 s" in shown(app)


async def test_the_kinds_are_chosen_with_arrows_and_with_the_mouse() -> None:
    async with opened(asking()) as (app, pilot):
        strip = app.screen.query_one(KindStrip)
        strip.focus()
        await pilot.press("right", "right", "left")
        assert "▸ fail with an error" in strip.text
        await pilot.click(strip, offset=(strip.text.index("never") + 1, 0))
        await pilot.pause()
        assert "▸ never reply" in strip.text
        await pilot.press("enter")
    assert app.seen == [TaskSilence()]


async def test_a_result_that_would_not_be_taken_says_so() -> None:
    state = task("B", TimeoutSeconds=60, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "B"}])
    debugger = Debugger(machine(A=state, B=passing()), {}, tasks=Nobody())
    debugger.step_over()
    request = debugger.question
    assert request is not None
    dialog = AnswerTaskDialog(request, {}, forecast_of=debugger.forecast_answer)
    async with opened(dialog) as (app, pilot):
        await settled(dialog, pilot)
        assert "What" not in shown(app)
        assert "its result is taken" not in shown(app)
        await pilot.press("tab", "tab", "7", "5")
        await settled(dialog, pilot)
        assert "attempt 1 fails with States.Timeout" in shown(app)
        assert "Catcher 1 goes to B" in shown(app)
        await pilot.press("backspace")
        await settled(dialog, pilot)
        assert "attempt 1 fails" not in shown(app)


async def settled(dialog: AnswerTaskDialog, pilot: Pilot[Any]) -> None:
    """The forecast is there, which is made on a thread."""
    await until(pilot, lambda: not dialog._forecast_thread.is_at_work, lambda: "the forecast never comes")


async def test_seconds_that_are_none_are_refused() -> None:
    async with opened(asking(value=1)) as (app, pilot):
        await pilot.press("down", "tab", "-", "ctrl+s")
        await pilot.pause()
        assert "the seconds are a number" in shown(app)
        assert app.seen == []
        await pilot.press("escape")
    assert app.seen == [None]


# An edit


async def test_an_edited_value_comes_back() -> None:
    async with opened(EditJsonDialog("Input of Charge", {"a": 1}, "Why [/b]")) as (app, pilot):
        assert "Why [/b]" in shown(app)
        app.screen.query_one(JsonEditor).set_text('{"a": 2}')
        await pilot.press("ctrl+s")
    assert app.seen == [{"a": 2}]


async def test_a_large_value_says_at_once_that_it_is_coming() -> None:
    dialog = EditJsonDialog("Input of Charge", {"a": "x" * 100_000})
    assert [type(widget) for widget in dialog.body()] == [DialogNote]
    async with opened(dialog) as (app, pilot):
        await until(pilot, lambda: bool(dialog.query(JsonEditor)), lambda: shown(app))
        assert not dialog.query("#coming")
        assert isinstance(app.focused, TextArea)
        await pilot.press("ctrl+s")
    assert app.seen == [{"a": "x" * 100_000}]


async def test_an_input_that_is_too_large_is_refused_in_the_dialog() -> None:
    async with opened(EditJsonDialog("Input of Charge", {"a": "x" * 50}, most=40)) as (app, pilot):
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "an input has 40 bytes at most" in shown(app)
        assert app.seen == []
        await pilot.press("escape")


async def test_null_is_an_answer_and_leaving_is_none() -> None:
    async with opened(EditJsonDialog("Input", None)) as (app, pilot):
        await pilot.press("ctrl+s")
    assert app.seen == [None]
    async with opened(EditJsonDialog("Input", None)) as (app, pilot):
        await pilot.press("escape")
    assert app.seen == [MISSING]


async def test_an_edit_is_refused_until_it_is_json() -> None:
    async with opened(EditJsonDialog("Input", {"a": 1})) as (app, pilot):
        await pilot.press("x", "ctrl+s")
        await pilot.pause()
        assert "Ctrl+G goes to the mistake" in shown(app)
        hints = app.screen.query_one("#dialog-hints", Line)
        await pilot.click(hints, offset=(hints.text.index("reset") + 1, 0))
        await pilot.press("ctrl+s")
    assert app.seen == [{"a": 1}]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_dialogs_fit_the_screen(size: tuple[int, int]) -> None:
    dialogs: list[Screen[Any]] = [
        forcing(DATA),
        InjectFailureDialog([CHARGE, SHIP]),
        asking(value={"a": list(range(50))}),
        EditJsonDialog("Input", {"a": list(range(50))}, "explanation"),
    ]
    for dialog in dialogs:
        async with opened(dialog, size):
            frame, hints = dialog.query_one(".frame").region, dialog.query_one("#dialog-hints").region
            assert frame.bottom <= size[1]
            assert frame.y <= hints.y < frame.bottom - 1
            assert frame.right <= size[0]
            line = dialog.query_one("#dialog-hints", Line)
            if isinstance(dialog, EditJsonDialog) and size[0] >= 80:
                assert len(line.text.rstrip()) <= line.size.width, "the way out, which is the last, is not cut"


@pytest.mark.parametrize("theme", ["sfdebug-light", "sfdebug-contrast"])
async def test_dialogs_open_in_every_theme_and_in_ascii(theme: str) -> None:
    for make in (lambda: forcing(DATA), lambda: InjectFailureDialog([CHARGE]), asking):
        app = WidgetHost(theme=theme, is_ascii=True)
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(make())
            await pilot.pause()
            frame = app.text_of(app.screen.query_one(".frame"))
            assert frame[0].startswith("+-")
