"""The commands about the definition itself: edit it in the user's editor, and go on under what came of its files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.errors import DefinitionError, SfdebugError
from sfdebug.files import is_file
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.projects.in_use import DefinitionInUse
from sfdebug.tui.commands.host import EarlierRun
from sfdebug.tui.keys import key_of
from sfdebug.tui.sessions.session import session_edited
from sfdebug.tui.terminal.editor_program import edit_file
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sfdebug.debugger import Debugger
    from sfdebug.projects.addresses import OpenedDefinition, ProjectValues
    from sfdebug.tui.commands.host import Dispatcher, EditingHost

_LOOKS: Final = 1.0
"""Seconds between two looks at the files of a definition."""

_MOST_NAMED: Final = 3


class DefinitionCommands:
    """Edits the definition, and takes over what became of its files."""

    def __init__(self, host: EditingHost, commands: Dispatcher) -> None:
        self.host = host
        self.commands = commands
        self._mistake: tuple[str, int] | None = None
        self._gone: set[str] = set()
        """The files that were removed since the definition was opened, and are not there."""

    @property
    def in_use(self) -> DefinitionInUse | None:
        """Where the definition is from; None where it is from no file."""
        if self.host.in_use is None:
            name = self.host.debugger.machine.document.source.name
            if is_file(Path(name)):
                self.host.in_use = DefinitionInUse(DefinitionAddress(name))
        return self.host.in_use

    def edit(self) -> None:
        """Edit the definition at the selected state, in the file that people edit, and go on under what was saved."""
        in_use, run = self.in_use, self.host.debugger.recorded
        if in_use is None or (run is not None and run.is_reconstructed):
            self.host.say("the definition is from no file that could be edited", Tone.REFUSAL)
            return
        if in_use.is_generated:
            program = in_use.address.path
            self.host.say(
                f"nobody edits this text: a program wrote {program}. Change that program, and have it write again; "
                f"{key_of('program.reload')} goes on here then",
                Tone.REFUSAL,
            )
            return
        selected = self.host.graph.selected or self.host.view.state_path
        file, line = self._mistake or in_use.place_of(self.host.debugger.machine, selected or ())
        try:
            edit_file(self.host.app, Path(file), line)
        except SfdebugError as error:
            self.host.say(str(error), Tone.TROUBLE)
            return
        in_use.look()
        self.reload()

    def reload(self) -> None:
        """Make the same decisions under the definition as its files are now, and stand at the first difference."""
        in_use = self.in_use
        if in_use is None:
            self.host.say("the definition is from no file that could be read again", Tone.REFUSAL)
            return
        opened = self._read(in_use)
        if opened is not None:
            self._take(in_use, opened, "edited", "the edit")

    def take_values(self, values: ProjectValues, what: str) -> None:
        """Read the project again with other values, which `what` says in short, and go on under what comes of it."""
        in_use = self.in_use
        opened = self._read(in_use, values) if in_use is not None else None
        if in_use is not None and opened is not None:
            self._take(in_use, opened, what, what)

    def _read(self, in_use: DefinitionInUse, values: ProjectValues | None = None) -> OpenedDefinition | None:
        try:
            opened = in_use.read(values)
        except DefinitionError as error:
            first = error.problems[0]
            self._mistake = (first.file, first.line) if first.line else None
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            fix = f"\n{first.fix}" if first.fix else ""
            way = f"{key_of('program.source')} opens it there; " if first.line else ""
            self.host.say(f"{first.location}: {first.what}{more}: {way}the run stays as it was{fix}", Tone.TROUBLE)
            return None
        except SfdebugError as error:
            self.host.say(f"{error}\nthe run stays as it was", Tone.TROUBLE)
            return None
        self._mistake = None
        return opened

    def _take(self, in_use: DefinitionInUse, opened: OpenedDefinition, what: str, until: str) -> None:
        debugger = self.host.debugger
        machine = opened.definition
        if machine.document.source.text == debugger.machine.document.source.text:
            in_use.take(opened)
            self.host.say("the definition is as it was")
        elif debugger.recorded is not None:
            self.commands.open_with(debugger.recorded, opened)
        else:
            self._go_on_under(in_use, opened, what, until)

    def _go_on_under(self, in_use: DefinitionInUse, opened: OpenedDefinition, what: str, until: str) -> None:
        from sfdebug.debugger.sessions.redefining import redefined

        before = self.host.debugger
        try:
            found = redefined(before, opened.definition)
        except SfdebugError as error:
            self.host.say(f"it cannot go on under the edited definition: {error}", Tone.TROUBLE)
            return
        in_use.take(opened)
        carried, difference = found.carried, found.difference
        notes = list(carried.notes[1:] if not carried.made else carried.notes)
        notes = notes if carried.misfits or carried.lost_forks else []
        if difference is not None:
            notes.insert(0, f"{what}: {difference.text}")
        else:
            notes.insert(0, f"{what}: all that has happened comes out as before")
        notes += found.left_out
        notes.append(f"{key_of('time.forks')} has the run before {until}")
        self.host.earlier.insert(0, EarlierRun(datetime.now().astimezone().strftime("%H:%M:%S"), before))
        self._show(found.debugger, "\n".join(notes))

    def switch_to(self, run: EarlierRun) -> None:
        """Show an earlier run again; the one at hand is among the earlier ones then."""
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        earlier = self.host.earlier
        earlier[earlier.index(run)] = EarlierRun(now, self.host.debugger)
        self._show(run.debugger, f"the run before the edit of {run.until}, under the definition of then")

    def _show(self, debugger: Debugger, greeting: str) -> None:
        """Show a run under another definition, looked at as this one, and kept as its own session."""
        host, session = self.host, self.host.session
        if session is not None:
            session = session_edited(session, debugger, host.in_use, host.looks)
        host.show_other(debugger, session)
        host.say(greeting)

    # Files that change by themselves

    def watch(self, *, asks: bool) -> None:
        """Look from time to time whether a file of the definition has changed, and offer to take that over: `asks` in a
        dialog, else with a message."""
        in_use = self.in_use
        if in_use is not None:
            in_use.look()
            self.host.set_interval(_LOOKS, lambda: self.look(asks=asks))

    def look(self, *, asks: bool) -> None:
        """Look once; what has changed while something runs is seen later."""
        in_use = self.host.in_use
        if in_use is None or self.host.is_busy or not self.host.is_current:
            return
        changed, missing = in_use.look(), in_use.missing
        back = [file for file in changed if file in self._gone]
        self._gone = (self._gone | set(changed)) & missing
        if any(file in missing for file in changed):
            self._say_gone(changed, missing)
            return
        if not changed:
            return
        if self._is_as_it_runs(in_use):  # written once more as it was, or put back
            if back:
                self.host.say(f"{_with_verb(back, 'is', 'are')} back: what is open is what the files say")
            return
        have = f"{_with_verb(changed, 'has', 'have')} changed"
        if back:
            others = [file for file in changed if file not in back]
            have = f"{_with_verb(back, 'is', 'are')} back, and not as read before"
            have += f", and {_with_verb(others, 'has', 'have')} changed" if others else ""
        if not asks:
            self.host.say(f"{have}: {key_of('program.reload')} goes on here under it")
            return
        from sfdebug.tui.dialogs.messages import ConfirmDialog

        def answered(yes: bool | None) -> None:
            if yes:
                self.host.reload()

        text = f"{have}. The same decisions are made again under it, up to the first difference."
        dialog = ConfirmDialog("Take it over?", text, yes="take it over", no="stay as it was")
        dialog.drop_typed_ahead()
        self.host.ask(dialog, answered)

    def _say_gone(self, changed: Sequence[str], missing: Collection[str]) -> None:
        """Some of the files that have changed are not there any more; what is open needs none of them."""
        gone = [file for file in changed if file in missing]
        others = [file for file in changed if file not in missing]
        said = f"{_with_verb(gone, 'is', 'are')} gone: what is open stays as it was read"
        if others:
            said += f"; {_with_verb(others, 'has', 'have')} changed: {key_of('program.reload')} reads again"
        self.host.say(said, Tone.TROUBLE)

    def _is_as_it_runs(self, in_use: DefinitionInUse) -> bool:
        """Whether the files give the definition that runs; what else has changed in a project is taken over then."""
        try:
            opened = in_use.read()
        except SfdebugError:
            return False
        is_same = opened.definition.document.source.text == self.host.debugger.machine.document.source.text
        if is_same:
            in_use.take(opened)
        return is_same


def _with_verb(files: Sequence[str], one: str, more: str) -> str:
    """The names of some files, the first of many, with the verb that goes with so many."""
    names = ", ".join(Path(file).name for file in files[:_MOST_NAMED])
    names += f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return f"{names} {one if len(files) == 1 else more}"
