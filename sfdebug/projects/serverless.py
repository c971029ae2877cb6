"""A Serverless Framework configuration with the plugin serverless-step-functions, as the template that it becomes.

Source: Serverless Framework docs, "Serverless.yml Reference", "Layers", naming of logical ids; the README of
serverless-step-functions. Functions are called by their keys, state machines by theirs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.asl.text.source import Document
from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.deployment import StackPlace
from sfdebug.projects.intrinsics.functions import resolver_of
from sfdebug.projects.intrinsics.template import WrittenTemplate
from sfdebug.projects.model import FileRole, ProjectError, ProjectFormat, ProjectParameter
from sfdebug.projects.project import Project
from sfdebug.projects.reading import ProjectFiles, problem_at
from sfdebug.projects.serverless_variables import FoundValue, ServerlessVariables, place
from sfdebug.projects.stacks import Stack, StackNames, read_stacks
from sfdebug.projects.triggers.serverless import serverless_triggers
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.text.source import Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.options import Options

DEFAULT_TIMEOUT: Final = 6
DEFAULT_MEMORY: Final = 1024
"""The framework's own defaults for a function."""

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Outputs")
_SHARED: Final = {
    "runtime": "Runtime",
    "timeout": "Timeout",
    "memorySize": "MemorySize",
    "layers": "Layers",
    "architecture": "Architectures",
}
_GENERATED: Final = ("ApiGatewayRestApi", "HttpApi", "IamRoleLambdaExecution", "ServerlessDeploymentBucket")
_HASHED: Final = re.compile(r"#\{([^{}]+)\}")
_FUNCTION: Final = "AWS::Lambda::Function"
_MACHINE: Final = "AWS::StepFunctions::StateMachine"


def load_serverless(path: Path, options: Options) -> Project:
    """The project of a serverless.yml. Raises ProjectError for one without a state machine, or that cannot be read."""
    files = ProjectFiles(path.parent)
    document, warnings = files.template(path)
    assumptions = Assumptions()
    variables = ServerlessVariables(files, document, options, assumptions)
    variables.environment |= _dotenv(files, variables)
    service = _Service(variables)
    template = service.template()
    region = variables.text("provider", "region") or None
    place = StackPlace(
        region=options.region_or(region),
        account=options.account_or_default,
        stack=variables.text("provider", "stackName") or f"{service.name}-{service.stage}",
        is_region_given=(options.region or region) is not None,
        is_account_given=options.account is not None,
        is_stack_given=True,
    )
    made = Document(template, document.source, document.extent)
    written = WrittenTemplate(made, {}, aliases=service.aliases, mounts=variables.mounts)
    resolver = resolver_of(written, assumptions, place, _GENERATED)
    stack = Stack(path.parent, resolver, files, options, names=_Keys(service.shown))
    stack.triggers = {
        logical_id: tuple(serverless_triggers(resolver, logical_id, events, at))
        for logical_id, (events, at) in service.events.items()
    }
    read = read_stacks([stack])
    problems = (*warnings, *variables.problems, *read.problems, *_unasked(document, variables))
    if not read.machines:
        what = "there is no state machine in this configuration"
        fix = "add one under stepFunctions.stateMachines, or give the file that has it"
        raise ProjectError([problem_at(document, ("stepFunctions",), what, fix), *problems])
    return Project(
        path=document.source.name,
        root=files.shown(files.root),
        format=ProjectFormat.SERVERLESS,
        machines=read.machines,
        functions=read.functions,
        resources=read.resources,
        parameters=(_stage_parameter(service, options),),
        assumed=read.assumed,
        problems=problems,
        files=files.files,
        region=place.region,
        account=place.account,
    )


def _stage_parameter(service: _Service, options: Options) -> ProjectParameter:
    origin = "given" if "stage" in options.parameters else "default"
    return ProjectParameter("stage", "String", service.stage, origin, "the stage that it is deployed to")


