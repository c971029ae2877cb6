"""What will happen when a state fails some times in a row: who takes the failure each time, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage
from sfdebug.debugger.foresee import Foresight, who_takes
from sfdebug.tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.asl.definition import State
    from sfdebug.debugger.foresee import EntryVerdict
    from sfdebug.tui.glyphs import Glyphs
    from sfdebug.tui.paint import Piece

_MOST_SHOWN = 4


def outlook(
    state: State, error: str, attempts: int, glyphs: Glyphs, *, attempt: int = 1, retrier_counts: Sequence[int] = ()
) -> list[list[Piece]]:
    """Lines that say what becomes of `state` when its next `attempts` tries fail with `error`.

    `attempt` is the number of the next try, `retrier_counts` how often its Retriers were used already.
    """
    foresight = who_takes(state, error, retrier_counts)
    failing = min(attempts, foresight.retries_left + 1)
    lines = [_failures(attempt, failing, error)]
    if foresight.retrier is not None:
        used = min(failing, foresight.retries_left)
        lines.append(_retries(foresight, used, glyphs))
    if failing <= foresight.retries_left:
        lines.append(_step("done", glyphs, f"attempt {attempt + failing} runs as it would without this"))
    else:
        lines.append(_ending(state, foresight, glyphs))
        if attempts > failing:
            left = attempts - failing
            what = "failure is" if left == 1 else "failures are"
            lines.append(
                [("  ", ""), (f"{left} more {what} kept for the next time that {clean(state.name)} runs", "muted")]
            )
    return lines


def reasons(state: State, error: str, glyphs: Glyphs, retrier_counts: Sequence[int] = ()) -> Iterator[list[Piece]]:
    """For each Retrier and Catcher in the order in which AWS asks them, whether it takes the failure, and why."""
    for verdict in who_takes(state, error, retrier_counts).verdicts:
        yield _reason(verdict, glyphs)


def _failures(attempt: int, failing: int, error: str) -> list[Piece]:
    if failing == 1:
        which = f"attempt {attempt} fails"
    elif failing <= 3:
        which = f"attempts {', '.join(str(attempt + number) for number in range(failing))} fail"
    else:
        which = f"attempts {attempt} to {attempt + failing - 1} fail"
    return [("  ", ""), (which, ""), (" with ", "muted"), (clean(error), "failed")]


def _retries(foresight: Foresight, used: int, glyphs: Glyphs) -> list[Piece]:
    delays = [_seconds(delay) for delay in foresight.delays[: min(used, _MOST_SHOWN)]]
    if used > _MOST_SHOWN:
        delays.append("…")
    assert foresight.retrier is not None
    times = "" if used == 1 else f" {used:,} times"
    return _step("waiting", glyphs, f"Retrier {foresight.retrier + 1} tries again{times}, after {', '.join(delays)}")


def _ending(state: State, foresight: Foresight, glyphs: Glyphs) -> list[Piece]:
    if foresight.catcher is None or foresight.next is None:
        whose = "the execution" if len(state.path) == 1 else "its branch"
        return _step("failed", glyphs, f"nobody catches it: {whose} FAILS")
    catcher = state.catchers[foresight.catcher]
    if state.query_language is QueryLanguage.JSONATA:
        what = "with its own Output" if "Output" in catcher.fields else "with the error in place of the data"
        return _step("caught", glyphs, f"Catcher {foresight.catcher + 1} goes to {clean(foresight.next)} {what}")
    path = catcher.fields.get("ResultPath", "$")
    where = "and drops the error" if path is None else f"with the error at {path}"
    return _step("caught", glyphs, f"Catcher {foresight.catcher + 1} goes to {clean(foresight.next)} {where}")


def _step(paint: str, glyphs: Glyphs, text: str) -> list[Piece]:
    return [("  ", ""), (glyphs.arrow, paint), (" ", ""), (text, paint)]


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


def _seconds(delay: float) -> str:
    return f"{round(delay, 3):,g} s"
