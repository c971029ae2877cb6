"""Triggers of a host: what fires them, what executions are given and called, what is said where none starts."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.inputs import TargetInputError
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.records import ExecutionRecord, MachineSettings
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.triggers.book import TriggerBook
from sfdebug.hosting.triggers.hosted_trigger import FiredWith, TriggerError, TriggerSample
from sfdebug.hosting.triggers.listening import ServiceListener
from sfdebug.hosting.triggers.schedule_clock import ScheduleClock
from sfdebug.projects.model import MachineTrigger, TriggerSource
from sfdebug.tasks.services.happenings import Happening, HappeningKind
from tests.hosted_runs import NOW, ROLE, HandClock, HandScheduler

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:incoming"


class Starts:
    """Starts nothing, and remembers what it was to start."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.region, self.account = "us-east-1", "123456789012"
        self.started: list[tuple[str, Any, str | None]] = []
        self.refused: RefusalReason | None = None
        self.output: str | None = None
        self.status = ExecutionStatus.SUCCEEDED
        self.waited = 0

    def start_execution(self, machine_arn: str, input: str = "{}", name: str | None = None) -> ExecutionRecord:
        """A record of nothing."""
        if self.refused is not None:
            raise HostRefusalError(self.refused, machine_arn)
        self.started.append((machine_arn, json.loads(input), name))
        return ExecutionRecord(f"{machine_arn}:{name}", str(name), machine_arn, "STANDARD", self.status, 0, input)

    def start_sync_execution(
        self, machine_arn: str, input: str = "{}", name: str | None = None, *, wait: float | None = 0.0
    ) -> ExecutionRecord:
        """The same, over at once."""
        self.waited += 1
        record = self.start_execution(machine_arn, input, name)
        return ExecutionRecord(
            record.arn, record.name, machine_arn, "EXPRESS", self.status, 0, input, stopped=1, output=self.output
        )


def rule(pattern: Any = None, name: str = "placed", **more: Any) -> MachineTrigger:
    settings = {"EventBusName": "default", "EventPattern": pattern or {"source": ["shop"]}, **more.pop("settings", {})}
    arn = f"arn:aws:events:us-east-1:123456789012:rule/{name}"
    return MachineTrigger("EventBridgeRule", name, source=TriggerSource.EVENTS, arn=arn, settings=settings, **more)


def schedule(arn: str = "arn:aws:events:us-east-1:123456789012:rule/nightly", **settings: Any) -> MachineTrigger:
    settings = {"ScheduleExpression": "rate(1 day)", **settings}
    return MachineTrigger("Schedule", "nightly", source=TriggerSource.SCHEDULE, arn=arn, settings=settings)


def pipe(source: str = QUEUE, **settings: Any) -> MachineTrigger:
    settings = {"Source": source, "Filters": [], "InvocationType": "REQUEST_RESPONSE", **settings}
    return MachineTrigger("Pipe", "incoming", source=TriggerSource.PIPE, arn="arn:pipe", settings=settings)


def book(*triggers: MachineTrigger) -> tuple[Starts, TriggerBook, list[str]]:
    starts, notes = Starts(), list[str]()
    return starts, TriggerBook(starts, [(each, MACHINE, "Orders") for each in triggers], notes.append), notes


def entry(source: str = "shop", **more: Any) -> dict[str, Any]:
    return {"Source": source, "DetailType": "Placed", "Detail": '{"id": 7}', **more}


