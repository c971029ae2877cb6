"""The JSON scanner: values, places, and every kind of syntax error with its line and column."""

from __future__ import annotations

import json

import pytest

from sfdebug.asl.text.json import MAX_DEPTH, parse_json, scan_json
from sfdebug.asl.text.problems import Scan
from sfdebug.asl.text.source import Source
from sfdebug.errors import DefinitionError
from tests.document_spans import key_spans, value_spans


def scan(text: str) -> Scan:
    return scan_json(Source("f.json", text))


def places(text: str) -> list[tuple[int, int, str]]:
    return [(problem.line, problem.column, problem.what) for problem in scan(text).problems]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        " [ ] ",
        "null",
        "-0",
        "0.5",
        "1e5",
        "-1.25E-3",
        "12345678901234567890123",
        '"\\u00e9\\n\\"\\\\\\/\\ud83d\\ude00"',
        '{"a":{"b":[1,[2,{"c":null}],true,false]},"":0}',
        '\r\n{\r\n\t"a" :\r\n1\r\n}\r\n',
        '["é", "日本", "😀", "\u2028"]',
    ],
)
def test_well_formed_text_gives_what_json_gives(text: str) -> None:
    document = parse_json(Source("f.json", text))
    assert document.value == json.loads(text)
    assert scan(text).problems == ()


def test_every_value_and_key_has_its_place() -> None:
    text = '{\n  "a": [1, "é😀"],\n  "b": {"c": null}\n}'
    document = parse_json(Source("f.json", text))
    found = {pointer: text[span.start : span.end] for pointer, span in value_spans(document).items()}
    assert found == {
        (): text,
        ("a",): '[1, "é😀"]',
        ("a", 0): "1",
        ("a", 1): '"é😀"',
        ("b",): '{"c": null}',
        ("b", "c"): "null",
    }
    keys = {pointer: text[span.start : span.end] for pointer, span in key_spans(document).items()}
    assert keys == {("a",): '"a"', ("b",): '"b"', ("b", "c"): '"c"'}
    span = document.span(("b", "c"))
    assert (span.line, span.column) == (3, 14)
    assert document.span(("b", "nothing", 3)) == document.span(("b",))
    assert document.key_span(("a", 1)) == document.span(("a", 1))
    assert document.span(("a", 7)) == document.span(("a",))
    assert document.key_span(()) == document.span(())


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "nothing in it"),
        (" \n ", (2, 2), "nothing in it"),
        ("]", (1, 1), "cannot start with ']'"),
        ('{"a": 1,}', (1, 8), "a comma before '}'"),
        ("[1, 2,\n]", (1, 6), "a comma before ']'"),
        ("[,1]", (1, 2), "a comma too many"),
        ("[1,,2]", (1, 4), "a comma too many"),
        ('{"a": 1\n "b": 2}', (1, 7), "a comma is missing after this"),
        ("[1 2]", (1, 2), "a comma is missing after this"),
        ("{'a': 1}", (1, 2), "double quotes"),
        ("{“a”: 1}", (1, 2), "double quotes"),
        ("{a: 1}", (1, 2), "the key 'a' is not in quotes"),
        ("{5: 1}", (1, 2), "the key '5' is not in quotes"),
        ('{"a" 1}', (1, 4), "the ':' after the key 'a' is missing"),
        ('{"a" = 1}', (1, 6), "'=' where ':' is expected"),
        ('{"a"}', (1, 4), "the key 'a' has no value"),
        ('{"a":}', (1, 6), "a value is missing before '}'"),
        ("{: 1}", (1, 2), "the key before ':' is missing"),
        ('{"a": 1; "b": 2}', (1, 8), "';' where ',' is expected"),
        ('{"a": 1, // why\n "b": 2}', (1, 10), "no comments"),
        ('{"a": /* why */ 1}', (1, 7), "no comments"),
        ("# why\n{}", (1, 1), "no comments"),
        ('{"a": 1 /* why', (1, 9), "never closed"),
        ('{"a": "b\n}', (1, 7), "this string is not closed"),
        ('["\\x"]', (1, 3), "'\\x' is not an escape"),
        ('["\\u12"]', (1, 3), "'\\u12' is not an escape"),
        ('["\\ud800"]', (1, 3), "half of a surrogate pair"),
        ('["\\ude00"]', (1, 3), "half of a surrogate pair"),
        ('["a\tb"]', (1, 4), "a tab stands bare"),
        ('["a\x01b"]', (1, 4), "U+0001"),
        ("[NaN]", (1, 2), "no 'NaN'"),
        ("[-Infinity]", (1, 2), "no '-Infinity'"),
        ("[True]", (1, 2), "'True' is not JSON"),
        ("[None]", (1, 2), "'None' is not JSON"),
        ("[012]", (1, 2), "'012' is not how JSON writes a number"),
        ("[+1]", (1, 2), "'+1' is not how JSON"),
        ("[0x1F]", (1, 2), "'0x1F' is not how JSON"),
        ("[.5]", (1, 2), "'.5' is not how JSON"),
        ("[1.]", (1, 2), "'1.' is not how JSON"),
        ("[2024-01-01]", (1, 2), "is not a number"),
        ("[1e999]", (1, 2), "larger than any number"),
        (f"[{'9' * 5000}]", (1, 2), "a number of 5000 characters"),
        ("[hello]", (1, 2), "'hello' is not in quotes"),
        ('[hello"]', (1, 2), "the opening quote of this string is missing"),
        ('["say "hi" now"]', (1, 8), "text after the quote that closes"),
        ('{"a": 1, "a": 2}', (1, 10), "the key 'a' stands here again: it is already on line 1"),
        ('{"a": "b": 1}', (1, 10), "':' is not expected after a value"),
        ("{} {}", (1, 4), "more text after the end"),
        ("{}}", (1, 3), "more text after the end"),
        ("[1}", (1, 3), "'}' stands here, but the '[' of line 1 is still open"),
        ('{"a": [1}', (1, 9), "'}' stands here, but the '[' of line 1 is still open"),
        ('{"a": 1', (1, 1), "this '{' is never closed"),
        ('{"a":', (1, 1), "this '{' is never closed"),
        ('{"a": \xa01}', (1, 7), "U+00A0"),
        ("[(]", (1, 2), "'(' is not expected here"),
        ("[1 )]", (1, 4), "')' is not expected here"),
        ("{[1]: 2}", (1, 2), "a key is expected here, not '['"),
    ],
)
def test_syntax_error(text: str, place: tuple[int, int], words: str) -> None:
    found = places(text)
    assert any((line, column) == place and words in what for line, column, what in found), found
    with pytest.raises(DefinitionError) as caught:
        parse_json(Source("f.json", text))
    assert all(problem.fix for problem in caught.value.problems)


