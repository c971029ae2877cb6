"""Mistakes about Map and Parallel: what branches and iterations get, what their outputs make, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import fault_name, named, noun
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.visit import StageName, VisitStatus
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.altering import with_fields
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong, stage_of
from sfdebug.lessons.questions.mistakes.handlers import has_failed_inside
from sfdebug.lessons.questions.mistakes.paths import is_mine
from sfdebug.text import counted
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Visit

OUTPUT: Final = frozenset({PredictKind.OUTPUT})
INPUT: Final = frozenset({PredictKind.INPUT})
_STAGES: Final = (StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)


def _container(case: Case) -> Visit | None:
    """The visit of the container whose outputs are asked for as they are; None where there is none."""
    visit = case.visit
    if visit is None or not is_mine(case) or not visit.state.is_container:
        return None
    return visit if case.asked.stage is None or case.asked.stage in _STAGES else None


def _what(state: State) -> str:
    if state.type is StateType.PARALLEL:
        return "branch"
    return "child execution" if state.is_distributed else "iteration"


def _is_batched(state: State) -> bool:
    return state.is_distributed and "ItemBatcher" in state.fields


def _outputs(case: Case, visit: Visit) -> list[Json] | None:
    """The outputs that a container gathers, where its output is the list of them."""
    stage = next((stage_of(visit, name) for name in _STAGES if stage_of(visit, name) is not None), None)
    made = stage.after if stage is not None else None
    is_plain = case.asked.stage in _STAGES or case.found.value is made
    return made if isinstance(made, list) and is_plain else None


def _ended(case: Case, visit: Visit) -> Log[tuple[int, Json]] | None:
    """The outputs of a container's branches in the order in which they ended, as far as they did."""
    found: Log[tuple[int, Json]] | None = None
    for execution in case.ahead.seen:
        branch = execution.branches.get(visit.branch)
        if branch is None or branch.visit is None or branch.visit.number != visit.number:
            continue
        work = branch.work or branch.halted
        if isinstance(work, ParallelWork | MapWork | MapRunWork):
            found = work.ended
    return found


def _one_object(case: Case) -> Iterator[Wrong]:
    visit = _container(case)
    outputs = _outputs(case, visit) if visit is not None else None
    if visit is None or not outputs:
        return
    merged: dict[str, Json] = {}
    for output in outputs:
        if not isinstance(output, dict):
            return
        merged |= output
    each = _what(visit.state)
    say = f"Nothing is merged: the result is a list with the output of each {each}, {len(outputs):,} of them."
    yield Wrong(merged, say)


def _by_finishing(case: Case) -> Iterator[Wrong]:
    visit = _container(case)
    outputs = _outputs(case, visit) if visit is not None else None
    ended = _ended(case, visit) if visit is not None else None
    if visit is None or outputs is None or ended is None:
        return
    order = [index for index, _ in ended]
    missing = [index for index in range(len(outputs)) if index not in order]
    if len(missing) == 1:  # the last one, whose end gathers them
        order += missing
    if sorted(order) != list(range(len(outputs))):
        return
    first = "their items" if visit.state.type is StateType.MAP else "Branches"
    say = f"The outputs stand in the order of {first}, whichever {_what(visit.state)} is done first."
    yield Wrong([outputs[index] for index in order], say)


def _last_only(case: Case) -> Iterator[Wrong]:
    visit = _container(case)
    outputs = _outputs(case, visit) if visit is not None else None
    if visit is None or not outputs:
        return
    each = _what(visit.state)
    if len(outputs) == 1:
        yield Wrong(outputs[0], f"The result is a list, also of one {each}: it has one item.")
        return
    yield Wrong(outputs[-1], f"The outputs of all of them go on, as a list: not only that of the last {each}.")


def _given_back(case: Case) -> Iterator[Wrong]:
    """What was given to the branches taken for what comes back."""
    visit = _container(case)
    if visit is None or _outputs(case, visit) is None:
        return
    stage = next((stage_of(visit, name) for name in _STAGES if stage_of(visit, name) is not None), None)
    if stage is not None and is_present(stage.before):
        each = _what(visit.state)
        yield Wrong(stage.before, f"What goes on is what each {each} gives at its end, not what it was given.")


