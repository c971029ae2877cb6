"""Finding definitions and recordings below a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug.cli import project_files
from sfdebug.cli.project_files import files_below

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
NESTED = json.dumps({"Resources": {"StartAt": "A", "States": {}}})
HISTORY = json.dumps({"events": [{"id": 1, "type": "ExecutionStarted", "timestamp": 0}]})


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def found(folder: Path) -> list[tuple[str, bool]]:
    return [(file.path.relative_to(folder).as_posix(), file.is_recording) for file in files_below(folder)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("order.asl.json", DEFINITION, [("order.asl.json", False)]),
        ("order.json", DEFINITION, [("order.json", False)]),
        ("order.sfn.json", DEFINITION, [("order.sfn.json", False)]),
        ("order.yaml", "StartAt: A\nStates:\n  A: {Type: Succeed}\n", [("order.yaml", False)]),
        ("order.asl.json", '{"StartAt": "A", "States": {', [("order.asl.json", False)]),
        ("template.json", NESTED, []),
        ("template.yaml", "Resources:\n  StartAt: A\n  States: {}\n", []),
        ("broken.json", '{"StartAt": "A", "States": {', []),
        ("history.json", HISTORY, [("history.json", True)]),
        ("package.json", "{}", []),
        ("order.txt", DEFINITION, []),
        ("node_modules/x/order.asl.json", DEFINITION, []),
        (".venv/order.asl.json", DEFINITION, []),
        (".git/order.asl.json", DEFINITION, []),
        ("a/b/order.asl.json", DEFINITION, [("a/b/order.asl.json", False)]),
    ],
)
def test_what_is_found(tmp_path: Path, name: str, text: str, expected: list[tuple[str, bool]]) -> None:
    write(tmp_path, name, text)
    assert found(tmp_path) == expected


def test_the_nearest_come_first(tmp_path: Path) -> None:
    for name in ("a/deep/one.asl.json", "z.asl.json", "a/two.asl.json"):
        write(tmp_path, name, DEFINITION)
    assert [name for name, _ in found(tmp_path)] == ["z.asl.json", "a/two.asl.json", "a/deep/one.asl.json"]


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        write(tmp_path, f"{number:02}.asl.json", DEFINITION)
    monkeypatch.setattr(project_files, "MOST_FOUND", 5)
    assert len(found(tmp_path)) == 5
    monkeypatch.setattr(project_files, "MOST_ENTRIES", 3)
    assert len(found(tmp_path)) == 3


def test_it_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, f"{number}.asl.json", DEFINITION)
    answers = iter([False, False, True])
    assert len(list(files_below(tmp_path, lambda: next(answers)))) == 2


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "a/order.asl.json", DEFINITION)
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    assert [name for name, _ in found(tmp_path)] == ["a/order.asl.json"]


SAM = "Transform: AWS::Serverless-2016-10-31\nResources:\n  M: {Type: AWS::Serverless::StateMachine}\n"
SLS = "service: a\nstepFunctions:\n  stateMachines: {}\n"
CDK = json.dumps({"version": "48.0.0", "artifacts": {}})
TERRAFORM = 'resource "aws_sfn_state_machine" "m" {\n}\n'


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("template.yaml", SAM, ["template.yaml"]),
        ("a/stack.yml", SAM.replace("Serverless::", "StepFunctions::"), ["a/stack.yml"]),
        ("template.yaml", SAM.replace("StateMachine", "Function"), []),
        ("serverless.yml", SLS, ["serverless.yml"]),
        ("infra/main.tf", TERRAFORM, ["infra/main.tf"]),
        ("infra/main.tf", 'resource "aws_sqs_queue" "q" {\n}\n', []),
        ("cdk.out/manifest.json", CDK, ["cdk.out"]),
        ("cdk.out/Shop.template.json", CDK, []),
    ],
)
def test_projects_are_found(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    write(tmp_path, name, text)
    files = list(files_below(tmp_path))
    assert [file.path.relative_to(tmp_path).as_posix() for file in files] == expected
    assert all(file.is_project and not file.is_recording for file in files)
