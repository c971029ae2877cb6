"""How problems are shown: place, line, caret, fix; whatever the line holds."""

from __future__ import annotations

import pytest

from sfdebug.asl.text.problems import MAX_SHOWN, ProblemList, dotted, file_problem, ordered, quote, render
from sfdebug.asl.text.source import Source
from sfdebug.errors import Problem
from sfdebug.text import cell_width


def shown(text: str, start: int, end: int, width: int = 100) -> list[str]:
    problem = ProblemList(Source("f.json", text)).add(start, end, "wrong", "mend it")
    return render([problem], width).splitlines()


def test_a_problem_is_its_place_its_line_a_caret_and_the_fix() -> None:
    text = '{\n  "Next": "Chrage"\n}'
    start = text.index('"Chrage"')
    assert shown(text, start, start + 8) == [
        "f.json:2:11: error: wrong",
        '  2 |   "Next": "Chrage"',
        "    |           ^~~~~~~~",
        "  fix: mend it",
    ]


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("ab X", "X"),
        ("\t\tX", "X"),
        ("日本語 X", "X"),
        ("e\u0301e\u0301 X", "X"),
        ("😀😀 X", "X"),
        ("\x1b[31m X", "X"),
        ("a" * 300 + "X" + "b" * 300, "X"),
        ("日" * 300 + "X" + "本" * 300, "X"),
    ],
)
def test_the_caret_stands_under_its_character_whatever_is_before_it(line: str, target: str) -> None:
    at = line.index(target)
    _, excerpt, caret, _ = shown(line, at, at + 1, width=80)
    column = cell_width(caret[: caret.index("^")])
    assert cell_width(excerpt[: excerpt.index(target)]) == column
    assert cell_width(excerpt) <= 80
    assert "\x1b" not in excerpt


def test_the_caret_is_as_wide_as_what_it_marks() -> None:
    _, excerpt, caret, _ = shown("日本 x", 0, 2)
    assert excerpt == "  1 | 日本 x"
    assert caret == "    | ^~~~"


def test_a_mark_at_the_end_of_the_line_stands_after_it() -> None:
    _, excerpt, caret, _ = shown('{"a": 1', 7, 7)
    assert caret.index("^") == len(excerpt)


def test_control_characters_never_reach_the_terminal() -> None:
    problem = Problem("a\x1bb", 1, 1, "w\x07\n", "f\u202ex", excerpt="\x1b[2J")
    assert "\x1b" not in render([problem])
    assert "\x07" not in render([problem])
    assert "\u202e" not in render([problem])


def test_problems_are_shown_in_file_order_up_to_a_limit() -> None:
    problems = [Problem("f", line, 1, f"w{line}", "") for line in range(40, 0, -1)]
    lines = render(problems).splitlines()
    assert lines[0] == "f:1:1: error: w1"
    assert lines[-1] == f"and {40 - MAX_SHOWN} more"
    assert len(lines) == MAX_SHOWN + 1


def test_a_problem_of_the_whole_file_has_no_line() -> None:
    assert render([file_problem("gone.json", "there is no such file", "check the path")]).splitlines() == [
        "gone.json: error: there is no such file",
        "  fix: check the path",
    ]


def test_the_same_problem_is_told_once() -> None:
    problem = Problem("f", 1, 1, "w", "")
    assert ordered([problem, Problem("f", 1, 1, "w", "")]) == (problem,)


def test_words_for_pointers_and_quotes() -> None:
    assert dotted(("States", "A", "Retry", 0, "ErrorEquals")) == "States.A.Retry[0].ErrorEquals"
    assert quote("a\nb") == "'a\\nb'"
    assert quote("x" * 100, 10) == "'xxxxxxxxx…'"


def test_a_stretch_over_several_lines_is_marked_on_its_first() -> None:
    problem = ProblemList(Source("f", "{\n1\n}")).add(0, 5, "w", "")
    assert (problem.line, problem.column, problem.length) == (1, 1, 1)
    beyond = ProblemList(Source("f", "ab")).add(99, 120, "w", "")
    assert (beyond.line, beyond.column, beyond.length) == (1, 3, 1)
