"""The difference of two values as one tree of marked lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sfdebug.tui.json.nodes import ChangeMark, Gone, label
from sfdebug.tui.json.tree import JsonTree
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.tui.json.nodes import JsonNode


def difference(before: Json, after: Json) -> JsonTree:
    tree = JsonTree()
    tree.show_difference(before, after)
    return tree


def marked(tree: JsonTree) -> list[str]:
    nodes = [tree.node_at(row) for row in range(len(tree))]
    return [f"{node.mark.value}{'  ' * node.depth}{label(node)}" for node in nodes]


def test_added_removed_and_changed_members_of_an_object() -> None:
    tree = difference({"a": 1, "gone": {"x": 1}, "same": [1]}, {"a": 2, "same": [1], "new": True})
    assert marked(tree) == ["·", "~  a", "-  gone", "-    x", "   same", "+  new"]
    assert (tree.counts.added, tree.counts.removed, tree.counts.changed) == (1, 1, 1)
    changed = tree.node_at(1)
    assert (changed.before, changed.value) == (1, 2)


def test_what_is_gone_stands_where_it_stood() -> None:
    tree = difference({"first": 1, "b": 2, "last": 3}, {"b": 2})
    assert marked(tree) == ["·", "-  first", "   b", "-  last"]


def test_changes_inside_are_unfolded_and_the_rest_is_folded() -> None:
    tree = difference(
        {"order": {"items": [{"q": 1}, {"q": 2}]}, "same": {"x": 1}},
        {"order": {"items": [{"q": 1}, {"q": 3}]}, "same": {"x": 1}},
    )
    assert marked(tree) == ["·", "·  order", "·    items", "       0", "·      1", "~        q", "   same"]


def test_an_item_taken_out_of_an_array() -> None:
    tree = difference({"n": [10, 20, 30]}, {"n": [10, 30]})
    root = tree.top.children
    assert root is not None
    items = (root[0].children or [])[0].children or []
    assert sorted(item.mark.value for item in items) in ([" ", " ", "-"], [" ", "-", "~"])
    gone = next(item for item in items if item.mark is ChangeMark.REMOVED)
    assert isinstance(gone.step, Gone)
    assert tree.find(gone.path) is gone


def test_a_value_of_another_type_takes_two_lines() -> None:
    tree = difference({"a": {"x": 1}}, {"a": "text"})
    assert marked(tree) == ["·", "-  a", "-    x", "+  a"]
    found = tree.find(("a",))
    assert found is not None
    assert found.value == "text"


def test_a_whole_value_replaced() -> None:
    assert marked(difference(1, 2)) == ["~"]
    tree = difference({"a": 1}, [1])
    assert [mark[0] for mark in marked(tree)] == ["-", "-", "+", "+"]


def test_the_empty_key_is_no_whole_value() -> None:
    assert marked(difference({"": 1}, {"": 2})) == ["·", '~  ""']


def test_keys_with_slashes_tildes_and_digits() -> None:
    tree = difference({"a/b": {"~": 1}, "0": 1}, {"a/b": {"~": 2}, "0": 2})
    assert marked(tree) == ["·", '·  "a/b"', '~    "~"', '~  "0"']


def test_equal_values_show_no_difference() -> None:
    tree = difference({"a": {"b": 1}}, {"a": {"b": 1}})
    assert not tree.counts
    assert marked(tree) == [" ", "   a", "     b"]


def test_true_is_not_one() -> None:
    assert marked(difference({"a": 1}, {"a": True})) == ["·", "~  a"]


def test_changes_in_a_long_array_open_its_part() -> None:
    before: list[Json] = [{"n": number} for number in range(300)]
    after: list[Json] = [*before[:150], {"n": -1}, *before[151:]]
    tree = difference(before, after)
    assert marked(tree)[:3] == ["·", "   [0 … 99]", "·  [100 … 199]"]
    assert marked(tree)[-1] == "   [200 … 299]"
    found = tree.find((150, "n"))
    assert found is not None
    assert found.mark is ChangeMark.CHANGED
    assert tree.visible(found) is found


def test_a_long_changed_string_unfolds_to_both_texts() -> None:
    tree = difference({"s": "old " * 30}, {"s": "new " * 30})
    node = tree.find(("s",))
    assert node is not None
    assert tree.can_unfold(node)
    tree.unfold(node)
    marks = {child.mark for child in node.children or []}
    assert marks == {ChangeMark.REMOVED, ChangeMark.ADDED}


def test_folds_are_shared_by_the_difference_and_the_value() -> None:
    tree = JsonTree()
    before: Json = {"a": {"x": 1}, "b": {"y": 1}}
    after: Json = {"a": {"x": 2}, "b": {"y": 1}}
    tree.show(after)
    folded = tree.find(("a",))
    assert folded is not None
    tree.fold(folded)
    tree.show_difference(before, after)
    assert marked(tree) == ["·", "·  a", "   b"]


def sides(node: JsonNode) -> tuple[list[Json], list[Json]]:
    """What a node stands for before and after: one value in each list, or none."""
    if node.mark is ChangeMark.INSIDE:
        pairs = [(child.step, *sides(child)) for child in node.children or []]
        if isinstance(node.value, dict):
            return [{key(step): old[0] for step, old, _ in pairs if old}], [
                {key(step): new[0] for step, _, new in pairs if new}
            ]
        return [[value for _, old, _ in pairs for value in old]], [[value for _, _, new in pairs for value in new]]
    old = [] if node.mark is ChangeMark.ADDED else [node.before if node.mark is ChangeMark.CHANGED else node.value]
    new = [] if node.mark is ChangeMark.REMOVED else [node.value]
    return old, new  # type: ignore[return-value]


def key(step: object) -> str:
    return str(step.step if isinstance(step, Gone) else step)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": [1, 2, 3], "b": {"c": None}}, {"a": [0, 1, 3, 4], "b": {"c": [], "d": 1}}),
        ([[1], [2], [3]], [[2], [3, 3]]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {}}}),
    ],
)
def test_both_sides_can_be_read_off_the_tree(before: Json, after: Json) -> None:
    tree = difference(before, after)
    roots = [sides(node) for node in tree.top.children or []]
    assert [value for old, _ in roots for value in old] == [before]
    assert [value for _, new in roots for value in new] == [after]
