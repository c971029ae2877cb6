"""The Map Runs of an execution in a few words: how many child executions there were, and why some failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.values import Json

MOST_FAILURES: Final = 5
"""So many failed child executions of a Map Run are told on the screen."""


class FailedChild(Struct, frozen=True):
    """A child execution that did not succeed; `number` counts from 1, `state` is where its error came from."""

    number: int
    name: str
    status: str
    error: str | None
    cause: str | None
    state: str

    def as_dict(self) -> dict[str, Json]:
        """One entry of `failures` in what `sfdebug run --json` prints."""
        return {
            "child": self.number,
            "name": self.name,
            "status": self.status,
            "error": self.error,
            "cause": self.cause,
            "failedState": self.state or None,
        }


class MapRun(Struct, frozen=True):
    """One run of a distributed Map. `counts` are its child executions by status."""

    arn: str
    state: str
    counts: dict[str, int]
    failures: tuple[FailedChild, ...]

    @property
    def total(self) -> int:
        """How many child executions were started."""
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """How many did not succeed by themselves."""
        return len(self.failures)

    @property
    def text(self) -> str:
        """`25 child executions, 23 succeeded, 2 failed`."""
        words = (f"{count:,} {status.lower().replace('_', ' ')}" for status, count in self.counts.items())
        return ", ".join([counted(self.total, "child execution"), *words])

    def as_dict(self) -> dict[str, Json]:
        """One entry of `mapRuns` in what `sfdebug run --json` prints."""
        counts: dict[str, Json] = {status.lower(): count for status, count in self.counts.items()}
        return {
            "mapRunArn": self.arn,
            "state": self.state,
            "childExecutions": {"total": self.total, **counts},
            "failures": [child.as_dict() for child in self.failures],
        }


def map_runs(execution: Execution) -> tuple[MapRun, ...]:
    """The Map Runs of `execution` that started child executions, in the order in which the first of these ended."""
    by_arn: dict[str, list[ChildExecution]] = {}
    for child in (*execution.ended_children, *execution.children.values()):
        by_arn.setdefault(child.map_run_arn, []).append(child)
    states = _failed_states(execution) if by_arn else {}
    return tuple(_map_run(arn, children, states) for arn, children in by_arn.items())


_UNSUCCESSFUL: Final = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT)
_Key = tuple[object, str | None, str | None]


def _map_run(arn: str, children: list[ChildExecution], states: dict[_Key, str]) -> MapRun:
    counts = Counter(child.status for child in children)
    ordered = {str(status): counts[status] for status in ExecutionStatus if counts[status]}
    failed = sorted((child for child in children if child.status in _UNSUCCESSFUL), key=lambda child: child.id)
    return MapRun(arn, children[0].id[-1][0], ordered, tuple(_failed(child, states) for child in failed))


def _failed(child: ChildExecution, states: dict[_Key, str]) -> FailedChild:
    error, cause = (child.fault.error, child.fault.cause) if child.fault else (None, None)
    state = states.get((child.id, error, cause), "")
    return FailedChild(child.id[-1][1] + 1, child.name, str(child.status), error, cause, state)


def _failed_states(execution: Execution) -> dict[_Key, str]:
    """The state whose visit failed first, by the branch that runs a child execution, the error and the cause."""
    found: dict[_Key, str] = {}
    for visit in execution.visits:
        if visit.status is VisitStatus.FAILED and visit.fault is not None:
            for depth in range(1, len(visit.branch) + 1):
                key = (visit.branch[:depth], visit.fault.error, visit.fault.cause)
                found.setdefault(key, visit.state.name)
    return found
