"""The fidelity table: of the cases recorded from AWS, and of the statements that others measured there
(`tests/measured`), how many pass, feature by feature (`make fidelity`).

What counts a case is the test of that case itself, so that the tests and the table cannot disagree. The table of the
README stands between two comments. A folder of somebody's own cases (docs/RECORDED_CASES.md) is counted alike: a case
that says which execution it is was not altered by a recorder, and is held to what `verify` calls identical.
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import ENDINGS, ExecutionInfo
from sfdebug.history.verification.verdict import VerificationStatus, verify
from sfdebug.limits import ExecutionType
from sfdebug.reports.verification import verification_lines
from tests.conformance import (
    test_create,
    test_executions,
    test_executions_unordered,
    test_express,
    test_jsonata_suite,
    test_jsonpath_answers,
    test_test_state,
    test_validate,
)
from tests.conformance.known_misses import KNOWN_MISSES
from tests.measured.statements import difference, statements

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
CONFORMANCE: Final = ROOT.parent / "shared" / "conformance"
BEGIN: Final = "<!-- fidelity: written by `make fidelity WRITE=1` -->"
END: Final = "<!-- /fidelity -->"
HEADING: Final = ("Feature", "Cases", "Passed", "Known misses")
MEASURED: Final = "Measured on AWS"
"""What the rows of measured statements begin with."""
KNOWN: Final = {**KNOWN_MISSES, **test_jsonata_suite.MISSES}
"""The misses that are listed with a reason, by the name of the case."""


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded case: the feature that it is about, and what runs it; the answer is None when it passes."""

    name: str
    feature: str
    check: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the cases of one feature: how many there are, and the names of those that fail."""

    feature: str
    cases: int
    failed: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    @property
    def passed(self) -> int:
        """How many pass."""
        return self.cases - len(self.failed)

    @property
    def known_misses(self) -> int:
        """How many fail, each listed with its reason."""
        return len(self.known & self.failed.keys())

    @property
    def unexpected(self) -> dict[str, str]:
        """The cases that fail and are not listed, each with its difference."""
        return {name: difference for name, difference in self.failed.items() if name not in self.known}

    @property
    def row(self) -> tuple[str, ...]:
        """The line of the table."""
        return (self.feature.replace("|", "\\|"), str(self.cases), str(self.passed), str(self.known_misses or "–"))


def measured() -> list[Tally]:
    """Every case of the project run and counted. Takes some seconds."""
    return _project_tallies(lambda case: case.check())


def measured_in(folder: Path) -> list[Tally]:
    """Every case in a folder of somebody's own, and in those for each kind in it, run and counted."""
    folders = (folder, *(folder / kind for kind in _TESTS))
    tests = {"executions": check_whole_execution}
    found = ((FOLDERS.get(each.name, FOLDERS["executions"])[0], _files(each, tests)) for each in folders)
    return _tallies(lambda case: case.check(), found)


def expected() -> list[Tally]:
    """What the table says when every test passes: all but the listed misses. Runs nothing."""
    return _project_tallies(lambda case: "listed" if case.name in KNOWN else None)


