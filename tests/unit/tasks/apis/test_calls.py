"""Tasks that call an HTTP API, with a server on loopback: what is sent, what answers and failures come to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason
from sfdebug.engine import Execution, Settings
from sfdebug.errors import UnansweredTaskError, UsageError
from sfdebug.simulation import simulate
from sfdebug.tasks.apis.calls import ApiTasks
from sfdebug.tasks.apis.exchange import MAX_BODY, Exchange
from sfdebug.tasks.apis.requests import ApiCallError, ApiRequest, ApiService, ArrayFormat, form_text
from sfdebug.tasks.apis.url_map import MappedUrl, UrlMap, mapped_url
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.outside import CallCancelledError
from sfdebug.values import Json
from tests.api_server import ApiAnswer, ApiServer, api_server

HTTP = "arn:aws:states:::http:invoke"
GATEWAY = "arn:aws:states:::apigateway:invoke"
API = "https://api.example.com"
HOST = "a1b2c3.execute-api.eu-west-1.amazonaws.com"
CONNECTION = "arn:aws:events:eu-west-1:123456789012:connection/Stripe/81210c42"


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with api_server() as server:
        yield server


def tasks(api: ApiServer, *sources: str) -> ApiTasks:
    return ApiTasks(UrlMap([MappedUrl(source, api.url) for source in sources or (API, HOST)]), Callbacks(), "eu-west-1")


def machine(parameters: dict[str, Any], resource: str = HTTP, **others: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **others}
    return {"StartAt": "Call", "States": {"Call": state}}


def run(api: ApiServer, parameters: dict[str, Any], resource: str = HTTP, **others: Any) -> Execution:
    return simulate(machine(parameters, resource, **others), {}, tasks(api))


def test_an_http_task_sends_what_aws_sends(api: ApiServer) -> None:
    api.answers = [
        ApiAnswer(b'{"id":7}', 201, headers=(("Content-Type", "application/json"), ("X-A", "1"), ("x-a", "2")))
    ]
    parameters = {
        "ApiEndpoint": f"{API}/v1/customers?a=1",
        "Method": "POST",
        "InvocationConfig": {"ConnectionArn": CONNECTION},
        "Headers": {"Request-Id": "r", "User-Agent": "mine"},
        "QueryParameters": {"state": "new one", "tag": ["x", "y"], "n": 3},
        "RequestBody": {"Job": "Engineer", "none": None},
    }
    handler = tasks(api)
    debugger = Debugger(machine(parameters), {}, tasks=handler)
    assert debugger.run().reason is StopReason.END
    output: Any = debugger.execution.output
    assert {**output, "Headers": {}} == {
        "Headers": {}, "ResponseBody": {"id": 7}, "StatusCode": 201, "StatusText": "Created",
    }  # fmt: skip
    assert output["Headers"]["x-a"] == ["1", "2"]
    assert output["Headers"]["content-type"] == ["application/json"]
    (call,) = api.calls
    assert (call.method, call.path) == ("POST", "/v1/customers?a=1&state=new%20one&tag=x&tag=y&n=3")
    assert json.loads(call.body) == {"Job": "Engineer", "none": None}
    assert call.headers == {
        "Host": api.url.removeprefix("http://"),
        "Request-Id": "r",
        "Range": "bytes=0-262144",
        "User-Agent": "Amazon|StepFunctions|HttpInvoke|eu-west-1",
        "Content-Type": "application/json; charset=UTF-8",
        "Content-Length": str(len(call.body)),
        "Connection": "close",
    }
    made = debugger.calls.last()[0].call
    assert made is not None
    assert (made.callee, made.place) == (f"POST {API}/v1/customers", f"at {api.url}")
    assert made.note == "sent without what the connection Stripe adds, such as its credentials"
    assert [line.text for line in made.lines] == [f"POST {api.url}{call.path}", "201 Created, 8 bytes"]


@pytest.mark.parametrize(
    ("array_format", "text"),
    [
        ("INDICES", "a%5B0%5D=x&a%5B1%5D=y%20z&m%5Bo%5D%5Bp%5D=true&n="),
        ("REPEAT", "a=x&a=y%20z&m%5Bo%5D%5Bp%5D=true&n="),
        ("COMMAS", "a=x%2Cy%20z&m%5Bo%5D%5Bp%5D=true&n="),
        ("BRACKETS", "a%5B%5D=x&a%5B%5D=y%20z&m%5Bo%5D%5Bp%5D=true&n="),
    ],
)
def test_a_form_has_lists_as_the_transform_says(api: ApiServer, array_format: str, text: str) -> None:
    body: dict[str, Json] = {"a": ["x", "y z"], "m": {"o": {"p": True}}, "n": None, "empty": []}
    transform = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": array_format}}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    parameters = {"ApiEndpoint": API, "Method": "POST", "RequestBody": body, "Transform": transform, "Headers": headers}
    run(api, parameters)
    assert api.calls[0].body == text
    assert api.calls[0].headers["content-type"] == "application/x-www-form-urlencoded"
    with pytest.raises(ApiCallError, match="the list a holds more than texts"):
        form_text({"a": [{"b": 1}]}, ArrayFormat.COMMAS)


@pytest.mark.parametrize(
    ("answer", "error", "cause"),
    [
        (ApiAnswer(b'{"why":"gone"}', 404), "States.Http.StatusCode.404", "Not Found"),
        (ApiAnswer(b"", 302, headers=(("Location", "http://127.0.0.1:9/"),)), "States.Http.StatusCode.302", "Found"),
        (ApiAnswer(b"x", 500, "Out of Tea"), "States.Http.StatusCode.500", "Out of Tea"),
        (
            ApiAnswer(b"PNG", headers=(("Content-Type", "image/png"),)),
            "States.Runtime",
            "The API answered with a body of type image/png.",
        ),
        (ApiAnswer(b"\xff\xfe"), "States.Runtime", "The API answered with a body that is no text."),
        (
            ApiAnswer(b"x" * (MAX_BODY + 9), headers=(("Content-Type", "text/plain"),)),
            "States.DataLimitExceeded",
            "The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit.",
        ),
    ],
)
def test_what_fails_an_http_task(api: ApiServer, answer: ApiAnswer, error: str, cause: str) -> None:
    api.answers = [answer]
    fault = run(api, {"ApiEndpoint": API, "Method": "GET"}).fault
    assert fault is not None
    assert (fault.error, fault.cause) == (error, cause)
    assert len(api.calls) == 1


def test_of_a_body_that_is_too_large_it_is_told_how_much_was_read(api: ApiServer) -> None:
    api.answers = [ApiAnswer(b"x" * (MAX_BODY + 9), headers=(("Content-Type", "text/plain"),))]
    debugger = Debugger(machine({"ApiEndpoint": API, "Method": "GET"}), {}, tasks=tasks(api))
    debugger.run()
    made = debugger.calls.last()[0].call
    assert made is not None
    assert made.lines[-1].text == "200 OK, 262,144 bytes and more, which are not read"


def test_a_connection_that_breaks_off_is_a_socket_error_and_can_be_retried(api: ApiServer) -> None:
    api.answers = [ApiAnswer(b"half", breaks_off=True)]
    retry = [{"ErrorEquals": ["States.Http.Socket"], "MaxAttempts": 1}]
    assert run(api, {"ApiEndpoint": API, "Method": "GET"}, Retry=retry).fault is None
    assert len(api.calls) == 2


def test_a_header_that_aws_refuses_fails_the_task_before_anything_is_sent(api: ApiServer) -> None:
    fault = run(api, {"ApiEndpoint": API, "Method": "GET", "Headers": {"X-Amz-Date": "now"}}).fault
    assert fault is not None
    assert (fault.error, fault.cause) == ("States.Runtime", "The header 'X-Amz-Date' cannot be used in an HTTP Task.")
    with pytest.raises(ApiCallError, match="does not take the header 'Authorization'"):
        run(api, {"ApiEndpoint": HOST, "Method": "GET", "Headers": {"Authorization": ["x"]}}, GATEWAY)
    assert not api.calls


def test_nobody_who_listens_is_no_failure_of_the_task(api: ApiServer) -> None:
    handler = ApiTasks(UrlMap([MappedUrl(API, "http://127.0.0.1:9")]), Callbacks())
    debugger = Debugger(machine({"ApiEndpoint": API, "Method": "GET"}), {}, tasks=handler)
    assert debugger.run().text == (
        "--url: nothing answers at http://127.0.0.1:9: Connection refused\n  Is it started? Then try again."
    )
    assert debugger.execution.fault is None


def test_a_task_that_has_less_time_than_the_api_takes_times_out(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Exchange.send
    monkeypatch.setattr(Exchange, "send", lambda self, made, address, seconds: send(self, made, address, seconds / 20))
    never = threading.Event()
    api.answers = [ApiAnswer(waits=never)]
    fault = run(api, {"ApiEndpoint": API, "Method": "GET"}, TimeoutSeconds=1).fault
    never.set()
    assert fault is not None
    assert fault.error == "States.Timeout"


def test_after_a_minute_it_is_a_socket_error(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.apis.calls.LONGEST", 0.05)
    never = threading.Event()
    api.answers = [ApiAnswer(waits=never)]
    fault = run(api, {"ApiEndpoint": API, "Method": "GET"}).fault
    never.set()
    assert fault is not None
    assert (fault.error, fault.cause) == ("States.Http.Socket", f"{api.url} has not answered within 0.05 s")


def test_a_call_is_cancelled_from_another_thread_and_made_again(api: ApiServer) -> None:
    may_end = threading.Event()
    api.answers = [ApiAnswer(waits=may_end)]
    debugger = Debugger(machine({"ApiEndpoint": API, "Method": "GET"}), {}, tasks=tasks(api))

    def cancel() -> None:
        assert api.has_called.wait(60)
        debugger.calls.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    stop = debugger.step_over()
    other.join(60)
    may_end.set()
    assert stop.is_refused
    assert stop.text == f"the call of {API} was cancelled; what was asked for may still be done"
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.fault is None


def test_what_is_cancelled_before_it_has_begun_is_not_sent(api: ApiServer) -> None:
    exchange = Exchange()
    exchange.cancel()
    request = ApiRequest(ApiService.HTTP, "POST", API, (), b"{}")
    with pytest.raises(CallCancelledError):
        exchange.send(request, api.url, 60)
    assert api.calls == []


def test_an_attempt_is_called_once_on_whichever_fork(api: ApiServer) -> None:
    api.answers = [ApiAnswer(b"1", 500), ApiAnswer(b"2")]
    parameters = {"ApiEndpoint": API, "Method": "GET"}
    handler = tasks(api)
    debugger = Debugger(machine(parameters, Retry=[{"ErrorEquals": ["States.ALL"]}]), {}, tasks=handler)
    debugger.run()
    assert debugger.execution.output["ResponseBody"] == 2
    for _ in range(3):
        debugger.step_back()
    debugger.run()
    assert simulate(machine(parameters, Retry=[{"ErrorEquals": ["States.ALL"]}]), {}, handler).fault is None
    assert len(api.calls) == 2


@pytest.mark.parametrize("given", [["a=1"], [{"a": "1"}], [{"Key": "a", "Value": "1"}], 3])
def test_a_query_of_a_shape_that_is_not_documented_is_refused_and_not_sent(api: ApiServer, given: Any) -> None:
    parameters = {"ApiEndpoint": API, "Method": "GET", "QueryParameters": given}
    debugger = Debugger(machine(parameters), {}, tasks=tasks(api))
    stop = debugger.run()
    assert stop.is_refused
    assert "an object of texts and of lists of texts, or a text" in stop.text
    assert not api.calls


def test_api_gateway_has_a_stage_a_path_and_lists(api: ApiServer) -> None:
    api.answers = [ApiAnswer(b"[1]", headers=(("Content-Type", "text/plain"), ("X-Kept", "as it is")))]
    parameters = {
        "ApiEndpoint": HOST,
        "Method": "PUT",
        "Stage": "prod",
        "Path": "/bills/a b",
        "Headers": {"key": ["1", "2"]},
        "QueryParameters": {"billId": ["12", "34"]},
        "RequestBody": {"pet": {"type": "turtle", "category": None}},
        "AuthType": "IAM_ROLE",
    }
    handler = tasks(api)
    debugger = Debugger(machine(parameters, GATEWAY), {}, tasks=handler)
    debugger.run()
    output: Any = debugger.execution.output
    assert (output["ResponseBody"], output["StatusText"]) == ([1], "OK")
    assert output["Headers"]["X-Kept"] == ["as it is"]
    (call,) = api.calls
    assert (call.method, call.path) == ("PUT", "/prod/bills/a%20b?billId=12&billId=34")
    assert call.body == '{"pet":{"type":"turtle"}}'
    made = debugger.calls.last()[0].call
    assert made is not None
    assert made.note == "sent without the signature of AuthType IAM_ROLE"
    run(api, {**parameters, "AllowNullValues": True}, GATEWAY)
    assert api.calls[1].body == '{"pet":{"type":"turtle","category":null}}'


def test_an_error_of_api_gateway_has_the_body_as_its_cause(api: ApiServer) -> None:
    said = b'{"message":"Missing Authentication Token"}'
    api.answers = [ApiAnswer(said, 403)]
    fault = run(api, {"ApiEndpoint": HOST, "Method": "GET"}, GATEWAY).fault
    assert fault is not None
    assert (fault.error, fault.cause) == ("ApiGateway.403", said.decode())


def test_api_gateway_waits_for_its_task_token(api: ApiServer) -> None:
    callbacks = Callbacks()
    handler = ApiTasks(UrlMap([MappedUrl(HOST, api.url)]), callbacks)
    parameters = {"ApiEndpoint": HOST, "Method": "POST", "RequestBody": {"token.$": "$$.Task.Token"}}
    definition = machine(parameters, f"{GATEWAY}.waitForTaskToken")
    debugger = Debugger(definition, {}, tasks=handler)
    assert debugger.run().reason is StopReason.QUESTION
    assert debugger.asking is not None
    made = handler.call_of(debugger.asking)
    assert made is not None
    assert made.note == f"called; SendTaskSuccess or SendTaskFailure for its task token is to come at {callbacks.url}"
    token = json.loads(api.calls[0].body)["token"]
    assert callbacks.take("SendTaskSuccess", {"taskToken": token, "output": '{"paid":true}'}) == (200, {})
    ended = simulate(definition, {}, handler)
    assert ended.output == {"paid": True}
    submitted = next(event for event in ended.history if event["type"] == "TaskSubmitted")
    details: Any = submitted["taskSubmittedEventDetails"]
    assert json.loads(details["output"])["StatusCode"] == 200
    assert len(api.calls) == 1
    callbacks.close()


def test_what_is_not_mapped_is_not_called_and_says_how_it_would_be(api: ApiServer) -> None:
    definition = machine({"ApiEndpoint": "https://other.example.com/x", "Method": "GET"})
    handler = tasks(api)
    with pytest.raises(UnansweredTaskError, match=r"its API: +--url https://other.example.com=http://127.0.0.1:PORT"):
        simulate(definition, {}, handler)
    debugger = Debugger(definition, {}, tasks=handler)
    assert debugger.run().reason is StopReason.QUESTION
    assert debugger.asking is not None
    assert handler.why_not(debugger.asking) == (
        "no --url says where https://other.example.com/x is: --url https://other.example.com=http://127.0.0.1:PORT"
    )
    gateway = machine({"ApiEndpoint": HOST, "Method": "GET", "Stage": "prod"}, GATEWAY)
    with pytest.raises(UnansweredTaskError, match=r"its API: +--url a1b2c3=http://127.0.0.1:PORT"):
        simulate(gateway, {}, tasks(api, API))
    assert not api.calls


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://api.example.com/v1/x", "http://a/x"),
        ("https://API.example.com:443/v1?q=1", "http://a?q=1"),
        ("https://api.example.com/v10", "http://b/v10"),
        ("http://api.example.com/v1", None),
        ("https://api.example.com.evil.org/v1", None),
        ("https://api.example.com@evil.org/v1", None),
        (f"https://{HOST}/prod/x", "http://c/x"),
        (f"https://{HOST}/dev/x", "http://d/dev/x"),
        ("https://zzz.execute-api.eu-west-1.amazonaws.com/x", "http://e/x"),
        ("https://zzz.example.com/x", None),
        ("https://${Api}/x", "http://f/x"),
        ("https://real.example.com/x", "https://real.example.com/x"),
    ],
)
def test_the_entry_that_says_most_holds(url: str, address: str | None) -> None:
    texts = (
        "https://api.example.com/v1=http://a", "https://api.example.com/=http://b/", "a1b2c3/prod=http://c",
        f"{HOST}=http://d", "zzz=http://e", "${Api}=http://f", "https://real.example.com",
    )  # fmt: skip
    assert UrlMap([mapped_url(text) for text in texts]).address_of(url) == address


@pytest.mark.parametrize(
    "text",
    ["", "=", "api.example.com", "https://a=", "https://a=ftp://b", "a=http://b?c", "a=http://b@c", "a=http://b c"],
)
def test_what_maps_nothing_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="does not say what is called where"):
        mapped_url(text)


def test_a_url_is_mapped_once() -> None:
    with pytest.raises(UsageError, match="is given twice"):
        UrlMap([mapped_url("https://A.example.com=http://a"), mapped_url("https://a.example.com:443=http://b")])


def test_the_time_it_took_is_on_the_virtual_clock(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 11.5])
    monkeypatch.setattr("sfdebug.tasks.apis.calls.monotonic", lambda: next(times))
    execution = simulate(machine({"ApiEndpoint": API, "Method": "GET"}), {}, tasks(api), Settings())
    assert execution.clock == 1500
