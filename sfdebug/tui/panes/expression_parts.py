"""What each part of an expression came to: told beside it, where the stage's own value has it already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.expressions.jsonata.expression import is_jsonata_string
from sfdebug.text import clean
from sfdebug.tui.painting.describe import short
from sfdebug.tui.painting.paint import fit
from sfdebug.values import Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.engine.execution.visit import Stage

_TEMPLATES: Final = frozenset(
    {StageName.ARGUMENTS, StageName.PARAMETERS, StageName.RESULT_SELECTOR, StageName.ASSIGN, StageName.OUTPUT}
)
_MOST_PARTS: Final = 200
_WIDEST: Final = 28


def part_values(stage: Stage) -> dict[Pointer, str]:
    """By the place of each part of a template that is evaluated: `= 42`. A template has the shape of what it makes."""
    if stage.name not in _TEMPLATES or stage.status is not StageStatus.DONE or not is_present(stage.after):
        return {}
    if not is_present(stage.expression):
        return {}
    notes: dict[Pointer, str] = {}
    for pointer, value in _evaluated(stage.expression, stage.after, ()):
        notes[pointer] = fit(f"= {clean(short(value))}", _WIDEST)
        if len(notes) == _MOST_PARTS:
            break
    return notes


def _evaluated(template: Json, value: Value, pointer: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """The parts of `template` that are evaluated, each with what it came to in `value`."""
    if not is_present(value):
        return
    if isinstance(template, str):
        if is_jsonata_string(template):
            yield pointer, value
    elif isinstance(template, dict) and isinstance(value, dict):
        for key, part in template.items():
            if key.endswith(".$"):
                if key[:-2] in value:
                    yield (*pointer, key), value[key[:-2]]
            elif key in value:
                yield from _evaluated(part, value[key], (*pointer, key))
    elif isinstance(template, list) and isinstance(value, list) and len(template) == len(value):
        for index, part in enumerate(template):
            yield from _evaluated(part, value[index], (*pointer, index))
