"""Compares a definition that a learner has mended with the goal of a mend step: what their runs come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug import json_pointer
from sfdebug.asl.definition import StateType
from sfdebug.asl.load import load_definition, parse_definition, read_source
from sfdebug.debugger import Debugger
from sfdebug.debugger.timeline_comparison import ContrastField, compare_forks
from sfdebug.debugger.verbs import StopReason
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName, VisitStatus
from sfdebug.errors import DefinitionError, Problem, SfdebugError
from sfdebug.history.leaves import Leaf, leaves
from sfdebug.lessons.model import GoalPart
from sfdebug.lessons.setups import checked, input_of, settings_of, tasks_of
from sfdebug.text import counted, fit
from sfdebug.values import MISSING, compact, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.debugger.timeline_comparison import VisitPair
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.lessons.model import LessonSetup, MendStep
    from sfdebug.values import Value

MOST_STEPS: Final = 20_000
"""So many steps of a learner's machine are made: one that never ends is told so after a second."""

_MOST_PLACES: Final = 3
_WIDTH: Final = 60


class MendDifference(Struct, frozen=True):
    """What of a run is not as in the goal's: in a sentence, with the state and the field where it begins.

    `part` is None for a run that does not come to an end. `line` and `column` are those of the state or of its field in
    the learner's text, 0 where there is no such place; `case` is the test case or the input, "" of one run alone.
    """

    part: GoalPart | None
    sentence: str
    state: str = ""
    field: str = ""
    line: int = 0
    column: int = 0
    case: str = ""


class MendResult(Struct, frozen=True):
    """What became of a learner's definition. `problems` are why it cannot be run; then nothing was compared.

    `runs` are its runs where they came to, one for each test case.
    """

    is_reached: bool
    problems: tuple[Problem, ...] = ()
    differences: tuple[MendDifference, ...] = ()
    machine: StateMachine | None = None
    runs: tuple[Debugger, ...] = ()


class MendGoal:
    """The goal of a mend step: its definition, and what its runs come to, one for each test case."""

    def __init__(self, step: MendStep) -> None:
        """Run the goal. Raises what `begin` raises, and SfdebugError when a run of the goal does not end."""
        self.step = step
        self.machine = load_definition(step.goal)
        self.broken = read_source(step.broken).text
        self.runs = tuple(_run(self.machine, setup) for setup in step.cases)
        for run in self.runs:
            if run.execution.status is ExecutionStatus.RUNNING:
                raise SfdebugError(f"the goal does not come to its end: {_why_endless(run)}", where=str(step.goal))

    def compare(self, text: str) -> MendResult:
        """What a definition comes to beside the goal, under the same inputs and answers."""
        step = self.step
        try:
            machine = parse_definition(text, str(step.broken))
            runs = tuple(_run(machine, setup) for setup in step.cases)
        except DefinitionError as error:
            return MendResult(False, error.problems)
        except SfdebugError as error:
            return MendResult(False, (Problem(str(step.broken), 0, 0, error.what, error.fix),))
        found = [
            difference
            for label, mine, goal in zip(step.labels, runs, self.runs, strict=True)
            for difference in _differences(step, mine, goal, label)
        ]
        return MendResult(not found, (), tuple(found), machine, runs)


def _run(machine: StateMachine, setup: LessonSetup) -> Debugger:
    settings = settings_of(setup)
    debugger = Debugger(
        checked(machine, setup), input_of(setup), tasks=tasks_of(setup), settings=settings, most_steps=MOST_STEPS
    )
    debugger.run()
    return debugger


def _why_endless(debugger: Debugger) -> str:
    stop, asking = debugger.stop, debugger.asking
    if stop.reason in (StopReason.QUESTION, StopReason.REFUSED) and asking is not None:
        return f"the Task {named(asking.state.name)} asks for a result, and nothing answers it"
    if stop.reason is StopReason.LIMIT:
        return f"it has entered {debugger.execution.visit_count:,} states, and is not over"
    return stop.text


def _differences(step: MendStep, mine: Debugger, goal: Debugger, case: str) -> Iterator[MendDifference]:
    machine = mine.machine
    if mine.execution.status is ExecutionStatus.RUNNING:
        asking = mine.asking.state if mine.asking is not None else None
        yield _at(machine, asking, "", None, f"The run does not end: {_why_endless(mine)}.", case)
        return
    begins = _beginning(mine, goal)
    state, field = begins if begins is not None else (None, "")
    where = _where(state, field)
    for part in step.compare:
        for sentence in _PARTS[part](mine.execution, goal.execution):
            yield _at(machine, state, field, part, f"{sentence} {where}".strip(), case)
            where = ""  # said once


def _where(state: State | None, field: str) -> str:
    if state is None:
        return ""
    return f"It begins in {named(state.name)}, with {field}." if field else f"It begins in {named(state.name)}."


def _at(
    machine: StateMachine, state: State | None, field: str, part: GoalPart | None, sentence: str, case: str
) -> MendDifference:
    if state is None:
        return MendDifference(part, sentence, case=case)
    is_there = field in state.fields
    span = machine.document.key_span((*state.pointer, field) if is_there else state.pointer)
    return MendDifference(part, sentence, state.name, field, span.line, span.column, case)


# what differs


def _statuses(mine: Execution, goal: Execution) -> Iterator[str]:
    if mine.status is not goal.status:
        yield f"The execution ends {_ending(mine)}, and that of the goal {_ending(goal)}."


def _ending(execution: Execution) -> str:
    error = execution.fault.error if execution.fault is not None else None
    if not error:
        return str(execution.status)
    is_late = execution.status is ExecutionStatus.TIMED_OUT
    wanted = VisitStatus.ABORTED if is_late else VisitStatus.FAILED
    failed = [visit.state.name for visit in execution.visits if visit.status is wanted]
    return f"{execution.status} with {error}" + (f" in {named(failed[-1])}" if failed else "")


