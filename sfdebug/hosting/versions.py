"""Versions of state machines: published, numbered, deleted, listed.

Source: AWS API, PublishStateMachineVersion, DeleteStateMachineVersion, ListStateMachineVersions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.hosting.changes import VersionDeleted
from sfdebug.hosting.machine_table import arn_parts, version_number
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from sfdebug.hosting.machine_table import MachineTable
    from sfdebug.hosting.records import VersionRecord


class VersionRegistry:
    """The versions of the state machines of a host."""

    def __init__(self, table: MachineTable) -> None:
        self._table = table

    def publish(self, arn: str, *, revision_id: str | None = None, description: str | None = None) -> VersionRecord:
        """Make a version of a machine as it is now; the one that is there where nothing has changed since.

        Raises HostRefusalError (MACHINE_UNKNOWN, MACHINE_DELETING; REVISION_CONFLICT when it has another revision).
        """
        with self._table.lock:
            entry = self._table.active(arn)
            if revision_id is not None and revision_id != (entry.record.revision_id or entry.revision):
                raise HostRefusalError(RefusalReason.REVISION_CONFLICT, arn)
            return self._table.publish(entry, description)

    def delete(self, version_arn: str) -> None:
        """Take a version away; its number is never used again. Raises HostRefusalError (VERSION_IN_USE)."""
        with self._table.lock:
            machine_arn, _ = arn_parts(version_arn)
            entry = self._table.entries.get(machine_arn)
            number = version_number(version_arn)
            if entry is None or number not in entry.versions:
                return
            for alias in entry.aliases.values():
                if any(route.version_arn == version_arn for route in alias.routes):
                    raise HostRefusalError(RefusalReason.VERSION_IN_USE, version_arn, alias.arn)
            del entry.versions[number]
            self._table.tell(VersionDeleted(version_arn))

    def list(self, arn: str) -> tuple[VersionRecord, ...]:
        """The versions of a machine, the newest first; none of one that is not there."""
        with self._table.lock:
            entry = self._table.entries.get(arn)
            published = entry.versions.values() if entry is not None else ()
            return tuple(one.version for one in reversed(tuple(published)))
