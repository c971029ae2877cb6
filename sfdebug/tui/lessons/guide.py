"""A lesson as a guide of the debug screen: the tutor speaks at its foot, and is told what the user does there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.configuration import Explaining
from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import AnswerForm, DoStep, LitPane, MendStep, PredictKind, PredictStep, TaskKind
from sfdebug.lessons.tasks import LookedAt
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.keys import key_of
from sfdebug.tui.lessons.answering import LEADING_PAST, MODES, REFUSED, AskingGuide
from sfdebug.tui.lessons.telling import TutorWords
from sfdebug.tui.lessons.tutor import Turn
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import MISSING, is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import View
    from sfdebug.lessons.questions.model import AnswerChoice
    from sfdebug.tui.commands.host import GuideHost
    from sfdebug.tui.lessons.mend import MendAttempt
    from sfdebug.tui.lessons.tutor import Tutor
    from sfdebug.values import Json


_SHOW: Final = "graph.choose"

_DOING: Final = {
    TaskKind.INJECT: "impose.inject",
    TaskKind.FORCE: "impose.force",
    TaskKind.EDIT_INPUT: "impose.edit",
    TaskKind.RUN_TO: "step.to",
    TaskKind.BREAKPOINT: "break.state",
}
"""The command that does what a step asks for, where the footer of the panes does not always name it."""


class LessonGuide(AskingGuide):
    """Leads through one lesson."""

    def __init__(self, tutor: Tutor) -> None:
        super().__init__()
        self.tutor = tutor
        self.words = TutorWords(tutor)
        self._has_sentence = False
        """Whether the sentence on the stage at hand is shown, because the step is about it."""
        self._attempt: MendAttempt | None = None
        self.goes_on = False
        """Whether it was left to go on with the next lesson."""
        self._is_moving = False
        """Whether the run is being taken somewhere: what is shown meanwhile is not what the user has done."""

    @property
    def offers(self) -> Sequence[tuple[str, str]]:
        """The commands of the lesson that are useful now."""
        if self.bar.is_typing:
            return (("lesson.next", "answer"), ("lesson.write", ""), ("program.escape", "to the other keys"))
        if not self.bar.is_answering:
            return (("lesson.next", ""), *self.words.offers[1:])
        return self.words.offers

    def offered(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        """What the footer names while a pane has the keys: what is asked for comes first, and nothing runs past it."""
        if self.tutor.turn is Turn.DO:
            first = self._to_do(step, ids) if isinstance(step := self.tutor.step, DoStep) else []
            return [*first, *super().offered(ids)]
        if self.tutor.turn is not Turn.ANSWER:
            return [("look.lesson", "to the lesson"), *super().offered(ids)]
        answer = [(_SHOW, "answer")] if self._is_in_graph and self.bar.is_answering else []
        back = ("look.lesson", "to the question")
        return [*answer, back, *super().offered([id for id in ids if id not in LEADING_PAST])]

    def _to_do(self, step: DoStep, ids: Sequence[str]) -> list[tuple[str, str]]:
        """The command that does what is asked, or leads to it, where `ids` do not have it."""
        if step.task is not TaskKind.LOOK:
            asked = _DOING.get(step.task, "")
            return [(asked, "")] if asked and asked not in ids else []
        if self.host.open_pane == "graph":
            return [(_SHOW, "show its visit"), ("look.stages", "")]
        shown = self.host.selection.state
        return [] if shown is not None and shown.name == step.state else [("look.graph", "choose the state there")]

    def begin(self, host: GuideHost) -> None:
        """Begin where one was."""
        self._host = host
        self.tutor.begin()
        self._entered()

    def _entered(self) -> None:
        """Show a step that has begun, or is over."""
        tutor, host = self.tutor, self.host
        self._is_moving = True
        try:
            if host.debugger is not tutor.debugger:
                host.show_other(tutor.debugger)
            else:
                host.refresh_view()
        finally:
            self._is_moving = False
        host.clear_notice()
        host.hide_ahead(tutor.turn is Turn.ANSWER)
        if tutor.turn is not Turn.SEE:
            host.data.show_mode(Mode.AFTER)
        self._light()
        self.bar.field.value = ""
        self._say()

    def _light(self) -> None:
        lit = self.words.lit
        self.host.light(lit)
        if lit:
            self.host.bring(lit)
        wants_sentence = self.words.wants_sentence
        if wants_sentence != self._has_sentence:
            self._has_sentence = wants_sentence
            self.host.show_explained(Explaining.LINE if wants_sentence else Explaining.OFF)

    def _say(self, *, stays: bool = False) -> None:
        """Say what there is to say, and give the focus to where it is to be answered."""
        self.bar.say(self.words.said, stays=stays)
        if not stays:
            self._focus()
        self.shown()

    def _focus(self) -> None:
        tutor = self.tutor
        is_in_panes = tutor.turn is Turn.DO or self._is_in_graph
        if is_in_panes and self.bar.is_answering and not tutor.is_hinting:
            pane = "graph" if self._is_in_graph else self.words.lit or "graph"
            self.host.open(pane)
        else:
            self.focus()

    @property
    def _is_in_graph(self) -> bool:
        """Whether a state is to be picked."""
        question = self.tutor.question
        return self.tutor.turn is Turn.ANSWER and question is not None and question.form is AnswerForm.STATE

    # What happens on the screen

    def follow(self, view: View) -> None:
        """Look whether what was asked for has happened."""
        if self._host is None or self._is_moving:
            return
        if self.tutor.look():
            self._done()
        elif self.tutor.turn is Turn.DO and self.tutor.walk.has_gone_past:
            keys = f"{key_of('look.lesson')}, then {key_of('lesson.back')}"
            self.host.say(f"that is more than one state: {keys} goes back to where it is asked", Tone.REFUSAL)

    def looked(self, *, has_data: bool) -> None:
        """The user has gone to a stage, which may be what was asked for."""
        if self._host is not None and self.tutor.look(self._stage_at_hand()):
            self._done()
        else:
            self.shown()

    def _stage_at_hand(self) -> LookedAt | None:
        """The stage whose data are shown."""
        look, row = self.host.selection, self.host.stages.cursor
        if look.state is None or not 0 <= row < len(look.lines):
            return None
        return LookedAt(look.state.name, look.lines[row].name)

    def _done(self) -> None:
        self.host.light("")
        self._say()

    def chose(self, path: StatePath) -> bool:
        """A state was chosen in the graph: that is the answer, where a state is asked for."""
        if not self._is_in_graph or not self.bar.is_answering:
            return False
        self._answer(str(path[-1]))
        return True

    def takes(self, id: str) -> bool:
        """Leave the lesson; refuse what is not for lessons."""
        if id == "program.quit":
            self._leave()
            return True
        if id == "program.escape" and self.is_asking:
            if self.bar.is_typing:
                self.bar.focus()
            else:
                self._leave()
            return True
        why = self._why_not(id)
        if why is not None:
            self.host.say(why, Tone.REFUSAL)
        return why is not None

    def _why_not(self, id: str) -> str | None:
        """Why a command is not for now; None for one that is."""
        if self.tutor.turn is not Turn.ANSWER or id not in LEADING_PAST:
            return REFUSED.get(id)
        here = "" if self.is_asking else f" ({key_of('look.lesson')} goes to it)"
        if self.tutor.walk.has_strayed:
            return f"predict first: {key_of('lesson.back')} at the question{here} goes back to where it is asked"
        return f"predict first{here}: this goes past what is asked"

    def leave(self) -> bool:
        """Esc in the panes, with nothing else to go back from: the lesson is left."""
        self._leave()
        return True

    def _leave(self, *, goes_on: bool = False) -> None:
        self.goes_on = goes_on
        self.host.close()

    # What the user does at the foot

    def go_on(self) -> None:
        """Answer what is asked, or go on to the next step."""
        tutor = self.tutor
        if tutor.end_hint():
            self._say()
        elif tutor.turn is Turn.ANSWER:
            self._answer_at_hand()
        elif tutor.turn is Turn.DO:
            self._focus()
        elif tutor.turn is Turn.MEND:
            self._mend()
        elif tutor.turn is Turn.OVER:
            self._leave(goes_on=True)
        else:
            tutor.forward()
            self._entered()

    def _answer_at_hand(self) -> None:
        question = self.tutor.question
        assert question is not None, "it is asked"
        if question.form is AnswerForm.STATE:
            self._focus()
        elif question.form is AnswerForm.JSON:
            self.bar.field.focus()
        elif question.prediction is not MISSING:
            self._answer(question.prediction)
        else:
            self.host.say("type a number, then answer", Tone.REFUSAL)

    def answered(self, text: str) -> None:
        """JSON was typed."""
        value = self.json_of(text)
        if is_present(value):
            self._answer(value)

    def _answer(self, prediction: AnswerChoice | Json) -> None:
        self.tutor.answer(prediction)
        self._see()

    def _see(self) -> None:
        """Show what came of it: the stage's difference, where it is one that was asked for."""
        step = self.tutor.step
        if isinstance(step, PredictStep) and self.words.lit == LitPane.DATA:
            self.host.data.show_mode(MODES.get(step.asked.kind, Mode.AFTER))
        self._entered()
        question, typed = self.tutor.question, self.tutor.typed
        is_json = question is not None and question.form is AnswerForm.JSON
        if question is not None and is_json and is_present(typed) and not self.tutor.is_right:
            self.host.preview(question.question.right.value, "from your prediction to what came out", typed)
        elif isinstance(step, PredictStep) and step.asked.kind is PredictKind.OUTPUT:
            self.show_what_was_made(self.tutor.asked_of)

    def go_back(self) -> None:
        """To the step before; out of a hint, to what is asked."""
        if self.tutor.end_hint():
            self._say()
        elif self.tutor.backward():
            self._entered()
        else:
            self.host.say("this is the first step", Tone.REFUSAL)

    def hint(self) -> None:
        """Show a hint."""
        if not self.tutor.step.hints or self.tutor.turn not in (Turn.ANSWER, Turn.DO, Turn.MEND):
            self.host.say(f"there is no hint here: {key_of('lesson.next')} goes on", Tone.REFUSAL)
            return
        self.tutor.hint()
        self._say()

    def show_solution(self) -> None:
        """Show how it is done."""
        if self.tutor.turn in (Turn.ANSWER, Turn.DO, Turn.MEND):
            self.tutor.solve()
            self._see()
        else:
            self.host.say(f"there is nothing to solve here: {key_of('lesson.next')} goes on", Tone.REFUSAL)

    def skip(self) -> None:
        """Leave the step out."""
        self.tutor.skip()
        self._entered()

    def show_list(self) -> None:
        """Back to the list."""
        self._leave()

    def write(self) -> None:
        """Write the answer in the larger editor."""
        question = self.tutor.question
        if self.tutor.turn is Turn.ANSWER and question is not None and question.form is AnswerForm.JSON:
            self.write_answer(question, self._answer)
        else:
            self.host.say("the larger editor is for answers in JSON", Tone.REFUSAL)

    def chosen(self, number: int) -> None:
        """Have another choice at hand."""
        question = self.tutor.question
        if question is not None and not self.tutor.is_hinting:
            question.choose(number)
            self._say(stays=True)
            self.preview(question)

    def typed(self, key: str) -> bool:
        """Take a digit of the number that is asked for."""
        question = self.tutor.question
        if question is None or not question.type(key):
            return False
        self._say(stays=True)
        return True

    def turned(self) -> None:
        """Another part is shown; on the last one of a step that is done in the panes, these get the focus."""
        self._focus()
        self.shown()

    def _mend(self) -> None:
        """Mend the definition; what was typed stays, until the step is over."""
        step = self.tutor.step
        if not isinstance(step, MendStep):
            return
        from sfdebug.lessons.mending import MendGoal
        from sfdebug.tui.lessons.mend import MendAttempt, MendScreen

        if self._attempt is None or self._attempt.step is not step:
            try:
                self._attempt = MendAttempt(step, MendGoal(step))
            except (SfdebugError, OSError) as error:
                self.host.say(str(error), Tone.TROUBLE)
                return
        attempt = self._attempt

        def closed(is_mended: bool | None) -> None:
            if is_mended:
                self.tutor.mended(has_seen_goal=attempt.has_seen_goal)
                self._entered()

        self.host.ask(MendScreen(attempt), closed)
