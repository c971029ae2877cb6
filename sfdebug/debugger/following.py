"""An execution that somebody else runs, in a debugger: its main line grows by what is decided there, and by nothing
that is done here. Who looks at it goes back, forks and tries on lines of their own.

The engine is pure: the same definition, input, settings and decisions give the same execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.debugger import Debugger
from sfdebug.engine import step
from sfdebug.engine.execution.decisions import AnswerTask, Proceed, TaskFailure, TaskResult
from sfdebug.engine.execution.execution import Phase
from sfdebug.errors import DecisionError
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.values import same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler


class FollowedLine:
    """What a timeline has to know of a main line that is somebody else's (`RecordedLine`)."""

    is_decided = True

    def __init__(self) -> None:
        self.is_live = True
        self.fork_id = 0
        """The fork that is the main line: another one once somebody has had a fork go on as the execution itself."""

    def is_main(self, fork: Fork) -> bool:
        """Whether a fork is the execution itself."""
        return fork.id == self.fork_id

    def events(self, fork: Fork) -> Sequence[Event]:
        """All events of a fork, as far as they are known."""
        return fork.nodes[-1].execution.events

    def count_on(self, fork: Fork, node: TimelineNode) -> int:
        """How many of them have happened at a node."""
        return len(node.execution.events)

    def why_not_fork(self, node: TimelineNode, fork: Fork) -> None:
        """It can be left at each node."""

    def replay_to(self, timeline: Timeline, count: int) -> bool:
        """What is known is there already."""
        return False


def followed_line(timeline: Timeline) -> FollowedLine | None:
    """The main line of a timeline, where it is somebody else's."""
    return timeline.record if isinstance(timeline.record, FollowedLine) else None


class FollowedAnswers:
    """Answers the Tasks of forks as the execution itself was answered: the same attempt of the same visit of a branch,
    called with the same input. What is called otherwise is left to others."""

    def __init__(self) -> None:
        self._answers: dict[tuple[StatePath, BranchId, int], tuple[TaskRequest, Answer]] = {}

    def note(self, request: TaskRequest, answer: Answer) -> None:
        """So it was answered."""
        self._answers[request.state.path, request.branch, request.invocation] = request, answer

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The execution itself, and why it does not tell the answer."""
        why_not = "" if self.answer(request) is not None else "it was not called like this there"
        return Answerer(AnswererKind.RECORDING, "as in the execution itself", why_not=why_not)

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the same attempt was answered; None when it was not, or was called otherwise."""
        known = self._answers.get((request.state.path, request.branch, request.invocation))
        if known is None or known[0].attempt != request.attempt or not same(known[0].input, request.input):
            return None
        return known[1]


