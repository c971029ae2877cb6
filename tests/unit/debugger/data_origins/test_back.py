"""Where a value is from, by each field that it can have come through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.data_origins.model import DataPlace, DataSide, OriginKind, OriginStep, UnknownOrigin
from sfdebug.debugger.data_origins.origins import DataOrigins
from sfdebug.engine.execution.decisions import Answer, Provenance, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName, TaskRequest
from sfdebug.errors import UsageError
from sfdebug.history.recording import Recording
from sfdebug.values import Json
from tests.debugger_runs import ENDLESS, Handler, machine, over_to, passing, task

KIND = OriginKind


def finished(definition: dict[str, Any], input: Json, **answers: Answer) -> Debugger:
    """A session at its end."""
    debugger = Debugger(definition, input, tasks=Answers(answers))
    debugger.run()
    return debugger


class Answers:
    """Answers Tasks by the names of their states, and lets Map Runs run."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers

    def answer(self, request: TaskRequest) -> Answer | None:
        return self._answers.get(request.state.name)


def told(debugger: Debugger, pointer: str, **more: Any) -> list[tuple[OriginKind, str, str]]:
    """The way back: what was done, in which state, by which expression."""
    origin = debugger.who_changed(pointer, **more)
    return [(step.kind, _state(debugger, step), step.expression) for step in origin.steps]


def _state(debugger: Debugger, step: OriginStep) -> str:
    return DataOrigins(debugger.timeline).visit(step.place).state.name


def test_a_payload_template_takes_writes_out_and_computes() -> None:
    template = {"id.$": "$.order.id", "note": {"by": "hand"}, "n.$": "States.MathAdd($.n, 1)"}
    debugger = finished(machine(A=passing(Parameters=template)), {"order": {"id": "o-7"}, "n": 1})
    assert told(debugger, "/id") == [(KIND.TAKEN, "A", "$.order.id"), (KIND.INPUT, "A", "")]
    last = debugger.who_changed("/note/by").steps[-1]
    assert (last.kind, last.field) == (KIND.LITERAL, ("note", "by"))
    computed = debugger.who_changed("/n").steps[-1]
    assert (computed.kind, computed.expression) == (KIND.COMPUTED, "States.MathAdd($.n, 1)")
    assert [place.keys for place in computed.sources] == [("n",)]
    assert debugger.who_changed("").steps[-1].kind is KIND.BUILT


def test_a_path_that_finds_several_values_names_each_of_them() -> None:
    template = {"all.$": "$.items[*].x", "last.$": "$.items[-1].x", "some.$": "$.items[?(@.x == 'b')].x"}
    debugger = finished(machine(A=passing(Parameters=template)), {"items": [{"x": "a"}, {"x": "b"}]})
    for pointer in ("/all/1", "/last", "/some/0"):
        assert debugger.who_changed(pointer).steps[-1].field == ("items", 1, "x")


def test_paths_that_narrow_the_data_are_followed() -> None:
    definition = machine(A=passing("B", InputPath="$.a", ResultPath="$.c"), B=passing(OutputPath="$['c','d']"))
    debugger = finished(definition, {"a": {"x": 1}, "d": 2})
    assert [step.kind for step in debugger.who_changed("/c/x").steps] == [
        KIND.KEPT, KIND.PLACED, KIND.SELECTED, KIND.INPUT,
    ]  # fmt: skip
    assert debugger.who_changed("/d").steps[-1].field == ("d",)


def test_result_path_tells_the_result_from_the_input_around_it() -> None:
    definition = machine(A=task("B", ResultPath="$.x.y", ResultSelector={"k.$": "$.deep.er"}), B=passing())
    debugger = finished(definition, {"x": {"z": 1}}, A=TaskResult({"deep": {"er": 5}}, provenance=Provenance.MOCKED))
    steps = debugger.who_changed("/x/y/k").steps
    assert [step.kind for step in steps] == [KIND.KEPT, KIND.PLACED, KIND.TAKEN, KIND.RESULT]
    assert steps[-1].provenance is Provenance.MOCKED
    assert steps[-1].place.keys == ("deep", "er")
    assert debugger.who_changed("/x/z").steps[-1].kind is KIND.INPUT
    assert debugger.who_changed("/x").steps[-1].kind is KIND.BUILT


def test_a_result_of_pass_is_written_in_the_definition() -> None:
    debugger = finished(machine(A=passing(Result={"n": [7]}, ResultPath="$.made")), {})
    last = debugger.who_changed("/made/n/0").steps[-1]
    assert (last.kind, last.field) == (KIND.LITERAL, ("n", 0))


def test_variables_are_followed_to_the_assign_that_gave_them() -> None:
    definition = machine(
        A=passing("B", Assign={"v.$": "$.a", "other": 1}),
        B=passing("C", Parameters={"b.$": "$v.x"}),
        C={"Type": "Succeed"},
    )
    debugger = finished(definition, {"a": {"x": "deep"}})
    assert told(debugger, "/b") == [
        (KIND.KEPT, "C", ""), (KIND.TAKEN, "B", "$v.x"), (KIND.ASSIGNED, "A", "$.a"), (KIND.INPUT, "A", ""),
    ]  # fmt: skip
    assert debugger.who_changed("/x", variable="v").steps[0].kind is KIND.ASSIGNED
    assert debugger.who_changed(variable="other").steps[-1].kind is KIND.LITERAL


