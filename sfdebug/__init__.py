"""sfdebug: a debugger for AWS Step Functions.

The names below are what faces, scripts and tests use; each is imported when it is first asked for, so that
`import sfdebug` stays fast and loads no screen library and no AWS client.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.asl.load import definition_from as load
    from sfdebug.debugger import Debugger
    from sfdebug.engine import Execution, ExecutionStatus, Settings
    from sfdebug.engine.execution.decisions import Dataset, TaskFailure, TaskResult, TaskSilence
    from sfdebug.engine.execution.settings import ObjectItems
    from sfdebug.errors import (
        DefinitionError,
        InputError,
        SfdebugError,
        UnansweredTaskError,
        UnsupportedError,
        UsageError,
    )
    from sfdebug.history.alignment.recorded_tasks import RecordedTasks
    from sfdebug.simulation import simulate
    from sfdebug.state_graph import graph
    from sfdebug.state_testing import TestStateError, test_state
    from sfdebug.tasks.datasets import LocalFiles
    from sfdebug.tasks.functions import FunctionTasks
    from sfdebug.tasks.handler import FirstAnswer
    from sfdebug.tasks.mock_config import MockConfig
    from sfdebug.tasks.state_machines import StateMachines
    from sfdebug.validation import validate

__version__ = "0.1.0"

_HOMES: Final = {
    "Dataset": "sfdebug.engine.execution.decisions",
    "Debugger": "sfdebug.debugger",
    "DefinitionError": "sfdebug.errors",
    "Execution": "sfdebug.engine",
    "ExecutionStatus": "sfdebug.engine",
    "FirstAnswer": "sfdebug.tasks.handler",
    "FunctionTasks": "sfdebug.tasks.functions",
    "InputError": "sfdebug.errors",
    "LocalFiles": "sfdebug.tasks.datasets",
    "MockConfig": "sfdebug.tasks.mock_config",
    "ObjectItems": "sfdebug.engine.execution.settings",
    "RecordedTasks": "sfdebug.history.alignment.recorded_tasks",
    "Settings": "sfdebug.engine",
    "SfdebugError": "sfdebug.errors",
    "StateMachine": "sfdebug.asl.definition",
    "StateMachines": "sfdebug.tasks.state_machines",
    "TaskFailure": "sfdebug.engine.execution.decisions",
    "TaskResult": "sfdebug.engine.execution.decisions",
    "TaskSilence": "sfdebug.engine.execution.decisions",
    "TestStateError": "sfdebug.state_testing",
    "UnansweredTaskError": "sfdebug.errors",
    "UnsupportedError": "sfdebug.errors",
    "UsageError": "sfdebug.errors",
    "graph": "sfdebug.state_graph",
    "load": "sfdebug.asl.load:definition_from",
    "simulate": "sfdebug.simulation",
    "validate": "sfdebug.validation",
    "test_state": "sfdebug.state_testing",
}
"""Where each public name lives: a module, and after a colon the name it has there when that differs."""

__all__ = [
    "Dataset",
    "Debugger",
    "DefinitionError",
    "Execution",
    "ExecutionStatus",
    "FirstAnswer",
    "FunctionTasks",
    "InputError",
    "LocalFiles",
    "MockConfig",
    "ObjectItems",
    "RecordedTasks",
    "Settings",
    "SfdebugError",
    "StateMachine",
    "StateMachines",
    "TaskFailure",
    "TaskResult",
    "TaskSilence",
    "TestStateError",
    "UnansweredTaskError",
    "UnsupportedError",
    "UsageError",
    "__version__",
    "graph",
    "load",
    "simulate",
    "test_state",
    "validate",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sfdebug' has no attribute {name!r}")
    module, _, original = home.partition(":")
    value = getattr(import_module(module), original or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
