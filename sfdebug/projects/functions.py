"""The Lambda functions of a template: code, handler, environment and limits, whichever service describes them.

Source: AWS docs, AWS::Lambda::Function and AWS::Serverless::Function.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.model import (
    DEFAULT_FUNCTION_MEMORY,
    DEFAULT_FUNCTION_TIMEOUT,
    CodeKind,
    ProjectFunction,
    ResourceKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfdebug.projects.model import ProjectResource
    from sfdebug.values import Json

_ARCHIVES: Final = (".zip", ".jar", ".tar", ".gz")

Code = tuple[CodeKind, "str | None", str, str]
"""Where code is: of which kind, its folder, what it is otherwise, its text when it stands in the template."""


def function_of(
    resource: ProjectResource,
    folder: Path,
    layers: Callable[[str], str],
    asset: Callable[[str], Path | None] = lambda key: None,
) -> ProjectFunction:
    """The function that a resource is. `folder` is what paths in its template are relative to.

    `layers` gives the folder of a layer's ARN where it is in the project; `asset` the folder or file of an object's
    key, where it lies beside the template.
    """
    properties = resource.properties
    kind, where, source, inline = _code(properties, folder, asset)
    variables = _member(properties.get("Environment"), "Variables")
    return ProjectFunction(
        logical_id=resource.logical_id,
        name=resource.shown,
        physical_name=resource.name,
        arn=resource.arn,
        handler=_text(properties.get("Handler")),
        runtime=_text(properties.get("Runtime")),
        folder=where,
        code=kind,
        source=source,
        inline_code=inline,
        environment={name: _text(value) for name, value in variables.items()},
        timeout=_number(properties.get("Timeout"), DEFAULT_FUNCTION_TIMEOUT),
        memory=_number(properties.get("MemorySize"), DEFAULT_FUNCTION_MEMORY),
        layers=_layers(properties.get("Layers"), layers),
        architecture=_first(properties.get("Architectures"), "x86_64"),
        file=resource.file,
        line=resource.line,
    )


def is_function(resource: ProjectResource) -> bool:
    """Whether a resource is a Lambda function."""
    return resource.kind is ResourceKind.FUNCTION


def layer_folder(
    resource: ProjectResource, folder: Path, asset: Callable[[str], Path | None] = lambda key: None
) -> str | None:
    """The folder of a layer's content, None when it is none on this machine."""
    content = resource.properties.get("ContentUri", resource.properties.get("Content"))
    if isinstance(content, dict):
        found = asset(_text(content.get("S3Key")))
        return None if found is None else code_at(found)[1]
    return _local(content, folder)[1] if isinstance(content, str) else None


def _code(properties: Mapping[str, Json], folder: Path, asset: Callable[[str], Path | None]) -> Code:
    if properties.get("PackageType") == "Image":
        code = _member(properties, "Code")
        image = properties.get("ImageUri", code.get("ImageUri"))
        return CodeKind.IMAGE, None, _text(image), ""
    inline = properties.get("InlineCode")
    if isinstance(inline, str):
        return CodeKind.INLINE, None, "", inline
    given = properties.get("CodeUri", properties.get("Code"))
    if isinstance(given, str):
        return *_local(given, folder), ""
    if not isinstance(given, dict):
        return CodeKind.NONE, None, "", ""
    text = given.get("ZipFile")
    if isinstance(text, str):
        return CodeKind.INLINE, None, "", text
    key = _text(given.get("S3Key", given.get("Key")))
    bucket = _text(given.get("S3Bucket", given.get("Bucket")))
    found = asset(key)
    if found is not None:
        return *code_at(found), ""
    return CodeKind.BUCKET, None, f"s3://{bucket}/{key}", ""


def _local(given: str, folder: Path) -> tuple[CodeKind, str | None, str]:
    if given.startswith(("s3://", "https://", "http://")):
        return CodeKind.BUCKET, None, given
    return code_at(folder / given)


def code_at(path: Path) -> tuple[CodeKind, str | None, str]:
    """The code at a path: a folder, an archive, or a path that leads to nothing."""
    try:
        absolute = os.path.abspath(path)
    except ValueError:  # a NUL character
        return CodeKind.NONE, None, str(path)
    if absolute.endswith(_ARCHIVES):
        return CodeKind.ARCHIVE, None, absolute
    if os.path.isfile(absolute):  # a single file is its folder's: SAM packs it alone
        return CodeKind.FOLDER, os.path.dirname(absolute), absolute
    return CodeKind.FOLDER, absolute if os.path.isdir(absolute) else None, absolute


def _layers(value: Json, folder_of: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(folder_of(item) for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _member(value: Json | Mapping[str, Json], name: str) -> dict[str, Json]:
    found = value.get(name) if hasattr(value, "get") else None  # type: ignore[union-attr]
    return found if isinstance(found, dict) else {}


def _text(value: Json) -> str:
    return text_of(value) or ""


def _first(value: Json, otherwise: str) -> str:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], str) else otherwise


def _number(value: Json, otherwise: int) -> int:
    text = text_of(value) or ""
    return int(text[:9]) if text.isdecimal() else otherwise
