"""A small project of each format, and changes to them: what the property tests open.

Each project has what its format is known for; a change takes a file apart as a typist, a merge or a bad day does.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any, Final

ASL: Final = """{
  "StartAt": "Charge",
  "States": {
    "Charge": {"Type": "Task", "Resource": "${charge}", "TimeoutSeconds": ${patience}, "Next": "Tell"},
    "Tell": {
      "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": {"QueueUrl": "${queue}", "MessageBody.$": "$"}, "End": true
    }
  }
}
"""

SAM: Final = {
    "template.yaml": """Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Patience: {Type: Number, Default: 30}
  Names: {Type: CommaDelimitedList, Default: "a,b"}
Mappings:
  Sizes: {dev: {memory: 128}, prod: {memory: 512}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  Both: !And [!Condition IsProd, !Not [!Equals [a, b]]]
Globals:
  Function: {Runtime: python3.12, Timeout: 7, Environment: {Variables: {STAGE: !Ref Stage}}}
Resources:
  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: states/shop.asl.json
      Name: !Sub "shop-${Stage}"
      DefinitionSubstitutions:
        charge: !GetAtt Charge.Arn
        queue: !Ref Orders
        patience: !Ref Patience
      Events:
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Inline:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionSubstitutions: {Word: !Join ["-", [a, !Select [1, !Ref Names], !FindInMap [Sizes, !Ref Stage, memory]]]}
      Definition:
        StartAt: A
        States:
          A:
            Type: Pass
            Result: {word: "${Word}", big: !If [Both, yes, !Ref AWS::NoValue], at: !Sub ["${x}/${AWS::Region}", {x: 1}]}
            Next: B
          B: {Type: Fail, Error: !ImportValue other, Cause: "{{resolve:ssm:/x}}"}
  Charge:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: app.handler
      MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "orders-${AWS::StackName}"}}
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml, Parameters: {Arn: !GetAtt Charge.Arn}}}
  Rule:
    Type: AWS::Events::Rule
    Condition: Both
    Properties: {EventPattern: {source: [x]}, Targets: [{Arn: !Ref Shop, Id: a}]}
""",
    "states/shop.asl.json": ASL,
    "inner.yaml": """Parameters: {Arn: {Type: String}}
Resources:
  Deep:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub |
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Arn}", "End": true}}}
Outputs: {Deep: {Value: !Ref Deep, Export: {Name: !Sub "${AWS::StackName}-deep"}}}
""",
    "samconfig.toml": '[default.deploy.parameters]\nregion = "eu-west-1"\nparameter_overrides = "Stage=prod"\n',
}

_JOINED: Final = [
    "",
    ['{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"', {"Fn::GetAtt": ["F1", "Arn"]}, '","End":true}}}'],
]
_LOCATION: Final = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/b/nest.json"]]}
_OUTPUT: Final = {"Value": {"Ref": "F1"}, "Export": {"Name": "Shop:F"}}
_FUNCTION: Final = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": "code.zip"}, "Handler": "a.b"}}
_MACHINE: Final = "AWS::StepFunctions::StateMachine"
_FROM_FILE: Final = {
    "DefinitionS3Location": {"Bucket": "b", "Key": "f.json"},
    "DefinitionSubstitutions": {"queue": "q"},
}

CDK: Final = {
    "cdk.out/manifest.json": json.dumps({"artifacts": {
        "Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}},
        "Shop": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Shop.template.json"},
                 "environment": "aws://111122223333/eu-west-1"},
    }}, indent=1),
    "cdk.out/Shop.assets.json": json.dumps({"files": {"f": {
        "source": {"path": "asset.f.json"}, "destinations": {"d": {"objectKey": "f.json"}},
    }}}, indent=1),
    "cdk.out/Shop.template.json": json.dumps({
        "Resources": {
            "F1": _FUNCTION,
            "C1": {"Type": _MACHINE, "Properties": {"DefinitionString": {"Fn::Join": _JOINED}}},
            "D1": {"Type": _MACHINE, "Properties": _FROM_FILE},
            "N1": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": _LOCATION}},
        },
        "Outputs": {"O": _OUTPUT},
    }, indent=1),
    "cdk.out/asset.f.json": ASL,
    "cdk.out/tree.json": json.dumps({"tree": {"path": "", "children": {"c": {
        "path": "Shop/Chain/Resource", "attributes": {"aws:cdk:cloudformation:logicalId": "C1"},
    }}}}, indent=1),
}  # fmt: skip

SERVERLESS: Final = {
    "serverless.yml": """service: shop
provider: {name: aws, runtime: nodejs20.x, stage: "${opt:stage, 'dev'}", environment: {LEVEL: info}}
custom:
  base: ${file(base.yml)}
  a: ${self:custom.b, 'x'}
  b: ${self:custom.base.patience}-${env:WORD, 'none'}
functions:
  charge: {handler: src/a.b, timeout: "${self:custom.base.patience}"}
stepFunctions:
  stateMachines:
    shop: {name: "shop-${self:provider.stage}", definition: "${file(shop.yml)}", events: [{schedule: rate(1 day)}]}
    inline:
      definition:
        StartAt: A
        States:
          A: {Type: Task, Resource: !GetAtt charge.Arn, Comment: "${self:custom.a} ${ssm:/x}", End: true}
resources:
  Resources: {Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: "${self:custom.b}"}}}
