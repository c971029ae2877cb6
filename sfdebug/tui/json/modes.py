"""Which of its values the JSON pane shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sfdebug.tui.json.text import path_text
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.debugger.view.variables import Variable


class Mode(StrEnum):
    """Which of its values the pane shows."""

    BEFORE = "before"
    AFTER = "after"
    DIFFERENCE = "difference"
    EXPRESSION = "expression"
    VARIABLES = "variables"


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables as two values that can be compared: what the state sees, and what the next one will see."""

    seen: Value = MISSING
    now: Value = MISSING

    @property
    def is_changed(self) -> bool:
        """Whether Assign changes one of them."""
        return is_present(self.seen) and is_present(self.now) and not same(self.seen, self.now)


_NOTHING: Final = {
    Mode.BEFORE: "(nothing)",
    Mode.EXPRESSION: "(not set: the default applies)",
    Mode.VARIABLES: "(no variables here)",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pane has for its modes. `origins` say by place where the value after came from, `notes` stand beside
    the expression, `empty` where there is no value after."""

    before: Value = MISSING
    after: Value = MISSING
    expression: Value = MISSING
    variables: Variables = field(default_factory=Variables)
    origins: Mapping[Pointer, str] = field(default_factory=dict)
    notes: Mapping[Pointer, str] = field(default_factory=dict)
    empty: str = "(no value yet)"

    def modes(self, chosen: Mode) -> tuple[Mode, ...]:
        """The modes to choose from: the variables are one where there are any, and where they are chosen."""
        has_variables = is_present(self.variables.now) or chosen is Mode.VARIABLES
        return tuple(mode for mode in Mode if has_variables or mode is not Mode.VARIABLES)

    def value(self, mode: Mode) -> Value:
        """What a mode shows; of two values that are compared, the later."""
        return {
            Mode.BEFORE: self.before,
            Mode.AFTER: self.after,
            Mode.DIFFERENCE: self.after if is_present(self.before) else MISSING,
            Mode.EXPRESSION: self.expression,
            Mode.VARIABLES: self.variables.now,
        }[mode]

    def is_difference(self, mode: Mode) -> bool:
        """Whether two values are compared: always in the difference, and where Assign changes a variable."""
        return mode is Mode.DIFFERENCE or (mode is Mode.VARIABLES and self.variables.is_changed)

    def compared_with(self, mode: Mode) -> Value:
        """The earlier of the values that are compared."""
        return self.variables.seen if mode is Mode.VARIABLES else self.before

    def beside(self, mode: Mode) -> Mapping[Pointer, str]:
        """What stands beside places of the value."""
        return {Mode.AFTER: self.origins, Mode.EXPRESSION: self.notes}.get(mode, {})

    def empty_text(self, mode: Mode) -> str:
        """What stands where there is no value."""
        if mode is Mode.DIFFERENCE and is_present(self.after):
            return "(nothing to compare with)"
        return _NOTHING.get(mode, self.empty)


def variables_value(variables: Sequence[Variable]) -> Variables:
    """These variables as objects by name; MISSING when there are none."""
    if not variables:
        return Variables()
    seen: dict[str, Json] = {}
    now: dict[str, Json] = {}
    for variable in variables:
        if is_present(variable.value):
            seen[variable.name] = now[variable.name] = variable.value
        if is_present(variable.assigned):
            now[variable.name] = variable.assigned
    return Variables(seen, now)


def variable_path(pointer: Pointer) -> str:
    """A place in the variables as an expression names it: `$order.total`."""
    return f"${pointer[0]}{path_text(pointer[1:])[1:]}" if pointer else "$"
