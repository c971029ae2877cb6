"""What the command line has of lessons: the list over a screen, what is said of the course, the quiz."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import pytest

from sfdebug.cli.lessons import add_quiz_option, lessons_in_short, lessons_screen, quiz_of
from sfdebug.cli.main import main
from sfdebug.errors import UsageError


def args(**others: object) -> Namespace:
    parser = ArgumentParser()
    add_quiz_option(parser)
    given = {"goes_on": False, "real": False, "services": None, "no_autosave": False, "fresh": False, **others}
    return parser.parse_args(["--quiz"], Namespace(**given))


def test_the_course_in_short() -> None:
    title, chapters, done = lessons_in_short()
    assert title
    assert chapters
    assert "done" in done
    assert lessons_screen().lessons.rows == []  # they are read when it is shown


def test_a_quiz_begins_anew_and_is_kept_nowhere() -> None:
    wanted = args()
    assert quiz_of(wanted) is not None
    assert (wanted.no_autosave, wanted.fresh) == (True, True)
    assert quiz_of(Namespace(quiz=False)) is None


@pytest.mark.parametrize("option", [{"goes_on": True}, {"real": True}, {"services": "http://127.0.0.1:1"}])
def test_a_quiz_calls_nothing(option: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="do not go together"):
        quiz_of(args(**option))


def test_a_quiz_needs_a_definition(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quiz"]) == 2
    assert "the quiz needs a definition" in capsys.readouterr().err
