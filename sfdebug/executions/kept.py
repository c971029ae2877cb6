"""What was read from AWS and cannot change any more, kept for the next look: what became of executions that are over,
and their histories. A redrive makes another one of an execution: how often and when it was is a part of what it is
known by. Each account, Region and endpoint has a folder of its own.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from sfdebug.aws.arns import read_arn
from sfdebug.aws.errors import InvalidArnError
from sfdebug.aws.opening import OpenedExecution
from sfdebug.executions.disk import append_lines, cache_folder, drop_oldest, write_whole
from sfdebug.executions.outcome import ExecutionOutcome, Known
from sfdebug.files import MAX_HISTORY_BYTES, read_file
from sfdebug.history.reading.event_shapes import moment_of

if TYPE_CHECKING:
    from pathlib import Path

    from sfdebug.aws.session import AwsReader
    from sfdebug.values import Json

_FOLDER: Final = "executions"
_OUTCOMES: Final = "outcomes"
_HISTORIES: Final = "histories"
_MOST_OUTCOMES: Final = 50_000
_MOST_OUTCOME_BYTES: Final = 1 << 26
_MOST_HISTORY_BYTES: Final = 1 << 28
_MOST_HISTORIES: Final = 20_000
_MOST_ONE: Final = 1 << 24
"""The largest history that is kept, packed: one of 25,000 events with payloads takes a few megabytes."""
_LOOK_EVERY: Final = 100
"""Histories that are written until somebody looks whether there are too many."""

_Key = tuple[str, int, int | None]


class _KeptExecution(Struct, frozen=True):
    """An execution as it was opened, in a file."""

    arn: str
    name: str
    description: dict[str, object]
    definition: str
    events: list[dict[str, object]]
    is_log: bool = False
    redriven: tuple[int, int | None] = (0, None)
    log_groups: tuple[str, ...] = ()
    is_whole: bool = True
    started_at: int | None = None
    """Where nobody asked for its description: its start, as a list has it."""


class KeptExecutions:
    """What is kept of the executions at one endpoint ("": AWS's own). May be asked from any thread.

    `reader` is who reads there, where it is not known yet which endpoint AWS's configuration names: it is asked when
    something is looked for, and what it raises then is raised.
    """

    def __init__(self, endpoint_url: str = "", *, reader: AwsReader | None = None) -> None:
        self._given = endpoint_url
        self._reader = reader
        self._lock = Lock()
        self._places: dict[str, _AccountFolder | None] = {}

    def completed(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """The same, with all that was found out about it before; as it is when that is nothing."""
        place = self._place(outcome)
        kept = place.outcomes.get(_key(outcome)) if place is not None else None
        if kept is None or kept.status != outcome.status or kept.known <= outcome.known:
            return outcome
        if not _is_same_start(kept.started_at, outcome):
            return outcome
        return kept

    def put(self, outcome: ExecutionOutcome) -> None:
        """Keep what became of an execution that is over, when it is known as far as it can be."""
        if not outcome.is_over or outcome.known < Known.END or outcome.refusal:
            return
        place = self._place(outcome)
        if place is not None:
            with self._lock:
                place.put(outcome)

    def opened(self, outcome: ExecutionOutcome) -> OpenedExecution | None:
        """The execution as it was read before; None when it was not, or what was kept is damaged."""
        place = self._place(outcome) if outcome.is_over else None
        return place.opened(outcome) if place is not None else None

    def history(self, outcome: ExecutionOutcome) -> OpenedExecution | None:
        """The same, also where only its history was read: then its description is what its ARN says."""
        place = self._place(outcome) if outcome.is_over else None
        return place.opened(outcome, is_whole=False) if place is not None else None

    def put_history(self, outcome: ExecutionOutcome, opened: OpenedExecution) -> None:
        """Keep the history alone of an execution that is over."""
        self._put(outcome, opened, is_whole=False)

    def put_opened(self, outcome: ExecutionOutcome, opened: OpenedExecution) -> None:
        """Keep an execution that is over, with all that was read of it; not when AWS refused a part of that."""
        self._put(outcome, opened, is_whole=True)

    def _put(self, outcome: ExecutionOutcome, opened: OpenedExecution, *, is_whole: bool) -> None:
        if not outcome.is_over or opened.is_running or opened.refusals:
            return
        place = self._place(outcome)
        if place is not None:
            with self._lock:
                place.put_opened(outcome, opened, is_whole=is_whole)

    def _place(self, outcome: ExecutionOutcome) -> _AccountFolder | None:
        try:
            arn = read_arn(outcome.arn)
        except InvalidArnError:
            return None
        name = f"{arn.account}-{arn.region}"
        endpoint = self._given or (self._reader.endpoint_url if self._reader is not None else "") or ""
        with self._lock:
            if name not in self._places:
                where = f"{name}-{sha256(endpoint.encode()).hexdigest()[:12]}" if endpoint else name
                folder = cache_folder(_FOLDER, where)
                self._places[name] = _AccountFolder(folder) if folder is not None else None
            return self._places[name]


class _AccountFolder:
    """The folder of an account and Region."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _OUTCOMES
        self._histories = folder / _HISTORIES
        self._written = 0
        self.outcomes: dict[_Key, ExecutionOutcome] = {}
        self._read()

    def put(self, outcome: ExecutionOutcome) -> None:
        if self.outcomes.get(_key(outcome)) == outcome:
            return
        self.outcomes[_key(outcome)] = outcome
        append_lines(self._file, [msgspec.json.encode(outcome)])

    def opened(self, outcome: ExecutionOutcome, *, is_whole: bool = True) -> OpenedExecution | None:
        try:
            packed = read_file(self._path(outcome), _MOST_ONE)
            text = zlib.decompressobj(wbits=31).decompress(packed, MAX_HISTORY_BYTES)
            kept = msgspec.json.decode(text, type=_KeptExecution)
        except (OSError, ValueError, EOFError, zlib.error, msgspec.MsgspecError, RecursionError):
            return None
        if kept.arn != outcome.arn or kept.redriven != (outcome.redrive_count, outcome.redriven_at):
            return None
        description: dict[str, Json] = msgspec.convert(kept.description, dict)
        if is_whole and not kept.is_whole:
            return None
        started = moment_of(description.get("startDate")) if kept.is_whole else kept.started_at
        if not _is_same_start(started, outcome):
            return None
        events: list[dict[str, Json]] = msgspec.convert(kept.events, list)
        return OpenedExecution(
            kept.arn,
            kept.name,
            description,
            kept.definition,
            tuple(events),
            is_log=kept.is_log,
            log_groups=kept.log_groups,
        )

    def put_opened(self, outcome: ExecutionOutcome, opened: OpenedExecution, *, is_whole: bool) -> None:
        kept = {
            "arn": opened.arn,
            "name": opened.name,
            "description": opened.description,
            "definition": opened.definition,
            "events": opened.events,
            "is_log": opened.is_log,
            "redriven": (outcome.redrive_count, outcome.redriven_at),
            "log_groups": opened.log_groups,
            "is_whole": is_whole,
            "started_at": outcome.started_at,
        }
        try:
            packed = gzip.compress(msgspec.json.encode(kept), compresslevel=3, mtime=0)
            self._histories.mkdir(mode=0o700, exist_ok=True)
        except (OSError, ValueError, TypeError):  # half a surrogate pair, for example, which UTF-8 has no form for
            return
        if len(packed) > _MOST_ONE:
            return
        if self._written % _LOOK_EVERY == 0:
            drop_oldest(self._histories, _MOST_HISTORY_BYTES, _MOST_HISTORIES)
        self._written += 1
        write_whole(self._path(outcome), packed)

    def _path(self, outcome: ExecutionOutcome) -> Path:
        return self._histories / sha256(repr(_key(outcome)).encode("utf-8", "backslashreplace")).hexdigest()[:40]

    def _read(self) -> None:
        try:
            data = read_file(self._file, _MOST_OUTCOME_BYTES)
        except FileNotFoundError:
            return
        except (OSError, ValueError):  # too large, or no file: begin anew
            write_whole(self._file, b"")
            return
        decoder = msgspec.json.Decoder(ExecutionOutcome)
        lines = data.splitlines()
        for line in lines:
            try:
                outcome = decoder.decode(line)
            except (ValueError, msgspec.MsgspecError, RecursionError):
                continue
            self.outcomes[_key(outcome)] = outcome
        if len(lines) > 2 * _MOST_OUTCOMES or len(self.outcomes) > _MOST_OUTCOMES:
            newest = sorted(self.outcomes.values(), key=lambda one: one.newest_time or 0)[-_MOST_OUTCOMES // 2 :]
            self.outcomes = {_key(one): one for one in newest}
            write_whole(self._file, b"".join(msgspec.json.encode(one) + b"\n" for one in newest))


def _is_same_start(started_at: int | None, outcome: ExecutionOutcome) -> bool:
    """Whether it is the same execution: a name can be used again, on AWS after 90 days, locally any time."""
    return None in (started_at, outcome.started_at) or started_at == outcome.started_at


def _key(outcome: ExecutionOutcome) -> _Key:
    return outcome.arn, outcome.redrive_count, outcome.redriven_at


def forget_all() -> int:
    """Delete all that is kept of executions in AWS; gives back how many bytes that was."""
    folder = cache_folder(_FOLDER)
    if folder is None:
        return 0
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return total
