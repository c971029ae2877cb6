"""Tasks answered from a MockConfigFile.json, the file in which Step Functions Local keeps mocked answers.

Its form is read, and everything in it that is not as it should be reported; it is checked against a definition, and
turned into a task handler. Source: AWS Step Functions Developer Guide, "Using mocked service integrations for testing
in Step Functions Local": `StateMachines` / name / `TestCases` / case / state → name of a response; `MockedResponses` /
name / "0" or "1-2" → `Return` or `Throw`. Invocations are counted from 0, ranges include both ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.asl.definition import StateMachine, StateType
from sfdebug.asl.text.json import parse_json
from sfdebug.asl.text.problems import ProblemList
from sfdebug.asl.text.source import Source
from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.errors import DefinitionError, MockConfigError, Problem
from sfdebug.files import MAX_MOCK_FILE_BYTES, MAX_MOCK_VALUES, has_too_many_values, read_file
from sfdebug.tasks.answerers import Answerer, AnswererKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.values import Json


TestCases: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""The test cases of one state machine: case name → state name → name of its mocked response."""

_INVOCATIONS: Final = re.compile(r"(0|[1-9][0-9]*)(?:-(0|[1-9][0-9]*))?")
_EXAMPLE: Final = '"0": {"Return": {...}} or "1-2": {"Throw": {"Error": "...", "Cause": "..."}}'


class _MockedAnswer(Struct, frozen=True):
    """What invocations `first` to `last` (both included, from 0) of a state are answered with."""

    first: int
    last: int
    answer: Answer


class MockedResponse(Struct, frozen=True):
    """One entry of MockedResponses: its answers, ordered by invocation, and the line that it starts on."""

    name: str
    answers: tuple[_MockedAnswer, ...]
    line: int

    def answer(self, invocation: int) -> Answer | None:
        """The answer to this invocation; None when the file has none for it."""
        for mocked in self.answers:
            if mocked.first <= invocation <= mocked.last:
                return mocked.answer
        return None

    @property
    def coverage(self) -> str:
        """The invocations that have an answer, in words: "0, 1-2"."""
        ranges = (
            str(mocked.first) if mocked.first == mocked.last else f"{mocked.first}-{mocked.last}"
            for mocked in self.answers
        )
        return ", ".join(ranges)


