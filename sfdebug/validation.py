"""The offline twin of AWS's ValidateStateMachineDefinition, and the words with which AWS refuses a definition.

What is checked stands in `sfdebug.asl`: loading, validating and `sfdebug lint` share one set of checks. AWS's messages
and places are those of recorded answers, then those of public reports of its answers; where neither is known, the
message is ours in the style of AWS's. AWS itself says that codes and wording may change, and only `result` will not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypedDict

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.examination import Examination, examine
from sfdebug.asl.findings import (
    ERROR,
    MISSING_END,
    MISSING_TARGET,
    NO_OBJECT,
    NOWHERE,
    SEVERITIES,
    AwsVerdict,
    Finding,
    in_order,
    with_labels,
)
from sfdebug.asl.load import Definition, examine_definition, examine_file, is_path, no_definition, text_of
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from collections.abc import Iterable


TYPES: Final = tuple(ExecutionType)
MAX_RESULTS: Final = 100
"""Most diagnostics of one answer, and the default. AWS API: ValidateStateMachineDefinition `maxResults`."""

STATE_NAME: Final = "StateName"
"""What TestState calls a state that stands alone. Recorded: "… at /States/StateName/Branches"."""

_NO_JSON: Final = "INVALID_JSON_DESCRIPTION"


class Diagnostic(TypedDict, total=False):
    """One diagnostic, as boto3 has it; `location` is absent where AWS gives none."""

    severity: str
    code: str
    message: str
    location: str


class Validation(TypedDict):
    """The response of ValidateStateMachineDefinition, as boto3 has it."""

    result: str
    diagnostics: list[Diagnostic]
    truncated: bool


def validate(
    definition: Definition,
    type: str = "STANDARD",
    severity: str = ERROR,
    maxResults: int = MAX_RESULTS,  # noqa: N803 - AWS's name
) -> Validation:
    """What AWS's ValidateStateMachineDefinition answers: the request's fields in, the response out.

    Args:
        definition: A dict, a text in JSON, the path of a file, or a loaded definition. A string that is no definition
            and names no file is a text to AWS.
        type: "STANDARD" or "EXPRESS".
        severity: The least that is shown: "ERROR", or "WARNING" for the warnings too.
        maxResults: How many diagnostics, 0 for as many as AWS gives.

    Returns:
        The response as boto3 has it: `result` ("OK" or "FAIL"), `diagnostics`, `truncated`.

    Raises:
        UsageError: For arguments that AWS refuses.
        DefinitionError: For a file that cannot be read.
    """
    _check(type, TYPES, "type")
    _check(severity, SEVERITIES, "severity")
    if isinstance(maxResults, bool) or not isinstance(maxResults, int) or not 0 <= maxResults <= MAX_RESULTS:
        raise UsageError(
            f"maxResults must be a whole number from 0 to {MAX_RESULTS}, not {maxResults!r}",
            fix="0 gives as many as AWS.",
        )
    findings = [finding for finding in _judged(definition, type) if finding.verdict and not finding.verdict.own]
    return response(findings, severity, maxResults or MAX_RESULTS)


def validate_text(text: str, type: str = "STANDARD", severity: str = ERROR, limit: int = MAX_RESULTS) -> Validation:
    """As `validate`, of a text that is never a path, for arguments that have been checked."""
    findings = [finding for finding in _of_text(text, type) if finding.verdict and not finding.verdict.own]
    return response(findings, severity, limit or MAX_RESULTS)


def response(findings: Iterable[Finding], severity: str = ERROR, limit: int | None = None) -> Validation:
    """Findings in the shape of AWS's response: those of `severity` or worse, at most `limit`."""
    diagnostics = [diagnostic(finding) for finding in findings if finding.verdict is not None]
    result = "FAIL" if any(each["severity"] == ERROR for each in diagnostics) else "OK"
    shown = [each for each in diagnostics if severity != ERROR or each["severity"] == ERROR]
    truncated = limit is not None and len(shown) > limit
    return {"result": result, "diagnostics": shown[:limit], "truncated": truncated}


