"""From a list to the question whether a mended definition would have held: which executions, and under which file."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.errors import SfdebugError
from sfdebug.executions.disk import cache_folder, write_whole
from sfdebug.files import is_file
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.text import counted
from sfdebug.tui.browser.places import KeptPlace
from sfdebug.tui.browser.selected import SelectedPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.browser.chosen import Chosen

MOST: Final = 500
"""So many executions of an account are verified at once, the newest: each is one request or more."""

_FOLDER: Final = "mends"
_LONGEST: Final = 4_096


def verify_chosen(chosen: Chosen) -> None:
    """Ask for the definition, and verify the executions that are marked, or all that are shown, under it."""
    subjects, note = subjects_of(chosen)
    if not subjects:
        running = sum(one.is_running for one in chosen.subjects)
        chosen.screen.say(
            "all of them still run: what comes of one is known at its end" if running else "there is none"
        )
        return

    def verify(path: str) -> None:
        _show(chosen, subjects, note, path)

    _ask(chosen, subjects, note, verify)


def subjects_of(chosen: Chosen) -> tuple[Sequence[ExecutionOutcome], str]:
    """The executions that can be verified, the newest first, and which they are, in words."""
    over = [one for one in chosen.subjects if one.is_over or not one.status]
    over.sort(key=lambda one: -(one.newest_time or 0))
    shown = "those shown" if chosen.is_whole else "those shown so far"
    words = ["those marked" if chosen.marked else "those of the group" if chosen.group is not None else shown]
    if chosen.place.is_account and len(over) > MOST:
        words = [f"the newest {MOST:,} of {len(over):,}"]
        over = over[:MOST]
    left = sum(one.is_running for one in chosen.subjects)
    return over, ", ".join([*words, *([f"{left:,} that run left out"] if left else [])])


def _ask(chosen: Chosen, subjects: Sequence[ExecutionOutcome], note: str, verify: Callable[[str], None]) -> None:
    from sfdebug.tui.dialogs.messages import DefinitionDialog

    read = ""
    if chosen.place.is_account:
        read = " What was not read yet is read from AWS, and kept. The definition that one ran: sfdebug fetch ARN"
    explanation = (
        f"{counted(len(subjects), 'execution')} ({note}) run again under a definition, edited perhaps, with what was "
        f"recorded: the same failure, or would it have held?{read}"
    )

    def answered(path: str | None) -> None:
        if path:
            verify(path)

    dialog = DefinitionDialog(_usual(chosen), "Would it have held under which definition?", explanation)
    chosen.screen.app.push_screen(dialog, answered)


def _show(chosen: Chosen, subjects: Sequence[ExecutionOutcome], note: str, path: str) -> None:
    from sfdebug.projects.addresses import load
    from sfdebug.tui.browser.mending import MendReportScreen
    from sfdebug.tui.dialogs.messages import TextDialog

    app, now = chosen.screen.app, chosen.screen.now
    try:
        machine = load(path)
    except SfdebugError as error:
        app.push_screen(TextDialog("It cannot be verified under this", str(error)))
        return
    _remember(chosen, path)

    def opens(place: SelectedPlace, title: str) -> None:
        app.push_screen(chosen.lists(place, title))

    def again(other: str) -> None:
        try:
            found = load(other)
        except SfdebugError as error:
            app.push_screen(TextDialog("It cannot be verified under this", str(error)))
            return
        _remember(chosen, other)
        screen.use(found, lambda: load(other))

    screen = MendReportScreen(
        chosen.place,
        machine,
        subjects,
        now,
        note=note,
        read_again=lambda: load(path),
        ask_definition=lambda: _ask(chosen, subjects, note, again),
        opens=opens,
    )
    app.push_screen(screen)


# Which definition it was the last time


def _usual(chosen: Chosen) -> str:
    """The file that it was the last time for this state machine, else what is open, else the only one that is here."""
    try:
        known = _file_of(chosen)
        path = known.read_text(encoding="utf-8")[:_LONGEST] if known is not None and known.is_file() else ""
    except (OSError, ValueError):
        path = ""
    if path and Path(DefinitionAddress.read(path).path).exists():
        return path
    machine = chosen.place.machine if isinstance(chosen.place, KeptPlace | SelectedPlace) else None
    if machine is not None and is_file(Path(machine.name)):
        return machine.name
    here = sorted(Path().glob("*.asl.*"))
    return str(here[0]) if len(here) == 1 else ""


def _remember(chosen: Chosen, path: str) -> None:
    known = _file_of(chosen)
    if known is not None:
        write_whole(known, str(Path(path).absolute()).encode("utf-8", "surrogateescape"))


def _file_of(chosen: Chosen) -> Path | None:
    """Where it is kept which definition a state machine was verified with the last time."""
    folder = cache_folder(_FOLDER)
    machine = chosen.of or next(
        (one.state_machine_arn for one in chosen.subjects if one.state_machine_arn), chosen.name
    )
    return folder / sha256(machine.encode("utf-8", "surrogatepass")).hexdigest()[:32] if folder is not None else None
