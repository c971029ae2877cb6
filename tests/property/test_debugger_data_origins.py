"""Who changed a value: the way back agrees with where the value's unique leaf is found first, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.debugger import Debugger
from sfdebug.debugger.data_origins.flow import VisitFlow
from sfdebug.debugger.data_origins.model import DataPlace, DataSide, OriginKind, ReadKind, WriteKind
from sfdebug.debugger.data_origins.origins import DataOrigins
from sfdebug.debugger.data_origins.parts import DataRef, DataRoot, value_in
from sfdebug.debugger.data_origins.reading import readings
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName, Visit
from sfdebug.values import MISSING, Json, Value, is_present
from tests.examples import STEADY, examples
from tests.origin_machines import INPUT, MachineBuilder, leaves, run, run_twice

bounded = settings(
    max_examples=examples(40),
    derandomize=STEADY,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)


@bounded
@given(st.randoms(use_true_random=False))
def test_a_value_comes_from_where_it_was_found_first(random: Random) -> None:
    debugger = run(_machine(random))
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED, debugger.stop
    origins = DataOrigins(debugger.timeline)
    known = _known(debugger)
    for visit in debugger.execution.visits:
        for place, value in _leaf_places(visit):
            if isinstance(value, str) and value in known:
                _check(origins, place, value, known)


@bounded
@given(st.randoms(use_true_random=False))
def test_a_value_is_read_where_an_expression_finds_it(random: Random) -> None:
    debugger = run(_machine(random))
    origins = DataOrigins(debugger.timeline)
    for keys, leaf in leaves(INPUT):
        found = origins.of(DataPlace(1, 0, DataSide.AFTER, keys))
        told = {(read.state, read.place.stage, read.kind is ReadKind.CALLED, read.expression) for read in found.reads}
        assert not found.more_reads
        assert told == set(_reads_of(debugger, leaf)), (keys, leaf)


@bounded
@given(st.randoms(use_true_random=False))
def test_a_place_is_written_next_where_its_value_is_no_longer_there(random: Random) -> None:
    debugger = run(_machine(random))
    origins = DataOrigins(debugger.timeline)
    for keys, leaf in leaves(INPUT):
        found = origins.of(DataPlace(1, 0, DataSide.AFTER, keys)).next_write
        told = (found.kind, found.state) if found is not None else None
        assert told == _next_write(debugger, keys, leaf), keys


def _next_write(debugger: Debugger, keys: tuple[str | int, ...], leaf: Json) -> tuple[WriteKind, str] | None:
    """The first state at the top whose output does not have a leaf at its place."""
    top = sorted((visit for visit in debugger.execution.visits if not visit.branch), key=lambda visit: visit.number)
    for visit in top:
        value = value_in(visit.output, keys)
        if value != leaf:
            return (WriteKind.WRITTEN if is_present(value) else WriteKind.DROPPED, visit.state.name)
    return None


def _machine(random: Random) -> dict[str, Any]:
    definition = MachineBuilder(random).machine(random.randint(1, 6))
    return run_twice(definition) if random.random() < 0.3 else definition


def _reads_of(debugger: Debugger, leaf: Json) -> Iterator[tuple[str, int, bool, str]]:
    """All expressions of all stages that find a leaf, by evaluating each; the Tasks called with it; the end."""
    execution = debugger.execution
    for visit in execution.visits:
        flow = VisitFlow(visit)
        for index, stage in enumerate(visit.stages):
            if stage.name is StageName.TASK and is_present(stage.before) and leaf in _texts(stage.before):
                yield visit.state.name, index, True, ""
            for reading in readings(flow, index):
                if any(leaf in _texts(_seen(debugger, flow, index, ref)) for ref in reading.refs):
                    yield visit.state.name, index, False, reading.text
    if leaf in _texts(execution.output):
        last = [visit for visit in execution.visits if not visit.branch][-1]
        yield last.state.name, len(last.stages) - 1, False, ""


def _texts(value: Value) -> list[Json]:
    return [leaf for _, leaf in leaves(value)] if is_present(value) else []


def _seen(debugger: Debugger, flow: VisitFlow, index: int, ref: DataRef) -> Value:
    """What a path of a stage finds, read from the data as they are there."""
    if ref.root is not DataRoot.CONTEXT:
        return value_in(flow.document(index, ref.root, ref.name), ref.keys)
    if ref.keys[:2] == ("Execution", "Input"):
        child = _child_input(debugger, flow)
        return value_in(debugger.execution.input if child is MISSING else child, ref.keys[2:])
    if ref.keys[:3] == ("Map", "Item", "Value"):
        stage = flow.stages[index]
        if stage.name is StageName.ITEM_SELECTOR:
            assert isinstance(stage.before, list)
            found: list[Json] = []
            for item in stage.before:
                inside = value_in(item, ref.keys[3:])
                found += [inside] if is_present(inside) else []
            return found
    return MISSING


def _child_input(debugger: Debugger, flow: VisitFlow) -> Value:
    for child in debugger.execution.ended_children:
        if flow.visit.branch[: len(child.id)] == child.id:
            return child.input
    return MISSING


def _known(debugger: Debugger) -> dict[str, tuple[OriginKind, Any]]:
    """By its unique text, where each leaf is from: found by looking at all of the run."""
    known: dict[str, tuple[OriginKind, Any]] = {}
    for keys, value in leaves(INPUT):
        known[str(value)] = (OriginKind.INPUT, keys)
    for visit in debugger.execution.visits:
        for index, stage in enumerate(visit.stages):
            if stage.name is StageName.TASK and is_present(stage.after):
                for keys, value in leaves(stage.after):
                    known[str(value)] = (OriginKind.RESULT, (visit.number, index, keys))
            if stage.name is StageName.ITEM_READER and is_present(stage.after):
                for keys, value in leaves(stage.after):
                    known[str(value)] = (OriginKind.DATASET, (visit.number, index, keys))
            if stage.fault is not None and stage.name is StageName.TASK:
                known[str(stage.fault.error)] = (OriginKind.FAILED, (visit.number, index))
                known[str(stage.fault.cause)] = (OriginKind.FAILED, (visit.number, index))
    return known


def _leaf_places(visit: Visit) -> list[tuple[DataPlace, Any]]:
    found: list[tuple[DataPlace, Any]] = []
    for index, stage in enumerate(visit.stages):
        for side, value in ((DataSide.BEFORE, stage.before), (DataSide.AFTER, stage.after)):
            if is_present(value) and not (stage.name is StageName.RETRY and side is DataSide.AFTER):
                found += [(DataPlace(visit.number, index, side, keys), leaf) for keys, leaf in leaves(value)]
    for name, value in visit.variables.items():
        found += [(DataPlace(visit.number, 0, DataSide.VARIABLE, keys, name), leaf) for keys, leaf in leaves(value)]
    return found


def _check(origins: DataOrigins, place: DataPlace, value: str, known: dict[str, tuple[OriginKind, Any]]) -> None:
    steps = origins.steps(place)
    last = steps[-1]
    kind, where = known[value]
    assert last.kind is kind, (place, value, steps)
    assert all(step.value == value or step.kind is OriginKind.FAILED for step in steps), (place, value, steps)
    if kind is OriginKind.INPUT:
        assert last.field == where, (place, value, steps)
    elif kind is OriginKind.FAILED:
        (source,) = last.sources
        assert (source.visit, source.stage) == where, (place, value, steps)
    else:
        assert (last.place.visit, last.place.stage, last.place.keys) == where, (place, value, steps)
