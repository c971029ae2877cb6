"""Executions: started, described, listed, stopped, redriven.

Source: AWS API, StartExecution and the others; the answers are those that are recorded.
"""

from __future__ import annotations

import json
from time import monotonic
from typing import TYPE_CHECKING, Final, NoReturn

from sfdebug.asl.text.jackson import no_input
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.starting import CASE_MARK
from sfdebug.server.arns import ResourceArnKind, read_arn, read_machine_arn
from sfdebug.server.call import ApiCall, seconds, without_none
from sfdebug.server.errors import ApiRefusalError, ErrorType, invalid_input, validation
from sfdebug.server.operations.machines import METADATA_ONLY
from sfdebug.server.operations.names import check_name
from sfdebug.server.pages import page_of
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.hosting.records import ExecutionRecord

_INCLUDED: Final[dict[str, Json]] = {"included": True}
_BILLED_STEP: Final = 100
_BILLED_MEMORY: Final = 64
"""Express workflows are billed in 100 ms and in chunks of 64 MB. Source: AWS, "Step Functions pricing"; recorded."""

_PENDING_REDRIVE: Final = "PENDING_REDRIVE"
_SLICE: Final = 0.25
_LONGEST_SYNC: Final = 330.0
"""Seconds that a synchronous start is waited for; AWS ends Express executions after 300."""


def start_execution(call: ApiCall) -> dict[str, Json]:
    """StartExecution: the same name and input again, while it runs, is the same execution."""
    record = call.host.start_execution(*_start(call))
    return {"executionArn": record.arn, "startDate": seconds(record.started)}


def start_sync_execution(call: ApiCall) -> dict[str, Json]:
    """StartSyncExecution: answered when the execution has ended, however it did."""
    record = call.host.start_sync_execution(*_start(call))
    until = monotonic() + _LONGEST_SYNC
    while not record.is_over:
        ended = call.host.wait_until_ended(record.arn, _SLICE)
        if ended is not None:
            record = ended
        elif (is_gone := call.is_abandoned()) or monotonic() >= until:
            if is_gone:
                call.host.desert(record.arn)
            raise ApiRefusalError(ErrorType.SERVICE_UNAVAILABLE, "the execution has not ended", 503)
    stopped = record.started if record.stopped is None else record.stopped
    steps = max(1, -(-(stopped - record.started) // _BILLED_STEP))
    return {
        **_outcome(record, call.get("includedData")),
        **without_none(
            executionArn=record.arn,
            stateMachineArn=record.machine_arn,
            name=record.name,
            status=record.status.value,
            startDate=seconds(record.started),
            stopDate=seconds(stopped),
            traceHeader=record.trace_header,
        ),
        "billingDetails": {
            "billedDurationInMilliseconds": steps * _BILLED_STEP,
            "billedMemoryUsedInMB": _BILLED_MEMORY,
        },
    }


def describe_execution(call: ApiCall) -> dict[str, Json]:
    """DescribeExecution, of a Standard one."""
    record = call.host.execution(_execution(call))
    return {
        **_listed(record),
        **_outcome(record, call.get("includedData")),
        **without_none(
            redriveStatus=record.redrive_status,
            redriveStatusReason=record.redrive_reason,
            traceHeader=record.trace_header,
        ),
    }


def list_executions(call: ApiCall) -> dict[str, Json]:
    """ListExecutions, of a machine, a version, an alias, or a Map Run."""
    machine, map_run = call.get("stateMachineArn"), call.get("mapRunArn")
    if (machine is None) == (map_run is None):
        # Not recorded: the sentence of the API reference.
        raise validation("You can specify either a mapRunArn or a stateMachineArn, but not both.")
    if machine is not None:
        read_arn(machine, ResourceArnKind.STATE_MACHINE)
        if call.get("statusFilter") == _PENDING_REDRIVE:
            # Not recorded: AWS API, `statusFilter`.
            raise validation("A statusFilter of PENDING_REDRIVE is only valid with a mapRunArn.")
    else:
        read_arn(map_run, ResourceArnKind.MAP_RUN)
    status, redrive = call.get("statusFilter"), call.get("redriveFilter")
    redriven = None if redrive is None else redrive == "REDRIVEN"
    records: Sequence[ExecutionRecord]
    if map_run is not None:
        records = call.host.map_runs.executions(map_run, status, redriven=redriven)
    else:
        records = call.host.executions(machine, status=status, redriven=redriven)
    page, token = page_of(records, call.members, "executions", machine, map_run, status, redrive)
    listed: list[Json] = [
        {**_listed(record), **without_none(itemCount=record.item_count if record.map_run_arn else None)}
        for record in page
    ]
    return without_none(executions=listed, nextToken=token)


def stop_execution(call: ApiCall) -> dict[str, Json]:
    """StopExecution: over when it is answered; of one that is over already, when that was."""
    record = call.host.stop_execution(_execution(call), call.get("error"), call.get("cause"))
    return {"stopDate": seconds(record.started if record.stopped is None else record.stopped)}


def redrive_execution(call: ApiCall) -> dict[str, Json]:
    """RedriveExecution, from what failed on."""
    arn = _execution(call)
    try:
        record = call.host.redrive_execution(arn, call.get("clientToken"))
    except HostRefusalError as refusal:
        reason = call.host.execution(arn).redrive_reason
        if refusal.reason is not RefusalReason.NOT_REDRIVABLE or reason is None:
            raise
        raise ApiRefusalError(ErrorType.EXECUTION_NOT_REDRIVABLE, reason) from None
    return {"redriveDate": seconds(record.started if record.redriven is None else record.redriven)}


def _start(call: ApiCall) -> tuple[str, str, str | None, str | None]:
    """What is started: the ARN, the input, the name, the trace header. Raises ApiRefusalError and HostRefusalError.

    Measured on AWS by others: it is asked for the state machine first, then for the name and the input.
    """
    arn = read_machine_arn(call.members["stateMachineArn"]).text
    call.host.machines.get(arn.partition(CASE_MARK)[0])
    name = call.get("name")
    if name is not None:
        check_name(name)
    text = call.members.get("input", "{}")
    _check_input(text)
    return arn, text, name, call.get("traceHeader")


def _check_input(text: str) -> None:
    """Recorded: any JSON value is taken."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise invalid_input(no_input(text)) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _execution(call: ApiCall) -> str:
    return read_arn(call.members["executionArn"], ResourceArnKind.EXECUTION).text


def _listed(record: ExecutionRecord) -> dict[str, Json]:
    """What a list and a description have."""
    return without_none(
        executionArn=record.arn,
        stateMachineArn=record.machine_arn,
        name=record.name,
        status=record.status.value,
        startDate=seconds(record.started),
        stopDate=None if record.stopped is None else seconds(record.stopped),
        mapRunArn=record.map_run_arn,
        stateMachineVersionArn=record.version_arn,
        stateMachineAliasArn=record.alias_arn,
        redriveCount=record.redrive_count,
        redriveDate=None if record.redriven is None else seconds(record.redriven),
    )


def _outcome(record: ExecutionRecord, included: str | None) -> dict[str, Json]:
    """The payloads and how it ended."""
    members = without_none(error=record.error, cause=record.cause)
    if included == METADATA_ONLY:
        return members
    members |= {"input": record.input, "inputDetails": dict(_INCLUDED)}
    if record.output is not None:
        members |= {"output": record.output, "outputDetails": dict(_INCLUDED)}
    return members
