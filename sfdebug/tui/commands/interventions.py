"""The flows that change what happens: a dialog asks, the Debugger does, the screen shows. Dialogs load when opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import Provenance, TaskResult
from sfdebug.engine.execution.visit import RequestKind, StageName, StageStatus
from sfdebug.text import counted
from sfdebug.tui.dialogs.force_choice import choice_ahead
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.timeline.stops import Stop
    from sfdebug.debugger.timeline.timeline import ForkInfo
    from sfdebug.debugger.view.model import BranchLine
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tui.commands.dispatch import Commands
    from sfdebug.tui.dialogs.answer_task import AnswerDraft, AnswerTaskDialog
    from sfdebug.tui.dialogs.force_choice import ForceChoiceResult
    from sfdebug.tui.dialogs.inject_failure import InjectResult
    from sfdebug.tui.screens.debug import DebugScreen
    from sfdebug.tui.terminal.threads import Foretell

_RESULTS: Final = (StageName.TASK, StageName.MAP_RUN)
_FAILING: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)


class InterventionCommands:
    """One method for each intervention; each opens a dialog and acts on its answer."""

    def __init__(self, screen: DebugScreen, commands: Commands) -> None:
        self.screen = screen
        self.debugger = screen.debugger
        self.commands = commands
        self._answer_drafts: dict[tuple[BranchId, StatePath, int, int], AnswerDraft] = {}
        self._edit_drafts: dict[tuple[str, BranchId, str], str] = {}

    def actions(self) -> dict[str, Callable[[], None]]:
        """The commands that these flows belong to, by action."""
        return {
            "answer": self.answer,
            "force": self.force,
            "inject": self.inject,
            "edit": self.edit,
            "branch": self.choose_branch,
            "timelines": self.choose_timeline,
        }

    # A Choice

    def force(self) -> None:
        """Force the Choice at the cursor."""
        from sfdebug.tui.dialogs.force_choice import ForceChoiceDialog

        view = self.screen.view
        assert view.state is not None

        def forced(result: ForceChoiceResult | None) -> None:
            if result is not None:
                self.commands.settle(self.debugger.force_choice(result.rule))

        dialog = ForceChoiceDialog(view.state, choice_ahead(self.debugger, view), view.state.default)
        self.screen.app.push_screen(dialog, forced)

    # A failure

    def inject(self) -> None:
        """Inject a failure into a Task, Parallel or Map: the one at the cursor, or else the selected one, first."""
        from sfdebug.tui.dialogs.inject_failure import InjectFailureDialog

        view = self.screen.view
        able = [state for state in self.debugger.machine.walk() if state.type in _FAILING]
        states = [state for state in able if self.debugger.can("inject_failure", state.path) is None]
        if not states:
            why = self.debugger.can("inject_failure", able[0].path) if able else None
            self.screen.say(why or "no state here can fail: only Task, Parallel and Map do", Tone.REFUSAL)
            return
        initial = self._likely_to_fail(states)
        is_here = initial is view.state and view.visit is not None

        def injected(result: InjectResult | None) -> None:
            if result is not None:
                stop = self.debugger.inject_failure(result.state_path, result.error, result.cause, result.attempts)
                self.commands.settle(stop)
                if stop.forked is None and not stop.is_refused:
                    self.screen.say(stop.text)

        dialog = InjectFailureDialog(
            states,
            initial,
            attempt=view.attempt if is_here else 1,
            retrier_counts=view.visit.retrier_counts if is_here and view.visit else (),
            foretell=self.debugger.foretell_injection,
        )
        self.screen.app.push_screen(dialog, injected)

    def _likely_to_fail(self, states: list[State]) -> State:
        paths = {state.path: state for state in states}
        view, selected = self.screen.view, self.screen.graph.selected
        wanted = (selected, view.state_path) if self.screen.graph.is_selected_by_hand else (view.state_path, selected)
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
        from sfdebug.debugger.suggestions.suggest import offer  # takes time to import, and only a question needs it

        offered = offer(request, self.debugger.machine, self.debugger.visits_of(request.state.path))
        branch = self.screen.view.execution.branches.get(request.branch)
        counts = branch.visit.retrier_counts if branch is not None and branch.visit is not None else ()

        label = next((line.label for line in self.screen.view.branches if line.id == request.branch), "")
        key = (request.branch, request.state.path, request.attempt, request.invocation)
        draft = self._answer_drafts.pop(key, None)
        comment = "your draft; Ctrl+R puts the offered value back" if draft else f"offered: {offered.why}"

        def answered(result: Answer | None) -> None:
            if result is None:
                if dialog.draft is not None:
                    self._answer_drafts[key] = dialog.draft
                kept = "your draft is kept: a" if dialog.draft is not None else "a answers it"
                self.screen.say(f"{named(request.state.name)} still waits: {kept}")
                return
            stop = self.debugger.answer_task(result)
            self.commands.settle(stop)
            if not stop.is_refused:
                self.commands.go_on()

        where = label if request.branch else ""
        dialog = answer_dialog(
            request,
            offered.value,
            comment,
            retrier_counts=counts,
            where=where,
            draft=draft,
            foretell=self.debugger.foretell_answer,
        )
        if is_opened_by_itself:
            dialog.drop_typed_ahead()
        self.screen.app.push_screen(dialog, answered)

    # An edit

    def edit(self) -> None:
        """Edit the result of the task at hand, or the input of the state; ask which when both are there."""
        can_input, can_result = self.debugger.can("edit_input") is None, self.debugger.can("edit_result") is None
        if can_input and can_result:
            self._edit_which()
        elif can_result:
            self.edit_result()
        elif can_input:
            self.edit_input()
        else:
            self.screen.say(self.debugger.can("edit_input") or "", Tone.REFUSAL)

    def _edit_which(self) -> None:
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        state = self.screen.view.state
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

        self.screen.app.push_screen(ListDialog(f"Edit what of {named(name)}?", items, verb="edit"), chosen)

    def edit_input(self) -> None:
        """Edit the input of the state about to run, or at hand."""
        view = self.screen.view
        name = view.state.name if view.state else ""
        note = "" if view.is_about_to_run else "The state runs again with it, on a timeline of its own."

        most = view.execution.settings.max_payload_bytes
        self._edit_value(f"Input of {named(name)}", view.input, note, self.debugger.edit_input, most)

    def _edit_value(
        self, title: str, value: Value, note: str, use: Callable[[Json], Stop], most: int | None = None
    ) -> None:
        from sfdebug.tui.dialogs.edit_json import EditJsonDialog

        key = (title, self.screen.view.branch, compact(value) if is_present(value) else "")

        def edited(new: Value) -> None:
            if is_present(new):
                self.commands.settle(use(new))
            elif dialog.draft is not None:
                self._edit_drafts[key] = dialog.draft
                self.screen.say("nothing is changed; your draft is kept: e")

        dialog = EditJsonDialog(title, value, note, draft=self._edit_drafts.pop(key, None), most=most)
        self.screen.app.push_screen(dialog, edited)

    def edit_result(self) -> None:
        """Give the task of the visit at hand another result."""
        view = self.screen.view
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

    # Branches and timelines

    def choose_branch(self) -> None:
        """Choose which branch or iteration to step."""
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        view, glyphs = self.screen.view, glyphs_of(self.screen)
        if len(view.branches) < 2:
            self.screen.say("no Parallel or Map is running here", Tone.REFUSAL)
            return
        items = [
            ListItem(
                branch,
                "  " * branch.depth + branch.label,
                f"{branch.state}: {branch.doing}" if branch.state else branch.doing,
                glyphs.failed if branch.child_arn else glyphs.current if branch.is_focused else "",
                "failed" if branch.child_arn else "current",
                branch.is_focused,
            )
            for branch in view.branches
        ]

        def chosen(branch: BranchLine | None) -> None:
            if branch is None:
                return
            if branch.child_arn:
                self.commands.show_child(branch.child_arn)
            else:
                self.commands.focus_branch(branch.id)

        self.screen.app.push_screen(ListDialog("Step which branch?", items, verb="step it"), chosen)

    def choose_timeline(self) -> None:
        """List the timelines, and switch to another."""
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        view = self.screen.view
        items = [
            ListItem(fork.id, fork.name, _fork_text(fork), is_current=fork.id == view.fork_id) for fork in view.forks
        ]
        note = "" if len(items) > 1 else "Forcing, injecting or editing in the past makes another one."

        def chosen(fork: int | None) -> None:
            if fork is not None and fork != view.fork_id:
                self.commands.settle(self.debugger.switch_fork(fork))

        self.screen.app.push_screen(ListDialog("Timelines", items, note, verb="switch"), chosen)


def answer_dialog(
    request: TaskRequest,
    offered: Json,
    comment: str,
    *,
    retrier_counts: Sequence[int],
    where: str,
    draft: AnswerDraft | None,
    foretell: Foretell,
) -> AnswerTaskDialog:
    """The dialog for a Task's answer, or for that of a Map Run, whose items are offered."""
    if request.kind is RequestKind.TASK:
        from sfdebug.tui.dialogs.answer_task import AnswerTaskDialog

        return AnswerTaskDialog(
            request, offered, comment, retrier_counts=retrier_counts, where=where, draft=draft, foretell=foretell
        )
    from sfdebug.tui.dialogs.answer_map_run import AnswerMapRunDialog

    return AnswerMapRunDialog(
        request, offered, [], comment, retrier_counts=retrier_counts, where=where, draft=draft, foretell=foretell
    )


def _fork_text(fork: ForkInfo) -> str:
    start = f"from event {fork.at_event}: {fork.reason} · " if fork.parent is not None else ""
    return f"{start}{counted(fork.events, 'event')}, {fork.status}"
