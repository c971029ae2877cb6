"""Addresses of the console: for each partition and Region, of executions, logs and traces; none where none is known."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from sfdebug.aws.arns import read_arn
from sfdebug.aws.console import (
    LinkKind,
    LogSpan,
    arn_links,
    function_log_link,
    log_link,
    span_around,
    trace_link,
)

REST = "states:eu-west-1:123456789012"
ARN = f"arn:aws:{REST}:execution:Orders:run-1"
TRACE = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_a_console_of_its_own(partition: str, region: str, host: str) -> None:
    arn = f"arn:{partition}:states:{region}:123456789012:execution:Orders:run-1"
    own, machine = arn_links(arn)
    assert own.url == f"https://{host}/states/home?region={region}#/v2/executions/details/{arn}"
    assert (own.kind, own.name, machine.kind, machine.name) == (
        LinkKind.EXECUTION,
        "run-1",
        LinkKind.STATE_MACHINE,
        "Orders",
    )
    assert machine.url.endswith(f"#/statemachines/view/{read_arn(arn).state_machine_arn}")
    assert read_arn(own.url).text == arn, "what is copied out of the console's address line opens the same"
    log = log_link("orders", arn)
    assert log is not None
    assert log.url.startswith(f"https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/orders")
    trace = trace_link(f"Root={TRACE};Sampled=1", arn)
    assert trace is not None
    assert trace.url == f"https://{host}/cloudwatch/home?region={region}#xray:traces/{TRACE}"


def test_express_executions_are_found_by_their_start_as_well() -> None:
    arn = f"arn:aws:{REST}:express:Orders:run-1:5f2c"
    assert [one.kind for one in arn_links(arn)] == [LinkKind.STATE_MACHINE]
    assert arn_links(arn, 1735689600000)[0].url == (
        "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
        f"#/express-executions/details/{arn}?startDate=1735689600000"
    )


def test_other_things_and_other_partitions() -> None:
    assert arn_links("arn:aws:sqs:eu-west-1:123456789012:queue") == arn_links("nonsense") == ()
    assert arn_links(ARN.replace("arn:aws:", "arn:aws-moon:")) == ()
    map_run = arn_links(f"arn:aws:{REST}:mapRun:Orders/Lines:5f2c")[0]
    assert (map_run.kind, map_run.url.partition("#")[2]) == (
        LinkKind.MAP_RUN,
        f"/v2/mapruns/details/arn:aws:{REST}:mapRun:Orders/Lines:5f2c",
    )
    named = arn_links(f"arn:aws:{REST}:execution:Orders:grün)(>")[0]
    assert named.url.endswith(":gr%C3%BCn%29%28%3E")


def test_the_entries_of_a_log_group_in_the_spelling_of_the_console() -> None:
    span = LogSpan(1735689600000, 1735689660000, f'{{ $.execution_arn = "{ARN}" }}')
    link = log_link("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/Orders:*", "", span)
    assert link is not None
    assert (link.kind, link.name) == (LinkKind.LOG, "/aws/vendedlogs/states/Orders")
    group, _, events = link.url.partition("#logsV2:log-groups/log-group/")[2].partition("/")
    assert group == "$252Faws$252Fvendedlogs$252Fstates$252FOrders"
    assert events.startswith(
        "log-events$3FfilterPattern$3D$257B$2520$2524.execution_arn$2520$253D$2520$2522arn$253Aaws"
    )
    once = unquote(events.replace("$", "%"))
    assert once.endswith("&start=1735689600000&end=1735689660000")
    assert unquote(once.partition("filterPattern=")[2].partition("&")[0]) == span.pattern
    assert log_link("orders") is None, "nobody says in which Region"
    assert log_link("arn:aws:s3:::bucket", ARN) is None
    bare = log_link("orders", ARN)
    assert bare is not None
    assert bare.url.endswith("/log-group/orders")


def test_what_a_function_logs_and_what_belongs_to_an_execution() -> None:
    function = "arn:aws:lambda:eu-west-1:123456789012:function:charge"
    for arn in (function, f"{function}:live", f"{function}:$LATEST"):
        link = function_log_link(arn)
        assert link is not None
        assert (link.name, link.url.rpartition("/")[2]) == ("/aws/lambda/charge", "$252Faws$252Flambda$252Fcharge")
    assert function_log_link(ARN) is None
    assert span_around(1_000_000, None, "x") == LogSpan(940_000, None, "x")
    assert span_around(None, 1_000_000) == LogSpan(None, 1_300_000)


@pytest.mark.parametrize("header", ["", "Root=1-x", f"Self={TRACE}", "Root=xxxxxxxxxx;Parent=x"])
def test_a_header_without_a_trace(header: str) -> None:
    assert trace_link(header, ARN) is None
    assert trace_link(f"Self=1;Root={TRACE}", "") is None
    assert trace_link(f"Parent=1;Root={TRACE};Sampled=0", ARN) is not None
