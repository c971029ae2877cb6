"""Reading from AWS: requests over HTTP to a small AWS on loopback that pages, throttles, refuses and keeps silent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.aws import session as session_module
from sfdebug.aws.arns import read_arn
from sfdebug.aws.concurrency import Backoff, Cancellation
from sfdebug.aws.errors import (
    AwsError,
    CancelledError,
    CredentialsError,
    DeniedError,
    NotFoundError,
    NotReadingError,
    NotSupportedError,
    RegionError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from sfdebug.aws.executions import (
    describe_execution,
    describe_machine_for_execution,
    follow,
    newest_pages,
    read_history,
)
from sfdebug.aws.express import LogSearch, read_express_log
from sfdebug.aws.listing import (
    FAILED_FIRST,
    Wanted,
    describe_map_run,
    describe_state_machine,
    execution_pages,
    list_children,
    matches,
    state_machine_pages,
)
from sfdebug.aws.session import Access, AwsReader, ReadOperation
from tests.aws_stub import (
    EXECUTION,
    EXPRESS,
    MACHINE,
    MAP_RUN,
    READING,
    REGION,
    START,
    ApiError,
    Fields,
    Silence,
    StubAws,
    child_arn,
    event,
    history,
    serving,
)

START_MS = int(START * 1000)

pytestmark = pytest.mark.usefixtures("isolated")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[StubAws, str]]:
    stub = StubAws()
    with serving(stub) as address:
        yield stub, address


@pytest.fixture
def aws(server: tuple[StubAws, str]) -> StubAws:
    server[0].reset()
    return server[0]


class Waits:
    """A sleep that does not, and remembers."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


_CLIENTS: dict[str, dict[str, Any]] = {}


@pytest.fixture
def reader(server: tuple[StubAws, str], aws: StubAws, waits: Waits) -> AwsReader:
    """A reader of the stub. Its clients are made once: that takes longer than all requests of a test."""
    made = AwsReader(Access(region=REGION, endpoint_url=server[1]), sleep=waits, backoff=Backoff(chance=lambda: 1.0))
    made._clients = _CLIENTS.setdefault(server[1], {})
    return made


# What is read


