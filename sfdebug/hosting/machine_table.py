"""What state machines of a host have: each with its versions, its aliases and its revision, under one lock."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.hosting.changes import AliasChanged, MachineChanged, VersionDeleted, VersionPublished
from sfdebug.hosting.records import VersionRecord
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from sfdebug.engine.program import Program
    from sfdebug.hosting.changes import ResourceChange, TellChange
    from sfdebug.hosting.clock import WallClock
    from sfdebug.hosting.records import AliasRecord, MachineRecord
    from sfdebug.values import Json

ACTIVE = "ACTIVE"


class PublishedVersion(Struct, frozen=True):
    """A version, the machine as it is in it, and that compiled."""

    version: VersionRecord
    record: MachineRecord
    program: Program


class HostedMachine:
    """One state machine with all that it has. `revision` tells its states apart, also where AWS shows none."""

    def __init__(self, record: MachineRecord, program: Program, made_of: tuple[Json, ...]) -> None:
        self.record = record
        self.program = program
        self.made_of = made_of
        self.revision = str(uuid.uuid4())
        self.versions: dict[int, PublishedVersion] = {}
        self.published: dict[str, int] = {}
        """By revisions the versions that were made of them."""
        self.last_version = 0
        self.aliases: dict[str, AliasRecord] = {}

    @property
    def change(self) -> MachineChanged:
        """How it stands, for who is told of changes."""
        return MachineChanged(self.record, self.revision, self.made_of)


class MachineTable:
    """The state machines of a host by their ARNs. Who reads or changes them holds `lock`."""

    def __init__(self, clock: WallClock, tell: TellChange) -> None:
        self.lock = threading.RLock()
        self.entries: dict[str, HostedMachine] = {}
        self.tell = tell
        self._clock = clock

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return int(self._clock.now())

    def known(self, machine_arn: str, asked: str) -> HostedMachine:
        """A machine. Raises HostRefusalError (MACHINE_UNKNOWN, about what was asked for)."""
        entry = self.entries.get(machine_arn)
        if entry is None:
            raise HostRefusalError(RefusalReason.MACHINE_UNKNOWN, asked)
        return entry

    def active(self, arn: str) -> HostedMachine:
        """A machine that is not being deleted. Raises HostRefusalError (MACHINE_UNKNOWN, MACHINE_DELETING)."""
        entry = self.known(arn, arn)
        if entry.record.status != ACTIVE:
            raise HostRefusalError(RefusalReason.MACHINE_DELETING, arn)
        return entry

    def take_up(self, change: ResourceChange, program: Program | None) -> None:
        """Have a machine stand as it was kept, with its versions and aliases: they come after it, in their order.
        `program` is the definition of the change, compiled. Nobody is told."""
        if isinstance(change, MachineChanged):
            assert program is not None
            entry = self.entries[change.record.arn] = HostedMachine(change.record, program, change.made_of)
            entry.revision = change.revision
        elif isinstance(change, VersionPublished):
            assert program is not None
            version = change.version
            entry = self.entries[version.machine_arn]
            entry.last_version = version.number
            entry.versions[version.number] = PublishedVersion(version, change.record, program)
            entry.published[change.revision] = version.number
        elif isinstance(change, VersionDeleted):
            del self.entries[arn_parts(change.arn)[0]].versions[version_number(change.arn)]
        elif isinstance(change, AliasChanged):
            self.entries[change.alias.machine_arn].aliases[change.alias.name] = change.alias

    def publish(self, entry: HostedMachine, description: str | None) -> VersionRecord:
        """Make a version of a machine as it is now; the one that is there where nothing has changed since."""
        before = entry.versions.get(entry.published.get(entry.revision, 0))
        if before is not None:
            return before.version
        entry.last_version += 1
        number, now = entry.last_version, self.now
        arn = f"{entry.record.arn}:{number}"
        version = VersionRecord(arn, entry.record.arn, number, now, description, entry.record.revision_id)
        record = replace(entry.record, version=number, description=description, created=now, updated=None)
        entry.versions[number] = PublishedVersion(version, record, entry.program)
        entry.published[entry.revision] = number
        self.tell(VersionPublished(version, record, entry.revision))
        return version


def arn_parts(arn: str) -> tuple[str, str]:
    """The ARN of a machine, and the version or alias behind it; "" where there is none."""
    parts = arn.split(":")
    return ":".join(parts[:7]), ":".join(parts[7:])


def version_number(arn: str) -> int:
    """The version that an ARN names; 0 where it names none."""
    qualifier = arn_parts(arn)[1]
    return int(qualifier) if qualifier.isascii() and qualifier.isdecimal() and len(qualifier) < 10 else 0
