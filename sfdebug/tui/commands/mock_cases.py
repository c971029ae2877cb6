"""The command that chooses which test case of a mock file answers the Tasks: each has a session of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.errors import SfdebugError
from sfdebug.tasks.outside import surroundings_in
from sfdebug.text import clean
from sfdebug.tui.keys import key_of
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.tui.commands.host import Dispatcher, SessionHost


class MockCaseCommands:
    """Lists the test cases, and begins one, or goes back to where it stood."""

    def __init__(self, host: SessionHost, commands: Dispatcher) -> None:
        self.host = host
        self.commands = commands

    def choose(self) -> None:
        """List the test cases of the mock file, and switch to one."""
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        cases = self.host.session.cases if self.host.session is not None else None
        if cases is None:
            why = "no test cases: there is no MockConfigFile.json beside the definition, and --mocks names none"
            self.host.say(why, Tone.REFUSAL)
            return
        try:
            names = cases.find()
        except SfdebugError as error:
            self.host.say(str(error), Tone.TROUBLE)
            return
        current = self.host.cases.current
        items = [ListItem(name, name, self._where(name), is_current=name == current) for name in names]
        alone = "you answer each Task yourself"
        items.append(ListItem("", "no test case", self._where("") or alone, is_current=not current))
        note = f"Test cases of {Path(cases.file).name}. Each is a session of its own, from the start: those begun stay."
        self.host.ask(ListDialog("Test case", items, note, verb="switch"), self._chosen)

    def _where(self, case: str) -> str:
        """Where the session of a case stands, if it was begun."""
        if case == self.host.cases.current:
            return "here"
        begun = self.host.cases.begun.get(case)
        if begun is None:
            return ""
        state = begun.debugger.view().state
        return f"begun, at {clean(state.name)}" if state is not None else "begun"

    def _chosen(self, case: str | None) -> None:
        if case is None or case == self.host.cases.current:
            return
        cases = self.host.session.cases if self.host.session is not None else None
        assert cases is not None
        is_begun = case in self.host.cases.begun
        before = self.host.cases.current
        ends_services = any(each.has_local_data for each in surroundings_in(self.host.debugger.tasks))
        try:
            self.host.cases.switch(case, self.host)
        except Exception as error:  # a mock file that is not what it was
            self.host.say(trouble_text(error), Tone.TROUBLE)
            return
        now = f"test case {case}" if case else "no test case: you answer each Task"
        how = "where you left it" if is_begun else "a new session, from the start"
        old = before or "no test case"
        stays = "which stays as it was"
        if ends_services:
            stays += ", but for what its local services held: they begin anew"
        self.host.say(f"{now}, {how}; {key_of('program.case')} goes back to {old}, {stays}")
