"""The command about the timelines of a session: switch to another, or compare it with the one on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.forks import ForkInfo
    from sfdebug.tui.commands.host import Dispatcher, EarlierRun, EditingHost


class TimelineCommands:
    """Lists the timelines, and the runs from before the definition was edited."""

    def __init__(self, host: EditingHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands

    def choose(self) -> None:
        """List the timelines, and switch to another, or compare it with the one on the screen."""
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        view = self.host.view
        items = [
            ListItem(fork.id, fork.name, self._fork_text(fork), is_current=fork.id == view.fork_id)
            for fork in view.forks
        ]
        earlier = self.host.earlier
        items += [
            ListItem(-1 - number, f"before the edit of {run.until}", "under the definition as it was then")
            for number, run in enumerate(earlier)
        ]
        note = "" if len(items) > 1 else "Forcing, injecting or editing in the past makes another one."

        def chosen(fork: int | None) -> None:
            if fork is None:
                return
            run = earlier[-1 - fork] if fork < 0 else None
            if run is not None and dialog.is_other:
                self._compare_earlier(run)
            elif run is not None:
                self.commands.switch_to(run)
            elif dialog.is_other:
                self._compare(fork)
            elif fork != view.fork_id:
                self.commands.settle(self.debugger.switch_fork(fork))

        dialog = ListDialog("Timelines", items, note, verb="switch", other="compare" if len(items) > 1 else "")
        self.host.ask(dialog, chosen)

    def _fork_text(self, fork: ForkInfo) -> str:
        """What a timeline is, and how much on it was really called: that stays done on whichever one stands."""
        calls = self.debugger.calls
        made = calls.made_on(self.debugger.timeline.fork_of(fork.id)) if calls.can_be_made else 0
        return _fork_text(fork) + (f", {counted(made, 'call')} made" if made else "")

    def _compare_earlier(self, run: EarlierRun) -> None:
        """Compare the run as it was before the definition was edited with the timeline on the screen."""
        from sfdebug.debugger.timeline_comparison import compare_forks
        from sfdebug.tui.timelines.compare import ComparedVisit, TimelinesScreen

        before = run.debugger.timeline
        found = compare_forks(self.debugger.timeline, before.current.id, self.host.view.fork_id, before)
        named = replace(found.left, name=f"before the edit of {run.until}")

        def chosen(visit: ComparedVisit | None) -> None:
            if visit is not None and visit.is_left:
                self.commands.switch_to(run)
            elif visit is not None:
                self.commands.settle(self.debugger.goto_visit(visit.number))

        self.host.ask(TimelinesScreen(replace(found, left=named)), chosen)

    def _compare(self, fork: int) -> None:
        """Compare a timeline with the one on the screen; that one itself with the one that it parted from."""
        from sfdebug.debugger.timeline_comparison import compare_forks
        from sfdebug.tui.timelines.compare import ComparedVisit, TimelinesScreen

        view = self.host.view
        other = view.fork_id
        if fork == other:
            parent = view.forks[fork].parent
            fork = parent if parent is not None else next(one.id for one in view.forks if one.id != fork)

        def chosen(visit: ComparedVisit | None) -> None:
            if visit is not None:
                self.debugger.switch_fork(visit.fork)
                self.commands.settle(self.debugger.goto_visit(visit.number))

        self.host.ask(TimelinesScreen(compare_forks(self.debugger.timeline, fork, other)), chosen)


def _fork_text(fork: ForkInfo) -> str:
    start = f"from event {fork.at_event}: {fork.reason} · " if fork.parent is not None else ""
    return f"{start}{counted(fork.events, 'event')}, {fork.status}"
