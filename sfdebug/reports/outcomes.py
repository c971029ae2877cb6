"""What would have come of recorded executions under a definition, in groups: as text, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.verification.outcomes import (
    HELD,
    FailureOutcomes,
    Mending,
    MendOutcome,
    OutcomeGroup,
    RecordedFailure,
)
from sfdebug.text import counted, escaped, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.values import Json

_MOST_NAMED: Final = 3
_MOST_REASONS: Final = 2
_MOST_FAILURES: Final = 10
_WIDEST: Final = 160
_WIDTH: Final = max(map(len, MendOutcome))
_JSON_NAMES: Final = {
    MendOutcome.NOW_SUCCEEDS: "nowSucceeds",
    MendOutcome.SUCCEEDS_AS_RECORDED: "succeedsAsRecorded",
    MendOutcome.GOES_ON: "goesOn",
    MendOutcome.DIFFERS: "differs",
    MendOutcome.SAME_FAILURE: "sameFailure",
    MendOutcome.FAILS_OTHERWISE: "failsOtherwise",
    MendOutcome.NOW_FAILS: "nowFails",
    MendOutcome.NOT_VERIFIED: "notVerified",
}


def outcome_summary(groups: Sequence[OutcomeGroup]) -> str:
    """All outcomes in one line: "12 of 100 now succeeds, 3 not verified"."""
    counts = _counts(groups)
    total = sum(counts.values())
    parts = [f"{outcome}: {count:,}" for outcome, count in counts.items() if count]
    held = sum(count for outcome, count in counts.items() if outcome in HELD)
    return f"{held:,} of {counted(total, 'execution')} proved to succeed ({', '.join(parts)})"


def _counts(groups: Sequence[OutcomeGroup]) -> dict[MendOutcome, int]:
    counts = dict.fromkeys(MendOutcome, 0)
    for group in groups:
        counts[group.outcome] += len(group.executions)
    return counts


def outcome_lines(groups: Sequence[OutcomeGroup], *, all_executions: bool = False) -> list[str]:
    """The groups: what is said of each, up to which event it was compared, what is not known, and which they are."""
    lines: list[str] = []
    for group in groups:
        lines.append(f"{group.outcome:<{_WIDTH}}  {len(group.executions):>5,}  {told_of(group)}")
        lines += [f"    {line}" for line in extent_lines(group)]
        shown = group.executions if all_executions else group.executions[:_MOST_NAMED]
        names = [escaped(title) for title, _ in shown]
        more = len(group.executions) - len(shown)
        if all_executions:
            lines += [f"      {name}" for name in names]
        else:
            lines.append(f"      {', '.join(names)}{f' and {more:,} more: --all shows them' if more else ''}")
    return lines


def told_of(group: OutcomeGroup) -> str:
    """What is said of a group, on one line."""
    return fit(escaped(group.what), _WIDEST) if group.what else "every recorded event came again, with every value"


def extent_lines(group: OutcomeGroup) -> list[str]:
    """Up to where the executions were compared, and what nobody knows of what is behind that."""
    lines = []
    if group.outcome is not MendOutcome.NOT_VERIFIED:
        low, high = group.compared_to
        text = f"compared up to event {low:,}" + (f" to {high:,}" if high != low else "")
        if group.outcome in (MendOutcome.NOW_SUCCEEDS, MendOutcome.GOES_ON):
            text += ", computed from there on"
        if group.answered[1]:
            least, most = group.answered
            count = f"{least} to {most} Tasks" if least != most else counted(most, "Task")
            text += f"; {count} asked the very same as recorded answered as recorded"
        lines.append(text)
    reasons = group.reasons
    lines += [fit(f"not known: {escaped(one)}" if _is_doubt(group) else escaped(one), _WIDEST)
              for one in reasons[:_MOST_REASONS]]  # fmt: skip
    if len(reasons) > _MOST_REASONS:
        lines.append(f"and {counted(len(reasons) - _MOST_REASONS, 'more reason')}")
    return lines


def _is_doubt(group: OutcomeGroup) -> bool:
    return group.outcome in (MendOutcome.GOES_ON, MendOutcome.DIFFERS)


def failure_lines(found: Sequence[FailureOutcomes]) -> list[str]:
    """What came of the executions by what they had failed with."""
    if not found:
        return []
    lines = ["by what they were recorded to fail with:"]
    for one in found[:_MOST_FAILURES]:
        failure = one.failure
        where = f" in '{escaped(failure.state)}'" if failure.state else ""
        text = f"{escaped(failure.error) or 'no error name'}{where}"
        cause = f": {escaped(failure.cause)}" if failure.cause else ""
        lines.append(f"  {one.total:>5,}  {fit(text + cause, _WIDEST)}")
        lines.append("         " + ", ".join(f"{outcome}: {count}" for outcome, count in one.outcomes.items()))
    if len(found) > _MOST_FAILURES:
        lines.append(f"  and {len(found) - _MOST_FAILURES} more kinds of failure, which --json has")
    return lines


def outcomes_dict(groups: Sequence[OutcomeGroup], failures: Sequence[FailureOutcomes]) -> dict[str, Json]:
    """The groups as an object."""
    return {
        "counts": {_JSON_NAMES[outcome]: count for outcome, count in _counts(groups).items()},
        "groups": [
            {
                "outcome": _JSON_NAMES[group.outcome],
                "state": group.state,
                "what": group.what,
                "count": len(group.executions),
                "executions": [title for title, _ in group.executions],
            }
            for group in groups
        ],
        "failures": [
            {
                "state": one.failure.state,
                "error": one.failure.error,
                "causeShape": one.failure.cause,
                "total": one.total,
                "outcomes": {_JSON_NAMES[outcome]: count for outcome, count in one.outcomes.items()},
            }
            for one in failures
        ],
    }


def mending_dict(one: Mending) -> dict[str, Json]:
    """What would have come of one execution, as an object."""
    found: dict[str, Json] = {
        "outcome": _JSON_NAMES[one.outcome],
        "recorded": str(one.recorded),
        "state": one.state,
        "branch": [[name, index] for name, index in one.branch],
        "field": one.field,
        "what": one.what,
        "comparedTo": one.compared_to,
        "answeredAsRecorded": one.answered,
        "reasons": list(one.reasons),
    }
    if one.failure is not None:
        found["failure"] = {"state": one.failure.state, "error": one.failure.error, "cause": one.failure.cause}
    return found


class _MendingResult(Struct, frozen=True, rename="camel"):
    outcome: str
    recorded: ExecutionStatus
    state: str
    branch: list[tuple[str, int]]
    field: str
    what: str
    compared_to: int
    answered_as_recorded: int
    reasons: list[str]
    failure: RecordedFailure | None = None


def mending_from(value: Any) -> Mending:
    """What would have come of one execution, read back from what `mending_dict` has made. Raises ValidationError for
    something else."""
    one = msgspec.convert(value, _MendingResult)
    outcomes = {name: outcome for outcome, name in _JSON_NAMES.items()}
    if one.outcome not in outcomes:
        raise msgspec.ValidationError(f"'{one.outcome}' is no outcome")
    return Mending(
        outcomes[one.outcome],
        one.recorded,
        one.state,
        tuple(one.branch),
        one.field,
        one.what,
        one.compared_to,
        one.answered_as_recorded,
        tuple(one.reasons),
        one.failure,
    )
