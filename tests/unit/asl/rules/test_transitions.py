"""Targets, ends, reachability, names: what holds the states of a scope together."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.transitions import targets
from sfdebug.errors import DefinitionError, Problem

PASS = {"Type": "Pass", "End": True}


def errors(definition: Any) -> list[Problem]:
    with pytest.raises(DefinitionError) as caught:
        definition_from(definition)
    return list(caught.value.problems)


def test_every_kind_of_target_is_checked() -> None:
    definition = {
        "StartAt": "Gone0",
        "States": {
            "A": {
                "Type": "Task",
                "Resource": "${R}",
                "Catch": [{"ErrorEquals": ["E"], "Next": "Gone1"}],
                "Next": "Gone2",
            },
            "B": {
                "Type": "Choice",
                "Choices": [{"Variable": "$", "IsNull": True, "Next": "Gone3"}],
                "Default": "Gone4",
            },
            "C": PASS,
        },
    }
    found = errors(definition)
    assert [(problem.where, problem.what) for problem in found] == [
        ("StartAt", "there is no state 'Gone0'"),
        ("States.A.Catch[0].Next", "there is no state 'Gone1'"),
        ("States.A.Next", "there is no state 'Gone2'"),
        ("States.B.Choices[0].Next", "there is no state 'Gone3'"),
        ("States.B.Default", "there is no state 'Gone4'"),
    ]
    assert found[0].fix == "the states here are 'A', 'B', 'C'"


def test_a_target_in_another_scope_is_told_so() -> None:
    branch = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Next": "After"}, "Last": PASS}}
    definition = {
        "StartAt": "P",
        "States": {"P": {"Type": "Parallel", "Branches": [branch], "Next": "Last"}, "After": PASS},
    }
    found = {problem.where: problem.what for problem in errors(definition)}
    assert "'After' is in another scope" in found["States.P.Branches[0].States.In.Next"]
    assert "'Last' is in another scope" in found["States.P.Next"]


def test_a_target_cannot_be_a_placeholder() -> None:
    (problem,) = errors({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "${Where}"}, "B": PASS}})
    assert problem.fix == "write the name itself: a target cannot be filled in later"


def test_a_scope_without_an_end_is_an_error() -> None:
    loop = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}
    (problem,) = errors(loop)
    assert problem.where == "States"
    assert "no state here ends" in problem.what
    inside = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": loop, "End": True}}}
    (warning,) = definition_from(inside).warnings
    assert warning.where == "States.M.ItemProcessor.States"


def test_names_are_unique_over_all_scopes() -> None:
    inner = {"StartAt": "A", "States": {"A": PASS}}
    definition = {
        "StartAt": "P",
        "States": {"P": {"Type": "Parallel", "Branches": [inner, inner], "Next": "A"}, "A": PASS},
    }
    found = errors(definition)
    assert [problem.where for problem in found] == ["States.P.Branches[1].States.A", "States.A"]
    assert all("there is another state called 'A', on line" in problem.what for problem in found)


def test_unreachable_states_are_warnings_here_and_inside() -> None:
    inner = {"StartAt": "I", "States": {"I": PASS, "J": {"Type": "Pass", "Next": "I"}}}
    machine = definition_from(
        {
            "StartAt": "M",
            "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}, "N": {"Type": "Succeed"}},
        }
    )
    assert [(warning.severity, warning.what) for warning in machine.warnings] == [
        ("warning", "nothing leads to the state 'J'"),
        ("warning", "nothing leads to the state 'N'"),
    ]
    assert {warning.fix for warning in machine.warnings} == {"it never runs: lead to it with a Next, or take it out"}


def test_states_reached_by_rules_default_and_catch_are_reachable() -> None:
    machine = definition_from(
        {
            "StartAt": "C",
            "States": {
                "C": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "T"}],
                    "Default": "D",
                },
                "T": {
                    "Type": "Task",
                    "Resource": "${R}",
                    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "E"}],
                    "Next": "C",
                },
                "D": PASS,
                "E": {"Type": "Fail"},
            },
        }
    )
    assert machine.warnings == ()
    assert [name for state in machine.walk() for _, name in targets(state)] == ["T", "D", "C", "E"]


def test_one_misplaced_state_does_not_bring_on_others() -> None:
    (problem,) = errors({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": "x", "C": PASS}})
    assert problem.where == "States.B"


@pytest.mark.parametrize(
    ("machine", "place"),
    [
        ({"StartAt": "", "States": {"A": {"Type": "Succeed"}}}, "StartAt"),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {
                        "Type": "Parallel",
                        "End": True,
                        "Branches": [{"StartAt": "", "States": {"X": {"Type": "Succeed"}}}],
                    }
                },
            },
            "StartAt",
        ),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$.a", "IsNull": True, "Next": ""}],
                        "Default": "B",
                    },
                    "B": {"Type": "Succeed"},
                },
            },
            "Next",
        ),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": ""}],
                        "End": True,
                    }
                },
            },
            "Next",
        ),
    ],
)
def test_an_empty_target_is_an_error(machine: dict[str, Any], place: str) -> None:
    with pytest.raises(DefinitionError, match=f"'{place}' is empty"):
        definition_from(machine)
