"""`python -m bench.reference`: writes docs/API.md from the docstrings of the public names, without importing them, and
docs/rules.md from the rules of `sfdebug lint`, docs/mistakes.md from the mistakes that lessons know."""

from __future__ import annotations

import ast
import re
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import griffe

from sfdebug.reports.mistakes import mistakes_page
from sfdebug.reports.rules import rules_page

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "API.md"
RULES_PAGE: Final = ROOT / "docs" / "rules.md"
MISTAKES_PAGE: Final = ROOT / "docs" / "mistakes.md"

Public: TypeAlias = "griffe.Function | griffe.Class | griffe.Attribute"

_SECTIONS: Final = {
    "Definitions": ("sfdebug.asl.", "sfdebug.validation.", "sfdebug.state_graph.", "sfdebug.limits."),
    "Projects": ("sfdebug.projects.",),
    "Runs": ("sfdebug.simulation.", "sfdebug.state_testing.", "sfdebug.engine."),
    "What answers Tasks": ("sfdebug.tasks.", "sfdebug.engine.execution.decisions.", "sfdebug.history.alignment."),
    "The debugger": ("sfdebug.debugger.",),
    "Recorded executions": ("sfdebug.replayer.", "sfdebug.history."),
    "Values": ("sfdebug.values.", "sfdebug.expressions."),
    "Errors": ("sfdebug.errors.",),
}
"""The sections of the page, by where names stand: the longest beginning counts. Errors stand together."""

_MADE: Final = "Made from the docstrings: `make docs` writes it anew."