def test_several_errors_are_told_at_once_and_the_rest_is_read() -> None:
    text = '{"a": 1,, b: \'x\',\n "c": [1, 2,], // no\n "d": True "e": 012}'
    assert [(line, column) for line, column, _ in places(text)] == [
        (1, 9), (1, 11), (1, 14), (2, 12), (2, 16), (3, 7), (3, 10), (3, 17),
    ]  # fmt: skip
    document = scan(text).document
    assert document is not None
    assert document.value == {"a": 1, "b": "x", "c": [1, 2], "d": True, "e": 12}


def test_an_unclosed_string_does_not_hide_what_follows() -> None:
    result = scan('{\n  "Type": "Pass,\n  "End": true,\n  "End": false\n}')
    assert [problem.line for problem in result.problems] == [2, 4]
    assert result.document is not None
    assert result.document.value == {"Type": "Pass", "End": False}


def test_a_string_broken_over_lines_is_one_error() -> None:
    result = scan('{\n  "Comment": "one\ntwo, three\nfour",\n  "b": 1\n}')
    assert [(problem.line, problem.column) for problem in result.problems] == [(2, 14)]
    assert result.document is not None
    assert result.document.value == {"Comment": "one", "b": 1}


def test_the_bracket_without_a_partner_is_found_by_indentation() -> None:
    text = '{\n  "States": {\n    "A": {\n      "Type": "Pass"\n    ,\n    "B": {\n      "x": 1\n    }\n  }\n}\n'
    (problem,) = scan(text).problems
    assert (problem.line, problem.column) == (3, 10)
    assert "never closed" in problem.what


def test_harmless_errors_leave_the_value_trusted_and_others_do_not() -> None:
    assert scan('{"a": 1, "b": [2,],}').trusted
    assert not scan('{"a": [1}').trusted
    assert not scan('{"a" "b"}').trusted


def test_unquoted_placeholders_are_read_with_a_warning() -> None:
    document = parse_json(Source("f.json", '{"Seconds": ${Wait}, "b": ${A}-${B}.x, "c": [${D}]}'))
    assert document.value == {"Seconds": "${Wait}", "b": "${A}-${B}.x", "c": ["${D}"]}
    assert [(warning.column, warning.severity) for warning in document.warnings] == [
        (13, "warning"),
        (27, "warning"),
        (46, "warning"),
    ]


@pytest.mark.parametrize("unit", ["[", '{"a":'])
def test_deep_nesting_is_an_error_and_no_crash(unit: str) -> None:
    found = places(unit * 100_000)
    assert len(found) == 1
    assert f"nested deeper than {MAX_DEPTH} levels" in found[0][2]
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(Source("f.json", deepest)).value == json.loads(deepest)


def test_too_many_errors_end_the_scan() -> None:
    assert len(places("[" + "'a'," * 5_000 + "1]")) == 100


def test_lines_end_at_line_feeds_and_carriage_returns_only() -> None:
    result = scan('{"a": "\u2028\u0085",\r"b": 1,\r\n"c": nope}')
    assert [(problem.line, problem.column) for problem in result.problems] == [(3, 6)]
    assert result.problems[0].excerpt == '"c": nope}'
