"""AWS's TestState offline: one state, run with a mock or a task handler, seen stage by stage."""

from sfdebug.state_testing.calling import test_state
from sfdebug.state_testing.request import TestStateError

__all__ = ["TestStateError", "test_state"]
