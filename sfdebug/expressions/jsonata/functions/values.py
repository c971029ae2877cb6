"""JSONata's functions on values of any kind, and those that AWS adds to the language.

Source: the JSONata documentation, "Boolean functions", "Object functions"; AWS docs: "Transforming data with JSONata in
Step Functions", "JSONata functions provided by Step Functions".
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any, Final

from sfdebug.expressions.java import JavaRandom
from sfdebug.expressions.jsonata.errors import Bare, JsonataFault
from sfdebug.expressions.jsonata.functions.arrays import uniform
from sfdebug.expressions.jsonata.functions.signatures import symbol
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.objects import cloned
from sfdebug.expressions.jsonata.values import Array, Sequence, in_64_bits, number, truth
from sfdebug.values import MISSING

_TYPES: Final = {
    "l": "null",
    "b": "boolean",
    "n": "number",
    "s": "string",
    "a": "array",
    "o": "object",
    "f": "function",
}
_STRING: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'", re.DOTALL)
_QUOTE: Final = re.compile(r"\\.|\"", re.DOTALL)
_ALGORITHMS: Final = {"SHA-1": "sha1", "SHA-384": "sha384", "SHA-256": "sha256", "SHA-512": "sha512", "MD5": "md5"}


def boolean(run: JsonataRun, value: Any) -> Any:
    """$boolean."""
    return truth(value, run)


def negation(run: JsonataRun, value: Any) -> Any:
    """$not."""
    return not truth(value, run)


def exists(run: JsonataRun, value: Any) -> bool:
    """$exists."""
    return value is not MISSING


def kind(run: JsonataRun, value: Any) -> Any:
    """$type."""
    return _TYPES[symbol(value)]


def clone(run: JsonataRun, value: Any) -> Any:
    """$clone."""
    return cloned(value, run)


def error(run: JsonataRun, message: Any) -> Any:
    """$error: fails with the message."""
    raise JsonataFault("D3137", message="$error() function evaluated" if message is MISSING else message)


def asserted(run: JsonataRun, condition: Any, message: Any) -> Any:
    """$assert: fails with the message unless the condition is true."""
    if condition is not True:
        raise JsonataFault("D3141", message="$assert() statement failed" if message is MISSING else message)
    return MISSING


def _refused(name: str, why: str) -> JsonataFault:
    return JsonataFault("D3137", message=f"${name}: {why}")


def _whole(value: Any) -> int:
    """A number without its fraction. Measured in AWS: towards zero, `$range(-1.7, 2, 1)` starts at -1."""
    if isinstance(value, float) and not math.isfinite(value):
        raise JsonataFault("D1001", value=str(value))
    return int(value)


def partition(run: JsonataRun, items: Any, size: Any) -> Any:
    """$partition: the array cut into arrays of `size` items, the last with what is left.

    Measured in AWS: without a size the array is one part; of an empty array, or with a size of zero, it is undefined;
    a negative size fails, and so does what is no array, which the function does not make one.
    """
    if not isinstance(items, list):
        raise JsonataFault("T0412", token="partition", index=1, value=items, type=Bare("undefined"))
    if size is MISSING:
        return Array([items])
    length = _whole(size)
    if length < 0:
        raise JsonataFault("D3137", message="Second argument must be zero or greater")
    if not items or length == 0:
        return MISSING
    run.tick(len(items) // length)
    return Array([Array(items[start : start + length]) for start in range(0, len(items), length)])


def numbers(run: JsonataRun, first: Any, last: Any, step: Any) -> Any:
    """$range: the numbers from `first` to `last`, both included, `step` apart.

    Recorded: of one number it is that number, not an array: `$range(1, 9, 9)` is 1. Measured in AWS: without a step, or
    with one that is zero or leads away from `last`, it is undefined.
    """
    if last is MISSING or step is MISSING:
        return MISSING
    start, stop, stride = _whole(first), _whole(last), _whole(step)
    if stride == 0:
        return MISSING
    size = max((stop - start) // stride + 1, 0)
    run.check_range(size)
    run.tick(size >> 2)
    return Sequence(range(start, stop + (1 if stride > 0 else -1), stride))


def digest(run: JsonataRun, content: Any, algorithm: Any) -> Any:
    """$hash of a string, in hexadecimal. Measured in AWS: without an algorithm it is undefined, and with one that is
    undefined it fails (`signatures`)."""
    if algorithm is MISSING:
        return MISSING
    name = _ALGORITHMS.get(algorithm)
    if name is None:
        # Reported, in this order.
        raise JsonataFault("D3137", message=f"Hash algorithm '{algorithm}' must be one of {', '.join(_ALGORITHMS)}")
    run.tick(len(content) >> 6)
    return hashlib.new(name, content.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def random(run: JsonataRun, seed: Any) -> float:
    """$random([seed]): with a seed the number that Java's Random draws (measured: 42 gives 0.7275636800328681)."""
    if seed is MISSING:
        return uniform(run)
    return JavaRandom(_whole(seed)).next_double()


def uuid(run: JsonataRun) -> str:
    """$uuid: a version 4 UUID from the execution's own randomness."""
    if run.entropy is None:
        raise _refused("uuid", "there is no source of randomness here")
    return run.entropy.uuid()


def parse(run: JsonataRun, text: Any) -> Any:
    """$parse: the JSON in a string.

    Measured in AWS: a repeated key and a number beyond the largest double are refused; 1.0 and 1e2 are whole numbers,
    and whole numbers beyond 64 bits are doubles. Strings may stand in single quotes (iwamot/sfnx).
    """
    run.tick(len(text) >> 3)
    try:
        return _decode(_STRING.sub(_in_double_quotes, text) if "'" in text else text)
    except (ValueError, RecursionError):
        raise JsonataFault("D3137", message="Invalid JSON") from None


def _in_double_quotes(found: re.Match[str]) -> str:
    text = found.group()
    inner = _QUOTE.sub(lambda each: {"\\'": "'", '"': '\\"'}.get(each.group(), each.group()), text[1:-1])
    return f'"{inner}"'


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _double(text: str) -> int | float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text[:40])
    return number(value)


def _integer(text: str) -> int | float:
    # 2^63 has 19 digits, and Python refuses to read thousands of them.
    return in_64_bits(int(text)) if len(text) <= 20 else _double(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("repeated key")
    return fields


_decode = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_double, parse_int=_integer, object_pairs_hook=_unique
).decode
