"""The executions of a state machine that stand next to another one: the last that went well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.aws.listing import Wanted

if TYPE_CHECKING:
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource


def last_succeeded(source: ExecutionSource, of: str, *, besides: str = "") -> ExecutionOutcome | None:
    """The last execution of a state machine that succeeded, by its end; None where there is none.

    With one request of AWS as a rule. `of` is "" for those of which the state machine is not recorded. `besides` is the
    key of one that is not meant: an execution is not compared with itself. Raises SfdebugError.
    """
    for page in source.executions(of, Wanted(statuses=("SUCCEEDED",))):
        found = next(
            (one for one in page if one.key != besides and (of or not one.state_machine_arn)),
            None,
        )
        if found is not None:
            return found
    return None
