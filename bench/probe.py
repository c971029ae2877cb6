"""What runs in a process of its own while it is measured: `python -m bench.probe NAME ARGUMENT`.

Imports stand inside the functions, so that only what is measured is loaded.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final


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


def first_frame(file: str) -> float:
    """Processor seconds of this process until the debugger has drawn `file` in full, without a terminal."""
    from sfdebug.collection import begin_without_collection

    begin_without_collection()  # as the program does

    from sfdebug.asl.load import load_definition
    from sfdebug.debugger import Debugger
    from sfdebug.tui.app import SfdebugApp
    from sfdebug.tui.screens.debug import DebugScreen

    async def paint() -> float:
        app = SfdebugApp(Debugger(load_definition(file), {}))
        async with app.run_test(size=(120, 40)) as pilot:
            screen = app.screen
            assert isinstance(screen, DebugScreen)
            while screen.graph.drawing is None:  # it may be drawn after the panes, or on another thread
                await asyncio.sleep(0.005)
            await pilot.pause()
            return time.process_time()

    return asyncio.run(paint())


def bare_frame(_: str) -> float:
    """Processor seconds of this process until a Textual program of one line is drawn."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("bare")

    async def paint() -> float:
        async with Bare().run_test(size=(120, 40)):
            return time.process_time()

    return asyncio.run(paint())


_PROBES: Final = {"memory": memory, "first_frame": first_frame, "bare_frame": bare_frame}

if __name__ == "__main__":
    print(json.dumps(_PROBES[sys.argv[1]](sys.argv[2])))
