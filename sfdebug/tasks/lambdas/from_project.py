"""The Lambda functions of a project, made ready to run: where their code is, or why it cannot be run here."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.projects.model import CodeKind, ProjectFunction
from sfdebug.tasks.lambdas.function import TEMPORARY, LambdaFunction, Language, function_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.projects.project import Project

_ENDINGS: Final = {Language.PYTHON: (".py",), Language.NODE: (".js", ".mjs", ".cjs")}
_BUILT: Final = Path(".aws-sam") / "build"
_MOST_UNPACKED: Final = 512 << 20
"""Bytes. Source: AWS docs, "Lambda quotas": 250 MB unzipped; more here, for layers count apart."""


class CannotRunError(Exception):
    """Why a function cannot be run here, as the end of a sentence that begins with its name."""


def functions_of(project: Project) -> tuple[tuple[LambdaFunction, ...], Mapping[str, str]]:
    """The functions of a project that can be run here, and by the names of the others, why not.

    They are named as Tasks call them: by their physical names.
    """
    found: list[LambdaFunction] = []
    lacking: dict[str, str] = {}
    for function in project.functions:
        try:
            found.append(_function(function, Path(project.root)))
        except CannotRunError as why:
            lacking[function.name] = str(why)
    return tuple(found), lacking


def called_functions(machine: StateMachine, project: Project | None) -> frozenset[str] | None:
    """The names of the functions that the Tasks of a machine call, and the Tasks of those of its project it starts.

    None where a Task says only when it runs which function or machine that is.
    """
    others = project.machines if project is not None else ()
    machines = {name: one.definition for one in others for name in (one.arn, one.physical_name)}
    found: set[str] = set()
    seen, ahead = {id(machine)}, [machine]
    while ahead:
        for state in ahead.pop().walk():
            called = _called(state)
            if called is None:
                return None
            kind, target = called
            if kind is _Callee.FUNCTION:
                found.add(function_name(target))
            elif kind is _Callee.MACHINE:
                parts = target.split(":")
                nested = machines.get(":".join(parts[:7])) or machines.get(parts[6] if len(parts) > 6 else target)
                if nested is not None and id(nested) not in seen:
                    seen.add(id(nested))
                    ahead.append(nested)
    return frozenset(found)


class _Callee(Enum):
    """What a Task calls."""

    FUNCTION = "function"
    MACHINE = "state machine"
    OTHER = "other"


def _called(state: State) -> tuple[_Callee, str] | None:
    """What a state calls, and which; None where the definition does not tell which."""
    resource = state.resource
    parts = resource.split(":")
    if "${" in resource:
        return None
    if len(parts) > 6 and parts[2] == "lambda":
        return _Callee.FUNCTION, resource
    found = next(((kind, name) for kind, name, ends in _CALLS if resource.split(":::")[-1].startswith(ends)), None)
    if found is None:
        return _Callee.OTHER, ""
    target = state.arguments.get(found[1]) if isinstance(state.arguments, dict) else None
    if not isinstance(target, str) or target.startswith("{%") or "${" in target:
        return None
    return found[0], target


_CALLS: Final = (
    (_Callee.FUNCTION, "FunctionName", ("lambda:invoke", "aws-sdk:lambda:invoke")),
    (
        _Callee.MACHINE,
        "StateMachineArn",
        ("states:startExecution", "aws-sdk:sfn:startExecution", "aws-sdk:sfn:startSyncExecution"),
    ),
)


def _function(function: ProjectFunction, root: Path) -> LambdaFunction:
    language = _language(function)
    if function.code is CodeKind.INLINE:
        folder = _inline_folder(function.inline_code, language)
    elif function.code is CodeKind.ARCHIVE:
        folder = _unpacked(Path(function.source))
    else:
        folder = _folder(function, language, root)
    layers = tuple(layer for layer in function.layers if layer and Path(layer).is_dir())
    return LambdaFunction(
        name=function.physical_name,
        language=language,
        folder=str(folder),
        handler=function.handler,
        runtime=function.runtime,
        environment=function.environment,
        timeout=float(function.timeout),
        memory=function.memory,
        layers=layers,
        absent_layers=tuple(layer for layer in function.layers if layer and layer not in layers),
        arn=function.arn,
    )


def _language(function: ProjectFunction) -> Language:
    if function.code is CodeKind.IMAGE:
        raise CannotRunError("is a container image: serve it, and give --lambda-endpoint")
    if function.code is CodeKind.BUCKET:
        raise CannotRunError(f"has its code in a bucket ({function.source}), not in the project")
    if function.runtime.startswith("python"):
        return Language.PYTHON
    if function.runtime.startswith("nodejs"):
        return Language.NODE
    if not function.runtime:
        raise CannotRunError("does not say which Runtime it has")
    raise CannotRunError(f"has the Runtime {function.runtime}, and only Python and Node.js are run here")


def _folder(function: ProjectFunction, language: Language, root: Path) -> Path:
    """The folder of its code: as it is written, or as `sam build` has made it where only that has the handler."""
    if function.folder is None:
        where = f"at {function.source}: build it first" if function.source else "in the project"
        raise CannotRunError(f"has no code {where}")
    module = function.handler.rpartition(".")[0]
    folders = [Path(function.folder), root / _BUILT / function.logical_id]
    for folder in folders:
        if any(folder.joinpath(module + ending).is_file() for ending in _ENDINGS[language]):
            return folder
        if language is Language.NODE and folder.joinpath(module, "index.js").is_file():
            return folder
        if language is Language.PYTHON and folder.joinpath(module, "__init__.py").is_file():
            return folder
    if Path(function.folder, f"{module}.ts").is_file():
        raise CannotRunError(f"is TypeScript ({module}.ts): build it first, with sam build or your bundler")
    raise CannotRunError(f"has no {module}{_ENDINGS[language][0]} in {function.folder}")


def _inline_folder(code: str, language: Language) -> Path:
    """A folder with code that stands in a template, as Lambda puts it there: `index.py` or `index.js`."""
    folder = _temporary_folder()
    Path(folder, "index.py" if language is Language.PYTHON else "index.js").write_text(code, encoding="utf-8")
    return folder


def _unpacked(archive: Path) -> Path:
    if not archive.exists():
        raise CannotRunError(f"has no archive at {archive}: build it first")
    folder = _temporary_folder()
    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED:
                raise CannotRunError(f"is larger unpacked than Lambda takes: {archive}")
            packed.extractall(folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise CannotRunError(f"has code that cannot be unpacked: {archive}: {error}") from error
    return folder


def _temporary_folder() -> Path:
    folder = tempfile.mkdtemp(prefix=TEMPORARY)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
