"""CDK output: stacks of a manifest and of Stages, construct paths, assets, what one stack has of another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import examine_source
from sfdebug.projects.loading import load_project
from sfdebug.projects.model import CodeKind, ProjectError, ProjectFormat
from sfdebug.projects.project import Project
from sfdebug.validation import findings_of
from tests.unit.projects.folders import PASS, line_of

CODE = "c0de"
FILE = "f11e"
NESTED = "de5ced"
PARTITION = {"Ref": "AWS::Partition"}
CHARGE = '{"Type": "Task", "Resource": "${Arn}", "TimeoutSeconds": ${S}, "End": true}'
ASL = f'{{"StartAt": "Charge", "States": {{"Charge": {CHARGE}}}}}'


def invoke(function: Any, *, next_state: str = "") -> dict[str, Any]:
    """A machine as CDK writes one: cut at every token, on one line."""
    after = f'"Next":"{next_state}"' if next_state else '"End":true'
    begin = f'{{"StartAt":"Call it","States":{{"Call it":{{{after},"Type":"Task","Resource":"arn:'
    middle = ':states:::lambda:invoke","Parameters":{"FunctionName":"'
    joined = ["", [begin, PARTITION, middle, function, '","Payload.$":"$"}}}}']]
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": {"Fn::Join": joined}}}


def key(name: str) -> dict[str, Any]:
    return {"S3Bucket": {"Fn::Sub": "cdk-assets-${AWS::AccountId}"}, "S3Key": name}


def shop(next_state: str = "") -> dict[str, Any]:
    charge = {"Fn::GetAtt": ["ChargeEC43", "Arn"]}
    location = {"Bucket": {"Fn::Sub": "b-${AWS::Region}"}, "Key": f"{FILE}.json"}
    url = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, f"/b/{NESTED}.json"]]}
    return {
        "Resources": {
            "ChargeEC43": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Code": key(f"{CODE}.zip"), "Handler": "app.handler", "Runtime": "python3.12"},
            },
            "Chain5020": invoke(charge, next_state=next_state),
            "FileE011": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "DefinitionS3Location": location,
                    "DefinitionSubstitutions": {"Arn": charge, "S": "30"},
                    "StateMachineType": "EXPRESS",
                },
            },
            "NightlyC44E": {
                "Type": "AWS::Events::Rule",
                "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Arn": {"Ref": "Chain5020"}}]},
            },
            "InnerStackDEFD": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"Parameters": {"ChargeArn": charge}, "TemplateURL": url},
            },
        },
        "Outputs": {"Out": {"Value": charge, "Export": {"Name": "Shop:ChargeArn"}}},
    }


PATHS = {
    "ChargeEC43": "Charge/Resource", "Chain5020": "Chain/Resource", "FileE011": "File/Resource",
    "NightlyC44E": "Nightly/Resource", "InnerStackDEFD": "Inner.NestedStack/Inner.NestedStackResource",
    "Deep09E1": "Inner/Deep/Resource",
}  # fmt: skip


def stack_in(template: str, **said: Any) -> dict[str, Any]:
    return {"type": "aws:cloudformation:stack", "properties": {"templateFile": template}, **said}


def dump(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An application with the stacks Shop (which nests one) and Other, and with Shop in the Stage Prod."""
    folder = tmp_path / "cdk.out"
    source = {"path": f"asset.{FILE}.json"}, {"path": "Inner.nested.template.json"}
    files = {
        each: {"source": said, "destinations": {"here": {"objectKey": f"{each}.json"}}}
        for each, said in zip((FILE, NESTED), source, strict=True)
    }
    dump(folder / "Shop.assets.json", {"files": files})
    dump(folder / "Inner.nested.template.json", {
        "Parameters": {"ChargeArn": {"Type": "String"}},
        "Resources": {"Deep09E1": invoke({"Ref": "ChargeArn"})},
    })  # fmt: skip
    dump(folder / "Shop.template.json", shop())
    dump(folder / "Other.template.json", {"Resources": {"Cross489C": invoke({"Fn::ImportValue": "Shop:ChargeArn"})}})
    dump(folder / "manifest.json", {"artifacts": {
        "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
        "Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}},
        "Shop": stack_in("Shop.template.json", environment="aws://unknown-account/unknown-region"),
        "Other": stack_in("Other.template.json", additionalMetadataFile="Other.metadata.json"),
    }})  # fmt: skip
    dump(folder / "Other.metadata.json", {
        "/Other/Cross/Resource": [{"type": "aws:cdk:logicalId", "data": "Cross489C"}],
    })  # fmt: skip
    dump(folder / "assembly-Prod" / "ProdShop.template.json", shop())
    dump(folder / "assembly-Prod" / "manifest.json", {"artifacts": {"ProdShop": stack_in(
        "ProdShop.template.json", environment="aws://111122223333/eu-west-1", displayName="Prod/Shop",
    )}})  # fmt: skip
    nodes = {
        f"{stack}/{path}": {"path": f"{stack}/{path}", "attributes": {"aws:cdk:cloudformation:logicalId": logical_id}}
        for stack in ("Shop", "Prod/Shop") for logical_id, path in PATHS.items()
    }  # fmt: skip
    dump(folder / "tree.json", {"tree": {"path": "", "children": nodes}})
    (folder / f"asset.{FILE}.json").write_text(ASL)
    (folder / f"asset.{CODE}").mkdir()
    (folder / f"asset.{CODE}" / "app.py").write_text("")
    return folder


