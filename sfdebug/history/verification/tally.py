"""Verdicts counted and put in groups as they come: what is known of thousands, without any of them being kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.history.verification.verdict import Verification, VerificationStatus

if TYPE_CHECKING:
    from sfdebug.history.replay.event_comparison import Difference

_MOST_GROUPS: Final = 1_000
"""So many groups are told apart; what is in none of them is counted together."""
_LONGEST: Final = 500
"""Characters of a cause that are kept as an example."""
GROUPED: Final = (VerificationStatus.DIVERGES, VerificationStatus.NOT_VERIFIED, VerificationStatus.PARTIAL)
"""The verdicts that are put in groups, the weightiest first."""


class VerdictKind(Struct, frozen=True, gc=False):
    """What executions of one group have in common: the verdict, and where and why they diverge first.

    `field` is the field of the event ("type" for another event altogether), `pointer` the place in it with "*" for
    indices, `shape` what is the same in the causes: the explanation of the difference, or why it was not verified.
    """

    status: VerificationStatus
    state: str
    event_type: str
    field: str
    pointer: str
    shape: str


class VerdictGroup(Struct, frozen=True, gc=False):
    """Executions that diverge, or were not verified, alike: how many, and one of them with its cause."""

    kind: VerdictKind
    count: int
    example: str
    cause: str
    event_id: int | None = None


class VerificationTally:
    """Counts verdicts, and groups those that are not good. What it holds does not grow with the executions, only with
    the ways in which they diverge, and of these no more than a thousand are told apart.

    Args:
        shape: What is the same in the causes of one kind.
    """

    def __init__(self, shape: Callable[[str], str]) -> None:
        self._shape = shape
        self._groups: dict[VerdictKind, VerdictGroup] = {}
        self.counts = dict.fromkeys(VerificationStatus, 0)
        self.ungrouped = 0
        """How many are in no group, because there were too many groups already."""
        self.compares_effects = False

    def add(self, one: Verification) -> None:
        """Count a verdict."""
        self.counts[one.status] += 1
        self.compares_effects |= one.calls is not None
        if one.status not in GROUPED:
            return
        first = one.first if one.status is VerificationStatus.DIVERGES else None
        cause = first.explanation if first is not None else _without_place(one.reason, one.history)
        kind = _kind(one.status, first, self._shape(cause))
        known = self._groups.get(kind)
        if known is not None:
            self._groups[kind] = VerdictGroup(kind, known.count + 1, known.example, known.cause, known.event_id)
        elif len(self._groups) >= _MOST_GROUPS:
            self.ungrouped += 1
        else:
            event_id = first.event_id if first is not None else None
            self._groups[kind] = VerdictGroup(kind, 1, one.history, cause[:_LONGEST], event_id)

    @property
    def total(self) -> int:
        """How many verdicts there were."""
        return sum(self.counts.values())

    @property
    def groups(self) -> tuple[VerdictGroup, ...]:
        """The groups: those that diverge before those not verified, then the largest first, then as they came."""
        return tuple(sorted(self._groups.values(), key=lambda one: (GROUPED.index(one.kind.status), -one.count)))


def _kind(status: VerificationStatus, first: Difference | None, shape: str) -> VerdictKind:
    if first is None:
        return VerdictKind(status, "", "", "", "", shape)
    pointer = "/".join("*" if step.isdecimal() else step for step in first.pointer.split("/"))
    return VerdictKind(status, first.state, first.event_type, first.field, pointer, shape)


def _without_place(reason: str, history: str) -> str:
    """A reason without the file and the line that it begins with, which differ from one history to the next."""
    return reason.partition(": ")[2] if reason.startswith(f"{history}:") else reason
