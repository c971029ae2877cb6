"""Breakpoints: the states before which a run stops, and whether it stops at faults."""

from __future__ import annotations

from sfdebug.asl.definition import StatePath


class Breakpoints:
    """The breakpoints of one debugger. One on a state holds in every branch and every iteration."""

    def __init__(self) -> None:
        self._states: set[StatePath] = set()
        self.on_fault = False

    @property
    def states(self) -> frozenset[StatePath]:
        """The states with a breakpoint."""
        return frozenset(self._states)

    def has(self, path: StatePath) -> bool:
        """Whether the state at `path` has one."""
        return path in self._states

    def toggle(self, path: StatePath) -> bool:
        """Set or clear the breakpoint on a state; says whether it is set now."""
        if path in self._states:
            self._states.remove(path)
            return False
        self._states.add(path)
        return True

    def toggle_faults(self) -> bool:
        """Switch stopping at every fault on or off; says whether it is on now."""
        self.on_fault = not self.on_fault
        return self.on_fault

    def clear(self) -> None:
        """Clear all."""
        self._states.clear()
        self.on_fault = False
