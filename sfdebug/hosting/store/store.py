"""The store of a host: keeps what the host does in one file, and gives back what is not in memory.

Who makes a host gives it the store, has it `reopen` the host, and closes it before the host: what is done from then on,
such as the end of all executions, is not kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from itertools import count
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakValueDictionary

from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.resuming import KeptAttempt
from sfdebug.hosting.store.commit import GroupCommit
from sfdebug.hosting.store.database import StoreDatabase
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.executions import (
    ExecutionBegan,
    ExecutionStood,
    FoundWithin,
    KeptExecution,
    RecordMade,
    StoreWriter,
    TokenEnded,
)
from sfdebug.hosting.store.reading import ExecutionReader
from sfdebug.hosting.store.records import Cut, RecordWriter
from sfdebug.hosting.store.reopening import ExecutionMaker, MadeExecution, Reopened
from sfdebug.hosting.store.resources import kept_resources
from sfdebug.hosting.store.texts import TextReader
from sfdebug.hosting.store.waiting_jobs import KeepingScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.hosting.attempts import HostedAttempt
    from sfdebug.hosting.changes import ResourceChange
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.records import EarlierExecution, ExecutionRecord
    from sfdebug.hosting.scheduling import JobScheduler

T = TypeVar("T")

MOST_READ: Final = 100
"""So many executions that were read once more stay in memory, besides those that the host keeps there."""
_MOST_EVENTS: Final = 100_000
"""So many events of these."""


class HostStore:
    """Keeps a host. It is HostKeeping."""

    def __init__(
        self,
        database: StoreDatabase,
        on_trouble: Callable[[str], None] = lambda why: None,
        on_recovery: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_trouble` is told why nothing can be kept, once, and `on_recovery` when it can again."""
        self._database = database
        self._texts = TextReader(database.rows)
        self._reader = ExecutionReader(database, self._texts)
        self._writer = StoreWriter()
        self._commit = GroupCommit(database, self._writer.write, self._settle, on_trouble, on_recovery)
        self._numbers = count(self._reader.last_number() + 1)
        self._living: WeakValueDictionary[str, HostedExecution] = WeakValueDictionary()
        """Every execution that anybody has: there is never a second one of the same."""
        self._lock = threading.Lock()
        self._read: OrderedDict[str, HostedExecution] = OrderedDict()
        """Those that were read last."""
        self._maker: ExecutionMaker | None = None

    @classmethod
    def open(
        cls,
        path: str,
        on_trouble: Callable[[str], None] = lambda why: None,
        on_recovery: Callable[[], None] = lambda: None,
    ) -> HostStore:
        """The store in a file, which is made where there is none. Raises StoreError."""
        database = StoreDatabase.open(path)
        try:
            return cls(database, on_trouble, on_recovery)
        except BaseException:
            database.close()
            raise

    @property
    def path(self) -> str:
        """Where the file is."""
        return str(self._database.path)

    @property
    def place(self) -> tuple[str, str] | None:
        """The region and the account that the host had that was kept first. Raises StoreError."""
        found = self._database.rows("SELECT value FROM facts WHERE name IN ('account', 'region') ORDER BY name DESC")
        return (str(found[0][0]), str(found[1][0])) if len(found) == 2 else None

    def keep_place(self, region: str, account: str) -> None:
        """Note the region and the account of a host, if it is the first. Raises StoreError."""
        places = [("region", region), ("account", account)]
        self._database.write("INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", places)

    def scheduler(self, inner: JobScheduler) -> JobScheduler:
        """Who does the work of a host that this keeps."""
        return KeepingScheduler(inner, self._commit)

    def reopen(self, host: ExecutionHost) -> Reopened:
        """Have a host be as it was: its resources are there, and the executions that ran go on.

        Raises StoreError for resources that cannot be read.
        """
        self._maker = ExecutionMaker(host, self._reader)
        reopened = self._maker.reopen(kept_resources(self._database, self._texts), self._adopt, self.get)
        self._commit.start()
        return reopened

    def close(self) -> int:
        """Keep what is still to be kept, and let go of the file; how many entries could not be kept. Once more, it does
        nothing."""
        if self._commit.is_closed:
            return 0
        lost = self._commit.close()
        self._database.close()
        return lost

    def _settle(self, is_written: bool) -> None:
        self._writer.settle(is_written=is_written)

    # what it is told

    def check(self) -> None:
        """See that something can be kept. Raises HostRefusalError (NOT_KEPT)."""
        self._commit.check()

    def commit(self) -> None:
        """Wait until all that was told before is kept. Raises HostRefusalError (NOT_KEPT)."""
        self._commit.commit()

    def began(self, hosted: HostedExecution) -> None:
        """An execution is about to begin. Raises HostRefusalError (NOT_KEPT)."""
        self._commit.check()
        kept = hosted.kept = KeptExecution(next(self._numbers), RecordWriter())
        self._living[hosted.facts.arn] = hosted
        self._commit.add(ExecutionBegan(kept, hosted.facts, hosted.execution.settings, hosted.since))

    def stepping(self, hosted: HostedExecution, decision: Decision, after: Execution) -> None:
        """A step leads there."""
        kept = _kept(hosted)
        made = RecordMade(kept, decision, len(after.events), hosted.clock)
        if after.children or kept.has_children:
            self._commit.add(made, *self._found(kept, hosted, after))
        else:
            self._commit.add(made)

    def went_on(self, hosted: HostedExecution, kept: int) -> None:
        """An execution goes on from another line: so many of the decisions that are in the file stay."""
        execution, entry = hosted.execution, _kept(hosted)
        records = (Cut(kept), *execution.decisions[kept:])
        self._commit.add(*(RecordMade(entry, record, len(execution.events), hosted.clock) for record in records))
        children = (*execution.ended_children, *execution.children.values())
        self._commit.add(*(FoundWithin(entry, child.arn) for child in children))

    def awaiting(self, hosted: HostedExecution, attempt: HostedAttempt) -> None:
        """An attempt waits, or waits otherwise than before."""
        request, child = attempt.request, attempt.child
        record = KeptAttempt(
            request.branch,
            request.scheduled_event_id,
            request.attempt,
            attempt.kind.value,
            attempt.asked,
            attempt.began,
            attempt.heard,
            attempt.early,
            child.facts.arn if child is not None else "",
        )
        self._commit.add(RecordMade(_kept(hosted), record, len(hosted.execution.events), hosted.clock))

    def ended(self, hosted: HostedExecution) -> None:
        """An execution is over."""
        kept = _kept(hosted)
        within = [FoundWithin(kept, arn) for arn in hosted.map_run_works]
        self._commit.add(ExecutionStood(kept, hosted, hosted.execution, hosted.since, hosted.client_token), *within)

    def redriven(self, hosted: HostedExecution) -> None:
        """An execution goes on again."""
        with self._lock:
            self._read.pop(hosted.facts.arn, None)
        self.ended(hosted)

    def changed(self, change: ResourceChange) -> None:
        """A resource has changed."""
        self._commit.add(change)

    def token_ended(self, token: str, reason: RefusalReason) -> None:
        """Nobody waits for a token any more."""
        self._commit.add(TokenEnded(token, reason))

    @staticmethod
    def _found(kept: KeptExecution, hosted: HostedExecution, after: Execution) -> list[FoundWithin]:
        """The child executions that a step has begun."""
        kept.has_children = bool(after.children)
        before = hosted.execution.children
        if after.children is before:
            return []
        found = []
        for branch in reversed(tuple(after.children)):
            if branch in before:
                break
            found.append(FoundWithin(kept, after.children[branch].arn))
        return found

    # what it gives back

    def has(self, arn: str) -> bool:
        """Whether an execution is kept."""
        return arn in self._living or self._asked(arn, self._reader.has)

    def get(self, arn: str) -> HostedExecution | None:
        """An execution that is over. Raises HostRefusalError (NOT_KEPT, UNREADABLE)."""
        found = self._living.get(arn)
        if found is not None or self._maker is None:
            return found
        self._commit.commit()
        with self._lock:
            found = self._living.get(arn)
            return self._asked(arn, self._made) if found is None else found

    def owner(self, arn: str) -> HostedExecution | None:
        """The execution that has a Map Run or a child execution. Raises as `get`."""
        owner = self._asked(arn, self._reader.owner)
        return self.get(owner) if owner is not None else None

    def started_by(self, attempt: str) -> HostedExecution | None:
        """What an attempt has started that was open when another process ended. Raises as `get`."""
        if self._maker is None or attempt not in self._maker.open_attempts:
            return None
        arn = self._asked(attempt, self._reader.inside)
        return self.get(arn) if arn is not None else None

    def record(self, arn: str) -> ExecutionRecord | None:
        """How an execution ended. Raises HostRefusalError (NOT_KEPT, UNREADABLE)."""
        self._commit.commit()
        found = self._asked(arn, self._reader.get)
        return found.record(self._now) if found is not None else None

    def listed(
        self, machine_arn: str | None, qualified: str | None, status: str | None, redriven: bool | None
    ) -> Sequence[ExecutionRecord]:
        """The executions of a machine, or of all, the newest first. Raises HostRefusalError (NOT_KEPT)."""
        self._commit.commit()
        return self._reader.listed(machine_arn, qualified, status, redriven)

    def earlier(self, before: int | None, count: int) -> Sequence[EarlierExecution]:
        """Executions that are over, so many of those with a number below `before`, the newest first. Raises
        HostRefusalError (NOT_KEPT, UNREADABLE)."""
        self._commit.commit()
        return self._asked("", lambda _: self._reader.earlier(before, count))

    def count_earlier(self) -> int:
        """How many there are of them. Raises as `earlier`."""
        self._commit.commit()
        return self._asked("", lambda _: self._reader.count_earlier())

    def why_token_ended(self, token: str) -> RefusalReason | None:
        """Why nobody waits for a token any more, None for one that is not known. Raises HostRefusalError
        (UNREADABLE)."""
        return self._asked(token, self._reader.why_token_ended)

    def _adopt(self, made: MadeExecution) -> None:
        """From now on there is an execution, and it is kept."""
        made.hosted.kept = made.kept
        self._living[made.hosted.facts.arn] = made.hosted

    def _made(self, arn: str) -> HostedExecution | None:
        """With the lock: one that is over, read once more."""
        assert self._maker is not None
        columns = self._reader.get(arn)
        if columns is None:
            return None
        made = self._maker.made(columns)
        self._adopt(made)
        self._read[arn] = made.hosted
        events = sum(len(one.execution.events) for one in self._read.values())
        while len(self._read) > 1 and (len(self._read) > MOST_READ or events > _MOST_EVENTS):
            _, gone = self._read.popitem(last=False)
            events -= len(gone.execution.events)
        return made.hosted

    @staticmethod
    def _asked(about: str, ask: Callable[[str], T]) -> T:
        """What the file says. Raises HostRefusalError (UNREADABLE)."""
        try:
            return ask(about)
        except StoreError as error:
            raise HostRefusalError(RefusalReason.UNREADABLE, about, error.what) from error

    @property
    def _now(self) -> float:
        assert self._maker is not None
        return self._maker.now


def _kept(hosted: HostedExecution) -> KeptExecution:
    kept = hosted.kept
    assert isinstance(kept, KeptExecution), "it was told of when it began"
    return kept
