"""`replay` and `verify` in one call: whatever stands for a history, and a verdict that can be raised."""

from __future__ import annotations

import copy
import gzip
import json
import math
import os
import pickle
from collections import UserDict, UserList, deque
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import sfdebug
from sfdebug.history.recording import RecordingError
from sfdebug.replayer import ReplayDifferenceError, VerificationError, recordings, replay, verify
from tests.history_runs import recorded

DEFINITION = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:price", "Next": "Pause"},
        "Pause": {"Type": "Wait", "Seconds": 10, "Next": "Done"},
        "Done": {"Type": "Pass", "Result": 7, "End": True},
    },
}
EVENTS = recorded(DEFINITION, {"amount": 5})
TEXT = json.dumps({"events": EVENTS})


def changed(**fields: Any) -> dict[str, Any]:
    """The definition with fields of its last state replaced."""
    found = copy.deepcopy(DEFINITION)
    found["States"]["Done"] |= fields  # type: ignore[index]
    return found


def as_boto3(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as boto3 returns them: with datetimes."""
    return [event | {"timestamp": datetime.fromisoformat(event["timestamp"])} for event in events]


@pytest.mark.parametrize(
    "history",
    [
        TEXT,
        TEXT.encode(),
        gzip.compress(TEXT.encode()),
        "\n".join(map(json.dumps, EVENTS)),
        EVENTS,
        {"events": EVENTS},
        {"events": as_boto3(EVENTS), "ResponseMetadata": {}},
        as_boto3(EVENTS),
        recordings(EVENTS)[0],
        UserDict(events=EVENTS),
        UserList(EVENTS),
        deque(MappingProxyType(event) for event in EVENTS),
    ],
    ids=["text", "bytes", "gzip", "lines", "events", "answer", "boto3's answer", "boto3's events", "recording",
         "mapping", "sequence", "sequence of mappings"],
)  # fmt: skip
def test_whatever_stands_for_a_history(history: Any) -> None:
    assert replay(DEFINITION, history).is_identical
    assert verify(DEFINITION, history).status == "identical"


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_or_the_folder_that_fetch_wrote(kind: type, tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text(TEXT)
    for path in (tmp_path, tmp_path / "history.json"):
        found = verify(DEFINITION, kind(path))
        assert (found.status, Path(found.history).name) == ("identical", "history.json")


def test_a_replay_says_what_differs_and_goes_on_with_what_was_computed() -> None:
    run = replay(changed(Result=8), EVENTS)
    assert not run.is_identical
    assert run.execution.output == 8
    assert {difference.field for difference in run.differences} == {"output"}
    assert replay(DEFINITION, EVENTS, input={"amount": 6}).execution.status == "SUCCEEDED"


def test_a_verdict_is_returned_or_raised() -> None:
    found = verify(changed(Result=8), EVENTS)
    assert found.status == "diverges"
    with pytest.raises(VerificationError, match="the execution diverges: event ") as raised:
        verify(changed(Result=8), EVENTS, raise_on_failure=True)
    assert raised.value.verification == found
    assert pickle.loads(pickle.dumps(raised.value)).verification == found
    assert verify(DEFINITION, EVENTS, raise_on_failure=True).status == "identical"


def test_what_is_not_known_is_not_verified() -> None:
    with pytest.raises(VerificationError, match="the execution is partial: it is recorded up to event"):
        verify(DEFINITION, EVENTS[:-2], raise_on_failure=True)
    without_data = [{key: value for key, value in event.items() if not key.endswith("Details")} for event in EVENTS]
    assert verify(DEFINITION, without_data).status == "not verified"


def test_rules() -> None:
    slower = changed()
    slower["States"]["Pause"]["Seconds"] = 14
    assert verify(slower, EVENTS).status == "diverges"
    assert verify(slower, EVENTS, ignore=["timestamps"]).status == "identical"
    assert verify(slower, EVENTS, tolerance=4).status == "identical"
    renamed = json.loads(json.dumps(DEFINITION).replace('"Done"', '"Finished"'))
    assert verify(renamed, EVENTS).status == "diverges"
    assert verify(renamed, EVENTS, same_effects=True, raise_on_failure=True).status == "same effects"
    with pytest.raises(sfdebug.UsageError):
        verify(DEFINITION, EVENTS, tolerance=-1)
    with pytest.raises(sfdebug.UsageError):
        verify(DEFINITION, EVENTS, ignore=["colour"])


def test_one_of_several_executions() -> None:
    name = "arn:aws:states:eu-west-1:123456789012:express:Orders:run-%d:x"
    records = [
        {"execution_arn": name % number, **event, "details": details(event)} for number in (1, 2) for event in EVENTS
    ]
    lines = "\n".join(map(json.dumps, records))
    assert len(recordings(lines)) == 2
    with pytest.raises(RecordingError, match=r"holds 2 executions(?s:.*)Say which one: execution=NAME"):
        replay(DEFINITION, lines)
    assert replay(DEFINITION, lines, execution="run-1").recording.facts.name == "run-1"


def details(event: dict[str, Any]) -> Any:
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def test_what_is_no_history_is_told() -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        recordings("nowhere.json")
    with pytest.raises(RecordingError):
        recordings({"StartAt": "A"})
    with pytest.raises(sfdebug.UsageError, match="holds no timedelta"):
        recordings([{"timestamp": timedelta(1)}])


class BytesPath(os.PathLike[bytes]):
    def __fspath__(self) -> bytes:
        return b"nowhere.json"


def endless() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(100_000):
        found = [found]
    return found


@pytest.mark.parametrize("tolerance", [math.nan, math.inf, 1e308, -1, "1", True])
def test_a_tolerance_is_a_number_of_seconds(tolerance: Any) -> None:
    with pytest.raises(sfdebug.UsageError, match="is no number of seconds to tolerate\n  Give 0"):
        verify(DEFINITION, EVENTS, tolerance=tolerance)


@pytest.mark.parametrize("ignore", [[1], None, [[]], "timestamps"])
def test_what_to_ignore_is_a_list_of_names(ignore: Any) -> None:
    with pytest.raises(sfdebug.UsageError, match="what to ignore is a list of names"):
        verify(DEFINITION, EVENTS, ignore=ignore)


@pytest.mark.parametrize("input", [{1}, object(), math.nan])
def test_an_input_is_refused_as_when_it_is_simulated(input: Any) -> None:
    with pytest.raises(sfdebug.InputError):
        replay(DEFINITION, EVENTS, input=input)


@pytest.mark.parametrize("history", [None, 1, {1}, [{b"a": 1}], [{(1, 2): 1}], [b"x"], [recordings(EVENTS)[0]]])
def test_values_that_are_no_history(history: Any) -> None:
    with pytest.raises(sfdebug.UsageError, match="\n  Give "):
        recordings(history)


def test_histories_that_cannot_be_read() -> None:
    with pytest.raises(RecordingError, match="holds itself"):
        recordings(endless())
    with pytest.raises(RecordingError, match="nested deeper"):
        recordings(deep())
    with pytest.raises(RecordingError, match=r"nowhere\.json"):
        recordings(BytesPath())  # type: ignore[arg-type]
    with pytest.raises(RecordingError, match="names something in AWS, and a file is needed\n  sfdebug fetch"):
        recordings("arn:aws:states:eu-west-1:123456789012:execution:Orders:run-1")


def test_a_difference_without_an_explanation_is_told_in_values() -> None:
    renamed = json.loads(json.dumps(DEFINITION).replace('"Price"', '"Cost"'))
    with pytest.raises(VerificationError, match=r"event 2: recorded .*, computed ") as raised:
        verify(renamed, EVENTS, raise_on_failure=True)
    assert raised.value.fix


def test_a_replay_that_goes_otherwise_is_raised_where_that_is_asked_for() -> None:
    assert replay(DEFINITION, EVENTS, raise_on_difference=True).differences == ()
    assert len(replay(changed(Result=8), EVENTS).differences) > 1
    with pytest.raises(ReplayDifferenceError, match="recorded output has 7 at") as raised:
        replay(changed(Result=8), EVENTS, raise_on_difference=True)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.differences) == (str(raised.value), raised.value.differences)
