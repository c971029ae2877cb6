"""What came of mutants: those that no test noticed, and how many of each kind there were, in words, as JSON, and in the
forms that CI systems read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from sfdebug.errors import UsageError
from sfdebug.reports.annotations import Annotation, AnnotationLevel
from sfdebug.reports.coverage.text import path_text
from sfdebug.reports.junit import JUnitCase, JUnitVerdict
from sfdebug.reports.quality_issues import QualityIssue
from sfdebug.testing.mutation.model import DefinitionChange, Mutant, MutantOutcome, MutantVerdict, MutationReport
from sfdebug.text import counted, escaped
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.values import Json

_MOST: Final = 50
"""So many changes that no case noticed are named in the text."""
_TITLE: Final = "sfdebug test --mutate"
_CASE: Final = "cases notice what is changed"


class Unnoticed(Struct, frozen=True):
    """Changes that no test noticed, which are told as one: a single one, or all in a state that no case enters."""

    changes: tuple[MutantOutcome, ...]

    @property
    def file(self) -> str:
        """The file that the first of them is in."""
        return self.changes[0].mutant.file

    @property
    def line(self) -> int:
        """Its line."""
        return self.changes[0].mutant.line

    @property
    def is_entered(self) -> bool:
        """Whether a case enters the state."""
        return self.changes[0].ran > 0

    @property
    def text(self) -> str:
        """What there is to say of them."""
        change = self.changes[0].mutant.change
        if self.is_entered:
            return f"{escaped(change.what)}: {counted(self.changes[0].ran, 'case')} passed all the same"
        changes = counted(len(self.changes), "change")
        return f"{path_text(change.state)}: no case enters it, so that none notices {changes} in it"


def unnoticed(report: MutationReport) -> list[Unnoticed]:
    """What no test noticed: first the changes of states that cases enter, then the states that none does."""
    survived = report.of(MutantVerdict.SURVIVED)
    unseen: dict[tuple[str, StatePath], list[MutantOutcome]] = {}
    for one in survived:
        if not one.ran:
            unseen.setdefault((one.mutant.file, one.mutant.change.state), []).append(one)
    return [Unnoticed((one,)) for one in survived if one.ran] + [Unnoticed(tuple(one)) for one in unseen.values()]


def mutation_lines(report: MutationReport, *, all_changes: bool = False) -> list[str]:
    """A line for each change that no test noticed, one for each state that no case enters, and one with all numbers;
    nothing is said of what was not run."""
    found = unnoticed(report)
    entered = [one for one in found if one.is_entered]
    shown = entered if all_changes else entered[:_MOST]
    lines = [f"not noticed  {_place(one)}  {one.text}" for one in shown]
    if len(entered) > len(shown):
        lines.append(f"and {len(entered) - len(shown):,} more that no case noticed: --all names them")
    lines += [f"not entered  {_place(one)}  {one.text}" for one in found if not one.is_entered]
    return [*lines, mutation_summary(report)]


def mutation_summary(report: MutationReport) -> str:
    """`41 of 48 changes were noticed, 7 were not; left out: 3 that cannot be run, 2 that mean the same`."""
    noticed, survived = report.count(MutantVerdict.NOTICED), report.count(MutantVerdict.SURVIVED)
    total = noticed + survived
    text = f"{noticed:,} of {counted(total, 'change')} {'was' if noticed == 1 else 'were'} noticed, {survived:,} not"
    invalid, equivalent = report.count(MutantVerdict.INVALID), report.count(MutantVerdict.EQUIVALENT)
    left_out = [f"{invalid:,} that cannot be run"] if invalid else []
    left_out += [f"{equivalent:,} that mean the same"] if equivalent else []
    if left_out:
        text += f"; left out: {', '.join(left_out)}"
    not_run = report.count(MutantVerdict.NOT_RUN)
    return text + (f"; not run within the budget: {not_run:,}" if not_run else "")


def _place(one: Unnoticed) -> str:
    return f"{escaped(one.file)}:{one.line}"


def mutation_dict(report: MutationReport) -> dict[str, Json]:
    """The same as an object."""
    return {
        "noticed": report.count(MutantVerdict.NOTICED),
        "survived": report.count(MutantVerdict.SURVIVED),
        "invalid": report.count(MutantVerdict.INVALID),
        "equivalent": report.count(MutantVerdict.EQUIVALENT),
        "notRun": report.count(MutantVerdict.NOT_RUN),
        "mutants": [
            {
                "machine": one.mutant.machine,
                "file": one.mutant.file,
                "line": one.mutant.line,
                "state": list(one.mutant.change.state),
                "pointer": list(one.mutant.change.pointer),
                "change": one.mutant.change.what,
                "verdict": one.verdict.value,
                "ran": one.ran,
                **({"noticedBy": one.noticed_by} if one.noticed_by else {}),
            }
            for one in report.outcomes
        ],
    }


class _MutantResult(Struct, frozen=True, rename="camel"):
    machine: str
    file: str
    line: int
    state: list[str | int]
    pointer: list[str | int]
    change: str
    verdict: MutantVerdict
    ran: int
    noticed_by: str = ""


class _MutationResult(Struct, frozen=True):
    mutants: list[_MutantResult]


def mutation_from(value: Any, where: str) -> MutationReport:
    """What came of mutants, read back from what `mutation_dict` has made. Raises UsageError for something else."""
    try:
        read = msgspec.convert(value, _MutationResult)
    except msgspec.ValidationError as error:
        fix = "Give what `sfdebug test --mutate --json` wrote."
        raise UsageError(f"this is not what came of changes: {error}", where=where, fix=fix) from None
    return MutationReport(tuple(map(_outcome, read.mutants)))


def _outcome(one: _MutantResult) -> MutantOutcome:
    change = DefinitionChange(tuple(one.state), tuple(one.pointer), MISSING, one.change)
    return MutantOutcome(Mutant(one.machine, one.file, one.line, change, ()), one.verdict, one.ran, one.noticed_by)


def mutation_annotations(report: MutationReport) -> Iterator[Annotation]:
    """What stands beside the lines whose changes no test noticed."""
    for one in unnoticed(report):
        text = one.text if not one.is_entered else f"Not noticed: {one.text}"
        yield Annotation(AnnotationLevel.WARNING, one.file, one.line, 0, _TITLE, text)


def mutation_issues(report: MutationReport) -> Iterator[QualityIssue]:
    """What no test noticed as GitLab's code quality has it."""
    for one in unnoticed(report):
        change = one.changes[0].mutant.change
        name = "change-not-noticed" if one.is_entered else "state-not-entered"
        kept = (one.changes[0].mutant.machine, "/".join(map(str, change.state)), change.what if one.is_entered else "")
        yield QualityIssue(name, one.file, one.line, "minor", one.text, kept)


