"""What of a run is not as it is expected, and where the values that differ are from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.testing.model import ANYTHING, Mismatch, MismatchKind, PathStep
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.testing.model import Expected

_MOST: Final = 20
"""So many differences of one value are told."""


def visits_of(execution: Execution) -> list[Visit]:
    """All stays in states, in the order in which they began; those under way when the execution ended among them."""
    begun = [branch.visit for branch in execution.branches.values() if branch.visit is not None]
    return sorted([*execution.visits, *begun], key=lambda visit: visit.number)


def path_of(execution: Execution) -> tuple[PathStep, ...]:
    """The path of an execution."""
    return tuple(
        PathStep(visit.state.path, visit.branch, visit.status.value, visit.attempt, _error(visit))
        for visit in visits_of(execution)
    )


def _error(visit: Visit) -> str:
    if visit.status not in (VisitStatus.FAILED, VisitStatus.CAUGHT):
        return ""
    faults = [stage.fault for stage in visit.stages if stage.fault is not None]
    return (faults[-1].error or "") if faults else ""


def mismatches(expected: Expected, execution: Execution, path: Sequence[PathStep]) -> list[Mismatch]:
    """What is not as it is expected, the weightiest first: another status explains most of the rest."""
    return [
        *_of_end(expected, execution),
        *_of_path(expected, path, visits_of(execution)),
        *_of_attempts(expected, execution),
        *_of_data(expected, execution),
    ]


def _of_end(expected: Expected, execution: Execution) -> Iterator[Mismatch]:
    fault = execution.fault
    if expected.status is not None and execution.status is not expected.status:
        yield Mismatch(MismatchKind.STATUS, expected.status.value, execution.status.value)
    error = fault.error if fault is not None else None
    if expected.error is not None and error != expected.error:
        yield Mismatch(MismatchKind.ERROR, expected.error, MISSING if error is None else error)
    cause = (fault.cause if fault is not None else None) or ""
    if expected.cause is not None and expected.cause not in cause:
        yield Mismatch(MismatchKind.CAUSE, expected.cause, cause or MISSING)


def _of_path(expected: Expected, path: Sequence[PathStep], visits: Sequence[Visit]) -> Iterator[Mismatch]:
    names = [step.name for step in path]
    if expected.path is not None:
        index = first_off(expected.path, names)
        if index is not None:
            wanted = next((name for name in expected.path[index[0] :] if name != ANYTHING), MISSING)
            is_inside = index[1] < len(names)
            got: Value = names[index[1]] if is_inside else MISSING
            shows = (visits[index[1]].number, 0) if is_inside else None
            yield Mismatch(MismatchKind.PATH, wanted, got, subject=str(index[1] + 1), shows=shows)
    for name in expected.visited:
        if name not in names:
            yield Mismatch(MismatchKind.VISITED, name, MISSING, subject=name)
    for name in expected.not_visited:
        if name in names:
            shows = (visits[names.index(name)].number, 0)
            yield Mismatch(MismatchKind.NOT_VISITED, MISSING, name, subject=name, shows=shows)


def first_off(wanted: Sequence[str], names: Sequence[str]) -> tuple[int, int] | None:
    """Where a path leaves the one that is wanted, as indices of both: the furthest that any way of reading its gaps
    comes to. None when it does not."""
    reached: set[int] = {0}
    furthest = (0, 0)
    for index, name in enumerate(wanted):
        if name == ANYTHING:
            reached = set(range(min(reached), len(names) + 1))
            continue
        step = {at + 1 for at in reached if at < len(names) and names[at] == name}
        if not step:
            return index, max(reached) if index == 0 or wanted[index - 1] != ANYTHING else len(names)
        reached, furthest = step, (index + 1, max(step))
    if len(names) in reached:
        return None
    return furthest[0], max(reached)


def _of_attempts(expected: Expected, execution: Execution) -> Iterator[Mismatch]:
    if not expected.attempts:
        return
    made: Counter[str] = Counter()
    last: dict[str, Visit] = {}
    for visit in visits_of(execution):
        made[visit.state.name] += visit.attempt
        last[visit.state.name] = visit
    for name, wanted in expected.attempts.items():
        if made[name] != wanted:
            shows = (last[name].number, max(0, len(last[name].stages) - 1)) if name in last else None
            yield Mismatch(MismatchKind.ATTEMPTS, wanted, made[name], subject=name, shows=shows)


def _of_data(expected: Expected, execution: Execution) -> Iterator[Mismatch]:
    is_told = not is_present(execution.output) and expected.status not in (None, execution.status)
    if is_present(expected.output) and not is_told:
        found = list(differences(expected.output, execution.output, is_partial=expected.is_partial))
        for where, wanted, got in found[:_MOST]:
            yield Mismatch(MismatchKind.OUTPUT, wanted, got, where)
    variables = variables_of(execution)
    for name, wanted in expected.variables.items():
        got = variables.get(name, MISSING)
        for where, left, right in list(differences(wanted, got, is_partial=expected.is_partial))[:_MOST]:
            yield Mismatch(MismatchKind.VARIABLE, left, right, where, subject=name)


def variables_of(execution: Execution) -> dict[str, Json]:
    """The variables of the machine's own level at the end of an execution."""
    visits = [visit for visit in visits_of(execution) if not visit.branch]
    return {**visits[-1].variables, **(visits[-1].assigned or {})} if visits else {}


def differences(
    wanted: Value, got: Value, *, is_partial: bool, where: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Value, Value]]:
    """Where two values differ, with both sides there; `is_partial` lets objects have fields that are not asked for."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        names = wanted if is_partial else dict.fromkeys((*wanted, *got))
        for name in names:
            yield from differences(
                wanted.get(name, MISSING), got.get(name, MISSING), is_partial=is_partial, where=(*where, name)
            )
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, (left, right) in enumerate(zip(wanted, got, strict=True)):
            yield from differences(left, right, is_partial=is_partial, where=(*where, index))
    elif is_present(wanted) != is_present(got) or (is_present(wanted) and is_present(got) and not same(wanted, got)):
        yield where, wanted, got
