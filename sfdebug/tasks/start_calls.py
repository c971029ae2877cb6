"""Tasks that start other state machines: which call each one makes, and the shape of what it gets for it.

The shapes of the answers are those of recorded executions, where there are any: `startExecution.sync` (input and
output as text), `.sync:2` (as JSON) and `aws-sdk:sfn:startExecution`. The fields of StartSyncExecution are the
API's, spelled as Step Functions spells the fields of SDK integrations.
"""

from __future__ import annotations

import json
import uuid
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.text.jackson import no_input
from sfdebug.aws.answer_metadata import http_date, metadata, time_in_answer
from sfdebug.engine import Execution, ExecutionStatus
from sfdebug.engine.execution.children import root_identity
from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.faults import TASK_FAILED
from sfdebug.engine.items.writing import redrive_fields
from sfdebug.limits import ExecutionType
from sfdebug.values import Json, compact, is_present

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest


class StartCallKind(StrEnum):
    """The calls that start a state machine, as a Resource names them."""

    REQUEST = "states:startExecution"
    SYNC = "states:startExecution.sync"
    SYNC_JSON = "states:startExecution.sync:2"
    SDK = "aws-sdk:sfn:startExecution"
    SDK_SYNC = "aws-sdk:sfn:startSyncExecution"

    @property
    def is_sdk(self) -> bool:
        """Whether it is an AWS SDK integration."""
        return self in (StartCallKind.SDK, StartCallKind.SDK_SYNC)

    @property
    def waits(self) -> bool:
        """Whether the Task waits until the execution is over."""
        return self not in (StartCallKind.REQUEST, StartCallKind.SDK)


class StartCall(Struct, frozen=True):
    """A call that starts a state machine, taken apart."""

    kind: StartCallKind
    machine_arn: str
    input: Json
    input_text: str
    name: str

    @property
    def execution_type(self) -> str:
        """The type of workflow that the call starts, where nothing else says it."""
        return ExecutionType.EXPRESS if self.kind is StartCallKind.SDK_SYNC else ExecutionType.STANDARD

    @property
    def machine_name(self) -> str:
        """The name in the ARN, without a version or an alias."""
        return name_in_arn(self.machine_arn)


def start_kind(request: TaskRequest) -> StartCallKind | None:
    """Which of the calls this Task makes; None when none."""
    return next((kind for kind in StartCallKind if kind == called_action(request)), None)


def called_action(request: TaskRequest) -> str:
    """What a Task calls, as its Resource has it behind the account; "" for what is no Task."""
    return ":".join(request.resource.split(":")[5:]) if request.kind is RequestKind.TASK else ""


def waits_for_token(kind: StartCallKind, request: TaskRequest) -> bool:
    """Whether a `.sync` call waits for its task token instead. Recorded: a TaskToken in Input makes it."""
    is_sync = kind in (StartCallKind.SYNC, StartCallKind.SYNC_JSON)
    return is_sync and request.task_token is not None and request.task_token in compact(request.input)


def unqualified(arn: str) -> str:
    """The ARN without a version or an alias."""
    return ":".join(arn.split(":")[:7])


def name_in_arn(arn: str) -> str:
    """The name of the state machine that an ARN names; a text that is no ARN is one itself."""
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn


def start_call(
    kind: StartCallKind, arn: str, arguments: Mapping[str, Json], request: TaskRequest, path: tuple[str, ...]
) -> StartCall | TaskFailure:
    """The call, or the failure that AWS answers it with.

    Recorded: an Input that is null starts the execution with {}; one that is text is the JSON text itself.
    """
    given = arguments.get("Input")
    text = given if isinstance(given, str) else "{}" if given is None else compact(given)
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        family = "Sfn" if kind.is_sdk else "StepFunctions"
        return TaskFailure(
            f"{family}.InvalidExecutionInputException",
            f"Invalid State Machine Execution Input: '{no_input(text)}'",
            provenance=Provenance.COMPUTED,
            submission=Submission(begun=False),
        )
    name = arguments.get("Name")
    return StartCall(kind, arn, value, text, name if isinstance(name, str) and name else _made_up_name(request, path))


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _made_up_name(request: TaskRequest, path: tuple[str, ...]) -> str:
    """A UUID, as AWS makes one up: the same whenever the same call is made again."""
    return str(
        uuid.uuid5(
            uuid.NAMESPACE_OID,
            repr(
                (
                    *([request.nested_in] if request.nested_in else []),
                    path,
                    request.branch,
                    request.state.path,
                    request.invocation,
                )
            ),
        )
    )


