"""CDK output: the stacks of a cloud assembly, with construct paths for names and assets for definitions and code.

Source: AWS docs, "CDK cloud assembly schema": `manifest.json` lists the stacks and the assemblies of Stages, each stack
has its template, its metadata (or the `tree.json` of the whole application) what its constructs are called, and its
`assets.json` what is uploaded.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.text.problems import file_problem
from sfdebug.errors import Problem
from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.deployment import StackPlace
from sfdebug.projects.finding import CDK_OUTPUT, MANIFEST
from sfdebug.projects.intrinsics.functions import resolver_of
from sfdebug.projects.intrinsics.template import WrittenTemplate
from sfdebug.projects.model import FileRole, ProjectError, ProjectFormat
from sfdebug.projects.parameters import parameter_values, unknown_names
from sfdebug.projects.project import Project
from sfdebug.projects.reading import MAX_TEMPLATE_BYTES, ProjectFiles
from sfdebug.projects.stacks import LogicalNames, Stack, StackNames, construct_name, read_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.projects.options import Options
    from sfdebug.values import Json

MAX_ASSEMBLIES: Final = 6
"""Deepest nesting of Stages that is followed: CDK nests one in another, hardly ever more."""

MAX_TREE_BYTES: Final = 1 << 26
"""Largest `tree.json` and metadata read: they hold every construct of an application with all of its properties."""

TREE: Final = "tree.json"
_STACK: Final = "aws:cloudformation:stack"
_ASSEMBLY: Final = "cdk:cloud-assembly"
_ASSETS: Final = "cdk:asset-manifest"
_LOGICAL_ID: Final = "aws:cdk:logicalId"
_ENVIRONMENT: Final = re.compile(r"aws://([^/]+)/([^/]+)")
_NESTED: Final = re.compile(r"(.*/)?([^/]+)\.NestedStack/\2\.NestedStackResource")
_SKIPPED: Final = frozenset({"node_modules", "cdk.out", "__pycache__", "venv", "dist", "build", "target"})
_DEFINITIONS: Final = (".json", ".yaml", ".yml", ".asl")
_MOST_WALKED: Final = 5_000


class _Artifact(Struct, frozen=True):
    """A stack of the manifest: its template, and what is said of it."""

    id: str
    template: Path
    said: dict[str, Json]
    properties: dict[str, Json]

    def text(self, name: str) -> str:
        """A text that the manifest says of it, "" when it says none."""
        value = self.said.get(name, self.properties.get(name))
        return value if isinstance(value, str) else ""

    def environment(self) -> tuple[str | None, str | None]:
        """Its account and region, where it says them."""
        match = _ENVIRONMENT.fullmatch(self.text("environment"))
        account, region = match.groups() if match else ("", "")
        return None if account in ("", "unknown-account") else account, (
            None if region in ("", "unknown-region") else region
        )


def load_cdk(path: Path, options: Options) -> Project:
    """The project of a `cdk.out` folder, given by its manifest or by one template of it.

    A template has its own state machines alone, but what leads into other stacks is still found.
    """
    folder = path.parent
    outermost = _outermost(folder)
    files = ProjectFiles(_application(outermost))
    opened = _Opened(files, options, outermost)
    artifacts = list(opened.artifacts(folder, 0))
    chosen = None if path.name == MANIFEST else files.shown(path)
    if chosen is not None and chosen not in {files.shown(each.template) for each in artifacts}:
        artifacts.append(_Artifact(path.name.partition(".")[0], path, {}, {}))
    stacks, problems = opened.stacks(artifacts, chosen)
    read = read_stacks(stacks, chosen)
    if not read.machines:
        raise _without_machines(files.shown(path), chosen is not None, (*problems, *read.problems))
    first = next((each for each in stacks if each.template.document.source.name == chosen), stacks[0])
    place = first.resolver.place
    names = [each.name for each in read.parameters]
    return Project(
        path=files.shown(path),
        root=files.shown(files.root),
        format=ProjectFormat.CDK,
        machines=read.machines,
        functions=read.functions,
        resources=read.resources,
        parameters=read.parameters,
        assumed=read.assumed,
        problems=(*problems, *read.problems, *unknown_names(first.template.document, options.parameters, names)),
        files=files.files,
        region=place.region,
        account=place.account,
    )


def _without_machines(name: str, is_template: bool, noted: tuple[Problem, ...]) -> ProjectError:
    where = "this template" if is_template else "the stacks of this output"
    fix = "give the output of an application that has one"
    return ProjectError([file_problem(name, f"there is no state machine in {where}", fix), *noted])


class _Opened:
    """A cloud assembly that is being read, with those of its Stages."""

    def __init__(self, files: ProjectFiles, options: Options, outermost: Path) -> None:
        self.files = files
        self.options = options
        self.outermost = outermost
        self.assets = CdkAssets(files.root)
        self.assumptions = Assumptions()
        self._tree: list[Construct] | None = None

    def artifacts(self, folder: Path, depth: int) -> Iterator[_Artifact]:
        """The stacks of the manifest in a folder, and of the assemblies in it. Raises ProjectError."""
        manifest = folder / MANIFEST
        value = read_json(self.files, manifest, FileRole.CONFIGURATION)
        for id, said in _members(_member(value, "artifacts")):
            kind, properties = said.get("type"), _member(said, "properties")
            inner = properties.get("directoryName")
            template = properties.get("templateFile")
            if kind == _ASSEMBLY and isinstance(inner, str) and depth < MAX_ASSEMBLIES:
                yield from self.artifacts(folder / inner, depth + 1)
            elif kind == _STACK and isinstance(template, str):
                yield _Artifact(id, folder / template, said, properties)
            elif kind == _ASSETS and isinstance(properties.get("file"), str):
                self.assets.add(folder, self._optional(folder / str(properties["file"])))

    def _optional(self, path: Path) -> Json:
        try:
            return read_json(self.files, path, FileRole.CONFIGURATION)
        except ProjectError:  # what it would have said is said where it is missed: "lies in a bucket"
            return None

    def stacks(self, artifacts: list[_Artifact], chosen: str | None) -> tuple[list[Stack], list[Problem]]:
        """The stacks, and what is wrong with those that cannot be read. Raises ProjectError when `chosen` cannot."""
        stacks: list[Stack] = []
        problems: list[Problem] = []
        for artifact in artifacts:
            try:
                stacks.append(self._stack(artifact, has_others=len(artifacts) > 1))
            except ProjectError as error:
                if chosen == self.files.shown(artifact.template):
                    raise
                problems += error.problems
        if not stacks:
            what = "this output has no stacks"
            raise ProjectError(problems or [file_problem(self.files.shown(self.outermost), what, "run cdk synth")])
        return stacks, [replace(each, severity="warning") for each in problems]

    def _stack(self, artifact: _Artifact, *, has_others: bool) -> Stack:
        document, warnings = self.files.template(artifact.template)
        options = self.options
        values, parameters, problems = parameter_values(document, options.parameters, {}, "")
        account, region = artifact.environment()
        name = artifact.text("stackName") or artifact.id
        place = StackPlace(
            region=options.region_or(region),
            account=options.account or account or options.account_or_default,
            stack=name,
            is_region_given=(options.region or region) is not None,
            is_account_given=(options.account or account) is not None,
            is_stack_given=True,
            name_prefix=f"{name}-" if has_others else "",
        )
        resolver = resolver_of(WrittenTemplate(document, values), self.assumptions, place)
        stack = Stack(
            artifact.template.parent,
            resolver,
            self.files,
            options,
            assets=self.assets,
            names=ConstructNames(self._constructs(artifact), artifact.text("displayName") or artifact.id),
            is_generated=True,
        )
        stack.parameters = parameters
        stack.problems += [*warnings, *problems]
        return stack

    def _constructs(self, artifact: _Artifact) -> list[Construct]:
        """The constructs that the metadata of a stack lists, or the tree of the application."""
        metadata = artifact.said.get("metadata")
        more = artifact.said.get("additionalMetadataFile")
        if not isinstance(metadata, dict) and isinstance(more, str):
            metadata = self._large(artifact.template.parent / more)
        found = list(_in_metadata(metadata))
        if found:
            return found
        if self._tree is None:
            self._tree = list(_in_tree(self._large(self.outermost / TREE)))
        return self._tree

    def _large(self, path: Path) -> Json:
        try:
            return read_json(self.files, path, FileRole.CONFIGURATION, MAX_TREE_BYTES)
        except ProjectError:  # only names are lost
            return None


def read_json(files: ProjectFiles, path: Path, role: FileRole, most: int = MAX_TEMPLATE_BYTES) -> Json:
    """What is in a JSON file whose places nobody asks for. Raises ProjectError for one that cannot be read."""
    source = files.source(path, role, most)
    try:
        value: Json = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        what = f"this is not JSON: {getattr(error, 'msg', None) or 'it is nested too deep'}"
        raise ProjectError([Problem(source.name, line, column, what, "run cdk synth again")]) from error
    return value


def _outermost(folder: Path) -> Path:
    """The folder of the whole assembly: that of a Stage lies in it."""
    for _ in range(MAX_ASSEMBLIES):
        above = _above(folder)
        if not (above / MANIFEST).is_file():
            break
        folder = above
    return folder


def _above(folder: Path) -> Path:
    return folder.parent if folder.name and folder.name != ".." else folder / ".."


def _application(outermost: Path) -> Path:
    """The folder of the application whose output this is, or the output's own when it lies somewhere else."""
    above = _above(outermost)
    return above if outermost.name == CDK_OUTPUT or (above / "cdk.json").is_file() else outermost


