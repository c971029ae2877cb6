"""Findings as SARIF 2.1.0, which code scanning of GitHub, GitLab and others reads.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sfdebug.advice.registry import RULES, rule_id
from sfdebug.advice.rule import Severity
from sfdebug.reports.paths import fingerprint, repository_path
from sfdebug.reports.rules import rule_markdown, silence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.advice.rule import Rule
    from sfdebug.asl.findings import Finding
    from sfdebug.errors import Problem
    from sfdebug.values import Json

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION: Final = "2.1.0"

_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.ADVICE: "note",
    Severity.INFO: "note",
}
_OTHER: Final = "template"
"""The id of what is said of a template as a whole, which is no rule's."""


def sarif(findings: Iterable[Finding]) -> dict[str, Json]:
    """One run with all findings, and the rules that they are of."""
    from sfdebug import __version__

    found = [finding for finding in findings if finding.problem is not None]
    ids = list(dict.fromkeys(rule_id(finding) or _OTHER for finding in found))
    index = {id: position for position, id in enumerate(ids)}
    driver: dict[str, Json] = {
        "name": "sfdebug",
        "version": __version__,
        "rules": [_rule(id, RULES.get(id)) for id in ids],
    }
    results: list[Json] = [_result(finding, finding.problem, index) for finding in found if finding.problem]
    run: dict[str, Json] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _rule(id: str, rule: Rule | None) -> dict[str, Json]:
    if rule is None:
        return {"id": id, "shortDescription": {"text": "What is odd about a template, or about a definition's text."}}
    address = next((word.strip(";,") for word in rule.source.split() if word.startswith("https://")), "")
    described: dict[str, Json] = {
        "id": id,
        "shortDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\nFix: {rule.fix}.\nSilence: {silence(rule)}.", "markdown": rule_markdown(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.subject.value, rule.severity.lower()]},
    }
    return described | ({"helpUri": address} if address else {})


def _result(finding: Finding, problem: Problem, index: Mapping[str, int]) -> dict[str, Json]:
    id = rule_id(finding) or _OTHER
    severity = finding.verdict.severity if finding.verdict is not None else problem.severity.upper()
    text = f"{problem.what}. Fix: {problem.fix}" if problem.fix else problem.what
    location: dict[str, Json] = {"physicalLocation": _place(problem)}
    if finding.location is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.location}]
    # What stays when lines move: the rule, the file, and where in the definition it is.
    kept = fingerprint(id, repository_path(problem.file), finding.location or "", problem.what)
    return {
        "ruleId": id,
        "ruleIndex": index[id],
        "level": _LEVELS[Severity(severity)],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"sfdebug/v1": kept},
    }


def _place(problem: Problem) -> dict[str, Json]:
    place: dict[str, Json] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line:
        region: dict[str, Json] = {"startLine": problem.line, "startColumn": max(1, problem.column)}
        region["endColumn"] = max(1, problem.column) + max(1, problem.length)
        if problem.excerpt:
            region["snippet"] = {"text": problem.excerpt}
        place["region"] = region
    return place


def _uri(path: str) -> str:
    """A path as a URI: relative to the repository's root where it is below it, as code scanning wants it."""
    named = repository_path(path)
    return Path(named).as_uri() if os.path.isabs(named) else quote(named)
