"""From a document to a definition: it is parsed, held against the rules, and all that is wrong is reported at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import QueryLanguage, StateMachine, StateType, walk
from sfdebug.asl.findings import NO_OBJECT
from sfdebug.asl.parsing.fields import MACHINE
from sfdebug.asl.parsing.states import ScopeParser, language_of
from sfdebug.asl.reader import DefinitionReader
from sfdebug.asl.rules.jsonata import check_expressions
from sfdebug.asl.rules.resources import check_resource
from sfdebug.asl.rules.transitions import check_transitions
from sfdebug.asl.rules.variables import FORBIDDEN, check_variables
from sfdebug.asl.text.problems import ordered
from sfdebug.errors import DefinitionError
from sfdebug.values import Json, kind

if TYPE_CHECKING:
    from sfdebug.asl.findings import Finding
    from sfdebug.asl.text.source import Document
    from sfdebug.errors import Problem


class Examination(Struct, frozen=True, gc=False):
    """What was found in a document.

    `machine` is what it defines as far as it can be read, None when it is no object; it may be run only when no
    finding is an error.
    """

    document: Document
    machine: StateMachine | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop it from being loaded."""
        problems = (finding.problem for finding in self.findings)
        return tuple(problem for problem in problems if problem is not None and problem.severity == "error")


def examine(document: Document) -> Examination:
    """Everything that can be said of the definition in `document`. Never raises."""
    reader = DefinitionReader(document)
    value = document.value
    if isinstance(value, dict):
        machine = _machine(reader, document, value)
        return Examination(document, machine, tuple(reader.findings))
    fix = 'write an object with "StartAt" and "States"'
    reader.error((), f"a definition is an object, not {kind(value)}", fix, aws=NO_OBJECT)
    return Examination(document, None, tuple(reader.findings))


def parse(document: Document, known: tuple[Problem, ...] = ()) -> StateMachine:
    """The state machine in `document`; its `warnings` hold what does not stop it, what AWS refuses of that too.

    `known` are problems found when the text was read. Raises DefinitionError with all errors, those included.
    """
    examination = examine(document)
    errors = (*(problem for problem in known if problem.severity == "error"), *examination.errors)
    if errors or examination.machine is None:
        raise DefinitionError(ordered(errors))
    return _with_variables_checked(examination.machine)


def _with_variables_checked(machine: StateMachine) -> StateMachine:
    """`machine` with what AWS forbids its variables among its warnings: the engine would run it without a word."""
    if "Assign" not in machine.document.source.text:  # most definitions have no variables
        return machine
    reader = DefinitionReader(machine.document)
    check_variables(reader, machine)
    found = [
        finding.problem
        for finding in reader.findings
        if finding.problem is not None and finding.verdict is not None and finding.verdict.code in FORBIDDEN
    ]
    return replace(machine, warnings=ordered((*machine.warnings, *found))) if found else machine


def _machine(reader: DefinitionReader, document: Document, value: dict[str, Json]) -> StateMachine:
    given = value.get("QueryLanguage", _misplaced_language(value))
    # Measured (floci issue 2968): a null counts as given, and so as JSONata.
    is_given = given is not None or "QueryLanguage" in value
    language = language_of(given, QueryLanguage.JSONPATH) if is_given else QueryLanguage.JSONPATH
    scope = ScopeParser(reader, language).scope((), (), value, MACHINE, "a definition")
    for state in walk(scope):
        if state.query_language is QueryLanguage.JSONATA:
            check_expressions(reader, state.pointer, state.fields, state.type)
        if state.type is StateType.TASK and isinstance(state.fields.get("Resource"), str):
            check_resource(reader, (*state.pointer, "Resource"), state.resource)
    check_transitions(reader, scope)
    timeout, version = value.get("TimeoutSeconds"), value.get("Version")
    known = {(problem.line, problem.column) for problem in document.warnings}
    warnings = [
        problem
        for problem in reader.problems.items
        if problem.severity == "warning" and (problem.line, problem.column) not in known
    ]
    return StateMachine(
        scope=scope,
        document=document,
        query_language=language,
        comment=scope.comment,
        # AWS takes 0 (reported); no document says what it means, so it counts as none.
        timeout_seconds=(timeout or None) if isinstance(timeout, int) and not isinstance(timeout, bool) else None,
        version=version if isinstance(version, str) else "1.0",
        warnings=ordered((*document.warnings, *warnings)),
        unresolved=ordered(reader.unresolved),
    )


def _misplaced_language(value: dict[str, Json]) -> Json:
    """A QueryLanguage written among the states: that alone is the error, the states are read as meant."""
    states = value.get("States")
    return states.get("QueryLanguage") if isinstance(states, dict) else None
