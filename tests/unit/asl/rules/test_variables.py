"""Variables: read where they are set, in scope, under a name that is spelt right."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug import validate
from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.mistakes import likely_mistakes

PASS = {"Type": "Pass", "End": True}


def machine(language: str = "JSONata", **states: Any) -> dict[str, Any]:
    return {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states}


def step(after: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", **fields, **({"Next": after} if after else {"End": True})}


def told(definition: dict[str, Any]) -> list[tuple[str, str]]:
    found = likely_mistakes(definition_from(definition))
    return [
        (finding.verdict.code, finding.problem.where.removeprefix("States.")) for finding in found
        if finding.verdict and finding.problem
    ]  # fmt: skip


def fixes(definition: dict[str, Any]) -> list[str]:
    return [finding.problem.fix for finding in likely_mistakes(definition_from(definition)) if finding.problem]


def test_what_is_set_before_may_be_read() -> None:
    assert told(machine(A=step("B", Assign={"x": 1}), B=step(Output="{% $x + $states.input.y %}"))) == []
    paths = {"a.$": "$x.y", "b.$": "States.Format('{} {}', $x, States.UUID())", "c.$": "$.z", "d.$": "$$.State.Name"}
    assert told(machine("JSONPath", A=step("B", Assign={"x.$": "$.v"}), B=step(Parameters=paths))) == []


def test_a_state_does_not_see_what_it_assigns_itself() -> None:
    definition = machine(A=step(Assign={"x": 1}, Output="{% $x %}"))
    assert told(definition) == [("UNSET_VARIABLE", "A.Output")]


def test_a_loop_sets_what_its_start_reads() -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $n > 3 %}", "Next": "B"}], "Default": "C"}
    definition = machine(A=choice, B=step(), C=step("A", Assign={"n": 1}))
    assert told(definition) == []


def test_a_variable_that_is_set_on_another_way() -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": True, "Next": "B"}], "Default": "C"}
    definition = machine(A=choice, B=step(Assign={"x": 1}), C=step(Output="{% $x %}"))
    assert told(definition) == [("UNSET_VARIABLE", "C.Output")]


def test_rules_and_catchers_set_variables_on_their_way_only() -> None:
    choice = {
        "Type": "Choice", "Default": "C", "Assign": {"d": 1},
        "Choices": [{"Condition": True, "Assign": {"r": 1}, "Next": "B"}],
    }  # fmt: skip
    definition = machine(A=choice, B=step(Output="{% [$r, $d] %}"), C=step(Output="{% [$r, $d] %}"))
    assert told(definition) == [("UNSET_VARIABLE", "B.Output"), ("UNSET_VARIABLE", "C.Output")]
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"e": "{% $states.errorOutput %}"}, "Next": "B"}],
    }  # fmt: skip
    assert told(machine(A=task, B=step(Output="{% $e %}"))) == []


@pytest.mark.parametrize(
    ("expression", "code", "fix"),
    [
        ("$totl", "UNKNOWN_VARIABLE", "did you mean '$total'?"),
        ("$state.input", "UNKNOWN_VARIABLE", "did you mean '$states'?"),
        ("$zzz", "UNKNOWN_VARIABLE", "assign 'zzz' in a state before this one"),
        ("$uppercse('a')", "UNKNOWN_FUNCTION", "did you mean '$uppercase'?"),
        ("$eval('1')", "UNKNOWN_FUNCTION", "AWS leaves $eval out; $parse reads JSON text"),
    ],
)
def test_unknown_names(expression: str, code: str, fix: str) -> None:
    definition = machine(A=step("B", Assign={"total": 1}), B=step(Output={"v": f"{{% {expression} %}}"}))
    assert told(definition) == [(code, "B.Output.v")]
    assert fixes(definition) == [fix]


def test_names_of_the_expression_s_own_and_functions_as_values_are_known() -> None:
    inner = "($f := function($v) { $v + $g }; $g := 1; $map([1], $f) ~> $sum)"
    assert told(machine(A=step(Output=f"{{% {inner} %}}"))) == []
    assert told(machine(A=step(Output="{% $map([1], $string) %}"))) == []


def test_the_caret_stands_at_the_name() -> None:
    definition = machine(A=step(Output="{%  1 + $nope %}"))
    (finding,) = likely_mistakes(definition_from(definition))
    assert finding.problem is not None
    assert finding.problem.excerpt[finding.problem.column - 1 :].startswith("$nope")


def test_a_branch_reads_what_is_set_around_it_and_keeps_its_own() -> None:
    branch = {"StartAt": "I", "States": {"I": step("J", Assign={"y": "{% $x %}"}), "J": step(Output="{% $y %}")}}
    sibling = {"StartAt": "K", "States": {"K": step(Assign={"y": 2})}}
    definition = machine(
        A=step("P", Assign={"x": 1}),
        P={"Type": "Parallel", "Branches": [branch, sibling], "Next": "B"},
        B=step(Output="{% $y %}"),
    )
    assert told(definition) == [("UNKNOWN_VARIABLE", "B.Output")]
    assert fixes(definition) == ["it is set inside 'P', and ends with that branch: hand its value out as output"]


def test_an_inner_scope_may_not_assign_what_an_outer_one_has() -> None:
    branch = {"StartAt": "I", "States": {"I": step(Assign={"x": 2})}}
    container = {"Type": "Parallel", "Branches": [branch], "End": True}
    definition = machine(A=step("P", Assign={"x": 1}), P=container)
    assert told(definition) == [("DUPLICATE_VARIABLE_NAME", "P.Branches[0].States.I.Assign.x")]
    later = {**container, "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"x": 3}, "Next": "B"}]}
    assert told(machine(P=later, B=step())) == []


def test_a_distributed_map_sees_nothing_from_outside() -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I", "States": {"I": step(Output="{% $y %}", Assign={"y": 1})},
    }  # fmt: skip
    container = {"Type": "Map", "Items": "{% $x %}", "ItemProcessor": processor, "End": True}
    found = told(machine(A=step("M", Assign={"x": [1]}), M=container))
    assert found == [("UNSET_VARIABLE", "M.ItemProcessor.States.I.Output")]
    processor["States"]["I"] = step(Output="{% $x %}")  # type: ignore[index]
    definition = machine(A=step("M", Assign={"x": [1]}), M=container)
    assert told(definition) == [("HIDDEN_VARIABLE", "M.ItemProcessor.States.I.Output")]
    assert "ItemSelector" in fixes(definition)[0]


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
@pytest.mark.parametrize("language", ["JSONata", "JSONPath"])
def test_no_map_assigns_what_is_assigned_before_it(mode: str, language: str) -> None:
    """Measured: iwamot/sfnx, docs/design.md, "inline or distributed"."""
    config = {"Mode": mode} | ({"ExecutionType": "EXPRESS"} if mode == "DISTRIBUTED" else {})
    inner = {"StartAt": "J", "States": {"J": step(Assign={"x": 2})}}
    branch = {"StartAt": "I", "States": {"I": {"Type": "Parallel", "Branches": [inner], "End": True}}}
    container = {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **branch}, "End": True}
    place = "M.ItemProcessor.States.I.Branches[0].States.J.Assign.x"
    definition = machine(language, A=step("M", Assign={"x": [1]}), M=container)
    assert told(definition) == [("DUPLICATE_VARIABLE_NAME", place)]
    answer = validate(definition)
    assert (answer["result"], answer["diagnostics"][0]["code"]) == ("FAIL", "DUPLICATE_VARIABLE_NAME")
    assert answer["diagnostics"][0]["message"] == "The variable name 'x' was already defined in a parent scope."
    rule = {"Condition": "{% true %}", "Next": "M", "Assign": {"x": 1}}
    if language == "JSONata":
        definition = machine(A={"Type": "Choice", "Choices": [rule], "Default": "M"}, M=container)
        assert told(definition) == [("DUPLICATE_VARIABLE_NAME", place)], "a rule assigns too"
    assert told(machine(language, A=step("M", Assign={"y": 1}), M=container)) == []


def test_what_aws_forbids_is_a_warning_of_the_loaded_machine() -> None:
    shadowing = {
        "Type": "Parallel",
        "End": True,
        "Branches": [{"StartAt": "I", "States": {"I": step(Assign={"x": 2})}}],
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I", "States": {"I": step(Output="{% $x %}")},
    }  # fmt: skip
    hidden = {"Type": "Map", "Items": "{% [1] %}", "ItemProcessor": processor, "End": True}
    for container, words in (
        (shadowing, "no inner scope assign it"),
        (hidden, "set nowhere that this state could see"),
    ):
        (warning,) = definition_from(machine(A=step("B", Assign={"x": 1}), B=container)).warnings
        assert words in warning.what
        assert (warning.severity, warning.line > 1) == ("warning", True)


def test_what_aws_takes_is_no_warning_of_the_loaded_machine() -> None:
    definition = machine(A=step("B", Assign={"x": 1}), B=step(Output="{% $doesNotExist %}"))  # recorded: it was created
    assert told(definition) == [("UNKNOWN_VARIABLE", "B.Output")]
    assert definition_from(definition).warnings == ()


def test_paths_and_intrinsics_read_variables() -> None:
    definition = machine(
        "JSONPath",
        A=step("B", Assign={"x": 1}),
        B=step(Parameters={"a.$": "$y.z", "b.$": "States.Format('{}', $xx)"}),
    )
    assert told(definition) == [("UNKNOWN_VARIABLE", "B.Parameters.a.$"), ("UNKNOWN_VARIABLE", "B.Parameters.b.$")]
