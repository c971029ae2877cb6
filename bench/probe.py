"""What runs in a process of its own while it is measured: `python -m bench.probe NAME ARGUMENT STARTED`.

Imports stand inside the functions, so that only what is measured is loaded.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


def memory(function: str) -> float:
    """How many bytes the process grows by while it runs a function of `bench.loop`."""
    import sfdebug.debugger
    import sfdebug.simulation
    from bench import loop

    assert sfdebug.debugger
    assert sfdebug.simulation
    before = peak_memory()
    getattr(loop, function)()
    return peak_memory() - before


def peak_memory() -> int:
    """The most bytes that this process has held at once."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux lets ru_maxrss begin with the parent's value; VmHWM is this process's own.
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def first_paint(file: str, started: float) -> float:
    """Seconds from `started` until the debugger shows `file` for the first time, without a terminal."""
    from sfdebug.asl.load import load_definition
    from sfdebug.debugger import Debugger
    from sfdebug.tui.app import SfdebugApp

    async def paint() -> float:
        app = SfdebugApp(Debugger(load_definition(file), {}))
        async with app.run_test(size=(120, 40)):
            return time.time() - started

    return asyncio.run(paint())


def main(name: str, argument: str, started: str) -> None:
    """Measure, and print the number."""
    print(json.dumps(memory(argument) if name == "memory" else first_paint(argument, float(started))))


if __name__ == "__main__":
    main(*sys.argv[1:])
