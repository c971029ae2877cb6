"""What reads a value later on, and when its place is written next."""

from __future__ import annotations

from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.debugger.data_origins.model import DataPlace, DataSide, ReadKind, WriteKind
from sfdebug.debugger.data_origins.origins import DataOrigins
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import Json
from tests.debugger_runs import Handler, machine, passing, task


def finished(definition: dict[str, Any], input: Json) -> Debugger:
    """A session at its end."""
    debugger = Debugger(definition, input, tasks=Handler())
    debugger.run()
    return debugger


def reads(debugger: Debugger, *keys: str | int) -> list[tuple[ReadKind, str, str]]:
    """What reads a part of the execution's input."""
    found = DataOrigins(debugger.timeline).of(DataPlace(1, 0, DataSide.AFTER, keys))
    return [(read.kind, read.state, read.expression) for read in found.reads]


def _present(path: str) -> dict[str, Any]:
    return {"Variable": path, "IsPresent": True}


def test_paths_rules_and_tasks_read() -> None:
    definition = machine(
        A=passing("B", Parameters={"copy.$": "$.order.id"}, ResultPath="$.p"),
        B={
            "Type": "Choice",
            "Choices": [
                {"And": [_present("$.p.copy"), _present("$.no")], "Next": "C"}
            ],
            "Default": "C",
        },
        C=task(Parameters={"n.$": "States.Format('{}', $.order.id)", "all.$": "$"}, ResultPath=None),
    )  # fmt: skip
    assert reads(finished(definition, {"order": {"id": "o-7"}}), "order", "id") == [
        (ReadKind.TAKEN, "A", "$.order.id"),
        (ReadKind.TESTED, "B", "$.p.copy"),
        (ReadKind.COMPUTED, "C", "States.Format('{}', $.order.id)"),
        (ReadKind.TAKEN, "C", "$"),
        (ReadKind.CALLED, "C", ""),
        (ReadKind.OUTPUT, "C", ""),
    ]


def test_jsonata_and_variables_read() -> None:
    definition = machine(
        A=passing("B", QueryLanguage="JSONata", Assign={"v": "{% $states.input.a %}"}, Output={}),
        B={
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [{"Condition": "{% $v.b > 0 %}", "Next": "C"}],
            "Default": "C",
        },
        C=passing(QueryLanguage="JSONata", Output={"w": "{% $v.b + 1 %}"}),
    )
    assert reads(finished(definition, {"a": {"b": 1}}), "a", "b") == [
        (ReadKind.TAKEN, "A", "$states.input.a"),
        (ReadKind.TESTED, "B", "$v.b > 0"),
        (ReadKind.COMPUTED, "C", "$v.b + 1"),
    ]


def test_a_part_of_a_value_is_a_reading_of_it() -> None:
    debugger = finished(machine(A=passing(Parameters={"x.$": "$.order.id"})), {"order": {"id": 1, "other": 2}})
    assert reads(debugger, "order") == [(ReadKind.PART, "A", "$.order.id")]
    assert reads(debugger, "order", "other") == []


def test_what_many_iterations_read_alike_is_one() -> None:
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"c.$": "$.shared"},
        "ItemProcessor": machine(One=task()),
        "ResultPath": None,
        "End": True,
    }
    debugger = finished(machine(Each=state), {"items": [1, 2, 3], "shared": "s"})
    found = DataOrigins(debugger.timeline).of(DataPlace(1, 0, DataSide.AFTER, ("shared",)))
    assert [(read.kind, read.count) for read in found.reads][:2] == [(ReadKind.TAKEN, 1), (ReadKind.CALLED, 3)]


def test_the_next_writer_of_a_place_is_told() -> None:
    definition = machine(A=passing("B"), B=task("C", ResultPath="$.n"), C=passing(OutputPath="$.keep"))
    debugger = finished(definition, {"n": 1, "keep": {}})

    def written(*keys: str) -> tuple[WriteKind, str] | None:
        found = DataOrigins(debugger.timeline).of(DataPlace(1, 0, DataSide.AFTER, keys)).next_write
        return (found.kind, found.state) if found is not None else None

    assert written("n") == (WriteKind.WRITTEN, "B")
    assert written("keep") == (WriteKind.DROPPED, "C")
    kept = finished(machine(A=passing("B"), B=passing()), {"n": 1})
    assert DataOrigins(kept.timeline).of(DataPlace(1, 0, DataSide.AFTER, ("n",))).next_write is None


def test_the_next_assign_of_a_variable_is_told() -> None:
    definition = machine(A=passing("B", Assign={"v": 1}), B=passing("C"), C=passing(Assign={"v": 2}))
    debugger = finished(definition, {})
    found = debugger.who_changed(visit=2, variable="v")
    assert found.next_write is not None
    assert found.next_write.state == "C"


def test_parameters_have_no_place_that_is_written_again() -> None:
    debugger = finished(machine(A=task("B", Parameters={"x.$": "$.n"}, ResultPath="$.n"), B=passing()), {"n": 1})
    found = DataOrigins(debugger.timeline).of(DataPlace(1, 1, DataSide.AFTER, ("x",)))
    assert not found.is_lasting
    assert found.next_write is None


def test_a_session_that_grows_is_asked_again() -> None:
    debugger = Debugger(
        machine(A=passing("B"), B=task()), {"n": 1}, tasks=Handler({"B": lambda request: TaskResult(2)})
    )
    debugger.step_over()
    assert reads(debugger, "n") == []
    debugger.run()
    assert (ReadKind.CALLED, "B", "") in reads(debugger, "n")


def test_an_error_is_read_where_it_is_caught() -> None:
    catch = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Assign": {"why.$": "$.Cause"}, "Next": "After"}
    inner = machine(Bad=task())
    both = {"Type": "Parallel", "Branches": [inner], "Catch": [catch], "End": True}
    definition = machine(Both=both, After=passing(Parameters={"x.$": "$.e.Cause", "y.$": "$why"}))
    debugger = Debugger(definition, {}, tasks=Handler({"Bad": lambda request: TaskFailure("Boom", "why")}))
    debugger.run()
    origins = DataOrigins(debugger.timeline)
    bad = next(visit for visit in debugger.execution.visits if visit.state.name == "Bad")
    failed = next(index for index, stage in enumerate(bad.stages) if stage.name is StageName.TASK)
    found = origins.of(DataPlace(bad.number, failed, DataSide.AFTER, ("Cause",)))
    assert [(read.state, read.expression) for read in found.reads] == [
        ("Both", "$.Cause"),
        ("After", "$.e.Cause"),
        ("After", "$why"),
        ("After", ""),
    ]
    both_visit = next(visit for visit in debugger.execution.visits if visit.state.name == "Both")
    caught = next(index for index, stage in enumerate(both_visit.stages) if stage.name is StageName.CATCH)
    again = origins.of(DataPlace(both_visit.number, caught, DataSide.BEFORE, ("Cause",)))
    assert [read.expression for read in again.reads] == ["$.Cause", "$.e.Cause", "$why", ""]
