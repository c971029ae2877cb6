"""Runs the commands of the table: each is a verb of the Debugger, or something about the screen, then a fresh view."""

from __future__ import annotations

from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.verbs import StopReason, Verb
from sfdebug.debugger.wording.positions import progress_of
from sfdebug.tasks.real_time import real_time_in
from sfdebug.text import clean
from sfdebug.times import duration_text
from sfdebug.tui.commands.advice import AdviceCommands
from sfdebug.tui.commands.answerers import AnswererCommands
from sfdebug.tui.commands.breakpoints import BreakpointCommands
from sfdebug.tui.commands.calls import CallCommands
from sfdebug.tui.commands.cases import CaseCommands
from sfdebug.tui.commands.definition import DefinitionCommands
from sfdebug.tui.commands.interventions import InterventionCommands
from sfdebug.tui.commands.meter import MeterCommands
from sfdebug.tui.commands.mock_cases import MockCaseCommands
from sfdebug.tui.commands.nested import NestedCommands
from sfdebug.tui.commands.origins import OriginCommands
from sfdebug.tui.commands.recordings import RecordingCommands
from sfdebug.tui.commands.relatives import RelativeCommands
from sfdebug.tui.commands.sessions import SessionCommands
from sfdebug.tui.commands.tickets import TicketCommands
from sfdebug.tui.commands.values import ValueCommands
from sfdebug.tui.commands.view import GraphCommands, ViewCommands
from sfdebug.tui.keys import BY_ID, KeyScope, key_of, with_keys
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.terminal.threads import Running
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from sfdebug.debugger import Stop
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.tui.commands.host import CommandHost, EarlierRun

_PATIENCE: Final = 0.08
"""How long the screen waits for a verb before it shows that one is running, in seconds."""

_POLL: Final = 0.05
_GOING_ON: Final = (Verb.STEP_OVER, Verb.STEP_OUT, Verb.RUN)
"""The verbs that a question interrupts."""

_FORWARD: Final = (*_GOING_ON, Verb.STEP_INTO)
"""The verbs that a Task which waits for the user holds up."""

_FREE: Final = frozenset({"program.escape", "program.quit", "program.theme", "look.maximise", "look.log"})
"""What can be done while a verb runs."""


