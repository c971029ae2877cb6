"""The lesson that docs/lessons.md writes down is one, and the page tells of all keys that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sfdebug.lessons.checking import check_course
from sfdebug.lessons.model import ANSWER_FORMS, DoStep, MendStep, PredictKind, PredictStep, SayStep, TaskKind
from sfdebug.lessons.reading import read_course
from tests.command_line import ROOT, sfdebug

PAGE = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
FILE = re.compile(r"`(receipt/[\w.]+)`[^`]*?\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = FILE.findall(PAGE)
    assert len(found) == 5
    for name, text in found:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    [course] = re.findall(r'^```toml\n(title = "Our workflows".*?)^```', PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "course.toml").write_text(course, encoding="utf-8")
    return tmp_path


def test_the_lesson_of_the_page(folder: Path) -> None:
    course = read_course(folder)
    assert check_course(course) == []
    kinds = [type(step) for step in course.lessons[0].steps]
    assert kinds == [SayStep, PredictStep, DoStep, MendStep]
    outcome = sfdebug("learn", "--check", str(folder / "receipt"))
    assert (outcome.code, outcome.err) == (0, "1 lesson with 4 steps: no problems\n")


def test_all_kinds_are_on_the_page() -> None:
    rows = {row[1]: row[0] for row in re.findall(r"^(\| `([a-z-]+)` \|.*)$", PAGE, re.MULTILINE)}
    for kind in PredictKind:
        forms = [form.strip() for form in rows[kind].rstrip("| ").rpartition("|")[2].split(",")]
        assert sorted(forms) == sorted(ANSWER_FORMS[kind]), kind
    for task in TaskKind:
        assert f"`{task}`" in PAGE.partition("### Do")[2].partition("### Mend")[0], task
