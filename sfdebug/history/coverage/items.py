"""Everything in a definition that executions can take, each once, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StatePath, StateType, walk
from sfdebug.history.coverage.model import Coverage, CoverageItem, CoverageKind, ItemCount, TakenItems, summed

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State, StateMachine

TIMEOUT_FIELDS: Final = ("TimeoutSeconds", "TimeoutSecondsPath")
HEARTBEAT_FIELDS: Final = ("HeartbeatSeconds", "HeartbeatSecondsPath")


def coverage_items(machine: StateMachine) -> tuple[CoverageItem, ...]:
    """Everything in a definition that is counted, each once: the states in the order of the file, each with its own."""
    return tuple(dict.fromkeys([*own_items(machine), *_of_scope(machine.scope)]))


def own_items(machine: StateMachine) -> tuple[CoverageItem, ...]:
    """What belongs to the machine itself, and to no state of it: how long an execution may take."""
    return (CoverageItem(CoverageKind.TIMEOUT, ()),) if machine.timeout_seconds is not None else ()


def merged(machine: StateMachine, taken: Iterable[TakenItems]) -> Coverage:
    """The coverage of a definition by several executions, from what each of them took."""
    return summed(coverage_items(machine), taken)


def start_item(first: StatePath) -> CoverageItem:
    """The transition that begins a branch, or the execution, with the state at `first`."""
    return CoverageItem(CoverageKind.TRANSITION, first[:-2], target=first, way="start")


def transition_item(state: State, target: str, way: str) -> CoverageItem:
    """The transition from a state to another one beside it."""
    return CoverageItem(CoverageKind.TRANSITION, state.path, target=(*state.path[:-1], target), way=way)


def _of_scope(scope: Scope) -> Iterator[CoverageItem]:
    if scope.start_at in scope.states:
        yield start_item(scope.states[scope.start_at].path)
    for state in scope.states.values():
        yield CoverageItem(CoverageKind.STATE, state.path)
        yield from _leading_on(state)
        yield from _going_wrong(state)
        if state.type is StateType.MAP:
            for count in ItemCount:
                yield CoverageItem(CoverageKind.ITEMS, state.path, way=count)
        for branch in state.branches:
            yield from _of_scope(branch)


def _leading_on(state: State) -> Iterator[CoverageItem]:
    """What leads on from a state when nothing fails."""
    for rule in state.choices:
        yield CoverageItem(CoverageKind.RULE, state.path, rule.index)
        yield transition_item(state, rule.next, "choice")
    if state.default is not None:
        yield CoverageItem(CoverageKind.RULE, state.path)
        yield transition_item(state, state.default, "default")
    if state.next is not None:
        yield transition_item(state, state.next, "next")


def _going_wrong(state: State) -> Iterator[CoverageItem]:
    """What a state does when something fails. A Retrier without attempts has nothing tried again."""
    if state.type is StateType.TASK:
        if any(field in state.fields for field in TIMEOUT_FIELDS):
            yield CoverageItem(CoverageKind.TIMEOUT, state.path)
        if any(field in state.fields for field in HEARTBEAT_FIELDS):
            yield CoverageItem(CoverageKind.HEARTBEAT, state.path)
    if any(map(_can_fail, state.branches)):
        kind = CoverageKind.FAILED_ITEM if state.type is StateType.MAP else CoverageKind.FAILED_BRANCH
        yield CoverageItem(kind, state.path)
    for retrier in state.retriers:
        if retrier.max_attempts > 0:
            yield CoverageItem(CoverageKind.RETRIER, state.path, retrier.index)
        yield CoverageItem(CoverageKind.EXHAUSTED, state.path, retrier.index)
    for catcher in state.catchers:
        yield CoverageItem(CoverageKind.CATCHER, state.path, catcher.index)
        yield transition_item(state, catcher.next, "catch")


def _can_fail(scope: Scope) -> bool:
    """Whether something in it fails by what is asked or chosen; that data do not fit the paths can happen anywhere, and
    is nothing that a test has to bring about."""
    return any(
        state.type in (StateType.TASK, StateType.FAIL) or (state.type is StateType.CHOICE and state.default is None)
        for state in walk(scope)
    )
