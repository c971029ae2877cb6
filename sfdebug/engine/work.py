"""What a branch has under way in its current state, besides its visit: a scheduled task, or running branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sfdebug.engine.log import Log
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.decisions import Answer


@dataclass(frozen=True, slots=True)
class TaskWork:
    """A task attempt: its effective input, when it was scheduled, its limits, and the answer on its way.

    `answer` is None until one is given, and again None for a retry that has not been scheduled yet.
    """

    input: Json
    scheduled_at: int = 0
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    task_token: str | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class PreparedWork:
    """What a Parallel or Map is about to start with; for a Map also the items as they were before ItemSelector."""

    input: Json
    items: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class ParallelWork:
    """Running Parallel branches: how many there are, and the outputs of those that have ended, by index."""

    input: Json
    count: int
    ended: Log[tuple[int, Json]]

    @property
    def is_complete(self) -> bool:
        """Whether all branches have ended."""
        return len(self.ended) == self.count

    @property
    def outputs(self) -> list[Json]:
        """The outputs in the order of the branches, not of their ends."""
        return [output for _, output in sorted(self.ended, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class MapWork:
    """Running Map iterations. `inputs` is what they are given, `items` the array that they stand for.

    `next_index` is the first item that has not been started; `free` holds, for each iteration that may start
    now, the id of the event it follows (the start of the Map, or the end of the iteration whose place it takes).
    """

    input: Json
    inputs: tuple[Json, ...]
    items: tuple[Json, ...]
    ended: Log[tuple[int, Json]]
    next_index: int = 0
    free: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many iterations there are in all."""
        return len(self.items)

    @property
    def is_complete(self) -> bool:
        """Whether all iterations have ended."""
        return len(self.ended) == len(self.items)

    @property
    def can_start(self) -> bool:
        """Whether an item is left and MaxConcurrency leaves room for it."""
        return bool(self.free) and self.next_index < len(self.items)

    @property
    def outputs(self) -> list[Json]:
        """The outputs in the order of the items, not of their ends."""
        return [output for _, output in sorted(self.ended, key=lambda pair: pair[0])]


Work: TypeAlias = "TaskWork | PreparedWork | ParallelWork | MapWork"
