"""The functions of Terraform that need nothing but their arguments.

Source: Terraform docs, "Built-in Functions". Those that read files are in `evaluating`; those whose value differs from
run to run (`timestamp`, `uuid`) are not evaluated.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote_plus

from sfdebug.values import Json

MAX_ITEMS: Final = 10_000
_GROUP: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_VERB: Final = re.compile(r"%(?:%|([-+ 0#]*)(\d*)(?:\.(\d+))?([vdsqtfgeboxX#]))")


class Unfit(Exception):
    """Arguments that a function does not take."""


WRONG: Final = (Unfit, ValueError, TypeError, IndexError, KeyError, OverflowError, ZeroDivisionError, RecursionError)
"""What functions raise for what they do not take."""


def text(value: Json) -> str:
    """A value as Terraform writes it into a text."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | dict):
        raise Unfit("a text is needed")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def number(value: Json) -> int | float:
    """A value as a number."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        raise Unfit("a number is needed")
    if not isinstance(value, str):
        return value
    try:
        found = float(value)
    except ValueError:
        raise Unfit("a number is needed") from None
    return int(value) if re.fullmatch(r"[-+]?\d+", value) else found


def items(value: Json) -> list[Json]:
    """A list, or the values of an object in the order of its keys."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    raise Unfit("a list is needed")


def members(value: Json) -> dict[str, Json]:
    """An object."""
    if not isinstance(value, dict):
        raise Unfit("an object is needed")
    return value


def as_json(value: Json) -> str:
    """What `jsonencode` gives."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def pattern(given: str) -> re.Pattern[str]:
    """A regular expression of RE2, as far as Python's have the same."""
    try:
        return re.compile(given)
    except re.error as error:
        raise Unfit(f"this is no regular expression: {error}") from None


