"""Child executions: the items of a distributed Map each run as an execution of their own, with a history of its own.

Source: AWS docs, "Using Map state in Distributed mode": a Map Run starts child workflow executions.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.events import Event
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.limits import ExecutionType
from sfdebug.values import MISSING, Json, Value, shown_without

if TYPE_CHECKING:
    from sfdebug.engine.execution.settings import Settings
    from sfdebug.engine.execution.visit import Fault


class Identity(Struct, frozen=True, gc=False):
    """What the Context object calls an execution: its ARN, name, input and start, and those of its state machine;
    how often it was redriven, and when last (milliseconds since 1970)."""

    arn: str
    name: str
    input: Json
    start_time: int
    state_machine_arn: str
    state_machine_name: str
    redrive_count: int = 0
    redrive_time: int | None = None


class ChildExecution(Struct, frozen=True, gc=False):
    """One child execution of a Map Run. `id` is the branch that it runs as; `map_run_arn` the Map Run it belongs to.

    Its events have ids of their own, from 1, as AWS's GetExecutionHistory of its ARN gives them.
    """

    id: BranchId
    map_run_arn: str
    identity: Identity
    execution_type: str
    status: ExecutionStatus = ExecutionStatus.RUNNING
    ended_at: int | None = None
    output: Value = MISSING
    fault: Fault | None = None
    events: Log[Event] = field(default_factory=Log)

    __repr__ = shown_without("events")

    @property
    def arn(self) -> str:
        """Its execution ARN."""
        return self.identity.arn

    @property
    def name(self) -> str:
        """Its execution name, a UUID as AWS gives it."""
        return self.identity.name

    @property
    def input(self) -> Json:
        """Its execution input."""
        return self.identity.input

    @property
    def history(self) -> list[dict[str, Json]]:
        """All its events so far in the shape of GetExecutionHistory's `events`."""
        return [event.as_dict() for event in self.events]


def root_identity(
    settings: Settings, execution_input: Json, redrive_count: int = 0, redriven_at: int | None = None
) -> Identity:
    """The identity of the execution that was started, and perhaps redriven at that time on its clock."""
    machine, name = settings.state_machine_name, settings.name
    own = _identity(
        settings, settings.execution_type, machine, name, execution_input, settings.start_time, settings.express_id
    )
    if redriven_at is None:
        return own
    return replace(own, redrive_count=redrive_count, redrive_time=settings.start_time + redriven_at)


def child_identity(
    settings: Settings, label: str, seed: str, child_input: Json, now: int, execution_type: str
) -> Identity:
    """The identity of a child execution: the same for the same `seed`, as all that sfdebug makes up."""
    machine = f"{settings.state_machine_name}/{label}"
    return _identity(settings, execution_type, machine, _made_up_uuid(settings, seed), child_input, now)


def _identity(
    settings: Settings, execution_type: str, machine: str, name: str, given: Json, start_time: int, further_id: str = ""
) -> Identity:
    """Recorded: an Express ARN carries a further id, here the name again where none is given."""
    place = f"arn:aws:states:{settings.region}:{settings.account}"
    is_express = execution_type == ExecutionType.EXPRESS
    express = f"{place}:express:{machine}:{name}:{further_id or name}"
    arn = express if is_express else f"{place}:execution:{machine}:{name}"
    return Identity(arn, name, given, start_time, f"{place}:stateMachine:{machine}", machine)


def map_run_arn(settings: Settings, label: str, seed: str) -> str:
    """The ARN of a Map Run. Recorded: `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`."""
    machine = f"{settings.state_machine_name}/{label}"
    return f"arn:aws:states:{settings.region}:{settings.account}:mapRun:{machine}:{_made_up_uuid(settings, seed)}"


def _made_up_uuid(settings: Settings, seed: str) -> str:
    """A UUID that depends on nothing but the settings and `seed`."""
    from hashlib import sha256  # here: it loads OpenSSL, which few executions need

    digest = sha256(f"{settings.name}/{settings.seed}/{seed}".encode("utf-8", "surrogatepass")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
