"""`sfdebug learn` without a screen: the list, the check, pages to hand out, and forgetting how far one has come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug.cli.completions import takes_files, words
from sfdebug.lessons.progress import ProgressFile, StepState
from sfdebug.lessons.reading import read_course, shipped_course
from tests.command_line import sfdebug
from tests.lesson_files import HEAD, write_lesson

STEPS = """\
mocks = "mocks.json"
case = "Paid"

[[steps]]
say = "An *order* comes in."

[[steps]]
say = "Charge is over."
at = "Charge/ResultPath"
predict = "output"
reveal = "ResultPath says where."
hints = ["One."]

[[steps]]
say = "Type it."
at = "Charge"
predict = "attempts"
hints = ["One."]

[[steps]]
say = "Force it."
at = "Paid?"
do = "force"
rule = 1
hints = ["One.", "Rule 1."]

[[steps]]
say = "A large one, which is busy."
case = "Busy"
input = "large.json"

[[steps]]
say = "Mend it."
mend = "broken.asl.json"
goal = "lesson.asl.json"
hints = ["One."]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    course = tmp_path / "course"
    machine = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    for name in ("first", "second", "fast"):
        write_lesson(course / name, HEAD + STEPS, broken__asl__json=machine, large__json={"total": 999})
    chapters = '[[chapters]]\ntitle = "One"\nlessons = ["first", "second"]\nfast_track = "fast"\n'
    (course / "course.toml").write_text(f'title = "C"\n{chapters}', encoding="utf-8")
    return course


def test_the_list_says_how_far_one_has_come(folder: Path) -> None:
    course = read_course(folder)
    progress = ProgressFile(course)
    for index in range(6):
        progress.mark(course.lessons[0], index, StepState.PASSED)
    progress.stand(course.lessons[1], 1)
    outcome = sfdebug("learn", "--list", str(folder))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "C",
        "",
        "One (1 of 2)",
        "✓   1  first   A lesson (4 min)",
        "•   2  second  A lesson (4 min)",
        "    »  fast    A lesson (4 min)",
    ]
    listed = json.loads(sfdebug("learn", str(folder), "--list", "--json").out)
    assert [lesson["state"] for lesson in listed["chapters"][0]["lessons"]] == ["passed", "begun"]
    assert listed["chapters"][0]["fastTrack"]["steps"] == 6


def test_progress_is_forgotten(folder: Path) -> None:
    course = read_course(folder)
    progress = ProgressFile(course)
    for lesson in course.lessons:
        progress.stand(lesson, 1)
    assert sfdebug("learn", "--reset", str(folder), "second").err == "A lesson: begins from the start.\n"
    assert set(ProgressFile(course).progress.lessons) == {"first"}
    assert sfdebug("learn", "--reset", str(folder)).err == "C: begins from the start.\n"
    assert ProgressFile(course).progress.lessons == {}


def test_progress_that_cannot_be_written_is_not_forgotten(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "taken"))
    outcome = sfdebug("learn", "--reset", str(folder))
    assert outcome.code == 2
    assert "nothing could be forgotten: the progress cannot be written" in outcome.err
    assert "begins from the start" not in outcome.err


def test_damaged_progress_is_said(folder: Path) -> None:
    path = ProgressFile(read_course(folder)).path
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_text("{")
    outcome = sfdebug("learn", "--list", str(folder))
    assert outcome.code == 0
    assert outcome.err.startswith("sfdebug: The progress so far cannot be used: it is damaged. It is kept in ")


def test_the_check(folder: Path) -> None:
    outcome = sfdebug("learn", "--check", str(folder))
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "3 lessons with 18 steps: no problems\n")
    file = folder / "second" / "lesson.toml"
    file.write_text(file.read_text().replace('at = "Charge"', 'at = "Chrage"'))
    outcome = sfdebug("learn", "--check", str(folder))
    where = folder / "second" / "lesson.asl.json"
    assert outcome.code == 1
    assert outcome.out.splitlines() == [f"{file}:18:1: {where}: there is no state 'Chrage'", "  Did you mean 'Charge'?"]
    assert outcome.err == "3 lessons with 18 steps: 1 problem\n"
    outcome = sfdebug("learn", "--check", str(folder), "first")  # and nothing is said of the others
    assert (outcome.code, outcome.err) == (0, "1 lesson with 6 steps: no problems\n")
    assert json.loads(sfdebug("learn", "--check", "--json", str(folder), "first").out)["lessons"] == 1
    assert sfdebug("learn", "--check", str(folder / "second")).code == 1
    checked = json.loads(sfdebug("learn", "--check", "--json", str(folder)).out)
    assert (checked["lessons"], checked["problems"][0]["line"]) == (3, 18)
    file.write_text("title = 3\n[[steps]]\n")
    outcome = sfdebug("learn", "--check", str(folder))
    assert outcome.code == 1
    assert f"{file}:1:1: title is a text, not an int" in outcome.out
    assert outcome.err == "3 problems\n"


def test_a_page_to_hand_out(folder: Path) -> None:
    outcome = sfdebug("learn", "--print", str(folder), "first")
    assert (outcome.code, outcome.err) == (0, "")
    page, _, answers = outcome.out.partition('<div style="page-break-after: always"></div>')
    assert page.startswith("# A lesson\n\n```\n")
    assert "│ Charge" in page
    assert "An \\*order\\* comes in." in page
    assert page.count("- ☐ ") >= 3
    assert "Your answer: " in page
    assert "R-1" in page
    assert "ResultPath says where" not in page
    assert '*(The run begins anew.)*\n\nThe input is now:\n\n```json\n{\n  "total": 999' in page
    first, _, second = page.partition("What the Tasks are answered with, in the case `Busy`:")
    assert "What the Tasks are answered with, in the case `Paid`:" in first
    assert ('"R-1"' in first, '"R-2"' in first, '"R-2"' in second) == (True, False, True)
    assert answers.startswith("\n\n## Answers: A lesson\n")
    assert "ResultPath says where" in answers
    assert "- Who says " in answers
    assert "Rule 1" in answers
    assert sfdebug("learn", "--print", str(folder)).out.count("## Answers") == 3


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("none/",), "none: there is no such folder"),
        (("nothing-called-so",), "there is no lesson 'nothing-called-so'"),
        (("1", "2"), "one lesson at a time"),
        (("--json",), "--json is for --list and --check"),
        (("--list", "--check"), "not allowed with argument"),
    ],
)
def test_what_cannot_be_meant(args: tuple[str, ...], what: str) -> None:
    outcome = sfdebug("learn", *args)
    assert outcome.code == 2
    assert what in outcome.err


def test_shells_offer_the_lessons_of_the_course() -> None:
    assert words("learn") == tuple(lesson.name for lesson in shipped_course().all_lessons())
    assert takes_files("learn")
