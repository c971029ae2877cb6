"""Running mutants: each by the cases that enter what it changes, until one does not pass; by several processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfdebug.asl.load import definition_from
from sfdebug.engine import Program
from sfdebug.errors import SfdebugError
from sfdebug.processes import MOST_JOBS, shared_out, usable_cores
from sfdebug.simulation import checked_machine, run_settings
from sfdebug.testing.model import CaseOutcome, MachineCase
from sfdebug.testing.mutation.changing import changes_of
from sfdebug.testing.mutation.model import DefinitionChange, Mutant, MutantOutcome, MutantVerdict, MutationReport
from sfdebug.testing.running import machine_at, run_case
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.asl.text.source import Pointer

_WORTH: Final = 60
"""So many mutants take longer than a second process does to begin."""
_MOST_FEWER: Final = 4
"""Mutants that a process is given at a time, at most: so many are lost when the time is over."""
_TURNS: Final = 10
_SPARE: Final = 200
"""A mutant may enter ten times as many states as the case did, and some more, before it is taken for endless."""

_Machines = Mapping[str, tuple[CaseOutcome, ...]]


def mutate(
    outcomes: Iterable[CaseOutcome],
    jobs: int | None = None,
    *,
    seconds: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> MutationReport:
    """Change each machine in one place after the other, and see which changes the cases notice.

    Args:
        outcomes: What came of the cases with the machines as they are; those that did not pass have no part in it.
        jobs: How many processes; by default as many as are worth their start.
        seconds: After so long no more is waited for; the others are told as not run.
        progress: Is told how many mutants are done, of how many.
        clock: The time in seconds.

    Raises WorkerError when a process ended before its time.
    """
    machines: dict[str, list[CaseOutcome]] = {}
    for one in outcomes:
        if one.is_good:
            machines.setdefault(one.case.machine.text, []).append(one)
    cases: _Machines = {name: tuple(found) for name, found in machines.items()}
    every = _mutants(cases)
    mutants = [one for one in every if not one.change.is_equivalent]
    if jobs is None:
        jobs = min(usable_cores(), MOST_JOBS) if len(mutants) >= _WORTH else 1
    until = None if seconds is None else clock() + seconds
    found: list[MutantOutcome] = []
    if until is None or clock() < until:
        work = shared_out(partial(_MutantRunner, cases), mutants, jobs, most=_MOST_FEWER, doing="runs mutants")
        with closing(work) as results:
            for result in results:
                found.append(result)
                if progress is not None:
                    progress(len(found), len(mutants))
                if until is not None and clock() >= until:
                    break
    return MutationReport(tuple(_in_order(every, found)))


def _in_order(every: Iterable[Mutant], found: Iterable[MutantOutcome]) -> Iterator[MutantOutcome]:
    """All mutants, with what came of those that were run, which are the first."""
    results = iter(found)
    for mutant in every:
        if mutant.change.is_equivalent:
            yield MutantOutcome(mutant, MutantVerdict.EQUIVALENT)
        else:
            yield next(results, MutantOutcome(mutant, MutantVerdict.NOT_RUN))


def _mutants(machines: _Machines) -> list[Mutant]:
    """The mutants of all machines, in the order of the files."""
    mutants: list[Mutant] = []
    for name, outcomes in machines.items():
        address = outcomes[0].case.machine
        machine = machine_at(address.path, address.name)[1].machine
        entered = [{step.state for step in one.path} for one in outcomes]
        for change in changes_of(machine):
            cases = tuple(index for index, states in enumerate(entered) if change.state in states)
            line = machine.document.key_span(change.pointer).line
            mutants.append(Mutant(name, _file_of(machine), line, change, cases))
    return mutants


def _file_of(machine: StateMachine) -> str:
    name = machine.name
    if os.path.isabs(name):
        relative = os.path.relpath(name)
        name = name if relative.startswith(os.pardir) else relative
    return Path(name).as_posix()


class _MutantRunner:
    """Runs one mutant after the other, with the cases of its machine."""

    def __init__(self, machines: _Machines) -> None:
        self._machines = machines

    def __call__(self, mutant: Mutant) -> MutantOutcome:
        outcomes = self._machines[mutant.machine]
        try:
            program = _program(outcomes[0].case, mutant.change)
        except SfdebugError:
            return MutantOutcome(mutant, MutantVerdict.INVALID)
        for count, index in enumerate(mutant.cases, 1):
            before = outcomes[index]
            most = _TURNS * len(before.path) + _SPARE
            if not run_case(before.case, program=program, most_transitions=most).is_good:
                return MutantOutcome(mutant, MutantVerdict.NOTICED, count, before.case.id)
        return MutantOutcome(mutant, MutantVerdict.SURVIVED, len(mutant.cases))


def _program(case: MachineCase, change: DefinitionChange) -> Program:
    """The machine of a case with a change. Raises SfdebugError when it cannot be run."""
    opened, program = machine_at(case.machine.path, case.machine.name)
    machine = program.machine
    base = machine.scope.pointer
    definition = machine.document.part(base).value
    changed = changed_value(definition, change.pointer[len(base) :], change)
    assert isinstance(changed, dict), "a definition is an object"
    return Program(checked_machine(definition_from(changed), run_settings(opened, case.start_time)))


def changed_value(value: Json, pointer: Pointer, change: DefinitionChange) -> Json:
    """A value with a change at a place in it. What is not on the way there is shared with the value."""
    key, rest = pointer[0], pointer[1:]
    container: Any = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
    if rest:
        container[key] = changed_value(container[key], rest, change)
    elif change.renamed:
        return {change.renamed if name == key else name: part for name, part in container.items()}
    elif is_present(change.value):
        container[key] = change.value
    else:
        del container[key]
    return container  # type: ignore[no-any-return]
