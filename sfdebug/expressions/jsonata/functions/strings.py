"""JSONata's string functions. Source: the JSONata documentation, "String functions"."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote, unquote_plus

from sfdebug.expressions.jsonata.errors import INTERNAL, JsonataFault
from sfdebug.expressions.jsonata.frames import apply
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.regex import Match, Matcher, matches_of
from sfdebug.expressions.jsonata.text import has_pairs, utf16, whole
from sfdebug.expressions.jsonata.text import string as text_of
from sfdebug.expressions.jsonata.values import JsonataFunction, Sequence
from sfdebug.values import MISSING

_BLANKS: Final = re.compile(r"[ \t\n\r]+")
_UNESCAPED: Final = "!~*'()"
_LONG: Final = 64
"""Longer texts that stand in for a match are counted as they come: there may be many of them."""

_REFERENCE: Final = re.compile(r"\$(\$|[0-9]+)")
_UNESCAPED_IN_URL: Final = _UNESCAPED + ";/?:@&=+$,#"


def string(run: JsonataRun, value: Any, prettify: Any) -> Any:
    """$string."""
    return text_of(value, run, prettify is True)


def substring(run: JsonataRun, text: Any, start: Any, length: Any) -> Any:
    """$substring: counts from the end when `start` is negative."""
    if start is MISSING:
        return text
    if has_pairs(text):
        return _substring_of_pairs(text, int(start), length)
    first = max(int(start), -len(text))
    if length is MISSING:
        return text[first:]
    if length <= 0:
        return ""
    end = start + length if start >= 0 else (len(text) + start + length if first == int(start) else length)
    return text[first : max(int(end), 0)]


def _substring_of_pairs(text: str, start: int, length: Any) -> str:
    """$substring of a text with characters that are two units in UTF-16.

    Measured in AWS (iwamot/sfnx): it can cut them in half, and without a length it fails. Both follow from counting the
    start in characters, and the length in the units that as many characters take at the beginning of the text.
    """
    if start >= len(text):
        return ""
    if length is MISSING:
        raise JsonataFault(INTERNAL, message="$substring without a length fails on characters of two UTF-16 units")
    if length <= 0:
        return ""
    units = utf16(text)
    first = len(utf16(text[: start if start >= 0 else max(len(text) + start, 0)]))
    return units[first : first + len(utf16(text[: int(length)]))].decode("utf-16-be", "surrogatepass")


def substring_before(run: JsonataRun, text: Any, mark: Any) -> Any:
    """$substringBefore: the whole text when the mark is not in it."""
    if mark is MISSING:
        return text
    run.tick(len(text) >> 6)
    return text.split(mark, 1)[0] if mark else ""


def substring_after(run: JsonataRun, text: Any, mark: Any) -> Any:
    """$substringAfter: the whole text when the mark is not in it."""
    if not isinstance(mark, str) or not mark:
        return text
    run.tick(len(text) >> 6)
    if mark not in text:
        return text
    return text.split(mark, 1)[1]


def lowercase(run: JsonataRun, text: Any) -> Any:
    """$lowercase."""
    return text.lower()


def uppercase(run: JsonataRun, text: Any) -> Any:
    """$uppercase."""
    return text.upper()


def length(run: JsonataRun, text: Any) -> Any:
    """$length, in Unicode characters."""
    return len(text)


def trim(run: JsonataRun, text: Any) -> Any:
    """$trim: no blanks at the ends, single spaces inside."""
    return _BLANKS.sub(" ", text).strip(" ")


def pad(run: JsonataRun, text: Any, width: Any, padding: Any) -> Any:
    """$pad: on the right, or for a negative width on the left."""
    if width is MISSING:
        return text
    missing = int(abs(width)) - len(text)
    if missing <= 0:
        return text
    run.check_characters(missing)
    unit = padding if isinstance(padding, str) and padding else " "
    filling = (unit * (missing // len(unit) + 1))[:missing]
    return text + filling if width > 0 else filling + text


def contains(run: JsonataRun, text: Any, token: Any) -> Any:
    """$contains: a string, or a match of a regular expression."""
    if isinstance(token, JsonataFunction):
        return next(matches_of(run, token, text, "contains"), None) is not None
    _given("contains", token, 2)
    run.tick(len(text) >> 6)
    return token in text


def _given(name: str, value: Any, index: int) -> None:
    """Signatures let undefined pass; these arguments must be there. The reference fails without a code of its own."""
    if value is MISSING:
        raise JsonataFault("T0410", token=name, value=value, index=index)


def _limit(value: Any, code: str, index: int) -> float:
    if value is MISSING:
        return math.inf
    if value < 0:
        raise JsonataFault(code, value=value, index=index)
    return float(int(value))  # measured in AWS (iwamot/sfnx): $replace takes 2.5 as 2


def match(run: JsonataRun, text: Any, pattern: Any, limit: Any) -> Any:
    """$match: text, index and groups of each match."""
    most = _limit(limit, "D3040", 3)
    found = Sequence()
    if most > 0:
        enough = min(most, run.limits.items + 1)
        for each in matches_of(run, pattern, text, "match"):
            found.append({"match": each.text, "index": each.start, "groups": _shown(each.groups)})
            if len(found) >= enough:
                break
        run.check_items(found)
    return found


def _shown(groups: list[Any]) -> list[Any]:
    """Groups as JSON: one that took no part is an empty string."""
    return ["" if group is MISSING else group for group in groups] if groups else []


def replace(run: JsonataRun, text: Any, pattern: Any, replacement: Any, limit: Any) -> Any:
    """$replace: by a string, in which `$1` stands for a group, or by what a function makes of each match."""
    if pattern == "":
        raise JsonataFault("D3010", value=pattern, index=2)
    _given("replace", pattern, 2)
    _given("replace", replacement, 3)
    most = _limit(limit, "D3011", 4)
    if isinstance(pattern, str):
        return _replaced_text(run, text, pattern, replacement, most)
    if isinstance(pattern, Matcher) and limit is MISSING and _is_constant(replacement):
        made = pattern.pattern.replaced(text, replacement, run)
        if made is not None:
            run.check_characters(len(made))
            return made
    parts: list[str] = []
    position = count = size = 0
    if most > 0:
        for each in matches_of(run, pattern, text, "replace"):
            parts += (text[position : each.start], _replacement(run, replacement, each))
            size += len(parts[-1])
            if len(parts[-1]) > _LONG:
                run.check_characters(size)
            position = each.start + len(each.text)
            count += 1
            if count >= most:
                break
    parts.append(text[position:])
    run.check_characters(sum(map(len, parts)))
    return "".join(parts)


def _is_constant(replacement: Any) -> bool:
    """Whether each match is replaced by the same, which is short."""
    return isinstance(replacement, str) and len(replacement) <= _LONG and "$" not in replacement


def _replaced_text(run: JsonataRun, text: str, pattern: str, replacement: Any, most: float) -> str:
    run.tick(len(text) >> 6)
    count = text.count(pattern)
    count = int(min(count, most))
    if isinstance(replacement, JsonataFunction):
        replacement = _replacement(run, replacement, Match(pattern, text.find(pattern), 0, []))
    run.check_characters(len(text) + count * len(replacement))
    return text.replace(pattern, replacement, count)


def _replacement(run: JsonataRun, replacement: Any, match: Match) -> str:
    if not isinstance(replacement, JsonataFunction):
        return _filled(replacement, match) if "$" in replacement else str(replacement)
    given = {"match": match.text, "start": match.start, "end": match.end, "groups": _shown(match.groups)}
    made = apply(run, replacement, [given])
    if not isinstance(made, str):
        raise JsonataFault("D3012", value=made)
    return made


def _filled(template: str, match: Match) -> str:
    """A template with the texts of a match in it."""
    texts = [match.text, *_shown(match.groups)]
    read = _template_parts if len(template) <= _LONG else _template_parts.__wrapped__
    return "".join([part if type(part) is str else texts[part] for part in read(template, len(match.groups))])


@lru_cache(maxsize=256)
def _template_parts(template: str, count: int) -> list[Any]:
    """The texts of a template, and which of the match (0) and its groups stand between them.

    `$$` is a dollar, `$0` the match, `$n` a group: as many digits as there can be groups.
    """
    parts: list[Any] = []
    position, digits = 0, len(str(count))
    for found in _REFERENCE.finditer(template):
        mark = found.group(1)
        if mark == "$":
            index, rest = None, "$"
        elif mark.startswith("0"):
            index, rest = 0, mark[1:]
        else:
            used = mark[:digits]
            if digits > 1 and int(used) > count:
                used = used[: digits - 1]
            # A group that the pattern does not have is nothing.
            index, rest = int(used) if int(used) <= count else None, mark[len(used) :]
        parts.append(template[position : found.start()])
        if index is not None:
            parts.append(index)
        parts.append(rest)
        position = found.end()
    return [*parts, template[position:]]


def split(run: JsonataRun, text: Any, separator: Any, limit: Any) -> Any:
    """$split: at each separator, which is a string or a regular expression."""
    most = _limit(limit, "D3020", 3)
    # One more than may be tells that there are too many, and no more of them are made.
    wanted = int(min(most, run.limits.items + 1))
    if isinstance(separator, str):
        if len(text) >= _LONG:
            run.tick(len(text) >> 6)
        parts = text.split(separator, wanted) if separator else _units(text[:wanted])
    elif separator is MISSING:
        parts = [text]
    else:
        known = separator.pattern.split(text, run) if isinstance(separator, Matcher) and limit is MISSING else None
        parts = _split_at(matches_of(run, separator, text, "split"), text, wanted) if known is None else known
    parts = parts if limit is MISSING else parts[: int(most)]
    run.check_items(parts)
    run.tick(len(parts) >> 2)
    return parts


def _split_at(matches: Iterable[Match], text: str, most: int) -> list[str]:
    parts: list[str] = []
    start = 0
    for each in matches:
        if len(parts) >= most:
            break
        parts.append(text[start : each.start])
        start = each.end
    parts.append(text[start:])
    return parts


def _units(text: str) -> list[str]:
    """Measured in AWS (iwamot/sfnx): a character of two UTF-16 units is two items, neither of them the character."""
    if not has_pairs(text):
        return list(text)
    units = utf16(text)
    return [units[at : at + 2].decode("utf-16-be", "surrogatepass") for at in range(0, len(units), 2)]


def join(run: JsonataRun, parts: Any, separator: Any) -> Any:
    """$join."""
    between = "" if separator is MISSING else separator
    run.check_characters(sum(map(len, parts)) + len(between) * len(parts))
    run.tick(len(parts) >> 4)
    return whole(between.join(parts))


def base64encode(run: JsonataRun, text: Any) -> Any:
    """$base64encode, of the UTF-8 bytes."""
    data = text.encode("utf-8", "surrogatepass")
    run.check_characters(len(data) * 4 // 3)
    return base64.b64encode(data).decode("ascii")


def base64decode(run: JsonataRun, text: Any) -> Any:
    """$base64decode. Measured in AWS: the padding may be missing; other characters are an internal error there."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise JsonataFault(INTERNAL, message="the text given to $base64decode is not Base64 of a UTF-8 text") from None


