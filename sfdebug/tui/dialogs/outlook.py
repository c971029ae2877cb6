"""What will happen when a state fails some times in a row: who takes the failure each time, and how it ends."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage
from sfdebug.debugger.stepping.forecasts import Fate, fault_of, forecast
from sfdebug.debugger.wording.values import named
from sfdebug.engine.faults import RUNTIME
from sfdebug.text import clean
from sfdebug.times import seconds_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.asl.definition import State
    from sfdebug.debugger.stepping.forecasts import EntryVerdict, OutcomeForecast
    from sfdebug.engine.execution.visit import Fault
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_MOST_SHOWN = 4


def outlook(
    state: State,
    error: str | None,
    attempts: int,
    glyphs: Glyphs,
    *,
    attempt: int = 1,
    retrier_counts: Sequence[int] = (),
    outcome: OutcomeForecast | None = None,
) -> list[list[Piece]]:
    """Lines that say what becomes of `state` when its next `attempts` tries fail with `error`.

    `attempt` is the number of the next try, `retrier_counts` how often its Retriers were used already. `outcome` is
    what the engine would do; without it, for a state whose data are not there yet, its fields alone are judged.
    """
    if outcome is not None and outcome.fate is not Fate.OPEN:
        return forecast_lines(state, outcome, glyphs, attempts)
    handling = forecast(state, error, retrier_counts)
    failing = min(attempts, handling.retries_left + 1)
    lines = [_failures(attempt, failing, fault_of(state, error))]
    if handling.retrier is not None:
        used = min(failing, handling.retries_left)
        delays = [seconds_text(round(delay, 3)) for delay in handling.delays[: min(used, _MOST_SHOWN)]]
        lines.append(_retries(handling.retrier, used, delays, glyphs, is_most=handling.has_jitter))
    if failing <= handling.retries_left:
        lines.append(_runs(attempt + failing, glyphs))
    else:
        lines.append(_ending(state, handling.error, handling.catcher, handling.next, glyphs))
        lines += _unless(state, handling.catcher)
        lines += _kept(state, attempts - failing)
    return lines


def forecast_lines(state: State, outcome: OutcomeForecast, glyphs: Glyphs, attempts: int = 1) -> list[list[Piece]]:
    """Lines that say what the engine would do; `attempts` is how many tries are made to fail."""
    failing = len(outcome.faults)
    lines = [_failures(outcome.first_attempt, failing, outcome.faults[0])] if outcome.faults else []
    for retrier, group in groupby(outcome.retries, key=lambda retry: retry[0]):
        delays = [seconds_text(round(delay, 3)) for _, delay in group]
        lines.append(_retries(retrier, len(delays), delays[:_MOST_SHOWN], glyphs))
    fate = outcome.fate
    if fate is Fate.RUNS:
        return [*lines, _runs(outcome.attempt, glyphs)]
    if fate is Fate.RETURNS:
        return [*lines, _step("done", glyphs, "its result is taken")]
    if fate is Fate.TIMES_OUT:
        return [*lines, _step("failed", glyphs, "the time of the execution is over before that: it TIMES OUT")]
    if fate is Fate.CAUGHT:
        lines.append(_ending(state, None, outcome.catcher, outcome.next, glyphs))
    else:
        lines.append(_failing(state, outcome, glyphs))
    return [*lines, *_kept(state, attempts - failing)]


def _failing(state: State, outcome: OutcomeForecast, glyphs: Glyphs) -> list[Piece]:
    """The failure that leaves the state: its attempt's, or one of its own fields, of a Catcher perhaps."""
    last, fault = outcome.faults[-1] if outcome.faults else None, outcome.fault
    ends = "the execution FAILS" if outcome.ends_execution else f"{_whose(state)} FAILS"
    if fault is not None and (last is None or fault != last):
        name = clean(fault.error or "an error without a name")
        return _step("failed", glyphs, f"what comes after cannot be worked out: {ends} with {name}")
    return _step("failed", glyphs, f"nobody catches it: {ends}" if len(state.path) == 1 else _uncaught(state, ends))


def reasons(
    state: State, error: str | None, glyphs: Glyphs, retrier_counts: Sequence[int] = ()
) -> Iterator[list[Piece]]:
    """For each Retrier and Catcher in the order in which AWS asks them, whether it takes the failure, and why."""
    for verdict in forecast(state, error, retrier_counts).verdicts:
        yield _reason(verdict, glyphs)


