"""Loading: from paths, stdin, bytes and Python values; what cannot be read; what is no definition."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import MAX_FILE_BYTES, definition_from, is_path, load_definition, parse_definition
from sfdebug.errors import DefinitionError, Problem, UsageError
from sfdebug.limits import MAX_DEFINITION_BYTES
from sfdebug.text import with_article

DEFINITION: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
JSON = json.dumps(DEFINITION)
YAML = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n"


def problem_of(text: str | bytes, name: str = "d.json", format: str | None = None) -> Problem:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, name, format)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.json", JSON), ("d.asl", JSON), ("d.asl.JSON", JSON), ("d.txt", JSON), ("d", "\n  " + JSON),
        ("d.yaml", YAML), ("d.asl.yml", YAML), ("d.txt", YAML), ("d", "# a comment\n---\n" + YAML), ("d.yaml", JSON),
        ("d.json", "\ufeff" + JSON), ("d.yaml", "\ufeff" + YAML),
    ],
)  # fmt: skip
def test_the_format_is_told_by_the_name_or_else_by_the_text(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    for given in (str(path), path):
        machine = load_definition(given)
        assert machine.name == str(path)
        assert machine.state(("A",)).end


def test_the_format_can_be_given() -> None:
    assert parse_definition(YAML, "d.json", "yaml").state(("A",)).end
    assert parse_definition(JSON.encode(), "d.yaml", "json").state(("A",)).end
    with pytest.raises(ValueError, match="format must be json or yaml"):
        parse_definition(JSON, format="toml")


def test_definitions_from_python_values(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(JSON, encoding="utf-8")
    machine = definition_from(DEFINITION)
    assert definition_from(machine) is machine
    for given in (JSON, "\n" + JSON, YAML, str(path), path):
        assert definition_from(given).state(("A",)).end


@pytest.mark.parametrize("value", [{"a": {1, 2}}, {"a": float("nan")}, {"a": object()}])
def test_values_that_are_not_json_are_an_error(value: Any) -> None:
    with pytest.raises(DefinitionError, match="cannot be written as JSON"):
        definition_from(value)


def test_a_value_inside_itself_is_an_error() -> None:
    loop: dict[str, Any] = {}
    loop["States"] = loop
    with pytest.raises(DefinitionError, match="cannot be written as JSON"):
        definition_from(loop)


@pytest.mark.parametrize("value", [None, 5, True, [DEFINITION], (), JSON.encode()])
def test_values_that_no_definition_is(value: Any) -> None:
    words = "a definition is a dict, a JSON or YAML text, a path or a loaded definition, not "
    with pytest.raises(UsageError, match=words + with_article(value)):
        definition_from(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is nothing in it"),
        (" ", "there is nothing in it"),
        ("5", "a definition is an object, not a number"),
        ('["A"]', "a definition is an object, not an array"),
        ("gone.asl.json", "there is no such file"),
        ("gone/order", "there is no such file"),
        ("gone.YML", "there is no such file"),
        ("order", "'order' is no definition, and there is no such file"),
        ("StartAt: A", "'StartAt: A' is no definition, and there is no such file"),
    ],
)
def test_strings_that_are_no_definition(text: str, words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        definition_from(text)
    assert words in caught.value.problems[0].what


def test_a_string_that_names_a_file_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("order", "5", "with blank"):
        Path(name).write_text(JSON)
    assert definition_from("order").name == "order"
    assert is_path("with blank")
    assert not is_path("5")  # that is JSON
    assert not is_path("without file")


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(YAML.encode())))
    machine = load_definition("-")
    assert machine.name == "<stdin>"
    monkeypatch.setattr(sys, "stdin", io.StringIO(JSON))
    assert definition_from("-").state(("A",)).end
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(DefinitionError, match="there is no standard input"):
        load_definition("-")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for given, words in (
        (tmp_path / "gone.json", "there is no such file"),
        (tmp_path, "this is a directory"),
        ("bad\0name", "it cannot be read"),
        ("x" * 5000, "it cannot be read"),
    ):
        with pytest.raises(DefinitionError, match=words) as caught:
            load_definition(given)
        (problem,) = caught.value.problems
        assert problem.line == 0
        assert problem.fix


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DefinitionError, match="you are not allowed to read it"):
        load_definition(tmp_path / "d.json")
    with pytest.raises(DefinitionError, match="this is a directory"):
        load_definition(tmp_path)


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"", "d.json:1:1", "there is nothing in it"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "d.json", "this is binary data"),
        (JSON.encode("utf-16"), "d.json", "this file is encoded in UTF-16"),
        (JSON.encode("utf-16-le"), "d.json", "this file is encoded in UTF-16"),
        (JSON.encode("utf-16-be"), "d.json", "this file is encoded in UTF-16"),
        (JSON.encode("utf-32"), "d.json", "this file is encoded in UTF-32"),
        ('{\n "é": "\xe9"}'.encode("latin-1"), "d.json:2:3", "the byte E9 is not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "d.json:1:8", "the byte ED is not UTF-8"),
        (b'{"a": "\xf0\x9f"', "d.json:1:8", "the byte F0 9F is not UTF-8"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, place: str, words: str) -> None:
    problem = problem_of(data)
    assert problem.location == place
    assert words in problem.what
    assert problem.fix


def test_every_bad_byte_is_shown_up_to_a_few() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(b'{"\xff": "\xfe",\n"' + b"\xff" * 100 + b'": 1}', "d.json")
    assert [problem.location for problem in caught.value.problems[:3]] == ["d.json:1:3", "d.json:1:8", "d.json:2:2"]
    assert len(caught.value.problems) == 10


def test_half_a_surrogate_pair_in_a_text() -> None:
    problem = problem_of('{"a": "\ud800"}')
    assert (problem.location, problem.excerpt) == ("d.json:1:8", '{"a": "\N{REPLACEMENT CHARACTER}"}')


def test_too_large() -> None:
    assert "the file is larger than 8 MiB" in problem_of(" " * (MAX_FILE_BYTES + 1)).what
    large = {**DEFINITION, "Comment": "x" * MAX_DEFINITION_BYTES}
    assert "AWS takes at most 1,048,576" in problem_of(json.dumps(large)).what
    assert parse_definition(" " * MAX_DEFINITION_BYTES + JSON, "d.json").state(("A",)).end


def test_yaml_in_a_file_named_as_json_is_one_error() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition("# mine\n" + YAML, "d.json")
    (problem,) = caught.value.problems
    assert (problem.location, problem.fix) == ("d.json:1:1", "give it a name that ends in .yaml")


SAM_YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Role:
    Type: AWS::IAM::Role
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: !GetAtt Role.Arn
      {}
"""


