"""ToleratedFailureCount and ToleratedFailurePercentage: the fields, and their paths or expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfdebug.engine.faults import StateError, query_failure
from sfdebug.engine.fields.numbers import NumberField
from sfdebug.engine.items.tolerance import Tolerance, check_tolerance

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


class ToleranceFields:
    """The two fields of a Map, compiled."""

    __slots__ = ("count", "is_jsonata", "percentage")

    def __init__(self, fields: Mapping[str, Json], *, is_jsonata: bool) -> None:
        self.is_jsonata = is_jsonata
        self.count = NumberField(fields, "ToleratedFailureCount", is_jsonata=is_jsonata)
        self.percentage = NumberField(fields, "ToleratedFailurePercentage", is_jsonata=is_jsonata, is_decimal=True)

    def read(self, draft: StepDraft, value: Json) -> Tolerance:
        """How many failures are tolerated; `value` is what `$` means. Raises StateError in AWS's words."""
        count, percentage = self.count.read_whole(draft, value), self.percentage.read(draft, value)
        try:
            return check_tolerance(Tolerance(count, percentage))
        except StateError as failure:
            if not self.is_jsonata:
                raise
            # Not recorded: the same words, as what AWS calls a failed evaluation.
            raise query_failure(failure.cause or "") from failure
