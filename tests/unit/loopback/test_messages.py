"""Heads of HTTP as they are read: what is taken, and what is refused as two readers could take it differently."""

from __future__ import annotations

import pytest

from sfdebug.loopback.messages import (
    MOST_HEADERS,
    HttpAnswer,
    HttpRefusalError,
    read_chunk_length,
    read_head,
    written,
)

HOST = b"Host: localhost"


def head(*lines: bytes, first: bytes = b"POST / HTTP/1.1") -> bytes:
    return b"\r\n".join((first, HOST, *lines))


def refused(data: bytes) -> tuple[int, str]:
    with pytest.raises(HttpRefusalError) as caught:
        read_head(data)
    return caught.value.status, caught.value.message


def test_a_head_is_its_method_its_target_and_its_headers() -> None:
    found = read_head(head(b"X-Amz-Target:  A.B \t", b"Content-Length: 007", b"Accept: a", b"accept: b"))
    assert (found.method, found.target, found.length, found.is_last) == ("POST", "/", 7, False)
    assert found.headers == {"host": "localhost", "x-amz-target": "A.B", "content-length": "007", "accept": "a, b"}
    assert found.header("none") == ""
    assert read_head(head(b"Content-Length: 1", b"Content-Length: 1")).length == 1
    assert read_head(head().replace(b"\r", b"")).headers == {"host": "localhost"}
    assert read_head(head(b"Transfer-Encoding: Chunked")).length is None


def test_the_last_call_of_a_connection_says_so() -> None:
    assert read_head(head(b"Connection: Close")).is_last
    assert read_head(b"GET / HTTP/1.0").is_last
    assert not read_head(b"GET / HTTP/1.0\r\nConnection: keep-alive").is_last


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((b"Content-Length: 1", b"Content-Length: 2"), "one Content-Length, and not two that differ"),
        ((b"Content-Length: 1, 1",), "a number of bytes"),
        ((b"Content-Length: -1",), "a number of bytes"),
        ((b"Content-Length: +1",), "a number of bytes"),
        ((b"Content-Length: \xb2",), "a number of bytes"),
        ((b"Content-Length: 1", b"Transfer-Encoding: chunked"), "either a Content-Length or a Transfer-Encoding"),
        ((b"Host: other",), "one Host"),
        ((b"Content-Length : 1",), "no header"),
        ((b"A: b", b" folded"), "no header"),
        ((b"A: b\rC: d",), "no header"),
        ((b"A: b\x00",), "no header"),
        ((b"no colon",), "no header"),
        ((b": nothing",), "no header"),
    ],
)
def test_what_could_be_taken_in_two_ways_is_refused(lines: tuple[bytes, ...], why: str) -> None:
    status, message = refused(head(*lines))
    assert status == 400
    assert why in message


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"NONSENSE", 400),
        (b"GET /", 400),
        (b"GET  / HTTP/1.1", 400),
        (b"GET /a b HTTP/1.1", 400),
        (b"\x16\x03\x01", 400),
        (b"GET / HTTP/2.0", 505),
        (b"GET / HTTP/1.1", 400),
        (b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked", 400),
        (head(b"Transfer-Encoding: gzip, chunked"), 501),
        (head(*[b"A: b"] * MOST_HEADERS), 431),
    ],
)
def test_what_is_no_head_is_refused(data: bytes, status: int) -> None:
    assert refused(data)[0] == status


def test_a_number_without_end_is_a_length_and_no_work() -> None:
    length = read_head(head(b"Content-Length: " + b"9" * 5000)).length
    assert length is not None
    assert length > 1 << 60


def test_the_length_of_a_chunk_is_in_hexadecimal_digits() -> None:
    assert read_chunk_length(b"1aF;name=value") == 0x1AF
    for line in (b"", b"-1", b"0x1", b"1_0", b"f" * 30):
        with pytest.raises(HttpRefusalError):
            read_chunk_length(line)


def test_an_answer_is_one_piece() -> None:
    answer = HttpAnswer(413, b"body", "text/plain", (("A", "b"),))
    assert written(answer, method="POST", closes=True) == (
        b"HTTP/1.1 413 Content Too Large\r\nA: b\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n"
        b"Connection: close\r\n\r\nbody"
    ).replace(b"Content Too Large", _phrase(413))
    assert written(answer, method="HEAD", closes=False).endswith(b"Content-Length: 4\r\n\r\n")


def _phrase(status: int) -> bytes:
    from http import HTTPStatus  # Python 3.13 has other words

    return HTTPStatus(status).phrase.encode()
