"""The commands about who answers a Task: what is said of it beside stages and in the graph, and choosing another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from sfdebug.debugger.wording.answerers import in_short, in_words
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.tasks.answerers import REAL, Answerer, AnswererKind
from sfdebug.text import clean
from sfdebug.tui.keys import key_of, with_keys
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.tui.commands.host import Dispatcher, PaneHost
    from sfdebug.tui.dialogs.list_dialog import ListItem
    from sfdebug.tui.panes.stages import StageSelection

_LABELS: Final = {
    AnswererKind.MOCK: "mock",
    AnswererKind.RECORDING: "recording",
    AnswererKind.FILES: "files",
    AnswererKind.MACHINE: "state machine",
    AnswererKind.FUNCTION: "function",
    AnswererKind.SERVICE: "service",
    AnswererKind.OTHER: "task handler",
    AnswererKind.USER: "you",
}
_NO_MOCK: Final = Answerer(AnswererKind.MOCK, "", why_not="no mock file is given: --mocks FILE --case NAME")
_NO_CALL: Final = Answerer(
    AnswererKind.FUNCTION, "", why_not="nothing is called: sfdebug dev, --function or --services"
)


class AnswererCommands:
    """Says who answers, and has another one answer."""

    def __init__(self, host: PaneHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands

    # what is said

    def of_stage(self, look: StageSelection, row: int) -> str:
        """Who has answered the Task of a stage on the screen, or will; "" for all else, and where nobody but the user
        could."""
        line = look.lines[row] if 0 <= row < len(look.lines) else None
        if look.state is None or line is None or line.name is not StageName.TASK or not self._is_worth_saying:
            return ""
        stage = line.stage
        if look.visit is not None and stage is not None and stage.status is not StageStatus.WAITING:
            who = self.debugger.answerers.who_answered(look.visit, look.visit.redriven_after + stage.attempt)
            return f"answered by {clean(in_words(who))}" if _is_told(who) else ""
        if not look.is_here and look.visit is not None:
            return ""
        ahead = self.debugger.answerers.who_has_answered_ahead(look.state.path)
        if ahead is None and self.host.view.is_finished:
            return ""
        who = ahead or self.debugger.answerers.who_answers(look.state.path)
        if not _is_told(who):
            return ""
        how = f"answered already, by {in_words(who)}" if ahead is not None else _comes_next(who)
        return f"{clean(how)}; {key_of('impose.answerer')} chooses another"

    def of_state(self, path: StatePath) -> str:
        """Who has answered a state's Task last, or will: for the graph; "" for all else."""
        debugger = self.debugger
        if not path or not self._is_worth_saying or debugger.answerers.request(path) is None:
            return ""
        visits = debugger.visits_of(path) if path != self.host.view.state_path else []
        if visits:
            was = debugger.answerers.who_answered(visits[-1])
        else:
            was = debugger.answerers.who_has_answered(path)
        if was is not None:
            return f"was answered by {in_short(was)}" if _is_told(was) else ""
        ahead = debugger.answerers.who_has_answered_ahead(path)
        if ahead is not None:
            return f"answered already, by {in_short(ahead)}" if _is_told(ahead) else ""
        if self.host.view.is_finished:
            return ""
        who = debugger.answerers.who_answers(path)
        return f"will be answered by {in_short(who)}" if _is_told(who) else ""

    @property
    def _is_worth_saying(self) -> bool:
        """Whether somebody else than the user can answer; in a recording, all is as recorded."""
        return self.debugger.tasks is not None and not self.debugger.timeline.is_on_recording

    # choosing

    def choose(self) -> None:
        """List who could answer the Task that is selected, or at the cursor; have the one that is picked answer it."""
        graph, view = self.host.graph, self.host.view
        path = graph.selected if graph.is_selected_by_hand and graph.selected else view.state_path
        if (why := self.debugger.answerers.why_not(path)) is not None:
            self.host.say(with_keys(why.text, why.hints), Tone.REFUSAL)
            return
        request = self.debugger.answerers.request(path)
        assert request is not None
        from sfdebug.tui.dialogs.list_dialog import ListDialog

        now = self.debugger.answerers.who_answers(path)
        found = list(self.debugger.answering.who_could(request))
        kinds = {one.kind for one in found}
        if AnswererKind.MOCK not in kinds:
            found.insert(-1, _NO_MOCK)
        if not kinds & {*REAL, AnswererKind.MACHINE, AnswererKind.OTHER}:
            found.insert(-1, _NO_CALL)
        items = [self._item(one, is_current=now is not None and one.kind is now.kind) for one in found]
        is_here = path == view.state_path

        def chosen(kind: AnswererKind | None) -> None:
            if kind is None:
                return
            missing = next((one.why_not for one in found if one.kind is kind and one.why_not), "")
            if missing:
                self.host.say(f"{named(request.state.name)} cannot be answered so: {missing}", Tone.REFUSAL)
                return
            stop = self.debugger.choose_answerer(kind, path, every=not dialog.is_other)
            self.commands.settle(stop)
            if stop.forked is None and not stop.is_refused:
                self.host.say(stop.text)

        note = "From now on, on this timeline and on those that part from it." if is_here else ""
        title, other = f"Who answers {named(request.state.name)}?", "this attempt alone" if is_here else ""
        dialog = ListDialog(title, items, note, verb="from now on", other=other)
        self.host.ask(dialog, chosen)

    def _item(self, one: Answerer, *, is_current: bool) -> ListItem[AnswererKind]:
        from sfdebug.tui.dialogs.list_dialog import ListItem

        glyphs = self.host.glyphs
        if one.why_not:
            detail = f"not here: {one.why_not}"
        elif one.kind is AnswererKind.USER:
            detail = "asked in a dialog, as for a Task that nothing answers"
        else:
            detail = f"{one.name} ({one.place})" if one.place else one.name
        sign = glyphs.skipped if one.why_not else glyphs.done if is_current else ""
        paint = "muted" if one.why_not else "done"
        return ListItem(one.kind, _LABELS[one.kind], clean(detail), sign, paint, is_current)


def _is_told(who: Answerer | None) -> TypeGuard[Answerer]:
    """Whether something can be said: a task handler that does not tell who it is may answer, or may not."""
    return who is not None and who.kind is not AnswererKind.OTHER


def _comes_next(who: Answerer) -> str:
    """`calls the function charge (python app.py:handler)`; `asks you`."""
    if who.kind in REAL:
        return f"calls {in_words(who)}"
    if who.kind is AnswererKind.USER:
        return "asks you"
    return f"will be answered by {in_words(who)}"
