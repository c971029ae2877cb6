"""Widths in cells, cutting, what never reaches a terminal, and counting."""

from __future__ import annotations

import pytest

from sfdebug.text import cell_width, cells, clean, counted, escaped, fit, stripped


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("写真", 4),
        ("ﾊﾝ", 2),
        ("＋", 2),
        ("→…│▼▽△", 6),
        ("a\u200bb", 2),
        ("\u1112\u1161", 2),
    ],
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
        ("heart ❤\ufe0f, sun ☀\ufe0e", "heart ❤, sun ☀"),
        ("thumb 👍\U0001f3fd up", "thumb 👍 up"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af e\u0301", "한글 é"),
        ("flag 🇩🇪, key 1\ufe0f\u20e3", "flag DE, key 1"),
        ("family 👩\u200d👧", "family 👩👧"),
        ("half \ud800 a pair", "half a pair"),
    ],
)
def test_what_a_terminal_would_obey_is_dropped(text: str, kept: str) -> None:
    assert stripped(text) == kept


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [/x] text", "plain [/x] text"),
        ("a\nb\tc\rd", "a↵b c d"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\u200bb\u202ec", "ab�c"),
        ("half \ud83d", "half �"),
        ("heart ❤\ufe0f", "heart ❤"),
        ("thumb 👍\U0001f3fd, e\u0301", "thumb 👍, é"),
        ("wide 日本", "wide 日本"),
        ("no\u00a0break", "no break"),
    ],
)
def test_what_a_terminal_could_act_upon_is_replaced(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_counting() -> None:
    assert counted(1, "state") == "1 state"
    assert counted(25_000, "event") == "25,000 events"
    assert counted(2, "match") == "2 matches"
    assert counted(0, "key", "[{}]") == "[0 keys]"


def test_in_messages_nothing_is_lost() -> None:
    assert escaped("é日\t\ud800") == "é日\\t\\ud800"
    assert escaped("\U000e0001") == "\\U000e0001"
