"""What names are cut to in the columns of a list."""

from __future__ import annotations

import pytest

from sfdebug.text import cell_width
from sfdebug.tui.browser.columns import NamesAlike, fit_name

FILES = [f"orders-production-eu-west-1/2024-05-{day:02d}-checkout-run-history.json" for day in range(1, 29)]


def test_names_that_begin_and_end_alike_are_told_by_what_differs() -> None:
    names = NamesAlike(FILES)
    assert [names.fitted(name, 18) for name in FILES[:2]] == ["…est-1/2024-05-01…", "…est-1/2024-05-02…"]
    for width in (8, 14, 18, 40):
        assert len({names.fitted(name, width) for name in FILES}) == len(FILES)
    assert names.fitted(FILES[0], 100) == FILES[0], "what has room stays as it is"


@pytest.mark.parametrize(
    ("names", "width", "fitted"),
    [
        (["only-one-that-is-long.json"], 14, ["only…long.json"]),
        (["a/run-1.json", "a/run-12.json"], 9, ["a/run-1…", "a/run-12…"]),
        (["00-test-state-condition__get.json", "00-test-state-condition_legacy__get.json", "01-test.json"], 20,
         ["00-tes…e-condition_…", "00-tes…ition_legacy…", "01-test.json"]),
        (["run-17-of-many/history.json", "run-27-of-many/history.json"], 12, ["run-17…", "run-27…"]),
    ],
)  # fmt: skip
def test_each_is_shown_up_to_the_word_that_tells_it(names: list[str], width: int, fitted: list[str]) -> None:
    alike = NamesAlike(names)
    assert [alike.fitted(name, width) for name in names] == fitted


@pytest.mark.parametrize("name", ["a-name-that-differs-at-its-end-17", "名前" * 20, "x" * 100_000, "a\x1b[31m" * 9])
@pytest.mark.parametrize("width", [0, 1, 2, 14, 17])
def test_a_name_never_takes_more_room_than_there_is(name: str, width: int) -> None:
    for fitted in (fit_name(name, width), NamesAlike([name, f"{name}2"]).fitted(name, width)):
        assert cell_width(fitted) <= width
        assert "\x1b" not in fitted
