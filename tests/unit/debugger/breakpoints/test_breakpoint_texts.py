"""What can be written as a breakpoint, and what is said of what cannot."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, HitRule, Trigger
from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text, parse_breakpoint
from sfdebug.debugger.expressions.language import DebugSyntaxError
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, machine, passing

READ = {
    "Ship order": Breakpoint(Trigger.STATE, "Ship order"),
    "Ship order at Parameters": Breakpoint(Trigger.STAGE, "Ship order", "Parameters"),
    "Paid? at rule 2": Breakpoint(Trigger.STAGE, "Paid?", "Rule 2"),
    "Check -> Ship order": Breakpoint(Trigger.EDGE, "Check", "Ship order"),
    "Check → Ship order": Breakpoint(Trigger.EDGE, "Check", "Ship order"),
    "event taskfailed": Breakpoint(Trigger.EVENT, "TaskFailed"),
    "error States.Timeout": Breakpoint(Trigger.ERROR, "States.Timeout"),
    "change of $total": Breakpoint(Trigger.VARIABLE, "total"),
    "variable total": Breakpoint(Trigger.VARIABLE, "total"),
    "payload over 200 KiB": Breakpoint(Trigger.PAYLOAD, amount=200 * 1024),
    "payload over 1.5kb": Breakpoint(Trigger.PAYLOAD, amount=1536),
    "payload over 10": Breakpoint(Trigger.PAYLOAD, amount=10),
    "clock +00:05:00": Breakpoint(Trigger.CLOCK, amount=300_000),
    "clock 1d 00:00:01.5": Breakpoint(Trigger.CLOCK, amount=86_401_500),
    "clock 90 s": Breakpoint(Trigger.CLOCK, amount=90_000),
    "clock 5:30": Breakpoint(Trigger.CLOCK, amount=330_000),
    "fault": Breakpoint(Trigger.FAULT),
    "off fault": Breakpoint(Trigger.FAULT, is_on=False),
    '"off"': Breakpoint(Trigger.STATE, "off"),
    "Ship if $.total > 100": Breakpoint(Trigger.STATE, "Ship", condition="$.total > 100"),
    "Ship if {% $states.attempt = 2 %}": Breakpoint(Trigger.STATE, "Ship", condition="{% $states.attempt = 2 %}"),
    "Ship hit 3+": Breakpoint(Trigger.STATE, "Ship", hit_rule=HitRule.FROM, hit=3),
    "Ship every 10 iteration 2": Breakpoint(Trigger.STATE, "Ship", iteration=2, hit_rule=HitRule.EVERY, hit=10),
    'Ship log "at {$.total}" if $.a': Breakpoint(Trigger.STATE, "Ship", message="at {$.total}", condition="$.a"),
    'Ship if $.a == " hit 3" log "x"': Breakpoint(Trigger.STATE, "Ship", message="x", condition='$.a == " hit 3"'),
}


@pytest.mark.parametrize("text", READ)
def test_what_is_read(text: str) -> None:
    point = parse_breakpoint(text)
    assert point == READ[text]
    assert parse_breakpoint(breakpoint_text(point)) == point


REFUSED = {
    "": (0, "a breakpoint is expected here"),
    "Ship order if": (13, "a condition is expected here"),
    "Ship if $.total >": (17, "a value is expected here"),
    "Ship if total > 1": (8, "total is no path"),
    "Ship if $.a > 1 and $.b": (16, "&&, || or the end of the condition is expected here"),
    "Ship if @.a > 1": (8, "@ means an item of a filter"),
    "Ship if {% $states.input. %}": (25, "Unexpected end of expression"),
    "Ship if {% $states.input": (24, "the JSONata expression is not closed"),
    "Ship hit 0": (9, "the number of a hit, from 1 on, is expected here"),
    "Ship hit 1 hit 2": (11, "hit stands here twice"),
    "Ship hit 1 what": (11, "what is not expected here"),
    'Ship log "a {$.b"': (12, "this { is not closed"),
    'Ship log "a } b"': (12, "this } closes nothing"),
    '"Ship': (0, "the quotes are not closed"),
    "event TaskFaild": (6, "there is no event type TaskFaild"),
    "event ExecutionStarted": (6, "nothing stops at ExecutionStarted: every run begins after it"),
    "clock 0 s": (6, "nothing stops at 0: the clock begins there"),
    "payload over lots": (8, "over and a size are expected here"),
    "clock noon": (6, "a time since the start is expected here"),
    "variable a.b": (9, "a.b is no name of a variable"),
    "Check ->": (8, "the name of a state is expected here"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_shown_where_it_stands(text: str) -> None:
    with pytest.raises(DebugSyntaxError) as caught:
        parse_breakpoint(text)
    offset, what = REFUSED[text]
    assert caught.value.what.startswith(what)
    assert caught.value.offset == offset
    assert caught.value.with_caret.splitlines()[2] == f"  {' ' * offset}^"


UNKNOWN = {
    "Shp": ("there is no state Shp", "Did you mean Ship?"),
    "Reserve -> Shop": ("there is no state Shop", "Did you mean Ship?"),
    "Reserve -> Ship": ("Reserve does not lead to Ship", "It leads to Paid?."),
    "Reserve at Iterations": (
        "Reserve has no stage Iterations",
        "Its stages are Input, InputPath, Task, ResultPath, Output.",
    ),
    "Reserve at Parametrs": (
        "Reserve has no stage Parametrs",
        "Its stages are Input, InputPath, Task, ResultPath, Output.",
    ),
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_the_definition_does_not_have_is_refused_with_the_nearest(text: str) -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    with pytest.raises(DebugSyntaxError) as caught:
        debugger.breakpoints.read(text)
    assert (caught.value.what, caught.value.fix) == UNKNOWN[text]
    assert text[caught.value.offset :]


def test_a_variable_that_nobody_assigns_is_refused() -> None:
    debugger = Debugger(machine(A=passing(Assign={"total.$": "$.x"})), {"x": 1})
    assert debugger.breakpoints.read("variable $total").name == "total"
    with pytest.raises(DebugSyntaxError, match=r"no state assigns \$totl\s+Did you mean \$total\?"):
        debugger.breakpoints.read("variable $totl")


def test_names_that_read_like_clauses_are_known_from_the_definition() -> None:
    names = {"Ship if late": passing("event log"), "event log": passing("a -> b"), "a -> b": passing()}
    debugger = Debugger(machine(**names), {})
    for name in names:
        assert debugger.breakpoints.read(name) == Breakpoint(Trigger.STATE, name)
        assert debugger.breakpoints.read(f"{name} if $.x") == Breakpoint(Trigger.STATE, name, condition="$.x")
    assert debugger.breakpoints.read("event log -> a -> b") == Breakpoint(Trigger.EDGE, "event log", "a -> b")


def test_texts_are_kept_and_taken_again_but_for_those_that_do_not_fit_any_more() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    texts = ("Ship if $.order.total > 1", "off Reserve", "fault", 'Charge log "try {$states.attempt}"')
    assert debugger.breakpoints.take_texts(texts) == ()
    assert debugger.breakpoints.to_texts() == texts
    other = Debugger(machine(Ship=passing()), {})
    errors = other.breakpoints.take_texts(debugger.breakpoints.to_texts())
    assert [error.what for error in errors] == ["there is no state Reserve", "there is no state Charge"]
    assert other.breakpoints.to_texts() == ("Ship if $.order.total > 1", "fault")
