"""What every rule of a Choice says about the data at hand, those after the first match included."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sfdebug.engine import step
from sfdebug.engine.decisions import ForceChoice, Proceed
from sfdebug.engine.visit import CatchVerdict, RetryVerdict, StageName
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.view import View
    from sfdebug.engine import Execution
    from sfdebug.engine.decisions import BranchId
    from sfdebug.expressions.choice import Verdict

RuleVerdict: TypeAlias = "tuple[int, Verdict | None, str]"
"""The rule's index, its verdict (None when it cannot be evaluated), and the state that it leads to."""


def rule_verdicts(debugger: Debugger, view: View) -> list[RuleVerdict]:
    """The verdict of every rule of the Choice at the cursor. Nothing is changed: the engine's step is pure."""
    state = view.state
    assert state is not None
    if view.visit is None:
        base, branch = view.execution, view.branch
    else:
        opened = debugger.timeline.entering(view.visit.number)
        base = (opened.parent or opened).execution
        branch = view.visit.branch
    return [(rule.index, _verdict(base, branch, rule.index), rule.next) for rule in state.choices]


def _verdict(base: Execution, branch: BranchId, rule: int) -> Verdict | None:
    try:
        after = step(step(base, ForceChoice(branch, rule)), Proceed(branch))
    except SfdebugError:
        return None
    moved = after.branches.get(branch)
    visit = moved.visit if moved is not None else None
    for stage in visit.stages if visit is not None else ():
        if stage.name is StageName.RULE and stage.index == rule:
            detail = stage.detail
            return None if isinstance(detail, (RetryVerdict, CatchVerdict)) else detail
    return None
