"""What `sfdebug verify` found: as text, as JSON, as JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from sfdebug.history.verification.outcomes import FAILED_OUTCOMES, HELD
from sfdebug.history.verification.verdict import Verification, VerificationStatus
from sfdebug.reports.differences import difference_dict, difference_lines, where_text
from sfdebug.reports.outcomes import mending_dict
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from typing import BinaryIO

    from sfdebug.values import Json

_WIDTH = max(map(len, VerificationStatus))
_COUNTS: Final = {
    VerificationStatus.IDENTICAL: "identical",
    VerificationStatus.SAME_EFFECTS: "sameEffects",
    VerificationStatus.PARTIAL: "partial",
    VerificationStatus.DIVERGES: "diverges",
    VerificationStatus.NOT_VERIFIED: "notVerified",
}
"""How many have each verdict, by the names in the JSON object; together they are its `total`."""


def verification_lines(found: Verification, *, all_differences: bool = False) -> list[str]:
    """One recorded execution: the verdict, then the first difference, or all of them."""
    lines = [f"{found.status:<{_WIDTH}}  {escaped(found.history)}{_extent(found)}"]
    lines.extend(f"    {escaped(reason)}" for reason in found.reasons)
    shown = found.differences if all_differences else found.differences[:1]
    for difference in shown:
        lines.extend(f"    {line}" for line in difference_lines(difference))
    more = found.differences[len(shown) :]
    if more:
        carried = sum(1 for one in more if one.is_carried)
        note = f", {carried} of them carried on from state to state" if carried else ""
        lines.append(f"    and {counted(len(more), 'more difference')}{note}: --all shows them")
    return lines


def _extent(found: Verification) -> str:
    if found.status is VerificationStatus.NOT_VERIFIED:
        return ""
    text = f" ({found.events:,} events"
    if found.calls is not None:
        text += f", {counted(found.calls, 'task call')} made again"
    elif found.followed < found.events:
        text += f", followed for {found.followed:,}"
    if found.drawn:
        text += f", {counted(found.drawn, 'made-up value')} taken over"
    return f"{text}{'' if found.is_complete else ', not to the end of the execution'})"


def summary(found: Sequence[Verification]) -> str:
    """All verdicts in one line."""
    counts = {status: sum(1 for one in found if one.status is status) for status in VerificationStatus}
    if any(one.calls is not None for one in found):
        parts = [f"{counts[VerificationStatus.SAME_EFFECTS]} of {len(found)} with the same effects"]
    else:
        parts = [f"{counts[VerificationStatus.IDENTICAL]} of {len(found)} identical"]
    diverging, others = counts[VerificationStatus.DIVERGES], counts[VerificationStatus.NOT_VERIFIED]
    if counts[VerificationStatus.PARTIAL]:
        parts.append(f"{counts[VerificationStatus.PARTIAL]} partial")
    if diverging:
        parts.append(f"{diverging} diverge{'s' if diverging == 1 else ''}")
    if others:
        parts.append(f"{others} not verified")
    return ", ".join(parts)


def verification_dict(definition: str, found: Sequence[Verification]) -> dict[str, Json]:
    """The object that `sfdebug verify --json` prints."""
    return {
        "definition": definition,
        **{name: sum(1 for one in found if one.status is status) for status, name in _COUNTS.items()},
        "total": len(found),
        "histories": [_one(verification) for verification in found],
    }


def _one(found: Verification) -> dict[str, Json]:
    return {
        "history": found.history,
        "status": str(found.status),
        "events": found.events,
        "followed": found.followed,
        "complete": found.is_complete,
        "drawn": found.drawn,
        **({} if found.calls is None else {"calls": found.calls}),
        "reason": found.reason,
        "reasons": list(found.reasons),
        "notes": list(found.notes),
        "differences": [difference_dict(difference) for difference in found.differences],
        **({} if found.mending is None else {"mending": mending_dict(found.mending)}),
    }


_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Judgement(StrEnum):
    """What a test case is in JUnit's words."""

    PASSED = "passed"
    FAILURE = "failure"
    ERROR = "error"


def write_junit(
    definition: str, found: Sequence[Verification], stream: BinaryIO, *, allow_partial: bool = False
) -> None:
    """One test suite for the definition, one test case for each recorded execution.

    What was not verified, or only in part, is an error; with `allow_partial` the latter is a success. Where it was
    found out what would have come of the executions, a case is passed when that is proved to be a success, a failure
    when it fails, else an error.
    """
    judged = [_judged(one, allow_partial=allow_partial) for one in found]
    failures, errors = judged.count(_Judgement.FAILURE), judged.count(_Judgement.ERROR)
    counts = {"tests": str(len(found)), "failures": str(failures), "errors": str(errors)}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _text(f"sfdebug verify {definition}"), **counts})
    for verification, judgement in zip(found, judged, strict=True):
        _add_case(suite, definition, verification, judgement)
    ElementTree.indent(suites)
    ElementTree.ElementTree(suites).write(stream, encoding="utf-8", xml_declaration=True)
    stream.write(b"\n")


def _judged(found: Verification, *, allow_partial: bool) -> _Judgement:
    if found.mending is not None:
        if found.mending.outcome in HELD:
            return _Judgement.PASSED
        return _Judgement.FAILURE if found.mending.outcome in FAILED_OUTCOMES else _Judgement.ERROR
    if found.status is VerificationStatus.DIVERGES:
        return _Judgement.FAILURE
    is_doubtful = found.status is VerificationStatus.NOT_VERIFIED
    is_doubtful = is_doubtful or (found.status is VerificationStatus.PARTIAL and not allow_partial)
    return _Judgement.ERROR if is_doubtful else _Judgement.PASSED


def _add_case(suite: ElementTree.Element, definition: str, found: Verification, judgement: _Judgement) -> None:
    names = {"classname": _text(definition), "name": _text(found.history)}
    case = ElementTree.SubElement(suite, "testcase", names)
    first, mending = found.first, found.mending
    is_told = judgement is not _Judgement.PASSED
    if is_told:
        kind = str(mending.outcome) if mending is not None else first.kind if first is not None else str(found.status)
        said = (mending.what if mending is not None else "") or (
            where_text(first) if first is not None else found.reason
        )
        told = ElementTree.SubElement(case, judgement, {"message": _text(said), "type": kind})
        lines = [line for one in found.differences for line in difference_lines(one)] or list(found.reasons)
        told.text = _text("\n".join([*(mending.reasons if mending is not None else ()), *lines]))
    texts = found.notes if judgement is _Judgement.ERROR else (*found.reasons, *found.notes)
    if texts:
        ElementTree.SubElement(case, "system-out").text = _text("\n".join(texts))


def _text(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
