"""pytest's side of `bench.exchanges`: fixtures by the names that an emulator's tests ask for, on a server of ours.

What the tests import of the emulator itself is played by empty modules, whose attributes are anything.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
import time
import traceback
import types
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from bench.exchanges import CHECKOUT, OUT, difference, plain

_ROLE: Final = "arn:aws:iam::111111111111:role/recorded"

# what stands in for the emulator's own modules


class _Anything(type):
    """A type of the API: made with keywords it is a dict, and an attribute of it is its name."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return name

    def __call__(cls, *arguments: Any, **members: Any) -> Any:
        return members if not arguments else arguments[0]


class _Marker:
    """A decorator that does nothing, whatever is asked of it."""

    def __getattr__(self, name: str) -> _Marker:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and not options and callable(arguments[0]):
            return arguments[0]
        return lambda function: function


class RegexTransformer:
    """What the tests say of texts that they have made up."""

    def __init__(self, regex: str, replacement: str, **options: Any) -> None:
        self.pattern = re.compile(regex)
        self.replacement = replacement


class JsonpathTransformer:
    """What the tests say of members that are never the same."""

    def __init__(self, jsonpath: str, replacement: str, **options: Any) -> None:
        self.name = re.split(r"[.\[\]']+", jsonpath.rstrip("'])"))[-1]
        self.replacement = replacement


def _poll(condition: Callable[[], Any], timeout: float = 10, interval: float = 0.5, **options: Any) -> bool:
    until = time.monotonic() + min(timeout, 5.0)
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def _retry(function: Callable[..., Any], retries: int = 3, sleep: float = 1.0, **options: Any) -> Any:
    options.pop("sleep_before", None)
    for _ in range(retries):
        try:
            return function(**options)
        except Exception:
            time.sleep(0.02)
    return function(**options)


def _wait_until(condition: Callable[[], Any], *arguments: Any, **options: Any) -> bool:
    return _poll(condition)


class _Arns:
    """Makes ARNs of what tests only name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def made(*names: str, region_name: str = "us-east-1", account_id: str = "1", **given: str) -> str:
            """The ARN of a machine by its name, of an execution by its machine's ARN and its name."""
            first, *rest = (*names, *given.values())
            place = f"arn:aws:states:{region_name}:{account_id}:stateMachine:{first}"
            whole = first.replace(":stateMachine:", ":execution:") if first.startswith("arn:") else place
            return ":".join([whole, *rest])

        return made


