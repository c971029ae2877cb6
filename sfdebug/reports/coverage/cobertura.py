"""Coverage as Cobertura XML, which GitLab, Jenkins and Azure DevOps read.

Source: Cobertura's coverage-04.dtd.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from msgspec.structs import replace

from sfdebug.reports.coverage.places import covered_files
from sfdebug.reports.paths import common_folder, path_below
from sfdebug.reports.xml_text import xml_text

if TYPE_CHECKING:
    from sfdebug.reports.coverage.places import CoveredDefinition, CoveredFile

_DOCTYPE: Final = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n'


def cobertura(definitions: Iterable[CoveredDefinition], timestamp: int, version: str) -> bytes:
    """The report as UTF-8. Its `source` is the folder that the files are named from.

    Args:
        definitions: What was taken of each.
        timestamp: When it was measured, in milliseconds since 1970.
        version: Of sfdebug.
    """
    files = covered_files(definitions)
    source = common_folder(file.path for file in files)
    files = [replace(file, path=path_below(file.path, source)) for file in files]
    root = ElementTree.Element("coverage", {**_rates(files), **_sums(files)})
    root.set("complexity", "0")
    root.set("version", f"sfdebug {version}")
    root.set("timestamp", str(timestamp))
    ElementTree.SubElement(ElementTree.SubElement(root, "sources"), "source").text = xml_text(Path(source).as_posix())
    packages = ElementTree.SubElement(root, "packages")
    folders: dict[str, list[CoveredFile]] = defaultdict(list)
    for file in files:
        folders[str(PurePosixPath(file.path).parent)].append(file)
    for folder, inside in folders.items():
        package = ElementTree.SubElement(
            packages, "package", {"name": xml_text(folder), **_rates(inside), "complexity": "0"}
        )
        classes = ElementTree.SubElement(package, "classes")
        for file in inside:
            _add_class(classes, file)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + _DOCTYPE.encode() + ElementTree.tostring(root) + b"\n"


def _add_class(classes: ElementTree.Element, file: CoveredFile) -> None:
    name = PurePosixPath(file.path).name
    facts = {"name": xml_text(name), "filename": xml_text(file.path), **_rates([file]), "complexity": "0"}
    element = ElementTree.SubElement(classes, "class", facts)
    methods = ElementTree.SubElement(element, "methods")
    for state in file.states:
        if state.count is None:
            continue
        rate = "1" if state.count else "0"
        facts = {"name": xml_text(state.name), "signature": "()", "line-rate": rate, "branch-rate": rate}
        method = ElementTree.SubElement(methods, "method", {**facts, "complexity": "0"})
        lines = ElementTree.SubElement(method, "lines")
        ElementTree.SubElement(lines, "line", {"number": str(state.line), "hits": str(state.count)})
    branches = _branches(file)
    lines = ElementTree.SubElement(element, "lines")
    for number, hits in file.lines().items():
        line = ElementTree.SubElement(lines, "line", {"number": str(number), "hits": str(hits), "branch": "false"})
        ways = branches.get(number)
        if ways:
            taken = sum(count > 0 for count in ways)
            line.set("branch", "true")
            line.set("condition-coverage", f"{100 * taken // len(ways)}% ({taken}/{len(ways)})")


def _branches(file: CoveredFile) -> dict[int, list[int]]:
    """How often each way was taken that begins on a line."""
    found: dict[int, list[int]] = defaultdict(list)
    for state in file.states:
        for line, count in state.branches:
            found[line].append(count)
    return found


def _sums(files: Sequence[CoveredFile]) -> dict[str, str]:
    lines = [count for file in files for count in file.lines().values()]
    ways = [count for file in files for counts in _branches(file).values() for count in counts]
    return {
        "lines-covered": str(sum(count > 0 for count in lines)),
        "lines-valid": str(len(lines)),
        "branches-covered": str(sum(count > 0 for count in ways)),
        "branches-valid": str(len(ways)),
    }


def _rates(files: Sequence[CoveredFile]) -> dict[str, str]:
    sums = _sums(files)
    return {
        "line-rate": _rate(sums["lines-covered"], sums["lines-valid"]),
        "branch-rate": _rate(sums["branches-covered"], sums["branches-valid"]),
    }


def _rate(part: str, whole: str) -> str:
    return f"{int(part) / int(whole):.4f}" if int(whole) else "1"
