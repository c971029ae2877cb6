"""The errors: every one of them comes whole out of a pool of processes, and out of a copy."""

from __future__ import annotations

import copy
import inspect
import pickle
import pkgutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Any

import pytest

import sfdebug
from sfdebug.errors import Problem, SfdebugError
from sfdebug.history.replay.event_comparison import Difference
from sfdebug.history.verification.verdict import Verification, VerificationStatus
from sfdebug.hosting.refusals import RefusalReason

PROBLEMS = (Problem("a.json", 3, 7, "it is wrong", "put it right", excerpt="x"), Problem("a.json", 4, 1, "too", ""))
VALUES: dict[str, Any] = {
    "problems": PROBLEMS,
    "offset": 5,
    "reason": RefusalReason.CLOSED,
    "differences": (Difference(5, (), "A", "output", 1, 2),),
    "verification": Verification("h.json", VerificationStatus.PARTIAL, reasons=("it is cut off",)),
}


def subclasses() -> list[type[SfdebugError]]:
    """Every error class of the package, its own and those of all modules."""
    for module in pkgutil.walk_packages(sfdebug.__path__, "sfdebug."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found: list[type[SfdebugError]] = [SfdebugError]
    for each in found:
        found.extend(one for one in each.__subclasses__() if one not in found)
    return found


def made(error: type[SfdebugError]) -> SfdebugError:
    """An error with a value of its own for each parameter."""
    named: dict[str, Any] = {}
    for name in inspect.signature(error).parameters:
        named[name] = execution() if name == "execution" else VALUES.get(name, f"the {name}")
    return error(**named)


def execution() -> sfdebug.Execution:
    return sfdebug.simulate({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}, {"x": [1]})


def facts(value: object) -> Iterator[object]:
    """What can be compared of a field: an execution, which has no equality, by what it shows."""
    if isinstance(value, sfdebug.Execution):
        yield from (value.output, value.status, value.history, value.machine.scope.start_at)
    else:
        yield value


@pytest.mark.parametrize("error", subclasses(), ids=lambda error: error.__name__)
def test_an_error_is_pickled_and_copied_whole(error: type[SfdebugError]) -> None:
    one = made(error)
    for other in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one)):
        assert type(other) is error
        assert (str(other), other.args) == (str(one), one.args)
        assert vars(other).keys() == vars(one).keys()
        for name, value in vars(one).items():
            assert list(facts(getattr(other, name))) == list(facts(value)), name


def test_the_errors_are_found() -> None:
    assert {"DefinitionError", "AwsError", "RecordingError", "TestStateError"} <= {
        each.__name__ for each in subclasses()
    }


def test_a_pool_of_processes_survives_a_faulty_definition() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(sfdebug.DefinitionError) as raised:
            pool.submit(sfdebug.load, '{"StartAt": "A", "States": {}}').result()
        assert raised.value.problems
        assert pool.submit(int, "1").result() == 1
