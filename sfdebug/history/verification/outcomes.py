"""What would have come of a recorded execution under another definition: whether a mend would have held.

A verdict says whether all came out as recorded. Of an execution that failed, that is seldom what somebody wants to know
of a definition that was mended: it is whether the failure would have come again, and what would have come in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.status import ExecutionStatus


class MendOutcome(StrEnum):
    """What comes of a recorded execution under the definition that is verified. Each says only what was computed."""

    NOW_SUCCEEDS = "now succeeds"
    """It did not succeed when it was recorded, and does now: every step to the end was computed. Each Task on the way
    was asked the very same when it was recorded, and is answered as it was then."""
    SUCCEEDS_AS_RECORDED = "succeeds as recorded"
    """It succeeded, and every event that was recorded comes again."""
    GOES_ON = "goes on where it failed"
    """All comes again up to where it failed; there it goes on, to what nobody recorded: how it ends is not known."""
    DIFFERS = "differs"
    """Something differs before it comes to the recorded end, and what comes of that is not known or is another way to
    the same success."""
    SAME_FAILURE = "same failure again"
    """It ends with the same error and cause in the same state, or is stopped in the same place."""
    FAILS_OTHERWISE = "fails otherwise"
    """It failed, and fails now with another error or cause, or in another state."""
    NOW_FAILS = "now fails"
    """It succeeded when it was recorded."""
    NOT_VERIFIED = "not verified"
    """It cannot be told."""


HELD = frozenset({MendOutcome.NOW_SUCCEEDS, MendOutcome.SUCCEEDS_AS_RECORDED})
"""The outcomes that prove something good; no other one does."""
FAILED_OUTCOMES = frozenset({MendOutcome.SAME_FAILURE, MendOutcome.FAILS_OTHERWISE, MendOutcome.NOW_FAILS})
"""Those that prove something bad."""


class RecordedFailure(Struct, frozen=True, gc=False):
    """What a recorded execution failed with, and in which state ("" where that is not known)."""

    state: str
    error: str
    cause: str


class Mending(Struct, frozen=True, gc=False):
    """What would have come of one recorded execution.

    `state` is where it differs, goes on or fails, `field` in what it differs, and `what` says that in words that are
    the same for all executions of which the same can be said. `compared_to` is the id of the last recorded event that
    was compared; what comes after it was computed from what had come of it so far, with the recorded answers of
    `answered` calls that were the very same. `reasons` say what is not known. `failure` is what it was recorded with.
    """

    outcome: MendOutcome
    recorded: ExecutionStatus
    state: str = ""
    branch: BranchId = ()
    field: str = ""
    what: str = ""
    compared_to: int = 0
    answered: int = 0
    reasons: tuple[str, ...] = ()
    failure: RecordedFailure | None = None


Titled: TypeAlias = tuple[str, Mending]
"""An execution's title, and what would have come of it."""


class OutcomeGroup(Struct, frozen=True, gc=False):
    """The executions of which the same can be said, in the order in which they came: at least one."""

    outcome: MendOutcome
    state: str
    what: str
    executions: tuple[Titled, ...]

    @property
    def compared_to(self) -> tuple[int, int]:
        """The ids of the events up to which the executions were compared, the least and the most."""
        ids = [one.compared_to for _, one in self.executions]
        return min(ids), max(ids)

    @property
    def answered(self) -> tuple[int, int]:
        """How many calls were answered as recorded behind that, the least and the most."""
        counts = [one.answered for _, one in self.executions]
        return min(counts), max(counts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is not known of them, each reason once."""
        return tuple(dict.fromkeys(reason for _, one in self.executions for reason in one.reasons))


def grouped(found: Iterable[Titled]) -> tuple[OutcomeGroup, ...]:
    """Executions, by title, grouped by what came of them: by outcome as in `MendOutcome`, then the largest first."""
    groups: dict[tuple[MendOutcome, str, str], list[Titled]] = {}
    for title, one in found:
        groups.setdefault((one.outcome, one.state, one.what), []).append((title, one))
    order = list(MendOutcome)
    made = [OutcomeGroup(*key, tuple(executions)) for key, executions in groups.items()]
    made.sort(key=lambda group: (order.index(group.outcome), -len(group.executions)))
    return tuple(made)


class FailureOutcomes(Struct, frozen=True, gc=False):
    """The executions that failed alike when they were recorded, and how many of them have each outcome."""

    failure: RecordedFailure
    outcomes: Mapping[MendOutcome, int]

    @property
    def total(self) -> int:
        """How many failed alike."""
        return sum(self.outcomes.values())


def by_failure(found: Iterable[Titled], shape: Callable[[str], str]) -> tuple[FailureOutcomes, ...]:
    """The outcomes of executions by what they were recorded to fail with, the most frequent failure first.

    Args:
        found: The executions; those that did not fail have no part in it.
        shape: What is the same in the causes of one kind of failure.
    """
    groups: dict[RecordedFailure, Counter[MendOutcome]] = {}
    for _, one in found:
        if one.failure is not None:
            key = replace(one.failure, cause=shape(one.failure.cause))
            groups.setdefault(key, Counter())[one.outcome] += 1
    made = [
        FailureOutcomes(failure, {outcome: counts[outcome] for outcome in MendOutcome if counts[outcome]})
        for failure, counts in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: -group.total))
