"""What services hold at the beginning, from a folder of files: items of tables, objects of buckets, messages, secrets.

`tables/NAME.json` is a list of items, as plain JSON or as DynamoDB writes them; all below `buckets/NAME/` are objects
by their paths; `queues/NAME.json` is a list of message bodies; `secrets/NAME` and `parameters/NAME` hold their text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfdebug.errors import UsageError
from sfdebug.files import MAX_DATASET_BYTES, MAX_MOCK_FILE_BYTES, read_file
from sfdebug.text import counted
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceClients

MAX_SECRET: Final = 65_536
"""Bytes. AWS docs, "AWS Secrets Manager quotas": a secret's value."""
MAX_PARAMETER: Final = 8_192
"""Bytes. AWS docs, "Managing parameter tiers": an advanced parameter's value."""
_TYPES: Final = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


def seed(folder: Path, clients: ServiceClients) -> tuple[str, ...]:
    """Put in what a folder holds; what that was, in words.

    Raises UsageError with the file when it cannot be read, or a service does not take it.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", where="--seed-data")
    told = [_fill_table(path, clients) for path in _files(folder / "tables", ".json")]
    told += [_fill_bucket(path, clients) for path in _listed(folder / "buckets") if path.is_dir()]
    told += [_fill_queue(path, clients) for path in _files(folder / "queues", ".json")]
    for path in _listed(folder / "secrets"):
        text = _text_in(path, MAX_SECRET)
        with _refusing(path):
            clients.client("secretsmanager").create_secret(Name=path.name, SecretString=text)
        told.append(f"the secret {path.name}")
    for path in _listed(folder / "parameters"):
        text = _text_in(path, MAX_PARAMETER)
        with _refusing(path):
            clients.client("ssm").put_parameter(Name=path.name, Value=text, Type="String", Overwrite=True)
        told.append(f"the parameter {path.name}")
    return tuple(told)


def _fill_table(path: Path, clients: ServiceClients) -> str:
    items, client = _list_in(path), clients.client("dynamodb")
    for index, item in enumerate(items):
        with _refusing(f"{path}, item {index}"):
            client.put_item(TableName=path.stem, Item=_item(item))
    return f"{counted(len(items), 'item')} into {path.stem}"


def _fill_bucket(path: Path, clients: ServiceClients) -> str:
    objects, client = sorted(each for each in path.rglob("*") if each.is_file()), clients.client("s3")
    for each in objects:
        with _refusing(each):
            client.put_object(
                Bucket=path.name, Key=each.relative_to(path).as_posix(), Body=read_file(each, MAX_DATASET_BYTES)
            )
    return f"{counted(len(objects), 'object')} into {path.name}"


def _fill_queue(path: Path, clients: ServiceClients) -> str:
    bodies, client = _list_in(path), clients.client("sqs")
    with _refusing(path):
        url = client.get_queue_url(QueueName=path.stem)["QueueUrl"]
    for index, body in enumerate(bodies):
        with _refusing(f"{path}, message {index}"):
            client.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else compact(body))
    return f"{counted(len(bodies), 'message')} into {path.stem}"


@contextmanager
def _refusing(path: Path | str) -> Iterator[None]:
    """Says of which file it is what a service refuses."""
    try:
        yield
    except Exception as error:  # boto3's errors have no base class of their own
        raise UsageError(f"the service does not take it: {error}", where=str(path)) from error


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _files(folder: Path, ending: str) -> Iterator[Path]:
    return (path for path in _listed(folder) if path.is_file() and path.suffix == ending)


def _text_in(path: Path, most: int) -> str:
    try:
        return read_file(path, most).decode("utf-8")
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror or error}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise UsageError("it is no text in UTF-8", where=str(path)) from error


def _list_in(path: Path) -> list[Any]:
    text = _text_in(path, MAX_MOCK_FILE_BYTES)
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise UsageError("it is nested too deeply", where=str(path)) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"it is no JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}") from error
    except ValueError as error:
        raise UsageError(f"it is no JSON: {error}", where=str(path)) from error
    if not isinstance(found, list):
        raise UsageError("it is no list", where=str(path), fix="Write a JSON list, with an element for each.")
    return found


def _item(item: Any) -> Any:
    """An item as DynamoDB writes it; one that is written so already stays."""
    if not isinstance(item, dict):
        return item
    if item and all(_is_typed(value) for value in item.values()):
        return item
    return {name: _attribute(value) for name, value in item.items()}


def _is_typed(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _TYPES


def _attribute(value: Any) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if isinstance(value, list):
        return {"L": [_attribute(each) for each in value]}
    if isinstance(value, dict):
        return {"M": {name: _attribute(each) for name, each in value.items()}}
    return {"S": str(value)}