def _failures(attempt: int, failing: int, fault: Fault) -> list[Piece]:
    if failing == 1:
        which = f"attempt {attempt} fails"
    elif failing <= 3:
        which = f"attempts {', '.join(str(attempt + number) for number in range(failing))} fail"
    else:
        which = f"attempts {attempt} to {attempt + failing - 1} fail"
    error: Piece = (clean(fault.error), "failed") if fault.error else ("an error without a name", "failed")
    pieces: list[Piece] = [("  ", ""), (which, ""), (" with ", "muted"), error]
    if fault.aliases:
        pieces.append((", a missed heartbeat", "muted"))
    return pieces


def _retries(retrier: int, used: int, delays: list[str], glyphs: Glyphs, *, is_most: bool = False) -> list[Piece]:
    """A Retrier and its delays; `is_most`: with jitter, each is the longest."""
    if used > _MOST_SHOWN:
        delays = [*delays, "…"]
    times = "" if used == 1 else f" {used:,} times"
    after = "after up to" if is_most else "after"
    return _step("waiting", glyphs, f"Retrier {retrier + 1} tries again{times}, {after} {', '.join(delays)}")


def _runs(attempt: int, glyphs: Glyphs) -> list[Piece]:
    return _step("done", glyphs, f"attempt {attempt} runs as it would without this")


def _kept(state: State, left: int) -> list[list[Piece]]:
    """What is said of injected failures that this visit does not use up."""
    if left <= 0:
        return []
    what = "failure is" if left == 1 else "failures are"
    return [[("  ", ""), (f"{left} more {what} kept for the next time that {named(state.name)} runs", "muted")]]


def _unless(state: State, catcher: int | None) -> list[list[Piece]]:
    """What nobody can know of a Catcher before there are data."""
    fields = state.catchers[catcher].fields if catcher is not None else {}
    used = [name for name in ("ResultPath", "Assign", "Output") if fields.get(name, "$") not in (None, "$")]
    return [[("    ", ""), (f"unless its {' or '.join(used)} cannot use the data then", "muted")]] if used else []


def _whose(state: State) -> str:
    return "the execution" if len(state.path) == 1 else "its branch"


def _uncaught(state: State, ends: str) -> str:
    return f"no Catcher of {named(state.name)} takes it: {ends}"


def _ending(state: State, error: str | None, index: int | None, target: str | None, glyphs: Glyphs) -> list[Piece]:
    if index is None or target is None:
        if len(state.path) == 1:
            return _step("failed", glyphs, "nobody catches it: the execution FAILS")
        ends = "the execution FAILS" if error == RUNTIME else f"{_whose(state)} FAILS"
        return _step("failed", glyphs, _uncaught(state, ends))
    catcher = state.catchers[index]
    if state.query_language is QueryLanguage.JSONATA:
        what = "with its own Output" if "Output" in catcher.fields else "with the error in place of the data"
        return _step("caught", glyphs, f"Catcher {index + 1} goes to {named(target)} {what}")
    path = catcher.fields.get("ResultPath", "$")
    where = "and drops the error" if path is None else f"with the error at {path}"
    return _step("caught", glyphs, f"Catcher {index + 1} goes to {named(target)} {where}")


def _step(paint: str, glyphs: Glyphs, text: str) -> list[Piece]:
    return [("  ", ""), (glyphs.arrow, paint), (" ", ""), (clean(text), paint)]


def _reason(verdict: EntryVerdict, glyphs: Glyphs) -> list[Piece]:
    sign, paint = (glyphs.done, "done") if verdict.takes else (glyphs.skipped, "muted")
    why = verdict.why
    if not verdict.matched and why.endswith("is not in ErrorEquals"):
        why = "do not name it" if len(verdict.error_equals) > 1 else "does not name it"
    return [
        ("  ", ""),
        (f"{sign} {verdict.kind} {verdict.index + 1}", paint),
        ("  ", ""),
        (clean(why), "" if verdict.takes else "muted"),
        ("   ", ""),
        (clean(", ".join(verdict.error_equals)), "muted"),
    ]
