"""The script of docs/scale.md on a cluster of this machine: the same function, sent to workers, with its errors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sfdebug
from tests.asl_machines import pricing
from tests.history_runs import recorded

MACHINE = pricing()
CHANGED = pricing(2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "price.asl.json").write_text(json.dumps(MACHINE))
    (tmp_path / "recorded").mkdir()
    for number in range(12):
        events = recorded(CHANGED if number % 4 == 1 else MACHINE, {"n": number})
        text = json.dumps({"events": events})
        (tmp_path / "recorded" / f"{number:02}.json").write_text(text[:60] if number == 6 else text)
    return tmp_path


def _script(root: Path) -> str:
    (script,) = re.findall(r"```python\n(.*?)```", (root / "docs" / "scale.md").read_text(), flags=re.DOTALL)
    return str(script)


def test_the_script_verifies_a_folder_on_a_local_cluster(root: Path, folder: Path) -> None:
    pytest.importorskip("dask.distributed", reason="dask.distributed is not installed here (the extra `scale`)")
    (folder / "verify_with_dask.py").write_text(_script(root))
    done = subprocess.run(
        [sys.executable, "verify_with_dask.py", "price.asl.json", "recorded"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    first, second, third = done.stdout.splitlines()
    assert first == "8 identical"
    assert re.fullmatch(r"3 diverges: 'Price', output, e\.g\. .*/recorded/(01|05|09)\.json", second)
    assert third.startswith("1 not verified: ")
    assert third.endswith("/recorded/06.json")


def test_its_function_can_be_sent_and_does_without_a_cluster(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _script(root).replace("from dask.distributed import Client, as_completed", "Client = as_completed = None")
    names: dict[str, object] = {"__name__": "verify_with_dask"}
    exec(source, names)
    verdict = names["verdict"]
    assert callable(verdict)
    definition = str(folder / "price.asl.json")
    said = {verdict(definition, str(path))[1] for path in sorted((folder / "recorded").iterdir())}
    assert said == {"identical", "diverges", "not verified"}
    text = (folder / "recorded" / "00.json").read_text()
    assert sfdebug.verify(json.dumps(MACHINE), text).status.value == "identical", "texts do in place of paths"
