"""Tasks answered by Python functions, chosen by state name or by resource."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec.structs import replace

from sfdebug.engine.execution.decisions import Dataset, Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.text import with_article
from sfdebug.values import copied, why_not_json

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest

TaskFunction: TypeAlias = "Callable[..., Any]"
"""`function(input)` or `function(input, request)`: gives the Task's result as JSON values, or raises."""

_FUNCTION: Final = Provenance.FUNCTION


class FunctionTasks:
    """Answers Tasks by calling Python functions.

    `by_state` is looked at first, by the state's exact name; then `by_resource`, by the exact Resource, then by
    Resources with `*` in them, in the order given. A function is called with the Task's effective input (a copy,
    so it may do with it what it likes) and, if it takes a second argument, with the `TaskRequest`.

    What it returns is the Task's result; it may also return a `TaskResult`, `TaskFailure` or `TaskSilence`, to say
    how much virtual time passes or that no answer comes. What it raises fails the Task, with the name of the
    exception's class as Error and its text as Cause, the way AWS reports an exception of a Python Lambda function.

    A distributed Map is answered by its name alone: its function is called with the items, or with what its ItemReader
    is called with, and returns the result of the whole Map Run, or a `Dataset` with what the ItemReader finds.

    Functions should depend on nothing but their arguments: stepping back and forward asks again, and
    `request.invocation` and `request.attempt` tell which call it is.
    """

    def __init__(
        self,
        by_state: Mapping[str, TaskFunction] | None = None,
        by_resource: Mapping[str, TaskFunction] | None = None,
    ) -> None:
        """Take functions, each of the input alone or of the input and the request.

        Args:
            by_state: Functions by the names of states.
            by_resource: Functions by Resources, in which `*` stands for anything.

        Raises:
            UsageError: When something given is not a function that can be called so.
        """
        self._by_state = {name: _with_request(function, name) for name, function in (by_state or {}).items()}
        self._by_resource = {name: _with_request(function, name) for name, function in (by_resource or {}).items()}

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The function for this state or resource; None when there is none for it."""
        is_there = self._function_for(request) is not None
        return Answerer(AnswererKind.FUNCTION, "a function of Python") if is_there else None

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the function for this state or resource returns or raises; None when there is none for it.

        Raises UsageError when it returns something that is not JSON.
        """
        function = self._function_for(request)
        if function is None:
            return None
        try:
            result = function(copied(request.input), request)
        except SfdebugError:
            raise
        except Exception as error:
            return TaskFailure(type(error).__name__, str(error), provenance=_FUNCTION)
        if isinstance(result, (TaskResult, TaskFailure, TaskSilence, Dataset)):
            return _from_function(result, request)
        return TaskResult(_checked(result, request), provenance=_FUNCTION)

    def _function_for(self, request: TaskRequest) -> TaskFunction | None:
        function = self._by_state.get(request.state.name)
        if function is not None or request.kind is not RequestKind.TASK:
            return function
        if request.resource in self._by_resource:
            return self._by_resource[request.resource]
        for pattern, candidate in self._by_resource.items():
            if "*" in pattern and fnmatchcase(request.resource, pattern):
                return candidate
        return None


def _with_request(function: TaskFunction, name: str) -> TaskFunction:
    """`function` as one that takes the input and the request, whichever of the two forms it has."""
    if not callable(function):
        raise UsageError(
            f"what is given for '{name}' is {with_article(function)}, not a function",
            fix="Give a function that takes the Task's input and returns its result.",
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # built-in functions that do not tell their parameters
        return lambda input, request: function(input)
    for arguments, call in (
        ((None, None), function),
        ((None,), lambda input, request: function(input)),
    ):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        if len(arguments) == 2 and not _wants_request(signature):
            continue
        return call
    raise UsageError(
        f"the function for '{name}' cannot be called with one or two arguments: it takes {signature}",
        fix="Write it as function(input) or function(input, request).",
    )


def _wants_request(signature: inspect.Signature) -> bool:
    """Whether the second parameter is meant for the request: it has no default, or is called so."""
    parameters = list(signature.parameters.values())
    if len(parameters) < 2:
        return False
    second = parameters[1]
    return second.name == "request" or (
        second.default is inspect.Parameter.empty and second.kind is not inspect.Parameter.VAR_POSITIONAL
    )


def _from_function(answer: Answer, request: TaskRequest) -> Answer:
    if isinstance(answer, TaskResult):
        return replace(answer, output=_checked(answer.output, request), provenance=_FUNCTION)
    if isinstance(answer, TaskFailure):
        return replace(answer, provenance=_FUNCTION)
    if isinstance(answer, Dataset):
        return _dataset(answer, request)
    return replace(answer, provenance=_FUNCTION)


def _dataset(dataset: Dataset, request: TaskRequest) -> Dataset:
    if request.kind is RequestKind.TASK or request.is_optional:
        raise UsageError(
            f"the function for '{request.state.name}' returns a Dataset, and that state has no ItemReader",
            fix="Return the result itself: for a distributed Map the list of its results.",
        )
    for name in ("objects", "items"):
        for value in getattr(dataset, name) or ():
            _checked(value, request)
    return replace(dataset, provenance=_FUNCTION)


def _checked(result: Any, request: TaskRequest) -> Any:
    """A copy of `result`. Raises UsageError unless it is made of what JSON has."""
    why = why_not_json(result)
    if why is not None:
        raise UsageError(
            f"the result of the function for '{request.state.name}' {why}",
            fix="Return dicts with text keys, lists, text, numbers, booleans and None only.",
        )
    return copied(result)
