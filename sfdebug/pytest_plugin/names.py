"""The names of the states that a run entered. To ask of one that the machine has not is an error: `"Refnd" not in
run.visited` would hold whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Check = Callable[[str], None]
"""Raises UsageError for a name that the machine has not."""


class PathNames(list[str]):
    """The names in the order in which the states were entered."""

    def __init__(self, names: Iterable[str], check: Check) -> None:
        super().__init__(names)
        self._check = check

    def __contains__(self, name: object) -> bool:
        __tracebackhide__ = True
        return _is_known(name, self._check) and super().__contains__(name)

    def count(self, name: Any) -> int:
        """How often a state was entered."""
        __tracebackhide__ = True
        return super().count(name) if _is_known(name, self._check) else 0


class VisitedNames(set[str]):
    """The names of the states that were entered, each once."""

    def __init__(self, names: Iterable[str], check: Check) -> None:
        super().__init__(names)
        self._check = check

    def __contains__(self, name: object) -> bool:
        __tracebackhide__ = True
        return _is_known(name, self._check) and super().__contains__(name)

    def isdisjoint(self, names: Iterable[Any]) -> bool:
        """Whether none of these was entered."""
        __tracebackhide__ = True
        return not self.intersection(names)

    def __and__(self, names: Any) -> set[str]:
        __tracebackhide__ = True
        return self.intersection(names)

    __rand__ = __and__

    def intersection(self, *names: Iterable[Any]) -> set[str]:
        """Those of them that were entered."""
        __tracebackhide__ = True
        found = set(self)
        for some in names:
            asked = set(some)
            for name in asked:
                _is_known(name, self._check)
            found = asked.intersection(found)
        return found


def _is_known(name: object, check: Check) -> bool:
    __tracebackhide__ = True
    if not isinstance(name, str):
        return False
    check(name)
    return True
