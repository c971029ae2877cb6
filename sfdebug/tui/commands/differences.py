"""The command that lists where a definition computes otherwise than was recorded, and goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.tui.commands.host import Dispatcher, Host


class DifferenceCommands:
    """Lists what the replay of a recording found, and what a fork does otherwise."""

    def __init__(self, host: Host, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands

    def show(self) -> None:
        """What the definition computes otherwise than was recorded; on a fork, what it does otherwise."""
        run = self.debugger.recorded
        assert run is not None, "the table of keys asks for a recording"
        if not self.debugger.timeline.is_on_recording:
            self._fork_differences(run)
            return
        if run.replay is None:
            self.host.say(run.why_not_replayed, Tone.REFUSAL)
            return
        from sfdebug.debugger.recorded.summary import definition_text
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs = self.host.glyphs
        items = [
            ListItem(
                one, f"{one.event_id} {one.state} {one.field}", one.explanation or one.event_type,
                glyphs.failed if one.is_end else glyphs.differs, "failed" if one.is_end else "caught",
            )
            for one in run.replay.differences if run.differences and not one.is_carried
        ]  # fmt: skip

        def chosen(difference: Difference | None) -> None:
            if difference is not None:
                self._go_to(difference)

        dialog: ListDialog[Difference] = ListDialog(
            f"Recorded and computed{' differ' if items else ''}",
            items,
            verb="go there",
            nothing=definition_text(run),
        )
        dialog.add_class("-wide")
        self.host.ask(dialog, chosen)

    def _go_to(self, difference: Difference) -> None:
        """To where it can be seen, with all that is said about it. What a state gave on is seen before it is left."""
        self.commands.jump(difference.event_id)
        if difference.event_type.endswith("StateExited") and difference.field != "type":
            self.commands.settle(self.debugger.step_back())
            at = self.debugger.view().state
            if at is None or at.name != difference.state:  # another branch was the last to move
                self.commands.jump(difference.event_id)
        self.host.say(_difference_text(difference))

    def _fork_differences(self, run: RecordedSession) -> None:
        from sfdebug.debugger.recorded.recording_forks import fork_contrasts
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs = self.host.glyphs
        found = fork_contrasts(self.debugger.timeline, run)
        items = [
            ListItem(one.position, one.label, one.text, glyphs.differs, "failed" if one.is_path else "caught")
            for one in found
        ]

        def chosen(position: int | None) -> None:
            if position is not None and position > 0:
                self.commands.jump(self.host.view.events[position - 1].id)

        dialog: ListDialog[int] = ListDialog(
            f"{self.host.view.fork_name}: what goes otherwise than recorded",
            items,
            "",
            verb="go there",
            nothing="as far as it has run, it goes as recorded",
        )
        dialog.add_class("-wide")
        self.host.ask(dialog, chosen)


def _difference_text(difference: Difference) -> str:
    """`event 17, output of Charge card: recorded output has …`; of another event than the recorded one, both."""
    if difference.field != "type":
        where = f"event {difference.event_id}, {difference.field}"
        where += f" of {difference.state}" if difference.state else ""
        return f"{where}: {difference.explanation or 'recorded and computed differ'}"
    recorded = difference.recorded if isinstance(difference.recorded, str) else "the end"
    computed = difference.computed if isinstance(difference.computed, str) else "nothing that follows"
    text = f"event {difference.event_id}: recorded is {recorded}, computed is {computed}"
    return f"{text}: {difference.explanation}" if difference.explanation else text
