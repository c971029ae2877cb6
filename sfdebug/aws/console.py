"""Addresses of pages of the AWS console: an execution, its state machine, a log group, a trace; in each partition.

AWS documents no such addresses. They are as the console itself has them (2026): CloudWatch's have the names of a log
group and of a filter encoded twice, with $ for the second percent sign. Hosts by partition: AWS General Reference, "AWS
Management Console endpoints"; AWS GovCloud (US) User Guide; "Getting Started with AWS services in China".
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from msgspec import Struct

from sfdebug.aws.arns import ArnKind, read_arn
from sfdebug.aws.errors import InvalidArnError

if TYPE_CHECKING:
    from sfdebug.aws.arns import Arn

_HOSTS: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
    "aws-iso": "console.c2s.ic.gov",
    "aws-iso-b": "console.sc2shome.sgov.gov",
}
_TRACE: Final = re.compile(r"(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)", re.ASCII | re.IGNORECASE)
"""Source: AWS X-Ray Developer Guide, "Tracing header"."""
_LOG_GROUP: Final = re.compile(r"arn:(aws[a-z-]*):logs:([a-z0-9-]+):\d*:log-group:([^:*]+)(?::\*)?", re.ASCII)
_FUNCTION: Final = re.compile(
    r"arn:(aws[a-z-]*):lambda:([a-z0-9-]+):\d{12}:function:([A-Za-z0-9_-]+)(?::.*)?", re.ASCII
)
_BEFORE, _AFTER = 60_000, 300_000
"""A log is shown from a minute before the start to five minutes after the end: its entries can be late."""


class LinkKind(StrEnum):
    """What a page shows. The values are what reports call it."""

    EXECUTION = "execution"
    MAP_RUN = "Map Run"
    STATE_MACHINE = "state machine"
    LOG = "log"
    FUNCTION_LOG = "log of the function"
    TRACE = "trace"


class ConsoleLink(Struct, frozen=True, gc=False):
    """The address of a page of the console. `name` is what it shows: an ARN's name, a log group, a trace's id."""

    kind: LinkKind
    name: str
    url: str


class LogSpan(Struct, frozen=True, gc=False):
    """What of a log is to be shown: from and to a time, in milliseconds since 1970 (None: open), with a filter."""

    since: int | None = None
    until: int | None = None
    pattern: str = ""


def arn_links(text: str, started_at: int | None = None) -> tuple[ConsoleLink, ...]:
    """The page of what an ARN names, and that of its state machine; none for other ARNs and unknown partitions.

    The page of an Express execution is found by its start (`started_at`, in milliseconds since 1970) as well: it is
    left out where that is not known.
    """
    try:
        arn = read_arn(text)
    except InvalidArnError:
        return ()
    own = _own_page(arn, started_at)
    machine = f"#/statemachines/view/{_encoded(arn.state_machine_arn)}"
    pages = [*own, (LinkKind.STATE_MACHINE, arn.state_machine, machine)]
    found = ((kind, name, _page(arn.partition, arn.region, "states", page)) for kind, name, page in pages)
    return tuple(ConsoleLink(kind, name, url) for kind, name, url in found if url)


def _own_page(arn: Arn, started_at: int | None) -> list[tuple[LinkKind, str, str]]:
    shown = _encoded(arn.text)
    if arn.kind is ArnKind.EXECUTION:
        return [(LinkKind.EXECUTION, arn.name, f"#/v2/executions/details/{shown}")]
    if arn.kind is ArnKind.EXPRESS_EXECUTION and started_at is not None:
        return [(LinkKind.EXECUTION, arn.name, f"#/express-executions/details/{shown}?startDate={started_at}")]
    if arn.kind is ArnKind.MAP_RUN:
        return [(LinkKind.MAP_RUN, arn.name, f"#/v2/mapruns/details/{shown}")]
    return []


def log_link(log_group_arn: str, arn: str = "", span: LogSpan | None = None) -> ConsoleLink | None:
    """The entries of a log group, named by its ARN, or by its name when `arn` (any of the same partition and Region)
    says where it is; None when that is not known."""
    match = _LOG_GROUP.fullmatch(log_group_arn)
    if match is not None:
        partition, region, name = match.groups()
    else:
        place = _place_of(arn)
        if place is None or not log_group_arn or log_group_arn.startswith("arn:"):
            return None
        (partition, region), name = place, log_group_arn
    return _log(LinkKind.LOG, partition, region, name, span or LogSpan())


def function_log_link(function_arn: str, span: LogSpan | None = None) -> ConsoleLink | None:
    """The log group that a Lambda function writes to unless it was given another; None for any other ARN. Source: AWS
    Lambda Developer Guide, "Configuring CloudWatch log groups"."""
    match = _FUNCTION.fullmatch(function_arn)
    if match is None:
        return None
    partition, region, name = match.groups()
    return _log(LinkKind.FUNCTION_LOG, partition, region, f"/aws/lambda/{name}", span or LogSpan())


def trace_link(trace_header: str, arn: str) -> ConsoleLink | None:
    """The trace that a header names, in the Region of `arn`; None when it names none."""
    match, place = _TRACE.search(trace_header), _place_of(arn)
    if match is None or place is None:
        return None
    url = _page(*place, "cloudwatch", f"#xray:traces/{match[1]}")
    return ConsoleLink(LinkKind.TRACE, match[1], url) if url else None


def span_around(started_at: int | None, stopped_at: int | None, pattern: str = "") -> LogSpan:
    """What of a log belongs to an execution: a little more than from its start to its end."""
    since = started_at - _BEFORE if started_at is not None else None
    return LogSpan(since, stopped_at + _AFTER if stopped_at is not None else None, pattern)


def _log(kind: LinkKind, partition: str, region: str, name: str, span: LogSpan) -> ConsoleLink | None:
    options = [
        *([f"filterPattern={quote(span.pattern, safe='')}"] if span.pattern else []),
        *([f"start={span.since}"] if span.since is not None else []),
        *([f"end={span.until}"] if span.until is not None else []),
    ]
    events = f"/log-events{_dollars(quote('?' + '&'.join(options), safe=''))}" if options else ""
    url = _page(partition, region, "cloudwatch", f"#logsV2:log-groups/log-group/{_dollars(_doubly(name))}{events}")
    return ConsoleLink(kind, name, url) if url else None


def _page(partition: str, region: str, service: str, fragment: str) -> str:
    host = _HOSTS.get(partition)
    return f"https://{region}.{host}/{service}/home?region={region}{fragment}" if host is not None else ""


def _place_of(arn: str) -> tuple[str, str] | None:
    parts = arn.split(":")
    return (parts[1], parts[3]) if len(parts) > 5 and parts[0] == "arn" and parts[3] else None


def _encoded(arn: str) -> str:
    """An ARN in an address: names of executions may hold any letter."""
    return quote(arn, safe=":/-_.~")


def _doubly(text: str) -> str:
    return quote(quote(text, safe=""), safe="")


def _dollars(text: str) -> str:
    return text.replace("%", "$")
