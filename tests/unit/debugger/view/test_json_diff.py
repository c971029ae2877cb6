"""The structural difference of two JSON values, and what a stage changed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from sfdebug.debugger.view.json_diff import Change, diff, stage_changes, summarise
from sfdebug.engine.execution.visit import Stage, StageName
from sfdebug.values import MISSING, Json
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, over_to


def _short(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(change.kind, change.pointer) for change in diff(before, after)]


def test_equal_values_have_no_difference() -> None:
    assert diff({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]}) == ()
    shared: Json = {"a": 1}
    assert diff(shared, shared) == ()


def test_added_removed_and_changed_keys() -> None:
    assert diff({"a": 1, "b": 2}, {"b": 3, "c": 4}) == (
        Change("-", "/a", 1, MISSING),
        Change("~", "/b", 2, 3),
        Change("+", "/c", MISSING, 4),
    )


@pytest.mark.parametrize(
    ("before", "after"), [(True, 1), (0, False), (None, {}), ([], {}), ("1", 1), ({"a": 1}, [1]), (1, None)]
)
def test_different_kinds_of_values_are_changes(before: Any, after: Any) -> None:
    assert diff(before, after) == (Change("~", "", before, after),)


def test_no_value_before_or_after() -> None:
    assert diff(MISSING, {"a": 1}) == (Change("+", "", MISSING, {"a": 1}),)
    assert diff(None, MISSING) == (Change("-", "", None, MISSING),)
    assert diff(MISSING, MISSING) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1, 2, 3], [1, 9, 2, 3], [("+", "/1")]),
        ([1, 2, 3], [2, 3], [("-", "/0")]),
        ([1, 2, 3], [1, 5, 3], [("~", "/1")]),
        ([{"id": 1}, {"id": 2}], [{"id": 0}, {"id": 1}, {"id": 2}], [("+", "/0")]),
        ([{"id": 1, "x": 1}, {"id": 2}], [{"id": 1, "x": 2}, {"id": 2}], [("~", "/0/x")]),
        (["a", "b", "c", "d"], ["x", "b", "y", "d", "z"], [("~", "/0"), ("~", "/2"), ("+", "/4")]),
        ([1, 1, 1], [1, 1], [("-", "/2")]),
        ([], [1, 2], [("+", "/0"), ("+", "/1")]),
        ([{"b": 1, "a": 2}], [{"a": 2, "b": 1}], []),
    ],
)
def test_arrays_are_aligned(before: Any, after: Any, expected: list[tuple[str, str]]) -> None:
    assert _short(before, after) == expected


def test_pointers_are_escaped() -> None:
    assert _short({"a/b": {"~": 1}}, {"a/b": {"~": 2}}) == [("~", "/a~1b/~0")]


def test_a_value_nested_deeply_is_compared_without_harm() -> None:
    before: Any = 1
    after: Any = 2
    for _ in range(5000):
        before, after = [before], {"k": after}
    assert len(diff({"v": before}, {"v": after})) == 1
    same_depth: Any = 1
    for _ in range(5000):
        same_depth = {"k": same_depth}
    assert diff(same_depth, after)


def counted_diff(count: int) -> tuple[list[tuple[str, str]], int]:
    """What differs in so many items of which one is new in the middle, and how many calls it took to find out."""
    items: Any = [{"id": index, "name": f"item {index}", "tags": ["a", "b"]} for index in range(count)]
    half = count // 2
    after: Any = {"items": [{**item} for item in items[:half]] + [{"id": -1}] + [{**item} for item in items[half:]]}
    calls = 0

    def count_call(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        changes = diff({"items": items, "total": 1}, after)
    finally:
        sys.setprofile(None)
    return [(change.kind, change.pointer) for change in changes], calls


def test_the_work_of_comparing_grows_with_the_payload_and_no_faster() -> None:
    (_, few), (changes, many) = counted_diff(1250), counted_diff(5000)
    assert changes == [("+", "/items/2500"), ("-", "/total")]
    assert many < 5 * few


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({"customer": 1, "a": 1}, {"a": 1}, "− customer"),
        ({"a": 1}, {"a": 1, "payment": 2}, "+ payment"),
        ({"a": 1, "b": 2}, {"a": 3, "b": 4}, "~ 2 keys"),
        ({"a": 1, "b": 2}, {"b": 4, "c": 1}, "− a, ~ b, + c"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "~ a.b"),
        ([1, 2, 3], [1], "− 2 items"),
        (1, 2, "~ everything"),
        ({}, {}, ""),
    ],
)
def test_summaries(before: Any, after: Any, text: str) -> None:
    assert summarise(diff(before, after)) == text


def test_a_path_that_keeps_a_part_removes_the_rest() -> None:
    before: Any = {"order": {"total": 1, "items": []}, "customer": "Ada"}
    stage = Stage(StageName.INPUT_PATH, before, before["order"], "$.order")
    assert summarise(stage_changes(stage)) == "− customer"
    deeper = Stage(StageName.OUTPUT_PATH, before, 1, "$.order.total")
    assert [change.pointer for change in stage_changes(deeper)] == ["/customer", "/order/items"]
    assert summarise(stage_changes(Stage(StageName.INPUT_PATH, before, {}, None))) == "− 2 keys"


def test_stages_of_a_visit_say_what_they_changed() -> None:
    from sfdebug.debugger import Debugger

    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Paid?")
    (visit,) = debugger.visits_of(("Reserve",))
    summaries = {str(stage.name): summarise(stage_changes(stage, visit)) for stage in visit.stages}
    assert summaries == {"Input": "", "InputPath": "− customer", "Task": "", "ResultPath": "+ reserved", "Output": ""}
