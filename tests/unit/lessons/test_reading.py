"""Courses and lessons are read from their files, and all that is wrong in these is told at once, with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sfdebug.engine.execution.visit import StageName
from sfdebug.errors import UsageError
from sfdebug.lessons.model import (
    AnswerForm,
    DoStep,
    GoalPart,
    LessonError,
    LessonPlace,
    LitPane,
    MendStep,
    PredictKind,
    PredictStep,
    SayStep,
    TaskKind,
    WrongChoice,
)
from sfdebug.lessons.reading import place_from, read_course, read_lesson, shipped_course
from sfdebug.lessons.tables import MOST_PROBLEMS
from sfdebug.limits import ExecutionType
from sfdebug.values import MISSING
from tests.lesson_files import HEAD, ORDER, write_lesson
from tests.performance.counting import calls_of

STEP = '[[steps]]\nsay = "A."\n'
WHOLE = """\
title = "An order"
cures = "What comes out is not what went in."
minutes = 5
needs = ["first"]
mocks = "mocks.json"
case = "Paid"

[[steps]]
say = "An order comes in."
look = "graph"
at = "start"

[[steps]]
say = \"\"\"
Charge has no ResultSelector.
what = "not a key"
[[steps]]
\"\"\"
at = "Charge/ResultPath"
visit = 1
predict = "output"
answer = "json"
mistakes = ["merged"]
wrong = [ { value = 3, because = "It is no number." } ]
reveal = "ResultPath says where."
hints = ["One.", "Two."]

[[steps]]
say = "Make the payment time out."
do = "inject"
state = "Charge"
error = "States.Timeout"
hints = ["One."]

[[steps]]
say = "And now a large one."
input = "large.json"
execution_type = "EXPRESS"
do = "force"
state = "Paid?"
rule = "Default"
hints = ["One."]

