"""Where a definition is taken from: a file of its own, or a machine of a project, with the values that were given.

This is the one door: what takes a definition takes an address, and opens it here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.asl.load import (
    STDIN,
    Definition,
    definition_from,
    examine_source,
    is_path,
    load_definition,
    parse_source,
    read_source,
)
from sfdebug.asl.lookalikes import may_be_project
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.asl.examination import Examination
    from sfdebug.asl.text.source import Source
    from sfdebug.errors import Problem
    from sfdebug.projects.model import ProjectMachine
    from sfdebug.projects.project import Project

# What reads projects is imported when there is one: most definitions stand in files of their own.


class ProjectValues(Struct, frozen=True):
    """What was given for what a project leaves open; "" and empty where nothing was."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    account: str = ""

    def __bool__(self) -> bool:
        return self != ProjectValues()


class DefinitionAddress(Struct, frozen=True):
    """Where a definition is: a file, or with `name` a machine of a project ("" for its only one), and the values."""

    path: str
    name: str = ""
    values: ProjectValues = field(default_factory=ProjectValues)

    @classmethod
    def read(cls, text: str, name: str | None = None, values: ProjectValues | None = None) -> DefinitionAddress:
        """What `PATH` or `PATH#NAME` means; `name` is one that was given beside it.

        Raises UsageError when two names are given.
        """
        path, named = _split(text)
        if name is not None and named is not None and name != named:
            raise UsageError(f"two state machines are named: {named} and {name}", where=text, fix="Name one of them.")
        return cls(path, named or name or "", values or ProjectValues())

    @property
    def text(self) -> str:
        """`PATH`, or `PATH#NAME`."""
        return f"{self.path}#{self.name}" if self.name else self.path

    @property
    def is_of_project(self) -> bool:
        """Whether it leads into a project. A file that is neither a template nor a definition does not."""
        if self.path == STDIN:
            return False
        if os.path.isdir(self.path):
            return True
        if not may_be_project(self.path):
            return False
        from sfdebug.projects.finding import is_project

        return is_project(self.path)

    def absolute(self) -> DefinitionAddress:
        """The same from any folder; standard input stays what it is."""
        return self if self.path == STDIN else replace(self, path=str(Path(self.path).resolve()))

    def project(self) -> Project:
        """The project. Raises ProjectError when it cannot be read."""
        from sfdebug.projects.loading import load_project

        values = self.values
        return load_project(
            self.path,
            parameters=values.parameters,
            substitutions=values.substitutions,
            region=values.region or None,
            account=values.account or None,
        )

    def opened(self, project: Project | None = None) -> OpenedDefinition:
        """What is there; `project` is the project at this address where that was read already.

        Raises ProjectError for a project that cannot be read, MachineChoiceError when it has several machines and none
        is named, or none of this name; UsageError for a name or values that a plain definition has no use for. A plain
        file is read when its definition is asked for.
        """
        if project is not None or self.is_of_project:
            project = project or self.project()
            machine = project.machine(self.name or None)
            return OpenedDefinition(replace(self, name=machine.name), project, machine)
        if self.name and not os.path.exists(self.path):
            self.project()  # says that there is no such file
        if self.name:
            what = f"there is no state machine to choose by the name {self.name}: this is no project"
            raise UsageError(what, where=self.path, fix="Leave the name out, or give a template or its folder.")
        values = self.values
        if values.parameters or values.account:
            fix = "Leave them out. What stands for a ${Placeholder} of a definition is given with --substitute."
            raise UsageError("parameters are a template's, and this is no project", where=self.path, fix=fix)
        return OpenedDefinition(self)

    def machines(self) -> tuple[OpenedDefinition, ...]:
        """What is there, all of it: every machine of a project when none is named; what is odd about the project as a
        whole goes with the first. Raises what `opened` raises."""
        if self.name or not self.is_of_project:
            return (self.opened(),)
        project = self.project()
        rest = replace(project, problems=())
        return tuple(
            OpenedDefinition(replace(self, name=each.name), rest if index else project, each)
            for index, each in enumerate(project.machines)
        )


