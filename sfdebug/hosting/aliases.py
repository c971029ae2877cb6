"""Aliases of state machines: each leads to one version or to two, by weights.

Source: AWS API, CreateStateMachineAlias, UpdateStateMachineAlias, DeleteStateMachineAlias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.hosting.changes import AliasChanged, AliasDeleted
from sfdebug.hosting.machine_table import arn_parts, version_number
from sfdebug.hosting.records import AliasRecord
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sfdebug.hosting.machine_table import HostedMachine, MachineTable
    from sfdebug.hosting.records import AliasRoute

_MOST_ROUTES: Final = 2
_ALL: Final = 100


class AliasRegistry:
    """The aliases of the state machines of a host."""

    def __init__(self, table: MachineTable) -> None:
        self._table = table

    def create(self, name: str, routes: Sequence[AliasRoute], description: str = "") -> AliasRecord:
        """Make an alias of one version or of two. The same once more gives what is there.

        Raises HostRefusalError (ROUTES_INVALID, ROUTE_UNKNOWN, ALIAS_EXISTS).
        """
        with self._table.lock:
            entry = self._routed_in(routes)
            arn = f"{entry.record.arn}:{name}"
            before = entry.aliases.get(name)
            if before is not None:
                if before.routes == tuple(routes) and before.description == description:
                    return before
                raise HostRefusalError(RefusalReason.ALIAS_EXISTS, arn)
            now = self._table.now
            alias = AliasRecord(arn, name, entry.record.arn, description, tuple(routes), now, now)
            return self._put(entry, alias)

    def update(
        self, arn: str, *, description: str | None = None, routes: Sequence[AliasRoute] | None = None
    ) -> AliasRecord:
        """Change what is given. Raises as `create`, and ALIAS_UNKNOWN."""
        with self._table.lock:
            entry, before = self._known(arn)
            if routes is not None and self._routed_in(routes) is not entry:
                raise HostRefusalError(RefusalReason.ROUTES_INVALID, arn)
            changed = replace(
                before,
                description=before.description if description is None else description,
                routes=before.routes if routes is None else tuple(routes),
                updated=self._table.now,
            )
            return self._put(entry, changed)

    def _put(self, entry: HostedMachine, alias: AliasRecord) -> AliasRecord:
        entry.aliases[alias.name] = alias
        self._table.tell(AliasChanged(alias))
        return alias

    def delete(self, arn: str) -> None:
        """Take an alias away. Raises HostRefusalError (ALIAS_UNKNOWN)."""
        with self._table.lock:
            entry, alias = self._known(arn)
            del entry.aliases[alias.name]
            self._table.tell(AliasDeleted(arn))

    def get(self, arn: str) -> AliasRecord:
        """An alias. Raises HostRefusalError (ALIAS_UNKNOWN)."""
        with self._table.lock:
            return self._known(arn)[1]

    def list(self, arn: str) -> tuple[AliasRecord, ...]:
        """The aliases of a machine, or those that lead to a version. Raises HostRefusalError (MACHINE_UNKNOWN)."""
        with self._table.lock:
            machine_arn, qualifier = arn_parts(arn)
            entry = self._table.known(machine_arn, arn)
            found = list(entry.aliases.values())
            if qualifier:
                found = [one for one in found if any(route.version_arn == arn for route in one.routes)]
            return tuple(found)

    def _known(self, arn: str) -> tuple[HostedMachine, AliasRecord]:
        machine_arn, qualifier = arn_parts(arn)
        entry = self._table.entries.get(machine_arn)
        alias = entry.aliases.get(qualifier) if entry is not None else None
        if entry is None or alias is None:
            raise HostRefusalError(RefusalReason.ALIAS_UNKNOWN, arn)
        return entry, alias

    def _routed_in(self, routes: Sequence[AliasRoute]) -> HostedMachine:
        """The machine of which all routes lead to versions."""
        arns = [route.version_arn for route in routes]
        machines = {arn_parts(arn)[0] for arn in arns}
        weights = [route.weight for route in routes]
        is_sound = 1 <= len(routes) <= _MOST_ROUTES and len(set(arns)) == len(arns) and len(machines) == 1
        if not is_sound or sum(weights) != _ALL or min(weights) < 0:
            raise HostRefusalError(RefusalReason.ROUTES_INVALID, arns[0] if arns else "")
        entry = self._table.entries.get(machines.pop())
        for arn in arns:
            if entry is None or version_number(arn) not in entry.versions:
                raise HostRefusalError(RefusalReason.ROUTE_UNKNOWN, arn)
        assert entry is not None
        return entry


def routed_version(alias: AliasRecord, random: Random) -> str:
    """The ARN of the version that one start by an alias leads to."""
    drawn = random.random() * _ALL
    for route in alias.routes:
        if drawn < route.weight:
            return route.version_arn
        drawn -= route.weight
    return alias.routes[-1].version_arn
