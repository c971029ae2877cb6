"""What Step Functions puts beside the answers of optimized integrations: `SdkHttpMetadata` and `SdkResponseMetadata`.

Also how it writes the times in answers. Source: recorded executions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.values import Json

_JSON: Final = "application/x-amz-json-1.0"
_HEADERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "dynamodb": (
        ("Server", "Server"),
        ("Connection", "keep-alive"),
        ("x-amzn-RequestId", ""),
        ("x-amz-crc32", ""),
        ("Content-Length", "0"),
        ("Date", ""),
        ("Content-Type", _JSON),
    ),
    "sns": (
        ("x-amzn-RequestId", ""),
        ("connection", "keep-alive"),
        ("Content-Length", "0"),
        ("Date", ""),
        ("Content-Type", "text/xml"),
    ),
    "": (
        ("x-amzn-RequestId", ""),
        ("connection", "keep-alive"),
        ("Content-Length", "0"),
        ("Date", ""),
        ("Content-Type", _JSON),
    ),
}
"""The headers that are recorded of an answer, by the service, each with what it has where none was sent."""

_OWN: Final = frozenset({"server", "connection", "content-type", "x-amzn-requestid"})
"""Headers that are as recorded, whoever has answered."""

WITHOUT_METADATA: Final = frozenset({"events"})
"""Services whose optimized integration gives the answer alone (recorded)."""


def metadata(service: str, request_id: str, sent: Mapping[str, str], status: int = 200) -> dict[str, Json]:
    """`SdkHttpMetadata` and `SdkResponseMetadata`, with the headers that AWS's own answers have, from those that were
    sent, by their names in small letters."""
    known = {"x-amzn-requestid": request_id, **{name: value for name, value in sent.items() if name not in _OWN}}
    known.setdefault("date", http_date())
    headers = {name: known.get(name.lower(), otherwise) for name, otherwise in _HEADERS.get(service, _HEADERS[""])}
    everything: dict[str, Json] = {name: [value] for name, value in headers.items()}
    single: dict[str, Json] = dict(sorted(headers.items(), key=lambda item: item[0].lower()))
    return {
        "SdkHttpMetadata": {"AllHttpHeaders": everything, "HttpHeaders": single, "HttpStatusCode": status},
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def http_date(seconds: float | None = None) -> str:
    """A time, now where none is given, as HTTP writes it: `Wed, 01 Jan 2025 00:00:00 GMT`."""
    from email.utils import formatdate  # loads sockets and more, which a run without services does not need

    return formatdate(seconds, usegmt=True)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def time_in_answer(milliseconds: int, *, is_sdk: bool) -> Json:
    """A time since 1970, as an answer has it: a number in an optimized integration's, text in an SDK integration's.

    Recorded: the number; published: text with milliseconds (`2025-02-04T01:49:50.099Z`). No answer with a whole second
    is known; `2025-02-04T01:49:50Z` is how Java's Instant writes it, for it is AWS's SDK for Java that makes the calls,
    as the names of its errors tell.
    """
    if not is_sdk:
        return milliseconds
    spec = "milliseconds" if milliseconds % 1000 else "seconds"
    text = (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec=spec)
    return text.replace("+00:00", "Z")
