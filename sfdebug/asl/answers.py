"""Definitions inside answers and requests of AWS's API: DescribeStateMachine has the text of one in a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document

_BESIDE: Final = frozenset({"statemachinearn", "rolearn", "name", "updatedate", "creationdate", "revisionid"})
"""Fields beside a definition, however they are spelt: in answers of DescribeStateMachine and
DescribeStateMachineForExecution, in requests of CreateStateMachine and UpdateStateMachine. Source: API Reference."""


def definition_in(document: Document) -> str | Document | None:
    """The definition that an answer or a request holds: its text, or its part of the document when it is an object.

    `--query definition` gives the text as a JSON string. None for a document that is nothing of the kind.
    """
    value = document.value
    if isinstance(value, str):
        return value if _is_definition(value) else None
    if not isinstance(value, dict) or "States" in value or "StartAt" in value:
        return None
    letters = {name.replace("_", "").lower(): name for name in value}
    field = letters.get("definition")
    if field is None or _BESIDE.isdisjoint(letters):
        return None
    inner = value[field]
    if isinstance(inner, str):
        return inner if _is_definition(inner) else None
    return document.part((field,)) if isinstance(inner, dict) and "States" in inner else None


def _is_definition(text: str) -> bool:
    """Whether a text is an object, and not a placeholder or the name of a file."""
    return text.lstrip()[:1] == "{" and '"' in text
