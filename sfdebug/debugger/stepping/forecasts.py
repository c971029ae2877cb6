"""Forecasts, before anything is done: which Retrier or Catcher would take a fault, what would become of a visit, and
which way a Choice would go.

For the last two the engine itself walks on from here, on the side. Its step is pure, so nothing changes. What other
branches do in the meantime is left out: it is the branch's own future, as long as nothing else cuts it off.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from time import thread_time
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named
from sfdebug.engine import step
from sfdebug.engine.ending import next_deadline
from sfdebug.engine.execution.decisions import ForceChoice, Proceed
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import CatchVerdict, Fault, RetryVerdict, StageName, StageStatus
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT, judge_catcher, judge_retrier, retry_delay
from sfdebug.errors import SfdebugError
from sfdebug.text import counted
from sfdebug.times import seconds_text

if TYPE_CHECKING:
    from sfdebug.asl.definition import Retrier, State
    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.expressions.choice import Verdict


_MOST_DELAYS: Final = 100
"""So many delays of a ladder are worked out; MaxAttempts may be 99,999,999."""


class EntryVerdict(Struct, frozen=True, gc=False):
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


class HandlerForecast(Struct, frozen=True, gc=False):
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


_MOST_STEPS: Final = 400
_PATIENCE: Final = 2.0
"""Seconds of the processor that a forecast may take: expressions of the state are evaluated again for each attempt. A
machine that does something else meanwhile makes it no other one."""

_FAILING: Final = frozenset((StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN))


class Fate(StrEnum):
    """How a visit goes on."""

    RUNS = "runs"
    """Its next attempt runs as it would anyway."""
    RETURNS = "returns"
    """The attempt at hand gives a result, and the state is left."""
    CAUGHT = "caught"
    """A Catcher takes the failure."""
    FAILS = "fails"
    """The failure leaves the state: the branch, or the execution, fails."""
    TIMES_OUT = "times out"
    """The time of the execution, or of its child execution, is over first."""
    OPEN = "open"
    """It goes on longer than is looked at."""


class OutcomeForecast(Struct, frozen=True, gc=False):
    """What becomes of a visit.

    `faults` are those of its attempts from here on, in order, as AWS reports them. `retries` are the Retriers that try
    again, each with the seconds that it waits, jitter included. `catcher` and `next` belong to CAUGHT. `fault` is what
    the state fails with at last. `first_attempt` is the number of the attempt at hand, `attempt` of the one that comes
    next or came last, `seconds` the virtual time until then.
    """

    fate: Fate
    first_attempt: int
    attempt: int
    faults: tuple[Fault, ...] = ()
    retries: tuple[tuple[int, float], ...] = ()
    catcher: int | None = None
    next: str | None = None
    fault: Fault | None = None
    seconds: float = 0.0
    ends_execution: bool = False
    """Whether the failure ends the whole execution, not the branch alone."""


def forecast_outcome(execution: Execution, branch: BranchId, decisions: Sequence[Decision]) -> OutcomeForecast | None:
    """What becomes of the visit that `branch` is in, or about to begin, after these decisions; None when the engine
    does not take them."""
    start = execution.branches.get(branch)
    if start is None:
        return None
    before = execution.clock
    try:
        for decision in decisions:
            execution = step(execution, decision)
        return _walk(execution, start, before)
    except SfdebugError:
        return None


def _walk(execution: Execution, start: Branch, began: int) -> OutcomeForecast:
    number = start.visit.number if start.visit is not None else execution.visit_count + 1
    first = start.visit.attempt if start.visit is not None else 1
    over = thread_time() + _PATIENCE
    for _ in range(_MOST_STEPS):
        if thread_time() > over:
            return _outcome(execution, start, number, first, began, fate=Fate.OPEN)
        branch = execution.branches.get(start.id)
        visit = branch.visit if branch is not None else None
        if execution.status is not ExecutionStatus.RUNNING or branch is None:
            break
        is_over = visit is None and branch.phase is not Phase.READY
        if is_over or (visit is not None and visit.number != number) or execution.visit_count > number:
            break
        if branch.phase in (Phase.ASKING, Phase.CHILDREN, Phase.EXIT):
            break
        at = branch.wake_at if branch.phase is Phase.SLEEPING else None
        if at is not None and _is_too_late(execution, start.id, at):
            return _outcome(execution, start, number, first, began, fate=Fate.TIMES_OUT)
        execution = step(execution, Proceed(start.id, at=at))
    else:
        return _outcome(execution, start, number, first, began, fate=Fate.OPEN)
    return _outcome(execution, start, number, first, began)


def _is_too_late(execution: Execution, branch: BranchId, at: int) -> bool:
    """Whether the time of the execution, or of the child execution that the branch is in, is over by then."""
    deadline, child_id = next_deadline(execution)
    return at >= deadline and branch[: len(child_id)] == child_id


def _outcome(
    execution: Execution, start: Branch, number: int, first: int, began: int, fate: Fate | None = None
) -> OutcomeForecast:
    visit = _visit(execution, start, number)
    stages = [stage for stage in visit.stages if stage.attempt >= first] if visit is not None else []
    faults = tuple(stage.fault for stage in stages if stage.name in _FAILING and stage.fault is not None)
    retries = tuple((stage.index or 0, _delay(stage)) for stage in stages if _is_taken(stage, StageName.RETRY))
    catch = next((stage for stage in stages if _is_taken(stage, StageName.CATCH)), None)
    attempt = visit.attempt if visit is not None else first
    seconds = (execution.clock - began) / 1000
    branch = execution.branches.get(start.id)
    is_leaving = branch is not None and branch.phase is Phase.EXIT
    if fate is None:
        if is_leaving:
            fate = Fate.CAUGHT if catch is not None else Fate.RETURNS
        elif branch is not None and branch.phase in (Phase.ASKING, Phase.CHILDREN):
            fate = Fate.RUNS
        else:
            fate = Fate.FAILS
    is_caught = fate is Fate.CAUGHT and catch is not None
    return OutcomeForecast(
        fate=fate,
        first_attempt=first,
        attempt=attempt,
        faults=faults,
        retries=retries,
        catcher=catch.index if is_caught and catch is not None else None,
        next=branch.visit.next if is_caught and branch is not None and branch.visit is not None else None,
        fault=visit.fault if fate is Fate.FAILS and visit is not None else None,
        seconds=seconds,
        ends_execution=execution.status is not ExecutionStatus.RUNNING,
    )


def _visit(execution: Execution, start: Branch, number: int) -> Visit | None:
    branch = execution.branches.get(start.id)
    if branch is not None and branch.visit is not None and branch.visit.number == number:
        return branch.visit
    return next((visit for visit in reversed(execution.visits) if visit.number == number), None)


def _is_taken(stage: Stage, name: StageName) -> bool:
    return stage.name is name and stage.status is StageStatus.MATCHED


def _delay(stage: Stage) -> float:
    return float(stage.after) if isinstance(stage.after, (int, float)) else 0.0


class ChoiceForecast(Struct, frozen=True, gc=False):
    """What a Choice makes of the data at hand when nobody forces it.

    `verdicts` are those of all its rules in their order, the ones after the first match included; None is one that
    cannot be evaluated. `taken` is the rule that it takes (from 0), None when that is its Default, or none; `fault` is
    what it fails with.
    """

    verdicts: tuple[Verdict | None, ...]
    taken: int | None = None
    is_default: bool = False
    fault: Fault | None = None


def forecast_choice(state: State, execution: Execution, branch: BranchId) -> ChoiceForecast:
    """What the Choice that `branch` is about to enter in `execution` would do by itself."""
    branches = {id: replace(other, forced=None) if id == branch else other for id, other in execution.branches.items()}
    stages, fault = _entered(replace(execution, branches=branches), branch)
    took = next((stage for stage in stages if stage.status is StageStatus.MATCHED), None)
    return ChoiceForecast(
        verdicts=tuple(_rule_verdict(execution, branch, rule.index) for rule in state.choices),
        taken=took.index if took is not None and took.name is StageName.RULE else None,
        is_default=took is not None and took.name is StageName.DEFAULT,
        fault=fault,
    )


def _entered(execution: Execution, branch: BranchId) -> tuple[Sequence[Stage], Fault | None]:
    """The stages of the state that `branch` enters, and the fault if it has one."""
    try:
        moved = step(execution, Proceed(branch)).branches.get(branch)
    except SfdebugError:
        return (), None
    visit = moved.visit if moved is not None else None
    return (visit.stages, visit.fault) if visit is not None else ((), None)


def _rule_verdict(execution: Execution, branch: BranchId, rule: int) -> Verdict | None:
    try:
        forced = step(execution, ForceChoice(branch, rule))
    except SfdebugError:
        return None
    for stage in _entered(forced, branch)[0]:
        if stage.name is StageName.RULE and stage.index == rule:
            detail = stage.detail
            return None if isinstance(detail, (RetryVerdict, CatchVerdict)) else detail
    return None
