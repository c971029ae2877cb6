"""The documents say what is so: commands, files, exit codes and samples that they name exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.main import COMMANDS
from sfdebug.cli.samples import all_samples

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md")


def text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(root: Path, name: str) -> None:
    folder = (root / name).parent
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(root, name)):
        if not target.startswith(("http:", "https:")):
            assert (folder / target).exists(), f"{name} links to {target}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(root: Path, name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text(root, "Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", text(root, name)))
    named |= set(re.findall(r"^make ([a-z]+)", text(root, name), flags=re.MULTILINE))
    assert named <= targets


def test_readme_names_every_command_sample_and_exit_code(root: Path) -> None:
    readme = text(root, "README.md")
    for command in COMMANDS:
        assert f"sfdebug {command}" in readme
    for sample in all_samples():
        assert f"](samples/{sample.name}/)" in readme or f"](samples/{sample.name})" in readme
    rows = set(re.findall(r"^\| `?(\d+)`? \|", readme, flags=re.MULTILINE))
    assert rows == {str(int(code)) for code in ExitCode}


def test_readme_names_every_dependency(root: Path) -> None:
    readme = text(root, "README.md")
    for name in ("textual", "rich", "networkx", "jsonpath-ng", "boto3", "PyYAML", "regex"):
        assert f"| {name} |" in readme


def test_architecture_names_every_room(root: Path) -> None:
    architecture = text(root, "docs/ARCHITECTURE.md")
    rooms = {path.name for path in (root / "sfdebug").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert len(rooms) > 7
    assert {room for room in rooms if f"`{room}/`" not in architecture} == set()


def test_make_help_lists_what_the_readme_needs(root: Path) -> None:
    done = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench", "snap"):
        assert f"make {target} " in done.stdout
