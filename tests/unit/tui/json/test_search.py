"""Searching in JSON: keys and values, case, regular expressions, inversion, and what is found in a difference."""

from __future__ import annotations

from sfdebug.tui.json.nodes import Gone, NodePath
from sfdebug.tui.json.search import SearchIndex, highlighter
from sfdebug.values import MISSING, Json

ORDER: Json = {"Order": {"id": "o-1", "items": [{"sku": "ABC"}, {"sku": "xyz"}]}, "total": 42.5, "paid": True}


def found(index: SearchIndex, query: str) -> list[NodePath]:
    return [index.path_of(number) for number in index.matches(query)]


def test_keys_and_values_are_found_in_order() -> None:
    index = SearchIndex(ORDER)
    assert found(index, "sku") == [("Order", "items", 0, "sku"), ("Order", "items", 1, "sku")]
    assert found(index, "42") == [("total",)]
    assert found(index, "true") == [("paid",)]
    assert found(index, "o-1") == [("Order", "id")]


def test_case_counts_once_a_capital_is_typed() -> None:
    index = SearchIndex(ORDER)
    assert found(index, "order") == [("Order",)]
    assert found(index, "abc") == [("Order", "items", 0, "sku")]
    assert found(index, "Abc") == []


def test_a_key_with_its_value() -> None:
    assert found(SearchIndex(ORDER), "^total: 4") == [("total",)]
    assert found(SearchIndex(ORDER), "sku: x") == [("Order", "items", 1, "sku")]


def test_what_is_no_regular_expression_is_looked_for_literally() -> None:
    assert found(SearchIndex({"a": "f(x"}), "f(") == [("a",)]


def test_an_exclamation_mark_inverts() -> None:
    assert found(SearchIndex({"a": 1, "b": 2}), "!a") == [(), ("b",)]


def test_an_empty_query_finds_nothing() -> None:
    index = SearchIndex(ORDER)
    assert index.matches("") == []
    assert index.matches("!") == []
    assert len(SearchIndex(MISSING)) == 0


def test_a_difference_is_searched_on_both_sides() -> None:
    index = SearchIndex({"a": 2, "t": 5}, {"a": 1, "gone": {"q": "x"}, "t": {"z": 1}}, is_difference=True)
    assert found(index, "q") == [("gone", "q")]
    assert found(index, "1 → 2") == [("a",)]
    assert found(index, "z") == [(Gone("t"), "z")]
    assert found(index, "t: 5") == [("t",)]


def test_the_number_of_a_place_is_where_the_search_goes_on() -> None:
    index = SearchIndex(ORDER)
    place: NodePath = ("Order", "items", 1, "sku")
    assert index.path_of(index.number_of(place)) == place
    assert index.path_of(index.number_of(("Order", "items", 9))) == ("Order", "items")


def test_highlighting() -> None:
    pattern = highlighter("b+")
    assert pattern is not None
    assert [match.group() for match in pattern.finditer("aBbc")] == ["Bb"]
    assert highlighter("") is None
    assert highlighter("!x") is None
    literal = highlighter("f(")
    assert literal is not None
    assert literal.search("f(x")
