"""The quiz: what comes is foretold before each stage of any definition, and counted. It knows no screen."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.wording.values import named
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.judging import judge
from sfdebug.lessons.questions.quiz import next_question
from sfdebug.lessons.revealing import reveal
from sfdebug.tui.keys import key_of
from sfdebug.tui.lessons.asking import OpenQuestion
from sfdebug.tui.lessons.said import Said
from sfdebug.tui.lessons.telling import seen_in

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Asked
    from sfdebug.lessons.questions.model import AnswerChoice
    from sfdebug.values import Json

_MOST_STAGES: Final = 5_000
"""So many stages are gone through for the next question."""

_WORDS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TOPICS: Final = {
    PredictKind.RULE: "rules of a Choice",
    PredictKind.CATCHER: "Catchers",
    PredictKind.DELAY: "how long is waited",
    PredictKind.NEXT: "what comes next",
    PredictKind.VARIABLE: "variables",
    PredictKind.STATUS: "how it ends",
    PredictKind.ERROR: "errors",
    PredictKind.INPUT: "inputs",
}
"""What a question is about, by its kind; one on an output is about its stage."""


class QuizTurn(StrEnum):
    """What the user is to do now."""

    GO = "go"
    """Nothing is asked where one stands."""
    ANSWER = "answer"
    SEE = "see"
    STUCK = "stuck"
    """A Task waits for the user."""
    OVER = "over"


class QuizScore:
    """What was foretold, and what the others were about."""

    def __init__(self) -> None:
        self.right = 0
        self.missed: list[str] = []

    @property
    def count(self) -> int:
        """How many predictions were made."""
        return self.right + len(self.missed)

    @property
    def text(self) -> str:
        """`7 of 9 foretold; the two others were about ResultPath`."""
        if not self.count:
            return "nothing was foretold"
        if not self.missed:
            return f"all {_word(self.count)} foretold" if self.count > 1 else "one foretold, and right"
        return f"{self.right} of {self.count} foretold; {self._others}"

    @property
    def _others(self) -> str:
        counts = Counter(self.missed).most_common()
        number = len(self.missed)
        topics = [topic if len(counts) == 1 or count == 1 else f"{topic} ({count})" for topic, count in counts]
        about = topics[0] if len(topics) == 1 else f"{', '.join(topics[:-1])} and {topics[-1]}"
        if number == 1:
            return f"the other one was about {about}"
        return f"the {_word(number)} others were about {about}"


def _word(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else str(number)


class Quiz:
    """One run, asked from place to place."""

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self.score = QuizScore()
        self.turn = QuizTurn.GO
        self.question: OpenQuestion | None = None
        self.asked_of: StatePath = ()
        self._asked: Asked | None = None
        self._told = ""
        self._is_right = True

    # From question to question

    def look(self) -> None:
        """Ask what is worth asking where the run stands."""
        position = position_at(self.debugger.cursor)
        self.question = self._asked = None
        if position.is_over:
            self.turn = QuizTurn.OVER
        elif self.debugger.question is not None:
            self.turn = QuizTurn.STUCK
        else:
            self._ask()
            self.turn = QuizTurn.ANSWER if self.question is not None else QuizTurn.GO

    def _ask(self) -> None:
        found = next_question(self.debugger)
        if found is not None:
            self._asked, self.question = found[0], OpenQuestion(found[1])
            state = self.debugger.view().state
            self.asked_of = state.path if state is not None else ()

    def go_on(self) -> None:
        """Go on, stage by stage, to the next question."""
        for _ in range(_MOST_STAGES):
            before = self.debugger.cursor
            self.debugger.step_into()
            self.look()
            if self.turn is not QuizTurn.GO or self.debugger.cursor == before:
                return

    def begin(self) -> None:
        """Ask where the run stands, or at the first place where there is something to ask."""
        self.look()
        if self.turn is QuizTurn.GO:
            self.go_on()

    def answer(self, prediction: AnswerChoice | Json) -> None:
        """Say what is predicted, and see what comes."""
        question = self.question
        if question is None or self.turn is not QuizTurn.ANSWER:
            return
        found = judge(question.question, prediction)
        if found.is_right:
            self.score.right += 1
        else:
            self.score.missed.append(self._topic)
        self._see(question.told(found, prediction), is_right=found.is_right)

    def solve(self) -> None:
        """See what comes, without a prediction that would be counted."""
        if self.question is not None and self.turn is QuizTurn.ANSWER:
            self._see(self.question.solved(), is_right=True)

    def skip(self) -> None:
        """Go past what is asked, without an answer."""
        if self.turn is QuizTurn.ANSWER:
            self._reveal()
            self.begin()

    def _see(self, told: str, *, is_right: bool) -> None:
        self._told, self._is_right, self.turn = told, is_right, QuizTurn.SEE
        self._reveal()

    def _reveal(self) -> None:
        asked = self._asked
        if asked is not None:
            reveal(self.debugger, asked)

    @property
    def _topic(self) -> str:
        asked = self._asked
        if asked is None:
            return ""
        return _TOPICS.get(asked.kind) or str(asked.stage or "outputs")

    # What the screen shows

    @property
    def kind(self) -> PredictKind | None:
        """What the question at hand asks for."""
        return self._asked.kind if self._asked is not None else None

    @property
    def lit(self) -> str:
        """The pane in which the result is seen, "" for none."""
        return str(seen_in(self.kind)) if self.turn is QuizTurn.SEE and self.kind is not None else ""

    @property
    def offers(self) -> tuple[tuple[str, str], ...]:
        """The ids of the commands that are useful now, with another word than the usual."""
        ends = ("program.escape", "end the quiz")
        if self.turn is QuizTurn.ANSWER:
            return (("lesson.next", "answer"), ("lesson.solution", "show it"), ("lesson.skip", ""), ends)
        word = {QuizTurn.OVER: "end the quiz", QuizTurn.STUCK: "answer the Task"}.get(self.turn, "next question")
        return (("lesson.next", word), *(() if self.turn is QuizTurn.OVER else (ends,)))

    @property
    def said(self) -> Said:
        """What is said now."""
        score = self.score
        aside = f"{score.right} of {score.count} foretold" if score.count else ""
        if self.turn is QuizTurn.OVER:
            status = self.debugger.execution.status
            return Said("Quiz", aside, f"The run is over: {status}.\n{score.text[:1].upper()}{score.text[1:]}.")
        if self.turn is QuizTurn.STUCK and self.debugger.question is not None:
            name = named(self.debugger.question.state.name)
            return Said("Quiz", aside, f"{name} waits for its answer, which nobody here gives but you.")
        if self.turn is QuizTurn.SEE:
            paint = "done" if self._is_right else "waiting"
            return Said("Quiz", aside, self._told, sign="done" if self._is_right else "differs", paint=paint)
        if self.question is None:
            return Said("Quiz", aside, f"Nothing is asked here; {key_of('lesson.next')} goes on to the next question.")
        question = self.question
        choices = tuple(choice.text for choice in question.choices)
        return Said("Quiz", aside, prompt=question.question.prompt, choices=choices, chosen=question.chosen)
