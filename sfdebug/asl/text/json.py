"""JSON with positions: one pass over the text keeps the extent of every key and value, and goes on after errors.

What is well formed is read by the few regular expressions here; unusual tokens go to `json_tokens`, and wrong structure
(a comma too many, a bracket that does not fit) is corrected as read, so that several errors are reported at once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.json_tokens import Tokens
from sfdebug.asl.text.problems import Scan, ScanEndedError, quote
from sfdebug.asl.text.source import Document, Members, Source
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Sequence


_INDENT: Final = re.compile(r"[ \t]*+")

MAX_DEPTH: Final = 200
"""Deepest nesting read. Deeper values would exhaust the stack of whatever walks them."""

_SPACE: Final = r"[ \t\n\r]*+"
_KEY: Final = re.compile(rf'{_SPACE}("([^"\\\x00-\x1f]*+)"){_SPACE}:')

_VALUE: Final = re.compile(
    rf"{_SPACE}(?:"
    r'("([^"\\\x00-\x1f]*+)")'
    r"|([{\[])"
    r"|(-?(?:0|[1-9][0-9]{0,15}+)(\.[0-9]{1,20}+)?)(?![\w.+\-$])"
    r"|(true|false|null)(?![\w.+\-$])"
    r")"
)
_AFTER: Final = re.compile(rf"{_SPACE}([,}}\]])")
_END: Final = re.compile(rf"{_SPACE}\Z")
_INNER_QUOTE: Final = re.compile(r'[^\n\r]*"(?=[ \t]*(?:[,}\]]|[\n\r]|\Z))')
_BARE_KEY: Final = re.compile(r"[^\s\"'{}\[\],:=]++")
_EQUALS: Final = re.compile(r":=|=>?")
_VALUE_STARTS: Final = "\"'{[-+.$_`\u201c\u201d\u2018\u00ab"
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_CLOSERS: Final = {"{": "}", "[": "]"}


def _unmatched_bracket(source: Source, still_open: Sequence[Members]) -> int | None:
    """The offset of the innermost bracket that was closed by one further out, going by indentation; None if none was.

    `still_open` are the objects and arrays that the end of the text left open.
    """
    found = None
    waiting = list(still_open)
    while waiting:
        inner = [child for child in waiting.pop().values.values() if isinstance(child, Members)]
        unmatched = next((child for child in inner if _is_unmatched(source, child)), None)
        if unmatched is not None:
            found, waiting = unmatched.start, [unmatched]
        elif found is None:
            waiting.extend(child for child in inner if child.end > child.start)
    return found


def _is_unmatched(source: Source, members: Members) -> bool:
    if members.end <= members.start:
        return False
    opener, closer = _indent(source, members.start), _indent(source, members.end - 1)
    return opener is not None and closer is not None and closer < opener


def _indent(source: Source, offset: int) -> int | None:
    """The indentation of a bracket's line; None for a closer that is not the first thing on its line."""
    start = source.line_start(offset)
    match = _INDENT.match(source.text, start)
    indent = match.end() - start if match else 0
    if source.text[offset] in "}]" and offset - start != indent:
        return None
    return indent


_STRING, _OPENER, _NUMBER, _WORD = 1, 3, 4, 6


def parse_json(source: Source) -> Document:
    """The document in `source`. Raises DefinitionError with all syntax errors found, each with its position."""
    return scan_json(source).checked()


def scan_json(source: Source, *, forgives_repeats: bool = False) -> Scan:
    """Read `source` as far as it goes: its document, if there is one, and every problem. Never raises.

    An unquoted `${Placeholder}` where a value stands is read as a string, with a warning: definitions are often
    stored with their numbers still to be filled in. `forgives_repeats` makes a key that its object has already a
    warning: the last one counts.
    """
    return _JsonScanner(source, forgives_repeats).scan()


