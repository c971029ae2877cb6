"""The commands of breakpoints and watches, and running to what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, Trigger
from sfdebug.debugger.verbs import StopReason, Verb
from sfdebug.debugger.wording.values import named
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.keys import key_of
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import Cursor, Stop
    from sfdebug.tui.commands.host import Dispatcher, PaneHost

Begin: TypeAlias = "Callable[[Verb, Callable[[Callable[[], bool]], Stop]], None]"
"""Begins a verb that may take long: the call is given what asks whether to stop."""


class BreakpointCommands:
    """One method for each command."""

    def __init__(self, host: PaneHost, commands: Dispatcher, begin: Begin) -> None:
        self.host = host
        self.debugger = host.debugger
        self._commands = commands
        self._begin = begin
        self._condition = ""
        self._said = 0

    # the list

    def here(self) -> None:
        """Set or clear the breakpoint of the state that is selected, or at the cursor."""
        path = self._state()
        if path:
            self.toggle(path)
        else:
            self.host.say("select a state in the graph first", Tone.REFUSAL)

    def toggle(self, path: StatePath) -> None:
        """Set or clear the breakpoint of a state."""
        is_set, name = self.debugger.breakpoints.toggle(path), named(str(path[-1]))
        self.host.refresh_view()
        self.host.graph.select(path)
        mark = self.host.view.marks.get(path)
        if mark is not None and mark.breakpoint and not is_set:
            self.host.say(f"what waits for {name} is switched off: {key_of('look.breakpoints')} lists it")
        else:
            self.host.say(f"breakpoint on {name}" if is_set else f"no breakpoint on {name} any more")

    def on_faults(self) -> None:
        """Pause at every fault, or do not."""
        is_on = self.debugger.breakpoints.toggle_faults()
        self.host.refresh_view()
        self.host.say("pauses at every fault" if is_on else "does not pause at faults any more")

    def panel(self) -> None:
        """List the breakpoints."""
        from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text
        from sfdebug.tui.breakpoints.panel import BreakpointsDialog

        path = self._state()
        suggested = breakpoint_text(Breakpoint(Trigger.STATE, str(path[-1]))) if path else ""

        def chosen(cursor: Cursor | None) -> None:
            if cursor is not None:
                self._commands.settle(self.debugger.goto_node(cursor.node.id))

        self.host.ask(BreakpointsDialog(self.debugger, self.host.refresh_view, suggested), chosen)

    # running to something

    def run_to(self) -> None:
        """On to the selected state, or in the timeline to the selected event."""
        self._to(Verb.RUN_TO_STATE, Verb.RUN_TO_EVENT)

    def run_back_to(self) -> None:
        """Back to the selected state, or in the timeline to the selected event."""
        self._to(Verb.RUN_BACK_TO_STATE, Verb.RUN_BACK_TO_EVENT)

    def _to(self, to_state: Verb, to_event: Verb) -> None:
        if self.host.open_pane == "timeline" and self.host.view.events:
            event_id = self.host.timeline.event_at(self.host.timeline.cursor).id
            self._run(to_event, event_id)
            return
        path = self._state()
        if path:
            self._run(to_state, path)
        else:
            self.host.say("select a state in the graph, or an event in the timeline", Tone.REFUSAL)

    def _run(self, verb: Verb, target: StatePath | int | str) -> None:
        why = self.debugger.why_unavailable(verb)
        method = getattr(self.debugger, verb)
        is_back = verb in (Verb.RUN_BACK_TO_STATE, Verb.RUN_BACK_TO_EVENT)
        if why is not None:
            self._commands.settle(why)
        elif is_back:
            self._commands.settle(method(target))
        else:
            self._begin(verb, lambda interrupt: method(target, interrupt))

    def until(self) -> None:
        """On until a condition that is asked for is true."""
        from sfdebug.debugger.expressions.language import compile_condition
        from sfdebug.tui.breakpoints.asking import CONDITION_EXAMPLES, AskTextDialog

        why = self.debugger.why_unavailable(Verb.RUN_UNTIL)
        if why is not None:
            self._commands.settle(why)
            return

        def check(text: str) -> object:
            return compile_condition(text.strip())

        def answered(text: str | None) -> None:
            if text is not None:
                self._condition = text
                self._run(Verb.RUN_UNTIL, text)

        explanation = "Runs on to the first place at which this is true. Breakpoints stop on the way."
        dialog = AskTextDialog(
            "Run until", self._condition, check, explanation=explanation, examples=CONDITION_EXAMPLES
        )
        self.host.ask(dialog, answered)

    def _state(self) -> StatePath:
        return self.host.graph.selected or self.host.view.state_path

    # watches

    def watch(self) -> None:
        """Watch the value with the cursor of the data; elsewhere, and where it is watched, list the watches."""
        from sfdebug.debugger.expressions.language import DebugSyntaxError

        data, path = self.host.data, self.host.data.json.path
        if self.host.open_pane != "data" or data.mode is Mode.EXPRESSION or not path:
            self.watches()
            return
        try:
            is_new = self.debugger.watches.add(path)
        except DebugSyntaxError as error:
            self.host.say(f"{path} cannot be watched: {error.what}", Tone.REFUSAL)
            return
        if not is_new:
            self.watches()
            return
        self.host.refresh_view()
        self.host.say(f"{path} is watched: {key_of('look.watch')} again lists the watches")

    def watches(self) -> None:
        """List the watches."""
        from sfdebug.tui.breakpoints.watching import WatchesDialog

        self.host.ask(WatchesDialog(self.debugger, self.host.refresh_view))

    # what there is to say after a verb

    def news(self, stop: Stop, verb: Verb | None) -> str:
        """What a stop says that the status line may have no room for, and what was said on the way."""
        told = verb in _TOLD and stop.reason is not StopReason.QUESTION
        is_more = stop.reason is StopReason.BREAKPOINT and not stop.text.startswith("breakpoint:")
        texts = [stop.text] if told or is_more else []
        return " · ".join([*texts, *self._messages()])

    def _messages(self) -> list[str]:
        if not any(point.message is not None for point in self.debugger.breakpoints.all):
            self._said = 0
            return []
        points, timeline = self.debugger.breakpoints, self.debugger.timeline
        count = points.said_so_far(timeline)
        new, self._said = count - self._said, count
        if new <= 0:
            return []
        more = f" (and {new - 1:,} before it: {key_of('look.breakpoints')})" if new > 1 else ""
        return [f"{points.log(timeline, last=1)[0].text}{more}"]


_TOLD = (Verb.RUN_TO_STATE, Verb.RUN_UNTIL, Verb.RUN_BACK_TO_STATE, Verb.RUN_TO_EVENT, Verb.RUN_BACK_TO_EVENT)
