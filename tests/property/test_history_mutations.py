"""10,000 damaged history files: what can be read is followed, and nothing ends in a traceback."""

from __future__ import annotations

import gzip
import json
import random
import re
from typing import Any, Final

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine import Program
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import SfdebugError
from sfdebug.history.alignment.alignment import align
from sfdebug.history.comparison import compare_recordings
from sfdebug.history.mocks import mock_config
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import Recording
from sfdebug.history.verification.verdict import verify
from sfdebug.reports.result import log_record
from sfdebug.reports.verification import verification_lines
from tests.history_runs import read_back, recorded, run_in_any_order

FILES: Final = 5_000
CHUNKS: Final = 20
_TASK: Final[dict[str, Any]] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
DEFINITION: Final[dict[str, Any]] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Call", "States": {"Call": {**_TASK, "Retry": [{"ErrorEquals": ["E"]}], "End": True}}},
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemsPath": "$.items",
                            "ItemProcessor": {
                                "StartAt": "Nap",
                                "States": {"Nap": {"Type": "Wait", "Seconds": 1, "End": True}},
                            },
                            "End": True,
                        }
                    },
                },
            ],
            "End": True,
        }
    },
}


def _answers(request: TaskRequest) -> Answer:
    return TaskFailure("E", "c") if request.attempt == 1 else TaskResult({"r": "é"})


EVENTS: Final = recorded(DEFINITION, {"items": [1, 2]}, _answers, order=1)
_ARN: Final = "arn:aws:states:eu-west-1:111122223333:express:M:n:1"
_RUN: Final = run_in_any_order(DEFINITION, {"items": [1]}, _answers, execution_type="EXPRESS")
BASES: Final = [
    json.dumps({"events": EVENTS}, indent=1).encode(),
    json.dumps(EVENTS).encode(),
    "\n".join(json.dumps(log_record(event, _ARN)) for event in _RUN.events).encode(),
    b"timestamp,message\n"
    + "\n".join(
        '1,"{}"'.format(json.dumps(log_record(event, _ARN)).replace('"', '""')) for event in _RUN.events
    ).encode(),
]
TOKENS: Final = [
    b"null", b"-1", b"1e999", b"0", b'""', b"[]", b"{}", b"true", b"99999999999", b'"id"', b'{"events":[', b'"Map"',
    b"\\u0000", b"NaN", b'"previousEventId": 3,', b'"TaskFailed"', b'"MapIterationStarted"', b'"ExecutionRedriven"',
    b'"truncated": true', b'"MapRunStarted"', b"[[[[[[[[", b"\xff",
]  # fmt: skip
PROGRAM: Final = Program(definition_from(DEFINITION))
GOOD: Final = read_back(EVENTS)


def damaged(draw: random.Random) -> bytes:
    """One of the files with a few things done to it."""
    data = bytearray(draw.choice(BASES))
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(data) or 1)
        end = min(len(data), start + draw.choice([1, 1, 2, 10, 100, 1000]))
        kind = draw.randrange(8)
        if kind == 0:
            data[start:end] = bytes([draw.randrange(256)])
        elif kind == 1:
            del data[start:end]
        elif kind == 2:
            data[start:start] = data[start:end]
        elif kind == 3 and draw.random() < 0.5:
            del data[start:]
        elif kind == 4:
            data[start:end] = draw.choice(TOKENS)
        elif kind == 5:
            _change(data, draw, rb"\d+", str(draw.choice([0, 1, 2, 3, 5, 8, 13, 21, 10**20])).encode())
        elif kind == 6:
            _change(data, draw, rb'(?<="type": ")\w+', draw.choice(EVENTS)["type"].encode())
        else:
            _change(data, draw, rb'(?<="name": ")\w+', draw.choice([b"Call", b"Each", b"Nap", b"", b"Other"]))
    whole = bytes(data)
    return gzip.compress(whole, 1)[: draw.randrange(1, 3_000)] if draw.random() < 0.05 else whole


def _change(data: bytearray, draw: random.Random, pattern: bytes, by: bytes) -> None:
    found = list(re.finditer(pattern, bytes(data)))
    if found:
        match = draw.choice(found)
        data[match.start() : match.end()] = by


def use(recording: Recording, *, thorough: bool) -> None:
    """What is done with a recording, `thorough` all of it. Only SfdebugError may come of it."""
    alignment = align(recording)
    for visit in alignment.visits:
        assert [attempt.answer for attempt in visit.attempts] or visit.previous != visit.number
    assert len(alignment.branches) == len(recording.events)
    try:
        reconstruct(alignment)
    except SfdebugError as error:
        assert str(error)
    if thorough:
        verification_lines(verify(PROGRAM, recording), all_differences=True)
        compare_recordings(GOOD, recording)
        mock_config({"case": recording}, "M")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_damaged_files(chunk: int) -> None:
    for number in range(chunk * FILES // CHUNKS, (chunk + 1) * FILES // CHUNKS):
        data = damaged(random.Random(number))
        try:
            recordings = parse_recordings(data, "h.json")
        except SfdebugError as error:
            assert "h.json" in str(error)
            continue
        for recording in recordings[:3]:
            use(recording, thorough=number % 4 == 0)