class _JsonFrame:
    """An object or array being read. `wants`: a member or item comes next, after the opener or after a comma."""

    __slots__ = ("comma", "items", "members", "opener", "values", "wants")

    def __init__(self, opener: str, start: int) -> None:
        self.opener = opener
        self.items: list[Json] = []
        self.values: dict[str, Json] = {}
        self.members = Members(start)
        self.wants = True
        self.comma = -1


class _JsonScanner:
    def __init__(self, source: Source, forgives_repeats: bool) -> None:
        self.source = source
        self.text = source.text
        self.tokens = Tokens(source)
        self.tokens.forgives_repeats = forgives_repeats
        self.at = 0
        self.last_end = 0
        self.root = _JsonFrame("", 0)
        self.stack = [self.root]

    def scan(self) -> Scan:
        try:
            self._start()
            self._content()
            self._end()
        except ScanEndedError:
            self.tokens.trusted = False
        return self.tokens.scanned(self.root.items, self.root.members)

    def _start(self) -> None:
        at = self.tokens.skip(0)
        if at == len(self.text):
            self.tokens.stop(at, at, "there is nothing in it", "write a JSON value")
        if self.text[at] in "}],:":
            self.tokens.stop(at, at + 1, f"a JSON value cannot start with '{self.text[at]}'", "take it out")
        self.at = at
        self._value(self.root, None)

    def _content(self) -> None:
        stack = self.stack
        while len(stack) > 1:
            frame = stack[-1]
            if not frame.wants:
                self._separator(frame)
            elif frame.opener == "{":
                self._member(frame)
            else:
                self._item(frame)

    def _end(self) -> None:
        if _END.match(self.text, self.at):
            return
        at = self.tokens.skip(self.at)
        if at < len(self.text) and self.tokens.trusted:
            what = "there is more text after the end of the value that starts the file"
            self.tokens.note(at, at + 1, what, "keep one value; look for a bracket that closes too early")

    def _member(self, frame: _JsonFrame) -> None:
        match = _KEY.match(self.text, self.at)
        if match is None:
            self._unusual_member(frame)
            return
        self.at = match.end()
        self._key(frame, match[2], match.start(1), match.end(1))
        self._value(frame, match[2])

    def _key(self, frame: _JsonFrame, key: str, start: int, end: int) -> None:
        keys = frame.members.keys
        if key in keys:
            self.tokens.note_repeated(key, keys[key], start, end)
        keys[key] = (start, end)

    def _item(self, frame: _JsonFrame) -> None:
        at = self.tokens.skip(self.at)
        char = self.text[at : at + 1]
        if char == "]":
            self._close(frame, at)
        elif char == "}":
            self._mismatch(frame, at)
        elif char == ",":
            self._extra_comma(frame, at)
        else:
            self.at = at
            self._value(frame, None)

    def _value(self, frame: _JsonFrame, key: str | None) -> None:
        """Read one value and put it into `frame` at `key`; open it if it is an object or an array."""
        match = _VALUE.match(self.text, self.at)
        if match is None:
            self._unusual_value(frame, key)
            return
        kind = match.lastindex
        self.at = end = match.end()
        if kind == _STRING:
            self._put(frame, key, match[2], match.start(1), end)
        elif kind == _OPENER:
            self._open(frame, key, match[_OPENER], match.start(_OPENER))
        elif kind == _WORD:
            self._put(frame, key, _WORDS[match[_WORD]], match.start(_WORD), end)
        else:
            text = match[_NUMBER]
            self._put(frame, key, float(text) if match[5] else int(text), match.start(_NUMBER), end)

    def _put(self, frame: _JsonFrame, key: str | None, value: Json, start: int, end: int) -> None:
        frame.wants = False
        self.last_end = end
        if frame.opener != "{":
            frame.members.values[len(frame.items)] = (start, end)
            frame.items.append(value)
        elif key is not None:
            frame.members.values[key] = (start, end)
            frame.values[key] = value
        match = _AFTER.match(self.text, end)
        if match is not None and match[1] == "," and frame.opener:
            frame.comma = match.start(1)
            frame.wants = True
            self.at = match.end()

    def _open(self, frame: _JsonFrame, key: str | None, opener: str, start: int) -> None:
        if len(self.stack) > MAX_DEPTH:
            self.tokens.stop(start, start + 1, f"nested deeper than {MAX_DEPTH} levels", "make it flatter")
        child = _JsonFrame(opener, start)
        value: Json = child.values if opener == "{" else child.items
        frame.wants = False
        if frame.opener != "{":
            frame.members.values[len(frame.items)] = child.members
            frame.items.append(value)
        elif key is not None:
            frame.members.values[key] = child.members
            frame.values[key] = value
        self.stack.append(child)

    def _separator(self, frame: _JsonFrame) -> None:
        match = _AFTER.match(self.text, self.at)
        at = match.start(1) if match else self.tokens.skip(self.at)
        char = self.text[at : at + 1]
        if char == ",":
            frame.comma, frame.wants, self.at = at, True, at + 1
        elif char == _CLOSERS[frame.opener]:
            self._close(frame, at)
        elif char and char in "}]":
            self._mismatch(frame, at)
        elif char:
            self._unusual_separator(frame, at, char)
        else:
            self._unclosed(frame)

    def _close(self, frame: _JsonFrame, at: int) -> None:
        if frame.wants and frame.comma >= 0:
            what = f"a comma before '{self.text[at]}', with nothing after it"
            self.tokens.note(frame.comma, frame.comma + 1, what, "take the comma out", harmless=True)
        frame.members.end = self.at = self.last_end = at + 1
        self.stack.pop()

    # What follows corrects the structure; each path consumes text, or gives the frame what it wants, so scanning ends.

    def _unusual_member(self, frame: _JsonFrame) -> None:
        at = self.at = self.tokens.skip(self.at)
        char = self.text[at : at + 1]
        if not char:
            self._unclosed(frame)
        elif char == "}":
            self._close(frame, at)
        elif char == "]":
            self._mismatch(frame, at)
        elif char == ",":
            self._extra_comma(frame, at)
        elif char in "{[":
            self.tokens.note(at, at + 1, f"a key is expected here, not '{char}'", 'an object holds "key": value pairs')
            self._value(frame, None)
        else:
            key = self._unusual_key(at, char)
            if key is not None:
                self._key(frame, key, at, self.at)
            self._colon(frame, key)

    def _unusual_key(self, at: int, char: str) -> str | None:
        if char == '"':
            key, self.at = self.tokens.string(at)
            return key
        if char == ":":
            self.tokens.note(at, at + 1, "the key before ':' is missing", 'an object holds "key": value pairs')
            return None
        bare = _BARE_KEY.match(self.text, at)
        if bare is None or not (char.isalnum() or char in "_$.-@"):
            value, self.at = self.tokens.scalar(at)
            return value if isinstance(value, str) else None
        self.at = bare.end()
        what = f"the key {quote(bare[0])} is not in quotes"
        self.tokens.note(at, self.at, what, f'write "{bare[0][:60]}"', harmless=True)
        return bare[0]

    def _colon(self, frame: _JsonFrame, key: str | None) -> None:
        end = self.at
        at = self.at = self.tokens.skip(end)
        char = self.text[at : at + 1]
        equals = _EQUALS.match(self.text, at)
        if equals:
            self.tokens.note(at, equals.end(), f"'{equals[0]}' where ':' is expected", "write :", harmless=True)
            self.at = equals.end()
        elif char == ":":
            self.at = at + 1
        elif not char or char in ",}]":
            name = f"the key {quote(key)}" if key is not None else "this"
            self.tokens.note(max(0, end - 1), end, f"{name} has no value", "write : and a value after it")
            frame.wants = False
            return
        elif key is not None:
            self.tokens.note(max(0, end - 1), end, f"the ':' after the key {quote(key)} is missing", "write : after it")
        self._value(frame, key)

    def _unusual_value(self, frame: _JsonFrame, key: str | None) -> None:
        tokens = self.tokens
        noted = False
        while True:
            at = self.at = tokens.skip(self.at)
            char = self.text[at : at + 1]
            value: Value = MISSING
            if not char or char in ",}]":
                self._no_value(frame, at, char, noted)
                return
            if _VALUE.match(self.text, at):
                self._value(frame, key)
                return
            if char == ":":
                tokens.note(at, at + 1, "a ':' too many", "take it out")
                self.at = at + 1
            else:
                value, self.at = tokens.string(at) if char == '"' else tokens.scalar(at)
            if value is not MISSING:
                self._put(frame, key, value, at, self.at)
                return
            noted = True

    def _no_value(self, frame: _JsonFrame, at: int, char: str, noted: bool) -> None:
        frame.wants = False
        if not char and frame.opener:
            self._unclosed(frame)
        if char and not noted:
            self.tokens.note(at, at + 1, f"a value is missing before '{char}'", "write a value")

    def _extra_comma(self, frame: _JsonFrame, at: int) -> None:
        self.tokens.note(at, at + 1, "a comma too many", "take it out", harmless=True)
        self.at = at + 1

    def _unusual_separator(self, frame: _JsonFrame, at: int, char: str) -> None:
        tokens = self.tokens
        if char == ";":
            tokens.note(at, at + 1, "';' where ',' is expected", "write ,", harmless=True)
            frame.wants, self.at = True, at + 1
        elif char == ":":
            what = "':' is not expected after a value"
            fix = 'a key with its value, inside a value, needs an object around it: {"key": value}'
            tokens.note(at, at + 1, what, fix)
            self.at = at + 1
            self._drop_value(frame)
        elif self.text[self.last_end - 1] == '"' and at == self.last_end and _INNER_QUOTE.match(self.text, at):
            match = _INNER_QUOTE.match(self.text, at)
            assert match is not None
            what = "text after the quote that closes the string"
            tokens.note(at, at + 1, what, 'a quote inside a string is written \\"')
            self.at = self.last_end = match.end()
        elif not (char.isalnum() or char in _VALUE_STARTS):
            tokens.note(at, at + 1, f"{quote(char)} is not expected here", "take it out")
            self.at = at + 1
        else:
            if not tokens.forgive_comma:
                end = max(1, self.last_end)
                tokens.note(end - 1, end, "a comma is missing after this", "write , after it", harmless=True)
            tokens.forgive_comma = False
            frame.wants, frame.comma, self.at = True, -1, at

    def _drop_value(self, frame: _JsonFrame) -> None:
        """Read a value that does not belong into `frame`."""
        self._value(_JsonFrame("", self.at), None)
        frame.wants = False

    def _mismatch(self, frame: _JsonFrame, at: int) -> None:
        closer = self.text[at]
        opener_line = self.source.span(frame.members.start, frame.members.start).line
        fits = next((f for f in reversed(self.stack) if f.opener and _CLOSERS[f.opener] == closer), None)
        expected = _CLOSERS[frame.opener]
        what = f"'{closer}' stands here, but the '{frame.opener}' of line {opener_line} is still open"
        self.tokens.note(at, at + 1, what, f"close it first with '{expected}', or write '{expected}' in this place")
        if fits is None:
            self.at = at + 1
            return
        while self.stack[-1] is not fits:
            self.stack.pop().members.end = at
        self._close(fits, at)

    def _unclosed(self, frame: _JsonFrame) -> None:
        """The text ends inside `frame`: say which bracket seems to be the one that lacks its partner."""
        suspect = _unmatched_bracket(self.source, [open_frame.members for open_frame in self.stack])
        suspect = frame.members.start if suspect is None else suspect
        end = len(self.text)
        for open_frame in self.stack:
            open_frame.members.end = end
        opener = self.text[suspect]
        count = len(self.stack) - 1
        more = f"; at the end of the file {count} brackets are still open" if count > 1 else ""
        what = f"this '{opener}' is never closed{more}"
        self.tokens.stop(suspect, suspect + 1, what, f"write '{_CLOSERS[opener]}' where it should end")
