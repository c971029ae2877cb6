"""What a span of time came to: how many executions stand how, which errors there were, the slowest, the retried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from sfdebug.executions.outcome import ExecutionOutcome

MOST_SLOW: Final = 10
"""So many are the slowest."""


class OverviewKind(StrEnum):
    """What the executions of an entry have in common."""

    STATUS = "status"
    ERROR = "error"
    SLOWEST = "slowest"
    RETRIED = "retried"


class OverviewEntry(Struct, frozen=True, gc=False):
    """Executions that have something in common: `name` is the status or the error, "" for the others.

    `members` are the keys of their outcomes: the newest first, of the slowest the slowest, of the retried those that
    were most often. `most` is what they are most: the longest duration in milliseconds, or the retries; `usual` the
    median duration of all. `first` is the name of the first member.
    """

    kind: OverviewKind
    name: str
    members: tuple[str, ...]
    first: str
    most: int | None = None
    usual: int | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.members)

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.kind}\n{self.name}"


def overview(
    outcomes: Iterable[ExecutionOutcome], durations: Mapping[str, int | None], statuses: Sequence[str]
) -> tuple[OverviewEntry, ...]:
    """The entries: each status in the order of `statuses`, each error, the most frequent first, then the slowest and
    the retried. `durations` says how long each took, by its key, as far as that is known."""
    rows = sorted(outcomes, key=lambda one: -(one.newest_time or 0))
    by_status: defaultdict[str, list[ExecutionOutcome]] = defaultdict(list)
    by_error: defaultdict[str, list[ExecutionOutcome]] = defaultdict(list)
    for one in rows:
        by_status[one.status].append(one)
        if one.is_unsuccessful and one.error:
            by_error[one.error].append(one)
    others = [status for status in by_status if status not in statuses]
    entries = [
        _entry(OverviewKind.STATUS, status, by_status[status], durations)
        for status in (*statuses, *others)
        if status in by_status
    ]
    frequent = sorted(by_error.items(), key=lambda item: (-len(item[1]), item[0]))
    entries += [_entry(OverviewKind.ERROR, error, members, durations) for error, members in frequent]
    timed = [one for one in rows if durations.get(one.key) is not None]
    timed.sort(key=lambda one: -(durations[one.key] or 0))
    if timed:
        entries.append(_entry(OverviewKind.SLOWEST, "", timed[:MOST_SLOW], durations, timed))
    retried = sorted((one for one in rows if tries_again(one)), key=lambda one: -tries_again(one))
    if retried:
        most, keys = tries_again(retried[0]), tuple(one.key for one in retried)
        entries.append(OverviewEntry(OverviewKind.RETRIED, "", keys, retried[0].title, most))
    return tuple(entries)


def tries_again(outcome: ExecutionOutcome) -> int:
    """How often something of an execution was tried again, or the whole was redriven, as far as that is known."""
    state = outcome.failed_state
    attempts = state.attempts or 1 if state is not None else 1
    return (outcome.retries if outcome.retries is not None else attempts - 1) + outcome.redrive_count


def _entry(
    kind: OverviewKind,
    name: str,
    members: Sequence[ExecutionOutcome],
    durations: Mapping[str, int | None],
    of: Sequence[ExecutionOutcome] = (),
) -> OverviewEntry:
    known = [time for one in of or members if (time := durations.get(one.key)) is not None]
    usual = int(median(known)) if known else None
    keys = tuple(one.key for one in members)
    return OverviewEntry(kind, name, keys, members[0].title, max(known, default=None), usual)
