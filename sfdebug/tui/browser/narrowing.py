"""What a list of executions is narrowed to: the filter, the order, and the groups and entries opened of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.tui.browser.filters import HOUR_STEPS, STATUS_STEPS, RowFilter, SortOrder
from sfdebug.tui.browser.lists import group_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.executions.groups import FailureGroup


class OpenedPart(Struct, frozen=True):
    """A group of failures, or an entry of the overview, of which the executions are shown; `at` is its key there."""

    at: str
    shown: RowFilter
    is_group: bool = False


class Narrowing(Struct, frozen=True):
    """What is shown. `parts` are those that were opened, the innermost last; a log is read as far back as is shown."""

    shown: RowFilter
    order: SortOrder = SortOrder()
    parts: tuple[OpenedPart, ...] = ()
    is_log: bool = False

    @property
    def group(self) -> str:
        """The key of the group of which the members are shown; "" for none."""
        return self.parts[-1].at if self.parts and self.parts[-1].is_group else ""

    @property
    def least(self) -> Narrowing:
        """As it is without what was filtered by hand: the part that was opened, or all."""
        hours = self.shown.hours
        if self.parts:
            return replace(self, shown=replace(self.parts[-1].shown, hours=hours))
        return replace(self, shown=RowFilter(hours=hours if self.is_log else None))

    @property
    def entry(self) -> RowFilter:
        """What groups are made of: the entry of the overview that is open, else all, in the span of time."""
        opened = (part.shown for part in self.parts if not part.is_group)
        return replace(next(opened, RowFilter()), hours=self.shown.hours)

    @property
    def whole(self) -> Narrowing:
        """All in the span of time, without parts."""
        return replace(self, parts=(), shown=RowFilter(hours=self.shown.hours))

    @property
    def without_part(self) -> Narrowing:
        """As it is when the innermost part is left: the span of time stays."""
        return replace(self, parts=self.parts[:-1]).least if len(self.parts) > 1 else self.whole

    def next_status(self, step: int) -> Narrowing:
        """The next status alone, or the one before."""
        at = STATUS_STEPS.index(self.shown.status) if self.shown.status in STATUS_STEPS else 0
        return self._with(replace(self.shown, status=STATUS_STEPS[(at + step) % len(STATUS_STEPS)]))

    def next_hours(self, step: int) -> Narrowing:
        """The next span of time, or the one before."""
        steps = HOUR_STEPS[1:] if self.is_log else HOUR_STEPS
        at = steps.index(self.shown.hours) if self.shown.hours in steps else 0
        return self._with(replace(self.shown, hours=steps[(at + step) % len(steps)]))

    def of_error(self, error: str) -> Narrowing:
        """Only what failed with this error; "" for all."""
        return self._with(replace(self.shown, error=error))

    def of_text(self, text: str) -> Narrowing:
        """Only what this text is found in."""
        return self._with(replace(self.shown, text=text))

    def of_group(self, group: FailureGroup) -> Narrowing:
        """The members of a group, within the entry of the overview that may be open."""
        where = f" in {group.state}" if group.state else ""
        title = f"{group.error or group.status}{where}"
        shown = RowFilter(members=frozenset(group.members), title=title, hours=self.shown.hours)
        outer = tuple(part for part in self.parts if not part.is_group)
        return replace(self, shown=shown, parts=(*outer, OpenedPart(group_key(group), shown, is_group=True)))

    def of_entry(self, at: str, shown: RowFilter, order: SortOrder) -> Narrowing:
        """The executions of an entry of the overview."""
        return replace(self, shown=shown, order=order, parts=(OpenedPart(at, shown),))

    def with_members(self, members: Iterable[str]) -> Narrowing:
        """The same group, with those that belong to it now."""
        known = frozenset(members)
        part = self.parts[-1]
        parts = (*self.parts[:-1], replace(part, shown=replace(part.shown, members=known)))
        return replace(self, shown=replace(self.shown, members=known), parts=parts)

    def _with(self, shown: RowFilter) -> Narrowing:
        return replace(self, shown=shown)
