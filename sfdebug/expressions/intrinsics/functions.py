"""The intrinsic functions themselves, on JSON values.

Source: States Language specification, Appendix B, and AWS docs "Intrinsics for JSONPath workflows". Where AWS was
measured to do otherwise, it is followed and the function says so.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.expressions.java import JavaRandom, hash_set_order, java_text, json_text
from sfdebug.text import counted
from sfdebug.values import Json, kind

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy

MAX_TEXT: Final = 10_000
"""Longest text that Base64Encode, Base64Decode and Hash take, in characters. AWS docs, as above."""

_SHORT_TEMPLATE: Final = 1_000
"""Longest template that is kept as it was read, in characters."""

_MAX_RANGE: Final = 1_000
"""Most numbers that ArrayRange makes. AWS docs, as above."""

_INT_RANGE: Final = range(-(2**31), 2**31)
_HASHES: Final = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_PLACEHOLDER: Final = re.compile(r"\\([{}'\\])|\{\}|([{}])|[^\\{}]+|\\", re.DOTALL)
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]+")

_Apply: TypeAlias = "Callable[[Sequence[Json], Entropy | None], Json]"


class Refusal(Exception):
    """A function does not take these arguments: `why` in our words, `cause` in AWS's ("" for its usual ones)."""

    def __init__(self, why: str, *, cause: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.cause = cause


class IntrinsicFunction(Struct, frozen=True, gc=False):
    """An intrinsic function: how it is called, how many arguments it takes (`most` None: any number), what it does.

    `gives_text` says that it can give a string, which ErrorPath and CausePath want.
    """

    usage: str
    least: int
    most: int | None
    apply: _Apply
    gives_text: bool = False

    def takes(self, count: int) -> bool:
        """Whether it can be called with `count` arguments."""
        return self.least <= count and (self.most is None or count <= self.most)

    @property
    def arity(self) -> str:
        """How many arguments it takes, in words."""
        if self.most is None:
            return f"{self.least} or more arguments"
        if self.least != self.most:
            return f"{self.least} to {self.most} arguments"
        return counted(self.least, "argument") if self.least else "no arguments"


def _format(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Recorded: null prints as null, 1.1 as 1.1, an object as {Arg1=1, Arg2=[]}.
    template, values = _text(arguments[0]), arguments[1:]
    read = _template_pieces if len(template) <= _SHORT_TEMPLATE else _template_pieces.__wrapped__
    pieces = read(template)
    if pieces.count(None) != len(values):
        why = "number of arguments do not match the occurrences of {}."
        raise Refusal(why, cause=f"Invalid arguments in States.Format: {why}")
    rest = iter(values)
    return "".join([java_text(next(rest)) if piece is None else piece for piece in pieces])


@lru_cache(maxsize=256)
def _template_pieces(template: str) -> list[str | None]:
    """The texts of a States.Format template, None where an argument stands. Raises Refusal for a brace alone."""
    pieces: list[str | None] = []
    for match in _PLACEHOLDER.finditer(template):
        escaped, brace = match.groups()
        if brace:
            why = f"matching '{'}' if brace == '{' else '{'}' not found for '{brace}'."
            raise Refusal(why, cause=f"Invalid template in States.Format: {why}")
        pieces.append(None if match[0] == "{}" else escaped or match[0])
    return pieces


def _string_to_json(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Recorded: an empty or blank string gives null.
    text = _text(arguments[0])
    if not text.strip():
        return None
    try:
        value: Json = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        cause = "Cannot convert String to Json in States.StringToJson"  # AWS goes on with the words of its parser
        raise Refusal("the string is not JSON", cause=cause) from None
    return value


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _json_to_string(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    return json_text(arguments[0])


def _array(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    return list(arguments)


def _array_partition(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    items, size = _items(arguments[0]), _whole(arguments[1])
    if size < 1:
        raise Refusal("the chunk size must be at least 1")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _array_contains(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Measured: "true" is found for true and "1" for 1, and an object with its keys in another order is not found:
    # AWS compares what the values print as.
    wanted = java_text(arguments[1])
    return any(java_text(item) == wanted for item in _items(arguments[0]))


def _array_range(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    first, last, step = (_whole(argument) for argument in arguments)
    if step == 0:
        raise Refusal("the step must not be 0")
    count = max(0, (last - first) // step + 1)
    if count > _MAX_RANGE:
        raise Refusal(f"the range has {count} numbers, the most is {_MAX_RANGE}")
    return [first + step * index for index in range(count)]


def _array_get_item(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Measured: a fraction of the index is cut off, and an empty array gives null for any index.
    items, index = _items(arguments[0]), _whole(arguments[1])
    if not items:
        return None
    if not 0 <= index < len(items):
        raise Refusal(f"the index {index} is outside the array of {len(items)} items")
    return items[index]


def _array_length(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    return len(_items(arguments[0]))


def _array_unique(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    return hash_set_order(_items(arguments[0]))


def _base64_encode(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    return base64.b64encode(_utf8(_short(_text(arguments[0])))).decode("ascii")


def _base64_decode(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Measured: "!!!invalid!!!", "abc", "ab==cd" and surrounding blanks are decoded all the same: what is not in the
    # alphabet is passed over, padding ends the text, and bits that make no whole byte are dropped.
    text = _NOT_BASE64.sub("", _short(_text(arguments[0])).partition("=")[0])
    text = text[:-1] if len(text) % 4 == 1 else text
    return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")


def _hash(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Measured: data that is not a string is hashed as what it prints as.
    data, algorithm = _short(java_text(arguments[0])), _text(arguments[1])
    if algorithm not in _HASHES:
        raise Refusal(f"the algorithm must be one of {', '.join(_HASHES)}")
    import hashlib  # here: it loads OpenSSL, which but one function needs

    return hashlib.new(_HASHES[algorithm], _utf8(data), usedforsecurity=False).hexdigest()


def _json_merge(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Measured: a third argument that is not a boolean counts as false.
    left, right, deep = arguments
    if not isinstance(left, dict) or not isinstance(right, dict):
        raise Refusal("the first two arguments must be objects")
    if deep is True:
        raise Refusal("the third argument must be false: AWS has no deep merge")
    return {**left, **right}


def _math_random(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Measured: fractions of the bounds are cut off, and bounds that are then equal are refused.
    first, last = _whole(arguments[0]), _whole(arguments[1])
    if first not in _INT_RANGE or last not in _INT_RANGE or first >= last:
        raise Refusal("the start must be less than the end, and both must be 32-bit integers")
    if len(arguments) == 3:
        return JavaRandom(_whole(arguments[2])).between(first, last)
    if entropy is None:
        raise Refusal("there is no source of random numbers here")
    return first + math.floor(entropy.uniform() * (last - first))


def _math_add(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Recorded: each argument is rounded half up before the addition; -0.5 + 0.5 is 1. Measured: an argument beyond the
    # largest double is taken; which number comes of it is not known, here that of Java's `(int) Math.round(x)`.
    first, second = arguments
    left = first if type(first) is int else _rounded(_narrowed(first))
    right = second if type(second) is int else _rounded(_narrowed(second))
    total = left + right
    if left not in _INT_RANGE or right not in _INT_RANGE or total not in _INT_RANGE:
        raise Refusal("the numbers and their sum must be 32-bit integers")
    return total


def _string_split(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    # Recorded: each character of the second argument separates, and empty pieces are left out.
    text, separators = _text(arguments[0]), set(_text(arguments[1]))
    return [piece for piece in _split(text, separators) if piece]


def _split(text: str, separators: set[str]) -> list[str]:
    if not separators:
        return [text]
    return re.split("[" + "".join(map(re.escape, sorted(separators))) + "]", text)


def _uuid(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    if entropy is None:
        raise Refusal("there is no source of random numbers here")
    return entropy.uuid()


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise Refusal(f"a string is needed, not {kind(value)}")
    return value


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Refusal(f"the string has {len(text)} characters, the most is {MAX_TEXT}")
    return text


def _utf8(text: str) -> bytes:
    # Java encodes a lone surrogate as a question mark.
    return text.encode("utf-8", "replace")


def _items(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise Refusal(f"an array is needed, not {kind(value)}")
    return value


def _number(value: Json) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal(f"a number is needed, not {kind(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise Refusal("the number is too large")
    return value


def _whole(value: Json) -> int:
    # Measured: ArrayRange, ArrayPartition and MathRandom cut fractions off, although AWS's docs say "round".
    return int(_number(value))


def _narrowed(value: Json) -> Json:
    """A number beyond the largest double as Java's `(int)` has it."""
    if isinstance(value, float) and math.isinf(value):
        return -1 if value > 0 else 0
    return value


def _rounded(value: Json) -> int:
    number = _number(value)
    return math.floor(number + 0.5) if isinstance(number, float) else number


FUNCTIONS: Final[Mapping[str, IntrinsicFunction]] = {
    "States.Format": IntrinsicFunction("States.Format('text {}', $.value)", 1, None, _format, gives_text=True),
    "States.StringToJson": IntrinsicFunction("States.StringToJson($.text)", 1, 1, _string_to_json),
    "States.JsonToString": IntrinsicFunction("States.JsonToString($.value)", 1, 1, _json_to_string, gives_text=True),
    "States.Array": IntrinsicFunction("States.Array($.first, $.second)", 0, None, _array),
    "States.ArrayPartition": IntrinsicFunction("States.ArrayPartition($.array, 4)", 2, 2, _array_partition),
    "States.ArrayContains": IntrinsicFunction("States.ArrayContains($.array, $.value)", 2, 2, _array_contains),
    "States.ArrayRange": IntrinsicFunction("States.ArrayRange(1, 9, 2)", 3, 3, _array_range),
    "States.ArrayGetItem": IntrinsicFunction("States.ArrayGetItem($.array, 0)", 2, 2, _array_get_item, gives_text=True),
    "States.ArrayLength": IntrinsicFunction("States.ArrayLength($.array)", 1, 1, _array_length),
    "States.ArrayUnique": IntrinsicFunction("States.ArrayUnique($.array)", 1, 1, _array_unique),
    "States.Base64Encode": IntrinsicFunction("States.Base64Encode($.text)", 1, 1, _base64_encode, gives_text=True),
    "States.Base64Decode": IntrinsicFunction("States.Base64Decode($.text)", 1, 1, _base64_decode, gives_text=True),
    "States.Hash": IntrinsicFunction("States.Hash($.text, 'SHA-256')", 2, 2, _hash, gives_text=True),
    "States.JsonMerge": IntrinsicFunction("States.JsonMerge($.left, $.right, false)", 3, 3, _json_merge),
    "States.MathRandom": IntrinsicFunction(
        "States.MathRandom(1, 10) or States.MathRandom(1, 10, $.seed)", 2, 3, _math_random
    ),
    "States.MathAdd": IntrinsicFunction("States.MathAdd($.number, 1)", 2, 2, _math_add),
    "States.StringSplit": IntrinsicFunction("States.StringSplit($.text, ',')", 2, 2, _string_split),
    # Measured: what it is given is passed over.
    "States.UUID": IntrinsicFunction("States.UUID()", 0, None, _uuid, gives_text=True),
}
