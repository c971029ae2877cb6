"""What a step on the way of a value is called, in a few words: what wrote it, what reads it, why it is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.data_origins.model import OriginKind, ReadKind, UnknownOrigin, WriteKind
from sfdebug.debugger.wording.values import dataset_location, listed, named
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName
from sfdebug.json_pointer import format_pointer
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.data_origins.model import DataRead, NextWrite, OriginStep
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.visit import Stage, Visit

_LONGEST: Final = 44

_GIVEN_BY: Final = {
    Provenance.RECORDED: "as recorded",
    Provenance.MOCKED: "its mock",
    Provenance.FUNCTION: "a function",
    Provenance.SERVICE: "a service that was called",
    Provenance.USER: "your answer",
}

_WHY: Final = {
    UnknownOrigin.NOT_RECORDED: "not known: AWS does not record what the state did with it",
    UnknownOrigin.NOT_COMPUTED: "not known: the data before and after do not fit together here",
    UnknownOrigin.RESULT_WRITER: "not known: what a ResultWriter makes of the outputs is not followed",
    UnknownOrigin.SEVERAL: "not known: it is the key of a pair, which stands nowhere else",
    UnknownOrigin.NOT_THERE: "there is no such value here",
}


def origin_text(step: OriginStep, visit: Visit, source: Visit | None = None) -> str:
    """What made a value stand where it does: `Parameters takes $.order.id`; `source` is the visit that it was made of.

    The state is told beside it.
    """
    stage = visit.stages[step.place.stage]
    kind = step.kind
    if kind is OriginKind.KEPT:
        return _kept(step)
    if kind is OriginKind.UNKNOWN:
        return _WHY[step.why] if step.why is not None else "not known"
    if kind in (OriginKind.RESULT, OriginKind.DATASET, OriginKind.FAILED):
        return _from_outside(step, visit, stage, source)
    if kind in (OriginKind.STARTED, OriginKind.GATHERED):
        container = visit if kind is OriginKind.GATHERED else source
        who = run_name(container.state if container is not None else None, step.branch)
        return f"{who} was started with it" if kind is OriginKind.STARTED else f"{who} gave it"
    return _by_expression(step, stage)


def _kept(step: OriginStep) -> str:
    others = listed(list(map(named, step.states[1:])), 2)
    visits = f", {step.count:,} visits" if step.count > len(step.states) else ""
    also = f", before that by {others}" if others else ""
    return f"passed on as it was{also}{visits}"


def _by_expression(step: OriginStep, stage: Stage) -> str:
    name, expression = stage.name, shortened(step.expression)
    if step.kind is OriginKind.TAKEN:
        return f"{name} takes {expression}"
    if step.kind is OriginKind.ASSIGNED:
        return f"Assign takes {expression}"
    if step.kind is OriginKind.SELECTED:
        return f"{name} selects {expression}"
    if step.kind is OriginKind.PLACED:
        what = "the error" if name is StageName.CATCH else "the result"
        return f"{name} puts {what} at {expression}" if expression else f"{what} is all that {name} gives"
    if step.kind is OriginKind.BATCHED:
        return "ItemBatcher puts the item into a batch"
    if step.kind is OriginKind.BUILT:
        return f"{name} puts it together from {counted(len(step.sources), 'part')}"
    if step.kind is OriginKind.COMPUTED:
        return f"{name} computes {expression}" if expression else f"{name} computes it"
    if step.kind is OriginKind.LITERAL:
        return f"written in the definition: {name} {format_pointer(step.field)}".rstrip()
    if step.kind is OriginKind.CONTEXT:
        return f"of the Context object: {expression}"
    if step.kind is OriginKind.EDITED:
        return f"{_edited(step)}{', with this value left as it was' if step.sources else ''}"
    return f"the input of the execution{f', at {_path(step)}' if step.field else ''}"


def _path(step: OriginStep) -> str:
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in step.field)


def _edited(step: OriginStep) -> str:
    return (
        "your edit" if step.provenance is Provenance.USER else f"put here {_GIVEN_BY.get(step.provenance, '')}".strip()
    )


def _from_outside(step: OriginStep, visit: Visit, stage: Stage, source: Visit | None) -> str:
    given = f" ({_GIVEN_BY[step.provenance]})" if step.provenance in _GIVEN_BY else ""
    if step.kind is OriginKind.DATASET:
        where = dataset_location(stage.before)
        return f"ItemReader read it{f' from {where}' if where else ''}{given}"
    if step.kind is OriginKind.FAILED:
        inside = f", of {named(source.state.name)}" if source is not None and source.number != visit.number else ""
        return f"the error that was raised{inside}{given}"
    thing = "the Map Run's result" if stage.name is StageName.MAP_RUN else "the task's result"
    return f"{thing}{given}"


def run_name(state: State | None, branch: BranchId) -> str:
    """What a branch of the Parallel or Map `state` is called: `branch 2`, `iteration 4`, `child 1`."""
    number = branch[-1][1] + 1 if branch else 1
    if state is not None and state.type is StateType.PARALLEL:
        return f"branch {number}"
    return f"child {number:,}" if state is not None and state.is_distributed else f"iteration {number:,}"


def read_text(read: DataRead) -> str:
    """How a value is read: `Parameters takes $.order.id`, `rule 1 tests $.total`, `the task is called with it`."""
    expression = shortened(read.expression)
    times = f", {read.count:,} times" if read.count > 1 else ""
    if read.kind is ReadKind.CALLED:
        return f"the task is called with it{times}"
    if read.kind is ReadKind.UNKNOWN:
        return "it is given it; what it does with it is not recorded"
    if read.kind is ReadKind.OUTPUT:
        return "it is in the output of the execution"
    if read.kind is ReadKind.TESTED:
        number = f"rule {(read.rule or 0) + 1}"
        return f"{number} tests {expression}{times}"
    verbs = {ReadKind.TAKEN: "takes", ReadKind.PART: "takes a part of it,", ReadKind.COMPUTED: "reads"}
    return f"{read.stage_name} {verbs[read.kind]} {expression}{times}"


def write_text(written: NextWrite, stage: StageName) -> str:
    """What becomes of a place next."""
    if written.kind is WriteKind.UNKNOWN:
        return "not known: AWS does not record what the state did with it"
    if written.kind is WriteKind.DROPPED:
        return f"{stage} goes on without it"
    return f"{stage} writes another value there"


def shortened(text: str) -> str:
    """An expression on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
