"""The command that shows a recorded execution as a ticket needs it. The dialog loads when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.tui.commands.host import TicketHost


class TicketCommands:
    """The command."""

    def __init__(self, host: TicketHost) -> None:
        self.host = host

    def show(self) -> None:
        """What a ticket needs to know of the recorded execution."""
        run = self.host.debugger.recorded
        if run is None:
            self.host.say("this is a simulation, not a recorded execution: there is nothing to report", Tone.REFUSAL)
            return
        from sfdebug.debugger.ticket import ticket_of
        from sfdebug.tui.recordings.ticket_dialog import TicketDialog

        ticket = ticket_of(run)
        if self.host.how_often is not None:
            ticket = replace(ticket, statistics=self.host.how_often(ticket.outcome))
        self.host.ask(TicketDialog(ticket))
