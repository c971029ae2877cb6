"""Who is told what happens in a host: executions that begin, move, end and leave memory; resources that change.

The host calls these things as they happen; a list of executions on a screen is one observer, what keeps them on disk
another. Where nobody observes, a step costs the count of `changes` more, and nothing else.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.hosting.changes import ResourceChange
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.left_behind import WentOn


class HostObserver(Protocol):
    """Is told what happens. It raises nothing, and holds nobody up.

    What is told under a lock comes in its order, and calls nothing of the host: what it looks at is `execution` and
    `facts`, which need no lock. Who derives from it has what it wants to be told.
    """

    def began(self, hosted: HostedExecution) -> None:
        """An execution is there; its first step comes after this, as does the answer to who started it. Its lock is
        free; where a Task has started it, that of the execution of the Task is not."""
        return

    def resumed(self, hosted: HostedExecution) -> None:
        """An execution of another process is there, as it stood there; it goes on after this."""
        return

    def decided(self, hosted: HostedExecution, decision: Decision) -> None:
        """A step was made, and `execution` is what came of it. Told under the lock of the execution."""
        return

    def ended(self, hosted: HostedExecution) -> None:
        """An execution is over. Its lock is free."""
        return

    def redriven(self, hosted: HostedExecution) -> None:
        """An execution goes on from where it failed; its `Redrive` was told before. Its lock is free."""
        return

    def forgotten(self, hosted: HostedExecution) -> None:
        """An execution that is over has left memory. Its lock is free."""
        return

    def held(self, hosted: HostedExecution) -> None:
        """An execution is held, or no longer, as `hosted.held` says. Told under its lock."""
        return

    def deserted(self, hosted: HostedExecution) -> None:
        """The client that waited for the end of an execution has gone; it runs on. Told on the thread of the call."""
        return

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        """An execution goes on from another line: of its decisions the first `went.decisions` stay, those behind them
        in `execution` have taken the place of the others. Told under its lock."""
        return

    def changed(self, change: ResourceChange) -> None:
        """A state machine, a version, an alias, an activity or tags have changed. Told under the lock of these."""
        return


class Observers:
    """Tells those who observe a host, and counts what it tells."""

    def __init__(self, observers: Iterable[HostObserver] = ()) -> None:
        self.list = list(observers)
        self.changes = 0
        """Another number after each thing that happened; from any thread."""
        self._numbers = count(1)

    def began(self, hosted: HostedExecution) -> None:
        """An execution is there."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.began(hosted)

    def resumed(self, hosted: HostedExecution) -> None:
        """An execution of another process is there."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.resumed(hosted)

    def decided(self, hosted: HostedExecution, decision: Decision) -> None:
        """A step was made."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.decided(hosted, decision)

    def ended(self, hosted: HostedExecution) -> None:
        """An execution is over."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.ended(hosted)

    def redriven(self, hosted: HostedExecution) -> None:
        """An execution goes on again."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.redriven(hosted)

    def forgotten(self, hosted: HostedExecution) -> None:
        """An execution has left memory."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.forgotten(hosted)

    def held(self, hosted: HostedExecution) -> None:
        """An execution is held, or no longer."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.held(hosted)

    def deserted(self, hosted: HostedExecution) -> None:
        """The client that waited for an execution has gone."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.deserted(hosted)

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        """An execution goes on from another line."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.went_on(hosted, went)

    def changed(self, change: ResourceChange) -> None:
        """A resource has changed."""
        self.changes = next(self._numbers)
        for observer in self.list:
            observer.changed(change)
