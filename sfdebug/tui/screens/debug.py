"""The debug screen: the panes, how they are arranged, and what they show. What keys do is in `commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from textual import on
from textual.screen import Screen
from textual.scrollbar import ScrollBar

from sfdebug.configuration import Explaining
from sfdebug.tasks.outside import end_all
from sfdebug.text import counted
from sfdebug.tui.commands.dispatch import Commands
from sfdebug.tui.commands.host import EarlierRun
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import BY_ID, MOST, KeyScope, bindings_for, key_of, useful, with_keys
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.panes.arrangement import Arrangement, Pane, TooSmall, arrangement_for
from sfdebug.tui.panes.sentence import SentenceBar
from sfdebug.tui.panes.stages import StageSelection, selection_here
from sfdebug.tui.panes.status import StatusLine
from sfdebug.tui.panes.strips import LED, BranchStrip, FooterBar, FooterItem, PaneStrip
from sfdebug.tui.panes.timeline import TimelineSlider
from sfdebug.tui.screens.led import Led
from sfdebug.tui.screens.pane_grid import PaneGrid
from sfdebug.tui.sessions.cases import SessionCases
from sfdebug.tui.settings import settings_of
from sfdebug.tui.terminal.changes import TerminalOverwritten
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.line import Line
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.tui.widgets.notice import Notice, Tone
from sfdebug.tui.widgets.search import SearchBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.messages import Layout

    from sfdebug.debugger import Debugger, View
    from sfdebug.debugger.ticket import FailureStatistics
    from sfdebug.debugger.verbs import Verb
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.commands.host import CameBack, ClientRun, FindRelatives, Guide
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.recordings.live import Follower
    from sfdebug.tui.sessions.session import ScreenSession

T = TypeVar("T")

_LATEST: Final = 0.1
"""Seconds after which the screen is painted whatever becomes of the graph: in no room, none is drawn."""


class DebugScreen(ClosesOnce, Led, Screen[None]):
    """One screen for the whole session. It owns what is looked at; the run itself is the Debugger's."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(KeyScope.EVERYWHERE, "command('{id}')"))
    AUTO_FOCUS = "GraphView"
    is_inside = False
    keep_outside: Callable[[], None] | None = None
    client: ClientRun | None = None
    _left_by: Verb | None = None

    def __init__(
        self,
        debugger: Debugger,
        title: str,
        *,
        is_nested: bool = False,
        greeting: str = "",
        follower: Follower | None = None,
        session: ScreenSession | None = None,
        guide: Guide | None = None,
        relatives: FindRelatives | None = None,
    ) -> None:
        """`is_nested`: there is a screen to go back to. `greeting` is said at first, in place of a recording's summary.
        `follower` brings in what happens next to a recorded execution that still runs. `session` keeps what is done,
        `guide` leads through it; `relatives` gives what is around a recorded execution."""
        super().__init__()
        self.debugger = debugger
        self.is_nested = is_nested
        self.session_title = title
        self.session = session
        self.in_use = session.in_use if session is not None else None
        self.cases = SessionCases(session)
        self.how_often: Callable[[ExecutionOutcome], FailureStatistics | None] | None = None
        """Tells how often an execution's failure happened, where a list that knows lies below."""
        self._greeting = greeting or (session.greeting if session is not None else "")
        self.follower = follower
        self.relatives = relatives
        self.view: View = debugger.view()
        self.selection: StageSelection = selection_here(self.view)
        self.panes = PaneGrid(id="panes")
        self.panes.show_breakpoints(debugger.breakpoints)
        self.graph, self.graph_body = self.panes.graph, self.panes.graph_body
        self.stages, self.data, self.timeline = self.panes.stages, self.panes.data, self.panes.timeline
        self.status = StatusLine(title, id="status")
        self.branches = BranchStrip(id="branches")
        self.strip = PaneStrip(id="strip")
        self.sentence = SentenceBar(id="sentence")
        self.search = SearchBar(id="search")
        self.notice = Notice(id="notice")
        self.guide = guide
        self.footer = FooterBar(id="footer")
        self.too_small = TooSmall()
        self.earlier: list[EarlierRun] = []
        """The runs before the definition was edited, the last first."""
        self.commands = Commands(self)
        self.graph_body.leads_to = lambda path: self.commands.values.leads_to(path)
        self._awaits_graph = True
        """Whether nothing is painted yet: a graph that is drawn in no time is in the first picture."""

    def compose(self) -> ComposeResult:
        """Status, strips, the four panes, the sentence, the footer."""
        self.add_class(f"-{arrangement_for(*self.app.size)}", update=False)
        yield self.status
        yield self.branches
        yield self.strip
        yield self.panes
        yield self.sentence
        yield self.search
        if self.guide is not None:
            yield self.guide.bar
        yield self.footer
        yield self.notice
        yield self.too_small

    def on_mount(self) -> None:
        """Show the start."""
        wanted = settings_of(self.app).configuration
        self.begin_explaining()
        self.rearrange()
        self.refresh_view()
        self.graph.drawer.begin_with(wanted.zoom)
        if self.session is not None and self.session.seen:
            self._look_again(self.session.seen)
        self.graph.load(self.debugger.machine)
        self.set_timer(_LATEST, self._paint)
        count = len(self.debugger.machine.warnings)
        if count and self.debugger.recorded is None and self.guide is None:
            lists = f"{key_of('look.warnings')} lists {'it' if count == 1 else 'them'}"
            self.say(f"{counted(count, 'warning')} about the definition: {lists}")
        self.call_after_refresh(self._greet)

    def _greet(self) -> None:
        """Say at once how a recorded execution went; follow one that still runs."""
        self.commands.sessions.begin()
        if self.guide is not None:
            self.guide.begin(self)
        if self._greeting:
            self.say(self._greeting)
        elif not self.notice.message:
            self.commands.greet(is_led=self.guide is not None)
        if not self.commands.sessions.offer(self._show_summary):
            self._show_summary()
        self.follow()
        self.commands.recordings.begin_replay()
        asks = settings_of(self.app).watches_file
        if asks or self.in_use is not None:
            self.commands.definition.watch(asks=asks)

    def _show_summary(self) -> None:
        is_continued = self.session is not None and self.session.seen is not None
        is_led = self.guide is not None or bool(self._greeting)
        if self.debugger.recorded is not None and self.follower is None and not is_led and not is_continued:
            self.commands.recordings.summary(is_opened_by_itself=True)

    def follow(self) -> None:
        """Begin to follow an execution that runs, or go on."""
        if self.follower is not None:
            self.follower.start(self.commands.following, self.app.call_from_thread)

    def _compositor_refresh(self) -> None:
        """Paint what has changed, from the first picture on."""
        if not self._awaits_graph:
            super()._compositor_refresh()

    def _paint(self) -> None:
        """Begin to paint, if that has not begun."""
        if self._awaits_graph:
            self._awaits_graph = False
            self.refresh()

    def on_unmount(self) -> None:
        """Nothing is followed or runs for a screen that is gone, however that came about."""
        self.commands.shut_down()
        if self.follower is not None:
            self.follower.stop()
        self._let_go()

    def _let_go(self) -> None:
        """Close the sessions, and end what their Tasks have called."""
        self.commands.sessions.close()
        self._end_calls(self.debugger.tasks)
        for begun in self.cases.begun.values():
            begun.session.keeper.close()
            self._end_calls(begun.debugger.tasks)

    def _end_calls(self, tasks: TaskHandler | None, following: TaskHandler | None = None) -> None:
        """End what handlers have started, but for those of screens below, or of what is shown in this place."""
        below = (screen for screen in self.app.screen_stack if isinstance(screen, DebugScreen) and screen is not self)
        end_all(tasks, [following, *(screen.debugger.tasks for screen in below)])

    # What is shown

    def refresh_view(self) -> None:
        """Take a new picture of the debugger and show it in every pane."""
        self.view = view = self.debugger.view()
        calls = self.debugger.calls
        self.status.show(view, watches_faults=self.debugger.breakpoints.on_fault, is_real=calls.are_real)
        self.branches.show(view)
        self.panes.show(view, self.commands.recordings.differing, self.commands.recordings.seams)
        sentence = with_keys(view.sentence, view.pending.hints) if view.pending else view.sentence
        self.sentence.say(self.commands.nested.with_hint(sentence))
        self.select_stages(selection_here(view))
        self.data.watches.show(self.debugger.watched())
        self.refresh_footer()
        self.commands.view_changed()
        if self.guide is not None:
            self.guide.follow(view)

    def refresh_in_place(self) -> None:
        """Show what has become known since, and leave what the user looks at."""
        standpoint, selection = self.graph.standpoint, self.selection
        event, stage = self.timeline.cursor, self.stages.cursor
        self.refresh_view()
        if not selection.is_here:
            self.select_stages(selection)
        if standpoint.is_by_hand:
            self.graph.go_back_to(standpoint)
        self.timeline.move_to(event)
        if stage != self.stages.cursor:
            self.stages.move_to(stage)
            self._show_row(stage)

    def refresh_footer(self) -> None:
        """Offer what is useful now."""
        if self.guide is not None and self.guide.is_asking:
            items = [FooterItem(BY_ID[id], True, word) for id, word in self.guide.offers]
        else:
            ids = [id for id in self._useful() if BY_ID[id].keys]
            offered = self.guide.offered(ids) if self.guide is not None else [(id, "") for id in ids]
            items = [FooterItem(BY_ID[id], self.commands.why_not(id) is None, word) for id, word in offered]
        self.footer.show([item for item in items if item.is_possible or item.command.id != "time.failure"])

    def _useful(self) -> list[str]:
        follows_not = self.follower is not None and bool(self.follower.why_ended)
        first = ["look.follow"] if follows_not else self.commands.nested.first
        return [*first, *useful(self.view)][:MOST]

    def show_filters(self) -> None:
        """Say in each pane's title which filter is in force."""
        for name, note in self.panes.filter_notes.items():
            self.panes.pane(name).set_filter_note(note)
        self._show_strip()

    def _show_strip(self) -> None:
        hint = f"{key_of('look.maximise')} shows all panes" if self.is_maximised else ""
        self.strip.show(self.open_pane, hint, self.panes.filter_notes, self.panes.shown or ())

    def select_stages(self, selection: StageSelection) -> None:
        """Show these stages, and the data of the one at hand."""
        self.selection = selection
        self.panes.select_stages(selection, f"{key_of('look.here')}: back to the run")
        self.show_filters()
        self._show_row(self.stages.cursor)

    def _show_row(self, row: int) -> None:
        self.panes.show_data(self.selection, row)
        self.commands.view.explain_row(row)

    def show_explained(self, mode: Explaining) -> None:
        """Say so much of the stage at hand at the foot; the panes have the rows that are left."""
        self.sentence.switch(mode)
        self.set_class(mode is Explaining.WHOLE, "-explains")
        self.set_class(self.has_foot, "-led")
        self.panes.leave_rows(self.rows_below(mode, self.app.size), self.app.size)

    def begin_explaining(self) -> None:
        """Say as much of the stage at hand as the settings want; nothing where somebody else has the foot."""
        wanted = settings_of(self.app).configuration.explain
        self.show_explained(Explaining.OFF if self.has_foot else wanted)
        self.refresh_footer()

    def say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        """Show a message to the user."""
        self.notice.say(text, tone)

    def clear_notice(self) -> bool:
        """Take the message away; whether there was one."""
        return self.notice.clear()

    def show_progress(self, text: str) -> None:
        """Say that a long verb is under way."""
        self.status.show_running(text)

    @property
    def glyphs(self) -> Glyphs:
        """The signs that it is drawn with."""
        return glyphs_of(self)

    # Other screens

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> None:
        """Show a dialog; `answered` gets what it ends with."""
        self.app.push_screen(dialog, answered)

    def open_session(self, debugger: Debugger, title: str, greeting: str) -> None:
        """Show another session, from which one comes back here."""
        self.app.push_screen(DebugScreen(debugger, title, is_nested=True, greeting=greeting))

    def open_nested(self, debugger: Debugger, title: str, greeting: str, came_back: CameBack) -> None:
        """Show an execution that a Task of this one has started."""
        screen = DebugScreen(debugger, title, is_nested=True, greeting=greeting)
        screen.is_inside = True
        screen.keep_outside = self.commands.sessions.keep
        self.app.push_screen(screen, lambda _: came_back(screen._left_by))

    def leave_nested(self, verb: Verb) -> None:
        """Go back to the screen below, by a verb."""
        self._left_by = verb
        self.close()

    def show_other(
        self,
        debugger: Debugger,
        session: ScreenSession | None = None,
        *,
        looks: dict[str, Any] | None = None,
        stays_open: bool = False,
    ) -> None:
        """Show another run in place of this one, kept as this session, looked at as before or like that; `stays_open`
        says that the session at hand is only left."""
        if stays_open:
            self.commands.sessions.keep()
            self.commands.sessions.pause()
        self.commands.sessions.close()
        self._end_calls(self.debugger.tasks, debugger.tasks)
        self.commands.recordings.stop_replay()
        has_other_machine = debugger.machine is not self.debugger.machine
        self.panes.show_breakpoints(debugger.breakpoints)
        self.debugger = debugger
        self.session = session
        self.in_use = session.in_use if session is not None and session.in_use is not None else self.in_use
        self.commands = Commands(self)
        self.commands.sessions.begin()
        if has_other_machine:
            self.graph.load(debugger.machine)
        if looks is not None:
            self._look_again(looks)
            self.rearrange()
        self.refresh_view()

    @property
    def is_busy(self) -> bool:
        """Whether a long verb is under way."""
        return self.commands.is_running

    def reload(self) -> None:
        """Go on under the definition as its files are now."""
        self.commands.run("program.reload")

    def repaint(self) -> None:
        """Write the whole screen to the terminal again."""
        self.post_message(TerminalOverwritten())

    def close(self) -> None:
        """Leave the program, or go back to the screen below."""
        if self.is_nested:
            self._let_go()  # before the screen below looks which sessions there are
            self.dismiss()
        else:
            self.app.exit(0)

    # How it is looked at

    @property
    def looks(self) -> dict[str, Any]:
        """How it is looked at: what a session finds again."""
        return self.panes.looks

    def _look_again(self, seen: dict[str, Any]) -> None:
        """Look at it as a session tells."""
        open_pane = self.panes.look_again(seen, self.debugger.machine)
        if open_pane:
            self.call_after_refresh(self.open, open_pane)

    # How it is arranged

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes for the new size; what is open and focused stays so."""
        self.rearrange()

    def on_layout(self, message: Layout) -> None:
        """Lay nothing out for a scroll bar that has another length: where one comes or goes, its pane says so."""
        if isinstance(message.widget, ScrollBar):
            message.stop()
            message.prevent_default()

    def rearrange(self) -> None:
        """Put the panes in the arrangement that the size asks for."""
        arrangement = self.panes.arrange_for(self.app.size)
        if not self.has_class(f"-{arrangement}"):
            self.update_classes({f"-{other}": other is arrangement for other in Arrangement}, animate=False)
        self.set_class(self.has_roomy_foot(self.app.size), "-roomy")
        self.panes.leave_rows(self.rows_below(self.sentence.mode, self.app.size), self.app.size)
        self._show_strip()
        self.too_small.show(*self.app.size)

    @property
    def open_pane(self) -> str:
        """The name of the pane that has the focus."""
        return self.panes.opened

    @property
    def is_maximised(self) -> bool:
        """Whether the open pane is shown alone."""
        return self.panes.is_maximised

    @property
    def shows_one_pane(self) -> bool:
        """Whether only one pane fits."""
        return self.panes.shows_one

    def maximise(self) -> None:
        """Show the open pane alone, or all again."""
        self.panes.is_maximised = not self.panes.is_maximised
        self.rearrange()
        self.graph.keep_in_sight()

    def open(self, name: str) -> None:
        """Go to a pane: show it where only one fits, and give it the focus."""
        if name == LED:
            if self.guide is None or not self.guide.focus():
                self.say(f"there is no lesson here: {key_of('program.learn')} lists the lessons", Tone.REFUSAL)
            return
        self.bring(name)
        self.panes.main_widget(name).focus()

    def panes_in_view(self) -> list[tuple[str, int, int]]:
        """The names of the panes, in their order, with the cells of the screen where their titles begin."""
        return self.panes.in_view()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which pane has the focus."""
        for pane in event.widget.ancestors_with_self:
            if isinstance(pane, Pane) and pane.id is not None:
                name = pane.id.removesuffix("-pane")
                if name != self.open_pane:
                    self.panes.opened = name
                    self.rearrange()
                if self.guide is not None:  # what it offers depends on the pane
                    self.refresh_footer()

    # What the user does

    def action_command(self, id: str) -> None:
        """Run a command of the table of keys."""
        self.commands.run(id)

    @on(LineList.Moved, "#stages")
    @on(LineList.Chosen, "#stages")
    @guarded
    def _stage_chosen(self, event: LineList.Moved | LineList.Chosen) -> None:
        self._show_row(event.row)
        if self.guide is not None:
            self.guide.looked(has_data=not self.selection.lines[event.row].is_pending)
        if isinstance(event, LineList.Chosen) and self.shows_one_pane:
            self.open("data")

    @on(LineList.Chosen, "#timeline")
    @guarded
    def _event_chosen(self, event: LineList.Chosen) -> None:
        chosen = self.timeline.event_at(event.row)
        if event.row == self.timeline.standing_row:  # it is there already: Enter again opens it
            from sfdebug.tui.dialogs.event_detail import EventDialog

            self.ask(EventDialog(chosen))
        else:
            self.commands.jump(chosen.id)

    @on(TimelineSlider.Jumped)
    @guarded
    def _slider_jumped(self, event: TimelineSlider.Jumped) -> None:
        self.commands.jump(event.event_id)

    @on(GraphView.StateShown)
    @guarded
    def _state_shown(self, event: GraphView.StateShown) -> None:
        if self.guide is not None and self.guide.chose(event.path):
            return
        self.commands.graph.show_state(event.path)
        if self.shows_one_pane:
            self.open("stages")

    @on(GraphView.Drawn)
    @guarded
    def _graph_drawn(self, event: GraphView.Drawn) -> None:
        self.panes.fit_graph(self.app.size)
        self._paint()

    @on(GraphView.Awaited)
    @guarded
    def _graph_awaited(self, event: GraphView.Awaited) -> None:
        self._paint()

    @on(GraphView.Refused)
    @guarded
    def _graph_refused(self, event: GraphView.Refused) -> None:
        if event.why:
            self.say(event.why, Tone.REFUSAL)
        else:
            self.clear_notice()

    def say_unbound(self, key: str) -> None:
        """Say of a key that nothing here takes where it is one."""
        from sfdebug.tui.graph.refusals import why_no_key

        self.say(why_no_key(key), Tone.REFUSAL)

    @on(GraphView.BranchAsked)
    @guarded
    def _branch_asked(self, event: GraphView.BranchAsked) -> None:
        self.commands.run("impose.branch")

    @on(GraphView.BreakpointToggled)
    @guarded
    def _breakpoint_toggled(self, event: GraphView.BreakpointToggled) -> None:
        self.commands.breakpoints.toggle(event.path)

    @on(JsonView.ModePicked)
    @guarded
    def _mode_picked(self, event: JsonView.ModePicked) -> None:
        self.data.mode_chosen(event.mode)

    @on(Line.Picked, "#variables")
    @guarded
    def _variables_picked(self, event: Line.Picked) -> None:
        self.commands.run("look.variables")

    @on(Line.Picked, "#strip")
    @guarded
    def _pane_picked(self, event: Line.Picked) -> None:
        self.open(event.target)

    @on(Line.Picked, "#footer")
    @guarded
    def _verb_picked(self, event: Line.Picked) -> None:
        self.commands.run(event.target)

    @on(Line.Picked, "#branches")
    @guarded
    def _branch_picked(self, event: Line.Picked) -> None:
        branch = self.branches.branch_of(event.target)
        if branch is None:
            self.commands.run("impose.branch")
        else:
            self.commands.focus_branch(branch.id)

    @on(SearchBar.Typed)
    @guarded
    def _search_typed(self, event: SearchBar.Typed) -> None:
        self.commands.view.search_typed(event.query)

    @on(SearchBar.Kept)
    @guarded
    def _search_kept(self, event: SearchBar.Kept) -> None:
        self.commands.view.search_kept()

    @on(SearchBar.Dropped)
    @guarded
    def _search_dropped(self, event: SearchBar.Dropped) -> None:
        self.commands.view.search_dropped()
