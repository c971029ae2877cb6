"""Structure-aware fuzzing: `python -m bench.fuzz --count 300000 --seed 1` mutates what users give, and tells faults.

Seven kinds of input take turns: definitions, histories, Express logs, mock files, TestState requests, expressions and
folders of recordings. Each is made of its own seed, `SEED/KIND/NUMBER`, which is all that is needed to make it again:
`python -m bench.fuzz --only definition/17 --seed 1`. What breaks is any exception that is not an error of sfdebug's, an
input that takes longer than its time, an exit code of no one, a character that a terminal obeys in what is printed.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any, Final
from unittest.mock import patch

from sfdebug.cli.console import printable
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.main import main as sfdebug
from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.settings import SeededEntropy
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import SfdebugError
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
from sfdebug.expressions.jsonata.limits import JsonataLimits
from sfdebug.expressions.jsonata.values import UnsupportedResultError
from sfdebug.expressions.template import compile_expression

SECONDS: Final = 10
"""How long one input may take."""

_LIMITS: Final = JsonataLimits(steps=50_000, items=50_000, characters=200_000, seconds=3.0)
_SETTINGS: Final = Settings(jsonata_limits=_LIMITS)
HOSTILE: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, -(2**63), "", " ", "a" * 3_000, "\x1b]2;title\x07", "\u202etxet",
    "\x9b31m", "\x7f", "[/a]", "[@click=app.quit]x[/]", "\ud800", "\u2028", "$", "$$", "$.a", "$..a", "$.a[0:9:0]",
    "$states.input", "{% $states.input.a %}", "{% $x := 1 %}", "{%", "States.Format('{}', $.a)", "States.UUID()",
    "${X}", "States.ALL", "Lambda.X", "arn:aws:states:::lambda:invoke", "arn:aws:states:::states:startExecution.sync:2",
    "STANDARD", "Pass", "Choice", "2025-01-01T00:00:00Z", "9999-99-99", [], {}, [[]], {"": {}}, [None], {"a": {"a": 1}},
)  # fmt: skip
"""Values that are put where others are wanted."""


class TooSlowError(BaseException):
    """An input took longer than it may. No error that anybody on the way catches."""


@dataclass
class Findings:
    """What came of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


