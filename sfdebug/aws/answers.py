"""AWS's answers as plain JSON: what `aws stepfunctions … --output json` prints, times in UTC with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.values import Json

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_DATA: Final = frozenset({"ResponseMetadata", "nextToken"})


def plain(answer: Mapping[str, Any]) -> dict[str, Json]:
    """An answer of boto3 as JSON, without what belongs to the request: metadata and page token."""
    return {name: _plain(value) for name, value in answer.items() if name not in _NOT_DATA}


def plain_list(entries: list[Any]) -> list[dict[str, Json]]:
    """The entries of a page, each as JSON."""
    return [{name: _plain(value) for name, value in entry.items()} for entry in entries]


def _plain(value: Any) -> Json:
    if isinstance(value, datetime):
        return iso(milliseconds(value))
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    json: Json = value
    return json


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970; exact, where a float of seconds is not."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_in(answer: Mapping[str, Any], name: str) -> int | None:
    """The time in a field of an answer in milliseconds since 1970, None without it."""
    value = answer.get(name)
    return milliseconds(value) if isinstance(value, datetime) else None


def iso(moment: int) -> str:
    """`2025-01-01T00:00:00.050+00:00`, as history files have it."""
    return (_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
