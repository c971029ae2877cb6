"""Test cases in files: `*.sfn.yaml`, for people who write no Python, and the test cases of a mock file.

Everything that is wrong in a file is told at once, with its line and column. docs/testing.md says what stands where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sfdebug.asl.text.decoding import decode
from sfdebug.asl.text.problems import ProblemList
from sfdebug.asl.text.yaml import scan_yaml
from sfdebug.engine.execution.decisions import Answer, Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import DefinitionError, Problem, SfdebugError
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.files import plain_path, read_file
from sfdebug.limits import ExecutionType
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tasks.mock_config import MockConfig, closest, kind
from sfdebug.testing.model import ANYTHING, EVERY_PATH, CaseAnswers, CaseFailure, CasePlace, Expected, MachineCase
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sfdebug.asl.text.source import Document, Pointer

SUFFIXES: Final = (".sfn.yaml", ".sfn.yml")
_MOST_BYTES: Final = 4 * 1024 * 1024
_OF_FILE: Final = ("machine", "type", "start_time", "mocks", "s3", "input", "tests")
_OF_TEST: Final = ("name", "machine", "type", "start_time", "s3", "input", "case", "answers", "inject", "expect")
_OF_ANSWER: Final = ("return", "fail", "cause", "silent", "after", "times")
_WITHOUT_USE: Final = {"return": ("cause",), "fail": (), "silent": ("cause", "after")}
"""What changes nothing about a kind of answer."""
_OF_FAILURE: Final = ("state", "error", "cause", "attempts")
_OF_EXPECTED: Final = (
    "status",
    "output",
    "output_exactly",
    "error",
    "cause",
    "path",
    "visited",
    "not_visited",
    "attempts",
    "variables",
)
_CAN_BE_NULL: Final = frozenset({"input", "return", "output", "output_exactly"})
"""Values of the machine's. null in any other field would be passed over, and what it should say never be held."""
_MOST_TIMES: Final = 10_000
_T = TypeVar("_T")


