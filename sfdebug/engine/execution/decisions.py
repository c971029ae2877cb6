"""Decisions: everything that reaches the pure engine from outside, as values that are kept in the log."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from sfdebug.asl.definition import StatePath
from sfdebug.values import MISSING, Json, Value, shown_without

BranchId: TypeAlias = "tuple[tuple[str, int], ...]"
"""Which run of a scope: for each container from the outside in, its state name and the branch or iteration
index. `()` is the execution's own top level; `(("Each order", 3),)` is the fourth iteration of a Map."""


class Provenance(StrEnum):
    """Where a value came from."""

    COMPUTED = "computed"
    RECORDED = "recorded"
    MOCKED = "mocked"
    FUNCTION = "function"
    SERVICE = "service"
    """An AWS service that was really called."""
    USER = "user"
    UNKNOWN = "unknown"


class Submission(Struct, frozen=True, gc=False):
    """What is known of how a task began: the response to the call that submitted a `.sync` or callback task (the
    output of TaskSubmitted), and the name of the worker that took an activity (workerName of ActivityStarted).

    `begun` is False when the call was refused, or no worker took the activity: then there is no such event. `failure`
    is what the event of a failure is called: also SubmitFailed or StartFailed. Source: AWS API, HistoryEvent `type`.
    """

    response: Value = MISSING
    worker_name: str | None = None
    begun: bool = True
    failure: str = "Failed"


class TaskResult(Struct, frozen=True, gc=False):
    """A Task's answer: it succeeded with `output`, `after_seconds` of virtual time later."""

    output: Json
    after_seconds: float = 0.0
    provenance: Provenance = Provenance.USER
    submission: Submission | None = None


class TaskFailure(Struct, frozen=True, gc=False):
    """A Task's answer: it failed with an error name and a cause, `after_seconds` of virtual time later.

    AWS lets SendTaskFailure leave out both (recorded: a TaskFailed event without an error).
    """

    error: str | None
    cause: str | None = None
    after_seconds: float = 0.0
    provenance: Provenance = Provenance.USER
    submission: Submission | None = None


class TaskSilence(Struct, frozen=True, gc=False):
    """A Task's answer: none ever comes, so that HeartbeatSeconds or TimeoutSeconds ends the attempt."""

    provenance: Provenance = Provenance.USER
    submission: Submission | None = None


class Dataset(Struct, frozen=True, gc=False):
    """The answer to an ItemReader's question. Exactly one of `content`, `objects` and `items` is given.

    `content` is what s3:getObject returns: the bytes of the object, compressed as they may be. `objects` is what
    s3:listObjectsV2 lists, one JSON object for each (Key, Size, Etag, …). `files` holds, by `s3://bucket/key`,
    the data files that a manifest names, or the listed objects when their contents are read too (Transformation
    LOAD_AND_FLATTEN). `items` are items that need no reading any more (a mock). `source` is the `s3://bucket/key` of
    the object, or the `s3://bucket` of the listing.
    """

    content: bytes | None = None
    objects: tuple[Json, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    items: tuple[Json, ...] | None = None
    source: str = ""
    provenance: Provenance = Provenance.USER
    after_seconds: float = 0.0

    __repr__ = shown_without("files")

    def __post_init__(self) -> None:
        """Raises ValueError unless exactly one of the three forms is given."""
        given = [name for name in ("content", "objects", "items") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a Dataset is content, or objects, or items; given: {', '.join(given) or 'none'}")


Answer: TypeAlias = "TaskResult | TaskFailure | TaskSilence | Dataset"
"""What may answer a question. A Dataset answers only a Map Run with an ItemReader; there, a TaskResult stands for the
result of the whole Map Run, and a TaskFailure for its failure."""


class Proceed(Struct, frozen=True, gc=False):
    """Move on: the named branch by one phase, or, with None, whichever the engine's own order says.

    `whole_visit` goes through to the next state in the same step where nothing from outside is needed on the way. `at`
    is when it happens, in milliseconds since the start, where that is known (a recorded run): the clock moves there
    first, and a branch that sleeps is woken, early or late.
    """

    branch: BranchId | None = None
    whole_visit: bool = False
    at: int | None = None


class AnswerTask(Struct, frozen=True, gc=False):
    """What the Task waiting in `branch` returned, threw, or that it never replies; `at` as in `Proceed`."""

    branch: BranchId
    answer: Answer
    at: int | None = None


class BeginTask(Struct, frozen=True, gc=False):
    """The Task waiting in `branch` has begun outside, and its answer is still to come: a call was submitted, a worker
    took an activity. `at` as in `Proceed`."""

    branch: BranchId
    submission: Submission
    at: int | None = None


class ForceChoice(Struct, frozen=True, gc=False):
    """The Choice that `branch` is about to run takes rule `rule` (from 0), or Default when it is None."""

    branch: BranchId
    rule: int | None


class InjectFailure(Struct, frozen=True, gc=False):
    """The next `attempts` attempts of the Task, Parallel or Map at `state` fail with this error and cause."""

    state: StatePath
    error: str
    cause: str | None = None
    attempts: int = 1


class EditInput(Struct, frozen=True, gc=False):
    """The state that `branch` is about to enter gets `input` in place of what its predecessor gave."""

    branch: BranchId
    input: Json
    provenance: Provenance = Provenance.USER


class EditOutput(Struct, frozen=True, gc=False):
    """The state that `branch` is about to leave gives `output`, and `assigned` to its variables, in place of what it
    computed; `assigned` None stands for no variables."""

    branch: BranchId
    output: Json
    assigned: Mapping[str, Json] | None = None
    provenance: Provenance = Provenance.USER


class RefuseTask(Struct, frozen=True, gc=False):
    """The Task that `branch` is about to schedule cannot be, for a reason outside of the definition: it fails, without
    events of an attempt. Recorded: the activity does not exist."""

    branch: BranchId
    error: str
    cause: str


class StopExecution(Struct, frozen=True, gc=False):
    """StopExecution was called: the whole execution is aborted; `at` as in `Proceed`."""

    error: str | None = None
    cause: str | None = None
    at: int | None = None


class ExpireExecution(Struct, frozen=True, gc=False):
    """The time of the whole execution is over now, whatever its TimeoutSeconds say, or that of a child execution; `at`
    as in `Proceed`."""

    at: int | None = None
    child: BranchId = ()


class Redrive(Struct, frozen=True, gc=False):
    """RedriveExecution was called: an execution that ended without success goes on from where it stopped; `at` as in
    `Proceed`."""

    at: int | None = None


class AdjustMapRun(Struct, frozen=True, gc=False):
    """UpdateMapRun was called for the Map Run in `branch`: what is not None is its limit from now on."""

    branch: BranchId
    concurrency: int | None = None
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None


Decision: TypeAlias = (
    "Proceed | AnswerTask | BeginTask | ForceChoice | InjectFailure | EditInput | EditOutput | RefuseTask"
    " | StopExecution | ExpireExecution | Redrive | AdjustMapRun"
)