class Following:
    """A debugger on an execution that somebody else runs, as far as its decisions are known here.

    `begun` is the execution at any of its moments: how it began is made from it. `tasks` answer on forks what the
    execution itself was not asked. Raises SfdebugError where it cannot begin.
    """

    def __init__(self, begun: Execution, tasks: TaskHandler | None = None) -> None:
        self._answers = FollowedAnswers()
        others = [] if tasks is None else [tasks]
        handler = FirstAnswer(self._answers, *others)
        self.debugger = Debugger(begun.machine, begun.input, tasks=handler, settings=begun.settings)
        self.line = FollowedLine()
        self.debugger.timeline.record = self.line
        self.taken = 0
        """How many of its decisions the main line has grown by."""
        self._counts = {self.main.nodes[0].id: 0}
        """At which nodes of the main line a decision was taken whole, by their ids: how many were by then."""

    @property
    def main(self) -> Fork:
        """The fork that is the execution itself."""
        return self.debugger.timeline.fork_of(self.line.fork_id)

    @property
    def is_on_main(self) -> bool:
        """Whether the cursor is on the execution itself, not on a fork of one's own."""
        return self.line.is_main(self.debugger.timeline.fork)

    @property
    def is_at_head(self) -> bool:
        """Whether the cursor stands where the execution itself stands."""
        timeline = self.debugger.timeline
        return self.is_on_main and timeline.cursor.node is timeline.tip and timeline.cursor.is_settled

    @property
    def behind(self) -> int:
        """How many events of the execution itself come after those that the cursor's line shares with it."""
        here, main = self.debugger.timeline.cursor.node, self.main
        while not main.holds(here) and here.parent is not None:
            here = here.parent
        return len(main.nodes[-1].execution.events) - len(here.execution.events)

    def take_in(self, decisions: Iterable[Decision], enough: Callable[[], bool] = lambda: False) -> bool:
        """Have the main line grow by what was decided next, until that is `enough` for now; a cursor that stood at its
        end goes along. Whether it grew.

        Raises DecisionError for what does not fit.
        """
        was_at_head, before = self.is_at_head, self.taken
        for decision in decisions:
            self._grow(decision)
            self.taken += 1
            self._counts[self.main.nodes[-1].id] = self.taken
            if enough():
                break
        if self.taken == before:
            return False
        if was_at_head:
            self.go_to_head()
        return True

    def go_to_head(self) -> None:
        """Put the cursor where the execution itself stands."""
        self.debugger.timeline.switch(self.line.fork_id)
        self.debugger.timeline.put_cursor(self.main.nodes[-1])
        self.debugger.resume()

    def line_here(self, decided: Sequence[Decision]) -> Execution:
        """The execution at the cursor, come to by the very decisions of the execution itself as far as that goes;
        `decided` are all of those. Raises DecisionError where it does not come to the same."""
        node = self.debugger.timeline.cursor.node
        shared, own = self._parted(node)
        execution = self.debugger.timeline.main_nodes[0].execution
        for decision in (*decided[: self._counts[shared.id]], *(one.decision for one in own)):
            assert decision is not None, "only the first node has none"
            execution = step(execution, decision)
        if _stands(execution) != _stands(node.execution):
            raise DecisionError("the execution cannot be brought to where this line stands")
        return execution

    def use_here_as_main(self) -> None:
        """The line of the cursor goes on as the execution itself, from the cursor; what was that is left behind."""
        timeline = self.debugger.timeline
        node = timeline.cursor.node
        shared, own = self._parted(node)
        if timeline.tip is not node or self.is_on_main:
            timeline.branch_off(node, "went on from here")
            timeline.put_cursor(node)
        count = self._counts[shared.id]
        self._counts = {id: known for id, known in self._counts.items() if known <= count}
        self._counts |= {one.id: count + number for number, one in enumerate(own, start=1)}
        self.line.fork_id = timeline.fork.id
        self.taken = count + len(own)
        self.debugger.resume()  # what was said of the line as one's own is true no more

    def _parted(self, node: TimelineNode) -> tuple[TimelineNode, list[TimelineNode]]:
        """The last node up to one at which a decision of the execution itself was taken whole, and the nodes behind."""
        own: list[TimelineNode] = []
        while node.id not in self._counts:
            own.append(node)
            assert node.parent is not None, "the first node is one of the execution itself"
            node = node.parent
        return node, own[::-1]

    def _grow(self, decision: Decision) -> None:
        timeline, base = self.debugger.timeline, self.main.nodes[-1].execution
        if isinstance(decision, AnswerTask):
            branch = base.branches.get(decision.branch)
            request = branch.request if branch is not None else None
            if request is not None and isinstance(decision.answer, TaskResult | TaskFailure):
                self._answers.note(request, decision.answer)
        for one in stage_by_stage(base, decision):
            timeline.regrow(self.line.fork_id, one, "", None)


_LOOKED_BACK: Final = 1_000
"""So many events, visits and decisions are enough to go on from."""


def stage_by_stage(execution: Execution, decision: Decision) -> tuple[Decision, ...]:
    """A decision as the debugger would make it: where a visit was gone through in one step, as two of which each can be
    looked at, if these come to the same."""
    if not isinstance(decision, Proceed) or not decision.whole_visit:
        return (decision,)
    single = replace(decision, whole_visit=False)
    # What is only tried has logs of its own: who appends first to those of the execution has them, and the others copy.
    execution = execution.forgetting(_LOOKED_BACK)
    first = step(execution, single)
    moved = first.branches.get(first.moved)
    if moved is None or moved.phase is not Phase.EXIT:
        return (single,)
    second = Proceed(first.moved, at=decision.at)
    if _stands(step(first, second)) == _stands(step(execution, decision)):
        return single, second
    return (decision,)


def _stands(execution: Execution) -> tuple[object, ...]:
    """How an execution stands, apart from the steps that led there."""
    branches = {id: (one.phase, one.state_name) for id, one in execution.branches.items()}
    return execution.status, len(execution.events), execution.clock, execution.draws, branches
