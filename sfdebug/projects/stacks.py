"""A template as a stack: its resources, functions and machines, and the stacks that it nests.

Source: AWS docs, AWS::CloudFormation::Stack (TemplateURL, Parameters, `Outputs.Name` of Fn::GetAtt),
AWS::Serverless::Application (Location), and "Outputs", `Export`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.text.problems import quote
from sfdebug.projects.functions import function_of, is_function, layer_folder
from sfdebug.projects.intrinsics.conditions import holds
from sfdebug.projects.intrinsics.functions import resolver_of
from sfdebug.projects.intrinsics.names import arn_of, name_of, url_of
from sfdebug.projects.intrinsics.template import WrittenTemplate
from sfdebug.projects.machines import DEFINITION_FIELDS, read_machine
from sfdebug.projects.model import (
    AssumedValue,
    MachineTrigger,
    ProjectError,
    ProjectFunction,
    ProjectMachine,
    ProjectParameter,
    ProjectResource,
    ResourceKind,
)
from sfdebug.projects.parameters import parameter_values
from sfdebug.projects.resource_types import type_named
from sfdebug.projects.sam import with_globals
from sfdebug.projects.triggers.buckets import with_quiet_buckets
from sfdebug.projects.triggers.making import triggers_for
from sfdebug.projects.triggers.templates import resource_triggers
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.projects.options import Options
    from sfdebug.projects.reading import ProjectFiles

MACHINE_TYPES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
"""The types of resources that are state machines."""

STACK_TYPE: Final = "AWS::CloudFormation::Stack"
APPLICATION_TYPE: Final = "AWS::Serverless::Application"
MAX_NESTING: Final = 12
"""Deepest nesting of stacks that is followed; a template that nests itself ends here."""

_RESOURCE_PARTS: Final = ("Resource", "Default")
_REMOTE: Final = ("s3://", "https://", "http://", "arn:")


class Assets(Protocol):
    """What was built beside a template, to be uploaded."""

    def file(self, key: str) -> Path | None:
        """The file or folder that is uploaded as an object of this key, None when there is none."""

    def edited(self, path: Path) -> Path:
        """The file that a person edits of which `path` is a copy; `path` itself where none is known."""


class NoAssets:
    """Nothing was built beside the template."""

    def file(self, key: str) -> Path | None:
        """Nothing."""
        return None

    def edited(self, path: Path) -> Path:
        """The file itself."""
        return path


class StackNames(Protocol):
    """What people call the resources of a stack."""

    def shown(self, logical_id: str) -> str:
        """What a resource is called, "" where its logical id says it."""

    def nested(self, logical_id: str) -> StackNames:
        """The names in a stack that this one nests."""


class LogicalNames(Struct, frozen=True):
    """Logical ids, behind those of the stacks that they are nested in: `Payment/Charge`."""

    path: str = ""

    def shown(self, logical_id: str) -> str:
        """The logical id with the stacks that it is in, "" when it is in none."""
        return f"{self.path}/{logical_id}" if self.path else ""

    def nested(self, logical_id: str) -> StackNames:
        """The names in a nested stack."""
        return LogicalNames(f"{self.path}/{logical_id}" if self.path else logical_id)


def construct_name(path: str) -> str:
    """The path of a construct without its last part where that says nothing: `Shop/Chain/Resource`."""
    owner, _, last = path.strip("/").rpartition("/")
    return owner if owner and last in _RESOURCE_PARTS else path.strip("/")


class Stack:
    """One template as it would be deployed. `folder` is what the paths in it are relative to."""

    def __init__(
        self,
        folder: Path,
        resolver: Resolver,
        files: ProjectFiles,
        options: Options,
        *,
        assets: Assets | None = None,
        names: StackNames | None = None,
        is_generated: bool = False,
        depth: int = 0,
    ) -> None:
        self.folder = folder
        self.resolver = resolver
        self.template = resolver.template
        self.files = files
        self.options = options
        self.assets: Assets = assets or NoAssets()
        self.names: StackNames = names or LogicalNames()
        self.is_generated = is_generated
        self.parameters: tuple[ProjectParameter, ...] = ()
        self.triggers: dict[str, tuple[MachineTrigger, ...]] = {}
        self.problems: list[Problem] = []
        self._depth = depth
        self._layers: dict[str, str] = {}
        self._nested: dict[str, Stack | None] = {}
        resolver.nested_output = self._output_of

    @property
    def place(self) -> tuple[str, str]:
        """The account and region that it is deployed to: what is exported is known there."""
        return self.resolver.place.account, self.resolver.place.region

    def asset(self, key: str) -> Path | None:
        """The file or folder that is uploaded as an object of this key."""
        return self.assets.file(key)

    def edited(self, path: Path) -> Path:
        """The file that a person edits of which `path` is a copy."""
        return self.assets.edited(path)

    # resources

    def resources(self) -> tuple[ProjectResource, ...]:
        """Every resource that is made, with its properties resolved."""
        found = [self._resource(logical_id) for logical_id in self._made()]
        for made in found:
            if made.kind is ResourceKind.LAYER:
                folder = layer_folder(made, self.folder, self._asset_of(made.logical_id))
                if folder is not None:
                    self._layers[made.arn] = folder
        return tuple(found)

    def _made(self) -> Iterator[str]:
        for logical_id, resource in self.template.section("Resources").items():
            at: Pointer = ("Resources", logical_id)
            if not isinstance(resource, dict):
                what = f"the resource {quote(logical_id)} is no object"
                self.template.note(at, what, "write its Type and Properties", key=True)
                continue
            condition = resource.get("Condition")
            if not isinstance(condition, str) or holds(self.resolver, condition, (*at, "Condition")):
                yield logical_id

    def raw_properties(self, logical_id: str) -> dict[str, Json]:
        """The properties of a resource as written, with what Globals supplies."""
        properties = self.template.properties(logical_id)
        return with_globals(self.template.content, self.template.resource_type(logical_id), properties)

    def shown(self, logical_id: str) -> str:
        """What people call a resource, "" where its logical id says it. CDK's command line writes it down."""
        path = self._metadata(logical_id, "aws:cdk:path")
        return construct_name(path) if path else self.names.shown(logical_id)

    def _metadata(self, logical_id: str, name: str) -> str:
        metadata = (self.template.resource(logical_id) or {}).get("Metadata")
        value = metadata.get(name) if isinstance(metadata, dict) else None
        return value if isinstance(value, str) else ""

    def _resource(self, logical_id: str) -> ProjectResource:
        resolver = self.resolver
        at: Pointer = ("Resources", logical_id)
        kind = resolver.template.resource_type(logical_id)
        raw = self.raw_properties(logical_id)
        if kind in MACHINE_TYPES:  # its definition is read on its own, with places
            raw = {name: value for name, value in raw.items() if name not in DEFINITION_FIELDS}
        properties = resolver.resolve(raw, (*at, "Properties"))
        document, here = resolver.template.placed(at)
        return ProjectResource(
            kind=type_named(kind).kind,
            type=kind,
            logical_id=logical_id,
            name=name_of(resolver, logical_id),
            arn=arn_of(resolver, logical_id),
            url=url_of(resolver, logical_id),
            properties=properties if isinstance(properties, dict) else {},
            construct_path=self.shown(logical_id),
            file=document.source.name,
            line=document.key_span(here).line,
        )

    def functions(self, resources: tuple[ProjectResource, ...]) -> tuple[ProjectFunction, ...]:
        """The functions among the resources."""
        return tuple(
            function_of(
                resource, self.folder, lambda arn: self._layers.get(arn, arn), self._asset_of(resource.logical_id)
            )
            for resource in resources
            if is_function(resource)
        )

    def _asset_of(self, logical_id: str) -> AssetLookup:
        """Looks up the code of a resource, whose Metadata may say where it was built."""
        built = self._metadata(logical_id, "aws:asset:path")
        return AssetLookup(self.folder / built if built else None, self.assets)

    def machines(
        self, resources: tuple[ProjectResource, ...], triggers: Mapping[str, tuple[MachineTrigger, ...]]
    ) -> tuple[ProjectMachine, ...]:
        """The state machines among the resources. `triggers` are what starts them, by ARN."""
        return tuple(
            read_machine(
                self, resource, (*self.triggers.get(resource.logical_id, ()), *triggers_for(resource.arn, triggers))
            )
            for resource in resources
            if resource.type in MACHINE_TYPES
        )

    # stacks within

    def all(self) -> Iterator[Stack]:
        """This stack, and all that it nests at every depth."""
        yield self
        for logical_id in self._made():
            if self.template.resource_type(logical_id) in (STACK_TYPE, APPLICATION_TYPE):
                nested = self.nested(logical_id)
                if nested is not None:
                    yield from nested.all()

    def nested(self, logical_id: str) -> Stack | None:
        """The stack that a resource is; None when its template cannot be read, which is noted."""
        if logical_id not in self._nested:
            self._nested[logical_id] = None  # one that asks for itself gets nothing
            self._nested[logical_id] = self._open(logical_id)
        return self._nested[logical_id]

    def _open(self, logical_id: str) -> Stack | None:
        kind = self.template.resource_type(logical_id)
        field = "TemplateURL" if kind == STACK_TYPE else "Location"
        at: Pointer = ("Resources", logical_id, "Properties", field)
        properties = self.template.properties(logical_id)
        path = self._template_of(self.resolver.resolve(properties.get(field), at), logical_id, at)
        if path is None:
            return None
        if self._depth >= MAX_NESTING:
            what = f"stacks are nested more than {MAX_NESTING} deep here"
            self.template.note(at, what, "a template that nests itself has no end: take it out")
            return None
        try:
            document, warnings = self.files.template(path)
        except ProjectError as error:
            problem = error.problems[0]
            what = f"the template of the nested stack {quote(logical_id)}: {problem.location}: {problem.what}"
            self.template.note(at, what, f"{problem.fix}; its state machines are not listed")
            return None
        return self._nested_stack(logical_id, path, document, warnings)

    def _template_of(self, location: Value, logical_id: str, at: Pointer) -> Path | None:
        if not isinstance(location, str) or not location:
            if isinstance(location, dict):
                what = f"the application {quote(logical_id)} lies in AWS's repository of applications"
                self.template.note(at, what, "its state machines are not listed")
            return None
        built = self.assets.file(location.rpartition("/")[2])
        if built is not None:
            return built
        if location.startswith(_REMOTE) or "${" in location:
            what = f"the template of the nested stack {quote(logical_id)} lies elsewhere: {location}"
            self.template.note(at, what, "its state machines are not listed; open that template to see them")
            return None
        return self.folder / location

    def _nested_stack(self, logical_id: str, path: Path, document: Document, warnings: tuple[Problem, ...]) -> Stack:
        outer = self.resolver
        given = outer.template.properties(logical_id).get("Parameters")
        passed = outer.resolve(given, ("Resources", logical_id, "Properties", "Parameters"))
        values, parameters, problems = parameter_values(document, self.options.parameters, {}, "")
        if isinstance(passed, dict):
            values |= passed
        place = replace(
            outer.place,
            stack=f"{outer.place.stack}-{logical_id}",
            is_stack_given=False,
            name_prefix=f"{outer.place.name_prefix}{logical_id}-",
        )
        resolver = resolver_of(WrittenTemplate(document, values), outer.assumptions, place)
        resolver.exports = outer.exports
        stack = Stack(
            path.parent,
            resolver,
            self.files,
            self.options,
            assets=self.assets,
            names=self.names.nested(logical_id),
            is_generated=self.is_generated,
            depth=self._depth + 1,
        )
        stack.parameters = tuple(each for each in parameters if not isinstance(passed, dict) or each.name not in passed)
        stack.problems += [*warnings, *problems]
        return stack

    def _output_of(self, logical_id: str, name: str) -> Value:
        """An output of a nested stack; MISSING when nobody knows it."""
        nested = self.nested(logical_id)
        return MISSING if nested is None else nested.output(name)

    def output(self, name: str) -> Value:
        """One of the Outputs of this stack; MISSING when it has none of this name."""
        found = self.template.section("Outputs").get(name)
        if not isinstance(found, dict) or "Value" not in found:
            return MISSING
        return self.resolver.resolve(found["Value"], ("Outputs", name, "Value"))


