"""The rules: each example shows what its rule speaks of, and what it advises is silent; ids, codes, the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sfdebug.advice.advising import advice_on
from sfdebug.advice.registry import RULES, rule_id, rule_named
from sfdebug.advice.rule import Rule, RuleSubject, Severity, id_of
from sfdebug.asl.examination import examine
from sfdebug.asl.findings import Finding
from sfdebug.asl.load import definition_from
from sfdebug.errors import UsageError
from sfdebug.limits import ExecutionType
from sfdebug.reports.rules import rules_page

SHOWN = [rule for rule in RULES.values() if rule.example is not None and rule.subject is RuleSubject.DEFINITION]


def completed(fragment: Any) -> dict[str, Any]:
    """A fragment as a whole machine: states by name, in which what is led to and missing is an end."""
    machine: dict[str, Any] = (
        fragment if "States" in fragment else {"StartAt": next(iter(fragment)), "States": fragment}
    )
    return machine


def advised(fragment: Any, rule: Rule) -> list[Finding]:
    machine = definition_from(completed(fragment))
    assert not examine(machine.document).errors
    type = ExecutionType.EXPRESS if rule.is_for_express else ExecutionType.STANDARD
    return [finding for finding in advice_on(machine, type) if rule_id(finding) == rule.id]


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.id)
def test_the_example_shows_it_and_what_is_advised_is_silent(rule: Rule) -> None:
    assert rule.example is not None
    found = advised(rule.example.before, rule)
    assert found
    for finding in found:
        assert finding.verdict is not None
        assert finding.problem is not None
        assert finding.verdict.severity == rule.severity
        assert finding.problem.fix
        assert finding.problem.line
    assert advised(rule.example.after, rule) == []


def test_each_rule_says_all_that_is_asked_of_it() -> None:
    assert len(SHOWN) > 30
    for id, rule in RULES.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)
        assert id_of(rule.code) == id
        assert rule.why.endswith(".")
        assert rule.why[0].isupper()
        assert "\n" not in rule.why + rule.fix
        assert rule.fix
        assert rule.source
        assert (
            rule.subject is not RuleSubject.DEFINITION
            or rule.example
            or rule.source.startswith(("https://", "sfdebug"))
        )
    assert len({rule.why for rule in RULES.values()}) == len(RULES)


def test_every_code_that_a_check_gives_is_a_rule(root: Path) -> None:
    given = set[str]()
    for path in [*(root / "sfdebug/asl").rglob("*.py"), root / "sfdebug/validation.py"]:
        text = path.read_text(encoding="utf-8")
        given |= set(re.findall(r'(?:our_verdict|AwsVerdict)\([^()]*"([A-Z_]{6,})"', text))
        given |= set(re.findall(r'^_?[A-Z_]+(?:: Final)? = "([A-Z]+(?:_[A-Z]+)+)"$', text, re.MULTILINE))
        given |= set(re.findall(r'else "([A-Z]+(?:_[A-Z]+)+)"$', text, re.MULTILINE))
    assert len(given) > 20
    assert {id_of(code) for code in given} <= set(RULES)


def test_a_rule_that_there_is_not() -> None:
    assert rule_named("no-default").severity is Severity.WARNING
    with pytest.raises(UsageError, match="there is no rule 'callback-without-timeouts'") as caught:
        rule_named("callback-without-timeouts")
    assert caught.value.fix == "Did you mean callback-without-timeout?"


def test_severities_are_in_order() -> None:
    assert Severity.ERROR.is_at_least(Severity.INFO)
    assert Severity.ADVICE.is_at_least(Severity.ADVICE)
    assert not Severity.INFO.is_at_least(Severity.ADVICE)


def test_the_page_is_what_the_rules_say(root: Path) -> None:
    assert (root / "docs/rules.md").read_text(encoding="utf-8") == rules_page(), "make docs"