def public(root: Path = ROOT) -> dict[str, Public]:
    """The public names of the package, each with what it stands for."""
    package = griffe.load("sfdebug", search_paths=[str(root)])
    tree = ast.parse((root / "sfdebug" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    found: dict[str, Public] = {}
    for node in block.body:
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                found[name.name] = target(package, f"{node.module}.{name.name}")
    return found


def target(package: griffe.Object | griffe.Alias, path: str) -> Public:
    """What stands at a full path, through imports. Raises KeyError when it is no function, class or attribute."""
    found = package[path.removeprefix("sfdebug.")]
    found = found.final_target if found.is_alias else found
    if not isinstance(found, griffe.Function | griffe.Class | griffe.Attribute):
        raise KeyError(path)
    return found


def members(of: griffe.Class) -> Iterator[griffe.Function | griffe.Attribute]:
    """The public members of a class that stand in it, in the order of the text."""
    for name, member in of.members.items():
        if not name.startswith("_") and isinstance(member, griffe.Function | griffe.Attribute):
            yield member


def page(names: Mapping[str, Public]) -> str:
    """The whole page."""
    text = (ROOT / "sfdebug" / "__init__.py").read_text(encoding="utf-8")
    introduction = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[2]
    parts = ["# API", f"{introduction}\n\n{_MADE}\n"]
    by_section: dict[str, list[str]] = {title: [] for title in _SECTIONS}
    for name in sorted(names, key=lambda name: (_rank(names[name]), name.lower())):
        by_section[_section(name, names[name])].append(name)
    anchors = _anchors([name for listed in by_section.values() for name in listed])
    for title, listed in by_section.items():
        parts[-1] += f"\n- {title}: {', '.join(f'[`{name}`](#{anchors[name]})' for name in listed)}"
    for title, listed in by_section.items():
        parts.append(f"## {title}")
        for name in listed:
            parts.extend(_entry(name, names[name]))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _anchors(names: Iterable[str]) -> dict[str, str]:
    """What links to the headings of these names, in the order of the page: `replay`, then `replay-1` for `Replay`."""
    seen: Counter[str] = Counter()
    anchors = {}
    for name in names:
        count = seen[name.lower()]
        anchors[name] = f"{name.lower()}-{count}" if count else name.lower()
        seen[name.lower()] += 1
    return anchors


def _rank(found: Public) -> int:
    """Functions first, then classes, then aliases."""
    return 0 if isinstance(found, griffe.Function) else 1 if isinstance(found, griffe.Class) else 2


def _section(name: str, found: Public) -> str:
    if name.endswith("Error"):
        return "Errors"
    fitting = [
        (len(start), title) for title, starts in _SECTIONS.items() for start in starts if found.path.startswith(start)
    ]
    if not fitting:
        raise KeyError(f"{found.path} stands in no section: name its module in _SECTIONS")
    return max(fitting)[1]


def _entry(name: str, found: Public) -> Iterator[str]:
    yield f"### {name}"
    if isinstance(found, griffe.Attribute):
        yield f"```python\n{name} = {_unquoted(found.value)}\n```"
        yield from _described(found)
    elif isinstance(found, griffe.Function):
        yield _signature(name, found)
        yield from _described(found)
    else:
        yield from _class_entry(name, found)


def _class_entry(name: str, found: griffe.Class) -> Iterator[str]:
    bases = ", ".join(base for base in map(str, found.bases) if base != "Struct")  # what every value is, unsaid
    init = found.members.get("__init__")
    is_made = "dataclass" in found.labels  # its __init__ takes its fields, which are listed
    if isinstance(init, griffe.Function) and not is_made:
        yield _signature(name, init)
    else:
        yield f"```python\nclass {name}{f'({bases})' if bases else ''}\n```"
    yield from _described(found)
    if isinstance(init, griffe.Function) and not is_made:
        yield from _described(init, only_sections=True)
    fields = [member for member in members(found) if isinstance(member, griffe.Attribute)]
    listed = [_field(each) for each in fields if str(each.annotation) != "ClassVar[bool]"]
    if listed:
        yield "\n".join(["Fields:\n", *listed])
    for member in members(found):
        if isinstance(member, griffe.Function):
            yield f"#### {name}.{member.name}"
            yield _signature(member.name, member)
            yield from _described(member)


def _field(field: griffe.Attribute) -> str:
    annotation = f": {_unquoted(field.annotation)}" if field.annotation is not None else ""
    value = f" = {field.value}" if "class-attribute" in field.labels and field.value is not None else ""
    value = "" if value.startswith(" = field(") else value
    says = " ".join(field.docstring.value.split()) if field.docstring else ""
    return f"- `{field.name}{annotation}{value}`{f': {says}' if says else ''}"


def _signature(name: str, found: griffe.Function) -> str:
    shown, is_keyword_only = [], False
    for parameter in found.parameters:
        if parameter.name in ("self", "cls"):
            continue
        kind = parameter.kind
        if kind is griffe.ParameterKind.keyword_only and not is_keyword_only:
            shown.append("*")
        is_keyword_only = is_keyword_only or kind in (
            griffe.ParameterKind.keyword_only,
            griffe.ParameterKind.var_positional,
        )
        stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(kind, "")
        annotation = f": {_unquoted(parameter.annotation)}" if parameter.annotation is not None else ""
        is_optional = parameter.default is not None and not stars
        shown.append(f"{stars}{parameter.name}{annotation}{f' = {parameter.default}' if is_optional else ''}")
    returns = f" -> {_unquoted(found.returns)}" if found.returns is not None and found.name != "__init__" else ""
    line = f"{name}({', '.join(shown)}){returns}"
    if len(line) > 100:
        line = f"{name}(\n{''.join(f'    {each},{chr(10)}' for each in shown)}){returns}"
    return f"```python\n{line}\n```"


def _described(found: griffe.Object, *, only_sections: bool = False) -> Iterator[str]:
    """A docstring: its text, then arguments, result and errors as lists."""
    for section in found.docstring.parse("google") if found.docstring else ():
        if isinstance(section, griffe.DocstringSectionText):
            if not only_sections:
                yield section.value
        elif isinstance(section, griffe.DocstringSectionReturns):
            yield "Returns: " + " ".join(each.description for each in section.value)
        elif isinstance(
            section,
            griffe.DocstringSectionParameters | griffe.DocstringSectionRaises | griffe.DocstringSectionAttributes,
        ):
            title = {"parameters": "Arguments", "raises": "Raises", "attributes": "Attributes"}[section.kind.value]
            yield "\n".join([f"{title}:\n", *map(_item, section.value)])
        else:
            yield str(section.value)


def _item(element: griffe.DocstringParameter | griffe.DocstringRaise | griffe.DocstringAttribute) -> str:
    name = str(element.annotation) if isinstance(element, griffe.DocstringRaise) else element.name
    return f"- `{name}`: {' '.join(element.description.split())}"


def _unquoted(expression: object) -> str:
    return re.sub(r"^['\"]|['\"]$", "", str(expression))


if __name__ == "__main__":
    about = f"Write {PAGE.name}, {RULES_PAGE.name} and {MISTAKES_PAGE.name} anew, from what the program says of itself."
    ArgumentParser(prog="reference", description=about).parse_args()
    PAGE.write_text(page(public()), encoding="utf-8")
    RULES_PAGE.write_text(rules_page(), encoding="utf-8")
    MISTAKES_PAGE.write_text(mistakes_page(), encoding="utf-8")