_KNOWN: Final[dict[str, dict[str, Any]]] = {
    "localstack.testing.pytest": {"markers": _Marker()},
    "localstack.testing.aws.util": {"is_aws_cloud": lambda: False},
    "localstack.utils.strings": {
        "short_uid": lambda: uuid.uuid4().hex[:8],
        "long_uid": lambda: str(uuid.uuid4()),
        "md5": lambda text: text,
    },
    "localstack.utils.aws": {"arns": _Arns()},
    "localstack.utils.sync": {"poll_condition": _poll, "retry": _retry, "wait_until": _wait_until},
    "localstack_snapshot.snapshots.transformer": {
        "RegexTransformer": RegexTransformer,
        "JsonpathTransformer": JsonpathTransformer,
    },
}
_REAL: Final = "localstack.testing.pytest.stepfunctions.utils"
"""How the tests wait for something: taken from the checkout."""


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module of the emulator, as an empty one whose attributes are anything."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in ("localstack", "localstack_snapshot"):
            return None
        if name == _REAL:
            file = Path(os.environ[CHECKOUT], "localstack-core", *name.split(".")).with_suffix(".py")
            return importlib.util.spec_from_file_location(name, file)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        known = _KNOWN.get(spec.name, {})

        def attribute(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return known.get(name, _Anything(name, (), {}))

        module.__dict__.update(known)
        module.__getattr__ = attribute  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing: it is whole."""


# pytest's side: fixtures with the names that the tests ask for


class _Transforms:
    """Makes what the tests say of what they have made up; most of it stands in angle brackets anyway."""

    def key_value(self, key: str, value_replacement: str | None = None, **options: Any) -> JsonpathTransformer:
        return JsonpathTransformer(f"$..{key}", value_replacement or re.sub(r"(?<!^)([A-Z])", r"-\1", key).lower())

    def regex(self, regex: str, replacement: str) -> RegexTransformer:
        return RegexTransformer(regex, replacement)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **options: []


class _Snapshot:
    """Takes the place of the fixture that keeps recordings: compares."""

    def __init__(self, recorded: dict[str, Any], calls: list[tuple[int, str, Any]]) -> None:
        self._content = recorded.get("recorded-content") or {}
        told = f"{recorded.get('recorded-date', '01-01-2020, 00:00:00')} +0000"
        self._date = datetime.strptime(told, "%d-%m-%Y, %H:%M:%S %z").date()
        self._calls = calls
        self._texts: list[RegexTransformer] = []
        self._loose: set[str] = set()
        self._seen: list[tuple[str, str, str]] = []

    @property
    def transform(self) -> _Transforms:
        return _Transforms()

    def add_transformer(self, transformer: Any, *arguments: Any, **options: Any) -> None:
        if isinstance(transformer, list):
            for each in transformer:
                self.add_transformer(each)
        elif isinstance(transformer, RegexTransformer | JsonpathTransformer):
            self._loose.add(transformer.replacement)
            if isinstance(transformer, RegexTransformer):
                self._texts.append(transformer)

    add_transformers_list = add_transformer

    def match(self, key: str, value: Any) -> None:
        """Compare an answer, or a part of one, with what is recorded under this key."""
        operation = next((name for id_, name, _ in reversed(self._calls) if id_ == id(value)), None)
        text = str(value)
        called = re.search(r"when calling the (\w+) operation", text)
        if operation is None:
            operation = called[1] if called else (self._calls[-1][1] if self._calls else "?")
        if key in self._content:
            self._seen.append((operation, key, json.dumps(plain(value), default=str)))

    def rows(self) -> list[tuple[str, str, str | None]]:
        """What came of each comparison; what a test has made up may be said when all is done."""
        loose = frozenset(self._loose)
        return [
            (operation, key, difference(self._content[key], plain(json.loads(self._put(text))), self._date, loose))
            for operation, key, text in self._seen
        ]

    def _put(self, text: str) -> str:
        for each in self._texts:
            text = each.pattern.sub(each.replacement.replace("\\", r"\\"), text)
        return text


class _Elsewhere:
    """Another service of AWS: what tests need of it to call Step Functions; else the test cannot be run here."""

    def __getattr__(self, name: str) -> Any:
        if name == "describe_log_groups":
            return lambda logGroupNamePrefix, **options: {  # noqa: N803 - AWS's name
                "logGroups": [{"arn": f"arn:aws:logs:us-east-1:111111111111:log-group:{logGroupNamePrefix}:*"}]
            }
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **members: pytest.skip(f"needs another service: {name}")


class _Clients:
    def __init__(self, client: Any) -> None:
        self.stepfunctions = client

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Elsewhere()


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    from sfdebug.hosting.clock import REAL
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.server.api import StepFunctionsApi
    from sfdebug.server.wire import ApiServer

    with ExecutionHost(pace=REAL, account="111111111111") as host:
        server = ApiServer(StepFunctionsApi(host, on_fault=lambda error: traceback.print_exception(error)))
        server.start()
        yield server.url
        server.close()


_calls: list[tuple[int, str, Any]] = []


@pytest.fixture(scope="session")
def aws_client(_server: str) -> Any:
    """boto3, which notes what it is answered."""
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "stepfunctions",
        endpoint_url=_server,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
    )
    call = client._make_api_call

    def noted(name: str, members: dict[str, Any]) -> Any:
        try:
            answer = call(name, members)
        except Exception as error:
            response = getattr(error, "response", None)
            _calls.append((id(error), name, error))
            _calls.append((id(response), name, response))
            raise
        _calls.append((id(answer), name, answer))
        return answer

    client._make_api_call = noted
    return _Clients(client)


aws_client_no_retry = aws_client_no_sync_prefix = pytest.fixture(lambda aws_client: aws_client)


@pytest.fixture
def aws_client_factory(aws_client: Any) -> Any:
    """The same client for every configuration."""
    return lambda *arguments, **options: aws_client


@pytest.fixture
def account_id() -> str:
    """The account of the recordings."""
    return "111111111111"


@pytest.fixture
def region_name() -> str:
    """The region of all ARNs."""
    return "us-east-1"


@pytest.fixture
def create_state_machine_iam_role() -> Any:
    """A role, which nobody looks up."""
    return lambda *arguments, **options: f"{_ROLE}-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def create_state_machine() -> Any:
    """CreateStateMachine."""
    return lambda target_aws_client, **members: target_aws_client.stepfunctions.create_state_machine(**members)


@pytest.fixture
def create_state_machine_alias() -> Any:
    """CreateStateMachineAlias."""

    def create(target_aws_client: Any, **members: Any) -> Any:
        return target_aws_client.stepfunctions.create_state_machine_alias(**members)

    return create


@pytest.fixture
def create_activity(aws_client: Any) -> Any:
    """CreateActivity."""
    return lambda *arguments, **members: aws_client.stepfunctions.create_activity(**members)


@pytest.fixture
def create_lambda_function() -> Any:
    """The ARN of a function that is not there."""

    def create(func_name: str = "function", **options: Any) -> Any:
        arn = f"arn:aws:lambda:us-east-1:111111111111:function:{func_name}"
        return {"CreateFunctionResponse": {"FunctionArn": arn, "FunctionName": func_name}}

    return create


@pytest.fixture
def sfn_create_log_group(sfn_snapshot: _Snapshot) -> Any:
    """The name of a log group that is not there."""

    def create(*arguments: Any, **options: Any) -> str:
        name = f"log-group-{uuid.uuid4().hex[:6]}"
        sfn_snapshot.add_transformer(RegexTransformer(name, "log_group_name"))
        return name

    return create


@pytest.fixture
def sfn_snapshot(request: pytest.FixtureRequest) -> Iterator[_Snapshot]:
    """Compares what a test looks at, and writes what came of it."""
    file = Path(str(request.path)).with_suffix(".snapshot.json")
    recorded = json.loads(file.read_text()) if file.is_file() else {}
    name = f"{Path(request.path).relative_to(os.environ[CHECKOUT])}::{request.node.nodeid.partition('::')[2]}"
    if name not in recorded:
        pytest.skip("nothing is recorded of it")
    _calls.clear()
    snapshot = _Snapshot(recorded[name], _calls)
    yield snapshot
    keys = len(snapshot._content)
    with Path(os.environ[OUT]).open("a") as out:
        out.write(json.dumps({"test": request.node.nodeid, "keys": keys, "rows": snapshot.rows()}) + "\n")


def _json5(text: str, **options: Any) -> Any:
    """JSON with comments and commas too many, which is what the tests' files have of JSON5."""
    bare = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', lambda found: found[1] or "", text, flags=re.S)
    return json.loads(re.sub(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', lambda found: found[1] or "", bare), strict=False)


if OUT in os.environ:
    sys.meta_path.insert(0, _StandIns())
    if importlib.util.find_spec("json5") is None:
        json5 = types.ModuleType("json5")
        json5.loads = _json5  # type: ignore[attr-defined]
        json5.load = lambda file, **options: _json5(file.read())  # type: ignore[attr-defined]
        json5.dumps, json5.dump = json.dumps, json.dump  # type: ignore[attr-defined]
        sys.modules["json5"] = json5
