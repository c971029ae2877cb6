"""The folding tree: which line is where, what is unfolded, and what is remembered from value to value."""

from __future__ import annotations

import json

import pytest

from sfdebug.tui.json.nodes import JsonNode, label, split_path
from sfdebug.tui.json.tree import JsonTree, automatic_level
from sfdebug.values import MISSING, Json

ORDER: Json = {
    "order": {"id": "o-1", "items": [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 2}]},
    "customer": None,
}


def shown(value: Json, width: int = 80) -> JsonTree:
    tree = JsonTree()
    tree.set_width(width)
    tree.show(value)
    return tree


def labels(tree: JsonTree) -> list[str]:
    nodes = [tree.node_at(row) for row in range(len(tree))]
    return ["  " * node.depth + label(node) for node in nodes]


def at(tree: JsonTree, *place: str | int) -> JsonNode:
    node = tree.find(place)
    assert node is not None
    assert node.path == place
    return node


def test_a_small_value_is_unfolded() -> None:
    assert labels(shown(ORDER)) == [
        "",
        "  order",
        "    id",
        "    items",
        "      0",
        "        sku",
        "        qty",
        "      1",
        "        sku",
        "        qty",
        "  customer",
    ]


def test_lines_and_nodes_are_inverse_whatever_is_folded() -> None:
    tree = shown(ORDER)
    tree.fold(at(tree, "order", "items", 0))
    tree.unfold(at(tree, "order"))
    for row in range(len(tree)):
        assert tree.row_of(tree.node_at(row)) == row
    with pytest.raises(IndexError):
        tree.node_at(len(tree))


def test_folding_and_unfolding_again_shows_the_same() -> None:
    tree = shown(ORDER)
    tree.fold(at(tree, "order", "items", 0))
    before = labels(tree)
    tree.fold(at(tree, "order"))
    assert labels(tree) == ["", "  order", "  customer"]
    tree.unfold(at(tree, "order"))
    assert labels(tree) == before


def test_levels() -> None:
    tree = shown(ORDER)
    tree.fold_to_level(1)
    assert labels(tree) == ["", "  order", "  customer"]
    tree.fold_to_level(2)
    assert labels(tree) == ["", "  order", "    id", "    items", "  customer"]
    tree.fold_to_level(9)
    assert len(tree) == 11


def test_folding_all_of_a_node_outlives_unfolding_it() -> None:
    tree = shown(ORDER)
    tree.fold_all(at(tree, "order"))
    tree.unfold(at(tree, "order"))
    assert labels(tree) == ["", "  order", "    id", "    items", "  customer"]
    tree.unfold_all(at(tree, "order"))
    assert len(tree) == 11


def test_the_next_value_is_folded_the_same_way() -> None:
    tree = shown(ORDER)
    tree.fold(at(tree, "order", "items", 1))
    tree.show({"order": {"items": [{"sku": "A"}, {"sku": "C", "qty": 9}], "note": "x"}})
    assert not at(tree, "order", "items", 1).expanded
    assert at(tree, "order", "items", 0).expanded


def test_a_level_holds_for_the_next_value() -> None:
    tree = shown(ORDER)
    tree.fold_to_level(1)
    tree.show({"a": {"b": {"c": 1}}})
    assert labels(tree) == ["", "  a"]


def test_a_place_that_is_gone_leads_to_the_nearest_around_it() -> None:
    tree = shown(ORDER)
    found = tree.find(("order", "items", 7, "sku"))
    assert found is not None
    assert found.path == ("order", "items")
    assert JsonTree().find(("a",)) is None


def test_revealing_unfolds_what_is_around() -> None:
    tree = shown(ORDER)
    tree.fold_to_level(1)
    node = at(tree, "order", "items", 1, "qty")
    assert tree.visible(node) is at(tree, "order")
    tree.reveal(node)
    assert tree.visible(node) is node
    assert tree.node_at(tree.row_of(node)) is node


