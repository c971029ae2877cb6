"""Serverless Framework: variables, function keys, definitions in files, and places in whichever file is edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.limits import ExecutionType
from sfdebug.projects.loading import load_project
from sfdebug.projects.model import AssumedBasis, CodeKind, ProjectError, ProjectFormat, ResourceKind
from sfdebug.projects.project import Project
from tests.unit.projects.folders import PASS, line_of, write

SERVICE = """
service: shop
provider:
  name: aws
  runtime: nodejs20.x
  region: eu-west-1
  stage: ${opt:stage, 'dev'}
  environment: {LEVEL: info, TABLE: !Ref Orders}
custom:
  base: ${file(config/base.yml)}
  names: {dev: orders-dev, prod: orders}
  table: ${self:custom.names.${self:provider.stage}}
functions:
  charge-card:
    handler: src/charge.handler
    timeout: ${self:custom.base.patience}
    environment: {LEVEL: debug}
    layers: [!Ref CommonLambdaLayer]
  tell: {handler: src/tell.handler, runtime: python3.12, name: "tell-${sls:stage}", memorySize: 256}
layers:
  common: {path: layers/common}
stepFunctions:
  activities: [approve]
  stateMachines:
    shop:
      name: shop-${self:provider.stage}
      type: EXPRESS
      events:
        - http: {path: orders, method: post}
        - schedule: rate(1 day)
      loggingConfig: {level: ALL}
      tracingConfig: {enabled: true}
      tags: {team: shop}
      definition: ${file(states/shop.asl.yml)}
    inline:
      definition:
        StartAt: Keep
        States:
          Keep:
            Type: Task
            Resource: !Sub arn:aws:states:::dynamodb:putItem
            Parameters: {TableName: "${self:custom.table}", Item: {id: {S: "${env:WORD}"}}, Region: "${AWS::Region}"}
            TimeoutSeconds: ${ssm:/shop/patience}
            Next: Ask
          Ask: {Type: Task, Resource: !Ref ApproveStepFunctionsActivity, End: true}
resources:
  - Resources:
      Orders: {Type: "AWS::DynamoDB::Table", Properties: {TableName: "${self:custom.table}"}}
  - ${file(config/more.yml)}
"""

STATES = """
StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: !GetAtt charge-card.Arn
    TimeoutSeconds: ${self:custom.base.patience}
    Next: Tell
  Tell:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters:
      FunctionName: !Ref tell
    End: true
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, serverless_dot_yml=SERVICE, states__shop_dot_asl_dot_yml=STATES, layers__common__x_dot_js="")
    return write(
        tmp_path,
        config__base_dot_yml="patience: 30\n",
        config__more_dot_yml="Resources:\n  Bell: {Type: 'AWS::SNS::Topic', Properties: {TopicName: bell}}\n",
    )


def load(folder: Path, **parameters: str) -> Project:
    return load_project(folder, parameters=parameters, environment={})


def test_machines_and_functions_go_by_their_keys(shop: Path) -> None:
    project = load(shop)
    assert (project.format, project.region) == (ProjectFormat.SERVERLESS, "eu-west-1")
    machine, inline = project.machines
    assert (machine.name, machine.logical_id, inline.logical_id) == (
        "shop", "ShopDashdev", "InlineStepFunctionsStateMachine",
    )  # fmt: skip
    assert (machine.type, machine.logging, machine.tracing, dict(machine.tags)) == (
        ExecutionType.EXPRESS, "ALL", True, {"team": "shop"},
    )  # fmt: skip
    assert [(each.kind, each.detail) for each in machine.triggers] == [
        ("http", "POST orders"),
        ("schedule", "rate(1 day)"),
    ]
    charge, tell = project.functions
    assert (charge.name, charge.physical_name, charge.handler, charge.runtime, charge.timeout, charge.memory) == (
        "charge-card", "shop-dev-charge-card", "src/charge.handler", "nodejs20.x", 30, 1024,
    )  # fmt: skip
    assert (charge.code, charge.folder, charge.layers) == (
        CodeKind.FOLDER, str(shop), (str(shop / "layers" / "common"),),
    )  # fmt: skip
    assert dict(charge.environment) == {"LEVEL": "debug", "TABLE": "orders-dev"}
    assert (tell.physical_name, tell.runtime, tell.timeout, tell.memory) == ("tell-dev", "python3.12", 6, 256)
    assert charge.line == line_of(shop / "serverless.yml", "charge-card")
    definition = machine.checked()
    for state, function in (("Charge", charge), ("Tell", tell)):
        found = definition.state((state,))
        target = project.target(found.resource, found.fields.get("Parameters"))
        assert target is not None
        assert target.function is function
    assert definition.state(("Tell",)).fields["Parameters"] == {"FunctionName": tell.arn}


