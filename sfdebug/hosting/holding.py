"""Holding executions: why one is held and since when, what holds, and what reaches a held one until it goes on.

To its client a held execution is RUNNING. Nothing of it moves by itself, and its clock stands still, so that no pause
expires a token or a timeout. What clients send to it is taken, and counts when it goes on.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from sfdebug.engine.execution.decisions import Proceed
from sfdebug.engine.execution.execution import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.debugger.breakpoints.hits import Hit
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.hosting.attempts import HostedAttempt
    from sfdebug.hosting.records import StartFacts


class HoldKind(StrEnum):
    """What holds an execution."""

    START = "start"
    """Every one that starts is held before its first state."""
    BREAKPOINT = "breakpoint"
    STEP = "step"
    """It has made the one step that it was to make."""
    BY_HAND = "by hand"


class HoldReason(Struct, frozen=True):
    """Why an execution is held: the branch that it is about, if there is one, and the breakpoints that were hit."""

    kind: HoldKind
    branch: BranchId | None = None
    hits: tuple[Hit, ...] = ()


class Held(Struct, frozen=True):
    """That an execution is held: why, and since when, in milliseconds since 1970."""

    reason: HoldReason
    since: float


class HoldLookout(Protocol):
    """Looks at each step of one execution for a reason to hold it."""

    def before(self, execution: Execution, branch: Branch) -> HoldReason | None:
        """Whether it is held before a branch enters its state."""

    def after(self, before: Execution, decision: Decision, after: Execution) -> HoldReason | None:
        """Whether it is held after a step."""


class ExecutionHolder(Protocol):
    """Says where executions are held."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing holds now: then no step is looked at."""

    def lookout(self, facts: StartFacts, execution: Execution) -> HoldLookout:
        """What looks at the steps of an execution from now on."""


class Arrival:
    """Something from outside that an attempt waited for: the decisions that come of it, each to be taken before the
    next is asked for. `is_sent`: a client has sent it, and was told that it was taken."""

    __slots__ = ("attempt", "decisions", "is_sent")

    def __init__(self, attempt: HostedAttempt | None, decisions: Iterator[Decision], *, is_sent: bool = False) -> None:
        self.attempt = attempt
        self.decisions = decisions
        self.is_sent = is_sent


class Holding:
    """Whether one execution is held, and what has arrived for it and was not taken in yet. Used under its lock."""

    def __init__(self) -> None:
        self.held: Held | None = None
        self.lookout: HoldLookout | None = None
        self.is_stepping = False
        """Whether it is to be held again after its next step."""
        self.arrivals: deque[Arrival] = deque()
        self.is_watching = False
        """Whether each step is looked at."""
        self._asked: dict[BranchId, Branch] = {}
        """The branches that stand before a state and were looked at there, as they stood."""
        self._holder: ExecutionHolder | None = None

    def look_with(self, holder: ExecutionHolder | None, facts: StartFacts, execution: Execution) -> None:
        """Look at the steps from here on as `holder` says."""
        if holder is None or holder.is_idle:
            if self._holder is not None:
                self._holder = self.lookout = None
                self.is_watching = self.is_stepping
        elif holder is not self._holder:
            self._holder, self.lookout, self.is_watching = holder, holder.lookout(facts, execution), True

    def step_once(self, *, is_stepping: bool) -> None:
        """It is to be held again after its next step, or is held."""
        self.is_stepping = is_stepping
        self.is_watching = is_stepping or self.lookout is not None

    def begin_anew(self, execution: Execution, come: Iterator[Decision]) -> None:
        """The execution is another one from here on: what was looked at counts no more, and `come` comes first. Where
        it stands nobody looks: whoever has it go on from there has stopped there."""
        self._holder = self.lookout = None
        self._asked = {branch.id: branch for branch in execution.branches.values() if branch.phase is Phase.READY}
        self.arrivals.appendleft(Arrival(None, come))

    def end(self) -> bool:
        """The execution is over: it is not held, and nothing arrives. Whether it was held."""
        was_held = self.held is not None
        self.held = None
        self.step_once(is_stepping=False)
        self.arrivals.clear()
        return was_held

    def sent_for(self, attempts: Sequence[HostedAttempt]) -> list[HostedAttempt]:
        """Those of some attempts for which clients have sent an answer that was not taken in yet."""
        sent = {id(arrival.attempt) for arrival in self.arrivals if arrival.is_sent}
        return [attempt for attempt in attempts if id(attempt) in sent or attempt.early is not None]

    def arrived(self) -> Decision | None:
        """The next decision of what has arrived."""
        while self.arrivals:
            decision = next(self.arrivals[0].decisions, None)
            if decision is not None:
                return decision
            self.arrivals.popleft()
        return None

    def before(self, execution: Execution, decision: Decision) -> HoldReason | None:
        """Whether the execution is held before a step: where a state is entered, once."""
        if self.lookout is None or not isinstance(decision, Proceed) or decision.branch is None:
            return None
        branch = execution.branches[decision.branch]
        if branch.phase is not Phase.READY or self._asked.get(branch.id) is branch:
            return None
        self._asked[branch.id] = branch
        reason = self.lookout.before(execution, branch)
        return None if self.is_stepping else reason

    def after(self, before: Execution, decision: Decision, after: Execution) -> HoldReason | None:
        """Whether the execution is held after a step."""
        self._asked.pop(after.moved, None)
        reason = self.lookout.after(before, decision, after) if self.lookout is not None else None
        if reason is None and self.is_stepping:
            return HoldReason(HoldKind.STEP, after.moved)
        return reason
