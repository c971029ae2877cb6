"""What an execution was decided, as it stands in the file: JSON, in rows that are only ever added.

A row holds a list. In it are decisions, in the encoding of saved sessions; a number, for so many times the decision
before it once more; and objects: long data that decisions refer to, an attempt as it stands, or a cut. Each row has a
checksum over itself and all before it, so that one that is missing or was changed is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from sfdebug.debugger.sessions.coding import Keeping, answer_of, branch_of, code_answer, code_branch, code_decision
from sfdebug.debugger.sessions.coding import decision_of as decoded
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import text_of, value_in
from sfdebug.engine.execution.decisions import Proceed
from sfdebug.hosting.resuming import KeptAttempt
from sfdebug.hosting.store.errors import StoreError
from sfdebug.values import MAX_NESTING, is_deeper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.values import Json

LONGEST: Final = 1 << 20
"""Characters after which a row is followed by another one."""
_DAMAGED: Final = "The file is damaged: what else is in it can still be read."


class Cut(Struct, frozen=True):
    """Of the decisions before it only so many count: another line has become the main one."""

    kept: int


KeptRecord: TypeAlias = "Decision | KeptAttempt | Cut"


class RecordRow(Struct, frozen=True):
    """A row as it is written."""

    number: int
    text: str
    checksum: int


class HasRecord(Protocol):
    """What was queued for a record, with more that is known of it."""

    @property
    def record(self) -> KeptRecord:
        """The record."""


Queued = TypeVar("Queued", bound=HasRecord)


class RecordWriter:
    """Makes rows of the records of one execution. What it has made counts when it was written: see `written`."""

    def __init__(self) -> None:
        self._keeping = Keeping()
        self.number = 0
        self._checksum = 0
        self._made: RecordRow | None = None
        """The last one that was made, and is not yet known to be in the file."""

    @classmethod
    def behind(cls, texts: Sequence[str], checksum: int) -> RecordWriter:
        """One that goes on after the rows with these texts."""
        writer = cls()
        writer.number, writer._checksum = len(texts), checksum
        for text in texts:
            for record in value_in(text.encode("ascii")):
                if isinstance(record, dict) and record.get("is") == "data":
                    writer._keeping.take(text_of(record["v"]).encode("ascii"))
        return writer

    def rows(self, records: Iterable[Queued]) -> list[tuple[RecordRow, Queued]]:
        """The rows that hold these records, each with the last one in it."""
        rows: list[tuple[RecordRow, Queued]] = []
        texts = _Texts()
        last: Queued | None = None
        for last in records:
            step = _plain_steps.get(last.record) if type(last.record) is Proceed else None
            if step is not None:  # a step like others before it, as most are
                texts.add_one(step)
            else:
                texts.add(self._texts(last.record))
            if texts.size >= LONGEST:
                rows.append((self._row(texts), last))
                texts = _Texts()
        if texts.size and last is not None:
            rows.append((self._row(texts), last))
        return rows

    def _row(self, texts: _Texts) -> RecordRow:
        text = texts.text
        before = self._made or RecordRow(self.number - 1, "", self._checksum)
        self._made = RecordRow(before.number + 1, text, crc32(text.encode("ascii"), before.checksum))
        return self._made

    def written(self) -> None:
        """The rows that were made last are in the file."""
        if self._made is not None:
            self.number, self._checksum = self._made.number + 1, self._made.checksum
        self._keeping.new, self._made = [], None

    def not_written(self) -> None:
        """They are not, and are made again."""
        self._keeping.forget_new()
        self._made = None

    def _texts(self, record: KeptRecord) -> list[str]:
        known = len(self._keeping.new)
        try:
            text = _coded(record, self._keeping)
        except SessionError as error:  # nested more deeply than JSON is written
            text = text_of({"is": "lost", "why": error.what})
        return [*(f'{{"is":"data","v":{data}}}' for data in self._keeping.new[known:]), text]


class _Texts:
    """The texts of one row; what is the same as the one before it is counted."""

    def __init__(self) -> None:
        self.size = 0
        """About how many characters."""
        self._texts: list[str] = []
        self._last = ""
        self._again = 0

    def add_one(self, text: str) -> None:
        """A decision."""
        if text == self._last:
            self._again += 1
            self.size += 1
        else:
            self.add([text])

    def add(self, texts: list[str]) -> None:
        """A record, behind the data that it refers to."""
        self._count()
        self._texts += texts
        self._last = texts[-1]
        self.size += sum(map(len, texts))

    def _count(self) -> None:
        if self._again:
            self._texts.append(str(self._again))
            self._again = 0

    @property
    def text(self) -> str:
        """JSON."""
        self._count()
        return f"[{','.join(self._texts)}]"


_plain_steps: Final[dict[Proceed, str]] = {}
_MOST_STEPS: Final = 10_000


def _coded(record: KeptRecord, keeping: Keeping) -> str:
    if isinstance(record, Proceed) and record.at is None:  # nearly all of them
        text = _plain_steps.get(record)
        if text is None:
            if len(_plain_steps) >= _MOST_STEPS:
                _plain_steps.clear()
            text = _plain_steps[record] = text_of(code_decision(record, keeping))
        return text
    if isinstance(record, KeptAttempt):
        return text_of(_coded_attempt(record, keeping))
    if isinstance(record, Cut):
        return text_of({"is": "cut", "kept": record.kept})
    return text_of(code_decision(record, keeping))


def _coded_attempt(kept: KeptAttempt, keeping: Keeping) -> dict[str, Any]:
    coded: dict[str, Any] = {
        "is": "attempt",
        "branch": code_branch(kept.branch),
        "event": kept.event,
        "attempt": kept.attempt,
        "kind": kept.kind,
        "asked": kept.asked,
        "began": kept.began,
        "heard": kept.heard,
        "early": code_answer(kept.early, keeping),
        "child": kept.child,
    }
    return {name: value for name, value in coded.items() if value not in (None, "")}


class KeptRecords(Struct, frozen=True):
    """What was read: the decisions that count, and the attempts as they stood last, by their branches."""

    decisions: list[Decision]
    attempts: dict[BranchId, KeptAttempt]


def records_in(rows: Sequence[tuple[int, str, int]]) -> KeptRecords:
    """What the rows of an execution hold: the number of each, its text, its checksum.

    Raises StoreError where they are not as they were written, or something could not be.
    """
    decisions: list[Decision] = []
    attempts: dict[BranchId, KeptAttempt] = {}
    kept: list[Json] = []
    checksum = 0
    for place, (number, text, found) in enumerate(rows):
        checksum = crc32(text.encode("ascii", "replace"), checksum)
        if number != place or checksum != found:
            raise StoreError(f"what it was decided is damaged, at row {place}", fix=_DAMAGED)
        try:
            for record in _list_in(text):
                _take(record, decisions, attempts, kept)
        except (SessionError, msgspec.ValidationError) as error:
            raise StoreError(f"what it was decided cannot be read: {error}", fix=_DAMAGED) from error
    return KeptRecords(decisions, attempts)


def _list_in(text: str) -> list[Any]:
    value = value_in(text.encode("ascii"))
    if not isinstance(value, list):
        raise SessionError("it has something else where a list belongs")
    return value


def _take(record: Any, decisions: list[Decision], attempts: dict[BranchId, KeptAttempt], kept: list[Json]) -> None:
    if isinstance(record, list):
        decisions.append(decoded(record, kept))
        return
    if isinstance(record, int) and not isinstance(record, bool):
        if not decisions or record < 1:
            raise SessionError("it repeats what is not there")
        decisions += [decisions[-1]] * record
        return
    kind = record.get("is") if isinstance(record, dict) else None
    if kind == "data":
        if is_deeper(record.get("v"), MAX_NESTING):
            raise SessionError(f"it holds data that are nested more than {MAX_NESTING} levels deep")
        kept.append(record.get("v"))
    elif kind == "attempt":
        attempt = _attempt_of(record, kept)
        attempts[attempt.branch] = attempt
    elif kind == "cut":
        del decisions[msgspec.convert(record, _KeptCut).kept :]
    elif kind == "lost":
        raise SessionError(str(record.get("why")))
    else:
        raise SessionError(f"it has a record of a kind that is not known: {text_of(record)[:40]}")


class _KeptCut(Struct, frozen=True):
    kept: int


class _PlainAttempt(Struct, frozen=True):
    event: int
    attempt: int
    kind: str
    asked: int
    began: int | None = None
    heard: int | None = None
    child: str = ""


def _attempt_of(record: dict[str, Any], kept: list[Json]) -> KeptAttempt:
    plain = msgspec.convert(record, _PlainAttempt)
    return KeptAttempt(
        branch_of(record.get("branch")),
        plain.event,
        plain.attempt,
        plain.kind,
        plain.asked,
        plain.began,
        plain.heard,
        answer_of(record.get("early"), kept),
        plain.child,
    )
