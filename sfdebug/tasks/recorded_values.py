"""Reading the fields of recorded events, as GetExecutionHistory gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sfdebug.engine.events import details_key
from sfdebug.values import Json, Value


def details_of(event: Mapping[str, Json]) -> Mapping[str, Json]:
    """The details of an event, empty when its type has none."""
    details = event.get(details_key(str(event["type"])) or "")
    return details if isinstance(details, dict) else {}


def payload_of(value: Value) -> Value:
    """The value of a payload field, which holds JSON text."""
    return json.loads(value) if isinstance(value, str) else value


def text_of(value: Json) -> str | None:
    """A text field, None when it is not there."""
    return value if isinstance(value, str) else None
