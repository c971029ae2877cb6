"""Expressions: operators by how strongly they bind, terms, and what stands behind a term."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.placed import PlacedBuilder
from sfdebug.asl.text.problems import quote
from sfdebug.projects.terraform.parsing.scanner import HclScanner
from sfdebug.projects.terraform.parsing.templates import TemplateReader
from sfdebug.projects.terraform.syntax import (
    Attribute,
    Call,
    Choice,
    Expression,
    ForOf,
    HclLiteral,
    HclName,
    HclTemplate,
    Index,
    ListOf,
    ObjectOf,
    Operation,
    Splat,
)

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Source

_NUMBER: Final = re.compile(r"\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?")
_POSITION: Final = re.compile(r"\d+")
_OPERATOR: Final = re.compile(r"\|\||&&|[=!]=|[<>]=?|[-+*/]|%(?!\{)")
_FOR: Final = re.compile(r"for\s")
_IF: Final = re.compile(r"if\b")
_LEVELS: Final = (("||",), ("&&",), ("==", "!="), (">=", "<=", ">", "<"), ("+", "-"), ("*", "/", "%"))
_BINDING: Final = {sign: level for level, signs in enumerate(_LEVELS) for sign in signs}
"""How strongly each operator of two operands binds."""

_CONSTANTS: Final = {"true": True, "false": False, "null": None}


def parse_template(source: Source) -> HclTemplate:
    """A whole text as a template. Raises ProjectError, with the place, for what is none."""
    return ExpressionReader(HclScanner(source)).templates.whole()


def parse_value(source: Source) -> Expression:
    """An expression alone: a value that was given on a command line. Raises ProjectError for what is none."""
    scanner = HclScanner(source, lines_count=False)
    found = ExpressionReader(scanner).expression()
    scanner.skip()
    if not scanner.is_at_end:
        raise scanner.error(scanner.at, "this does not belong here", "take it out")
    return found


class ExpressionReader:
    """Reads expressions, and by its `templates` the texts that they have in them."""

    def __init__(self, scanner: HclScanner) -> None:
        self._scanner = scanner
        self.templates = TemplateReader(scanner, self.expression)

    def expression(self) -> Expression:
        """A whole expression, with its `?` and `:`."""
        scanner = self._scanner
        scanner.skip()
        start = scanner.at
        with scanner.nested(start):
            found = self._operation(0)
            if not scanner.sees_ahead("?"):
                return found
            scanner.at += 1
            with scanner.lines(count=False):  # what follows ? and : may be on the next line
                yes = self.expression()
                scanner.expect(":", "between the two values")
                scanner.skip()
            no = self.expression()
        return Choice(start, scanner.at, found, yes, no)

    def _operation(self, least: int) -> Expression:
        """Operands, and the operators between them that bind at least so strongly: equals from the left."""
        scanner = self._scanner
        start = scanner.at
        left = self._unary()
        while True:
            end = scanner.at
            scanner.skip()
            match = scanner.matches(_OPERATOR)
            if match is None or _BINDING[match[0]] < least:
                scanner.at = end
                return left
            scanner.skip_lines()
            right = self._operation(_BINDING[match[0]] + 1)
            left = Operation(start, scanner.at, match[0], left, right)

    def _unary(self) -> Expression:
        scanner = self._scanner
        scanner.skip()
        start = scanner.at
        if not scanner.sees("!", "-"):
            return self._steps(self._term(), start)
        sign = scanner.text[start]
        scanner.at += 1
        with scanner.nested(start):
            operand = self._unary()
        return Operation(start, scanner.at, sign, operand)

    # behind a term

    def _steps(self, found: Expression, start: int) -> Expression:
        """What stands behind a term: names, keys and splats."""
        scanner = self._scanner
        while True:
            if not scanner.lines_count:
                scanner.sees_ahead(".", "[")
            if scanner.sees("..."):
                return found
            if scanner.sees(".*", "[*]"):
                scanner.at += 2 if scanner.sees(".*") else 3
                found = Splat(start, scanner.at, found, tuple(self._splat_steps()))
            elif scanner.sees("."):
                scanner.at += 1
                found = self._member(found, start)
            elif scanner.sees("["):
                found = Index(start, scanner.at, found, self._key())
            else:
                return found

    def _member(self, owner: Expression, start: int) -> Expression:
        scanner = self._scanner
        begin = scanner.at
        name = scanner.word()
        if name:
            return Attribute(start, scanner.at, owner, name)
        match = scanner.matches(_POSITION)
        if match is None:
            raise scanner.error(begin, "a name is missing behind the dot", "write one")
        return Index(start, scanner.at, owner, HclLiteral(begin, scanner.at, int(match[0][:9])))

    def _key(self) -> Expression:
        self._scanner.at += 1
        return self._enclosed("]", "behind the key")

    def _splat_steps(self) -> list[str | Expression]:
        scanner = self._scanner
        steps: list[str | Expression] = []
        while True:
            if scanner.sees(".") and not scanner.sees("..."):
                scanner.at += 1
                name = scanner.word()
                if not name:
                    raise scanner.error(scanner.at, "a name is missing behind the dot", "write one")
                steps.append(name)
            elif scanner.sees("[") and not scanner.sees("[*]"):
                steps.append(self._key())
            else:
                return steps

    # terms

    def _term(self) -> Expression:
        scanner = self._scanner
        start = scanner.at
        if scanner.is_at_end:
            raise scanner.error(max(0, start - 1), "a value is missing here", "write one")
        here = scanner.text[start]
        if here == '"':
            return self.templates.quoted()
        if scanner.sees("<<"):
            return self.templates.heredoc()
        if here in "([{":
            scanner.at += 1
            if here == "(":
                return self._enclosed(")", "behind the value")
            with scanner.lines(count=False):
                return self._list(start) if here == "[" else self._object(start)
        number = scanner.matches(_NUMBER)
        if number is not None:
            return HclLiteral(start, scanner.at, int(number[0]) if number[0].isdecimal() else float(number[0]))
        name = scanner.word()
        if not name:
            raise scanner.error(start, f"a value is needed here, not {quote(here)}", "write one")
        return self._named(name, start)

    def _enclosed(self, closing: str, after: str) -> Expression:
        """An expression and the bracket that ends it; the one that begins it has been read."""
        with self._scanner.lines(count=False):
            found = self.expression()
            self._scanner.expect(closing, after)
        return found

    def _named(self, name: str, start: int) -> Expression:
        scanner = self._scanner
        if name in _CONSTANTS:
            return HclLiteral(start, scanner.at, _CONSTANTS[name])
        while scanner.sees("::"):
            scanner.at += 2
            name = f"{name}::{scanner.word()}"
        if not scanner.sees("("):
            return HclName(start, scanner.at, name)
        scanner.at += 1
        with scanner.lines(count=False):
            return self._call(name, start)

    def _call(self, name: str, start: int) -> Expression:
        scanner = self._scanner
        arguments: list[Expression] = []
        expands = False
        while not scanner.takes(")"):
            arguments.append(self.expression())
            expands = scanner.takes("...")
            if not scanner.takes(","):
                scanner.expect(")", f"behind the arguments of {name}")
                break
        return Call(start, scanner.at, name, tuple(arguments), expands)

    def _list(self, start: int) -> Expression:
        scanner = self._scanner
        scanner.skip()
        if scanner.matches(_FOR):
            return self._for(start, "]")
        items: list[Expression] = []
        while not scanner.takes("]"):
            items.append(self.expression())
            if not scanner.takes(","):
                scanner.expect("]", "behind the items of a list")
                break
        return ListOf(start, scanner.at, tuple(items))

    def _object(self, start: int) -> Expression:
        scanner = self._scanner
        scanner.skip()
        if scanner.matches(_FOR):
            return self._for(start, "}")
        items: list[tuple[Expression, Expression]] = []
        while not scanner.takes("}"):
            key = self._object_key()
            scanner.skip()
            if not scanner.sees("=", ":"):
                raise scanner.error(scanner.at, "= is missing behind a key", "write it")
            scanner.at += 1
            with scanner.lines(count=True):  # a line break ends an item
                value = self.expression()
                is_ended = scanner.sees_ahead("\n")
            items.append((key, value))
            if not scanner.takes(",") and not is_ended:
                scanner.expect("}", "behind the items of an object")
                break
        return ObjectOf(start, scanner.at, tuple(items))

    def _object_key(self) -> Expression:
        scanner = self._scanner
        start = scanner.at
        name = scanner.word()
        end = scanner.at
        if name and scanner.sees_ahead("=", ":"):
            text = PlacedBuilder()
            text.add(name, start, len(name))
            return HclTemplate(start, end, (text.built(),))
        scanner.at = start
        return self.expression()

    def _for(self, start: int, closing: str) -> Expression:
        scanner = self._scanner
        key, value = scanner.loop_names()
        collection = self.expression()
        scanner.expect(":", "behind what is gone through")
        result = self.expression()
        result_key = None
        if closing == "}":
            scanner.expect("=>", "behind the key")
            result_key, result = result, self.expression()
        is_grouped = scanner.takes("...")
        scanner.skip()
        condition = self.expression() if scanner.matches(_IF) else None
        scanner.expect(closing, "at the end of for")
        return ForOf(start, scanner.at, key, value, collection, result_key, result, condition, is_grouped)
