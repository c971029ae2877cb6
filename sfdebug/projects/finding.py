"""Which project stands at a path: what a file is, and which file of a folder is the project's.

In a folder the first of these counts that may have a state machine, and what stands beside it is said: a SAM or
CloudFormation template that is called `template`, CDK output, a Serverless Framework configuration, Terraform, a Pulumi
stack, and last any other template that has a state machine.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.text.problems import file_problem
from sfdebug.errors import UsageError
from sfdebug.files import read_file
from sfdebug.projects.model import ProjectError, ProjectFormat
from sfdebug.projects.reading import MAX_TEMPLATE_BYTES, why_unreadable
from sfdebug.text import with_article

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE_NAMES: Final = ("template.yaml", "template.yml", "template.json", "sam.yaml", "sam.yml")
SERVERLESS_NAMES: Final = ("serverless.yml", "serverless.yaml", "serverless.json")
MANIFEST: Final = "manifest.json"
CDK_OUTPUT: Final = "cdk.out"
STATE: Final = "terraform.tfstate"

_TEMPLATE_SUFFIXES: Final = (".yaml", ".yml", ".json", ".template")
_MOST_LISTED: Final = 2_000
_MOST_NAMED: Final = 6
_MOST_LOOKED_INTO: Final = 200
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "venv", "dist", "build", "target"})
_TEMPLATE_KEY: Final = re.compile(r"^(?:AWSTemplateFormatVersion|Resources|Transform)['\"]?\s*:", re.MULTILINE)
_DEFINITION_KEY: Final = re.compile(r"^['\"]?(?:StartAt|States)['\"]?\s*:", re.MULTILINE)
_SERVERLESS_KEY: Final = re.compile(r"^stepFunctions\s*:", re.MULTILINE)
_LEADS_ON: Final = re.compile(
    r"AWS::CloudFormation::Stack|AWS::Serverless::Application|^stepFunctions\s*:|\$\{file\(|^\s*module\s+\"",
    re.MULTILINE,
)
"""What puts more into a project: nested stacks, files, modules."""

_MACHINE: Final = re.compile(r"AWS::(?:StepFunctions|Serverless)::StateMachine\b")


class FoundProject(Struct, frozen=True):
    """The file of a project and what it is; `others` are the files beside it that are projects of their own."""

    path: Path
    format: ProjectFormat
    others: tuple[str, ...] = ()


def is_project(path: str | os.PathLike[str]) -> bool:
    """Whether a path leads to a project: a template or another file of one, or a folder that one stands in.

    Nothing but the file itself, or the files of the folder that may be templates, is looked into.

    Args:
        path: A file or a folder. A definition is no project, nor is a path that leads to nothing.

    Raises:
        UsageError: For what is no path.
    """
    place = as_path(path)
    try:
        return (_in_folder(place) if place.is_dir() else format_of(place)) is not None
    except (OSError, ValueError):
        return False


def as_path(path: str | os.PathLike[str]) -> Path:
    """A path that a user of the API gave. Raises UsageError for what is none."""
    given: object = path
    if not isinstance(given, str | os.PathLike):
        raise UsageError(f"a project is given by its path, not as {with_article(given)}", fix="Write: 'template.yaml'")
    return Path(path)


def find_project(path: Path) -> FoundProject:
    """The project at a path. Raises ProjectError when there is none, or when several could be meant."""
    name = os.path.normpath(path)
    try:
        if path.is_dir():
            found = _in_folder(path)
            if found is None:
                raise ProjectError([file_problem(name, *_nothing_in(path))])
            return found
        format = format_of(path)
    except (OSError, ValueError) as error:
        raise ProjectError([file_problem(name, *why_unreadable(error))]) from error
    if format is None:
        what = "this is no template and no other file of a project"
        fix = "give a SAM, CloudFormation or Serverless Framework template, CDK output, Terraform, or a folder with one"
        raise ProjectError([file_problem(name, what, fix)])
    return FoundProject(path, format)


def format_of(path: Path) -> ProjectFormat | None:
    """What kind of project a file belongs to, None when it is none. Raises OSError when it cannot be read."""
    lower = path.name.lower()
    if lower.endswith((".tf", ".tfstate", ".tf.json")):
        return ProjectFormat.TERRAFORM
    text = read_file(path, MAX_TEMPLATE_BYTES).decode(errors="replace").lstrip("\ufeff")
    if lower in SERVERLESS_NAMES:
        return ProjectFormat.SERVERLESS
    is_json = text.lstrip()[:1] == "{"
    return _json_format(path, text) if is_json else _yaml_format(text)


def _yaml_format(text: str) -> ProjectFormat | None:
    if _TEMPLATE_KEY.search(text) and not _DEFINITION_KEY.search(text):
        return _template_format(text)
    return ProjectFormat.SERVERLESS if _SERVERLESS_KEY.search(text) else None


def _template_format(text: str) -> ProjectFormat:
    return ProjectFormat.SAM if "AWS::Serverless" in text else ProjectFormat.CLOUDFORMATION


def _json_format(path: Path, text: str) -> ProjectFormat | None:
    is_output = path.name.endswith(".template.json") and (path.parent / MANIFEST).is_file()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if is_output:
            return ProjectFormat.CDK
        is_template = _MACHINE.search(text) is not None and '"Resources"' in text
        return _template_format(text) if is_template else None
    if not isinstance(value, dict) or "States" in value or "StartAt" in value:
        return None
    if isinstance(value.get("Resources"), dict) or "AWSTemplateFormatVersion" in value:
        return ProjectFormat.CDK if is_output else _template_format(text)
    if path.name == MANIFEST and isinstance(value.get("artifacts"), dict):
        return ProjectFormat.CDK
    if "terraform_version" in value or isinstance(value.get("planned_values"), dict):
        return ProjectFormat.TERRAFORM
    if isinstance(value.get("deployment"), dict) or isinstance(value.get("checkpoint"), dict):
        return ProjectFormat.PULUMI
    return ProjectFormat.SERVERLESS if isinstance(value.get("stepFunctions"), dict) else None


def _in_folder(folder: Path) -> FoundProject | None:
    """The project that stands in a folder, None when there is none. Raises ProjectError when it cannot be told."""
    found = sorted(_candidates(folder), key=lambda each: not _may_have(*each))
    if found:
        path, format = found[0]
        return FoundProject(path, format, tuple(os.path.normpath(other) for other, _ in found[1:]))
    templates = [(path, format) for path, format in _templates(folder)]
    if len(templates) > 1:
        names = ", ".join(path.name for path, _ in templates[:12])
        what = f"{len(templates)} templates with state machines stand in this folder"
        raise ProjectError([file_problem(os.path.normpath(folder), what, f"name one of {names}")])
    return FoundProject(*templates[0]) if templates else None


def _may_have(path: Path, format: ProjectFormat) -> bool:
    """Whether a project can have a state machine, as far as the text of its first file says."""
    if format is ProjectFormat.CDK:
        return True
    names = [name for name in _listed(path.parent) if name.endswith(".tf")] if path.suffix == ".tf" else [path.name]
    try:
        texts = [read_file(path.parent / name, MAX_TEMPLATE_BYTES).decode(errors="replace") for name in names]
    except (OSError, ValueError):
        return True  # opening it says what is wrong
    return any(_may_have_machines(text) or _LEADS_ON.search(text) for text in texts)


def _candidates(folder: Path) -> Iterator[tuple[Path, ProjectFormat]]:
    for name in TEMPLATE_NAMES:
        path = folder / name
        if path.is_file() and (format := format_of(path)) is not None:
            yield path, format
            break
    for path in (folder / CDK_OUTPUT / MANIFEST, folder / MANIFEST):
        if path.is_file() and format_of(path) is ProjectFormat.CDK:
            yield path, ProjectFormat.CDK
            break
    for name in SERVERLESS_NAMES:
        if (folder / name).is_file():
            yield folder / name, ProjectFormat.SERVERLESS
            break
    sources = sorted(name for name in _listed(folder) if name.endswith(".tf"))
    if sources:  # a state beside them gives them its values
        yield folder / ("main.tf" if "main.tf" in sources else sources[0]), ProjectFormat.TERRAFORM
    elif (folder / STATE).is_file():
        yield folder / STATE, ProjectFormat.TERRAFORM


def _templates(folder: Path) -> Iterator[tuple[Path, ProjectFormat]]:
    """The files of a folder that have a state machine, whatever they are called."""
    for name in _listed(folder):
        path = folder / name
        if not name.lower().endswith(_TEMPLATE_SUFFIXES) or not path.is_file():
            continue
        try:
            text = read_file(path, MAX_TEMPLATE_BYTES).decode(errors="replace")
            format = format_of(path) if _may_have_machines(text) else None
        except (OSError, ValueError):
            continue
        if format is not None:
            yield path, format


def _may_have_machines(text: str) -> bool:
    return _MACHINE.search(text) is not None or "aws_sfn_state_machine" in text or "aws:sfn/stateMachine" in text


def _listed(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))[:_MOST_LISTED]


def _nothing_in(folder: Path) -> tuple[str, str]:
    """Why a folder is no project, and what would make it one."""
    names = set(_listed(folder))
    if "cdk.json" in names:
        return "this is a CDK application, without its output", "run cdk synth, which writes cdk.out"
    if "Pulumi.yaml" in names:
        return "only a run of Pulumi knows its definitions", "run pulumi stack export > stack.json, and give that file"
    if {"serverless.ts", "serverless.js"} & names:
        return (
            "this configuration is a program",
            "run serverless print --format yaml > serverless.yml, and give that file",
        )
    what = "there is no template, no CDK output, no serverless.yml and no Terraform in this folder"
    below = ", ".join(os.path.relpath(place, folder) for place in _below(folder))
    return what, f"name one of those below it: {below}" if below else "name the file that has the state machine"


def _below(folder: Path) -> list[Path]:
    """The first projects in the folders below, two deep."""
    found: list[Path] = []
    waiting = [(each, 1) for each in _folders(folder)]
    for count, (place, depth) in enumerate(waiting):
        if len(found) >= _MOST_NAMED or count > _MOST_LOOKED_INTO:
            break
        try:
            project = _in_folder(place)
        except (ProjectError, OSError, ValueError):
            project = None
        if project is not None and _may_have(project.path, project.format):
            found.append(project.path)
        elif depth == 1:
            waiting += [(each, 2) for each in _folders(place)]
    return found


def _folders(folder: Path) -> list[Path]:
    try:
        names = _listed(folder)
    except OSError:
        return []
    return [folder / name for name in names if name[:1] != "." and name not in _SKIPPED and (folder / name).is_dir()]
