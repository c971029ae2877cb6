"""State machines of a host: made, changed, deleted, found by the ARNs of their versions and aliases, too.

Source: AWS API, CreateStateMachine (what makes it idempotent), UpdateStateMachine, DeleteStateMachine.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.load import parse_definition
from sfdebug.asl.rules.resources import express_problems
from sfdebug.engine.program import Program
from sfdebug.errors import DefinitionError
from sfdebug.hosting.aliases import routed_version
from sfdebug.hosting.changes import MachineGone
from sfdebug.hosting.machine_table import ACTIVE, HostedMachine, arn_parts, version_number
from sfdebug.hosting.records import MachineRecord
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from sfdebug.hosting.machine_table import MachineTable
    from sfdebug.hosting.records import MachineSettings, VersionRecord
    from sfdebug.hosting.tags import TagBook
    from sfdebug.values import Json


class StartTarget(Struct, frozen=True):
    """What an execution is started of: the machine or version as it is now, compiled; by which alias it was found."""

    record: MachineRecord
    program: Program
    alias_arn: str | None = None


class MachineRegistry:
    """The state machines of a host."""

    def __init__(
        self, table: MachineTable, place: str, tags: TagBook, random: Random, has_running: Callable[[str], bool]
    ) -> None:
        """`place` is the ARN up to the kind of resource; `has_running` says of a machine whether executions of it run;
        `random` chooses where an alias leads."""
        self._table = table
        self._place = place
        self._tags = tags
        self._random = random
        self._has_running = has_running

    def arn_of(self, name: str) -> str:
        """The ARN of a machine of that name, whether there is one or not."""
        return f"{self._place}:stateMachine:{name}"

    def create(
        self,
        settings: MachineSettings,
        *,
        publish: bool = False,
        version_description: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> tuple[MachineRecord, VersionRecord | None]:
        """Make a state machine, and with `publish` its first version. The same once more gives what is there.

        Raises HostRefusalError (MACHINE_EXISTS, MACHINE_DELETING, TOO_MANY_TAGS), and DefinitionError or
        UnsupportedError for a definition that cannot be run.
        """
        arn = self.arn_of(settings.name)
        made_of = (
            settings.definition,
            settings.type,
            settings.logging,
            settings.tracing,
            settings.encryption,
            publish,
            version_description,
        )
        with self._table.lock:
            entry = self._table.entries.get(arn)
            if entry is not None:
                return self._created_before(entry, made_of, publish=publish)
        program = compiled(settings.definition, settings.name, settings.type)
        with self._table.lock:
            entry = self._table.entries.get(arn)
            if entry is not None:
                return self._created_before(entry, made_of, publish=publish)
            record = MachineRecord(
                arn,
                settings.name,
                settings.type,
                settings.definition,
                settings.role_arn,
                self._table.now,
                logging=settings.logging,
                tracing=settings.tracing,
                encryption=settings.encryption,
            )
            self._tags.begin(arn, tags or {})
            entry = self._table.entries[arn] = HostedMachine(record, program, made_of)
            self._table.tell(entry.change)
            return record, self._table.publish(entry, version_description) if publish else None

    def _created_before(
        self, entry: HostedMachine, made_of: tuple[Json, ...], *, publish: bool
    ) -> tuple[MachineRecord, VersionRecord | None]:
        if entry.record.status != ACTIVE:
            raise HostRefusalError(RefusalReason.MACHINE_DELETING, entry.record.arn)
        if entry.made_of != made_of:
            raise HostRefusalError(RefusalReason.MACHINE_EXISTS, entry.record.arn)
        number = entry.published.get(entry.revision) if publish else None
        return entry.record, entry.versions[number].version if number in entry.versions else None

    def update(
        self,
        arn: str,
        *,
        definition: str | None = None,
        role_arn: str | None = None,
        logging: Json = None,
        tracing: Json = None,
        encryption: Json = None,
        publish: bool = False,
        version_description: str | None = None,
    ) -> tuple[MachineRecord, VersionRecord | None]:
        """Change what is given; executions that run keep what they started with.

        Raises as `create`, and MACHINE_UNKNOWN.
        """
        with self._table.lock:
            entry = self._table.active(arn)
            before, program = entry.record, entry.program
        if definition is not None and definition != before.definition:
            program = compiled(definition, before.name, before.type)
        with self._table.lock:
            entry = self._table.active(arn)
            before = entry.record
            given = {
                "definition": definition,
                "role_arn": role_arn,
                "logging": logging,
                "tracing": tracing,
                "encryption": encryption,
            }
            changes = {name: value for name, value in given.items() if value is not None}
            if definition is not None:
                entry.program = program
            entry.record = replace(before, updated=self._table.now, **changes)
            if replace(entry.record, updated=before.updated) != before:
                # Recorded: what changes nothing makes no revision.
                entry.revision = str(uuid.uuid4())
                entry.record = replace(entry.record, revision_id=entry.revision)
            entry.made_of = (
                entry.record.definition,
                entry.record.type,
                entry.record.logging,
                entry.record.tracing,
                entry.record.encryption,
                publish,
                version_description,
            )
            self._table.tell(entry.change)
            return entry.record, self._table.publish(entry, version_description) if publish else None

    def delete(self, arn: str) -> None:
        """Take a state machine away, when no execution of it runs any more. One that is not there stays so."""
        with self._table.lock:
            entry = self._table.entries.get(arn)
            if entry is None:
                return
            entry.record = replace(entry.record, status="DELETING")
            self._table.tell(entry.change)
            self._collect(entry)

    def ended(self, arn: str) -> None:
        """An execution of a machine is over: one that is being deleted may be gone now."""
        with self._table.lock:
            entry = self._table.entries.get(arn)
            if entry is not None and entry.record.status != ACTIVE:
                self._collect(entry)

    def _collect(self, entry: HostedMachine) -> None:
        arn = entry.record.arn
        if not self._has_running(arn):
            del self._table.entries[arn]
            self._tags.end(arn)
            self._table.tell(MachineGone(arn))

    def get(self, arn: str) -> MachineRecord:
        """A state machine, a version, or the version that an alias leads to first. Raises HostRefusalError."""
        with self._table.lock:
            machine_arn, qualifier = arn_parts(arn)
            entry = self._table.known(machine_arn, arn)
            if not qualifier:
                return entry.record
            alias = entry.aliases.get(qualifier)
            number = version_number(alias.routes[0].version_arn) if alias is not None else version_number(arn)
            if number not in entry.versions:
                raise HostRefusalError(RefusalReason.MACHINE_UNKNOWN, arn)
            return entry.versions[number].record

    def list(self) -> tuple[MachineRecord, ...]:
        """All of them, in the order in which they were made."""
        with self._table.lock:
            return tuple(entry.record for entry in self._table.entries.values())

    def target(self, arn: str) -> StartTarget:
        """What an execution is started of. Raises HostRefusalError (MACHINE_UNKNOWN, MACHINE_DELETING)."""
        with self._table.lock:
            machine_arn, qualifier = arn_parts(arn)
            entry = self._table.known(machine_arn, arn)
            if entry.record.status != ACTIVE:
                raise HostRefusalError(RefusalReason.MACHINE_DELETING, arn)
            if not qualifier:
                return StartTarget(entry.record, entry.program)
            alias = entry.aliases.get(qualifier)
            number = version_number(routed_version(alias, self._random)) if alias is not None else version_number(arn)
            published = entry.versions.get(number)
            if published is None:
                raise HostRefusalError(RefusalReason.MACHINE_UNKNOWN, arn)
            return StartTarget(published.record, published.program, alias.arn if alias is not None else None)


def compiled(definition: str, name: str, type: str) -> Program:
    """A definition, compiled. Raises DefinitionError, and UnsupportedError for what cannot be run as it stands."""
    machine = parse_definition(definition, name, "json")
    problems = express_problems(machine) if type == ExecutionType.EXPRESS else ()
    if problems:
        raise DefinitionError(problems)
    return Program(machine)
