"""A folder of Terraform as a project: its state machines with their definitions in the files that people edit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.asl.reader import closest
from sfdebug.asl.text.placed import fixed
from sfdebug.asl.text.problems import file_problem, quote
from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.definitions import WrittenDefinition
from sfdebug.projects.deployment import DeploymentPlace
from sfdebug.projects.finding import STATE
from sfdebug.projects.machines import defined
from sfdebug.projects.model import ProjectError, ProjectFormat, ProjectMachine, ProjectParameter
from sfdebug.projects.project import Project
from sfdebug.projects.provider_types import FUNCTION, MACHINE
from sfdebug.projects.provisioned import (
    Provisioned,
    functions_of,
    machine_of,
    place_in,
    resource_of,
    triggers_of,
)
from sfdebug.projects.reading import ProjectFiles, problem_in
from sfdebug.projects.terraform.evaluating import Evaluator, NameScope, has_unknown
from sfdebug.projects.terraform.functions import WRONG, Unfit
from sfdebug.projects.terraform.modules import CalledModule, Module, text_in
from sfdebug.projects.terraform.resources import Instance, ResourceValue, Shared
from sfdebug.projects.terraform.syntax import Attribute, Expression
from sfdebug.projects.terraform.tracing import DefinitionTracer
from sfdebug.projects.terraform_state import recorded
from sfdebug.projects.triggers.buckets import with_quiet_buckets
from sfdebug.projects.triggers.making import triggers_for
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.errors import Problem
    from sfdebug.projects.model import MachineTrigger
    from sfdebug.projects.options import Options


def load_terraform(path: Path, options: Options) -> Project:
    """The project of the folder that a `.tf` file is in. Raises ProjectError when it cannot be read."""
    folder = path if path.is_dir() else path.parent
    files = ProjectFiles(folder)
    evaluator = Evaluator(Assumptions())
    state, problems = _state(files)
    attributes = {each.address: each.attributes for each in state}
    root = Module(Shared(files, options, evaluator, attributes), folder, place=_place(options, state))
    reader = _Reader(root, DefinitionTracer(files, evaluator), options, attributes)
    found = list(root.provisioned())
    provisioned = [reader.with_code(each, instance) for each, instance in found]
    triggers = triggers_of(provisioned)
    machines = tuple(
        reader.machine(each, source, triggers_for(each.text("arn"), triggers))
        for each, (_, source) in zip(provisioned, found, strict=True)
        if each.type == MACHINE
    )
    problems = (*problems, *evaluator.problems, *_unknown_parameters(root, options))
    if not machines:
        what = "there is no aws_sfn_state_machine in the .tf files of this folder"
        fix = "give the folder whose modules have one, or what terraform show -json prints"
        raise ProjectError([file_problem(files.shown(folder), what, fix), *problems])
    assumed = dict.fromkeys(value for machine in machines for value in machine.assumed)
    resources = tuple(map(resource_of, provisioned))
    return Project(
        path=files.shown(folder),
        root=files.shown(folder),
        format=ProjectFormat.TERRAFORM,
        machines=with_quiet_buckets(machines, resources),
        functions=functions_of(provisioned, folder),
        resources=resources,
        parameters=tuple(_parameters(root, options)),
        assumed=tuple(assumed),
        problems=problems,
        files=files.files,
        region=root.place.region,
        account=root.place.account,
    )


def _state(files: ProjectFiles) -> tuple[list[Provisioned], tuple[Problem, ...]]:
    """What a state beside the files has recorded: its values count before what would be made up."""
    path = files.root / STATE
    if not path.is_file():
        return [], ()
    try:
        document, _ = files.template(path)
    except ProjectError as error:
        return [], tuple(replace(each, severity="warning") for each in error.problems)
    return list(recorded(document)), ()


def _place(options: Options, state: list[Provisioned]) -> DeploymentPlace | None:
    region, account = place_in(state)
    if region is None or account is None:
        return None
    return DeploymentPlace(options.region or region, options.account or account)


def _unknown_parameters(root: Module, options: Options) -> list[Problem]:
    known = [block.labels[0] for block, _ in root.root_blocks("variable") if block.labels]
    problems = []
    for name in options.parameters:
        if name not in known:
            close = closest(name, known)
            fix = f"did you mean {quote(close)}?" if close else f"it has {', '.join(known[:8]) or 'no variables'}"
            shown = root.shared.files.shown(root.folder)
            problems.append(
                replace(file_problem(shown, f"there is no variable {quote(name)}", fix), severity="warning")
            )
    return problems


def _parameters(root: Module, options: Options) -> Iterator[ProjectParameter]:
    for block, scope in root.root_blocks("variable"):
        if len(block.labels) != 1:
            continue
        name = block.labels[0]
        kind, said = block.body.argument("type"), block.body.argument("description")
        bound = root.bound_variable(name)
        value = root.value_of(name)
        is_known = not has_unknown(value) and value is not None
        origin = "given" if name in options.parameters else ""
        if not origin and is_known:
            is_in_file = bound is not None and bound.scope.names is not root
            origin = bound.scope.source.name if bound is not None and is_in_file else "default"
        shown = value if isinstance(value, str) else compact(value)
        yield ProjectParameter(
            name,
            scope.source.text[kind.start : kind.end].strip('"') if kind is not None else "any",
            shown if is_known else "",
            origin,
            text_in(said),
        )


def _packed(archive: Instance) -> str | None:
    """What an archive is made of."""
    values = (archive.value(name) for name in ("source_dir", "source_file"))
    return next((path for path in values if isinstance(path, str) and not has_unknown(path)), None)


class _Reader:
    """Reads the machines and functions of a folder."""

    def __init__(
        self, root: Module, tracer: DefinitionTracer, options: Options, attributes: Mapping[str, Mapping[str, Json]]
    ) -> None:
        self.root = root
        self.tracer = tracer
        self.options = options
        self.attributes = attributes
        self.assumptions = root.shared.assumptions

    def with_code(self, provisioned: Provisioned, source: Instance | CalledModule) -> Provisioned:
        """A function with the folder that its archive is made of, where the files say it."""
        if provisioned.type != FUNCTION:
            return provisioned
        if isinstance(source, CalledModule):
            path = provisioned.attributes.get("source_path")
            return replace(provisioned, folder=path) if isinstance(path, str) and path else provisioned
        node = source.owner.block.body.argument("filename")
        return provisioned if node is None else replace(provisioned, folder=self._archived(node, source.scope))

    def _archived(self, node: Expression, scope: NameScope) -> str | None:
        """The folder of `data.archive_file.name.output_path`, or of the archive that is written under that path."""
        for _ in range(8):
            bound = self.tracer.bound(node, scope)
            if bound is None:
                break
            node, scope = bound.node, bound.scope
        if not isinstance(node, Attribute) or node.name != "output_path":
            return self._written(self.tracer.evaluator.value(node, scope), scope)
        try:
            archive = self.tracer.evaluator.raw(node.owner, scope)
        except WRONG:
            return None
        archive = archive.instances()[0] if isinstance(archive, ResourceValue) and archive.instances() else archive
        return _packed(archive) if isinstance(archive, Instance) and archive.kind == "archive_file" else None

    def _written(self, path: Json, scope: NameScope) -> str | None:
        if not isinstance(path, str) or has_unknown(path) or not isinstance(scope.names, Module):
            return None
        for block, _ in scope.names.blocks.get("data", ()):
            if block.labels[0:1] == ("archive_file",) and len(block.labels) == 2:
                archive = scope.names.data("archive_file", block.labels[1])
                for instance in archive.instances() if isinstance(archive, ResourceValue) else ():
                    written = instance.value("output_path")
                    if isinstance(written, str) and os.path.normpath(written) == os.path.normpath(path):
                        return _packed(instance)
        return None

    def machine(
        self, provisioned: Provisioned, source: Instance | CalledModule, triggers: tuple[MachineTrigger, ...]
    ) -> ProjectMachine:
        """A machine with its definition, or why there is none."""
        machine = machine_of(provisioned, triggers)
        block = source.owner.block if isinstance(source, Instance) else source.block
        scope = source.scope
        node = block.body.argument("definition")
        if node is None:
            problem = problem_in(
                scope.source, block.start, block.start + len(block.type), "this state machine has no definition",
                "give it a definition",
            )  # fmt: skip
            return replace(machine, problems=(problem,))
        with self.assumptions.watching() as used:
            try:
                written = self.tracer.written(node, scope)
            except ProjectError as error:
                first = error.problems[0]
                return replace(machine, problems=error.problems, file=first.file, line=first.line)
            except WRONG as error:
                why = str(error) if isinstance(error, Unfit) else "it cannot be evaluated"
                return self._unknown(machine, node, scope, why)
        if not written.placed.text.strip():
            return self._unknown(machine, node, scope, "there is nothing in it")
        if _is_placeholder(written.placed.text):
            return self._unknown(machine, node, scope, "it is only known when it is applied")
        return defined(machine, written, (), self.options.substitutions, self.assumptions, {"": tuple(used)}, False)[0]

    def _unknown(self, machine: ProjectMachine, node: Expression, scope: NameScope, why: str) -> ProjectMachine:
        """A machine whose definition the files do not say: what a state has of it, or why there is none."""
        text = self.attributes.get(machine.logical_id, {}).get("definition")
        if isinstance(text, str):
            written = WrittenDefinition(fixed(text, node.start), scope.source, "json")
            return defined(machine, written, (), self.options.substitutions, self.assumptions, {}, True)[0]
        given = " ".join(scope.source.text[node.start : node.end].split())
        what = f"the definition is {quote(given)}: {why}"
        fix = "give the value with --parameter, or give what terraform show -json prints of a plan or a state"
        problem = problem_in(scope.source, node.start, node.end, what, fix)
        return replace(machine, problems=(problem,), file=problem.file, line=problem.line)


def _is_placeholder(text: str) -> bool:
    stripped = text.strip()
    return stripped.startswith("${") and stripped.endswith("}") and "{" not in stripped[2:]
