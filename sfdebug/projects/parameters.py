"""The values of a template's parameters: what was given, then what a file of the project says, then the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.model import ProjectParameter
from sfdebug.projects.reading import problem_at
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.text.source import Document
    from sfdebug.errors import Problem

GIVEN: Final = "given"
DEFAULT: Final = "default"


def parameter_values(
    document: Document, given: Mapping[str, str], configured: Mapping[str, str], configuration: str
) -> tuple[dict[str, Json], tuple[ProjectParameter, ...], list[Problem]]:
    """The values by name, without those that nobody gives; the parameters; and what is wrong with what was given.

    `configured` are the values of the file `configuration`.
    """
    section = document.value.get("Parameters") if isinstance(document.value, dict) else None
    declared = section if isinstance(section, dict) else {}
    values: dict[str, Json] = {}
    parameters: list[ProjectParameter] = []
    problems: list[Problem] = []
    for name, declaration in declared.items():
        fields = declaration if isinstance(declaration, dict) else {}
        kind = fields.get("Type", "String")
        kind = kind if isinstance(kind, str) else "String"
        text, origin = _value(name, kind, fields, given, configured, configuration)
        if text is not None:
            is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
            values[name] = [item.strip() for item in text.split(",")] if is_list else text
        allowed = fields.get("AllowedValues")
        choices = tuple(text_of(item) or "" for item in allowed) if isinstance(allowed, list) else ()
        if text is not None and choices and text not in choices:
            what = f"the parameter {quote(name)} is {quote(text)}, which its AllowedValues do not have"
            fix = f"give one of {', '.join(choices[:8])}"
            problems.append(problem_at(document, ("Parameters", name), what, fix, severity="warning", key=True))
        description = fields.get("Description")
        said = description if isinstance(description, str) else ""
        parameters.append(ProjectParameter(name, kind, text or "", origin, said, choices))
    return values, tuple(parameters), problems


def _value(
    name: str,
    kind: str,
    fields: Mapping[str, Json],
    given: Mapping[str, str],
    configured: Mapping[str, str],
    configuration: str,
) -> tuple[str | None, str]:
    if name in given:
        return given[name], GIVEN
    if kind.startswith("AWS::SSM::Parameter::Value"):  # the name of what is read at deployment, not its value
        return None, ""
    if name in configured:
        return configured[name], configuration
    text = text_of(fields.get("Default"))
    return (None, "") if text is None else (text, DEFAULT)


def unknown_names(document: Document, given: Iterable[str], declared: Iterable[str]) -> list[Problem]:
    """A warning for each parameter that was given and that no template of the project has."""
    known = list(dict.fromkeys(declared))
    problems = []
    for name in given:
        if name not in known:
            close = closest(name, known)
            fix = f"did you mean {quote(close)}?" if close else f"it has {', '.join(known[:8]) or 'no parameters'}"
            what = f"there is no parameter {quote(name)}"
            problems.append(problem_at(document, ("Parameters",), what, fix, severity="warning"))
    return problems
