"""Terraform's own files: definitions followed to where they are edited, values as far as the files say them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug.limits import ExecutionType
from sfdebug.projects.loading import load_project
from sfdebug.projects.model import AssumedBasis, CodeKind, ProjectError, ProjectFormat
from sfdebug.projects.project import Project
from tests.unit.projects.folders import PASS, line_of, write

MAIN = """
provider "aws" { region = var.region }
variable "region" { default = "eu-west-1" }
variable "stage" {
  type        = string
  default     = "dev"
  description = "where it runs"
}
variable "patience" { type = number }
data "aws_caller_identity" "me" {}
locals {
  tags  = { team = "shop" }
  title = upper("shop-${var.stage}")  # a comment
}
data "archive_file" "charge" {
  type        = "zip"
  source_dir  = "${path.module}/src/charge"
  output_path = "${path.module}/build/charge.zip"
}
resource "aws_lambda_function" "charge" {
  function_name = "charge-${var.stage}"
  filename      = data.archive_file.charge.output_path
  handler       = "app.handler"
  runtime       = "python3.12"
  timeout       = 9
  environment {
    variables = { LEVEL = "debug", QUEUE = aws_sqs_queue.orders.url }
  }
}
resource "aws_sqs_queue" "orders" { name = "orders" }
resource "aws_sfn_state_machine" "shop" {
  name     = lower(local.title)
  type     = "EXPRESS"
  role_arn = aws_iam_role.states.arn
  tags     = merge(local.tags, { stage = var.stage })
  definition = templatefile("${path.module}/states/shop.asl.json", {
    charge   = aws_lambda_function.charge.arn
    queue    = aws_sqs_queue.orders.id
    patience = var.patience
    others   = ["a", "b"]
  })
  logging_configuration {
    level = "ALL"
  }
}
resource "aws_iam_role" "states" { name_prefix = "states-" }
resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "nightly"
  schedule_expression = "rate(1 day)"
}
resource "aws_cloudwatch_event_target" "start" {
  rule = aws_cloudwatch_event_rule.nightly.name
  arn  = aws_sfn_state_machine.shop.arn
}
"""

SHOP = """
{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "${charge}",
      "TimeoutSeconds": ${patience},
      "Next": "Tell"
    },
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": {
        "QueueUrl": "${queue}",
        "Others": [%{ for i, each in others }%{ if i > 0 }, %{ endif }"${each}"%{ endfor }],
        "Kept": "$${literal}"
      },
      "End": true
    }
  }
}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, main_dot_tf=MAIN, states__shop_dot_asl_dot_json=SHOP, src__charge__app_dot_py="")
    return write(tmp_path, terraform_dot_tfvars="patience = 30\n")


def load(folder: Path, **parameters: str) -> Project:
    return load_project(folder, parameters=parameters, environment={})


def machine_in(folder: Path, text: str) -> None:
    """A folder with one machine whose definition is an expression."""
    write(folder, main_dot_tf=f'resource "aws_sfn_state_machine" "m" {{\n  name = "m"\n  definition = {text}\n}}\n')


def test_a_template_is_filled_in_and_its_places_are_in_its_own_file(shop: Path) -> None:
    project = load(shop)
    (machine,) = project.machines
    assert (project.format, project.region, machine.name, machine.physical_name, machine.type) == (
        ProjectFormat.TERRAFORM, "eu-west-1", "shop", "shop-dev", ExecutionType.EXPRESS,
    )  # fmt: skip
    assert (machine.logging, dict(machine.tags)) == ("ALL", {"team": "shop", "stage": "dev"})
    assert machine.role == "arn:aws:iam::123456789012:role/states-"
    assert [(each.kind, each.name, each.detail) for each in machine.triggers] == [
        ("EventBridgeRule", "nightly", "rate(1 day)")
    ]
    definition = machine.checked()
    charge, tell = definition.state(("Charge",)), definition.state(("Tell",))
    (function,) = project.functions
    assert (charge.resource, charge.fields["TimeoutSeconds"]) == (function.arn, 30)
    assert tell.fields["Parameters"] == {
        "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "Others": ["a", "b"],
        "Kept": "${literal}",
    }  # fmt: skip
    path = shop / "states" / "shop.asl.json"
    assert machine.file == str(path)
    for pointer, part in (
        (("States", "Charge", "TimeoutSeconds"), "${patience}"),
        (("States", "Tell", "End"), '"End"'),
    ):
        assert definition.document.key_span(pointer).line == line_of(path, part)
    assert (function.folder, function.code, function.timeout) == (str(shop / "src" / "charge"), CodeKind.FOLDER, 9)
    assert function.environment["QUEUE"].endswith("/orders")
    assert function.line == line_of(shop / "main.tf", 'resource "aws_lambda_function"')
    target = project.target(tell.resource, tell.fields["Parameters"])
    assert target is not None
    assert target.name == "orders"
    assert [each.name for each in project.assumed] == ["account"]
    assert [(each.name, each.value, each.origin) for each in project.parameters] == [
        ("region", "eu-west-1", "default"), ("stage", "dev", "default"),
        ("patience", "30", str(shop / "terraform.tfvars")),
    ]  # fmt: skip