class Commands:
    """Runs commands by their ids. One verb at a time; a long one leaves the screen alive."""

    def __init__(self, host: CommandHost) -> None:
        self.host = host
        self.debugger = host.debugger
        self.patience = _PATIENCE
        self._running: Running | None = None
        self._timer: Timer | None = None
        self._awaited = ""
        self._began = 0.0
        self._has_told_call = False
        self._verb: Verb | None = None
        self._was_in_branch = False
        self._stood = self.debugger.cursor.node
        """Where the debugger stood when a verb was settled last."""
        self._resume: Verb | None = None
        self.interventions = InterventionCommands(host, self)
        self.advice = AdviceCommands(host)
        host.graph_body.find_advice = self.advice.show
        self.view = ViewCommands(host, self, self.advice)
        self.recordings = RecordingCommands(host, self)
        self.relatives = RelativeCommands(host)
        self.tickets = TicketCommands(host)
        self.origins = OriginCommands(host, self)
        self.cases = CaseCommands(host, self)
        self.graph = GraphCommands(host)
        self.mock_cases = MockCaseCommands(host, self)
        self.definition = DefinitionCommands(host, self)
        self.values = ValueCommands(host, self.definition)
        self.sessions = SessionCommands(host, self)
        self.calls = CallCommands(host)
        self.nested = NestedCommands(host, self)
        self.meter = MeterCommands(host, self)
        self.answerers = AnswererCommands(host, self)
        host.data.call_of = self.calls.of_stage
        host.data.answered_by = self.answerers.of_stage
        host.graph_body.answered_by = self.answerers.of_state
        self.breakpoints = BreakpointCommands(host, self, self._begin_call)

    @property
    def is_running(self) -> bool:
        """Whether something long has the debugger: a verb, or the end of a replay."""
        return self._running is not None or self.recordings.is_stopping

    def run(self, id: str) -> None:
        """Run a command; say calmly why when it is not possible."""
        if self.is_running and id not in _FREE:
            pace = real_time_in(self.debugger.tasks)
            if pace is not None and pace.waiting is not None and BY_ID[id].verb in _FORWARD:
                pace.skip()
            else:
                self._say_running()
            return
        command = BY_ID[id]
        if id != "program.escape":
            self.host.clear_notice()
            self._resume = None
        why = self.why_not(id)
        if self.nested.leads_back(id):
            self.nested.leave(id)
        elif command.verb is Verb.STEP_INTO and self.nested.enter():
            pass  # it goes on there
        elif command.verb in _FORWARD and self.debugger.question is not None:
            self._resume = command.verb
            self.interventions.answer(is_opened_by_itself=True)
        elif why is not None:
            self._refuse(why)
        elif command.scope is KeyScope.GRAPH:
            self.graph.run(command.action)
        elif command.action:
            self.action_of(id)(*command.arguments)
        elif command.verb is not None:
            self._begin(command.verb)

    def action_of(self, id: str) -> Callable[..., None]:
        """What the screen does for a command: the method that the table names."""
        action: Callable[..., None] = attrgetter(BY_ID[id].action)(self)
        return action

    def view_changed(self) -> None:
        """Something else is shown than before: what follows that does, and the session is kept."""
        self.meter.follow()
        self.sessions.keep()

    def why_not(self, id: str) -> Stop | None:
        """Why a command is not possible now; None when it is."""
        verb = BY_ID[id].verb
        if verb is None or self.nested.leads_back(id):
            return None
        return self.debugger.why_unavailable(verb)

    def _say_running(self) -> None:
        self.host.say(f"still running: {key_of('program.escape')} interrupts", Tone.REFUSAL)

    def _refuse(self, stop: Stop) -> None:
        self.host.say(with_keys(stop.text, stop.hints), Tone.REFUSAL)

    # Verbs of the debugger

    def _begin(self, verb: Verb) -> None:
        self._begin_call(verb, lambda interrupt: self.debugger.do(verb, interrupt))

    def _begin_call(self, verb: Verb, call: Callable[[Callable[[], bool]], Stop]) -> None:
        self._verb = verb
        self._was_in_branch = bool(self.debugger.cursor.branch)
        self._began = monotonic()
        running = Running(call)
        if running.start(self.patience):
            self.settle(running.result())
            return
        self._running = running
        self._timer = self.host.set_interval(_POLL, self._poll)
        self._show_progress()

    def _poll(self) -> None:
        running = self._running
        if running is None:
            return
        if not running.is_over:
            self._show_progress()
            self._tell_awaited()
            return
        self._forget_running()
        if self._has_told_call:  # in place of where the debugger stands
            self._has_told_call = False
            self.host.sentence.say(self.host.view.sentence)
        try:
            stop = running.result()
        except Exception as error:
            self.host.refresh_view()
            self.host.say(trouble_text(error), Tone.TROUBLE)
        else:
            self.settle(stop)

    def _show_progress(self) -> None:
        pace = real_time_in(self.debugger.tasks)
        if pace is not None and pace.waiting is not None:
            ways = f"{key_of('step.over')} skips it, {key_of('program.escape')} interrupts"
            what = f"{self.host.glyphs.dot} {clean(pace.waiting.what)}"  # behind the keys: the end may be cut
            self.host.show_progress(f"waiting {pace.waiting.how_long}({ways}) {what}")
            return
        seconds = int(monotonic() - self._began)
        elapsed = f", {duration_text(1_000 * seconds)}" if seconds else ""
        calling, sentence = self.calls.progress()
        if calling:
            self._has_told_call = True
            keys = f"{key_of('program.escape')} cancels, {key_of('look.log')} shows what was sent"
            self.host.show_progress(f"{calling}{elapsed} {self.host.glyphs.dot} {keys}")
            self.host.sentence.say(sentence)
            return
        execution = self.debugger.execution
        children = f", {len(execution.ended_children):,} child executions over" if execution.ended_children else ""
        work = progress_of(execution.branches.get(()))
        over = f", {work.ended:,} of {work.total:,} over" if work is not None and not children else ""
        count = f"{len(execution.events):,} events so far"
        way = f"running, {key_of('program.escape')} interrupts {self.host.glyphs.dot}"  # in front: the end may be cut
        self.host.show_progress(f"{way} {count}{children}{over}{elapsed}")

    def _tell_awaited(self) -> None:
        """Say what a call waits for, as long as it does: that somebody attaches a debugger."""
        awaited = self.debugger.calls.awaited if self._running is not None else ""
        if awaited == self._awaited:
            return
        self._awaited = awaited
        if awaited:
            self.host.say(f"{awaited}; {key_of('program.escape')} cancels")
        else:
            self.host.clear_notice()

    def _forget_running(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer, self._running = None, None
        self.host.show_progress("")
        self._tell_awaited()

    def settle(self, stop: Stop) -> None:
        """Show where the debugger stands after a verb, and what there is to say about it."""
        if stop.is_refused:
            if not self.calls.ask_leave(self._verb, self._begin):
                hint = self.nested.hint() if self._verb in _FORWARD else ""
                self._refuse(replace(stop, text=f"{stop.text}; {hint}") if hint else stop)
            return
        if stop.inside and self.nested.enter():
            return
        self.host.refresh_view()
        if self.nested.has_stepped_out(self._verb, self._was_in_branch):
            self.nested.leave("step.out")
            return
        stays = self.calls.what_stays(self._stood)
        self._stood = self.debugger.cursor.node
        text = with_keys(stop.text, stop.hints)
        if stop.forked is not None:
            ways = f"{key_of('time.forks')} lists the timelines, {key_of('time.undo')} goes back"
            more = f"\n{stays}" if stays else ""
            self.host.say(f"{self.host.view.fork_name}: {text} · {ways}{more}")
        elif stop.reason in (StopReason.INTERRUPTED, StopReason.LIMIT, StopReason.EDGE):
            self.host.say(text)
        elif (
            news := self.breakpoints.news(stop, self._verb)
            or self.calls.what_began()
            or stays
            or self.nested.way_back()
        ):
            self.host.say(news)
        if stop.reason is StopReason.QUESTION and self.debugger.question is not None:
            self._resume = self._verb if self._verb in _GOING_ON else None
            self.interventions.answer(is_opened_by_itself=True)

    def go_on(self) -> None:
        """After an answer: finish the verb that the question interrupted."""
        verb, self._resume = self._resume, None
        if verb is not None and self.debugger.can(verb):
            self._begin(verb)

    def open_with(self, run: RecordedSession, opened: OpenedDefinition) -> None:
        """Run a recording again under another definition."""
        self.recordings.open_with(run, opened)

    def switch_to(self, run: EarlierRun) -> None:
        """Show a run from before the definition was edited."""
        self.definition.switch_to(run)

    def jump(self, event_id: int) -> None:
        """Go to where an event happened."""
        if self.is_running:
            self._say_running()
        else:
            self.settle(self.debugger.goto_event(event_id))

    def first_event(self) -> None:
        """Go to the first event."""
        self.jump(1)

    def last_event(self) -> None:
        """Go to the last event that is known."""
        self.jump(len(self.host.view.events))

    def scrub(self, delta: int) -> None:
        """So many events on, or back."""
        self.settle(self.debugger.scrub(delta))

    def show_child(self, arn: str) -> None:
        """Go to where a child execution that is over ended."""
        if not self.is_running:
            self.settle(self.debugger.goto_child(arn))

    def focus_branch(self, branch: BranchId) -> None:
        """Step another branch from here."""
        if not self.is_running:
            self.settle(self.debugger.focus_branch(branch))

    # Backing out

    def escape(self) -> None:
        """Interrupt what runs, or go back one level."""
        if self._running is not None:
            self._interrupt()
            return
        had_message = self.host.clear_notice()
        if self.view.back_out() or had_message:
            return
        if self.recordings.is_replaying:
            self.recordings.stop_replay()
        else:
            self.host.say(f"nothing to go back from; {key_of('program.quit')} leaves sfdebug")

    def _interrupt(self) -> None:
        if self._running is not None:
            self._running.interrupt()
        self.debugger.nested.interrupt()
        self.debugger.calls.cancel()
        pace = real_time_in(self.debugger.tasks)
        if pace is not None:
            pace.interrupt()

    def shut_down(self) -> None:
        """Before the program ends: stop what runs, so that its thread does not outlive the screen for long."""
        if self._running is not None:
            self._interrupt()
            self._running.wait(1.0)
            self._forget_running()