def _others_go_on(case: Case) -> Iterator[Wrong]:
    """One that fails taken for a gap in the list."""
    visit = _container(case)
    if visit is None or visit.status is not VisitStatus.FAILED or visit.state.is_distributed:
        return
    if not has_failed_inside(visit):
        return
    ended = _ended(case, visit)
    if ended is None:
        return
    each, error = _what(visit.state), fault_name(visit.fault)
    say = (
        f"One {each} that fails is enough: {named(visit.state.name)} fails with {error}, "
        "and what the others have given "
        f"is lost."
    )
    outputs: list[Json] = [output for _, output in sorted(ended, key=lambda pair: pair[0])]
    yield Wrong(outputs, say)
    yield Wrong([*outputs, None], say)


def _failed_left_out(case: Case) -> Iterator[Wrong]:
    """The child executions that failed, and were tolerated, taken for ones that leave nothing."""
    visit = _container(case)
    outputs = _outputs(case, visit) if visit is not None else None
    ended = _ended(case, visit) if visit is not None else None
    if visit is None or outputs is None or ended is None or not visit.state.is_distributed:
        return
    good: list[Json] = [output for _, output in sorted(ended, key=lambda pair: pair[0])]
    if len(good) < len(outputs):
        failed = len(outputs) - len(good)
        stands = "stands" if failed == 1 else "stand"
        say = (
            "The list has an item for each child execution: "
            f"{counted(failed, 'child execution')} failed within what is "
            f"tolerated, and {stands} there with Status and Error."
        )
        yield Wrong(good, say)


# what they get


def _around(case: Case) -> Visit | None:
    """The visit of the container in whose branch the asked state is the first."""
    visit = case.visit
    if visit is None or not visit.branch or case.asked.stage is not None:
        return None
    execution = case.found.execution
    branch = execution.branches.get(visit.branch[:-1]) if execution is not None else None
    outer = branch.visit if branch is not None else None
    if outer is None or outer.state.name != visit.branch[-1][0]:
        return None
    scope = outer.state.branches[visit.branch[-1][1] if outer.state.type is StateType.PARALLEL else 0]
    return outer if scope.start_at == visit.state.name else None


def _whole_input(case: Case) -> Iterator[Wrong]:
    outer = _around(case)
    if outer is None or outer.state.type is not StateType.MAP:
        return
    each = _what(outer.state)
    what = "its own item"
    if _is_batched(outer.state):
        what = "its own batch"
    elif "ItemSelector" in outer.state.fields:
        what = "what ItemSelector makes of its own item"
    yield Wrong(outer.input, f"Each {each} gets {what}, not the whole input of {named(outer.state.name)}.")


def _whole_list(case: Case) -> Iterator[Wrong]:
    outer = _around(case)
    if outer is None or outer.state.type is not StateType.MAP:
        return
    stage = stage_of(outer, StageName.ITERATIONS) or stage_of(outer, StageName.MAP_RUN)
    if stage is not None and isinstance(stage.before, list):
        part = "a batch of" if _is_batched(outer.state) else "one of"
        say = f"Each {_what(outer.state)} gets {part} the {counted(len(stage.before), 'item')}, not the list."
        yield Wrong(stage.before, say)


def _part_of_input(case: Case) -> Iterator[Wrong]:
    """A Parallel taken for one that shares its input out."""
    outer, visit = _around(case), case.visit
    if outer is None or visit is None or outer.state.type is not StateType.PARALLEL:
        return
    index, say = (
        visit.branch[-1][1],
        f"Every branch of {named(outer.state.name)} gets the whole input: {noun(visit.input)}.",
    )
    given = visit.input
    if isinstance(given, list) and index < len(given):
        yield Wrong(given[index], say)
    elif isinstance(given, dict) and index < len(given):
        key = list(given)[index]
        yield Wrong({key: given[key]}, say)
        yield Wrong(given[key], say)


