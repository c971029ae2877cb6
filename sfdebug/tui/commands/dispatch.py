"""What the keys do: each command is a call on the Debugger, or something about the screen, and then a fresh view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.stops import StopReason
from sfdebug.debugger.wording.values import named
from sfdebug.tui.commands.graph import GraphCommands
from sfdebug.tui.commands.interventions import InterventionCommands
from sfdebug.tui.commands.recordings import RecordingCommands
from sfdebug.tui.commands.table import BY_ID, KeyCommand, KeyScope
from sfdebug.tui.commands.view import ViewCommands
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.terminal.threads import Running
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from textual.timer import Timer

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.timeline.stops import Stop
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.tui.screens.debug import DebugScreen

_PATIENCE: Final = 0.08
"""How long the screen waits for a verb before it shows that one is running, in seconds."""

_POLL: Final = 0.05
_FORWARD: Final = ("step_over", "step_out", "run", "step_into")
"""The verbs that a Task which waits for the user holds up."""

_FREE: Final = frozenset({"program.escape", "program.quit", "program.theme", "look.maximise"})
"""What can be done while a verb runs."""


class Commands:
    """Runs commands by their ids. One verb at a time; a long one leaves the screen alive."""

    def __init__(self, screen: DebugScreen) -> None:
        self.screen = screen
        self.debugger = screen.debugger
        self.patience = _PATIENCE
        self._running: Running | None = None
        self._timer: Timer | None = None
        self._verb = ""
        self._resume = ""
        self.impositions = InterventionCommands(screen, self)
        self.looking = ViewCommands(screen, self)
        self.recordings = RecordingCommands(screen, self)
        self.graph_looks = GraphCommands(screen)
        self.actions: dict[str, Callable[[], None]] = {
            **self.impositions.actions(),
            **self.looking.actions(),
            **self.recordings.actions(),
            **self.graph_looks.actions(),
            "break": self._break,
            "break_faults": self._break_faults,
            "scrub_back": lambda: self.settle(self.debugger.scrub(-1)),
            "scrub_forward": lambda: self.settle(self.debugger.scrub(1)),
            "first_event": lambda: self.jump(1),
            "last_event": lambda: self.jump(len(self.screen.view.events)),
            "escape": self._escape,
        }

    @property
    def is_running(self) -> bool:
        """Whether a long verb is under way."""
        return self._running is not None

    def run(self, id: str) -> None:
        """Run a command; say calmly why when it is not possible."""
        if self.is_running and id not in _FREE:
            self.screen.say("still running: Esc interrupts", Tone.REFUSAL)
            return
        command = BY_ID[id]
        if id != "program.escape":
            self.screen.notice.clear()
            self._resume = ""
        why = self.why_not(id)
        if command.verb in _FORWARD and self.debugger.question is not None:
            self._resume = command.verb
            self.impositions.answer(is_opened_by_itself=True)
        elif why is not None:
            self.screen.say(why, Tone.REFUSAL)
        elif command.scope is KeyScope.GRAPH:
            self.graph_looks.run(command.action)
        elif command.action:
            self.actions[command.action]()
        else:
            self._begin(command)

    def why_not(self, id: str) -> str | None:
        """Why a command is not possible now; None when it is."""
        verb = BY_ID[id].verb
        return self.debugger.can(verb) if verb else None

    # Verbs of the debugger

    def _begin(self, command: KeyCommand) -> None:
        debugger, verb = self.debugger, command.verb
        verbs: dict[str, Callable[[Callable[[], bool]], Stop]] = {
            "step_over": debugger.step_over,
            "step_out": debugger.step_out,
            "run": debugger.run,
            "step_into": lambda _: debugger.step_into(),
            "step_back": lambda _: debugger.step_back(),
            "back_over": lambda _: debugger.back_over(),
            "back_out": lambda _: debugger.back_out(),
            "run_back": lambda _: debugger.run_back(),
            "restart": lambda _: debugger.restart(),
            "leave_fork": lambda _: debugger.leave_fork(),
            "goto_failure": lambda _: debugger.goto_failure(),
            "fork_here": lambda _: debugger.fork_here(),
        }
        self._verb = verb
        running = Running(verbs[verb])
        if running.start(self.patience):
            self.settle(running.result())
            return
        self._running = running
        self._timer = self.screen.set_interval(_POLL, self._poll)
        self._show_progress()

    def _poll(self) -> None:
        running = self._running
        if running is None:
            return
        if not running.is_over:
            self._show_progress()
            return
        self._forget_running()
        try:
            stop = running.result()
        except Exception as error:
            self.screen.refresh_view()
            self.screen.say(trouble_text(error), Tone.TROUBLE)
        else:
            self.settle(stop)

    def _show_progress(self) -> None:
        execution = self.debugger.execution
        children = f", {len(execution.ended_children):,} child executions over" if execution.ended_children else ""
        count = len(execution.events)
        self.screen.status.show_running(f"running, {count:,} events so far{children}: Esc interrupts")

    def _forget_running(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer, self._running = None, None

    def settle(self, stop: Stop) -> None:
        """Show where the debugger stands after a verb, and what there is to say about it."""
        if stop.is_refused:
            self.screen.say(stop.text, Tone.REFUSAL)
            return
        self.screen.refresh_view()
        if stop.forked is not None:
            self.screen.say(f"{self.screen.view.fork_name}: {stop.text} · t lists the timelines, u goes back")
        elif stop.reason in (StopReason.INTERRUPTED, StopReason.LIMIT, StopReason.EDGE):
            self.screen.say(stop.text)
        if stop.reason is StopReason.QUESTION and self.debugger.question is not None:
            self._resume = self._verb if self._verb in _FORWARD[:3] else ""
            self.impositions.answer(is_opened_by_itself=True)

    def go_on(self) -> None:
        """After an answer: finish the verb that the question interrupted."""
        verb, self._resume = self._resume, ""
        command = next((command for command in BY_ID.values() if command.verb == verb and not command.action), None)
        if command is not None and self.debugger.can(verb) is None:
            self._begin(command)

    def jump(self, event_id: int) -> None:
        """Go to where an event happened."""
        if self.is_running:
            self.screen.say("still running: Esc interrupts", Tone.REFUSAL)
        else:
            self.settle(self.debugger.goto_event(event_id))

    def show_child(self, arn: str) -> None:
        """Go to where a child execution that is over ended."""
        if not self.is_running:
            self.settle(self.debugger.goto_child(arn))

    def focus_branch(self, branch: BranchId) -> None:
        """Step another branch from here."""
        if not self.is_running:
            self.settle(self.debugger.focus_branch(branch))

    # Breakpoints

    def _break(self) -> None:
        path = self.screen.graph.selected or self.screen.view.state_path
        if path:
            self.toggle_breakpoint(path)
        else:
            self.screen.say("select a state in the graph first", Tone.REFUSAL)

    def toggle_breakpoint(self, path: StatePath) -> None:
        """Set or clear the breakpoint of a state."""
        is_set, name = self.debugger.breakpoints.toggle(path), named(str(path[-1]))
        self.screen.refresh_view()
        self.screen.graph.select(path)
        self.screen.say(f"breakpoint on {name}" if is_set else f"no breakpoint on {name} any more")

    def _break_faults(self) -> None:
        is_on = self.debugger.breakpoints.toggle_faults()
        self.screen.refresh_view()
        self.screen.say("pauses at every fault" if is_on else "does not pause at faults any more")

    # Backing out

    def _escape(self) -> None:
        if self._running is not None:
            self._running.interrupt()
            return
        had_message = self.screen.notice.clear()
        if not self.looking.back_out() and not had_message:
            self.screen.say("nothing to go back from; q leaves sfdebug")

    def shut_down(self) -> None:
        """Before the program ends: stop what runs, so that its thread does not outlive the screen for long."""
        if self._running is not None:
            self._running.interrupt()
            self._running.wait(1.0)
            self._forget_running()

    # Searching, for the search bar

    def search_typed(self, query: str) -> None:
        """The query changed."""
        self.looking.search_typed(query)

    def search_kept(self) -> None:
        """The search was confirmed."""
        self.looking.search_kept()

    def search_dropped(self) -> None:
        """The search was left."""
        self.looking.search_dropped()