def _errors(mine: Execution, goal: Execution) -> Iterator[str]:
    errors = [execution.fault.error if execution.fault is not None else None for execution in (mine, goal)]
    if errors[0] != errors[1] and mine.status is goal.status:
        yield f"The error is {errors[0] or 'none'}, and that of the goal {errors[1] or 'none'}."


def _outputs(mine: Execution, goal: Execution) -> Iterator[str]:
    if mine.status is not goal.status:
        return
    found = leaves(goal.output, mine.output, most=None)
    for leaf in found[:_MOST_PLACES]:
        yield _leaf_text(leaf)
    if len(found) > _MOST_PLACES:
        yield f"The output differs in {counted(len(found) - _MOST_PLACES, 'more place')}."


def _leaf_text(leaf: Leaf) -> str:
    place = "The output" if not leaf.pointer else f"{_path(leaf.pointer)} of the output"
    if leaf.computed is MISSING:
        return f"{place} is missing: the goal has {_value(leaf.recorded)}."
    if leaf.recorded is MISSING:
        return f"{place} is {_value(leaf.computed)}, and the goal has nothing there."
    return f"{place} is {_value(leaf.computed)}, and that of the goal {_value(leaf.recorded)}."


def _value(value: Value) -> str:
    return fit(compact(value), _WIDTH) if is_present(value) else "nothing"


def _path(pointer: str) -> str:
    """A JSON Pointer as JSONPath has it."""
    parts = json_pointer.parse(pointer)
    return "$" + "".join(
        f"[{part}]" if part.isdecimal() else f".{part}" if part.isidentifier() else f"['{part}']" for part in parts
    )


def _states(mine: Execution, goal: Execution) -> Iterator[str]:
    entered, wanted = (dict.fromkeys(visit.state.name for visit in one.visits) for one in (mine, goal))
    for name in wanted:
        if name not in entered:
            yield f"{named(name)} is never entered, and in the goal it is."
    for name in entered:
        if name not in wanted:
            yield f"{named(name)} is entered, and in the goal it is not."


_PARTS: Final = {
    GoalPart.STATUS: _statuses,
    GoalPart.ERROR: _errors,
    GoalPart.OUTPUT: _outputs,
    GoalPart.STATES: _states,
}


# where it begins


def _beginning(mine: Debugger, goal: Debugger) -> tuple[State, str] | None:
    """The first state that gets the same and makes something else of it, and the field that does; None where the two
    runs have no such state in common. Of a Map or Parallel it is the state inside, where there is one."""
    comparison = compare_forks(mine.timeline, 0, 0, goal.timeline)
    found: VisitPair | None = None
    for pair in comparison.differing:
        if _is_given_alike(pair) and (found is None or _is_inside(pair, found)):
            found = pair
    return (found.any.state, _field(found)) if found is not None else None


def _is_given_alike(pair: VisitPair) -> bool:
    """Whether both runs have come to a state with the same, and nothing from outside has cut it off."""
    if pair.left is None or pair.right is None or pair.right.status is VisitStatus.ABORTED:
        return False
    return not any(contrast.field in (ContrastField.INPUT, ContrastField.VISIT) for contrast in pair.contrasts)


def _is_inside(pair: VisitPair, container: VisitPair) -> bool:
    inner, outer = pair.any, container.any
    depth = len(outer.branch)
    below = inner.branch[depth:]
    return inner.branch[:depth] == outer.branch and bool(below) and below[0][0] == outer.state.name


def _field(pair: VisitPair) -> str:
    """The first field, in the order of the data flow, whose stage gives something else than its like, or has none."""
    assert pair.left is not None
    assert pair.right is not None
    if pair.left.state.type is not pair.right.state.type:
        return "Type"
    if pair.right.state.type is StateType.CHOICE:
        return "Choices"
    goal, mine = _stages(pair.left), _stages(pair.right)
    for name in _in_order(mine, goal):
        if name in goal and name in mine and _is_same(goal[name], mine[name]):
            continue
        if name in _NOT_FIELDS and name is not StageName.TASK:
            return _field_of_exit(pair)
        if name not in _NOT_FIELDS:  # of a Task that is called alike, Retry or Catch makes the difference
            return str(name)
    return _field_of_exit(pair)


def _in_order(mine: Iterable[StageName], goal: Iterable[StageName]) -> Iterator[StageName]:
    """The names of the stages of both, in the order in which they came about; those of the goal alone in between."""
    order = {name: index for index, name in enumerate(StageName)}
    mine = list(mine)
    missing = [name for name in goal if name not in mine]
    for name in mine:
        before = [other for other in missing if order[other] < order[name]]
        yield from before
        missing = [other for other in missing if other not in before]
        yield name
    yield from missing


def _field_of_exit(pair: VisitPair) -> str:
    assert pair.left is not None
    assert pair.right is not None
    has_failed = VisitStatus.FAILED in (pair.left.status, pair.right.status)
    return "Next" if pair.left.next != pair.right.next and not has_failed else ""


_NOT_FIELDS: Final = frozenset(
    (StageName.INPUT, StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN, StageName.ERROR)
)
"""Stages that have another name than a field, or none."""


def _stages(visit: Visit) -> dict[StageName, list[Value]]:
    found: dict[StageName, list[Value]] = {}
    for stage in visit.stages:
        found.setdefault(stage.name, []).append(stage.after)
    return found


def _is_same(left: list[Value], right: list[Value]) -> bool:
    return len(left) == len(right) and all(
        one is other or (is_present(one) and is_present(other) and same(one, other))
        for one, other in zip(left, right, strict=True)
    )
