"""Answers and requests of AWS's API given as definitions: what they hold is the definition."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sfdebug.asl.load import examine_definition, holds_definition, load_definition, parse_definition
from sfdebug.errors import DefinitionError

DEFINITION: dict[str, Any] = {
    "Comment": 'one "quoted"\nword',
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}},
}
TEXT = json.dumps(DEFINITION, indent=2)
ANSWER: dict[str, Any] = {
    "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:Orders",
    "name": "Orders",
    "status": "ACTIVE",
    "definition": TEXT,
    "roleArn": "r",
    "type": "EXPRESS",
    "creationDate": "2025-10-01T10:00:00+01:00",
}


def pascal(answer: dict[str, Any]) -> dict[str, Any]:
    return {name[:1].upper() + name[1:]: value for name, value in answer.items()}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ANSWER),
        json.dumps(ANSWER | {"definition": json.dumps(DEFINITION)}, indent=4),
        json.dumps(pascal(ANSWER)),
        json.dumps({"stateMachineArn": "a", "name": "n", "definition": TEXT, "roleArn": "r", "updateDate": 1.5}),
        json.dumps({"stateMachineArn": "a", "definition": TEXT, "publish": True}),
        json.dumps({"name": "n", "definition": TEXT, "roleArn": "r", "tags": []}),
        json.dumps({"state_machine_arn": "a", "definition": TEXT, "role_arn": "r"}),
        json.dumps(ANSWER | {"definition": DEFINITION}),
        json.dumps(TEXT),
        yaml.safe_dump(ANSWER),
        yaml.safe_dump(ANSWER | {"definition": DEFINITION}),
        yaml.safe_dump(pascal(ANSWER), width=50),
        yaml.safe_dump(TEXT),
    ],
    ids=["describe", "compact inside", "pascal", "for an execution", "update", "create", "ruby", "an object", "a query",
         "yaml", "yaml object", "yaml pascal", "yaml query"],
)  # fmt: skip
def test_the_definition_in_an_answer(text: str) -> None:
    machine = parse_definition(text, "answer")
    assert (machine.scope.start_at, [state.name for state in machine.walk()]) == ("A", ["A", "B"])
    assert machine.comment == DEFINITION["Comment"]
    assert machine.warnings == ()


def test_places_are_those_in_the_definition() -> None:
    faulty = TEXT.replace('"Next": "B"', '"Next": "C"')
    line = faulty[: faulty.index('"Next": "C"')].count("\n") + 1
    with pytest.raises(DefinitionError) as caught:
        parse_definition(json.dumps(ANSWER | {"definition": faulty}), "answer.json")
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == ("answer.json#definition", line)
    assert '"C"' in problem.excerpt
    whole = json.dumps(ANSWER | {"definition": json.loads(faulty)}, indent=1)
    with pytest.raises(DefinitionError) as caught:
        parse_definition(whole, "answer.json")
    problem = caught.value.problems[0]
    assert (problem.file, whole.splitlines()[problem.line - 1].strip()) == ("answer.json", '"Next": "C"')


def test_a_file_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "described.json"
    file.write_text(json.dumps(ANSWER), encoding="utf-8")
    assert load_definition(file).name == f"{file}#definition"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    assert load_definition("-").name == "<stdin>#definition"


@pytest.mark.parametrize(
    ("answer", "what", "fix"),
    [
        (ANSWER | {"definition": "file://order.asl.json"}, "its 'definition' is none", "--query definition"),
        (ANSWER | {"definition": "${Text}"}, "its 'definition' is none", "--query definition"),
        ({"stateMachineArn": "a", "name": "n", "status": "ACTIVE"}, "without its definition", "ALL_DATA"),
        ({"executionArn": "e", "stateMachineArn": "a", "status": "FAILED"}, "an execution", "definition that it ran"),
    ],
)
def test_an_answer_without_one_says_so(answer: dict[str, Any], what: str, fix: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        examine_definition(json.dumps(answer), "answer.json")
    assert what in caught.value.problems[0].what
    assert fix in caught.value.problems[0].fix


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (f"2025-10-01T10:00:00+01:00\t{TEXT}\tOrders\tr\tarn\tACTIVE\tSTANDARD\n", "text"),
        (f"{'-' * 40}\n|{'DescribeStateMachine':^38}|\n+{'-' * 38}+\n||  name  |  Orders  ||\n", "table"),
    ],
)
def test_an_answer_for_people_says_which_output_is_needed(text: str, output: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, "answer.txt")
    assert f"--output {output}" in caught.value.problems[0].what
    assert "--query definition" in caught.value.problems[0].fix


def test_a_definition_with_a_field_of_that_name_is_itself() -> None:
    odd = DEFINITION | {"definition": "x", "name": "y"}
    with pytest.raises(DefinitionError, match="definition"):
        parse_definition(json.dumps(odd), "odd.json")


HISTORY: dict[str, Any] = {"events": [{"id": 1, "type": "ExecutionStarted", "previousEventId": 0}]}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (TEXT, True),
        (json.dumps({"States": {}}), True),
        (json.dumps(TEXT), True),
        (json.dumps(ANSWER), True),
        (json.dumps({**HISTORY, **DEFINITION}), True),
        (yaml.safe_dump(DEFINITION), True),
        (json.dumps(HISTORY), False),
        (json.dumps({**ANSWER, "definition": "<hidden>"}), False),
        (TEXT[:-1], False),
        (json.dumps(HISTORY)[:-1], False),
        ("[]", False),
    ],
)
def test_a_file_holds_a_definition_or_none(text: str, is_one: bool, tmp_path: Path) -> None:
    (tmp_path / "given").write_text(text, encoding="utf-8")
    assert holds_definition(tmp_path / "given") is is_one


def test_a_history_is_not_gone_through_for_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "history.json").write_text(json.dumps(HISTORY), encoding="utf-8")
    monkeypatch.setattr("sfdebug.asl.load.scan_json", None)
    assert not holds_definition(tmp_path / "history.json")
