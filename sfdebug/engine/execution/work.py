"""What a branch has under way in its current state, besides its visit: a scheduled task, or running branches."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.engine.execution.log import Log
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult
    from sfdebug.engine.execution.visit import Fault


class Items(Struct, frozen=True, gc=False):
    """The items of a Map Run in order.

    `keys` is their field names when they are the values of a JSON object (`$$.Map.Item.Key`), else None. `sources`
    says of each where it was read (`$$.Map.Item.Source`): the `s3://…` URI of its bucket or object.
    """

    values: tuple[Json, ...]
    keys: tuple[str, ...] | None = None
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def given(self) -> list[Json]:
        """What the iterations are given without an ItemSelector: the items, or the pairs of an object.

        Measured on AWS (iwamot/sfnx) for a distributed Map: `{"Key": …, "Value": …}`.
        """
        if self.keys is None:
            return list(self.values)
        return [{"Key": key, "Value": value} for key, value in zip(self.keys, self.values, strict=True)]


NO_ITEMS: Final = Items(())


def pairs_of(value: dict[str, Json], most: int | None = None) -> Items:
    """The items that a JSON object stands for, at most `most` of them: its values, each with its key."""
    pairs = tuple(islice(value.items(), most))
    return Items(tuple(item for _, item in pairs), tuple(key for key, _ in pairs))


class Tolerance(Struct, frozen=True, gc=False):
    """The thresholds of one Map Run; None for a field that its state does not have."""

    count: int | None = None
    percentage: float | None = None

    def is_exceeded(self, failed: int, total: int) -> bool:
        """Whether `failed` of `total` items are too many: more than either threshold that is given.

        Without a threshold none may fail, and one of 0 counts as none (measured on AWS, iwamot/sfnx). Items that timed
        out count as failed; a failed batch counts with all of its items.
        """
        if not self.count and not self.percentage:
            return failed > 0
        if self.count and failed > self.count:
            return True
        return bool(self.percentage) and total > 0 and failed * 100 > (self.percentage or 0) * total


class TaskWork(Struct, frozen=True, gc=False):
    """A task attempt: its effective input, when it was scheduled, its limits, and the answer on its way.

    `answer` is None until one is given, and again None for a retry that has not been scheduled yet. `has_begun` says
    that its events have it begun already, before the answer.
    """

    input: Json
    scheduled_at: int = 0
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    task_token: str | None = None
    credentials: Json = None
    answer: Answer | None = None
    has_begun: bool = False


class PreparedWork(Struct, frozen=True, gc=False):
    """What a Parallel or Map is about to start with; for a Map also the items as they were before ItemSelector.

    `concurrency` is how many of a Map's iterations may run at once, 0 for as many as there can be; `selected` what
    `$` was for the paths of its fields. A Map Run that asks the outside has its `arn`, its limits, perhaps an `answer`
    on its way, and how often it was redriven.
    """

    input: Json
    items: Items = NO_ITEMS
    concurrency: int = 0
    selected: Json = None
    arn: str = ""
    tolerance: Tolerance | None = None
    max_items: int | None = None
    answer: TaskResult | TaskFailure | Dataset | None = None
    redrives: int = 0


def in_order(ended: Log[tuple[int, Json]]) -> list[Json]:
    """The outputs of branches in the order of these, not of their ends."""
    return [output for _, output in sorted(ended, key=lambda pair: pair[0])]


class ParallelWork(Struct, frozen=True, gc=False):
    """Running Parallel branches: how many there are, and the outputs of those that have ended, by index."""

    input: Json
    count: int
    ended: Log[tuple[int, Json]]

    @property
    def is_complete(self) -> bool:
        """Whether all branches have ended."""
        return len(self.ended) == self.count


class MapWork(Struct, frozen=True, gc=False):
    """Running Map iterations. `inputs` is what they are given, `items` the items that they stand for.

    `next_index` is the first item that has not been started; `free` holds, for each iteration that may start
    now, the id of the event it follows (the start of the Map, or the end of the iteration whose place it takes).
    """

    input: Json
    inputs: tuple[Json, ...]
    items: Items
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


class MapRunWork(Struct, frozen=True, gc=False):
    """A Map Run on its way. `inputs` is what its child executions are given, each with the items that it stands for.

    `ended` holds, by index, the output of each child execution that succeeded; `failed` counts the items of those that
    did not. `counts` is how many items each child execution has: more than one when they are batched. `redrives` is how
    often the Map Run was redriven.
    """

    input: Json
    arn: str
    inputs: tuple[Json, ...]
    counts: tuple[int, ...]
    tolerance: Tolerance
    concurrency: int
    ended: Log[tuple[int, Json]]
    failed_children: Log[tuple[int, Fault]]
    failed: int = 0
    next_index: int = 0
    redrives: int = 0

    @property
    def count(self) -> int:
        """How many child executions there are in all."""
        return len(self.inputs)

    @property
    def running(self) -> int:
        """How many child executions run now."""
        return self.next_index - len(self.ended) - len(self.failed_children)

    @property
    def is_complete(self) -> bool:
        """Whether all child executions are over."""
        return len(self.ended) + len(self.failed_children) == len(self.inputs)

    @property
    def can_start(self) -> bool:
        """Whether a child execution is left to be started, and MaxConcurrency leaves room for it."""
        return self.next_index < len(self.inputs) and self.running < self.concurrency

    @property
    def is_eager(self) -> bool:
        """Whether to start another one before the running ones have come as far as they can.

        All run side by side, but taking them up a few at a time gives the same and keeps an execution small.
        """
        return self.can_start and self.running < _EAGER_CHILDREN


_EAGER_CHILDREN: Final = 40

Work: TypeAlias = "TaskWork | PreparedWork | ParallelWork | MapWork | MapRunWork"
