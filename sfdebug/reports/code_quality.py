"""Findings as GitLab's code quality report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.advice.advising import severity_of
from sfdebug.advice.registry import rule_id
from sfdebug.advice.rule import Severity
from sfdebug.reports.quality_issues import QualityIssue, quality_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.asl.findings import Finding
    from sfdebug.values import Json

_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.ADVICE: "minor",
    Severity.INFO: "info",
}


def code_quality(findings: Iterable[Finding]) -> list[Json]:
    """The findings, each with a fingerprint of its own that stays when lines move."""
    return quality_report(_issues(findings))


def _issues(findings: Iterable[Finding]) -> Iterator[QualityIssue]:
    for finding in findings:
        problem = finding.problem
        if problem is None:
            continue
        said = f"{problem.what}. Fix: {problem.fix}" if problem.fix else problem.what
        kept = (finding.location or "", problem.what)
        severity = _SEVERITIES[severity_of(finding)]
        yield QualityIssue(rule_id(finding) or "template", problem.file, problem.line, severity, said, kept)