def test_an_entry_starts_what_waits_for_it_under_the_name_that_eventbridge_gives() -> None:
    starts, triggers, _ = book(
        rule(),
        rule({"detail": {"id": [{"numeric": ["<", 5]}]}}, "small"),
        rule(name="elsewhere", settings={"EventBusName": "shop-bus"}),
        rule(name="off", is_enabled=False),
        rule(name="shaped", settings={"InputPath": "$.detail"}),
    )
    (result,) = triggers.put_entries([entry()])
    (arn, event, name), (_, shaped, other) = starts.started
    assert (arn, event["id"], event["detail"], shaped) == (MACHINE, result.event_id, {"id": 7}, {"id": 7})
    assert event["time"] == "2026-11-18T11:06:40Z"
    assert [len(str(each)) for each in (name, other)] == [73, 73]
    assert name != other
    assert str(name).startswith(f"{result.event_id}_")
    assert [each.fired for each in triggers.list] == [1, 0, 0, 0, 1]
    assert triggers.list[0].last_arn == f"{MACHINE}:{name}"
    triggers.put_entries([entry(EventBusName="arn:aws:events:us-east-1:123456789012:event-bus/shop-bus")])
    assert [each.fired for each in triggers.list] == [1, 0, 1, 0, 1]
    assert triggers.changes == 3


def test_entries_that_aws_refuses_do_nothing_and_the_others_keep_their_places() -> None:
    starts, triggers, notes = book(rule())
    results = triggers.put_entries([entry(Detail="[1]"), entry(), {"Source": "shop"}])
    assert [bool(each.event_id) for each in results] == [False, True, False]
    assert (results[0].code, results[2].code) == ("MalformedDetail", "InvalidArgument")
    assert len(starts.started) == 1
    triggers.put_entries([entry("aws.s3"), entry("aws.s3")])
    assert notes == [
        "an event of aws.s3 was put and is taken; AWS takes it from the service itself alone "
        "(NotAuthorizedForSourceException)"
    ]


def test_an_event_that_comes_twice_starts_one_execution() -> None:
    starts, triggers, _ = book(rule())
    event: Any = {"id": "same", "source": "shop"}
    assert len(triggers.put_event(event, "default")) == 1
    assert triggers.put_event(event, "default") == []
    assert len(starts.started) == 1
    assert triggers.wait_for(["same"], 0)
    assert not triggers.wait_for(["other"], 0)


def test_what_does_not_start_is_told_once_and_stands_at_the_trigger() -> None:
    starts, triggers, notes = book(rule(settings={"InputPath": "$.detail.nothing"}), rule(name="second"))
    starts.refused = RefusalReason.MACHINE_UNKNOWN
    triggers.put_entries([entry(), entry()])
    assert notes == [
        "placed has not started Orders: the event has nothing at its InputPath $.detail.nothing",
        f"second has not started Orders: {MACHINE}: there is no such state machine",
    ]
    assert [each.refused for each in triggers.list] == [
        "the event has nothing at its InputPath $.detail.nothing",
        "there is no such state machine",
    ]
    starts.refused = RefusalReason.CLOSED
    triggers.put_entries([entry()])
    assert len(notes) == 2


# by hand


def test_a_sample_of_each_kind_fires_it() -> None:
    starts, triggers, _ = book(
        rule({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["photos"]}}}),
        schedule(),
        schedule(Input='{"all": true}'),
        schedule("arn:aws:scheduler:us-east-1:123456789012:schedule/default/weekly"),
        schedule(
            "arn:aws:scheduler:us-east-1:123456789012:schedule/default/weekly",
            Input='{"at": "<aws.scheduler.scheduled-time>"}',
        ),
        pipe(Filters=[{"body": {"kind": ["order"]}}], InputTemplate='{"kind": <$.body.kind>}'),
        pipe("arn:aws:kinesis:us-east-1:123456789012:stream/clicks", Filters=[{"data": {"n": [5]}}]),
    )
    samples = [triggers.sample(each) for each in triggers.list]
    for trigger, sample in zip(triggers.list, samples, strict=True):
        assert trigger.problem_with(sample) == ""
        triggers.fire(trigger, sample)
    inputs = [given for _, given, _ in starts.started]
    assert inputs[0]["detail"]["object"]["key"] == "sample.json"
    assert (inputs[1]["source"], inputs[1]["resources"]) == ("aws.events", [triggers.list[1].trigger.arn])
    assert inputs[2] == {"all": True}
    assert (inputs[3]["source"], inputs[3]["detail"]) == ("aws.scheduler", "{}")
    assert inputs[4] == {"at": "2026-11-18T11:06:40Z"}
    assert inputs[5] == [{"kind": "order"}]
    assert (inputs[6][0]["eventSource"], base64.b64decode(inputs[6][0]["data"])) == (
        "aws:kinesis",
        b'{"sample":true,"n":5}',
    )
    assert [sample.kind for sample in samples] == [
        FiredWith.EVENT,
        FiredWith.EVENT,
        FiredWith.INPUT,
        FiredWith.EVENT,
        FiredWith.INPUT,
        FiredWith.RECORDS,
        FiredWith.RECORDS,
    ]
    names = [name for _, _, name in starts.started]
    assert len(set(names)) == len(names)  # a sample that is fired again is another event
    triggers.fire(triggers.list[0], samples[0])
    assert len({name for _, _, name in starts.started}) == len(names) + 1


