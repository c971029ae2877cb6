"""The library `jsonata-python`, and the room on Python's stack that JSONata needs.

Importing the library raises Python's recursion limit for the whole process. Here the limit is raised only while an
expression is read or evaluated that may nest deep, so that nothing else in the process runs under another limit.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import Any, Final

from sfdebug.errors import SfdebugError

_PACKAGE: Final = "jsonata"
_NEEDED_FRAMES: Final = 10_000
"""Python frames that are enough for the deepest expression within the default limits, several times over."""


def library(name: str) -> Any:
    """A module of the library. Raises SfdebugError when it is not there."""
    before = sys.getrecursionlimit()
    try:
        if _PACKAGE not in sys.modules:
            _put_off()
        return import_module(name)
    except ImportError:
        # Other distributions install a module of the same name.
        raise missing_library() from None
    finally:
        if sys.getrecursionlimit() != before:
            sys.setrecursionlimit(before)


def _put_off() -> None:
    """Have the library's package loaded when somebody asks it for something, rather than before its modules.

    It loads the evaluator and the functions on dates, which are not used here and take three times as long as the rest.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.loader is None:
        return
    package, load = module_from_spec(spec), spec.loader.exec_module

    def loaded(name: str) -> Any:
        # Its modules have names in lower case, and are found without it.
        if name.islower():
            raise AttributeError(name)
        vars(package).pop("__getattr__", None)
        load(package)
        return getattr(package, name)

    package.__getattr__ = loaded  # type: ignore[method-assign]
    sys.modules[_PACKAGE] = package


def missing_library() -> SfdebugError:
    """The error to raise when what `import jsonata` finds is not the library."""
    return SfdebugError(
        "JSONata expressions need the library jsonata-python, and it is not what `import jsonata` finds here",
        fix="Uninstall `jsonata` and its like, and install jsonata-python 0.7.",
    )


class _StackRoom:
    """While anybody is inside, the recursion limit is raised: threads share the limit, so the last to leave lowers
    it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._before = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._before = sys.getrecursionlimit()
                if self._before < _NEEDED_FRAMES:
                    sys.setrecursionlimit(_NEEDED_FRAMES)
            self._users += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._users -= 1
            # Whoever has set another limit meanwhile wants that one.
            if self._users == 0 and self._before < _NEEDED_FRAMES == sys.getrecursionlimit():
                sys.setrecursionlimit(self._before)


STACK_ROOM: Final = _StackRoom()