def test_long_arrays_come_in_parts() -> None:
    tree = shown({"n": list(range(250))})
    tree.unfold(at(tree, "n"))
    assert labels(tree)[1:] == ["  n", "    [0 … 99]", "    [100 … 199]", "    [200 … 249]"]
    node = at(tree, "n", 205)
    tree.reveal(node)
    assert labels(tree)[tree.row_of(node)] == "      205"
    assert node.level == 2


def test_very_long_arrays_come_in_parts_of_parts() -> None:
    tree = shown(list(range(1_000_000)))
    assert len(tree.node_at(0).children or []) == 100
    node = at(tree, 987_654)
    tree.reveal(node)
    assert tree.node_at(tree.row_of(node)).value == 987_654


def test_large_objects_come_in_parts_named_by_their_keys() -> None:
    tree = shown({f"key {number:03}": number for number in range(150)})
    tree.unfold(at(tree))
    assert labels(tree) == ["", '  "key 000" … "key 099"', '  "key 100" … "key 149"']
    node = at(tree, "key 120")
    tree.reveal(node)
    assert tree.node_at(tree.row_of(node)).value == 120


def test_a_command_unfolds_only_so_many_lines() -> None:
    tree = shown([[{"a": 1, "b": 2}] * 90] * 300)
    tree.unfold_all(tree.node_at(0))
    assert tree.is_cut_short
    assert 15_000 < len(tree) <= 20_000
    for row in range(0, len(tree), 997):
        assert tree.row_of(tree.node_at(row)) == row


def test_nothing_is_made_for_what_is_folded() -> None:
    tree = shown({"big": [[number] * 50 for number in range(100)], "small": 1})
    assert at(tree, "big").children is None


def test_a_long_string_unfolds_to_its_text() -> None:
    tree = shown({"cause": "word " * 40, "short": "word"}, width=60)
    cause, short = at(tree, "cause"), at(tree, "short")
    assert tree.can_unfold(cause)
    assert not tree.can_unfold(short)
    tree.unfold(cause)
    assert len(tree) == 3 + len(cause.children or [])
    assert "".join(str(line.value) for line in cause.children or []) == "word " * 40
    assert all(line.path == ("cause",) for line in cause.children or [])


def test_an_unfolded_string_is_broken_anew_for_another_width() -> None:
    tree = shown({"cause": "word " * 40, "after": 1}, width=60)
    tree.unfold(at(tree, "cause"))
    narrow = len(tree)
    assert tree.set_width(100)
    assert len(tree) < narrow
    assert tree.node_at(len(tree) - 1).path == ("after",)
    assert not tree.set_width(100)


def test_a_string_that_holds_json_unfolds_to_it() -> None:
    tree = shown({"body": json.dumps({"errorMessage": "boom", "stack": [1]}), "text": "{not json"})
    body = at(tree, "body")
    tree.unfold(body)
    inner = at(tree, "body", "errorMessage")
    assert inner.value == "boom"
    assert split_path(inner) == (("body",), ("errorMessage",))
    assert split_path(body) == (("body",), ())
    assert not tree.can_unfold(at(tree, "text"))


def test_no_value_has_no_lines() -> None:
    tree = JsonTree()
    tree.show(MISSING)
    assert len(tree) == 0


def test_null_and_empty_values_have_one_line() -> None:
    values: list[Json] = [None, {}, [], "", 0]
    for value in values:
        tree = shown(value)
        assert len(tree) == 1
        assert not tree.can_unfold(tree.node_at(0))


def test_the_automatic_level_fits_the_value() -> None:
    assert automatic_level(ORDER) > 3
    assert automatic_level({"a": [{"b": 1}] * 60}) == 1
    assert automatic_level({"a": [{"b": 1}] * 40}) == 2
    assert automatic_level([list(range(90))] * 3) == 1


def test_deep_nesting_is_no_problem() -> None:
    value: Json = 1
    for _ in range(2000):  # more than Python's calls may be nested
        value = [value]
    tree = shown(value)
    tree.unfold_all(tree.node_at(0))
    assert len(tree) == 2001