class CaseFileError(SfdebugError):
    """A file of test cases that cannot be used; `problems` lists all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        first = self.problems[0]
        super().__init__(first.what, where=first.location, fix=first.fix)

    def __reduce__(self) -> tuple[type[CaseFileError], tuple[tuple[Problem, ...]]]:
        return CaseFileError, (self.problems,)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def is_case_file(path: str | Path) -> bool:
    """Whether a file is one of test cases, by its name."""
    return str(path).lower().endswith(SUFFIXES)


def read_cases(path: str | Path) -> tuple[MachineCase, ...]:
    """The test cases of a `*.sfn.yaml` file. Raises CaseFileError with all that is wrong in it."""
    name = str(path)
    try:
        data = read_file(path, _MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CaseFileError([Problem(name, 0, 0, f"the file cannot be read: {reason}", "Check the path.")]) from error
    return parse_cases(data, name)


def parse_cases(text: str | bytes, name: str) -> tuple[MachineCase, ...]:
    """The test cases in a text; paths in it are from the folder of the file `name`.

    Raises CaseFileError with all that is wrong in it.
    """
    if not text.strip():
        fix = "Write: machine: order.asl.json, and below it: tests: [{name: ..., expect: {...}}]"
        raise CaseFileError([Problem(name, 0, 0, "there is nothing in it", fix)])
    try:
        document = scan_yaml(decode(text, name)).checked()
    except DefinitionError as error:
        raise CaseFileError(error.problems) from error
    reader = _CaseReader(document, Path(name).parent)
    cases = tuple(reader.cases())
    if reader.problems:
        raise CaseFileError(reader.problems)
    return cases


class _CaseReader:
    """Reads one document; `problems` is everything that is wrong with it."""

    def __init__(self, document: Document, folder: Path) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._folder = folder

    def cases(self) -> Iterator[MachineCase]:
        root = self._document.value
        if isinstance(root, dict) and "StartAt" in root and "tests" not in root:
            fix = "Test cases are in a file *.sfn.yaml, which says: machine: this-file. sfdebug run runs a definition."
            self._wrong((), "this is a definition, no file of test cases", fix)
            return
        if not isinstance(root, dict):
            self._wrong((), f"the file holds {kind(root)}, not an object", "Begin with: machine: order.asl.json")
            return
        self._known((), root, _OF_FILE)
        tests = root.get("tests")
        if not isinstance(tests, list) or not tests:
            self._wrong(("tests",), "there are no tests", "Write a list: tests: [{name: ..., expect: {...}}]")
            return
        names: set[str] = set()
        for index, test in enumerate(tests):
            case = self._case(("tests", index), test, root)
            if case is None:
                continue
            if case.name in names:
                self._wrong(("tests", index), f"two tests are called '{case.name}'", "Give each a name of its own.")
            names.add(case.name)
            yield case

    def _case(self, pointer: Pointer, test: Json, root: Mapping[str, Json]) -> MachineCase | None:
        if not isinstance(test, dict):
            self._wrong(pointer, f"a test is an object, not {kind(test)}", "Write: - name: paid at once")
            return None
        self._known(pointer, test, _OF_TEST)
        name = test.get("name", test.get("case"))
        if not isinstance(name, str) or not name.strip():
            self._wrong(pointer, "a test has a name", "Write: - name: paid at once")
            return None
        machine = self._machine(pointer, test, root)
        case = self._text((*pointer, "case"), test)
        mocks = self._text(("mocks",), root)
        if case is not None and mocks is None:
            self._wrong((*pointer, "case"), "there is no mock file that has it", "Name one: mocks: MockConfigFile.json")
        return MachineCase(
            name,
            self._place(pointer),
            machine,
            self._input(pointer, test, root),
            self._answers((*pointer, "answers"), test.get("answers")),
            plain_path(str(self._folder / mocks)) if mocks and case else "",
            case or "",
            tuple(self._failures((*pointer, "inject"), test.get("inject"))),
            self._expected((*pointer, "expect"), test.get("expect")),
            self._type(pointer, test, root),
            self._start_time(pointer, test, root),
            self._s3(pointer, test, root),
        )

    def _machine(self, pointer: Pointer, test: Mapping[str, Json], root: Mapping[str, Json]) -> DefinitionAddress:
        at, owner = ((*pointer, "machine"), test) if "machine" in test else (("machine",), root)
        given = self._text(at, owner)
        if given is None:
            self._wrong(pointer, "it is not said which state machine is tested", "Write: machine: order.asl.json")
            return DefinitionAddress("")
        try:
            address = DefinitionAddress.read(given)
        except SfdebugError as error:
            self._wrong(at, error.what, error.fix)
            return DefinitionAddress("")
        return DefinitionAddress(plain_path(str(self._folder / address.path)), address.name)

    def _input(self, pointer: Pointer, test: Mapping[str, Json], root: Mapping[str, Json]) -> Json:
        """`@FILE` stands for what is in a file, as on the command line."""
        at, owner = ((*pointer, "input"), test) if "input" in test else (("input",), root)
        given = owner.get("input", {})
        if isinstance(given, str) and given.startswith("@"):
            from sfdebug.asl.text.json import parse_json
            from sfdebug.asl.text.source import Source

            file = self._folder / given[1:]
            try:
                given = parse_json(Source(str(file), read_file(file, _MOST_BYTES).decode("utf-8-sig"))).value
            except (OSError, ValueError) as error:
                self._wrong(
                    at, f"{file} cannot be read: {getattr(error, 'strerror', None) or error}", "Check the path."
                )
                return {}
            except DefinitionError as error:
                for one in error.problems:
                    self._wrong(at, f"{one.location}: {one.what}", one.fix)
                return {}
        return given

    def _s3(self, pointer: Pointer, test: Mapping[str, Json], root: Mapping[str, Json]) -> str:
        at, owner = ((*pointer, "s3"), test) if "s3" in test else (("s3",), root)
        given = self._text(at, owner)
        if given is None:
            return ""
        folder = self._folder / given
        if not folder.is_dir():
            self._wrong(at, f"there is no folder {folder}", "Give one that stands for S3: BUCKET/KEY are files in it.")
        return str(folder)

    def _type(self, pointer: Pointer, test: Mapping[str, Json], root: Mapping[str, Json]) -> ExecutionType | None:
        at, owner = ((*pointer, "type"), test) if "type" in test else (("type",), root)
        return self._one_of(at, owner, ExecutionType)

    def _start_time(self, pointer: Pointer, test: Mapping[str, Json], root: Mapping[str, Json]) -> int | None:
        at, owner = ((*pointer, "start_time"), test) if "start_time" in test else (("start_time",), root)
        given = self._text(at, owner)
        start = parse_timestamp(given) if given is not None else None
        if given is not None and start is None:
            self._wrong(at, f"'{given}' is no time with an offset", "Write: start_time: '2026-01-01T00:00:00Z'")
        return start

    # answers

    def _answers(self, pointer: Pointer, given: Json) -> dict[str, CaseAnswers]:
        found: dict[str, CaseAnswers] = {}
        for state, answers in self._object(pointer, given, "Write: answers: {Name of a Task: {return: ...}}"):
            at = (*pointer, state)
            listed = answers if isinstance(answers, list) else [answers]
            read: list[Answer] = []
            for index, answer in enumerate(listed):
                read += self._answer((*at, index) if isinstance(answers, list) else at, answer)
            if isinstance(answers, dict) and "times" in answers:
                what = "an answer that stands in no list is given at each call, however often"
                self._wrong((*at, "times"), what, "Take times out, or make a list of it: [{...}].", at_key=True)
            if read:
                found[state] = CaseAnswers(tuple(read), not isinstance(answers, list), self._place(at))
            elif answers == []:
                self._wrong(at, "there is no answer in it", "Write: [{return: ...}, {fail: Name.OfTheError}]")
        return found

    def _answer(self, pointer: Pointer, given: Json) -> list[Answer]:
        """An answer, as often as it is to be given."""
        fix = "Write {return: ...}, {fail: Name.OfTheError, cause: ...} or {silent: true}."
        if not isinstance(given, dict):
            self._wrong(pointer, f"an answer is an object, not {kind(given)}", fix)
            return []
        self._known(pointer, given, _OF_ANSWER)
        kinds = [name for name in ("return", "fail", "silent") if name in given]
        if len(kinds) != 1:
            self._wrong(pointer, "an answer has one of return, fail and silent", fix)
            return []
        for name in _WITHOUT_USE[kinds[0]]:
            if name in given:
                what = f"'{name}' says nothing beside {kinds[0]}"
                self._wrong((*pointer, name), what, f"Take it out. {fix}", at_key=True)
        times = self._number((*pointer, "times"), given, 1, _MOST_TIMES)
        after = self._seconds((*pointer, "after"), given)
        if "return" in given:
            answer: Answer = TaskResult(given["return"], after, Provenance.MOCKED)
        elif "fail" in given:
            error = self._text((*pointer, "fail"), given) or ""
            answer = TaskFailure(error, self._text((*pointer, "cause"), given), after, Provenance.MOCKED)
        else:
            answer = TaskSilence(Provenance.MOCKED)
            if given["silent"] is not True:
                self._wrong((*pointer, "silent"), "only true can stand here", "Write: silent: true")
        return [answer] * (1 if times is None else times)

    def _failures(self, pointer: Pointer, given: Json) -> Iterator[CaseFailure]:
        fix = "Write: inject: [{state: Charge card, error: States.Timeout}]"
        if given is None:
            return
        if not isinstance(given, list):
            self._wrong(pointer, f"what is injected is a list, not {kind(given)}", fix)
            return
        states: set[str] = set()
        for index, one in enumerate(given):
            at = (*pointer, index)
            if not isinstance(one, dict):
                self._wrong(at, f"what is injected is an object, not {kind(one)}", fix)
                continue
            self._known(at, one, _OF_FAILURE)
            state, error = self._text((*at, "state"), one), self._text((*at, "error"), one)
            missing = [name for name in ("state", "error") if name not in one]
            if missing:
                self._wrong(at, f"a failure has a state and an error: there is no {missing[0]} in it", fix)
            if state is None or error is None:
                continue
            attempts = self._number((*at, "attempts"), one, 1, _MOST_TIMES) or 1
            if state in states:
                what = f"two failures are injected into '{state}'"
                self._wrong((*at, "state"), what, "Inject one, for as many attempts as needed.", at_key=True)
            states.add(state)
            yield CaseFailure(state, error, self._text((*at, "cause"), one), attempts, self._place((*at, "state")))

    # what is expected

    def _expected(self, pointer: Pointer, given: Json) -> Expected:
        if given is None:
            return Expected()
        if not isinstance(given, dict):
            self._wrong(pointer, f"what is expected is an object, not {kind(given)}", "Write: expect: {status: FAILED}")
            return Expected()
        self._known(pointer, given, _OF_EXPECTED)
        self._never_failing(pointer, given)
        if "output" in given and "output_exactly" in given:
            self._wrong((*pointer, "output_exactly"), "the output is expected twice", "Take one of them out.")
        if given.get("cause") == "":
            self._wrong((*pointer, "cause"), "each cause has an empty text in it", "Write a part of the cause.")
        error = self._text((*pointer, "error"), given)
        status = self._one_of((*pointer, "status"), given, ExecutionStatus)
        if status is None and error is None:
            status = ExecutionStatus.SUCCEEDED
        output: Value = given.get("output", given.get("output_exactly", MISSING))
        return Expected(
            status,
            output,
            "output_exactly" not in given,
            error,
            self._text((*pointer, "cause"), given),
            self._names((*pointer, "path"), given),
            self._names((*pointer, "visited"), given) or (),
            self._names((*pointer, "not_visited"), given) or (),
            self._counts((*pointer, "attempts"), given.get("attempts")),
            dict(self._object((*pointer, "variables"), given.get("variables"), "Write: variables: {name: value}")),
            self._places_of_names(pointer, given),
        )

    def _never_failing(self, pointer: Pointer, given: Mapping[str, Json]) -> None:
        """What says nothing of any run: a test would pass by it whatever happens."""
        for key in ("visited", "not_visited", "attempts", "variables"):
            if given.get(key) in ([], {}):
                self._wrong((*pointer, key), f"'{key}' has nothing in it", "Fill it, or take it out.", at_key=True)
        path = given.get("path")
        if isinstance(path, list) and path and all(name == ANYTHING for name in path):
            self._wrong((*pointer, "path"), EVERY_PATH, "Name states in it, or take it out.", at_key=True)
        elif path == []:
            self._wrong(
                (*pointer, "path"), "'path' has no state in it, and a run begins with one", "Name them.", at_key=True
            )

    def _places_of_names(self, pointer: Pointer, expected: Mapping[str, Json]) -> dict[str, CasePlace]:
        """Where the names of states stand that are expected: of each the first place."""
        found: dict[str, CasePlace] = {}
        for key in ("path", "visited", "not_visited", "attempts"):
            given = expected.get(key)
            named: Iterable[tuple[Any, Json]] = ()
            if isinstance(given, dict):
                named = ((name, name) for name in given)
            elif isinstance(given, list):
                named = enumerate(given)
            for at, name in named:
                if isinstance(name, str):
                    found.setdefault(name, self._place((*pointer, key, at)))
        return found

    def _counts(self, pointer: Pointer, given: Json) -> dict[str, int]:
        found = {}
        for state, count in self._object(pointer, given, "Write: attempts: {Charge card: 3}"):
            if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
                found[state] = count
            else:
                self._wrong((*pointer, state), f"a number of attempts is a whole number, not {kind(count)}", "")
        return found

    # finding and reporting

    def _object(self, pointer: Pointer, given: Json, fix: str) -> list[tuple[str, Json]]:
        if given is None:
            return []
        if isinstance(given, dict):
            return list(given.items())
        self._wrong(pointer, f"here stands {kind(given)}, and an object is wanted", fix)
        return []

    def _names(self, pointer: Pointer, owner: Mapping[str, Json]) -> tuple[str, ...] | None:
        given = owner.get(str(pointer[-1]))
        if given is None:
            return None
        if isinstance(given, list) and all(isinstance(name, str) for name in given):
            return tuple(str(name) for name in given)
        self._wrong(
            pointer, "here stands a list of names of states", f"Write: {pointer[-1]}: [Charge card, Ship order]"
        )
        return None

    def _text(self, pointer: Pointer, owner: Mapping[str, Json]) -> str | None:
        given = owner.get(str(pointer[-1]))
        if given is None or isinstance(given, str):
            return given
        self._wrong(pointer, f"{pointer[-1]} is a text, not {kind(given)}", "Put it in quotes.")
        return None

    def _number(self, pointer: Pointer, owner: Mapping[str, Json], least: int, most: int) -> int | None:
        given = owner.get(str(pointer[-1]))
        if given is None:
            return None
        if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
            return given
        self._wrong(pointer, f"{pointer[-1]} is a whole number from {least} to {most:,}", "")
        return None

    def _seconds(self, pointer: Pointer, owner: Mapping[str, Json]) -> float:
        given = owner.get(str(pointer[-1]))
        if given is None:
            return 0.0
        if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= _LATEST:
            return float(given)
        self._wrong(pointer, f"{pointer[-1]} is a number of seconds", "Write: after: 30")
        return 0.0

    def _one_of(self, pointer: Pointer, owner: Mapping[str, Json], values: Callable[[str], _T]) -> _T | None:
        given = self._text(pointer, owner)
        if given is None:
            return None
        try:
            return values(given)
        except ValueError:
            names = list(values)  # type: ignore[call-overload]
            fix = closest(given, names) or f"Write one of {', '.join(names)}."
            self._wrong(pointer, f"'{given}' is no {pointer[-1]}", fix)
            return None

    def _known(self, pointer: Pointer, value: Mapping[str, Json], known: tuple[str, ...]) -> None:
        for key, given in value.items():
            if key not in known:
                fix = closest(key, known) or f"What can stand here: {', '.join(known)}."
                self._wrong((*pointer, key), f"'{key}' means nothing here", fix, at_key=True)
            elif given is None and key not in _CAN_BE_NULL:
                self._wrong((*pointer, key), f"'{key}' has no value", "Give it one, or take it out.", at_key=True)

    def _wrong(self, pointer: Pointer, what: str, fix: str, *, at_key: bool = False) -> None:
        document = self._document
        span = document.key_span(pointer) if at_key else document.span(pointer)
        where = ".".join(map(str, pointer))
        self.problems.append(ProblemList(document.source).add(span.start, span.end, what, fix, where=where))

    def _place(self, pointer: Pointer) -> CasePlace:
        span = self._document.key_span(pointer)
        return CasePlace(self._document.source.name, span.line, span.column)


_LATEST: Final = 1e11
"""More seconds than any execution lasts."""


def mock_cases(
    path: str | Path, machine: DefinitionAddress, state_machine: str | None = None, given: Value = MISSING
) -> tuple[MachineCase, ...]:
    """A test case for each one of a mock file. Nothing is expected of them but that they can be run to an end: what
    else is, is added by who calls it.

    Args:
        path: The mock file, in the format of Step Functions Local.
        machine: Where the definition is.
        state_machine: What the mock file calls it; None for all that are in it.
        given: The input of all of them; MISSING for `{}`.

    Raises MockConfigError when it cannot be read, or has no such state machine.
    """
    config = MockConfig.load(path)
    names = (state_machine,) if state_machine is not None else config.state_machines
    return tuple(
        MachineCase(
            case if len(names) == 1 else f"{name}#{case}",
            CasePlace(str(path)),
            machine,
            given if is_present(given) else {},
            mocks=str(path),
            mock_case=f"{name}#{case}",
            expected=Expected(status=None),
        )
        for name in names
        for case in config.cases(name)
    )
