"""The command that writes the run as a page that anybody can open. What makes the page loads when it is asked for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.errors import SfdebugError
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.page.document import PageMaking
    from sfdebug.tui.commands.host import Dispatcher, PageHost

_SLICE: Final = 0.03
"""For so many seconds a page is made before keys have their turn."""

_BREATH: Final = 0.005
_MOST_NAMES: Final = 1_000


class PageCommands:
    """The command, and the page that is being made."""

    def __init__(self, host: PageHost, commands: Dispatcher) -> None:
        self.host = host
        self.commands = commands
        self._making: PageMaking | None = None
        self._steps: Iterator[None] = iter(())

    @property
    def is_writing(self) -> bool:
        """Whether a page is being made."""
        return self._making is not None

    def write(self) -> None:
        """Ask whether the data are to be in it, then write it into the folder in which the program was started."""
        from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

        if self.is_writing:
            self.host.say("a page is being written already", Tone.REFUSAL)
            return
        if self.host.debugger.replaying is not None:
            self.host.say("the recording is still being replayed: its page can be written after that", Tone.REFUSAL)
            return
        items = [
            ListItem(False, "with its data", "for those who may see them"),
            ListItem(True, "without its data", "stand-ins of their shape take their place"),
        ]

        def chosen(redact: bool | None) -> None:
            if redact is not None:
                self._begin(redact=redact)

        self.host.ask(ListDialog("Write this run as a page that anybody can open", items, verb="write it"), chosen)

    def _begin(self, *, redact: bool) -> None:
        from sfdebug.page.document import NamedRun, PageMaking

        run = self.host.debugger.recorded
        title = (run.recording.facts.name if run is not None else "") or self.host.session_title
        title = title or Path(self.host.debugger.machine.name).name
        self._making = PageMaking([NamedRun(self.host.debugger, title)], redact=redact)
        self._steps = self._making.steps()
        self._go_on(title)

    def _go_on(self, title: str) -> None:
        """Make some of it. On the screen's own thread, so that nobody else is in the debugger meanwhile."""
        making = self._making
        if making is None:
            return
        if self.commands.is_running:
            self.host.set_timer(_BREATH, lambda: self._go_on(title))
            return
        if not making.is_in_view:
            self._making = None
            self.host.say("the page was not written: another timeline is in view now", Tone.REFUSAL)
            return
        until = time.monotonic() + _SLICE
        for _ in self._steps:
            if time.monotonic() > until:
                self.host.show_progress(f"writing a page: {making.how_far}")
                self.host.set_timer(_BREATH, lambda: self._go_on(title))
                return
        self._making = None
        self.host.refresh_view()
        self._write(making.text, title)

    def _write(self, text: str, title: str) -> None:
        """Keep it as a file of its own: nothing is written over, and nobody but the user may read it."""
        from sfdebug.aws.saving import SavedFile, file_name, save

        try:
            name = title.removesuffix(".json").removesuffix(".yaml").removesuffix(".asl")
            path = _free(f"run-{file_name(name)[:80]}")
            save((SavedFile(path.name, text),), path.parent)
        except (OSError, SfdebugError) as error:
            self.host.say(f"the page cannot be written: {error}", Tone.REFUSAL)
            return
        self.host.say(f"written to {path.name}, for any browser, in {path.parent}")


def _free(name: str) -> Path:
    """A path of that name that is not there yet. Raises OSError where there is no folder any more."""
    folder = Path.cwd()
    for number in range(1, _MOST_NAMES):
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}.html"
        if not path.exists():
            return path
    raise FileExistsError(f"there are {_MOST_NAMES:,} pages of this name in {folder}")
