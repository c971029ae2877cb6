"""What a host tells of what it holds: frozen, with times in milliseconds since 1970 and payloads as JSON text."""

from __future__ import annotations

from msgspec import Struct

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.limits import ExecutionType
from sfdebug.values import Json


class MachineSettings(Struct, frozen=True):
    """What a state machine is made of; `logging`, `tracing` and `encryption` as they are given, None for nothing."""

    name: str
    definition: str
    role_arn: str
    type: str = ExecutionType.STANDARD
    logging: Json = None
    tracing: Json = None
    encryption: Json = None


class MachineRecord(Struct, frozen=True):
    """A state machine as it is now, or one of its versions (`version` says which).

    `revision_id` is None for one that was never updated. `label` and `map_run_arn` are those of a Map Run, for the
    state machine that its child executions run.
    """

    arn: str
    name: str
    type: str
    definition: str
    role_arn: str
    created: int
    revision_id: str | None = None
    updated: int | None = None
    status: str = "ACTIVE"
    logging: Json = None
    tracing: Json = None
    encryption: Json = None
    description: str | None = None
    version: int | None = None
    label: str | None = None
    map_run_arn: str | None = None

    @property
    def version_arn(self) -> str | None:
        """The ARN of the version; None where it is none."""
        return None if self.version is None else f"{self.arn}:{self.version}"


class VersionRecord(Struct, frozen=True):
    """A version of a state machine."""

    arn: str
    machine_arn: str
    number: int
    created: int
    description: str | None
    revision_id: str | None


class AliasRoute(Struct, frozen=True):
    """Where an alias leads, with how many of a hundred executions."""

    version_arn: str
    weight: int


class AliasRecord(Struct, frozen=True):
    """An alias of versions of a state machine."""

    arn: str
    name: str
    machine_arn: str
    description: str
    routes: tuple[AliasRoute, ...]
    created: int
    updated: int


class ActivityRecord(Struct, frozen=True):
    """An activity."""

    arn: str
    name: str
    created: int
    encryption: Json = None


class ActivityTask(Struct, frozen=True):
    """What a worker of an activity is given: the token to answer with, and the input as JSON text."""

    token: str
    input: str


class ExecutionRecord(Struct, frozen=True):
    """An execution at one moment, or a child execution of a Map Run.

    `redrive_status` is AWS's; `redrive_reason` says in words why it is not REDRIVABLE. `item_count` is how many items a
    child execution stands for.
    """

    arn: str
    name: str
    machine_arn: str
    type: str
    status: ExecutionStatus
    started: int
    input: str
    version_arn: str | None = None
    alias_arn: str | None = None
    stopped: int | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    redrive_count: int = 0
    redriven: int | None = None
    redrive_status: str = "NOT_REDRIVABLE"
    redrive_reason: str | None = None
    map_run_arn: str | None = None
    item_count: int | None = None
    trace_header: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens in it, but for a redrive."""
        return self.status is not ExecutionStatus.RUNNING


class EarlierExecution(Struct, frozen=True):
    """An execution that is over, as it is kept: `number` tells it from the others, the newest has the largest."""

    number: int
    arn: str
    name: str
    machine_name: str
    status: ExecutionStatus
    started: int
    stopped: int
    error: str | None = None
    cause: str | None = None
    test_case: str = ""


class StartFacts(Struct, frozen=True):
    """What an execution was started with; `depth` is how many executions wait for it, one inside of the other,
    `test_case` the name of what answers its Tasks first, `started_by` tells the attempt that has started it; `is_sync`
    says that a client waits for its end."""

    arn: str
    name: str
    machine: MachineRecord
    input_text: str
    alias_arn: str | None = None
    trace_header: str | None = None
    depth: int = 0
    test_case: str = ""
    started_by: str = ""
    is_sync: bool = False


class MapRunCounts(Struct, frozen=True):
    """How far the items, or the child executions, of a Map Run have come. Source: AWS API, MapRunItemCounts."""

    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    total: int = 0
    results_written: int = 0
    failures_not_redrivable: int = 0
    pending_redrive: int = 0


class MapRunRecord(Struct, frozen=True):
    """A Map Run at one moment."""

    arn: str
    execution_arn: str
    machine_arn: str
    status: ExecutionStatus
    started: int
    stopped: int | None
    max_concurrency: int
    tolerated_failure_count: int
    tolerated_failure_percentage: float
    items: MapRunCounts
    executions: MapRunCounts
    redrive_count: int = 0
    redriven: int | None = None
