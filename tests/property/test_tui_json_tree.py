"""The JSON tree on any value: lines and nodes are inverse, a difference holds both of its sides."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from sfdebug.tui.json.search import SearchIndex
from sfdebug.tui.json.tree import JsonTree
from sfdebug.values import Json, same
from tests.unit.tui.json.test_difference import sides

_SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "long " * 30, '{"a": [1]}', "\n"])
_VALUES: st.SearchStrategy[Json] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from("abc/~0"), inner, max_size=5),
    max_leaves=25,
)


@given(
    _VALUES, st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["toggle", "fold_all", "unfold_all"])), max_size=12)
)
def test_lines_and_nodes_stay_inverse_under_any_folding(value: Json, actions: list[tuple[int, str]]) -> None:
    tree = JsonTree()
    tree.set_width(50)
    tree.show(value)
    for row, action in actions:
        getattr(tree, action)(tree.node_at(row % len(tree)))
        assert tree.top.count == len(tree)
        for line in range(len(tree)):
            node = tree.node_at(line)
            assert tree.row_of(node) == line
            assert tree.visible(node) is node


@given(_VALUES, _VALUES)
def test_a_difference_holds_both_of_its_sides(before: Json, after: Json) -> None:
    tree = JsonTree()
    tree.show_difference(before, after)
    roots = [sides(node) for node in tree.top.children or []]
    if tree.counts:
        (old,) = [value for values, _ in roots for value in values]
        (new,) = [value for _, values in roots for value in values]
        assert same(old, before)
        assert same(new, after)
    else:
        assert same(before, after)


@given(_VALUES, _VALUES)
@example(None, False)
def test_every_line_of_the_search_index_is_found_in_the_tree(before: Json, after: Json) -> None:
    tree = JsonTree()
    tree.show_difference(before, after)
    index = SearchIndex(after, before, is_difference=True)
    for number in range(len(index)):
        place = index.path_of(number)
        node = tree.find(place)
        assert node is not None
        assert node.path == place
        assert tree.find(index.path_of(index.number_of(place))) is node
