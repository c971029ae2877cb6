"""What commands need: of the screen that they are on, and of each other. The debug screen is one that has it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from sfdebug.tui.sessions.cases import SwitchingScreen
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import App
    from textual.screen import Screen
    from textual.timer import Timer
    from textual.widget import Widget

    from sfdebug.asl.definition import StatePath
    from sfdebug.configuration import Explaining
    from sfdebug.debugger import Debugger, Stop, View
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.ticket import FailureStatistics
    from sfdebug.debugger.verbs import Verb
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.history.started import Started
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.tui.commands.client_verbs import ClientVerb
    from sfdebug.tui.graph.body import GraphBody
    from sfdebug.tui.graph.view import GraphView
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.panes.data import DataPane
    from sfdebug.tui.panes.sentence import SentenceBar
    from sfdebug.tui.panes.stages import StageSelection, StagesPanel
    from sfdebug.tui.panes.timeline import TimelineList
    from sfdebug.tui.recordings.live import Follower
    from sfdebug.tui.sessions.cases import SessionCases
    from sfdebug.tui.sessions.session import ScreenSession
    from sfdebug.tui.widgets.search import SearchBar
    from sfdebug.values import Value

T = TypeVar("T")


class EarlierRun(Struct, frozen=True):
    """A run as it was before the definition was edited: from when on it is the past, and its debugger."""

    until: str
    debugger: Debugger


class Host(Protocol):
    """A screen on a debugger, for commands that ask in a dialog and call a verb. `view` is what it shows."""

    debugger: Debugger
    view: View
    graph: GraphView
    is_nested: bool
    """Whether there is a screen to go back to."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs that it is drawn with."""

    def say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        """Show a message."""

    def refresh_view(self) -> None:
        """Show where the debugger stands now."""

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> None:
        """Show a dialog; `answered` gets what it ends with."""


class Relatives(Protocol):
    """What is around a recorded execution. Each method reads, and shows what it read over the screen that is there."""

    def compare(self, app: App[Any], run: RecordedSession) -> None:
        """What is different from the last execution of the same state machine that succeeded."""

    def show_family(self, app: App[Any]) -> None:
        """What started it and what it started, on one page."""

    def show_above(self, app: App[Any], run: RecordedSession) -> None:
        """What started it, at the state that did."""

    def show_below(self, app: App[Any], started: Started) -> None:
        """What a visit of it started."""


FindRelatives: TypeAlias = "Callable[[], Relatives]"
CameBack: TypeAlias = "Callable[[Verb | None], None]"
"""Told the verb that led back from the end of what was shown, None where one has left before."""


class RelativesHost(Host, Protocol):
    """A screen that knows what is around its execution; None where nothing is."""

    relatives: FindRelatives | None

    @property
    def app(self) -> App[Any]:
        """The program."""


class RecordingHost(RelativesHost, Protocol):
    """A screen that can follow a recorded execution, and open another session over itself."""

    follower: Follower | None
    session: ScreenSession | None

    def follow(self) -> None:
        """Begin to follow it, or go on."""

    def open_session(self, debugger: Debugger, title: str, greeting: str) -> None:
        """Show another session, from which one comes back here."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back later."""

    def show_progress(self, text: str) -> None:
        """Say that something long is under way."""

    def refresh_in_place(self) -> None:
        """Show what has become known, and leave what the user looks at."""


class NestingHost(Host, Protocol):
    """A screen that can show the execution that a Task starts, and be such a one itself."""

    session_title: str
    is_inside: bool
    """Whether a Task of the screen below has started what is shown."""

    def open_nested(self, debugger: Debugger, title: str, greeting: str, came_back: CameBack) -> None:
        """Show an execution that a Task has started."""

    def leave_nested(self, verb: Verb) -> None:
        """Go back to the screen below, by a verb."""


class ClientRun(Protocol):
    """A client's execution, which a screen shows and others are waiting for."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""

    @property
    def is_at_head(self) -> bool:
        """Whether the cursor stands where it stands."""

    def why_not(self, verb: ClientVerb) -> str:
        """Why something cannot be done with it now; "" where it can."""

    def warning(self, verb: ClientVerb) -> str:
        """What is to be known before."""

    def do(self, verb: ClientVerb) -> str:
        """Do it; what there is to say of it."""

    def leave(self, verb: ClientVerb) -> None:
        """It is not done, after what was to be known before."""


class ClientHost(Host, Protocol):
    """A screen on a client's execution, perhaps; None for what is nobody's but the user's."""

    client: ClientRun | None


class TicketHost(Host, Protocol):
    """A screen on an execution out of a list, perhaps: that knows how often it failed alike."""

    how_often: Callable[[ExecutionOutcome], FailureStatistics | None] | None


class PageHost(Host, Protocol):
    """A screen on a run that can be written as a page, which takes a while."""

    session_title: str

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back later."""

    def show_progress(self, text: str) -> None:
        """Say that something long is under way."""


class Guide(Protocol):
    """Leads through a run on the debug screen: the tour, a lesson, a quiz. `bar` is where it speaks."""

    @property
    def bar(self) -> Widget:
        """What stands on the screen of it."""

    @property
    def has_foot(self) -> bool:
        """Whether its bar has the foot of the screen, in place of the sentence, and is a pane of its own."""

    @property
    def is_asking(self) -> bool:
        """Whether its bar has the focus, and with it the keys."""

    @property
    def offers(self) -> Sequence[tuple[str, str]]:
        """The ids of the commands that the footer names while it has the keys, each with its word, "" for the usual."""

    def offered(self, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Which commands the footer names while a pane has the keys; `ids` are those that are useful there."""

    def begin(self, host: GuideHost) -> None:
        """The first picture is there."""

    def follow(self, view: View) -> None:
        """This is shown now: a verb was done, perhaps."""

    def looked(self, *, has_data: bool) -> None:
        """The user has gone to a stage; `has_data` says that there were data to look at."""

    def chose(self, path: StatePath) -> bool:
        """The user has chosen a state in the graph; whether that was meant for the guide."""

    def takes(self, id: str) -> bool:
        """Whether this command is dealt with, so that nobody else does anything."""

    def do(self, action: str) -> bool:
        """Do what a command of a lesson does; whether there is a lesson."""

    def focus(self) -> bool:
        """Give its bar the focus; whether it takes one."""

    def leave(self) -> bool:
        """There is nothing else to go back from: whether that leaves the screen."""


