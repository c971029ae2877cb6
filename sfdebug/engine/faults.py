"""Faults: which Retrier or Catcher takes one, how long a retry waits, and AWS's words for failures of a state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.visit import CatchVerdict, Fault, RetryVerdict

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, Retrier
    from sfdebug.expressions.environment import Entropy

ALL: Final = "States.ALL"
TASK_FAILED: Final = "States.TaskFailed"
TIMEOUT: Final = "States.Timeout"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
RUNTIME: Final = "States.Runtime"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"
ITEM_READER_FAILED: Final = "States.ItemReaderFailed"
_EXCEED_TOLERATED_FAILURE_THRESHOLD: Final = "States.ExceedToleratedFailureThreshold"

_NO_TASK_FAILURES: Final = (TIMEOUT, QUERY_EVALUATION_ERROR)
"""What the wildcard States.TaskFailed does not cover."""


class StateError(Exception):
    """A state cannot go on: raised while it computes, turned into a fault of its visit.

    `names_state` says whether AWS puts "An error occurred while executing the state …" before the cause. `location`
    is the field of an EvaluationFailed event ("Output/total"), None where it has none.
    """

    def __init__(
        self, error: str, cause: str | None, *, names_state: bool = False, location: str | None = None
    ) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause
        self.names_state = names_state
        self.location = location

    def fault(self, state: str, entered_event_id: int) -> Fault:
        """The fault in AWS's words, for the state with that name that was entered at that event."""
        if not self.names_state:
            return Fault(self.error, self.cause)
        return Fault(
            self.error,
            f"An error occurred while executing the state '{state}' (entered at the event id #{entered_event_id}). "
            f"{self.cause}",
        )


def runtime_failure(cause: str) -> StateError:
    """A States.Runtime failure: what AWS raises where a path, a value or a field cannot be used."""
    return StateError(RUNTIME, cause, names_state=True)


def query_failure(cause: str, location: str | None = None) -> StateError:
    """A States.QueryEvaluationError: JSONata that cannot be evaluated, or that gives what the field cannot use."""
    return StateError(QUERY_EVALUATION_ERROR, cause, names_state=True, location=location)


def matches(error_equals: Sequence[str], error: str | None, aliases: Sequence[str] = ()) -> bool:
    """Whether an ErrorEquals list names this error, or has a wildcard that covers it.

    States.Runtime can be neither retried nor caught. States.ALL covers all else; the Developer Guide excepts
    States.DataLimitExceeded, but a recorded Catch on States.ALL takes it. States.TaskFailed covers what
    States.ALL does, except States.Timeout and (measured on AWS, iwamot/sfnx) States.QueryEvaluationError, whichever
    field the expression stands in.
    Source: AWS Step Functions Developer Guide, "Handling errors"; States Language specification, "Errors".
    """
    if error == RUNTIME:
        return False
    if error in error_equals or any(alias in error_equals for alias in aliases):
        return True
    return ALL in error_equals or (TASK_FAILED in error_equals and error not in _NO_TASK_FAILURES)


def why_not(error_equals: Sequence[str], error: str | None) -> str:
    """In plain words, why an ErrorEquals list does not take an error."""
    if error == RUNTIME:
        return f"{RUNTIME} can be neither retried nor caught"
    if error in _NO_TASK_FAILURES and TASK_FAILED in error_equals:
        return f"{TASK_FAILED} does not cover {error}"
    return f"{error or 'an error without a name'} is not in ErrorEquals"


def judge_retrier(retrier: Retrier, fault: Fault, attempts_used: int) -> RetryVerdict:
    """Whether a Retrier takes `fault`, after it has already been used `attempts_used` times in this visit.

    `delay_seconds` is the delay before jitter: IntervalSeconds times BackoffRate for each use before, at most
    MaxDelaySeconds. Source: States Language specification, "Retrying after error".
    """
    matched = matches(retrier.error_equals, fault.error, fault.aliases)
    delay = None
    if not matched:
        why = why_not(retrier.error_equals, fault.error)
    elif attempts_used >= retrier.max_attempts:
        its = "its one retry is" if retrier.max_attempts == 1 else f"its {retrier.max_attempts} retries are"
        used_up = f"matches, but {its} used up"
        why = used_up if retrier.max_attempts else "matches, but MaxAttempts 0 means that it never retries"
    else:
        delay = retry_delay(retrier, attempts_used)
        why = f"matches: retry {attempts_used + 1} of {retrier.max_attempts}"
    return RetryVerdict(
        index=retrier.index,
        error_equals=retrier.error_equals,
        matched=matched,
        attempts_used=attempts_used,
        max_attempts=retrier.max_attempts,
        delay_seconds=delay,
        why=why,
    )


def retry_delay(retrier: Retrier, attempts_used: int) -> float:
    """Seconds before the next attempt, the longest that jitter leaves of them."""
    try:
        delay = retrier.interval_seconds * retrier.backoff_rate**attempts_used
    except OverflowError:
        delay = float(_FOREVER_SECONDS)
    longest = retrier.max_delay_seconds if retrier.max_delay_seconds is not None else _FOREVER_SECONDS
    return min(delay, float(longest))


def with_jitter(retrier: Retrier, delay: float, entropy: Entropy) -> float:
    """The part of the delay that is waited: a random one when the Retrier says so."""
    return entropy.uniform() * delay if retrier.jitter_strategy == "FULL" and delay else delay


def judge_catcher(catcher: Catcher, fault: Fault) -> CatchVerdict:
    """Whether a Catcher takes `fault`."""
    matched = matches(catcher.error_equals, fault.error, fault.aliases)
    why = f"matches: goes on to {catcher.next}" if matched else why_not(catcher.error_equals, fault.error)
    return CatchVerdict(catcher.index, catcher.error_equals, matched, catcher.next, why)


_FOREVER_SECONDS: Final = 99_999_999

THRESHOLD_EXCEEDED: Final = Fault(
    _EXCEED_TOLERATED_FAILURE_THRESHOLD,
    # Recorded: TestState with more failed iterations than ToleratedFailureCount.
    "The specified tolerated failure threshold was exceeded",
)
"""What a Map Run fails with when too many of its items have."""