def _member(value: Json | dict[str, Json], name: str) -> dict[str, Json]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _members(value: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    return ((name, item) for name, item in value.items() if isinstance(item, dict))


# what constructs are called

Construct: TypeAlias = tuple[str, str]
"""A construct's path, and the logical id of the resource that it is."""


def _in_tree(tree: Json) -> Iterator[Construct]:
    waiting = [_member(tree, "tree")]
    while waiting:
        node = waiting.pop()
        path, logical_id = node.get("path"), _member(node, "attributes").get("aws:cdk:cloudformation:logicalId")
        if isinstance(path, str) and isinstance(logical_id, str):
            yield path, logical_id
        waiting += [child for _, child in _members(_member(node, "children"))]


def _in_metadata(metadata: Json) -> Iterator[Construct]:
    for path, entries in metadata.items() if isinstance(metadata, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            logical_id = entry.get("data") if isinstance(entry, dict) and entry.get("type") == _LOGICAL_ID else None
            if isinstance(logical_id, str):
                yield path.strip("/"), logical_id


class ConstructNames:
    """The construct paths of one stack. Logical ids are unique in a stack only, so each has its own constructs."""

    def __init__(self, constructs: list[Construct], path: str) -> None:
        self.path = path
        self._constructs = constructs
        self._nested: dict[str, str] = {}
        inside = [(each, logical_id) for each, logical_id in constructs if each.startswith(f"{path}/")]
        for each, logical_id in inside:
            match = _NESTED.fullmatch(each)
            if match:
                self._nested[logical_id] = f"{match[1] or ''}{match[2]}"
        others = tuple(f"{each}/" for each in self._nested.values())
        self._shown = {
            logical_id: construct_name(each) for each, logical_id in inside if not (others and each.startswith(others))
        }

    def shown(self, logical_id: str) -> str:
        """The construct path of a resource, "" where nobody knows it."""
        return self._shown.get(logical_id, "")

    def nested(self, logical_id: str) -> StackNames:
        """The names in a stack that this one nests."""
        path = self._nested.get(logical_id)
        return ConstructNames(self._constructs, path) if path else LogicalNames(f"{self.path}/{logical_id}")


# what was built


class CdkAssets:
    """What CDK has put beside the templates, to be uploaded. `application` is the folder in which people edit."""

    def __init__(self, application: Path) -> None:
        self._application = application
        self._folders: list[Path] = []
        self._files: dict[str, Path] = {}
        self._definitions: dict[int, list[Path]] | None = None

    def add(self, folder: Path, manifest: Json) -> None:
        """Take in an `assets.json` that lies in a folder."""
        self._folders.append(folder)
        for _, said in _members(_member(manifest, "files")):
            path = _member(said, "source").get("path")
            for _, destination in _members(_member(said, "destinations")):
                key = destination.get("objectKey")
                if isinstance(path, str) and isinstance(key, str):
                    self._files[key] = self._files[key.rpartition("/")[2]] = folder / path

    def file(self, key: str) -> Path | None:
        """The file or folder that is uploaded as an object of this key, None when there is none."""
        name = key.rpartition("/")[2]
        stem, _, suffix = name.rpartition(".")
        likely = [folder / f"asset.{each}" for folder in self._folders for each in (name, stem) if each]
        for path in (self._files.get(key), self._files.get(name), *likely):
            if path is not None and _exists(path) and (suffix == "zip" or path.is_file()):
                return path
        return None

    def edited(self, path: Path) -> Path:
        """The one file of the application with the same content, which is what people edit; else the copy itself."""
        try:
            content = path.read_bytes()
        except OSError:
            return path
        alike = [each for each in self._of_size(len(content)) if _has_content(each, content)]
        return alike[0] if len(alike) == 1 else path

    def _of_size(self, size: int) -> list[Path]:
        if self._definitions is None:
            self._definitions = {}
            for each in _definition_files(self._application):
                try:
                    self._definitions.setdefault(each.stat().st_size, []).append(each)
                except OSError:
                    continue
        return self._definitions.get(size, [])


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _definition_files(folder: Path) -> Iterator[Path]:
    """The files of an application that may be definitions, without what was built or installed there."""
    seen = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(names):
            seen += 1
            if seen > _MOST_WALKED:
                return
            if name.lower().endswith(_DEFINITIONS):
                yield Path(place) / name