def test_places_are_in_the_file_that_is_edited(shop: Path) -> None:
    project = load(shop)
    machine, inline = project.machines
    path = shop / "states" / "shop.asl.yml"
    assert machine.file == str(path)
    document = machine.checked().document
    for pointer, part in (
        (("States", "Tell", "Parameters", "FunctionName"), "!Ref tell"),
        (("States", "Tell"), "Tell:"),
    ):
        assert document.source.name == str(path)
        assert document.key_span(pointer).line == line_of(path, part)
    assert machine.place_of(("States", "Charge", "TimeoutSeconds")) == f"{path}:6:5"
    own = shop / "serverless.yml"
    assert inline.place_of(("States", "Ask", "End")).startswith(f"{own}:{line_of(own, 'Ask: {')}:")
    bell = next(each for each in project.resources if each.kind is ResourceKind.TOPIC)
    assert (bell.name, bell.file, bell.line) == ("bell", str(shop / "config" / "more.yml"), 2)
    path.write_text(STATES.replace("Next: Tell", "Next: Gone"))
    problem = next(each for each in load(shop).machine("shop").problems if "Gone" in each.what)
    assert (problem.file, problem.line) == (str(path), line_of(path, "Gone"))


def test_what_nobody_knows_is_a_placeholder_that_can_be_given(shop: Path) -> None:
    inline = load(shop).machine("inline")
    keep = inline.checked().state(("Keep",))
    assert keep.fields["Parameters"] == {
        "TableName": "orders-dev", "Item": {"id": {"S": "${env:WORD}"}}, "Region": "eu-west-1",
    }  # fmt: skip
    assert sorted((each.name, each.basis, each.option) for each in inline.assumed) == [
        ("AWS::AccountId", AssumedBasis.ACCOUNT, "--account"),
        ("env:WORD", AssumedBasis.UNKNOWN, "--parameter env:WORD=…"),
        ("ssm:/shop/patience", AssumedBasis.UNKNOWN, "--parameter ssm:/shop/patience=…"),
    ]
    assert len(inline.checked().unresolved) == 1
    assert load(shop).problems == ()
    parameters = {"stage": "prod", "ssm:/shop/patience": "9"}
    given = load_project(shop, parameters=parameters, environment={"WORD": "hello"}, account="111122223333")
    keep = given.machine("inline").checked().state(("Keep",))
    assert keep.fields["Parameters"] == {
        "TableName": "orders", "Item": {"id": {"S": "hello"}}, "Region": "eu-west-1",
    }  # fmt: skip
    assert keep.fields["TimeoutSeconds"] == 9
    assert (given.assumed, given.machine("shop").physical_name) == ((), "shop-prod")
    assert [(each.what, each.fix) for each in load(shop, stag="x").problems] == [
        ("no variable asks for 'stag'", "did you mean 'stage'?")
    ]


def test_sources_and_defaults_of_variables(tmp_path: Path) -> None:
    write(
        tmp_path, _dot_env_dot_qa="ONE='first'\nexport TWO=second\n", raw_dot_asl=PASS, own_dot_json='{"a": {"b": [7]}}'
    )
    write(
        tmp_path,
        serverless_dot_yml="""
        useDotenv: true
        service: {name: s}
        provider: {name: aws, stage: qa}
        params:
          qa: {color: red}
          default: {color: blue, size: 3}
        custom:
          chain: ${opt:none, self:custom.none, 'last'}
          number: ${opt:none, 12}
          json: ${file(own.json):a.b.0}
          yes: ${strToBool(true)}
        stepFunctions:
          stateMachines:
            raw: {definition: "${file(./raw.asl)}"}
            flow:
              definition:
                StartAt: A
                States:
                  A:
                    Type: Pass
                    Result:
                      chain: ${self:custom.chain}-${env:ONE}-${env:TWO}-${sls:stage}
                      number: ${self:custom.number}
                      json: ${self:custom.json}
                      yes: ${self:custom.yes}
                      color: ${param:color}
                      size: ${param:size}
                      where: ${aws:region}
                      kept: ${AWS::Region} ${Some.Thing} {% $x %}
                    End: true
        """,
    )
    project = load(tmp_path)
    assert project.machine("flow").checked().state(("A",)).fields["Result"] == {
        "chain": "last-first-second-qa", "number": 12, "json": 7, "yes": True, "color": "red", "size": 3,
        "where": "us-east-1", "kept": "${AWS::Region} ${Some.Thing} {% $x %}",
    }  # fmt: skip
    assert project.machine("raw").file == str(tmp_path / "raw.asl")
    assert project.machine("raw").states == 1


