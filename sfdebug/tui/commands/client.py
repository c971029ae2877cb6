"""The commands that reach the client's execution that a screen shows: all others look at it, and try on forks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.verbs import Verb
from sfdebug.errors import SfdebugError
from sfdebug.tui.commands.client_verbs import ClientVerb
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.tui.commands.host import ClientHost


class ClientChoice(Struct, frozen=True):
    """A line of the menu: its letter, its name, what it does; and what a dialog asks before, with the words for yes."""

    verb: ClientVerb
    letter: str
    name: str
    help: str
    question: str = ""
    yes: str = ""


HOLD_LETTER: Final = "h"
CHOICES: Final = (
    ClientChoice(ClientVerb.HEAD, "w", "to its head", "to where the client's execution stands"),
    ClientChoice(ClientVerb.HOLD, HOLD_LETTER, "hold it", "it stops where it is; to its client it is RUNNING"),
    ClientChoice(ClientVerb.STEP, "s", "step it", "one step on, and it is held again"),
    ClientChoice(ClientVerb.STEP_STATE, "n", "step its state", "to the end of the state, and it is held again"),
    ClientChoice(ClientVerb.RELEASE, "c", "let it go on", "to the next breakpoint, or to its end"),
    ClientChoice(
        ClientVerb.FROM_HERE,
        "g",
        "go on from here",
        "your fork becomes the client's execution",
        "Go on from here, as the client's execution?",
        "go on",
    ),
    ClientChoice(
        ClientVerb.STOP, "x", "stop it", "as StopExecution does: ABORTED", "Stop the client's execution?", "stop it"
    ),
    ClientChoice(ClientVerb.REDRIVE, "r", "redrive it", "as RedriveExecution does, from what failed on"),
)
_DRIVING: Final = {
    Verb.STEP_INTO: ClientVerb.STEP,
    Verb.STEP_OVER: ClientVerb.STEP_STATE,
    Verb.STEP_OUT: ClientVerb.RELEASE,
    Verb.RUN: ClientVerb.RELEASE,
}
"""What verbs that go forward do where the client's execution stands."""


class ClientCommands:
    """Does what is wanted with the client's execution, and says what came of it."""

    def __init__(self, host: ClientHost) -> None:
        self.host = host

    def menu(self) -> None:
        """Choose what to do with it, by a letter."""
        from sfdebug.tui.dialogs.menu import MenuDialog, MenuItem

        client = self.host.client
        if client is None:
            self.host.say("this is no client's execution: sfdebug serve --watch shows those", Tone.REFUSAL)
            return
        items = [
            MenuItem(one.verb, one.letter, one.name, client.why_not(one.verb) or one.help, not client.why_not(one.verb))
            for one in CHOICES
        ]

        def chosen(verb: ClientVerb | None) -> None:
            if verb is not None:
                self.run(verb)

        self.host.ask(MenuDialog("The client's execution", items), chosen)

    def run(self, verb: ClientVerb) -> None:
        """Do it, after a question where it cannot be taken back; say calmly why where it is not possible."""
        from sfdebug.tui.dialogs.messages import ConfirmDialog

        client = self.host.client
        if client is None:
            return
        why = client.why_not(verb)
        if why:
            self.host.say(why, Tone.REFUSAL)
            return
        choice = next(one for one in CHOICES if one.verb is verb)
        if not choice.question:
            self._do(verb)
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                self._do(verb)
            else:
                client.leave(verb)

        try:
            warning = client.warning(verb)
        except SfdebugError as error:
            self.host.say(str(error), Tone.REFUSAL)
        else:
            self.host.ask(ConfirmDialog(choice.question, warning, yes=choice.yes, no="leave it"), confirmed)

    def _do(self, verb: ClientVerb) -> None:
        client = self.host.client
        if client is None:
            return
        try:
            said = client.do(verb)
        except SfdebugError as error:
            self.host.say(str(error), Tone.REFUSAL)
            return
        self.host.refresh_view()
        if said:
            self.host.say(said)

    def drives(self, verb: Verb | None) -> bool:
        """Whether a verb that goes forward is for the client's execution: it is where that stands, and is not over."""
        client = self.host.client
        if client is None or verb not in _DRIVING or not client.is_at_head or client.is_over:
            return False
        self.run(_DRIVING[verb])
        return True
