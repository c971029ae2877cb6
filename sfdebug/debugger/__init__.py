"""The debugger without a screen: walks an execution forward and back, changes it, and says what it sees.

`Debugger` is the one door; every face (terminal UI, command line, tests) calls the same verbs on it.
"""

from sfdebug.debugger.debugger import Debugger
from sfdebug.debugger.stepping.breakpoints import Breakpoints
from sfdebug.debugger.timeline.nodes import TimelineNode
from sfdebug.debugger.timeline.stops import Stop, StopReason
from sfdebug.debugger.timeline.timeline import Cursor, ForkInfo, Timeline
from sfdebug.debugger.view.model import BranchLine, MarkStatus, StageLine, StateMark, TakenEdge, View

__all__ = [
    "BranchLine",
    "Breakpoints",
    "Cursor",
    "Debugger",
    "ForkInfo",
    "MarkStatus",
    "StageLine",
    "StateMark",
    "Stop",
    "StopReason",
    "TakenEdge",
    "Timeline",
    "TimelineNode",
    "View",
]
