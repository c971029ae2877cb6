"""Tokens that are not JSON but are found in files meant to be: what they were meant as, and what to write instead."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.text.problems import MAX_PROBLEMS, Scanner, quote
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Source
    from sfdebug.values import Json, Value

MAX_NUMBER_LENGTH: Final = 1_000
"""Longest number read, in characters; reading longer ones takes quadratic time."""

Token: TypeAlias = "tuple[Value, int]"

_SPACE: Final = re.compile(r"[ \t\n\r]*+")
_LINE_END: Final = re.compile(r"[^\n\r]*+")
_STRING: Final = re.compile(r'"((?:[^"\\\n\r]++|\\[^\n\r])*+)("?)')
_ESCAPE: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt])|u[0-9a-fA-F]{0,3}|.)|([\x00-\x1f])', re.DOTALL)
_SIMPLE: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_NUMBER_LIKE: Final = re.compile(r"[+-]?\.?[0-9][\w.+-]*+|[+-]?\.(?![\w])")
_PLACEHOLDER: Final = re.compile(r"(?:[\w.+\-/:]|\$\{[^{}\n\r\"]{0,200}+\}){1,500}+")
_WORD: Final = re.compile(r"[+-]?[^\W\d]\w*+(?![^\s,:;\]})])")
_BARE: Final = re.compile(r"[^\n\r,\[\]{}:\"]++")
_UNREADABLE: Final = re.compile(r"[^\s\w,:\[\]{}\"'$.+-]++|[.+-]++|.", re.DOTALL)
_RESUME: Final = re.compile(r"[\n\r][ \t]*+(?=[\"}\]])")
_CLOSING_QUOTES: Final = {
    "'": "'",
    "`": "`",
    "\u201c": "\u201d\u201c",
    "\u201d": "\u201d",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
}
_WORDS: Final[dict[str, tuple[str, Json]]] = {
    "true": ("true", True),
    "false": ("false", False),
    "null": ("null", None),
    "none": ("null", None),
    "nil": ("null", None),
    "undefined": ("null", None),
}
_NO_NUMBERS: Final = ("nan", "infinity", "inf")


class Tokens(Scanner):
    """Reads the unusual tokens of one text, noting problems."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.forgive_comma = False
        self.warnings = 0

    def skip(self, at: int) -> int:
        """The offset of the next token: beyond blanks, and beyond comments and unusual blanks, which are noted."""
        text = self.text
        while True:
            at = _end(_SPACE, text, at)
            char = text[at : at + 1]
            if char == "#" or text.startswith("//", at):
                end = _end(_LINE_END, text, at)
                self._no_comments(at, end)
            elif text.startswith("/*", at):
                close = text.find("*/", at + 2)
                if close < 0:
                    self.stop(at, at + 2, "this comment is never closed", "JSON has no comments: take it out")
                end = close + 2
                self._no_comments(at, end)
            elif char and (char.isspace() or char == "\ufeff"):
                end = at + 1
                name = f"U+{ord(char):04X}"
                self.note(at, end, f"the blank {name} is not allowed here", "put an ordinary space", harmless=True)
            else:
                return at
            at = end

    def _no_comments(self, start: int, end: int) -> None:
        fix = 'take it out; a state and the definition may have a "Comment" field'
        self.note(start, end, "JSON has no comments", fix, harmless=True)

    def string(self, at: int) -> tuple[str, int]:
        """The string whose opening quote stands at `at`, and where to go on."""
        match = _STRING.match(self.text, at)
        assert match is not None, "called at a quote"
        if not match[2]:
            return self._unclosed(at, match.end())
        try:
            value = json.loads(match[0])
        except ValueError:
            value = None
        if isinstance(value, str) and not _SURROGATE.search(value):
            return value, match.end()
        return self._decode(match.start(1), match.end(1)), match.end()

    def _unclosed(self, start: int, end: int) -> tuple[str, int]:
        body = self.text[start + 1 : end].rstrip()
        resumed = start + 1 + len(body.removesuffix(","))
        self.note(start, end, "this string is not closed on its line", 'add the closing "; a line break is written \\n')
        resume = _RESUME.search(self.text, end)
        if resume is None or self.text[end : resume.end()].strip():
            self.forgive_comma = True
            resumed = resume.end() if resume else len(self.text)
        return body.removesuffix(","), resumed

    def _decode(self, start: int, end: int) -> str:
        """The text between quotes, escapes read one by one, with what is wrong with each."""
        parts: list[str] = []
        last = start
        escapes = list(_ESCAPE.finditer(self.text, start, end))
        for index, match in enumerate(escapes):
            if match.start() < last:
                continue
            parts.append(self.text[last : match.start()])
            last = match.end()
            code = _code(match)
            low = _code(escapes[index + 1]) if index + 1 < len(escapes) and escapes[index + 1].start() == last else -1
            if 0xD800 <= code <= 0xDBFF and 0xDC00 <= low <= 0xDFFF:
                parts.append(chr(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00))
                last = escapes[index + 1].end()
            else:
                parts.append(self._escaped(match, code))
        parts.append(self.text[last:end])
        return "".join(parts)

    def _escaped(self, match: re.Match[str], code: int) -> str:
        """What one escape, or one bare control character, stands for."""
        if 0xD800 <= code <= 0xDFFF:
            what = f"{match[0]} is half of a surrogate pair without its other half"
            self.note(*match.span(), what, "write both halves, or the character itself", harmless=True)
            return "\N{REPLACEMENT CHARACTER}"
        if match[1]:
            return chr(code)
        if match[2]:
            return _SIMPLE[match[2]]
        if match[3]:
            name = {"\t": "tab"}.get(match[3], f"control character U+{ord(match[3]):04X}")
            escape = {"\t": "\\t"}.get(match[3], f"\\u{ord(match[3]):04x}")
            self.note(*match.span(), f"a {name} stands bare in a string", f"write {escape}", harmless=True)
            return match[3]
        what = f"{quote(match[0])} is not an escape that JSON has"
        fix = 'for a backslash write \\\\; JSON has \\" \\\\ \\/ \\b \\f \\n \\r \\t, and \\u with four hex digits'
        self.note(*match.span(), what, fix, harmless=True)
        return match[0][1:]

    def scalar(self, at: int) -> Token:
        """The value at `at`, which is no well-formed token; MISSING when nothing can be made of it."""
        char = self.text[at]
        if char in _CLOSING_QUOTES:
            return self._other_quotes(at)
        placeholder = _PLACEHOLDER.match(self.text, at)
        if placeholder and "${" in placeholder[0]:
            self._warn_placeholder(placeholder)
            return placeholder[0], placeholder.end()
        number = _NUMBER_LIKE.match(self.text, at)
        if number:
            return self._number(number)
        word = _WORD.match(self.text, at)
        if word:
            return self._word(word)
        if char.isalpha() or char in "_$@/\\":
            return self._bare(at)
        unreadable = _UNREADABLE.match(self.text, at)
        end = unreadable.end() if unreadable else at + 1
        self.note(at, end, f"{quote(self.text[at:end])} is not expected here", "take it out")
        return MISSING, end

    def _warn_placeholder(self, match: re.Match[str]) -> None:
        self.warnings += 1
        if self.warnings <= MAX_PROBLEMS:
            what = f"the placeholder {quote(match[0])} is not in quotes: the file is JSON only once it is filled in"
            self.problems.add(*match.span(), what, "nothing to do if it is filled in later", severity="warning")

    def _other_quotes(self, at: int) -> tuple[str, int]:
        """A string in quotes other than the double quote."""
        closing = _CLOSING_QUOTES[self.text[at]]
        line_end = _end(_LINE_END, self.text, at)
        found = [offset for quote_ in closing if (offset := self.text.find(quote_, at + 1, line_end)) >= 0]
        if not found:
            self.note(at, line_end, "this string is not closed on its line", 'strings stand in double quotes: "…"')
            match = _BARE.match(self.text, at + 1)
            return ("", at + 1) if match is None else (match[0].rstrip(), match.end())
        end = min(found)
        self.note(at, end + 1, "strings stand in double quotes", f'write "{self.text[at + 1 : end]}"', harmless=True)
        return self.text[at + 1 : end], end + 1

    def _number(self, match: re.Match[str]) -> Token:
        text = match[0]
        strict = _NUMBER.fullmatch(text)
        if strict is None:
            return self._unusual_number(match)
        if len(text) > MAX_NUMBER_LENGTH:
            what = f"a number of {len(text)} characters"
            self.note(*match.span(), what, f"at most {MAX_NUMBER_LENGTH} are read", harmless=True)
            return 0, match.end()
        if strict[1] is None and strict[2] is None:
            return int(text), match.end()
        value = float(text)
        if math.isinf(value):
            what = f"{quote(text)} is larger than any number a computer's double can hold"
            self.note(*match.span(), what, "the largest is about 1.8e308", harmless=True)
            value = 0.0
        return value, match.end()

    def _unusual_number(self, match: re.Match[str]) -> Token:
        text = match[0]
        plain = text.lstrip("+").replace("_", "")
        value: Value = text
        try:
            value = int(plain[:MAX_NUMBER_LENGTH], 0 if plain[:2].lower() in ("0x", "0o", "0b") else 10)
        except ValueError:
            try:
                value = float(plain)
            except ValueError:
                value = text
        if isinstance(value, str) or (isinstance(value, float) and not math.isfinite(value)):
            self.note(*match.span(), f"{quote(text)} is not a number", f'if it is text, write "{text[:40]}"')
            return text, match.end()
        fix = f"write {value}" if len(text) < MAX_NUMBER_LENGTH else ""
        self.note(*match.span(), f"{quote(text)} is not how JSON writes a number", fix, harmless=True)
        return value, match.end()

    def _word(self, match: re.Match[str]) -> Token:
        word = match[0]
        known = _WORDS.get(word.lower())
        if known is not None:
            self.note(*match.span(), f"{quote(word)} is not JSON", f"write {known[0]}", harmless=True)
            return known[1], match.end()
        if word.lstrip("+-").lower() in _NO_NUMBERS:
            what = f"JSON has no {quote(word)}"
            self.note(*match.span(), what, "write a number, or null", harmless=True)
            return None, match.end()
        return self._bare(match.start())

    def _bare(self, at: int) -> Token:
        match = _BARE.match(self.text, at)
        assert match is not None, "called at a letter"
        text = match[0].rstrip()
        end = at + len(text)
        if self.text[match.end() : match.end() + 1] == '"':
            end = match.end() + 1
            self.note(at, end, "the opening quote of this string is missing", f'write "{text[:60]}"')
        else:
            self.note(at, end, f"{quote(text)} is not in quotes", f'write "{text[:60]}"', harmless=True)
        return text, end


def _code(match: re.Match[str]) -> int:
    """The UTF-16 code unit of a \\u escape, -1 for another escape."""
    return int(match[1], 16) if match[1] else -1


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the match of a pattern that always matches ends."""
    match = pattern.match(text, at)
    return match.end() if match else at
