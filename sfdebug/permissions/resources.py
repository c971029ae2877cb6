"""The ARNs of what a Task calls, out of its arguments.

A resource is written in short, `dynamodb:R:A:table/{TableName}`: an argument that is an ARN itself is taken whole;
`{Name!part}` takes a part of it; `{Name|default}` is for one that may be absent. What is only known when the machine
runs becomes `*`. Source: Service Authorization Reference, "Resource types" of each service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.reader import has_placeholder, is_jsonata
from sfdebug.permissions.model import ANYTHING
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.permissions.model import Place

_TOKEN: Final = re.compile(r"\{([\w.*]+)(?:!(\w+))?(?:\|([^}]*))?\}")
_QUEUE: Final = re.compile(r"https?://(?:sqs\.)?([a-z0-9-]+)\.(?:queue\.)?[^/]+?(\.cn)?/(\d{12})/([^/]+)$")


class Unknown(Struct, frozen=True):
    """An argument that is computed, or holds a placeholder: its name, and what stands in its place."""

    argument: str
    text: str


class _Computed(Struct, frozen=True):
    """A value that is only known when the machine runs, and the text that computes it."""

    text: str


class CalledResources(Struct, frozen=True):
    """The ARNs that a template gives for some arguments. `is_absent`: an argument without a default is not there."""

    arns: tuple[str, ...]
    unknown: tuple[Unknown, ...] = ()
    is_absent: bool = False


def called_resources(template: str, arguments: Json, place: Place) -> CalledResources:
    """What a template of a resource is for the arguments of a Task.

    Args:
        template: A resource in short, or `*`.
        arguments: The Task's Parameters or Arguments, as written.
        place: Where the machine is.
    """
    if template == ANYTHING:
        return CalledResources((ANYTHING,))
    tokens = list(_TOKEN.finditer(template))
    unknown: list[Unknown] = []
    choices: list[tuple[str, ...]] = []
    is_absent = False
    for token in tokens:
        name, part, default = token.groups()
        given = tuple(_argument(arguments, name, unknown)) or (None,)
        is_absent = is_absent or (default is None and None in given)
        found = tuple((ANYTHING if default is None else default) if value is None else value for value in given)
        choices.append(tuple(_PARTS[part](value) if part and value != ANYTHING else value for value in found))
    arns = dict.fromkeys(_filled(template, tokens, values, place) for values in product(*choices))
    return CalledResources(tuple(arns), tuple(dict.fromkeys(unknown)), is_absent)


def _filled(template: str, tokens: list[re.Match[str]], values: tuple[str, ...], place: Place) -> str:
    text, end = "", 0
    for token, value in zip(tokens, values, strict=True):
        if value.startswith("arn:"):
            return value
        text += template[end : token.start()] + value
        end = token.end()
    return place.arn(text + template[end:])


def _argument(arguments: Json, name: str, unknown: list[Unknown]) -> Iterator[str | None]:
    """The texts at a dotted path of the arguments, `*` being each item of a list; None where there is none."""
    for value in _at(arguments, name.split(".")):
        if value is None or isinstance(value, str):
            yield value
        else:
            unknown.append(Unknown(name.replace(".*", ""), value.text))
            yield ANYTHING


def _at(value: Json, path: list[str]) -> Iterator[str | _Computed | None]:
    """The texts there, and what computes them; None where nothing is."""
    if isinstance(value, str):
        if is_jsonata(value) or has_placeholder(value):
            yield _Computed(value)
        else:
            yield None if path else value
    elif not path:
        yield _Computed("")
    elif path[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from _at(item, path[1:])
    elif isinstance(value, dict):
        computed = value.get(f"{path[0]}.$")
        if isinstance(computed, str):
            yield _Computed(computed)
        else:
            yield from _at(value[path[0]], path[1:]) if path[0] in value else (None,)
    else:
        yield None


def _executions(text: str) -> str:
    """The ARN of all executions of a state machine out of its ARN, where it is; else what stands for their names."""
    parts = text.split(":")
    if not text.startswith("arn:") or len(parts) < 7:
        return f"{text}:*"
    return ":".join([*parts[:5], "execution", parts[6], "*"])


def _function(text: str) -> str:
    """A function's name, with its qualifier, out of its name or partial ARN. Source: Lambda API, `FunctionName`."""
    return text if text.startswith("arn:") else text.rpartition(":function:")[2]


def _queue(text: str) -> str:
    """A queue's ARN out of its URL. Source: Amazon SQS Developer Guide, "Queue and message identifiers"."""
    match = _QUEUE.match(text)
    if match is None:
        return text.rstrip("/").rpartition("/")[2]
    return f"arn:aws{'-cn' if match[2] else ''}:sqs:{match[1]}:{match[3]}:{match[4]}"


def _secret(text: str) -> str:
    """A secret's ARN ends with a hyphen and six characters that its name has not."""
    return text if text.startswith("arn:") else f"{text}-??????"


def _revision(text: str) -> str:
    """A task or job definition without a revision means the newest: any of them."""
    return text if text.startswith("arn:") or ":" in text else f"{text}:*"


def _parameter(text: str) -> str:
    """A parameter's name in its ARN has no slash in front."""
    return text if text.startswith("arn:") else text.removeprefix("/")


_PARTS: Final[Mapping[str, Callable[[str], str]]] = {
    "executions": _executions,
    "function": _function,
    "queue": _queue,
    "secret": _secret,
    "revision": _revision,
    "parameter": _parameter,
}
