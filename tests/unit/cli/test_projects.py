"""Projects at the door of each command: names, values, several machines, places in the files that people edit."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

import sfdebug
from sfdebug.cli.definitions import open_for_recorded
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import UsageError
from sfdebug.files import samples_folder
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.projects.model import ProjectError
from sfdebug.projects.project import MachineChoiceError
from tests.command_line import sfdebug as command
from tests.unit.projects.folders import line_of, write

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
  Patience: {Type: Number, Default: 5}
Resources:
  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: states/shop.asl.json
      Type: EXPRESS
      DefinitionSubstitutions:
        ChargeArn: !GetAtt Charge.Arn
        BillArn: !Ref Billing
        Patience: !Ref Patience
      Events:
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Billing:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub "billing-${Stage}"
      Definition:
        StartAt: Bill
        States:
          Bill:
            Type: Pass
            Parameters: {"billed.$": "$$.StateMachine.Name"}
            End: true
  Charge:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/charge, Handler: app.handler, Runtime: python3.12}
"""

SHOP = """
{
  "StartAt": "Charge card",
  "States": {
    "Charge card": {
      "Type": "Task", "Resource": "${ChargeArn}", "TimeoutSeconds": ${Patience}, "Next": "Bill"
    },
    "Bill": {
      "Type": "Task",
      "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
      "Parameters": {"StateMachineArn": "${BillArn}", "Input": {}},
      "OutputPath": "$.Output",
      "End": true
    }
  }
}
"""