def test_the_clock_fires_schedules_when_they_are_due() -> None:
    scheduler = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/weekly"
    starts, triggers, notes = book(
        schedule(ScheduleExpression="rate(5 minutes)"),
        schedule(scheduler, ScheduleExpression="cron(30 11 * * ? *)", Input='{"at": "<aws.scheduler.scheduled-time>"}'),
        schedule(ScheduleExpression="rate(often)"),
        replace(schedule(), is_enabled=False),
        rule(),
    )
    clock, hands = starts.clock, HandScheduler(starts.clock)
    offset = 7_000  # the machine's time, which is another than that of the host
    clockwork = ScheduleClock(triggers, hands, clock, lambda: int(clock.wall) + offset)
    assert (len(clockwork), triggers.list[0].why_not) == (2, "schedules fire by hand alone")
    clockwork.start()
    nightly, weekly = triggers.list[:2]
    assert (nightly.why_not, nightly.due, weekly.due) == ("", NOW + offset + 300_000, NOW + 1_400_000)
    assert [each.why_not for each in triggers.list[2:4]] == ["schedules fire by hand alone", "it is disabled"]
    hands.pass_time(299)
    assert starts.started == []
    hands.pass_time(1)
    ((_, event, name),) = starts.started
    assert (event["source"], event["time"], event["resources"]) == (
        "aws.events",
        "2026-11-18T11:11:47Z",
        ["arn:aws:events:us-east-1:123456789012:rule/nightly"],
    )
    assert str(name).startswith(f"{event['id']}_")
    hands.pass_time(1_200)
    assert nightly.fired == 5
    assert [given for _, given, _ in starts.started if "at" in given] == [{"at": "2026-11-18T11:30:00Z"}]
    offset += 86_400_000  # the machine has slept
    hands.pass_time(31)
    assert (nightly.fired, weekly.fired) == (6, 2)
    assert nightly.due == NOW + 7_000 + 300_000 * (6 + 288)
    starts.refused = RefusalReason.MACHINE_UNKNOWN
    hands.pass_time(301)
    assert len(notes) == 1
    clockwork.close()
    hands.pass_time(86_400)
    assert (nightly.fired, hands.pending) == (6, [])


def test_a_schedule_is_fired_by_the_event_that_it_gives_and_by_no_other() -> None:
    nightly = "arn:aws:events:us-east-1:123456789012:rule/nightly"
    starts, triggers, _ = book(schedule(), schedule(Input='{"all": true}'))
    scheduled = {"Source": "aws.events", "DetailType": "Scheduled Event", "Detail": "{}"}
    triggers.put_entries([entry(), scheduled, {**scheduled, "Resources": [f"{nightly}-not"]}])
    assert starts.started == []
    triggers.put_entries([{**scheduled, "Resources": [nightly]}])
    (_, event, _), (_, constant, _) = starts.started
    assert (event["source"], event["resources"], constant) == ("aws.events", [nightly], {"all": True})


