"""The fields of a state, whichever its query language: each evaluates itself, and words its own failure.

A state's program asks its `Fields` for a `Field`, and reads it. `JsonPathFields` and `JsonataFields` are the two there
are; which of them a state has is decided once (`flow.fields_of`), and no state's program asks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol

from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError

if TYPE_CHECKING:
    from sfdebug.asl.definition import ChoiceRule
    from sfdebug.engine.fields.kinds import Kind
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.choice import Verdict
    from sfdebug.values import Json


class Field(ABC):
    """One field of a state, compiled. `name` is what AWS calls it in causes, `expression` what is written in it."""

    __slots__ = ("expression", "name")

    def __init__(self, name: str, expression: Json) -> None:
        self.name = name
        self.expression = expression

    @abstractmethod
    def read(self, draft: StepDraft, value: Json) -> Json:
        """What it gives now; `value` is what a path's `$` means. Raises StateError in AWS's words."""

    @abstractmethod
    def failure(self, cause: str, *, is_located: bool = True) -> StateError:
        """The failure of a state that cannot use what the field gave; `is_located` says whether AWS tells its place."""

    def apply(self, draft: StepDraft, stage: StageName, value: Json) -> Json:
        """What it gives, as a stage of the visit that follows on `value`. Raises StateError."""
        try:
            after = self.read(draft, value)
        except StateError as failure:
            raise draft.visit.failed(stage, value, self.expression, failure) from failure
        draft.visit.stage(stage, value, after, expression=self.expression)
        return after


class ItemsField(Protocol):
    """Where a Map finds its items in its input."""

    def found(self, draft: StepDraft, value: Json, *, takes_objects: bool) -> list[Json] | dict[str, Json]:
        """The items in `value`, as a stage of the visit where the state has the field. Raises StateError."""


class RuleField(Protocol):
    """A Choice rule, compiled."""

    def verdict(self, draft: StepDraft, value: Json) -> Verdict:
        """Whether it matches, and why. Raises StateError when it cannot be evaluated."""


class Fields(ABC):
    """The fields of one object of a definition (a state, its ItemReader, a Catcher), ready to be compiled.

    `place` is what AWS puts before their names in causes, where they are not the state's own.
    """

    arguments: ClassVar[StageName]
    """The field, and the stage, that builds what the work is given."""
    output: ClassVar[StageName]
    """The field, and the stage, that gives the output at the end."""

    def __init__(self, given: Mapping[str, Json], place: str = "") -> None:
        self.given = given
        self.place = place

    def part(self, given: Json | Mapping[str, Json], place: str) -> Fields:
        """The fields of an object inside of this one; no fields where there is no object."""
        return type(self)(given if isinstance(given, Mapping) else {}, f"{self.place}{place}/")

    @abstractmethod
    def value(self, name: str, kind: Kind) -> Field | None:
        """A field of one value: written out, or computed in the way of the language. None when it is not there."""

    @abstractmethod
    def payload(self, name: str) -> Field | None:
        """A field of JSON with expressions in it."""

    def selection(self, name: StageName) -> Field | None:
        """InputPath or OutputPath: what selects a part of the data. JSONata has none."""
        return None

    def result_path(self) -> Field | None:
        """ResultPath: what puts a result into the raw input. JSONata has none."""
        return None

    @abstractmethod
    def finish_output(self) -> Field | None:
        """The field called `output`."""

    @abstractmethod
    def items(self) -> ItemsField:
        """Where a Map's items are, also when no field says so."""

    @abstractmethod
    def condition(self, rule: ChoiceRule) -> RuleField:
        """One rule of a Choice."""


def read_number(field: Field | None, draft: StepDraft, value: Json) -> int | float | None:
    """The number that a field gives, None without the field. Raises StateError."""
    number = field.read(draft, value) if field is not None else None
    return number if isinstance(number, int | float) else None


def read_whole(field: Field | None, draft: StepDraft, value: Json) -> int | None:
    """`read_number`, for a field that takes whole numbers."""
    number = read_number(field, draft, value)
    return None if number is None else int(number)