@pytest.mark.parametrize("filename", ['"${path.module}/build/charge.zip"', '"build/charge.zip"', "local.archive"])
def test_an_archive_that_is_named_by_its_path_is_made_of_its_sources(shop: Path, filename: str) -> None:
    path = shop / "main.tf"
    text = path.read_text().replace("data.archive_file.charge.output_path", filename)
    path.write_text(text.replace("locals {", 'locals {\n  archive = "./build/charge.zip"', 1))
    (function,) = load(shop).functions
    assert (function.folder, function.code) == (str(shop / "src" / "charge"), CodeKind.FOLDER)
    path.write_text(path.read_text().replace("output_path = ", "output_path = 1 #"))
    (function,) = load(shop).functions
    assert (function.folder, function.code) == (None, CodeKind.ARCHIVE)


def test_values_are_given_and_what_nobody_knows_reads_as_it_is_written(shop: Path) -> None:
    (shop / "terraform.tfvars").unlink()
    assert len(load(shop).machine().checked().unresolved) == 1
    given = load(shop, patience="7", stage="prod", region="us-east-2", stag="x")
    assert given.machine().checked().state(("Charge",)).fields["TimeoutSeconds"] == 7
    assert (given.region, given.machine().physical_name) == ("us-east-2", "shop-prod")
    assert [(each.what, each.fix) for each in given.problems] == [
        ("there is no variable 'stag'", "did you mean 'stage'?")
    ]
    assert load_project(shop, environment={"TF_VAR_patience": "8"}).machine().states == 2
    path = shop / "main.tf"
    path.write_text(path.read_text().replace('name = "orders"', 'name = "orders-${random_id.x.hex}"'))
    (machine,) = load(shop, patience="7").machines
    assert [(each.name, each.basis, each.option) for each in machine.assumed] == [
        ("account", AssumedBasis.ACCOUNT, "--account"),
        ("random_id.x.hex", AssumedBasis.UNKNOWN, "--substitute random_id.x.hex=…"),
    ]
    substituted = load_project(shop, parameters={"patience": "7"}, substitutions={"random_id.x.hex": "ab"})
    assert str(substituted.machine().checked().state(("Tell",)).fields["Parameters"]).count("orders-ab") == 1


def test_a_state_beside_the_files_gives_them_its_values(shop: Path) -> None:
    arn = "arn:aws:lambda:eu-west-3:111122223333:function:charge-from-state"
    resource = {
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": "charge",
        "instances": [{"attributes": {"arn": arn}}],
    }
    (shop / "terraform.tfstate").write_text(json.dumps({"version": 4, "resources": [resource]}))
    project = load(shop)
    assert project.machine().checked().state(("Charge",)).resource == arn
    assert (project.region, project.account, project.assumed) == ("eu-west-3", "111122223333", ())
    assert project.machine().file == str(shop / "states" / "shop.asl.json")


OBJECT = """
jsonencode({
    StartAt = "Go"
    States = merge(local.more, {
      "Go" = { Type = "Task", Resource = aws_sns_topic.bell.arn, Next = local.next }
      Last = {
        Type = "Fail"
        Error = "no ${upper("way")}"
      }
    })
  })
}
locals {
  next = "Other"
  more = {
    Other = { Type = "Pass", Result = [1, true, "x"], Next = "Last" }
    Last  = { Type = "Succeed" }
  }
}
resource "aws_sns_topic" "bell" {
  name = "bell"
""".strip()


