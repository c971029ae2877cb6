"""The one table of rules, by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.advice.rule import Rule, id_of
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

_ADVICE: Final = (waiting, retrying, looping, payloads, maps, handling, express, calling, deploying)

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for module in (*_ADVICE, known) for rule in module.RULES}
"""Every rule by its id, advice first. Ids stay: people write them into their definitions."""


def rule_named(id: str) -> Rule:
    """The rule of this id. Raises UsageError when there is none."""
    rule = RULES.get(id)
    if rule is None:
        close = closest(id, RULES)
        fix = f"Did you mean {close}?" if close else "All of them: sfdebug lint --rules"
        raise UsageError(f"there is no rule {quote(id)}", fix=fix)
    return rule


def rule_id(finding: Finding) -> str:
    """The id of the rule that a finding is of; "" for what is said of a template as a whole."""
    return "" if finding.verdict is None else id_of(finding.verdict.code)
