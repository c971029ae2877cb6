"""`advice_on`: one machine held against every rule on definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.advice.adviser import Adviser
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
    from sfdebug.asl.definition import StateMachine
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


def advice_on(machine: StateMachine, type: ExecutionType = ExecutionType.STANDARD) -> tuple[Finding, ...]:
    """What every rule on definitions says of a machine of this type, not silenced, in no order.

    Reads botocore's models of the services that Tasks with a Retry call, one at a time.
    """
    adviser = Adviser(machine, type)
    for check in _CHECKS:
        check(adviser)
    return with_labels(adviser.findings, machine.document.source)
