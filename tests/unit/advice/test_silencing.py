"""Silence: by a Comment for what it is about and what is inside, by name; never for what AWS refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.advice.advising import advice_on
from sfdebug.advice.registry import never_ignored, rule_id
from sfdebug.advice.silencing import silenced
from sfdebug.asl.load import definition_from, examine_definition
from sfdebug.validation import findings_of

RULE = "job-without-timeout"
JOB = {
    "Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": True,
    "Parameters": {"Cluster": "c", "TaskDefinition": "t"},
}  # fmt: skip


def rules(definition: dict[str, Any], *ignored: str) -> list[str]:
    machine = definition_from(definition)
    found = silenced(advice_on(machine), machine.document, ignored)
    return sorted(rule_id(each) for each in found if rule_id(each) in (RULE, "unknown-rule-ignored"))


def machine(first: str = "", second: str = "", whole: str = "", inside: str = "") -> dict[str, Any]:
    inner = {"StartAt": "In", "States": {"In": JOB}, "Comment": inside}
    each = {"Type": "Map", "ItemProcessor": inner, "Comment": second, "End": True, "MaxConcurrency": 1}
    states = {"A": {**JOB, "End": False, "Next": "Each", "Comment": first}, "Each": each}
    del states["A"]["End"]
    return {"StartAt": "A", "Comment": whole, "States": states}


def test_a_comment_silences_what_it_stands_in() -> None:
    asked = f"sfdebug: ignore {RULE}"
    assert rules(machine()) == [RULE, RULE]
    assert rules(machine(first=asked)) == [RULE]
    assert rules(machine(second=f"Runs at night. {asked}")) == [RULE]
    assert rules(machine(inside=f"sfdebug: ignore no-default, {RULE}: it ends by itself")) == [RULE]
    assert rules(machine(whole=asked)) == []
    assert rules(machine(whole=f"Sfdebug: ignore: {RULE}")) == []
    assert rules(machine(whole="sfdebug: ignore callback-without-timeout")) == [RULE, RULE]
    assert rules(machine(whole=f"ignore {RULE}")) == [RULE, RULE]


def test_what_is_named_is_silent_everywhere() -> None:
    assert rules(machine(), RULE) == []
    assert rules(machine(), "no-default") == [RULE, RULE]


def test_a_comment_that_names_no_rule_is_told() -> None:
    definition = definition_from(machine(first="sfdebug: ignore job-with-timeout"))
    (finding,) = silenced((), definition.document)
    assert finding.problem is not None
    assert finding.problem.what == "there is no rule 'job-with-timeout'"
    assert finding.problem.fix == "did you mean job-without-timeout?"
    assert finding.pointer == ("States", "A", "Comment")


@pytest.mark.parametrize("id", ["job-with-timeout", "quite-another", "missing-end-state"])
def test_a_comment_is_told_what_an_option_is(id: str) -> None:
    (finding,) = silenced((), definition_from(machine(first=f"sfdebug: ignore {id}")).document)
    ((what, fix),) = never_ignored([id])
    assert finding.problem is not None
    assert (finding.problem.what, finding.problem.fix) == (what, f"{fix[0].lower()}{fix[1:]}")


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("sfdebug: ignore", "this asks to ignore, and names no rule"),
        ("sfdebug: ignore: ", "this asks to ignore, and names no rule"),
        ("sfdebug: ignore missing-end-state", "'missing-end-state' is an error, and errors are never ignored"),
        (f"SFDEBUG: Ignore {RULE}", None),
        (f"sfdebug: ignore: {RULE}, no-default", None),
        ("made with sfdebug: it ignores much", None),
    ],
)
def test_what_silences_nothing_is_told(comment: str, told: str | None) -> None:
    found = silenced((), definition_from(machine(first=comment)).document)
    assert [each.problem.what for each in found if each.problem] == ([told] if told else [])


def test_what_aws_refuses_is_never_silent() -> None:
    text = '{"Comment": "sfdebug: ignore missing-transition-target", "StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}'  # noqa: E501
    examination = examine_definition(text, "a.json", "json")
    kept = silenced(findings_of(examination), examination.document, ["missing-transition-target"])
    assert [rule_id(finding) for finding in kept] == ["missing-transition-target", "unknown-rule-ignored"]
