"""`advice_on`: one machine held against every rule on definitions; and which state each finding is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.advice.adviser import Adviser
from sfdebug.advice.rule import Severity
from sfdebug.advice.rules.calling import check_calling
from sfdebug.advice.rules.express import check_type
from sfdebug.advice.rules.handling import check_handling
from sfdebug.advice.rules.looping import check_looping
from sfdebug.advice.rules.maps import check_maps
from sfdebug.advice.rules.payloads import check_payloads
from sfdebug.advice.rules.retrying import check_retrying
from sfdebug.advice.rules.waiting import check_waiting
from sfdebug.asl.findings import with_labels
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.asl.findings import Finding

_CHECKS: Final = (
    check_waiting,
    check_retrying,
    check_looping,
    check_payloads,
    check_maps,
    check_handling,
    check_type,
    check_calling,
)


def advice_on(
    machine: StateMachine, type: ExecutionType = ExecutionType.STANDARD, *, reads_models: bool = True
) -> tuple[Finding, ...]:
    """What every rule on definitions says of a machine of this type, not silenced, in no order.

    Reads botocore's models of the services that Tasks with a Retry start something in, one at a time, unless
    `reads_models` is false: then of these nothing is said.
    """
    adviser = Adviser(machine, type, reads_models=reads_models)
    for check in _CHECKS:
        check(adviser)
    return with_labels(adviser.findings, machine.document.source)


def by_state(machine: StateMachine, findings: Iterable[Finding]) -> dict[StatePath, tuple[Finding, ...]]:
    """Findings by the innermost state that each is about, the worst first; what is about the whole machine by ()."""
    paths = {state.pointer: state.path for state in machine.walk()}
    found: dict[StatePath, list[Finding]] = {}
    for finding in findings:
        pointer = finding.pointer
        owner = next((pointer[:end] for end in range(len(pointer), 0, -1) if pointer[:end] in paths), None)
        found.setdefault(paths[owner] if owner is not None else (), []).append(finding)
    return {path: tuple(sorted(each, key=_rank)) for path, each in found.items()}


def severity_of(finding: Finding) -> Severity:
    """How much a finding matters: what AWS or its rule says, else what its problem does."""
    if finding.verdict is not None:
        return Severity(finding.verdict.severity)
    assert finding.problem is not None, "what has neither says nothing"
    return Severity(finding.problem.severity.upper())


def _rank(finding: Finding) -> int:
    return list(Severity).index(severity_of(finding))
