"""Reading recorded executions from files, in the forms that AWS's command line, SDKs and consoles export, and from what
was fetched.

Standard: `aws stepfunctions get-execution-history` (`{"events": [...]}`, pages one after another, a bare array), in
JSON or YAML, or the same answer as an SDK writes it. Express: CloudWatch Logs events at level ALL, as filter-log-events
and get-log-events print them, as the console and Logs Insights export them (CSV, JSON), as a subscription delivers
them, or as bare lines. Source: AWS docs, "Using CloudWatch Logs to log execution history in Step Functions".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.load import load_definition, parse_definition
from sfdebug.collection import seldom_collected
from sfdebug.engine.execution.events import utc_text
from sfdebug.errors import DefinitionError, SfdebugError
from sfdebug.files import MAX_HISTORY_BYTES, MAX_TEXT_BYTES, read_file
from sfdebug.history.reading.documents import DocumentReader
from sfdebug.history.reading.event_shapes import moment_of
from sfdebug.history.reading.gathering import Gatherer
from sfdebug.history.recording import ExecutionInfo, Recording, RecordingError
from sfdebug.text import counted
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.opening import OpenedExecution
    from sfdebug.values import Json

DESCRIPTION: Final = "execution.json"
"""The file beside a history that holds DescribeExecution's answer, as `sfdebug fetch` writes it."""
SAVED_DEFINITION: Final = "definition.asl.json"
"""The definition beside a history, as `sfdebug fetch` writes it."""
_SAME_START_MS: Final = 2_000
"""AWS describes a start in milliseconds; other tools round to seconds."""
SAVED_HISTORIES: Final = ("history.json", "log.json")
"""The histories that `sfdebug fetch` writes into a folder: of a Standard execution, of an Express one."""
_MOST_LISTED: Final = 20
_HISTORY_WANTED: Final = "A history is what `aws stepfunctions get-execution-history --output json` prints."


def read_recordings(path: str | Path) -> tuple[Recording, ...]:
    """The executions in the file at `path`, in the order of their first events; of a folder, what fetch saved there.

    Raises RecordingError when it cannot be read, or has no event in it. What is wrong with single events is in each
    recording's `problems`.
    """
    path = _file_in(Path(path))
    name = str(path)
    recordings = _gathered(DocumentReader(_read(path), name))
    if len(recordings) == 1 and not recordings[0].facts.arn:
        facts = _description_beside(path, recordings[0])
        if facts is not None:
            return (replace(recordings[0], facts=facts.completed(recordings[0].events)),)
    return recordings