def test_an_execution_is_described(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(
        EXECUTION, [], input='{"a":1}', status="FAILED", error="E", cause="C", redriveCount=2, redriveDate=START + 5
    )
    found = describe_execution(reader, EXECUTION)
    assert (found.name, found.status, found.input, found.error, found.cause) == ("run-1", "FAILED", '{"a":1}', "E", "C")
    assert (found.started_at, found.stopped_at) == (START_MS, START_MS + 9000)
    assert (found.redrive_count, found.redriven_at, found.is_running) == (2, START_MS + 5000, False)
    assert found.answer["startDate"] == "2025-01-01T00:00:00.000+00:00"
    assert "ResponseMetadata" not in found.answer


def test_the_definition_is_the_one_that_the_execution_ran(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, [], definition='{"StartAt": "A"}')
    machine = describe_machine_for_execution(reader, EXECUTION)
    assert (machine.definition, machine.name) == ('{"StartAt": "A"}', "Orders")
    assert aws.asked == ["DescribeStateMachineForExecution"]


@pytest.mark.parametrize("page", [1, 2, 3, 7, 1000])
def test_a_history_is_read_page_by_page(aws: StubAws, reader: AwsReader, page: int) -> None:
    aws.add_execution(EXECUTION, history(7))
    aws.page = page
    told: list[tuple[int, int | None]] = []
    events = read_history(reader, EXECUTION, lambda done, of: told.append((done, of)))
    assert [event["id"] for event in events] == list(range(1, 8))
    assert events[0]["timestamp"] == "2025-01-01T00:00:00.001+00:00"
    assert told[-1] == (7, None)
    assert len(told) == len(aws.asked) == -(-7 // page)
    assert {fields["maxResults"] for _, fields in aws.requests} == {1000}


def test_the_newest_events_come_first_and_no_more_than_wanted_are_asked(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, history(50))
    pages = newest_pages(reader, EXECUTION, 10)
    assert [event["id"] for event in next(pages)] == list(range(50, 40, -1))
    assert len(aws.asked) == 1


def machine(name: str, **fields: Any) -> Fields:
    arn = MACHINE.replace("Orders", name)
    return {"stateMachineArn": arn, "name": name, "type": "STANDARD", "creationDate": START, **fields}


def test_state_machines_are_listed_over_all_pages(aws: StubAws, reader: AwsReader) -> None:
    aws.machines = [machine(name) for name in ("Orders", "OrderLines", "Billing", "Other")]
    aws.page = 1
    names = [entry.name for page in state_machine_pages(reader, "order") for entry in page]
    assert names == ["Orders", "OrderLines"]
    assert aws.asked == ["ListStateMachines"] * 4
    everything = [entry for page in state_machine_pages(reader) for entry in page]
    assert [entry.created_at for entry in everything] == [START_MS] * 4


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("", "anything", True),
        ("DER", "Orders", True),
        ("ord*", "Orders", True),
        ("ord*", "MyOrders", False),
        ("Order?", "orders", True),
        ("[a]", "x[a]x", True),
        ("*[a]", "x[a]", True),
        ("*[a]", "xa", False),
    ],
)
def test_names_are_matched(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


def entry(name: str, status: str, start: float, stop: float | None = None) -> Fields:
    shown: Fields = {"executionArn": f"{EXECUTION}-{name}", "stateMachineArn": MACHINE, "name": name, "status": status}
    return shown | {"startDate": START + start} | ({} if stop is None else {"stopDate": START + stop})


def test_executions_come_failed_first_and_lazily(aws: StubAws, reader: AwsReader) -> None:
    aws.listed[MACHINE] = [
        entry("ok-2", "SUCCEEDED", 50, 60),
        entry("bad-2", "FAILED", 40, 45),
        entry("now", "RUNNING", 30),
        entry("late", "TIMED_OUT", 20, 30),
        entry("bad-1", "FAILED", 10, 15),
    ]
    pages = execution_pages(reader, MACHINE, Wanted(statuses=FAILED_FIRST))
    assert [one.name for one in next(pages)] == ["bad-2", "bad-1"]
    assert len(aws.asked) == 1
    assert [one.name for page in pages for one in page] == ["late", "now", "ok-2"]
    assert [fields["statusFilter"] for _, fields in aws.requests] == list(FAILED_FIRST)
    newest_first = [one.name for page in execution_pages(reader, MACHINE) for one in page]
    assert newest_first == ["ok-2", "bad-2", "now", "late", "bad-1"]


def test_executions_are_filtered_by_name_and_time_and_old_pages_are_not_asked(aws: StubAws, reader: AwsReader) -> None:
    aws.listed[MACHINE] = [entry(f"run-{number}", "FAILED", number, number + 0.5) for number in range(99, -1, -1)]
    aws.page = 10
    wanted = Wanted(statuses=("FAILED",), since=START_MS + 75_000, until=START_MS + 90_000)
    names = [one.name for page in execution_pages(reader, MACHINE, wanted) for one in page]
    assert names == [f"run-{number}" for number in range(90, 74, -1)]
    assert len(aws.asked) == 3
    only = [one.name for page in execution_pages(reader, MACHINE, replace(wanted, name="*-8?")) for one in page]
    assert only == [f"run-{number}" for number in range(89, 79, -1)]


def test_a_map_run_its_counts_and_its_children_failed_first(aws: StubAws, reader: AwsReader) -> None:
    aws.map_runs[MAP_RUN] = map_run()
    for number, status in enumerate(["SUCCEEDED", "FAILED", "SUCCEEDED", "PENDING_REDRIVE", "ABORTED"]):
        aws.add_execution(child_arn(f"c{number}"), history(2), status=status, mapRunArn=MAP_RUN)
    aws.page = 1
    found = describe_map_run(reader, MAP_RUN)
    assert (found.status, found.execution_arn, found.redrive_count) == ("FAILED", EXECUTION, 1)
    assert found.execution_counts["failed"] == 1
    assert [child.name for child in list_children(reader, MAP_RUN, 10)] == ["c1", "c4", "c3", "c0", "c2"]
    aws.requests.clear()
    told: list[tuple[int, int | None]] = []
    two = list_children(reader, MAP_RUN, 2, lambda done, of: told.append((done, of)))
    assert [child.name for child in two] == ["c1", "c4"]
    assert "SUCCEEDED" not in [fields.get("statusFilter") for _, fields in aws.requests]
    assert told[-1] == (2, 2)
    assert list_children(reader, MAP_RUN, 0) == ()


def map_run() -> Fields:
    counts = {"pending": 0, "running": 0, "succeeded": 4, "failed": 1, "timedOut": 0, "aborted": 0, "total": 5}
    return {
        "mapRunArn": MAP_RUN,
        "executionArn": EXECUTION,
        "status": "FAILED",
        "startDate": START,
        "stopDate": START + 5,
        "maxConcurrency": 2,
        "toleratedFailurePercentage": 0.0,
        "toleratedFailureCount": 0,
        "itemCounts": {**counts, "resultsWritten": 0},
        "executionCounts": {**counts, "resultsWritten": 0},
        "redriveCount": 1,
    }


# Express executions


def logged(number: int, arn: str = EXPRESS) -> Fields:
    message = f'{{"id":"{number}","type":"PassStateEntered","details":{{"input":"1"}},"execution_arn":"{arn}"}}'
    return {"eventId": str(number), "message": message, "timestamp": START_MS + number, "logStreamName": "s"}


def express_machine(level: str = "ALL") -> Fields:
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:123456789012:log-group:/aws/quick:*"}}
    logging = {"level": level, "includeExecutionData": True, "destinations": [] if level == "OFF" else [group]}
    fields = {"definition": "{}", "roleArn": "r", "type": "EXPRESS", "loggingConfiguration": logging}
    return machine("Quick", **fields)


def test_an_express_execution_is_read_from_its_log(aws: StubAws, reader: AwsReader) -> None:
    aws.machines = [express_machine()]
    other = EXPRESS.replace("run-9", "run-8")
    aws.log_groups["/aws/quick"] = [logged(1), logged(2, other), logged(3), {**logged(4), "message": "no JSON"}]
    aws.page = 2
    log = read_express_log(reader, read_arn(EXPRESS), LogSearch(since=START_MS))
    assert [entry["eventId"] for entry in log.events] == ["1", "3"]
    assert (log.log_group, log.is_complete) == ("/aws/quick", True)
    asked = aws.requests[-1][1]
    assert asked["filterPattern"] == f'{{ $.execution_arn = "{EXPRESS}" }}'
    assert asked["startTime"] == START_MS


@pytest.mark.parametrize(
    ("level", "error", "what"),
    [("OFF", NotSupportedError, "logs nothing"), ("ERROR", NotFoundError, "has no events of this execution")],
)
def test_an_express_execution_without_a_log(
    aws: StubAws, reader: AwsReader, level: str, error: type[AwsError], what: str
) -> None:
    aws.machines = [express_machine(level)]
    aws.log_groups["/aws/quick"] = []
    with pytest.raises(error, match=what):
        read_express_log(reader, read_arn(EXPRESS))


# Following


def test_a_running_execution_is_followed_to_its_end(aws: StubAws, reader: AwsReader) -> None:
    events = history(9)
    aws.add_execution(EXECUTION, events[:3], status="RUNNING")
    steps = iter([events[:3], events[:7], events])
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        aws.histories[EXECUTION] = next(steps)

    news = list(follow(reader, EXECUTION, interval=1.5, sleep=sleep))
    assert [[event["id"] for event in one.events] for one in news] == [[1, 2, 3], [], [4, 5, 6, 7], [8, 9]]
    assert [one.is_over for one in news] == [False, False, False, True]
    assert looks == [1.5, 1.5, 1.5]


def test_following_goes_on_after_a_known_event_and_costs_little(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, history(5000, end=""), status="RUNNING")
    news = next(follow(reader, EXECUTION, after=4990, sleep=lambda _: None))
    assert [event["id"] for event in news.events] == list(range(4991, 5001))
    assert len(aws.asked) == 1
    aws.requests.clear()
    many = next(follow(reader, EXECUTION, after=4750, sleep=lambda _: None))
    assert [event["id"] for event in many.events] == list(range(4751, 5001))
    assert len(aws.asked) == 3


def test_what_is_over_is_looked_at_once(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, history(4, end="ExecutionFailed"))
    first = list(follow(reader, EXECUTION, sleep=never))
    assert [len(one.events) for one in first] == [4]
    again = list(follow(reader, EXECUTION, after=4, sleep=never))
    assert [(one.events, one.is_over) for one in again] == [((), True)]


def never(seconds: float) -> None:
    raise AssertionError("nothing is left to wait for")


def test_a_redriven_execution_goes_on_after_its_end(aws: StubAws, reader: AwsReader) -> None:
    events = [*history(4, end="ExecutionFailed"), event(5, "ExecutionRedriven"), event(6)]
    aws.add_execution(EXECUTION, events, status="RUNNING")
    news = next(follow(reader, EXECUTION, after=4))
    assert ([one["id"] for one in news.events], news.is_over) == ([5, 6], False)


def test_events_behind_a_gap_wait_until_it_is_filled(aws: StubAws, reader: AwsReader) -> None:
    events = history(6)
    aws.add_execution(EXECUTION, [events[0], events[1], *events[3:]], status="RUNNING")

    def sleep(_: float) -> None:
        aws.histories[EXECUTION] = events

    news = list(follow(reader, EXECUTION, sleep=sleep))
    assert [[event["id"] for event in one.events] for one in news] == [[1, 2], [3, 4, 5, 6]]
    assert [one.is_over for one in news] == [False, True]


# Patience


def test_a_throttled_request_is_repeated_with_growing_waits(aws: StubAws, reader: AwsReader, waits: Waits) -> None:
    aws.add_execution(EXECUTION, [])
    aws.troubles.extend([ApiError("ThrottlingException", "Rate exceeded"), ApiError("TooManyRequestsException")])
    assert describe_execution(reader, EXECUTION).status == "SUCCEEDED"
    assert aws.asked == ["DescribeExecution"] * 3
    assert waits.seconds == [0.5, 1.0]


def test_pages_go_on_where_they_were_throttled(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, history(6))
    aws.page = 2
    told: list[int] = []

    def progress(done: int, of: int | None) -> None:
        told.append(done)
        if done == 2:
            aws.troubles.append(ApiError("ThrottlingException"))

    assert len(read_history(reader, EXECUTION, progress)) == 6
    assert told == [2, 4, 6]
    assert len(aws.asked) == 4


def test_throttling_without_end_is_given_up(aws: StubAws, reader: AwsReader, waits: Waits) -> None:
    aws.troubles.extend([ApiError("ThrottlingException", "Rate exceeded")] * 50)
    with pytest.raises(ThrottledError) as caught:
        describe_execution(reader, EXECUTION)
    assert len(aws.asked) == 7
    assert waits.seconds == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert "too many requests" in caught.value.what
    assert caught.value.fix


def test_whoever_reads_is_told_of_each_wait(server: tuple[StubAws, str], aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, [])
    aws.troubles.extend([ApiError("ThrottlingException"), ApiError("InternalFailure", status=500)])
    told: list[tuple[float, bool]] = []
    reader._on_wait = lambda seconds, throttled: told.append((seconds, throttled))
    describe_execution(reader, EXECUTION)
    assert told == [(0.5, True), (1.0, False)]


def test_a_servers_own_error_is_tried_three_times(aws: StubAws, reader: AwsReader) -> None:
    aws.troubles.extend([ApiError("InternalFailure", "oops", 500)] * 9)
    with pytest.raises(UnreachableError, match="a problem of its own"):
        describe_execution(reader, EXECUTION)
    assert len(aws.asked) == 3


def test_waits_differ_by_chance_and_have_a_bound() -> None:
    assert [Backoff(chance=lambda: 0.0).seconds(attempt) for attempt in (1, 2, 3)] == [0.25, 0.5, 1.0]
    assert Backoff(chance=lambda: 1.0).seconds(10_000) == 20.0


def test_a_server_that_keeps_silent_times_out(server: tuple[StubAws, str], aws: StubAws) -> None:
    aws.troubles.append(Silence())
    impatient = Access(region=REGION, endpoint_url=server[1], read_timeout=0.03)
    with pytest.raises(UnreachableError) as caught:
        describe_execution(AwsReader(impatient, backoff=Backoff(failed_attempts=1)), EXECUTION)
    assert "did not answer DescribeExecution in time" in caught.value.what
    assert server[1] in caught.value.what


# Giving up


def test_reading_ends_between_two_pages_when_it_is_cancelled(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, history(6))
    aws.page = 2
    with pytest.raises(CancelledError):
        read_history(reader, EXECUTION, lambda done, of: reader.cancellation.cancel())
    assert len(aws.asked) == 1


def test_a_wait_ends_at_once_when_it_is_cancelled(server: tuple[StubAws, str], aws: StubAws, reader: AwsReader) -> None:
    aws.troubles.extend([ApiError("ThrottlingException")] * 9)
    patient = AwsReader(reader.access, backoff=Backoff(first=600, longest=600))
    patient._clients = reader._clients
    patient._on_wait = lambda seconds, throttled: patient.cancellation.cancel()
    with pytest.raises(CancelledError):
        describe_execution(patient, EXECUTION)
    assert len(aws.asked) == 1


def test_following_ends_when_it_is_cancelled(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, history(2, end=""))
    looks = follow(reader, EXECUTION, interval=600)
    next(looks)
    reader.cancellation.cancel()
    with pytest.raises(CancelledError):
        next(looks)


# What goes wrong


@pytest.mark.parametrize(
    ("trouble", "error", "what", "fix"),
    [
        (
            ApiError(
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/R/me is not authorized to perform: "
                "states:DescribeExecution on resource: x because no identity-based policy allows it",
            ),
            DeniedError,
            "may not states:DescribeExecution",
            "a policy that allows states:DescribeExecution",
        ),
        (ApiError("ExpiredTokenException", "The token is expired"), CredentialsError, "have expired", "Log in again"),
        (ApiError("UnrecognizedClientException", "invalid"), CredentialsError, "does not know these", "access key"),
        (
            ApiError("InvalidSignatureException", "Signature expired: 2020 is now earlier than 2024"),
            CredentialsError,
            "refuses the time",
            "clock",
        ),
        (ApiError("KmsAccessDeniedException", "no"), DeniedError, "encrypted", "kms:Decrypt"),
        (ApiError("ExecutionDoesNotExist", "Does not exist"), NotFoundError, "no such thing", "90 days"),
        (ApiError("StateMachineTypeNotSupported", "no"), NotSupportedError, "Express", "log group"),
        (ApiError("SomethingNew", "AWS's own words", 400), AwsError, "AWS's own words", ""),
    ],
)
def test_each_refusal_says_what_and_what_to_do(
    aws: StubAws, reader: AwsReader, trouble: ApiError, error: type[AwsError], what: str, fix: str
) -> None:
    aws.troubles.append(trouble)
    with pytest.raises(error) as caught:
        describe_execution(reader, EXECUTION)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert len(aws.asked) == 1


def test_the_missing_permission_is_named(aws: StubAws, reader: AwsReader) -> None:
    aws.troubles.append(ApiError("AccessDeniedException", "is not authorized to perform: logs:FilterLogEvents on x"))
    with pytest.raises(DeniedError) as caught:
        describe_execution(reader, EXECUTION)
    assert caught.value.action == "logs:FilterLogEvents"
    aws.troubles.append(ApiError("AccessDeniedException"))
    with pytest.raises(DeniedError) as caught:
        describe_state_machine(reader, MACHINE)
    assert caught.value.action == "states:DescribeStateMachine"


def test_without_credentials(monkeypatch: pytest.MonkeyPatch, server: tuple[StubAws, str]) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialsError) as caught:
        describe_execution(AwsReader(Access(region=REGION, endpoint_url=server[1])), EXECUTION)
    assert "no AWS credentials" in caught.value.what
    assert "aws sso login" in caught.value.fix


