"""A project as a whole: which of its machines is meant by a name, and what a Task leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.errors import Problem, UsageError
from sfdebug.projects.model import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    AssumedValue,
    ProjectFile,
    ProjectFormat,
    ProjectFunction,
    ProjectMachine,
    ProjectParameter,
    ProjectResource,
    TaskTarget,
)
from sfdebug.projects.targets import target_of
from sfdebug.text import counted
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Sequence


class MachineChoiceError(UsageError):
    """No machine of a project was named though it has several, or one that it does not have; `machines` lists them."""

    def __init__(self, what: str, machines: Sequence[ProjectMachine], *, where: str = "", fix: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.machines = tuple(machines)


class Project(Struct, frozen=True, eq=False):
    """A project as it stands on disk, resolved for one region, account and set of parameters.

    `root` is the folder that its paths are relative to; `problems` are about the template as a whole, and stop nothing.
    `asked_at` is when its reading began, in nanoseconds since 1970, 0 where nobody knows: what was written to a file
    since then may not be in it.
    """

    path: str
    root: str
    format: ProjectFormat
    machines: tuple[ProjectMachine, ...] = ()
    functions: tuple[ProjectFunction, ...] = ()
    resources: tuple[ProjectResource, ...] = ()
    parameters: tuple[ProjectParameter, ...] = ()
    assumed: tuple[AssumedValue, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[ProjectFile, ...] = ()
    region: str = DEFAULT_REGION
    account: str = DEFAULT_ACCOUNT
    asked_at: int = 0

    def machine(self, name: str | None = None) -> ProjectMachine:
        """The machine of this name, or the only one.

        Args:
            name: What it is shown as, its logical id, construct path, physical name or ARN; None for the only machine.

        Raises:
            MachineChoiceError: When none or several have this name, or there are several and none is named.
        """
        if name is None:
            if len(self.machines) == 1:
                return self.machines[0]
            what = f"{counted(len(self.machines), 'state machine')} stand in it, and none is named"
            listed = ", ".join(machine.name for machine in self.machines[:12])
            fix = f"name one of {listed}" if self.machines else "give a template that has a state machine"
            raise MachineChoiceError(what, self.machines, where=self.path, fix=fix)
        for names in zip(*map(_names, self.machines), strict=True):
            found = [machine for machine, known in zip(self.machines, names, strict=True) if known == name]
            if len(found) == 1:
                return found[0]
            if found:
                listed = ", ".join(machine.logical_id for machine in found)
                what = f"{len(found)} state machines are called {quote(name)}"
                raise MachineChoiceError(what, found, where=self.path, fix=f"name it by its logical id: {listed}")
        close = closest(name, (known for machine in self.machines for known in _names(machine) if known))
        listed = ", ".join(machine.name for machine in self.machines[:12]) or "no state machine"
        fix = f"did you mean {quote(close)}?" if close else f"it has {listed}"
        raise MachineChoiceError(
            f"there is no state machine {quote(name)} in it", self.machines, where=self.path, fix=fix
        )

    def resource_of(self, machine: ProjectMachine) -> ProjectResource | None:
        """What stands in the template for a machine of this project.

        Two stacks of an app can have machines of one logical id, and so of one ARN where deployment makes the name: the
        construct path tells them apart.

        Args:
            machine: One of its machines.

        Returns:
            None for a machine that no resource of the project is.
        """
        alike = [one for one in self.resources if one.logical_id == machine.logical_id and one.arn == machine.arn]
        own = (one for one in alike if one.construct_path == machine.construct_path)
        return next(own, alike[0] if alike else None)

    def target(self, resource: str, arguments: Json = None) -> TaskTarget | None:
        """What a Task leads to in this project.

        Args:
            resource: The Task's Resource.
            arguments: Its Parameters or Arguments, as written or as they are when it runs.

        Returns:
            None when it leads to nothing in the project, or to something that is only known when it runs.
        """
        return target_of(self, resource, arguments)


def _names(machine: ProjectMachine) -> tuple[str, ...]:
    """What a machine may be called, the surest first."""
    last = machine.name.rpartition("/")[2]
    return machine.name, machine.logical_id, machine.physical_name, machine.arn, last