def _unasked(document: Document, variables: ServerlessVariables) -> list[Problem]:
    """A warning for each parameter that was given and that no variable asks for."""
    problems = []
    for name in variables.options.parameters:
        if name not in variables.asked:
            close = closest(name, variables.asked)
            fix = f"did you mean {quote(close)}?" if close else "name what stands in ${opt:…}, or a whole variable"
            problems.append(problem_at(document, (), f"no variable asks for {quote(name)}", fix, severity="warning"))
    return problems


def _dotenv(files: ProjectFiles, variables: ServerlessVariables) -> dict[str, str]:
    """What `useDotenv` reads: `.env.STAGE`, or `.env`; the environment itself counts before."""
    found = variables.at("useDotenv")
    if found is None or found.value is not True:
        return {}
    for name in (f".env.{variables.stage()}", ".env"):
        path = files.root / name
        if path.is_file():
            text = files.source(path, FileRole.CONFIGURATION).text
            pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
            read = {key.removeprefix("export ").strip(): value.strip().strip("'\"") for key, _, value in pairs}
            return {**read, **variables.environment}
    return {}


def normalized(name: str) -> str:
    """A name as the framework writes it into a logical id."""
    return name[:1].upper() + name[1:].replace("-", "Dash").replace("_", "Underscore")


class _Keys:
    """Functions and machines are called by their keys."""

    def __init__(self, shown: dict[str, str]) -> None:
        self._shown = shown

    def shown(self, logical_id: str) -> str:
        """The key of a function or a machine, "" for all else."""
        return self._shown.get(logical_id, "")

    def nested(self, logical_id: str) -> StackNames:
        """A configuration nests no stacks."""
        return _Keys({})


