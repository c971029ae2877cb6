"""The file of `--values`: what stands for what a project leaves open.

It is an object with `parameters`, `substitutions`, `region` and `account`, in YAML or JSON, or one of the forms in
which AWS's tools take parameters: a list of ParameterKey and ParameterValue, or an object with `Parameters`. Source:
AWS docs, aws cloudformation deploy, `--parameter-overrides`; CodePipeline, "Template configuration file".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.errors import DefinitionError, UsageError
from sfdebug.projects.addresses import ProjectValues
from sfdebug.text import escaped, with_article

if TYPE_CHECKING:
    from sfdebug.values import Json

_SECTIONS: Final = ("parameters", "substitutions", "region", "account")
_FIX: Final = "Write parameters, substitutions, region, account; or a list of ParameterKey and ParameterValue."


def read_values_file(file: str) -> ProjectValues:
    """The values in a file. Raises UsageError, or DefinitionError with the place, when it cannot be used."""
    from sfdebug.asl.load import read_source
    from sfdebug.projects.reading import read_template

    try:
        document, _ = read_template(read_source(file))
    except DefinitionError as error:
        if any(problem.line for problem in error.problems):
            raise
        first = error.problems[0]
        raise UsageError(first.what, where=f"--values {escaped(file)}", fix=first.fix) from error
    value = document.value
    if isinstance(value, list):
        return ProjectValues(parameters=dict(_keyed(item, file) for item in value))
    if not isinstance(value, dict):
        raise _wrong(file, f"this is {with_article(value)}")
    if isinstance(value.get("Parameters"), dict):
        return ProjectValues(parameters=_texts(value["Parameters"], "Parameters", file))
    unknown = [name for name in value if name not in _SECTIONS]
    if unknown:
        raise _wrong(file, f"there is no section '{escaped(unknown[0])}'")
    return ProjectValues(
        _texts(value.get("parameters", {}), "parameters", file),
        _texts(value.get("substitutions", {}), "substitutions", file),
        _text(value.get("region", ""), "region", file),
        _text(value.get("account", ""), "account", file),
    )


def _keyed(item: Json, file: str) -> tuple[str, str]:
    """One of a list of parameters: an object as AWS has it, or `Name=Value`."""
    if isinstance(item, str) and "=" in item:
        name, _, value = item.partition("=")
        return name, value
    if isinstance(item, dict) and isinstance(item.get("ParameterKey"), str) and "ParameterValue" in item:
        name = str(item["ParameterKey"])
        return name, _text(item["ParameterValue"], name, file)
    raise _wrong(file, "an item of the list is no parameter")


def _texts(value: Json, section: str, file: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _wrong(file, f"'{section}' is {with_article(value)}, not an object")
    return {name: _text(item, name, file) for name, item in value.items()}


def _text(value: Json, name: str, file: str) -> str:
    """A value as text; a list as CloudFormation writes one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ",".join(map(str, value))
    raise _wrong(file, f"the value of '{escaped(name)}' is {with_article(value)}, not a text")


def _wrong(file: str, what: str) -> UsageError:
    return UsageError(what, where=f"--values {escaped(file)}", fix=_FIX)
