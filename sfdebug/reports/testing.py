"""What came of test cases, in words: what is not as it is expected, where the run went, and what opens it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sfdebug.json_pointer import format_pointer
from sfdebug.reports.annotations import Annotation, AnnotationLevel
from sfdebug.reports.coverage.data import coverage_dict
from sfdebug.reports.junit import JUnitCase, JUnitVerdict
from sfdebug.testing.comparing import first_off
from sfdebug.testing.model import CaseVerdict, MismatchKind
from sfdebug.text import counted, escaped
from sfdebug.values import Value, is_present

if TYPE_CHECKING:
    from sfdebug.reports.coverage.places import CoveredDefinition
    from sfdebug.testing.model import CaseOutcome, Mismatch, PathStep
    from sfdebug.values import Json

_SIGNS: Final = {"succeeded": "✓", "caught": "!", "failed": "✗", "aborted": "-", "running": "·"}
_LONGEST: Final = 160
_STEPS: Final = 30
"""So many states of a path are shown: of a longer one the last, and those around where it leaves what is expected."""


def outcome_line(outcome: CaseOutcome) -> str:
    """One case in one line."""
    word = {CaseVerdict.PASSED: "passed", CaseVerdict.FAILED: "FAILED", CaseVerdict.ERROR: "ERROR"}[outcome.verdict]
    return f"{word:<6}  {escaped(outcome.case.place.in_line)}  {escaped(outcome.case.name)}"


def note_lines(outcome: CaseOutcome) -> list[str]:
    """What is odd about a case, and no reason to fail."""
    return [f"    note: {escaped(note)}" for note in outcome.notes]


def explanation(outcome: CaseOutcome, session: str = "") -> list[str]:
    """Why a case did not pass: an error, or what differs, with the path; and the command that opens the run."""
    if outcome.verdict is CaseVerdict.ERROR:
        opens = [f"open this run: sfdebug --session {escaped(session)}"] if session else []
        return [*(escaped(line) for line in outcome.error.split("\n")), *opens]
    lines = [text for one in outcome.mismatches for text in mismatch_lines(one, outcome)]
    lines += ["the path was", *path_lines(outcome)]
    if session:
        lines.append(f"open this run: sfdebug --session {escaped(session)}")
    return lines


def mismatch_lines(one: Mismatch, outcome: CaseOutcome) -> Iterator[str]:
    """One thing that is not as it is expected."""
    subject = f"'{escaped(one.subject)}'"
    place = escaped(format_pointer(one.where)) if one.where else ""
    if one.kind is MismatchKind.STATUS:
        yield f"it ended {_bare(one.got)}{_fault(outcome)}; {_bare(one.wanted)} is expected"
    elif one.kind is MismatchKind.ERROR:
        yield f"the error is {_shown(one.got)}; {_shown(one.wanted)} is expected"
    elif one.kind is MismatchKind.CAUSE:
        yield f"the cause is {_shown(one.got)}; {_shown(one.wanted)} is expected in it"
    elif one.kind is MismatchKind.PATH:
        came = f"state {one.subject} is {_shown(one.got)}" if is_present(one.got) else "the path ends"
        yield (
            f"{came}; {_shown(one.wanted)} is expected there"
            if is_present(one.wanted)
            else (f"{came}; the path is expected to end before it")
        )
    elif one.kind is MismatchKind.VISITED:
        yield f"{subject} was not visited"
    elif one.kind is MismatchKind.NOT_VISITED:
        yield f"{subject} was visited"
    elif one.kind is MismatchKind.NOT_INJECTED:
        yield f"{subject} was never tried: the failure {_shown(one.wanted)} that is injected there never came"
    elif one.kind is MismatchKind.NOT_GIVEN:
        yield _left_over(one, outcome)
    elif one.kind is MismatchKind.ATTEMPTS:
        yield f"{subject} was tried {_times(one.got)}; {_bare(one.wanted)} is expected"
    else:
        what = f"the variable {subject}" if one.kind is MismatchKind.VARIABLE else "the output"
        yield f"{what}{f' at {place}' if place else ''} differs"
        yield f"  expected: {_shown(one.wanted)}"
        yield f"  came:     {_shown(one.got)}"
        if one.origin:
            yield f"  from:     {escaped(one.origin)}"


def _left_over(one: Mismatch, outcome: CaseOutcome) -> str:
    """`'Pay' was called once: of its 3 answers (order.sfn.yaml:12) 2 were never given`."""
    subject = f"'{escaped(one.subject)}'"
    given = outcome.case.answers[one.subject]
    place, count, calls = escaped(str(given.place)), len(given.answers), one.got
    assert isinstance(calls, int), "it is a number of calls"
    if calls == 0:
        what = f"its {count:,} answers ({place}) were" if count > 1 else f"its answer ({place}) was"
        return f"{subject} was never called: {what} never given"
    rest = count - calls
    was = "was" if rest == 1 else "were"
    return f"{subject} was called {_times(calls)}: of its {count:,} answers ({place}) {rest:,} {was} never given"


def path_lines(outcome: CaseOutcome) -> list[str]:
    """The states that were entered, in order, with how each ended; `>` where the path leaves the expected one."""
    wanted = outcome.case.expected.path
    off = first_off(wanted, [step.name for step in outcome.path]) if wanted is not None else None
    at = off[1] if off is not None else None
    first = max(0, len(outcome.path) - _STEPS) if at is None else max(0, at - _STEPS // 2)
    shown = outcome.path[first : first + _STEPS]
    lines = [f"    ... {counted(first, 'state')} before"] if first else []
    lines += [
        f"  {'>' if first + index == at else ' '} {first + index + 1:>3} {_step_text(step)}"
        for index, step in enumerate(shown)
    ]
    if at is not None and at >= len(outcome.path):
        lines.append("  >     (the end)")
    rest = len(outcome.path) - first - len(shown)
    return [*lines, f"    ... {counted(rest, 'state')} more"] if rest else lines


def _step_text(step: PathStep) -> str:
    tries = f"  {step.attempts} attempts" if step.attempts > 1 else ""
    error = f"  {escaped(step.error)}" if step.error else ""
    within = "".join(f"{escaped(name)}[{index}] › " for name, index in step.branch)
    return f"{_SIGNS.get(step.status, ' ')} {within}{escaped(step.name)}{tries}{error}"


def _fault(outcome: CaseOutcome) -> str:
    error, cause = outcome.fault
    if error is None and cause is None:
        return ""
    return f" ({_cut(': '.join(escaped(part) for part in (error, cause) if part))})"


def _times(value: Value) -> str:
    return "never" if value == 0 else f"{_bare(value)} times" if value != 1 else "once"


def _bare(value: Value) -> str:
    return escaped(str(value))


def _shown(value: Value) -> str:
    if not is_present(value):
        return "nothing"
    return _cut(escaped(json.dumps(value, ensure_ascii=False)))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def verdicts_line(outcomes: Sequence[CaseOutcome], broken_files: int = 0) -> str:
    """All verdicts in one line: `58 passed, 2 failed, 1 error`."""
    counts = {verdict: sum(one.verdict is verdict for one in outcomes) for verdict in CaseVerdict}
    return counts_line(counts, broken_files)


def counts_line(counts: Mapping[CaseVerdict, int], broken_files: int = 0) -> str:
    """So many cases with each verdict, in one line."""
    errors = counts[CaseVerdict.ERROR] + broken_files
    parts = [f"{counts[CaseVerdict.FAILED]:,} failed"] if counts[CaseVerdict.FAILED] else []
    parts.append(f"{counts[CaseVerdict.PASSED]:,} passed")
    parts += [counted(errors, "error")] if errors else []
    return ", ".join(parts)


def junit_case(outcome: CaseOutcome, session: str = "") -> JUnitCase:
    """A case as JUnit has it."""
    return junit_case_of(outcome_dict(outcome, session))


def junit_case_of(told: Mapping[str, Any]) -> JUnitCase:
    """The same, of what `outcome_dict` has made of a case."""
    verdict = CaseVerdict(told["verdict"])
    judgement = {
        CaseVerdict.PASSED: JUnitVerdict.PASSED,
        CaseVerdict.FAILED: JUnitVerdict.FAILURE,
        CaseVerdict.ERROR: JUnitVerdict.ERROR,
    }[verdict]
    lines = [str(line) for line in told.get("explanation", ())]
    mismatches = told.get("mismatches") or [{"kind": verdict.value}]
    properties = [("transitions", str(len(told.get("path", ())))), ("events", str(told.get("events", 0)))]
    return JUnitCase(
        str(told["file"]),
        str(told["name"]),
        judgement,
        lines[0] if lines else "",
        str(mismatches[0]["kind"]) if lines else "",
        "\n".join(lines),
        file=str(told["file"]),
        line=int(told.get("line", 0)),
        properties=properties if verdict is not CaseVerdict.ERROR else (),
    )


def case_annotations(
    cases: Sequence[Mapping[str, Any]], broken: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[Annotation]:
    """What stands beside the cases that did not pass, of what `outcome_dict` has made of them."""
    for file, problems in broken:
        yield Annotation(AnnotationLevel.ERROR, file, 1, 0, "sfdebug test", "\n".join(problems))
    for told in cases:
        if told["verdict"] != CaseVerdict.PASSED:
            text = "\n".join([str(told["name"]), *map(str, told.get("explanation", ()))])
            yield Annotation(AnnotationLevel.ERROR, str(told["file"]), int(told["line"]), 0, "sfdebug test", text)


def broken_file_case(file: str, problems: Sequence[str]) -> JUnitCase:
    """A file of cases that could not be read, as JUnit has it."""
    what = problems[0] if problems else "it cannot be read"
    return JUnitCase(file, "the file", JUnitVerdict.ERROR, what, "unreadable", "\n".join(problems), file=file)


def told_line(told: Mapping[str, Any]) -> list[str]:
    """A case that did not pass, of what `outcome_dict` has made of it: a line, and why."""
    word = {CaseVerdict.PASSED: "passed", CaseVerdict.FAILED: "FAILED", CaseVerdict.ERROR: "ERROR"}
    place = f"{told['file']}:{told['line']}" if told.get("line") else str(told["file"])
    first = f"{word[CaseVerdict(told['verdict'])]:<6}  {escaped(place)}  {escaped(str(told['name']))}"
    return [first, *(f"    {escaped(str(line))}" for line in told.get("explanation", ()))]


def cases_dict(
    cases: Sequence[Mapping[str, Any]],
    broken: Sequence[tuple[str, Sequence[str]]],
    covered: Sequence[CoveredDefinition] = (),
) -> dict[str, Json]:
    """The object that `sfdebug test --json` prints: the cases, the files that could not be read, and coverage."""
    verdicts = [CaseVerdict(case["verdict"]) for case in cases]
    told: dict[str, Json] = {
        "passed": verdicts.count(CaseVerdict.PASSED),
        "failed": verdicts.count(CaseVerdict.FAILED),
        "errors": verdicts.count(CaseVerdict.ERROR) + len(broken),
        "cases": [dict(case) for case in cases],
        "files": [{"file": file, "problems": list(problems)} for file, problems in broken],
    }
    if covered:
        told["coverage"] = [{"definition": one.title, **coverage_dict(one.coverage)} for one in covered]
    return told


def outcome_dict(outcome: CaseOutcome, session: str = "") -> dict[str, Json]:
    """A case as `sfdebug test --json` has it."""
    error, cause = outcome.fault
    found: dict[str, Json] = {
        "name": outcome.case.name,
        "file": outcome.case.place.file,
        "line": outcome.case.place.line,
        "machine": outcome.case.machine.text,
        "verdict": outcome.verdict.value,
    }
    if outcome.verdict is CaseVerdict.ERROR:
        told: list[Json] = [*explanation(outcome, session)]
        return {**found, "reason": outcome.error, "explanation": told, **({"session": session} if session else {})}
    return {
        **found,
        "status": outcome.status.value if outcome.status is not None else None,
        **({"output": outcome.output} if is_present(outcome.output) else {}),
        **({} if error is None else {"error": error}),
        **({} if cause is None else {"cause": cause}),
        "events": outcome.events,
        "path": [step.name for step in outcome.path],
        "mismatches": [_mismatch_dict(one) for one in outcome.mismatches],
        **({"notes": list(outcome.notes)} if outcome.notes else {}),
        **({} if outcome.is_good else {"explanation": [*explanation(outcome, session)]}),
        **({"session": session} if session else {}),
    }


def _mismatch_dict(one: Mismatch) -> dict[str, Json]:
    found: dict[str, Json] = {"kind": one.kind.value}
    if one.subject:
        found["subject"] = one.subject
    if one.where:
        found["at"] = format_pointer(one.where)
    if is_present(one.wanted):
        found["expected"] = one.wanted
    if is_present(one.got):
        found["came"] = one.got
    return {**found, **({"from": one.origin} if one.origin else {})}