def table(tallies: Sequence[Tally]) -> str:
    """The tallies and their sum in Markdown."""
    total = Tally(
        "**all**",
        sum(tally.cases for tally in tallies),
        {f"{tally.feature}/{name}": text for tally in tallies for name, text in tally.failed.items()},
        frozenset(f"{tally.feature}/{name}" for tally in tallies for name in tally.known),
    )
    rows = [HEADING, ("---", "---:", "---:", "---:"), *(tally.row for tally in (*tallies, total))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def table_in(text: str) -> str | None:
    """The table that stands between the two comments in `text`, None when they are not there."""
    match = re.search(f"{re.escape(BEGIN)}\n(.*?)\n?{re.escape(END)}", text, re.DOTALL)
    return match[1].strip() if match else None


def with_table(text: str, written: str) -> str:
    """`text` with another table between the two comments. Raises ValueError when they are not there."""
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        raise ValueError(f"the comments {BEGIN} and {END} are not there")
    return f"{text[: begin + len(BEGIN)]}\n{written}\n{text[end:]}"


def _project_tallies(judge: Callable[[Case], str | None]) -> list[Tally]:
    recorded = ((title, cases(CONFORMANCE / folder)) for folder, (title, cases) in FOLDERS.items())
    return [*_tallies(judge, recorded), *_measured_tallies(judge)]


def _tallies(judge: Callable[[Case], str | None], found: Iterable[tuple[str, Iterable[Case]]]) -> list[Tally]:
    """A row for each feature of the cases under each title."""
    tallies: list[Tally] = []
    for title, cases in found:
        counts: Counter[str] = Counter()
        failed: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for case in cases:
            counts[case.feature] += 1
            difference = judge(case)
            if difference is not None:
                failed[case.feature][case.name] = difference
        tallies += [
            Tally(f"{title}: {feature}" if feature else title, count, failed[feature], frozenset(KNOWN))
            for feature, count in sorted(counts.items())
        ]
    return tallies


def _measured_tallies(judge: Callable[[Case], str | None]) -> Iterator[Tally]:
    """A row for each source of measured statements. The file of the source says where each statement is from."""
    for title, found in statements():
        cases = [Case(f"{title}/{each.name}", title, partial(difference, each)) for each in found]
        failed = {case.name: wrong for case in cases if (wrong := judge(case)) is not None}
        yield Tally(f"{MEASURED}, {title}", len(cases), failed, frozenset(KNOWN))


def feature_of(folder: str, case_id: str) -> str:
    """The feature that a case is about: the folder in its id, or the file where that only says what the folder says."""
    file = case_id.partition("::")[0].removesuffix(".py")
    *groups, name = file.split("/")
    group = groups[0] if groups and groups[0] != folder else name
    return group.removeprefix("test_").removeprefix("test_state_").replace("_", " ")


def _files(folder: Path, tests: Mapping[str, Callable[[Path], None]] | None = None) -> Iterator[Case]:
    """A folder with a file for each case, and the test of each: that of executions, unless its name says else."""
    known = {**_TESTS, **(tests or {})}
    test = known.get(folder.name, known["executions"])
    for path in sorted(folder.glob("*.json")):
        yield Case(path.stem, feature_of(folder.name, _id_in(path)), partial(_outcome, test, path))


def _id_in(path: Path) -> str:
    """The id of a case, "" where there is none."""
    try:
        case = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""  # running it tells what is wrong
    return str(case.get("id", "")) if isinstance(case, dict) else ""


def _outcome(test: Callable[[Path], None], path: Path) -> str | None:
    try:
        test(path)
    except (pytest.xfail.Exception, pytest.skip.Exception, AssertionError) as outcome:
        return str(outcome) or str(extract_tb(outcome.__traceback__)[-1].line)
    except Exception as error:  # it counts as failed, and the others are run
        return f"{type(error).__name__}: {error}"
    return None


def check_execution(path: Path) -> None:
    """A recorded execution: one that says with `execution` what it was is verified, others are as the recorder left."""
    case = json.loads(path.read_text(encoding="utf-8"))
    whole = isinstance(case, dict) and isinstance(case.get("history"), dict)
    lacking = [name for name in ("definition", "input", "type", "history") if not whole or name not in case]
    assert not lacking, f"this is no recorded case: it lacks {', '.join(lacking)}"
    events = case["history"].get("events")
    assert isinstance(events, list), "this is no recorded case: its history has no events"
    assert events, "this is no recorded case: its history is empty"
    assert case["type"] in tuple(ExecutionType), f"the type is {case['type']!r}, not one of {', '.join(ExecutionType)}"
    if "execution" not in case:
        test_executions.test_recorded_execution(path)
        return
    assert isinstance(case["execution"], dict), "`execution` is an object: what DescribeExecution says"
    (recording,) = parse_recordings(json.dumps(case["history"]), path.name)
    assert recording.input == case["input"], "the input is not the one that the first event has"
    recording = replace(recording, facts=ExecutionInfo.of_description(case["execution"]).completed(recording.events))
    assert recording.facts.execution_type == case["type"], "the type is not that of the execution's ARN"
    definition = definition_from(case["definition"])
    found = verify(definition, recording, recorded_definition=definition)
    assert found.status is VerificationStatus.IDENTICAL, "\n".join(verification_lines(found))


def check_whole_execution(path: Path) -> None:
    """A case of somebody's own, which nobody has looked at: a history without its end proves nothing of what is cut."""
    check_execution(path)
    last = json.loads(path.read_text(encoding="utf-8"))["history"]["events"][-1]["type"]
    assert last in ENDINGS, f"the history is not whole: its last event is {last}"


def _jsonpath(folder: Path) -> Iterator[Case]:
    """One file with Jayway's answers."""
    for answer in test_jsonpath_answers.cases():
        yield Case(f"{folder.name}/{answer['path']}", "", partial(test_jsonpath_answers.check, answer))


def _jsonata(folder: Path) -> Iterator[Case]:
    """One file with the official suite."""
    for case in test_jsonata_suite._cases(folder / "suite-2.0.6.json"):
        yield Case(f"{case['group']}/{case['id']}", "", partial(_jsonata_miss, case))


def _jsonata_miss(case: dict[str, Any]) -> str | None:
    outcome = test_jsonata_suite._outcome(case)
    return None if test_jsonata_suite._agrees(outcome, case["exp"]) else f"expected {case['exp']}, given {outcome}"


_TESTS: Final[dict[str, Callable[[Path], None]]] = {
    "executions": check_execution,
    "executions_unordered": test_executions_unordered.test_recorded_execution,
    "express": test_express.test_recorded_result,
    "test_state": test_test_state.test_recorded_call,
    "validate": test_validate.test_a_recorded_validation,
    "create": test_create.test_a_recorded_creation,
}
FOLDERS: Final[dict[str, tuple[str, Callable[[Path], Iterator[Case]]]]] = {
    "executions": ("Execution histories", _files),
    "executions_unordered": ("Execution histories, unordered", _files),
    "express": ("StartSyncExecution", _files),
    "test_state": ("TestState", _files),
    "validate": ("ValidateStateMachineDefinition", _files),
    "create": ("CreateStateMachine", _files),
    "jsonpath": ("JSONPath, Jayway's answers", _jsonpath),
    "jsonata": ("JSONata, official suite 2.0.6", _jsonata),
}
"""What each folder of recordings is called in the table, and how its cases are found."""


def main(*arguments: str) -> int:
    """Print the table; with `--write`, put it into the README too. 1 when a case fails that is not listed, 2 when the
    folder that was named does not exist, or there is no case to count."""
    parser = ArgumentParser(prog="fidelity")
    parser.add_argument(
        "--recordings", metavar="FOLDER", type=Path, help="cases of your own, in place of the project's"
    )
    parser.add_argument("--write", action="store_true", help="put the table of the project's cases into the README")
    given = parser.parse_args(arguments)
    if given.write and given.recordings:
        parser.error("the README's table is that of the project's recordings")
    if given.recordings and not given.recordings.is_dir():
        sys.stderr.write(f"There is no folder {given.recordings}: RECORDINGS names the folder of your cases.\n")
        return 2
    folder = given.recordings or CONFORMANCE
    if not folder.is_dir():
        sys.stderr.write(f"Skipped: there is no folder of recordings {folder}.\n")
        return 0
    tallies = measured_in(folder) if given.recordings else measured()
    if not tallies:
        sys.stderr.write(f"There is no recorded case in {folder}: docs/RECORDED_CASES.md says how to make one.\n")
        return 2
    written = table(tallies)
    sys.stdout.write(f"{written}\n")
    if given.write:
        README.write_text(with_table(README.read_text(encoding="utf-8"), written), encoding="utf-8")
    unexpected = {name: text for tally in tallies for name, text in tally.unexpected.items()}
    for name, text in unexpected.items():
        sys.stderr.write(f"\n{name}\n    {text}\n")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
