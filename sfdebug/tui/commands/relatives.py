"""What is around a recorded execution: others to compare it with, what it started, what started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.tui.commands.host import Relatives, RelativesHost

_SIMULATION = "this is a simulation, not a recorded execution"
_NOTHING_AROUND = "nothing is known of what is around this execution: it came from a pipe"


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

    def _show(self, reading: Screen[Screen[Any]]) -> None:
        """Read, and show what was read."""

        def read(screen: Screen[Any] | None) -> None:
            if screen is not None:
                self.host.ask(screen)

        self.host.ask(reading, read)

    def compare(self) -> None:
        """What is different from the last execution of the same state machine that succeeded."""
        found = self._around()
        if found is not None:
            run, relatives = found
            self._show(relatives.compared(run))
