"""The executions of a state machine that stand next to another one: the last that went well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.aws.listing import Wanted
from sfdebug.executions.outcome import SUCCEEDED

if TYPE_CHECKING:
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource

_AROUND: Final = 3_600_000
"""How long before and after another one a log is looked through, in milliseconds."""


def last_succeeded(source: ExecutionSource, of: str, *, besides: str = "") -> ExecutionOutcome | None:
    """The last execution of a state machine that succeeded, by its end; None where there is none.

    With one request of AWS as a rule. `of` is "" for those of which the state machine is not recorded. `besides` is the
    key of one that is not meant: an execution is not compared with itself. Raises SfdebugError.
    """
    for page in source.executions(of, Wanted(statuses=(SUCCEEDED,))):
        found = next((one for one in page if one.key != besides and (of or not one.state_machine_arn)), None)
        if found is not None:
            return found
    return None


def succeeded_around(
    source: ExecutionSource, of: str, started_at: int, *, besides: str = ""
) -> ExecutionOutcome | None:
    """The one that succeeded and began nearest to a moment, at most an hour away: of an Express state machine, of which
    AWS keeps no list, so that a log is looked through. Raises SfdebugError."""
    wanted = Wanted(statuses=(SUCCEEDED,), since=started_at - _AROUND, until=started_at + _AROUND)
    pages = source.executions(of, wanted)
    found = [one for page in pages for one in page if one.key != besides and one.status == SUCCEEDED]
    return min(found, key=lambda one: abs((one.started_at or 0) - started_at), default=None)
