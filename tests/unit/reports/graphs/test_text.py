"""The graph as text: the drawing with its trail in signs and words, what stands below it, colours when asked for."""

from __future__ import annotations

import re

import pytest

from sfdebug.drawing import Zoom
from sfdebug.drawing.painting.line_notes import place_notes
from sfdebug.drawing.painting.lines import EAST, NORTH, SOUTH, WEST
from sfdebug.drawing.painting.paint import ASCII, UNICODE, paint
from sfdebug.reports.graphs import key
from sfdebug.reports.graphs.export import state_id
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, STATUS_SIGNS
from sfdebug.reports.graphs.text import render, taken_arms, taken_sign
from tests.graph_machines import Asl, generated
from tests.graph_pictures import CHAIN, NEST, POLL, Events, declined, picture, polled, task

TOO_LONG = "a value that is much too long for any line, whatever stands beside it: it goes on and on, and on and on"
LONG: Asl = {
    "StartAt": "C",
    "States": {
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "StringEquals": TOO_LONG, "Next": "B"}],
            "Default": "B",
        },
        "B": task("Nope"),
    },
}


def test_without_a_trail_it_is_what_the_screen_has() -> None:
    for definition in (CHAIN, POLL, NEST, generated(3, 40)):
        drawn = picture(definition)
        for ascii in (False, True):
            expected = paint(drawn.layout, ascii=ascii).lines()
            assert render(drawn, ascii=ascii).splitlines()[: len(expected)] == expected


LINE: Asl = {
    "StartAt": "Reserve",
    "States": {"Reserve": task("Ship", Retry=[{"ErrorEquals": ["States.ALL"]}]), "Ship": task("Bill"), "Bill": task()},
}


def under_way() -> Events:
    events = Events()
    events.visit("Task", "Reserve")
    events.enter("Task", "Ship")
    return events


def test_a_trail_is_told_by_sign_word_and_heavy_lines() -> None:
    assert (
        render(picture(LINE, under_way()))
        == """\
         ●
         ▼
╭─Task─↻───✓ done─╮
│ Reserve         │
╰────────┰────────╯
         ▼
╭─Task─────▸ here─╮
│ Ship            │
╰────────┬────────╯
         ▼
╭─Task──────────·─╮
│ Bill            │
╰───────────────■─╯

run.json: RUNNING after 7 events: ▸ here 1, ✓ done 1, · not visited 1
"""
    )


def test_a_trail_in_ascii() -> None:
    assert (
        render(picture(LINE, under_way()), ascii=True)
        == """\
         o
         v
+-Task-@---v done-+
| Reserve         |
+--------*--------+
         v
+-Task-----> here-+
| Ship            |
+--------+--------+
         v
+-Task----------.-+
| Bill            |
+---------------#-+

run.json: RUNNING after 7 events: > here 1, v done 1, . not visited 1
"""
    )


def test_a_taken_catch_is_heavy_and_dashed() -> None:
    text = render(picture(CHAIN, declined()))
    assert "! caught" in text
    assert "✗ failed" in text
    assert re.search("[╏╍]", text)
    assert not re.search("[╎╌]", text)
    assert "┃" not in text.splitlines()[-5]  # the way to Ship was not taken


def test_visits_of_a_loop_are_counted() -> None:
    text = render(picture(POLL, polled(3)))
    assert text.count("✓ done×4") == 2
    assert "✓ done×3" in text
    assert "┗" in text or "┛" in text  # the way back is heavy too


def test_transitions_are_counted_beside_their_lines() -> None:
    text = render(picture(POLL, polled(3)))
    assert len(re.findall(r"▼ ×4|×4 ▼|┃ ×4", text)) == 1  # Look to Ended?
    assert text.count("×3") == 3  # Wait itself, the way to it, and the way back
    assert "×1" not in text


def test_what_has_no_room_beside_its_line_is_said_below() -> None:
    drawn = picture(POLL, polled(3))
    narrow = place_notes(paint(drawn.layout), dict.fromkeys(range(len(drawn.layout.edges)), "×" + "9" * 60))
    assert (narrow.notes, len(narrow.unplaced)) == ((), len(drawn.layout.edges))
    assert drawn.unplaced_texts([drawn.layout.edge_index(("Look",), ("Ended?",), "next") or 0]) == ["Look → Ended? ×4"]


def test_notes_beside_lines_hide_nothing() -> None:
    for seed in range(4):
        canvas = paint(picture(generated(seed, 40)).layout)
        placed = place_notes(canvas, {index: f"×{index}" for index in range(len(canvas.layout.edges))})
        seen: set[tuple[int, int]] = set()
        assert placed.notes
        for note in placed.notes:
            at = {(note.x + column, note.y) for column in range(len(note.text))}
            assert not at & seen
            seen |= at
            for x, y in at:
                edges = canvas.cell(x, y).edges
                assert set(edges) <= set(note.edges)
                assert bool(edges) == note.is_on_line


def test_the_key_has_every_sign() -> None:
    for ascii, glyphs in ((False, UNICODE), (True, ASCII)):
        signs = " ".join(each.sign for _, group in key.signs(ascii=ascii) for each in group)
        for name in glyphs.__struct_fields__:
            value = getattr(glyphs, name)
            if isinstance(value, str) and name not in ("line", "dashed"):
                assert value in signs, name
        for status in [*STATUS_SIGNS.values(), *CHANGE_SIGNS.values()]:
            assert (status.ascii if ascii else status.sign) in signs
    text = render(picture(POLL), key=True, ascii=True)
    assert text.isascii()
    assert "Catch: dashed, with another arrow" in text


