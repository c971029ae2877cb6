"""Mistakes about Retry and Catch: which entry takes an error, how often is tried again, what a wildcard covers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining.templates import retries
from sfdebug.debugger.wording.values import fault_name, named
from sfdebug.engine.execution.visit import CatchVerdict, Fault, RetryVerdict, StageName, StageStatus
from sfdebug.engine.execution.work import MapRunWork
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, THRESHOLD_EXCEEDED, judge_catcher, judge_retrier
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.answers import WORK, attempts_of
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.limits import DEFAULT_RETRY_MAX_ATTEMPTS

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import Stage, Visit

ATTEMPTS: Final = frozenset({PredictKind.ATTEMPTS})
CATCHER: Final = frozenset({PredictKind.CATCHER})
_ALL: Final = "States.ALL"
OF_ONE_CHILD: Final = "is the error of one child execution; the Map Run fails because too many of them have failed"
"""What is to be said of an error that is taken for that of a Map Run."""


def last_fault(visit: Visit) -> Fault | None:
    """The last error of a visit's work."""
    judged = (StageName.RETRY, StageName.CATCH)
    return next((s.fault for s in reversed(visit.stages) if s.fault is not None and s.name not in judged), None)


def error_of_child(case: Case) -> str:
    """The error of the first child execution that failed in the last Map Run, or nothing."""
    for execution in reversed(case.ahead.seen):
        for branch in execution.branches.values():
            work = branch.work
            if isinstance(work, MapRunWork) and len(work.failed_children):
                return fault_name(work.failed_children[0][1])
    return ""


def taken_retries(visit: Visit) -> list[Stage]:
    """The retries of a visit, one after the other."""
    return [s for s in visit.stages if s.name is StageName.RETRY and s.status is StageStatus.MATCHED]


# which Catcher


def _judged(visit: Visit) -> list[CatchVerdict]:
    """What each Catcher says of the error that comes to them."""
    fault = last_fault(visit)
    return [judge_catcher(catcher, fault) for catcher in visit.state.catchers] if fault is not None else []


def _later_catcher(case: Case) -> Iterator[Wrong]:
    """A Catcher that fits better than the first that fits."""
    visit, right = case.visit, case.found.value
    if visit is None or not isinstance(right, int):
        return
    error = fault_name(last_fault(visit))
    later = [one for one in _judged(visit)[right:] if one.matched]
    for verdict in sorted(later, key=lambda one: error not in one.error_equals):
        more = "names it exactly" if error in verdict.error_equals else "names it too"
        yield Wrong(
            verdict.index + 1,
            f"Catchers are asked in their order, and the first that matches takes the error: Catcher "
            f"{verdict.index + 1} {more}, but Catcher {right} comes before it.",
        )


def _wildcard_covers(case: Case) -> Iterator[Wrong]:
    """A wildcard taken for one that covers what it does not."""
    visit = case.visit
    for verdict in _judged(visit) if visit is not None else ():
        wildcards = [name for name in verdict.error_equals if name in (_ALL, "States.TaskFailed")]
        if wildcards and not verdict.matched:
            yield Wrong(verdict.index + 1, f"Catcher {verdict.index + 1} does not take it: {verdict.why}.")


