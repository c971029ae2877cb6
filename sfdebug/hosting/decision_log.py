"""What was decided in each hosted execution, in memory: an observer of the host, with which an execution is run again
decision by decision.

It is bounded. Where there is no more room, executions that are over are let go of first, those that ended first; then
the longest one. Of these only the history remains, as it is in the host.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.decisions import Redrive
from sfdebug.hosting.observing import HostObserver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.hosting.changes import ResourceChange
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.left_behind import WentOn

MOST_DECISIONS: Final = 1_000_000
"""So many are kept in all: a hundred bytes each, beside the data in them, which the execution shares."""


class DecisionLog(HostObserver):
    """Keeps what is decided, from the beginning of each execution."""

    def __init__(self, most: int = MOST_DECISIONS) -> None:
        self._most = most
        self._kept: dict[str, list[Decision]] = {}
        """By the ARNs of executions, all that was decided in them, in order."""
        self._over: dict[str, None] = {}
        """Those that are over, in the order in which they ended."""
        self._count = 0
        self._lock = threading.Lock()

    def decisions(self, arn: str, since: int = 0) -> Sequence[Decision] | None:
        """What was decided in an execution, but for the first `since`; None where not all of it is kept."""
        kept = self._kept.get(arn)
        return kept[since:] if kept is not None else None

    # what the host tells

    def began(self, hosted: HostedExecution) -> None:
        """Keep what is decided in it."""
        with self._lock:
            self._drop(hosted.facts.arn)
            self._kept[hosted.facts.arn] = []

    def resumed(self, hosted: HostedExecution) -> None:
        """Keep what was decided in it in another process, too."""
        with self._lock:
            self._keep_all(hosted)

    def decided(self, hosted: HostedExecution, decision: Decision) -> None:
        """Keep a decision. Under the lock of the execution: in order."""
        with self._lock:
            kept = self._kept.get(hosted.facts.arn)
            if kept is not None:
                kept.append(decision)
                self._count += 1
            elif isinstance(decision, Redrive):  # it may have ended in another process, and is in memory from now on
                self._keep_all(hosted)
            self._make_room()

    def ended(self, hosted: HostedExecution) -> None:
        """It is over: let go of it before those that run."""
        with self._lock:
            if hosted.facts.arn in self._kept:
                self._over[hosted.facts.arn] = None

    def redriven(self, hosted: HostedExecution) -> None:
        """It runs again."""
        with self._lock:
            self._over.pop(hosted.facts.arn, None)

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        """It goes on from another line: what was decided on that takes the place of what is left behind."""
        with self._lock:
            kept = self._kept.get(hosted.facts.arn)
            if kept is not None:
                before = len(kept)
                kept[went.decisions :] = hosted.execution.decisions[went.decisions :]
                self._count += len(kept) - before

    def forgotten(self, hosted: HostedExecution) -> None:
        """The host has let go of it."""
        with self._lock:
            self._drop(hosted.facts.arn)

    def changed(self, change: ResourceChange) -> None:
        """Nothing is decided by that."""

    # room

    def _keep_all(self, hosted: HostedExecution) -> None:
        """Keep what was decided in it so far, unless it has forgotten a part of that itself."""
        decisions = hosted.execution.decisions
        if not decisions.first:
            self._drop(hosted.facts.arn)
            self._kept[hosted.facts.arn] = list(decisions)
            self._count += len(decisions)
            self._make_room()

    def _make_room(self) -> None:
        while self._count > self._most and self._kept:
            self._drop(self._least_wanted())

    def _least_wanted(self) -> str:
        return next(iter(self._over), None) or max(self._kept, key=lambda arn: len(self._kept[arn]))

    def _drop(self, arn: str) -> None:
        self._over.pop(arn, None)
        self._count -= len(self._kept.pop(arn, ()))
