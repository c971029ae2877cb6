"""The check of a course finds what a learner could not pass, and what would teach nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.files import samples_folder
from sfdebug.lessons.checking import check_course
from sfdebug.lessons.reading import read_course, shipped_course
from sfdebug.lessons.text_checks import lines_of
from tests.lesson_files import HEAD, ORDER, write_lesson

PAID = f'{HEAD}mocks = "mocks.json"\ncase = "Paid"\n'
ASKED = '[[steps]]\nsay = "A."\nat = "Paid?"\npredict = "rule"\nhints = ["One."]\n'
LONG = "word " * 50


def told(folder: Path) -> list[tuple[int, str]]:
    """The problems of a course, without their files."""
    return [(problem.line, problem.what) for problem in check_course(read_course(folder))]


def test_the_shipped_course() -> None:
    assert [f"{problem}: {problem.fix}" for problem in check_course(shipped_course())] == []


def test_a_lesson_that_can_be_passed(tmp_path: Path) -> None:
    assert told(write_lesson(tmp_path, PAID + ASKED)) == []


@pytest.mark.parametrize(
    ("key", "step", "what"),
    [
        (
            "say",
            f'say = "{LONG}"\n',
            "say is too long: it takes 4 lines, 249 characters, and 3 lines of 78 characters fit",
        ),
        ("say", 'say = "A. B! C? D."\n', "say has 4 sentences, and up to 3 are read"),
        (
            "hints",
            'say = "An order: its total is not there."\ndo = "step-over"\nhints = ["Its total is not there."]\n',
            "hint 1 says what the step says already",
        ),
        (
            "look",
            'say = "A."\nlook = "timeline"\ndo = "run-to"\nstate = "Ship"\nat = "start"\nhints = ["A"]\n',
            "run-to is done in the graph, where the state is selected, and another pane is lit",
        ),
        ("hints", 'say = "A, e.g. b. C."\nhints = ["One."]\n', "a step that is only read has no use for hints"),
        ("", 'say = "A."\nat = "Paid?"\npredict = "rule"\n', "the step has no hint"),
        ("hints", f'say = "A."\ndo = "step-over"\nhints = ["{LONG}"]\n', "hint 1 is too long"),
        ("reveal", f'say = "A."\ndo = "step-over"\nhints = ["A"]\nreveal = "{LONG}"\n', "reveal is too long"),
        ("at", 'say = "A."\nat = "Hold"\n', "{folder}/lesson.asl.json: the run does not come to Hold"),
        ("at", 'say = "A."\nat = "Hlod"\n', "{folder}/lesson.asl.json: there is no state 'Hlod'"),
        ("case", 'say = "A."\ncase = "Pad"\n', "{folder}/mocks.json: there is no test case 'Pad'"),
        (
            "mistakes",
            'say = "A."\nat = "Paid?"\npredict = "rule"\nmistakes = ["last-rulle"]\nhints = ["A"]\n',
            "rule has no mistake 'last-rulle'",
        ),
        (
            "mistakes",
            'say = "A."\nat = "Paid?"\npredict = "rule"\nmistakes = []\nhints = ["A"]\n',
            "there are no wrong choices, and at least 2 make it a choice",
        ),
        (
            "wrong",
            'say = "A."\nat = "Paid?"\npredict = "rule"\nhints = ["A"]\nwrong = [{ value = 2, because = "B." }]\n',
            "the wrong choice 2 is right",
        ),
        (
            "wrong",
            'say = "A."\nat = "Paid?"\npredict = "rule"\nhints = ["A"]\n'
            'wrong = [{ value = 9, because = "B." }, { value = 9, because = "C." }]\n',
            "the wrong choice 9 is written twice",
        ),
        (
            "predict",
            'say = "A."\npredict = "metric"\nname = "ExecutionFailed"\nat = "start"\nhints = ["A"]\n',
            "no metric 'ExecutionFailed' is known of a run",
        ),
        (
            "predict",
            'say = "A."\npredict = "attempts"\nstate = "Chrge"\nat = "start"\nhints = ["A"]\n',
            "the definition has no state 'Chrge'",
        ),
        (
            "predict",
            'say = "A."\nat = "Ship"\npredict = "rule"\nhints = ["A"]\n',
            "'Ship' is a Pass: only a Choice has rules",
        ),
        (
            "do",
            'say = "A."\nat = "end"\ndo = "run"\nhints = ["A"]\n',
            "doing it does not pass the step: the execution succe",
        ),
        (
            "do",
            'say = "A."\ndo = "force"\nstate = "Ship"\nrule = 1\nhints = ["A"]\n',
            "{folder}/lesson.asl.json: force cannot",
        ),
        (
            "goal",
            'say = "A."\nmend = "lesson.asl.json"\ngoal = "lesson.asl.json"\nhints = ["A"]\n',
            "lesson.asl.json comes to the goal as it is",
        ),
    ],
)
def test_what_is_wrong_with_a_step(tmp_path: Path, key: str, step: str, what: str) -> None:
    found = told(write_lesson(tmp_path, f"{PAID}{ASKED}[[steps]]\n{step}"))
    names = ["", *(line.partition(" = ")[0] for line in step.splitlines())]
    assert found[0][0] == 10 + names.index(key)
    assert found[0][1].startswith(what.format(folder=tmp_path))


def test_one_mistake_hides_no_other(tmp_path: Path) -> None:
    steps = [
        'at = "Hlod"\n',
        "",
        'at = "Ship"\npredict = "rule"\nhints = ["A"]\n',
        'at = "Ship"\ndo = "step-back"\nhints = ["A"]\n',
        'predict = "next"\nhints = ["A"]\n',
        'at = "Paid?"\npredict = "rule"\nmistakes = []\nhints = ["A"]\n',
    ]
    found = told(write_lesson(tmp_path, PAID + "".join(f'[[steps]]\nsay = "A."\n{step}' for step in steps)))
    assert [(line, what.rpartition(": ")[2]) for line, what in found] == [
        (7, "there is no state 'Hlod'"),
        (13, "only a Choice has rules"),
        (22, "a do step comes before it"),
        (28, "there are no wrong choices, and at least 2 make it a choice"),
    ]


def test_all_forms_of_answers_are_judged(tmp_path: Path) -> None:
    asked = [
        'at = "Charge/ResultPath"\npredict = "output"\nanswer = "json"\n',
        'at = "Charge"\npredict = "next"\n',
        'at = "Charge"\npredict = "attempts"\n',
        'at = "start"\npredict = "output"\nanswer = "json"\n',
    ]
    steps = "".join(f'[[steps]]\nsay = "A."\nhints = ["A"]\n{one}' for one in asked)
    assert told(write_lesson(tmp_path, PAID + steps)) == []


def test_a_lesson_that_asks_nothing_or_cannot_begin(tmp_path: Path) -> None:
    folder = write_lesson(tmp_path / "one", f'{PAID}[[steps]]\nsay = "A."\n', {"StartAt": "X", "States": {}})
    assert [what for _, what in told(folder)] == [
        "the lesson asks nothing: whoever only reads learns little",
        f"the lesson cannot begin: {folder}/lesson.asl.json:3:3: 'States' is empty",
    ]


def test_a_question_whose_answer_is_in_view(tmp_path: Path) -> None:
    asked = '[[steps]]\nsay = "A."\nat = "Paid?"\npredict = "input"\nanswer = "json"\nhints = ["One."]\n'
    assert told(write_lesson(tmp_path, PAID + asked)) == [
        (7, "the answer is in view: right before Paid? its input is shown")
    ]


def test_a_recording_of_another_definition(tmp_path: Path) -> None:
    recording = (samples_folder() / "recorded-order" / "history.json").read_text(encoding="utf-8")
    lesson = f'{HEAD}recording = "run.json"\n[[steps]]\nsay = "A."\ndo = "step-over"\nhints = ["One."]\n'
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    folder = write_lesson(tmp_path, lesson, machine, run__json=recording)
    assert (1, "the recording is of another definition: it goes another way from event 2 on") in told(folder)


def test_files_and_mocks_that_nobody_uses(tmp_path: Path) -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    done = '[[steps]]\nsay = "A."\ndo = "step-over"\nhints = ["One."]\n'
    folder = write_lesson(tmp_path, PAID + done, machine)
    for name in ("old.json", "README.md", ".hidden", "s3/bucket/key"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    assert told(folder) == [
        (6, f"the definition {folder}/lesson.asl.json has no state 'Charge'"),
        (0, "no step of the lesson uses this file"),
        (0, "no step of the lesson uses this file"),
    ]


def test_a_folder_that_holds_more_than_a_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_lesson(tmp_path, PAID + ASKED)
    for number in range(3):
        (folder / f"{number}").mkdir()
        (folder / f"{number}" / "old.json").write_text("{}")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    assert told(folder) == [(0, "no step of the lesson uses this file")] * 3
    monkeypatch.setattr("sfdebug.lessons.checking.MOST_FILES", 8)
    assert told(folder) == [(0, "it holds more than 8 files and folders: whether each is used was not looked at")]


def test_a_lesson_of_too_long_runs_is_checked_as_far_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.lessons.places.MOST_STAGES", 90)
    monkeypatch.setattr("sfdebug.lessons.step_checks.MOST_WALKED", 100)
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "B"}
    turn = {"A": {"Type": "Choice", "Choices": [rule], "Default": "A"}, "B": {"Type": "Succeed"}}
    step = '[[steps]]\nsay = "A."\nat = "B"\ndo = "step-over"\nhints = ["One."]\n'
    folder = write_lesson(tmp_path, HEAD + step * 9, {"StartAt": "A", "States": turn})
    (folder / "mocks.json").unlink()
    found = told(folder)
    assert ["goes through 90 stages" in what for _, what in found] == [True, True, True, False]
    assert found[-1] == (
        18,
        "the steps before go through 111 instants: from here on nothing was looked at",
    )


def test_the_order_of_a_course(tmp_path: Path) -> None:
    for name, needs in (("first", '["second"]'), ("second", '["first", "third"]'), ("fast", "[]"), ("lost", "[]")):
        write_lesson(tmp_path / name, f"{PAID}needs = {needs}\n{ASKED}")
    chapters = '[[chapters]]\ntitle = "One"\nlessons = ["first", "second"]\nfast_track = "fast"\n'
    (tmp_path / "course.toml").write_text(f'title = "C"\n{chapters}', encoding="utf-8")
    assert [what for _, what in told(tmp_path)] == [
        "needs names 'second', which comes later",
        "needs names 'third', which is no lesson",
        "the lesson of a fast track has nothing to mend: it shows nothing",
        "the lesson is in no chapter of the course",
    ]


def test_a_lesson_with_a_goal(tmp_path: Path) -> None:
    mend = '[[steps]]\nsay = "A."\nmend = "broken.asl.json"\ngoal = "lesson.asl.json"\nhints = ["A"]\n'
    broken = {**ORDER, "States": {**ORDER["States"], "Ship": {"Type": "Pass", "End": True}}}
    assert told(write_lesson(tmp_path, PAID + mend, broken__asl__json=broken)) == []


@pytest.mark.parametrize(("text", "lines"), [("", 1), ("a" * 78, 1), ("a" * 70 + " " + "b" * 8, 2), ("ab " * 52, 2)])
def test_lines(text: str, lines: int) -> None:
    assert lines_of(text) == lines
