"""Text made safe and fitted, times, searching, and how the panes are arranged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from sfdebug.text import clean
from sfdebug.tui.painting.paint import column, fit, fitted
from sfdebug.tui.panes.arrangement import (
    Arrangement,
    arrangement_for,
    grid_rows,
    panes_shown,
    what_is_needed,
)
from sfdebug.tui.terminal.filters import AsciiFilter
from sfdebug.tui.widgets.search import matcher


def test_of_a_payload_only_what_can_be_seen_is_cleaned() -> None:
    assert fit("é" * 1_000_000, 4) == "ééé…"
    assert fit("\u200b" * 1_000_000, 4) == "…"


@given(st.text(max_size=60), st.integers(0, 30))
def test_fitted_text_is_never_too_wide(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) <= width
    assert cell_len(column(text, width)) == width


@given(st.lists(st.tuples(st.text(max_size=20).map(clean), st.just("muted")), max_size=6), st.integers(0, 40))
def test_fitted_pieces_are_never_too_wide(pieces: list[tuple[str, str]], width: int) -> None:
    assert sum(cell_len(text) for text, _ in fitted(pieces, width)) <= width


def test_what_is_cut_says_so() -> None:
    assert fit("abcdef", 4) == "abc…"
    assert fit("abcd", 4) == "abcd"
    assert column("ab", 4) == "ab  "
    assert fitted([("abc", "x"), ("defg", "y"), ("h", "z")], 5) == [("abc", "x"), ("d…", "y")]


def test_our_own_signs_have_an_ascii_form_of_the_same_width() -> None:
    segments = [Segment("a ← b … c"), Segment("│▃日本"), Segment("x", Style(bold=True))]
    shown = AsciiFilter().apply(segments, Color(0, 0, 0))
    assert [segment.text for segment in shown] == ["a < b ~ c", "| 日本", "x"]
    assert shown[2] is segments[2]


# Searching


@pytest.mark.parametrize(
    ("query", "text", "is_match"),
    [
        ("charge", "ChargeCard", True),
        ("Charge", "chargeCard", False),
        ("^Charge", "ChargeCard", True),
        ("^Card", "ChargeCard", False),
        ("!card", "ChargeCard", False),
        ("!card", "Ship", True),
        ("a(b", "xa(b)", True),
        ("[", "a[0]", True),
    ],
)
def test_matching(query: str, text: str, is_match: bool) -> None:
    matches = matcher(query)
    assert matches is not None
    assert matches(text) is is_match


@pytest.mark.parametrize("query", ["", "!"])
def test_nothing_typed_matches_everything(query: str) -> None:
    assert matcher(query) is None


# Arrangement


@pytest.mark.parametrize(
    ("width", "height", "arrangement"),
    [
        (80, 24, Arrangement.ONE),
        (120, 40, Arrangement.TWO),
        (200, 50, Arrangement.WIDE),
        (100, 30, Arrangement.TWO),
        (200, 20, Arrangement.ONE),
        (59, 40, Arrangement.TINY),
        (80, 11, Arrangement.TINY),
    ],
)
def test_the_arrangement_follows_the_size(width: int, height: int, arrangement: Arrangement) -> None:
    assert arrangement_for(width, height) is arrangement


def test_a_maximised_pane_is_alone_at_any_size() -> None:
    assert arrangement_for(200, 50, is_maximised=True) is Arrangement.ONE
    assert arrangement_for(40, 10, is_maximised=True) is Arrangement.TINY


@pytest.mark.parametrize(
    ("opened", "height", "is_maximised", "expected"),
    [
        ("graph", 24, False, {"graph"}),
        ("stages", 24, False, {"stages", "data"}),
        ("data", 24, False, {"stages", "data"}),
        ("data", 24, True, {"data"}),
        ("data", 18, False, {"data"}),
    ],
)
def test_stages_and_data_share_a_small_terminal(
    opened: str, height: int, is_maximised: bool, expected: set[str]
) -> None:
    assert panes_shown(Arrangement.ONE, height, opened, is_maximised=is_maximised) == frozenset(expected)
    assert panes_shown(Arrangement.TWO, 40, opened, is_maximised=False) is None


def test_idle_rows_of_the_timeline_go_to_the_others() -> None:
    assert grid_rows(Arrangement.TWO, 36, 4) == "5fr 7fr 7"
    assert grid_rows(Arrangement.TWO, 36, 0) == "5fr 7fr 6"
    assert not grid_rows(Arrangement.TWO, 36, 100)


def test_what_is_needed_is_said_in_numbers() -> None:
    assert "60 columns and 12 rows" in what_is_needed(50, 20)
    assert "50 and 20" in what_is_needed(50, 20)
