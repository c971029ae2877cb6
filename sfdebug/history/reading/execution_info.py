"""Who a recorded execution is: what its events, its ARN, or a description of it say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sfdebug.history.recording import ExecutionInfo

if TYPE_CHECKING:
    from sfdebug.history.recording import RecordedEvent
    from sfdebug.values import Json

_ARN: Final = re.compile(r"arn:[a-z0-9-]+:[a-z0-9-]+:([a-z0-9-]*):(\d{12})?:")


def described(value: Mapping[str, Json]) -> ExecutionInfo:
    """What DescribeExecution says of an execution. Fields that are not there stay unknown."""

    def text(name: str) -> str:
        found = value.get(name)
        return found if isinstance(found, str) else ""

    arn = text("executionArn")
    kind = "EXPRESS" if ":express:" in arn else "STANDARD"
    return ExecutionInfo(arn=arn, name=text("name"), state_machine_arn=text("stateMachineArn"), execution_type=kind)


def facts_of(events: Iterable[RecordedEvent], known: ExecutionInfo) -> ExecutionInfo:
    """`known`, with what the events and the ARNs say besides."""
    first = next(iter(events), None)
    role = (first.text("roleArn") if first is not None else None) or known.role_arn
    region, account = _region_and_account((known.arn, known.state_machine_arn, role))
    for event in events:
        if region and account:
            break
        found = event.text("region")
        region = region or found or ""
        place = _region_and_account((event.text("resource") or "",))
        region, account = region or place[0], account or place[1]
    name = known.name
    parts = known.arn.split(":")
    if not name and len(parts) > 7:
        name = parts[7]
    return replace(known, name=name, role_arn=role, region=region, account=account)


def _region_and_account(arns: Iterable[str]) -> tuple[str, str]:
    region = account = ""
    for arn in arns:
        match = _ARN.match(arn)
        if match:
            region, account = region or match[1], account or match[2] or ""
    return region, account
