"""What the Runtime API takes from a worker: bodies of a length and in chunks, within bounds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from io import BytesIO

import pytest

from sfdebug.tasks.lambdas.runtime_api import _PIECE, Ending, InvocationEvent, RuntimeApi, _RuntimeApiHandler

RESPONSE = b"POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\nHost: x\r\n"
CHUNKED = RESPONSE + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    found = RuntimeApi(lambda: None)
    found.put(InvocationEvent("1", b"{}", 0, "arn"))
    yield found
    found.close()


def sent(api: RuntimeApi, data: bytes) -> tuple[bytes, list[tuple[Ending, str]]]:
    """The answer's first line to what a worker sends before it says no more, and what came out."""
    host, _, port = api.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            first = answer.readline()
            answer.read()
    return first, [(one.ending, one.text) for one in api.outcomes]


@pytest.mark.parametrize(
    "data",
    [
        RESPONSE + b"Content-Length: 4\r\n\r\n[12]",
        CHUNKED + b"2\r\n[1\r\n2;name=value\r\n2]\r\n0\r\n\r\n",
        CHUNKED + b"04\r\n[12]\r\n0\r\n\r\n",
    ],
)
def test_a_body_of_a_length_and_one_in_chunks_are_the_same(api: RuntimeApi, data: bytes) -> None:
    first, came = sent(api, data)
    assert first.startswith(b"HTTP/1.1 202")
    assert came == [(Ending.RESULT, "[12]")]


@pytest.mark.parametrize(
    "data",
    [
        RESPONSE + b"Content-Length: -1\r\n\r\n[12]",
        RESPONSE + b"Content-Length: many\r\n\r\n[12]",
        RESPONSE + b"Content-Length: 9\r\n\r\n[12]",
        CHUNKED + b"fffffffffff\r\n[12]",
        CHUNKED + b"ffffffffffffffffffff\r\n[12]",
        CHUNKED + b"-2\r\n[12]\r\n0\r\n\r\n",
        CHUNKED + b"no\r\n[12]\r\n0\r\n\r\n",
        CHUNKED + b"4\r\n[12]\r\n",
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_has_come_out(api: RuntimeApi, data: bytes) -> None:
    first, came = sent(api, data)
    assert first.startswith(b"HTTP/1.1 400")
    assert came == []


class Pieces(BytesIO):
    """Keeps how much was asked for at once."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size >= 0
        self.most = max(self.most, size)
        return super().read(size)


def test_however_long_a_chunk_says_it_is_it_is_read_in_pieces_and_kept_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sfdebug.tasks.lambdas.runtime_api._MAX_READ", 3 * _PIECE)
    handler = _RuntimeApiHandler.__new__(_RuntimeApiHandler)
    body = b"x" * (5 * _PIECE)
    handler.rfile = data = Pieces(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
    kept, is_whole = handler._chunks()
    assert (data.most, len(kept), is_whole) == (_PIECE, 3 * _PIECE, False)
    assert data.read(1) == b"", "what is not kept is read, so that the next request begins where it does"