def test_without_a_region(server: tuple[StubAws, str]) -> None:
    with pytest.raises(RegionError, match="no AWS region is known"):
        describe_execution(AwsReader(Access(endpoint_url=server[1])), EXECUTION)


def test_a_region_that_is_none() -> None:
    with pytest.raises(RegionError, match="'not a region' is no AWS region"):
        describe_execution(AwsReader(Access(region="not a region")), EXECUTION)


def test_the_region_is_that_of_the_arn(server: tuple[StubAws, str]) -> None:
    arn = read_arn(EXECUTION)
    assert Access().at(arn).region == REGION
    assert Access(region=REGION).at(arn).region == REGION
    with pytest.raises(RegionError, match="is in eu-west-1, not in us-east-1"):
        Access(region="us-east-1").at(arn)


def test_a_profile_that_is_none(server: tuple[StubAws, str]) -> None:
    with pytest.raises(CredentialsError, match="there is no profile 'nobody'"):
        describe_execution(AwsReader(Access(profile="nobody", region=REGION, endpoint_url=server[1])), EXECUTION)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        access = Access(region=REGION, endpoint_url=f"http://127.0.0.1:{port}")
        with pytest.raises(UnreachableError) as caught:
            describe_execution(AwsReader(access), EXECUTION)
    assert f"http://127.0.0.1:{port} cannot be reached" in caught.value.what


