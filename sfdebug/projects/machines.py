"""A state machine of a template: where its definition stands, its substitutions, and all else that is said of it.

Source: AWS docs, AWS::Serverless::StateMachine (DefinitionUri, Definition) and AWS::StepFunctions::StateMachine
(DefinitionString, Definition, DefinitionS3Location). A local path as DefinitionS3Location is what
`aws cloudformation package` uploads.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from sfdebug.asl.load import MAX_FILE_BYTES
from sfdebug.asl.text.placed import whole
from sfdebug.asl.text.problems import quote
from sfdebug.limits import ExecutionType
from sfdebug.projects.definitions import (
    PLACEHOLDER,
    WrittenDefinition,
    origin_of,
    parse,
    placed_text,
    substituted,
    substitutions_of,
    with_pointers,
    written_object,
)
from sfdebug.projects.deployment import partition_of
from sfdebug.projects.intrinsics.conditions import branch
from sfdebug.projects.intrinsics.pseudo import account
from sfdebug.projects.intrinsics.values import function_in, text_of
from sfdebug.projects.model import FileRole, ProjectError, ProjectMachine, Substitution
from sfdebug.projects.reading import closest_file, problem_in
from sfdebug.projects.triggers.templates import sam_triggers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfdebug.asl.text.source import Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.assumptions import Assumptions
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.projects.model import MachineTrigger, ProjectResource
    from sfdebug.projects.options import Options
    from sfdebug.projects.reading import ProjectFiles
    from sfdebug.values import Json

DEFINITION_FIELDS: Final = ("DefinitionUri", "DefinitionS3Location", "DefinitionString", "Definition")
_SUFFIXES: Final = {".json": "json", ".asl": "json", ".yaml": "yaml", ".yml": "yaml"}


class TemplateView(Protocol):
    """What reading a machine needs of the template that it stands in."""

    folder: Path
    resolver: Resolver
    files: ProjectFiles
    options: Options
    is_generated: bool

    def asset(self, key: str) -> Path | None:
        """Where the object of a bucket lies beside the template."""

    def edited(self, path: Path) -> Path:
        """The file that a person edits of which `path` is a copy."""

    def raw_properties(self, logical_id: str) -> dict[str, Json]:
        """The properties of a resource as written, with what is supplied to all."""


def read_machine(
    template: TemplateView, resource: ProjectResource, triggers: Sequence[MachineTrigger] = ()
) -> ProjectMachine:
    """The machine that a resource is, with its definition or why there is none."""
    resolver, properties = template.resolver, resource.properties
    at: Pointer = ("Resources", resource.logical_id, "Properties")
    raw = template.raw_properties(resource.logical_id)
    kind = properties.get("Type", properties.get("StateMachineType"))
    machine = ProjectMachine(
        logical_id=resource.logical_id,
        name=resource.shown,
        physical_name=resource.name,
        arn=resource.arn,
        construct_path=resource.construct_path,
        type=ExecutionType.EXPRESS if kind == ExecutionType.EXPRESS else ExecutionType.STANDARD,
        triggers=(*sam_triggers(resolver, resource.logical_id, raw, at), *triggers),
        file=resource.file,
        line=resource.line,
        role=text_of(properties.get("Role", properties.get("RoleArn"))) or _made_role(resolver, resource.logical_id),
        tags=_tags(properties.get("Tags")),
        logging=_logging(properties),
        tracing=_is_traced(properties),
    )
    try:
        substitutions, assumed = substitutions_of(
            resolver,
            raw.get("DefinitionSubstitutions"),
            (*at, "DefinitionSubstitutions"),
            template.options.substitutions,
        )
        with resolver.assumptions.watching() as used:
            written = _DefinitionReading(template, raw, at).read()
    except ProjectError as error:
        first = error.problems[0]
        return replace(machine, problems=error.problems, file=first.file, line=first.line)
    return _defined(template, machine, written, substitutions, {"": tuple(used), **assumed})


def _defined(
    template: TemplateView,
    machine: ProjectMachine,
    written: WrittenDefinition,
    substitutions: tuple[Substitution, ...],
    assumed: dict[str, tuple[str, ...]],
) -> ProjectMachine:
    """The machine with its definition filled in and parsed, and what is said of its substitutions.

    `assumed` are the values that went into each substitution, under "" into the definition itself.
    """
    resolver = template.resolver
    is_generated = template.is_generated and written.origin is resolver.template.document.source
    found, names = defined(
        machine, written, substitutions, template.options.substitutions, resolver.assumptions, assumed, is_generated
    )
    return replace(
        found,
        warnings=(*_unused(resolver, machine.logical_id, substitutions, names), *_undeclared(found, written, resolver)),
        substitutions=tuple(replace(each, is_used=each.name in names) for each in substitutions),
    )


def defined(
    machine: ProjectMachine,
    written: WrittenDefinition,
    substitutions: tuple[Substitution, ...],
    given: Mapping[str, str],
    assumptions: Assumptions,
    assumed: Mapping[str, tuple[str, ...]],
    is_generated: bool,
) -> tuple[ProjectMachine, frozenset[str]]:
    """The machine with its definition filled in and parsed, and the names that were filled in.

    `given` are substitutions of the user, `assumed` the values that went into each substitution, and under "" into the
    text itself.
    """
    values = {each.name: each.value for each in substitutions}
    filled, names, _ = substituted(written, {**given, **values})
    if given:  # a given value may also stand for what only a deployment knows
        filled, more, _ = substituted(filled, given)
        names |= more
    parsed = parse(filled, machine.name if is_generated else "")
    problems = parsed.problems
    if is_generated:
        problems = with_pointers(problems, filled.placed.text, machine.name)
    left = dict.fromkeys(match[1] for match in PLACEHOLDER.finditer(filled.placed.text))
    used = [value for name, found in assumed.items() if not name or name in names for value in found]
    known = [name for name in (*used, *left) if name not in given]
    place = written.origin.span(written.placed.place(0), 0)
    found = replace(
        machine,
        file=written.origin.name,
        line=place.line,
        source=parsed.source,
        definition=parsed.machine,
        problems=problems,
        is_generated=is_generated,
        assumed=assumptions.named(dict.fromkeys(known)),
    )
    return found, names


def _undeclared(machine: ProjectMachine, written: WrittenDefinition, resolver: Resolver) -> Iterator[Problem]:
    """A warning for each placeholder that nothing gives a value: AWS leaves it as it stands."""
    text = "" if machine.source is None else machine.source.text
    seen = set(resolver.assumptions.noted)
    for match in PLACEHOLDER.finditer(text):
        if match[1] in seen:
            continue
        seen.add(match[1])
        place = written.placed.place(max(0, written.placed.text.find(match[0])))
        what = f"nothing gives {match[0]} a value: AWS leaves it as it stands"
        fix = f"add it to DefinitionSubstitutions, or give it here: --substitute {match[1]}=…"
        yield problem_in(written.origin, place, place + len(match[0]), what, fix, severity="warning")


def _unused(
    resolver: Resolver, logical_id: str, substitutions: tuple[Substitution, ...], used: frozenset[str]
) -> tuple[Problem, ...]:
    """A warning for each substitution that the definition does not use."""
    at: Pointer = ("Resources", logical_id, "Properties", "DefinitionSubstitutions")
    return tuple(
        resolver.template.problem(
            (*at, each.name),
            f"the definition does not use ${{{each.name}}}",
            "take it out, or write it where its value belongs",
            severity="warning",
            key=True,
        )
        for each in substitutions
        if each.name not in used
    )


class _DefinitionReading:
    """Finds the definition of one machine: in a file, in the template as a text or an object, or in a bucket."""

    def __init__(self, template: TemplateView, properties: Mapping[str, Json], at: Pointer) -> None:
        self.template = template
        self.resolver = template.resolver
        self.properties = properties
        self.at = at

    def read(self) -> WrittenDefinition:
        """The text of the definition. Raises ProjectError when there is none to read."""
        field = next((name for name in DEFINITION_FIELDS if name in self.properties), None)
        if field is None:
            what = "this state machine has no definition"
            fix = "give it a DefinitionUri, a Definition or a DefinitionString"
            raise ProjectError([self.resolver.template.problem(self.at[:-1], what, fix, key=True)])
        value, here = self._chosen(self.properties[field], (*self.at, field))
        if field in ("DefinitionUri", "DefinitionS3Location"):
            return self._in_file(value, here, field)
        name = function_in(value)
        origin = origin_of(self.resolver, here)
        if field == "Definition" and isinstance(value, dict) and name is None:
            return WrittenDefinition(written_object(self.resolver, value, here, origin), origin.source, "json")
        if name == "Fn::Transform":
            return self._included(value, here)
        placed = placed_text(self.resolver, value, here, origin)
        if placed.text.startswith("${") and placed.text.endswith("}") and "{" not in placed.text[2:]:
            what = f"the definition is {placed.text}, which is known at deployment only"
            raise self._refused(here, what, "give a parameter or a substitution for it, or the file of the definition")
        return WrittenDefinition(placed, origin.source, "json")

    def _chosen(self, value: Json, at: Pointer) -> tuple[Json, Pointer]:
        """The branch of a Fn::If around the whole definition."""
        if not isinstance(value, dict) or function_in(value) != "Fn::If":
            return value, at
        chosen = branch(self.resolver, value["Fn::If"], (*at, "Fn::If"))
        return (value, at) if chosen is None else self._chosen(*chosen)

    def _in_file(self, value: Json, at: Pointer, field: str) -> WrittenDefinition:
        if isinstance(value, dict) and function_in(value) == "Fn::Transform":
            return self._included(value, at)
        found = self.resolver.resolve(value, at)
        if isinstance(found, dict):
            return self._in_bucket(found, at)
        if not isinstance(found, str) or not found:
            raise self._refused(at, f"{field} is no path", "write the path of the definition's file")
        if found.startswith(_REMOTE):
            raise self._refused(at, f"the definition lies in a bucket: {found}", _FETCH)
        if "${" in found:
            what = f"the definition's path is {found}, and what stands for its placeholder is not known"
            raise self._refused(at, what, "give it with --parameter")
        return self._of_file(self.template.folder / found, found, at)

    def _in_bucket(self, location: Mapping[str, Json], at: Pointer) -> WrittenDefinition:
        bucket = text_of(location.get("Bucket")) or "?"
        key = text_of(location.get("Key")) or "?"
        local = self.template.asset(key)
        if local is not None:
            edited = self.template.edited(local)
            return self._of_file(edited, str(edited), at)
        version = text_of(location.get("Version"))
        named = f"bucket {bucket}, key {key}" + (f", version {version}" if version else "")
        raise self._refused(at, f"the definition lies in a bucket: {named}", _FETCH)

    def _included(self, value: Json, at: Pointer) -> WrittenDefinition:
        """What AWS::Include puts in, where it is a file of the project that `package` would upload."""
        location = _location(value)
        found = None if location is None else self.resolver.resolve(location, at)
        if isinstance(found, str) and found and "${" not in found and not found.startswith(_REMOTE):
            return self._of_file(self.template.folder / found, found, at)
        where = f", {found}" if isinstance(found, str) else ""
        what = f"the definition is put in by a macro at deployment{where}"
        raise self._refused(at, what, "name the file of the definition")

    def _refused(self, at: Pointer, what: str, fix: str) -> ProjectError:
        return ProjectError([self.resolver.template.problem(at, what, fix)])

    def _of_file(self, path: Path, named: str, at: Pointer) -> WrittenDefinition:
        try:
            source = self.template.files.source(path, FileRole.DEFINITION, MAX_FILE_BYTES)
        except ProjectError as error:
            problem = error.problems[0]
            if problem.line:
                raise
            what = f"the definition's file {quote(named)}: {problem.what}"
            close = closest_file(path)
            beside = f"{named.rpartition('/')[0]}/{close}" if "/" in named else close
            fix = f"did you mean {quote(beside)}?" if close else f"{problem.fix}: it is {problem.file}"
            raise self._refused(at, what, fix) from error
        return WrittenDefinition(whole(source), source, _SUFFIXES.get(path.suffix.lower(), ""))


_REMOTE: Final = ("s3://", "https://", "http://")
_FETCH: Final = "fetch it, and name its file: sfdebug cannot read what lies in AWS"


def _location(value: Json) -> Json:
    """The Location of a Fn::Transform, None where it names none."""
    argument = value.get("Fn::Transform") if isinstance(value, dict) else None
    parameters = argument.get("Parameters") if isinstance(argument, dict) else None
    return parameters.get("Location") if isinstance(parameters, dict) else None


# what else is said of a machine


def _made_role(resolver: Resolver, logical_id: str) -> str:
    """The role that SAM, or the plugin of the Serverless Framework, makes for a machine that names none."""
    place = resolver.place
    return f"arn:{partition_of(place.region)[0]}:iam::{account(resolver)}:role/{place.name_prefix}{logical_id}Role"


def _tags(value: Json) -> dict[str, str]:
    if isinstance(value, list):
        pairs = [(item.get("Key"), item.get("Value")) for item in value if isinstance(item, dict)]
        return {name: text_of(text) or "" for name, text in pairs if isinstance(name, str)}
    return {name: text_of(text) or "" for name, text in value.items()} if isinstance(value, dict) else {}


def _logging(properties: Mapping[str, Json]) -> str:
    """The level of the machine's log, "" when it says none."""
    given = properties.get("Logging", properties.get("LoggingConfiguration"))
    level = given.get("Level") if isinstance(given, dict) else None
    return level if isinstance(level, str) else ""


def _is_traced(properties: Mapping[str, Json]) -> bool:
    given = properties.get("Tracing", properties.get("TracingConfiguration"))
    return isinstance(given, dict) and given.get("Enabled") in (True, "true", "True")
