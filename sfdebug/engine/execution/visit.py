"""A visit: one stay in one state, with its stages and attempts. Immutable values, as far as they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sfdebug.engine.execution.decisions import BranchId, Provenance
from sfdebug.values import MISSING, Json, Value, shown_without

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.expressions.choice import Verdict

_TIMEOUT: Final = "States.Timeout"


class Fault(Struct, frozen=True, gc=False):
    """An error name and a cause on their way to a Retrier or a Catcher. Either can be absent (a bare Fail).

    `aliases` are further names that an ErrorEquals may call it by: a missed heartbeat is recorded as
    States.Timeout, and States.HeartbeatTimeout matches it too.
    """

    error: str | None
    cause: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def output(self) -> dict[str, Json]:
        """The Error Output that a Catcher receives.

        Recorded: a fault without a name or a cause gives nulls. A timeout's cause is empty there: seen in what others
        caught on AWS (aws-samples/serverless-coffee-workshop issue 15), while its events have no cause at all.
        """
        is_timeout = self.cause is None and self.error == _TIMEOUT
        return {"Error": self.error, "Cause": "" if is_timeout else self.cause}

    @property
    def details(self) -> dict[str, Json]:
        """The fields of the events that report it: `error` and `cause`, without those that it does not have."""
        pairs = (("error", self.error), ("cause", self.cause))
        return {name: text for name, text in pairs if text is not None}


class StageName(StrEnum):
    """The names of the stages: AWS's field names, and a few for what has no field."""

    INPUT = "Input"
    INPUT_PATH = "InputPath"
    PARAMETERS = "Parameters"
    ARGUMENTS = "Arguments"
    ITEMS_PATH = "ItemsPath"
    ITEMS = "Items"
    ITEM_READER = "ItemReader"
    ITEM_SELECTOR = "ItemSelector"
    ITEM_BATCHER = "ItemBatcher"
    RESULT = "Result"
    TASK = "Task"
    BRANCHES = "Branches"
    ITERATIONS = "Iterations"
    MAP_RUN = "MapRun"
    RESULT_WRITER = "ResultWriter"
    RULE = "Rule"
    DEFAULT = "Default"
    WAIT = "Wait"
    ERROR = "Error"
    RETRY = "Retry"
    CATCH = "Catch"
    REDRIVE = "Redrive"
    RESULT_SELECTOR = "ResultSelector"
    RESULT_PATH = "ResultPath"
    ASSIGN = "Assign"
    OUTPUT_PATH = "OutputPath"
    OUTPUT = "Output"


class StageStatus(StrEnum):
    """How a stage ended (`WAITING`: it has begun, and its result is not there yet)."""

    DONE = "done"
    FAILED = "failed"
    WAITING = "waiting"
    MATCHED = "matched"
    NOT_MATCHED = "not matched"
    FORCED = "forced"
    INJECTED = "injected"


class RetryVerdict(Struct, frozen=True, gc=False):
    """What a Retrier made of a fault: `matched`, then whether attempts were left, and the delay it asked for."""

    index: int
    error_equals: tuple[str, ...]
    matched: bool
    attempts_used: int
    max_attempts: int
    delay_seconds: float | None
    why: str


class CatchVerdict(Struct, frozen=True, gc=False):
    """What a Catcher made of a fault, and where it leads when it takes it."""

    index: int
    error_equals: tuple[str, ...]
    matched: bool
    next: str
    why: str


class Stage(Struct, frozen=True, gc=False):
    """One step of the data flow of a visit.

    `expression` is the field as written (MISSING when the default applied), of a redrive its count and time; `index`
    tells rules, Retriers and Catchers apart (from 0); `attempt` counts a Task's tries from 1, and from 1 again after a
    redrive. `before` and `after` are the value that flows along; MISSING where there is none (a failed stage has no
    `after`).
    """

    name: StageName
    before: Value
    after: Value
    expression: Value = MISSING
    status: StageStatus = StageStatus.DONE
    index: int | None = None
    attempt: int = 1
    provenance: Provenance = Provenance.COMPUTED
    fault: Fault | None = None
    detail: Verdict | RetryVerdict | CatchVerdict | None = None


class VisitStatus(StrEnum):
    """How far a visit has come."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    CAUGHT = "caught"
    FAILED = "failed"
    ABORTED = "aborted"


class Visit(Struct, frozen=True, gc=False):
    """One stay in one state of one branch. `number` counts the execution's visits from 1, in order of entry.

    `variables` are those that the state sees, with their values at entry; `assigned` those that it gives new values
    when it is left. `redriven_after` is how many of its attempts were made before the execution was redriven last:
    Retriers and the Context object count from there. `stages` is a tuple, or what `engine.execution.stages` makes of
    many.
    """

    number: int
    branch: BranchId
    state: State
    input: Json
    entered_event_id: int
    entered_at: int
    stages: Sequence[Stage] = ()
    status: VisitStatus = VisitStatus.RUNNING
    attempt: int = 1
    retrier_counts: tuple[int, ...] = ()
    output: Value = MISSING
    next: str | None = None
    fault: Fault | None = None
    edited: bool = False
    variables: Mapping[str, Json] = field(default_factory=dict)
    assigned: Mapping[str, Json] | None = None
    redriven_after: int = 0

    __repr__ = shown_without("state", "variables")


class RequestKind(StrEnum):
    """What asks: a Task for its result, or a distributed Map for its items, or for the result of its whole Map Run."""

    TASK = "task"
    MAP_RUN = "map run"


class TaskRequest(Struct, frozen=True, gc=False):
    """A question to the outside: what a Task calls, with what, and which try this is; or what a Map Run starts with.

    `attempt` counts the tries of this visit from 1; `invocation` counts all tries of this state in this
    execution from 0, which is how MockConfigFile.json numbers them. A Map Run with an ItemReader asks with the
    reader's effective Parameters or Arguments as `input`, one without it with its items; `is_optional` says that the
    engine can go on without an answer, by running the Map's child executions. `nested_in` is "" for the execution that
    is run or debugged; for one that a Task of it has started, it tells that from the others. `execution_arn` and
    `state_machine_arn` are what the Context object calls the execution that asks and its state machine. `started_by`
    is `nested_in` once more, with what the Tasks that led there have asked for: another one when that was edited.
    """

    branch: BranchId
    state: State
    input: Json
    attempt: int
    invocation: int
    scheduled_event_id: int
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    task_token: str | None = None
    kind: RequestKind = RequestKind.TASK
    is_optional: bool = False
    nested_in: str = ""
    execution_arn: str = ""
    state_machine_arn: str = ""
    started_by: str = ""

    __repr__ = shown_without("state")

    @property
    def resource(self) -> str:
        """The Resource of the Task that asks, or of the ItemReader of a Map."""
        if self.kind is RequestKind.TASK:
            return self.state.resource
        reader = self.state.fields.get("ItemReader")
        resource = reader.get("Resource") if isinstance(reader, dict) else None
        return resource if isinstance(resource, str) else ""