def fuzz(count: int, seed: str, only: str = "", seconds: int = SECONDS) -> Findings:
    """Try `count` inputs, or the one that `only` names as KIND/NUMBER."""
    found, kinds = Findings(), list(_KINDS)
    for index in range(count) if not only else (0,):
        kind, number = (kinds[index % len(kinds)], str(index // len(kinds))) if not only else only.split("/")
        name = f"{seed}/{kind}/{number}"
        begun = time.perf_counter()
        try:
            with within(seconds):
                _KINDS[kind](random.Random(name))
        except TooSlowError:
            found.broken.append(f"{name}: longer than {seconds} s")
        except Exception:
            found.broken.append(f"{name}: {traceback.format_exc(limit=-4)}")
        found.counts[kind] += 1
        found.slowest = max(found.slowest, (time.perf_counter() - begun, name))
    return found


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raises TooSlowError when what is done inside takes longer."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# mutations


def mutated(value: Any, rng: random.Random, most: int = 3) -> Any:
    """`value` with a few of its parts replaced, left out, doubled, renamed or changed with others."""
    value = copy.deepcopy(value)
    for _ in range(rng.randint(1, most)):
        holder, key = rng.choice(_parts(value))
        others = _parts(value)
        change = rng.randrange(7)
        if change == 0:
            holder[key] = copy.deepcopy(rng.choice(HOSTILE))
        elif change == 1:
            holder[key] = _near(holder[key], rng)
        elif change == 2:
            del holder[key]
        elif change == 3:
            other, place = rng.choice(others)
            holder[key] = copy.deepcopy(other[place])
        elif change == 4 and isinstance(holder, dict):
            holder[_name(rng, value)] = holder.pop(key)
        elif change == 5 and isinstance(holder, list):
            holder.insert(rng.randint(0, len(holder)), copy.deepcopy(holder[key]))
        else:
            holder[key] = _nested(holder[key], rng.choice((1, 3, 60, 300)), rng)
        if not _parts(value):
            break
    return value


def _parts(value: Any) -> list[tuple[Any, Any]]:
    """Each place in `value`: what holds it, and its key."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            found += [(holder, key) for key in keys]
            waiting += [holder[key] for key in keys]
    return found


def _near(value: Any, rng: random.Random) -> Any:
    """A value of the same kind, at the edge of what it may be."""
    if isinstance(value, str):
        return rng.choice(("", value[:-1], value + value, value.swapcase(), value + "\0", str(rng.choice(HOSTILE))))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return rng.choice((0, -1, value + 1, -value, value + 0.5, 10**12, str(value), True))
    if isinstance(value, list):
        return rng.choice(
            ([], value + value, value[:-1], value[::-1], {str(at): each for at, each in enumerate(value)})
        )
    if isinstance(value, dict):
        return rng.choice(({}, list(value.values()), {"": value}, {**value, "": None}, dict.fromkeys(value)))
    return rng.choice((None, not value, 0, ""))


def _name(rng: random.Random, value: Any) -> str:
    names = [key for _, key in _parts(value) if isinstance(key, str)]
    return str(rng.choice(names)) if names and rng.random() < 0.5 else str(rng.choice(HOSTILE))


def _nested(value: Any, levels: int, rng: random.Random) -> Any:
    for _ in range(levels):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value


def _text(value: Any, rng: random.Random) -> str:
    """`value` as JSON, now and then with damage that no JSON has."""
    text = json.dumps(value, ensure_ascii=rng.random() < 0.7)
    change, at = rng.randrange(20), rng.randint(0, len(text))
    if change == 0:
        return text[:at]
    if change == 1:
        return text[:at] + rng.choice(("\0", "}", '"', "\\", "NaN", "\ufeff", ",,", "\x1b[2J")) + text[at:]
    if change == 2:
        return text.replace(rng.choice(('"', "{", ":", ",")), rng.choice(("'", "[", ";", "")), rng.randint(1, 3))
    return text


# kinds of input


@lru_cache(maxsize=1)
def _bases() -> tuple[Any, ...]:
    """The definitions of the samples: every type of state, both query languages."""
    folder = Path(__file__).parents[1] / "samples"
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*/*.asl.json")))


class Anybody:
    """Answers every question, now and then with a failure."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def answer(self, request: TaskRequest) -> TaskResult | TaskFailure:
        """Some answer."""
        if self._rng.random() < 0.2:
            return TaskFailure(str(self._rng.choice(HOSTILE)), "because")
        return TaskResult(copy.deepcopy(self._rng.choice(HOSTILE[:12] + HOSTILE[-8:])))


def _definition(rng: random.Random) -> None:
    from sfdebug.asl.load import parse_definition
    from sfdebug.asl.text.problems import render
    from sfdebug.errors import DefinitionError
    from sfdebug.simulation import simulate
    from sfdebug.validation import validate

    text = _text(mutated(rng.choice(_bases()), rng), rng)
    with _expected():
        validate(text, rng.choice(("STANDARD", "EXPRESS")))
    try:
        machine = parse_definition(text, "d.asl.json")
    except DefinitionError as error:
        _check_printed(render(error.problems))
        return
    with _expected():
        given = copy.deepcopy(rng.choice(HOSTILE[:12] + HOSTILE[-8:]))
        simulate(machine, given, Anybody(rng), _SETTINGS, max_transitions=60)
    if rng.random() < 0.1:
        from sfdebug.drawing import build
        from sfdebug.drawing.painting.paint import paint

        _check_printed(paint(build(machine)).text())
        _walk(machine, rng)


def _walk(machine: Any, rng: random.Random) -> None:
    """Some verbs of the debugger, which never raise for what a user can do."""
    from sfdebug.debugger import Debugger

    with _expected():
        debugger = Debugger(machine, {}, tasks=Anybody(rng), settings=_SETTINGS, most_steps=200)
        verbs = (
            "step_into",
            "step_over",
            "step_out",
            "run",
            "step_back",
            "back_over",
            "run_back",
            "fork_here",
            "restart",
        )
        for _ in range(8):
            if rng.random() < 0.3:
                value = rng.choice(HOSTILE)
                rng.choice((debugger.edit_input, debugger.answer_task, debugger.force_choice, debugger.goto_event))(
                    value
                )
            else:
                getattr(debugger, rng.choice(verbs))()
            debugger.view()


@lru_cache(maxsize=1)
def recorded() -> tuple[tuple[Any, list[dict[str, Any]], list[dict[str, Any]]], ...]:
    """Definitions, their histories, and the same as Express logs."""
    from sfdebug.reports.result import log_record
    from sfdebug.simulation import simulate

    found = []
    for definition in _bases():
        try:
            execution = simulate(definition, {"n": 1}, Anybody(random.Random(1)), max_transitions=40)
        except SfdebugError:
            continue
        arn = "arn:aws:states:us-east-1:111122223333:express:M:n:1"
        found.append((definition, execution.history, [log_record(event, arn) for event in execution.events]))
    return tuple(found)


def _history(rng: random.Random) -> None:
    definition, events, _ = rng.choice(recorded())
    data = {"events": mutated(events, rng)} if rng.random() < 0.8 else mutated({"events": events}, rng)
    _replayed(definition, _text(data, rng), rng)


def _express(rng: random.Random) -> None:
    definition, _, records = rng.choice(recorded())
    lines = [_text(record, rng) for record in mutated(records, rng)] if rng.random() < 0.8 else []
    if not lines:
        lines = [_text({"message": json.dumps(record)}, rng) for record in records]
    rng.shuffle(lines[: rng.randint(0, len(lines))])
    _replayed(definition, "\n".join(lines), rng)


def _replayed(definition: Any, text: str, rng: random.Random) -> None:
    from sfdebug.history.alignment.recorded_tasks import RecordedTasks
    from sfdebug.history.comparison import compare_recordings
    from sfdebug.history.mocks import mock_config
    from sfdebug.history.reading.read import parse_recordings
    from sfdebug.history.verification.verdict import verify

    with _expected():
        data = text.encode("utf-8", "surrogatepass")
        recordings = parse_recordings(data[: rng.randint(0, len(data))] if rng.random() < 0.1 else data, "h.json")
        recording = rng.choice(recordings)
        with _expected():
            verify(_machine(json.dumps(definition)), recording)
        with _expected():
            mock_config({"case": recording}, "Machine")
        with _expected():
            compare_recordings(recording, recordings[0])
        with _expected():
            RecordedTasks(recording.history)


@lru_cache(maxsize=64)
def _machine(text: str) -> Any:
    from sfdebug.asl.load import parse_definition

    return parse_definition(text, "d.asl.json")


@lru_cache(maxsize=1)
def _mock_files() -> tuple[Any, ...]:
    folder = Path(__file__).parents[1] / "samples"
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*/MockConfigFile.json")))


def _mocks(rng: random.Random) -> None:
    from sfdebug.simulation import simulate
    from sfdebug.tasks.mock_config import MockConfig

    with _expected():
        config = MockConfig.parse(_text(mutated(rng.choice(_mock_files()), rng), rng))
        case = rng.choice(config.cases() or ("none",))
        definition = rng.choice(_bases())
        config.check(_machine(json.dumps(definition)), None, case)
        simulate(definition, {}, config.handler(None, case), _SETTINGS, max_transitions=40)


def _request(rng: random.Random) -> None:
    from sfdebug.state_testing import test_state

    definition = rng.choice(_bases())
    state = rng.choice(list(definition["States"].values()))
    request = {
        "definition": json.dumps(state),
        "input": "{}",
        "inspectionLevel": rng.choice(("INFO", "DEBUG", "TRACE")),
        "mock": {"result": "{}"} if rng.random() < 0.6 else {"errorOutput": {"error": "E", "cause": "c"}},
    }
    if rng.random() < 0.4:
        request["definition"] = _text(mutated(state, rng), rng)
    with _expected():
        test_state(settings=_SETTINGS, **{str(name): value for name, value in mutated(request, rng).items()})


_PIECES: Final = (
    "$", "$$", "$x", "a", "b.c", "*", "**", "%", "[1..5]", "[-1]", "[0]", "[[0,1]]", "'a'", "1", "-1.5", "1e308",
    "null", "true", "/a*(b)?/i", "function($v){$v}", "$states.input", "[]", "{}", "{'k': $}", "a[b=1]", "^(a)", "@$i",
    "#$i", "()",
)  # fmt: skip
_SIGNS: Final = (
    "+",
    "-",
    "*",
    "/",
    "%",
    "&",
    "=",
    "!=",
    "<",
    ">",
    " and ",
    " or ",
    " in ",
    "..",
    ".",
    "~>",
    ":=",
    "?",
    ":",
)


def _jsonata(rng: random.Random, depth: int) -> str:
    """An expression of a few parts; not always one that can be read."""
    choice = rng.randrange(8) if depth else 0
    if choice <= 1:
        return str(rng.choice(_PIECES))
    if choice == 2:
        arguments = ", ".join(_jsonata(rng, depth - 1) for _ in range(rng.randint(0, 4)))
        return f"${rng.choice(list(FUNCTIONS))}({arguments})"
    if choice == 3:
        return f"({_jsonata(rng, depth - 1)}; {_jsonata(rng, depth - 1)})"
    if choice == 4:
        return f"{_jsonata(rng, depth - 1)}{rng.choice(_PIECES[9:])}"
    if choice == 5:
        return f"{_jsonata(rng, depth - 1)}.{_jsonata(rng, depth - 1)}"
    if choice == 6:
        return f"[{_jsonata(rng, depth - 1)}]{{{_jsonata(rng, depth - 1)}: {_jsonata(rng, depth - 1)}}}"
    return f"{_jsonata(rng, depth - 1)} {rng.choice(_SIGNS)} {_jsonata(rng, depth - 1)}"


_STEPS: Final = (
    ".a", "..a", "[0]", "[*]", ".*", "..*", "[?(@.a > 1)]", "[?(@.a =~ /a+/)]", "[1:3]", "[-1:]", "['a','b']",
    ".length()", "[?(@.a in $.b)]", "[(@.length-1)]", "[]", "[,]", "[?()]", ".", "[?(@..a)]",
)  # fmt: skip
_INTRINSICS: Final = (
    "Format", "StringToJson", "JsonToString", "Array", "ArrayPartition", "ArrayContains", "ArrayRange", "ArrayGetItem",
    "ArrayLength", "ArrayUnique", "Base64Encode", "Base64Decode", "Hash", "JsonMerge", "MathRandom", "MathAdd",
    "StringSplit", "UUID", "None",
)  # fmt: skip


def _intrinsic(rng: random.Random, depth: int) -> str:
    if not depth or rng.random() < 0.3:
        return rng.choice(
            ("$.a", "$", "$.b[0]", "1", "'x{}'", "null", "true", "-2.5", "$$.Execution.Name", "''", "$..a")
        )
    arguments = ", ".join(_intrinsic(rng, depth - 1) for _ in range(rng.randint(0, 4)))
    return f"States.{rng.choice(_INTRINSICS)}({arguments})"


def _expression(rng: random.Random) -> None:
    data: Any = {"a": [1, "b", {"a": 2, "b": [3]}, [[]]], "b": ["x", None, True], "c": {"a": 1.5}}
    if rng.random() < 0.3:
        data = mutated(data, rng)
    kind, entropy = rng.randrange(4), SeededEntropy(1, 0)
    with _expected():
        if kind <= 1:
            text = _jsonata(rng, 4)
            if rng.random() < 0.1:
                at = rng.randint(0, len(text))
                text = text[:at] + str(rng.choice(HOSTILE)) + text[at:]
            compile_jsonata(text).evaluate({"input": data}, {"x": data}, entropy=entropy, limits=_LIMITS, now=0)
            return
        steps = "".join(rng.choice(_STEPS) for _ in range(rng.randint(0, 5)))
        text = f"${steps}" if kind == 2 else _intrinsic(rng, 3)
        compile_expression(text)(Environment(data, make_context=dict, variables={"x": data}, entropy=entropy))


def _folder(rng: random.Random) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        definition, events, records = rng.choice(recorded())
        (folder / "d.asl.json").write_text(json.dumps(definition), encoding="utf-8")
        (folder / "h").mkdir()
        for number in range(rng.randint(0, 3)):
            text = _text(mutated(rng.choice(({"events": events}, records)), rng), rng)
            ending = rng.choice((".json", ".log", ".json.gz"))
            (folder / "h" / f"{number}{ending}").write_bytes(text.encode("utf-8", "surrogatepass"))
        command = rng.choice((["verify", f"{name}/d.asl.json"], ["mocks"], ["verify", "--json", f"{name}/d.asl.json"]))
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", None), _no_last_resort():
            code = sfdebug([*command, f"{name}/h"])
        if code not in [int(each) for each in ExitCode if each <= ExitCode.INVALID_DEFINITION]:
            raise AssertionError(f"exit code {code}")
        _check_printed(out.getvalue())
        _check_printed(err.getvalue())


@contextmanager
def _no_last_resort() -> Iterator[None]:
    """What reaches the last resort of the command line is a finding."""

    def raised(error: Exception, doing: str) -> None:
        raise error

    with patch("sfdebug.cli.main.show_unexpected", raised):
        yield


def _check_printed(text: str) -> None:
    if printable(text) != text:
        raise AssertionError(f"characters that a terminal obeys: {text[:200]!r}")


@contextmanager
def _expected() -> Iterator[None]:
    """Errors of sfdebug's are what hostile input may get."""
    try:
        yield
    except (SfdebugError, ExpressionError, JsonataFault, UnsupportedResultError) as error:
        str(error)


_KINDS: Final[dict[str, Callable[[random.Random], None]]] = {
    "definition": _definition,
    "history": _history,
    "express": _express,
    "mocks": _mocks,
    "request": _request,
    "expression": _expression,
    "folder": _folder,
}


def main() -> int:
    """Fuzz as the command line says; 1 when something broke."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs to try (default: 10,000)")
    parser.add_argument("--seed", default="1", help="where the inputs begin (default: 1)")
    parser.add_argument("--only", default="", metavar="KIND/NUMBER", help="one input of the seed again")
    args = parser.parse_args()
    sys.setrecursionlimit(10_000)  # as the command line does
    begun = time.perf_counter()
    found = fuzz(args.count, args.seed, args.only)
    for one in found.broken:
        print(one)
    listed = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items())
    print(f"seed {args.seed}: {listed} in {time.perf_counter() - begun:,.0f} s; {len(found.broken)} broke")
    print(f"slowest: {found.slowest[1]}, {found.slowest[0]:.1f} s")
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
