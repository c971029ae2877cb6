"""What is said of where somebody is in a lesson: the text at the foot, the pane that stands out, useful commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.lessons.model import AnswerForm, LitPane, PredictKind, PredictStep
from sfdebug.tui.keys import key_of
from sfdebug.tui.lessons.said import Said
from sfdebug.tui.lessons.tutor import Turn

if TYPE_CHECKING:
    from sfdebug.tui.lessons.tutor import Tutor

_SEEN_IN: Final = {
    PredictKind.NEXT: LitPane.GRAPH,
    PredictKind.STATUS: LitPane.GRAPH,
    PredictKind.ERROR: LitPane.GRAPH,
    PredictKind.VISITS: LitPane.GRAPH,
    PredictKind.DELAY: LitPane.TIMELINE,
    PredictKind.ATTEMPTS: LitPane.TIMELINE,
    PredictKind.COUNT: LitPane.TIMELINE,
    PredictKind.COST: LitPane.ALL,
    PredictKind.METRIC: LitPane.ALL,
}


_FOR_HINTS: Final = "for hints too"


def seen_in(kind: PredictKind) -> LitPane:
    """The pane in which the result of a prediction is seen."""
    return _SEEN_IN.get(kind, LitPane.DATA)


class TutorWords:
    """Words for where a tutor stands with somebody, as they are asked for."""

    def __init__(self, tutor: Tutor) -> None:
        self.tutor = tutor

    @property
    def lit(self) -> str:
        """The pane that the step is about, "" for none."""
        if self.tutor.turn is Turn.OVER:
            return ""
        step = self.tutor.step
        if self.tutor.turn is Turn.SEE and isinstance(step, PredictStep):
            return str(seen_in(step.asked.kind))
        return str(step.look) if step.look is not LitPane.SENTENCE else ""

    @property
    def wants_sentence(self) -> bool:
        """Whether the step is about the sentence that explains the stage at hand."""
        return self.tutor.turn is not Turn.OVER and self.tutor.step.look is LitPane.SENTENCE

    @property
    def offers(self) -> tuple[tuple[str, str], ...]:
        """The ids of the commands that are useful now, the most useful first, with another word than the usual."""
        next, back, list_ = ("lesson.next", self._next_word), ("lesson.back", ""), ("lesson.list", "")
        if self.tutor.turn is Turn.OVER and not self.tutor.follows:
            return (next, back)
        if self.tutor.turn in (Turn.OVER, Turn.READ, Turn.SEE):
            return (next, back, list_)
        hints = (("lesson.hint", ""),) if self.tutor.step.hints else ()
        return (next, *hints, ("lesson.solution", ""), ("lesson.skip", ""), back, list_)

    @property
    def _next_word(self) -> str:
        if self.tutor.is_hinting:
            return "to the question" if self.tutor.turn is Turn.ANSWER else "to the text"
        if self.tutor.turn is Turn.OVER:
            return "next lesson" if self.tutor.follows else "list"
        return {Turn.ANSWER: "answer", Turn.DO: "to the panes", Turn.MEND: "editor"}.get(self.tutor.turn, "")

    @property
    def said(self) -> Said:
        """What is said now."""
        title, aside = self.tutor.lesson.title, self._where
        if self.tutor.turn is Turn.OVER:
            return Said(title, "the end", self._end, sign="done", paint="done")
        if self.tutor.is_hinting:
            every, count = self.tutor.step.hints, self.tutor.hints
            head = "Hint" if len(every) == 1 else f"Hint {count} of {len(every)}"
            return Said(head, aside, every[count - 1], note=self._hint_note)
        if self.tutor.turn is Turn.SEE:
            paint = "done" if self.tutor.is_right else "waiting"
            return Said(title, aside, self.tutor.told, sign="done" if self.tutor.is_right else "differs", paint=paint)
        return self._asked(title, aside)

    @property
    def _where(self) -> str:
        kind = {Turn.ANSWER: "predict", Turn.DO: "do", Turn.MEND: "mend"}.get(self.tutor.turn, "")
        return " \N{MIDDLE DOT} ".join(filter(None, (kind, f"{self.tutor.index + 1} of {len(self.tutor.steps)}")))

    def _asked(self, title: str, aside: str) -> Said:
        text, question = self.tutor.step.say, self.tutor.question
        if self.tutor.turn is Turn.DO:
            return Said(title, aside, text, note=self._do_note)
        if self.tutor.turn is Turn.MEND:
            return Said(title, aside, text, note=f"{key_of('lesson.next')} opens the definition in an editor.")
        if question is None:
            return Said(title, aside, text)
        prompt = question.question.prompt
        if question.form is AnswerForm.STATE:
            answers, back = key_of("graph.choose"), key_of("look.lesson")
            note = f"Go to it in the graph, and {answers} there answers; {back} comes back, {_FOR_HINTS}."
            return Said(title, aside, text, prompt=prompt, note=note)
        return Said(
            title,
            aside,
            text,
            prompt=prompt,
            choices=tuple(choice.text for choice in question.choices),
            chosen=question.chosen,
            entry=question.entry,
            unit=question.question.unit if question.entry is not None else "",
            has_field=question.form is AnswerForm.JSON,
        )

    @property
    def _do_note(self) -> str:
        return f"Do it in the panes; {key_of('look.lesson')} comes back here, {_FOR_HINTS}."

    @property
    def _hint_note(self) -> str:
        more = f"{key_of('lesson.hint')} says more; " if self.tutor.hints < len(self.tutor.step.hints) else ""
        return f"{more}{key_of('lesson.next')} goes back to what is asked."

    @property
    def _end(self) -> str:
        cured = f"What it cures: {self.tutor.lesson.cures}"
        follows = f"The next one: {self.tutor.follows}" if self.tutor.follows else "It was the last one."
        return "\n".join(("That was the lesson.", cured, follows))