class _MockFileReader:
    """Reads one document. `problems` is everything found wrong with it, `state_machines` and `responses` the rest."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self.responses: dict[str, MockedResponse] = {}
        self.state_machines: dict[str, TestCases] = {}
        self._document = document
        root = document.value
        if not isinstance(root, dict):
            self._wrong((), f"the file holds {kind(root)}, not an object", f"Start with {_skeleton('...')}.")
            return
        self._known_keys((), root, ("StateMachines", "MockedResponses"))
        for name, response in self._object(
            (), root, "MockedResponses", "Add the responses that the cases use."
        ).items():
            self._read_response(("MockedResponses", name), name, response)
        for name, machine in self._object((), root, "StateMachines", "Add the test cases of a state machine.").items():
            self._read_state_machine(("StateMachines", name), name, machine)

    # StateMachines

    def _read_state_machine(self, pointer: Pointer, name: str, machine: Json) -> None:
        if not isinstance(machine, dict):
            self._wrong(pointer, f"the state machine '{name}' is {kind(machine)}, not an object", _skeleton(name))
            return
        self._known_keys(pointer, machine, ("TestCases",))
        cases: dict[str, Mapping[str, str]] = {}
        for case, states in self._object(pointer, machine, "TestCases", "Add at least one test case.").items():
            cases[case] = self._read_case((*pointer, "TestCases", case), case, states)
        self.state_machines[name] = cases

    def _read_case(self, pointer: Pointer, case: str, states: Json) -> Mapping[str, str]:
        if not isinstance(states, dict):
            fix = 'Write {"Name of a Task": "name of a mocked response"}.'
            self._wrong(pointer, f"the test case '{case}' is {kind(states)}, not an object", fix)
            return {}
        read: dict[str, str] = {}
        for state, response in states.items():
            place = (*pointer, state)
            if not isinstance(response, str):
                fix = "Write the name of an entry of MockedResponses."
                self._wrong(place, f"the response for '{state}' is {kind(response)}, not a name", fix)
            elif response not in self.responses:
                fix = closest(response, self.responses) or "Add it to MockedResponses."
                self._wrong(place, f"there is no mocked response called '{response}'", fix)
            else:
                read[state] = response
        return read

    # MockedResponses

    def _read_response(self, pointer: Pointer, name: str, response: Json) -> None:
        answers: list[_MockedAnswer] = []
        if not isinstance(response, dict):
            self._wrong(pointer, f"the response '{name}' is {kind(response)}, not an object", f"Write {_EXAMPLE}.")
        elif not response:
            self._wrong(pointer, f"the response '{name}' is empty", f"Write {_EXAMPLE}.")
        else:
            for key, answer in response.items():
                mocked = self._read_answer((*pointer, key), key, answer)
                if mocked is not None and self._is_free((*pointer, key), mocked, answers):
                    answers.append(mocked)
        answers.sort(key=lambda mocked: mocked.first)
        # A response with problems is known by name all the same: a case that uses it is not at fault.
        self.responses[name] = MockedResponse(name, tuple(answers), self._document.key_span(pointer).line)

    def _read_answer(self, pointer: Pointer, key: str, answer: Json) -> _MockedAnswer | None:
        match = _INVOCATIONS.fullmatch(key)
        if match is None:
            fix = 'Use "0" for the first invocation, or "1-2" for the second and third.'
            self._wrong_key(pointer, f"'{key}' is not a number of invocations", fix)
            return None
        first = int(match[1])
        last = int(match[2]) if match[2] is not None else first
        if last < first:
            self._wrong_key(pointer, f"the range '{key}' ends before it begins", f'Write "{last}-{first}".')
            return None
        read = self._read_outcome(pointer, key, answer)
        return _MockedAnswer(first, last, read) if read is not None else None

    def _read_outcome(self, pointer: Pointer, key: str, outcome: Json) -> Answer | None:
        if not isinstance(outcome, dict):
            self._wrong(pointer, f"the answer to '{key}' is {kind(outcome)}, not an object", f"Write {_EXAMPLE}.")
            return None
        self._known_keys(pointer, outcome, ("Return", "Throw"))
        if ("Return" in outcome) == ("Throw" in outcome):
            what = "has both Return and Throw" if "Return" in outcome else "has neither Return nor Throw"
            self._wrong_key(pointer, f"the answer to '{key}' {what}", f"Give exactly one: {_EXAMPLE}.")
            return None
        if "Return" in outcome:
            return TaskResult(outcome["Return"], provenance=Provenance.MOCKED)
        return self._read_throw((*pointer, "Throw"), outcome["Throw"])

    def _read_throw(self, pointer: Pointer, throw: Json) -> Answer | None:
        fix = 'Write {"Error": "Name.OfTheError", "Cause": "what happened"}.'
        if not isinstance(throw, dict):
            self._wrong(pointer, f"Throw is {kind(throw)}, not an object", fix)
            return None
        self._known_keys(pointer, throw, ("Error", "Cause"))
        if "Error" not in throw:
            self._wrong(pointer, "Throw has no Error", fix)
            return None
        for field in ("Error", "Cause"):
            if field in throw and not isinstance(throw[field], str):
                self._wrong((*pointer, field), f"{field} is {kind(throw[field])}, not text", fix)
                return None
        cause = throw.get("Cause")
        return TaskFailure(str(throw["Error"]), None if cause is None else str(cause), provenance=Provenance.MOCKED)

    def _is_free(self, pointer: Pointer, mocked: _MockedAnswer, others: Iterable[_MockedAnswer]) -> bool:
        for other in others:
            if mocked.first <= other.last and other.first <= mocked.last:
                number = max(mocked.first, other.first)
                fix = "Let every invocation be named once."
                self._wrong_key(pointer, f"invocation {number} already has an answer", fix)
                return False
        return True

    # finding and reporting

    def _object(self, pointer: Pointer, parent: dict[str, Json], key: str, fix: str) -> dict[str, Json]:
        value = parent.get(key)
        if isinstance(value, dict):
            return value
        if key not in parent:
            self._wrong(pointer, f"'{key}' is missing", fix)
        else:
            self._wrong((*pointer, key), f"'{key}' is {kind(value)}, not an object", fix)
        return {}

    def _known_keys(self, pointer: Pointer, value: dict[str, Json], known: tuple[str, ...]) -> None:
        for key in value:
            if key not in known:
                fix = closest(key, known) or f"Only {' and '.join(known)} can stand here."
                self._wrong_key((*pointer, key), f"'{key}' means nothing here", fix)

    def _wrong(self, pointer: Pointer, what: str, fix: str) -> None:
        self.problems.append(_problem_at(self._document, pointer, what, fix))

    def _wrong_key(self, pointer: Pointer, what: str, fix: str) -> None:
        self.problems.append(_problem_at(self._document, pointer, what, fix, at_key=True))


def _problem_at(
    document: Document, pointer: Pointer, what: str, fix: str, *, at_key: bool = False, severity: str = "error"
) -> Problem:
    """A problem with the value at `pointer`, or with its key."""
    span = document.key_span(pointer) if at_key else document.span(pointer)
    where = ".".join(map(str, pointer))
    return ProblemList(document.source).add(span.start, span.end, what, fix, where=where, severity=severity)


def closest(name: str, names: Iterable[str]) -> str:
    """ "Did you mean 'X'?" for the most similar of `names`; "" when none is similar."""
    candidates = list(names)
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    match = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f"Did you mean '{by_folded[match[0]]}'?" if match else ""


def kind(value: Json) -> str:
    """What a JSON value is, with its article: "a number"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    return {str: "a text", list: "an array", dict: "an object"}[type(value)]


