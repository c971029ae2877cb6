"""What came of mutants in several jobs, each with a part of the cases, as in one with all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from msgspec.structs import replace

from sfdebug.asl.text.source import Pointer
from sfdebug.errors import UsageError
from sfdebug.testing.mutation.model import MutantOutcome, MutantVerdict, MutationReport

_Key: TypeAlias = tuple[Pointer, str]
_FIRST: Final = (MutantVerdict.INVALID, MutantVerdict.EQUIVALENT, MutantVerdict.NOTICED, MutantVerdict.NOT_RUN)
"""What one part says counts for all; what is left has survived all."""


def added(reports: Mapping[str, MutationReport]) -> MutationReport:
    """One report of several, by what they are called: a mutant is noticed where any part of the cases noticed it, and
    survived where each part was run and none did.

    Raises UsageError for a machine that had other changes in one of them: it is not the same.
    """
    machines: dict[str, tuple[str, dict[_Key, list[MutantOutcome]]]] = {}
    for path, report in reports.items():
        for machine, outcomes in _by_machine(report).items():
            first, found = machines.setdefault(machine, (path, {key: [] for key in outcomes}))
            if list(found) != list(outcomes):
                what = f"the changes of {machine} are others than in {first}: it is not the same definition"
                raise UsageError(what, where=path, fix="Run all jobs with the same files.")
            for key, outcome in outcomes.items():
                found[key].append(outcome)
    return MutationReport(tuple(_together(one) for _, found in machines.values() for one in found.values()))


def _by_machine(report: MutationReport) -> dict[str, dict[_Key, MutantOutcome]]:
    machines: dict[str, dict[_Key, MutantOutcome]] = {}
    for one in report.outcomes:
        change = one.mutant.change
        machines.setdefault(one.mutant.machine, {})[change.pointer, change.what] = one
    return machines


def _together(found: Sequence[MutantOutcome]) -> MutantOutcome:
    """What all parts of the cases together say of one mutant."""
    ran = sum(one.ran for one in found)
    for verdict in _FIRST:
        said = next((one for one in found if one.verdict is verdict), None)
        if said is not None:
            return replace(said, ran=ran if verdict is MutantVerdict.NOTICED else 0)
    return replace(found[0], ran=ran)
