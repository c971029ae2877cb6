"""The commands about the session itself: keeping it, going on with an earlier one, saving it, leaving."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.configuration import ConfirmQuit
from sfdebug.errors import SfdebugError
from sfdebug.tui.keys import key_of
from sfdebug.tui.sessions.session import session_continued
from sfdebug.tui.settings import settings_of
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.tui.commands.host import Dispatcher, SessionHost
    from sfdebug.tui.sessions.dialogs import SaveRequest


class SessionCommands:
    """Keeps the session of a screen, and says once when it cannot."""

    def __init__(self, host: SessionHost, commands: Dispatcher) -> None:
        self.host = host
        self.commands = commands
        self._told = ""
        self._name = ""
        self._has_begun = False

    def begin(self) -> None:
        """Keep what is done from now on: not before the first picture is there."""
        self._has_begun = True

    def keep(self) -> None:
        """Write what is new, unless a verb is at work on it."""
        if self.host.keep_outside is not None:
            self.host.keep_outside()
        session = self.host.session
        if session is None or not self._has_begun or self.commands.is_running or self._is_half_replayed:
            return
        keeper = session.keeper
        try:
            is_kept = keeper.keep(self.host.looks) or not keeper.is_on
        except Exception as error:  # a fault in keeping is no reason to stop debugging
            self._has_begun = False
            self.host.say(trouble_text(error), Tone.TROUBLE)
            return
        trouble = "" if is_kept else keeper.trouble
        if trouble != self._told:
            self._told = trouble
            if trouble:
                way = f"{key_of('program.save')} saves it elsewhere"
                self.host.say(f"this session is not being saved: {trouble}; {way}", Tone.TROUBLE)
            else:
                self.host.say("this session is being saved again")

    @property
    def _is_half_replayed(self) -> bool:
        """Whether a recording is not replayed to its end: where one stands in it is not to be found again."""
        run = self.host.debugger.recorded
        return run is not None and (run.replaying is not None or (run.replay is not None and run.replay.is_stopped))

    def pause(self) -> None:
        """Leave the session open as it is: another one is shown in its place."""
        self._has_begun = False

    def close(self) -> None:
        """Write what is new for the last time."""
        self.keep()
        if self.host.session is not None and self._has_begun:
            self.host.session.keeper.close()
        self._has_begun = False

    # An earlier session

    def offer(self, begin_afresh: Callable[[], None]) -> bool:
        """Ask whether to go on with an earlier session; whether there is one. `begin_afresh` comes after a no."""
        session = self.host.session
        offer = session.find_offer() if session is not None and session.find_offer is not None else None
        if offer is None:
            return False
        from sfdebug.tui.sessions.dialogs import ContinueDialog

        def answered(goes_on: bool | None) -> None:
            if not goes_on:
                begin_afresh()
                return
            try:
                continued = offer.resume()
            except SfdebugError as error:
                self.host.say(f"it cannot be continued: {error}", Tone.TROUBLE)
            else:
                self._go_on(continued)

        dialog = ContinueDialog(offer.text, offer.note)
        dialog.drop_typed_ahead()
        self.host.ask(dialog, answered)
        return True

    def _go_on(self, continued: Continued) -> None:
        """Show the earlier session in place of this one."""
        before = self.host.session
        assert before is not None, "it had the offer"
        session = session_continued(continued, before.cases, find_to_watch=before.find_to_watch)
        if before.cases is not None:
            self.host.cases.current = continued.keeper.beginning.sources.case
        self.host.show_other(continued.debugger, session, looks=continued.seen)
        if session.greeting:
            self.host.say(session.greeting)
        else:
            self.host.clear_notice()  # what was said of a beginning

    # Under a name

    def save(self) -> None:
        """Save the session under a name."""
        session = self.host.session
        if session is None:
            self.host.say("this was not opened from a file: there is nothing that a session could name", Tone.REFUSAL)
            return
        from sfdebug.tui.sessions.dialogs import SUFFIX, SaveSessionDialog

        keeper = session.keeper
        stem = Path(keeper.beginning.name).name.split(".")[0] or "session"

        def named(request: SaveRequest | None) -> None:
            if request is None:
                return
            try:
                keeper.save_as(request.path, self.host.looks, is_redacted=request.is_redacted)
            except (OSError, SfdebugError) as error:
                why = getattr(error, "strerror", None) or error
                self.host.say(f"not saved: {why}", Tone.TROUBLE)
                return
            self._name = str(request.path)
            what = "saved without its data" if request.is_redacted else "saved"
            self.host.say(f"{what}; to open it: sfdebug --session {request.path}")

        self.host.ask(SaveSessionDialog(self._name or f"{stem}{SUFFIX}"), named)

    # Leaving

    def quit(self) -> None:
        """Leave; ask first where something made by hand would be lost."""
        lost, why = self._lost()
        confirm = settings_of(self.host.app).configuration.confirm_quit
        if confirm is ConfirmQuit.NEVER or (confirm is ConfirmQuit.LOSS and not lost):
            self.leave()
            return
        from sfdebug.tui.dialogs.messages import ConfirmDialog

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.leave()

        text = f"{why}: what was made here ends with it, {lost}." if lost else "Nothing made by hand is lost."
        if lost and self.host.session is not None:
            text += f" {key_of('program.save')} saves it under a name."
        title = "Go back to the screen before?" if self.host.is_nested else "Leave sfdebug?"
        self.host.ask(ConfirmDialog(title, text, yes="leave", no="stay"), confirmed)

    def _lost(self) -> tuple[str, str]:
        """What would be lost, in words, and why; "" where nothing would be."""
        self.keep()
        session, view = self.host.session, self.host.view
        if session is not None:
            return session.keeper.would_be_lost, f"This session is not saved ({session.keeper.trouble})"
        return (f"{len(view.forks)} timelines" if len(view.forks) > 1 else ""), "This session is not saved"

    def leave(self) -> None:
        """Leave the program, or go back to the screen that this one was opened from."""
        self.commands.shut_down()
        self.host.close()
