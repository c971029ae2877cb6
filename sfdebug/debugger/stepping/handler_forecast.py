"""The forecast for a fault: which Retrier or Catcher would take a fault, before it is raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import Fault
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT, judge_catcher, judge_retrier, retry_delay
from sfdebug.text import counted
from sfdebug.times import seconds_text

if TYPE_CHECKING:
    from sfdebug.asl.definition import Retrier, State

_MOST_DELAYS: Final = 100
"""So many delays of a ladder are worked out; MaxAttempts may be 99,999,999."""


@dataclass(frozen=True, slots=True)
class EntryVerdict:
    """What one entry of Retry or Catch would make of the fault.

    `kind` is "Retry" or "Catch"; `index` counts from 0; `matched` says whether its ErrorEquals names the error;
    `takes` whether it would act: a Retrier now, a Catcher now or when the retries are used up. `why` is a phrase.
    """

    kind: str
    index: int
    error_equals: tuple[str, ...]
    matched: bool
    takes: bool
    why: str


@dataclass(frozen=True, slots=True)
class HandlerForecast:
    """What would happen to a fault of that name in that state.

    `verdicts` has every Retrier and Catcher in the order in which AWS asks them. `delays` are the seconds
    before each retry that is still left (before jitter, the first 100), `retries_left` is how many. `next` is
    where the Catcher leads that takes the fault at once or after the retries, None when nobody catches it.
    `text` is the whole as one sentence. `error` is the name that AWS reports: of a missed heartbeat, States.Timeout.
    `has_jitter` says that each delay is the longest, of which a random part is waited.
    """

    error: str | None
    verdicts: tuple[EntryVerdict, ...]
    retrier: int | None
    retries_left: int
    delays: tuple[float, ...]
    catcher: int | None
    next: str | None
    text: str
    has_jitter: bool = False


def fault_of(state: State, error: str | None) -> Fault:
    """The fault that an error of that name is in `state`. Recorded: a Task's missed heartbeat is reported as
    States.Timeout, and both names match it."""
    if error == HEARTBEAT_TIMEOUT and state.type is StateType.TASK:
        return Fault(TIMEOUT, None, (HEARTBEAT_TIMEOUT,))
    return Fault(error)


def forecast(state: State, error: str | None, retrier_counts: Sequence[int] = ()) -> HandlerForecast:
    """Which Retrier or Catcher of `state` would take `error`, when its Retriers were used `retrier_counts` times.

    The judgement is the engine's own. As in the engine, the first Retrier that names the error decides: when its
    attempts are used up, no later one is asked.
    """
    fault = fault_of(state, error)
    verdicts: list[EntryVerdict] = []
    decider: Retrier | None = None
    left = 0
    for retrier in state.retriers:
        used = retrier_counts[retrier.index] if retrier.index < len(retrier_counts) else 0
        verdict = judge_retrier(retrier, fault, used)
        is_first = verdict.matched and decider is None
        takes = is_first and verdict.delay_seconds is not None
        why = verdict.why if is_first or not verdict.matched else "not asked: a Retrier before it names the error"
        verdicts.append(EntryVerdict("Retry", retrier.index, retrier.error_equals, verdict.matched, takes, why))
        if is_first:
            decider, left = retrier, max(0, retrier.max_attempts - used)
    used = decider.max_attempts - left if decider else 0
    delays = tuple(retry_delay(decider, used + n) for n in range(min(left, _MOST_DELAYS))) if decider else ()
    catcher = next((entry for entry in state.catchers if judge_catcher(entry, fault).matched), None)
    for entry in state.catchers:
        judged = judge_catcher(entry, fault)
        takes = entry is catcher
        why = judged.why if takes or not judged.matched else "not asked: a Catcher before it names the error"
        verdicts.append(EntryVerdict("Catch", entry.index, entry.error_equals, judged.matched, takes, why))
    taking = decider if left else None
    return HandlerForecast(
        error=fault.error,
        verdicts=tuple(verdicts),
        retrier=taking.index if taking else None,
        retries_left=left,
        delays=delays,
        catcher=catcher.index if catcher else None,
        next=catcher.next if catcher else None,
        text=_text(state, taking, left, delays, catcher.next if catcher else None),
        has_jitter=taking is not None and taking.jitter_strategy == "FULL",
    )


def _text(state: State, retrier: Retrier | None, left: int, delays: Sequence[float], target: str | None) -> str:
    ending = f"goes on to {named(target)}" if target is not None else "fails, since no Catcher takes it"
    if retrier is None:
        return f"Nothing tries again: {named(state.name)} {ending}."
    more = ", …" if left > 4 else ""
    up_to = "up to " if retrier.jitter_strategy == "FULL" else ""
    ladder = up_to + ", ".join(seconds_text(round(delay, 3)) for delay in delays[:4]) + more
    times = counted(left, "time")
    after = f"after that {named(state.name)} {ending}."
    return f"Retrier {retrier.index + 1} tries again up to {times} (after {ladder}); {after}"
