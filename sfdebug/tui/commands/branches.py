"""The command that goes to another branch or iteration: one that runs, or in a recording any that ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.spans import RecordedBranch
    from sfdebug.debugger.view.model import BranchLine
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.tui.commands.host import Dispatcher, Host

_SIGNS: Final = {"failed": "failed", "aborted": "skipped", "running": "waiting", "caught": "caught"}
"""The signs of visits that did not succeed."""


class BranchCommands:
    """Lists the branches or iterations, and goes to one."""

    def __init__(self, host: Host, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands

    def choose(self) -> None:
        """Pick a branch or iteration: in a recording any that ran, failed ones first."""
        container = self._container()
        run = self.debugger.recorded
        if run is None or container is None or not self.debugger.timeline.is_on_recording:
            self._choose_live()
            return
        from sfdebug.debugger.recorded.spans import branches_of
        from sfdebug.times import duration_text
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs, focus = self.host.glyphs, self.host.view.branch
        what = "iteration" if container.type == "Map" else "branch"
        found = branches_of(run, container)
        items = [
            ListItem(
                one,
                f"{what} #{one.id[-1][1]}",
                _branch_text(one.status, one.state, one.error, duration_text(one.milliseconds)),
                getattr(glyphs, _SIGNS.get(one.status, "done")),
                one.status if one.status in ("failed", "caught") else "done",
                one.id == focus[: len(one.id)],
            )
            for one in found
        ]

        def chosen(branch: RecordedBranch | None) -> None:
            if branch is not None:
                self.commands.settle(self.debugger.goto_recorded(branch.index, branch.id))

        failed = sum(one.status == "failed" for one in found)
        note = f"{len(found):,} ran, {failed:,} failed" if failed else f"{len(found):,} ran"
        title = f"Go to which {what} of {container.state}?"
        self.host.ask(ListDialog(title, items, note, verb="go there"), chosen)

    def _container(self) -> RecordedVisit | None:
        """The recorded visit to the Parallel or Map at the cursor, or to the nearest around it."""
        from sfdebug.debugger.recorded.main_line import recorded_line

        view, timeline = self.host.view, self.debugger.timeline
        record = recorded_line(timeline)
        if record is None:
            return None
        run = record.run
        visit = record.visit_of(view.visit, timeline.fork) if view.visit is not None else None
        if visit is None:
            place = min(view.event_index, len(run.recording.events)) - 1
            visit = run.alignment.visit_at(place) if place >= 0 else None
        while visit is not None and visit.type not in ("Map", "Parallel"):
            visit = run.alignment.visits[visit.container] if visit.container is not None else None
        return visit

    def _choose_live(self) -> None:
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        view, glyphs = self.host.view, self.host.glyphs
        if len(view.branches) < 2:
            self.host.say("no Parallel or Map is running here", Tone.REFUSAL)
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

        self.host.ask(ListDialog("Step which branch?", items, verb="step it"), chosen)


def _branch_text(status: str, state: str, error: str, took: str) -> str:
    """`failed in Work: Bad, 4.2 s`."""
    return f"{status} in {state}{f': {error}' if error else ''}, {took}"