# answers


def start_response(call: StartCall, execution: Execution) -> Answer:
    """What the Task that made the call gets."""
    settings = execution.settings
    arn = root_identity(settings, call.input).arn
    started, ended = settings.start_time, settings.start_time + execution.clock
    if not call.kind.waits:
        return TaskResult(begun_response(call, arn, started), provenance=Provenance.COMPUTED)
    described = _described(call, execution, arn, started, ended)
    after = execution.clock / 1000
    if call.kind is StartCallKind.SDK_SYNC:
        described["BillingDetails"] = _billing(execution.clock)
        return TaskResult(dict(sorted(described.items())), after, Provenance.COMPUTED)
    submission = Submission(begun_response(call, arn, started))
    described |= redrive_fields(execution.status)
    described = dict(sorted(described.items()))
    if execution.status is ExecutionStatus.SUCCEEDED:
        return TaskResult(described, after, Provenance.COMPUTED, submission)
    return TaskFailure(TASK_FAILED, compact(described), after, Provenance.COMPUTED, submission)


def description_of(call: StartCall, execution: Execution) -> tuple[str, Json]:
    """The ARN of an execution, and what the SDK integration of DescribeExecution tells of it."""
    settings = execution.settings
    arn = root_identity(settings, call.input).arn
    started = settings.start_time
    fields = _described(replace(call, kind=StartCallKind.SDK), execution, arn, started, started + execution.clock)
    if execution.status is ExecutionStatus.RUNNING:
        del fields["StopDate"]
        return arn, dict(sorted(fields.items()))
    return arn, dict(sorted((fields | redrive_fields(execution.status)).items()))


def begun_response(call: StartCall, arn: str, started: int) -> dict[str, Json]:
    """What StartExecution answers, the optimized integration (recorded) or the SDK's."""
    if call.kind.is_sdk:
        return {"ExecutionArn": arn, "StartDate": _date(call, started)}
    sent = compact({"executionArn": arn, "startDate": started / 1000})
    headers = {"content-length": str(len(sent)), "date": http_date(started / 1000)}
    request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, arn))
    return {"ExecutionArn": arn, **metadata("states", request_id, headers), "StartDate": started}


def _described(call: StartCall, execution: Execution, arn: str, started: int, ended: int) -> dict[str, Json]:
    """The execution as DescribeExecution and StartSyncExecution tell it, without what it does not have."""
    included: dict[str, Json] = {"Included": True}
    # Measured on AWS by others: an execution that timed out as a whole is described without error and cause.
    fault = None if execution.status is ExecutionStatus.TIMED_OUT else execution.fault
    fields: dict[str, Json] = {
        "Cause": fault.cause if fault else None,
        "Error": fault.error if fault else None,
        "ExecutionArn": arn,
        "InputDetails": included,
        "Name": call.name,
        "StartDate": _date(call, started),
        "StateMachineArn": call.machine_arn,
        "Status": execution.status.value,
        "StopDate": _date(call, ended),
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    # Measured on AWS by others: the description of a failure, which is a cause, has its Input as text in both modes.
    as_json = call.kind is StartCallKind.SYNC_JSON and execution.status is ExecutionStatus.SUCCEEDED
    fields["Input"] = call.input if as_json else call.input_text
    if is_present(execution.output):
        fields["Output"] = execution.output if as_json else compact(execution.output)
        fields["OutputDetails"] = included
    return fields


def _date(call: StartCall, time: int) -> Json:
    return time_in_answer(time, is_sdk=call.kind.is_sdk)


def _billing(clock: int) -> dict[str, Json]:
    """AWS bills in steps of 100 ms and of 64 MB; here the memory is always the least."""
    return {"BilledDurationInMilliseconds": -(-int(clock) // 100) * 100 or 100, "BilledMemoryUsedInMB": 64}