@pytest.mark.parametrize(
    ("expression", "pointer", "where"),
    [
        ("{% $states.input.order.id %}", "", ("order", "id")),
        ("{% {'k': $states.input.order.id, 'l': 1 + 1} %}", "/k", ("order", "id")),
        ("{% [$states.input.items, $states.input.order.id] %}", "/2", ("order", "id")),
        ("{% $states.input.items.x %}", "/1", ("items", 1, "x")),
        ("{% $merge([$states.input, {'order': {'id': $states.input.items[0].x}}]) %}", "/order/id", ("items", 0, "x")),
        ("{% $merge([$states.input, {'more': 1}]) %}", "/order/id", ("order", "id")),
        ("{% ($o := $states.input.order; {'k': $o.id}) %}", "/k", ("order", "id")),
        ({"k": ["{% $states.input.order %}"]}, "/k/0/id", ("order", "id")),
    ],
)
def test_jsonata_passes_values_through(expression: Json, pointer: str, where: tuple[Any, ...]) -> None:
    state = passing(QueryLanguage="JSONata", Output=expression)
    debugger = finished(machine(A=state), {"order": {"id": "o-7"}, "items": [{"x": "a"}, {"x": "b"}]})
    last = debugger.who_changed(pointer).steps[-1]
    assert (last.kind, last.field) == (KIND.INPUT, where)


@pytest.mark.parametrize(
    "expression",
    [
        "{% $states.input.n + 1 %}",
        "{% $states.input.n > 0 ? $states.input.n : 7 %}",
        "{% ($x := 1; $x := $states.input.n; $x) %}",
        "{% $sum([$states.input.n]) %}",
    ],
)
def test_what_jsonata_computes_is_not_called_passed_through(expression: str) -> None:
    debugger = finished(machine(A=passing(QueryLanguage="JSONata", Output={"v": expression})), {"n": 1})
    last = debugger.who_changed("/v").steps[-1]
    assert last.kind is KIND.COMPUTED
    assert [place.keys for place in last.sources] == [("n",)]


def test_iterations_are_left_and_entered() -> None:
    definition = machine(
        Each={
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "all.$": "$.who"},
            "ItemProcessor": machine(One=passing()),
            "ResultPath": "$.done",
            "End": True,
        }
    )
    debugger = finished(definition, {"items": ["a", "b"], "who": "me"})
    assert [step.kind for step in debugger.who_changed("/done/1/item").steps] == [
        KIND.PLACED, KIND.GATHERED, KIND.STARTED, KIND.TAKEN, KIND.SELECTED, KIND.INPUT,
    ]  # fmt: skip
    assert debugger.who_changed("/done/1/item").steps[-1].field == ("items", 1)
    assert debugger.who_changed("/done/0/all").steps[-1].field == ("who",)
    assert debugger.who_changed("/done/0/index").steps[-1].kind is KIND.CONTEXT
    assert len(debugger.who_changed("/done").steps[-1].sources) == 2


def test_the_items_of_a_distributed_map_are_followed_into_batches() -> None:
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"who.$": "$.who"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **machine(
            One=passing(Parameters={"all.$": "$", "in.$": "$$.Execution.Input.Items[0]"}))},
        "End": True,
    }  # fmt: skip
    debugger = finished(machine(Run=state), {"items": ["a", "b", "c"], "who": "me"})
    assert debugger.who_changed("/1/all/Items/0").steps[-1].field == ("items", 2)
    assert debugger.who_changed("/1/in").steps[-1].field == ("items", 2)
    assert debugger.who_changed("/0/all/BatchInput/who").steps[-1].field == ("who",)


def test_a_caught_error_leads_to_the_state_that_failed_inside() -> None:
    inner = machine(Bad=task())
    definition = machine(
        Both={
            "Type": "Parallel",
            "Branches": [inner, machine(Good=passing())],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "After"}],
            "End": True,
        },
        After=passing(),
    )
    debugger = finished(definition, {"keep": 1}, Bad=TaskFailure("Boom", "why"))
    last = debugger.who_changed("/error/Error").steps[-1]
    assert last.kind is KIND.FAILED
    (raised,) = last.sources
    visit = DataOrigins(debugger.timeline).visit(raised)
    assert (visit.state.name, visit.stages[raised.stage].name) == ("Bad", StageName.TASK)
    assert debugger.who_changed("/keep").steps[-1].kind is KIND.INPUT


def test_an_edit_is_the_users_but_for_what_it_left_as_it_was() -> None:
    debugger = Debugger(machine(A=passing("B"), B=passing()), {"a": 1, "b": 2})
    over_to(debugger, "B")
    debugger.edit_input({"a": 1, "b": 3})
    pending = debugger.who_changed("/b").steps[-1]
    assert (pending.kind, pending.provenance) == (KIND.EDITED, Provenance.USER)
    assert debugger.who_changed("/a").steps[-1].kind is KIND.INPUT
    debugger.run()
    assert debugger.who_changed("/b").steps[-1].kind is KIND.EDITED
    assert [step.kind for step in debugger.who_changed("/a").steps][-1] is KIND.INPUT


