"""What every rule of a Choice says about the data at hand, those after the first match included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from sfdebug.engine import step
from sfdebug.engine.execution.decisions import ForceChoice, Proceed
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, StageName, StageStatus
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger import Debugger
    from sfdebug.debugger.view.model import View
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.visit import Fault, Stage
    from sfdebug.expressions.choice import Verdict

RuleVerdict: TypeAlias = "tuple[int, Verdict | None, str]"
"""The rule's index, its verdict (None when it cannot be evaluated), and the state that it leads to."""


@dataclass(frozen=True, slots=True)
class ChoiceAhead:
    """What a Choice makes of the data at hand when nobody forces it.

    `verdicts` are those of all rules, the ones after the first match included. `taken` is the rule that it takes
    (from 0), None when that is its Default, or none; `fault` is what it fails with.
    """

    verdicts: tuple[RuleVerdict, ...]
    taken: int | None = None
    is_default: bool = False
    fault: Fault | None = None


def choice_ahead(debugger: Debugger, view: View) -> ChoiceAhead:
    """The Choice at the cursor, evaluated by the engine on the side: its step is pure, and nothing is changed."""
    state = view.state
    assert state is not None
    if view.visit is None:
        base, branch = view.execution, view.branch
    else:
        opened = debugger.timeline.entering(view.visit.number)
        base = (opened.parent or opened).execution
        branch = view.visit.branch
    verdicts = tuple((rule.index, _verdict(base, branch, rule.index), rule.next) for rule in state.choices)
    stages, fault = _entered(replace(base, branches=_unforced(base, branch)), branch)
    took = next((stage for stage in stages if stage.status is StageStatus.MATCHED), None)
    rule = took.index if took is not None and took.name is StageName.RULE else None
    return ChoiceAhead(verdicts, rule, took is not None and took.name is StageName.DEFAULT, fault)


def _unforced(base: Execution, branch: BranchId) -> dict[BranchId, Branch]:
    return {id: replace(other, forced=None) if id == branch else other for id, other in base.branches.items()}


def _entered(base: Execution, branch: BranchId) -> tuple[Sequence[Stage], Fault | None]:
    """The stages of the state that `branch` enters, and the fault if it has one."""
    try:
        moved = step(base, Proceed(branch)).branches.get(branch)
    except SfdebugError:
        return (), None
    visit = moved.visit if moved is not None else None
    return (visit.stages, visit.fault) if visit is not None else ((), None)


def _verdict(base: Execution, branch: BranchId, rule: int) -> Verdict | None:
    try:
        forced = step(base, ForceChoice(branch, rule))
    except SfdebugError:
        return None
    for stage in _entered(forced, branch)[0]:
        if stage.name is StageName.RULE and stage.index == rule:
            detail = stage.detail
            return None if isinstance(detail, (RetryVerdict, CatchVerdict)) else detail
    return None
