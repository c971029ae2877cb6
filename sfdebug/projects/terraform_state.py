"""What Terraform and Pulumi have written down of a deployment: definitions are there whole, with every value in them.

Source: Terraform docs, "JSON Output Format" (`terraform show -json` of a state or a plan) and the state file, version
4; Pulumi docs, "stack export" (deployment, version 3). Nobody edits these files: places are addresses with pointers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.placed import scalar
from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.definitions import WrittenDefinition
from sfdebug.projects.machines import defined
from sfdebug.projects.model import ProjectError, ProjectFormat, ProjectMachine
from sfdebug.projects.project import Project
from sfdebug.projects.provider_types import MACHINE, from_pulumi, snake
from sfdebug.projects.provisioned import (
    Provisioned,
    functions_of,
    is_machine,
    machine_of,
    place_in,
    resource_of,
    short,
    triggers_of,
)
from sfdebug.projects.reading import ProjectFiles, problem_at
from sfdebug.projects.triggers.buckets import with_quiet_buckets
from sfdebug.projects.triggers.making import triggers_for
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.model import MachineTrigger
    from sfdebug.projects.options import Options

_MAX_DEPTH: Final = 40
_NO_TYPES: Final = ("aws_sfn_state_machine", "aws:sfn/stateMachine:StateMachine")


def load_state(path: Path, options: Options, format: ProjectFormat) -> Project:
    """The project of a state, a plan or an exported stack. Raises ProjectError for one without a state machine."""
    files = ProjectFiles(path.parent)
    document, warnings = files.template(path)
    found = list(recorded(document))
    region, account = place_in(found)
    triggers = triggers_of(found)
    machines = tuple(
        _machine(each, document, triggers_for(each.text("arn"), triggers), options)
        for each in found
        if is_machine(each)
    )
    if not machines:
        raise ProjectError([_no_machine(document, format), *warnings])
    resources = tuple(map(resource_of, found))
    return Project(
        path=document.source.name,
        root=files.shown(files.root),
        format=format,
        machines=with_quiet_buckets(machines, resources),
        functions=functions_of(found, path.parent),
        resources=resources,
        problems=warnings,
        files=files.files,
        region=options.region_or(region),
        account=options.account or account or options.account_or_default,
    )


def _no_machine(document: Document, format: ProjectFormat) -> Problem:
    kind = _NO_TYPES[format is ProjectFormat.PULUMI]
    what = f"there is no state machine in it: no resource of type {kind}"
    if document.source.name.endswith(".tf.json"):
        what = "this is Terraform in JSON, which is read after a run of it only"
        return problem_at(document, (), what, "give what terraform show -json prints of a plan or a state")
    value = document.value
    if isinstance(value, dict) and ("checkpoint" in value or "deployment" in value):
        return problem_at(document, (), what, "give what pulumi stack export prints")
    return problem_at(document, (), what, "give what terraform show -json prints, or terraform.tfstate")


def _machine(
    each: Provisioned, document: Document, triggers: tuple[MachineTrigger, ...], options: Options
) -> ProjectMachine:
    machine = machine_of(each, triggers)
    text = each.attributes.get("definition")
    at: Pointer = (*each.pointer, "definition")
    if not isinstance(text, str):
        what = f"the definition of {each.address} is not known before it is applied: it holds values that AWS makes"
        fix = "give terraform.tfstate after an apply, or the folder with the .tf files"
        return _without(machine, problem_at(document, at, what, fix, key=True))
    span = document.span(at)
    written = WrittenDefinition(scalar(document.source, span.start, span.end, text), document.source, "json")
    return defined(machine, written, (), options.substitutions, Assumptions(), {}, is_generated=True)[0]


def _without(machine: ProjectMachine, problem: Problem) -> ProjectMachine:
    from msgspec.structs import replace

    return replace(machine, problems=(problem,), file=problem.file, line=problem.line)


def recorded(document: Document) -> Iterator[Provisioned]:
    """The resources of a state, a plan or an exported stack."""
    value = document.value
    if not isinstance(value, dict):
        return
    for name in ("planned_values", "values"):
        if isinstance(value.get(name), dict):
            yield from _in_module(document, (name, "root_module"), 0)
            return
    if isinstance(value.get("resources"), list):
        yield from _in_state(document, ("resources",))
        return
    for deployment in (("deployment",), ("checkpoint", "latest"), ("latest",)):
        if isinstance(value_at(document, (*deployment, "resources")), list):
            yield from _in_stack(document, (*deployment, "resources"))
            return


def value_at(document: Document, pointer: Pointer) -> Json:
    """The value at a pointer, None where there is none."""
    value = document.value
    for step in pointer:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _objects(document: Document, pointer: Pointer) -> Iterator[tuple[dict[str, Json], Pointer]]:
    items = value_at(document, pointer)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield item, (*pointer, index)


def _in_module(document: Document, at: Pointer, depth: int) -> Iterator[Provisioned]:
    """The resources of a module in what `terraform show -json` prints."""
    for item, here in _objects(document, (*at, "resources")):
        kind, address, values = item.get("type"), item.get("address"), item.get("values")
        if item.get("mode", "managed") == "managed" and isinstance(kind, str) and isinstance(address, str):
            attributes = values if isinstance(values, dict) else {}
            yield Provisioned(address, short(address), kind, attributes, document, (*here, "values"))
    if depth < _MAX_DEPTH:
        for _, here in _objects(document, (*at, "child_modules")):
            yield from _in_module(document, here, depth + 1)


def _in_state(document: Document, at: Pointer) -> Iterator[Provisioned]:
    """The resources of a state file."""
    for item, here in _objects(document, at):
        kind, name, module = item.get("type"), item.get("name"), item.get("module")
        if item.get("mode", "managed") != "managed" or not isinstance(kind, str) or not isinstance(name, str):
            continue
        owner = f"{module}." if isinstance(module, str) else ""
        for instance, there in _objects(document, (*here, "instances")):
            key, attributes = instance.get("index_key"), instance.get("attributes")
            index = "" if key is None else f"[{compact(key)}]"
            address = f"{owner}{kind}.{name}{index}"
            values = attributes if isinstance(attributes, dict) else {}
            yield Provisioned(address, short(address), kind, values, document, (*there, "attributes"))


def _in_stack(document: Document, at: Pointer) -> Iterator[Provisioned]:
    """The resources of a stack of Pulumi, in Terraform's words."""
    for item, here in _objects(document, at):
        urn, kind = item.get("urn"), item.get("type")
        name = from_pulumi(kind) if isinstance(kind, str) else ""
        if not isinstance(urn, str) or not name or item.get("delete") is True:
            continue
        side = "outputs" if isinstance(item.get("outputs"), dict) else "inputs"
        values = item.get(side)
        attributes = {snake(key): _snaked(value) for key, value in values.items()} if isinstance(values, dict) else {}
        inputs = item.get("inputs")
        if name != MACHINE and isinstance(inputs, dict) and "code" in inputs:
            attributes["code"] = inputs["code"]
        identity = item.get("id")
        if isinstance(identity, str):
            attributes.setdefault("id", identity)
        shown = urn.rpartition("::")[2]
        yield Provisioned(urn, shown, name, attributes, document, (*here, side))


def _snaked(value: Json) -> Json:
    """The blocks of a resource with Terraform's names; the names of variables are the user's own."""
    if isinstance(value, dict):
        return {snake(key): item if key == "variables" else _snaked(item) for key, item in value.items()}
    return value