MOCKS = {
    "StateMachines": {"Shop": {"TestCases": {"Paid": {"Charge card": "Charged"}}}},
    "MockedResponses": {"Charged": {"0": {"Return": {"paid": True}}}},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SAM project with two machines, of which one starts the other; it is the current folder."""
    write(tmp_path, template_dot_yaml=TEMPLATE, states__shop_dot_asl_dot_json=SHOP)
    write(tmp_path, mocks_dot_json=json.dumps(MOCKS), src__charge__app_dot_py="def handler(event, context): ...")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_machines_are_listed_with_what_was_assumed(folder: Path) -> None:
    outcome = command("machines", "--region", "eu-west-1")
    assert outcome.code == ExitCode.SUCCEEDED
    assert re.search(r"Shop +EXPRESS +2 states +Schedule rate\(1 day\) +states/shop.asl.json:1", outcome.out)
    line = line_of(folder / "template.yaml", "StartAt")
    assert re.search(rf"Billing +STANDARD +1 state +no trigger +template.yaml:{line}", outcome.out)
    assert "AWS::AccountId = 123456789012: a stand-in, as none was given; --account says it" in outcome.out
    assert "AWS::Region" not in outcome.out
    found = json.loads(command("machines", ".", "--json", "--parameter", "Stage=prod").out)
    assert [machine["physicalName"] for machine in found["machines"]] == ["Shop", "billing-prod"]
    assert found["functions"][0]["handler"] == "app.handler"
    assert {one["path"] for one in found["files"]} >= {"template.yaml", "states/shop.asl.json"}


@pytest.mark.parametrize("argv", [("run", "."), ("graph", "template.yaml"), ("template.yaml",)])
def test_what_takes_one_machine_lists_several(folder: Path, argv: tuple[str, ...]) -> None:
    outcome = command(*argv)
    assert outcome.code == ExitCode.USAGE
    assert "2 state machines stand in it, and none is named" in outcome.err
    assert f"Name one, as {argv[-1]}#Shop or with --machine" in outcome.err
    assert "Billing  STANDARD" in outcome.err
    wrong = command("graph", ".#Shpo")
    assert (wrong.code, "did you mean 'Shop'?" in wrong.err) == (ExitCode.USAGE, True)
    two = command("graph", ".#Shop", "--machine", "Billing")
    assert "two state machines are named: Shop and Billing" in two.err


def test_a_run_is_that_of_the_project(folder: Path) -> None:
    outcome = command("run", "template.yaml#Shop", "-m", "mocks.json", "--history", "-", "--parameter", "Stage=prod")
    assert outcome.code == ExitCode.SUCCEEDED, outcome.err
    assert "2 assumed: AWS::Region = us-east-1 (--region), AWS::AccountId = 123456789012 (--account)" in outcome.err
    assert outcome.err.count("assumed") == 1
    # Express: the machine's own type; and the machine that it starts is run, without --nested
    output = next(event for event in json.loads(outcome.out)["events"] if event["type"] == "ExecutionSucceeded")
    assert json.loads(json.loads(output["executionSucceededEventDetails"]["output"])) == {"billed": "billing-prod"}
    (folder / "run.json").write_text(outcome.out)
    for verb in ("verify", "coverage"):  # named alike, whichever way it was named here
        for named in ((".#Shop", "run.json"), (".", "run.json", "--machine", "Shop")):
            told = command(verb, *named, "--json", "--parameter", "Stage=prod")
            assert json.loads(told.out)["definition"] == ".#Shop", told.err
    asked = command("run", ".#Shop")
    assert "the Task 'Charge card' asks for a result" in asked.err
    assert "--real runs those of a project" in asked.err
    wrong = command("run", ".#Shop", "--account", "12[/]")
    assert (wrong.code, "--account: '12[/]' is no account" in wrong.err) == (ExitCode.USAGE, True)


def test_a_nested_machine_that_needs_an_answer_is_named(folder: Path) -> None:
    asks = "Type: Task\n            Resource: !GetAtt Charge.Arn"
    text = TEMPLATE.replace('Type: Pass\n            Parameters: {"billed.$": "$$.StateMachine.Name"}', asks)
    write(folder, template_dot_yaml=text)
    outcome = command("run", ".#Shop", "-m", "mocks.json")
    assert outcome.code == ExitCode.USAGE
    assert "'Bill' of a nested execution asks for a result" in outcome.err


def test_a_list_of_names_that_deployment_makes_ends_somewhere(folder: Path) -> None:
    queues = "".join(f"  Queue{number}: {{Type: AWS::SQS::Queue}}\n" for number in range(60))
    uses = ", ".join(f"q{number}: !Ref Queue{number}" for number in range(60))
    text = TEMPLATE.replace('"$$.StateMachine.Name"}', f'"$$.StateMachine.Name", {uses}}}')
    write(folder, template_dot_yaml=text.rstrip("\n") + "\n" + queues)
    assert re.search(r", Queue\d+ and \d+ more: --json has all of them", command("machines", ".").out)


def test_all_machines_are_checked_and_linted(folder: Path) -> None:
    assert command("check", ".", "-q").err == ""
    assert ".#Shop: 2 states, no problems" in command("check", ".").err
    template = TEMPLATE.replace("            End: true", "            Ent: true")
    write(folder, template_dot_yaml=template.replace("Patience: !Ref", "Idle: x\n        Patience: !Ref"))
    line = line_of(folder / "template.yaml", "Ent: true")
    outcome = command("lint", "template.yaml")
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert f"template.yaml:{line}:13: error: a Pass state has no field 'Ent'" in outcome.out
    assert "the definition does not use ${Idle}" in outcome.out
    assert command("lint", ".#Shop").code == ExitCode.SUCCEEDED
    assert len(command("lint", ".", "--json").out.splitlines()) == 2
    assert command("check", ".").code == ExitCode.INVALID_DEFINITION
    assert command("machines").code == ExitCode.INVALID_DEFINITION


def test_values_are_given_in_a_file_and_over_it(folder: Path) -> None:
    write(folder, values_dot_yaml="parameters: {Stage: test, Patience: 9}\naccount: 210987654321\n")
    write(folder, aws_dot_json='[{"ParameterKey": "Stage", "ParameterValue": "list"}]')
    write(folder, pipe_dot_json='{"Parameters": {"Stage": "pipe"}}')

    def name(*argv: str) -> str:
        return str(json.loads(command("machines", "--json", *argv).out)["machines"][1]["arn"]).rpartition(":")[2]

    assert name("--values", "values.yaml") == "billing-test"
    assert name("--values", "values.yaml", "--parameter", "Stage=over") == "billing-over"
    assert name("--values", "aws.json") == "billing-list"
    assert name("--values", "pipe.json") == "billing-pipe"
    assert ":210987654321:" in command("machines", "--json", "--values", "values.yaml").out


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        (("--parameter", "Stage"), "'Stage' does not say which name has which value"),
        (("--values", "no.yaml"), "--values no.yaml: there is no such file"),
        (("--values", "odd.yaml"), "there is no section 'parameter'"),
        (("--values", "list.yaml"), "an item of the list is no parameter"),
        (("--values", "deep.yaml"), "the value of 'Stage' is a dict, not a text"),
        (("--values", "bad.yaml"), "bad.yaml:1:"),
        (("--parameter", "Stag=x"), "there is no parameter 'Stag'"),
    ],
)
def test_values_that_are_none(folder: Path, argv: tuple[str, ...], error: str) -> None:
    write(folder, odd_dot_yaml="parameter: {}", list_dot_yaml="- 1", deep_dot_yaml="parameters: {Stage: {a: 1}}")
    write(folder, bad_dot_yaml="a: [")
    assert error in command("machines", *argv).err


def test_a_definition_of_its_own_has_its_placeholders_filled_in(folder: Path) -> None:
    plain = "states/shop.asl.json"
    assert command("check", plain).code == ExitCode.INVALID_DEFINITION
    given = ("--substitute", "Patience=3", "--substitute", "ChargeArn=arn:aws:lambda:us-east-1:123456789012:function:c")
    bill = ("--substitute", "BillArn=arn:aws:states:us-east-1:123456789012:stateMachine:b")
    assert command("check", plain, *given, *bill).err == f"{plain}: 2 states, no problems\n"
    assert command("check", plain, "--substitute", "Patience=x").err.startswith(f"{plain}:5:69: error")
    assert "parameters are a template's" in command("check", plain, "--parameter", "a=b").err
    assert "this is no project" in command("graph", plain, "--machine", "Shop").err


def test_state_tests_diffs_and_mocks_take_a_project(folder: Path) -> None:
    argv = ("--definition", "file://template.yaml#Billing", "--state-name", "Bill", "--parameter", "Stage=x")
    assert command("test-state", *argv).code == ExitCode.SUCCEEDED
    run = command("run", ".#Shop", "-m", "mocks.json", "--history", "history.json")
    assert run.code == ExitCode.SUCCEEDED
    made = command("mocks", "history.json", "--definition", ".", "--machine", "Shop")
    assert json.loads(made.out)["StateMachines"], made.err
    same = command("diff", "history.json", "history.json", "--definition", "template.yaml#Shop")
    assert same.code == ExitCode.SUCCEEDED, same.err


def test_verify_takes_a_name_of_the_project_and_an_arn_of_aws(folder: Path) -> None:
    command("run", ".#Shop", "-m", "mocks.json", "--history", "history.json", "--type", "STANDARD")
    outcome = command("verify", ".", "history.json", "--machine", "Shop")
    assert "identical" in outcome.out, outcome.err
    none = command("verify", ".", "--machine", "Shop")
    assert "a name says which state machine of the project is meant" in none.err
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:"
    two = command("verify", ".", "--machine", f"{arn}A", "--machine", f"{arn}B")
    assert "two state machines in AWS are given" in two.err
    names = command("verify", ".", "--machine", "Shop", "--machine", "Billing")
    assert "two state machines of the project are given: Shop and Billing" in names.err


def test_load_takes_projects(folder: Path) -> None:
    machine = sfdebug.load("template.yaml#Shop", parameters={"Patience": "11"})
    assert machine.name == "states/shop.asl.json"
    assert machine.state(("Charge card",)).pointer
    assert sfdebug.load(folder, "Billing").name.endswith("template.yaml")
    assert sfdebug.load(Path("template.yaml"), "Billing", substitutions={"x": "y"})
    with pytest.raises(MachineChoiceError):
        sfdebug.load(".")
    with pytest.raises(ProjectError, match="no template"):
        sfdebug.load(os.fspath(folder / "src"))
    with pytest.raises(UsageError, match="neither"):
        sfdebug.load({"StartAt": "A", "States": {}}, "A")
    run = sfdebug.simulate("template.yaml#Billing", {})
    assert run.output == {"billed": "StateMachine"}


def test_files_outside_of_the_folder_are_said(folder: Path) -> None:
    write(folder, inner__template_dot_yaml=TEMPLATE.replace("states/shop.asl.json", "../states/shop.asl.json"))
    outside = "read outside of the project's folder, as a path in the project names it: states/shop.asl.json"
    assert outside in command("machines", "inner").out
    assert outside in command("graph", "inner#Shop").err
    assert outside not in command("graph", ".#Shop").err


def test_a_replay_takes_the_machine_that_the_execution_is_of(folder: Path) -> None:
    address = DefinitionAddress(".")
    assert open_for_recorded(address, "billing-dev").address.name == "Billing"
    assert open_for_recorded(address, "Shop-4fA9cQ").address.name == "Shop", "a name that CloudFormation made"
    for name in ("Shopping", "billing-prod", ""):
        with pytest.raises(UsageError, match="none is named"):
            open_for_recorded(address, name)
    assert open_for_recorded(DefinitionAddress(".", "Shop"), "billing-dev").address.name == "Shop"


def test_places_in_a_text_that_nobody_edits_name_the_construct(tmp_path: Path) -> None:
    shutil.copytree(samples_folder() / "photos-cdk", tmp_path / "photos")
    template = tmp_path / "photos" / "cdk.out" / "Photos.template.json"
    template.write_text(template.read_text().replace('\\"BooleanEquals\\"', '\\"BooleanEqual\\"'))
    out = str(tmp_path / "photos" / "cdk.out")
    for name, text in (("lint", command("lint", out).out), ("check", command("check", out).err)):
        assert "Photos/Pipeline#/States/Small enough?/Choices/0: 'BooleanEqual' is no comparison" in text, name
    assert command("lint", f"{out}#Cleanup").code == ExitCode.SUCCEEDED


@pytest.mark.parametrize("name", ["run", "check", "lint", "graph", "machines"])
def test_what_is_no_project_says_so(tmp_path: Path, name: str) -> None:
    outcome = command(name, str(tmp_path))
    assert (outcome.code, "there is no template, no CDK output" in outcome.err) == (ExitCode.USAGE, True)
    (tmp_path / "cdk.json").write_text("{}")
    assert "run cdk synth" in command(name, str(tmp_path)).err.lower()


def test_a_folder_of_histories_that_is_no_project_says_how_to_see_them(tmp_path: Path) -> None:
    folder = tmp_path / "my runs"
    (folder / "run-1").mkdir(parents=True)
    (folder / "other.json").write_text("{}")
    assert "sfdebug replay" not in command(str(folder)).err, "there is none yet"
    shutil.copy(samples_folder() / "recorded-order" / "history.json", folder / "run-1")
    outcome = command(str(folder))
    assert outcome.code == ExitCode.USAGE
    assert "there is no template, no CDK output" in outcome.err
    assert f"There are recorded executions in it: sfdebug replay '{folder}'" in outcome.err
