"""The functions of a project, run as they are: where their code is, and why some are not run."""

from __future__ import annotations

import json
import zipfile
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.real_tasks import read_real_tasks
from sfdebug.projects.loading import load_project
from sfdebug.simulation import simulate
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.from_project import functions_of
from sfdebug.tasks.lambdas.function import Language

Write = Callable[..., Path]
MACHINE = """
  Pay:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionSubstitutions: {Charge: !GetAtt Charge.Arn}
      Definition:
        StartAt: Charge
        States:
          Charge: {Type: Task, Resource: "${Charge}", End: true}
"""


@pytest.fixture
def template(tmp_path: Path) -> Write:
    """Writes a template with one function, whose properties are given, and the files beside it."""

    def write(properties: dict[str, Any], **files: str) -> Path:
        function = {"Type": "AWS::Serverless::Function", "Properties": properties}
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}}
        head = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        body = f"  Charge: {json.dumps(function)}\n  Table: {json.dumps(table)}\n"
        path = tmp_path / "template.yaml"
        path.write_text(head + body + MACHINE)
        return path

    return write


HANDLER = (
    "import os\ndef handler(event, context):\n"
    "    return [event, os.environ['TABLE'], context.memory_limit_in_mb, os.environ['AWS_REGION']]\n"
)


def test_layers_that_are_not_in_the_project_are_known(template: Write) -> None:
    layer = "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertools:7"
    path = template(
        {"CodeUri": "src/", "Handler": "app.handler", "Runtime": "python3.11", "Layers": [layer]}, src__app_dot_py=""
    )
    functions, _ = functions_of(load_project(str(path)))
    assert (functions[0].layers, functions[0].absent_layers) == ((), (layer,))


def test_a_handler_runs_with_its_environment_and_limits(template: Write) -> None:
    path = template(
        {
            "CodeUri": "src/",
            "Handler": "app.handler",
            "Runtime": "python3.11",
            "Timeout": 20,
            "MemorySize": 512,
            "Environment": {"Variables": {"TABLE": {"Ref": "Table"}}},
        },
        src__app_dot_py=HANDLER,
    )
    project = load_project(str(path), region="eu-west-1")
    functions, lacking = functions_of(project)
    assert not lacking
    assert (functions[0].timeout, functions[0].memory, functions[0].runtime) == (20, 512, "python3.11")
    tasks = LambdaTasks(functions, environment={"AWS_REGION": project.region})
    try:
        assert simulate(project.machine().checked(), {"n": 1}, tasks).output == [{"n": 1}, "orders", "512", "eu-west-1"]
    finally:
        tasks.close()


def test_inline_code_is_put_where_lambda_puts_it(template: Write) -> None:
    path = template({"InlineCode": HANDLER, "Handler": "index.handler", "Runtime": "python3.12"})
    functions, lacking = functions_of(load_project(str(path)))
    assert not lacking
    assert Path(functions[0].folder, "index.py").read_text() == HANDLER


def test_what_sam_has_built_is_run_where_the_source_has_no_handler(template: Write) -> None:
    files = {"src__app_dot_ts": "", ".aws-sam__build__Charge__app_dot_js": "exports.handler = async () => 1"}
    path = template({"CodeUri": "src/", "Handler": "app.handler", "Runtime": "nodejs20.x"}, **files)
    functions, lacking = functions_of(load_project(str(path)))
    assert not lacking
    assert functions[0].folder == str(path.parent / ".aws-sam" / "build" / "Charge")
    assert functions[0].language is Language.NODE


def test_an_archive_is_unpacked(template: Write, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("app.py", HANDLER)
    path = template({"CodeUri": "code.zip", "Handler": "app.handler", "Runtime": "python3.12"})
    functions, lacking = functions_of(load_project(str(path)))
    assert not lacking
    assert Path(functions[0].folder, "app.py").read_text() == HANDLER


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"PackageType": "Image", "ImageUri": "x"}, "is a container image: serve it, and give --lambda-endpoint"),
        ({"CodeUri": "s3://bucket/key", "Runtime": "python3.12"}, "has its code in a bucket (s3://bucket/key)"),
        ({"CodeUri": "src/", "Runtime": "java21", "Handler": "a.B"}, "has the Runtime java21, and only Python and"),
        ({"CodeUri": "src/", "Handler": "a.b"}, "does not say which Runtime it has"),
        ({"CodeUri": "nowhere/", "Runtime": "python3.12", "Handler": "a.b"}, "has no code at "),
        ({"CodeUri": "src/", "Runtime": "python3.12", "Handler": "a.b"}, "has no a.py in "),
        (
            {"CodeUri": "src/", "Runtime": "nodejs20.x", "Handler": "typed.b"},
            "is TypeScript (typed.ts): build it first",
        ),
        ({"CodeUri": "broken.zip", "Runtime": "nodejs20.x", "Handler": "a.b"}, "has code that cannot be unpacked"),
    ],
)
def test_why_a_function_cannot_be_run(template: Write, properties: dict[str, Any], why: str) -> None:
    path = template(properties, src__typed_dot_ts="", broken_dot_zip="no archive")
    functions, lacking = functions_of(load_project(str(path)))
    assert functions == ()
    assert [text.startswith(why) for text in lacking.values()] == [True], lacking


CALLS = """Transform: AWS::Serverless-2016-10-31
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {FunctionName: one, PackageType: Image, ImageUri: x}}
  Two: {Type: AWS::Serverless::Function, Properties: {FunctionName: two, PackageType: Image, ImageUri: x}}
  Three: {Type: AWS::Serverless::Function, Properties: {FunctionName: three, PackageType: Image, ImageUri: x}}
  Outer:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionSubstitutions: {One: !GetAtt One.Arn, Inner: !Ref Inner}
      Definition:
        StartAt: A
        States:
          A: {Type: Task, Resource: "${One}", Next: B}
          B:
            Type: Task
            Resource: "arn:aws:states:::states:startExecution.sync:2"
            Parameters: {StateMachineArn: "${Inner}"}
            End: true
  Inner:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: C
        States:
          C:
            Type: Task
            Resource: "arn:aws:states:::lambda:invoke"
            Parameters: {FunctionName: "two:live"}
            End: true
  Unclear:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: D
        States:
          D:
            Type: Task
            Resource: "arn:aws:states:::lambda:invoke"
            Parameters: {"FunctionName.$": "$.which"}
            End: true
"""


def test_only_functions_that_a_machine_calls_are_said_not_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(CALLS)
    project = load_project(str(path))
    said = {}
    for name in ("Outer", "Inner", "Unclear"):
        tasks = read_real_tasks(
            Namespace(real=True, services="http://127.0.0.1:9"), project.machine(name).checked(), project
        )
        assert tasks is not None
        assert set(tasks.functions.left_out) == {"one", "two", "three"}, "a Task that calls one all the same is told"
        said[name] = [line.split()[1] for line in capsys.readouterr().err.splitlines()]
    assert said == {"Outer": ["One", "Two"], "Inner": ["Two"], "Unclear": ["One", "Two", "Three"]}
