"""The script that counts how many state machines of other people's projects open."""

from __future__ import annotations

from pathlib import Path

import pytest

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
