"""The debugger without a screen: walks an execution forward and back, changes it, and says what it sees.

`Debugger` is the one door; every face (terminal UI, command line, tests) calls the same verbs on it.
"""

from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
from sfdebug.debugger.debugger import Debugger
from sfdebug.debugger.timeline.forks import ForkInfo
from sfdebug.debugger.timeline.index import TakenEdge, TakenEdges
from sfdebug.debugger.timeline.nodes import Cursor, TimelineNode
from sfdebug.debugger.timeline.timeline import Timeline
from sfdebug.debugger.verbs import Hint, Stop, StopReason, Verb
from sfdebug.debugger.view.model import BranchLine, MarkStatus, StageLine, StateMark, View

__all__ = [
    "BranchLine",
    "Breakpoints",
    "Cursor",
    "Debugger",
    "ForkInfo",
    "Hint",
    "MarkStatus",
    "StageLine",
    "StateMark",
    "Stop",
    "StopReason",
    "TakenEdge",
    "TakenEdges",
    "Timeline",
    "TimelineNode",
    "Verb",
    "View",
]
