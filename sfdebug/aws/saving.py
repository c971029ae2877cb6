"""Keeping what was fetched as files, in the shapes that the AWS command line prints, with or without the values.

`definition.asl.json`, `input.json`, `history.json` and `execution.json` of an execution; `map_run.json` and a folder
for each child of a Map Run; `log.json` of an Express execution, in the shape of FilterLogEvents. Or all of an execution
in one file, a recorded case: docs/RECORDED_CASES.md says what is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.aws.errors import shown
from sfdebug.aws.fetching import FetchedExecution, FetchedExpress, FetchedMapRun
from sfdebug.aws.redacting import Redactor, change_payloads, open_texts
from sfdebug.errors import UsageError
from sfdebug.files import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfdebug.values import Json

Fetched: TypeAlias = FetchedExecution | FetchedMapRun | FetchedExpress

DEFINITION: Final = "definition.asl.json"
INPUT: Final = "input.json"
HISTORY: Final = "history.json"
EXECUTION: Final = "execution.json"
MAP_RUN: Final = "map_run.json"
LOG: Final = "log.json"
CHILDREN: Final = "children"
OF_EXECUTION: Final = (DEFINITION, INPUT, HISTORY, EXECUTION)
_IDENTITY: Final = ("executionArn", "stateMachineArn", "name", "startDate")
"""What a case keeps of the description: the rest of it stands in the events."""


class SavedFile(Struct, frozen=True):
    """A file to be written: its path in the folder, and its text."""

    path: str
    text: str


def files_of(fetched: Fetched, *, redact: bool = False, arn: str = "") -> tuple[SavedFile, ...]:
    """The files for what was fetched, in the order in which a person wants to know of them.

    Redacted, the account in `arn` has the first of the stand-ins, so that those of several fetches agree.
    """
    if not redact:
        return tuple(_files(fetched, _as_it_is))
    redactor = Redactor(_definition_of(fetched), _open_texts_of(fetched))
    redactor.learn_accounts(arn)
    for file in _files(fetched, redactor.learn):
        redactor.learn_accounts(file.text)
    return tuple(
        SavedFile(redactor.without_accounts(file.path), redactor.without_accounts(file.text))
        for file in _files(fetched, redactor.redacted)
    )


def case_of(fetched: FetchedExecution, path: str, *, redact: bool = False) -> SavedFile:
    """The recorded case of an execution, as the file `path`. Raises UsageError when a part of it is not there."""
    where = fetched.description.arn
    if fetched.description.is_running:
        raise UsageError("it still runs, and a case has an end", where=where, fix="Fetch it when it has ended.")
    files = {file.path: file.text for file in files_of(fetched, redact=redact)}
    lacking = next((name for name in OF_EXECUTION if name not in files), None)
    if lacking is not None:
        what = "; ".join(
            [f"AWS did not give what a case needs: {lacking}", *(error.what for error in fetched.refusals)]
        )
        raise UsageError(what, where=where, fix="Leave --case out: what there is becomes files.")
    described = json.loads(files[EXECUTION])
    identity = {name: described[name] for name in _IDENTITY if name in described}
    machine = str(described["stateMachineArn"]).split(":")[6]
    fields = {
        "id": json.dumps(f"{machine}/{described['name']}", ensure_ascii=False),
        "type": '"STANDARD"',
        "execution": json.dumps(identity, ensure_ascii=False),
        "definition": files[DEFINITION].strip(),
        "input": files[INPUT].strip(),
        "history": files[HISTORY].strip(),
    }
    return SavedFile(path, "{\n" + ",\n".join(f'"{name}": {text}' for name, text in fields.items()) + "\n}\n")


def check_folder(folder: Path, names: Sequence[str]) -> None:
    """Raises UsageError when one of the files is there already, or the folder is none."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is a file, and a folder is needed", where=str(folder), fix="Name another: -o DIR")
    there = [name for name in names if (folder / name).exists()]
    if there:
        listed = ", ".join(there[:4]) + (f" and {len(there) - 4} more" if len(there) > 4 else "")
        raise UsageError(
            f"{shown(listed)} would be overwritten",
            where=str(folder),
            fix="Name another folder (-o DIR), or add --force.",
        )


