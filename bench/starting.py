"""How long the program takes to start: imports, help, a headless run, the first full frame."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import Figure, Unit
from bench.processes import bare_frame, first_frame, seconds_of


def figures(_: float) -> Iterator[Figure]:
    """Processor time of whole processes; the first frame also in units of a bare Textual program's."""
    bare = seconds_of("-c", "pass")
    for key, what, arguments, built_for in (
        ("pass", "python -c pass", ("-c", "pass"), None),
        ("import", "import sfdebug", ("-c", "import sfdebug"), 0.025),
        ("help", "sfdebug --help", ("-m", "sfdebug", "--help"), 0.050),
        ("run", "sfdebug run, the polling sample", _polling(), 0.200),
    ):
        yield Figure(f"start/{key}", what, Unit.MILLISECONDS, seconds_of(*arguments), built_for, bare)
    textual = bare_frame()
    yield Figure("start/textual", "first frame of a bare Textual program", Unit.MILLISECONDS, textual, None, bare)
    frame = first_frame("samples/order/order.asl.json")
    yield Figure("start/order", "first full frame, the order sample", Unit.MILLISECONDS, frame, 0.320, textual)
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.asl.json"
        large.write_text(json.dumps(_large()), encoding="utf-8")
        frame = first_frame(str(large))
    yield Figure("start/300", "first full frame, 300 states", Unit.MILLISECONDS, frame, 0.450, textual)


def _polling() -> tuple[str, ...]:
    sample = "samples/polling"
    given = ("-i", f"@{sample}/input.json", "-m", f"{sample}/MockConfigFile.json", "-c", "ReadyAtFourthLook")
    return ("-m", "sfdebug", "run", f"{sample}/polling.asl.json", *given)


def _large() -> Any:
    from tests.graph_machines import generated

    return _completed(generated(1, 300))


def _completed(value: Any) -> Any:
    """What is made for the drawing alone, with the fields that loading asks for."""
    if isinstance(value, list):
        return [_completed(each) for each in value]
    if not isinstance(value, dict):
        return value
    lacking: dict[str, dict[str, Any]] = {
        "Task": {"Resource": "arn:aws:states:::lambda:invoke"},
        "Wait": {"Seconds": 1},
    }
    own = {name: _completed(each) for name, each in value.items()}
    kind = value.get("Type")
    return {**lacking.get(kind, {}), **own} if isinstance(kind, str) else own