def leads_to(project: Project, machine: str, state: str) -> str | None:
    found = project.machine(machine).checked().state((state,))
    target = project.target(found.resource, found.fields.get("Parameters"))
    return None if target is None else target.name


def test_machines_are_called_by_construct_paths_and_lead_to_functions_of_their_own_stack(out: Path) -> None:
    project = load_project(out.parent)
    assert (project.format, project.path, project.root) == (
        ProjectFormat.CDK, str(out / "manifest.json"), str(out.parent),
    )  # fmt: skip
    assert [machine.name for machine in project.machines] == [
        "Prod/Shop/Chain", "Prod/Shop/File", "Prod/Shop/Inner/Deep",
        "Shop/Chain", "Shop/File", "Shop/Inner/Deep", "Other/Cross",
    ]  # fmt: skip
    for machine, state, function in (
        ("Shop/Chain", "Call it", "Shop/Charge"),
        ("Shop/Inner/Deep", "Call it", "Shop/Charge"),
        ("Prod/Shop/Chain", "Call it", "Prod/Shop/Charge"),
        ("Prod/Shop/Inner/Deep", "Call it", "Prod/Shop/Charge"),
        ("Shop/File", "Charge", "Shop/Charge"),
        ("Other/Cross", "Call it", "Shop/Charge"),
    ):
        assert leads_to(project, machine, state) == function
    chain = project.machine("Prod/Shop/Chain")
    assert chain.arn == "arn:aws:states:eu-west-1:111122223333:stateMachine:ProdShop-Chain5020"
    assert [(each.kind, each.name, each.detail) for each in chain.triggers] == [
        ("EventBridgeRule", "Prod/Shop/Nightly", "rate(1 day)")
    ]
    charge = next(each for each in project.functions if each.name == "Shop/Charge")
    assert (charge.code, charge.folder) == (CodeKind.FOLDER, str(out / f"asset.{CODE}"))
    assert project.problems == ()


def test_a_definition_of_a_file_leads_to_the_file_that_people_edit(out: Path) -> None:
    copy = load_project(out).machine("Shop/File")
    assert (copy.file, copy.is_generated) == (str(out / f"asset.{FILE}.json"), False)
    edited = out.parent / "states" / "shop.asl.json"
    edited.parent.mkdir()
    edited.write_text(ASL)
    machine = load_project(out).machine("Shop/File")
    assert (machine.file, machine.checked().document.source.name) == (str(edited), str(edited))
    assert machine.place_of(("States", "Charge", "TimeoutSeconds")) == f"{edited}:1:{ASL.index('TimeoutSeconds')}"
    assert machine.checked().state(("Charge",)).fields["TimeoutSeconds"] == 30
    (out.parent / "states" / "another.json").write_text(ASL)
    assert load_project(out).machine("Shop/File").file == str(out / f"asset.{FILE}.json")


def test_joined_text_has_construct_path_and_pointer(out: Path) -> None:
    dump(out / "Shop.template.json", shop(next_state="Gone"))
    project = load_project(out / "Shop.template.json")
    assert [machine.name for machine in project.machines] == ["Shop/Chain", "Shop/File", "Shop/Inner/Deep"]
    assert leads_to(project, "Shop/Inner/Deep", "Call it") == "Shop/Charge"
    machine = project.machine("Chain")
    problem = next(each for each in machine.problems if "Gone" in each.what)
    assert problem.where == "Shop/Chain#/States/Call it/Next"
    assert problem.what.startswith("Shop/Chain#/States/Call it/Next: ")
    assert machine.source is not None
    found = next(each.problem for each in examine_source(machine.source).findings if each.problem is not None)
    assert (found.what, found.where) == (problem.what, problem.where)
    advised = [each.problem.what for each in findings_of(examine_source(machine.source)) if each.problem is not None]
    assert all(what.startswith(("Shop/Chain#/", "Shop/Chain: ")) for what in advised)
    assert (problem.file, problem.line) == (
        str(out / "Shop.template.json"),
        line_of(out / "Shop.template.json", "Gone"),
    )
    assert machine.is_generated
    assert load_project(out).machine("Other/Cross").place_of(("States", "Call it")) == "Other/Cross#/States/Call it"