class OpenedDefinition(Struct, frozen=True, eq=False, dict=True):
    """What an address led to. `project` and `machine` are None for a file of its own, which was asked for then."""

    address: DefinitionAddress
    project: Project | None = None
    machine: ProjectMachine | None = None
    _asked_at: int = field(default_factory=time_ns)

    @cached_property
    def definition(self) -> StateMachine:
        """The definition, with the warnings about its template. Raises DefinitionError with all that is wrong."""
        if self.machine is not None:
            found = self.machine.checked()
            return replace(found, warnings=(*self.warnings, *found.warnings)) if self.warnings else found
        if self.address.values.substitutions:
            return parse_source(_filled(read_source(self.address.path), self.address.values.substitutions))
        return load_definition(self.address.path)

    def examined(self) -> Examination:
        """All that can be said of the definition, faulty as it may be. Raises DefinitionError when there is no text."""
        if self.machine is not None:
            if self.machine.source is None:
                from sfdebug.projects.model import ProjectError

                raise ProjectError(self.machine.problems)
            found = examine_source(self.machine.source)
            return _located(found, self.machine) if self.machine.is_generated else found
        source = read_source(self.address.path)
        given = self.address.values.substitutions
        return examine_source(_filled(source, given) if given else source)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd about the template, and about what it says of this machine."""
        if self.project is None or self.machine is None:
            return ()
        return (*self.project.problems, *self.machine.warnings)

    @property
    def outside(self) -> tuple[str, ...]:
        """The files that were read outside of the project's folder: a path in the project names each."""
        return () if self.project is None else tuple(file.path for file in self.project.files if file.is_outside)

    @property
    def asked_at(self) -> int:
        """When its reading began, in nanoseconds since 1970; 0 where nobody knows."""
        return self._asked_at if self.project is None else self.project.asked_at

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it was made of: when one changes, it may be another."""
        if self.project is not None:
            return tuple(file.path for file in self.project.files)
        return () if self.address.path == STDIN else (self.address.path,)


def load(
    value: Definition,
    machine: str | None = None,
    *,
    parameters: Mapping[str, str] | None = None,
    substitutions: Mapping[str, str] | None = None,
    region: str | None = None,
    account: str | None = None,
) -> StateMachine:
    """The definition that a value stands for, parsed and checked.

    Args:
        value: The path of a definition's file ("-" is stdin) or of a project: a template, CDK output, or a folder
            with one, as `PATH` or `PATH#NAME`; a text in JSON or YAML; a dict; or a definition itself. A string is a
            path when it is named like a file or there is such a file, and a text when it has several lines or is JSON.
        machine: Which state machine of a project; not needed for the only one.
        parameters: Values of a template's parameters.
        substitutions: What stands for the `${Placeholders}` of a definition.
        region: What a template's AWS::Region is.
        account: What a template's AWS::AccountId is.

    Raises:
        DefinitionError: With all problems found, when it cannot be read or is no valid definition.
        MachineChoiceError: When a project has several machines and none is named, or none of this name.
        UsageError: For anything else, and for names and values that what was given has no use for.
    """
    values = ProjectValues(dict(parameters or {}), dict(substitutions or {}), region or "", account or "")
    path = _path_in(value)
    if path is not None:
        address = DefinitionAddress.read(path, machine, values)
        if address.name or values or address.is_of_project:
            return address.opened().definition
    elif machine is not None or values:
        what = "a machine's name and values are for a project or a file, and this is neither"
        raise UsageError(what, fix="Give the path of the template.")
    return definition_from(value)


def _located(examination: Examination, machine: ProjectMachine) -> Examination:
    """What was found in a text that nobody edits, with the construct and the JSON Pointer at which it is."""
    from sfdebug.asl.findings import NOWHERE

    findings = []
    for finding in examination.findings:
        problem = finding.problem
        if problem is not None and finding.pointer != NOWHERE:
            what = f"{machine.place_of(finding.pointer)}: {problem.what}"
            finding = replace(finding, problem=replace(problem, what=what))
        findings.append(finding)
    return replace(examination, findings=tuple(findings))


def _path_in(value: Definition) -> str | None:
    """The path that a value is, perhaps with a machine's name; None when it is something else."""
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if not isinstance(value, str):
        return None
    path, name = _split(value)
    try:
        return value if is_path(value) or (name is not None and os.path.exists(path)) else None
    except (OSError, ValueError):
        return None


def _split(text: str) -> tuple[str, str | None]:
    """The path and the machine's name in `PATH#NAME`."""
    if "#" not in text or text == STDIN:
        return text, None
    from sfdebug.projects.loading import split_machine

    return split_machine(text)


def _filled(source: Source, values: Mapping[str, str]) -> Source:
    """A definition of its own with the placeholders that values were given for replaced, as text."""
    from sfdebug.asl.text.placed import whole
    from sfdebug.projects.definitions import PLACEHOLDER

    return whole(source).substituted(PLACEHOLDER, lambda match: values.get(match[1])).source(source)