class PaneHost(Host, Protocol):
    """A screen with the four panes, for commands about what is seen. `selection` are the stages that it shows."""

    guide: Guide | None
    selection: StageSelection
    graph_body: GraphBody
    stages: StagesPanel
    data: DataPane
    timeline: TimelineList
    sentence: SentenceBar
    search: SearchBar

    @property
    def app(self) -> App[object]:
        """The program."""

    @property
    def open_pane(self) -> str:
        """The name of the pane that has the focus."""

    @property
    def shows_one_pane(self) -> bool:
        """Whether only one fits."""

    @property
    def is_maximised(self) -> bool:
        """Whether the open pane is shown alone."""

    def open(self, name: str) -> None:
        """Go to a pane."""

    def panes_in_view(self) -> list[tuple[str, int, int]]:
        """The names of the panes, in their order, with the cells of the screen where their titles begin."""

    def pane_beside(self, step: int) -> str:
        """The pane after the open one, or before it."""

    def maximise(self) -> None:
        """Show the open pane alone, or all again."""

    def select_stages(self, selection: StageSelection) -> None:
        """Show these stages."""

    def show_explained(self, mode: Explaining) -> None:
        """Say so much of the stage at hand at the foot."""

    def show_filters(self) -> None:
        """Say which filter is in force in which pane."""

    def repaint(self) -> None:
        """Write the whole screen to the terminal again."""

    def close(self) -> None:
        """Leave the program, or go back to the screen below."""


class GuideHost(PaneHost, Protocol):
    """A screen that somebody leads through."""

    def light(self, name: str) -> None:
        """Have one pane stand out, and the others be faint; "" for none."""

    def bring(self, name: str) -> None:
        """Show a pane where only one fits, and leave the focus where it is."""

    def hide_ahead(self, hides: bool) -> None:
        """Show nothing of what comes after where the run stands, as long as that is asked for."""

    def clear_notice(self) -> bool:
        """Take the message away; whether there was one."""

    def preview(self, value: Value, what: str, before: Value = MISSING) -> None:
        """Show a value in the data, or how it differs from one `before`, until something else is to be shown there."""

    def let_guide_go(self) -> None:
        """Nobody leads any more: what is said of the stage at hand has the foot again."""

    def action_command(self, id: str) -> None:
        """Run a command of the table of keys."""

    def show_other(self, debugger: Debugger) -> None:
        """Show another run in place of this one, which is not kept as a session."""

    def refresh_footer(self) -> None:
        """Offer what is useful now."""


class SwitchingHost(Host, SwitchingScreen, Protocol):
    """What a screen of commands has that can show another run in place of the one that it shows."""


class SessionHost(SwitchingHost, Protocol):
    """A screen whose session can be kept."""

    cases: SessionCases
    keep_outside: Callable[[], None] | None
    """Keeps the session of the Task that started what is shown here: what is called inside is kept with it."""

    @property
    def app(self) -> App[object]:
        """The program."""

    def clear_notice(self) -> bool:
        """Take the message away; whether there was one."""

    def close(self) -> None:
        """Leave the program, or go back to the screen below."""


class EditingHost(SwitchingHost, Protocol):
    """A screen that can go on under an edited definition. `earlier` are the runs before that, the last first; `in_use`
    says where the definition is from, None where that is no file."""

    earlier: list[EarlierRun]
    in_use: DefinitionInUse | None

    @property
    def app(self) -> App[object]:
        """The program."""

    @property
    def is_current(self) -> bool:
        """Whether nothing stands over the screen."""

    @property
    def is_busy(self) -> bool:
        """Whether a long verb is under way."""

    def reload(self) -> None:
        """Go on under the definition as its files are now."""

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call back again and again."""


class CommandHost(RecordingHost, PaneHost, SessionHost, EditingHost, TicketHost, NestingHost, ClientHost, Protocol):
    """A screen that all commands can be run on."""

    def clear_notice(self) -> bool:
        """Take the message away; whether there was one."""

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer:
        """Call back again and again."""


class Dispatcher(Protocol):
    """What one command can have done by the others."""

    @property
    def is_running(self) -> bool:
        """Whether a long verb is under way."""

    def run(self, id: str) -> None:
        """Run a command."""

    def why_not(self, id: str) -> Stop | None:
        """Why a command is not possible now; None when it is."""

    def settle(self, stop: Stop) -> None:
        """Show where the debugger stands after a verb."""

    def go_on(self) -> None:
        """Finish the verb that a question interrupted."""

    def open_with(self, run: RecordedSession, opened: OpenedDefinition) -> None:
        """Run a recording again under another definition."""

    def switch_to(self, run: EarlierRun) -> None:
        """Show a run from before the definition was edited."""

    def jump(self, event_id: int) -> None:
        """Go to where an event happened."""

    def show_child(self, arn: str) -> None:
        """Go to where a child execution that is over ended."""

    def focus_branch(self, branch: BranchId) -> None:
        """Step another branch from here."""

    def shut_down(self) -> None:
        """Stop what runs."""