def test_what_does_not_fit_or_cannot_be_fired_says_why() -> None:
    starts, triggers, _ = book(
        rule(),
        pipe(Filters=[{"body": {"n": [1]}}]),
        MachineTrigger("Api", "post", source=TriggerSource.REQUEST, problem="requests are not served"),
        rule(name="wrong", settings={"EventPattern": {"source": "shop"}}, problem="must be an array"),
        rule(name="off", is_enabled=False),
        schedule(),
    )
    first, second, request, wrong, off, nightly = triggers.list
    with pytest.raises(TriggerError, match="does not let this event through"):
        triggers.fire(first, TriggerSample(FiredWith.EVENT, {"source": "other"}))
    wrong_records: Any = ([], {"body": "{}"}, [{"eventSource": "aws:sqs", "body": '{"n": 2}'}])
    for records in wrong_records:
        with pytest.raises(TriggerError, match="record"):
            triggers.fire(second, TriggerSample(FiredWith.RECORDS, records))
    with pytest.raises(TriggerError, match="requests are not served"):
        triggers.sample(request)
    with pytest.raises(TriggerError, match="must be an array"):
        triggers.sample(wrong)
    assert [each.why_not for each in triggers.list] == [
        "",
        "",
        "requests are not served",
        "must be an array",
        "it is disabled",
        "schedules fire by hand alone",
    ]
    assert (request.can_be_fired, off.can_be_fired, nightly.can_be_fired) == (False, True, True)
    assert starts.started == []
    triggers.fire(off, triggers.sample(off))
    assert len(starts.started) == 1
    starts.refused = RefusalReason.MACHINE_DELETING
    with pytest.raises(SfdebugError, match="being deleted"):
        triggers.fire(off, triggers.sample(off))
    assert off.refused == "the state machine is being deleted"


def test_an_input_that_is_none_is_no_start() -> None:
    _, triggers, _ = book(rule(settings={"InputTransformer": {"InputTemplate": "no <nobody>"}}))
    with pytest.raises(TargetInputError, match="invalid placeholder nobody"):
        triggers.fire(triggers.list[0], triggers.sample(triggers.list[0]))


def test_a_host_starts_them() -> None:
    with ExecutionHost(clock=HandClock()) as host:
        definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
        arn = host.machines.create(MachineSettings("Orders", definition, ROLE))[0].arn
        triggers = TriggerBook(host, [(rule(), arn, "Orders")])
        (result,) = triggers.put_entries([entry()])
        record = host.wait_until_ended(triggers.list[0].last_arn)
        assert record is not None
        assert (record.status, json.loads(record.input)["id"]) == (ExecutionStatus.SUCCEEDED, result.event_id)
        assert record.started == NOW


# services that are listened to


