"""`sfdebug lint`: findings on stdout with their place, AWS's shape with --json, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.advice.registry import rule_named
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.reports.rules import list_lines
from tests.command_line import ROOT, sfdebug

FINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WARNED = {
    "QueryLanguage": "JSONata", "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Output": "$states.input", "End": True}},
}  # fmt: skip
ISSUE = """{
  "QueryLanguage": "JSONata",
  "StartAt": "Choose",
  "States": {
    "Choose": {"Type": "Choice", "Choices": [{"Condition": "${foo = 2}", "Next": "End"}], "Default": "End"},
    "End": {"Type": "Succeed"}
  }
}
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(content: Any, name: str = "d.asl.json") -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return written


def test_a_finding_shows_place_line_caret_and_fix(write: Any) -> None:
    file = write(ISSUE)
    outcome = sfdebug("lint", file)
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert outcome.err == ""
    assert outcome.out.splitlines() == [
        f"{file}:5:60: error: the Condition '${{foo = 2}}' is no JSONata expression: those stand between {{% and %}}",
        '  5 |     "Choose": {"Type": "Choice", "Choices": [{"Condition": "${foo = 2}", "Next": "End"}], "De…',
        "    |                                                            ^~~~~~~~~~~~",
        '  fix: write "{% $foo = 2 %}"',
    ]


def test_a_clean_file_is_named_unless_quiet(write: Any) -> None:
    file = write(FINE)
    outcome = sfdebug("lint", file)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"{file}: no findings\n")
    assert sfdebug("lint", "--quiet", file).err == ""


def test_warnings_alone_end_well_and_can_be_left_out(write: Any) -> None:
    file = write(WARNED)
    outcome = sfdebug("lint", file)
    assert outcome.code == 0
    assert ": warning: '$states.input' is plain text" in outcome.out
    assert sfdebug("lint", "--severity", "ERROR", file).out == ""


def test_what_aws_rejects_and_loading_takes_is_an_error(write: Any) -> None:
    file = write({"StartAt": "A", "States": {**FINE["States"], "B": {"Type": "Succeed"}}})  # type: ignore[dict-item]
    outcome = sfdebug("lint", file)
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert ": error: nothing leads to the state 'B'" in outcome.out
    assert sfdebug("check", file).code == 0


def test_json_is_aws_s_shape_one_line_for_each_file(write: Any) -> None:
    outcome = sfdebug("lint", "--json", write(FINE, "a.json"), write(WARNED, "b.json"), write("{", "c.json"))
    assert outcome.code == ExitCode.INVALID_DEFINITION
    fine, warned, broken = map(json.loads, outcome.out.splitlines())
    assert fine == {"result": "OK", "diagnostics": [], "truncated": False}
    assert warned["result"] == "OK"
    (diagnostic,) = warned["diagnostics"]
    aws, ours = {"severity", "code", "message", "location"}, {"rule", "file", "line", "column", "fix"}
    assert diagnostic.keys() == aws | ours
    assert (diagnostic["severity"], diagnostic["location"]) == ("WARNING", "/States/A/Output")
    assert (diagnostic["rule"], diagnostic["line"]) == ("unmarked-expression", 1)
    assert broken["result"] == "FAIL"
    assert {each["code"] for each in broken["diagnostics"]} == {"INVALID_JSON_DESCRIPTION"}


SENT = {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}


def test_express_has_rules_of_its_own(write: Any) -> None:
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    file = write(
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "Parameters": SENT, "End": True}}}
    )
    assert sfdebug("lint", file).code == 0
    outcome = sfdebug("lint", "--type", "EXPRESS", file)
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert "has no .waitForTaskToken integrations" in outcome.out


def test_placeholders_are_no_findings(write: Any) -> None:
    state = {"Type": "Task", "Resource": "${Function}", "TimeoutSeconds": "${Timeout}", "End": True}
    outcome = sfdebug("lint", write({"StartAt": "A", "States": {"A": state}}))
    assert (outcome.code, outcome.out) == (0, "")


