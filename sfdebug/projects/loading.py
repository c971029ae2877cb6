"""Opening a project: what stands at a path, and the machines, functions and resources in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from time import time_ns

from msgspec.structs import replace

from sfdebug.asl.text.problems import file_problem
from sfdebug.projects.cloudformation import load_template
from sfdebug.projects.finding import FoundProject, as_path, find_project
from sfdebug.projects.model import ProjectFormat
from sfdebug.projects.options import Options
from sfdebug.projects.project import Project


def load_project(
    path: str | os.PathLike[str],
    *,
    parameters: Mapping[str, str] | None = None,
    substitutions: Mapping[str, str] | None = None,
    region: str | None = None,
    account: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Project:
    """The project at a path: its state machines with their definitions, its functions, and its other resources.

    Args:
        path: A template, or the folder that one stands in.
        parameters: Values of the template's parameters, which count before its defaults.
        substitutions: Values of `${placeholders}` in the definitions, which count before DefinitionSubstitutions.
        region: What AWS::Region is; without it a stand-in, which `assumed` lists.
        account: What AWS::AccountId is; without it a stand-in.
        environment: Variables that a configuration may ask for; by default those of this process.

    Raises:
        ProjectError: When there is no project, or it cannot be read; a machine whose definition alone cannot be read
            has the reason in its `problems`.
        UsageError: For what is no path.
    """
    options = Options(
        dict(parameters or {}),
        dict(substitutions or {}),
        region,
        account,
        os.environ if environment is None else environment,
    )
    asked_at = time_ns()
    found = find_project(as_path(path))
    project = replace(_load(found, options), asked_at=asked_at)
    if not found.others:
        return project
    what = f"this folder has more than one project: {project.path} was opened"
    beside = file_problem(os.fspath(path), what, f"to open another, name it: {', '.join(found.others)}")
    return replace(project, problems=(replace(beside, severity="warning"), *project.problems))


def _load(found: FoundProject, options: Options) -> Project:
    if found.format is ProjectFormat.CDK:
        from sfdebug.projects.cdk import load_cdk

        return load_cdk(found.path, options)
    if found.format is ProjectFormat.SERVERLESS:
        from sfdebug.projects.serverless import load_serverless

        return load_serverless(found.path, options)
    if found.format is ProjectFormat.TERRAFORM and found.path.name.endswith(".tf"):
        from sfdebug.projects.terraform.loading import load_terraform

        return load_terraform(found.path, options)
    if found.format in (ProjectFormat.TERRAFORM, ProjectFormat.PULUMI):
        from sfdebug.projects.terraform_state import load_state

        return load_state(found.path, options, found.format)
    return load_template(found.path, options)


def split_machine(text: str) -> tuple[str, str | None]:
    """The path and the machine's name in `PATH#NAME`; a file whose own name has a # is one path."""
    path, sign, name = text.rpartition("#")
    return (path, name) if sign and path and name and not os.path.exists(text) else (text, None)
