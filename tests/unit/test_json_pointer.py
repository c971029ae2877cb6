"""JSON Pointers: escapes, indices told from names by the value, and what is not there."""

from __future__ import annotations

import pytest

from sfdebug.json_pointer import escape, format_pointer, keys_in, parse, value_at
from sfdebug.values import MISSING, Json

# RFC 6901, section 5
DOCUMENT: Json = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, "0": {"x": None}}


@pytest.mark.parametrize(
    ("pointer", "value", "keys"),
    [
        ("", DOCUMENT, ()),
        ("/foo", ["bar", "baz"], ("foo",)),
        ("/foo/1", "baz", ("foo", 1)),
        ("/", 0, ("",)),
        ("/a~1b", 1, ("a/b",)),
        ("/c%d", 2, ("c%d",)),
        ("/m~0n", 8, ("m~n",)),
        ("/0/x", None, ("0", "x")),
        ("/foo/2", MISSING, ("foo", 2)),
        ("/foo/x", MISSING, ("foo", "x")),
        ("/foo/1/y", MISSING, ("foo", 1, "y")),
        ("/nope/1", MISSING, ("nope", "1")),
    ],
)
def test_what_a_pointer_leads_to(pointer: str, value: object, keys: tuple[str | int, ...]) -> None:
    assert value_at(DOCUMENT, pointer) == value
    assert keys_in(DOCUMENT, pointer) == keys
    assert format_pointer(keys) == pointer


def test_an_escaped_escape_is_read_once() -> None:
    assert escape("~1") == "~01"
    assert parse("/~01") == ["~1"]
