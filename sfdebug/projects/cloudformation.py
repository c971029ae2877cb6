"""SAM and CloudFormation templates as projects; the other formats that end in a template build on this."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.problems import quote
from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.functions import function_of, is_function, layer_folder
from sfdebug.projects.intrinsics import Resolver
from sfdebug.projects.machines import DEFINITION_FIELDS, read_machine, rule_triggers
from sfdebug.projects.model import (
    ProjectError,
    ProjectFormat,
    ProjectFunction,
    ProjectMachine,
    ProjectResource,
    ResourceKind,
)
from sfdebug.projects.parameters import parameter_values
from sfdebug.projects.project import Project
from sfdebug.projects.reading import ProjectFiles, problem_at
from sfdebug.projects.resource_types import type_named
from sfdebug.projects.sam import TRANSFORM, project_folder, read_configuration, with_globals
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.text.source import Document, Pointer
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
    resolver = Resolver(
        document,
        values,
        Assumptions(),
        region=options.region_or(configuration.region),
        account=options.account_or_default,
        stack=configuration.stack or project_folder(path.absolute()).name,
        is_region_given=(options.region or configuration.region) is not None,
        is_account_given=options.account is not None,
    )
    reading = TemplateReading(path.parent, resolver, files, options)
    resources = reading.resources()
    functions = tuple(reading.function(resource) for resource in resources if is_function(resource))
    machines = reading.machines(resources)
    used = dict.fromkeys(value for machine in machines for value in machine.assumed)
    return Project(
        path=document.source.name,
        root=files.shown(files.root),
        format=ProjectFormat.SAM if is_sam(document) else ProjectFormat.CLOUDFORMATION,
        machines=machines,
        functions=functions,
        resources=resources,
        parameters=parameters,
        assumed=tuple(used),
        problems=(*warnings, *configuration.problems, *problems, *dict.fromkeys(resolver.problems)),
        files=files.files,
        region=resolver.region,
        account=resolver.account,
    )


def check_template(document: Document) -> None:
    """Raises ProjectError for a document that is no template, or that has no state machine."""
    value = document.value
    resources = value.get("Resources") if isinstance(value, dict) else None
    if not isinstance(resources, dict):
        pointer: Pointer = ("Resources",) if isinstance(value, dict) and "Resources" in value else ()
        what = "this is no template: it has no Resources"
        raise ProjectError([problem_at(document, pointer, what, "give a SAM or CloudFormation template")])
    if not machine_ids(document):
        what = "there is no state machine in this template"
        fix = "give a template that has an AWS::Serverless::StateMachine or an AWS::StepFunctions::StateMachine"
        raise ProjectError([problem_at(document, ("Resources",), what, fix, key=True)])


def machine_ids(document: Document) -> list[str]:
    """The logical ids of a template's state machines."""
    value = document.value
    resources = value.get("Resources") if isinstance(value, dict) else None
    return [
        logical_id
        for logical_id, resource in (resources.items() if isinstance(resources, dict) else ())
        if isinstance(resource, dict) and resource.get("Type") in MACHINE_TYPES
    ]


def is_sam(document: Document) -> bool:
    """Whether a template asks for SAM's transform."""
    value = document.value
    transform = value.get("Transform") if isinstance(value, dict) else None
    names = transform if isinstance(transform, list) else [transform]
    return any(isinstance(name, str) and name.startswith(TRANSFORM) for name in names)


class TemplateReading:
    """Reads the resources of one template. `folder` is what the paths in it are relative to."""

    def __init__(self, folder: Path, resolver: Resolver, files: ProjectFiles, options: Options) -> None:
        self.folder = folder
        self.resolver = resolver
        self.files = files
        self.options = options
        self.construct_paths: Mapping[str, str] = {}
        self._layers: dict[str, str] = {}

    def asset(self, key: str) -> Path | None:
        """Where the object of a bucket lies beside the template; a plain template has none."""
        return None

    def resources(self) -> tuple[ProjectResource, ...]:
        """Every resource, with its properties resolved."""
        found = []
        for logical_id, resource in self.resolver.section("Resources").items():
            if not isinstance(resource, dict):
                what = f"the resource {quote(logical_id)} is no object"
                self.resolver.note(("Resources", logical_id), what, "write its Type and Properties", key=True)
                continue
            if not self._is_made(resource, logical_id):
                continue
            found.append(self._resource(logical_id))
        for made in found:
            if made.kind is ResourceKind.LAYER:
                folder = layer_folder(made, self.folder)
                if folder is not None:
                    self._layers[made.arn] = folder
        return tuple(found)

    def _is_made(self, resource: Mapping[str, Json], logical_id: str) -> bool:
        condition = resource.get("Condition")
        return not isinstance(condition, str) or self.resolver.condition(
            condition, ("Resources", logical_id, "Condition")
        )

    def raw_properties(self, logical_id: str) -> dict[str, Json]:
        """The properties of a resource as written, with what Globals supplies."""
        properties = self.resolver.properties(logical_id)
        return with_globals(self.resolver.template, self.resolver.resource_type(logical_id), properties)

    def _resource(self, logical_id: str) -> ProjectResource:
        resolver = self.resolver
        at: Pointer = ("Resources", logical_id)
        kind = resolver.resource_type(logical_id)
        raw = self.raw_properties(logical_id)
        if kind in MACHINE_TYPES:  # its definition is read on its own, with places
            raw = {name: value for name, value in raw.items() if name not in DEFINITION_FIELDS}
        properties = resolver.resolve(raw, (*at, "Properties"))
        return ProjectResource(
            kind=type_named(kind).kind,
            type=kind,
            logical_id=logical_id,
            name=resolver.name_of(logical_id),
            arn=resolver.arn(logical_id),
            url=resolver.url(logical_id),
            properties=properties if isinstance(properties, dict) else {},
            construct_path=self.construct_paths.get(logical_id, ""),
            file=resolver.document.source.name,
            line=resolver.document.key_span(at).line,
        )

    def function(self, resource: ProjectResource) -> ProjectFunction:
        """The function that a resource is."""
        return function_of(resource, self.folder, lambda arn: self._layers.get(arn, arn), self.asset)

    def machines(self, resources: tuple[ProjectResource, ...]) -> tuple[ProjectMachine, ...]:
        """The state machines among the resources."""
        triggers = rule_triggers(resources)
        return tuple(
            read_machine(self, resource, triggers.get(resource.arn, ()))
            for resource in resources
            if resource.type in MACHINE_TYPES
        )
