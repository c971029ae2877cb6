"""Keeps a journal of a debugger: after each thing that was done, what is new goes into it."""

from __future__ import annotations

import os
import shutil
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sfdebug.debugger.sessions.changes import Written, changes, written_at
from sfdebug.debugger.sessions.coding import Keeping
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.journal import Journal
from sfdebug.debugger.sessions.lines import line_of, lines_in, text_of
from sfdebug.debugger.sessions.records import Beginning, Text, plain
from sfdebug.debugger.sessions.session import checksum
from sfdebug.files import place_beside
from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.sessions.session import Session
    from sfdebug.projects.addresses import DefinitionAddress

_MUCH: Final = 1 << 20
_TIMES: Final = 4
"""A journal that has grown by so many bytes since it was written anew, and to so many times its size, is again."""


class SessionKeeper:
    """The journal of one debugger. It is a file from the first thing on that is worth keeping.

    What cannot be written is tried again the next time: `trouble` says meanwhile why, and is "" while all is kept.
    """

    def __init__(
        self,
        debugger: Debugger,
        begin: Callable[[], Beginning],
        new_path: Callable[[], Path] | None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`begin` gives the beginning of its journal, when that is needed; `new_path` the place for it: it raises
        OSError or SessionError where there is none. Without it nothing is kept but what `save_as` is asked for."""
        self.debugger = debugger
        self._begin = begin
        self.trouble = "" if new_path is not None else "autosave is off"
        self._new_path = new_path
        self._now = now
        self._journal: Journal | None = None
        self._keeping = Keeping()
        self._written: Written = written_at(debugger, {}, is_all=False)
        self._compact_size = 0
        self._saved: tuple[int, int] | None = None

    def go_on(self, session: Session, journal: Journal) -> None:
        """Go on with a session whose decisions the debugger has taken, in its journal.

        What does not hold in the file is cut off; where that is more than a torn tail, the file is kept beside as it
        was. Raises OSError.
        """
        if session.damaged:
            _keep_beside(session.path)
        journal.cut()
        self._journal = journal
        self._keeping = session.keeping
        self._written = written_at(self.debugger, session.seen, is_all=True)
        self._compact_size = journal.size

    def for_edited(self, debugger: Debugger, address: DefinitionAddress | None = None) -> SessionKeeper:
        """What keeps the same session under a definition that was edited, in a file of its own; `address` is where the
        definition is now."""
        source = debugger.machine.document.source
        now = self._now()
        beginning = replace(self.beginning, name=source.name, sha256=checksum(source.text), began=now)
        if address is not None:
            beginning = replace(beginning, definition=address.text, values=address.values)
        return SessionKeeper(debugger, lambda: beginning, self._new_path, now=self._now)

    @property
    def path(self) -> Path | None:
        """The file; None before there is one."""
        return self._journal.path if self._journal is not None else None

    @cached_property
    def beginning(self) -> Beginning:
        """What the session is of."""
        return self._begin()

    @property
    def is_on(self) -> bool:
        """Whether it is to be kept as it happens."""
        return self._new_path is not None

    @property
    def would_be_lost(self) -> str:
        """What was made by hand and is not kept, in words; "" where there is nothing of the kind."""
        made = self._made
        if not self.trouble or made == self._saved or made == (0, 1):
            return ""
        decisions, timelines = made
        parts = [counted(decisions, "decision")] if decisions else []
        return " and ".join([*parts, *([f"{timelines} timelines"] if timelines > 1 else [])])

    @property
    def _made(self) -> tuple[int, int]:
        timeline = self.debugger.timeline
        return timeline.decided_count, len(timeline.lines)

    def keep(self, seen: dict[str, Any] | None = None) -> bool:
        """Write what is new; `seen` is how it is looked at. Whether all is kept: else `trouble` says why."""
        if self._new_path is None and self._journal is None:
            return False
        try:
            self._keep(self._written.seen if seen is None else seen)
        except (OSError, SessionError, RuntimeError) as error:
            self._keeping.forget_new()
            self.trouble = why_not(error)
            return False
        self.trouble = ""
        return True

    def save_as(self, path: Path, seen: dict[str, Any], *, is_redacted: bool = False) -> None:
        """Write the session as it is to a file of its own, in place of what is there.

        Raises OSError, and SessionError when its data cannot be taken out, or it would go another way without them.
        """
        if is_redacted:
            from sfdebug.debugger.sessions.redaction import redacted_texts

            texts = redacted_texts(self.debugger, self.beginning, self._now())
            _try_out(path, texts, self.debugger)
        else:
            texts = list(texts_of(self.debugger, self.beginning, seen, Keeping(), self._now()))
        beside = place_beside(path)
        Journal.create(beside, texts).close()
        os.replace(beside, path)
        self._saved = self._made

    def close(self) -> None:
        """Let go of the journal, and have it short."""
        if self._journal is None:
            return
        try:
            is_long = self._journal.size > 2 * self._compact_size + _MUCH // 16
            if is_long and self._journal.is_in_place:
                self._write_anew()
        except (OSError, SessionError):  # it is long, and whole
            pass
        finally:
            self._journal.close()
            self._journal = None

    def _keep(self, seen: dict[str, Any]) -> None:
        if self._journal is None and not _is_worth_keeping(self.debugger):
            return
        if self._journal is not None and not self._journal.is_in_place:
            self._journal.close()
            self._journal, self._keeping = None, Keeping()  # another one, with all of it
            self._written = written_at(self.debugger, {}, is_all=False)
        done = changes(self.debugger, self._written, seen, self._keeping, self._now())
        if done is None:
            return
        texts = [*_kept(self._keeping), text_of(plain(done))]
        if self._journal is None:
            assert self._new_path is not None
            self._journal = Journal.create(self._new_path(), [*beginning_texts(self.debugger, self.beginning), *texts])
            self._compact_size = self._journal.size
        else:
            self._journal.append(texts)
        self._keeping.new = []
        self._written = written_at(self.debugger, seen, is_all=True)
        if self._journal.size > max(_TIMES * self._compact_size, self._compact_size + _MUCH):
            self._write_anew()

    def _write_anew(self) -> None:
        assert self._journal is not None
        keeping = Keeping()
        texts = list(texts_of(self.debugger, self.beginning, self._written.seen, keeping, self._now()))
        self._journal.replace(texts)
        keeping.new = []
        self._keeping, self._compact_size = keeping, self._journal.size


def why_not(error: Exception) -> str:
    """Why something could not be kept, in words."""
    if isinstance(error, SessionError):
        return error.what
    return str(getattr(error, "strerror", None) or error)


def texts_of(
    debugger: Debugger, beginning: Beginning, seen: dict[str, Any], keeping: Keeping, now: float
) -> Iterator[str]:
    """The whole journal of a debugger, as short as it can be: what was done in one record."""
    done = changes(debugger, written_at(debugger, {}, is_all=False), seen, keeping, now)
    yield from beginning_texts(debugger, beginning)
    if done is not None:
        yield from _kept(keeping)
        yield text_of(plain(done))


def beginning_texts(debugger: Debugger, beginning: Beginning) -> Iterator[str]:
    """The records that a journal begins with."""
    yield text_of(plain(beginning))
    yield text_of(plain(Text(debugger.machine.document.source.text)))
    yield f'{{"is":"input","v":{text_of(debugger.timeline.main_nodes[0].execution.input)}}}'


def _kept(keeping: Keeping) -> Iterator[str]:
    for text in keeping.new:
        yield f'{{"is":"data","v":{text}}}'


def _is_worth_keeping(debugger: Debugger) -> bool:
    """Whether anything was done: opening a definition and leaving it again is nothing to go on with."""
    timeline = debugger.timeline
    moved = timeline.cursor.node.index or timeline.cursor.stage_offset or len(timeline.lines) > 1
    grown = not timeline.is_of_recording and len(timeline.main_nodes) > 1
    return bool(moved or grown or debugger.breakpoints.all or debugger.watches.texts)


def _try_out(path: Path, texts: list[str], debugger: Debugger) -> None:
    """Raises SessionError when a session without its data does not go the way that it went with them."""
    from sfdebug.debugger.sessions.restoring import restored
    from sfdebug.debugger.sessions.session import session_in

    if debugger.timeline.is_of_recording:
        return  # its data are in the recording, and only what was added is in the session
    data, chain = b"", 0
    for text in texts:
        line, chain = line_of(text, chain)
        data += line
    found = restored(session_in(path, lines_in(data)))
    if not found.is_whole or _ways(found.debugger) != _ways(debugger):
        why = f"without its data this session goes another way: {'; '.join(found.notes) or 'it ends elsewhere'}"
        raise SessionError(why, fix="Save it as it is, if those who get it may see its data.")


def _ways(debugger: Debugger) -> list[Any]:
    """Which states each timeline has come through."""
    return [[(node.entered, node.is_over) for node in fork.nodes] for fork in debugger.timeline.lines]


def _keep_beside(path: Path) -> None:
    beside = path.with_name(f"{path.name}.damaged")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as copy, path.open("rb") as damaged:
        shutil.copyfileobj(damaged, copy)
