"""The quiz asks along a run, counts what was foretold, and says what the others were about."""

from __future__ import annotations

from sfdebug.debugger import Debugger
from sfdebug.tui.lessons.quiz import Quiz, QuizScore
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler


def turn(quiz: Quiz) -> str:
    return str(quiz.turn)


def test_from_question_to_question_to_the_end() -> None:
    quiz = Quiz(Debugger(ORDER, ORDER_INPUT, tasks=Handler()))
    quiz.begin()
    asked: list[str] = []
    while turn(quiz) == "answer":
        question = quiz.question
        assert question is not None
        asked.append(question.question.prompt)
        is_rule = "rule" in question.question.prompt
        quiz.answer(question.question.wrong[0] if is_rule else question.question.right)
        assert turn(quiz) == "see"
        assert quiz.said.text.startswith("It is" if is_rule else "So it is")
        quiz.begin()
    assert turn(quiz) == "over"
    assert "What comes out of ResultPath of Reserve?" in asked
    assert len(asked) == quiz.score.count >= 2
    assert quiz.said.text == (
        f"The run is over: SUCCEEDED.\n{len(asked) - 1} of {len(asked)} foretold; "
        "the other one was about rules of a Choice."
    )


def test_who_is_shown_it_or_skips_it_is_not_counted() -> None:
    quiz = Quiz(Debugger(ORDER, ORDER_INPUT, tasks=Handler()))
    quiz.begin()
    first = quiz.question
    quiz.solve()
    assert quiz.said.text.startswith("It is ")
    quiz.begin()
    second = quiz.question
    quiz.skip()
    assert len({id(first), id(second), id(quiz.question)}) == 3
    assert quiz.score.text == "nothing was foretold"


def test_a_task_that_nobody_answers_is_the_users() -> None:
    quiz = Quiz(Debugger(ORDER, ORDER_INPUT))
    quiz.begin()
    while turn(quiz) == "answer":
        quiz.skip()
    assert turn(quiz) == "stuck"
    assert "Reserve waits for its answer" in quiz.said.text


def test_the_score_has_no_shame() -> None:
    score = QuizScore()
    score.right = 7
    score.missed = ["ResultPath", "ResultPath"]
    assert score.text == "7 of 9 foretold; the two others were about ResultPath"
    score.missed = ["ResultPath", "Catchers", "ResultPath"]
    assert score.text == "7 of 10 foretold; the three others were about ResultPath (2) and Catchers"
    score.missed = []
    assert score.text == "all seven foretold"
