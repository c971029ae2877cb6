"""The forms in which people have recorded executions: other spellings, YAML, queries, subscriptions, pages."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from sfdebug.asl.load import definition_from
from sfdebug.history.reading.event_shapes import moment_of
from sfdebug.history.reading.read import chosen, parse_recordings, read_recordings
from sfdebug.history.recording import Recording, RecordingError
from sfdebug.history.replay.replay import replay
from sfdebug.history.verification.verdict import VerificationStatus, verify
from sfdebug.reports.result import log_record
from tests.history_runs import recorded, run_in_any_order

DEFINITION: dict[str, Any] = {
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "TimeoutSeconds": 30,
            "Assign": {"my_Var": 1},
            "Next": "Keep",
        },
        "Keep": {"Type": "Pass", "End": True},
    },
}
GIVEN = {"Some_Key": [1, "two"], "ok": None}
EVENTS: list[dict[str, Any]] = recorded(DEFINITION, GIVEN)
ARN = "arn:aws:states:eu-west-1:111122223333:express:Orders:run-7:0b1c"
LOG = [log_record(event, ARN) for event in run_in_any_order(DEFINITION, GIVEN, execution_type="EXPRESS").events]
MESSAGES = [json.dumps(record) for record in LOG]
DETAILS = [name for event in EVENTS for name in event if name.endswith("EventDetails")]


def one(data: str | bytes) -> Recording:
    (found,) = parse_recordings(data, "h.json")
    return found


def is_whole(data: str | bytes) -> None:
    """It is read as the API's own JSON is, with nothing to complain about."""
    recording = one(data)
    assert recording.problems == ()
    assert recording.history == EVENTS
    assert (recording.has_more, recording.fields) == (False, None)
    assert replay(definition_from(DEFINITION), recording).is_identical


def is_whole_log(data: str | bytes) -> None:
    """It is read as the log's own messages are."""
    recording = one(data)
    assert recording.problems == ()
    assert recording.history == one("\n".join(MESSAGES)).history
    assert (recording.facts.arn, len(recording.events)) == (ARN, len(LOG))
    assert (recording.has_more, recording.fields) == (False, None)


# Spellings


