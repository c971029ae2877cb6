"""What is said of a redrive: whether it is possible and until when, what would run again, and what would not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.values import named
from sfdebug.history.redrive import BY_MAP_RUN, RunAgain
from sfdebug.text import counted
from sfdebug.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.redrive import RedrivenState, RedriveOutlook

_MOST: Final = 4
_DAYS: Final = "14 days after it ended"


def redrive_lines(outlook: RedriveOutlook, now: int | None = None) -> list[str]:
    """Whether a redrive is possible, what it would run again, what not: a line for each.

    Args:
        outlook: What is known of it.
        now: The time now, in milliseconds since 1970; without it only the last moment is told.
    """
    lines = [_when(outlook, now)]
    if outlook.is_possible and not (now is not None and outlook.is_late(now)):
        lines += [*_again(outlook), _kept(outlook)]
    return lines


def _when(outlook: RedriveOutlook, now: int | None) -> str:
    told = f"; AWS said {outlook.status} when it was asked" if outlook.is_told else "; by AWS's rules, it was not asked"
    if not outlook.is_possible:
        reason = f": {outlook.reason}" if outlook.reason else ""
        return f"not possible{reason}{told}"
    if outlook.until is None:
        return f"possible until {_DAYS}{told}"
    until = f"{moment_text(outlook.until)} UTC"
    if now is not None and outlook.is_late(now):
        return f"not possible any more since {until}, {_DAYS}{told}"
    by = "by a redrive of its Map Run, " if outlook.status == BY_MAP_RUN else ""
    return f"possible {by}since {moment_text(outlook.ended_at)} UTC until {until}, {_DAYS}{told}"


def _again(outlook: RedriveOutlook) -> Iterator[str]:
    if outlook.status == BY_MAP_RUN:
        yield "would run again: all of it, from the first state on, as a new execution (it is an Express one)"
        return
    if not outlook.again:
        yield "what would run again is not in the history: it stood between two states"
        return
    found = list(map(_state, outlook.again))
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    anew = "; retries are counted anew" if any(one.visit.attempts for one in outlook.again) else ""
    same = "with the same input, under the definition that it ran"
    yield f"would run again, {same}: {'; '.join(found[:_MOST])}{more}{anew}"


def _state(one: RedrivenState) -> str:
    name = f"{named(one.visit.state)}{_in(one.visit.branch)}"
    if one.again is RunAgain.FAIL:
        return f"{name}, a Fail state, which fails again"
    if one.again is RunAgain.WHOLE:
        return f"{name} with all that is in it, for its data were too large"
    if one.again is RunAgain.CHILDREN:
        run = one.map_run.rsplit(":", 1)[-1][:8]
        return f"of {name} the child executions that did not succeed (Map Run {run})"
    if one.again is RunAgain.PARTS:
        parts = "branch" if one.visit.type == "Parallel" else "iteration"
        if one.total is None:
            return f"all but {counted(one.finished, parts)} of {name}"
        rest = one.total - one.finished
        return (
            f"{rest:,} of {counted(one.total, parts)} of {name}" if rest else f"{name}, all of it but its end is done"
        )
    return name


def _kept(outlook: RedriveOutlook) -> str:
    if outlook.status == BY_MAP_RUN:
        return "would not run again: nothing of it is kept"
    if not outlook.kept:
        return "would not run again: no state was left, so no result is kept"
    return f"would not run again: what was left ({counted(outlook.kept, 'state visit')}), whose results stay"


def _in(branch: BranchId) -> str:
    return " in " + ", ".join(f"{name} #{index}" for name, index in branch) if branch else ""
