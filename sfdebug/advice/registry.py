"""The one table of rules, by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.advice.rule import Rule, Severity, id_of
from sfdebug.advice.rules import (
    calling,
    deploying,
    express,
    handling,
    known,
    looping,
    maps,
    payloads,
    retrying,
    waiting,
)
from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from sfdebug.asl.findings import Finding
    from sfdebug.errors import Problem

_ADVICE: Final = (waiting, retrying, looping, payloads, maps, handling, express, calling, deploying)

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for module in (*_ADVICE, known) for rule in module.RULES}
"""Every rule by its id, advice first. Ids stay: people write them into their definitions."""


def rule_named(id: str) -> Rule:
    """The rule of this id. Raises UsageError when there is none."""
    for what, fix in unknown_rules([id]):
        raise UsageError(what, fix=fix)
    return RULES[id]


def unknown_rules(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with ids that are no rule's, and how to mend it."""
    for id in ids:
        if id not in RULES:
            close = closest(id, RULES)
            fix = f"Did you mean {close}?" if close else "All of them: sfdebug lint --rules"
            yield f"there is no rule {quote(id)}", fix


def never_ignored(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with ids that are to be ignored, and how to mend it: there is no such rule, or it is of errors."""
    for id in ids:
        if id in RULES and RULES[id].severity is Severity.ERROR:
            yield f"{quote(id)} is an error, and errors are never ignored", "Mend what it says, and take the id out"
        else:
            yield from unknown_rules([id])


def shown_problem(finding: Finding) -> Problem:
    """A finding as it is listed: with its severity, and the id of its rule behind what it says.

    AWS's errors go by a few codes, which tell a reader nothing: their ids are left out.
    """
    problem, verdict = finding.problem, finding.verdict
    assert problem is not None, "the caller looked"
    if verdict is None:
        return problem
    is_told = verdict.own or verdict.severity != Severity.ERROR
    what = f"{problem.what} [{rule_id(finding)}]" if is_told else problem.what
    return replace(problem, what=what, severity=verdict.severity.lower())


def rule_id(finding: Finding) -> str:
    """The id of the rule that a finding is of; "" for what is said of a template as a whole."""
    return "" if finding.verdict is None else id_of(finding.verdict.code)