class AssetLookup:
    """Where the object of a key lies: where the resource's own Metadata says, else where the assets do."""

    def __init__(self, own: Path | None, assets: Assets) -> None:
        self.own = own
        self.assets = assets

    def __call__(self, key: str) -> Path | None:
        """The file or folder of an object, None when there is none."""
        if self.own is not None and self.own.exists():
            return self.own
        return self.assets.file(key)


class Exports(Mapping[str, Value]):
    """What the stacks of one account and region export to one another, evaluated when it is asked for."""

    def __init__(self, stacks: list[Stack]) -> None:
        self._stacks = stacks
        self._places: dict[str, tuple[Stack, str]] | None = None
        self._under_way: set[str] = set()

    def _known(self) -> dict[str, tuple[Stack, str]]:
        if self._places is None:
            self._places = {}
            for stack in self._stacks:
                for output, field in stack.template.section("Outputs").items():
                    export = field.get("Export") if isinstance(field, dict) else None
                    if isinstance(export, dict) and "Name" in export:
                        name = stack.resolver.text(export["Name"], ("Outputs", output, "Export", "Name"))
                        self._places.setdefault(name, (stack, output))
        return self._places

    def __getitem__(self, name: str) -> Value:
        stack, output = self._known()[name]
        if name in self._under_way:
            return MISSING
        self._under_way.add(name)
        try:
            return stack.output(output)
        finally:
            self._under_way.discard(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())


