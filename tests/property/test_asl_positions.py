"""Places: what a text says between the offsets of a value is that value, in JSON and in YAML."""

from __future__ import annotations

import json
import random
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.asl.text.json import parse_json
from sfdebug.asl.text.source import Document, Source
from sfdebug.asl.text.yaml import scan_yaml
from sfdebug.values import Json, same
from tests.document_spans import key_spans, value_spans
from tests.examples import STEADY, examples

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS
VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4), max_leaves=25
)


def written(value: Any, source: random.Random) -> str:
    """`value` as JSON with blanks of all kinds between the tokens, and characters escaped or not."""

    def blank() -> str:
        return source.choice(("", "", " ", "\n", "\r\n", "\t", "\r", "  \n "))

    if isinstance(value, dict):
        members = (
            f"{blank()}{json.dumps(key, ensure_ascii=source.random() < 0.5)}{blank()}:{blank()}{written(item, source)}"
            for key, item in value.items()
        )
        return "{" + f"{blank()},".join(members) + blank() + "}"
    if isinstance(value, list):
        return "[" + ",".join(f"{blank()}{written(item, source)}{blank()}" for item in value) + blank() + "]"
    return json.dumps(value, ensure_ascii=source.random() < 0.5)


def at(value: Json, pointer: tuple[str | int, ...]) -> Json:
    for step in pointer:
        value = value[step]  # type: ignore[index]
    return value


def check_lines(document: Document) -> None:
    for spans in (value_spans(document), key_spans(document)):
        for span in spans.values():
            before = document.source.text[: span.start].replace("\r\n", "\n").replace("\r", "\n")
            assert span.line == before.count("\n") + 1
            line_start = document.source.line_starts[span.line - 1]
            assert span.column == span.start - line_start + 1
            assert document.source.line(span.line).startswith(document.source.text[line_start : span.start])


@settings(max_examples=examples(150), deadline=None, derandomize=STEADY)
@given(VALUES, st.integers(0, 2**32))
def test_json_places(value: Any, seed: int) -> None:
    text = written(value, random.Random(seed))
    document = parse_json(Source("f.json", text))
    assert same(document.value, json.loads(text))
    for pointer, span in value_spans(document).items():
        assert same(json.loads(text[span.start : span.end]), at(document.value, pointer))
    for pointer, span in key_spans(document).items():
        assert json.loads(text[span.start : span.end]) == pointer[-1]
    check_lines(document)


_YAML_TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=8)
_YAML_SCALARS = st.none() | st.booleans() | st.integers() | _YAML_TEXTS
_YAML_VALUES = st.recursive(
    _YAML_SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_YAML_TEXTS, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=examples(100), deadline=None, derandomize=STEADY)
@given(_YAML_VALUES, st.sampled_from([None, True, False]), st.booleans())
def test_yaml_places(value: Any, flow: bool | None, unicode: bool) -> None:
    text = yaml.dump(value, default_flow_style=flow, allow_unicode=unicode, sort_keys=False, default_style='"')
    text = text.replace('!!int "', '"').replace('!!bool "', '"').replace('!!null "', '"')
    document = scan_yaml(Source("f.yaml", text)).checked()
    assert same(document.value, yaml.load(text, yaml.BaseLoader))
    for pointer, span in value_spans(document).items():
        found = at(document.value, pointer)
        if isinstance(found, str):
            assert yaml.load(text[span.start : span.end], yaml.BaseLoader) == found
        else:
            assert span.start <= span.end <= len(text)
    for pointer, span in key_spans(document).items():
        key = text[span.start : span.end].removeprefix("? ")
        assert yaml.load(key, yaml.BaseLoader) == pointer[-1]
    check_lines(document)
