"""The executions of a host: by ARN, by machine, by Map Run. The oldest that are over leave memory; what was kept of
them is found all the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from sfdebug.hosting.map_runs import children_of
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.values import same

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.keeping import HostKeeping


class ExecutionMemory:
    """The executions that run, and so many of those that are over; what it is asked for besides has been kept."""

    def __init__(self, keep: int, keeping: HostKeeping) -> None:
        self._keep = keep
        self._keeping = keeping
        self._lock = threading.Lock()
        self._executions: dict[str, HostedExecution] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        """The ARNs of those that are over, in the order in which they ended."""
        self.is_closed = False

    def close(self) -> list[HostedExecution]:
        """Take no execution any more, and have none go on again; those that are in memory."""
        with self._lock:
            self.is_closed = True
            return list(self._executions.values())

    def add(self, hosted: HostedExecution, *, is_named: bool) -> HostedExecution:
        """Take an execution; the one that runs already, where the same is started once more. Source: AWS API,
        StartExecution: for Express workflows it is not idempotent, and their names may be those of others. `is_named`:
        its name may be that of another one.

        Raises HostRefusalError (CLOSED, EXECUTION_EXISTS, NOT_KEPT).
        """
        arn = hosted.facts.arn
        with self._lock:
            if self.is_closed:
                raise HostRefusalError(RefusalReason.CLOSED)
            before = self._executions.get(arn)
            if before is not None:
                if before.over.is_set() or not same(before.execution.input, hosted.execution.input):
                    raise HostRefusalError(RefusalReason.EXECUTION_EXISTS, arn)
                return before
            if is_named and self._keeping.has(arn):
                raise HostRefusalError(RefusalReason.EXECUTION_EXISTS, arn)
            self._keeping.began(hosted)
            self._executions[arn] = hosted
            return hosted

    def resume(self, hosted: HostedExecution) -> None:
        """Take an execution that was kept, and runs."""
        with self._lock:
            self._executions[hosted.facts.arn] = hosted

    def redriving(self, hosted: HostedExecution) -> None:
        """An execution is about to go on again: it is in memory as long as it runs, also where it had left it. Told
        under its lock. Raises HostRefusalError (CLOSED; EXECUTION_UNKNOWN where another one has its ARN by now)."""
        arn = hosted.facts.arn
        with self._lock:
            if self.is_closed:
                raise HostRefusalError(RefusalReason.CLOSED, arn)
            if self._executions.setdefault(arn, hosted) is not hosted:
                raise HostRefusalError(RefusalReason.EXECUTION_UNKNOWN, arn)
            self._ended.pop(arn, None)

    def ended(self, hosted: HostedExecution) -> list[HostedExecution]:
        """An execution is over; those that leave memory for it. One that goes on again by now stays."""
        forgotten = []
        with self._lock:
            arn = hosted.facts.arn
            if not hosted.over.is_set() or self._executions.get(arn) is not hosted:
                return []
            self._ended.pop(arn, None)
            self._ended[arn] = None
            while len(self._ended) > self._keep:
                oldest, _ = self._ended.popitem(last=False)
                forgotten.append(self._executions.pop(oldest))
        return forgotten

    def catch_up(self, token: str) -> None:
        """Have the execution that is about to wait for a token do so, if there is one."""
        for hosted in self.all():
            if not hosted.over.is_set():
                hosted.catch_up(token)

    # what there is

    def get(self, arn: str) -> HostedExecution:
        """An execution. Raises HostRefusalError (EXECUTION_UNKNOWN, UNREADABLE)."""
        found = self._executions.get(arn) or self._keeping.get(arn)
        if found is None:
            raise HostRefusalError(RefusalReason.EXECUTION_UNKNOWN, arn)
        return found

    def in_memory(self, arn: str) -> HostedExecution | None:
        """An execution; None where it has left memory, or there is none."""
        return self._executions.get(arn)

    def started_by(self, attempt: str) -> HostedExecution | None:
        """The execution that an attempt has started in another process; None nearly always."""
        return self._keeping.started_by(attempt)

    def all(self) -> list[HostedExecution]:
        """All of them, in the order in which they were started."""
        with self._lock:
            return list(self._executions.values())

    def has_running(self, machine_arn: str) -> bool:
        """Whether an execution of a machine runs."""
        return any(one.facts.machine.arn == machine_arn and not one.over.is_set() for one in self.all())

    def with_map_run(self, arn: str) -> HostedExecution:
        """The execution that has a Map Run. Raises HostRefusalError (MAP_RUN_UNKNOWN)."""
        for hosted in self.all():
            if arn in hosted.map_run_works:
                return hosted
        kept = self._keeping.owner(arn)
        if kept is None or arn not in kept.map_run_works:
            raise HostRefusalError(RefusalReason.MAP_RUN_UNKNOWN, arn)
        return kept

    def with_child(self, arn: str) -> tuple[HostedExecution, ChildExecution]:
        """A child execution of a Map Run, and the execution that it is of. Raises HostRefusalError
        (EXECUTION_UNKNOWN)."""
        for hosted in self.all():
            child = _child_of(hosted, arn)
            if child is not None:
                return hosted, child
        kept = self._keeping.owner(arn)
        child = _child_of(kept, arn) if kept is not None else None
        if kept is None or child is None:
            raise HostRefusalError(RefusalReason.EXECUTION_UNKNOWN, arn)
        return kept, child


def _child_of(hosted: HostedExecution, arn: str) -> ChildExecution | None:
    if not hosted.map_run_works:
        return None
    return next((child for child in children_of(hosted.execution) if child.arn == arn), None)


def is_child_arn(arn: str) -> bool:
    """Whether an ARN is that of a child execution of a Map Run."""
    return "/" in ":".join(arn.split(":")[6:7])
