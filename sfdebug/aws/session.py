"""The one way to AWS: who asks, where and how patiently, an `AwsReader` that can ask nothing but what only reads, and
its answers as plain JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.concurrency import Backoff, Cancellation
from sfdebug.aws.errors import (
    AwsCall,
    NoClientError,
    NotReadingError,
    RegionError,
    UnexpectedAnswerError,
    UnreachableError,
    explained,
    is_throttling,
    is_transient,
)
from sfdebug.aws.pacing import pace_of
from sfdebug.aws.places import region_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.concurrency import Sleep
    from sfdebug.aws.pacing import Pace, Slowdown
    from sfdebug.values import Json

PAGE: Final = 1000
"""The most entries that one page can have. Source: AWS Step Functions API Reference, `maxResults`."""

_LONGEST_TOKEN: Final = 16_384
"""API Reference: 3,096 characters at most in Step Functions."""

_MOST_PAGES: Final = 100_000


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_DATA: Final = frozenset({"ResponseMetadata", "nextToken"})


class ReadOperation(StrEnum):
    """All that sfdebug ever asks AWS: these only read. The values are the names in the API."""

    DESCRIBE_EXECUTION = "DescribeExecution"
    DESCRIBE_MAP_RUN = "DescribeMapRun"
    DESCRIBE_STATE_MACHINE = "DescribeStateMachine"
    DESCRIBE_STATE_MACHINE_FOR_EXECUTION = "DescribeStateMachineForExecution"
    GET_EXECUTION_HISTORY = "GetExecutionHistory"
    LIST_EXECUTIONS = "ListExecutions"
    LIST_STATE_MACHINES = "ListStateMachines"
    FILTER_LOG_EVENTS = "FilterLogEvents"
    DESCRIBE_LOG_GROUPS = "DescribeLogGroups"

    @property
    def service(self) -> str:
        """The service as IAM policies call it."""
        return "logs" if self in (ReadOperation.FILTER_LOG_EVENTS, ReadOperation.DESCRIBE_LOG_GROUPS) else "states"


_ALLOWED: Final = frozenset(operation.value for operation in ReadOperation)

_CLIENTS: Final = {"states": "stepfunctions", "logs": "logs"}
"""The names that boto3 gives the services."""


class Access(Struct, frozen=True):
    """Who asks, and where. None: what AWS's own configuration says (environment variables, ~/.aws/config).

    The timeouts are in seconds, for one attempt.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 20.0

    def at(self, arn: Arn) -> Access:
        """The same, in the region that `arn` names. Raises RegionError when another one was asked for."""
        if self.region is not None and self.region != arn.region:
            raise RegionError(
                f"the {arn.kind} is in {arn.region}, not in {self.region}",
                "Leave --region out: the ARN says where.",
                where=arn.text,
            )
        return replace(self, region=arn.region)