def test_an_object_is_written_out_with_the_places_of_what_is_in_it(tmp_path: Path) -> None:
    machine_in(tmp_path, OBJECT)
    machine = load(tmp_path).machine()
    definition = machine.checked()
    path = tmp_path / "main.tf"
    assert definition.state(("Last",)).fields["Error"] == "no WAY"
    assert definition.state(("Other",)).fields["Result"] == [1, True, "x"]
    for pointer, part in (
        (("States", "Go", "Next"), "Next = local.next"),
        (("States", "Last", "Error"), "Error ="),
        (("States", "Other", "Result"), "Result = [1"),
    ):
        span = definition.document.key_span(pointer)
        assert span.line == line_of(path, part)
        assert span.column == path.read_text().splitlines()[span.line - 1].index(part) + 1
    path.write_text(path.read_text().replace('next = "Other"', 'next = "Gone"'))
    problem = next(each for each in load(tmp_path).machine().problems if "Gone" in each.what)
    assert (problem.file, problem.line) == (str(path), line_of(path, "Next = local.next"))


HEREDOC = """
<<-EOT
    {
      "StartAt": "A",
      "States": {
        "A": {"Type": "Pass", "Result": "${join("-", [for s in ["x", "y"] : upper(s) if s != "z"])}", "End": true}
      }
    }
  EOT
""".strip()

OLD = """
data.template_file.d.rendered
}
data "template_file" "d" {
  template = file("d.json")
  vars     = { word = "hi" }
""".strip()


@pytest.mark.parametrize(
    ("text", "file", "part"),
    [
        (HEREDOC, "main.tf", '"End"'),
        (OLD, "d.json", '"End"'),
        ('file("p.json")', "p.json", '"End"'),
        ('replace(file("p.json"), "/P(as.)/", "P$1")', "p.json", '"End"'),
        ('jsonencode(yamldecode(file("y.yaml")))', "y.yaml", "End:"),
        ('trimspace(try(local.gone, "${file("./p.json")}"))', "p.json", '"End"'),
        ('local.all["b"][0]\n}\nlocals {\n  all = { b = [file("p.json")] }', "p.json", '"End"'),
        ('true ? file("p.json") : ""', "p.json", '"End"'),
        ('var.text\n}\nvariable "text" {\n  default = <<E\n' + PASS + "\nE\n", "main.tf", '"End"'),
    ],
    ids=["heredoc", "template_file", "file", "replace", "yaml", "try", "local", "choice", "variable"],
)
def test_a_definition_is_followed_to_where_it_is_edited(tmp_path: Path, text: str, file: str, part: str) -> None:
    spread = PASS.replace('"End"', '\n"End"')
    write(tmp_path, p_dot_json=f"\n{spread}\n", d_dot_json=spread.replace('"End"', '"Comment": "${word}",\n"End"'))
    write(tmp_path, y_dot_yaml="StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n")
    machine_in(tmp_path, text)
    machine = load(tmp_path).machine()
    path = tmp_path / file
    assert machine.states == 1
    assert machine.place_of(("States", "A", "End")).startswith(f"{path}:{line_of(path, part)}:")


