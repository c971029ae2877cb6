"""Values of templates: loops, versions and aliases, what stacks are called, what the SAM CLI is configured with."""

from __future__ import annotations

from pathlib import Path

from sfdebug.projects.loading import load_project
from tests.unit.projects.folders import PASS, line_of, write


def test_a_loop_is_written_out_and_each_machine_stands_where_the_loop_is(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_dot_yaml="""
        Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
        Parameters: {Stages: {Type: CommaDelimitedList, Default: "dev,pre-prod"}}
        Resources:
          Fn::ForEach::All:
            - Stage
            - !Ref Stages
            - Flow&{Stage}:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Name: !Sub flow-${Stage}
                  Definition:
                    StartAt: A
                    States: {A: {Type: Pass, Result: !Ref Stage, Comment: "in ${Stage}", Next: Gone}}
              Fn::ForEach::Inner:
                - Size
                - [s, l]
                - Queue${Stage}${Size}: {Type: AWS::SQS::Queue}
        """,
    )
    project = load_project(tmp_path)
    assert [(each.logical_id, each.physical_name) for each in project.machines] == [
        ("Flowdev", "flow-dev"), ("Flowpreprod", "flow-pre-prod"),
    ]  # fmt: skip
    assert [each.logical_id for each in project.resources if each.type == "AWS::SQS::Queue"] == [
        "Queuedevs", "Queuedevl", "Queuepre-prods", "Queuepre-prodl",
    ]  # fmt: skip
    path = tmp_path / "template.yaml"
    (problem,) = [each for each in project.machines[1].problems if "Gone" in each.what]
    assert (problem.file, problem.line) == (str(path), line_of(path, "Gone"))
    assert '"in pre-prod"' in (project.machines[1].source or project.machines[0].source).text  # type: ignore[union-attr]


def test_versions_and_aliases_lead_to_what_they_are_one_of(tmp_path: Path) -> None:
    task = "{Type: Task, Resource: %s, Next: %s}"
    states = {"A": "!Ref Live", "B": "!Ref Version", "C": "!Ref ChargeAliaslive", "D": "!GetAtt Named.AliasArn"}
    names = [*states, "E"]
    lines = [
        f"            {name}: " + task % (resource, after)
        for (name, resource), after in zip(states.items(), names[1:], strict=True)
    ]
    write(
        tmp_path,
        template_dot_yaml="""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Charge: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live, FunctionName: charge}}
          Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Charge.Arn}}
          Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Charge, Name: live}}
          Named: {Type: AWS::Lambda::Alias, Properties: {FunctionName: charge, Name: named}}
          One: {Type: AWS::StepFunctions::StateMachineVersion, Properties: {StateMachineArn: !Ref Flow}}
          Route:
            Type: AWS::StepFunctions::StateMachineAlias
            Properties: {Name: stable, RoutingConfiguration: [{StateMachineVersionArn: !Ref One, Weight: 100}]}
          Flow:
            Type: AWS::Serverless::StateMachine
            Properties:
              Definition:
                StartAt: A
                States:
        """.rstrip()
        + "\n"
        + "\n".join(f"      {line}" for line in lines)
        + """
                  E: {Type: Task, Resource: "arn:aws:states:::states:startExecution",
                      Parameters: {StateMachineArn: !Ref Route}, End: true}
        """,
    )
    project = load_project(tmp_path, region="eu-west-1", account="111122223333")
    assert project.machine().role == "arn:aws:iam::111122223333:role/FlowRole"  # which SAM makes
    definition = project.machine().checked()
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:charge"
    assert [definition.state((name,)).resource for name in states] == [
        f"{arn}:live", f"{arn}:1", f"{arn}:live", f"{arn}:named",
    ]  # fmt: skip
    for name in states:
        target = project.target(definition.state((name,)).resource)
        assert target is not None
        assert target.name == "Charge"
    nested = definition.state(("E",))
    assert nested.fields["Parameters"] == {"StateMachineArn": f"{project.machine().arn}:stable"}
    started = project.target(nested.resource, nested.fields["Parameters"])
    assert started is not None
    assert started.machine is project.machine()
    assert project.problems == ()


def test_a_stacks_id_can_be_taken_apart_and_a_configuration_may_be_yaml(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_dot_yaml="""
        Parameters: {Stage: {Type: String, Default: dev}}
        Resources:
          Flow:
            Type: AWS::StepFunctions::StateMachine
            Properties:
              StateMachineName: !Sub "${Stage}-${AWS::StackName}"
              DefinitionSubstitutions:
                Part: !Select [4, !Split ["-", !Select [2, !Split ["/", !Ref AWS::StackId]]]]
              DefinitionString: 'TEXT'
        """.replace("TEXT", PASS.replace('"Pass"', '"Pass", "Result": "${Part}"')),
        samconfig_dot_yaml="""
        default:
          deploy:
            parameters: {stack_name: shop, region: eu-west-2, parameter_overrides: [Stage=prod]}
        """,
    )
    project = load_project(tmp_path)
    machine = project.machine()
    assert (machine.physical_name, project.region) == ("prod-shop", "eu-west-2")
    assert machine.checked().state(("A",)).fields["Result"] == "1234567db123"
    assert [(each.name, Path(each.origin).name) for each in project.parameters] == [("Stage", "samconfig.yaml")]
    assert project.problems == ()