def test_many_visits_still_fit() -> None:
    text = render(picture(POLL, polled(120)))
    assert "✓ ×121" in text
    assert {len(line) for line in text.splitlines() if "Look" in line} == {
        len(line) for line in render(picture(POLL)).splitlines() if "Look" in line
    }


@pytest.mark.parametrize("zoom", [Zoom.LINES, Zoom.DOTS])
def test_small_zooms_say_the_words_below(zoom: Zoom) -> None:
    text = render(picture(POLL, polled(3), zoom=zoom))
    assert text.splitlines()[-1] == "Ended? → Wait: Default" if zoom is Zoom.DOTS else True
    assert "✓ done: Look ×4, Ended? ×4, Wait ×3, Report\n" in text
    assert text.index("✓ done:") > text.index("SUCCEEDED after")


def test_labels_that_were_cut_stand_below_with_their_sign() -> None:
    text = render(picture(LONG))
    [sign] = re.findall(r"a value.*… .*\[([a-z]+)\]\n", text)
    assert f'\n[{sign}] a = "{TOO_LONG[:20]}' in text


def test_what_is_wrong_stands_below_wrapped() -> None:
    text = render(picture(LONG), width=50)
    assert text.endswith("! Nope: Next of B leads to it, but there is no\n  such state in its scope\n")


def test_colours_are_added_and_nothing_else() -> None:
    for drawn in (picture(CHAIN, declined()), picture(POLL, polled(2)), picture(NEST)):
        plain, coloured = render(drawn), render(drawn, colour=True)
        assert "\x1b" not in plain
        assert "\x1b[" in coloured
        bare = re.sub(r"\x1b\[[\d;]*m", "", coloured)
        assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()
        assert coloured.count("\x1b[0m") * 2 == coloured.count("\x1b[")  # every colour is ended


def test_colours_tell_states_apart() -> None:
    coloured = render(picture(CHAIN, declined()), colour=True)
    name = {
        word: re.search(rf"\x1b\[([\d;]+)m[^\x1b]*{word}", coloured) for word in ("Reserve", "Charge card", "Refused")
    }
    found = [match[1] for match in name.values() if match is not None]
    assert found == ["34", "35", "1;31"]


def test_names_with_escape_sequences_do_not_reach_the_terminal() -> None:
    evil = "\x1b[31mred\x07"
    text = render(picture({"StartAt": evil, "States": {evil: task("\x1b[2Jgone")}}))
    assert "\x1b" not in text
    assert "\x07" not in text


# Heavy lines


def test_every_junction_has_a_heavy_form_for_each_of_its_arms() -> None:
    signs = {NORTH | EAST | SOUTH: "├", NORTH | SOUTH | WEST: "┤", EAST | SOUTH | WEST: "┬", NORTH | EAST | WEST: "┴"}
    for arms, sign in {**signs, 15: "┼"}.items():
        forms = [taken_sign(sign, some, ascii=False) for some in range(16)]
        by_shown: dict[int, set[str]] = {}
        for some, form in enumerate(forms):
            by_shown.setdefault(some & arms, set()).add(form)
        assert all(len(each) == 1 for each in by_shown.values())
        assert len(set(forms)) == len(by_shown)


def test_at_a_bridge_only_the_line_that_shows_counts() -> None:
    assert taken_sign("│", EAST | WEST, ascii=False) == "│"
    assert taken_sign("│", NORTH | SOUTH, ascii=False) == "┃"
    assert taken_sign("|", EAST | WEST, ascii=True) == "|"
    assert taken_sign("|", 15, ascii=True) == "*"
    assert taken_sign("▼", 15, ascii=False) == "▼"


def test_all_line_characters_of_a_drawing_are_known() -> None:
    for sign in {*UNICODE.line, *UNICODE.dashed} - {" "}:
        assert taken_sign(sign, 15, ascii=False) != sign, sign
    for sign in {*ASCII.line, *ASCII.dashed} - {" "}:
        assert taken_sign(sign, 15, ascii=True) == "*", sign


def test_arms_of_taken_edges_meet_those_of_their_neighbours() -> None:
    layout = picture(POLL).layout
    arms = taken_arms(layout, range(len(layout.edges)))
    steps = {NORTH: (0, -1, SOUTH), SOUTH: (0, 1, NORTH), EAST: (1, 0, WEST), WEST: (-1, 0, EAST)}
    for (x, y), each in arms.items():
        for arm, (dx, dy, back) in steps.items():
            if each & arm:
                assert arms[x + dx, y + dy] & back


# Ids and words


def test_ids_are_stable_unique_and_readable() -> None:
    assert state_id(("Fan out", 1, "Resize")) == "Fan out/1/Resize"
    assert state_id(("a/0/b",)) == "a~10~1b"
    assert state_id(("a~1b",)) == "a~01b"
    assert state_id(()) == ""
    assert len({state_id(path) for path in [("a/0/b",), ("a", 0, "b"), ("a~10~1b",), ("a", 0, "b/")]}) == 4


def test_status_signs_follow_the_order_of_the_marks() -> None:
    from sfdebug.debugger.view.model import MarkStatus

    assert list(STATUS_SIGNS) == [status.value for status in MarkStatus]
    assert all(len(each.sign) == len(each.ascii) == 1 and each.ascii.isascii() for each in STATUS_SIGNS.values())
