"""What is around a recorded execution: others to compare it with, what it started, what started it.

What reads recordings is imported when a command needs it: a definition is opened without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.values import named
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.started import Started
    from sfdebug.tui.commands.host import Relatives, RelativesHost
    from sfdebug.tui.painting.glyphs import Glyphs

_SIMULATION: Final = "this is a simulation, not a recorded execution"
_NOTHING_AROUND: Final = "nothing is known of what is around this execution: it came from a pipe"


class RelativeCommands:
    """One method for each command."""

    def __init__(self, host: RelativesHost) -> None:
        self.host = host

    def _around(self) -> tuple[RecordedSession, Relatives] | None:
        run = self.host.debugger.recorded
        if run is None:
            self.host.say(_SIMULATION, Tone.REFUSAL)
            return None
        if self.host.relatives is None:
            self.host.say(_NOTHING_AROUND, Tone.REFUSAL)
            return None
        return run, self.host.relatives()

    def compare(self) -> None:
        """What is different from the last execution of the same state machine that succeeded."""
        found = self._around()
        if found is not None:
            found[1].compare(self.host.app, found[0])

    def family(self) -> None:
        """What started it and what it started, down to what failed first, on one page."""
        found = self._around()
        if found is not None:
            found[1].show_family(self.host.app)

    def above(self) -> None:
        """What started it, at the state that did."""
        found = self._around()
        if found is not None:
            found[1].show_above(self.host.app, found[0])

    def below(self) -> None:
        """Into what the state at hand started; where that started nothing, one of all that were started."""
        found = self._around()
        if found is None:
            return
        from sfdebug.history.started import started_in

        run, relatives = found
        path = self.host.graph.selected or self.host.view.state_path
        state = str(path[-1]) if path else ""
        started = started_in(run.alignment)
        here = [one for one in started if one.state == state]
        if not started:
            self.host.say(self._why_none(run), Tone.REFUSAL)
        elif len(here) == 1:
            relatives.show_below(self.host.app, here[0])
        else:
            self._choose(here or started, relatives, f"What {named(state)} started" if here else "What it started")

    def _why_none(self, run: RecordedSession) -> str:
        from sfdebug.debugger.recorded.summary import branch_text
        from sfdebug.history.started import unnamed_in

        unnamed = unnamed_in(run.alignment)
        if not unnamed:
            return "this execution started no other, and no Map Run"
        one = unnamed[0]
        return f"{named(one.state)}{branch_text(one.branch)} started an execution that is not named: {one.why}"

    def _choose(self, started: Sequence[Started], relatives: Relatives, title: str) -> None:
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        glyphs = self.host.glyphs
        ordered = sorted(started, key=lambda one: not one.failed)
        items = [ListItem(one, _label(one), one.arn, *_sign(one, glyphs)) for one in ordered]

        def chosen(one: Started | None) -> None:
            if one is not None:
                relatives.show_below(self.host.app, one)

        dialog: ListDialog[Started] = ListDialog(title, items, verb="go into it")
        dialog.add_class("-wide")
        self.host.ask(dialog, chosen)


def _label(one: Started) -> str:
    from sfdebug.debugger.recorded.summary import branch_text
    from sfdebug.history.started import StartedKind

    kind = "Map Run" if one.kind is StartedKind.MAP_RUN else "execution"
    return f"{one.state}{branch_text(one.branch)}, event {one.event_id}: {kind}"


def _sign(one: Started, glyphs: Glyphs) -> tuple[str, str]:
    if one.failed:
        return glyphs.failed, "failed"
    if one.failed is None or not one.is_waited_for:
        return glyphs.current, "current"
    return glyphs.done, "done"
