"""The commands about the definition itself: edit it in the user's editor, and go on under what came of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import load_definition
from sfdebug.errors import DefinitionError, SfdebugError
from sfdebug.files import is_file
from sfdebug.tui.commands.host import EarlierRun
from sfdebug.tui.keys import key_of
from sfdebug.tui.terminal.editor_program import edit_file
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.tui.commands.host import Dispatcher, EditingHost

_LOOKS: Final = 1.0
"""Seconds between two looks at a file that is watched."""


class DefinitionCommands:
    """Edits the definition, and takes over what became of its file."""

    def __init__(self, host: EditingHost, commands: Dispatcher) -> None:
        self.host = host
        self.commands = commands
        self._mistake = 0
        self._stamp: tuple[int, int] | None = None

    @property
    def path(self) -> Path | None:
        """The file of the definition; None where it is from no file."""
        path = Path(self.host.debugger.machine.document.source.name)
        return path if is_file(path) else None

    def edit(self) -> None:
        """Edit the definition at the selected state, and go on under what was saved."""
        path, run = self.path, self.host.debugger.recorded
        if path is None or (run is not None and run.is_reconstructed):
            self.host.say("the definition is from no file that could be edited", Tone.REFUSAL)
            return
        try:
            edit_file(self.host.app, path, self._mistake or self._line())
        except SfdebugError as error:
            self.host.say(str(error), Tone.TROUBLE)
            return
        self._stamp = _stamp(path)
        self.take_over(path)

    def _line(self) -> int:
        """The line at which the selected state is written."""
        machine = self.host.debugger.machine
        selected = self.host.graph.selected or self.host.view.state_path
        if not selected:
            return 1
        return machine.document.key_span(machine.state(selected).pointer).line

    def take_over(self, path: Path) -> None:
        """Make the same decisions under the definition as its file is now, and stand at the first difference."""
        debugger = self.host.debugger
        try:
            machine = load_definition(path)
        except DefinitionError as error:
            first = error.problems[0]
            self._mistake = first.line
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            fix = f"\n{first.fix}" if first.fix else ""
            way = f"{key_of('program.source')} opens it there; the run stays as it was"
            self.host.say(f"{first.location}: {first.what}{more}: {way}{fix}", Tone.TROUBLE)
            return
        except SfdebugError as error:
            self.host.say(str(error), Tone.TROUBLE)
            return
        self._mistake = 0
        if machine.document.source.text == debugger.machine.document.source.text:
            self.host.say("the definition is as it was")
        elif debugger.recorded is not None:
            self.commands.open_with(debugger.recorded, str(path))
        else:
            self._go_on_under(machine)

    def _go_on_under(self, machine: StateMachine) -> None:
        from sfdebug.debugger.sessions.redefining import redefined

        before = self.host.debugger
        try:
            found = redefined(before, machine)
        except SfdebugError as error:
            self.host.say(f"it cannot go on under the edited definition: {error}", Tone.TROUBLE)
            return
        carried, difference = found.carried, found.difference
        notes = list(carried.notes[1:] if not carried.made else carried.notes)
        notes = notes if carried.misfits or carried.lost_forks else []
        if difference is not None:
            notes.insert(0, f"edited: {difference.text}")
        else:
            notes.insert(0, "edited: all that has happened comes out as before")
        notes.append(f"{key_of('time.forks')} has the run before the edit")
        self.host.earlier.insert(0, EarlierRun(datetime.now().astimezone().strftime("%H:%M:%S"), before))
        self.host.go_on_with(found.debugger, "\n".join(notes))

    def switch_to(self, run: EarlierRun) -> None:
        """Show an earlier run again; the one at hand is among the earlier ones then."""
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        earlier = self.host.earlier
        earlier[earlier.index(run)] = EarlierRun(now, self.host.debugger)
        self.host.go_on_with(run.debugger, f"the run before the edit of {run.until}, under the definition of then")

    # A file that changes by itself

    def watch(self) -> None:
        """Look from time to time whether the file of the definition has changed, and offer to take that over."""
        path = self.path
        if path is not None:
            self._stamp = _stamp(path)
            self.host.set_interval(_LOOKS, self._look)

    def _look(self) -> None:
        path = self.path
        stamp = _stamp(path) if path is not None else None
        if (
            path is None
            or stamp is None
            or stamp == self._stamp
            or self.commands.is_running
            or not self.host.is_current
        ):
            return
        self._stamp = stamp
        if _holds(path, self.host.debugger.machine.document.source.text):
            return  # written once more as it was, or put back
        from sfdebug.tui.dialogs.messages import ConfirmDialog

        def answered(yes: bool | None) -> None:
            if yes:
                self.take_over(path)

        text = f"{path.name} has changed. The same decisions are made again under it, up to the first difference."
        dialog = ConfirmDialog("Take it over?", text, yes="take it over", no="stay as it was")
        dialog.drop_typed_ahead()
        self.host.ask(dialog, answered)


def _holds(path: Path, text: str) -> bool:
    """Whether a file holds just that text."""
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _stamp(path: Path) -> tuple[int, int] | None:
    """What is another one when the file has changed; None where it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
