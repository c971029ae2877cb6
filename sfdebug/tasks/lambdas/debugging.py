"""Handlers under the debugger of an IDE: a port for each function, how its process is started, and how one attaches.

Python handlers run under debugpy, which speaks the Debug Adapter Protocol, Node.js has its inspector. Both wait for
somebody to attach before the module is loaded, and the bootstraps have each call stop at the handler.
"""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING, Final

from sfdebug.errors import UsageError
from sfdebug.tasks.lambdas.function import Language, version_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sfdebug.tasks.lambdas.function import LambdaFunction
    from sfdebug.values import Json

FIRST_PORT: Final = 5678
"""debugpy's own default."""

DEBUGGED: Final = "SFDEBUG_DEBUGGED"
"""The variable by which a bootstrap knows that its calls are to stop at the handler."""

_HOST: Final = "127.0.0.1"
_OPTION: Final = "--debug-handlers"
_LAST_PORT: Final = 65_535
_HAS_DEBUGPY: Final = "import importlib.util, sys; sys.exit(importlib.util.find_spec('debugpy') is None)"


def debug_ports(functions: Sequence[LambdaFunction], first: int) -> dict[str, int]:
    """A port for each function, by its name: the first, the next, and so on. Raises UsageError without such ports."""
    if not 0 < first <= _LAST_PORT - max(len(functions) - 1, 0):
        what = f"{first} is no port, or there are not enough above it for {len(functions)} functions"
        raise UsageError(what, where=_OPTION, fix=f"Give one such as {FIRST_PORT}, from which functions count on.")
    return {function.name: first + index for index, function in enumerate(functions)}


def debug_address(port: int) -> str:
    """Where a debugger attaches."""
    return f"{_HOST}:{port}"


def debugged_command(function: LambdaFunction, interpreter: str, bootstrap: Path, port: int) -> list[str]:
    """What starts a function so that it waits at a port for a debugger.

    Raises UsageError where the port is taken, or the interpreter has no debugger.
    """
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((_HOST, port))
        except OSError as error:
            what = f"the port {port}, at which {function.name} would wait for a debugger, cannot be had: "
            fix = f"Give another one: {_OPTION} {FIRST_PORT + 1_000}"
            raise UsageError(what + (error.strerror or str(error)), where=_OPTION, fix=fix) from error
    if function.language is Language.NODE:
        return [interpreter, f"--{_node_option(interpreter)}={debug_address(port)}", str(bootstrap)]
    try:
        found = subprocess.run([interpreter, "-c", _HAS_DEBUGPY], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"{interpreter} cannot be started: {error}", where=function.name) from error
    if found.returncode:
        what = f"debugpy is not installed in the Python that runs {function.name}"
        raise UsageError(what, where=_OPTION, fix=f"Install it there: {interpreter} -m pip install debugpy")
    listening = ["-m", "debugpy", "--listen", debug_address(port), "--wait-for-client"]
    return [interpreter, "-u", *listening, str(bootstrap)]


def _node_option(interpreter: str) -> str:
    """`--inspect-wait` stops nowhere but at the handler. Source: Node.js docs, "Command-line API": 20.15 and 22.2."""
    major, _, minor = version_of(interpreter).partition(".")
    version = (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)
    has_it = version >= (22, 2) or (20, 15) <= version < (21, 0)
    return "inspect-wait" if has_it else "inspect-brk"


def launch_file(functions: Sequence[LambdaFunction], ports: dict[str, int]) -> dict[str, Json]:
    """What VS Code's `launch.json` holds to attach to these functions.

    Source: VS Code docs, "Python debugging", "Node.js debugging".
    """
    configurations: list[Json] = []
    for function in functions:
        port = ports[function.name]
        name: dict[str, Json] = {"name": f"sfdebug: {function.name}"}
        if function.language is Language.PYTHON:
            at: dict[str, Json] = {"host": _HOST, "port": port}
            configurations.append({**name, "type": "debugpy", "request": "attach", "connect": at})
            continue
        skipped: list[Json] = ["<node_internals>/**", "**/sfdebug/tasks/lambdas/**"]
        more: dict[str, Json] = {"port": port, "continueOnAttach": True, "skipFiles": skipped}
        configurations.append({**name, "type": "node", "request": "attach", "address": _HOST, **more})
    return {"version": "0.2.0", "configurations": configurations}
