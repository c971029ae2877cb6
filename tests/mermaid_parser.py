"""Mermaid's own parser, run by Node.js: what it makes of a source.

It is an npm package, and heavy: tests use it where it is, and are skipped elsewhere. To have it: `npm install mermaid`
in some folder, and SFDEBUG_MERMAID set to that folder (in CI: cached by the package's version). Without the variable it
is looked for from the project's root on, as Node.js does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import ROOT

SCRIPT = Path(__file__).with_suffix(".mjs")


def parsed(sources: list[str]) -> list[dict[str, Any]]:
    """What the parser makes of each source: its nodes, edges and groups; or {"error": ...} when it refuses it."""
    node, folder = _place()
    done = subprocess.run(
        [node, "--input-type=module", "--eval", SCRIPT.read_text(encoding="utf-8")],
        input=json.dumps(sources), capture_output=True, encoding="utf-8", cwd=folder, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def _place() -> tuple[str, str]:
    node, folder, why = _look()
    if why:
        pytest.skip(why)
    return node, folder


@cache
def _look() -> tuple[str, str, str]:
    """Node.js, the folder from which it finds mermaid, and why there is none ("" when there is)."""
    node = shutil.which("node")
    if node is None:
        return "", "", "Mermaid's parser needs Node.js, which is not on the PATH"
    folder = os.environ.get("SFDEBUG_MERMAID", str(ROOT))
    if not Path(folder).is_dir():
        return node, folder, f"SFDEBUG_MERMAID names {folder}, which is no folder"
    command = [node, "--input-type=module", "--eval", "import.meta.resolve('mermaid')"]
    done = subprocess.run(command, capture_output=True, cwd=folder, check=False, timeout=60)
    why = "the npm package mermaid is not installed: npm install mermaid, and SFDEBUG_MERMAID names the folder"
    return node, folder, why if done.returncode else ""
