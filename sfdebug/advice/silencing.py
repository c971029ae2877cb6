"""How a rule is silenced: `sfdebug: ignore RULE, RULE` in a Comment, for what the Comment is about and all inside it.

Whoever looks at definitions can also name rules that are not to be reported at all. What AWS refuses stays an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.advice.registry import never_ignored, rule_id
from sfdebug.asl.findings import ERROR, our_verdict
from sfdebug.asl.reader import DefinitionReader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sfdebug.asl.findings import Finding
    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.values import Json

_ASKED: Final = re.compile(r"(?i:sfdebug:\s*ignore):?\s+([a-z][a-z0-9-]*(?:\s*,\s*[a-z][a-z0-9-]*)*)")
_ASKING: Final = re.compile(r"(?i:sfdebug:\s*ignore)\b")
_WORD: Final = "sfdebug:"


def silenced(findings: Iterable[Finding], document: Document, ignored: Collection[str] = ()) -> list[Finding]:
    """`findings` without those that a Comment of the document, or `ignored`, silences.

    A Comment that names no rule that there is, or one of errors, becomes a finding itself.
    """
    asked = list(_asked(document)) if _WORD in document.source.text.lower() else []
    kept = [finding for finding in findings if not _is_silenced(finding, asked, ignored)]
    return [*kept, *_unknown(document, asked)]


def _is_silenced(finding: Finding, asked: Iterable[tuple[Pointer, str]], ignored: Collection[str]) -> bool:
    if finding.verdict is None or finding.verdict.severity == ERROR:
        return False
    id = rule_id(finding)
    if id in ignored:
        return True
    return any(id == silent and finding.pointer[: len(owner)] == owner for owner, silent in asked)


def _asked(document: Document) -> Iterator[tuple[Pointer, str]]:
    """What Comments ask for: the pointer to what each is about, and the id of a rule; "" where they name none."""
    waiting: list[tuple[Pointer, Json]] = [((), document.value)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            comment = value.get("Comment")
            if isinstance(comment, str):
                named = [id.strip() for match in _ASKED.finditer(comment) for id in match[1].split(",")]
                yield from ((pointer, id) for id in named or [""] * bool(_ASKING.search(comment)))
            waiting.extend(((*pointer, key), item) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend(((*pointer, index), item) for index, item in enumerate(value))


def _unknown(document: Document, asked: Iterable[tuple[Pointer, str]]) -> list[Finding]:
    reader = DefinitionReader(document)
    for owner, id in asked:
        if not id:
            odd = [("this asks to ignore, and names no rule", 'Write: "sfdebug: ignore RULE"')]
        else:
            odd = list(never_ignored([id]))
        for what, fix in odd:
            aws = our_verdict(what, "UNKNOWN_RULE_IGNORED")
            reader.warn((*owner, "Comment"), what, f"{fix[:1].lower()}{fix[1:]}", aws=aws)
    return reader.findings
