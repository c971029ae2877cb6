"""No garbage collection in the middle of a drawing.

Laying out makes many small objects and no cycles: a collection finds nothing to collect, and takes about a third of
the time. It is only put off, for some milliseconds; whoever has turned it off finds it off.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def without_collection(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """`function`, during which no garbage is collected."""

    @wraps(function)
    def paused(*args: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
        if not gc.isenabled():
            return function(*args, **options)
        gc.disable()
        try:
            return function(*args, **options)
        finally:
            gc.enable()

    return paused
