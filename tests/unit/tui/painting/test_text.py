"""Text made safe and fitted, times, searching, and how the panes are arranged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from sfdebug.tui.painting.paint import fitted
from sfdebug.tui.painting.text import clean, clock, column, elapsed, fit, plural
from sfdebug.tui.panes.arrangement import Arrangement, arrangement_for, what_is_needed
from sfdebug.tui.search import matcher
from sfdebug.tui.terminal.ascii_filter import AsciiFilter


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [/x] text", "plain [/x] text"),
        ("a\nb\tc\rd", "a↵b c d"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\u200bb\u202ec", "ab�c"),
        ("half \ud83d", "half �"),
        ("heart ❤\ufe0f", "heart ❤"),
        ("wide 日本", "wide 日本"),
        ("no\u00a0break", "no break"),
    ],
)
def test_what_a_terminal_could_act_upon_is_replaced(text: str, shown: str) -> None:
    assert clean(text) == shown


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


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "00:00:00"),
        (7_000, "00:00:07"),
        (7_250, "00:00:07.250"),
        (3_661_000, "01:01:01"),
        (90_061_000, "1d 01:01:01"),
        (-5, "00:00:00"),
    ],
)
def test_clock(milliseconds: int, text: str) -> None:
    assert clock(milliseconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "+0 s"),
        (50, "+0.05 s"),
        (5_000, "+5 s"),
        (59_999, "+59.999 s"),
        (200_000, "+3:20"),
        (7_200_000, "+2:00:00"),
        (93_600_000, "+1d 02:00"),
        (8_639_940_000, "+99d 23:59"),
        (99_999_999_000, "+1,157d"),
    ],
)
def test_elapsed(milliseconds: int, text: str) -> None:
    assert elapsed(milliseconds) == text
    assert len(text) <= 10


def test_plural() -> None:
    assert plural(1, "state") == "1 state"
    assert plural(25_000, "event") == "25,000 events"


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
        (200, 50, Arrangement.THREE),
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


def test_what_is_needed_is_said_in_numbers() -> None:
    assert "60 columns and 12 rows" in what_is_needed(50, 20)
    assert "50 and 20" in what_is_needed(50, 20)
