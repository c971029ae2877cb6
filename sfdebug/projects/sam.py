"""What SAM adds to CloudFormation: Globals, the values of samconfig.toml.

Source: AWS docs, "Globals section of the AWS SAM template", "AWS SAM CLI configuration file".
"""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from sfdebug.asl.text.problems import file_problem
from sfdebug.projects.intrinsics.values import function_in
from sfdebug.projects.model import FileRole, ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.errors import Problem
    from sfdebug.projects.reading import ProjectFiles
    from sfdebug.values import Json

TRANSFORM: Final = "AWS::Serverless"
BUILD_FOLDER: Final = (".aws-sam", "build")
CONFIGURATIONS: Final = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_GLOBALS: Final = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::StateMachine": "StateMachine",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
}
_SECTIONS: Final = ("global", "deploy")


class SamConfiguration(Struct, frozen=True):
    """What samconfig.toml says for the environment `default`."""

    name: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    region: str | None = None
    stack: str | None = None
    problems: tuple[Problem, ...] = ()


def project_folder(template: Path) -> Path:
    """The folder of a template's project: a built template lies in `.aws-sam/build` of it."""
    folder = template.parent
    is_built = folder.absolute().parts[-2:] == BUILD_FOLDER
    return folder.parent.parent if is_built else folder


def read_configuration(files: ProjectFiles) -> SamConfiguration:
    """The values of the configuration of the SAM CLI, if there is one: those of `deploy` count before `global`."""
    path = next((files.root / name for name in CONFIGURATIONS if (files.root / name).is_file()), None)
    if path is None:
        return SamConfiguration()
    name = files.shown(path)
    try:
        read = _read_configuration(files, path)
    except ProjectError as error:
        return SamConfiguration(problems=_as_warnings(error.problems))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = file_problem(name, f"this is not TOML: {error}", "mend it; its parameters are not used so far")
        return SamConfiguration(problems=_as_warnings((problem,)))
    parameters: dict[str, str] = {}
    region = stack = None
    environment = read.get("default")
    for section in _SECTIONS:
        command = environment.get(section) if isinstance(environment, dict) else None
        values = command.get("parameters") if isinstance(command, dict) else None
        if not isinstance(values, dict):
            continue
        parameters |= _overrides(values.get("parameter_overrides"))
        region = values["region"] if isinstance(values.get("region"), str) else region
        stack = values["stack_name"] if isinstance(values.get("stack_name"), str) else stack
    return SamConfiguration(name, parameters, region, stack)


def _read_configuration(files: ProjectFiles, path: Path) -> dict[str, Any]:
    if path.suffix == ".toml":
        return tomllib.loads(files.source(path, FileRole.CONFIGURATION).text)
    value = files.template(path, FileRole.CONFIGURATION)[0].value
    return value if isinstance(value, dict) else {}


def _as_warnings(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    from msgspec.structs import replace

    return tuple(replace(problem, severity="warning") for problem in problems)


def _overrides(value: object) -> dict[str, str]:
    """The parameters in `parameter_overrides`: `K=V K="V W"`, ParameterKey=K,ParameterValue=V, or a list of these."""
    if isinstance(value, dict):
        return {str(name): str(item) for name, item in value.items()}
    texts = value if isinstance(value, list) else [value]
    found: dict[str, str] = {}
    for text in texts:
        if not isinstance(text, str):
            continue
        try:
            words = shlex.split(text)
        except ValueError:
            continue
        for word in words:
            name, _, rest = word.partition("=")
            if name == "ParameterKey" and ",ParameterValue=" in rest:
                name, _, rest = rest.partition(",ParameterValue=")
            if rest or "=" in word:
                found[name] = rest
    return found


def with_globals(template: Mapping[str, Json], kind: str, properties: dict[str, Json]) -> dict[str, Json]:
    """The properties of a resource with what Globals supplies: its own count first, lists and objects are joined."""
    section = template.get("Globals")
    shared = section.get(_GLOBALS.get(kind, "")) if isinstance(section, dict) else None
    return _merged(shared, properties) if isinstance(shared, dict) else properties


def _merged(shared: dict[str, Json], own: dict[str, Json]) -> dict[str, Json]:
    merged = dict(shared)
    for name, value in own.items():
        there = shared.get(name)
        if isinstance(there, list) and isinstance(value, list):
            merged[name] = [*there, *value]
        elif isinstance(there, dict) and isinstance(value, dict) and not (function_in(there) or function_in(value)):
            merged[name] = _merged(there, value)
        else:
            merged[name] = value
    return merged
