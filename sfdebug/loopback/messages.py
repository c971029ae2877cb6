"""The messages of HTTP/1.1: the head of a request, read strictly, and the bytes of an answer.

What two readers could take differently is refused, as it is what smuggles one call into another: lengths that differ,
a length beside a Transfer-Encoding, two hosts, spaces before a colon, lines that are folded. Source: RFC 9112.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from sfdebug.errors import SfdebugError

MOST_HEADERS: Final = 100
"""Lines of a head."""

_REQUEST_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([!-~\x80-\xff]+) HTTP/([0-9])\.([0-9])")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
_MOST_DIGITS: Final = 19
_REASONS: Final = {each.value: each.phrase for each in HTTPStatus}


class HttpRefusalError(SfdebugError):
    """A request is not taken.

    Attributes:
        status: That of HTTP.
        message: Why, in a sentence.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class HttpRequestHead(Struct, frozen=True):
    """The head of a request.

    `headers` go by their names in small letters; one that stands more than once has its values in one text, with
    commas. `length` is that of the body, None for one that comes in chunks.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    length: int | None
    is_last: bool
    """Whether the client wants the connection closed behind the answer."""

    def header(self, name: str) -> str:
        """The value of a header, "" where there is none. `name` is in small letters."""
        return self.headers.get(name, "")


class HttpAnswer(Struct, frozen=True):
    """What is answered: `kind` is the type of the body, `closes` whether the connection ends behind it."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    closes: bool = False


def read_head(data: bytes) -> HttpRequestHead:
    """A head, without the empty line that ends it.

    Raises HttpRefusalError for what is no head of HTTP/1.0 or 1.1, or could be taken in two ways.
    """
    lines = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    if len(lines) > MOST_HEADERS + 1:
        raise HttpRefusalError(431, f"a call has {MOST_HEADERS} headers at most")
    found = _REQUEST_LINE.fullmatch(lines[0])
    if found is None:
        raise HttpRefusalError(400, "this is no call of HTTP")
    if found[3] != b"1":
        raise HttpRefusalError(505, "HTTP/1.1 is spoken here")
    is_old = found[4] == b"0"
    headers: dict[str, str] = {}
    for line in lines[1:]:
        pair = _HEADER.fullmatch(line)
        if pair is None:
            raise HttpRefusalError(400, "a line of the head is no header")
        name, value = pair[1].decode().lower(), pair[2].decode("latin-1").rstrip(" \t")
        if name in headers:
            value = _together(name, headers[name], value)
        headers[name] = value
    if not is_old and "host" not in headers:
        raise HttpRefusalError(400, "a call of HTTP/1.1 names a Host")
    connection = headers.get("connection", "").lower()
    is_last = "close" in connection or (is_old and "keep-alive" not in connection)
    return HttpRequestHead(found[1].decode(), found[2].decode("latin-1"), headers, _length(headers, is_old), is_last)


def _together(name: str, first: str, second: str) -> str:
    """The value of a header that stands twice. Raises HttpRefusalError where that has no meaning."""
    if name == "content-length":
        if first != second:
            raise HttpRefusalError(400, "a call has one Content-Length, and not two that differ")
        return first
    if name == "host":
        raise HttpRefusalError(400, "a call names one Host")
    return f"{first}, {second}"


def _length(headers: Mapping[str, str], is_old: bool) -> int | None:
    coding, given = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is None:
        if given is None:
            return 0
        if not (given.isascii() and given.isdecimal()):
            raise HttpRefusalError(400, "the Content-Length of a call is a number of bytes")
        return int(given) if len(given) <= _MOST_DIGITS else 10**_MOST_DIGITS
    if given is not None or is_old:
        raise HttpRefusalError(400, "a call has either a Content-Length or a Transfer-Encoding, of HTTP/1.1")
    if coding.lower() != "chunked":
        raise HttpRefusalError(501, "a Transfer-Encoding is chunked here, and nothing else")
    return None


def read_chunk_length(line: bytes) -> int:
    """The length in the line before a chunk. Raises HttpRefusalError."""
    digits = line.partition(b";")[0].strip()
    if not 0 < len(digits) < _MOST_DIGITS or any(each not in b"0123456789abcdefABCDEF" for each in digits):
        raise HttpRefusalError(400, "the line before a chunk is its length")
    return int(digits, 16)


def written(answer: HttpAnswer, *, method: str, closes: bool) -> bytes:
    """An answer as it goes over the wire, in one piece: head and body apart cost 45 ms, by Nagle's algorithm and
    delayed acknowledgements. That to HEAD has no body."""
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Error')}",
        *(f"{name}: {value}" for name, value in answer.headers),
        f"Content-Type: {answer.kind}",
        f"Content-Length: {len(answer.body)}",
    ]
    if closes:
        lines.append("Connection: close")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    return head if method == "HEAD" else head + answer.body
