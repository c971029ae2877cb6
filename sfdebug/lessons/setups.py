"""Begins the runs of a lesson: its definition, its input and what answers its Tasks, read from the lesson's files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfdebug.asl.rules.resources import express_problems
from sfdebug.asl.text.json import scan_json
from sfdebug.asl.text.source import Source
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.engine import Settings
from sfdebug.errors import DefinitionError, InputError, UsageError
from sfdebug.files import MAX_TEXT_BYTES, read_file
from sfdebug.history.reading.read import read_recording
from sfdebug.limits import ExecutionType
from sfdebug.projects.addresses import load
from sfdebug.tasks.datasets import LocalFiles
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from pathlib import Path

    from sfdebug.asl.definition import StateMachine
    from sfdebug.lessons.model import LessonSetup
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Value


def begin(setup: LessonSetup) -> Debugger:
    """A debugger at the start of a lesson's run, or of the recorded execution that the lesson is on.

    Raises DefinitionError, UnsupportedError, InputError, MockConfigError, RecordingError or UsageError for files that
    cannot be used; each says where.
    """
    machine, tasks = checked(load(setup.definition), setup), tasks_of(setup)
    if setup.recording is not None:
        recording = read_recording(setup.recording)
        run = open_recording(recording, machine, recorded_definition=machine)
        return Debugger.on_recording(run, tasks=tasks)
    return Debugger(machine, input_of(setup), tasks=tasks, settings=settings_of(setup))


def checked(machine: StateMachine, setup: LessonSetup) -> StateMachine:
    """The definition of a run. Raises DefinitionError when it is to be an Express workflow, and cannot be one."""
    problems = express_problems(machine) if setup.execution_type is ExecutionType.EXPRESS else ()
    if problems:
        raise DefinitionError(problems)
    return machine


def settings_of(setup: LessonSetup) -> Settings:
    """What a run starts with beside its input: the same each time."""
    return Settings(execution_type=setup.execution_type)


def input_of(setup: LessonSetup) -> Value:
    """The input of a run; MISSING where the lesson has none. Raises InputError with its place when it is no JSON."""
    return MISSING if setup.input is None else read_json(setup.input)


def read_json(file: Path) -> Json:
    """The value in a file. Raises InputError with its place when it is no JSON, or cannot be read."""
    try:
        text = read_file(file, MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", where=str(file), fix="Save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"it cannot be read: {error.strerror}", where=str(file)) from None
    scan = scan_json(Source(str(file), text))
    if scan.document is not None and not scan.problems:
        return scan.document.value
    problem = scan.problems[0]
    raise InputError(problem.what, where=problem.location, fix=problem.fix)


def tasks_of(setup: LessonSetup) -> TaskHandler | None:
    """What answers the Tasks of a run: its mocks first, then the folder of its objects, then its nested machines."""
    handlers: list[Any] = []
    if setup.mocks is not None:
        config = MockConfig.load(setup.mocks)
        handlers.append(config.handler(None, setup.case or _only_case(config)))
    if setup.s3 is not None:
        handlers.append(LocalFiles(setup.s3))
    if setup.nested:
        inner = FirstAnswer(*handlers) if handlers else None
        machines = {name: load(file) for name, file in setup.nested.items()}
        handlers.append(StateMachines(machines, inner, settings_of(setup)))
    return FirstAnswer(*handlers) if handlers else None


def _only_case(config: MockConfig) -> str:
    cases = config.cases()
    if len(cases) == 1:
        return cases[0]
    listed = ", ".join(cases) or "none"
    raise UsageError("mocks needs case", where=config.name, fix=f"The test cases in the file: {listed}.")
