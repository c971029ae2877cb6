"""SARIF: what is written has the form of the standard, with positions in the files that people edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from sfdebug.advice.advising import advice_on
from sfdebug.asl.findings import Finding
from sfdebug.asl.load import load_definition
from sfdebug.errors import Problem
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.reports.code_quality import code_quality
from sfdebug.reports.sarif import SCHEMA, sarif
from tests.report_forms import sarif_errors

# The part of the schema that is written here: no other field, and each of its kind, also where the published one is not
# installed. Source: OASIS, SARIF 2.1.0, the sections of each object.


class Text(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    markdown: str = ""


class Configuration(msgspec.Struct, forbid_unknown_fields=True):
    level: Literal["none", "note", "warning", "error"]


class Properties(msgspec.Struct, forbid_unknown_fields=True):
    tags: list[str]


class Descriptor(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    id: str
    short_description: Text
    help: Text | None = None
    help_uri: str = ""
    default_configuration: Configuration | None = None
    properties: Properties | None = None


class Driver(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    version: str
    rules: list[Descriptor]


class Tool(msgspec.Struct, forbid_unknown_fields=True):
    driver: Driver


class Region(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    start_line: int
    start_column: int
    end_column: int
    snippet: Text | None = None


class Artifact(msgspec.Struct, forbid_unknown_fields=True):
    uri: str


class Physical(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    artifact_location: Artifact
    region: Region | None = None


class Logical(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    fully_qualified_name: str


class Location(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    physical_location: Physical | None = None
    logical_locations: list[Logical] = []


class Result(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    rule_id: str
    rule_index: int
    level: Literal["none", "note", "warning", "error"]
    message: Text
    locations: list[Location]
    partial_fingerprints: dict[str, str]


class Run(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    tool: Tool
    column_kind: Literal["utf16CodeUnits", "unicodeCodePoints"]
    results: list[Result]


class Log(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal["2.1.0"]
    runs: list[Run]
    schema: str = msgspec.field(name="$schema")


def checked(findings: list[Finding]) -> Run:
    written = json.dumps(sarif(findings))
    assert sarif_errors(json.loads(written)) == []
    log = msgspec.json.decode(written.encode(), type=Log)
    assert log.schema == SCHEMA
    (run,) = log.runs
    ids = [rule.id for rule in run.tool.driver.rules]
    assert len(set(ids)) == len(ids)
    for result in run.results:
        assert ids[result.rule_index] == result.rule_id
        assert result.message.text
        for location in result.locations:
            region = location.physical_location and location.physical_location.region
            if region:
                assert region.start_line >= 1
                assert 1 <= region.start_column < region.end_column
    return run


JOB = """{
  "StartAt": "Run",
  "States": {
    "Run": {
      "Type": "Task",
      "Resource": "arn:aws:states:::ecs:runTask.sync",
      "Parameters": {"Cluster": "c", "TaskDefinition": "t"},
      "End": true
    }
  }
}
"""


def test_a_result_points_into_the_file_and_at_its_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/night job.asl.json").write_text(JOB)
    monkeypatch.chdir(tmp_path)
    run = checked(list(advice_on(load_definition("flows/night job.asl.json"))))
    result = next(each for each in run.results if each.rule_id == "job-without-timeout")
    assert result.level == "note"
    assert result.message.text.startswith("'Run' waits for its job without any limit: for a year. Fix: add ")
    (location,) = result.locations
    assert location.physical_location is not None
    assert location.physical_location.artifact_location.uri == "flows/night%20job.asl.json"
    region = location.physical_location.region
    assert region is not None
    assert (region.start_line, region.start_column, region.end_column) == (4, 5, 10)
    assert region.snippet == Text('    "Run": {')
    assert location.logical_locations == [Logical("/States/Run")]
    rule = run.tool.driver.rules[result.rule_index]
    assert rule.help_uri.startswith("https://docs.aws.amazon.com/")
    assert rule.help is not None
    assert "sfdebug: ignore job-without-timeout" in rule.help.text
    assert "```json" in rule.help.markdown


def test_a_template_s_results_point_into_the_template(tmp_path: Path) -> None:
    lines = [
        "Transform: AWS::Serverless-2016-10-31",
        "Resources:",
        "  Night:",
        "    Type: AWS::Serverless::StateMachine",
        "    Properties:",
        "      Definition:",
        "        StartAt: Run",
        "        States:",
        "          Run:",
        "            Type: Task",
        "            Resource: arn:aws:states:::ecs:runTask.sync",
        "            Parameters: {Cluster: c, TaskDefinition: t}",
        "            End: true",
    ]
    (tmp_path / "template.yaml").write_text("\n".join(lines) + "\n")
    opened = DefinitionAddress(str(tmp_path / "template.yaml")).opened()
    run = checked(list(advice_on(opened.definition)))
    result = next(each for each in run.results if each.rule_id == "job-without-timeout")
    place = result.locations[0].physical_location
    assert place is not None
    assert place.artifact_location.uri.endswith("/template.yaml")
    assert place.region is not None
    assert (place.region.start_line, place.region.start_column) == (9, 11)


def test_what_has_no_place_and_no_rule(tmp_path: Path) -> None:
    whole = Finding(Problem("template.yaml", 0, 0, "it is odd", ""), None, ("",))
    piped = Finding(Problem("<stdin>", 3, 1, "it is odd", "mend it", severity="warning"), None, ("",))
    run = checked([whole, piped])
    assert [result.level for result in run.results] == ["error", "warning"]
    assert run.results[0].locations == [Location(Physical(Artifact("template.yaml")))]
    assert run.results[1].locations == [Location(Physical(Artifact("stdin"), Region(3, 1, 2)))]
    assert [one["location"]["path"] for one in msgspec.convert(code_quality([piped]), list[dict[str, Any]])] == [
        "stdin"
    ]
    assert checked([]).results == []


def test_a_fingerprint_stays_when_lines_move(tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text(JOB)
    before = checked(list(advice_on(load_definition(tmp_path / "a.asl.json"))))
    (tmp_path / "a.asl.json").write_text("\n\n" + JOB)
    after = checked(list(advice_on(load_definition(tmp_path / "a.asl.json"))))
    assert [each.partial_fingerprints for each in before.results] == [
        each.partial_fingerprints for each in after.results
    ]
