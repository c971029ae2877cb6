"""How many Lambda handlers of other people's projects run: `python -m bench.handlers FOLDER...`.

The folders are checkouts of public repositories, which are never committed. Each project in them that has a state
machine is opened as a user would open it, and each of its functions in Python or Node.js is called once with `{}`, in a
worker of its own, with no services behind it. Everybody else's code runs here: do it where nothing can be lost. The
table counts by language what came of it; what is no answer, no error of the handler's own and no reason in words would
be a bug of ours.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bench.projects import candidates
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.errors import DefinitionError, SfdebugError
from sfdebug.projects.loading import load_project
from sfdebug.simulation import simulate
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.from_project import functions_of
from sfdebug.tasks.lambdas.function import LambdaFunction, Language
from sfdebug.tasks.outside import OutsideCall
from sfdebug.values import Json

LONGEST: Final = 10.0
"""Seconds that a handler has at most."""

_LACKING: Final = re.compile(
    r"No module named '(?P<python>[^']+)'|Cannot find (?:module|package) '(?P<node>[^']+)'|cannot import name"
)


class Came(StrEnum):
    """What came of a function."""

    ANSWERED = "answered"
    OWN_ERROR = "an error of its own"
    SERVICE = "calls a service"
    PACKAGE = "a package is missing"
    HANDLER = "no such handler"
    SYNTAX = "syntax error"
    TIMED_OUT = "timed out"
    EXITED = "exited"
    NOT_RUN = "not run here, with why"
    BROKEN = "else: a bug"


class Called(Struct):
    """What came of one function; `detail` is the error, the package, or the reason."""

    language: str
    came: Came
    name: str
    detail: str = ""


def called(function: LambdaFunction, event: Json) -> Called:
    """Call a handler, by a Task that asks for it."""
    language = function.language.title
    calls: list[OutsideCall] = []
    tasks = LambdaTasks([replace(function, timeout=min(function.timeout, LONGEST))])
    tasks.on_call = lambda request, call: calls.append(call)
    arn = function.arn or f"arn:aws:lambda:us-east-1:123456789012:function:{function.name}"
    try:
        simulate({"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": arn, "End": True}}}, event, tasks)
    except SfdebugError as error:
        if not calls:
            return Called(language, Came.NOT_RUN, function.place, str(error))
    except Exception:
        traceback.print_exc()
        return Called(language, Came.BROKEN, function.place, "a traceback")
    finally:
        tasks.close()
    return Called(language, *_came(calls[0]), detail=_detail(calls[0])) if calls else _lost(language, function)


def _lost(language: str, function: LambdaFunction) -> Called:
    return Called(language, Came.BROKEN, function.place, "nothing was called")


def _came(call: OutsideCall) -> tuple[Came, str]:
    answer = call.answer
    if isinstance(answer, TaskResult):
        return Came.ANSWERED, call.place
    assert isinstance(answer, TaskFailure)
    error, cause = answer.error or "", answer.cause or ""
    if _LACKING.search(cause):
        return Came.PACKAGE, call.place
    kinds = {
        "Runtime.HandlerNotFound": Came.HANDLER,
        "Runtime.MalformedHandlerName": Came.HANDLER,
        "Runtime.ImportModuleError": Came.PACKAGE,
        "Runtime.UserCodeSyntaxError": Came.SYNTAX,
        "Sandbox.Timedout": Came.TIMED_OUT,
        "Runtime.ExitError": Came.EXITED,
    }
    if error in kinds:
        return kinds[error], call.place
    if "no local service" in cause or "NoLocalService" in cause:
        return Came.SERVICE, call.place
    return Came.OWN_ERROR, call.place


def _detail(call: OutsideCall) -> str:
    answer = call.answer
    if not isinstance(answer, TaskFailure):
        return call.note
    found = _LACKING.search(answer.cause or "")
    named = found and (found["python"] or found["node"])
    return f"{answer.error}: {named or (answer.cause or '')[:160]} {call.note}".rstrip()


def functions_in(folder: Path) -> Iterator[LambdaFunction | Called]:
    """The functions of the projects in a folder, each once; those that cannot be run with the reason."""
    seen: set[tuple[str, ...]] = set()
    for path in candidates(folder):
        try:
            project = load_project(path, environment={})
        except DefinitionError:
            continue
        found, lacking = functions_of(project)
        runtimes = {one.name: one.runtime for one in project.functions}
        for function in found:
            key = (
                (function.folder, function.handler)
                if "sfdebug-function-" not in function.folder
                else (str(path), function.name)
            )
            if key not in seen:
                seen.add(key)
                yield function
        for name, why in lacking.items():
            if (str(path), name) not in seen:
                seen.add((str(path), name))
                runtime = runtimes.get(name, "")
                kinds = {"python": Language.PYTHON.title, "nodejs": Language.NODE.title}
                language = next((title for start, title in kinds.items() if runtime.startswith(start)), "other")
                yield Called(language, Came.NOT_RUN, f"{path}: {name}", why)


def table(results: Sequence[Called]) -> str:
    """The table by language."""
    languages = list(dict.fromkeys(sorted(each.language for each in results)))
    lines = [f"| | {' | '.join(languages)} | all |", "|---" * (len(languages) + 2) + "|"]
    counts = Counter((each.came, each.language) for each in results)
    for came in Came:
        row = [counts[came, language] for language in languages]
        if sum(row) or came is Came.BROKEN:
            lines.append(f"| {came} | {' | '.join(map(str, row))} | {sum(row)} |")
    row = [sum(each.language == language for each in results) for language in languages]
    return "\n".join([*lines, f"| all | {' | '.join(map(str, row))} | {len(results)} |"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Call what is in the folders, print the table, and what came of each."""
    parser = argparse.ArgumentParser(prog="python -m bench.handlers", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, help="checkouts of repositories")
    parser.add_argument("--each", action="store_true", help="say of each function what came of it")
    given = parser.parse_args(arguments)
    results: list[Called] = []
    for folder in given.folders:
        for function in functions_in(folder):
            results.append(function if isinstance(function, Called) else called(function, {}))
            if given.each:
                last = results[-1]
                print(f"{last.language} | {last.came} | {last.name} | {last.detail}", flush=True)
    print(table(results))
    return 1 if any(each.came is Came.BROKEN for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
