"""EventBridge, as far as it starts state machines: PutEvents and TestEventPattern at the same address.

Source: EventBridge API, PutEvents and TestEventPattern; the words are those of recorded answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.reading import EventPatternError, read_pattern
from sfdebug.server.errors import ApiRefusalError, ErrorType, validation
from sfdebug.server.requests import read_request

if TYPE_CHECKING:
    from sfdebug.hosting.triggers.book import EntryResult
    from sfdebug.values import Json

EVENTS_TARGET: Final = "AWSEvents"
"""What stands in X-Amz-Target before the operation. Source: botocore's model, targetPrefix."""

SERVICE: Final = "events"
"""What botocore calls it."""

MAX_ENTRIES_BYTES: Final = 1024 * 1024
"""Of one call. Source: EventBridge API, PutEvents."""

_TIME_BYTES: Final = 14
"""Of an entry with a Time. Source: EventBridge User Guide, "Calculating PutEvents event entry size"."""
_NEEDED: Final = ("id", "account", "source", "time", "region", "detail-type")
"""Fields without which AWS takes no event to test a pattern with."""


class EventBridgeApi:
    """Answers calls of EventBridge. `put_entries` takes events; None where nothing that is served waits for any."""

    def __init__(self, put_entries: Callable[[Sequence[Mapping[str, Any]]], list[EntryResult]] | None = None) -> None:
        self._put_entries = put_entries

    def answer(self, name: str, body: bytes) -> dict[str, Json]:
        """The answer to a call. Raises ApiRefusalError."""
        if name == "PutEvents":
            return self._put_events(read_request(name, body, SERVICE))
        if name == "TestEventPattern":
            return _test_event_pattern(read_request(name, body, SERVICE))
        what = (
            f"sfdebug serves PutEvents and TestEventPattern of EventBridge, and not {name[:100]!r}: rules are those of "
            "the project"
        )
        raise ApiRefusalError(ErrorType.UNKNOWN_OPERATION, what)

    def _put_events(self, members: Mapping[str, Any]) -> dict[str, Json]:
        entries = members["Entries"]
        if self._put_entries is None:
            what = "no rule of what is served starts a state machine: events that are put here would lead nowhere"
            raise ApiRefusalError(ErrorType.NO_LOCAL_SERVICE, what)
        if sum(map(_size, entries)) > MAX_ENTRIES_BYTES:
            raise validation("Total size of the entries in the request is over the limit.")
        try:
            results = self._put_entries(entries)
        except SfdebugError as error:  # services on this machine that have gone
            raise ApiRefusalError(ErrorType.INTERNAL_FAILURE, error.what, 500) from error
        told: list[Json] = [
            {"EventId": each.event_id} if each.event_id else {"ErrorCode": each.code, "ErrorMessage": each.message}
            for each in results
        ]
        return {"FailedEntryCount": sum(not each.event_id for each in results), "Entries": told}


def _size(entry: Mapping[str, Any]) -> int:
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")]
    texts += entry.get("Resources") or []
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + (_TIME_BYTES if entry.get("Time") is not None else 0)


def _test_event_pattern(members: Mapping[str, Any]) -> dict[str, Json]:
    try:
        event = json.loads(members["Event"])
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict) or any(name not in event for name in _NEEDED):
        raise validation("Parameter Event is not valid.")
    try:
        pattern = read_pattern(members["EventPattern"])
    except EventPatternError as error:
        raise ApiRefusalError(ErrorType.INVALID_EVENT_PATTERN, error.what) from None
    return {"Result": pattern.matches(event)}
