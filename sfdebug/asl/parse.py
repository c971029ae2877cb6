"""From a document to a definition: everything that is wrong with it is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage, StateMachine
from sfdebug.asl.fields import MACHINE
from sfdebug.asl.problems import ordered
from sfdebug.asl.reader import Reader, kind
from sfdebug.asl.states import ScopeParser
from sfdebug.asl.transitions import check_transitions
from sfdebug.errors import DefinitionError

if TYPE_CHECKING:
    from sfdebug.asl.source import Document
    from sfdebug.errors import Problem
    from sfdebug.values import Json


def parse(document: Document, known: tuple[Problem, ...] = ()) -> StateMachine:
    """The state machine in `document`; its `warnings` hold what does not stop it.

    `known` are problems found when the text was read. Raises DefinitionError with all errors, those included.
    """
    reader = Reader(document)
    value = document.value
    if not isinstance(value, dict):
        fix = 'write an object with "StartAt" and "States"'
        reader.error((), f"a definition is an object, not {kind(value)}", fix)
        value = {}
        machine = None
    else:
        machine = _machine(reader, document, value)
    errors = [problem for problem in (*known, *reader.problems.items) if problem.severity == "error"]
    if errors or machine is None:
        raise DefinitionError(ordered(errors))
    return machine


def _machine(reader: Reader, document: Document, value: dict[str, Json]) -> StateMachine:
    given = value.get("QueryLanguage", _misplaced_language(value))
    language = next((known for known in QueryLanguage if known == given), QueryLanguage.JSONPATH)
    scope = ScopeParser(reader, language).scope((), (), value, MACHINE, "a definition")
    check_transitions(reader, scope)
    timeout, version = value.get("TimeoutSeconds"), value.get("Version")
    told = {(problem.line, problem.column) for problem in document.warnings}
    warnings = [
        problem
        for problem in reader.problems.items
        if problem.severity == "warning" and (problem.line, problem.column) not in told
    ]
    return StateMachine(
        scope=scope,
        document=document,
        query_language=language,
        comment=scope.comment,
        timeout_seconds=timeout if isinstance(timeout, int) and not isinstance(timeout, bool) else None,
        version=version if isinstance(version, str) else "1.0",
        warnings=ordered((*document.warnings, *warnings)),
        unresolved=ordered(reader.unresolved),
    )


def _misplaced_language(value: dict[str, Json]) -> Json:
    """A QueryLanguage written among the states: that alone is the error, the states are read as meant."""
    states = value.get("States")
    return states.get("QueryLanguage") if isinstance(states, dict) else None
