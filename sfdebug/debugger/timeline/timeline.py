"""The timeline: an append-only tree of executions, its forks, and the cursor."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec.structs import replace

from sfdebug.debugger.timeline.forks import Fork, ForkInfo
from sfdebug.debugger.timeline.index import TimelineIndex
from sfdebug.debugger.timeline.nodes import Cursor, TimelineNode, first_node, next_node
from sfdebug.engine import step
from sfdebug.engine.execution.branches import ManyBranches
from sfdebug.engine.execution.decisions import AnswerTask, EditInput, TaskResult
from sfdebug.errors import DecisionError
from sfdebug.values import same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Execution


_Run: TypeAlias = tuple[int, int, int]


class RecordedLine(Protocol):
    """What a timeline has to know of its main line, where that is a recording, or an execution that somebody else
    runs."""

    @property
    def is_live(self) -> bool:
        """Whether more of it may come."""

    @property
    def is_decided(self) -> bool:
        """Whether all of it are steps of the engine by decisions that are known: a session keeps those, and needs no
        recording."""

    def is_main(self, fork: Fork) -> bool:
        """Whether a fork is the main line."""

    def events(self, fork: Fork) -> Sequence[Event]:
        """All events of a fork: for the main line all that were recorded."""

    def count_on(self, fork: Fork, node: TimelineNode) -> int:
        """How many of the events of a fork have happened at one of its nodes."""

    def why_not_fork(self, node: TimelineNode, fork: Fork) -> str | None:
        """Why nothing can be changed at a node; None when it can."""

    def replay_to(self, timeline: Timeline, count: int) -> bool:
        """Have so many of its events on the main line, where more of them are yet to come; whether it grew."""


class Timeline:
    """All that was explored: nodes are only ever added. Forks share the nodes before the place where they part."""

    def __init__(self, execution: Execution) -> None:
        first = first_node(execution)
        self._nodes = [first]
        facts = TimelineIndex()
        facts.add(first)
        self._forks = [Fork(0, [first], facts, None, "")]
        self._fork = self._forks[0]
        self._decided: dict[int, str] = {}
        self.unanswered: set[tuple[int, BranchId]] = set()
        """The questions that the task handler does not know the answer to, by the node and the branch of each."""
        self.cursor = Cursor(first)
        self.record: RecordedLine | None = None
        """What was recorded, when the main line is a recording, or what is known of an execution that somebody else
        runs: then it never grows by itself, and never changes."""

    # what there is

    @property
    def forks(self) -> tuple[ForkInfo, ...]:
        """All forks, the first ("main") first."""
        return tuple(self._snapshot(fork) for fork in self._forks)

    @property
    def lines(self) -> Sequence[Fork]:
        """The forks themselves, the first first. Not to be changed."""
        return self._forks

    @property
    def decided_count(self) -> int:
        """How many decisions the user has made, on all forks."""
        return len(self._decided)

    def cursor_on(self, fork: Fork) -> Cursor:
        """Where the cursor of a fork is, or was left."""
        return self.cursor if fork is self._fork else fork.cursor

    @property
    def current(self) -> ForkInfo:
        """The fork that the cursor is on."""
        return self._snapshot(self._fork)

    @property
    def nodes(self) -> list[TimelineNode]:
        """The nodes of the current fork, from the first to the tip. Not to be changed."""
        return self._fork.nodes

    @property
    def main_nodes(self) -> list[TimelineNode]:
        """The nodes of the first fork, whichever is the current one. Not to be changed."""
        return self._forks[0].nodes

    @property
    def fork(self) -> Fork:
        """The current fork itself."""
        return self._fork

    def fork_of(self, fork_id: int) -> Fork:
        """The fork with that id. Raises KeyError."""
        fork = next((fork for fork in self._forks if fork.id == fork_id), None)
        if fork is None:
            raise KeyError(fork_id)
        return fork

    @property
    def is_on_recording(self) -> bool:
        """Whether the current fork is a recording, or somebody else's execution."""
        return self.record is not None and self.record.is_main(self._fork)

    @property
    def is_of_recording(self) -> bool:
        """Whether the main line is in a recording, which a session has no need to keep."""
        return self.record is not None and not self.record.is_decided

    @property
    def facts(self) -> TimelineIndex:
        """What happened to each state on the current fork, by node."""
        return self._fork.facts

    @property
    def tip(self) -> TimelineNode:
        """The last explored node of the current fork."""
        return self._fork.nodes[-1]

    @property
    def next(self) -> TimelineNode | None:
        """The node after the cursor's, if it is explored."""
        return self._fork.after(self.cursor.node)

    def node(self, node_id: int) -> TimelineNode | None:
        """The node with that id, on whatever fork."""
        return self._nodes[node_id] if 0 <= node_id < len(self._nodes) else None

    def decided(self, node: TimelineNode | None) -> str:
        """The decision of the user that made `node`, as the reason given to `decide`; "" when none did."""
        return self._decided.get(node.id, "") if node is not None else ""

    def can_take_back(self, node: TimelineNode) -> bool:
        """Whether `node` is a decision of the user on the current fork, other than the one that made the fork."""
        fork = self._fork
        if node.id not in self._decided or not fork.holds(node):
            return False
        made_the_fork = fork.parent is not None and fork.undoes is None and node.index == fork.shared
        return node.index >= fork.shared and not made_the_fork

    def at_event(self, count: int) -> TimelineNode:
        """The first node of the current fork at which so many events have happened; the tip when there are fewer."""
        return self._first(bisect_left(self.nodes, count, key=lambda node: len(node.execution.events)))

    def entering(self, number: int) -> TimelineNode:
        """The node of the current fork that opened the visit with that number; the tip when there is none."""
        return self._first(bisect_left(self.nodes, number, key=lambda node: node.execution.visit_count))

    def began(self, node: TimelineNode, branch: BranchId) -> TimelineNode:
        """The node at which the run of a branch was started that goes on at `node`."""
        run = self._run_at(node, branch)
        if run is not None:
            return self.nodes[
                bisect_left(self.nodes, True, hi=node.index, key=lambda each: _run_of(each, branch) == run)
            ]
        while node.parent is not None and branch in node.parent.execution.branches:
            node = node.parent
        return node

    def over_after(self, node: TimelineNode, branch: BranchId) -> int:
        """The index of the node at which the run of a branch that goes on at `node` is over, on explored ground; where
        it is not, that of the node to come after the tip."""
        run, nodes = self._run_at(node, branch), self.nodes
        if run is not None:
            return bisect_left(nodes, True, lo=node.index + 1, key=lambda each: _run_of(each, branch) != run)
        ahead = range(node.index + 1, len(nodes))
        return next((index for index in ahead if branch not in nodes[index].execution.branches), len(nodes))

    def _run_at(self, node: TimelineNode, branch: BranchId) -> _Run | None:
        """What tells the run of a branch apart from its others; None where that is not known: in a recording that no
        engine has run again, which has few branches, or has them in dicts."""
        is_known = self.record is None or type(node.execution.branches) is ManyBranches
        return _run_of(node, branch) if is_known else None

    def _first(self, index: int) -> TimelineNode:
        return self.nodes[min(index, len(self.nodes) - 1)]

    def replay_to(self, count: int) -> None:
        """Have so many events of a recording that is still being replayed on the main line, when that is in view."""
        if self.record is not None and self.is_on_recording:
            self.record.replay_to(self, count)

    def replay_more(self) -> bool:
        """Have more of a recording that is still being replayed on the main line; whether there is more."""
        if self.record is None or not self.is_on_recording:
            return False
        return self.record.replay_to(self, self.record.count_on(self.fork, self.tip) + 1)

    # moving

    def put_cursor(self, node: TimelineNode, stage_offset: int | None = None, focus: BranchId | None = None) -> None:
        """Move the cursor to a stage of `node`: by default its last one, with the focus that belongs to it.

        `node` is on the current fork, or on another, which then becomes the current one.
        """
        if not self._fork.holds(node):
            self._select(next(fork for fork in self._forks if fork.holds(node)))
        stage_offset = node.last_stage_offset if stage_offset is None else stage_offset
        self.cursor = Cursor(node, stage_offset, None if focus == node.focus_at(stage_offset) else focus)

    def switch(self, fork_id: int) -> None:
        """Make another fork the current one, with its cursor where it was left. Raises KeyError."""
        fork = self.fork_of(fork_id)
        if fork is not self._fork:
            self._select(fork)
            self.cursor = fork.cursor

    def _select(self, fork: Fork) -> None:
        self._fork.cursor = self.cursor
        self._fork = fork

    # growing

    def append_recorded(self, make: Callable[[int, TimelineNode], TimelineNode]) -> TimelineNode:
        """Add what was recorded next to the main line: `make` is given the node's id and the one before it."""
        fork = self._forks[0]
        node = make(len(self._nodes), fork.nodes[-1])
        self._nodes.append(node)
        fork.append(node)
        fork.recorded = len(fork.nodes)
        return node

    def cut_main(self, count: int) -> None:
        """Keep the first `count` nodes of the main line; a cursor behind them goes to the last of these."""
        fork = self._forks[0]
        fork.nodes, fork.facts, fork.recorded = fork.nodes[:count], fork.facts.until(count - 1), count
        last = Cursor(fork.nodes[-1], fork.nodes[-1].last_stage_offset)
        if not fork.holds(fork.cursor.node):
            fork.cursor = last
        if self._fork is fork and not fork.holds(self.cursor.node):
            self.cursor = last

    def branch_off(self, base: TimelineNode, reason: str) -> None:
        """Select a new fork that ends at `base`, a node of the current one, without a decision of its own yet.

        Raises DecisionError where nothing can be made to go on from.
        """
        self._check_forkable(base)
        self._take_up(self._forked(base, reason))

    def _check_forkable(self, base: TimelineNode) -> None:
        why = self.record.why_not_fork(base, self._fork) if self.record is not None else None
        if why is not None:
            raise DecisionError(why)

    def extend(self, decision: Decision) -> TimelineNode:
        """Compute the node after the tip, on which the cursor has to stand; the cursor stays."""
        assert self.cursor.node is self.tip
        assert not self.is_on_recording, "a recording is not made longer"
        return self._grow(self._fork, decision, None)

    def decide(
        self, base: TimelineNode, decision: Decision, reason: str, focus: BranchId | None = None
    ) -> tuple[TimelineNode, bool]:
        """Take a decision at `base`, a node of the current fork: the node after it, and whether a fork was made.

        The tip grows. Where the same decision was made before, that is where it leads. Otherwise a fork is made
        for it: the nodes beyond `base` stay as they are, on the fork that was left. The cursor stays for the
        caller to put. Raises DecisionError, before anything is changed, when the decision does not fit.
        """
        self._check_forkable(base)
        if base is self.tip and not self.is_on_recording:
            node = self._grow(self._fork, decision, focus)
            self._decided[node.id] = reason
            return node, False
        known = self._known(base, decision)
        if known is not None:
            return known, False
        after = step(base.execution, decision)
        fork = self._forked(base, reason)
        node = self._add(fork, base, decision, after, focus)
        self._decided[node.id] = reason
        self._take_up(fork)
        return node, True

    def take_back(self, node: TimelineNode, base: TimelineNode, reason: str) -> bool:
        """Select a fork that ends at `base`, before the decision `node`; whether it is new.

        It has no node of its own until it is walked on. A fork that took back the same decision is used again.
        """
        known = next((fork for fork in self._forks if fork.undoes is node and fork.parent is self._fork), None)
        if known is not None:
            self._select(known)
            return False
        fork = self._forked(base, reason)
        fork.undoes = node
        self._take_up(fork)
        return True

    # growing again, as a session tells that was saved

    def regrow(self, fork_id: int, decision: Decision, reason: str, focus: BranchId | None) -> TimelineNode:
        """The node after the tip of a fork, as it was made before; `reason` is "" where the user did not decide it.

        The cursor stays. Raises DecisionError when the decision does not fit.
        """
        node = self._grow(self._forks[fork_id], decision, focus)
        if reason:
            self._decided[node.id] = reason
        return node

    def refork(self, parent_id: int, index: int, reason: str, undoes: TimelineNode | None) -> Fork:
        """A fork that ends at the node with that index of another one; the cursor stays where it is."""
        parent = self._forks[parent_id]
        nodes = parent.nodes[: index + 1]
        fork = Fork(len(self._forks), nodes, parent.facts.until(nodes[-1].index), parent, reason)
        fork.undoes = undoes
        self._forks.append(fork)
        return fork

    def stand(self, fork_id: int, cursor: Cursor) -> None:
        """Make a fork the current one, with its cursor there."""
        if self._forks[fork_id] is not self._fork:
            self._select(self._forks[fork_id])
        self.cursor = cursor

    def _forked(self, base: TimelineNode, reason: str) -> Fork:
        """A fork that ends at `base`, a node of the current one, and is to be taken up."""
        return Fork(len(self._forks), self.nodes[: base.index + 1], self.facts.until(base.index), self._fork, reason)

    def _take_up(self, fork: Fork) -> None:
        self._forks.append(fork)
        self._select(fork)

    def _known(self, base: TimelineNode, decision: Decision) -> TimelineNode | None:
        others = (fork for fork in self._forks if fork is not self._fork and fork.holds(base))
        for fork in (self._fork, *others):
            node = fork.after(base)
            if node is not None and node.decision is not None and _same_decision(node.decision, decision):
                return node
        return None

    def _grow(self, fork: Fork, decision: Decision, focus: BranchId | None) -> TimelineNode:
        base = fork.nodes[-1]
        return self._add(fork, base, decision, step(base.execution, decision), focus)

    def _add(
        self, fork: Fork, base: TimelineNode, decision: Decision, after: Execution, focus: BranchId | None
    ) -> TimelineNode:
        node = next_node(len(self._nodes), base, decision, after, focus)
        self._nodes.append(node)
        fork.append(node)
        return node

    def _at_event(self, fork: Fork) -> int:
        if self.record is None or fork.parent is None:
            return fork.at_event
        return self.record.count_on(fork, fork.nodes[fork.shared - 1])

    def _snapshot(self, fork: Fork) -> ForkInfo:
        tip = fork.nodes[-1].execution
        return ForkInfo(
            id=fork.id,
            name=fork.name,
            parent=fork.parent.id if fork.parent else None,
            at_event=self._at_event(fork),
            reason=fork.reason,
            events=len(tip.events) if self.record is None else len(self.record.events(fork)),
            status=tip.status,
            is_current=fork is self._fork,
        )


def _run_of(node: TimelineNode, branch: BranchId) -> _Run | None:
    """The attempt of the Parallel or Map that a branch runs in: it runs once in it. None where it does not run."""
    execution = node.execution
    container = execution.branches.get(branch[:-1]) if branch in execution.branches else None
    visit = container.visit if branch and container is not None else None
    return (visit.number, visit.attempt, execution.redrive_count) if visit is not None else None


def _same_decision(left: Decision, right: Decision) -> bool:
    """Whether two decisions are the same; unlike `==`, true is not 1 in the values that they carry."""
    if isinstance(left, EditInput) and isinstance(right, EditInput):
        return left.branch == right.branch and same(left.input, right.input)
    if isinstance(left, AnswerTask) and isinstance(right, AnswerTask):
        mine, theirs = left.answer, right.answer
        if isinstance(mine, TaskResult) and isinstance(theirs, TaskResult):
            return (
                left.branch == right.branch
                and same(mine.output, theirs.output)
                and replace(mine, output=None) == replace(theirs, output=None)
            )
    return left == right
