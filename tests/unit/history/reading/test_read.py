"""Reading recorded executions: every form that AWS's tools export, and files that are damaged."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.reading.event_shapes import moment_of
from sfdebug.history.reading.read import parse_recordings, read_recording, read_recordings
from sfdebug.history.recording import Recording, RecordingError
from sfdebug.reports.result import log_record
from sfdebug.values import MISSING
from tests.history_runs import recorded, run_in_any_order

DEFINITION: dict[str, Any] = {
    "StartAt": "Call",
    "States": {
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Keep"},
        "Keep": {"Type": "Pass", "End": True},
    },
}
EVENTS = recorded(DEFINITION, {"n": 1})
EXPRESS_ARN = "arn:aws:states:eu-west-1:111122223333:express:Orders:run-7:0b1c"


def one(data: str | bytes) -> Recording:
    (found,) = parse_recordings(data, "h.json")
    return found


def log_lines(arn: str = EXPRESS_ARN, **settings: Any) -> list[dict[str, Any]]:
    execution = run_in_any_order(DEFINITION, {"n": 1}, execution_type="EXPRESS", **settings)
    return [log_record(event, arn) for event in execution.events]


PAGES = (EVENTS[:3], EVENTS[3:])


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"events": EVENTS}, indent=4),
        json.dumps(EVENTS),
        "".join(json.dumps(page, indent=2) for page in ({"events": PAGES[0], "nextToken": "x"}, {"events": PAGES[1]})),
        json.dumps([{"events": page} for page in PAGES]),
        "\n".join(json.dumps(event) for event in EVENTS),
        json.dumps({"events": EVENTS[::-1]}),
        "\ufeff" + json.dumps({"events": EVENTS}),
    ],
    ids=["events", "array", "pages", "array of pages", "lines", "reverse order", "byte order mark"],
)
def test_forms_of_a_standard_history(text: str) -> None:
    for data in (text.encode(), gzip.compress(text.encode())):
        recording = one(data)
        assert recording.problems == ()
        assert [event["id"] for event in recording.history] == list(range(1, len(EVENTS) + 1))
        assert recording.history == EVENTS
        assert (recording.status, recording.input, recording.output) == (
            ExecutionStatus.SUCCEEDED,
            {"n": 1},
            {"n": 1},
        )


def test_utf_16_as_powershell_writes_it() -> None:
    assert one(json.dumps({"events": EVENTS}).encode("utf-16")).history == EVENTS


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("2025-01-01T00:00:00.050000+00:00", 1_735_689_600_050),
        ("2025-01-01T01:00:00.050+01:00", 1_735_689_600_050),
        ("2025-01-01T00:00:00Z", 1_735_689_600_000),
        (1_735_689_600.05, 1_735_689_600_050),
        (1_735_689_600, 1_735_689_600_000),
        (1_735_689_600_050, 1_735_689_600_050),
        ("1735689600050", 1_735_689_600_050),
        ("yesterday", None),
        (True, None),
        (float("inf"), None),
        (-5, None),
        ([], None),
        ("1796063030422", 1_796_063_030_422),  # as ISO 8601 it would be a day of the year 1796
        ("1796063045132", 1_796_063_045_132),
        ("1796063030.422", 1_796_063_030_422),
    ],
)
def test_timestamps(written: Any, milliseconds: int | None) -> None:
    assert moment_of(written) == milliseconds


def wrapped(message: str, **more: Any) -> dict[str, Any]:
    return {"timestamp": 1, "message": message, "ingestionTime": 2, **more}


def as_csv(header: list[str], rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue()


LOG = log_lines()
MESSAGES = [json.dumps(record) for record in LOG]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"events": [wrapped(m, logStreamName="s", eventId="1") for m in MESSAGES]}),
        json.dumps({"events": [wrapped(m) for m in MESSAGES], "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}),
        "\n".join(MESSAGES),
        "\n".join(f"2025-01-01T00:00:00.050000+00:00 states/Orders/2025 {m}" for m in MESSAGES),
        as_csv(["timestamp", "message"], [["1735689600050", m] for m in MESSAGES]),
        as_csv(["@timestamp", "@message", "@ptr"], [["2025-01-01 00:00:00.050", m, "p"] for m in MESSAGES]),
        json.dumps([{"@timestamp": "2025-01-01 00:00:00.050", "@message": m} for m in MESSAGES]),
        json.dumps([{"@timestamp": "2025-01-01 00:00:00.050", "@message": record} for record in LOG]),
        json.dumps({"results": [[{"field": "@message", "value": m}, {"field": "@ptr"}] for m in MESSAGES]}),
        "\n".join(reversed(MESSAGES)),
    ],
    ids=["filter-log-events", "get-log-events", "lines", "logs tail", "console CSV", "Insights CSV", "Insights JSON",
         "Insights parsed", "get-query-results", "newest first"],
)  # fmt: skip
def test_forms_of_an_express_log(text: str) -> None:
    recording = one(text)
    assert recording.problems == ()
    assert [event.id for event in recording.events] == list(range(1, len(LOG) + 1))
    assert recording.events[0].time == 1_735_689_600_000
    assert recording.output == {"n": 1}
    facts = recording.facts
    assert (facts.execution_type, facts.name, facts.arn) == ("EXPRESS", "run-7", EXPRESS_ARN)
    assert (facts.region, facts.account, facts.state_machine_name) == ("eu-west-1", "111122223333", "Orders")


def test_several_executions_of_one_log_are_told_apart() -> None:
    other = EXPRESS_ARN.replace("0b1c", "9f9f")
    mixed = [record for pair in zip(log_lines(), log_lines(other), strict=True) for record in pair]
    found = parse_recordings("\n".join(map(json.dumps, mixed)), "log")
    assert [(recording.label, recording.facts.arn, len(recording.events)) for recording in found] == [
        ("0b1c", EXPRESS_ARN, len(LOG)),
        ("9f9f", other, len(LOG)),
    ]
    assert found[0].title == "log#0b1c"


def test_histories_in_a_row_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "both.json"
    other = recorded(DEFINITION, {"n": 2})
    file.write_text(json.dumps({"events": EVENTS}) + json.dumps({"events": other}), encoding="utf-8")
    assert [recording.input for recording in read_recordings(file)] == [{"n": 1}, {"n": 2}]
    with pytest.raises(RecordingError, match="2 executions"):
        read_recording(file)


def test_a_page_that_is_there_twice_counts_once() -> None:
    assert one(json.dumps([{"events": EVENTS}, {"events": EVENTS}])).history == EVENTS
    changed = [EVENTS[0], {**EVENTS[1], "type": "PassStateEntered"}]
    problems = one(json.dumps([EVENTS, changed])).problems
    assert [problem.what for problem in problems] == ["event 2 is there twice, and not the same"]


def test_what_can_be_read_of_a_file_that_is_cut_off_is_kept() -> None:
    text = json.dumps({"events": EVENTS}, indent=1)
    place = text.index('"id": 5')
    recording = one(text[:place])
    assert [event.id for event in recording.events] == [1, 2, 3, 4]
    assert recording.end is None
    (problem,) = recording.problems
    assert problem.line == text[:place].count("\n") + 1
    assert problem.what == "the file ends in the middle of its JSON: it was cut off here"


def test_one_bad_event_does_not_hide_the_others() -> None:
    text = json.dumps({"events": EVENTS}, indent=1).replace('"id": 3,', '"id": ,')
    recording = one(text)
    assert [event.id for event in recording.events] == [1, 2, 4, 5, 6, 7, 8, 9]
    assert "the event 3 is missing" in [problem.what for problem in recording.problems]


def test_a_damaged_gzip_file_gives_what_can_be_unpacked() -> None:
    lines = "\n".join(json.dumps(event) for event in EVENTS * 50)
    data = gzip.compress(lines.encode())
    recording = one(data[: len(data) * 2 // 3])
    assert recording.history == EVENTS
    assert "damaged" in recording.problems[0].what


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"id": "x"}, "a TaskStateEntered event has no id"),
        ({"type": None}, "event 2 has no type"),
        ({"previousEventId": 7}, "event 2: previousEventId 7 is no earlier event"),
        ({"timestamp": "soon"}, "event 2: timestamp 'soon' is no time"),
        ({"stateEnteredEventDetails": []}, "event 2: stateEnteredEventDetails is no object"),
    ],
)
def test_what_is_wrong_with_an_event_is_said_with_its_id(change: dict[str, Any], what: str) -> None:
    recording = one(json.dumps([EVENTS[0], {**EVENTS[1], **change}, *EVENTS[2:]]))
    assert recording.problems[0].what == what


def test_without_execution_data() -> None:
    stripped = json.loads(json.dumps(EVENTS))
    for event in stripped:
        for details in event.values():
            if isinstance(details, dict):
                for name in ("input", "output", "parameters"):
                    details.pop(name, None)
    recording = one(json.dumps(stripped))
    assert not recording.has_data
    assert recording.input is MISSING
    assert "without execution data" in recording.problems[0].what


def test_data_that_aws_cut_off_is_marked() -> None:
    event = json.loads(json.dumps(EVENTS[1]))
    event["stateEnteredEventDetails"] |= {"input": '{"n": ', "inputDetails": {"truncated": True}}
    recording = one(json.dumps([EVENTS[0], event, *EVENTS[2:]]))
    assert recording.truncated == (2,)
    assert recording.events[1].payload("input") is MISSING
    assert "event 2" in recording.problems[0].what


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "hello", '{"events": []}', "[" * 5_000, '{"events":' * 2_000])
def test_a_file_without_an_event_is_an_error(text: str) -> None:
    with pytest.raises(RecordingError) as caught:
        parse_recordings(text, "odd.json")
    assert "odd.json" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path, "a\0b"):
        with pytest.raises(RecordingError, match="cannot be read"):
            read_recordings(path)


def test_the_description_beside_a_history_says_who_it_is(tmp_path: Path) -> None:
    arn = "arn:aws:states:eu-central-1:444455556666:execution:Orders:march"
    (tmp_path / "history.json").write_text(json.dumps({"events": EVENTS}), encoding="utf-8")
    (tmp_path / "execution.json").write_text(
        json.dumps({"executionArn": arn, "name": "march", "stateMachineArn": "arn:aws:states:eu-central-1:4:s:Orders"}),
        encoding="utf-8",
    )
    facts = read_recording(tmp_path / "history.json").facts
    assert (facts.name, facts.region, facts.account, facts.arn) == ("march", "eu-central-1", "444455556666", arn)
    assert facts.role_arn == "arn:aws:iam::123456789012:role/sfdebug"


def test_the_description_of_another_execution_is_left_alone(tmp_path: Path) -> None:
    start = one(json.dumps(EVENTS)).start_time
    assert start is not None
    description: dict[str, Any] = {
        "executionArn": "arn:aws:states:eu-central-1:4:execution:Orders:march",
        "name": "march",
    }
    (tmp_path / "history.json").write_text(json.dumps({"events": EVENTS}), encoding="utf-8")
    for seconds, name in ((0, "march"), (0.5, "march"), (3600, "")):
        description["startDate"] = start / 1000 + seconds
        (tmp_path / "execution.json").write_text(json.dumps(description), encoding="utf-8")
        assert read_recording(tmp_path / "history.json").facts.name == name


def test_a_folder_that_fetch_wrote_is_its_history(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"this folder holds no history\.json and no log\.json"):
        read_recording(tmp_path)
    (tmp_path / "history.json").write_text(json.dumps({"events": EVENTS}), encoding="utf-8")
    assert read_recording(tmp_path).source == str(tmp_path / "history.json")


def test_every_event_type_of_the_api_is_read() -> None:
    """The names of the details follow the event types, with the two exceptions that the API model shows."""
    model = pytest.importorskip("botocore.session").get_session().get_service_model("stepfunctions")
    members = set(model.shape_for("HistoryEvent").members)
    for number, event_type in enumerate(model.shape_for("HistoryEventType").enum, 1):
        key = next(
            (
                name
                for name in members
                if name.lower()
                in (
                    f"{event_type.lower()}eventdetails",
                    "stateenteredeventdetails" if event_type.endswith("StateEntered") else "",
                    "stateexitedeventdetails" if event_type.endswith("StateExited") else "",
                )
            ),
            None,
        )
        event = {"id": number, "type": event_type, "timestamp": 1, **({key: {"name": "A"}} if key else {})}
        read = one(json.dumps([event])).events[0]
        assert (read.type, dict(read.details)) == (event_type, {"name": "A"} if key else {})
