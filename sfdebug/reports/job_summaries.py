"""What verifying and testing found, as Markdown: for the summary of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sfdebug.reports.markdown import code, fenced, folded, plain
from sfdebug.reports.mutation import mutation_summary, unnoticed
from sfdebug.reports.outcomes import outcome_summary, told_of
from sfdebug.reports.testing import counts_line
from sfdebug.reports.verification import group_text, summary
from sfdebug.testing.model import CaseVerdict

if TYPE_CHECKING:
    from sfdebug.history.verification.outcomes import OutcomeGroup
    from sfdebug.history.verification.tally import VerificationTally
    from sfdebug.testing.mutation.model import MutationReport

_SHOWN: Final = 20
_MOST_CHANGES: Final = 50


def verification_markdown(definition: str, tally: VerificationTally) -> str:
    """How many recorded executions came again, and where and why the others did not, the most frequent first."""
    lines = [f"## {code(definition)} against recorded executions", "", f"**{plain(summary(tally))}**"]
    groups = tally.groups
    if groups:
        lines += ["", "| executions | what | for example |", "|---:|---|---|"]
        lines += [f"| {one.count:,} | {plain(group_text(one))} | {code(one.example)} |" for one in groups[:_SHOWN]]
    rest = sum(one.count for one in groups[_SHOWN:]) + tally.ungrouped
    if rest:
        lines += ["", f"{rest:,} more, each in another way"]
    return "\n".join(lines) + "\n"


def outcomes_markdown(definition: str, found: Sequence[OutcomeGroup]) -> str:
    """What would have come of recorded executions: how many are proved to succeed, and what of the others."""
    lines = [
        f"## What would have come of executions under {code(definition)}",
        "",
        f"**{plain(outcome_summary(found))}**",
    ]
    if found:
        lines += ["", "| executions | outcome | what | for example |", "|---:|---|---|---|"]
        lines += [
            f"| {len(one.executions):,} | {one.outcome} | {plain(told_of(one))} | {code(one.executions[0][0])} |"
            for one in found[:_SHOWN]
        ]
    rest = sum(len(one.executions) for one in found[_SHOWN:])
    if rest:
        lines += ["", f"{rest:,} more, in other groups"]
    return "\n".join(lines) + "\n"


def cases_markdown(cases: Sequence[Mapping[str, Any]], broken: Sequence[tuple[str, Sequence[str]]]) -> str:
    """How many test cases passed, and why the others did not; cases as `outcome_dict` makes them."""
    verdicts = [CaseVerdict(case["verdict"]) for case in cases]
    counts = {verdict: verdicts.count(verdict) for verdict in CaseVerdict}
    lines = ["## Tests of state machines", "", f"**{counts_line(counts, len(broken))}**"]
    bad = [case for case in cases if case["verdict"] != CaseVerdict.PASSED]
    for case in bad[:_SHOWN]:
        told = fenced("\n".join(map(str, case.get("explanation", ()))), "text")
        lines += ["", *folded(f"{case['verdict']}: {case['name']} ({case['file']}:{case['line']})", told)]
    for file, problems in broken[:_SHOWN]:
        lines += ["", *folded(f"error: {file}", fenced("\n".join(problems), "text"))]
    rest = max(0, len(bad) - _SHOWN) + max(0, len(broken) - _SHOWN)
    if rest:
        lines += ["", f"and {rest:,} more that did not pass"]
    return "\n".join(lines) + "\n"


def mutation_markdown(report: MutationReport) -> str:
    """How many changes the tests noticed, and which they did not, with their lines."""
    lines = ["## Changes of state machines that tests notice", "", f"**{plain(mutation_summary(report))}**"]
    found = unnoticed(report)
    if found:
        lines += ["", "| where | not noticed |", "|---|---|"]
        lines += [f"| {code(f'{one.file}:{one.line}')} | {plain(one.text)} |" for one in found[:_MOST_CHANGES]]
    if len(found) > _MOST_CHANGES:
        lines += ["", f"and {len(found) - _MOST_CHANGES:,} more"]
    return "\n".join(lines) + "\n"
