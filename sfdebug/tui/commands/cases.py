"""From a session to a test: what happened as a test case of a mock file, or as a history. Dialogs load when opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.errors import SfdebugError, UsageError
from sfdebug.files import is_file, is_there, path_typed, samples_folder
from sfdebug.text import counted
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.session_cases import CaseProof, SessionCase
    from sfdebug.tui.commands.host import Dispatcher, Host
    from sfdebug.tui.timelines.case_dialog import WrittenCase

_LONGEST_INPUT = 200


class CaseCommands:
    """The command, and what it writes."""

    def __init__(self, host: Host, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands

    def write(self) -> None:
        """Ask as what to write what happened on the timeline."""
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        items = [
            ListItem("case", "a test case", "what its Tasks were answered, added to a mock file"),
            ListItem("history", "a history", "its events, as AWS gives them, in a file of their own"),
        ]

        def chosen(what: str | None) -> None:
            if what == "case":
                self.write_case()
            elif what == "history":
                self.write_history()

        self.host.ask(ListDialog("Write what happened as what?", items, verb="write it"), chosen)

    # A test case

    def write_case(self) -> None:
        """Write it as a test case of a mock file; a run with it is compared with the timeline before."""
        from sfdebug.session_cases import prove, session_case, with_case
        from sfdebug.tui.timelines.case_dialog import CaseDialog

        try:
            found = session_case(self.debugger)
        except UsageError as error:
            self.host.say(str(error), Tone.REFUSAL)
            return
        proof = prove(self.debugger, with_case(None, "", "M", "C", found), "M", "C", found)
        calls = sum(map(len, found.answers.values()))
        told = [f"{counted(calls, 'call')} answered; {_told(proof)}", *(f"not in it: {note}" for note in found.notes)]

        def write(wanted: WrittenCase) -> None:
            self._write_case(wanted, found, proof)

        file = _beside(self.debugger.machine.name, "mocks")
        self.host.ask(CaseDialog("A test case of what happened", told, file, "", write), self._said(found, proof))

    def _write_case(self, wanted: WrittenCase, found: SessionCase, proof: CaseProof) -> None:
        """Add it to the file. Raises SfdebugError for a file or a name that cannot be used."""
        from sfdebug.session_cases import machine_in, prove, read_mock_file, with_case, write_whole

        path = path_typed(wanted.file)
        text = read_mock_file(path)
        machine = machine_in(text, str(path), Path(self.debugger.machine.name).name.split(".")[0] or "StateMachine")
        new = with_case(text, str(path), machine, wanted.case, found)
        again = prove(self.debugger, new, machine, wanted.case, found)
        if again.difference != proof.difference:
            raise UsageError(f"in this file {again.difference}", fix="Choose another file.")
        write_whole(path, new)

    def _said(self, found: SessionCase, proof: CaseProof) -> Callable[[WrittenCase | None], None]:
        def said(wanted: WrittenCase | None) -> None:
            if wanted is None:
                return
            given = compact(found.input)
            more = f"; its input is {given}" if len(given) <= _LONGEST_INPUT else ""
            self.host.say(f"{wanted.case} is written to {wanted.file}: {_told(proof)}{more}")

        return said

    # A history

    def write_history(self) -> None:
        """Write the events of the timeline as a history file, which is read and run again before that is said."""
        from sfdebug.tui.timelines.case_dialog import CaseDialog

        execution = self.debugger.timeline.tip.execution
        if execution.children or len(execution.ended_children):
            told = ["The child executions have histories of their own, which are not in it."]
        else:
            told = [f"{counted(len(execution.events), 'event')}, in the shape of GetExecutionHistory."]
        file = _beside(self.debugger.machine.name, "history")
        proved: list[str] = []

        def write(wanted: WrittenCase) -> None:
            proved[:] = [self._write_history(path_typed(wanted.file))]

        def said(wanted: WrittenCase | None) -> None:
            if wanted is not None:
                self.host.say(f"the history is written to {wanted.file}: {proved[0]}")

        self.host.ask(CaseDialog("A history of what happened", told, file, None, write), said)

    def _write_history(self, path: Path) -> str:
        """Write it, and say what running the definition against it comes to. Raises SfdebugError."""
        import io

        from sfdebug.replayer import verify
        from sfdebug.reports.result import write_history
        from sfdebug.session_cases import write_whole

        if is_there(path):
            raise UsageError(f"there is a file {path} already", fix="Choose another name.")
        stream = io.StringIO()
        write_history(self.debugger.timeline.tip.execution, stream)
        write_whole(path, stream.getvalue())
        try:
            verdict = verify(self.debugger.machine, path)
        except SfdebugError as error:
            return f"it cannot be verified: {error.what}"
        return f"run again under the definition, it is {verdict.status}"


def _told(proof: CaseProof) -> str:
    if proof.difference:
        return f"a run with it goes otherwise: {proof.difference}"
    return f"a run with it does the same, event for event ({proof.events:,})"


def _beside(definition: str, kind: str) -> str:
    """A file for it beside the definition: for mocks the one that is there, if it is the only one. Of a bundled sample,
    which is nobody's own, one in the current folder."""
    path = Path(definition)
    is_own = is_file(path) and samples_folder().resolve() not in path.resolve().parents
    folder = path.parent if is_own else Path()
    if kind == "mocks":
        there = sorted(folder.glob("*[mM]ock*.json"))
        if len(there) == 1:
            return str(there[0])
    stem = path.name.split(".")[0] if is_file(path) else "workflow"
    return str(folder / f"{stem}.{kind}.json")
