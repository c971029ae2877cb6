"""Coverage: which states, transitions, Choice rules, Retriers and Catchers of a definition were taken by executions.

It is counted in executions that the engine computed, run or replayed: a history alone does not say which of several
rules matched, or which Retrier had a task tried again. What was never taken is as much a fact as how often another was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.asl.definition import StatePath, StateType
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State, StateMachine
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import Stage, Visit

_TAKEN = (StageStatus.MATCHED, StageStatus.FORCED)
_LEFT = (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT)


class CoverageKind(StrEnum):
    """What of a definition is counted."""

    STATE = "state"
    TRANSITION = "transition"
    RULE = "rule"
    RETRIER = "retrier"
    CATCHER = "catcher"


class CoverageItem(Struct, frozen=True, gc=False):
    """One thing in a definition that an execution can take.

    `state` is the state that it belongs to; of a transition that begins a branch the Parallel or Map around, () at the
    top. `index` is that of a rule (None for Default), a Retrier or a Catcher, from 0. `target` is where a transition
    leads, and `way` by what: "start", "next", "choice", "default" or "catch", as in the graph.
    """

    kind: CoverageKind
    state: StatePath
    index: int | None = None
    target: StatePath = ()
    way: str = ""


class Coverage(Struct, frozen=True):
    """How often each item of a definition was taken, by so many executions. `counts` has every item, also with 0."""

    executions: int
    counts: Mapping[CoverageItem, int]

    def of(self, kind: CoverageKind) -> Mapping[CoverageItem, int]:
        """The items of one kind, in the order of the definition."""
        return {item: count for item, count in self.counts.items() if item.kind is kind}

    def never(self, kind: CoverageKind) -> tuple[CoverageItem, ...]:
        """The items of one kind that no execution took, in the order of the definition."""
        return tuple(item for item, count in self.of(kind).items() if not count)


def coverage_items(machine: StateMachine) -> tuple[CoverageItem, ...]:
    """Everything in a definition that is counted, each once: the states in the order of the file, each with its own."""
    return tuple(dict.fromkeys(_of_scope(machine.scope)))


def _of_scope(scope: Scope) -> Iterator[CoverageItem]:
    if scope.start_at in scope.states:
        yield _start(scope.states[scope.start_at].path)
    for state in scope.states.values():
        yield CoverageItem(CoverageKind.STATE, state.path)
        yield from _leading_on(state)
        for retrier in state.retriers:
            yield CoverageItem(CoverageKind.RETRIER, state.path, retrier.index)
        for catcher in state.catchers:
            yield CoverageItem(CoverageKind.CATCHER, state.path, catcher.index)
            yield _transition(state, catcher.next, "catch")
        for branch in state.branches:
            yield from _of_scope(branch)


def _leading_on(state: State) -> Iterator[CoverageItem]:
    """What leads on from a state when nothing fails."""
    for rule in state.choices:
        yield CoverageItem(CoverageKind.RULE, state.path, rule.index)
        yield _transition(state, rule.next, "choice")
    if state.default is not None:
        yield CoverageItem(CoverageKind.RULE, state.path)
        yield _transition(state, state.default, "default")
    if state.next is not None:
        yield _transition(state, state.next, "next")


def _start(first: StatePath) -> CoverageItem:
    return CoverageItem(CoverageKind.TRANSITION, first[:-2], target=first, way="start")


def _transition(state: State, target: str, way: str) -> CoverageItem:
    return CoverageItem(CoverageKind.TRANSITION, state.path, target=(*state.path[:-1], target), way=way)


def taken_in(execution: Execution) -> Counter[CoverageItem]:
    """What an execution has taken so far, and how often."""
    taken: Counter[CoverageItem] = Counter()
    open_visits = (branch.visit for branch in execution.branches.values() if branch.visit is not None)
    last: dict[object, Visit] = {}
    for visit in sorted([*execution.visits, *open_visits], key=lambda visit: visit.number):
        state = visit.state
        taken[CoverageItem(CoverageKind.STATE, state.path)] += 1
        before = last.get(visit.branch)
        if before is None or before.next != state.name or before.status not in _LEFT:  # a Retrier begins branches anew
            taken[_start(state.path)] += 1
        last[visit.branch] = visit
        _count_stages(visit, taken)
        if visit.next is not None and visit.status in _LEFT:
            taken[_transition(state, visit.next, _way(visit))] += 1
    return taken


def _count_stages(visit: Visit, taken: Counter[CoverageItem]) -> None:
    state = visit.state
    if state.type is not StateType.CHOICE and not state.retriers and not state.catchers:
        return
    for stage in visit.stages:
        kind = _kind(stage)
        if kind is not None:
            taken[CoverageItem(kind, state.path, stage.index)] += 1


def _kind(stage: Stage) -> CoverageKind | None:
    """What is taken by a stage that matched."""
    if stage.status not in _TAKEN:
        return None
    if stage.name in (StageName.RULE, StageName.DEFAULT):
        return CoverageKind.RULE
    if stage.name is StageName.RETRY:
        return CoverageKind.RETRIER
    return CoverageKind.CATCHER if stage.name is StageName.CATCH else None


def _way(visit: Visit) -> str:
    if visit.status is VisitStatus.CAUGHT:
        return "catch"
    if visit.state.type is not StateType.CHOICE:
        return "next"
    return "default" if any(stage.name is StageName.DEFAULT for stage in visit.stages) else "choice"


def merged(machine: StateMachine, taken: Iterable[Mapping[CoverageItem, int]]) -> Coverage:
    """The coverage of a definition by several executions, from what each of them took."""
    counts = dict.fromkeys(coverage_items(machine), 0)
    executions = 0
    for one in taken:
        executions += 1
        for item, count in one.items():
            counts[item] = counts.get(item, 0) + count
    return Coverage(executions, counts)
