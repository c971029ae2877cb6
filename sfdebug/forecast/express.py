"""Why a workflow cannot be Express, of all that a definition and its runs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.asl.rules.resources import express_problems
from sfdebug.asl.text.problems import quote
from sfdebug.limits import EXPRESS_MAX_SECONDS
from sfdebug.times import duration_text, seconds_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.forecast.usage import RunUsage


def why_not_express(machine: StateMachine, runs: Sequence[RunUsage] = ()) -> tuple[str, ...]:
    """The reasons, in the order of the definition; empty where none is known."""
    return (*(problem.what for problem in express_problems(machine)), *_long_waits(machine), *_long_runs(runs))


def _long_waits(machine: StateMachine) -> Iterator[str]:
    for state in machine.walk():
        seconds = state.fields.get("Seconds") if state.type is StateType.WAIT else None
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds >= EXPRESS_MAX_SECONDS:
            yield f"an Express execution ends after 5 minutes, and {quote(state.name)} waits {seconds_text(seconds)}"


def _long_runs(runs: Sequence[RunUsage]) -> Iterator[str]:
    for run in runs:
        if run.milliseconds > EXPRESS_MAX_SECONDS * 1_000:
            lasted = duration_text(run.milliseconds)
            least = "" if run.is_duration_known else "at least "
            yield f"an Express execution ends after 5 minutes, and the run {quote(run.name)} takes {least}{lasted}"
