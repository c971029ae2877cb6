"""An execution that runs, followed: its news are shown as they come, its ending is told, and it is followed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.text import counted
from sfdebug.tui.keys import key_of
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.tui.commands.host import Dispatcher, RecordingHost

_SOON: Final = 0.05
"""News wait so many seconds for a verb that runs, again and again."""


class FollowingCommands:
    """Shows what a follower brings, and begins to follow again."""

    def __init__(self, host: RecordingHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands

    def again(self) -> None:
        """Follow an execution that was followed before: with the credentials that there are now."""
        follower = self.host.follower
        if follower is None:
            self.host.say("this is not followed: it was over when it was opened, or is a file", Tone.REFUSAL)
        elif not follower.is_over:
            self.host.say("it is being followed: new events come by themselves", Tone.REFUSAL)
        elif not follower.why_ended:
            self.host.say("the execution is over: no more events come", Tone.REFUSAL)
        else:
            self.debugger.set_live(is_live=True)
            self.host.follow()
            self.host.refresh_view()
            self.host.say("following again")

    def show_ending(self, why: str) -> None:
        """The execution is not followed any more, though it may still run: say so, and how to go on."""
        if self.commands.is_running:
            self.host.set_timer(_SOON, lambda: self.show_ending(why))
            return
        self.debugger.set_live(is_live=False)
        self.host.refresh_view()
        self.host.say(f"following ended: {why}\n{key_of('look.follow')} follows again", Tone.TROUBLE)

    def show_news(self, found: RecordedSession) -> None:
        """Show more of an execution: a reader who stood at its end moves on with it, another one stays where they
        are."""
        if self.commands.is_running:
            self.host.set_timer(_SOON, lambda: self.show_news(found))
            return
        debugger = self.debugger
        before = len(debugger.recorded.recording.events) if debugger.recorded is not None else 0
        has_other_machine = found.machine is not debugger.machine
        was_at_end = debugger.take_in(found)
        if has_other_machine:
            self.host.graph.load(found.machine)
        self.host.refresh_view()
        count = len(found.recording.events) - before
        if found.recording.end is not None:
            ways = f"{key_of('look.summary')} sums it up, {key_of('time.failure')} goes to what failed"
            self.host.say(f"{found.recording.status}: {ways}" if count else "")
        elif count and not was_at_end:
            self.host.say(f"{counted(count, 'new event')}: {key_of('time.last')} goes to the newest")
