"""Reads JSONata text into the library's syntax tree, and turns what the library says about bad text into our errors."""

from __future__ import annotations

import threading
from functools import lru_cache, partial
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataSyntaxError, describe
from sfdebug.expressions.jsonata.library import STACK_ROOM, library, missing_library
from sfdebug.expressions.jsonata.regex import BadPatternError, engine
from sfdebug.limits import MAX_PAYLOAD_BYTES

_NEWER_OPERATORS: Final = ("?:", "??")
_FUNCTION_TYPES: Final = {
    "Choice groups containing parameterized types are not supported": "S0402",
    "Type parameters can only be applied to functions and arrays": "S0401",
}


class _NewerOperatorError(Exception):
    """The library's parser has met an operator that JSONata 2.0.6 does not have."""

    def __init__(self, sign: str) -> None:
        super().__init__(sign)
        self.sign = sign


def _refuse_operator(sign: str, left: object) -> object:
    raise _NewerOperatorError(sign)


@lru_cache(maxsize=1)
def _parser_class() -> Any:
    """The library's parser."""
    try:
        return library("jsonata.parser").Parser
    except AttributeError:
        raise missing_library() from None


@lru_cache(maxsize=1)
def _library_error() -> type[Exception]:
    error: type[Exception] = library("jsonata.jexception").JException
    return error


class _Symbols(dict[str, Any]):
    """The parser's table of symbols, in which each is made light when it is first looked up.

    The parser copies a symbol for each token, with the fifty attributes that any of them may have. What a copy has in
    common with its symbol stands here in a class of its own, and the copy holds what the parser sets on it.
    """

    def __init__(self, symbols: dict[str, Any]) -> None:
        super().__init__()
        self._symbols = symbols

    def __missing__(self, name: str) -> Any:
        symbol = self[name] = _light(self._symbols[name])
        return symbol


def _light(symbol: Any) -> Any:
    common = {**vars(symbol), "create": _copied}
    if "prefix" in common:
        common |= {"prefix": _light(common["prefix"]), "create": _copied_with_prefix}
    kind = type(symbol)
    return object.__new__(type(kind.__name__, (kind,), common))


def _copied(symbol: Any) -> Any:
    return object.__new__(type(symbol))


def _copied_with_prefix(symbol: Any) -> Any:
    copy = object.__new__(type(symbol))
    copy.prefix = symbol.prefix.create()
    return copy


class _Parsers(threading.local):
    """A parser for each thread: making one takes longer than reading most expressions. Its symbol table is what takes
    long, and reading copies from it; all else is put back before each expression."""

    def __init__(self) -> None:
        self._parser = _parser_class()()
        for sign in _NEWER_OPERATORS:
            # The sign itself must stay known: signatures such as <s?:s> hold it.
            self._parser.symbol_table[sign].led = partial(_refuse_operator, sign)
        self._parser.symbol_table = _Symbols(self._parser.symbol_table)
        self._state = vars(self._parser).copy()

    def fresh(self) -> Any:
        """The parser, as if nothing had been read with it."""
        state = vars(self._parser)
        state.clear()
        for name, value in self._state.items():
            state[name] = value.copy() if isinstance(value, list) else value
        return self._parser


@lru_cache(maxsize=1)
def _parsers() -> _Parsers:
    return _Parsers()


def token_ends(text: str) -> list[int]:
    """Where the tokens of `text` end, which can be read."""
    parser = _parsers().fresh()
    advance, ends = parser.advance, []

    def record(*arguments: Any) -> Any:
        node = advance(*arguments)
        if node.id != "(end)":
            ends.append(int(node.position))
        return node

    parser.advance = record
    with STACK_ROOM:
        parser.parse(text, engine)
    return ends


def read(text: str) -> Any:
    """The syntax tree of `text`. Raises JsonataSyntaxError."""
    # No definition that AWS takes comes near it.
    if len(text) > MAX_PAYLOAD_BYTES:
        raise JsonataSyntaxError(text, 0, f"the expression is longer than {MAX_PAYLOAD_BYTES:,} characters")
    parser = _parsers().fresh()
    try:
        with STACK_ROOM:
            tree = parser.parse(text, engine)
    except _library_error() as error:
        raise _from_library(text, error) from None
    except BadPatternError as error:
        offset = max(parser.lexer.position - 1, 0)
        raise JsonataSyntaxError(text, offset, f"the regular expression cannot be read: {error}") from None
    except RecursionError:
        raise JsonataSyntaxError(text, 0, "the expression is nested too deep", fix="Split it up.") from None
    except _NewerOperatorError as error:
        offset = max(text.rfind(error.sign, 0, parser.lexer.position), 0)
        raise _newer_operator(text, error.sign, offset) from None
    except KeyError as error:
        sign = str(error.args[0])
        offset = max(parser.lexer.position - len(sign), 0)
        raise JsonataSyntaxError(text, offset, describe("S0204", {"token": sign}), code="S0204") from None
    except RuntimeError as error:
        code = _FUNCTION_TYPES.get(str(error), "S0401")
        raise JsonataSyntaxError(text, parser.lexer.position, describe(code, {}), code=code) from None
    except (IndexError, TypeError, AttributeError, NotImplementedError, ValueError):
        raise _broken(text, parser) from None
    return tree


def _from_library(text: str, error: Any) -> JsonataSyntaxError:
    code = str(error.error)
    if code == "S0301" and error.current is not None:
        code = "S0103"  # the library's code for an unknown escape in a string is that of an empty regular expression
    named = {"token": error.current, "value": error.current}
    if code in ("S0202", "S0203"):
        named = {"value": error.current, "token": error.expected}
    offset = min(max(int(error.location), 0), len(text))
    return JsonataSyntaxError(text, offset, describe(code, named), code=code)


def _newer_operator(text: str, sign: str, offset: int) -> JsonataSyntaxError:
    message = f"{describe('S0204', {'token': sign})}: it came after JSONata 2.0.6, the version that AWS documents"
    return JsonataSyntaxError(text, offset, message, code="S0204", fix="Write a condition: $exists($a) ? $a : $b.")


def _broken(text: str, parser: Any) -> JsonataSyntaxError:
    """What the library stumbles over instead of refusing it: text that ends too early, or a misplaced sign."""
    offset = min(max(int(getattr(getattr(parser, "lexer", None), "position", 0)), 0), len(text))
    if offset >= len(text):
        comment = text.rfind("/*")
        if comment >= 0 and "*/" not in text[comment + 2 :]:
            return JsonataSyntaxError(text, comment, describe("S0106", {}), code="S0106")
        return JsonataSyntaxError(text, len(text), describe("S0207", {}), code="S0207")
    return JsonataSyntaxError(text, offset, describe("S0201", {"token": text[offset - 1 : offset]}), code="S0201")