[[steps]]
say = "Mend it."
mend = "broken.asl.json"
goal = "lesson.asl.json"
compare = ["status", "error"]
cases = ["Paid", "Busy"]
hints = ["One."]
"""


def test_a_lesson(tmp_path: Path) -> None:
    folder = write_lesson(tmp_path / "order", WHOLE, large__json={"total": 1000}, broken__asl__json=ORDER)
    lesson = read_lesson(folder)
    assert (lesson.name, lesson.title, lesson.minutes, lesson.needs) == ("order", "An order", 5, ("first",))
    assert (lesson.setup.definition.name, lesson.setup.case) == ("lesson.asl.json", "Paid")
    assert lesson.setup.input == folder / "input.json"
    said, asked, injected, forced, mended = lesson.steps
    assert isinstance(said, SayStep)
    assert (said.line, said.look, said.at) == (8, LitPane.GRAPH, LessonPlace(""))
    assert isinstance(asked, PredictStep)
    assert (asked.asked.kind, asked.asked.form, asked.asked.mistakes) == (
        PredictKind.OUTPUT,
        AnswerForm.JSON,
        ("merged",),
    )
    assert (asked.asked.wrong, asked.hints) == ((WrongChoice(3, "It is no number."),), ("One.", "Two."))
    assert (asked.at, asked.setup) == (LessonPlace("Charge", StageName.RESULT_PATH), None)
    assert isinstance(injected, DoStep)
    assert (injected.line, injected.task, injected.error) == (28, TaskKind.INJECT, "States.Timeout")
    assert injected.output is MISSING
    assert isinstance(forced, DoStep)
    assert forced.rule is None
    assert forced.setup is not None
    assert (forced.setup.input, forced.setup.case) == (folder / "large.json", "Paid")
    assert forced.setup.execution_type is ExecutionType.EXPRESS
    assert isinstance(mended, MendStep)
    assert (mended.setup, mended.compare) == (None, (GoalPart.STATUS, GoalPart.ERROR))
    assert [setup.case for setup in mended.cases] == ["Paid", "Busy"]
    assert {setup.definition for setup in mended.cases} == {folder / "broken.asl.json"}


@pytest.mark.parametrize(
    ("text", "of"),
    [("at = 'start'", "execution"), ("at = 'end'\nstate = 'Ship'", ""), ("at = 'Ship'", ""), ("", "")],
)
def test_what_is_asked_at_the_start_or_the_end_is_about_the_execution(tmp_path: Path, text: str, of: str) -> None:
    (step,) = read_lesson(write_lesson(tmp_path, f'{HEAD}{STEP}predict = "output"\n{text}\n')).steps
    assert isinstance(step, PredictStep)
    assert step.asked.of == of


@pytest.mark.parametrize(
    ("line", "column", "text", "what", "fix"),
    [
        (3, 1, 'minuets = 4\n' + STEP, "there is no 'minuets' here", "Did you mean minutes?"),
        (5, 1, STEP + 'look = "grpah"', "look cannot be 'grpah'", "Did you mean graph?"),
        (4, 1, '[[steps]]\nsay = 3', "say is a text, not an int", 'Write: say = "…"'),
        (3, 1, "[[steps]]\nat = 'start'", "say is missing", 'Write: say = "…"'),
        (5, 1, STEP + 'predict = "outptu"', "predict cannot be 'outptu'", "Did you mean output?"),
        (6, 1, STEP + 'do = "run"\npredict = "rule"', "a step is of one kind: do or predict", "Make two"),
        (6, 1, STEP + 'predict = "rule"\nanswer = "json"', "answer cannot be 'json'", "There are: choose."),
        (3, 1, STEP + 'predict = "visits"', "visits needs state", "Write: state = …"),
        (5, 1, STEP + 'visit = 2', "visit belongs to at", 'Name the state too: at = "Charge"'),
        (5, 1, STEP + 'hints = ["1", "2", "3", "4"]', "there are one to three hints", "Keep those"),
        (5, 1, STEP + 'hints = "1"', "hints is a list of texts", 'Write: hints = ["…", "…"]'),
        (6, 1, STEP + 'predict = "output"\nretry = 3', "output does not read retry", "Leave it out. It is for delay."),
        (6, 1, STEP + 'do = "step-over"\nrule = 2', "step-over does not read rule", "Leave it out. It is for force"),
        (6, 1, STEP + 'do = "step-over"\nstate = "Ship"', "step-over does not read state", "Leave it out: it is"),
        (6, 1, STEP + 'predict = "status"\nof = "exeution"', "of cannot be 'exeution'", "Did you mean execution?"),
        (6, 1, STEP + 'mend = "lesson.asl.json"\ncompare = []', "compare names nothing", "Name one at least"),
        (5, 1, STEP + 'mocks = "lesson.csv"', "there is no file lesson.csv", "Add it, or leave mocks out."),
        (6, 1, STEP + 'do = "force"\nrule = 0', "rule is the number of a rule", "Write: ru"),
        (5, 1, STEP + 'mend = "lesson.asl.jsn"', "there is no file lesson.asl.jsn", "Did you mean"),
        (3, 1, STEP + 'mend = "lesson.asl.json"', "mend needs goal", 'Write: goal = "goal.asl.json"'),
        (5, 1, STEP + 'mocks = "/m.json"', "mocks is named from the folder of this file", "Write a path"),
        (5, 1, STEP + 'case = "Paid"', "a test case is in a mock file", 'Name it too: mocks = "mocks.json"'),
        (5, 1, STEP + 'fresh = 1', "fresh is true or false", "Write: fresh = true"),
        (6, 1, STEP + 'predict = "rule"\nwrong = [{ value = 3 }]', "because is missing", "Write: bec"),
        (6, 1, STEP + 'predict = "rule"\nwrong = [{ because = "B" }]', "value is missing", "Write: { va"),
        (6, 1, STEP + 'do = "answer"\noutput = 2024-01-01', "output has a date", "Dates and infinite"),
        (3, 1, 'minutes = 0\n' + STEP, "minutes is a whole number from 1", "Write: minutes = 4"),
        (3, 1, 'nested = { A = 3 }\n' + STEP, "nested is a table of files", "Write: nested = { Name"),
        (3, 1, "steps = 3", "steps is a list of tables", "Write [[steps]] before each."),
        (63, 1, "[[steps]]\n" * 70, "a lesson has up to 60 steps, and not 70", "Make several"),
        (3, 1, ".".join("a" * 30_000) + " = 1", "a key of more than 100 parts", "A line is written"),
        (3, 11, "x = [1, { " + ".".join(["'a b'"] * 9_000) + " = 1 }]", "a key of more than 100 parts", "A line"),
        (3, 1, "a" * 90_000 + " = 1", f"there is no '{'a' * 60}…' here", "There are: title"),
        (3, 6, "steps", "this is no TOML: expected '=' after a key in a key/value pair", "A line is written"),
    ],
)  # fmt: skip
def test_a_mistake(tmp_path: Path, line: int, column: int, text: str, what: str, fix: str) -> None:
    folder = write_lesson(tmp_path, f"{HEAD}{text}\n")
    with pytest.raises(LessonError) as error:
        read_lesson(folder)
    problem = next(one for one in error.value.problems if one.what.startswith(what))
    assert (problem.line, problem.column) == (line, column)
    assert problem.fix.startswith(fix)
    assert str(folder / "lesson.toml") in str(error.value)


def test_of_thousands_of_mistakes_the_first_are_told_and_only_these_looked_for(tmp_path: Path) -> None:
    def found(mistakes: int) -> Callable[[], object]:
        folder = write_lesson(tmp_path / str(mistakes), HEAD + "".join(f"a{n} = 1\n" for n in range(mistakes)))

        def read() -> None:
            with pytest.raises(LessonError) as error:
                read_lesson(folder)
            assert len(error.value.problems) == MOST_PROBLEMS

        return read

    assert calls_of(found(600)) < 3 * calls_of(found(300))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = '[[steps]]\nsey = "A."\n\n[[steps]]\nsay = "B."\npredict = "nxet"\nhints = []\n'
    folder = write_lesson(tmp_path, text)
    (folder / "lesson.asl.json").unlink()
    with pytest.raises(LessonError) as error:
        read_lesson(folder)
    assert [(one.line, one.what) for one in error.value.problems] == [
        (1, "there is no definition"),
        (1, "say is missing"),
        (1, "title is missing"),
        (1, "cures is missing"),
        (2, "there is no 'sey' here"),
        (6, "predict cannot be 'nxet'"),
    ]


def test_a_course(tmp_path: Path) -> None:
    for name in ("first", "second", "fast"):
        write_lesson(tmp_path / name, f'{HEAD}[[steps]]\nsay = "A."\n')
    chapters = '[[chapters]]\ntitle = "One"\nlessons = ["first", "second"]\nfast_track = "fast"\n'
    (tmp_path / "course.toml").write_text(f'title = "C"\n{chapters}', encoding="utf-8")
    course = read_course(tmp_path)
    assert [lesson.name for lesson in course.lessons] == ["first", "second"]
    assert [lesson.name for lesson in course.all_lessons()] == ["first", "second", "fast"]
    assert course.find("2").name == course.find("second").name == course.find("sec").name == "second"
    for wanted, what, fix in [
        ("f", "several lessons begin with 'f'", "There are: first, fast."),
        ("secnod", "there is no lesson 'secnod'", "Did you mean 'second'?"),
        ("3", "there is no lesson '3'", "There are: first, second, fast."),
        ("9" * 5000, "there is no lesson '9", "There are: first, second, fast."),
        ("", "there is no lesson ''", "There are: first, second, fast."),
    ]:
        with pytest.raises(UsageError, match=what.replace("'", ".")) as error:
            course.find(wanted)
        assert error.value.fix == fix


def test_mistakes_of_a_course_and_of_its_lessons(tmp_path: Path) -> None:
    write_lesson(tmp_path / "first", f"{HEAD}[[steps]]\nsya = 'A.'\n")
    (tmp_path / "lesson.toml").write_text(f"{HEAD}{STEP}", encoding="utf-8")
    one = '[[chapters]]\nlessons = ["first", "first", "../second", ".."]\n'
    text = f'title = "C"\n{one}[[chapters]]\ntitle = "Two"\nlessons = []\n'
    text += '[[chapters]]\ntitle = "Three"\nlessons = "first"\nfast_track = "frist"\n'
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LessonError) as error:
        read_course(tmp_path)
    told = [(Path(one.file).parent.name, one.line, one.what) for one in error.value.problems]
    assert told == [
        (tmp_path.name, 2, "title is missing"),
        (tmp_path.name, 3, "the lesson first is in the course already"),
        (tmp_path.name, 3, "there is no lesson ../second"),
        (tmp_path.name, 3, "there is no lesson .."),
        (tmp_path.name, 6, "a chapter has lessons"),
        (tmp_path.name, 9, "lessons is a list of texts"),
        (tmp_path.name, 10, "there is no lesson frist"),
        ("first", 3, "say is missing"),
        ("first", 4, "there is no 'sya' here"),
    ]
    assert error.value.problems[6].fix == "Did you mean first?"


def test_one_lesson_is_a_course_of_one(tmp_path: Path) -> None:
    folder = write_lesson(tmp_path / "alone", f'{HEAD}[[steps]]\nsay = "A."\n')
    course = read_course(folder)
    assert (course.title, [lesson.name for lesson in course.lessons]) == ("A lesson", ["alone"])
    assert course.folder == folder


def test_files_of_a_lesson_are_in_its_course(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}")
    course = tmp_path / "course"
    folder = write_lesson(course / "one", f'{HEAD}input = "../shared.json"\n{STEP}')
    (course / "shared.json").write_text("{}")
    with pytest.raises(LessonError, match=r"\.\./shared\.json lies outside of the course"):
        read_course(folder)
    (course / "course.toml").write_text('title = "C"\n[[chapters]]\ntitle = "One"\nlessons = ["one"]\n')
    assert read_course(course).lessons[0].setup.input == course / "one" / "../shared.json"
    (course / "shared.json").unlink()
    (course / "shared.json").symlink_to(tmp_path / "mine.json")
    with pytest.raises(LessonError, match="outside of the course"):
        read_course(course)
    (folder / "lesson.toml").write_text(f"{HEAD}{STEP}")
    (folder / "input.json").unlink()
    (folder / "input.json").symlink_to(tmp_path / "mine.json")
    assert read_lesson(folder).setup.input is None


def test_a_title_is_one_line(tmp_path: Path) -> None:
    folder = write_lesson(tmp_path / "one", f'title = "A\\n# B"\ncures = "C."\n{STEP}')
    assert read_lesson(folder).title == "A # B"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no course here"):
        read_course(tmp_path)
    with pytest.raises(UsageError, match="there is no such folder"):
        read_course(tmp_path / "none")
    (tmp_path / "course.toml").write_bytes(b"\xff")
    with pytest.raises(LessonError, match="not UTF-8"):
        read_course(tmp_path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("start", LessonPlace("")),
        ("end", LessonPlace("", is_end=True)),
        ("Charge", LessonPlace("Charge")),
        ("Charge/Retry#2", LessonPlace("Charge", StageName.RETRY, occurrence=2)),
        ("A/B", LessonPlace("A/B")),
        ("A/B/Task", LessonPlace("A/B", StageName.TASK)),
    ],
)
def test_places(text: str, place: LessonPlace) -> None:
    assert place_from(text) == place
    assert str(place) == text


def test_the_shipped_course_can_be_read() -> None:
    assert shipped_course().lessons[0].name == "states-and-transitions"
