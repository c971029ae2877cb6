"""The flows that change what happens: a dialog asks, the Debugger does, the screen shows. Dialogs load when opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.verbs import Verb
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import Provenance, TaskResult
from sfdebug.engine.execution.visit import RequestKind, StageName, StageStatus
from sfdebug.tasks.outside import call_of, why_not_called
from sfdebug.text import clean
from sfdebug.tui.keys import key_of, with_keys
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.verbs import Stop
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.outside import OutsideCall
    from sfdebug.tui.commands.host import Dispatcher, Host
    from sfdebug.tui.dialogs.answer_task import AnswerDraft, AnswerTaskDialog
    from sfdebug.tui.dialogs.force_choice import ForceChoiceResult
    from sfdebug.tui.dialogs.inject_failure import InjectResult

_LOOK: Final = 0.3
"""Seconds between two looks at whether a task token was answered."""
_RESULTS: Final = (StageName.TASK, StageName.MAP_RUN)
_FAILING: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)


class InterventionCommands:
    """One method for each intervention; each opens a dialog and acts on its answer."""

    def __init__(self, host: Host, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands
        self._answer_drafts: dict[tuple[BranchId, StatePath, int, int], AnswerDraft] = {}
        self._edit_drafts: dict[tuple[str, BranchId, str], str] = {}

    # A Choice

    def force(self) -> None:
        """Force the Choice at the cursor."""
        from sfdebug.tui.dialogs.force_choice import ForceChoiceDialog

        state, forecast = self.host.view.state, self.debugger.forecast_choice()
        assert state is not None
        assert forecast is not None

        def forced(result: ForceChoiceResult | None) -> None:
            if result is not None:
                self.commands.settle(self.debugger.force_choice(result.rule))

        self.host.ask(ForceChoiceDialog(state, forecast, state.default), forced)

    # A failure

    def inject(self) -> None:
        """Inject a failure into a Task, Parallel or Map: the one at the cursor, or else the selected one, first."""
        from sfdebug.tui.dialogs.inject_failure import InjectFailureDialog

        view = self.host.view
        able = [state for state in self.debugger.machine.walk() if state.type in _FAILING]
        states = [state for state in able if self.debugger.can(Verb.INJECT_FAILURE, state.path)]
        if not states:
            why = self.debugger.why_unavailable(Verb.INJECT_FAILURE, able[0].path) if able else None
            text = "no state here can fail: only Task, Parallel and Map do"
            self.host.say(with_keys(why.text, why.hints) if why else text, Tone.REFUSAL)
            return
        initial = self._likely_to_fail(states)
        is_here = initial is view.state and view.visit is not None

        def injected(result: InjectResult | None) -> None:
            if result is not None:
                stop = self.debugger.inject_failure(result.state_path, result.error, result.cause, result.attempts)
                self.commands.settle(stop)
                if stop.forked is None and not stop.is_refused:
                    self.host.say(stop.text)

        dialog = InjectFailureDialog(
            states,
            initial,
            attempt=view.attempt if is_here else 1,
            retrier_counts=view.visit.retrier_counts if is_here and view.visit else (),
            forecast_of=self.debugger.forecast_injection,
        )
        self.host.ask(dialog, injected)

    def _likely_to_fail(self, states: list[State]) -> State:
        paths = {state.path: state for state in states}
        view, selected = self.host.view, self.host.graph.selected
        wanted = (selected, view.state_path) if self.host.graph.is_selected_by_hand else (view.state_path, selected)
        for path in wanted:
            if path in paths:
                return paths[path]
        return states[0]

    # A task's answer

    def answer(self, *, is_opened_by_itself: bool = False) -> None:
        """Answer the Task that waits. A dialog that opens by itself takes no keys that were typed before it shows."""
        request = self.debugger.asking
        if request is None:
            return
        from sfdebug.debugger.suggestions.suggest import suggest  # takes time to import; only a question needs it

        suggestion = suggest(request, self.debugger.machine, self.debugger.visits_of(request.state.path))
        branch = self.host.view.execution.branches.get(request.branch)
        counts = branch.visit.retrier_counts if branch is not None and branch.visit is not None else ()

        label = next((line.label for line in self.host.view.branches if line.id == request.branch), "")
        key = (request.branch, request.state.path, request.attempt, request.invocation)
        draft = self._answer_drafts.pop(key, None)
        comment = "your draft; Ctrl+R puts the offered value back" if draft else f"offered: {suggestion.why}"
        comment = "; ".join((*self._ways(request), comment))
        waits = self._waiting_call(request) is not None

        def answered(result: Answer | None) -> None:
            if result is None and waits and self.debugger.question is None:
                self._called_back(request)
                return
            if result is None:
                kept = f"{key_of('impose.answer')} answers it"
                if dialog.draft is not None:
                    self._answer_drafts[key] = dialog.draft
                    kept = f"your draft is kept: {key_of('impose.answer')}"
                self.host.say(f"{named(request.state.name)} still waits: {kept}")
                return
            stop = self.debugger.answer_task(result)
            self.commands.settle(stop)
            if not stop.is_refused:
                self.commands.go_on()

        where = label if request.branch else ""
        dialog = _answer_dialog(
            request,
            suggestion.value,
            comment,
            retrier_counts=counts,
            where=where,
            draft=draft,
            forecast_of=self.debugger.forecast_answer,
        )
        if is_opened_by_itself:
            dialog.drop_typed_ahead()
        self.host.ask(dialog, answered)
        if waits:
            self._close_when_answered(dialog)

    def _ways(self, request: TaskRequest) -> Iterator[str]:
        """What else there is than an answer by hand, and why nothing was called."""
        call = self._waiting_call(request)
        if call is not None:
            yield clean(call.note)
        if why := why_not_called(self.debugger.tasks, request):
            yield f"not called: {clean(why)}"
        if name := self.debugger.nested.at_hand:
            yield f"Esc, then {key_of('step.into')}, steps into {clean(name)}"

    def _waiting_call(self, request: TaskRequest) -> OutsideCall | None:
        """The call of a Task whose token is not answered."""
        call = call_of(self.debugger.tasks, request)
        return call if call is not None and call.answer is None else None

    def _close_when_answered(self, dialog: AnswerTaskDialog) -> None:
        """Have a question go when another program answers the task token."""

        def look() -> None:
            if self.debugger.question is None:
                dialog.dismiss(None)

        dialog.set_interval(_LOOK, look)

    def _called_back(self, request: TaskRequest) -> None:
        """A task token was answered while the user was asked: what was interrupted goes on."""
        self.host.refresh_view()
        self.host.say(f"the task token of {named(request.state.name)} was answered")
        self.commands.go_on()

    # An edit

    def edit(self) -> None:
        """Edit the result of the task at hand, or the input of the state; ask which when both are there."""
        why, can_result = self.debugger.why_unavailable(Verb.EDIT_INPUT), self.debugger.can(Verb.EDIT_RESULT)
        if why is None and can_result:
            self._edit_which()
        elif can_result:
            self.edit_result()
        elif why is None:
            self.edit_input()
        else:
            self.commands.settle(why)

    def _edit_which(self) -> None:
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        state = self.host.view.state
        name = state.name if state else ""
        result = "its Map Run's result" if state and state.type is StateType.MAP else "its task's result"
        items = [
            ListItem("result", result, "give this attempt another answer"),
            ListItem("input", "its input", f"run {named(name)} again with another input"),
        ]

        def chosen(which: str | None) -> None:
            if which == "result":
                self.edit_result()
            elif which == "input":
                self.edit_input()

        self.host.ask(ListDialog(f"Edit what of {named(name)}?", items, verb="edit"), chosen)

    def edit_input(self) -> None:
        """Edit the input of the state about to run, or at hand."""
        view = self.host.view
        name = view.state.name if view.state else ""
        note = "" if view.is_about_to_run else "The state runs again with it, on a timeline of its own."

        most = view.execution.settings.max_payload_bytes
        self._edit_value(f"Input of {named(name)}", view.input, note, self.debugger.edit_input, most)

    def _edit_value(
        self, title: str, value: Value, note: str, use: Callable[[Json], Stop], most: int | None = None
    ) -> None:
        from sfdebug.tui.dialogs.edit_json import EditJsonDialog

        key = (title, self.host.view.branch, compact(value) if is_present(value) else "")

        def edited(new: Value) -> None:
            if is_present(new):
                self.commands.settle(use(new))
            elif dialog.draft is not None:
                self._edit_drafts[key] = dialog.draft
                self.host.say(f"nothing is changed; your draft is kept: {key_of('impose.edit')}")

        dialog = EditJsonDialog(title, value, note, draft=self._edit_drafts.pop(key, None), most=most)
        self.host.ask(dialog, edited)

    def edit_result(self) -> None:
        """Give the task of the visit at hand another result."""
        view = self.host.view
        name = view.state.name if view.state else ""
        results = [
            line.stage.after
            for line in view.visit_stages
            if line.stage is not None and line.name in _RESULTS and line.stage.status is StageStatus.DONE
        ]

        what = "Map Run" if view.state is not None and view.state.type is StateType.MAP else "task's last attempt"
        note = f"The {what} returns it, on a timeline of its own."
        self._edit_value(
            f"Result of {named(name)}",
            results[-1] if results else {},
            note,
            lambda value: self.debugger.edit_result(TaskResult(value, provenance=Provenance.USER)),
        )


def _answer_dialog(request: TaskRequest, suggested: Json, comment: str, **others: Any) -> AnswerTaskDialog:
    """The dialog for a Task's answer, or for that of a Map Run, for which items are suggested."""
    if request.kind is RequestKind.TASK:
        from sfdebug.tui.dialogs.answer_task import AnswerTaskDialog

        return AnswerTaskDialog(request, suggested, comment, **others)
    from sfdebug.tui.dialogs.answer_map_run import AnswerMapRunDialog

    return AnswerMapRunDialog(request, suggested, [], comment, **others)
