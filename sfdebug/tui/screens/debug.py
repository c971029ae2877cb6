"""The debug screen: the panes, how they are arranged, and what they show. What keys do is in `commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.containers import Container
from textual.screen import Screen

from sfdebug.text import counted
from sfdebug.tui.commands.dispatch import Commands
from sfdebug.tui.commands.suggested import MOST, useful
from sfdebug.tui.commands.table import BY_ID, KeyScope, bindings_for
from sfdebug.tui.graph.body import GraphBody
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.panes.arrangement import Arrangement, Pane, TooSmall, arrangement_for
from sfdebug.tui.panes.data import DataPane
from sfdebug.tui.panes.stages import StageSelection, StagesPanel, look_here
from sfdebug.tui.panes.status import SentenceBar, StatusLine
from sfdebug.tui.panes.strips import PANES, BranchStrip, FooterBar, FooterItem, PaneStrip
from sfdebug.tui.panes.timeline import TimelineList, TimelineSlider, timeline_title
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.line import Line
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.tui.widgets.notice import Notice, Tone
from sfdebug.tui.widgets.search import SearchBar

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from sfdebug.debugger import Debugger
    from sfdebug.debugger.view.model import View
    from sfdebug.tui.recordings.live import Follower
    from sfdebug.tui.widgets.search import FilterNote

_NAMES: Final = tuple(name for name, _ in PANES)


class DebugScreen(ClosesOnce, Screen[None]):
    """One screen for the whole session. It owns what is looked at; the run itself is the Debugger's."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(KeyScope.EVERYWHERE, "command('{id}')"))
    AUTO_FOCUS = "GraphView"

    def __init__(
        self,
        debugger: Debugger,
        title: str,
        *,
        is_nested: bool = False,
        greeting: str = "",
        follower: Follower | None = None,
    ) -> None:
        """`is_nested`: there is a screen to go back to. `greeting` is said at first, in place of a recording's summary.
        `follower` brings in what happens next to a recorded execution that still runs."""
        super().__init__()
        self.debugger = debugger
        self.is_nested = is_nested
        self._greeting = greeting
        self._follower = follower
        self.view: View = debugger.view()
        self.looking_at: StageSelection = look_here(self.view)
        self.open_pane = _NAMES[0]
        self.is_maximised = False
        self.shows_one_pane = False
        self.commands = Commands(self)
        self.status = StatusLine(title, id="status")
        self.branches = BranchStrip(id="branches")
        self.strip = PaneStrip(id="strip")
        self.graph = GraphView(id="graph")
        self.graph_body = GraphBody(self.graph)
        self.stages = StagesPanel(id="stages")
        self.data = DataPane(id="data")
        self.slider = TimelineSlider(id="slider")
        self.timeline = TimelineList(id="timeline")
        self.sentence = SentenceBar(id="sentence")
        self.search = SearchBar(id="search")
        self.notice = Notice(id="notice")
        self.footer = FooterBar(id="footer")
        self.too_small = TooSmall()

    def compose(self) -> ComposeResult:
        """Status, strips, the four panes, the sentence, the footer."""
        yield self.status
        yield self.branches
        yield self.strip
        with Container(id="panes"):
            with Pane(id="graph-pane"):
                yield self.graph_body
            with Pane(id="stages-pane"):
                yield self.stages
            with Pane(id="data-pane"):
                yield self.data
            with Pane(id="timeline-pane"):
                yield self.slider
                yield self.timeline
        yield self.sentence
        yield self.search
        yield self.footer
        yield self.notice
        yield self.too_small

    def on_mount(self) -> None:
        """Show the start."""
        for number, (name, title) in enumerate(PANES, start=1):
            self.pane(name).set_title(f"{number} {title}")
        self.rearrange()
        self.refresh_view()
        # The first paint does not wait for the drawing, whose library alone takes as long to load as all the rest.
        self.call_after_refresh(self.graph.load, self.debugger.machine)
        count = len(self.debugger.machine.warnings)
        if count and self.debugger.recorded is None:
            self.say(f"{counted(count, 'warning')} about the definition: W lists {'it' if count == 1 else 'them'}")

        self.call_after_refresh(self._greet)

    def _greet(self) -> None:
        """Say at once how a recorded execution went; follow one that still runs."""
        if self._greeting:
            self.say(self._greeting)
        elif self.debugger.recorded is not None and self._follower is None:
            self.commands.recordings.summary(is_opened_by_itself=True)
        if self._follower is not None:
            self._follower.start(self)

    def on_unmount(self) -> None:
        """Nothing is followed for a screen that is gone."""
        if self._follower is not None:
            self._follower.stop()

    # What is shown

    def refresh_view(self) -> None:
        """Take a new picture of the debugger and show it in every pane."""
        self.view = view = self.debugger.view()
        self.status.show(view, watches_faults=self.debugger.breakpoints.on_fault)
        self.branches.show(view)
        self.graph.show(view)
        self.pane("timeline").set_title(f"{len(PANES)} {timeline_title(view)}")
        self.slider.show(view)
        self.timeline.show(view, self.commands.recordings.differing)
        self.sentence.say(view.sentence)
        self.look(look_here(view))
        self.refresh_footer()

    def refresh_footer(self) -> None:
        """Offer what is useful now."""
        offers = [FooterItem(BY_ID[id], self.commands.why_not(id)) for id in self._useful()]
        self.footer.show(offers)

    def _useful(self) -> list[str]:
        follows_not = self._follower is not None and bool(self._follower.why_ended)
        return ["look.follow", *useful(self.view)][:MOST] if follows_not else list(useful(self.view))

    def follow_again(self) -> None:
        """Follow an execution that was followed before: with the credentials that there are now."""
        follower = self._follower
        if follower is None:
            self.say("this is not followed: it was over when it was opened, or is a file", Tone.REFUSAL)
        elif not follower.is_over:
            self.say("it is being followed: new events come by themselves", Tone.REFUSAL)
        elif not follower.why_ended:
            self.say("the execution is over: no more events come", Tone.REFUSAL)
        else:
            self.debugger.set_live(is_live=True)
            follower.start(self)
            self.refresh_view()
            self.say("following again")

    def show_filters(self) -> None:
        """Say in each pane's title which filter is in force."""
        for name, note in self._filter_notes().items():
            self.pane(name).set_filter_note(note)
        self._show_strip()

    def _filter_notes(self) -> dict[str, FilterNote | None]:
        searched = (("graph", self.graph), ("stages", self.stages), ("timeline", self.timeline))
        return {name: widget.filter_note for name, widget in searched}

    def _show_strip(self) -> None:
        hint = "z shows all panes" if self.is_maximised else ""
        self.strip.show(self.open_pane, hint, self._filter_notes())

    def look(self, look: StageSelection) -> None:
        """Show these stages, and the data of the one at hand."""
        self.looking_at = look
        self.stages.show(look)
        self.pane("stages").set_title(f"2 {look.title}", "" if look.is_here else "w: back to the run")
        self.show_filters()
        self.show_data(self.stages.cursor)

    def show_data(self, row: int) -> None:
        """Show the data of one of the stages on the screen."""
        self.pane("data").set_title(f"3 {self.data.show(self.looking_at, row)}")

    def say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        """Show a message to the user."""
        self.notice.say(text, tone)

    # How it is arranged

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes for the new size; what is open and focused stays so."""
        self.rearrange()

    def rearrange(self) -> None:
        """Put the panes in the arrangement that the size asks for."""
        width, height = self.app.size
        arrangement = arrangement_for(width, height, is_maximised=self.is_maximised)
        if not self.has_class(f"-{arrangement}"):
            self.update_classes({f"-{other}": other is arrangement for other in Arrangement}, animate=False)
        self.shows_one_pane = arrangement is Arrangement.ONE
        for name in _NAMES:
            self.pane(name).display = not self.shows_one_pane or name == self.open_pane
        self._show_strip()
        self.too_small.show(width, height)
        self.commands.graph_looks.arrange()

    def pane(self, name: str) -> Pane:
        """The frame around one of the four main widgets."""
        return self.query_one(f"#{name}-pane", Pane)

    def open(self, name: str) -> None:
        """Go to a pane: show it where only one fits, and give it the focus."""
        self.open_pane = name
        self.rearrange()
        self.main_widget(name).focus()

    def main_widget(self, name: str) -> Widget:
        """What has the focus when a pane has it."""
        widgets: dict[str, Widget] = {
            "graph": self.graph,
            "stages": self.stages,
            "data": self.data.json,
            "timeline": self.timeline,
        }
        return widgets[name]

    def pane_beside(self, step: int) -> str:
        """The pane after the open one, or before it."""
        return _NAMES[(_NAMES.index(self.open_pane) + step) % len(_NAMES)]

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which pane has the focus."""
        for pane in event.widget.ancestors_with_self:
            if isinstance(pane, Pane) and pane.id is not None:
                name = pane.id.removesuffix("-pane")
                if name != self.open_pane:
                    self.open_pane = name
                    self.rearrange()

    # What the user does

    def action_command(self, id: str) -> None:
        """Run a command of the table of keys."""
        self.commands.run(id)

    @on(LineList.Moved, "#stages")
    @on(LineList.Chosen, "#stages")
    @guarded
    def _stage_chosen(self, event: LineList.Moved | LineList.Chosen) -> None:
        self.show_data(event.row)
        if isinstance(event, LineList.Chosen) and self.shows_one_pane:
            self.open("data")

    @on(LineList.Chosen, "#timeline")
    @guarded
    def _event_chosen(self, event: LineList.Chosen) -> None:
        self.commands.jump(self.timeline.event_at(event.row).id)

    @on(TimelineSlider.Jumped)
    @guarded
    def _slider_jumped(self, event: TimelineSlider.Jumped) -> None:
        self.commands.jump(event.event_id)

    @on(GraphView.StateShown)
    @guarded
    def _state_shown(self, event: GraphView.StateShown) -> None:
        self.commands.graph_looks.look_at(event.path)
        if self.shows_one_pane:
            self.open("stages")

    @on(GraphView.Drawn)
    @guarded
    def _graph_drawn(self, event: GraphView.Drawn) -> None:
        self.commands.graph_looks.arrange()

    @on(GraphView.BranchAsked)
    @guarded
    def _branch_asked(self, event: GraphView.BranchAsked) -> None:
        self.commands.run("impose.branch")

    @on(GraphView.BreakpointToggled)
    @guarded
    def _breakpoint_toggled(self, event: GraphView.BreakpointToggled) -> None:
        self.commands.toggle_breakpoint(event.path)

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
        self.commands.search_typed(event.query)

    @on(SearchBar.Kept)
    @guarded
    def _search_kept(self, event: SearchBar.Kept) -> None:
        self.commands.search_kept()

    @on(SearchBar.Dropped)
    @guarded
    def _search_dropped(self, event: SearchBar.Dropped) -> None:
        self.commands.search_dropped()
