"""What runs on the walks of `bench.house`: `python bench/walks.py NAME` goes one, and prints the modules as JSON.

A walk has a process of its own, in which the package is that of the tree that is looked at.
"""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import runpy
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App

_PACKAGE: Final = "sfdebug"
_SAMPLES: Final = Path(__file__).resolve().parents[1] / "samples"
_ORDER: Final = _SAMPLES / "order"
_INPUT: Final = _ORDER / "input.json"
_RECORDED: Final = _SAMPLES / "recorded-order" / "history.json"


@dataclass(frozen=True)
class Walk:
    """The modules on one walk: those of which a function ran, and how many were loaded at its end."""

    touched: list[str]
    imported: int

    def rooms(self) -> str:
        """How many are touched in each room."""
        count = Counter(name.split(".")[1] if "." in name else "top" for name in self.touched)
        return ", ".join(f"{room} {number}" for room, number in sorted(count.items()))


class Tracer:
    """Notes the modules of which functions run.

    By a profile function: `sys.monitoring` came with 3.12, and whether a function runs for an import only frames tell.
    """

    def __init__(self) -> None:
        self.touched: set[str] = set()

    @contextmanager
    def on(self) -> Iterator[None]:
        """Look at this thread, and at those that are begun inside."""
        threading.setprofile(self._saw)
        sys.setprofile(self._saw)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _saw(self, frame: FrameType, event: str, argument: object) -> None:
        module = _module(frame)
        if event == "call" and module and module not in self.touched and frame.f_code.co_flags & CO_OPTIMIZED:
            outer: FrameType | None = frame
            while outer is not None:
                if outer.f_code.co_name == "<module>" and _module(outer):
                    return  # it runs because its module, or another, is being imported
                outer = outer.f_back
            self.touched.add(module)


def _module(frame: FrameType) -> str:
    """The module that a frame belongs to, "" for one that is not ours."""
    name = frame.f_globals.get("__name__") or ""
    is_generated = frame.f_code.co_filename.startswith("<")
    return name if f"{name}.".startswith(f"{_PACKAGE}.") and not is_generated else ""


def _load(tracer: Tracer) -> None:
    import sfdebug

    with tracer.on():
        sfdebug.load(_ORDER / "order.asl.json")


def _step(tracer: Tracer) -> None:
    import sfdebug

    asked = []

    def answer(given: Any) -> Any:
        asked.append(given)
        return {"MessageId": "m-1"}

    execution_input = json.loads(_INPUT.read_text(encoding="utf-8"))
    tasks = sfdebug.FunctionTasks({"Tell: order received": answer})
    debugger = sfdebug.Debugger(_ORDER / "order.asl.json", execution_input, tasks=tasks)
    with tracer.on():
        debugger.step_over()
    assert asked, "the step has not come through the Task"


def _open_recording(tracer: Tracer) -> None:
    def look(app: App[int]) -> None:
        import sfdebug

        # Whatever the screen calls it, there is one.
        (debugger,) = (found for found in gc.get_objects() if type(found) is sfdebug.Debugger)
        debugger.view()

    with tracer.on():
        _command_line(look, "replay", str(_RECORDED))


def _key(tracer: Tracer) -> None:
    async def press(app: App[int]) -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            before = app.export_screenshot()
            with tracer.on():
                await pilot.press("n")
                await pilot.pause()
            assert app.export_screenshot() != before, "the key has changed nothing"

    mocks = str(_ORDER / "MockConfigFile.json")
    arguments = str(_ORDER / "order.asl.json"), "-i", f"@{_INPUT}", "-m", mocks, "-c", "HappyPath"
    _command_line(lambda app: asyncio.run(press(app)), *arguments)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _command_line(shown: Callable[[App[int]], None], *arguments: str) -> None:
    """`sfdebug` with arguments, on a terminal that is not there. `shown` is called where its screen would open."""
    from textual.app import App

    seen = []

    def run(app: App[int], **options: object) -> int:
        seen.append(app)
        shown(app)
        return 0

    App.run = run  # type: ignore[method-assign,assignment]
    sys.argv = [_PACKAGE, *arguments]
    sys.stdin, sys.stdout, sys.stderr = terminals = [_Terminal() for _ in range(3)]
    code = None
    try:
        runpy.run_module(_PACKAGE, run_name="__main__")
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
    if code or not seen:  # the command line makes a message of what goes wrong in `shown`, too
        raise RuntimeError("".join(terminal.getvalue() for terminal in terminals))


WALKS: Final[dict[str, Callable[[Tracer], None]]] = {
    "load a definition": _load,
    "step over a Task": _step,
    "open a recording, view": _open_recording,
    "key n to repaint": _key,
}


def walked(name: str) -> Walk:
    """Go one of the walks in this process."""
    import sfdebug

    assert Path(sfdebug.__file__).is_relative_to(Path.cwd()), f"{sfdebug.__file__} is of another tree"
    tracer = Tracer()
    WALKS[name](tracer)
    return Walk(sorted(tracer.touched), sum(f"{module}.".startswith(f"{_PACKAGE}.") for module in sys.modules))


def walk(root: Path, name: str) -> Walk:
    """Go one of the walks in the tree `root`. Raises SystemExit when it fails."""
    # -P: what stands beside this file must not hide modules of the standard library.
    command = [sys.executable, "-P", str(Path(__file__).resolve()), name]
    environment = {**os.environ, "PYTHONPATH": str(root), "TEXTUAL_ANIMATIONS": "none", "TERM": "xterm-256color"}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"the walk {name!r} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return Walk(**json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(asdict(walked(sys.argv[1]))))
