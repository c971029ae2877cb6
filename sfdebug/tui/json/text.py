"""How JSON looks on a line: scalars, keys, paths, previews. Data is escaped here, never parsed as markup."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.text import counted
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.text.source import Pointer
    from sfdebug.tui.painting.paint import Piece

KEY: Final = "json-key"
INDEX: Final = "json-index"
STRING: Final = "json-string"
EXPRESSION: Final = "json-expression"
NUMBER: Final = "json-number"
WORD: Final = "json-word"
SIGN: Final = "json-sign"
"""The paints of JSON itself; `SIGN` is for brackets, commas and the like."""

_BARE_KEY: Final = re.compile(r"[^\W\d][\w.$-]*")
_PATH_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_UNSAFE: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Unicode categories that a terminal may act upon, drop, or draw in a width of its own."""


def escaped(text: str) -> str:
    """`text` the way a JSON string holds it, without quotes; whatever a terminal could act upon is `\\uXXXX`."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return "".join(map(_escape, text))


def _escape(character: str) -> str:
    short = _SHORT.get(character)
    if short is not None:
        return short
    if unicodedata.category(character) in _UNSAFE or character in "\ufe0e\ufe0f":
        return json.dumps(character)[1:-1]
    return character


def visible(text: str) -> str:
    """`text` as it is, save for what a terminal could act upon: for showing a long string line by line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character in '"\\' else _escape(character) for character in text)


def key_text(step: str | int) -> str:
    """An object's key or an array's index as the tree shows it: quoted only where it would be unclear."""
    if isinstance(step, int):
        return str(step)
    return step if _BARE_KEY.fullmatch(step) and step.isprintable() else f'"{escaped(step)}"'


def path_text(pointer: Pointer) -> str:
    """The JSONPath of a place: `$.order.items[2]['unit price']`."""
    parts = ["$"]
    for step in pointer:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PATH_KEY.fullmatch(step):
            parts.append(f".{step}")
        else:
            parts.append("['" + escaped(step).replace('\\"', '"').replace("'", "\\'") + "']")
    return "".join(parts)


def scalar(value: Json, limit: int) -> Piece:
    """A value that is neither object nor array, and its paint; a string shows about `limit` characters at most."""
    if isinstance(value, str):
        if len(value) <= limit:
            return f'"{escaped(value)}"', STRING
        return f'"{escaped(value[:limit])}…', STRING
    if value is None or isinstance(value, bool):
        return json.dumps(value), WORD
    return number_text(value) if isinstance(value, (int, float)) else "", NUMBER


def number_text(value: float) -> str:
    """A number as JSON writes it. Python itself refuses to write an integer of more than some thousand digits."""
    try:
        return json.dumps(value)
    except ValueError:
        return "(an integer too long to show)"


def count_text(value: Json) -> str:
    """`3 keys`, `1 item`; "" for a scalar."""
    if isinstance(value, dict):
        return counted(len(value), "key")
    if isinstance(value, list):
        return counted(len(value), "item")
    return ""


def preview(value: Json, width: int) -> list[Piece]:
    """A folded value on one line of at most `width` cells: `{id: "c-1", name: "Ann", …}`."""
    if not isinstance(value, (dict, list)):
        return [cut(scalar(value, max(width, 1)), width)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    pieces: list[Piece] = []
    room = width - 2
    for piece in _flat(value):
        room -= cell_len(piece[0])
        if room < 2:
            pieces = _without_tail(pieces)
            return [(opening, SIGN), *pieces, ("…" + closing, SIGN)] if width >= 3 else []
        pieces.append(piece)
    return [(opening, SIGN), *pieces, (closing, SIGN)] if width >= 2 else []


def _without_tail(pieces: list[Piece]) -> list[Piece]:
    """Pieces up to the last whole member, so that an ellipsis never stands for half of one."""
    for index in range(len(pieces) - 1, -1, -1):
        if pieces[index] == (", ", SIGN):
            return pieces[: index + 1]
    return []


def _flat(value: Json) -> Iterator[Piece]:
    """The members of an object or array on one line; what is nested in them stays folded."""
    members: Iterator[tuple[str | None, Json]]
    if isinstance(value, dict):
        members = iter(value.items())
    else:
        members = ((None, item) for item in value) if isinstance(value, list) else iter(())
    for number, (key, item) in enumerate(members):
        if number:
            yield ", ", SIGN
        if key is not None:
            yield key_text(key), KEY
            yield ": ", SIGN
        if isinstance(item, dict):
            yield "{…}" if item else "{}", SIGN
        elif isinstance(item, list):
            yield "[…]" if item else "[]", SIGN
        else:
            yield scalar(item, 40)


def cut(piece: Piece, width: int) -> Piece:
    """A piece of at most `width` cells, with an ellipsis where something was cut."""
    text, paint = piece
    if cell_len(text) <= width:
        return piece
    kept, room = [], width - 1
    for character in text:
        room -= cell_len(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…" if width > 0 else "", paint


def wrap(text: str, width: int, most: int) -> list[str]:
    """A long string as lines of at most `width` cells, broken at line breaks and, where it can be, at blanks.

    At most `most` lines; a last line then says how much is left.
    """
    lines: list[str] = []
    done = 0
    width = max(8, width)
    for paragraph in text.splitlines(keepends=True):
        end = len(paragraph.rstrip("\r\n"))
        at = 0
        while True:
            if len(lines) >= most:
                return [*lines, f"… {len(text) - done - at:,} more characters: y v copies all of them"]
            take = _fitting(paragraph[at : min(at + width + 1, end)], width)
            lines.append(visible(paragraph[at : at + take]))
            at += take
            if at >= end:
                break
        done += len(paragraph)
    return lines


def _fitting(text: str, width: int) -> int:
    """How many characters of `text` go on a line of `width` cells; at least one, if there is one."""
    head = text[:width]
    if head.isascii() and head.isprintable():
        take = len(head)
    else:
        take, room = 0, width
        for character in head:
            room -= cell_len(visible(character))
            if room < 0:
                break
            take += 1
        take = max(min(1, len(head)), take)
    if take >= len(text):
        return take
    blank = head.rfind(" ", take // 2, take)
    return blank + 1 if blank > 0 else take


def pretty(value: Json) -> str:
    """`value` as people write JSON: two blanks of indentation, and characters as they are wherever UTF-8 has them."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() if not text.isascii() else text


def editable(value: Json) -> str:
    """`value` as `pretty` writes it, with `\\uXXXX` for whatever cannot be seen or that a terminal could act upon."""
    text = pretty(value)
    if text.isascii():
        return text
    return "".join(character if character in '\n"\\' else _escape(character) for character in text)