def test_a_stage_alone_and_names_that_the_template_says(out: Path) -> None:
    stage = out / "assembly-Prod"
    assert load_project(stage).machines[0].name == "Prod/Shop/Chain"  # the tree is that of the whole application
    (out / "tree.json").unlink()
    said = shop()
    said["Resources"]["Chain5020"]["Metadata"] = {"aws:cdk:path": "Prod/Shop/Chain/Resource"}
    said["Resources"]["ChargeEC43"]["Metadata"] = {"aws:asset:path": f"../asset.{CODE}"}
    dump(stage / "ProdShop.template.json", said)
    project = load_project(stage)
    assert [machine.name for machine in project.machines] == ["Prod/Shop/Chain", "FileE011"]
    assert project.functions[0].folder == str(out / f"asset.{CODE}")
    what = project.machine("FileE011").problems[0].what
    assert what == f"the definition lies in a bucket: bucket b-eu-west-1, key {FILE}.json"
    assert [each.what for each in project.problems] == [
        f"the template of the nested stack 'InnerStackDEFD' lies elsewhere: https://s3.amazonaws.com/b/{NESTED}.json"
    ]


@pytest.mark.parametrize(
    ("files", "where", "what"),
    [
        ({"manifest.json": "{"}, "manifest.json", "this is no template"),
        ({"manifest.json": '{"artifacts": {}}'}, "", "this output has no stacks"),
        (
            {"Shop.template.json": '{"Resources": {}}'},
            "Shop.template.json",
            "there is no state machine in this template",
        ),
        ({"Shop.template.json": "{]"}, "Shop.template.json", "this '{' is never closed"),
        ({"Shop.template.json": None}, "Shop.template.json", "there is no such file"),
    ],
)
def test_bad_output_says_what_is_wrong(out: Path, files: dict[str, str | None], where: str, what: str) -> None:
    for name, text in files.items():
        (out / name).unlink()
        if text is not None:
            (out / name).write_text(text)
    with pytest.raises(ProjectError) as caught:
        load_project(out / (where or "manifest.json"))
    first = caught.value.problems[0]
    assert first.what.startswith(what)
    assert first.fix
    if where == "Shop.template.json":  # one stack that cannot be read does not keep the others away
        others = load_project(out)
        assert "Other/Cross" in [machine.name for machine in others.machines]


def test_nested_stacks_of_a_plain_template(tmp_path: Path) -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "pay", "Code": "src"}}
    dump(tmp_path / "template.json", {"Resources": {
        "Payment": {"Type": "AWS::CloudFormation::Stack", "Properties": {
            "TemplateURL": "payment/template.json", "Parameters": {"Wait": "7"},
        }},
        "Again": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "template.json"}},
        "Store": {"Type": "AWS::Serverless::Application", "Properties": {"Location": {"ApplicationId": "x"}}},
        "Lost": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "lost.json"}},
        "Flow": invoke({"Fn::GetAtt": ["Payment", "Outputs.Pay"]}),
    }})  # fmt: skip
    dump(tmp_path / "payment" / "template.json", {
        "Parameters": {"Wait": {"Type": "Number", "Default": 1}, "More": {"Type": "String", "Default": "x"}},
        "Resources": {
            "Pay": function,
            "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
                "DefinitionString": PASS.replace('"Pass"', '"Wait", "Seconds": ${W}'),
                "DefinitionSubstitutions": {"W": {"Ref": "Wait"}},
            }},
        },
        "Outputs": {"Pay": {"Value": {"Ref": "Pay"}}},
    })  # fmt: skip
    project = load_project(tmp_path, parameters={"More": "y"})
    assert leads_to(project, "Flow", "Call it") == "Payment/Pay"
    assert project.machine("Payment/Flow").checked().state(("A",)).fields["Seconds"] == 7
    assert project.functions[0].source == str(tmp_path / "payment" / "src")
    said = [each.what for each in project.problems]
    assert any("nested more than 12 deep" in each for each in said)
    assert any(each.startswith("the template of the nested stack 'Lost'") for each in said)
    assert [(each.name, each.value) for each in project.parameters] == [("More", "y")]
    assert not any("no parameter" in each for each in said)
