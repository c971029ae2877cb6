"""Fields that take a number: written out, as a path (`TimeoutSecondsPath`), or as a JSONata expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfdebug.engine.fields.jsonata import JsonataField
from sfdebug.engine.fields.jsonpath import path_failure
from sfdebug.engine.items.numbers import float_at, integer_at
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import Path, compile_path
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft


class NumberField:
    """One such field of an object of the definition, compiled; `read` gives None when the object does not have it."""

    __slots__ = ("_jsonata", "_literal", "_path", "is_decimal", "name")

    def __init__(
        self,
        fields: Mapping[str, Json],
        name: str,
        *,
        is_jsonata: bool,
        place: str | None = None,
        is_decimal: bool = False,
    ) -> None:
        """`place` is what AWS calls the field in causes, where that is more than its name."""
        self.name = name
        self.is_decimal = is_decimal
        self._jsonata: JsonataField | None = None
        self._path: Path | None = None
        self._literal: int | float | None = None
        given, path = fields.get(name), fields.get(f"{name}Path")
        if isinstance(given, int | float) and not isinstance(given, bool):
            self._literal = given
        elif is_jsonata and isinstance(given, str):
            self._jsonata = JsonataField(place or name, given, expected="number" if is_decimal else "integer")
        elif isinstance(path, str) and not is_jsonata:
            self._path = compile_path(path)

    def read(self, draft: StepDraft, value: Json) -> int | float | None:
        """The number, whole unless `is_decimal`; `value` is what a path's `$` means. Raises StateError."""
        if self._jsonata is not None:
            number = self._jsonata.read(draft)
            assert isinstance(number, int | float)
            return number if self.is_decimal or isinstance(number, int) else int(number)
        return self._read_path(draft, self._path, value) if self._path is not None else self._literal

    def read_whole(self, draft: StepDraft, value: Json) -> int | None:
        """`read`, for a field that takes whole numbers."""
        number = self.read(draft, value)
        return None if number is None else int(number)

    def _read_path(self, draft: StepDraft, path: Path, value: Json) -> int | float:
        try:
            given = path.read(draft.environment(value))
        except ExpressionError as error:
            raise path_failure(error, path.text) from error
        name = f"{self.name}Path"
        return float_at(given, name, path.text) if self.is_decimal else integer_at(given, name, path.text)