def test_standard_input_and_what_is_no_definition(write: Any) -> None:
    outcome = sfdebug("lint", "-", stdin=ISSUE)
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert outcome.out.startswith("<stdin>:5:60: error:")
    template = {"Resources": {"M": {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": FINE}}}}
    outcome = sfdebug("lint", "-", stdin=json.dumps(template))
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert "this is a CloudFormation or SAM template, not a definition" in outcome.out


def test_a_missing_file_does_not_stop_the_others(write: Any, tmp_path: Path) -> None:
    outcome = sfdebug("lint", str(tmp_path / "none.json"), write(FINE))
    assert outcome.code == ExitCode.USAGE
    assert "none.json: there is no such file" in outcome.err
    assert "no findings" in outcome.err


def test_the_samples_are_clean() -> None:
    samples = sorted(str(path) for path in (ROOT / "samples").glob("*/*.asl.*"))
    assert samples
    outcome = sfdebug("lint", "--severity", "WARNING", *samples)
    assert (outcome.code, outcome.out) == (0, "")


JOB = {
    "Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": True,
    "Parameters": {"Cluster": "c", "TaskDefinition": "t"},
}  # fmt: skip
ASK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": SENT}
ADVISED = {"StartAt": "Ask", "States": {"Ask": {**ASK, "Next": "Run"}, "Run": JOB}}


def rules_of(outcome: Any) -> list[str]:
    return [each["rule"] for line in outcome.out.splitlines() for each in json.loads(line)["diagnostics"]]


def test_advice_names_its_rule_and_severities_choose(write: Any) -> None:
    file = write(ADVISED)
    outcome = sfdebug("lint", file)
    assert outcome.code == 0
    assert f"{file}:1:" in outcome.out
    assert (
        ": warning: 'Ask' waits for its token without any limit: for a year [callback-without-timeout]" in outcome.out
    )
    assert ": advice: 'Run' waits for its job without any limit: for a year [job-without-timeout]" in outcome.out
    assert rules_of(sfdebug("lint", "--json", "--severity", "WARNING", file)) == ["callback-without-timeout"]
    assert "machine-without-timeout" in rules_of(sfdebug("lint", "--json", "--severity", "INFO", file))


def test_the_exit_code_is_for_the_least_that_is_named(write: Any) -> None:
    file = write(ADVISED)
    assert sfdebug("lint", "--fail-on", "WARNING", file).code == ExitCode.INVALID_DEFINITION
    asked = sfdebug("lint", "--fail-on", "WARNING", "--ignore", "callback-without-timeout", file)
    assert asked.code == 0
    assert sfdebug("lint", "--fail-on", "ADVICE", "--severity", "ERROR", file).code == ExitCode.INVALID_DEFINITION


def test_rules_are_ignored_by_name(write: Any) -> None:
    file = write(ADVISED)
    both = "callback-without-timeout, job-without-timeout"
    assert rules_of(sfdebug("lint", "--json", "--ignore", both, file)) == []
    outcome = sfdebug("lint", "--ignore", "job-without-timeouts", file)
    assert outcome.code == ExitCode.USAGE
    assert "there is no rule 'job-without-timeouts'" in outcome.err
    assert "Did you mean job-without-timeout?" in outcome.err
    outcome = sfdebug("lint", "--ignore", "missing-end-state", file)
    assert (outcome.code, "errors are never ignored" in outcome.err) == (ExitCode.USAGE, True)
    outcome = sfdebug("lint", "--severity", "ERROR", "--fail-on", "ADVICE", file)
    assert (outcome.code, "callback-without-timeout" in outcome.out) == (ExitCode.INVALID_DEFINITION, True)


def test_one_rule_is_explained_and_all_are_listed() -> None:
    outcome = sfdebug("lint", "--explain", "callback-without-timeout")
    assert outcome.out.startswith("callback-without-timeout  (warning)\n\nWhen nobody sends the token back,")
    assert '"TimeoutSeconds": 86400' in outcome.out
    assert 'silence: "Comment": "sfdebug: ignore callback-without-timeout"' in outcome.out
    (told,) = map(json.loads, sfdebug("lint", "--explain", "no-default", "--json").out.splitlines())
    assert (told["id"], told["severity"], told["before"]) == ("no-default", "WARNING", None)
    listed = sfdebug("lint", "--rules").out.splitlines()
    assert len(listed) == len(sfdebug("lint", "--rules", "--json").out.splitlines()) > 60
    narrow = list(list_lines([rule_named("no-default")], 60))
    assert narrow[0] == "no-default  warning"
    assert " ".join(line.strip() for line in narrow[1:]) == rule_named("no-default").why
    assert max(map(len, narrow)) < 60
    assert sfdebug("lint", "--explain", "nothing").code == ExitCode.USAGE
    assert sfdebug("lint").code == ExitCode.USAGE


def test_sarif_is_one_document_for_all_files(write: Any) -> None:
    outcome = sfdebug("lint", "--sarif", write(ADVISED, "a.json"), write(FINE, "b.json"), write("{", "c.json"))
    assert outcome.code == ExitCode.INVALID_DEFINITION
    (run,) = json.loads(outcome.out)["runs"]
    assert [result["level"] for result in run["results"]] == ["warning", "note", "error"]
    assert sfdebug("lint", "--json", "--sarif", write(FINE)).code == ExitCode.USAGE


def test_a_definition_that_is_not_there_is_no_word_of_aws_s(tmp_path: Path) -> None:
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "gone.asl.json"}}
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Night": machine}}))
    outcome = sfdebug("lint", "--json", str(template))
    assert outcome.code == ExitCode.INVALID_DEFINITION
    told = json.loads(outcome.out)
    assert told["result"] == "FAIL"
    assert [(each["rule"], each["severity"]) for each in told["diagnostics"]] == [("definition-not-read", "ERROR")]


def test_a_template_s_machines_are_advised_too(tmp_path: Path) -> None:
    (tmp_path / "night.asl.json").write_text(json.dumps({**FINE, "Comment": "sfdebug: ignore tracing-off"}))
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  Night:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties: {DefinitionUri: night.asl.json, Type: EXPRESS}\n"
    )
    template = str(tmp_path / "template.yaml")
    outcome = sfdebug("lint", template)
    assert f"{template}:3:1: warning: 'Night' writes no log [express-without-log]" in outcome.out
    assert "tracing-off" not in sfdebug("lint", "--severity", "INFO", template).out


def test_the_file_of_settings_leaves_rules_out(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "config.toml"
    monkeypatch.setenv("SFDEBUG_CONFIG", str(settings))
    settings.write_text('ignore = ["job-without-timeout"]\n')
    assert rules_of(sfdebug("lint", "--json", write(ADVISED))) == ["callback-without-timeout"]
    settings.write_text('theme = "dark"\nignore = ["job-without-timeouts"]\n')
    for command in (["lint", write(ADVISED)], ["config"]):
        outcome = sfdebug(*command)
        assert outcome.code == ExitCode.USAGE
        assert f"{settings}:2:1" in outcome.err
        assert "there is no rule 'job-without-timeouts'" in outcome.err
    settings.write_text("ignore = 3\n")
    assert "ignore cannot be 3" in sfdebug("lint", write(ADVISED)).err
