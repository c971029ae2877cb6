"""The plan of a visit: the stages to come, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.plan import planned_finish, planned_stages
from sfdebug.simulation import simulate
from sfdebug.values import MISSING
from tests.debugger_runs import LAMBDA
from tests.map_run_machines import DISTRIBUTED, INPUT, ORDERS, Workers, reading

INNER = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}


def plan(state: dict[str, Any], language: str = "JSONPath") -> list[str]:
    machine = definition_from(
        {"QueryLanguage": language, "StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}}
    )
    return [str(name) for name, _ in planned_stages(machine.state(("A",)))]


@pytest.mark.parametrize(
    ("state", "stages"),
    [
        (
            {"Type": "Task", "Resource": LAMBDA, "Arguments": {}, "Assign": {"a": 1}, "Output": 1, "End": True},
            ["Input", "Arguments", "Task", "Assign", "Output"],
        ),
        ({"Type": "Task", "Resource": LAMBDA, "End": True}, ["Input", "Task", "Output"]),
        ({"Type": "Pass", "Assign": {"a": 1}, "End": True}, ["Input", "Assign", "Output"]),
        ({"Type": "Wait", "Seconds": "{% 1 %}", "Output": 1, "End": True}, ["Input", "Wait", "Output"]),
        (
            {"Type": "Parallel", "Branches": [INNER], "Arguments": {}, "End": True},
            ["Input", "Arguments", "Branches", "Output"],
        ),
        (
            {"Type": "Map", "Items": [1], "ItemSelector": {}, "ItemProcessor": INNER, "End": True},
            ["Input", "Items", "ItemSelector", "Iterations", "Output"],
        ),
        (
            {
                "Type": "Choice",
                "Choices": [{"Condition": "{% true %}", "Next": "B"}],
                "Default": "B",
                "Assign": {"a": 1},
            },
            ["Input", "Rule", "Default", "Assign", "Output"],
        ),
        ({"Type": "Succeed", "Output": 1}, ["Input", "Output"]),
        ({"Type": "Fail", "Error": "{% 'E' %}"}, ["Input", "Error"]),
    ],
)
def test_jsonata_states_go_through_their_own_stages(state: dict[str, Any], stages: list[str]) -> None:
    assert plan(state, "JSONata") == stages


def test_a_distributed_map_reads_selects_batches_runs_and_writes() -> None:
    state = reading(
        ItemSelector={"a.$": "$$.Map.Item.Value"},
        ItemBatcher={"MaxItemsPerBatch": 2},
        ResultWriter={"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"}},
        ResultPath="$.r",
        Assign={"a": 1},
    )["States"]["Read"]
    assert plan(state) == [
        *("Input", "ItemReader", "ItemSelector", "ItemBatcher", "MapRun", "ResultWriter"),
        *("ResultPath", "Assign", "Output"),
    ]
    items = {name: value for name, value in state.items() if name != "ItemReader"}
    assert plan({**items, "ItemsPath": "$.x"})[:3] == ["Input", "ItemsPath", "ItemSelector"]


def test_assign_stands_between_result_path_and_output_path_as_the_engine_does_it() -> None:
    state = {"Type": "Pass", "ResultPath": "$.a", "Assign": {"a": 1}, "OutputPath": "$.a", "End": True}
    assert plan(state) == ["Input", "ResultPath", "Assign", "OutputPath", "Output"]
    run = simulate({"StartAt": "A", "States": {"A": state}}, {"b": 1})
    assert [str(stage.name) for stage in run.visits[0].stages] == plan(state)


def test_an_empty_assign_is_no_stage() -> None:
    assert plan({"Type": "Pass", "Assign": {}, "End": True}) == ["Input", "Output"]


def test_a_rule_and_a_catcher_end_the_visit_with_their_own_fields() -> None:
    machine = definition_from(ORDERS)
    choice, each = machine.state(("Enough?",)), machine.state(("Each",))
    assert planned_finish(choice, choice.choices[1].fields) == (
        ("Assign", {"took": "{% $limit %}"}),
        ("Output", MISSING),
    )
    assert [name for name, _ in planned_finish(each, each.catchers[0].fields)] == ["Assign", "Output"]


def test_every_visit_of_a_run_without_faults_is_as_planned() -> None:
    run = simulate(ORDERS, INPUT, tasks=Workers(frozenset()))
    assert run.status == "SUCCEEDED"
    for visit in run.visits:
        if visit.state.type not in ("Choice", "Map"):
            assert [stage.name for stage in visit.stages] == [name for name, _ in planned_stages(visit.state)]


def test_what_is_distributed() -> None:
    machine = definition_from(ORDERS)
    assert machine.state(("Each",)).is_distributed
    assert not machine.state(("Limits",)).is_distributed
    inline = {"Type": "Map", "ItemProcessor": {**INNER, "ProcessorConfig": {"Mode": "INLINE"}}, "End": True}
    assert not definition_from({"StartAt": "A", "States": {"A": inline}}).state(("A",)).is_distributed
    assert DISTRIBUTED["Mode"] == "DISTRIBUTED"