class _Service:
    """Makes the template that a configuration becomes."""

    def __init__(self, variables: ServerlessVariables) -> None:
        self.variables = variables
        self.name = variables.text("service") or variables.text("service", "name") or "service"
        self.stage = variables.stage()
        self.aliases: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.events: dict[str, tuple[Json, Pointer]] = {}
        """What starts each machine, by its logical id, and where that stands."""
        self._resources: dict[str, Json] = {}
        self._provider = _object(variables.at("provider"))

    def template(self) -> dict[str, Json]:
        """The template: what `resources` says, and what functions, layers and state machines become."""
        template: dict[str, Json] = {"Resources": self._resources}
        for entry in self._entries("resources"):
            self._take_resources(entry, template)
        for key, found in self._members("layers"):
            self._take_layer(key, found)
        for key, found in self._members("functions"):
            self._take_function(key, found)
        self._take_activities()
        for key, found in self._members("stepFunctions", "stateMachines"):
            self._take_machine(key, found)
        return template

    # reading

    def _entries(self, *names: str) -> Iterator[FoundValue]:
        """The objects that a section consists of: it may be a list of them."""
        found = self.variables.at(*names)
        if found is None:
            return
        count = len(found.value) if isinstance(found.value, list) else 0
        parts = [found.member(str(index)) for index in range(count)] if isinstance(found.value, list) else [found]
        for part in parts:
            whole = None if part is None else self.variables.whole(part)
            if whole is not None and isinstance(whole.value, dict):
                yield whole

    def _members(self, *names: str) -> Iterator[tuple[str, FoundValue]]:
        for entry in self._entries(*names):
            for key in entry.value if isinstance(entry.value, dict) else ():
                found = entry.member(key)
                if found is not None:
                    yield key, found

    def _expanded(self, found: FoundValue, at: Pointer) -> Json:
        """A value whose places are known under `at` of the template."""
        self.variables.mounts[at] = place(found)
        return self.variables.expanded(found, at)

    def _take_resources(self, entry: FoundValue, template: dict[str, Json]) -> None:
        for section in _SECTIONS:
            found = entry.member(section)
            if found is not None:
                value = self._expanded(found, (section,))
                known = template.setdefault(section, {})
                if isinstance(known, dict) and isinstance(value, dict):
                    known |= value
        resources = entry.member("Resources")
        whole = None if resources is None else self.variables.whole(resources)
        for logical_id in whole.value if whole is not None and isinstance(whole.value, dict) else ():
            found = whole.member(logical_id) if whole is not None else None
            if found is not None:
                self._resources[logical_id] = self._expanded(found, ("Resources", logical_id))

    # what the framework and its plugin make

    def _put(self, logical_id: str, kind: str, properties: dict[str, Json], found: FoundValue, key: str) -> None:
        at: Pointer = ("Resources", logical_id)
        self.variables.mounts[at] = place(found)
        self._resources[logical_id] = {"Type": kind, "Properties": properties}
        self.shown[logical_id] = key

    def _take_layer(self, key: str, found: FoundValue) -> None:
        logical_id = f"{normalized(key)}LambdaLayer"
        value = self._expanded(found, ("Resources", logical_id))
        path = value.get("path") if isinstance(value, dict) else None
        self._put(logical_id, "AWS::Lambda::LayerVersion", {"LayerName": key, "ContentUri": path or "."}, found, key)

    def _take_function(self, key: str, found: FoundValue) -> None:
        logical_id = f"{normalized(key)}LambdaFunction"
        self.aliases[key] = logical_id
        value = self._expanded(found, ("Resources", logical_id))
        said = value if isinstance(value, dict) else {}
        shared = {name: item for name, item in self._provider_values().items() if name in _SHARED}
        settings = {**shared, **{name: item for name, item in said.items() if item is not None}}
        properties: dict[str, Json] = {
            "FunctionName": said.get("name") or f"{self.name}-{self.stage}-{key}",
            "Handler": said.get("handler"),
            "Code": _artifact(said) or ".",
            "Timeout": DEFAULT_TIMEOUT,
            "MemorySize": DEFAULT_MEMORY,
            "Environment": {"Variables": self._environment(said)},
        }
        for name, field in _SHARED.items():
            if name in settings:
                properties[field] = [settings[name]] if name == "architecture" else settings[name]
        image = said.get("image")
        if image is not None:
            uri = image.get("uri", image.get("name")) if isinstance(image, dict) else image
            properties |= {"PackageType": "Image", "ImageUri": uri}
        self._put(logical_id, _FUNCTION, {k: v for k, v in properties.items() if v is not None}, found, key)

    def _provider_values(self) -> dict[str, Json]:
        found = self.variables.at("provider")
        if not self._provider or found is None:
            return {}
        members = {name: found.member(name) for name in (*_SHARED, "environment")}
        return {
            name: self.variables.expanded(item, ("provider", name))
            for name, item in members.items()
            if item is not None
        }

    def _environment(self, said: dict[str, Json]) -> dict[str, Json]:
        shared, own = self._provider_values().get("environment"), said.get("environment")
        joined = {**(shared if isinstance(shared, dict) else {}), **(own if isinstance(own, dict) else {})}
        return {name: value for name, value in joined.items() if value is not None}

    def _take_activities(self) -> None:
        found = self.variables.at("stepFunctions", "activities")
        value = None if found is None else self.variables.expanded(found, ("activities",))
        for name in value if isinstance(value, list) and found is not None else ():
            if isinstance(name, str) and found is not None:
                logical_id = f"{normalized(name)}StepFunctionsActivity"
                self._put(logical_id, "AWS::StepFunctions::Activity", {"Name": name}, found, name)

    def _take_machine(self, key: str, found: FoundValue) -> None:
        whole = self.variables.whole(found)
        said = {
            name: self.variables.expanded(item, ("machines", key, name))
            for name in (whole.value if isinstance(whole.value, dict) else ())
            if name != "definition" and (item := whole.member(name)) is not None
        }
        custom = said.get("id") or said.get("name")
        logical_id = normalized(custom) if isinstance(custom, str) else f"{normalized(key)}StepFunctionsStateMachine"
        properties: dict[str, Json] = {
            "StateMachineName": said.get("name"),
            "StateMachineType": said.get("type"),
            "RoleArn": said.get("role"),
            "Tags": said.get("tags"),
            "LoggingConfiguration": _renamed(said.get("loggingConfig"), "level", "Level"),
            "TracingConfiguration": _renamed(said.get("tracingConfig"), "enabled", "Enabled"),
        }
        self._put(logical_id, _MACHINE, {k: v for k, v in properties.items() if v is not None}, found, key)
        self._take_definition(logical_id, whole, has_timeouts=said.get("configureTaskTimeouts") is True)
        self.aliases.setdefault(key, logical_id)
        listed = whole.member("events")
        if listed is not None:
            at: Pointer = ("machines", key, "events")
            self.variables.mounts[at] = place(listed)
            self.events[logical_id] = said.get("events"), at

    def _take_definition(self, logical_id: str, whole: FoundValue, *, has_timeouts: bool) -> None:
        definition = whole.member("definition")
        resource = self._resources[logical_id]
        properties = resource["Properties"] if isinstance(resource, dict) else None
        if definition is None or not isinstance(properties, dict):
            return
        at: Pointer = ("Resources", logical_id, "Properties", "Definition")
        value = self._expanded(definition, at)
        if has_timeouts:
            value = self._with_timeouts(value)
        if not isinstance(value, dict):
            properties["Definition"] = value
        else:
            properties["Definition"] = self._deployed(value) if _has_functions(value) else value

    def _with_timeouts(self, value: Json) -> Json:
        """A definition in which a Task of a function has that one's timeout, where it says none itself."""
        if isinstance(value, list):
            return [self._with_timeouts(item) for item in value]
        if not isinstance(value, dict):
            return value
        made = {key: self._with_timeouts(item) for key, item in value.items()}
        if made.get("Type") != "Task" or "TimeoutSeconds" in made or "TimeoutSecondsPath" in made:
            return made
        resource = made.get("Resource")
        is_invoke = isinstance(resource, str) and resource.startswith("arn:aws:states:::lambda:invoke")
        parameters = made.get("Parameters")
        named = parameters.get("FunctionName") if is_invoke and isinstance(parameters, dict) else resource
        timeout = self._timeout(named)
        return made if timeout is None else {**made, "TimeoutSeconds": timeout}

    def _timeout(self, reference: Json) -> Json:
        """The timeout of the function that a Ref or a Fn::GetAtt names, None for all else."""
        if not isinstance(reference, dict):
            return None
        attribute = reference.get("Fn::GetAtt")
        owner = attribute.partition(".")[0] if isinstance(attribute, str) else attribute
        owner = owner[0] if isinstance(owner, list) and owner else owner
        name = reference.get("Ref", owner)
        resource = self._resources.get(self.aliases.get(name, name)) if isinstance(name, str) else None
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        is_function = isinstance(resource, dict) and resource.get("Type") == _FUNCTION
        return properties.get("Timeout") if is_function and isinstance(properties, dict) else None

    def _deployed(self, value: Json) -> Json:
        """A definition that has functions: all of it goes through Fn::Sub, and a Ref of a function is its ARN."""
        if isinstance(value, str):
            text = _HASHED.sub(r"${\1}", value)
            return {"Fn::Sub": text} if "${" in text else text
        if isinstance(value, list):
            return [self._deployed(item) for item in value]
        if not isinstance(value, dict):
            return value
        name = value.get("Ref") if len(value) == 1 else None
        if isinstance(name, str) and self.aliases.get(name, name) in self._functions():
            return {"Fn::GetAtt": [name, "Arn"]}
        if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            return value
        return {key: self._deployed(item) for key, item in value.items()}

    def _functions(self) -> set[str]:
        return {
            logical_id
            for logical_id, resource in self._resources.items()
            if isinstance(resource, dict) and resource.get("Type") == _FUNCTION
        }


def _object(found: FoundValue | None) -> dict[str, Json]:
    return found.value if found is not None and isinstance(found.value, dict) else {}


def _has_functions(value: Json) -> bool:
    """Whether a definition goes through Fn::Sub: a function stands in it, or `#{AWS::Region}` does."""
    if isinstance(value, str):
        return _HASHED.search(value) is not None
    if isinstance(value, list):
        return any(map(_has_functions, value))
    if isinstance(value, dict):
        return any(key == "Ref" or key.startswith("Fn::") for key in value) or any(map(_has_functions, value.values()))
    return False


def _artifact(said: dict[str, Json]) -> Json:
    package = said.get("package")
    return package.get("artifact") if isinstance(package, dict) else None


def _renamed(value: Json, name: str, field: str) -> Json:
    return {field: value[name]} if isinstance(value, dict) and name in value else None
