"""Watches: values before the last step and now, in both languages, and errors in words."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.expressions.language import DebugSyntaxError
from sfdebug.values import MISSING
from tests.debugger_runs import machine, passing

FLOW = machine(
    A=passing("B", Result=5, ResultPath="$.made"),
    B=passing("C", Parameters={"made": 6}, Assign={"kept": 1}),
    C=passing(),
)  # fmt: skip


def test_each_has_its_value_before_the_last_step_and_now() -> None:
    debugger = Debugger(FLOW, {"made": 1})
    for text in ("$.made", "$kept", "{% $states.input.made * 2 %}", "$.made"):
        debugger.watches.add(text)
    assert debugger.watches.texts == ("$.made", "$kept", "{% $states.input.made * 2 %}")
    made, kept, double = debugger.watched()
    assert (made.before, made.now, made.mark) == (1, 1, "")
    assert (kept.now, kept.problem) == (MISSING, "there is no $kept here")
    debugger.step_over()
    made, kept, double = debugger.watched()
    assert (made.before, made.now, made.mark) == (1, 5, "~")
    assert (double.before, double.now) == (2, 10)
    debugger.step_over()
    made, kept, double = debugger.watched()
    assert (made.before, made.now) == (5, 6)
    assert (kept.before, kept.now, kept.mark) == (MISSING, 1, "+")
    debugger.back_over()
    assert [line.mark for line in debugger.watched()] == ["~", "-", "~"]


def test_a_refused_verb_moves_nothing() -> None:
    debugger = Debugger(FLOW, {"made": 1})
    debugger.watches.add("$.made")
    debugger.step_over()
    debugger.goto_visit(99)
    assert debugger.watched()[0].before == 1


def test_they_are_changed_and_taken_away() -> None:
    debugger = Debugger(FLOW, {"made": 1})
    watches = debugger.watches
    assert [error.what for error in watches.take_texts(("$.a", "$.", "$.b"))] == ["a path must not end with ."]
    watches.change("$.a", "$.c")
    assert watches.texts == ("$.c", "$.b")
    with pytest.raises(DebugSyntaxError):
        watches.change("$.c", "$.c[")
    watches.remove("$.c")
    assert [line.text for line in debugger.watched()] == ["$.b"]