@pytest.mark.parametrize(
    ("text", "line", "what", "fix"),
    [
        (SAM_YAML.format("DefinitionUri: m.asl.json"), 10, "holds the state machine 'Machine'", "m.asl.json"),
        (SAM_YAML.format("Definition: {StartAt: A}"), 10, "SAM template", "Resources.Machine.Properties.Definition"),
        (SAM_YAML.format("DefinitionString: !Sub '{}'"), 10, "SAM template", "save the text under"),
        (SAM_YAML.format("DefinitionS3Location: {Bucket: b}"), 10, "SAM template", "give the definition that it names"),
        (SAM_YAML.format("Name: n"), 6, "SAM template", "give the file that holds its definition"),
        ("Resources:\n  Role: {Type: 'AWS::IAM::Role'}\n", 1, "there is no state machine in it", "give a definition"),
        ("stepFunctions:\n  stateMachines: {}\n", 1, "Serverless Framework", "save one of its"),
        ('{"events": []}', 1, "the history of an execution", "give the definition"),
        ('{"StateMachines": {}, "MockedResponses": {}}', 1, "this is a mock file", "--mocks"),
        ('{"stateMachineArn": "a", "definition": "{}"}', 1, "an answer of the AWS command line", "--query definition"),
        ('{"Type": "Pass", "End": true}', 1, "this is a single state", '"StartAt"'),
    ],
)
def test_files_that_are_something_else_are_told_so(text: str, line: int, what: str, fix: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, "template")
    (problem,) = caught.value.problems
    assert problem.line == line
    assert what in problem.what
    assert fix in problem.fix