def expanded(match: re.Match[str], new: str) -> str:
    """What stands for a match: `$1`, `${1}` and `${name}` are groups, and nothing where there is no such group."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        try:
            return match[int(name) if name.isdecimal() else name] or ""
        except IndexError:
            return ""

    return _GROUP.sub(group, new)


def _replace(string: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return pattern(old[1:-1]).sub(lambda match: expanded(match, new), string)
    return string.replace(old, new)


def _format(form: str, *values: Json) -> str:
    waiting = list(values)

    def one(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if not waiting:
            raise Unfit("there are more verbs than values")
        value, verb = waiting.pop(0), match[4]
        if verb in "sv":
            shown = as_json(value) if isinstance(value, list | dict) else text(value)
            return ("%" + match[1].replace("0", "").replace("#", "") + match[2][:4] + "s") % shown
        if verb == "q":
            return json.dumps(text(value), ensure_ascii=False)
        if verb == "t":
            return text(value)
        sign = "d" if verb == "d" else verb
        precision = f".{match[3]}" if match[3] else ""
        amount = number(value)
        return f"%{match[1]}{match[2][:3]}{precision[:4]}{sign}" % (int(amount) if sign in "dboxX" else amount)

    return _VERB.sub(one, form)


def _substr(string: str, offset: int, length: int) -> str:
    begin = offset if offset >= 0 else max(0, len(string) + offset)
    return string[begin:] if length < 0 else string[begin : begin + length]


def _range(*limits: Json) -> list[Json]:
    numbers = [number(each) for each in limits]
    start, stop = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) > 2 else 1 if stop >= start else -1
    if not step or abs((stop - start) / step) > MAX_ITEMS:
        raise Unfit("that many items are not made here")
    found: list[Json] = []
    while (start < stop) if step > 0 else (start > stop):
        found.append(start)
        start += step
    return found


def _flatten(value: Json) -> list[Json]:
    return [each for item in items(value) for each in (_flatten(item) if isinstance(item, list) else [item])]


def distinct(values: Iterable[Json]) -> list[Json]:
    """Each value once, in the order in which they come first."""
    return list({as_json(each): each for each in values}.values())


def _set(value: Json) -> list[Json]:
    found = distinct(items(value))
    return sorted(found, key=text) if all(isinstance(each, str) for each in found) else found


def _lookup(owner: Json, key: Json, *otherwise: Json) -> Json:
    found = members(owner)
    name = text(key)
    if name in found:
        return found[name]
    if not otherwise:
        raise Unfit("it does not have this key")
    return otherwise[0]


def _element(values: Json, index: Json) -> Json:
    found = items(values)
    if not found:
        raise Unfit("the list has no items")
    return found[int(number(index)) % len(found)]


def _slice(values: Json, begin: Json, end: Json) -> list[Json]:
    return items(values)[int(number(begin)) : int(number(end))]


def _length(value: Json) -> int:
    return len(value) if isinstance(value, list | dict | str) else len(items(value))


def _contains(values: Json, wanted: Json) -> bool:
    return as_json(wanted) in map(as_json, items(values))


def _boolean(value: Json) -> bool | None:
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    if value is None:
        return None
    raise Unfit("true or false is needed")


def _first(values: tuple[Json, ...]) -> Json:
    for value in values:
        if value is not None and value != "":
            return value
    raise Unfit("none of them has a value")


def _regex(form: str, string: str) -> Json:
    match = pattern(form).search(string)
    if match is None:
        raise Unfit("nothing in the text is like it")
    if match.groupdict():
        return dict(match.groupdict())
    return list(match.groups()) if match.groups() else match[0]


def _parsed(given: str) -> Json:
    try:
        found: Json = json.loads(given)
    except (ValueError, RecursionError):
        raise Unfit("this is not JSON") from None
    return found


def _one(value: Json) -> Json:
    found = items(value)
    if len(found) > 1:
        raise Unfit("it has more than one item")
    return found[0] if found else None


def _indent(spaces: Json, string: str) -> str:
    return string.replace("\n", "\n" + " " * min(int(number(spaces)), 1000))


def _merged(values: tuple[Json, ...]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for value in values:
        if value is not None:
            found |= members(value)
    return found


def _sorted(value: Json) -> list[Json]:
    return [*sorted(text(each) for each in items(value))]


def _zip(keys: Json, values: Json) -> dict[str, Json]:
    return dict(zip((text(key) for key in items(keys)), items(values), strict=False))


def _union(values: tuple[Json, ...]) -> list[Json]:
    return _set([item for value in values for item in items(value)])


def _decoded(string: str) -> str:
    try:
        return base64.b64decode(string, validate=True).decode()
    except ValueError:
        raise Unfit("this is not Base64") from None


def _on_text(function: Callable[[str], Json]) -> Callable[..., Json]:
    return lambda value: function(text(value))


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "abs": lambda value: abs(number(value)),
    "alltrue": lambda value: all(_boolean(each) for each in items(value)),
    "anytrue": lambda value: any(_boolean(each) for each in items(value)),
    "base64decode": _on_text(_decoded),
    "base64encode": _on_text(lambda string: base64.b64encode(string.encode()).decode()),
    "basename": _on_text(lambda string: string.rstrip("/").rpartition("/")[2]),
    "ceil": lambda value: math.ceil(number(value)),
    "chomp": _on_text(lambda string: string.rstrip("\r\n")),
    "coalesce": lambda *values: _first(values),
    "coalescelist": lambda *values: _first(tuple(each for each in values if each)),
    "compact": lambda value: [each for each in items(value) if each not in (None, "")],
    "concat": lambda *values: [each for value in values for each in items(value)],
    "contains": _contains,
    "dirname": _on_text(lambda string: string.rstrip("/").rpartition("/")[0] or "."),
    "distinct": lambda value: distinct(items(value)),
    "element": _element,
    "endswith": lambda string, end: text(string).endswith(text(end)),
    "flatten": _flatten,
    "floor": lambda value: math.floor(number(value)),
    "format": lambda form, *values: _format(text(form), *values),
    "formatlist": lambda form, *values: [
        _format(text(form), *row) for row in zip(*(items(each) for each in values), strict=False)
    ],
    "indent": lambda spaces, string: _indent(spaces, text(string)),
    "index": lambda values, wanted: [as_json(each) for each in items(values)].index(as_json(wanted)),
    "join": lambda sign, *lists: text(sign).join(text(each) for value in lists for each in items(value)),
    "jsondecode": _on_text(_parsed),
    "jsonencode": as_json,
    "keys": lambda value: sorted(members(value)),
    "length": _length,
    "lookup": _lookup,
    "lower": _on_text(str.lower),
    "max": lambda *values: max(map(number, values)),
    "md5": _on_text(lambda string: hashlib.md5(string.encode(), usedforsecurity=False).hexdigest()),
    "merge": lambda *values: _merged(values),
    "min": lambda *values: min(map(number, values)),
    "nonsensitive": lambda value: value,
    "one": _one,
    "range": _range,
    "regex": lambda form, string: _regex(text(form), text(string)),
    "regexall": lambda form, string: list(pattern(text(form)).findall(text(string))),
    "replace": lambda string, old, new: _replace(text(string), text(old), text(new)),
    "reverse": lambda value: list(reversed(items(value))),
    "sensitive": lambda value: value,
    "setunion": lambda *values: _union(values),
    "sha1": _on_text(lambda string: hashlib.sha1(string.encode(), usedforsecurity=False).hexdigest()),
    "sha256": _on_text(lambda string: hashlib.sha256(string.encode()).hexdigest()),
    "slice": _slice,
    "sort": _sorted,
    "split": lambda sign, string: list(text(string).split(text(sign))) if text(sign) else list(text(string)),
    "startswith": lambda string, start: text(string).startswith(text(start)),
    "strcontains": lambda string, part: text(part) in text(string),
    "strrev": _on_text(lambda string: string[::-1]),
    "substr": lambda string, offset, length: _substr(text(string), int(number(offset)), int(number(length))),
    "sum": lambda value: sum(number(each) for each in items(value)),
    "title": _on_text(lambda string: re.sub(r"\b\w", lambda match: match[0].upper(), string)),
    "tobool": _boolean,
    "tolist": lambda value: list(items(value)),
    "tomap": members,
    "tonumber": lambda value: None if value is None else number(value),
    "toset": _set,
    "tostring": lambda value: None if value is None else text(value),
    "trim": lambda string, signs: text(string).strip(text(signs)),
    "trimprefix": lambda string, start: text(string).removeprefix(text(start)),
    "trimspace": _on_text(str.strip),
    "trimsuffix": lambda string, end: text(string).removesuffix(text(end)),
    "upper": _on_text(str.upper),
    "urlencode": _on_text(quote_plus),
    "values": items,
    "zipmap": _zip,
}
"""The functions by name. They raise Unfit, or whatever Python does, for arguments that they do not take."""
