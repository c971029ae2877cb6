"""Texts with values in them: quoted ones with their escapes, heredocs, and whole files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.placed import PlacedBuilder, PlacedText
from sfdebug.projects.terraform.syntax import Expression, ForParts, HclTemplate, IfParts, Interpolation, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.projects.terraform.parsing.scanner import HclScanner

_HEREDOC: Final = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t\r]*\n")
_BLANK_LINE: Final = re.compile(r"[ \t\r]*\n?")
_SPECIAL: Final = re.compile(r"\$+\{|%+\{")
_QUOTED: Final = re.compile(r'["\\\n]|\$+\{|%+\{')
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_UNICODE: Final = {"u": 4, "U": 8}
_ENDINGS: Final = {"if": ("else", "endif"), "for": ("endfor",)}


class TemplateReader:
    """Reads templates. `expression` reads what stands in a `${}`."""

    def __init__(self, scanner: HclScanner, expression: Callable[[], Expression]) -> None:
        self._scanner = scanner
        self._expression = expression

    def quoted(self) -> HclTemplate:
        """A text in quotes, which begins here."""
        scanner = self._scanner
        start = scanner.at
        scanner.at += 1
        parts = _PartsReader(scanner, self._expression, scanner.end, is_quoted=True).read()
        if not scanner.sees('"'):
            raise scanner.error(start, "this text is never closed", 'write " where it should end')
        scanner.at += 1
        return HclTemplate(start, scanner.at, parts)

    def heredoc(self) -> HclTemplate:
        """A text from `<<NAME` to a line that is `NAME`; `<<-` takes off the indentation that all its lines have."""
        scanner = self._scanner
        start = scanner.at
        match = scanner.matches(_HEREDOC)
        if match is None:
            raise scanner.error(start, "a name is missing behind <<", "write <<EOF, and EOF alone on the last line")
        begin, name = match.end(), match[2]
        closing = re.compile(rf"^[ \t]*{re.escape(name)}[ \t\r]*$", re.MULTILINE).search(scanner.text, begin)
        if closing is None:
            raise scanner.error(start, f"this text has no line {name} that ends it", "write it")
        lines = [line for line in scanner.text[begin : closing.start()].splitlines() if line.strip()]
        indent = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0) if match[1] else 0
        parts = _PartsReader(scanner, self._expression, closing.start(), indent=indent).read()
        scanner.at = closing.end()
        return HclTemplate(start, scanner.at, parts)

    def whole(self) -> HclTemplate:
        """All of the file as a text."""
        parts = _PartsReader(self._scanner, self._expression, self._scanner.end).read()
        return HclTemplate(0, self._scanner.end, parts)


class _PartsReader:
    """Reads the parts of one template, which goes up to `end`, or to a quote; its lines lose `indent` blanks."""

    def __init__(
        self,
        scanner: HclScanner,
        expression: Callable[[], Expression],
        end: int,
        *,
        is_quoted: bool = False,
        indent: int = 0,
    ) -> None:
        self._scanner = scanner
        self._expression = expression
        self._end = end
        self._is_quoted = is_quoted
        self._indent = indent
        self._kept = -1
        """The beginning of a line that keeps its indentation, as the line before it ended with `~}`."""

    def read(self, until: tuple[str, ...] = ()) -> tuple[Part, ...]:
        """The parts to the end of the template, or to a directive of these names."""
        scanner = self._scanner
        found: list[Part] = []
        self._strip()
        while True:
            builder = PlacedBuilder()
            sign = self._literal(builder)
            opening = scanner.at
            scanner.at += 2 if sign else 0
            text = builder.built()
            if sign and scanner.takes("~"):
                text = _without_last_blanks(text)
            if text.text:
                found.append(text)
            name = self._directive() if sign == "%" else ""
            if not sign or name in until:
                scanner.at = opening
                return tuple(found)
            found.append(self._value(opening) if sign == "$" else self._control(name, opening))
            self._strip()

    # what is computed

    def _value(self, opening: int) -> Part:
        with self._scanner.lines(count=False):
            value = self._expression()
            self._close(opening)
        return Interpolation(opening, self._scanner.at, value)

    def _control(self, name: str, opening: int) -> Part:
        scanner = self._scanner
        if name not in _ENDINGS:
            fix = "begin with %{ if … } or %{ for … in … }"
            raise scanner.error(opening, f"%{{ {name} }} does not belong here", fix)
        with scanner.nested(opening):
            with scanner.lines(count=False):
                scanner.skip()
                scanner.word()
                key, value = scanner.loop_names() if name == "for" else ("", "")
                subject = self._expression()
                self._close(opening)
            parts = self.read(_ENDINGS[name])
            otherwise: tuple[Part, ...] = ()
            if self._take_directive(opening) == "else":
                otherwise = self.read(("endif",))
                self._take_directive(opening)
        if name == "if":
            return IfParts(opening, scanner.at, subject, parts, otherwise)
        return ForParts(opening, scanner.at, key, value, subject, parts)

    def _directive(self) -> str:
        """The name of the directive that begins here, without going past it."""
        at = self._scanner.at
        self._scanner.skip_lines()
        name = self._scanner.word()
        self._scanner.at = at
        return name

    def _take_directive(self, opening: int) -> str:
        scanner = self._scanner
        if not scanner.sees("%{"):
            raise scanner.error(opening, "this %{ has no end", "write %{ endif } or %{ endfor }")
        scanner.at += 2
        with scanner.lines(count=False):
            scanner.takes("~")
            scanner.skip()
            name = scanner.word()
            self._close(opening)
        return name

    def _close(self, opening: int) -> None:
        self._scanner.takes("~")
        if not self._scanner.takes("}"):
            raise self._scanner.error(opening, "this ${ or %{ is never closed", "write } where it should end")

    # what is written

    def _strip(self) -> None:
        """Go past the blank rest of the line behind `~}`; the next line keeps its indentation."""
        scanner = self._scanner
        if scanner.text[max(0, scanner.at - 2) : scanner.at] == "~}":
            match = _BLANK_LINE.match(scanner.text, scanner.at, self._end)
            scanner.at = self._kept = match.end() if match else scanner.at

    def _literal(self, builder: PlacedBuilder) -> str:
        """Take plain text up to a `${` or `%{`, whose sign is given, or to the end."""
        scanner = self._scanner
        pattern = _QUOTED if self._is_quoted else _SPECIAL
        while True:
            match = pattern.search(scanner.text, scanner.at, self._end)
            self._plain(builder, self._end if match is None else match.start())
            if match is None or match[0] in ('"', "\n"):
                return ""
            sign = match[0]
            if sign == "\\":
                self._escape(builder)
            elif len(sign) > 2:  # $${ and %%{ are the signs themselves
                builder.add(sign[1:], scanner.at, 0)
                scanner.at += len(sign)
            else:
                return sign[0]

    def _plain(self, builder: PlacedBuilder, stop: int) -> None:
        scanner = self._scanner
        text = scanner.text
        while self._indent and scanner.at < stop:
            if scanner.at != self._kept and (scanner.at == 0 or text[scanner.at - 1] == "\n"):
                blank = re.compile(rf"[ \t]{{0,{self._indent}}}").match(text, scanner.at, stop)
                scanner.at = blank.end() if blank else scanner.at
            line_end = text.find("\n", scanner.at, stop)
            if line_end < 0:
                break
            builder.add(text[scanner.at : line_end + 1], scanner.at, line_end + 1 - scanner.at)
            scanner.at = line_end + 1
        builder.add(text[scanner.at : stop], scanner.at, stop - scanner.at)
        scanner.at = max(scanner.at, stop)

    def _escape(self, builder: PlacedBuilder) -> None:
        scanner = self._scanner
        at = scanner.at
        sign = scanner.text[at + 1 : at + 2]
        width = _UNICODE.get(sign, 0)
        if width:
            try:
                builder.add(chr(int(scanner.text[at + 2 : at + 2 + width], 16)), at)
            except (ValueError, OverflowError):
                raise scanner.error(at, "this is no character", "write four digits behind \\u") from None
        elif sign in _ESCAPES and sign:
            builder.add(_ESCAPES[sign], at)
        else:
            raise scanner.error(at, f"\\{sign} stands for nothing", 'write \\n, \\r, \\t, \\" or \\\\')
        scanner.at += 2 + width


def _without_last_blanks(text: PlacedText) -> PlacedText:
    """A text without the blanks at the end of its last line, and that line's own break."""
    begin = text.text.rfind("\n", 0, max(0, len(text.text) - 1)) + 1
    builder = PlacedBuilder()
    builder.take(text, 0, begin + len(text.text[begin:].rstrip()))
    return builder.built()
