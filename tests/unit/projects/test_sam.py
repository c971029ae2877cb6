"""SAM templates: definitions in files and inside, substitutions as text, functions, triggers, configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

import sfdebug
from sfdebug.limits import ExecutionType
from sfdebug.projects.loading import load_project, split_machine
from sfdebug.projects.model import AssumedBasis, CodeKind, FileRole, ProjectError, ProjectFormat, ResourceKind
from sfdebug.projects.project import MachineChoiceError, Project
from tests.unit.projects.folders import PASS, line_of, write

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Patience: {Type: Number}
Globals:
  Function:
    Runtime: python3.12
    Timeout: 7
    Environment:
      Variables: {STAGE: !Ref Stage, LEVEL: info}
Resources:
  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: states/shop.asl.json
      Type: EXPRESS
      Name: !Sub shop-${Stage}
      Role: !GetAtt ShopRole.Arn
      DefinitionSubstitutions:
        ChargeArn: !GetAtt Charge.Arn
        QueueUrl: !Ref Orders
        Patience: !Ref Patience
        Idle: never
      Events:
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Post: {Type: Api, Properties: {Path: /orders, Method: post}}
      Logging: {Level: ERROR}
      Tracing: {Enabled: true}
      Tags: {team: shop}
  Charge:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/charge
      Handler: app.handler
      Layers: [!Ref Common]
      Environment:
        Variables: {LEVEL: debug, QUEUE: !Ref Orders}
  Common:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/common}
  Orders:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub "orders-${Stage}"}
"""

