"""The wheel: everything that an installed sfdebug needs is in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the checkout, without a network."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source / name)
    for name in ("sfdebug", "samples"):
        shutil.copytree(root / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_contents(wheel: Path, root: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "sfdebug/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]
    files = {path.relative_to(root) for path in (root / "sfdebug").rglob("*") if path.is_file()}
    own = {str(path) for path in files if "__pycache__" not in path.parts}
    assert own <= names
    assert {path.suffix for path in files} >= {".py", ".tcss", ".mjs", ".js", ".css", ".html"}
    samples = {f"sfdebug/{path.relative_to(root)}" for path in (root / "samples").rglob("*") if path.is_file()}
    assert samples <= names
    assert len(samples) > 20


def test_the_installed_program_finds_its_samples(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-m", "sfdebug", "demo", "--list"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    assert done.stdout.startswith("order ")
    assert str(tmp_path / "site" / "sfdebug" / "samples") in done.stdout


def test_console_script(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["scripts"]["sfdebug"].partition(":")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


def test_every_dependency_has_a_reason_and_a_pin(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    constraints = (root / "constraints.txt").read_text(encoding="utf-8").casefold()
    block = text[text.index("dependencies = [") : text.index("]", text.index("dependencies = ["))]
    lines = [line.strip() for line in block.splitlines()[1:] if line.strip()]
    assert len(lines) == 10
    for line in lines:
        requirement, _, reason = line.partition("#")
        assert reason.strip(), f"say what it is for: {line}"
        name = requirement.strip().strip('",').split(">=")[0].casefold()
        assert f"\n{name}==" in constraints, f"{name} is not in constraints.txt"
