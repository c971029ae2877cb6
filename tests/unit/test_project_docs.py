"""The documents say what is so: commands, files, exit codes and samples that they name exist."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from sfdebug import __version__
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.main import COMMANDS
from sfdebug.cli.samples import all_samples
from sfdebug.engine.execution import decisions

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/ARCHITECTURE.md",
    "docs/RECORDED_CASES.md",
    "docs/lessons.md",
    "docs/endpoint.md",
    "docs/services.md",
    "docs/ci.md",
    "docs/json.md",
    "docs/testing.md",
)


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
    project = tomllib.loads(text(root, "pyproject.toml"))["project"]
    names = [re.split("[<>=]", requirement)[0] for requirement in project["dependencies"]]
    assert re.findall(r"^\| ([\w-]+) \| ", readme.partition("## What it is built on")[2], re.MULTILINE)[1:] == names


def test_architecture_names_every_room(root: Path) -> None:
    architecture = text(root, "docs/ARCHITECTURE.md")
    rooms = {path.name for path in (root / "sfdebug").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert len(rooms) > 7
    assert {room for room in rooms if f"`{room}/`" not in architecture} == set()


def test_rooms_and_their_folders_stand_in_the_order_of_the_import_contracts(root: Path) -> None:
    contracts = tomllib.loads(text(root, "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = {
        contract["containers"][0]: {
            name: level for level, names in enumerate(contract["layers"]) for name in names.split(" | ")
        }
        for contract in contracts
        if contract["type"] == "layers"
    }
    table = text(root, "docs/ARCHITECTURE.md").partition("## The rooms")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)(?:/|\.py)` \| (.+) \|$", table, flags=re.MULTILINE)
    assert {room for room, _ in rows} == set(layers["sfdebug"]), "a row for each room"
    levels = [layers["sfdebug"][room] for room, _ in rows]
    assert levels == sorted(levels)
    for room, meaning in rows:
        inner = [layers[f"sfdebug.{room}"][folder] for folder in re.findall(r"`(\w+)/`", meaning)]
        assert inner == sorted(inner), room


def test_architecture_names_every_decision(root: Path) -> None:
    listed = (
        text(root, "docs/ARCHITECTURE.md").partition("Everything from outside is a decision: ")[2].partition(". ")[0]
    )
    assert re.findall(r"`(\w+)`", listed) == re.findall(r"\w+", str(decisions.Decision))


def test_make_help_lists_what_the_readme_needs(root: Path) -> None:
    done = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench", "snap"):
        assert f"make {target} " in done.stdout


def test_the_changelog_is_kept(root: Path) -> None:
    """In the form of Keep a Changelog: unreleased changes first, then each version with its day, the newest first."""
    lines = text(root, "CHANGELOG.md").splitlines()
    heads = [line for line in lines if line.startswith("## ")]
    assert heads[0] == "## [Unreleased]"
    released = [re.fullmatch(r"## \[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d", line) for line in heads[1:]]
    versions = [tuple(map(int, match.groups())) for match in released if match]
    assert len(versions) == len(heads) - 1
    assert versions == sorted(set(versions), reverse=True)
    kinds = {line for line in lines if line.startswith("### ")}
    assert kinds <= {f"### {kind}" for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")}
    present = tuple(map(int, re.findall(r"\d+", __version__)[:3]))
    assert not versions or versions[0] <= present, "the version in sfdebug/__init__.py is older than the changelog's"


def test_the_changelog_says_nothing_twice(root: Path) -> None:
    """What stands in two branches comes twice out of a merge: the same words, or another beginning of the same line."""
    lines = [line.strip() for line in text(root, "CHANGELOG.md").splitlines() if line.strip()]
    begun = [line[:40] for line in lines]
    assert [one for one in sorted(set(begun)) if begun.count(one) > 1] == []
    assert [line for line in lines if len(line) > 130] == []


def test_every_workflow_form_and_hook_is_yaml_and_runs_what_there_is(root: Path) -> None:
    found = [*(root / ".github").rglob("*.yml"), root / ".pre-commit-config.yaml"]
    assert len(found) == 6
    for path in found:
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict), path
    assert "run: .ci/run" in text(root, ".github/workflows/ci.yml")
    assert (root / ".ci" / "run").is_file()


def defined_in(path: Path) -> set[str]:
    """The names that a module defines."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_every_module_and_folder_that_the_map_names_is_there(root: Path) -> None:
    package = root / "sfdebug"
    known = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    known |= {
        path.relative_to(root).as_posix() for folder in ("bench", "tests") for path in (root / folder).rglob("*.py")
    }
    for named in re.findall(r"`([\w/]+\.py)`", text(root, "docs/ARCHITECTURE.md")):
        inside = named if "/" in named else f"/{named}"
        assert named in known or named == "sfdebug/__init__.py" or any(path.endswith(inside) for path in known), named
    for row in re.findall(r"^\| `(\w+/)` \| (.+) \|$", text(root, "docs/ARCHITECTURE.md"), flags=re.MULTILINE):
        for inner in re.findall(r"`(\w+/)`", row[1]):
            assert (package / row[0] / inner).is_dir(), row[0] + inner


def test_each_word_is_where_the_list_says(root: Path) -> None:
    table = text(root, "docs/ARCHITECTURE.md").partition("## Words")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `(\w+)` in `([\w/.]+)` \|$", table, flags=re.MULTILINE)
    assert len(rows) == table.count("\n|") - 2, "a row for each word, with a name and a file"
    assert len({word for word, *_ in rows}) == len(rows)
    for word, meaning, name, file in rows:
        assert name in defined_in(root / "sfdebug" / file), word
        for named in re.findall(r"`(\w+)`", meaning):
            assert re.search(rf"\b{named}\b", (root / "sfdebug" / file).read_text(encoding="utf-8")), word


def test_the_verb_that_is_shown_stands_so_in_the_tree(root: Path) -> None:
    """CONTRIBUTING shows a verb as a diff: what it adds is there, line for line."""
    diff = text(root, "CONTRIBUTING.md").partition("### A verb")[2].partition("```diff")[2].partition("```")[0]
    hunks = re.split(r"^\+\+\+ b/(\S+)$", diff, flags=re.MULTILINE)[1:]
    files = hunks[::2]
    assert [file.split("/")[0] for file in files] == ["sfdebug", "sfdebug", "sfdebug", "sfdebug", "tests"]
    for file, hunk in zip(files, hunks[1::2], strict=True):
        lines = (root / file).read_text(encoding="utf-8").splitlines()
        for line in re.findall(r"^[+ ](.+)$", hunk, flags=re.MULTILINE):
            assert line in lines, f"{file}: {line}"


def test_commands_choose_their_reports_where_the_recipe_says(root: Path) -> None:
    recipe = text(root, "CONTRIBUTING.md").partition("### A report")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+) \| (.+) \|$", recipe, flags=re.MULTILINE)
    assert len(rows) == 4
    for commands, where in rows:
        for command in re.findall(r"`([\w-]+)`", commands):
            assert command in COMMANDS
            module = root / "sfdebug" / "cli" / "commands" / f"{command.replace('-', '_')}.py"
            assert set(re.findall(r"`(\w+)`", where)) <= defined_in(module), command
