"""The quiz as a guide of the debug screen: it asks before each stage that is worth asking about, until it is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.tui.json.modes import Mode
from sfdebug.tui.lessons.answering import MODES, AskingGuide
from sfdebug.tui.lessons.quiz import Quiz, QuizTurn
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import View
    from sfdebug.tui.commands.host import GuideHost


class QuizGuide(AskingGuide):
    """Asks along one run; who walks by hand is asked where they stand."""

    def __init__(self) -> None:
        super().__init__()
        self._quiz: Quiz | None = None
        self._is_moving = False

    @property
    def quiz(self) -> Quiz:
        """What is asked, and the score."""
        assert self._quiz is not None, "it has begun"
        return self._quiz

    @property
    def offers(self) -> Sequence[tuple[str, str]]:
        """The commands that are useful now."""
        return self.quiz.offers if self._quiz is not None else ()

    def begin(self, host: GuideHost) -> None:
        """Ask the first question."""
        self._host = host
        self._quiz = Quiz(host.debugger)
        self.quiz.begin()
        self._show()
        self.focus()

    def _show(self) -> None:
        """Show where the run stands, and say what is asked there."""
        host = self.host
        self._is_moving = True
        try:
            host.refresh_view()
        finally:
            self._is_moving = False
        host.clear_notice()
        host.hide_ahead(self.quiz.turn is QuizTurn.ANSWER)
        host.light(self.quiz.lit)
        if self.quiz.turn is QuizTurn.ANSWER:  # what one needs for it
            host.data.show_mode(Mode.AFTER)
            host.bring("stages")
        self._say()

    def _say(self, *, stays: bool = False) -> None:
        self.bar.say(self.quiz.said, stays=stays)
        self.shown()

    def follow(self, view: View) -> None:
        """Ask where the user has gone by hand."""
        if self._host is None or self._is_moving:
            return
        if self.host.debugger is not self.quiz.debugger:
            score = self.quiz.score
            self._quiz = Quiz(self.host.debugger)
            self.quiz.score = score
        self.quiz.look()
        self.host.hide_ahead(self.quiz.turn is QuizTurn.ANSWER)
        self.host.light("")
        self._say()

    def looked(self, *, has_data: bool) -> None:
        """Looking is free."""

    def chose(self, path: StatePath) -> bool:
        """A state that is chosen in the graph is shown, as ever."""
        return False

    def takes(self, id: str) -> bool:
        """Esc at the foot ends the quiz."""
        if id == "program.escape" and self.is_asking:
            self._end()
            return True
        return False

    def leave(self) -> bool:
        """Esc in the panes, with nothing else to go back from: the quiz is ended."""
        self._end()
        return True

    def _end(self) -> None:
        score = self.quiz.score
        self.host.let_guide_go()
        self.host.say(f"the quiz is over: {score.text}")

    # What the user does at the foot

    def go_on(self) -> None:
        """Answer, or go on to the next question."""
        quiz = self.quiz
        if quiz.turn is QuizTurn.OVER:
            self._end()
        elif quiz.turn is QuizTurn.STUCK:
            self.host.action_command("impose.answer")
        elif quiz.turn is QuizTurn.ANSWER and quiz.question is not None:
            if quiz.question.prediction is not MISSING:
                quiz.answer(quiz.question.prediction)
                self._see()
        else:
            quiz.begin()
            self._show()

    def _see(self) -> None:
        quiz = self.quiz
        mode = MODES.get(quiz.kind) if quiz.kind is not None else None
        if mode is not None:
            self.host.data.show_mode(mode)
        self._show()
        if quiz.lit:
            self.host.bring(quiz.lit)
        if mode is not None:
            self.show_what_was_made(quiz.asked_of)

    def go_back(self) -> None:
        """There is no step before: the debugger's own keys go back."""
        self.host.say("the keys of the debugger go back, in any pane", Tone.REFUSAL)

    def hint(self) -> None:
        """The quiz has no hints."""
        self.host.say("the quiz has no hints: what it asks can be worked out from what is shown", Tone.REFUSAL)

    def show_solution(self) -> None:
        """Show what comes; it is not counted."""
        if self.quiz.turn is QuizTurn.ANSWER:
            self.quiz.solve()
            self._see()

    def skip(self) -> None:
        """To the next question."""
        self.quiz.skip()
        self._show()

    def show_list(self) -> None:
        """There is no list here."""
        self.host.action_command("program.learn")

    def write(self) -> None:
        """There is nothing to write: one chooses."""
        self.host.say("here one chooses: there is nothing to write", Tone.REFUSAL)

    def chosen(self, number: int) -> None:
        """Have another choice at hand."""
        if self.quiz.question is not None:
            self.quiz.question.choose(number)
            self._say(stays=True)
            self.preview(self.quiz.question)

    def typed(self, key: str) -> bool:
        """There is nothing to type."""
        return False

    def answered(self, text: str) -> None:
        """There is no line to type into."""

    def turned(self) -> None:
        """Another part is shown."""
        self.shown()
