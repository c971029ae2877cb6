"""What is said of a redrive: whether it is possible and until when, what would run again, and what would not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.values import named
from sfdebug.history.redrive import BY_MAP_RUN, RunAgain
from sfdebug.text import counted
from sfdebug.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.redrive import RedrivenState, RedriveOutlook

_MOST: Final = 4
_DAYS: Final = "14 days after it ended"


def redrive_lines(
    outlook: RedriveOutlook, now: int | None = None, mark: Callable[[str], str] | None = None
) -> list[str]:
    """Whether a redrive is possible, what it would run again, what not: a line for each.

    Args:
        outlook: What is known of it.
        now: The time now, in milliseconds since 1970; without it only the last moment is told.
        mark: What sets names and AWS's own words apart from the prose; without it a name is quoted where it must be.
    """
    words = _Words(mark or str, mark or named)
    lines = [words.when(outlook, now)]
    if outlook.is_possible and not (now is not None and outlook.is_late(now)):
        lines += [*words.again(outlook), _kept(outlook)]
    return lines


class _Words:
    """The lines, with what is data written by `data`, and the names of states by `name`."""

    def __init__(self, data: Callable[[str], str], name: Callable[[str], str]) -> None:
        self._data = data
        self._name = name

    def when(self, outlook: RedriveOutlook, now: int | None) -> str:
        """Whether it is possible, and until when."""
        told = "; by AWS's rules, it was not asked"
        if outlook.is_told:
            told = f"; AWS said {self._data(outlook.status)} when it was asked"
        if not outlook.is_possible:
            reason = f": {self._data(outlook.reason)}" if outlook.reason else ""
            return f"not possible{reason}{told}"
        if outlook.until is None:
            return f"possible until {_DAYS}{told}"
        until = f"{moment_text(outlook.until)} UTC"
        if now is not None and outlook.is_late(now):
            return f"not possible any more since {until}, {_DAYS}{told}"
        by = "by a redrive of its Map Run, " if outlook.status == BY_MAP_RUN else ""
        return f"possible {by}since {moment_text(outlook.ended_at)} UTC until {until}, {_DAYS}{told}"

    def again(self, outlook: RedriveOutlook) -> Iterator[str]:
        """What would run again."""
        if outlook.status == BY_MAP_RUN:
            yield "would run again: all of it, from the first state on, as a new execution (it is an Express one)"
            return
        if not outlook.again:
            yield "what would run again is not in the history: it stood between two states"
            return
        found = list(map(self._state, outlook.again))
        more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
        anew = "; retries are counted anew" if any(one.visit.attempts for one in outlook.again) else ""
        same = "with the same input, under the definition that it ran"
        yield f"would run again, {same}: {'; '.join(found[:_MOST])}{more}{anew}"

    def _state(self, one: RedrivenState) -> str:
        name = f"{self._name(one.visit.state)}{self._in(one.visit.branch)}"
        if one.again is RunAgain.FAIL:
            return f"{name}, a Fail state, which fails again"
        if one.again is RunAgain.WHOLE:
            return f"{name} with all that is in it, for its data were too large"
        if one.again is RunAgain.CHILDREN:
            run = self._data(one.map_run.rsplit(":", 1)[-1][:8])
            return f"of {name} the child executions that did not succeed (Map Run {run})"
        if one.again is RunAgain.PARTS:
            return _parts(one, name)
        return name

    def _in(self, branch: BranchId) -> str:
        return " in " + ", ".join(f"{self._data(name)} #{index}" for name, index in branch) if branch else ""


def _parts(one: RedrivenState, name: str) -> str:
    parts = "branch" if one.visit.type == "Parallel" else "iteration"
    if one.total is None:
        return f"all but {counted(one.finished, parts)} of {name}"
    rest = one.total - one.finished
    return f"{rest:,} of {counted(one.total, parts)} of {name}" if rest else f"{name}, all of it but its end is done"


def _kept(outlook: RedriveOutlook) -> str:
    if outlook.status == BY_MAP_RUN:
        return "would not run again: nothing of it is kept"
    if not outlook.kept:
        return "would not run again: no state was left, so no result is kept"
    return f"would not run again: what was left ({counted(outlook.kept, 'state visit')}), whose results stay"
