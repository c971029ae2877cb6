"""The same handlers under our bootstrap and under AWS's own client, awslambdaric: results and errors are the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.tasks.lambdas import worker as worker_module
from sfdebug.tasks.lambdas.function import function_from
from sfdebug.tasks.lambdas.worker import Invocation, Worker

pytest.importorskip("awslambdaric", reason="awslambdaric is not installed: it has wheels for Linux alone")
pytest.importorskip("runtime_client", reason="awslambdaric has no client for this Python")

_CLIENT = """
import os, sys
sys.path[0:1] = [os.environ["LAMBDA_TASK_ROOT"]]
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
"""

_HANDLERS = """
def handler(event, context): return globals()[event["call"]](event, context)
import collections, datetime, decimal, enum, os, sys
class TooMuchError(Exception):
    pass
class Unsayable(Exception):
    def __init__(self): super().__init__(1, "two")
class Point(collections.namedtuple("Point", "x y")): pass
class Colour(enum.IntEnum):
    RED = 1
def deeper(): raise TooMuchError("no more")
def nested(event, context): deeper()
def chained(event, context):
    try: deeper()
    except TooMuchError as error: raise ValueError("as well") from error
def unsayable(event, context): raise Unsayable
def empty(event, context): raise RuntimeError
def key(event, context): return event["not there"]
def unicode(event, context): raise ValueError("é \\N{SNOWMAN} \\x7f")
def no_arguments(): pass
def a_set(event, context): return {"found": {1, 2}}
def a_date(event, context): return datetime.date(2026, 1, 2)
def a_class(event, context): return object
def bad_key(event, context): return {(1, 2): 3}
def circular(event, context):
    found = []
    found.append(found)
    return found
def bad_bytes(event, context): return [b"\\xff"]
def leave(event, context): os._exit(3)
def leave_well(event, context): os._exit(0)
def exits(event, context): sys.exit(2)
def exits_with_words(event, context): sys.exit("enough")
def interrupted(event, context): raise KeyboardInterrupt
def base(event, context): raise BaseException("base")
def aborts(event, context): os.abort()
def numbers(event, context): return [decimal.Decimal("1.10"), decimal.Decimal(10) ** 20, 1e400, Colour.RED]
def a_nan(event, context): return [decimal.Decimal("NaN"), float("nan")]
def named(event, context): return {"at": Point(1, Point(2, 3)), "tuple": (1, 2)}
def texts(event, context): return ["é\\N{SNOWMAN}", b"bytes", {b"key": 1, 2: 3, None: 4, True: 5}, "\\ud800"]
def surrogate(event, context): return "\\ud800"
def raw(event, context): return b'{"raw": 1}'
def event_back(event, context): return event
def too_large(event, context): return "x" * 6291555
def fits(event, context): return "x" * 6291554
def about(event, context): return [name for name in sorted(dir(context)) if not name.startswith("_")]
constant = 5
"""

_MODULES = {
    "absent_import": "import nowhere_at_all\n",
    "broken": "def handler(event, context):\n    return (\n",
    "raising": "def inner():\n    raise OSError('at the start')\ninner()\n",
    "leaving": "import sys\nsys.exit(7)\n",
    "package/inner": "def handler(event, context):\n    return __name__\n",
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the handlers are, and where AWS's client stands under the name of our bootstrap."""
    code, client = tmp_path_factory.mktemp("code"), tmp_path_factory.mktemp("client")
    (client / "bootstrap.py").write_text(_CLIENT)
    (code / "app.py").write_text(_HANDLERS)
    for name, text in _MODULES.items():
        (code / name).parent.mkdir(exist_ok=True)
        (code / f"{name}.py").write_text(text)
    return code, client


class Pair:
    """A function under our bootstrap, and under AWS's client: both warm, and started again where they have ended."""

    def __init__(self, folders: tuple[Path, Path], handler: str = "app.handler", runtime: str = "") -> None:
        code, client = folders
        function = replace(function_from(f"charge={code / 'app.py'}:handler"), handler=handler, runtime=runtime)
        self._places = Path(worker_module.__file__).parent, client
        self._workers = [Worker(replace(function, interpreter=sys.executable, timeout=30), {}) for _ in self._places]

    def call(self, event: str) -> list[Invocation]:
        """Call both."""
        found = []
        for worker, place in zip(self._workers, self._places, strict=True):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(worker_module, "_HERE", place)
                found.append(worker.invoke(event, "arn:aws:lambda:eu-west-1:123456789012:function:charge"))
        return found

    def close(self) -> None:
        """End both."""
        for worker in self._workers:
            worker.close()


@pytest.fixture(scope="module", params=["", "python3.11", "python3.12"])
def pair(request: pytest.FixtureRequest, folders: tuple[Path, Path]) -> Iterator[Pair]:
    with closing(Pair(folders, runtime=request.param)) as found:
        yield found


def told(found: Invocation) -> Any:
    """What is the same in both: all but the request's id, and the lines of what runs the handler."""
    text = found.text.replace(found.request_id, "ID")
    if not found.is_error:
        return text
    value = json.loads(text)
    trace = [frame for frame in value.get("stackTrace", ()) if "bootstrap.py" not in frame]
    return {**value, "stackTrace": trace}, list(value)


def test_results_and_errors_are_those_of_awss_own_client(pair: Pair) -> None:
    results = ["numbers", "a_nan", "named", "texts", "raw", "event_back", "about", "surrogate", "fits"]
    errors = [
        "nested", "chained", "unsayable", "empty", "key", "unicode", "a_set", "a_date", "a_class", "bad_key",
        "circular", "bad_bytes", "too_large",
    ]  # fmt: skip
    for name in results + errors:
        ours, theirs = pair.call(json.dumps({"call": name, "text": "é"}))
        assert told(ours) == told(theirs), name
        assert theirs.is_error or name in results, name


@pytest.mark.parametrize(
    "handler",
    ["leave", "leave_well", "exits", "exits_with_words", "interrupted", "base", "aborts", "no_arguments"],
)
def test_ends_of_the_process_are_told_as_for_awss_own_client(folders: tuple[Path, Path], handler: str) -> None:
    with closing(Pair(folders, f"app.{handler}")) as found:
        ours, theirs = found.call("{}")
    assert theirs.is_error
    assert told(ours) == told(theirs)


@pytest.mark.parametrize(
    "handler",
    [
        "absent_import.handler", "broken.handler", "raising.handler", "leaving.handler", "nowhere.handler", "app",
        "sys.exit", "package/nothing.handler", "../app.key", "app.absent", "app.constant",
    ],
)  # fmt: skip
def test_what_does_not_load_is_told_as_by_awss_own_client(folders: tuple[Path, Path], handler: str) -> None:
    with closing(Pair(folders, handler)) as found:
        ours, theirs = found.call("{}")
    assert theirs.is_error
    assert told(ours) == told(theirs)


def test_modules_in_folders(folders: tuple[Path, Path]) -> None:
    with closing(Pair(folders, "package/inner.handler")) as found:
        ours, theirs = found.call("{}")
    assert told(ours) == told(theirs) == '"package.inner"'


def test_an_event_that_is_no_json(folders: tuple[Path, Path]) -> None:
    with closing(Pair(folders)) as found:
        ours, theirs = (json.loads(each.text) for each in found.call("{no"))
    assert ours["errorType"] == theirs["errorType"] == "Runtime.UnmarshalError"
    said = "Unable to unmarshal input: "  # then in the words of json there, of simplejson here
    assert ours["errorMessage"].startswith(said)
    assert theirs["errorMessage"].startswith(said)
