"""The scripts that count how many machines of other people's projects open, and how many handlers run."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import handlers
from bench.projects import main, terraform_folders
from tests.unit.projects.folders import PASS, write


def test_machines_are_counted_by_format_and_modules_by_what_calls_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = "AWS::Serverless::StateMachine"
    write(
        tmp_path,
        sam__template_dot_yaml=f"""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Good: {{Type: {machine}, Properties: {{DefinitionUri: a.json}}}}
          Lost: {{Type: {machine}, Properties: {{DefinitionUri: gone.json}}}}
        """,
        sam__a_dot_json=PASS,
        broken__template_dot_yaml=f"Resources:\n  A: {{Type: {machine}\n",
        policy__template_dot_yaml=f"Resources:\n  A: {{Type: Other, Properties: {{On: {machine}}}}}\n",
        tf__main_dot_tf='module "m" {\n  source = "./inner"\n}\n',
        tf__inner__main_dot_tf=f'resource "aws_sfn_state_machine" "x" {{\n  definition = <<E\n{PASS}\nE\n}}\n',
    )
    assert terraform_folders(tmp_path) == [tmp_path.resolve() / "tf"]
    assert main([str(tmp_path), "--reasons"]) == 0
    printed = capsys.readouterr().out
    assert "| SAM template | 2 | 3 | 1 | 2 | 0 |" in printed
    assert "| Terraform | 1 | 1 | 1 | 0 | 0 |" in printed
    assert "| all | 3 | 4 | 2 | 2 | 0 |" in printed
    assert "the definition's file 'gone.json': there is no such file" in printed


def test_handlers_are_called_and_counted_by_what_came_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    function = "AWS::Serverless::Function"
    resources = {
        "Answers": "CodeUri: src, Handler: app.answers, Runtime: python3.11",
        "Again": "CodeUri: src, Handler: app.answers, Runtime: python3.11",
        "Refuses": "CodeUri: src, Handler: app.refuses, Runtime: python3.11",
        "Lacks": "CodeUri: src, Handler: lacks.handler, Runtime: python3.11",
        "Absent": "CodeUri: src, Handler: app.absent, Runtime: python3.11",
        "Other": "CodeUri: src, Handler: x, Runtime: java25",
    }
    lines = [f"          {name}: {{Type: {function}, Properties: {{{text}}}}}" for name, text in resources.items()]
    machine = "          M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.json}}"
    template = "\n".join(["", "        Transform: AWS::Serverless-2016-10-31", "        Resources:", *lines, machine])
    write(
        tmp_path,
        template_dot_yaml=template + "\n",
        a_dot_json=PASS,
        src__app_dot_py="""
        def answers(event, context): return event
        def refuses(event, context): return event["id"]
        """,
        src__lacks_dot_py="import nowhere_at_all\n",
    )
    assert handlers.main([str(tmp_path), "--each"]) == 0
    printed = capsys.readouterr().out
    rows = dict(line.strip("| ").split(" | ", 1) for line in printed.splitlines() if line.startswith("| "))
    assert rows["answered"] == "1 | 0 | 1"
    assert rows["an error of its own"] == rows["a package is missing"] == rows["no such handler"] == "1 | 0 | 1"
    assert rows["not run here, with why"] == "0 | 1 | 1"
    assert rows["else: a bug"] == "0 | 0 | 0"
    assert "nowhere_at_all is not installed for it" in printed
