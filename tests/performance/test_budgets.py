"""What things cost stays within `budgets.json`, by counting: no clock, so that a slow machine fails nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sfdebug.json_pointer import format_pointer, parse
from tests.performance.budgets import HOW_TO_UPDATE, allowed, allowed_modules, table
from tests.performance.counting import blocks_kept_by, bytes_kept_by, calls_of, counted_calls, each_kept
from tests.performance.imports import HEAVY, WAYS, Loaded
from tests.performance.work import COSTS

BUDGETS = table()


@pytest.mark.parametrize("name", COSTS)
def test_what_it_costs(name: str) -> None:
    cost, budget = COSTS[name](), BUDGETS["costs"][name]
    assert cost <= allowed(name, budget), f"{name}: {cost:,.1f}, and the budget is {budget:,}. {HOW_TO_UPDATE}"


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[str, Loaded, dict[str, Any]]:
    """A way, what is loaded at its end, and what may be."""
    return request.param, Loaded.after(request.param), BUDGETS["imports"][request.param]


@pytest.mark.parametrize(("attribute", "entry"), [("libraries", "libraries"), ("standard", "of the standard library")])
def test_nothing_new_is_imported(way: tuple[str, Loaded, dict[str, Any]], attribute: str, entry: str) -> None:
    name, loaded, budget = way
    new = set(getattr(loaded, attribute)) - set(budget[entry])
    assert not new, f"{name} imports {', '.join(sorted(new))} now. {HOW_TO_UPDATE}"


@pytest.mark.parametrize(
    ("attribute", "entry"), [("ours", "modules of sfdebug"), ("of_libraries", "modules of libraries")]
)
def test_not_many_more_modules_are_imported(
    way: tuple[str, Loaded, dict[str, Any]], attribute: str, entry: str
) -> None:
    name, loaded, budget = way
    count, most = getattr(loaded, attribute), budget[entry]
    assert count <= allowed_modules(most), f"{name}: {count} {entry}, and the budget is {most}. {HOW_TO_UPDATE}"


def test_the_table_has_what_is_counted_and_nothing_else() -> None:
    assert list(BUDGETS["costs"]) == list(COSTS), HOW_TO_UPDATE
    assert list(BUDGETS["imports"]) == list(WAYS), HOW_TO_UPDATE
    assert all(budget > 0 for budget in BUDGETS["costs"].values())


# What counts: a count that counted nothing would hold for ever


def test_calls_are_counted_of_ours_alone() -> None:
    def work() -> None:
        assert [parse(text) for text in ("/a", "/b")] == [["a"], ["b"]]
        assert sorted([3, 1, 2], key=lambda one: -one) == [3, 2, 1]

    with counted_calls() as calls:
        work()
    assert (calls.ours, calls.screen) == (2, 0)
    assert calls_of(lambda: format_pointer(["a", "b"])) >= 2
    assert sys.getprofile() is None


def test_calls_on_a_thread_that_begins_inside_are_counted() -> None:
    def work() -> None:
        thread = threading.Thread(target=parse, args=("/a",))
        thread.start()
        thread.join()

    assert calls_of(work) == 1


def test_what_is_kept_is_counted_and_what_is_dropped_is_not() -> None:
    def keep(count: int) -> object:
        assert len([object() for _ in range(1_000)]) == 1_000
        return [object() for _ in range(count)]

    assert each_kept(blocks_kept_by, keep, 100, 20_100) == pytest.approx(1, abs=0.1)
    assert each_kept(bytes_kept_by, keep, 100, 20_100) == pytest.approx(sys.getsizeof(object()) + 8, abs=4)


def test_what_another_thread_keeps_meanwhile_counts_for_nobody() -> None:
    others: list[list[object]] = []

    def disturbed(work: Callable[[], object]) -> int:
        kept = blocks_kept_by(work)
        if len(others) < 2:  # in the first of three counts, on either side: as if a thread had kept that
            others.append([])
            return kept + 5_000 * len(others)
        return kept

    assert each_kept(disturbed, lambda count: [object() for _ in range(count)], 100, 1_100) == pytest.approx(1, abs=0.1)


def test_modules_are_sorted_out_by_where_they_are() -> None:
    places = {
        "sfdebug": "/x/sfdebug/__init__.py",
        "sfdebug.text": "/x/sfdebug/text.py",
        "rich.text": "/v/lib/site-packages/rich/text.py",
        "json": "/usr/lib/json/__init__.py",
        "genericpath": "/usr/lib/genericpath.py",
    }
    assert "json" in HEAVY
    assert Loaded.of(places) == Loaded(["rich"], ["json"], 1, 2)
