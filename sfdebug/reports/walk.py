"""A run as a walk: state by state and stage by stage, what happened, why, and what one might have expected."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining.asking import explained
from sfdebug.debugger.wording.positions import end, inside
from sfdebug.text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import StatePath
    from sfdebug.engine import Execution

_WIDTH: Final = 100


def walk_lines(execution: Execution) -> Iterator[str]:
    """The lines of an execution that is over, its visits in the order in which they began.

    Why a stage is as it is, and what one might expect, is said once for each state: a loop says the same again.
    """
    said: set[tuple[StatePath, str]] = set()
    for visit in sorted(execution.visits, key=lambda each: each.number):
        state = visit.state
        yield f"{escaped(state.name)} ({state.type}){escaped(inside(execution, visit.branch))}"
        for row, stage in enumerate(visit.stages):
            yield f"  {stage.name}"
            told = explained(execution, state, visit, row, len(visit.stages))
            for at, text in enumerate(told.lines):
                if at and (state.path, text) in said:
                    continue
                said.add((state.path, text))
                yield from wrap(escaped(text), _WIDTH, initial_indent="    ", subsequent_indent="      ")
        yield ""
    ended = end(execution)
    yield from wrap(escaped(f"{ended[0].upper()}{ended[1:].rstrip('.')}."), _WIDTH, subsequent_indent="  ")
