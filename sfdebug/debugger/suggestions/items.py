"""Offers for a Map Run: items as its ItemReader would find them, shaped so that its child executions can go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import TaskRequest

_LISTED: Json = {
    "Etag": '"0"',
    "Key": "object.json",
    "LastModified": 1_735_689_600,
    "Size": 0,
    "StorageClass": "STANDARD",
}


def read_shape(request: TaskRequest) -> dict[str, Json]:
    """An item as the reader's own configuration tells it: an entry of a listing, a row with its headers, or `{}`.

    Source: AWS Step Functions Developer Guide, "ItemReader (Map)".
    """
    if request.resource.endswith("listObjectsV2"):
        assert isinstance(_LISTED, dict)
        return dict(_LISTED)
    return dict.fromkeys(_headers(request.state), "")


def is_text(state: State) -> bool:
    """Whether all values of an item are texts, as those of a CSV file."""
    return _config(state).get("InputType") == "CSV"


def _headers(state: State) -> list[str]:
    headers = _config(state).get("CSVHeaders")
    return [header for header in headers if isinstance(header, str)] if isinstance(headers, list) else []


def _config(state: State) -> dict[str, Json]:
    reader = state.fields.get("ItemReader")
    config = reader.get("ReaderConfig") if isinstance(reader, dict) else None
    return config if isinstance(config, dict) else {}
