"""What lessons and the quiz have in common on the debug screen: a foot on which is asked, and the ways to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.values import named
from sfdebug.lessons.model import PredictKind
from sfdebug.tui.dialogs.edit_json import EditJsonDialog
from sfdebug.tui.json.editor import check_json
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.lessons.bar import BarSpeaker, LessonBar
from sfdebug.tui.panes.stages import selection_of_visit
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.asl.definition import StatePath
    from sfdebug.tui.commands.host import GuideHost
    from sfdebug.tui.lessons.asking import OpenQuestion
    from sfdebug.values import Json, Value

REFUSED: Final = {
    "program.source": "the definition of a lesson stays as it is; a step that mends has an editor of its own",
    "program.reload": "the definition of a lesson stays as it is",
    "program.save": "a lesson is no session: what you have done in it is remembered step by step",
    "program.case": "a lesson has its own answers",
    "impose.definition": "the definition of a lesson stays as it is",
}
"""Commands that are not for lessons, with the reason."""

LEADING_PAST: Final = frozenset(
    {
        "step.over",
        "step.into",
        "step.out",
        "step.continue",
        "step.to",
        "step.until",
        "time.failure",
        "time.fork",
        "time.redo",
        "impose.answer",
        "impose.force",
        "impose.inject",
        "impose.edit",
        "impose.again",
        "impose.answerer",
    }
)
"""Commands that run past what a question asks about, or have it come out otherwise: they wait for the prediction."""


MODES: Final = {PredictKind.OUTPUT: Mode.DIFFERENCE, PredictKind.VARIABLE: Mode.VARIABLES}
"""How the data are shown in which a result is seen; else as they came out."""


class AskingGuide(BarSpeaker):
    """A guide with a foot of its own, on which is asked."""

    has_foot = True

    def __init__(self) -> None:
        self.bar = LessonBar(self, id="lesson")
        self._host: GuideHost | None = None

    @property
    def host(self) -> GuideHost:
        """The screen that it leads through."""
        assert self._host is not None, "it has begun"
        return self._host

    @property
    def is_asking(self) -> bool:
        """Whether the foot has the keys."""
        return self.bar.is_here

    def do(self, action: str) -> bool:
        """Do what a command of a lesson does."""
        name, _, arguments = action.partition("(")
        if name == "choose":
            self.bar.action_choose(int(arguments.rstrip(")")))
        else:
            getattr(self.bar, f"action_{name}")()
        return True

    def focus(self) -> bool:
        """Give the foot the focus, its line to type into where there is one."""
        (self.bar.field if self.bar.field.display else self.bar).focus()
        return True

    def offered(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        """What the footer names while a pane has the keys: the debugger's own."""
        return [(id, "") for id in ids]

    def shown(self) -> None:
        """Name the keys of who has the focus."""
        if self._host is not None:
            self._host.refresh_footer()

    # Answering

    def preview(self, question: OpenQuestion) -> None:
        """Show the choice at hand whole in the data, where its line does not."""
        choice = question.choice
        width = self.bar.lines.size.width
        if choice is None or not is_present(choice.value):
            return
        is_cut = any(self.bar.said.is_cut(number, width) for number in range(len(question.choices)))
        if is_cut or question.is_shortened:
            self.host.preview(choice.value, f"choice {question.chosen + 1}")

    def show_what_was_made(self, path: StatePath) -> None:
        """Where the run is behind the state with this path: what that has made of its input; with (), what the whole
        execution has, where it is over."""
        host = self.host
        execution = host.view.execution
        if not path:
            if host.view.is_finished and is_present(execution.output):
                host.preview(execution.output, "what the execution made of its input", execution.input)
            return
        visits = host.debugger.visits_of(path)
        if not visits or (host.view.visit is not None and host.view.visit.number == visits[-1].number):
            return
        visit = visits[-1]
        host.select_stages(selection_of_visit(visit, len(visits), len(visits), host.debugger.lines_of(visit)))
        if is_present(visit.output):
            host.preview(visit.output, f"what {named(visit.state.name)} made of its input", visit.input)

    def write_answer(self, question: OpenQuestion, answered: Callable[[Json], None]) -> None:
        """Ask for JSON in the larger editor."""
        check = check_json(self.bar.field.value)
        dialog = EditJsonDialog("Your prediction", check.value, question.question.prompt)

        def closed(value: Value) -> None:
            if is_present(value):
                answered(value)

        self.host.ask(dialog, closed)

    def json_of(self, text: str) -> Value:
        """The JSON that was typed; MISSING for what is none, which is said."""
        check = check_json(text)
        if not text.strip():
            self.host.say("type the answer first: JSON, a text in quotation marks", Tone.REFUSAL)
        elif not check.is_valid:
            place = f"column {check.column}: " if check.column else ""
            self.host.say(f"this is not JSON yet: {place}{check.what}", Tone.REFUSAL)
        return check.value