class Services:
    """Services in which a test has things happen."""

    def __init__(self) -> None:
        self.news: list[Happening] = []
        self.changed = threading.Condition()
        self.messages: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.is_over = False

    def tell(self, kind: HappeningKind, **more: Any) -> None:
        """Have something happen."""
        with self.changed:
            self.news.append(Happening(len(self.news) + 1, kind, **more))
            self.changed.notify_all()

    def end(self) -> None:
        """Tell nothing more."""
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def happened(self, after: int) -> list[Happening]:
        """What has happened since."""
        with self.changed:
            self.changed.wait_for(lambda: self.is_over or len(self.news) > after)
            if self.is_over:
                raise SfdebugError("they have gone")
            return self.news[after:]

    def put_events(self, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """As a bus does: the event is told of, and answered; there is one bus."""
        answers: list[dict[str, Any] | None] = []
        for number, each in enumerate(entries):
            is_known = each.get("EventBusName") in (None, "default")
            if is_known:
                self.tell(HappeningKind.ENTRY, id=f"event-{number}", fields=dict(each))
            answers.append({"EventId": f"event-{number}"} if is_known else None)
        return answers

    def receive(self, queue_arn: str, most: int) -> list[dict[str, Any]]:
        """Each message once."""
        with self.changed:
            found, self.messages = self.messages[:most], self.messages[most:]
            return found

    def delete(self, queue_arn: str, receipt_handles: Iterable[str]) -> None:
        """Remember which."""
        with self.changed:
            self.deleted += receipt_handles
            self.changed.notify_all()

    def send(self, *bodies: Any) -> None:
        """Put messages into the queue."""
        with self.changed:
            for body in bodies:
                id = f"m{body['n']}"
                text = json.dumps(body)
                self.messages.append(
                    {"messageId": id, "receiptHandle": f"{id}!", "body": text, "eventSource": "aws:sqs"}
                )
        self.tell(HappeningKind.MESSAGE, name="incoming")


def closed(listener: ServiceListener, services: Services) -> None:
    """Close it, and have its services end."""
    listener.close()
    services.end()
    listener.wait()


def until(starts: Starts, services: Services, count: int, deleted: int = 0) -> None:
    """Wait until that has come about."""
    with services.changed:
        assert services.changed.wait_for(
            lambda: len(starts.started) >= count and len(services.deleted) >= deleted, timeout=20
        )


def test_events_and_objects_in_services_fire_triggers() -> None:
    starts, triggers, notes = book(rule(), rule({"source": ["aws.s3"], "detail": {"object": {"key": ["a.png"]}}}, "s3"))
    services = Services()
    listener = ServiceListener(triggers, services, notes.append)
    listener.start()
    triggers.forward = listener.put_entries
    result, unheard = triggers.put_entries([entry(), entry(EventBusName="nowhere")])
    assert (result.event_id, len(unheard.event_id), len(starts.started)) == ("event-0", 36, 1)
    said = {"event": "s3:ObjectCreated:Put", "bucket": "photos", "key": "a.png", "size": 3, "etag": "900150"}
    services.tell(HappeningKind.OBJECT, fields=said)
    services.tell(HappeningKind.ENTRY, id="bad", fields={"Source": "shop", "DetailType": "t", "Detail": "no JSON"})
    services.tell(HappeningKind.ENTRY, id="last", fields=entry())
    assert triggers.wait_for(["last"], 20)
    _, given, _ = starts.started[1]
    assert (given["detail-type"], given["resources"]) == ("Object Created", ["arn:aws:s3:::photos"])
    assert {name: given["detail"]["object"][name] for name in ("key", "size", "etag")} == {
        "key": "a.png",
        "size": 3,
        "etag": "900150",
    }
    assert given["detail"]["reason"] == "PutObject"
    assert len(starts.started) == 3
    closed(listener, services)
    assert notes == []


def test_a_pipe_takes_messages_lets_through_what_fits_and_leaves_what_failed() -> None:
    starts, triggers, notes = book(pipe(Filters=[{"body": {"n": [{"numeric": [">", 0]}]}}], BatchSize=3))
    starts.output = '{"batchItemFailures": [{"itemIdentifier": "m2"}]}'
    services = Services()
    services.send({"n": 1}, {"n": 2}, {"n": 0})
    listener = ServiceListener(triggers, services, notes.append)
    listener.start()
    until(starts, services, 1, 2)
    ((_, given, _),) = starts.started
    assert [each["messageId"] for each in given] == ["m1", "m2"]
    assert sorted(services.deleted) == ["m0!", "m1!"]
    assert starts.waited == 1
    starts.status = ExecutionStatus.FAILED  # they stay in the queue
    services.send({"n": 3}, {"n": 0})
    until(starts, services, 2, 3)
    closed(listener, services)
    assert sorted(services.deleted) == ["m0!", "m0!", "m1!"]


def test_services_that_go_away_are_told_of() -> None:
    _, triggers, notes = book(rule())
    services = Services()
    listener = ServiceListener(triggers, services, notes.append)
    listener.start()
    services.end()
    listener.wait()
    assert notes == ["triggers are not fired by local services any more: they have gone"]
    assert triggers.forward is None
    closed(listener, services)