class StacksRead(Struct, frozen=True):
    """What several stacks hold together."""

    resources: tuple[ProjectResource, ...]
    functions: tuple[ProjectFunction, ...]
    machines: tuple[ProjectMachine, ...]
    parameters: tuple[ProjectParameter, ...]
    assumed: tuple[AssumedValue, ...]
    problems: tuple[Problem, ...]


def read_stacks(stacks: list[Stack], chosen: str | None = None) -> StacksRead:
    """Read the stacks of a project with all that they nest; each has the exports of the others.

    With `chosen`, the name of a template, the state machines are those of that template and what it nests.
    """
    for stack in stacks:
        stack.resolver.exports = Exports([each for each in stacks if each.place == stack.place])
    every = [inner for stack in stacks for inner in stack.all()]
    wanted = {
        id(inner) for stack in every if chosen in (None, stack.template.document.source.name) for inner in stack.all()
    }
    read = [(stack, stack.resources()) for stack in every]
    resources = tuple(resource for _, found in read for resource in found)
    triggers: dict[str, tuple[MachineTrigger, ...]] = {}
    for stack, found in read:
        for arn, trigger in resource_triggers(stack.resolver, found):
            triggers[arn] = (*triggers.get(arn, ()), trigger)
    functions = tuple(function for stack, found in read for function in stack.functions(found))
    machines = tuple(
        machine for stack, found in read if id(stack) in wanted for machine in stack.machines(found, triggers)
    )
    machines = with_quiet_buckets(machines, resources)
    parameters = {each.name: each for stack in reversed(every) for each in reversed(stack.parameters)}
    assumed = dict.fromkeys(value for machine in machines for value in machine.assumed)
    problems = [problem for stack in every for problem in (*stack.problems, *stack.template.problems)]
    return StacksRead(
        resources, functions, machines, (*reversed(parameters.values()),), (*assumed,), (*dict.fromkeys(problems),)
    )
