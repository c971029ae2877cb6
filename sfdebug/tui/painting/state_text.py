"""What a search in the graph looks at: all that a state says about itself, in one text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.tui.painting.describe import rule_text
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.asl.definition import State

_SAID: Final = ("Parameters", "Arguments", "ItemReader", "ItemsPath", "Items", "Seconds", "Timestamp", "Error", "Cause")
"""Fields in which people look for a name: a function's, a queue's, a bucket's."""


def searched_text(state: State) -> str:
    """Its name first, its type, resource and Comment, then a line for each condition, as it is written and as the
    graph writes it, for each list of errors that it handles, and for what it calls with."""
    from sfdebug.drawing.labels import short_condition

    lines = [state.name, str(state.type), state.resource, str(state.fields.get("Comment", ""))]
    for rule in state.choices:
        fields = dict(rule.fields)
        lines += [rule_text(fields), short_condition(fields)]
    handled = [*(entry.error_equals for entry in state.retriers), *(entry.error_equals for entry in state.catchers)]
    lines += [", ".join(names) for names in handled]
    lines += [compact(state.fields[name]) for name in _SAID if name in state.fields]
    return "\n".join(line for line in lines if line)
