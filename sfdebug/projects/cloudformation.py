"""SAM and CloudFormation templates as projects; the other formats that end in a template build on this."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.deployment import StackPlace
from sfdebug.projects.intrinsics.functions import resolver_of
from sfdebug.projects.intrinsics.template import WrittenTemplate
from sfdebug.projects.model import (
    ProjectError,
    ProjectFormat,
)
from sfdebug.projects.parameters import parameter_values, unknown_names
from sfdebug.projects.project import Project
from sfdebug.projects.reading import ProjectFiles, problem_at
from sfdebug.projects.sam import TRANSFORM, project_folder, read_configuration
from sfdebug.projects.stacks import Stack, read_stacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.options import Options

MACHINE_TYPES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
"""The types of resources that are state machines."""


def load_template(path: Path, options: Options) -> Project:
    """The project of a SAM or CloudFormation template. Raises ProjectError for a file that is none."""
    files = ProjectFiles(project_folder(path))
    document, warnings = files.template(path)
    check_template(document)
    configuration = read_configuration(files)
    values, parameters, problems = parameter_values(
        document, options.parameters, configuration.parameters, configuration.name
    )
    place = StackPlace(
        region=options.region_or(configuration.region),
        account=options.account_or_default,
        stack=configuration.stack or project_folder(path.absolute()).name,
        is_region_given=(options.region or configuration.region) is not None,
        is_account_given=options.account is not None,
        is_stack_given=configuration.stack is not None,
    )
    resolver = resolver_of(WrittenTemplate(document, values), Assumptions(), place)
    stack = Stack(path.parent, resolver, files, options)
    stack.parameters = parameters
    stack.problems += [*warnings, *configuration.problems, *problems]
    read = read_stacks([stack])
    if not read.machines:
        raise _no_machine(document, read.problems)
    return Project(
        path=document.source.name,
        root=files.shown(files.root),
        format=ProjectFormat.SAM if is_sam(document) else ProjectFormat.CLOUDFORMATION,
        machines=read.machines,
        functions=read.functions,
        resources=read.resources,
        parameters=read.parameters,
        assumed=read.assumed,
        problems=(
            *read.problems,
            *unknown_names(document, options.parameters, [each.name for each in read.parameters]),
        ),
        files=files.files,
        region=place.region,
        account=place.account,
    )


def _no_machine(document: Document, noted: Iterable[Problem] = ()) -> ProjectError:
    """The error for a template without a state machine; `noted` says why nested ones were not read."""
    what = "there is no state machine in this template"
    fix = "give a template that has an AWS::Serverless::StateMachine or an AWS::StepFunctions::StateMachine"
    return ProjectError([problem_at(document, ("Resources",), what, fix, key=True), *noted])


def check_template(document: Document) -> None:
    """Raises ProjectError for a document that is no template."""
    value = document.value
    resources = value.get("Resources") if isinstance(value, dict) else None
    if not isinstance(resources, dict):
        pointer: Pointer = ("Resources",) if isinstance(value, dict) and "Resources" in value else ()
        what = "this is no template: it has no Resources"
        raise ProjectError([problem_at(document, pointer, what, "give a SAM or CloudFormation template")])


def is_sam(document: Document) -> bool:
    """Whether a template asks for SAM's transform."""
    value = document.value
    transform = value.get("Transform") if isinstance(value, dict) else None
    names = transform if isinstance(transform, list) else [transform]
    return any(isinstance(name, str) and name.startswith(TRANSFORM) for name in names)
