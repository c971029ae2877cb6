"""What a Choice would do by itself, before it has run: the verdicts of its rules, and the way that it takes."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger
from sfdebug.values import Json
from tests.debugger_runs import machine, passing


def test_the_verdicts_of_all_rules_are_known_before_the_choice_runs() -> None:
    rules = [
        {"Variable": "$.n", "NumericEquals": 1, "Next": "A"},
        {"Variable": "$.n", "NumericEquals": 2, "Next": "B"},
        {"Variable": "$.missing", "NumericEquals": 3, "Next": "A"},
    ]
    definition = machine(Which={"Type": "Choice", "Choices": rules, "Default": "B"}, A=passing(), B=passing())
    debugger = Debugger(definition, {"n": 1})
    before = debugger.forecast_choice()
    assert before is not None
    assert [verdict and verdict.matched for verdict in before.verdicts] == [True, False, None]
    debugger.step_into()
    debugger.step_into()
    inside = debugger.forecast_choice()
    assert inside is not None
    assert [verdict and verdict.matched for verdict in inside.verdicts] == [True, False, None]
    assert (before.taken, before.is_default, before.fault) == (inside.taken, inside.is_default, inside.fault)
    assert (before.taken, before.is_default, before.fault) == (0, False, None)
    assert len(debugger.timeline.forks) == 1
    debugger.step_over()
    assert debugger.forecast_choice() is None, "a Pass is ahead"


@pytest.mark.parametrize("data", [{"n": 1}, {"n": 2}, {"n": 3}, {"m": 3}, {"n": 2, "forced": 1}])
def test_what_a_choice_would_do_by_itself_is_what_it_does(data: dict[str, Json]) -> None:
    rules = [
        {"Variable": "$.n", "NumericEquals": 2, "Next": "B"},
        {"Variable": "$.m", "NumericEqualsPath": "$.missing", "Next": "A"},
        {"Variable": "$.n", "NumericEquals": 1, "Next": "A"},
    ]
    definition = machine(
        Which={"Type": "Choice", "Choices": rules, "Default": "C"}, A=passing(), B=passing(), C=passing()
    )
    debugger = Debugger(definition, data)
    if "forced" in data:
        debugger.force_choice(1)
    ahead = debugger.forecast_choice()
    assert ahead is not None
    other = Debugger(definition, data)
    other.step_over()
    visit = other.visits_of(("Which",))[-1]
    target = next((rule.next for rule in visit.state.choices if rule.index == ahead.taken), None)
    assert (visit.next, visit.fault) == ("C" if ahead.is_default else target, ahead.fault)
