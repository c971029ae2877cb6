"""The tutor goes through a lesson: it asks, waits for what is to be done, and remembers what became of each step."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import Lesson, LessonPlace, PredictStep
from sfdebug.lessons.progress import LessonState, ProgressFile, StepState
from sfdebug.tui.lessons.telling import TutorWords
from sfdebug.tui.lessons.tutor import Tutor
from sfdebug.tui.lessons.walk import CourseWalk, how_to_do
from sfdebug.values import MISSING
from tests.lesson_screens import small_course


@pytest.fixture
def progress(tmp_path: Path) -> ProgressFile:
    return ProgressFile(small_course(tmp_path / "course"), tmp_path / "state")


def tutor_of(progress: ProgressFile, name: str = "way") -> Tutor:
    lesson = progress._course.find(name)
    tutor = Tutor(CourseWalk(lesson, progress), "Another one")
    tutor.begin()
    return tutor


def turn(tutor: Tutor) -> str:
    return str(tutor.turn)


def state(tutor: Tutor) -> str:
    found = tutor.debugger.view().state
    return found.name if found is not None else ""


def stood_at(progress: ProgressFile, index: int, name: str = "way") -> Tutor:
    """The tutor at a step that was come to before."""
    progress.stand(progress._course.find(name), index)
    return tutor_of(progress, name)


def test_from_the_first_step_to_the_end(progress: ProgressFile) -> None:
    tutor = tutor_of(progress)
    way = tutor.lesson
    assert (turn(tutor), TutorWords(tutor).lit) == ("read", "graph")
    assert "Charge takes the money" in TutorWords(tutor).said.text
    tutor.forward()
    question = tutor.question
    assert question is not None
    assert (turn(tutor), TutorWords(tutor).lit) == ("answer", "stages")
    tutor.answer(question.question.right)
    assert (turn(tutor), tutor.is_right, TutorWords(tutor).lit) == ("see", True, "data")
    assert "ResultPath puts the result into the input." in TutorWords(tutor).said.text
    assert [str(stage.name) for stage in tutor.debugger.view().visit_stages if not stage.is_pending][-1] == "ResultPath"
    tutor.forward()
    tutor.answer("Tell")
    assert "It is Ship, not Tell." in TutorWords(tutor).said.text
    assert state(tutor) == "Ship"  # it goes on as it is, whatever was said
    tutor.forward()
    tutor.answer(1)
    tutor.forward()
    tutor.answer({"total": 20, "payment": {"receipt": "R-1"}})
    assert TutorWords(tutor).said.text.startswith("So it is")
    tutor.forward()
    assert (turn(tutor), tutor.look()) == ("do", False)
    tutor.debugger.force_choice(1)
    assert not tutor.look()  # another rule is not what was asked for
    tutor.debugger.leave_fork()
    tutor.debugger.force_choice(0)
    assert tutor.look()
    tutor.forward()
    assert turn(tutor) == "mend"
    tutor.mended(has_seen_goal=False)
    tutor.forward()
    assert turn(tutor) == "over"
    assert "Another one" in TutorWords(tutor).said.text
    assert progress.progress.state_of(way) is LessonState.PASSED


def test_hints_grow_and_the_question_comes_back(progress: ProgressFile) -> None:
    tutor = stood_at(progress, 1)
    heads = []
    for _ in range(3):
        tutor.hint()
        heads.append(TutorWords(tutor).said.title)
    assert heads == ["Hint 1 of 2", "Hint 2 of 2", "Hint 2 of 2"]
    assert TutorWords(tutor).said.text == "$.payment is a place in the order."
    assert tutor.end_hint()
    assert not tutor.end_hint()
    assert TutorWords(tutor).said.prompt
    tutor.hint()
    assert TutorWords(tutor).said.title == "Hint 2 of 2"


def test_a_step_back_has_the_run_as_it_was(progress: ProgressFile) -> None:
    tutor = tutor_of(progress)
    assert not tutor.backward()
    for _ in range(2):
        tutor.skip()
    assert state(tutor) == "Paid?"
    tutor.answer("Ship")
    assert state(tutor) == "Ship"
    assert tutor.backward()  # the same step once more
    assert (turn(tutor), tutor.index, state(tutor)) == ("answer", 2, "Paid?")
    assert tutor.backward()
    assert (tutor.index, state(tutor)) == (1, "Charge")


def test_who_has_strayed_comes_back_to_where_the_step_began(progress: ProgressFile) -> None:
    tutor = stood_at(progress, 5)
    tutor.debugger.force_choice(None)
    tutor.debugger.run()
    assert tutor.backward()
    assert (tutor.index, state(tutor)) == (5, "Paid?")
    assert not tutor.debugger.view().marks["Paid?",].forced
    assert tutor.backward()
    assert tutor.index == 4


def test_who_walks_away_is_shown_the_result_where_it_was_asked(progress: ProgressFile) -> None:
    tutor = stood_at(progress, 2)
    tutor.debugger.force_choice(None)
    tutor.debugger.run()
    tutor.answer("Ship")
    assert state(tutor) == "Ship"
    assert tutor.debugger.timeline.fork.id == 0


def test_what_cannot_be_shown_after_an_answer_is_told(progress: ProgressFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses() -> None:
        raise SfdebugError("the run does not come there")

    tutor = tutor_of(progress)
    tutor.forward()
    assert tutor.question is not None
    monkeypatch.setattr(tutor.walk, "leave", refuses)
    tutor.answer(tutor.question.question.right)
    assert (turn(tutor), tutor.is_right) == ("see", True)
    assert TutorWords(tutor).said.text.endswith("the run does not come there")


def test_solutions_are_shown_and_skipping_is_remembered(progress: ProgressFile) -> None:
    tutor = stood_at(progress, 1)
    lesson = tutor.lesson
    tutor.solve()
    assert turn(tutor) == "see"
    assert TutorWords(tutor).said.text.startswith("It is ")
    tutor.forward()
    tutor.skip()
    steps = progress.progress.of(lesson).steps
    assert (steps[1], steps[2]) == (StepState.SEEN, StepState.SKIPPED)
    assert tutor.index == 3
    tutor = stood_at(progress, 5)
    tutor.solve()
    assert "f does it at the state at hand, to rule 1" in TutorWords(tutor).said.text
    assert tutor.debugger.view().marks["Paid?",].forced
    tutor.forward()
    tutor.solve()
    assert turn(tutor) == "see"
    assert progress.progress.of(lesson).steps[6] is StepState.SEEN


def test_one_goes_on_where_one_was(progress: ProgressFile) -> None:
    tutor = stood_at(progress, 4)
    assert (tutor.index, state(tutor)) == (4, "Ship")
    assert stood_at(progress, 7).index == 0  # it was over: from the start


def test_a_last_step_that_is_read_needs_no_key_to_be_over(progress: ProgressFile) -> None:
    other = progress._course.find("second")
    assert turn(tutor_of(progress, "second")) == "read"
    assert progress.progress.state_of(other) is LessonState.PASSED
    progress.stand(other, len(other.steps) - 1)
    assert tutor_of(progress, "second").index == 0  # it was over: from the start


def test_a_lesson_with_a_fault_says_so_and_goes_on(progress: ProgressFile) -> None:
    lesson = progress._course.find("way")
    from msgspec.structs import replace

    lost = replace(lesson.steps[1], at=LessonPlace("Tell"))
    broken = replace(lesson, steps=(lesson.steps[0], lost, *lesson.steps[2:]))
    tutor = Tutor(CourseWalk(broken, progress))
    tutor.begin()
    tutor.forward()
    assert turn(tutor) == "see"
    assert "This step cannot be taken" in TutorWords(tutor).said.text
    tutor.forward()
    assert isinstance(tutor.step, PredictStep)
    assert turn(tutor) == "answer"


@pytest.mark.parametrize(
    ("task", "fields", "says"),
    [
        ("inject", {"state": "Charge", "error": "Busy"}, "i does it at Charge with Busy"),
        ("force", {"rule": None}, "f does it at the state at hand, to Default"),
        ("answer", {"state": "Charge", "output": {"a": 1}}, 'a does it at Charge with {"a":1}'),
        ("answer", {"state": "Charge", "output": MISSING}, "a does it at Charge with any result"),
        ("edit-input", {"output": 3}, "e does it at the state at hand to 3"),
        ("fork", {}, "f, i, e"),
        ("run-to", {"state": "Ship"}, "J does it at Ship"),
    ],
)
def test_how_it_is_done_names_the_key(task: str, fields: dict[str, object], says: str) -> None:
    from sfdebug.lessons.model import DoStep, TaskKind

    step = DoStep(say="Do it.", line=1, task=TaskKind(task), **fields)  # type: ignore[arg-type]
    assert says in how_to_do(step)


def test_the_end_of_the_last_lesson_leads_to_the_list(progress: ProgressFile) -> None:
    lesson: Lesson = progress._course.find("second")
    tutor = Tutor(CourseWalk(lesson, progress))
    tutor.begin()
    tutor.forward()
    assert turn(tutor) == "over"
    assert [word for _, word in TutorWords(tutor).offers] == ["list", ""]
    assert "It was the last one." in TutorWords(tutor).said.text