@pytest.mark.parametrize("address", ["localhost", "nonsense", "http://"])
def test_an_endpoint_that_is_no_address(address: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        describe_execution(AwsReader(Access(region=REGION, endpoint_url=address)), EXECUTION)
    assert caught.value.fix


def test_an_answer_without_end_is_noticed(aws: StubAws, reader: AwsReader, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.add_execution(EXECUTION, history(3))
    monkeypatch.setattr(aws, "_GetExecutionHistory", lambda asked: {"events": history(3), "nextToken": "again"})
    with pytest.raises(UnexpectedAnswerError, match="no end"):
        read_history(reader, EXECUTION)


def test_without_boto3(monkeypatch: pytest.MonkeyPatch, server: tuple[StubAws, str]) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(AwsError, match="boto3, which is not installed"):
        describe_execution(AwsReader(Access(region=REGION, endpoint_url=server[1])), EXECUTION)


# Nothing but reading


def test_all_operations_only_read() -> None:
    assert all(operation.value.startswith(READING) for operation in ReadOperation)
    assert len(ReadOperation) == 9


def test_a_client_refuses_what_does_not_read_before_it_is_sent(aws: StubAws, reader: AwsReader) -> None:
    aws.add_execution(EXECUTION, [])
    client = reader._client("states")
    with pytest.raises(NotReadingError, match="StartExecution is not asked"):
        client.start_execution(stateMachineArn=MACHINE)
    with pytest.raises(NotReadingError):
        client.stop_execution(executionArn=EXECUTION)
    with pytest.raises(NotReadingError):
        client.redrive_execution(executionArn=EXECUTION)
    with pytest.raises(NotReadingError):
        reader._client("logs").delete_log_group(logGroupName="/aws/quick")
    assert aws.requests == []


def test_a_custom_call_cannot_reach_anything_else(
    aws: StubAws, reader: AwsReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even were the list of operations longer than the code's own, the client would refuse."""
    monkeypatch.setattr(session_module, "_method", lambda operation: "stop_execution")
    with pytest.raises(NotReadingError):
        reader.ask(ReadOperation.DESCRIBE_EXECUTION, EXECUTION, executionArn=EXECUTION)
    assert aws.requests == []


def test_cancelling_is_seen_from_another_thread() -> None:
    cancellation = Cancellation()
    cancellation.check()
    cancellation.cancel()
    cancellation.wait(600)
    assert cancellation.is_cancelled
    with pytest.raises(CancelledError):
        cancellation.check()


def test_page_tokens_are_bounded(aws: StubAws, reader: AwsReader, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.add_execution(EXECUTION, history(3))
    tokens = iter("abababab")
    monkeypatch.setattr(aws, "_GetExecutionHistory", lambda asked: {"events": history(3), "nextToken": next(tokens)})
    with pytest.raises(UnexpectedAnswerError, match="no end"):
        read_history(reader, EXECUTION)
    monkeypatch.setattr(aws, "_GetExecutionHistory", lambda asked: {"events": history(3), "nextToken": "x" * 20_000})
    with pytest.raises(UnexpectedAnswerError, match="page token of 20,000 characters"):
        read_history(reader, EXECUTION)
