"""What a target is given of an event; the values are those of recorded deliveries and of AWS's documents."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sfdebug.eventbridge.events import (
    entry_problem,
    event_of_entry,
    looked_into,
    sample_message,
    schedule_event,
    scheduled_event,
)
from sfdebug.eventbridge.inputs import (
    EventPlace,
    PipeInput,
    TargetInput,
    TargetInputError,
    at_path,
    scheduled_input,
)

PLACE = EventPlace("arn:aws:events:us-east-1:123456789012:rule/bus/mine", "mine", "2026-01-02T03:04:06Z")
DETAIL: Any = {
    "payload": {"acc_id": "0a78", "sf_id": "baz"},
    "listsingle": ["HIGH"],
    "listmulti": ["ACTIVE", "INACTIVE"],
    "valid": True,
}
EVENT: Any = {
    "version": "0",
    "id": "7bf7",
    "detail-type": "update",
    "source": "core",
    "account": "123456789012",
    "time": "2026-01-02T03:04:05Z",
    "region": "us-east-1",
    "resources": [],
    "detail": DETAIL,
}
PATHS = {
    "userId": "$.detail.payload.acc_id",
    "payload": "$.detail.payload",
    "system": "$.detail.awsAccountId",
    "single": "$.detail.listsingle",
    "multi": "$.detail.listmulti",
    "valid": "$.detail.valid",
}

RENDERED: list[tuple[str, Any]] = [
    ('{"path": "users/<userId>", "bod": <payload>}', {"path": "users/0a78", "bod": DETAIL["payload"]}),
    ('"Payload of <payload> for <userId>"', "Payload of {acc_id:0a78,sf_id:baz} for 0a78"),
    ('{"id" : <userId>}', {"id": "0a78"}),
    ('{"bod": [<userId>, "hardcoded"]}', {"bod": ["0a78", "hardcoded"]}),
    ('"<single> and <multi>"', "[HIGH] and [ACTIVE,INACTIVE]"),
    ('{"one": <single>}', {"one": ["HIGH"]}),
    ('"<system> account"', " account"),
    ('{"account": <system>}', {"account": ""}),
    ('"Command is <valid>!"', "Command is true!"),
    (r'{"said": "\"<userId>\" <userId>"}', {"said": '"0a78" 0a78'}),
    ("<payload>", DETAIL["payload"]),
    ('"<aws.events.rule-arn> <aws.events.rule-name>"', f"{PLACE.arn} mine"),
    ('{"at": <aws.events.event.ingestion-time>}', {"at": PLACE.time}),
    ('{"all": <aws.events.event.json>}', {"all": EVENT}),
]


@pytest.mark.parametrize(("template", "given"), RENDERED, ids=[template for template, _ in RENDERED])
def test_an_input_transformer(template: str, given: Any) -> None:
    assert json.loads(TargetInput(paths=PATHS, template=template).text(EVENT, PLACE)) == given


def test_the_event_without_its_detail() -> None:
    found = json.loads(TargetInput(template="<aws.events.event>").text(EVENT, PLACE))
    assert found == {
        "id": "7bf7",
        "account": "123456789012",
        "detailType": "update",
        "time": PLACE.time,
        "source": "core",
        "region": "us-east-1",
        "resources": [],
        "version": "0",
    }


def test_the_event_itself_a_constant_and_a_path() -> None:
    assert json.loads(TargetInput().text(EVENT, PLACE)) == EVENT
    assert TargetInput('{"always": 1}').text(EVENT, PLACE) == '{"always": 1}'
    assert TargetInput(path="$.detail.payload.sf_id").text(EVENT, PLACE) == '"baz"'


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (TargetInput("{}", "$.detail"), "Only one of Input, InputPath, or InputTransformer"),
        (TargetInput(template='"<nobody>"'), "invalid placeholder nobody"),
        (TargetInput(path="$['detail']"), "no JSON path"),
        (TargetInput("no JSON"), "its Input is no JSON"),
        (TargetInput(path="$.detail.nothing"), "nothing at its InputPath"),
        (TargetInput(paths=PATHS, template='{"payload": "<payload>"}'), "is no JSON"),  # recorded: not delivered
        (TargetInput(paths=PATHS, template="<single> item"), "is no JSON"),
    ],
)
def test_what_gives_no_input_says_why(given: TargetInput, why: str) -> None:
    with pytest.raises(TargetInputError, match=why):
        given.text(EVENT, PLACE)


def test_paths() -> None:
    value: Any = {"a": [{"b-c": 1}, {"b-c": 2}], "d/e": {"x": 3}}
    assert at_path(value, "$") == value
    assert at_path(value, "$.a[1].b-c") == 2
    assert at_path(value, "$.a[*].b-c") == [1, 2]
    assert at_path(value, "$.d/e.*") == [3]
    assert at_path(value, "$.a[0].b-c") == 1


def test_a_pipe_gives_an_array_and_looks_into_bodies() -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    message = sample_message('{"order": 7, "tags": ["x"]}', queue, "us-east-1", 1_000)
    plain = sample_message("hello", queue, "us-east-1", 1_000)
    place = EventPlace("arn:pipe", "orders-pipe", PLACE.time, queue, "arn:machine")
    assert json.loads(PipeInput().text([message, plain], place)) == [message, plain]

    def given(template: str, *records: Any) -> Any:
        return json.loads(PipeInput(template).text([*records], place))

    assert given('{"id": <$.body.order>, "from": "<aws.pipes.pipe-name>"}', message) == [
        {"id": 7, "from": "orders-pipe"}
    ]
    assert given("<$.body>", message, plain) == [{"order": 7, "tags": ["x"]}, "hello"]
    assert given("Hello, <$.attributes.SenderId>", message) == ['Hello, "sfdebug"']
    assert given('"<$.body.tags[0]>"', message) == ["x"]
    record: Any = {"eventSource": "aws:kinesis", "data": base64.b64encode(b'{"k": 1}').decode()}
    assert given("<$.data.k>", record) == [1]
    assert looked_into({"eventSource": "aws:kinesis", "data": "no base64!"}) == {
        "eventSource": "aws:kinesis",
        "data": "no base64!",
    }


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"DetailType": "t", "Detail": "{}"}, ("InvalidArgument", "Source")),
        ({"Source": "s", "Detail": "{}"}, ("InvalidArgument", "DetailType")),
        ({"Source": "s", "DetailType": "t"}, ("InvalidArgument", "Detail")),
        ({"Source": "s", "DetailType": "t", "Detail": "[1]"}, ("MalformedDetail", "malformed")),
        ({"Source": "s", "DetailType": "t", "Detail": "no"}, ("MalformedDetail", "malformed")),
        ({"Source": "s", "DetailType": "t", "Detail": '{"a":' * 5_000 + "1" + "}" * 5_000}, ("MalformedDetail", "")),
        ({"Source": "s", "DetailType": "t", "Detail": "{}", "Time": 1e30}, ("InvalidArgument", "Time")),
        ({"Source": "s", "DetailType": "t", "Detail": "{}", "Time": float("nan")}, ("InvalidArgument", "Time")),
    ],
)
def test_entries_that_are_refused(entry: dict[str, Any], problem: tuple[str, str]) -> None:
    found = entry_problem(entry)
    assert found is not None
    assert found[0] == problem[0]
    assert problem[1] in found[1]


def test_an_entry_becomes_an_event() -> None:
    entry = {"Source": "s", "DetailType": "t", "Detail": '{"a": 1}', "Resources": ["r"], "Time": 1_767_322_800.5}
    assert entry_problem(entry) is None
    event = event_of_entry(entry, "id", "eu-west-1", "123456789012", 0)
    assert list(event) == [
        "version",
        "id",
        "detail-type",
        "source",
        "account",
        "time",
        "region",
        "resources",
        "detail",
    ]
    assert (event["time"], event["resources"], event["detail"]) == ("2026-01-02T03:00:00Z", ["r"], {"a": 1})


def test_what_schedules_give() -> None:
    rule = scheduled_event("arn:rule", "id", "us-east-1", "123456789012", "t")
    assert (rule["source"], rule["detail"], rule["resources"]) == ("aws.events", {}, ["arn:rule"])
    schedule = schedule_event("arn:schedule", "id", "us-east-1", "123456789012", "t")
    assert (schedule["source"], schedule["detail"]) == ("aws.scheduler", "{}")
    constant = '{"of": "<aws.scheduler.schedule-arn>", "at": "<aws.scheduler.scheduled-time>"}'
    assert json.loads(scheduled_input(constant, "arn:schedule", "id", "t")) == {"of": "arn:schedule", "at": "t"}
