"""The Lambda functions of a project, made ready to run: where their code is, or why it cannot be run here."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.projects.model import CodeKind, ProjectFunction
from sfdebug.tasks.lambdas.function import LambdaFunction, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        raise CannotRunError(f"has no code at {function.source}" if function.source else "has no code in the project")
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
    folder = tempfile.mkdtemp(prefix="sfdebug-function-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
