"""Reading the files of Terraform, and the templates that `templatefile` fills in, with places.

Source: HCL native syntax specification: structure, expressions, and templates with their escapes and `~` marks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.placed import PlacedBuilder, PlacedText
from sfdebug.asl.text.problems import ProblemList, quote
from sfdebug.projects.model import ProjectError
from sfdebug.projects.terraform.syntax import (
    Attribute,
    Body,
    Call,
    Choice,
    Expression,
    ForOf,
    ForParts,
    HclBlock,
    HclLiteral,
    HclName,
    HclTemplate,
    IfParts,
    Index,
    Interpolation,
    ListOf,
    ObjectOf,
    Operation,
    Part,
    Splat,
)

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Source

MAX_NESTING: Final = 100

_BLANK: Final = re.compile(r"(?:[ \t\r]|#[^\n]*|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_SPACE: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d][\w-]*")
_NUMBER: Final = re.compile(r"\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?")
_HEREDOC: Final = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t\r]*\n")
_BLANK_LINE: Final = re.compile(r"[ \t\r]*\n?")
_SPECIAL: Final = re.compile(r"\$+\{|%+\{")
_QUOTED: Final = re.compile(r'["\\\n]|\$+\{|%+\{')
_OPERATORS: Final = (("||",), ("&&",), ("==", "!="), (">=", "<=", ">", "<"), ("+", "-"), ("*", "/", "%"))
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_UNICODE: Final = {"u": 4, "U": 8}


def parse_file(source: Source) -> Body:
    """The body of a `.tf` file. Raises ProjectError, with the place, for what is none."""
    parser = _Parser(source)
    return parser.body(at_top=True)


def parse_template(source: Source) -> HclTemplate:
    """A whole text as a template. Raises ProjectError, with the place, for what is none."""
    parser = _Parser(source)
    parts = parser.parts(len(source.text), (), 0)
    return HclTemplate(0, len(source.text), parts)


def parse_value(source: Source) -> Expression:
    """An expression alone: a value that was given on a command line. Raises ProjectError for what is none."""
    parser = _Parser(source)
    parser.inside = 1
    found = parser.expression()
    parser.skip()
    if parser.at < len(parser.text):
        raise parser.error(parser.at, "this does not belong here", "take it out")
    return found


class _Parser:
    """Reads one file from left to right. `inside` counts the brackets in which a line break means nothing."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.inside = 0
        self.depth = 0
        self.kept = -1
        self.end = len(self.text)

    # characters

    def error(self, at: int, what: str, fix: str) -> ProjectError:
        """An error at a place of the file."""
        problem = ProblemList(self.source).add(at, at + 1, what, fix)
        return ProjectError([problem])

    def skip(self) -> None:
        """Go past blanks and comments, and past line breaks where they mean nothing."""
        match = (_SPACE if self.inside else _BLANK).match(self.text, self.at)
        self.at = match.end() if match else self.at

    def skip_lines(self) -> None:
        """Go past blanks, comments and line breaks."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def sees(self, sign: str) -> bool:
        """Whether a sign stands here."""
        return self.text.startswith(sign, self.at)

    def takes(self, sign: str) -> bool:
        """Go past a sign if it stands here."""
        self.skip()
        if not self.sees(sign):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str, after: str) -> None:
        """Go past a sign that has to stand here."""
        if not self.takes(sign):
            raise self.error(self.at, f"{sign} is missing {after}", f"write {sign}")

    def word(self) -> str:
        """The name that stands here, "" when none does."""
        match = _WORD.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    # structure

    def body(self, at_top: bool = False) -> Body:
        """Arguments and blocks, to the closing brace or the end of the file."""
        arguments: dict[str, tuple[Expression, int]] = {}
        blocks: list[HclBlock] = []
        inside, self.inside = self.inside, 0
        while True:
            self.skip_lines()
            if self.at >= self.end:
                if at_top:
                    break
                raise self.error(self.at - 1, "a block is never closed", "write } where it should end")
            if self.sees("}"):
                if at_top:
                    raise self.error(self.at, "this } closes nothing", "take it out")
                break
            self._item(arguments, blocks)
        self.inside = inside
        return Body(arguments, tuple(blocks))

    def _item(self, arguments: dict[str, tuple[Expression, int]], blocks: list[HclBlock]) -> None:
        start = self.at
        name = self.word()
        if not name:
            raise self.error(start, "a name of an argument or of a block is needed here", "write one")
        self.skip()
        if self.sees("=") and not self.sees("=="):
            self.at += 1
            arguments[name] = (self.expression(), start)
            self.skip()
            if self.at < self.end and self.text[self.at] not in "\n}":
                raise self.error(
                    self.at, f"this does not belong to {quote(name)}", "write each argument on its own line"
                )
            return
        labels = []
        while not self.sees("{"):
            label = self._label()
            if label is None:
                raise self.error(self.at, f"= or {{ is missing behind {quote(name)}", "write one of them")
            labels.append(label)
            self.skip()
        self.at += 1
        self._enter(start)
        body = self.body()
        self.depth -= 1
        self.at += 1
        blocks.append(HclBlock(name, tuple(labels), body, start))

    def _label(self) -> str | None:
        if self.sees('"'):
            template = self._quoted()
            return "".join(part.text for part in template.parts if isinstance(part, PlacedText))
        return self.word() or None

    def _enter(self, start: int) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.error(start, f"this is nested more than {MAX_NESTING} deep", "make it flatter")

    # expressions

    def expression(self) -> Expression:
        """A whole expression, with its `?` and `:`."""
        self.skip()
        start = self.at
        self._enter(start)
        found = self._operation(0)
        self.skip()
        if self.sees("?"):
            self.at += 1
            inside, self.inside = self.inside, self.inside + 1  # what follows ? and : may be on the next line
            yes = self.expression()
            self.expect(":", "between the two values")
            self.skip()
            self.inside = inside
            no = self.expression()
            found = Choice(start, self.at, found, yes, no)
        self.depth -= 1
        return found

    def _operation(self, level: int) -> Expression:
        if level == len(_OPERATORS):
            return self._unary()
        start = self.at
        left = self._operation(level + 1)
        while True:
            self.skip()
            sign = next((each for each in _OPERATORS[level] if self.sees(each)), "")
            if not sign or (sign == "%" and self.sees("%{")):
                return left
            self.at += len(sign)
            self.skip_lines()
            left = Operation(start, self.at, sign, left, self._operation(level + 1))

    def _unary(self) -> Expression:
        self.skip()
        start = self.at
        if self.sees("!") or self.sees("-"):
            sign = self.text[self.at]
            self.at += 1
            self._enter(start)
            operand = self._unary()
            self.depth -= 1
            return Operation(start, self.at, sign, operand)
        return self._steps(self._term(), start)

    def _steps(self, found: Expression, start: int) -> Expression:
        """What stands behind a term: names, keys and splats."""
        while True:
            if self.inside:
                at = self.at
                self.skip()
                if not self.sees(".") and not self.sees("["):
                    self.at = at
            if self.sees("..."):
                return found
            if self.sees(".*") or self.sees("[*]"):
                self.at += 2 if self.sees(".*") else 3
                found = Splat(start, self.at, found, tuple(self._splat_steps()))
            elif self.sees("."):
                self.at += 1
                found = self._member(found, start)
            elif self.sees("["):
                found = Index(start, self.at, found, self._key())
            else:
                return found

    def _member(self, owner: Expression, start: int) -> Expression:
        begin = self.at
        name = self.word()
        if name:
            return Attribute(start, self.at, owner, name)
        match = re.compile(r"\d+").match(self.text, self.at)
        if match is None:
            raise self.error(begin, "a name is missing behind the dot", "write one")
        self.at = match.end()
        return Index(start, self.at, owner, HclLiteral(begin, self.at, int(match[0][:9])))

    def _key(self) -> Expression:
        self.at += 1
        self.inside += 1
        key = self.expression()
        self.expect("]", "behind the key")
        self.inside -= 1
        return key

    def _splat_steps(self) -> list[str | Expression]:
        steps: list[str | Expression] = []
        while True:
            if self.sees(".") and not self.sees("..."):
                self.at += 1
                name = self.word()
                if not name:
                    raise self.error(self.at, "a name is missing behind the dot", "write one")
                steps.append(name)
            elif self.sees("[") and not self.sees("[*]"):
                steps.append(self._key())
            else:
                return steps

    def _term(self) -> Expression:
        start = self.at
        if start >= self.end:
            raise self.error(max(0, start - 1), "a value is missing here", "write one")
        here = self.text[start]
        if here == '"':
            return self._quoted()
        if here == "(":
            self.at += 1
            self.inside += 1
            found = self.expression()
            self.expect(")", "behind the value")
            self.inside -= 1
            return found
        if here == "[":
            return self._list()
        if here == "{":
            return self._object()
        if self.sees("<<"):
            return self._heredoc()
        number = _NUMBER.match(self.text, start)
        if number is not None:
            self.at = number.end()
            return HclLiteral(start, self.at, int(number[0]) if number[0].isdecimal() else float(number[0]))
        name = self.word()
        if not name:
            raise self.error(start, f"a value is needed here, not {quote(here)}", "write one")
        return self._named(name, start)

    def _named(self, name: str, start: int) -> Expression:
        if name in _CONSTANTS:
            return HclLiteral(start, self.at, _CONSTANTS[name])
        while self.sees("::"):
            self.at += 2
            name = f"{name}::{self.word()}"
        if self.sees("("):
            return self._call(name, start)
        return HclName(start, self.at, name)

    def _call(self, name: str, start: int) -> Expression:
        self.at += 1
        self.inside += 1
        arguments: list[Expression] = []
        expands = False
        while not self.takes(")"):
            arguments.append(self.expression())
            expands = self.takes("...")
            if not self.takes(","):
                self.expect(")", f"behind the arguments of {name}")
                break
        self.inside -= 1
        return Call(start, self.at, name, tuple(arguments), expands)

    def _list(self) -> Expression:
        start = self.at
        self.at += 1
        self.inside += 1
        self.skip()
        if self._sees_for():
            found = self._for(start, "]")
        else:
            items: list[Expression] = []
            while not self.takes("]"):
                items.append(self.expression())
                if not self.takes(","):
                    self.expect("]", "behind the items of a list")
                    break
            found = ListOf(start, self.at, tuple(items))
        self.inside -= 1
        return found

    def _sees_for(self) -> bool:
        return re.compile(r"for\s").match(self.text, self.at) is not None

    def _object(self) -> Expression:
        start = self.at
        self.at += 1
        self.inside += 1
        self.skip()
        if self._sees_for():
            found = self._for(start, "}")
            self.inside -= 1
            return found
        items: list[tuple[Expression, Expression]] = []
        while not self.takes("}"):
            key = self._object_key()
            self.skip()
            if not (self.sees("=") or self.sees(":")):
                raise self.error(self.at, "= is missing behind a key", "write it")
            self.at += 1
            inside, self.inside = self.inside, 0  # a line break ends an item
            value = self.expression()
            self.skip()
            is_ended = self.at < self.end and self.text[self.at] == "\n"
            self.inside = inside
            items.append((key, value))
            if not self.takes(",") and not is_ended:
                self.expect("}", "behind the items of an object")
                break
        self.inside -= 1
        return ObjectOf(start, self.at, tuple(items))

    def _object_key(self) -> Expression:
        start = self.at
        name = self.word()
        if name:
            end = self.at
            self.skip()
            if self.sees("=") or self.sees(":"):
                text = PlacedBuilder()
                text.add(name, start, len(name))
                return HclTemplate(start, end, (text.built(),))
            self.at = start
        return self.expression()

    def _for(self, start: int, closing: str) -> Expression:
        self.at += 3
        key, value = self._for_names()
        collection = self.expression()
        self.expect(":", "behind what is gone through")
        result = self.expression()
        result_key = None
        if closing == "}":
            self.expect("=>", "behind the key")
            result_key, result = result, self.expression()
        is_grouped = self.takes("...")
        self.skip()
        condition = None
        if re.compile(r"if\b").match(self.text, self.at):
            self.at += 2
            condition = self.expression()
        self.expect(closing, "at the end of for")
        return ForOf(start, self.at, key, value, collection, result_key, result, condition, is_grouped)

    def _for_names(self) -> tuple[str, str]:
        self.skip()
        key, value = "", self.word()
        if self.takes(","):
            self.skip()
            key, value = value, self.word()
        self.skip()
        if not value or self.word() != "in":
            raise self.error(self.at, "in is missing behind the name", "write: for item in list")
        return key, value

    # texts

    def _quoted(self) -> HclTemplate:
        start = self.at
        self.at += 1
        parts = self.parts(-1, (), 0)
        if not self.sees('"'):
            raise self.error(start, "this text is never closed", 'write " where it should end')
        self.at += 1
        return HclTemplate(start, self.at, parts)

    def _heredoc(self) -> HclTemplate:
        start = self.at
        match = _HEREDOC.match(self.text, start)
        if match is None:
            raise self.error(start, "a name is missing behind <<", "write <<EOF, and EOF alone on the last line")
        begin = match.end()
        closing = re.compile(rf"^[ \t]*{re.escape(match[2])}[ \t\r]*$", re.MULTILINE).search(self.text, begin)
        if closing is None:
            raise self.error(start, f"this text has no line {match[2]} that ends it", "write it")
        lines = [line for line in self.text[begin : closing.start()].splitlines() if line.strip()]
        indent = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0) if match[1] else 0
        self.at = begin
        parts = self.parts(closing.start(), (), indent)
        self.at = closing.end()
        return HclTemplate(start, self.at, parts)

    def parts(self, end: int, until: tuple[str, ...], indent: int) -> tuple[Part, ...]:
        """The parts of a template up to `end`, or to the closing quote (-1), or to a directive of these names."""
        found: list[Part] = []
        self._strip(end)
        while True:
            builder = PlacedBuilder()
            sign = self._literal(builder, end, indent)
            opening = self.at
            self.at += 2 if sign else 0
            text = builder.built()
            if sign and self.takes("~"):
                text = _without_last_blanks(text)
            if text.text:
                found.append(text)
            name = self._directive() if sign == "%" else ""
            if not sign or name in until:
                self.at = opening
                return tuple(found)
            found.append(self._value_part(opening) if sign == "$" else self._control_part(name, opening, end, indent))
            self._strip(end)

    def _strip(self, end: int) -> None:
        """Go past the blank rest of the line behind `~}`; the next line keeps its indentation."""
        if self.text[max(0, self.at - 2) : self.at] == "~}":
            match = _BLANK_LINE.match(self.text, self.at, self.end if end < 0 else end)
            self.at = self.kept = match.end() if match else self.at

    def _directive(self) -> str:
        """The name of the directive that begins here, without going past it."""
        at = self.at
        self.skip_lines()
        name = self.word()
        self.at = at
        return name

    def _value_part(self, opening: int) -> Part:
        self.inside += 1
        value = self.expression()
        self._close(opening)
        self.inside -= 1
        return Interpolation(opening, self.at, value)

    def _close(self, opening: int) -> None:
        self.takes("~")
        if not self.takes("}"):
            raise self.error(opening, "this ${ or %{ is never closed", "write } where it should end")

    def _control_part(self, name: str, opening: int, end: int, indent: int) -> Part:
        self.inside += 1
        self.skip()
        self.word()
        if name not in ("if", "for"):
            raise self.error(opening, f"%{{ {name} }} does not belong here", "begin with %{ if … } or %{ for … in … }")
        self._enter(opening)
        key, value = self._for_names() if name == "for" else ("", "")
        subject = self.expression()
        self._close(opening)
        inside, self.inside = self.inside, 0
        parts = self.parts(end, ("else", "endif") if name == "if" else ("endfor",), indent)
        otherwise: tuple[Part, ...] = ()
        ended = self._take_directive(opening)
        if ended == "else":
            otherwise = self.parts(end, ("endif",), indent)
            self._take_directive(opening)
        self.inside = inside - 1
        self.depth -= 1
        if name == "if":
            return IfParts(opening, self.at, subject, parts, otherwise)
        return ForParts(opening, self.at, key, value, subject, parts)

    def _take_directive(self, opening: int) -> str:
        if not self.sees("%{"):
            raise self.error(opening, "this %{ has no end", "write %{ endif } or %{ endfor }")
        self.at += 2
        self.inside += 1
        self.takes("~")
        self.skip()
        name = self.word()
        self._close(opening)
        self.inside -= 1
        return name

    def _literal(self, builder: PlacedBuilder, end: int, indent: int) -> str:
        """Take plain text up to a `${` or `%{`, whose sign is given, or to the end."""
        is_quoted = end < 0
        pattern = _QUOTED if is_quoted else _SPECIAL
        limit = self.end if is_quoted else end
        while True:
            match = pattern.search(self.text, self.at, limit)
            stop = limit if match is None else match.start()
            self._plain(builder, stop, indent)
            if match is None or match[0] in ('"', "\n"):
                return ""
            sign = match[0]
            if sign == "\\":
                self._escape(builder)
            elif len(sign) > 2:  # $${ and %%{ are the signs themselves
                builder.add(sign[1:], self.at, 0)
                self.at += len(sign)
            else:
                return sign[0]

    def _plain(self, builder: PlacedBuilder, stop: int, indent: int) -> None:
        while indent and self.at < stop:
            if self.at != self.kept and (self.at == 0 or self.text[self.at - 1] == "\n"):
                blank = re.compile(rf"[ \t]{{0,{indent}}}").match(self.text, self.at, stop)
                self.at = blank.end() if blank else self.at
            line_end = self.text.find("\n", self.at, stop)
            if line_end < 0:
                break
            builder.add(self.text[self.at : line_end + 1], self.at, line_end + 1 - self.at)
            self.at = line_end + 1
        builder.add(self.text[self.at : stop], self.at, stop - self.at)
        self.at = max(self.at, stop)

    def _escape(self, builder: PlacedBuilder) -> None:
        sign = self.text[self.at + 1 : self.at + 2]
        width = _UNICODE.get(sign, 0)
        if width:
            digits = self.text[self.at + 2 : self.at + 2 + width]
            try:
                builder.add(chr(int(digits, 16)), self.at)
            except (ValueError, OverflowError):
                raise self.error(self.at, "this is no character", "write four digits behind \\u") from None
        elif sign in _ESCAPES and sign:
            builder.add(_ESCAPES[sign], self.at)
        else:
            raise self.error(self.at, f"\\{sign} stands for nothing", 'write \\n, \\r, \\t, \\" or \\\\')
        self.at += 2 + width


def _without_last_blanks(text: PlacedText) -> PlacedText:
    """A text without the blanks at the end of its last line, and that line's own break."""
    begin = text.text.rfind("\n", 0, max(0, len(text.text) - 1)) + 1
    builder = PlacedBuilder()
    builder.take(text, 0, begin + len(text.text[begin:].rstrip()))
    return builder.built()
