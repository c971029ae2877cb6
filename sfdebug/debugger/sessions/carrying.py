"""A session carried over to a definition that has changed: its decisions, as far as they still fit.

What was made (an answer, a forced Choice, an edited input, an injected failure) is what counts; the steps between are
the engine's, and may be others now. A decision fits where the same state stands at the same visit as it did then. An
answer that a function gave, or a recording, fits only the input that it was given to: what else it would answer is not
known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.timeline.nodes import Cursor, state_path
from sfdebug.debugger.wording.values import named
from sfdebug.engine import readiness
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    EditInput,
    ForceChoice,
    InjectFailure,
    Proceed,
    Provenance,
)
from sfdebug.errors import DecisionError
from sfdebug.values import same

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.execution import Branch, Execution

_PROCEED: Final = Proceed()
_MOST_STEPS: Final = 10_000
"""So far is gone on without a decision before it is said that it does not come to one."""

_GIVEN_TO_AN_INPUT: Final = (Provenance.FUNCTION, Provenance.SERVICE, Provenance.RECORDED)


class Misfit(Struct, frozen=True, gc=False):
    """The first decision of a fork that no longer fits: what it was, and why not."""

    what: str
    why: str


class Carried(Struct, frozen=True, gc=False):
    """What became of a session: how many decisions there were, how many were taken over, and what was not."""

    made: int
    taken: int
    misfits: tuple[Misfit, ...]
    lost_forks: tuple[str, ...]
    is_otherwise: bool
    """Whether it goes another way somewhere."""

    @property
    def notes(self) -> tuple[str, ...]:
        """It in words."""
        since, made = "the definition has changed since", self.made
        if not self.misfits and not self.lost_forks:
            all_of = f"all {made:,} decisions still fit" if made > 1 else "the decision made still fits"
            other = ", and it goes another way" if self.is_otherwise else ""
            return (f"{since}; {all_of if made else 'nothing was decided'}{other}",)
        notes = [f"{since}; decisions that still fit: {self.taken:,} of {made:,}"]
        notes += [f"{misfit.what} no longer fits: {misfit.why}" for misfit in self.misfits]
        notes += [f"{name} is left out: it parts from where the definition no longer goes" for name in self.lost_forks]
        return tuple(notes)


def carry_over(before: Debugger, after: Debugger) -> Carried:
    """Make the decisions of `before` on `after`, which runs a changed definition and where nothing was done yet."""
    carrier = _Carrier(before, after)
    for fork in before.timeline.lines:
        carrier.carry(fork)
    carrier.put_cursors()
    after.resume()
    return carrier.carried


class _Carrier:
    """Takes one fork after the other over. Each node of the old timeline has its node of the new one, or none."""

    def __init__(self, before: Debugger, after: Debugger) -> None:
        self._before, self._after = before.timeline, after.timeline
        self._nodes: dict[int, TimelineNode] = {self._before.main_nodes[0].id: self._after.main_nodes[0]}
        self._forks: dict[int, int] = {0: 0}
        self._misfits: list[Misfit] = []
        self._lost: list[str] = []
        self._taken = 0
        self._is_otherwise = False

    @property
    def carried(self) -> Carried:
        """What became of it."""
        made = self._before.decided_count
        return Carried(made, self._taken, tuple(self._misfits), tuple(self._lost), self._is_otherwise)

    def carry(self, fork: Fork) -> None:
        """Take a fork over, as far as its decisions fit."""
        if fork.parent is None and self._before.record is not None:
            self._match_recording()
            return
        if fork.parent is not None and not self._begin(fork, fork.parent):
            self._lost.append(fork.name)
            return
        number = self._forks[fork.id]
        is_in_step = True
        for node in fork.nodes[fork.shared or 1 :]:
            if isinstance(node.decision, Proceed):
                is_in_step = is_in_step and self._follow(number, node, node.decision)
                continue
            why = self._come_to(number, node) or self._decide(number, node)
            if why:
                self._misfits.append(Misfit(self._what(node), why))
                return
            is_in_step = True
        self._is_otherwise = self._is_otherwise or not is_in_step

    def _begin(self, fork: Fork, parent: Fork) -> bool:
        """Part from where the fork parted; False where the new timeline has no such place."""
        base = self._nodes.get(fork.nodes[fork.shared - 1].id)
        line = self._forks.get(parent.id)
        if base is None or line is None or not self._after.lines[line].holds(base):
            return False
        record = self._after.record
        if record is not None and record.why_not_fork(base, self._after.lines[line]) is not None:
            return False
        undone = self._nodes.get(fork.undoes.id) if fork.undoes is not None else None
        if fork.undoes is not None and undone is None:
            return False
        self._forks[fork.id] = self._after.refork(line, base.index, fork.reason, undone).id
        return True

    def _match_recording(self) -> None:
        """The nodes of a recording's main line, by how much of it has happened and where the moved branch stands."""
        old, new = self._before.record, self._after.record
        assert old is not None
        assert new is not None
        line = self._after.lines[0]
        found = {(new.count_on(line, node), *_place(node)): node for node in reversed(line.nodes)}
        for node in self._before.main_nodes:
            match = found.get((old.count_on(self._before.lines[0], node), *_place(node)))
            if match is not None:
                self._nodes[node.id] = match

    def _tip(self, number: int) -> TimelineNode:
        return self._after.lines[number].nodes[-1]

    def _follow(self, number: int, node: TimelineNode, decision: Proceed) -> bool:
        """A step of the engine's; whether it still leads where it led."""
        try:
            new = self._after.regrow(number, decision, "", None)
        except DecisionError:
            return False
        if _place(new) != _place(node):
            return False
        self._nodes[node.id] = new
        return True

    def _come_to(self, number: int, node: TimelineNode) -> str:
        """Go on to where a decision fits; why there is no such place, "" when there is."""
        for _ in range(_MOST_STEPS):
            tip = self._tip(number)
            if self._is_there(tip, node):
                return ""
            if tip.is_over:
                return "the execution is over before it"
            possible = readiness(tip.execution)
            if possible.requests and not possible.ready:
                return f"{named(possible.requests[0].state.name)} asks before it"
            self._after.regrow(number, _PROCEED, "", None)
        return f"{_MOST_STEPS:,} steps do not come to it"

    def _is_there(self, tip: TimelineNode, node: TimelineNode) -> bool:
        """Whether the state that a decision was about stands at the tip as it stood then."""
        assert node.parent is not None
        decision, base = node.decision, node.parent
        branch_id = decision.branch if isinstance(decision, AnswerTask | ForceChoice | EditInput) else base.focus
        old, new = base.execution.branches.get(branch_id), tip.execution.branches.get(branch_id)
        if old is None or new is None:
            return old is new
        is_same = old.phase is new.phase and state_path(old) == state_path(new)
        return is_same and _visit(base.execution, old) == _visit(tip.execution, new)

    def _decide(self, number: int, node: TimelineNode) -> str:
        """Make a decision at the tip; why it does not fit there, "" when it is made."""
        decision, tip = node.decision, self._tip(number)
        assert decision is not None
        assert node.parent is not None
        why = _why_not(decision, node.parent.execution, tip.execution)
        if why:
            return why
        reason = self._before.decided(node)
        focus = node.focus if isinstance(decision, InjectFailure) else None
        try:
            self._nodes[node.id] = self._after.regrow(number, decision, reason, focus)
        except DecisionError as error:
            return error.what
        self._taken += bool(reason)
        return ""

    def _what(self, node: TimelineNode) -> str:
        """A decision in words."""
        reason = self._before.decided(node)
        if reason or not isinstance(node.decision, AnswerTask) or node.parent is None:
            return reason or "a decision"
        return f"the answer to {named(node.parent.execution.branches[node.decision.branch].state_name)}"

    # where one stands

    def put_cursors(self) -> None:
        """Each fork's cursor where it was, or where that is gone, at the fork's end."""
        for fork in self._before.lines:
            number = self._forks.get(fork.id)
            if number is not None:
                cursor = self._before.cursor_on(fork)
                self._after.stand(number, self._cursor(number, cursor))
        current = self._forks.get(self._before.fork.id, 0)
        self._after.stand(current, self._after.cursor_on(self._after.lines[current]))

    def _cursor(self, number: int, old: Cursor) -> Cursor:
        node = self._nodes.get(old.node.id)
        if node is None or not self._after.lines[number].holds(node):
            tip = self._tip(number)
            return Cursor(tip, tip.last_stage_offset)
        focus = old.focus if old.focus is None or old.focus in node.execution.branches else None
        return Cursor(node, min(old.stage_offset, node.last_stage_offset), focus)