def test_modules_are_gone_into_and_those_of_the_registry_are_known(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_dot_tf="""
        module "flows" {
          source   = "./flows"
          for_each = { fast = "EXPRESS", slow = "STANDARD" }
          kind     = each.value
          text     = file("${path.module}/flow.json")
          function = module.charge.lambda_function_arn
        }
        module "charge" {
          source        = "terraform-aws-modules/lambda/aws"
          function_name = "charge"
          handler       = "app.handler"
          source_path   = "./src"
          environment_variables = { LEVEL = "debug" }
        }
        module "top" {
          source     = "terraform-aws-modules/step-functions/aws"
          name       = "top"
          definition = jsonencode({ StartAt = "A", States = { A = {
            Type = "Task", Resource = "arn:aws:states:::states:startExecution", End = true,
            Parameters = { StateMachineArn = module.flows["slow"].arns[1] }
          } } })
        }
        """,
        flows__main_dot_tf="""
        variable "kind" {}
        variable "text" {}
        variable "function" {}
        resource "aws_sfn_state_machine" "flow" {
          count      = 2
          name       = "${var.kind}-${count.index}"
          type       = var.kind
          definition = replace(var.text, "HERE", var.function)
        }
        output "arns" { value = aws_sfn_state_machine.flow[*].arn }
        """,
        flow_dot_json='{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "HERE", "End": true}}}',
        src__app_dot_py="",
    )
    project = load(tmp_path)
    assert [machine.name for machine in project.machines] == [
        'flows["fast"]/flow[0]', 'flows["fast"]/flow[1]', 'flows["slow"]/flow[0]', 'flows["slow"]/flow[1]', "top",
    ]  # fmt: skip
    flow = project.machine('flows["fast"]/flow[1]')
    assert (flow.physical_name, flow.type, flow.file) == (
        "EXPRESS-1", ExecutionType.EXPRESS, str(tmp_path / "flow.json"),
    )  # fmt: skip
    target = project.target(flow.checked().state(("A",)).resource)
    assert target is not None
    assert target.function is not None
    assert (target.name, target.function.folder, dict(target.function.environment)) == (
        "charge", str(tmp_path / "src"), {"LEVEL": "debug"},
    )  # fmt: skip
    started = project.machine("top").checked().state(("A",))
    nested = project.target(started.resource, started.fields["Parameters"])
    assert nested is not None
    assert nested.machine is project.machine('flows["slow"]/flow[1]')


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ('file("gone.json")', "gone.json: there is no such file", 3),
        ("var.definition", "the definition is 'var.definition'", 3),
        ('templatefile("t.json", {})', "nothing gives this template 'word'", 1),
        ("local.a\n}\nlocals {\n  a = local.b\n  b = local.a", "a cycle of references: local.a → local.b → local.a", 7),
        ("aws_ssm_parameter.p.value", "the definition is 'aws_ssm_parameter.p.value'", 3),
        ("aws_ssm_parameter.p.value + var.more # it", "the definition is 'aws_ssm_parameter.p.value + var.more'", 3),
        ("jsonencode({ StartAt = })", "a value is needed here", 3),
        ('"{', "this text is never closed", 3),
        ("<<EOF\n{", "this text has no line EOF", 3),
        ('"%{ if true }x"', "this %{ has no end", 3),
        ("(1", ") is missing", 4),
    ],
)
def test_what_is_wrong_is_said_at_its_place(tmp_path: Path, text: str, what: str, line: int) -> None:
    machine_in(tmp_path, text)
    write(tmp_path, t_dot_json='{"StartAt": "${word}"}')
    try:
        project = load(tmp_path)
        said = [*project.problems, *project.machine().problems]
    except ProjectError as error:
        said = list(error.problems)
    problem = next(each for each in said if what in each.what)
    assert problem.line == line
    assert problem.fix


def test_what_may_be_made_is_made_and_modules_may_name_one_another(tmp_path: Path) -> None:
    machine_in(
        tmp_path, 'file("p.json")\n  count = local.enabled && true ? 1 : 0\n}\nlocals {\n  enabled = module.x.enabled'
    )
    write(
        tmp_path,
        p_dot_json=PASS,
        more_dot_tf="""
        module "one" {
          source  = "terraform-aws-modules/lambda/aws"
          environment_variables = { ARN = module.two.state_machine_arn }
        }
        module "two" {
          source     = "terraform-aws-modules/step-functions/aws//modules/x"
          definition = file("p.json")
          tags       = { arn = module.one.lambda_function_arn_static, url = module.one.lambda_function_url }
        }
        """,
    )
    project = load(tmp_path)
    assert [(machine.name, machine.states) for machine in project.machines] == [("m[0]", 1), ("two", 1)]
    assert project.functions[0].environment["ARN"] == project.machine("two").arn
    assert project.machine("two").tags == {"arn": project.functions[0].arn, "url": "${module.one.lambda_function_url}"}


def test_a_module_that_was_installed_is_gone_into(tmp_path: Path) -> None:
    known = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m/sub"}]}
    write(
        tmp_path,
        main_dot_tf='module "m" {\n  source = "git::https://example.com/m.git"\n  text = file("p.json")\n}\n',
        p_dot_json=PASS,
        _dot_terraform__modules__modules_dot_json=json.dumps(known),
        _dot_terraform__modules__m__sub__main_dot_tf="""
            variable "text" {}
            resource "aws_sfn_state_machine" "x" { definition = var.text }
            """,
    )
    project = load(tmp_path)
    assert [(machine.name, machine.file) for machine in project.machines] == [("m/x", str(tmp_path / "p.json"))]
    assert str(tmp_path / ".terraform" / "modules" / "modules.json") in [each.path for each in project.files]


def test_a_folder_without_machines_says_so(tmp_path: Path) -> None:
    write(tmp_path, main_dot_tf='resource "aws_sqs_queue" "q" {}\n')
    with pytest.raises(ProjectError) as caught:
        load(tmp_path)
    assert caught.value.what == "there is no aws_sfn_state_machine in the .tf files of this folder"