def _one_before(case: Case) -> Iterator[Wrong]:
    """What the branch before has given taken for the input of the next one."""
    outer, visit = _around(case), case.visit
    if outer is None or visit is None:
        return
    index = visit.branch[-1][1]
    before = (*visit.branch[:-1], (visit.branch[-1][0], index - 1))
    over = case.found.execution.visits if case.found.execution is not None else ()
    last = next((one for one in reversed(over) if one.branch == before and one.next is None), None)
    if last is not None and is_present(last.output):
        what = _what(outer.state)
        yield Wrong(last.output, f"Each {what} begins by itself, and not with what the one before has given.")


def _items_path_ignored(case: Case) -> Iterator[Wrong]:
    def change(state: State, visit: Visit) -> State | None:
        return with_fields(state, ItemsPath="$") if "ItemsPath" in state.fields else None

    def say(state: State, visit: Visit) -> str:
        return f"ItemsPath `{state.fields['ItemsPath']}` says which list {named(state.name)} goes through."

    return case.altering(change, say)


def _batches(case: Case) -> Iterator[Wrong]:
    """Batches taken for plain lists, or for ones without BatchInput."""
    stage = case.found.stage
    if stage is None or case.asked.stage is not StageName.ITEM_BATCHER or not isinstance(stage.after, list):
        return
    objects = [batch for batch in stage.after if isinstance(batch, dict)]
    items: list[Json] = [batch.get("Items") for batch in objects]
    yield Wrong(items, "Each batch is an object, in which Items has the list.")
    alone: list[Json] = [{"Items": batch.get("Items")} for batch in objects]
    yield Wrong(alone, "BatchInput of the ItemBatcher is in each batch, beside its Items.")


CONTAINER_MISTAKES: Final = (
    KnownMistake(
        "others-go-on",
        OUTPUT,
        "one branch or iteration that fails only leaves a gap",
        _others_go_on,
        (
            StageName.BRANCHES,
            StageName.ITERATIONS,
        ),
    ),
    KnownMistake(
        "outputs-in-one-object",
        OUTPUT,
        "the outputs of branches or iterations are merged into one object",
        _one_object,
        (
            StageName.BRANCHES,
            StageName.ITERATIONS,
            StageName.MAP_RUN,
        ),
    ),
    KnownMistake(
        "order-of-finishing",
        OUTPUT,
        "outputs stand in the order in which branches are done",
        _by_finishing,
        (
            StageName.BRANCHES,
            StageName.ITERATIONS,
            StageName.MAP_RUN,
        ),
    ),
    KnownMistake(
        "failed-left-out",
        OUTPUT,
        "a child execution whose failure is tolerated leaves nothing in the list",
        _failed_left_out,
        (StageName.MAP_RUN,),
    ),
    KnownMistake(
        "last-output-only",
        OUTPUT,
        "only the last output goes on, or, of one, the output without its list",
        _last_only,
        (
            StageName.BRANCHES,
            StageName.ITERATIONS,
            StageName.MAP_RUN,
        ),
    ),
    KnownMistake(
        "given-back",
        OUTPUT,
        "what is given to branches or iterations is what comes back",
        _given_back,
        (
            StageName.BRANCHES,
            StageName.ITERATIONS,
            StageName.MAP_RUN,
        ),
    ),
    KnownMistake("whole-input-for-item", INPUT, "each iteration gets the whole input of the Map", _whole_input),
    KnownMistake("list-for-item", INPUT, "each iteration gets the whole list", _whole_list),
    KnownMistake("input-shared-out", INPUT, "a Parallel shares its input out among its branches", _part_of_input),
    KnownMistake("one-after-another", INPUT, "an iteration goes on with what the one before has given", _one_before),
    KnownMistake(
        "batch-is-list",
        OUTPUT,
        "a batch is a plain list, or one without BatchInput",
        _batches,
        (StageName.ITEM_BATCHER,),
    ),
    KnownMistake(
        "items-path-ignored",
        OUTPUT | INPUT,
        "a Map goes through its whole input, whatever ItemsPath says",
        _items_path_ignored,
        (StageName.ITEMS_PATH,),
    ),
)
