"""Verdicts as a JUnit XML report, which CI systems show as tests. Its form is that of the Ant and Jenkins schemas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from sfdebug.history.verification.verdict import Verification, VerificationStatus
from sfdebug.reports.differences import difference_lines, place_text

if TYPE_CHECKING:
    from typing import BinaryIO

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(
    definition: str, found: Sequence[Verification], stream: BinaryIO, *, allow_partial: bool = False
) -> None:
    """One test suite for the definition, one test case for each recorded execution.

    What was not verified, or only in part, is an error; with `allow_partial` the latter is a success.
    """
    doubtful = {VerificationStatus.NOT_VERIFIED} | (set() if allow_partial else {VerificationStatus.PARTIAL})
    failures = sum(1 for one in found if one.status is VerificationStatus.DIVERGES)
    errors = sum(1 for one in found if one.status in doubtful)
    counts = {"tests": str(len(found)), "failures": str(failures), "errors": str(errors)}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _text(f"sfdebug verify {definition}"), **counts})
    for verification in found:
        _add_case(suite, definition, verification, is_error=verification.status in doubtful)
    ElementTree.indent(suites)
    ElementTree.ElementTree(suites).write(stream, encoding="utf-8", xml_declaration=True)
    stream.write(b"\n")


def _add_case(suite: ElementTree.Element, definition: str, found: Verification, *, is_error: bool) -> None:
    names = {"classname": _text(definition), "name": _text(found.history)}
    case = ElementTree.SubElement(suite, "testcase", names)
    first = found.first
    if first is not None:
        message = {"message": _text(place_text(first)), "type": first.kind}
        failure = ElementTree.SubElement(case, "failure", message)
        failure.text = _text("\n".join(line for one in found.differences for line in difference_lines(one)))
    elif is_error:
        error = ElementTree.SubElement(case, "error", {"message": _text(found.reason), "type": str(found.status)})
        error.text = _text("\n".join(found.reasons))
    told = found.notes if is_error else (*found.reasons, *found.notes)
    if told:
        ElementTree.SubElement(case, "system-out").text = _text("\n".join(told))


def _text(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