""",
    "base.yml": "patience: 30\nnested: {x: [1, 2]}\n",
    "shop.yml": "StartAt: A\nStates:\n  A: {Type: Task, Resource: {Ref: charge}, Next: B}\n  B: {Type: Succeed}\n",
}

TERRAFORM: Final = {
    "main.tf": """provider "aws" { region = var.region }
variable "region" { default = "eu-west-1" }
variable "patience" { type = number }
locals {
  name  = "shop-${upper(var.region)}"
  steps = { A = { Type = "Pass", Next = "B" }, B = { Type = "Succeed" } }
}
resource "aws_lambda_function" "charge" {
  function_name = "charge"
  environment { variables = { LEVEL = "debug" } }
}
resource "aws_sqs_queue" "orders" { name = "orders" }
resource "aws_sfn_state_machine" "shop" {
  name       = local.name
  definition = templatefile("${path.module}/shop.asl.json", {
    charge   = aws_lambda_function.charge.arn
    queue    = aws_sqs_queue.orders.id
    patience = var.patience
  })
}
resource "aws_sfn_state_machine" "written" {
  for_each   = toset(["a", "b"])
  name       = each.key
  definition = jsonencode({ StartAt = "A", States = merge(local.steps, { B = { Type = "Fail" } }) })
}
resource "aws_sfn_state_machine" "text" {
  count      = length([for s in ["x"] : s if s != "y"]) > 0 ? 1 : 0
  definition = <<-EOT
    {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": [%{ for i in [1, 2] ~}
      ${i}, %{ endfor ~} 0], "End": true}}}
  EOT
}
module "inner" {
  source = "./inner"
  arn    = aws_sfn_state_machine.shop.arn
}
""",
    "inner/main.tf": """variable "arn" {}
resource "aws_sfn_state_machine" "deep" {
  definition = replace(file("${path.module}/deep.json"), "ARN", var.arn)
}
output "arn" { value = aws_sfn_state_machine.deep.arn }
""",
    "inner/deep.json": '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "ARN", "End": true}}}',
    "shop.asl.json": ASL,
    "terraform.tfvars": "patience = 30\n",
}

STATE: Final = {
    "terraform.tfstate": json.dumps({"version": 4, "terraform_version": "1.9.0", "resources": [
        {"mode": "managed", "type": "aws_sfn_state_machine", "name": "m", "module": "module.a", "instances": [
            {"index_key": 0, "attributes": {"arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:m", "name": "m",
             "definition": '{"StartAt": "A",\n "States": {"A": {"Type": "Succeed"}}}'}},
        ]},
    ]}, indent=1),
}  # fmt: skip

PULUMI: Final = {
    "stack.json": json.dumps({"version": 3, "deployment": {"resources": [
        {"urn": "urn:pulumi:d::p::aws:sfn/stateMachine:StateMachine::m", "type": "aws:sfn/stateMachine:StateMachine",
         "outputs": {"arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:m", "roleArn": "r",
                     "definition": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'}},
    ]}}, indent=1),
}  # fmt: skip

PROJECTS: Final[dict[str, dict[str, str]]] = {
    "sam": SAM, "cdk": CDK, "serverless": SERVERLESS, "terraform": TERRAFORM, "state": STATE, "pulumi": PULUMI,
}  # fmt: skip
"""The files of each project by path."""

_WORD: Final = re.compile(r"[A-Za-z_][\w.:-]*")
_PIECES: Final = (
    "${", "}", "{", "[", "]", '"', "'", ":", "- ", "&a ", "*a", "<<: *a", "!Ref ", "!Sub ", "!GetAtt ", "Fn::If", "\n",
    "\t", "%{ for x in ", "%{ endif }", "$${", "<<EOF\n", "EOF\n", "...", "\x00", "\ufeff", "\U0001f600", "é", "1e999",
    "null", "0" * 400, "|", ">", "#", "\\", "\\u12", "=", "?", "/*", "*/", "..", "[*]", "${self:custom}",
    "${file(serverless.yml)}", "${file(./base.yml):nested.x}", '{"Ref": "Shop"}', '{"Fn::Sub": "${Shop}"}',
    "aws_sfn_state_machine.shop", "local.name",
)  # fmt: skip


def write_project(folder: Path, files: dict[str, str]) -> Path:
    """Write a project into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(errors="surrogatepass"))
    return folder


def changed_project(rng: random.Random) -> dict[str, str]:
    """One of the projects, with a few changes to one of its files."""
    files = dict(PROJECTS[rng.choice(list(PROJECTS))])
    name = rng.choice(list(files))
    for _ in range(rng.randint(1, 4)):
        files[name] = changed(files[name], rng)
    return files


def changed(text: str, rng: random.Random) -> str:
    """A text with one change."""
    at, size = rng.randrange(len(text) + 1), rng.choice((1, 1, 2, 5, 20, 200))
    kind = rng.randrange(6)
    if kind == 0:
        return text[:at] + text[at + size :]
    if kind == 1:
        return text[:at] + text[at : at + size] + text[at:]
    if kind == 2:
        return text[:at] + rng.choice(_PIECES) + text[at:]
    if kind == 3:
        return text[:at]
    words: list[Any] = list(_WORD.finditer(text))
    if len(words) < 2:
        return text + rng.choice(_PIECES)
    one, other = rng.sample(words, 2)
    put = other[0] if kind == 4 else rng.choice(_PIECES)
    return text[: one.start()] + str(put) + text[one.end() :]
