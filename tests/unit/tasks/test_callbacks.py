"""What takes the answers to task tokens: what it refuses, spoken to over HTTP as AWS's clients do."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from sfdebug.engine.execution.decisions import Provenance, TaskResult
from sfdebug.tasks.callbacks import MAX_BODY, Callbacks

TARGET = {"X-Amz-Target": "AWSStepFunctions.SendTaskSuccess"}


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    found = Callbacks()
    found.expect("token")
    yield found
    found.close()


def sent(callbacks: Callbacks, headers: Mapping[str, str], body: str = "") -> tuple[int, dict[str, Any]]:
    """What a call with exactly these headers is answered."""
    connection = http.client.HTTPConnection(urlsplit(callbacks.url).netloc, timeout=30)
    connection.putrequest("POST", "/")
    for name, value in {**TARGET, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    response = connection.getresponse()
    found = response.status, json.loads(response.read())
    connection.close()
    return found


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(MAX_BODY + 1)}, 413),
        ({"Content-Length": "9" * 30}, 413),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "2", "Transfer-Encoding": "chunked"}, 400),
    ],
)
def test_a_body_without_a_bound_is_refused_unread(callbacks: Callbacks, headers: dict[str, str], status: int) -> None:
    found, answer = sent(callbacks, headers)
    assert found == status
    assert answer["__type"].endswith("#ValidationException")
    assert callbacks.take_sent("token") is None


def test_an_answer_longer_than_aws_takes_is_refused_as_aws_does(callbacks: Callbacks) -> None:
    def send(output: str) -> tuple[int, dict[str, Any]]:
        body = json.dumps({"taskToken": "token", "output": output})
        return sent(callbacks, {"Content-Length": str(len(body))}, body)

    longest = json.dumps("x" * 262_142)
    status, answer = send(f"{longest} ")
    assert status == 400
    assert answer["__type"].endswith("#ValidationException")
    assert "'output' failed to satisfy constraint" in answer["message"]
    assert send(longest) == (200, {})
    sent_token = callbacks.take_sent("token")
    assert sent_token is not None
    assert sent_token.output == longest


def test_a_token_is_waited_for_until_what_was_sent_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.callbacks.MOST_ENDED", 2)
    callbacks = Callbacks()
    success = {"output": "{}"}
    refusals = {"never": "InvalidToken"}
    for token in ("a", "b", "c"):
        callbacks.expect(token)
        assert callbacks.take_sent(token) is None
        assert callbacks.take("SendTaskSuccess", {"taskToken": token, **success}) == (200, {})
        again, _ = callbacks.take("SendTaskSuccess", {"taskToken": token, **success})
        assert again == 400, "it was answered, and nobody has taken that yet"
        found = callbacks.take_sent(token)
        assert found is not None
        assert (found.is_failure, found.output) == (False, "{}")
    refusals |= {"a": "InvalidToken", "b": "TaskTimedOut", "c": "TaskTimedOut"}
    for token, kind in refusals.items():
        _, body = callbacks.take("SendTaskHeartbeat", {"taskToken": token})
        assert body["__type"].endswith(f"#{kind}"), token
    callbacks.expect("b")  # it is called again
    assert callbacks.take("SendTaskHeartbeat", {"taskToken": "b"}) == (200, {})


def test_the_time_until_the_answer_came_is_that_of_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("sfdebug.tasks.callbacks.monotonic", lambda: now[0])
    callbacks = Callbacks()
    callbacks.expect("token")
    now[0] += 7.5
    assert callbacks.take("SendTaskSuccess", {"taskToken": "token", "output": "1"}) == (200, {})
    found = callbacks.take_sent("token")
    assert found is not None
    assert found.answer(0.2, Provenance.SERVICE) == TaskResult(1, 7.5, Provenance.SERVICE)
