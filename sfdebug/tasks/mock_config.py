"""Tasks answered from a MockConfigFile.json, the file in which Step Functions Local keeps mocked answers.

`mock_file` reads its form; here it is looked up, checked against a definition, and turned into a task handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateMachine, StateType
from sfdebug.asl.text.json import parse_json
from sfdebug.asl.text.source import Source
from sfdebug.errors import DefinitionError, MockConfigError, Problem
from sfdebug.files import MAX_MOCK_FILE_BYTES, MAX_MOCK_VALUES, has_too_many_values, read_file
from sfdebug.tasks.mock_file import MockFileReader, closest, problem_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sfdebug.asl.text.source import Document
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.mock_file import MockedResponse, TestCases


class MockFileError(MockConfigError):
    """A mock file that cannot be used; `problems` lists all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        first = self.problems[0]
        super().__init__(first.what, where=first.place, fix=first.fix)

    def __str__(self) -> str:
        return "\n".join(f"{problem.place}: {problem.what}" for problem in self.problems)


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
            raise MockConfigError(f"the mock file cannot be read: {reason}", where=repr(str(path))[1:-1]) from error
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            what = f"byte {error.start} is not UTF-8"
            raise MockConfigError(what, where=str(path), fix="Save the mock file as UTF-8.") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "MockConfigFile.json") -> MockConfig:
        """Read the text of a mock file.

        Args:
            text: The JSON.
            name: What errors call the file.

        Raises:
            MockFileError: With all its problems, when it is not as it should be.
        """
        try:
            if has_too_many_values(text, MAX_MOCK_VALUES):
                what = f"the mock file has more than {MAX_MOCK_VALUES:,} values"
                raise MockConfigError(what, where=name, fix="Keep the test cases that are needed.")
            document = parse_json(Source(name, text))
        except DefinitionError as error:
            raise MockFileError(error.problems) from error
        reader = MockFileReader(document)
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
            found.append(problem_at(self._document, pointer, what, fix, at_key=True, severity="warning"))
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


def ordinal(number: int) -> str:
    """1 → "1st", 2 → "2nd", 11 → "11th"."""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _choices(lead: str, names: Mapping[str, object] | Sequence[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"{lead} {listed}." if listed else "There are none in it."