def diagnostic(finding: Finding) -> Diagnostic:
    """A finding in the shape of AWS's diagnostic."""
    verdict = finding.verdict
    assert verdict is not None, "the caller looked"
    answer: Diagnostic = {"severity": verdict.severity, "code": verdict.code, "message": verdict.message}
    if finding.location is not None:
        answer["location"] = finding.location
    return answer


def definition_error(definition_text: str, type: str = "STANDARD") -> str | None:
    """The message of the InvalidDefinition with which CreateStateMachine refuses a definition, None when it takes it.

    Recorded: "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'".
    """
    return _refusal(_of_text(definition_text, type), definition_text)


def state_error(state_text: str, name: str = STATE_NAME) -> str | None:
    """The message of the InvalidDefinition with which TestState refuses a state alone, None when it takes it.

    Where the state leads is not looked at: what it leads to is not there.
    """
    return _refusal(_of_text(state_text, "STANDARD", around=name), state_text)


def _refusal(findings: Iterable[Finding], text: str) -> str | None:
    verdicts = [(finding, finding.verdict) for finding in findings if finding.verdict and not finding.verdict.own]
    errors = [(finding, verdict) for finding, verdict in verdicts if verdict.severity == ERROR]
    special = next((verdict.refusal for _, verdict in errors if verdict.refusal), "")
    if special:
        # Recorded for Labels, with the definition as Python writes JSON.
        return f"Error=ValueError Args={[special]} in definition '{json.dumps(json.loads(text))}'."
    if not errors:
        return None
    reasons = [f"{verdict.code}: {verdict.message} at {finding.location or 'null'}" for finding, verdict in errors]
    return f"Invalid State Machine Definition: '{', '.join(reasons)}'"


def _check(value: str, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        raise UsageError(f"{name} must be {' or '.join(known)}, not {value!r}", fix=f"Write: {name}={str(known[0])!r}")


def _judged(definition: Definition, type: str) -> list[Finding]:
    """The findings on a definition, in AWS's order."""
    if isinstance(definition, StateMachine):
        return in_order(findings_of(examine(definition.document), type), definition.document)
    if isinstance(definition, Mapping):
        return _of_text(text_of(definition), type)
    if isinstance(definition, str):
        if not definition:
            raise UsageError("definition must not be empty")
        if not is_path(definition):
            return _of_text(definition, type)
    elif not isinstance(definition, os.PathLike):
        raise no_definition(definition)
    examination = examine_file(definition)
    return in_order(findings_of(examination, type), examination.document)


def _of_text(text: str, type: str, around: str = "") -> list[Finding]:
    """The findings on a JSON text as AWS reads it; `around` is the name to give to a state that stands alone."""
    from sfdebug.asl.text.jackson import json_fault

    if not text.strip():
        return [Finding(None, NO_OBJECT, NOWHERE)]
    fault = json_fault(text)
    if fault is not None:
        return [Finding(None, AwsVerdict(str(fault), _NO_JSON, location=fault.location), NOWHERE)]
    written = f'{{"StartAt": {json.dumps(around)}, "States": {{{json.dumps(around)}: {text}}}}}' if around else text
    try:
        examination = examine_definition(written, "<definition>", "json", anything=True)
    except DefinitionError as error:
        # JSON that AWS may read and sfdebug does not: a name that stands twice in an object, for one.
        return [Finding(None, AwsVerdict(problem.what, _NO_JSON), NOWHERE) for problem in error.problems]
    findings = findings_of(examination, type)
    if around:
        findings = tuple(
            finding
            for finding in findings
            if finding.verdict and finding.verdict.code not in (MISSING_TARGET, MISSING_END)
        )
    return in_order(findings, examination.document)


def findings_of(examination: Examination, type: str = "STANDARD") -> tuple[Finding, ...]:
    """All findings on a definition of this type: what AWS rejects, what it warns of, and what sfdebug advises."""
    from sfdebug.asl.rules.integrations import integration_findings
    from sfdebug.asl.rules.mistakes import likely_mistakes
    from sfdebug.asl.rules.resources import express_findings

    machine = examination.machine
    if machine is None:
        return examination.findings
    express = express_findings(machine) if type == ExecutionType.EXPRESS else ()
    more = (*express, *integration_findings(machine), *likely_mistakes(machine))
    return (*examination.findings, *with_labels(more, examination.document.source))
