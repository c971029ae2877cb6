"""What an execution that was kept goes on from: its decisions, what it waits for, how its clock goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision


class KeptAttempt(Struct, frozen=True):
    """A question that was put and waits, as it stands.

    `kind` is the value of AwaitedKind; `event` and `attempt` tell it from others of its branch; `asked`, `began` and
    `heard` are on the clock of the execution; `early` was sent before the call that gave its token away was over;
    `child` is the execution that it has started.
    """

    branch: BranchId
    event: int
    attempt: int
    kind: str
    asked: int
    began: int | None = None
    heard: int | None = None
    early: Answer | None = None
    child: str = ""


class KeptCourse(Struct, frozen=True):
    """What became of an execution.

    `decisions` are all that there were, `attempts` those that were put last, by their branches. `clock` is how late it
    was in it when the wall's clock showed that, None where no time had passed. `since` and `client_token` are those of
    the hosted execution.
    """

    decisions: Sequence[Decision]
    attempts: Mapping[BranchId, KeptAttempt]
    clock: tuple[float, float] | None
    since: float
    client_token: str | None = None
