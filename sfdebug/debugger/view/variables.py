"""The variables that a state sees at the cursor, and what its Assign makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.visit import Visit


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `value` is what the state sees (MISSING: it is not there yet), `assigned` what the state's Assign
    has given it for the states after it (MISSING: nothing so far)."""

    name: str
    value: Value
    assigned: Value = MISSING

    @property
    def mark(self) -> str:
        """ "+" for a new one, "~" for one that gets another value, "" for one that stays as it is."""
        if not is_present(self.assigned):
            return ""
        if not is_present(self.value):
            return "+"
        return "" if same(self.value, self.assigned) else "~"


def variables_at(spot: Position) -> tuple[Variable, ...]:
    """The variables of the branch in focus, in the order in which they were first assigned.

    Inside a visit they are those at entry, which is what its expressions see, with what Assign has made of them by
    the stage at the cursor. When the execution is over, they are those that its last state left.
    """
    if spot.visit is None:
        return _lines(spot.branch.variables if spot.branch is not None else {}, {})
    revealed = spot.visit.stages[: spot.revealed]
    return variables_of(spot.visit, len(revealed))


def variables_of(visit: Visit, revealed: int | None = None) -> tuple[Variable, ...]:
    """The variables of a visit, as far as its first `revealed` stages tell; of all of it without that."""
    assigned: Mapping[str, Json] = {}
    for stage in visit.stages[:revealed]:
        if stage.name is StageName.ASSIGN and stage.status is StageStatus.DONE and isinstance(stage.after, dict):
            assigned = stage.after
    return _lines(visit.variables, assigned)


def _lines(seen: Mapping[str, Json], assigned: Mapping[str, Json]) -> tuple[Variable, ...]:
    names = [*seen, *(name for name in assigned if name not in seen)]
    return tuple(Variable(name, seen.get(name, MISSING), assigned.get(name, MISSING)) for name in names)
