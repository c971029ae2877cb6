"""JUnit XML, which every CI system reads: one writer for whatever is judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from msgspec import Struct

from sfdebug.reports.spool import TextSpool
from sfdebug.reports.xml_text import xml_text

if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO


class JUnitVerdict(StrEnum):
    """What a test case is in JUnit's words."""

    PASSED = "passed"
    FAILURE = "failure"
    ERROR = "error"


class JUnitCase(Struct, frozen=True):
    """One test case. `message` and `text` say why it did not pass, `kind` in one word; `output` what else there is."""

    group: str
    name: str
    judgement: JUnitVerdict = JUnitVerdict.PASSED
    message: str = ""
    kind: str = ""
    text: str = ""
    output: str = ""
    file: str = ""
    line: int = 0
    properties: Sequence[tuple[str, str]] = ()


class JUnitReport:
    """A test suite that takes one case after the other, and is written when there are no more. Its cases are not held
    in memory. To be used with `with`."""

    def __init__(self, suite_name: str) -> None:
        self._name = suite_name
        self._spool = TextSpool()
        self._count = dict.fromkeys(JUnitVerdict, 0)

    def __enter__(self) -> JUnitReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def add(self, case: JUnitCase) -> None:
        """Take a case."""
        self._count[case.judgement] += 1
        element = _element(case)
        ElementTree.indent(element, level=2)
        self._spool.add(f"    {ElementTree.tostring(element, encoding='unicode')}\n")

    def write(self, stream: BinaryIO) -> None:
        """Write the suite with all its cases, as UTF-8."""
        counts = {
            "tests": str(sum(self._count.values())),
            "failures": str(self._count[JUnitVerdict.FAILURE]),
            "errors": str(self._count[JUnitVerdict.ERROR]),
        }
        suites = _opened(ElementTree.Element("testsuites", counts))
        suite = _opened(ElementTree.Element("testsuite", {"name": xml_text(self._name), **counts}))
        stream.write(f"<?xml version='1.0' encoding='utf-8'?>\n{suites}\n  {suite}\n".encode())
        for chunk in self._spool.chunks():
            stream.write(chunk.encode())
        stream.write(b"  </testsuite>\n</testsuites>\n")


def write_junit(suite_name: str, cases: Iterable[JUnitCase], stream: BinaryIO) -> None:
    """One test suite with its cases, as UTF-8."""
    with JUnitReport(suite_name) as report:
        for case in cases:
            report.add(case)
        report.write(stream)


def _opened(element: ElementTree.Element) -> str:
    """The tag that an element without anything in it begins with."""
    return ElementTree.tostring(element, encoding="unicode").removesuffix(" />") + ">"


def _element(case: JUnitCase) -> ElementTree.Element:
    names = {"classname": xml_text(case.group), "name": xml_text(case.name)}
    if case.file:
        names["file"] = xml_text(case.file)
    if case.line:
        names["line"] = str(case.line)
    element = ElementTree.Element("testcase", names)
    if case.properties:
        properties = ElementTree.SubElement(element, "properties")
        for name, value in case.properties:
            ElementTree.SubElement(properties, "property", {"name": name, "value": xml_text(value)})
    if case.judgement is not JUnitVerdict.PASSED:
        told = ElementTree.SubElement(
            element, case.judgement, {"message": xml_text(case.message), "type": xml_text(case.kind)}
        )
        told.text = xml_text(case.text)
    if case.output:
        ElementTree.SubElement(element, "system-out").text = xml_text(case.output)
    return element