def why_not_noticed(report: MutationReport, most: int) -> str:
    """Why it cannot be said that no more than so many changes were left unnoticed; "" where it can, even
    if none of those that were not run within the budget would be noticed."""
    survived, not_run = report.count(MutantVerdict.SURVIVED), report.count(MutantVerdict.NOT_RUN)
    late = f"{counted(not_run, 'change')} {'was' if not_run == 1 else 'were'} not run within the budget"
    if survived > most:
        return f"{counted(survived, 'change')} not noticed, and {most:,} may be{f'; {late}' if not_run else ''}"
    if not_run and not survived and not report.count(MutantVerdict.NOTICED):
        return f"the budget was not enough for any of {counted(not_run, 'change')}: nothing is known of them"
    if survived + not_run > most:
        return f"{late}, {survived:,} not noticed, and {most:,} may be: whether there are more is not known"
    return ""


def mutation_case(report: MutationReport, most: int) -> JUnitCase:
    """That no more than so many changes were not noticed, as JUnit has it: what the exit code says."""
    message = why_not_noticed(report, most)
    if not message:
        return JUnitCase(_TITLE, _CASE, output=mutation_summary(report))
    text = "\n".join(mutation_lines(report, all_changes=True))
    kind = "survived" if report.count(MutantVerdict.SURVIVED) > most else "not run"
    return JUnitCase(_TITLE, _CASE, JUnitVerdict.FAILURE, message, kind, text)
