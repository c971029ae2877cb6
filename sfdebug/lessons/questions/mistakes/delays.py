"""Mistakes about times: how long a Wait is, and how long a Retrier waits before each retry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.engine.faults import retry_delay
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.answers import plain
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong, stage_of
from sfdebug.lessons.questions.model import is_number
from sfdebug.times import seconds_text
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.asl.definition import Retrier
    from sfdebug.engine.execution.visit import Stage, Visit

DELAY: Final = frozenset({PredictKind.DELAY})


def _plain(seconds: float) -> Value:
    """A number of seconds, whole where it is."""
    return plain(round(float(seconds), 6))


def _right(case: Case) -> float | None:
    value = case.found.value
    return float(value) if isinstance(value, int | float) and is_number(value) else None


def _is_wait(case: Case) -> bool:
    return case.visit is not None and case.visit.state.type is StateType.WAIT


def _is_timestamp(case: Case) -> bool:
    fields = case.visit.state.fields if case.visit is not None else {}
    return "Timestamp" in fields or "TimestampPath" in fields


# Wait


def _minutes(case: Case) -> Iterator[Wrong]:
    seconds = _right(case)
    if seconds and _is_wait(case) and not _is_timestamp(case):
        yield Wrong(_plain(seconds * 60), f"A Wait counts in seconds: it is {seconds_text(seconds)}, not minutes.")


def _milliseconds(case: Case) -> Iterator[Wrong]:
    seconds = _right(case)
    if seconds and _is_wait(case) and not _is_timestamp(case):
        say = f"A Wait counts in seconds: it is {seconds_text(seconds)}, not milliseconds."
        yield Wrong(_plain(seconds / 1000), say)


def _no_wait(case: Case) -> Iterator[Wrong]:
    seconds, visit = _right(case), case.visit
    if seconds and _is_wait(case) and visit is not None:
        say = f"The execution stays in {named(visit.state.name)} until the time has come: {seconds_text(seconds)}."
        yield Wrong(0, say)


def _from_start(case: Case) -> Iterator[Wrong]:
    visit, execution = case.visit, case.found.execution
    stage = stage_of(visit, StageName.WAIT) if visit is not None else None
    if stage is None or visit is None or execution is None or not _is_timestamp(case):
        return
    until = parse_timestamp(stage.after) if isinstance(stage.after, str) else None
    started = execution.settings.start_time
    if until is not None and until > started:
        gone = seconds_text((visit.entered_at - started) / 1000)
        say = (
            f"A Timestamp is a moment, not a length: {named(visit.state.name)} is entered {gone} after the start, and "
            f"waits only for what is left until then."
        )
        yield Wrong(_plain((until - started) / 1000), say)


def _passed_fails(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is not None and _is_timestamp(case) and _right(case) == 0:
        say = f"A moment that has passed is no error: {named(visit.state.name)} does not wait, and goes on."
        yield Wrong(MISSING, say, "States.Runtime")


def _passed_waits(case: Case) -> Iterator[Wrong]:
    """As long as it is ago taken for as long as it waits."""
    visit = case.visit
    until = _moment(visit) if visit is not None else None
    if visit is not None and until is not None and _right(case) == 0:
        say = f"{named(visit.state.name)} waits until a moment, and that has passed: how long ago it was says nothing."
        yield Wrong(_plain(abs(visit.entered_at - until) / 1000), say)


def _moment(visit: Visit) -> int | None:
    """The moment that a Wait was given, where it is written or a path leads to it."""
    given = visit.state.fields.get("Timestamp")
    path = visit.state.fields.get("TimestampPath")
    if isinstance(path, str):
        try:
            given = compile_path(path).read(Environment(visit.input, None, visit.variables))
        except ExpressionError:
            return None
    return parse_timestamp(given) if isinstance(given, str) else None


# Retry


def _retries(case: Case) -> tuple[Visit, Retrier, Stage, tuple[Stage, ...]] | None:
    """The visit, the Retrier that waits, its stage, and all retries up to that one; None where none is asked for."""
    visit, stage = case.visit, case.found.stage
    if visit is None or stage is None or stage.name is not StageName.RETRY or stage.index is None:
        return None
    taken = [one for one in visit.stages if one.name is StageName.RETRY and one.status is StageStatus.MATCHED]
    return visit, visit.state.retriers[stage.index], stage, tuple(taken[: case.asked.retry])


def _used(retrier: Retrier, taken: tuple[Stage, ...]) -> int:
    """How often a Retrier was used before the last of these retries."""
    return sum(one.index == retrier.index for one in taken) - 1


def _ladder(retrier: Retrier, used: int) -> str:
    """How the delay is worked out, as the end of a sentence."""
    interval, rate = retrier.interval_seconds, retrier.backoff_rate
    if not used:
        return f"the first retry waits IntervalSeconds, {seconds_text(interval)}"
    times = f" × {rate:g}" * min(used, 4) + (" × …" if used > 4 else "")
    delay, grown = retry_delay(retrier, used), retry_delay(replace(retrier, max_delay_seconds=None), used)
    text = f"{seconds_text(interval)}{times} is {seconds_text(round(grown, 3))}"
    return text if delay == grown else f"{text}, and MaxDelaySeconds makes it {seconds_text(round(delay, 3))}"


def _backoff_ignored(case: Case) -> Iterator[Wrong]:
    found = _retries(case)
    if found is None:
        return
    visit, retrier, _, taken = found
    used = _used(retrier, taken)
    rate = f"BackoffRate {retrier.backoff_rate:g}"
    entries = visit.state.fields.get("Retry")
    entry = entries[retrier.index] if isinstance(entries, list) else None
    if isinstance(entry, dict) and "BackoffRate" not in entry:
        rate = f"BackoffRate is {retrier.backoff_rate:g} where it is not written, and"
    say = f"{rate} multiplies the delay before each further retry: {_ladder(retrier, used)}."
    yield Wrong(_plain(retry_delay(replace(retrier, backoff_rate=1.0), used)), say)


def _rate_before_first(case: Case) -> Iterator[Wrong]:
    found = _retries(case)
    if found is None:
        return
    _, retrier, _, taken = found
    used = _used(retrier, taken)
    say = f"BackoffRate counts from the second retry of a Retrier on: {_ladder(retrier, used)}."
    yield Wrong(_plain(retry_delay(retrier, used + 1)), say)


def _max_delay_ignored(case: Case) -> Iterator[Wrong]:
    found = _retries(case)
    if found is None or found[1].max_delay_seconds is None:
        return
    _, retrier, _, taken = found
    most = retrier.max_delay_seconds
    say = f"MaxDelaySeconds {most} is the longest that this Retrier waits, however often it has tried again."
    yield Wrong(_plain(retry_delay(replace(retrier, max_delay_seconds=None), _used(retrier, taken))), say)


def _common_counter(case: Case) -> Iterator[Wrong]:
    """The retries of all Retriers counted together."""
    found = _retries(case)
    if found is None:
        return
    _, retrier, _, taken = found
    used = _used(retrier, taken)
    if len(taken) - 1 == used:
        return
    say = (
        f"Each Retrier counts its own retries: this is number {used + 1} of Retrier {retrier.index + 1}, and "
        f"{_ladder(retrier, used)}."
    )
    yield Wrong(_plain(retry_delay(retrier, len(taken) - 1)), say)


def _linear(case: Case) -> Iterator[Wrong]:
    """IntervalSeconds times the number of the retry."""
    found = _retries(case)
    if found is None:
        return
    _, retrier, _, taken = found
    used = _used(retrier, taken)
    if not used:
        return
    say = f"The delay is multiplied by BackoffRate each time, not by the number of the retry: {_ladder(retrier, used)}."
    yield Wrong(_plain(retrier.interval_seconds * (used + 1)), say)


def _added_up(case: Case) -> Iterator[Wrong]:
    """All delays so far added up."""
    found = _retries(case)
    if found is None:
        return
    _, _, stage, taken = found
    total = sum(float(one.after) for one in taken if isinstance(one.after, int | float))
    if len(taken) > 1 and isinstance(stage.after, int | float):
        say = (
            f"A delay counts from the attempt that failed last, not from the first: it is {seconds_text(stage.after)}."
        )
        yield Wrong(_plain(total), say)


def _by_default(case: Case) -> Iterator[Wrong]:
    """The delay that a Retrier has of which nothing is written."""
    found = _retries(case)
    if found is not None and found[1].interval_seconds != 1:
        seconds = found[1].interval_seconds
        yield Wrong(1, f"IntervalSeconds of this Retrier is {seconds}: 1 is only what it is where it is not written.")


def _at_once(case: Case) -> Iterator[Wrong]:
    found = _retries(case)
    if found is None:
        return
    visit, retrier, _, taken = found
    say = f"A Retrier waits before it tries {named(visit.state.name)} again: {_ladder(retrier, _used(retrier, taken))}."
    yield Wrong(0, say)


DELAY_MISTAKES: Final = (
    KnownMistake(
        "max-delay-ignored", DELAY, "the delay grows without a bound, whatever MaxDelaySeconds says", _max_delay_ignored
    ),
    KnownMistake("common-counter", DELAY, "all Retriers grow their delays together", _common_counter),
    KnownMistake(
        "backoff-ignored", DELAY, "each delay is IntervalSeconds, whatever BackoffRate says", _backoff_ignored
    ),
    KnownMistake("rate-before-first", DELAY, "BackoffRate counts before the first retry already", _rate_before_first),
    KnownMistake("backoff-linear", DELAY, "the delay is IntervalSeconds times the number of the retry", _linear),
    KnownMistake("delays-added-up", DELAY, "a delay counts from the first attempt", _added_up),
    KnownMistake("timestamp-from-start", DELAY, "a Timestamp counts from the start of the execution", _from_start),
    KnownMistake("timestamp-passed-fails", DELAY, "a Timestamp that has passed is an error", _passed_fails),
    KnownMistake(
        "timestamp-passed-waits", DELAY, "a Timestamp that has passed is waited for as long as it is ago", _passed_waits
    ),
    KnownMistake("wait-in-minutes", DELAY, "a Wait counts in minutes", _minutes),
    KnownMistake("wait-in-milliseconds", DELAY, "a Wait counts in milliseconds", _milliseconds),
    KnownMistake("no-wait", DELAY, "a Wait lets no time pass", _no_wait),
    KnownMistake("interval-by-default", DELAY, "a Retrier waits a second, whatever IntervalSeconds says", _by_default),
    KnownMistake("retry-at-once", DELAY, "a retry comes at once", _at_once),
)
