"""YAML: the core schema's scalars, places, and what JSON cannot say."""

from __future__ import annotations

import pytest

from sfdebug.asl.text.problems import Scan
from sfdebug.asl.text.source import Source
from sfdebug.asl.text.yaml import scan_yaml
from sfdebug.values import Json
from tests.document_spans import key_spans, value_spans


def scan(text: str) -> Scan:
    return scan_yaml(Source("f.yaml", text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("y", "y"),
        ("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"),
        ("null", None), ("~", None), ("Null", None), ("nULL", "nULL"), ("", None),
        ("12", 12), ("-3", -3), ("+1", 1), ("012", 12), ("0o17", 15), ("0x1F", 31), ("0b1", "0b1"),
        ("1_000", "1_000"), ("12:30", "12:30"), ("2024-01-01", "2024-01-01"), ("2024-01-01T00:00:00Z",) * 2,
        ("1e5", 100000.0), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-1.5e-3", -0.0015), ("1.2.3", "1.2.3"),
        ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"), ("! 12", "12"), ("!!int 7", 7), ("!!float 7", 7),
        ("${Wait}", "${Wait}"), ("$.a.b", "$.a.b"), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_are_those_of_the_core_schema(text: str, value: Json) -> None:
    read = scan(f"a: {text}\n")
    assert read.errors == ()
    assert read.document is not None
    assert isinstance(read.document.value, dict)
    assert read.document.value == {"a": value}
    assert type(read.document.value["a"]) is type(value)


def test_places_of_keys_and_values() -> None:
    text = 'a: "é😀"\r\nb:\r\n  - x\r\n  - |\r\n    lit\r\n    two\r\n\r\nc: {d: [1, ~]}\r\ne:\r\n'
    document = scan_yaml(Source("f.yaml", text)).checked()
    assert document.value == {"a": "é😀", "b": ["x", "lit\ntwo\n"], "c": {"d": [1, None]}, "e": None}
    found = {pointer: text[span.start : span.end] for pointer, span in value_spans(document).items() if pointer}
    assert found == {
        ("a",): '"é😀"',
        ("b",): "- x\r\n  - |\r\n    lit\r\n    two",
        ("b", 0): "x",
        ("b", 1): "|\r\n    lit\r\n    two",
        ("c",): "{d: [1, ~]}",
        ("c", "d"): "[1, ~]",
        ("c", "d", 0): "1",
        ("c", "d", 1): "~",
        ("e",): "",
    }
    keys = [text[span.start : span.end] for span in key_spans(document).values()]
    assert keys == ["a", "b", "c", "d", "e"]
    span = document.key_span(("c", "d"))
    assert (span.line, span.column) == (8, 5)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "nothing in it"),
        ("# only this\n", (2, 1), "nothing in it"),
        ("a: 1\na: 2", (2, 1), "the key 'a' stands here again: it is already on line 1"),
        ("1: x", (1, 1), "a key must be text, and '1' is a number"),
        ("true: x", (1, 1), "a key must be text, and 'true' is a boolean"),
        ("~: x", (1, 1), "a key must be text, and '~' is null"),
        ("? [a]\n: b", (1, 3), "a key must be text, not a list or a mapping"),
        ("a: 1\n---\nb: 2", (2, 1), "a second YAML document"),
        ("a: !Sub '${X}'", (1, 4), "!Sub is CloudFormation's"),
        ("a: !GetAtt X.Arn", (1, 4), "!GetAtt is CloudFormation's"),
        ("a: !foo [1]", (1, 4), "the tag '!foo' means nothing"),
        ("a: !!binary aGk=", (1, 4), "the tag '!!binary' means nothing"),
        ("a: !!int x", (1, 4), "is not what its tag !!int says"),
        ("a: .inf", (1, 4), "no .inf"),
        ("a: -.INF", (1, 4), "no -.INF"),
        ("a: .nan", (1, 4), "no .nan"),
        ("a: 1e999", (1, 4), "larger than any number"),
        (f"a: {'9' * 5000}", (1, 4), "a number of 5000 characters"),
        ("a: *x", (1, 4), "there is no anchor '&x'"),
        ("a: &a [*a]", (1, 8), "inside its own anchor"),
        ("x: &x {p: 1}\ny:\n  <<: *x", (3, 3), "'<<' merges in another YAML dialect"),
        ("x: &x [1]\n*x : 2", (2, 1), "a key must be text"),
        ("a: b: c", (1, 5), "mapping values are not allowed"),
        ("a:\n\tb: 1", (2, 1), "a tab cannot indent"),
        ("a: [1, 2", (1, 9), "flow sequence that starts on line 1"),
        ('a: "x\nb: 1', (1, 4), "this quote is never closed"),
        ("a: 1\n- b", (2, 1), "did not find expected key"),
        ("a: @b", (1, 4), "cannot start any token"),
        ("a: \x01", (1, 4), "U+0001 is not allowed"),
        ('a: "\\q"', (1, 5), "unknown escape"),
    ],
)
def test_error(text: str, place: tuple[int, int], words: str) -> None:
    found = [(problem.line, problem.column, problem.what) for problem in scan(text).problems]
    assert any((line, column) == place and words in what for line, column, what in found), found
    assert all(problem.fix for problem in scan(text).problems)


def test_several_errors_are_told_at_once() -> None:
    text = "a: 1\na: !Ref X\n2: .nan\nb: *gone\n"
    assert [problem.line for problem in scan(text).problems] == [2, 2, 3, 3, 4]


def test_aliases_share_what_they_stand_for() -> None:
    text = "retry: &retry\n  - ErrorEquals: [States.ALL]\na: *retry\nb: &s hello\nc: *s\n*s : 1\n"
    document = scan_yaml(Source("f.yaml", text)).checked()
    assert isinstance(document.value, dict)
    assert document.value["a"] is document.value["retry"]
    assert document.value["c"] == "hello"
    assert document.value["hello"] == 1
    assert document.span(("a", 0, "ErrorEquals")).line == 2
    assert document.span(("c",)).line == 5


def test_a_billion_laughs_are_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    (problem,) = scan("\n".join(lines)).errors
    assert "aliases make this more than 200,000 values" in problem.what


def test_aliases_cannot_nest_without_end() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 500))]
    (problem,) = scan("\n".join(lines)).errors
    assert "aliases nest deeper than 200 levels" in problem.what


@pytest.mark.parametrize("text", ["[" * 50_000, "- " * 50_000, "{a: " * 50_000])
def test_deep_nesting_is_an_error_and_no_crash(text: str) -> None:
    (problem,) = scan(text).errors
    assert "nested deeper than 200 levels" in problem.what


def test_lost_zeros_are_warned_of() -> None:
    document = scan_yaml(Source("f.yaml", "account: 012345678901\nid: '012'\n")).checked()
    assert document.value == {"account": 12345678901, "id": "012"}
    (warning,) = document.warnings
    assert (warning.severity, warning.line) == ("warning", 1)
    assert "without its leading zeros" in warning.what
