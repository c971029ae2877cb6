"""Paths: plain ones agree with direct indexing, ResultPath reads back what it wrote, nothing is ever mutated."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import PathNotFoundError, ReferencePathError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.values import Json, same

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["a", "b", "c d", "é", "x-y"])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=15
)
keys = st.lists(names | st.integers(0, 4), max_size=4)


def quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def written(steps: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"[{quoted(step)}]" for step in steps)


def indexed(document: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        if not isinstance(document, dict if isinstance(step, str) else list):
            raise LookupError
        document = document[step]  # type: ignore[index]
    return document


def places(document: Any) -> list[tuple[str | int, ...]]:
    """Every place in a document, its root first."""
    found: list[tuple[str | int, ...]] = [()]
    children = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in children:
        found += [(key, *place) for place in places(value)]
    return found


@given(documents, st.data())
def test_a_plain_path_reads_what_indexing_reads(document: Json, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(document)))
    path = compile_path(written(place))
    assert path.is_definite
    assert path.read(Environment(document)) is indexed(document, place)
    assert path.locate(Environment(document)) == [place]


@given(documents, keys)
def test_a_plain_path_misses_when_indexing_misses(document: Json, steps: list[str | int]) -> None:
    path = compile_path(written(steps))
    try:
        expected = indexed(document, steps)
    except LookupError:
        assert path.locate(Environment(document)) == []
        try:
            path.read(Environment(document))
        except PathNotFoundError as error:
            assert error.detail
        else:
            raise AssertionError("it read something")
    else:
        assert path.read(Environment(document)) is expected


@given(documents)
def test_a_scan_with_a_wildcard_finds_every_place_but_the_root(document: Json) -> None:
    found = compile_path("$..*").locate(Environment(document))
    assert sorted(found, key=repr) == sorted(places(document)[1:], key=repr)


@given(documents, st.integers(-5, 5), st.integers(-5, 5))
def test_the_grammar_and_the_plain_tokenizer_agree(document: Json, first: int, second: int) -> None:
    # A blank in the bracket sends the same path through jsonpath-ng.
    plain, stepwise = compile_path(f"$[{first}][{second}]"), compile_path(f"$[ {first} ][{second}]")
    answers: list[tuple[str, Any]] = []
    for path in (plain, stepwise):
        try:
            answers.append(("value", path.read(Environment(document))))
        except PathNotFoundError as error:
            answers.append(("error", error.detail))
    assert answers[0] == answers[1]


@given(documents, keys, documents)
def test_result_path_reads_back_what_it_wrote_and_mutates_nothing(
    document: Json, steps: list[str | int], value: Json
) -> None:
    reference = compile_reference_path(written(_plain(steps)))
    before = copy.deepcopy(document)
    try:
        after = reference.write(document, value)
    except ReferencePathError as error:
        assert error.error == "States.ReferencePathConflict"
        assert same(document, before)
        return
    assert same(document, before)
    assert reference.read(after) is value
    if reference.keys:
        untouched = [place for place in places(before) if place[:1] != reference.keys[:1] and len(place) == 1]
        assert all(indexed(after, place) is indexed(document, place) for place in untouched)


def _plain(steps: list[str | int]) -> list[str | int]:
    """Steps whose names need no escapes: a Reference Path has none."""
    assume(not any(isinstance(step, str) and ("'" in step or "\\" in step) for step in steps))
    return steps


@given(documents)
def test_reading_never_mutates(document: Json) -> None:
    before = copy.deepcopy(document)
    for text in ("$..*", "$[*]", "$..[?(@ == 1 || @.a)]", "$[?(@.a)]", "$..a", "$..[0]", "$[-3:2]"):
        try:
            compile_path(text).read(Environment(document))
        except PathNotFoundError:
            continue
    assert same(document, before)