def _encoded(run: JsonataRun, text: Any, safe: str, name: str) -> Any:
    run.tick(len(text) >> 4)
    try:
        encoded = quote(text, safe=safe)
    except UnicodeEncodeError:
        raise JsonataFault("D3140", token=name, value=text) from None
    run.check_characters(len(encoded))
    return encoded


def _check_escapes(text: str, name: str) -> None:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise JsonataFault("D3140", token=name, value=text)


def encode_url_component(run: JsonataRun, text: Any) -> Any:
    """$encodeUrlComponent."""
    return _encoded(run, text, _UNESCAPED, "encodeUrlComponent")


def encode_url(run: JsonataRun, text: Any) -> Any:
    """$encodeUrl."""
    return _encoded(run, text, _UNESCAPED_IN_URL, "encodeUrl")


def decode_url_component(run: JsonataRun, text: Any) -> Any:
    """$decodeUrlComponent. Measured in AWS by others: `+` is a blank, and bytes that are no UTF-8 become U+FFFD."""
    _check_escapes(text, "decodeUrlComponent")
    return unquote_plus(text)


def decode_url(run: JsonataRun, text: Any) -> Any:
    """$decodeUrl: leaves the characters that have a meaning in a URL escaped."""
    _check_escapes(text, "decodeUrl")
    guarded = re.sub(
        r"%([0-9A-Fa-f]{2})", lambda m: "%25" + m[1] if chr(int(m[1], 16)) in ";/?:@&=+$,#" else m[0], text
    )
    try:
        return unquote(guarded, errors="strict")
    except UnicodeDecodeError:
        raise JsonataFault("D3140", token="decodeUrl", value=text) from None