def pascal(value: Any, depth: int = 0) -> Any:
    """As .NET, Go and PowerShell write an answer: names of the API, not those of the data."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: inner if name == "assignedVariables" else pascal(inner)
                for name, inner in value.items()}  # fmt: skip
    return [pascal(item) for item in value] if isinstance(value, list) else value


def snake(value: Any) -> Any:
    """As Ruby writes an answer."""
    if isinstance(value, dict):
        return {"".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name):
                inner if name == "assignedVariables" else snake(inner) for name, inner in value.items()}  # fmt: skip
    return [snake(item) for item in value] if isinstance(value, list) else value


def respelt(value: Any, spell: Any) -> Any:
    """With each name of the API written otherwise."""
    if isinstance(value, dict):
        return {spell(name): inner if name == "assignedVariables" else respelt(inner, spell)
                for name, inner in value.items()}  # fmt: skip
    return [respelt(item, spell) for item in value] if isinstance(value, list) else value


def kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def ticks(event: dict[str, Any]) -> int:
    moment = moment_of(event["timestamp"])
    assert moment is not None
    return moment


def with_times(events: list[dict[str, Any]], form: Any) -> list[dict[str, Any]]:
    return [{**event, "timestamp": form(ticks(event))} for event in events]


def utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC)


def go_event(event: dict[str, Any]) -> dict[str, Any]:
    return {**{name[:1].upper() + name[1:]: None for name in DETAILS}, **pascal(event)}


def dotnet_details(event: dict[str, Any]) -> dict[str, Any]:
    """What the older SDK of .NET makes of fields that are not there."""
    unset = {"TimeoutInSeconds": 0, "HeartbeatInSeconds": 0, "AssignedVariables": {}, "Error": None}
    return {name: {**unset, **inner} for name, inner in pascal(event).items() if name.endswith("EventDetails")}


@pytest.mark.parametrize(
    "answer",
    [
        pascal({"events": EVENTS}),
        {"Events": [{**{pascal({name: 0}).popitem()[0]: inner for name, inner in one.items()}} for one in EVENTS]},
        {"events": [{**event, **{name: pascal(event[name]) for name in event if name in DETAILS}} for event in EVENTS]},
        {"Events": [go_event(event) for event in EVENTS], "NextToken": None, "ResultMetadata": {}},
        {"Events": [{**go_event(event), "Type": {"Value": event["type"]}} for event in EVENTS]},
        {"Events": [{**go_event(event), **dotnet_details(event)} for event in EVENTS]},
        snake({"events": EVENTS}),
        respelt({"events": EVENTS}, kebab),
        respelt({"events": EVENTS}, str.lower),
        respelt({"events": EVENTS}, str.upper),
        {"events": [{**event, "type": event["type"].upper()} for event in EVENTS[:1]] + EVENTS[1:]},
        {"$metadata": {}, "events": [{**event, "id": str(event["id"])} for event in EVENTS]},
    ],
    ids=[
        "pascal",
        "pascal outside",
        "pascal inside",
        "Go",
        ".NET",
        ".NET 3",
        "Ruby",
        "kebab",
        "lower",
        "upper",
        "constant",
        "text ids",
    ],
)
def test_answers_as_sdks_write_them(answer: Any) -> None:
    if answer.get("events", answer.get("Events", [{}]))[0].get("type") == "EXECUTIONSTARTED":
        answer["events"][0]["type"] = "EXECUTION_STARTED"  # how Java's enum calls it
    is_whole(json.dumps(answer))


@pytest.mark.parametrize(
    "form",
    [
        lambda moment: f"/Date({moment})/",
        lambda moment: {"value": f"/Date({moment})/", "DisplayHint": 2, "DateTime": "a Wednesday"},
        lambda moment: {"epochSecond": moment // 1000, "nano": moment % 1000 * 1_000_000},
        lambda moment: moment,
        lambda moment: moment / 1000,
        lambda moment: moment * 1_000_000,
        lambda moment: moment * 1_000,
        lambda moment: str(utc(moment)),
        lambda moment: utc(moment).strftime("%Y-%m-%d %H:%M:%S.%f UTC"),
        lambda moment: utc(moment).strftime("%Y-%m-%d %H:%M:%S.%f +0000"),
        lambda moment: utc(moment).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC"),
        lambda moment: utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z",
    ],
    ids=[
        "PowerShell 5",
        "PowerShell object",
        "Java",
        "ms",
        "s",
        "ns",
        "us",
        "Python",
        "Ruby",
        "Ruby zone",
        "Go",
        "RFC",
    ],
)
def test_times_as_tools_write_them(form: Any) -> None:
    is_whole(json.dumps({"Events": pascal(with_times(EVENTS, form))}))


@pytest.mark.parametrize("written", ["/Date(x)/", {"value": "soon"}, {"epochSecond": True}, {}, 1e19, "UTC", "1 UTC"])
def test_no_times(written: Any) -> None:
    assert moment_of(written) is None


def test_variables_and_data_keep_their_names() -> None:
    recording = one(json.dumps(pascal({"events": EVENTS})))
    (exited,) = [event for event in recording.events if event.is_exit and event.name == "Call"]
    assert exited.details["assignedVariables"] == {"my_Var": "1"}
    assert recording.input == GIVEN


# YAML


@pytest.mark.parametrize(
    "text",
    [
        yaml.safe_dump({"events": EVENTS}, sort_keys=False),
        yaml.safe_dump([{"events": EVENTS[:4]}, {"events": EVENTS[4:]}], sort_keys=False),
        "---\n" + yaml.safe_dump({"events": EVENTS[:4]}) + "---\n" + yaml.safe_dump({"events": EVENTS[4:]}),
        "# exported\n" + yaml.safe_dump(EVENTS, sort_keys=False),
        yaml.safe_dump({"nextToken": None, "events": EVENTS}, width=40),
        yaml.safe_dump({"events": with_times(EVENTS, utc)}),
        yaml.safe_dump(pascal({"events": EVENTS})),
    ],
    ids=["yaml", "yaml-stream", "documents", "a list", "folded", "plain times", "pascal"],
)
def test_yaml(text: str) -> None:
    is_whole(text)
    is_whole(gzip.compress(text.replace("\n", "\r\n").encode()))


def test_yaml_of_logs() -> None:
    is_whole_log(yaml.safe_dump({"events": [{"timestamp": 1, "message": message} for message in MESSAGES]}))
    rows = [[{"field": "@message", "value": message}, {"field": "@ptr", "value": "p"}] for message in MESSAGES]
    is_whole_log(yaml.safe_dump({"results": rows, "status": "Complete"}, sort_keys=False))


def test_yaml_that_is_cut_off_gives_what_stands_before() -> None:
    text = yaml.safe_dump({"events": EVENTS}, sort_keys=False)
    place = text.index("id: 5")
    recording = one(text[:place] + "id: [5")
    assert [event.id for event in recording.events] == [1, 2, 3, 4]
    assert "this is not YAML" in recording.problems[0].what
    assert recording.problems[0].line >= text[:place].count("\n")


def test_yaml_that_would_fill_the_memory_is_refused() -> None:
    lines = ["events:", "- &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"- &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(RecordingError, match="aliases"):
        parse_recordings("\n".join(lines), "bomb.yaml")
    with pytest.raises(RecordingError, match="not ended"):
        parse_recordings("events: &a [*a]", "loop.yaml")


# Queries


def row_of(record: dict[str, Any], *names: str) -> dict[str, str]:
    """The fields of a log record that a query selected: as text, truth as 0 and 1."""
    row = {}
    for name in names:
        value: Any = record
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        row[name] = "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)
    return row


SELECTED = ("id", "type", "previous_event_id", "event_timestamp", "execution_arn", "details.name", "details.input",
            "details.inputDetails.truncated", "details.output", "details.timeoutInSeconds",
            "details.assignedVariables.my_Var")  # fmt: skip


def as_csv(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


ROWS = [row_of(record, *SELECTED) for record in LOG]
CELLS = [[{"field": name, "value": value} for name, value in row.items() if value] for row in ROWS]


@pytest.mark.parametrize(
    "text",
    [
        as_csv(ROWS),
        as_csv(ROWS, ";"),
        as_csv(ROWS, "\t"),
        json.dumps({"results": CELLS, "status": "Complete", "statistics": {}}),
        json.dumps(pascal({"results": CELLS})),
        json.dumps(ROWS),
        json.dumps([{name: value for name, value in row.items() if value} for row in ROWS]),
        yaml.safe_dump({"queryLanguage": "CWLI", "results": CELLS}, sort_keys=False),
    ],
    ids=[
        "CSV",
        "CSV with semicolons",
        "CSV with tabs",
        "get-query-results",
        "pascal",
        "JSON",
        "JSON without empty",
        "YAML",
    ],
)
def test_a_query_with_selected_fields(text: str) -> None:
    recording = one(text)
    whole = one("\n".join(MESSAGES))
    assert recording.fields is not None
    assert {"name", "input", "timeoutInSeconds", "assignedVariables", "previousEventId"} <= recording.fields
    assert not recording.has_more
    assert [event[:4] for event in recording.events] == [event[:4] for event in whole.events]
    assert (recording.facts.arn, recording.input, recording.output) == (ARN, whole.input, whole.output)
    scheduled = next(event for event in recording.events if event.type == "TaskScheduled")
    assert scheduled.details == {"timeoutInSeconds": 30}
    entered = recording.events[1]
    assert entered.details["inputDetails"] == {"truncated": False}
    exited = next(event for event in recording.events if event.is_exit)
    assert exited.details["assignedVariables"] == {"my_Var": "1"}
    assert "fields that were selected" in recording.problems[0].what
    with pytest.raises(RecordingError, match="selected, not cause, error, parameters, resource"):
        replay(definition_from(DEFINITION), recording)


def test_a_query_that_left_out_what_orders_the_events() -> None:
    recording = one(as_csv([row_of(record, "type", "id", "details.name") for record in LOG]))
    assert [event.previous_event_id for event in recording.events] == list(range(len(LOG)))
    assert "previousEventId" in recording.problems[0].what
    assert (recording.facts.arn, recording.start_time, recording.has_data) == ("", None, False)
    timed = one(as_csv([{"@timestamp": "2025-01-01 00:00:00.050", **row_of(r, "id", "type")} for r in LOG]))
    assert timed.start_time == 1_735_689_600_050


def test_a_query_that_selected_what_is_needed_is_compared_in_that() -> None:
    names = ("details.error", "details.cause", *SELECTED)
    recording = one(as_csv([row_of(record, *names) for record in LOG]))
    assert recording.why_not_followed == ""
    assert replay(definition_from(DEFINITION), recording).is_identical
    verdict = verify(definition_from(DEFINITION), recording)
    assert (verdict.status, verdict.reasons[0]) == (VerificationStatus.PARTIAL, recording.selection)
    assert recording.selection.endswith("not parameters, resource")
    other = json.loads(json.dumps(DEFINITION))
    other["States"]["Keep"]["Result"] = 5
    assert verify(definition_from(other), recording).status is VerificationStatus.DIVERGES


def test_a_query_with_the_details_as_json_is_whole() -> None:
    rows = [{**row_of(record, "id", "type", "previous_event_id", "event_timestamp", "execution_arn"),
             "details": json.dumps(record["details"]) if "details" in record else ""} for record in LOG]  # fmt: skip
    is_whole_log(as_csv(rows))


def test_a_query_for_messages_and_fields_has_the_messages() -> None:
    rows = [{"id": str(number), "@message": message} for number, message in enumerate(MESSAGES)]
    is_whole_log(as_csv(rows))
    is_whole_log("\ufeff" + as_csv(rows).replace("@message", "@Message"))


def test_a_query_that_still_runs_has_more() -> None:
    rows = [[{"field": "@message", "value": message}] for message in MESSAGES]
    found = {status: one(json.dumps({"results": rows[:-1], "status": status})).has_more
             for status in ("Running", "Scheduled", "Complete")}  # fmt: skip
    assert found == {"Running": True, "Scheduled": True, "Complete": False}
    assert not one(json.dumps({"results": rows, "status": "Running"})).has_more  # the end is there, and no gap


# Subscriptions


def payload(messages: list[str], kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    events = [{"id": str(number), "timestamp": number, "message": text} for number, text in enumerate(messages)]
    return {"messageType": kind, "owner": "1", "logGroup": "g", "logStream": "s", "subscriptionFilters": ["f"],
            "logEvents": events}  # fmt: skip


def packed(value: Any) -> str:
    return base64.b64encode(zipped(value)).decode()


def zipped(value: Any) -> bytes:
    return gzip.compress(json.dumps(value).encode())


HALVES = (payload(MESSAGES[:4]), payload(MESSAGES[4:]))
CONTROL = payload(["CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."], "CONTROL_MESSAGE")


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(payload(MESSAGES)),
        json.dumps({"awslogs": {"data": packed(payload(MESSAGES))}}),
        "\n".join(json.dumps({"awslogs": {"data": packed(half)}}) for half in HALVES),
        json.dumps({"Records": [{"kinesis": {"data": packed(part)}} for part in (CONTROL, *HALVES)]}),
        json.dumps({"Records": [{"Data": packed(half), "SequenceNumber": "1"} for half in HALVES]}),
        json.dumps({"records": [{"recordId": "1", "data": packed(half)} for half in HALVES]}),
        "".join(json.dumps(half) for half in (*HALVES, CONTROL)),
        zipped(HALVES[0]) + zipped(CONTROL) + zipped(HALVES[1]),
        gzip.compress(zipped(HALVES[0]) + zipped(HALVES[1])),
        packed(payload(MESSAGES)),
        "\n".join(packed(half) for half in HALVES),
        base64.encodebytes(zipped(payload(MESSAGES))),
        yaml.safe_dump(payload(MESSAGES), sort_keys=False),
    ],
    ids=["payload", "awslogs", "awslogs lines", "Kinesis event", "get-records", "Firehose event", "Firehose object",
         "Firehose gzip", "gzip twice", "base64", "base64 lines", "wrapped base64", "YAML"],
)  # fmt: skip
def test_what_a_subscription_delivers(data: str | bytes) -> None:
    is_whole_log(data)


def test_no_more_than_a_bound_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.history.reading.documents.MOST_PACKED", 1 << 20)
    bomb = base64.b64encode(gzip.compress(b" " * (3 << 20))).decode()
    recording = one(json.dumps({"records": [{"data": packed(payload(MESSAGES))}, {"data": bomb}]}))
    assert len(recording.events) == len(LOG)
    assert "more than 1 MiB" in recording.problems[0].what


def test_what_precedes_yaml_is_looked_at_in_one_pass() -> None:
    for start in ("\n" * 100_000, "- " * 100_000, "#\n" * 100_000):
        with pytest.raises(RecordingError):
            parse_recordings(start, "odd")
    is_whole("\n\n# exported\n---\n" + yaml.safe_dump({"events": EVENTS}))


def test_a_subscription_whose_data_is_no_base64() -> None:
    with pytest.raises(RecordingError, match="not base64"):
        parse_recordings(json.dumps({"awslogs": {"data": "ä"}}), "x")
    half = json.dumps({"records": [{"data": packed(HALVES[0])}, {"data": packed(HALVES[1])[:-90]}]})
    recording = one(half)
    assert [event.id for event in recording.events][:4] == [1, 2, 3, 4]
    assert any("damaged" in problem.what or "base64" in problem.what for problem in recording.problems)


# Logs on the command line


def test_logs_tail_as_json() -> None:
    lines = [f"2025-01-01T00:00:00.050000+00:00 states/Orders/2025 {json.dumps(r, indent=4)}" for r in LOG]
    is_whole_log("\n".join(lines))
    is_whole_log("\n".join(f"\x1b[32m{line[:32]}\x1b[0m {line[33:]}" for line in lines))


def test_filter_log_events_in_several_pages() -> None:
    pages = [
        {"events": [{"message": m} for m in half], "searchedLogStreams": []} for half in (MESSAGES[:4], MESSAGES[4:])
    ]
    is_whole_log(json.dumps({**pages[0], "nextToken": "t"}) + json.dumps(pages[1]))
    first = one(json.dumps({**pages[0], "nextToken": "t"}))
    assert first.has_more
    assert "AWS has more" in first.problems[0].what


def test_text_of_logs_is_read_and_text_of_histories_is_not() -> None:
    is_whole_log("\n".join(f"EVENTS\t1\t1735689600050\ts\t{message}\t1735689600050" for message in MESSAGES))


def test_a_history_under_another_key_is_found_and_told() -> None:
    events = [{"id": 1, "type": "ExecutionStarted", "timestamp": 1}]
    with pytest.raises(RecordingError) as error:
        parse_recordings(json.dumps({"run": {"steps": events}}))
    assert error.value.what.startswith("a history stands at run.steps: it is looked for in events, ")
    assert "jq '.run.steps'" in error.value.fix
    with pytest.raises(RecordingError, match=r"it has run, and no type"):
        parse_recordings(json.dumps({"run": {"steps": []}}))


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ('EVENTS\t1\t0\t2025-01-01T00:00:00.050000+00:00\tExecutionStarted\nEXECUTIONSTARTEDEVENTDETAILS\t{"a":1}\tr',
         "--output text", "--output json"),
        ("NEXTTOKEN\tAAAA\nEVENTS\t1\t0\t2025\tExecutionStarted", "--output text", "--output json"),
        (f"{'-' * 60}\n|{'GetExecutionHistory':^58}|\n+{'-' * 58}+\n||{'events':^56}||", "--output table",
         "--output json"),
        ("{'events': [{'timestamp': datetime.datetime(2025, 1, 1, tzinfo=tzlocal()), 'id': 1}]}", "Python prints",
         "json.dumps"),
        ("GetExecutionHistoryResponse(Events=[HistoryEvent(Timestamp=2025-01-01T00:00:00Z, Type=ExecutionStarted)])",
         "an SDK prints", "as JSON"),
        ('{"executionArn": "a", "status": "FAILED", "startDate": 1}', "without its events", "sfdebug fetch"),
        ('{"detail-type": "Step Functions Execution Status Change", "detail": {"executionArn": "a"}}', "EventBridge",
         "sfdebug fetch"),
        ('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', "a definition", "get-execution-history"),
        ('{"stateMachineArn": "a", "type": "STANDARD", "definition": "{}"}', "a state machine",
         "get-execution-history"),
        ("PK\x03\x04 and so on", "zip archive", "JSON or CSV"),
        ("id,name\n1,2\n", "no JSON", "get-execution-history"),
    ],
)  # fmt: skip
def test_what_is_no_history_says_what_it_is(text: str, what: str, fix: str) -> None:
    with pytest.raises(RecordingError) as caught:
        parse_recordings(text, "odd")
    assert what in caught.value.what
    assert fix in caught.value.fix


# Pages


@pytest.mark.parametrize(
    ("pages", "has_more"),
    [
        ([{"events": EVENTS, "nextToken": ""}], False),
        ([{"events": EVENTS[:4], "nextToken": "t"}], True),
        ([{"Events": pascal(EVENTS[:4]), "NextToken": "t"}], True),
        ([{"events": EVENTS[:4], "nextToken": "t"}, {"events": EVENTS[4:6], "nextToken": "u"}], True),
        ([{"events": EVENTS[:4], "nextToken": "t"}, {"events": EVENTS[4:]}], False),
        ([{"events": EVENTS[4:]}, {"events": EVENTS[:4], "nextToken": "t"}], False),
        ([{"events": EVENTS[:3:-1], "nextToken": "t"}, {"events": EVENTS[3::-1]}], False),
        ([{"events": EVENTS[:3:-1], "nextToken": "t"}], True),
    ],
    ids=["all", "first", "pascal", "two", "all pages", "in any order", "newest first", "the newest"],
)
def test_a_token_says_that_there_is_more(pages: list[Any], has_more: bool) -> None:
    for text in ("\n".join(map(json.dumps, pages)), json.dumps(pages), yaml.safe_dump_all(pages)):
        recording = one(text)
        assert (recording.has_more, recording.fields) == (has_more, None)
        assert any("AWS has more" in problem.what for problem in recording.problems) is has_more


# Several executions


def several(*arns: str) -> tuple[Recording, ...]:
    execution = run_in_any_order(DEFINITION, GIVEN, execution_type="EXPRESS")
    return parse_recordings("\n".join(json.dumps(log_record(e, arn)) for arn in arns for e in execution.events), "log")


def test_executions_of_one_file_are_called_by_what_tells_them_apart() -> None:
    other = ARN.replace("run-7", "run-8")
    assert [one.key for one in several(ARN, other)] == ["run-7", "run-8"]
    assert [one.key for one in several(ARN, ARN.replace("0b1c", "9f"))] == ["0b1c", "9f"]
    assert [one.key for one in several(ARN, other, ARN.replace("0b1c", "9f"))] == [ARN, "run-8", "9f"]


OTHER: list[dict[str, Any]] = recorded(DEFINITION, {"n": 2})


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ([{"events": EVENTS}, {"events": OTHER}], ["1", "2"]),
        ({"run_1": {"events": EVENTS}, "Run-2": {"events": OTHER}}, ["run_1", "Run-2"]),
        ({"a": EVENTS, "b": pascal(OTHER), "note": "x"}, ["a", "b"]),
        ([{"events": EVENTS[::-1]}, {"events": OTHER[::-1]}], ["1", "2"]),
        ([{"executionArn": "x", "name": "n", "events": EVENTS}, {"ExecutionArn": ARN, "Events": OTHER}],
         ["n", "run-7"]),
        ([{"execution": {"executionArn": ARN}, "history": {"events": EVENTS}}, {"events": OTHER}], ["run-7", "2"]),
    ],
    ids=["pages", "by name", "lists by name", "newest first", "with ARNs", "described"],
)  # fmt: skip
def test_executions_that_scripts_keep_in_one_file(value: Any, keys: list[str]) -> None:
    for text in (
        json.dumps(value),
        yaml.safe_dump({"history": value} if isinstance(value, dict) else value, sort_keys=False),
    ):
        found = parse_recordings(text, "h.json")
        assert [one.key for one in found] == keys
        assert [one.input for one in found] == [GIVEN, {"n": 2}]
        assert all(one.problems == () for one in found)


def test_executions_that_went_alike_are_several_when_they_are_called_otherwise() -> None:
    by_name = parse_recordings(json.dumps({"a": EVENTS, "b": EVENTS}), "h.json")
    assert [(one.key, len(one.events)) for one in by_name] == [("a", len(EVENTS)), ("b", len(EVENTS))]
    pages = [{"executionArn": arn, "events": part} for arn in ("x", "y") for part in (EVENTS[:4], EVENTS[4:])]
    assert [len(one.events) for one in parse_recordings(json.dumps(pages), "h.json")] == [len(EVENTS)] * 2


def test_one_of_several_is_chosen_by_name_or_arn() -> None:
    found = several(ARN, ARN.replace("run-7", "run-8"))
    assert chosen(found, "run-8", "log", "--execution NAME") is found[1]
    assert chosen(found, ARN, "log", "--execution NAME") is found[0]
    assert chosen(found[:1], None, "log", "--execution NAME") is found[0]
    with pytest.raises(RecordingError) as caught:
        chosen(found, None, "log", "--execution NAME")
    assert "2 executions" in caught.value.what
    assert "run-7  SUCCEEDED, " in caught.value.fix
    assert "--execution NAME" in caught.value.fix
    with pytest.raises(RecordingError, match="no execution 'run-9'"):
        chosen(found, "run-9", "log", "--execution NAME")
    with pytest.raises(RecordingError, match="2 executions in the file are called 'run-7'"):
        chosen(several(ARN, ARN.replace("0b1c", "9f")), "run-7", "log", "--execution NAME")


def test_the_files_of_others_are_read(tmp_path: Path) -> None:
    folder = Path(__file__).parents[5] / "shared" / "faults" / "formats"
    if not folder.is_dir():
        pytest.skip("the files are not beside this checkout")
    whole = {"14_yaml.yaml": 40, "20_case_PascalCase.json": 40, "31l_subscription.json": 40, "30_redriven.json": 53}
    for name, count in whole.items():
        (recording,) = read_recordings(folder / name)
        assert (len(recording.events), recording.problems) == (count, ())
    (first,) = read_recordings(folder / "03d_firstpage_only.json")
    assert first.has_more
    for name in ("31h_insights_fields.csv", "31i_insights_fields_results.json"):
        (selected,) = read_recordings(folder / name)
        assert (len(selected.events), selected.fields is not None, selected.facts.name) == (40, True, "A-1044-9c1e5d0a")
    assert [one.key for one in read_recordings(folder / "31m_two.json")] == ["A-1044-9c1e5d0a", "B-1"]
