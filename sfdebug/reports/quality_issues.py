"""GitLab's code quality report, which merge requests show: one writer for whatever stands in a line.

Source: GitLab, "Code Quality", "Code Quality report format".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.reports.paths import fingerprint, repository_path

if TYPE_CHECKING:
    from sfdebug.values import Json


class QualityIssue(Struct, frozen=True):
    """One thing that is said of a line. `severity` is one of GitLab's words, `kept` what tells it from others and stays
    when lines move."""

    name: str
    file: str
    line: int
    severity: str
    description: str
    kept: tuple[str, ...]


def quality_report(issues: Iterable[QualityIssue]) -> list[Json]:
    """The report: each issue with a fingerprint of its own."""
    report: list[Json] = []
    seen: dict[str, int] = {}
    for one in issues:
        path = repository_path(one.file)
        kept = fingerprint(one.name, path, *one.kept)
        number = seen[kept] = seen.get(kept, 0) + 1
        report.append(
            {
                "description": one.description,
                "check_name": one.name,
                "fingerprint": kept if number == 1 else fingerprint(kept, str(number)),
                "severity": one.severity,
                "location": {"path": path, "lines": {"begin": max(1, one.line)}},
            }
        )
    return report
