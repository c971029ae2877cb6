"""Scripts for Node.js, with packages of a folder that is not this project's: `SFDEBUG_PEERS` names it.

To have them: `npm install --prefix ~/peers aws-local-stepfunctions jsonata`, then `SFDEBUG_PEERS=~/peers make bench`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from sfdebug.errors import SfdebugError

_VARIABLE: Final = "SFDEBUG_PEERS"


class NotInstalledError(SfdebugError):
    """A peer that is not there."""


def run_script(name: str, package: str, given: Any) -> Any:
    """What a script of this folder prints, as JSON; `given` is on its stdin.

    Raises NotInstalledError when Node.js, or the package that it imports, is not there.
    """
    node, folder = shutil.which("node"), os.environ.get(_VARIABLE, "")
    if node is None:
        raise NotInstalledError("Node.js is not installed")
    modules = Path(folder).expanduser() / "node_modules"
    if not folder or not (modules / package).is_dir():
        raise NotInstalledError(f"the npm package {package} is in no folder that {_VARIABLE} names")
    command = [node, str(Path(__file__).with_name(name)), str(modules / package)]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)
