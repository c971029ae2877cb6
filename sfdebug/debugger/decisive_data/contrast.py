"""Two executions of one machine compared: where they part first, the data that decided it, then what took longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.decisive_data.deciding import deciding
from sfdebug.debugger.decisive_data.model import (
    DatumSource,
    DecidedLoopEnd,
    DecisiveDatum,
    DurationContrast,
    ExecutionContrast,
    InputContrast,
)
from sfdebug.debugger.decisive_data.sides import ComparedSide
from sfdebug.debugger.decisive_data.tracing import Tracer
from sfdebug.history.leaves import leaves
from sfdebug.history.made_up import looks_made_up
from sfdebug.history.partings import Parting, PartingKind, find_partings
from sfdebug.history.replay.event_comparison import TIMESTAMPS, Rules
from sfdebug.values import MISSING, same

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.partings import Partings

_TIMES_AS_LONG: Final = 1.5
"""From how many times as long something is called slow."""
_MOST_INPUTS: Final = 200
_MOST_RESULTS: Final = 4


def contrast(left: RecordedSession, right: RecordedSession, rules: Rules | None = None) -> ExecutionContrast:
    """What is different between two executions: the left one is as a rule the one that failed.

    Args:
        left: One execution, opened with its definition where there is one: without, only what was recorded is told.
        right: Another one of the same state machine.
        rules: What is no difference: places in data, times within a tolerance.
    """
    rules = rules or Rules()
    partings = find_partings(left.alignment, right.alignment)
    tracer = Tracer(ComparedSide(left), ComparedSide(right), partings)
    leading = partings.leading
    return ExecutionContrast(
        left,
        right,
        partings,
        deciding(leading, tracer) if leading is not None else None,
        _slower(partings, rules),
        _inputs(left, right, rules),
        _results(partings, tracer, rules) if leading is None else (),
        _has_other_definition(left, right),
        _loop_end(leading, tracer) if leading is not None else None,
    )


def _loop_end(leading: Parting, tracer: Tracer) -> DecidedLoopEnd | None:
    """How both left the loop in which they parted first: the last visits of the state there. None where they parted at
    the last ones."""
    if leading.kind is not PartingKind.NEXT or leading.left is None or leading.right is None:
        return None
    visits = [
        [one for one in side.alignment.visits if (one.branch, one.state) == (leading.branch, leading.state)]
        for side in tracer.sides
    ]
    left, right = visits[0][-1], visits[1][-1]
    if left is leading.left and right is leading.right:
        return None
    nexts = [side.alignment.next_visits.get(one.number) for side, one in zip(tracer.sides, (left, right), strict=True)]
    names = [one.state if one is not None else "" for one in nexts]
    parting = Parting(PartingKind.NEXT, left, right, len(visits[0]), names[0], names[1])
    return DecidedLoopEnd(parting, deciding(parting, tracer), (len(visits[0]), len(visits[1])))


def _slower(partings: Partings, rules: Rules) -> tuple[DurationContrast, ...]:
    """The visits that took much longer on one side, the largest gap first; those of containers only for what is not
    told by a visit inside."""
    if TIMESTAMPS in rules.ignore:
        return ()
    found: list[DurationContrast] = []
    for pair in partings.pairings:
        if pair.left is None or pair.right is None:
            continue
        left, right = pair.left.milliseconds, pair.right.milliseconds
        if left is None or right is None or abs(left - right) <= rules.tolerance_seconds * 1000:
            continue
        if max(left, right) >= _TIMES_AS_LONG * max(1, min(left, right)):
            found.append(DurationContrast(pair.left, pair.right, pair.number, left, right))
    told = [one for one in found if not _is_told_inside(one, found)]
    return tuple(sorted(told, key=lambda one: -one.gap))


def _is_told_inside(one: DurationContrast, found: list[DurationContrast]) -> bool:
    """Whether a visit inside a container accounts for at least half of its gap."""
    start = (*one.left_visit.branch, (one.left_visit.state, 0))[:-1]
    return any(
        len(other.left_visit.branch) > len(start)
        and other.left_visit.branch[: len(start)] == start
        and other.left_visit.branch[len(start)][0] == one.left_visit.state
        and 2 * other.gap >= one.gap
        for other in found
    )


def _inputs(left: RecordedSession, right: RecordedSession, rules: Rules) -> tuple[InputContrast, ...]:
    """Where the inputs differ, what can mean something first."""
    inputs = left.recording.input, right.recording.input
    if MISSING in inputs or "input" in rules.ignore:
        return ()
    facts = left.recording.facts, right.recording.facts
    found = [
        InputContrast(leaf.pointer, leaf.recorded, leaf.computed, looks_made_up(leaf, facts))
        for leaf in leaves(*inputs, rules.equal, _MOST_INPUTS)
        if not rules.has_pointer(leaf.pointer)
    ]
    return tuple(sorted(found, key=lambda one: one.is_made_up))


def _results(partings: Partings, tracer: Tracer, rules: Rules) -> tuple[DecisiveDatum, ...]:
    """The first results of Tasks that differ in more than what looks made up."""
    found: list[DecisiveDatum] = []
    for pair in partings.pairings:
        if pair.left is None or pair.right is None or not pair.left.attempts or not pair.right.attempts:
            continue
        attempts = pair.left.attempts[-1], pair.right.attempts[-1]
        results = attempts[0].result, attempts[1].result
        if MISSING in results or not attempts[0].is_of_task or "output" in rules.ignore:
            continue
        events = (attempts[0].ended or pair.left.last).id, (attempts[1].ended or pair.right.last).id
        found += [
            DecisiveDatum(
                leaf.pointer,
                leaf.recorded,
                leaf.computed,
                DatumSource.RESULT,
                pair.left.state,
                pair.left.branch,
                leaf.pointer,
                leaf.recorded,
                leaf.computed,
                *events,
            )
            for leaf in tracer.telling(leaves(*results, rules.equal))
            if not rules.has_pointer(leaf.pointer)
        ]
        if len(found) >= _MOST_RESULTS:
            break
    return tuple(found[:_MOST_RESULTS])


def _has_other_definition(left: RecordedSession, right: RecordedSession) -> bool | None:
    """Whether the two ran different definitions: where both are known, or their versions are."""
    mine, theirs = left.recorded_definition, right.recorded_definition
    if mine is not None and theirs is not None:
        return not same(mine.document.value, theirs.document.value)
    versions = [one.recording.events[0].text("stateMachineVersionArn") for one in (left, right)]
    if versions[0] and versions[1]:
        return versions[0] != versions[1]
    return None