def test_the_input_to_come_is_followed_before_its_state_is_entered() -> None:
    debugger = Debugger(machine(A=passing("B", Result=5, ResultPath="$.n"), B=passing()), {})
    assert debugger.who_changed().steps[-1].kind is KIND.INPUT
    over_to(debugger, "B")
    assert [step.kind for step in debugger.who_changed("/n").steps] == [KIND.PLACED, KIND.LITERAL]


def test_a_loop_is_one_step() -> None:
    debugger = Debugger(ENDLESS, {"id": "x"}, most_steps=300)
    debugger.run()
    steps = debugger.who_changed("/id").steps
    assert [step.kind for step in steps] == [KIND.KEPT, KIND.INPUT]
    assert set(steps[0].states) == {"A", "Again"}
    assert steps[0].count > 50


def test_visits_that_go_alike_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from sfdebug.debugger.data_origins.back import WayBack

    looked: list[int] = []
    plain = WayBack._followed

    def counting(self: WayBack, *arguments: Any) -> Any:
        looked.append(1)
        return plain(self, *arguments)

    monkeypatch.setattr(WayBack, "_followed", counting)
    for most in (300, 3_000):
        debugger = Debugger(ENDLESS, {"id": "x"}, most_steps=most)
        debugger.run()
        looked.clear()
        debugger.who_changed("/id")
        assert len(looked) <= 4


def test_a_retried_branch_is_told_from_its_first_run() -> None:
    again = {"n": 0}

    def answer(request: Any) -> Any:
        again["n"] += 1
        return TaskFailure("Busy") if again["n"] == 1 else TaskResult({"try": again["n"]})

    inner = machine(First=passing("Work", Result="r", ResultPath="$.r"), Work=task(ResultPath="$.t"))
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    definition = machine(Both={"Type": "Parallel", "Branches": [inner], "Retry": retry, "End": True})
    debugger = Debugger(definition, {"a": 1}, tasks=Handler({"Work": answer}))
    debugger.run()
    result = debugger.who_changed("/0/t/try").steps[-1]
    numbers = [visit.number for visit in debugger.execution.visits if visit.state.name == "Work"]
    assert (result.kind, result.place.visit) == (KIND.RESULT, numbers[-1])
    assert debugger.who_changed("/0/a").steps[-1].kind is KIND.INPUT


def test_a_recording_without_a_definition_says_what_is_not_recorded() -> None:
    from sfdebug.debugger.recorded.session import open_recording

    recording = _recorded()
    debugger = Debugger.on_recording(open_recording(recording))
    last = debugger.timeline.tip.execution.visits[-1]
    steps = DataOrigins(debugger.timeline).steps(DataPlace(last.number, 0, DataSide.AFTER, ("id",)))
    assert [step.kind for step in steps] == [KIND.KEPT, KIND.UNKNOWN]
    assert steps[-1].why is UnknownOrigin.NOT_RECORDED


def test_a_recording_with_its_definition_is_followed_to_the_end() -> None:
    from sfdebug.debugger.recorded.session import open_recording

    debugger = Debugger.on_recording(open_recording(_recorded(), definition_from(_DEFINITION)))
    last = debugger.timeline.tip.execution.visits[-1]
    steps = DataOrigins(debugger.timeline).steps(DataPlace(last.number, 0, DataSide.AFTER, ("id",)))
    assert steps[-1].kind is KIND.INPUT
    result = DataOrigins(debugger.timeline).steps(DataPlace(last.number, 0, DataSide.AFTER, ("r", "x")))
    assert (result[-1].kind, result[-1].provenance) == (KIND.RESULT, Provenance.RECORDED)


_DEFINITION = machine(A=task("B", ResultPath="$.r"), B=passing())


def _recorded() -> Recording:
    from sfdebug.replayer import recordings
    from sfdebug.simulation import simulate

    run = simulate(_DEFINITION, {"id": "o-7"}, tasks=Handler({"A": lambda request: TaskResult({"x": 1})}))
    return next(iter(recordings({"events": run.history})))


def test_what_cannot_be_asked_is_refused() -> None:
    debugger = finished(machine(A=passing()), {})
    for wrong in ({"pointer": "a"}, {"visit": 9}, {"stage": 99}):
        with pytest.raises(UsageError):
            debugger.who_changed(**wrong)


def test_a_step_can_be_gone_to() -> None:
    debugger = finished(machine(A=passing("B", Parameters={"id.$": "$.order"}), B=passing()), {"order": 7})
    step = next(step for step in debugger.who_changed("/id").steps if step.kind is KIND.TAKEN)
    stop = debugger.goto_stage(step.place.visit, step.place.stage)
    view = debugger.view()
    assert view.state is not None
    assert view.stage is not None
    assert (view.state.name, view.stage.name) == ("A", StageName.PARAMETERS)
    assert not stop.is_refused
    assert debugger.goto_stage(99).is_refused