@pytest.mark.parametrize(
    ("definition", "what"),
    [
        ("${file(gone.yml)}", "the file 'gone.yml' cannot be read"),
        ("${file(program.js)}", "the definition is ${file(program.js)}, which is known at deployment only"),
        ("${self:custom.a}", "a cycle of references: ${self:custom.a} → ${self:custom.b} → ${self:custom.a}"),
        ("${self:custom.nothing}", "there is no 'custom.nothing' in the configuration"),
        ("${file(config.yml):gone}", "there is no 'gone' in 'config.yml'"),
        ("{StartAt: }", "StartAt"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(tmp_path: Path, definition: str, what: str) -> None:
    configuration = f"""
    service: s
    custom: {{a: "${{self:custom.b}}", b: "${{self:custom.a}}"}}
    stepFunctions:
      stateMachines:
        flow: {{definition: {definition if definition[0] == "{" else f'"{definition}"'}}}
        good: {{definition: {PASS}}}
    """
    write(tmp_path, serverless_dot_yml=configuration, config_dot_yml="a: 1\n", program_dot_js="")
    project = load(tmp_path)
    flow = project.machine("flow")
    said = [*project.problems, *flow.problems]
    found = next(each for each in said if what in each.what)
    assert Path(found.file).name == "serverless.yml"
    assert found.line
    assert found.fix
    assert flow.definition is None
    assert project.machine("good").states == 1


def test_a_configuration_without_machines_or_with_too_much_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfdebug.projects.serverless_variables.MAX_EXPANSIONS", 5_000)
    path = write(tmp_path, serverless_dot_yml="service: s\n") / "serverless.yml"
    with pytest.raises(ProjectError) as caught:
        load(tmp_path)
    assert caught.value.what == "there is no state machine in this configuration"
    items = [", ".join([f"'${{self:custom.a{n + 1}}}'"] * 9) for n in range(9)]
    lines = [f"  a{n}: [{each}]" for n, each in enumerate(items)]
    definition = f"stepFunctions: {{stateMachines: {{f: {{definition: {PASS}, tags: '${{self:custom.a0}}'}}}}}}"
    path.write_text("\n".join(["service: s", "custom:", *lines, "  a9: end", definition, ""]))
    with pytest.raises(ProjectError) as caught:
        load(tmp_path)
    assert "come to more than" in caught.value.what


def test_what_the_framework_and_its_plugin_add(tmp_path: Path) -> None:
    write(
        tmp_path,
        serverless_dot_yml="""
        service: s
        functions: {one: {handler: a.b, timeout: 12}, two: {handler: a.b}}
        stepFunctions:
          stateMachines:
            flow:
              name: flow-${self:service.name}
              configureTaskTimeouts: true
              definition:
                StartAt: A
                States:
                  A: {Type: Task, Resource: !GetAtt one.Arn, Next: B}
                  B: {Type: Task, Resource: "arn:aws:states:::lambda:invoke", Next: C,
                      Parameters: {FunctionName: !Ref two, Payload: {api: !Ref ApiGatewayRestApi}}}
                  C: {Type: Task, Resource: !GetAtt one.Arn, TimeoutSeconds: 5, End: true}
        """,
    )
    project = load(tmp_path)
    definition = project.machine().checked()
    assert [definition.state((name,)).fields["TimeoutSeconds"] for name in "ABC"] == [12, 6, 5]
    assert (project.machine().physical_name, project.problems) == ("flow-s", ())
    assert "ApiGatewayRestApi" in [each.name for each in project.assumed]
