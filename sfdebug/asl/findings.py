"""Findings: what is wrong with a definition in our words, and what AWS says of it in its own.

Loading, validating and linting show the same findings: loading stops at the errors, `sfdebug.validate` answers with
AWS's verdicts, `sfdebug lint` reports all of it. Sources of AWS's words: "recorded" are answers of CreateStateMachine,
TestState and ValidateStateMachineDefinition; "reported" were seen in public reports of such answers; the codes are
those of the AWS API's ValidateStateMachineDefinitionDiagnostic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.text.placed import PlacedSource
from sfdebug.asl.text.problems import labelled
from sfdebug.json_pointer import format_pointer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.asl.definition import QueryLanguage
    from sfdebug.asl.text.source import Document, Pointer, Source
    from sfdebug.errors import Problem

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"
SEVERITIES: Final = (ERROR, WARNING)

SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
MISSING_TARGET: Final = "MISSING_TRANSITION_TARGET"
MISSING_END: Final = "MISSING_END_STATE"

NOWHERE: Final[Pointer] = ("",)
"""The pointer of a verdict for which AWS gives no location."""


class AwsVerdict(Struct, frozen=True, gc=False):
    """What AWS says of a finding.

    `at` is the pointer that AWS names, when it is not the finding's own. `own` marks a verdict of sfdebug alone: AWS
    accepts what it is about. `refusal` is what CreateStateMachine was recorded to say instead of code and message.
    `location` is where AWS says it is, when that is no pointer.
    """

    message: str
    code: str = SCHEMA
    at: Pointer | None = None
    severity: str = ERROR
    own: bool = False
    refusal: str = ""
    location: str = ""


EMPTY: Final = AwsVerdict("Value cannot be empty")
"""Recorded, for a Parallel without branches and the Next of a state; read so elsewhere."""

NO_OBJECT: Final = AwsVerdict("Definition must be a valid JSON object", at=NOWHERE)
"""What AWS says of a text without an object. Recorded, for one of blanks."""


class Finding(Struct, frozen=True, gc=False):
    """One finding: the problem to show (None: nothing that a reader could fix now), and AWS's verdict on it.

    `pending` marks a placeholder that a deployment will fill in: AWS would reject the text as it stands.
    """

    problem: Problem | None
    verdict: AwsVerdict | None
    pointer: Pointer
    pending: bool = False

    @property
    def location(self) -> str | None:
        """The pointer in AWS's form (`/States/A/Catch[0]/Next`), None when AWS names none."""
        if self.verdict is not None and self.verdict.location:
            return self.verdict.location
        return None if self.pointer == NOWHERE else location(self.pointer)


def with_labels(findings: Iterable[Finding], source: Source) -> tuple[Finding, ...]:
    """Findings on a text; where a program wrote it, each says what the text is called and a JSON Pointer."""
    if not isinstance(source, PlacedSource) or not source.label:
        return tuple(findings)
    label = source.label
    return tuple(
        each if each.problem is None else replace(each, problem=labelled(each.problem, _place(label, each.pointer)))
        for each in findings
    )


def _place(label: str, pointer: Pointer) -> str:
    return f"{label}#{format_pointer(pointer)}" if pointer and pointer != NOWHERE else label


def our_verdict(what: str, code: str, severity: str = WARNING) -> AwsVerdict:
    """The verdict of sfdebug alone."""
    return AwsVerdict(what, code, severity=severity, own=True)


def not_supported(name: str, owner: Pointer) -> AwsVerdict:
    """A field that its object does not have. Reported for every kind of object: AWS points at the object."""
    return AwsVerdict(f"Field '{name}' is not supported", at=owner)


def required(names: Iterable[str]) -> AwsVerdict:
    """Fields that are missing. Recorded: "These fields are required: [States, StartAt]" at "/"."""
    return AwsVerdict(f"These fields are required: {listed(names)}")


def only_one(names: Iterable[str], owner: Pointer) -> AwsVerdict:
    """Fields that exclude each other and stand together. Reported for Wait's times, Next and End, X and XPath."""
    return AwsVerdict(f"There should only be one of the following fields: {listed(names)}", at=owner)


def needs_one(names: Iterable[str]) -> AwsVerdict:
    """None of several fields of which one is needed. Reported for Next and End, ItemProcessor and Iterator."""
    return AwsVerdict(f"This object should have only one of the following fields: {listed(names)}")


def other_language(name: str, language: QueryLanguage, owner: Pointer) -> AwsVerdict:
    """A field of the other query language than `language`, which counts here. Reported: AWS points at the state."""
    message = (
        f"The QueryLanguage is set to '{language}', but field '{name}' is only supported for the '{language.other}'"
    )
    return AwsVerdict(f"{message} QueryLanguage", at=owner)


def listed(names: Iterable[str]) -> str:
    """Names as AWS lists them: `[Next, End]`."""
    return f"[{', '.join(names)}]"


def location(pointer: Pointer) -> str:
    """A pointer as AWS writes it; names are not escaped (reported: "/States/a/b" for the state "a/b")."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in pointer)
    return text or "/"


def in_order(findings: Iterable[Finding], document: Document) -> list[Finding]:
    """The findings that AWS reports, in its order: an object's own before those of its fields, in file order.

    Recorded: what is wrong with the schema comes first, then the targets, then a missing end. Reported: a missing end
    keeps unreachable states from being looked for.
    """
    reported = [finding for finding in findings if finding.verdict is not None]
    codes = {finding.verdict.code for finding in reported if finding.verdict and not finding.verdict.own}
    if MISSING_END in codes:
        reported = [finding for finding in reported if _phase(finding) != 3]
    return sorted(reported, key=lambda finding: (_phase(finding), _position(finding.pointer, document)))


def _phase(finding: Finding) -> int:
    verdict = finding.verdict
    assert verdict is not None, "the caller looked"
    if verdict.code == MISSING_END:
        return 2
    if verdict.code != MISSING_TARGET:
        return 0
    return 1 if finding.pointer[-1] in ("Next", "Default", "StartAt") and "reachable" not in verdict.message else 3


def _position(pointer: Pointer, document: Document) -> tuple[int, ...]:
    """Where a pointer stands in the file: its steps as positions in the objects and arrays on the way."""
    position: list[int] = []
    value = document.value
    for step in pointer:
        if isinstance(value, dict) and step in value:
            position.append(list(value).index(str(step)))
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            position.append(step)
            value = value[step]
        else:
            break
    return tuple(position)