def save(files: Sequence[SavedFile], folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files into `folder`, which is made when it does not exist; gives back their paths.

    Nothing is overwritten without `force`: then nothing is written at all. Only their owner can read the files. Raises
    UsageError.
    """
    if not force:
        check_folder(folder, [file.path for file in files])
    written = []
    for file in files:
        path = folder / file.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Half a surrogate pair, which UTF-8 has no form for, becomes the escape that JSON has for it.
            _write(path, file.text.encode("utf-8", "backslashreplace"), force=force)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"the file cannot be written: {reason}", where=str(path)) from error
        written.append(path)
    return tuple(written)


def _write(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file whole or not at all. Raises OSError, FileExistsError without `force` where there is one."""
    if force:
        with replaced(path, is_private=True) as stream:
            stream.write(data)
        return
    new = open(path, "xb", opener=_private)  # noqa: SIM115 - what was there is not this one's to delete
    try:
        with new:
            new.write(data)
    except BaseException:  # Ctrl+C too
        path.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    """Open a file that nobody but its owner can read: it may hold data of customers. So too one that was there."""
    descriptor = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return descriptor


def file_name(name: str) -> str:
    """An execution's name as a name of a file: never empty, never a path, never one that means another folder."""
    safe = "".join(letter if letter.isalnum() or letter in "-_.@+=" else "_" for letter in name)[:200]
    return safe if safe.strip(".") else f"_{safe}"


def free_name(name: str, taken: set[str]) -> str:
    """`name` as a name of a file that is not among those `taken`; it is from then on."""
    free = base = file_name(name)
    number = 2
    while free.lower() in taken:  # some file systems take a.json and A.json for one
        free, number = f"{base}-{number}", number + 1
    taken.add(free.lower())
    return free


_Change: TypeAlias = Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


def _files(fetched: Fetched, change: _Change) -> Iterator[SavedFile]:
    if isinstance(fetched, FetchedExpress):
        if fetched.log.machine is not None:
            yield SavedFile(DEFINITION, _line(fetched.log.machine.definition))
        yield SavedFile(LOG, _log_text(fetched, change))
    elif isinstance(fetched, FetchedMapRun):
        yield from _execution_files(fetched.parent, change, "")
        yield SavedFile(MAP_RUN, _pretty(change_payloads(fetched.description.answer, change)))
        taken: set[str] = set()
        for child in fetched.children:
            name = free_name(child.description.name, taken)
            yield from _execution_files(child, change, f"{CHILDREN}/{name}/")
    else:
        yield from _execution_files(fetched, change, "")


def _execution_files(fetched: FetchedExecution, change: _Change, folder: str) -> Iterator[SavedFile]:
    description = fetched.description
    if fetched.machine is not None:
        yield SavedFile(f"{folder}{DEFINITION}", _line(fetched.machine.definition))
    if description.input is not None:
        yield SavedFile(f"{folder}{INPUT}", _line(change(description.input)))
    if fetched.events is not None:
        events = [change_payloads(event, change) for event in fetched.events]
        yield SavedFile(f"{folder}{HISTORY}", _events_text(events))
    yield SavedFile(f"{folder}{EXECUTION}", _pretty(change_payloads(description.answer, change)))


def _log_text(fetched: FetchedExpress, change: _Change) -> str:
    """The log events, each message with the data in its details changed."""
    entries: list[dict[str, Json]] = []
    for entry in fetched.log.events:
        message = json.loads(str(entry["message"]))
        changed = json.dumps(change_payloads(message, change), ensure_ascii=False, separators=(",", ":"))
        entries.append({**entry, "message": entry["message"] if change is _as_it_is else changed})
    return _events_text(entries)


def _definition_of(fetched: Fetched) -> str:
    if isinstance(fetched, FetchedExpress):
        return fetched.log.machine.definition if fetched.log.machine is not None else ""
    execution = fetched.parent if isinstance(fetched, FetchedMapRun) else fetched
    return execution.machine.definition if execution.machine is not None else ""


def _open_texts_of(fetched: Fetched) -> Iterator[str]:
    """Names, ARNs and errors that stand outside the data, and so need not be replaced in it."""
    if isinstance(fetched, FetchedExpress):
        for entry in fetched.log.events:
            yield from open_texts(json.loads(str(entry["message"])))
        return
    executions = (fetched,) if isinstance(fetched, FetchedExecution) else (fetched.parent, *fetched.children)
    for execution in executions:
        yield from open_texts(execution.description.answer)
        for event in execution.events or ():
            yield from open_texts(event)


def _line(text: str) -> str:
    """A text as it is, with a line break at its end."""
    return text if text.endswith("\n") else f"{text}\n"


def _pretty(value: Mapping[str, Json]) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"


def _events_text(events: Sequence[Mapping[str, Json]]) -> str:
    """`{"events": […]}`, one event per line."""
    lines = ",\n    ".join(json.dumps(event, ensure_ascii=False) for event in events)
    return f'{{\n  "events": [\n    {lines}\n  ]\n}}\n' if events else '{\n  "events": []\n}\n'
