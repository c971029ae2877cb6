"""Widths in cells, cutting, and what never reaches the screen."""

from __future__ import annotations

import pytest

from sfdebug.drawing.width import cell_width, cells, clean, fit


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 1), ("写真", 4), ("ﾊﾝ", 2), ("＋", 2), ("→…│▼", 4), ("a\u200bb", 2)],
)
def test_cells_of_a_text(text: str, width: int) -> None:
    assert cell_width(text) == width


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("two\nlines\tand  blanks ", "two lines and blanks"),
        ("left\u202eright", "leftright"),
        ("zero\u200bwidth", "zerowidth"),
        ("half \ud800 a pair", "half a pair"),
    ],
)
def test_what_a_terminal_would_obey_is_dropped(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("Charge card", 11, "Charge card"),
        ("Charge card", 10, "Charge ca…"),
        ("Charge card", 8, "Charge…"),
        ("写真を処理", 10, "写真を処理"),
        ("写真を処理", 9, "写真を処…"),
        ("写真を処理", 8, "写真を…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_fitting(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted
    assert cell_width(fitted) <= width


def test_a_wide_character_takes_two_cells_and_a_mark_none() -> None:
    assert cells("a写e\u0301") == ["a", "写", "", "e\u0301"]
    assert cells("写\u0301") == ["写\u0301", ""]