def _place(node: TimelineNode) -> tuple[object, ...]:
    """Which branch a step moved, and where that stands after it."""
    execution = node.execution
    branch = execution.branches.get(node.moved)
    after = (branch.phase, branch.scope_path, branch.state_name) if branch is not None else None
    return node.moved, node.entered, after, execution.status


def _visit(execution: Execution, branch: Branch) -> tuple[int, int]:
    """Which visit and which attempt it is, as far as that counts: a Task is called for the n-th time."""
    request = branch.request
    if request is not None:
        return request.invocation, request.attempt
    return sum(visit.state.path == state_path(branch) for visit in execution.visits), 0


def _why_not(decision: object, before: Execution, after: Execution) -> str:
    """Why a decision does not fit where it was come to; "" when it does."""
    if isinstance(decision, InjectFailure):
        return "" if _has(after, decision.state) else f"there is no state {named(str(decision.state[-1]))} any more"
    if isinstance(decision, ForceChoice):
        return _why_not_force(decision, before, after)
    if isinstance(decision, AnswerTask):
        old, new = before.branches[decision.branch].request, after.branches[decision.branch].request
        is_given = getattr(decision.answer, "provenance", None) in _GIVEN_TO_AN_INPUT
        if is_given and old is not None and new is not None and not same(old.input, new.input):
            return "it was given to another input"
    return ""


def _why_not_force(decision: ForceChoice, before: Execution, after: Execution) -> str:
    old = before.machine.state(state_path(before.branches[decision.branch]))
    new = after.machine.state(state_path(after.branches[decision.branch]))
    if decision.rule is None:
        led, leads = old.default, new.default
    elif decision.rule >= len(new.choices):
        return f"there is no rule {decision.rule + 1} any more"
    else:
        led, leads = old.choices[decision.rule].next, new.choices[decision.rule].next
    return "" if led == leads else f"it leads to {named(leads or 'nowhere')} now, not to {named(led or 'nowhere')}"


def _has(execution: Execution, path: StatePath) -> bool:
    try:
        execution.machine.state(path)
    except KeyError:
        return False
    return True
