"""What is said at the foot, in as many parts as it takes."""

from __future__ import annotations

from sfdebug.tui.lessons.said import Said
from sfdebug.tui.painting.glyphs import ASCII, UNICODE

LONG = "Charge returns a receipt. " * 8
CHOICES = ('{"a":1}', '{"b":2}', '{"c":"' + "x" * 200 + '"}', "nothing")


def texts(said: Said, width: int = 80, rows: int = 4) -> list[list[str]]:
    parts = said.parts(width, rows, UNICODE)
    return [["".join(text for text, _ in line) for line in part.lines] for part in parts]


def test_what_fits_is_one_part() -> None:
    said = Said("Lesson", text="Short.", prompt="What comes?", choices=CHOICES[:2], chosen=1)
    assert texts(said) == [[" Short.", " What comes?", "   1 " + CHOICES[0], " ▸ 2 " + CHOICES[1]]]
    assert [part.heading for part in said.parts(80, 4, UNICODE)] == ["Lesson"]


def test_what_does_not_fit_is_asked_on_a_part_of_its_own() -> None:
    said = Said("Lesson", text=LONG, prompt="What comes?", choices=CHOICES)
    told, asked = said.parts(80, 4, UNICODE)
    assert told.heading == "Lesson"
    assert asked.heading == "What comes?"  # there is no row for it above four choices
    assert len(asked.lines) == 4
    assert [len(line) <= 80 for part in texts(said) for line in part] == [True] * 7
    assert said.is_cut(2, 80)
    assert not said.is_cut(0, 80)
    roomy = said.parts(80, 8, UNICODE)
    assert [part.heading for part in roomy] == ["Lesson"]


def test_a_text_that_is_longer_than_the_foot_goes_on_in_further_parts() -> None:
    said = Said("Lesson", text=LONG * 2, sign="differs", paint="waiting", note="Enter goes on.")
    parts = texts(said)
    assert [len(part) for part in parts] == [4, 2, 1]
    assert parts[0][0].startswith(" ≠ Charge")
    assert all(line.startswith("   ") for line in parts[0][1:])
    assert parts[-1] == [" Enter goes on."]


def test_a_number_and_a_line_to_type_into_have_their_rows() -> None:
    number = Said("Lesson", prompt="How often?", entry="12", unit="seconds")
    assert texts(number) == [[" How often?", " > 12  seconds"]]
    field = Said("Lesson", prompt="What comes?", has_field=True)
    assert texts(field) == [[" What comes?", ""]]


def test_data_are_cleaned_and_ascii_is_ascii() -> None:
    said = Said("L", text="\x1b[31mred\x07", prompt="?", choices=("\u202eevil",), sign="differs", paint="failed")
    lines = ["".join(text for text, _ in line) for part in said.parts(60, 6, ASCII) for line in part.lines]
    assert not any(character in line for line in lines for character in "\x1b\x07\u202e")
    assert lines[-1].startswith(" > 1 ")