def _read(path: Path) -> bytes:
    try:
        return read_file(path, MAX_HISTORY_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = f"the history cannot be read: {reason}"
        raise RecordingError(what, where=str(path), fix="Check the path.") from error


def read_recording(path: str | Path) -> Recording:
    """The one execution in the file at `path`. Raises RecordingError, also when there are several."""
    return chosen(read_recordings(path), None, str(path), "in a file of its own")


def chosen(recordings: Sequence[Recording], wanted: str | None, where: str, option: str) -> Recording:
    """One of several executions: the only one, or the one with this name, label, ARN, or start of an ARN's id.

    `option` is how the caller is told which. Raises RecordingError that lists them when it is not clear which one.
    """
    if wanted is None:
        found, what = list(recordings), f"the file holds {len(recordings)} executions, and one is needed"
    else:
        found = [one for one in recordings if wanted in (one.label, one.facts.name, one.facts.arn)]
        what = f"there is no execution '{wanted}' in the file"
        if len(found) > 1:
            what = f"{len(found)} executions in the file are called '{wanted}'"
    if len(found) == 1:
        return found[0]
    lines = [f"  {described_in_line(one)}" for one in (found or recordings)[:_MOST_LISTED]]
    more = len(found or recordings) - len(lines)
    listed = "\n".join([*lines, f"  and {more} more"] if more else lines)
    raise RecordingError(what, where=where, fix=f"Say which one: {option}. There are:\n{listed}")


def described_in_line(recording: Recording) -> str:
    """An execution in a list: what to call it by, how it stands, when it started, how long its history is."""
    started = recording.start_time
    when = utc_text(started) if started is not None else "start not recorded"
    return f"{recording.key}  {recording.standing}, {when}, {counted(len(recording.events), 'event')}"


def parse_recordings(data: bytes | str, name: str = "<stdin>") -> tuple[Recording, ...]:
    """The executions in `data`; `name` is what problems call it. Raises RecordingError when there is no event."""
    return _gathered(DocumentReader(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data, name))


def _gathered(reader: DocumentReader) -> tuple[Recording, ...]:
    gatherer, name = Gatherer(reader), reader.name
    with seldom_collected():
        gatherer.take_all()
    recordings = gatherer.recordings()
    if not recordings:
        first = reader.problems[0] if reader.problems else None
        what, place = (first.what, first.location) if first is not None else ("there is no history event in it", name)
        raise RecordingError(what, where=place, fix=(first.fix if first is not None else "") or _HISTORY_WANTED)
    return recordings


def is_folder(path: Path) -> bool:
    """Whether a path is that of a folder; one that no file system takes is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Whether there is something at a path; at one that no file system takes there is nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _file_in(path: Path) -> Path:
    """The history in a folder that `sfdebug fetch` wrote; any other path as it is. Raises RecordingError."""
    if not is_folder(path):
        return path
    for name in SAVED_HISTORIES:
        if (path / name).is_file():
            return path / name
    what = f"the history cannot be read: this folder holds no {' and no '.join(SAVED_HISTORIES)}"
    raise RecordingError(what, where=str(path), fix="Name the file of the history itself.")


def _description_beside(path: Path, recording: Recording) -> ExecutionInfo | None:
    """What the description in the same folder says, unless it is that of an execution which started at another time."""
    try:
        value = json.loads(read_file(path.parent / DESCRIPTION, MAX_TEXT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    started, began = moment_of(value.get("startDate")), recording.start_time
    are_known = started is not None and began is not None and recording.events[0].id == 1
    if are_known and abs((started or 0) - (began or 0)) >= _SAME_START_MS:
        return None
    return ExecutionInfo.of_description(value)


# what was read from AWS, in place of a file


def recording_of(opened: OpenedExecution, events: Sequence[Mapping[str, Json]] | None = None) -> Recording:
    """The recording that the events of an execution make, all that were read, or those. Raises RecordingError without
    any."""
    taken = opened.events if events is None else events
    recording = recordings_of(taken, opened.arn)[0]
    facts = recording.facts
    if not opened.is_log:
        facts = ExecutionInfo.of_description(opened.description).completed(recording.events)
    return replace(recording, facts=replace(facts, log_groups=opened.log_groups))


def definition_of(opened: OpenedExecution) -> StateMachine | None:
    """The definition that an execution ran; None when there is none, or it cannot be read."""
    if not opened.definition:
        return None
    try:
        return parse_definition(opened.definition, opened.name or "definition", "json")
    except DefinitionError:
        return None


def recordings_of(events: Sequence[Mapping[str, Json]], name: str) -> tuple[Recording, ...]:
    """The recordings that events make, of an execution or of a log; `name` is what to call where they are from.

    Raises RecordingError without any.
    """
    return parse_recordings(compact({"events": [dict(event) for event in events]}), name)


# the definition beside a file


class DefinitionsBeside:
    """The definitions that `sfdebug fetch` saved beside histories, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, StateMachine | None] = {}

    def definition_of(self, path: Path) -> StateMachine | None:
        """The definition that the execution in a file ran; None where there is none that can be read."""
        folder = path if is_folder(path) else path.parent
        if folder not in self._known:
            self._known[folder] = self._read(folder / SAVED_DEFINITION) if self.is_saved(path) else None
        return self._known[folder]

    def is_saved(self, path: Path) -> bool:
        """Whether the files beside a history are those of `sfdebug fetch`: the description tells."""
        return is_there((path if is_folder(path) else path.parent) / DESCRIPTION)

    def _read(self, path: Path) -> StateMachine | None:
        try:
            return load_definition(path)
        except SfdebugError:
            return None