def _skeleton(name: str) -> str:
    return f'{{"StateMachines": {{"{name}": {{"TestCases": {{...}}}}}}, "MockedResponses": {{...}}}}'


class MockFileError(MockConfigError):
    """A mock file that cannot be used; `problems` lists all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        first = self.problems[0]
        super().__init__(first.what, where=first.location, fix=first.fix)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class MockConfig:
    """A MockConfigFile.json: test cases of state machines, and the responses that they use."""

    def __init__(
        self, document: Document, state_machines: Mapping[str, TestCases], responses: Mapping[str, MockedResponse]
    ) -> None:
        self._document = document
        self._state_machines = state_machines
        self._responses = responses

    @classmethod
    def load(cls, path: str | Path) -> MockConfig:
        """Read a mock file.

        Args:
            path: Where it is.

        Raises:
            MockConfigError: When it cannot be read.
            MockFileError: With all its problems, when it is not as it should be.
        """
        try:
            data = read_file(path, MAX_MOCK_FILE_BYTES)
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
            reason = getattr(error, "strerror", None) or str(error)
            raise MockConfigError(
                f"the mock file cannot be read: {reason}", where=repr(str(path))[1:-1], fix="Check the path."
            ) from error
        return cls.parse(data, str(path))

    @classmethod
    def parse(cls, text: str | bytes, name: str = "MockConfigFile.json") -> MockConfig:
        """Read the text of a mock file.

        Args:
            text: The JSON; as bytes in UTF-8.
            name: What errors call the file.

        Raises:
            MockConfigError: When it is not UTF-8, or has too many values.
            MockFileError: With all its problems, when it is not as it should be.
        """
        try:
            text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        except UnicodeDecodeError as error:
            what = f"byte {error.start} is not UTF-8"
            raise MockConfigError(what, where=name, fix="Save the mock file as UTF-8.") from error
        try:
            if has_too_many_values(text, MAX_MOCK_VALUES):
                what = f"the mock file has more than {MAX_MOCK_VALUES:,} values"
                raise MockConfigError(what, where=name, fix="Keep the test cases that are needed.")
            document = parse_json(Source(name, text))
        except DefinitionError as error:
            raise MockFileError(error.problems) from error
        reader = _MockFileReader(document)
        if reader.problems:
            raise MockFileError(reader.problems)
        return cls(document, reader.state_machines, reader.responses)

    @property
    def name(self) -> str:
        """What errors call the file."""
        return self._document.source.name

    @property
    def state_machines(self) -> tuple[str, ...]:
        """The names of the state machines that have test cases here."""
        return tuple(self._state_machines)

    def cases(self, state_machine: str | None = None) -> tuple[str, ...]:
        """The names of the test cases of `state_machine`, or of all of them, in file order."""
        if state_machine is not None:
            return tuple(self._machine(state_machine))
        return tuple(dict.fromkeys(case for cases in self._state_machines.values() for case in cases))

    def choices(self, machine: str = "") -> tuple[str, ...]:
        """The test cases as one names them, `MACHINE#CASE` where several machines have one of a name: those of
        `machine`, a machine of a project, where the file has it, else all."""
        own = [name for name in self.state_machines if machine and name in (machine, machine.rpartition("/")[2])]
        # A name that two machines have is told apart by theirs, whether both are listed or not.
        every = [(name, case) for name in self.state_machines for case in self.cases(name)]
        counts = Counter(case for _, case in every)
        named = [one for one in every if one[0] in own] if own else every
        return tuple(case if counts[case] == 1 else f"{name}#{case}" for name, case in named)

    def handler(self, state_machine: str | None, case: str) -> MockedTasks:
        """The task handler of one test case.

        Args:
            state_machine: Whose; None takes the only state machine that has a case of this name.
            case: The test case.

        Raises:
            MockConfigError: When there is no such state machine or case.
        """
        machine = self._machine_with(case) if state_machine is None else state_machine
        cases = self._machine(machine)
        if case not in cases:
            raise MockConfigError(
                f"'{machine}' has no test case '{case}'",
                where=self.name,
                fix=closest(case, cases) or _choices("The test cases are", cases),
            )
        responses = {state: self._responses[name] for state, name in cases[case].items()}
        return MockedTasks(self.name, case, responses)

    def check(self, machine: StateMachine, state_machine: str | None, case: str) -> tuple[Problem, ...]:
        """The states that the case mocks and `machine` does not have, or which ask nothing: warnings.

        Step Functions Local ignores such an entry silently, which makes a misspelt name hard to find. Tasks are mocked,
        and here distributed Maps, too: with the result of their Map Run.
        """
        name = self._machine_with(case) if state_machine is None else state_machine
        types: dict[str, StateType] = {state.name: state.type for state in machine.walk()}
        # A name can stand in several branches of a faulty file; what counts is whether one of them asks.
        asking = {state.name for state in machine.walk() if state.type is StateType.TASK or state.is_distributed}
        tasks = [task for task, type in types.items() if type is StateType.TASK]
        found: list[Problem] = []
        for mocked in self._machine(name).get(case, {}):
            if mocked in asking:
                continue
            if mocked in types:
                what = f"'{mocked}' is a {types[mocked]}: only Tasks and distributed Maps are mocked"
                fix = "Take it out of the test case."
            else:
                what = f"the definition {machine.name} has no state '{mocked}'"
                fix = closest(mocked, tasks) or _choices("Its Tasks are", tasks)
            pointer = ("StateMachines", name, "TestCases", case, mocked)
            found.append(_problem_at(self._document, pointer, what, fix, at_key=True, severity="warning"))
        return tuple(found)

    def _machine(self, name: str) -> TestCases:
        if name not in self._state_machines:
            raise MockConfigError(
                f"there are no test cases for a state machine '{name}'",
                where=self.name,
                fix=closest(name, self._state_machines) or _choices("There are some for", self._state_machines),
            )
        return self._state_machines[name]

    def _machine_with(self, case: str) -> str:
        found = [name for name, cases in self._state_machines.items() if case in cases]
        if len(found) == 1:
            return found[0]
        if found:
            raise MockConfigError(
                f"several state machines have a test case '{case}'",
                where=self.name,
                fix=_choices("Name the one you mean:", [f"{name}#{case}" for name in found]),
            )
        cases = self.cases()
        raise MockConfigError(
            f"there is no test case '{case}'",
            where=self.name,
            fix=closest(case, cases) or _choices("The test cases are", cases),
        )


class MockedTasks:
    """Answers the Tasks of one test case. States that it does not mention are left to others."""

    def __init__(self, file: str, case: str, responses: Mapping[str, MockedResponse]) -> None:
        self._file = file
        self._case = case
        self._responses = responses

    @property
    def states(self) -> frozenset[str]:
        """The states that the case mentions: nobody else is asked about them."""
        return frozenset(self._responses)

    def answerer(self, request: TaskRequest) -> Answerer:
        """The case, and whether it mentions the state."""
        is_there = request.state.name in self._responses
        why_not = "" if is_there else f"case {self._case} does not mention it"
        return Answerer(AnswererKind.MOCK, f"case {self._case}", Path(self._file).name, why_not)

    def answer(self, request: TaskRequest) -> Answer | None:
        """The mocked answer to this invocation of the state, or None when the case does not mention the state.

        Raises MockConfigError when the state is called more often than the file has answers for, as Step Functions
        Local fails such a test case too.
        """
        response = self._responses.get(request.state.name)
        if response is None:
            return None
        answer = response.answer(request.invocation)
        if answer is None:
            raise MockConfigError(
                f"'{request.state.name}' is called for the {ordinal(request.invocation + 1)} time "
                f"(invocation {request.invocation}), and its mocked response '{response.name}' "
                f"in case '{self._case}' answers only {response.coverage}",
                where=f"{self._file}:{response.line}",
                fix=f"Add \"{request.invocation}\" to '{response.name}', or widen its last range.",
            )
        return answer

    def left_over(self, calls: Mapping[str, int]) -> Iterator[str]:
        """What was answered fewer calls than there are answers for, in words; `calls` counts those of each state. Step
        Functions Local ignores the others, and states that are never called: responses are shared by cases."""
        for state, response in self._responses.items():
            count = calls.get(state, 0)
            if 0 < count <= max((one.last for one in response.answers), default=-1):
                calls_text = "once" if count == 1 else f"{count:,} times"
                yield (
                    f"'{state}' was called {calls_text}, and '{response.name}' in case '{self._case}' answers "
                    f"{response.coverage}: the others were not asked for"
                )


def ordinal(number: int) -> str:
    """1 → "1st", 2 → "2nd", 11 → "11th"."""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _choices(lead: str, names: Mapping[str, object] | Sequence[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"{lead} {listed}." if listed else "There are none in it."
