"""One call of an operation: the host that it is about, the members of the request, and whether somebody still waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.tasks.handler import TaskHandler


class ApiCall(Struct, frozen=True, eq=False):
    """What an operation is given.

    `tasks` answers a Task that TestState tests without a mock; `is_abandoned` says whether the client has gone, or the
    server ends.
    """

    host: ExecutionHost
    members: Mapping[str, Any]
    is_abandoned: Callable[[], bool]
    tasks: TaskHandler | None = None

    def get(self, name: str) -> Any:
        """A member, None where it was not given."""
        return self.members.get(name)


OperationFunction = Callable[[ApiCall], dict[str, Json]]
"""Answers a call. Raises ApiRefusalError and HostRefusalError."""


def seconds(milliseconds: int) -> float:
    """A time as the API has it: seconds since 1970, with fractions."""
    return milliseconds / 1000


def without_none(**members: Json) -> dict[str, Json]:
    """The members of an answer that are there."""
    return {name: value for name, value in members.items() if value is not None}
