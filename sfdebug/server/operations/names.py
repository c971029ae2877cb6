"""Names that requests give to state machines, executions and activities.

Source: AWS API, the names of CreateStateMachine, StartExecution and CreateActivity: no white space, no brackets, no
wildcards, none of the special characters, no control characters. Recorded for activities, character by character.
"""

from __future__ import annotations

import re
from typing import Final

from sfdebug.server.errors import invalid_name

_FORBIDDEN: Final = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def check_name(name: str) -> str:
    """The name. Raises ApiRefusalError (InvalidName)."""
    if _FORBIDDEN.search(name) is not None:
        raise invalid_name(name)
    return name
