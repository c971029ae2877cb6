"""What changes among the resources of a host: state machines, their versions and aliases, activities, tags.

Each change says how the resource stands afterwards, whole, so that the last one of a resource is all that counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from sfdebug.hosting.records import ActivityRecord, AliasRecord, MachineRecord, VersionRecord


class MachineChanged(Struct, frozen=True, tag=True):
    """A state machine was made or updated, or is being deleted.

    `revision` tells its states apart, also where AWS shows none; `made_of` is what a creation that asks for the same
    once more is compared with.
    """

    record: MachineRecord
    revision: str
    made_of: tuple[Any, ...]


class MachineGone(Struct, frozen=True, tag=True):
    """A state machine is gone, with its versions, aliases and tags."""

    arn: str


class VersionPublished(Struct, frozen=True, tag=True):
    """A version was made of a revision; `record` is the machine as it is in that version."""

    version: VersionRecord
    record: MachineRecord
    revision: str


class VersionDeleted(Struct, frozen=True, tag=True):
    """A version is gone."""

    arn: str


class AliasChanged(Struct, frozen=True, tag=True):
    """An alias was made or changed."""

    alias: AliasRecord


class AliasDeleted(Struct, frozen=True, tag=True):
    """An alias is gone."""

    arn: str


class ActivityCreated(Struct, frozen=True, tag=True):
    """An activity was made."""

    record: ActivityRecord


class ActivityDeleted(Struct, frozen=True, tag=True):
    """An activity is gone, with its tags."""

    arn: str


class TagsChanged(Struct, frozen=True, tag=True):
    """The tags of a resource are these now. Those that it was made with are told before it is itself."""

    arn: str
    tags: dict[str, str]


ResourceChange = (
    MachineChanged
    | MachineGone
    | VersionPublished
    | VersionDeleted
    | AliasChanged
    | AliasDeleted
    | ActivityCreated
    | ActivityDeleted
    | TagsChanged
)

TellChange = Callable[[ResourceChange], None]
"""Told of each change in its order, while what has changed is locked: it calls nothing of the host, and waits for
nothing."""
