"""The visits of a fork: by number and by branch, which follows which, and where on the timeline a stage came about.

What is asked of it is looked up by bisection. It grows with the fork: each visit that has ended is taken in once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.debugger.data_origins.flow import way_of
from sfdebug.debugger.data_origins.model import DataPlace, DataSide
from sfdebug.engine.execution.decisions import EditInput, EditOutput
from sfdebug.engine.execution.visit import StageName

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.model import Keys
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.visit import Visit

WORK_STAGES = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)


class RunStart(Struct, frozen=True):
    """What started a run of a branch: the Parallel or Map, and the index of the stage that ran it. `index` is the
    number of the branch, iteration or child execution."""

    visit: Visit
    stage: int
    index: int


class VisitIndex:
    """The visits of one fork. `tip` says up to where they are known."""

    def __init__(self, fork: Fork) -> None:
        self.fork = fork
        self._ended: dict[int, Visit] = {}
        self._ends: dict[int, int] = {}
        self._by_branch: dict[BranchId, list[int]] = {}
        self._assigning: dict[tuple[BranchId, str], list[int]] = {}
        self._failed: list[int] = []
        self._taken = 0
        self._decisions = 0
        self._output_edits: dict[int, EditOutput] = {}
        self._tip: TimelineNode | None = None
        self._ways: dict[int, int] = {}
        self._way_numbers: dict[tuple[object, ...], int] = {}
        self._live: dict[int, Visit] = {}

    def is_of(self, fork: Fork) -> bool:
        """Whether it is about this fork as it stands: a recorded one can lose its end for a longer one."""
        last = self._tip
        return fork is self.fork and (last is None or fork.holds(last))

    def update(self) -> None:
        """Take in what the fork has grown by."""
        tip = self.fork.nodes[-1]
        if tip is self._tip:
            return
        visits = tip.execution.visits
        for position, visit in enumerate(islice(iter(visits), self._taken, None), start=self._taken):
            self._take(visit, position)
        self._taken = len(visits)
        decisions = tip.execution.decisions
        fresh = islice(iter(decisions), self._decisions, None)
        found = [at for at, each in enumerate(fresh, start=self._decisions) if type(each) is EditOutput]
        self._decisions = len(decisions)
        self._tip = tip
        self._live = {branch.visit.number: branch.visit for branch in tip.execution.branches.values() if branch.visit}
        for position in found:
            self._note_output_edit(position)
        for number, visit in self._live.items():
            self._number(visit.branch, number)

    def _take(self, visit: Visit, position: int) -> None:
        number, branch = visit.number, visit.branch
        self._ways.pop(number, None)
        self._ended[number] = visit  # one that was redriven ends again: the last time counts
        self._ends[number] = position
        self._number(branch, number)
        if visit.fault is not None and visit.next is None:
            self._failed.append(number)
        for name in visit.assigned or ():
            numbers = self._assigning.setdefault((branch, name), [])
            if number not in numbers[-1:]:
                insort(numbers, number)

    def _number(self, branch: BranchId, number: int) -> None:
        numbers = self._by_branch.setdefault(branch, [])
        if not numbers or number > numbers[-1]:
            numbers.append(number)
        elif numbers[bisect_left(numbers, number)] != number:
            insort(numbers, number)

    def _note_output_edit(self, position: int) -> None:
        nodes = self.fork.nodes
        at = bisect_left(nodes, position + 1, key=lambda node: len(node.execution.decisions))
        if at >= len(nodes):
            return
        decision = nodes[at].decision
        branch = nodes[at].execution.branches.get(decision.branch) if isinstance(decision, EditOutput) else None
        if isinstance(decision, EditOutput) and branch is not None and branch.visit is not None:
            self._output_edits[branch.visit.number] = decision

    # visits

    def visit(self, number: int) -> Visit:
        """The visit with that number, as far as it has come on the fork. Raises KeyError."""
        live = self._live.get(number)
        return live if live is not None else self._ended[number]

    def way(self, visit: Visit) -> int:
        """A number that visits have in common which went alike through the stages of the same state."""
        found = self._ways.get(visit.number)
        if found is None:
            found = self._way_numbers.setdefault(way_of(visit), len(self._way_numbers))
            if visit.number not in self._live:
                self._ways[visit.number] = found
        return found

    def output_edit(self, number: int) -> EditOutput | None:
        """What stands for the output of a visit in place of what it computed."""
        return self._output_edits.get(number)

    def before(self, visit: Visit) -> Visit | None:
        """The visit that led to this one on its branch; None where it is the first of a run of the branch."""
        numbers = self._by_branch.get(visit.branch, ())
        at = bisect_left(numbers, visit.number) - 1
        if at < 0:
            return None
        found = self.visit(numbers[at])
        if found.next is None or found.next != visit.state.name:
            return None
        return found if not visit.branch or self._is_same_run(found, visit) else None

    def after(self, visit: Visit) -> Visit | None:
        """The visit that this one led to; None where it was the last of its run, or nothing is known of it."""
        numbers = self._by_branch.get(visit.branch, ())
        at = bisect_right(numbers, visit.number)
        if visit.next is None or at >= len(numbers):
            return None
        found = self.visit(numbers[at])
        if found.state.name != visit.next:
            return None
        return found if not visit.branch or self._is_same_run(visit, found) else None

    def last_on(self, branch: BranchId, count: int) -> Visit | None:
        """The last visit on a branch among the first `count` of the execution."""
        numbers = self._by_branch.get(branch, ())
        at = bisect_right(numbers, count) - 1
        return self.visit(numbers[at]) if at >= 0 else None

    def next_on(self, branch: BranchId, count: int) -> Visit | None:
        """The first visit on a branch after the first `count` of the execution."""
        numbers = self._by_branch.get(branch, ())
        at = bisect_right(numbers, count)
        return self.visit(numbers[at]) if at < len(numbers) else None

    def _is_same_run(self, left: Visit, right: Visit) -> bool:
        """Whether a visit followed another on the same run of their branch: not where that was cut off in between, and
        its Parallel or Map was run again."""
        scope = right.state.path[:-1]
        machine = self.fork.nodes[-1].execution.program.machine
        around = machine.scope if not scope else machine.state(scope[:-1]).branches[int(scope[-1])]
        if around.start_at != right.state.name:
            return True
        entering = self.ready_for(right)
        left_at = self._end_node(left)
        was = left_at.execution.branches.get(left.branch) if left_at is not None else None
        return was is not None and entering is not None and was.previous_event_id == entering.previous_event_id

    def _end_node(self, visit: Visit) -> TimelineNode | None:
        position = self._ends.get(visit.number)
        if position is None:
            return None
        nodes = self.fork.nodes
        at = bisect_left(nodes, position + 1, key=lambda node: len(node.execution.visits))
        return nodes[at] if at < len(nodes) else None

    def entering(self, number: int) -> int:
        """The index of the node at which a visit was entered."""
        return bisect_left(self.fork.nodes, number, key=lambda node: node.execution.visit_count)

    def ready_for(self, visit: Visit) -> Branch | None:
        """The branch of a visit as it was about to enter it."""
        at = self.entering(visit.number)
        return self.fork.nodes[at - 1].execution.branches.get(visit.branch) if at else None

    def input_edit(self, visit: Visit) -> TimelineNode | None:
        """The node at which somebody gave a visit its input; None where the state before did."""
        if not visit.edited:
            return None
        at = self.entering(visit.number) - 1
        while at > 0:
            node = self.fork.nodes[at]
            if isinstance(node.decision, EditInput) and node.decision.branch == visit.branch:
                return node
            at -= 1
        return None

    def first_input(self, keys: Keys) -> DataPlace | None:
        """The place in the input of the first state that has what the input of the execution has there; None where
        somebody gave it another input."""
        numbers = self._by_branch.get((), ())
        if not numbers or self.visit(numbers[0]).edited:
            return None
        return DataPlace(numbers[0], 0, DataSide.AFTER, keys)

    # runs of branches

    def run_start(self, visit: Visit, branch: BranchId | None = None) -> RunStart | None:
        """What started the run of a branch that a visit belongs to, by default of its own one; None where that is not
        known, and for the top level."""
        of = visit.branch if branch is None else branch
        if not of:
            return None
        numbers = self._by_branch.get(of[:-1], ())
        at = bisect_left(numbers, visit.number) - 1
        if at < 0:
            return None
        container = self.visit(numbers[at])
        if container.state.name != of[-1][0]:
            return None
        entering = self.entering(visit.number)
        around = self.fork.nodes[min(entering, len(self.fork.nodes) - 1)].execution.branches.get(of[:-1])
        seen = around.visit if around is not None and around.visit is not None else container
        if seen.number != container.number:
            return None
        for stage in range(len(seen.stages) - 1, -1, -1):
            if seen.stages[stage].name in WORK_STAGES:
                return RunStart(container, stage, of[-1][1])
        return None

    def last_of_run(self, container: Visit, stage: int, index: int) -> Visit | None:
        """The visit with which a branch of a Parallel or Map ended, in the run of a stage that is done."""
        branch = (*container.branch, (container.state.name, index))
        numbers = self._by_branch.get(branch, ())
        node = self.node_of(container, stage)
        if node is None:
            return None
        at = bisect_right(numbers, node.execution.visit_count) - 1
        if at < 0 or numbers[at] < container.number:
            return None
        found = self.visit(numbers[at])
        return found if found.next is None else None

    def first_of_run(self, container: Visit, stage: int, index: int) -> Visit | None:
        """The visit with which a branch of a Parallel or Map began, in the run of a stage."""
        branch = (*container.branch, (container.state.name, index))
        numbers = self._by_branch.get(branch, ())
        node = self.node_of(container, stage)
        most = node.execution.visit_count if node is not None else self.fork.nodes[-1].execution.visit_count
        at = bisect_right(numbers, most) - 1
        if at < 0 or numbers[at] < container.number:
            return None
        found = self.visit(numbers[at])
        while (before := self.before(found)) is not None:
            found = before
        return found

    def branches_of(self, container: Visit) -> int:
        """How many branches of a Parallel or Map were entered."""
        place, name = container.branch, container.state.name
        count = 0
        while (*place, (name, count)) in self._by_branch:
            count += 1
        return count

    def failed_with(self, container: Visit, fault: object) -> Visit | None:
        """The innermost visit inside a Parallel or Map whose fault this is."""
        at = bisect_right(self._failed, container.number)
        inside = len(container.branch)
        deepest: Visit | None = None
        for number in self._failed[at:]:
            visit = self.visit(number)
            is_inside = len(visit.branch) > inside and visit.branch[:inside] == container.branch
            if is_inside and visit.fault is fault and (deepest is None or len(visit.branch) > len(deepest.branch)):
                deepest = visit
        return deepest

    # variables

    def assigned_before(self, visit: Visit, name: str) -> Visit | None:
        """The visit before this one, on the same run of the branch, that gave a variable its value."""
        numbers = self._assigning.get((visit.branch, name), ())
        at = bisect_left(numbers, visit.number) - 1
        if at < 0:
            return None
        found = self.visit(numbers[at])
        if not visit.branch:
            return found
        start = self.run_start(visit)
        other = self.run_start(found)
        is_same = start is not None and other is not None and start.visit.number == other.visit.number
        return found if is_same and start is not None and other is not None and start.stage == other.stage else None

    def assigned_after(self, visit: Visit, name: str) -> Visit | None:
        """The next visit on the branch that gives a variable another value, this one left out."""
        numbers = self._assigning.get((visit.branch, name), ())
        at = bisect_right(numbers, visit.number)
        return self.visit(numbers[at]) if at < len(numbers) else None

    # where a stage is on the timeline

    def node_of(self, visit: Visit, stage: int) -> TimelineNode | None:
        """The node whose step ended a stage of a visit."""
        if not 0 <= stage < len(visit.stages):
            return None
        nodes, wanted = self.fork.nodes, visit.stages[stage]

        def is_there(node: TimelineNode) -> bool:
            branch = node.execution.branches.get(visit.branch)
            seen = branch.visit if branch is not None else None
            if seen is None or seen.number != visit.number:
                seen = node.visit if node.visit is not None and node.visit.number == visit.number else None
            if seen is None:
                return node.execution.visit_count >= visit.number
            return len(seen.stages) > stage and seen.stages[stage] is wanted

        first = min(self.entering(visit.number), len(nodes))
        if any(each.name is StageName.REDRIVE for each in visit.stages):  # it was over in between
            return next((node for node in nodes[first:] if node.visit is not None and is_there(node)), None)
        at = bisect_left(nodes, True, lo=first, key=is_there)
        return nodes[at] if at < len(nodes) else None
