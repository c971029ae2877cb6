"""What a permission is: actions on resources, for whose sake, and what about it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from sfdebug.errors import Problem
from sfdebug.values import Json

ANYTHING: Final = "*"
"""The Resource of an action that knows none, and what stands for a name that is not known."""

Condition = Mapping[str, Mapping[str, Json]]
"""A Condition of an IAM statement: operators, their keys and values."""


class Place(Struct, frozen=True):
    """Where a machine is: what its ARN begins with, and its name. `*` stands for what is not known."""

    partition: str = "aws"
    region: str = ANYTHING
    account: str = ANYTHING
    machine: str = ANYTHING

    @classmethod
    def of_arn(cls, arn: str) -> Place:
        """That of a state machine with this ARN."""
        _, partition, _, region, account, _, name = arn.split(":")[:7]
        return cls(partition, region, account, name)

    def arn(self, short: str) -> str:
        """The ARN that is written in short: `dynamodb:R:A:table/orders`, with R and A for region and account."""
        service, region, account, path = short.split(":", 3)
        region = self.region if region == "R" else region
        account = self.account if account == "A" else account
        return f"arn:{self.partition}:{service}:{region}:{account}:{path}"


class Permission(Struct, frozen=True):
    """Actions that are needed on resources. `states` need them, `role` is assumed for it ("": the machine's own).

    `is_open`: a * in the resources stands for what the definition alone does not say.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = (ANYTHING,)
    condition: Condition | None = None
    states: tuple[str, ...] = ()
    role: str = ""
    is_open: bool = False


class NeededPermissions(Struct, frozen=True):
    """All that a machine needs, in the order of its states; `open_ends` say what the definition alone does not.

    `unplaced` are the actions of which no resource is known here.
    """

    permissions: tuple[Permission, ...]
    open_ends: tuple[Problem, ...] = ()
    unplaced: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[Permission, ...]:
        """Those that the machine's own role must have."""
        return tuple(each for each in self.permissions if not each.role)
