"""The engine: a pure interpreter of the States Language.

`start` makes an execution, `step` gives the next one, `readiness` says what it waits for. Nothing here does I/O,
reads a clock or draws random numbers of its own: see `execution.decisions` for how the outside gets in.
"""

from sfdebug.engine.execution.execution import Execution
from sfdebug.engine.execution.settings import Settings
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.program import Program
from sfdebug.engine.readiness import Readiness, readiness
from sfdebug.engine.stepping import start, step

__all__ = ["Execution", "ExecutionStatus", "Program", "Readiness", "Settings", "readiness", "start", "step"]