class AwsReader:
    """Reads from AWS: one request at a time, from any thread.

    A request that AWS throttles, or that a server or the network fails, is repeated after a wait. `on_wait` is called
    for each wait: the seconds, and whether it is because of throttling. Requests are made no faster than AWS's quotas
    allow; `on_pace` is called with the seconds and the operation when one has to wait for its turn.
    """

    def __init__(
        self,
        access: Access,
        *,
        cancellation: Cancellation | None = None,
        backoff: Backoff | None = None,
        sleep: Sleep | None = None,
        on_wait: Callable[[float, bool], None] | None = None,
        on_pace: Callable[[float, str], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.access = access
        self.cancellation = cancellation or Cancellation()
        self._backoff = backoff or Backoff()
        self._sleep = sleep or self.cancellation.wait
        self._on_wait = on_wait
        self._on_pace = on_pace
        self._pace = pace
        self._clients: dict[str, Any] = {}
        self._lock = Lock()

    def ended_by(self, cancellation: Cancellation) -> AwsReader:
        """A reader with the same connections and pace, whose reading another cancellation ends."""
        reader = AwsReader(
            self.access,
            cancellation=cancellation,
            backoff=self._backoff,
            on_wait=self._on_wait,
            on_pace=self._on_pace,
            pace=self._pace,
        )
        reader._clients, reader._lock = self._clients, self._lock
        return reader

    def ask(self, operation: ReadOperation, target: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one request; `target` is what an error calls the thing that was asked about.

        Raises an AwsError that says what went wrong, CancelledError among them.
        """
        call = AwsCall(
            operation.service,
            operation.value,
            target,
            self.access.profile,
            self.access.region,
            self.access.endpoint_url,
        )
        attempt = 0
        while True:
            self.cancellation.check()
            attempt += 1
            try:
                client = self._client(operation.service)
                call = replace(call, region=client.meta.region_name, endpoint_url=_own_endpoint(client))
                self._await_turn(operation, client)
                answer: dict[str, Any] = getattr(client, _method(operation))(**parameters)
                return answer
            except Exception as error:  # boto3's errors have no base class of their own: each is put into words
                throttled = is_throttling(error)
                if throttled and self._pace is not None:
                    self._pace.throttle(operation)
                if not is_transient(error) or not self._backoff.allows_another(attempt, throttled=throttled):
                    raise explained(error, call) from error
            self._wait(attempt, throttled=throttled)

    def pages(self, operation: ReadOperation, target: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """All pages of an answer, one request each. Raises what `ask` raises."""
        token: str | None = None
        seen: set[int] = set()
        while True:
            more = {} if token is None else {"nextToken": token}
            answer = self.ask(operation, target, **parameters, **more)
            yield answer
            token = answer.get("nextToken")
            if not token:
                return
            why = ""
            if len(token) > _LONGEST_TOKEN:
                why = f"the answer to {operation} has a page token of {len(token):,} characters: AWS has none so long"
            elif hash(token) in seen or len(seen) >= _MOST_PAGES:
                why = f"the answer to {operation} has no end: the same page comes again and again"
            if why:
                raise UnexpectedAnswerError(why, "Check the endpoint's address.", where=target)
            seen.add(hash(token))

    @property
    def slowdown(self) -> Slowdown | None:
        """What has to wait for its turn now, or is asked more slowly than it could be; from any thread."""
        return self._pace.slowdown if self._pace is not None else None

    @property
    def endpoint_url(self) -> str | None:
        """The address that is asked when it is not AWS's own. Raises AwsError."""
        return self.access.endpoint_url or _own_endpoint(self._client("states"))

    def _await_turn(self, operation: ReadOperation, client: Any) -> None:
        if self._pace is None:  # of an endpoint that is not AWS's own no quotas are known
            region = client.meta.region_name if _own_endpoint(client) is None else ""
            self._pace = pace_of(self.access.profile, region)
        seconds = self._pace.take(operation)
        if not seconds:
            return
        if self._on_pace is not None:
            self._on_pace(seconds, operation.value)
        self._sleep(seconds)
        self.cancellation.check()

    def _wait(self, attempt: int, *, throttled: bool) -> None:
        seconds = self._backoff.seconds(attempt)
        if self._on_wait is not None:
            self._on_wait(seconds, throttled)
        self._sleep(seconds)

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = _connect(self.access, service)
            return self._clients[service]


def _connect(access: Access, service: str) -> Any:
    """A client that refuses, before anything is sent, every operation that is not in `ReadOperation`."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise NoClientError(
            "reading from AWS needs boto3, which is not installed", "Install it: pip install boto3"
        ) from error
    settings = Config(
        connect_timeout=access.connect_timeout,
        read_timeout=access.read_timeout,
        retries={"mode": "standard", "total_max_attempts": 1},  # the Reader repeats, so that a wait can be cancelled
        user_agent_extra="sfdebug",
    )
    try:
        session = boto3.Session(profile_name=access.profile, region_name=access.region or region_named())
        client = session.client(_CLIENTS[service], endpoint_url=access.endpoint_url, config=settings)
    except ValueError as error:
        if "endpoint" not in str(error).lower():
            raise
        raise UnreachableError(
            f"'{access.endpoint_url}' is not the address of an endpoint",
            "Write it with its scheme and port: http://localhost:8083",
            where="--endpoint-url",
        ) from error
    client.meta.events.register("before-call", _refuse_others)
    return client


def _refuse_others(model: Any, **_: Any) -> None:
    if model.name not in _ALLOWED:
        raise NotReadingError(f"sfdebug only reads from AWS: {model.name} is not asked")


def _own_endpoint(client: Any) -> str | None:
    """The endpoint's address when it is not AWS's own."""
    url: str = client.meta.endpoint_url
    return None if ".amazonaws.com" in url or ".api.aws" in url else url


def _method(operation: ReadOperation) -> str:
    """The name of boto3's method for an operation."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation.value).lstrip("_")


# Answers: what `aws stepfunctions … --output json` prints, times in UTC with milliseconds


def plain(answer: Mapping[str, Any]) -> dict[str, Json]:
    """An answer of boto3 as JSON, without what belongs to the request: metadata and page token."""
    return {name: _plain(value) for name, value in answer.items() if name not in _NOT_DATA}


def plain_list(entries: list[Any]) -> list[dict[str, Json]]:
    """The entries of a page, each as JSON."""
    return [{name: _plain(value) for name, value in entry.items()} for entry in entries]


def _plain(value: Any) -> Json:
    if isinstance(value, datetime):
        return iso(milliseconds(value))
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    json: Json = value
    return json


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970; exact, where a float of seconds is not."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_in(answer: Mapping[str, Any], name: str) -> int | None:
    """The time in a field of an answer in milliseconds since 1970, None without it."""
    value = answer.get(name)
    return milliseconds(value) if isinstance(value, datetime) else None


def iso(moment: int) -> str:
    """`2025-01-01T00:00:00.050+00:00`, as history files have it."""
    return (_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
