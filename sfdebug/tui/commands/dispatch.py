"""Runs the commands of the table: each is a verb of the Debugger, or something about the screen, then a fresh view."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.verbs import StopReason, Verb
from sfdebug.tasks.real_time import real_time_in
from sfdebug.tui.commands.advice import AdviceCommands
from sfdebug.tui.commands.answerers import AnswererCommands
from sfdebug.tui.commands.branches import BranchCommands
from sfdebug.tui.commands.breakpoints import BreakpointCommands
from sfdebug.tui.commands.calls import CallCommands
from sfdebug.tui.commands.cases import CaseCommands
from sfdebug.tui.commands.client import ClientCommands
from sfdebug.tui.commands.definition import DefinitionCommands
from sfdebug.tui.commands.differences import DifferenceCommands
from sfdebug.tui.commands.following import FollowingCommands
from sfdebug.tui.commands.interventions import InterventionCommands
from sfdebug.tui.commands.long_verb import LongVerb
from sfdebug.tui.commands.meter import MeterCommands
from sfdebug.tui.commands.mock_cases import MockCaseCommands
from sfdebug.tui.commands.nested import NestedCommands
from sfdebug.tui.commands.origins import OriginCommands
from sfdebug.tui.commands.pages import PageCommands
from sfdebug.tui.commands.recordings import RecordingCommands
from sfdebug.tui.commands.relatives import RelativeCommands
from sfdebug.tui.commands.sessions import SessionCommands
from sfdebug.tui.commands.tickets import TicketCommands
from sfdebug.tui.commands.timelines import TimelineCommands
from sfdebug.tui.commands.values import ValueCommands
from sfdebug.tui.commands.view import GraphCommands, ViewCommands
from sfdebug.tui.keys import BY_ID, KeyScope, key_of, with_keys
from sfdebug.tui.panes.strips import LED
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger import Stop
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.tui.commands.host import CommandHost, EarlierRun
    from sfdebug.tui.keys import KeyCommand

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
        self._verb: Verb | None = None
        self._was_in_branch = False
        self._stood = self.debugger.cursor.node
        """Where the debugger stood when a verb was settled last."""
        self._resume: Verb | None = None
        self.interventions = InterventionCommands(host, self)
        self.branches = BranchCommands(host, self)
        self.timelines = TimelineCommands(host, self)
        self.advice = AdviceCommands(host)
        if host.guide is None or not host.guide.has_foot:  # which has one thing to say at a time
            host.graph_body.find_advice = self.advice.show
        self.view = ViewCommands(host, self, self.advice)
        self.recordings = RecordingCommands(host, self)
        self.following = FollowingCommands(host, self)
        self.differences = DifferenceCommands(host, self)
        self.relatives = RelativeCommands(host)
        self.tickets = TicketCommands(host)
        self.pages = PageCommands(host, self)
        self.origins = OriginCommands(host, self)
        self.cases = CaseCommands(host, self)
        self.graph = GraphCommands(host)
        self.mock_cases = MockCaseCommands(host, self)
        self.definition = DefinitionCommands(host, self)
        self.values = ValueCommands(host, self.definition)
        self.sessions = SessionCommands(host, self)
        self.calls = CallCommands(host)
        self.long_verb = LongVerb(host, self.calls, self.settle)
        self.nested = NestedCommands(host, self)
        self.client = ClientCommands(host)
        self.meter = MeterCommands(host, self)
        self.answerers = AnswererCommands(host, self)
        host.data.call_of = self.calls.of_stage
        host.data.answered_by = self.answerers.of_stage
        host.graph_body.answered_by = self.answerers.of_state
        self.breakpoints = BreakpointCommands(host, self, self._begin_call)

    @property
    def is_running(self) -> bool:
        """Whether something long has the debugger: a verb, or the end of a replay."""
        return self.long_verb.is_running or self.recordings.is_stopping

    def run(self, id: str) -> None:
        """Run a command; say calmly why when it is not possible."""
        if self.is_running and id not in _FREE:
            pace = real_time_in(self.debugger.tasks)
            if pace is not None and pace.waiting is not None and BY_ID[id].verb in _FORWARD:
                pace.skip()
            else:
                self.long_verb.tell_running()
            return
        guide = self.host.guide
        if guide is not None and not self.is_running and guide.takes(id):
            return
        if id != "program.escape":
            self.host.clear_notice()
            self._resume = None
        self._do(BY_ID[id])

    def _do(self, command: KeyCommand) -> None:
        id, guide = command.id, self.host.guide
        why = self.why_not(id)
        if self.nested.leads_back(id):
            self.nested.leave(id)
        elif self.client.drives(command.verb):
            pass  # it is where the client's execution is, and that goes on
        elif command.verb is Verb.STEP_INTO and self.nested.enter():
            pass  # it goes on there
        elif command.verb in _FORWARD and self.debugger.question is not None:
            self._resume = command.verb
            self.interventions.answer(is_opened_by_itself=True)
        elif why is not None:
            self._refuse(why)
        elif command.scope is KeyScope.GRAPH:
            self.graph.run(command.action)
        elif command.scope is KeyScope.LESSON:
            if guide is None or not guide.do(command.action):
                self.host.open(LED)  # which says that there is none
        elif command.action:
            self.action_of(id)(*command.arguments)
        elif command.verb is not None:
            self._begin(command.verb)

    def action_of(self, id: str) -> Callable[..., None]:
        """What the screen does for a command: the method that the table names."""
        action: Callable[..., None] = attrgetter(BY_ID[id].action)(self)
        return action

    def greet(self, *, is_led: bool) -> None:
        """Say what to watch in a sample, unless the tour leads or a summary says it, and what had to be assumed."""
        is_told = is_led or self.debugger.recorded is not None
        texts = ["" if is_told else self.recordings.text_to_watch(), self.values.assumed_text()]
        if any(texts):
            self.host.say("\n".join(filter(None, texts)))

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

    def _refuse(self, stop: Stop) -> None:
        self.host.say(with_keys(stop.text, stop.hints), Tone.REFUSAL)

    # Verbs of the debugger

    def _begin(self, verb: Verb) -> None:
        self._begin_call(verb, lambda interrupt: self.debugger.do(verb, interrupt))

    def _begin_call(self, verb: Verb, call: Callable[[Callable[[], bool]], Stop]) -> None:
        self._verb = verb
        self._was_in_branch = bool(self.debugger.cursor.branch)
        self.long_verb.begin(call)

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
            self.long_verb.tell_running()
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
        if self.long_verb.is_running:
            self.long_verb.interrupt()
            return
        had_message = self.host.clear_notice()
        if self.view.back_out() or had_message:
            return
        if self.recordings.is_replaying:
            self.recordings.stop_replay()
        elif self.host.guide is None or not self.host.guide.leave():
            way = "goes back to the screen before" if self.host.is_nested else "leaves sfdebug"
            self.host.say(f"nothing to go back from; {key_of('program.quit')} {way}")

    def shut_down(self) -> None:
        """Before the program ends: stop what runs."""
        self.long_verb.shut_down()
