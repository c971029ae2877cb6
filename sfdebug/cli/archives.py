"""The list of the executions in a folder: an archive that `sfdebug fetch` wrote, or histories of any kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.browser.reading_lists import ReadingListScreen

_HISTORIES: Final = (".json", ".jsonl", ".ndjson")
_MOST: Final = 20


def is_archive(path: Path) -> bool:
    """Whether a folder says itself that it is an archive of executions."""
    from sfdebug.executions.index import INDEX
    from sfdebug.files import is_file

    return is_file(path / INDEX)


def holds_many(path: Path) -> bool:
    """Whether a path is a folder that is not itself one fetched execution: what is in it is to be listed."""
    from sfdebug.history.reading.read import SAVED_HISTORIES, is_folder

    return is_folder(path) and (is_archive(path) or not any((path / name).is_file() for name in SAVED_HISTORIES))


def holds_history(folder: Path) -> bool:
    """Whether there is a recorded execution in one of the first files of a folder, or of the first folders in it."""
    from sfdebug.errors import SfdebugError
    from sfdebug.history.reading.read import read_recordings

    try:
        there = sorted(path for path in folder.iterdir() if path.name[:1] != "." and ".asl." not in path.name)
    except OSError:
        return False
    files = [path for path in there if path.is_file() and path.suffix in _HISTORIES]
    for path in (*files[:_MOST], *[path for path in there if path.is_dir()][:_MOST]):
        try:
            if read_recordings(path):
                return True
        except (SfdebugError, OSError):
            continue
    return False


def folder_screen(
    path: Path, machine: StateMachine | None = None, tasks: TaskHandler | None = None, wanted: str | None = None
) -> ReadingListScreen[Any]:
    """A list of the state machines in a folder, or of the executions where there is one machine alone.

    `machine` takes the place of the definition that they ran; `wanted` is the one state machine whose executions are
    meant, by name or ARN. Raises UsageError when there is no history in it, or nothing of that one.
    """
    from sfdebug.executions.folder import source_of_folder
    from sfdebug.tui.browser.executions import ExecutionsScreen
    from sfdebug.tui.browser.machines import MachinesScreen
    from sfdebug.tui.browser.places import KeptPlace

    source: ExecutionSource = source_of_folder(str(path))
    place = KeptPlace(str(path), source, machine, tasks)
    machines = [one for page in source.machines() for one in page]
    if wanted is not None:
        meant = next((one for one in machines if wanted in (one.name, one.arn)), None)
        if meant is None:
            fix = f"There are: {', '.join(one.name for one in machines if one.name) or 'none with a name'}"
            raise UsageError(f"there is no state machine '{wanted}' in {path}", where="--machine", fix=fix)
        return ExecutionsScreen(place, meant.arn, meant.name)
    if len(machines) > 1:
        return MachinesScreen(place)
    name = (machines[0].name if machines else "") or path.resolve().name
    return ExecutionsScreen(place, "", name)
