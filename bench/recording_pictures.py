"""Pictures of a recorded execution for the README: its summary, what failed with its data, its durations."""

from __future__ import annotations

from typing import Final

from bench.graph_pictures import GraphMoment
from sfdebug.asl.load import load_definition
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.files import samples_folder
from sfdebug.history.reading.read import read_recording

_TITLE: Final = "A-1044-9c1e5d0a"
_SIZE: Final = (132, 40)


def failed_order() -> Debugger:
    """The sample `recorded-order`, at its start: the summary opens by itself."""
    folder = samples_folder() / "recorded-order"
    definition = load_definition(str(folder / "definition.asl.json"))
    return Debugger.on_recording(open_recording(read_recording(folder / "history.json"), definition))


RECORDINGS: Final = (
    GraphMoment("recording-summary", _TITLE, failed_order, (), _SIZE),
    GraphMoment("recording-failure", _TITLE, failed_order, ("enter", "2", "g", "j"), _SIZE),
    GraphMoment("recording-durations", _TITLE, failed_order, ("D",), (110, 16)),
    GraphMoment("ticket", _TITLE, failed_order, ("escape", "number_sign"), (118, 36)),
)
