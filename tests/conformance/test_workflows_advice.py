"""Advice on the real definitions: each rule counted, so that one that cries wolf is seen; what was judged is here.

Ten findings of each rule of severity warning or advice (all, where there are fewer) were judged with their whole
definition open, as a reviewer would. Agreed with: all, but for five that may be argued about. What three loops of
polling-loop-fills-history wait for (an account, two crawlers) ends by itself long before; EMR gives up a cluster that
it cannot start (job-without-timeout); one paged query says LIMIT 10 (inline-map-in-loop). Ten of each rule of severity
info were looked at as well, for what is wrong and not for taste; what was wrong is in tests/unit/advice/test_let_be.py.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from sfdebug.advice.advising import advice_on, by_state, severity_of
from sfdebug.advice.registry import rule_id
from sfdebug.advice.rule import Severity
from sfdebug.asl.load import load_definition
from sfdebug.asl.text.source import Document
from sfdebug.errors import DefinitionError

WORKFLOWS: Final = sorted((Path(__file__).parents[3] / "shared" / "workflows").glob("*.asl.*"))
WARNED: Final = {"callback-without-timeout": 22, "endless-catch": 1}
ADVISED: Final = {
    "lambda-without-service-retry": 35,
    "polling-loop-fills-history": 15,
    "job-without-timeout": 5,
    "distributed-map-without-result-writer": 4,
    "object-body-in-payload": 4,
    "inline-map-in-loop": 2,
    "poll-instead-of-sync": 3,
}

pytestmark = pytest.mark.skipif(not WORKFLOWS, reason="the real definitions are not beside this checkout")


@lru_cache(maxsize=1)
def counts() -> dict[Severity, Counter[str]]:
    found: dict[Severity, Counter[str]] = {severity: Counter() for severity in Severity}
    for path in WORKFLOWS:
        try:
            machine = load_definition(path)
        except DefinitionError:  # one of the malformed files
            continue
        findings = advice_on(machine)
        for finding in findings:
            found[severity_of(finding)][rule_id(finding)] += 1
            assert is_there(finding.pointer, machine.document)
        assert sum(map(len, by_state(machine, findings).values())) == len(findings)
    return found


def is_there(pointer: tuple[str | int, ...], document: Document) -> bool:
    value = document.value
    for step in pointer:
        if not isinstance(value, (dict, list)):
            return False
        value = value[step]  # type: ignore[index]
    return True


def test_warnings_are_few_and_meant() -> None:
    assert counts()[Severity.WARNING] == WARNED
    assert counts()[Severity.ERROR] == {}


def test_advice_is_what_a_reviewer_would_say() -> None:
    assert counts()[Severity.ADVICE] == ADVISED
