"""Phrases for JSON values, paths and payload templates: the building blocks of the plain sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.expressions.jsonata.expression import is_jsonata_string, jsonata_text
from sfdebug.text import counted
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import Fault

_MOST_NAMED: Final = 3
_LONGEST_TEXT: Final = 40
_STEP: Final = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']*)'\]")


def noun(value: Value) -> str:
    """A value as the object of a sentence: "an object with the key total", "a list of 3 items", "42"."""
    if isinstance(value, dict):
        keys = "key" if len(value) == 1 else "keys"
        return f"an object with the {keys} {listed(list(value))}" if value else "an empty object"
    if isinstance(value, list):
        return counted(len(value), "item", "a list of {}") if value else "an empty list"
    if isinstance(value, str):
        shown = value if len(value) <= _LONGEST_TEXT else f"{value[: _LONGEST_TEXT - 1]}…"
        return f"the text {compact(shown)}" if value else "an empty text"
    return compact(value) if is_present(value) else "nothing"


_UNCLEAR: Final = re.compile(r'^\s|\s$|[,;:"]|[?!.…]$')
"""What makes a name hard to tell from the sentence around it: punctuation at its end, or that of a sentence within."""


def named(name: str) -> str:
    """A state's name in a sentence: quoted where it would read as part of it, as in `"Paid?" goes on to Ship`."""
    return f'"{name}"' if not name or _UNCLEAR.search(name) else name


def listed(names: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Names in a row: "a", "a and b", "a, b, c and 4 more"."""
    shown = list(names[:most])
    rest = len(names) - len(shown)
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def quoted(expression: Value) -> str:
    """An expression as written, in backquotes; JSON's null is the word null."""
    if expression is None or not is_present(expression):
        return "null"
    return f"`{expression}`" if isinstance(expression, str) else f"`{compact(expression)}`"


def simple_path(text: str) -> list[str] | None:
    """The keys of a path that only names keys (`$.order.total` gives order, total); None for any other path."""
    if not text.startswith("$"):
        return None
    keys, position = [], 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return None
        keys.append(match.group(1) if match.group(1) is not None else match.group(2))
        position = match.end()
    return keys


def kept_by(text: str) -> str:
    """What a path keeps: "the order", "the total of the order", "what it selects"."""
    keys = simple_path(text)
    if not keys:
        return "what it selects"
    return " of ".join(f"the {key}" for key in reversed(keys[-2:]))


def lost_by(text: str, before: Value) -> list[str]:
    """The top-level keys of `before` that a path leaves behind."""
    keys = simple_path(text)
    if not isinstance(before, dict) or not keys:
        return []
    return [key for key in before if key != keys[0]]


def are(names: Sequence[str]) -> str:
    """The verb for so many subjects."""
    return "is" if len(names) == 1 else "are"


def template_parts(template: Json) -> list[str]:
    """Where each key of a payload template comes from: "amount from `$.total`", "note as written"."""
    if not isinstance(template, dict):
        return []
    return [_part(key, value) for key, value in template.items()]


def _part(key: str, value: Json) -> str:
    if not key.endswith(".$"):
        return f"{key} built from parts" if _has_paths(value) else f"{key} as written"
    name, text = key[:-2], str(value)
    if text.startswith("States."):
        return f"{name} computed by {text.split('(', 1)[0]}"
    if text.startswith("$$"):
        return f"{name} from `{text}` in the Context object"
    return f"{name} from `{text}`"


def _has_paths(value: Json) -> bool:
    if isinstance(value, dict):
        return any(key.endswith(".$") or _has_paths(content) for key, content in value.items())
    return isinstance(value, list) and any(_has_paths(item) for item in value)


def jsonata_parts(template: Json) -> list[str]:
    """Where each key of a JSONata template comes from: "amount from `$states.input.total`", "note as written"."""
    if not isinstance(template, dict):
        return []
    return [_jsonata_part(key, value) for key, value in template.items()]


def _jsonata_part(key: str, value: Json) -> str:
    if isinstance(value, str) and is_jsonata_string(value):
        return f"{key} from `{_shortened(jsonata_text(value))}`"
    return f"{key} built from parts" if _has_jsonata(value) else f"{key} as written"


def _has_jsonata(value: Json) -> bool:
    if isinstance(value, str):
        return is_jsonata_string(value)
    if isinstance(value, dict):
        return any(map(_has_jsonata, value.values()))
    return isinstance(value, list) and any(map(_has_jsonata, value))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1]}…"


def dataset_location(arguments: Value) -> str:
    """Where an ItemReader reads, from what its Resource is called with: `s3://bucket/key`; "" when it is not said."""
    if not isinstance(arguments, dict):
        return ""
    bucket = arguments.get("Bucket")
    if not isinstance(bucket, str):
        return ""
    rest = arguments.get("Key", arguments.get("Prefix", ""))
    return f"s3://{bucket}/{rest}" if isinstance(rest, str) else f"s3://{bucket}"


def fault_name(fault: Fault | None) -> str:
    """The name of a fault."""
    return fault.error if fault is not None and fault.error else "an error without a name"


def fault_with_cause(fault: Fault | None) -> str:
    """A fault with its cause, as the end of a sentence without its full stop."""
    cause = (fault.cause or "").strip().rstrip(".") if fault is not None else ""
    return f"{fault_name(fault)}: {cause}" if cause else fault_name(fault)