def _other_catcher(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None:
        return
    inner = error_of_child(case) if fault_name(last_fault(visit)) == THRESHOLD_EXCEEDED.error else ""
    for verdict in _judged(visit):
        if not verdict.matched:
            why = f"{inner} {OF_ONE_CHILD}" if inner in verdict.error_equals else verdict.why
            yield Wrong(verdict.index + 1, f"Catcher {verdict.index + 1} does not take it: {why}.")


def _nobody_catches(case: Case) -> Iterator[Wrong]:
    visit, right = case.visit, case.found.value
    if visit is not None and isinstance(right, int):
        names = visit.state.catchers[right - 1].error_equals
        last = last_fault(visit)
        fault = fault_name(last)
        covers = f"{', '.join(names)} covers {fault}" if fault not in names else f"it names {fault}"
        if last is not None and HEARTBEAT_TIMEOUT in names and HEARTBEAT_TIMEOUT in last.aliases and fault not in names:
            covers = f"a missed heartbeat is reported as {fault}, and {HEARTBEAT_TIMEOUT} names it too"
        yield Wrong(None, f"Catcher {right} takes it: {covers}.")


# how many attempts


def _retrier_of(case: Case) -> int | None:
    visit = case.visit
    taken = taken_retries(visit) if visit is not None else []
    return taken[-1].index if taken else None


def _first_counted(case: Case) -> Iterator[Wrong]:
    visit, index = case.visit, _retrier_of(case)
    if visit is None or index is None:
        return
    attempts, retrier = attempts_of(visit), visit.state.retriers[index]
    say = f"The first attempt is no retry: with {retries(attempts - 1)} that makes {attempts} attempts."
    is_alone = {stage.index for stage in taken_retries(visit)} == {index}
    if is_alone and attempts - 1 == retrier.max_attempts:
        say = (
            f"MaxAttempts {retrier.max_attempts} counts the retries, and the first attempt is none: that makes "
            f"{attempts} attempts."
        )
    yield Wrong(attempts - 1, say)


def _once_more(case: Case) -> Iterator[Wrong]:
    """Retries that are used up taken for one more."""
    visit = case.visit
    if visit is None:
        return
    for stage in visit.stages:
        verdict = _gives_up(stage)
        if verdict is not None:
            most, attempts = verdict.max_attempts, attempts_of(visit)
            say = f"After {most} of its retries Retrier {verdict.index + 1} gives up: {attempts} attempts are all."
            if not most:
                never = f"MaxAttempts 0 means that Retrier {verdict.index + 1} never tries again"
                yield Wrong(
                    attempts + DEFAULT_RETRY_MAX_ATTEMPTS, f"{never}: {DEFAULT_RETRY_MAX_ATTEMPTS} is only the default."
                )
                say = f"{never}: it counts the retries, and none is left to make."
            yield Wrong(attempts + 1, say)


def _handed_on(case: Case) -> Iterator[Wrong]:
    """An error that a Retrier gives up on taken for one that the next Retrier is asked about."""
    visit = case.visit
    fault = last_fault(visit) if visit is not None else None
    verdict = next((v for v in map(_gives_up, visit.stages) if v is not None), None) if visit is not None else None
    if visit is None or fault is None or verdict is None:
        return
    made = [stage.index for stage in taken_retries(visit)]
    for later in visit.state.retriers[verdict.index + 1 :]:
        left = later.max_attempts - made.count(later.index)
        if left > 0 and judge_retrier(later, fault, 0).matched:
            yield Wrong(
                attempts_of(visit) + left,
                f"The first Retrier that names the error decides alone: Retrier {verdict.index + 1} tries no more, and "
                f"Retrier {later.index + 1} is not asked.",
            )
            return


def _gives_up(stage: Stage) -> RetryVerdict | None:
    """What a Retrier says that names the error, and does not try again."""
    verdict = stage.detail
    is_over = isinstance(verdict, RetryVerdict) and verdict.matched and verdict.delay_seconds is None
    return verdict if is_over and isinstance(verdict, RetryVerdict) else None


def _no_retry(case: Case) -> Iterator[Wrong]:
    visit, index = case.visit, _retrier_of(case)
    if visit is None or index is None:
        return
    if visit.state.catchers:
        say = f"Retriers are asked before Catchers: Retrier {index + 1} tries {named(visit.state.name)} again first."
    else:
        say = f"Retrier {index + 1} takes the error and tries {named(visit.state.name)} again."
    yield Wrong(1, say)


def _common_counter(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    used = {stage.index for stage in taken_retries(visit)} if visit is not None else set()
    if visit is None or len(used) < 2:
        return
    most = max(visit.state.retriers[index].max_attempts for index in used if index is not None)
    total = attempts_of(visit)
    say = f"Each Retrier counts its own retries: {len(used)} of them were used, which makes {total} attempts together."
    yield Wrong(1 + most, say)


def _retried_anyway(case: Case) -> Iterator[Wrong]:
    """A Retrier taken for one that covers the error."""
    visit = case.visit
    fault = last_fault(visit) if visit is not None else None
    if visit is None or fault is None:
        return
    for retrier in visit.state.retriers:
        verdict = judge_retrier(retrier, fault, 0)
        if not verdict.matched:
            say = f"Retrier {retrier.index + 1} does not try again: {verdict.why}."
            yield Wrong(attempts_of(visit) + retrier.max_attempts, say)
            yield Wrong(attempts_of(visit) + 1, say)


def _all_used(case: Case) -> Iterator[Wrong]:
    """All retries made, although an attempt has succeeded before."""
    visit, index = case.visit, _retrier_of(case)
    if visit is None or index is None:
        return
    attempts, most = attempts_of(visit), visit.state.retriers[index].max_attempts
    if last_is_good(visit) and attempts < most + 1:
        say = f"Attempt {attempts} succeeds: MaxAttempts {most} is only how often is tried again at most."
        yield Wrong(most + 1, say)


def last_is_good(visit: Visit) -> bool:
    """Whether the last attempt has succeeded."""
    stage = _last_work(visit)
    return stage is not None and stage.status is StageStatus.DONE


def has_failed_inside(visit: Visit) -> bool:
    """Whether it is a branch or an iteration that has failed, and not a field of the container itself."""
    stage = _last_work(visit) if visit.state.is_container else None
    return stage is not None and stage.status is StageStatus.FAILED


def _last_work(visit: Visit) -> Stage | None:
    return next((stage for stage in reversed(visit.stages) if stage.name in WORK), None)


def _never_again(case: Case) -> Iterator[Wrong]:
    """A Task that fails without a Retrier for it taken for one that is tried again by itself."""
    visit = case.visit
    if visit is None or taken_retries(visit) or visit.state.retriers or last_fault(visit) is None:
        return
    name, error = named(visit.state.name), fault_name(last_fault(visit))
    yield Wrong(4, f"{name} has no Retry: nothing is tried again by itself after {error}.")
    yield Wrong(2, f"{name} has no Retry: nothing is tried again by itself after {error}.")


HANDLER_MISTAKES: Final = (
    KnownMistake("first-attempt-counted", ATTEMPTS, "MaxAttempts counts the first attempt", _first_counted),
    KnownMistake(
        "retrier-hands-on",
        ATTEMPTS,
        "an error that a Retrier gives up on goes to the next Retrier that names it",
        _handed_on,
    ),
    KnownMistake("retries-used-up", ATTEMPTS, "there is another attempt when the retries are used up", _once_more),
    KnownMistake("one-counter-for-all", ATTEMPTS, "all Retriers count their retries together", _common_counter),
    KnownMistake("all-retries-made", ATTEMPTS, "all retries are made, although an attempt succeeds before", _all_used),
    KnownMistake(
        "retrier-takes-all",
        ATTEMPTS,
        "a Retrier takes errors that it does not name, or that no wildcard covers",
        _retried_anyway,
    ),
    KnownMistake("no-retry", ATTEMPTS, "nothing is tried again, or a Catcher comes first", _no_retry),
    KnownMistake("retried-by-itself", ATTEMPTS, "a Task is tried again without a Retry", _never_again),
    KnownMistake("most-specific-catcher", CATCHER, "the Catcher that fits best takes an error", _later_catcher),
    KnownMistake(
        "wildcard-covers-all", CATCHER, "States.ALL and States.TaskFailed cover every error", _wildcard_covers
    ),
    KnownMistake("catcher-not-matching", CATCHER, "a Catcher takes an error that it does not name", _other_catcher),
    KnownMistake("nobody-catches", CATCHER, "nobody takes an error that a Catcher names", _nobody_catches),
)
