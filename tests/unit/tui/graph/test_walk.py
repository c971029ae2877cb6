"""Walking through the drawn graph with four keys."""

from __future__ import annotations

import pytest

from sfdebug.asl.definition import StatePath
from sfdebug.asl.load import definition_from
from sfdebug.drawing import Layout, build
from sfdebug.tui.graph.walk import down, inside, last, outside, sideways, start, up
from tests import graph_machines
from tests.debugger_runs import ORDER, PARALLEL


@pytest.fixture(scope="module")
def order() -> Layout:
    return build(definition_from(ORDER))


@pytest.fixture(scope="module")
def parallel() -> Layout:
    return build(definition_from(PARALLEL))


def test_down_and_up_follow_the_edges(order: Layout) -> None:
    assert down(order, ("Reserve",)) == ("Paid?",)
    assert up(order, ("Paid?",)) == ("Reserve",)
    assert down(order, ("Hold",)) == ("Charge",)
    assert down(order, ("Charge",)) == ("Ship",)
    assert up(order, ("Sorry",)) == ("Charge",)


def test_the_ends_stay_where_they_are(order: Layout) -> None:
    assert up(order, ("Reserve",)) == ("Reserve",)
    assert down(order, ("Ship",)) == ("Ship",)
    assert down(order, ("nowhere",)) == ("nowhere",)
    assert up(order, ("nowhere",)) == ("nowhere",)
    assert sideways(order, ("nowhere",), 1) == ("nowhere",)


def test_what_the_run_took_goes_first(order: Layout) -> None:
    index = order.edge_index(("Paid?",), ("Charge",), "default")
    assert index is not None
    assert down(order, ("Paid?",), frozenset({index})) == ("Charge",)
    assert up(order, ("Charge",), frozenset({index})) == ("Paid?",)


def test_sideways_goes_to_a_neighbour_and_back(order: Layout) -> None:
    right = sideways(order, ("Ship",), 1)
    left = sideways(order, ("Ship",), -1)
    assert {("Sorry",)} & {right, left}
    there = right if right == ("Sorry",) else left
    assert sideways(order, there, 1 if there == left else -1) == ("Ship",)


def test_into_a_container_and_out_of_it(parallel: Layout) -> None:
    inside = down(parallel, ("Both",))
    assert len(inside) == 3
    assert up(parallel, inside) == ("Both",)
    last = down(parallel, inside)
    assert last[-1] in ("A2", "B2")
    assert down(parallel, last) == ("After",)
    assert up(parallel, ("After",)) == ("Both",)


def test_between_branches(parallel: Layout) -> None:
    first: StatePath = ("Both", 0, "A1")
    assert sideways(parallel, first, 1) == ("Both", 1, "B1")
    assert sideways(parallel, ("Both", 1, "B1"), -1) == first


def test_every_state_can_be_reached(order: Layout, parallel: Layout) -> None:
    for layout in (order, parallel):
        reached = {layout.boxes[0].path}
        todo = list(reached)
        while todo:
            path = todo.pop()
            for there in (down(layout, path), up(layout, path), sideways(layout, path, 1), sideways(layout, path, -1)):
                if there not in reached:
                    reached.add(there)
                    todo.append(there)
        assert reached == {box.path for box in layout.boxes}


def test_into_and_out_with_keys_of_their_own(parallel: Layout) -> None:
    assert inside(parallel, ("Both",)) == ("Both", 0, "A1")
    assert inside(parallel, ("After",)) == ("After",)
    assert outside(parallel, ("Both", 1, "B2")) == ("Both",)
    assert outside(parallel, ("Both",)) == ("Both",)
    assert inside(parallel, ("nowhere",)) == outside(parallel, ("nowhere",)) == ("nowhere",)


def test_a_folded_container_cannot_be_entered() -> None:
    folded = build(definition_from(PARALLEL), frozenset({("Both",)}))
    assert inside(folded, ("Both",)) == ("Both",)


def test_to_the_start_and_to_the_end(order: Layout, parallel: Layout) -> None:
    assert start(order) == ("Reserve",)
    assert start(parallel) == ("Both",)
    assert last(parallel) == ("After",)
    assert start(Layout(1, 1, (), ())) == last(Layout(1, 1, (), ())) == ()


def test_the_start_is_found_where_it_is_missing() -> None:
    definition = graph_machines.machine({"StartAt": "Nowhere", "States": {"A": {"Type": "Pass", "End": True}}})
    layout = build(definition)
    assert layout.box(start(layout)) is not None