SHOP = """
{
  "StartAt": "Charge card",
  "States": {
    "Charge card": {
      "Type": "Task",
      "Resource": "${ChargeArn}",
      "TimeoutSeconds": ${Patience},
      "Next": "Tell"
    },
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": {"QueueUrl": "${QueueUrl}", "MessageBody.$": "$"},
      "End": true
    }
  }
}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, template_dot_yaml=TEMPLATE, states__shop_dot_asl_dot_json=SHOP, layers__common__x_dot_py="")
    return write(tmp_path, src__charge__app_dot_py="def handler(event, context): ...\n")


def load(folder: Path) -> Project:
    return load_project(folder, parameters={"Patience": "30"}, region="eu-west-1", account="111122223333")


def test_a_machine_is_filled_in_and_its_places_lead_into_the_file_of_the_definition(shop: Path) -> None:
    project = load(shop)
    (machine,) = project.machines
    assert (project.format, machine.name, machine.type, machine.states) == (
        ProjectFormat.SAM, "Shop", ExecutionType.EXPRESS, 2,
    )  # fmt: skip
    assert machine.arn == "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-dev"
    assert machine.role == "arn:aws:iam::111122223333:role/ShopRole"
    assert (machine.logging, machine.tracing, dict(machine.tags)) == ("ERROR", True, {"team": "shop"})
    assert [(each.kind, each.detail) for each in machine.triggers] == [
        ("Schedule", "rate(1 day)"), ("Api", "POST /orders"),
    ]  # fmt: skip
    definition = machine.checked()
    charge = definition.state(("Charge card",))
    assert charge.resource == "arn:aws:lambda:eu-west-1:111122223333:function:Charge"
    assert charge.fields["TimeoutSeconds"] == 30
    path = shop / "states" / "shop.asl.json"
    for pointer, part in (
        (("States", "Charge card", "Resource"), "${ChargeArn}"),
        (("States", "Charge card", "TimeoutSeconds"), "${Patience}"),
        (("States", "Tell", "Parameters", "MessageBody.$"), "MessageBody"),
    ):
        assert definition.document.key_span(pointer).line == line_of(path, part)
        column = path.read_text().splitlines()[line_of(path, part) - 1].index('"' + str(pointer[-1])) + 1
        assert definition.document.key_span(pointer).column == column
    assert (machine.file, definition.document.source.name) == (str(path), str(path))
    assert sfdebug.load(definition.document.source.text).state(("Charge card",)).resource == charge.resource
    assert [each.what for each in machine.warnings] == ["the definition does not use ${Idle}"]
    assert [each.role for each in project.files] == [FileRole.TEMPLATE, FileRole.DEFINITION]


def test_functions_have_what_globals_supply_and_tasks_lead_to_them(shop: Path) -> None:
    project = load(shop)
    (function,) = project.functions
    assert (function.handler, function.runtime, function.timeout, function.code) == (
        "app.handler", "python3.12", 7, CodeKind.FOLDER,
    )  # fmt: skip
    assert function.folder == str(shop / "src" / "charge")
    assert function.layers == (str(shop / "layers" / "common"),)
    url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders-dev"
    assert dict(function.environment) == {"STAGE": "dev", "LEVEL": "debug", "QUEUE": url}
    definition = project.machine().checked()
    charge, tell = definition.state(("Charge card",)), definition.state(("Tell",))
    target = project.target(charge.resource)
    assert target is not None
    assert (target.kind, target.function) == (ResourceKind.FUNCTION, function)
    for name in ("Charge", f"{function.arn}:live", "111122223333:function:Charge:2"):
        called = project.target("arn:aws:states:::lambda:invoke", {"FunctionName": name})
        assert called is not None
        assert called.function is function
    queue = project.target(tell.resource, tell.fields["Parameters"])
    assert queue is not None
    assert queue.resource is not None
    assert (queue.kind, queue.name, queue.resource.name) == (ResourceKind.QUEUE, "Orders", "orders-dev")
    assert project.target("arn:aws:states:::lambda:invoke", {"FunctionName.$": "$.name"}) is None


def test_what_was_assumed_is_listed_once_and_can_be_given(shop: Path) -> None:
    project = load_project(shop)
    assert [(each.name, each.value, each.basis, each.option) for each in project.assumed] == [
        ("AWS::Region", "us-east-1", AssumedBasis.REGION, "--region"),
        ("AWS::AccountId", "123456789012", AssumedBasis.ACCOUNT, "--account"),
        ("Charge", "Charge", AssumedBasis.GENERATED_NAME, ""),
        ("Patience", "${Patience}", AssumedBasis.PARAMETER, "--parameter Patience=…"),
    ]
    place = project.assumed[-1]
    assert (place.file, place.line) == (str(shop / "template.yaml"), line_of(shop / "template.yaml", "Patience"))
    unresolved = project.machine().checked().unresolved
    assert [(each.line, each.what) for each in unresolved] == [
        (7, "'TimeoutSeconds' is still a placeholder: a whole number is needed to run this")
    ]
    assert load_project(shop, substitutions={"Patience": "5"}).machine().checked().unresolved == ()
    (shop / "samconfig.toml").write_text(
        '[default.deploy.parameters]\nregion = "eu-central-1"\nparameter_overrides = "Stage=\\"prod\\" Patience=9"\n'
    )
    configured = load_project(shop)
    assert (configured.region, configured.machine().physical_name) == ("eu-central-1", "shop-prod")
    assert configured.machine().checked().state(("Charge card",)).fields["TimeoutSeconds"] == 9
    assert [(each.name, each.value, Path(each.origin).name) for each in configured.parameters] == [
        ("Stage", "prod", "samconfig.toml"), ("Patience", "9", "samconfig.toml"),
    ]  # fmt: skip
    wrong = load_project(shop, parameters={"Stag": "x", "Stage": "test", "Patience": "1"})
    assert {each.fix for each in wrong.problems} == {"did you mean 'Stage'?", "give one of dev, prod"}


def test_an_inline_definition_has_its_places_in_the_template(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_dot_yaml="""
        Transform: AWS::Serverless-2016-10-31
        Conditions: {IsBig: !Equals [a, b]}
        Resources:
          Flow:
            Type: AWS::Serverless::StateMachine
            Properties:
              DefinitionSubstitutions: {Word: hello}
              Definition:
                StartAt: First
                States:
                  First:
                    Type: Task
                    Resource: !Sub arn:${AWS::Partition}:states:::dynamodb:putItem
                    Parameters:
                      TableName: !Ref Table
                      Item: !If [IsBig, {a: 1}, {S: "${Word}"}]
                      Gone: !Ref AWS::NoValue
                    ResultPath: null
                    Next: Secnd
                  Second: {Type: Succeed}
          Table: {Type: AWS::DynamoDB::Table}
        """,
    )
    machine = load_project(tmp_path).machine()
    assert machine.definition is None
    template = tmp_path / "template.yaml"
    problem = next(each for each in machine.problems if "Secnd" in each.what)
    assert (problem.file, problem.line, problem.column) == (str(template), line_of(template, "Secnd"), 19)
    assert problem.excerpt.strip() == "Next: Secnd"
    template.write_text(template.read_text().replace("Secnd", "Second"))
    first = load_project(tmp_path).machine().checked().state(("First",))
    assert first.fields["Parameters"] == {"TableName": "Table", "Item": {"S": "hello"}}
    assert (first.resource, first.fields["ResultPath"]) == ("arn:aws:states:::dynamodb:putItem", None)


def test_the_built_template_leads_back_to_the_same_files(shop: Path) -> None:
    built = TEMPLATE.replace("states/shop", "../../states/shop").replace("src/charge", "Charge")
    folder = shop / ".aws-sam" / "build"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").write_text(built)
    project = load(folder / "template.yaml")
    assert project.machine().states == 2
    assert project.machine().file == str(shop / "states" / "shop.asl.json")
    assert (project.root, [each.is_outside for each in project.files]) == (str(shop), [False, False])


@pytest.mark.parametrize(
    ("properties", "line", "what"),
    [
        ("DefinitionUri: missing.asl.json", 6, "the definition's file 'missing.asl.json': there is no such file"),
        ("DefinitionUri: {Bucket: b, Key: k.json}", 6, "the definition lies in a bucket: bucket b, key k.json"),
        ("DefinitionUri: s3://b/k.json", 6, "the definition lies in a bucket: s3://b/k.json"),
        ("Name: x", 4, "this state machine has no definition"),
        (
            "DefinitionUri: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}}",
            6,
            "the definition is put in by a macro at deployment, s3://b/k",
        ),
        ("DefinitionUri: .", 6, "the definition's file '.': this is a folder, and a file is needed"),
    ],
)
def test_a_definition_that_cannot_be_read_says_why(tmp_path: Path, properties: str, line: int, what: str) -> None:
    write(
        tmp_path,
        template_dot_yaml=f"""
        Transform: AWS::Serverless-2016-10-31

        Resources:
          Flow:
            Type: AWS::Serverless::StateMachine
            Properties: {{ {properties} }}
        """,
    )
    machine = load_project(tmp_path / "template.yaml").machine("Flow")
    assert [(each.line, each.what) for each in machine.problems] == [(line, what)]
    with pytest.raises(ProjectError):
        machine.checked()


def test_a_machine_is_named_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.json, Name: same}}"
    write(
        tmp_path,
        template_dot_yaml=f"Resources:\n  Orders: {machine}\n  Payment: {machine}\n",
        a_dot_json=PASS,
    )
    project = load_project(tmp_path)
    assert project.machine("Payment").logical_id == "Payment"
    for name, fix in (
        ("Paymet", "did you mean 'Payment'?"),
        (None, "one of Orders, Payment"),
        ("same", "Orders, Payment"),
    ):
        with pytest.raises(MachineChoiceError) as caught:
            project.machine(name)
        assert fix in caught.value.fix
        assert caught.value.machines
    assert split_machine("a/template.yaml#One") == ("a/template.yaml", "One")
    assert split_machine("template.yaml") == ("template.yaml", None)


def test_files_and_placeholders_that_are_probably_meant(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_dot_yaml="""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Missing: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: states/Flow.json}}
          Left: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: states/flow.json}}
          Put:
            Type: AWS::Serverless::StateMachine
            Properties:
              Definition: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: states/flow.json}}}
        """,
        states__flow_dot_json=PASS.replace('"Pass"', '\n"Pass", "Result": "${Given}"'),
    )
    project = load_project(tmp_path)
    assert project.machine("Missing").problems[0].fix == "did you mean 'states/flow.json'?"
    (warning,) = project.machine("Left").warnings
    assert (warning.what, warning.line) == ("nothing gives ${Given} a value: AWS leaves it as it stands", 2)
    assert (warning.file, warning.length) == (str(tmp_path / "states" / "flow.json"), len("${Given}"))
    assert load_project(tmp_path, substitutions={"Given": "x"}).machine("Left").warnings == ()
    assert project.machine("Put").file == str(tmp_path / "states" / "flow.json")


def test_in_a_folder_what_has_machines_counts_and_what_lies_below_is_named(tmp_path: Path) -> None:
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.json}}"
    write(
        tmp_path,
        one__template_dot_yaml="Transform: AWS::Serverless-2016-10-31\nResources: {Q: {Type: AWS::SQS::Queue}}\n",
        one__main_dot_tf=f'resource "aws_sfn_state_machine" "m" {{\n  definition = <<E\n{PASS}\nE\n}}\n',
        two__deep__template_dot_yaml=f"Resources: {{M: {machine}}}\n",
        two__deep__a_dot_json=PASS,
        node_modules__x__template_dot_yaml=f"Resources: {{M: {machine}}}\n",
    )
    project = load_project(tmp_path / "one")
    assert (project.format, [each.name for each in project.machines]) == (ProjectFormat.TERRAFORM, ["m"])
    assert "template.yaml" in project.problems[0].fix
    with pytest.raises(ProjectError) as caught:
        load_project(tmp_path)
    assert caught.value.fix == "name one of those below it: one/main.tf, two/deep/template.yaml"
