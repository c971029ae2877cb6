"""JSONata's transform operator `| pattern | update, delete |`: a copy of a value with parts of it changed."""

from __future__ import annotations

from typing import Any

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import Array, JsonataFunction, Object
from sfdebug.values import MISSING


def cloned(value: Any, run: JsonataRun) -> Any:
    """A deep copy as plain JSON; functions become empty strings, as $string shows them."""
    run.tick()
    if isinstance(value, dict):
        return Object({key: cloned(item, run) for key, item in value.items()})
    if isinstance(value, list):
        return Array([cloned(item, run) for item in value])
    return "" if isinstance(value, JsonataFunction) else value


def transformed(
    value: Any, pattern: Evaluator, update: Evaluator, delete: Evaluator | None, offsets: tuple[int, int], frame: Frame
) -> Any:
    """A copy of `value` in which what `pattern` finds is updated, and fields deleted.

    Raises JsonataFault: T2011 for an update that is no object, T2012 for a delete that names no fields.
    """
    if value is MISSING:
        return MISSING
    result = cloned(value, frame.run)
    matches = pattern(result, frame)
    if matches is MISSING:
        return result
    for match in matches if isinstance(matches, list) else [matches]:
        frame.run.tick()
        changes = update(match, frame)
        if changes is not MISSING:
            if not isinstance(changes, dict):
                raise JsonataFault("T2011", offsets[0], value=changes)
            if isinstance(match, dict):
                # A copy, so that a change which holds the whole value cannot make it contain itself.
                match.update(cloned(changes, frame.run))
        _delete(match, delete, offsets[1], frame)
    return result


def _delete(match: Any, delete: Evaluator | None, offset: int, frame: Frame) -> None:
    if delete is None:
        return
    names = delete(match, frame)
    if names is MISSING:
        return
    listed = names if isinstance(names, list) else [names]
    if not all(isinstance(name, str) for name in listed):
        raise JsonataFault("T2012", offset, value=names)
    if isinstance(match, dict):
        for name in listed:
            match.pop(name, None)
