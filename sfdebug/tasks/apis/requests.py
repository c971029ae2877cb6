"""The HTTP request that a Task makes: what Step Functions sends for the arguments of `http:invoke` and
`apigateway:invoke`.

Source: AWS Step Functions Developer Guide, "Call HTTPS APIs" and "Create API Gateway REST APIs with Step Functions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from msgspec import Struct

from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.resources import Family, IntegrationPattern, parse_resource
from sfdebug.errors import SfdebugError
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import TaskRequest

RUNTIME: Final = "States.Runtime"
METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
_WITH_BODY: Final = ("PATCH", "POST", "PUT")
_JSON: Final = "application/json; charset=UTF-8"
_RANGE: Final = "bytes=0-262144"
KEPT: Final = "/%:@!$&'()*+,;=~-._"
"""What stands in a path as it is."""

_REFUSED: Final = re.compile(
    r"a-im|accept-(charset|datetime|encoding)|authorization|cache-control|connection|content-(encoding|md5)|date|expect"
    r"|forwarded|from|host|http2-settings|if-(match|modified-since|none-match|range|unmodified-since)|max-forwards"
    r"|origin|pragma|proxy-authorization|referer|server|te|trailer|transfer-encoding|upgrade|via|warning"
    r"|x-(forwarded|amzn?)-.*"
)
"""Names of headers that an HTTP Task cannot have, in small letters."""
_REFUSED_BY_GATEWAY: Final = re.compile(
    r"authorization|connection|content-md5|expect|host|max-forwards|proxy-authenticate|server|te|transfer-encoding"
    r"|trailer|upgrade|via|www-authenticate|x-(forwarded|amzn?).*"
)


class ApiService(StrEnum):
    """The integrations that call an HTTP API."""

    HTTP = "http"
    API_GATEWAY = "apigateway"


class ArrayFormat(StrEnum):
    """How the lists of a form are written."""

    INDICES = "INDICES"
    REPEAT = "REPEAT"
    COMMAS = "COMMAS"
    BRACKETS = "BRACKETS"


class ApiCallError(SfdebugError):
    """A call of an API that cannot be made, or has no answer that AWS's own could be told from."""


class ApiRequest(Struct, frozen=True):
    """What a Task sends: `url` is that of the definition. `notes` say what the real request has beyond it."""

    service: ApiService
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    notes: tuple[str, ...] = ()


def api_service(request: TaskRequest) -> ApiService | None:
    """Which of the integrations a Task calls an API by; None when it does something else."""
    if request.kind is not RequestKind.TASK:
        return None
    resource = parse_resource(request.resource)
    if resource.family is not Family.SERVICE or resource.action.removesuffix(IntegrationPattern.CALLBACK) != "invoke":
        return None
    return next((service for service in ApiService if service == resource.type), None)


def url_of(request: TaskRequest) -> str:
    """The URL that a Task calls, without its query; "" where the arguments hold none."""
    service, arguments = api_service(request), request.input
    endpoint = arguments.get("ApiEndpoint") if isinstance(arguments, dict) else None
    if service is None or not isinstance(endpoint, str) or not endpoint or not isinstance(arguments, dict):
        return ""
    if service is ApiService.HTTP:
        return endpoint
    parts = [arguments.get("Stage"), arguments.get("Path")]
    path = "/".join(part.strip("/") for part in parts if isinstance(part, str) and part.strip("/"))
    host = endpoint.removeprefix("https://").rstrip("/")
    return f"https://{host}/{quote(path, safe=KEPT)}"


def source_of(request: TaskRequest) -> str:
    """What a Task's API is named by where its URL is mapped: the ID of an API of API Gateway, else scheme and host."""
    scheme, _, rest = url_of(request).partition("://")
    host = rest.partition("/")[0].partition("?")[0]
    api_id, is_gateway, _ = host.partition(".execute-api.")
    return api_id if is_gateway else f"{scheme}://{host}"


def api_request(request: TaskRequest, region: str) -> ApiRequest | TaskFailure:
    """What a Task sends, or what it fails with before anything is sent. Raises ApiCallError."""
    service, arguments = api_service(request), request.input
    assert service is not None
    assert isinstance(arguments, dict)
    method = arguments.get("Method")
    if method not in METHODS:
        raise ApiCallError(
            f"the Method of {request.state.name} is {compact(method)}", fix=f"One of {', '.join(METHODS)}."
        )
    headers = list(_headers(arguments.get("Headers")))
    refused = next((name for name, _ in headers if _is_refused(name, service)), None)
    if refused is not None and service is ApiService.HTTP:
        cause = f"The header '{refused}' cannot be used in an HTTP Task."
        return TaskFailure(RUNTIME, cause, provenance=Provenance.SERVICE, submission=Submission(begun=False))
    if refused is not None:
        raise ApiCallError(
            f"API Gateway's integration does not take the header '{refused}'",
            fix="AWS fails the Task; under which name is not documented. Answer it by hand to go on.",
        )
    body, notes = _body(arguments, service, str(method))
    url = _with_query(url_of(request), arguments.get("QueryParameters"))
    has_type = any(name.lower() == "content-type" for name, _ in headers)
    if service is ApiService.HTTP:
        headers = [(name, value) for name, value in headers if name.lower() not in ("range", "user-agent")]
        headers += [("Range", _RANGE), ("User-Agent", f"Amazon|StepFunctions|HttpInvoke|{region}")]
    if not has_type and (service is ApiService.HTTP or body is not None):
        headers.append(("Content-Type", _JSON if service is ApiService.HTTP else "application/json"))
    return ApiRequest(service, str(method), url, tuple(headers), body, (*notes, *_unsigned(arguments, service)))


def _is_refused(name: str, service: ApiService) -> bool:
    names = _REFUSED if service is ApiService.HTTP else _REFUSED_BY_GATEWAY
    return names.fullmatch(name.lower()) is not None


def _unsigned(arguments: Mapping[str, Json], service: ApiService) -> Iterator[str]:
    """What AWS knows of who calls, and nobody here does."""
    if service is ApiService.API_GATEWAY:
        kind = arguments.get("AuthType", "NO_AUTH")
        if kind != "NO_AUTH":
            yield f"sent without the signature of AuthType {kind}"
        return
    for field in ("InvocationConfig", "Authentication"):
        given = arguments.get(field)
        arn = given.get("ConnectionArn") if isinstance(given, dict) else None
        if isinstance(arn, str):
            name = arn.partition(":connection/")[2].partition("/")[0] or arn
            yield f"sent without what the connection {name} adds, such as its credentials"
            return


# headers and query


def _headers(given: Json) -> Iterator[tuple[str, str]]:
    if given is None:
        return
    if not isinstance(given, dict):
        raise ApiCallError(f"the Headers are {compact(given)}", fix="Headers are an object of texts.")
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            text = _text(each)
            if re.search(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]", name) or not name or re.search(r"[\r\n\0]", text):
                raise ApiCallError(f"the header {compact(name)}: {compact(text)} cannot be sent")
            yield name, text


def _with_query(url: str, given: Json) -> str:
    if given is None or given in ("", {}):
        return url
    if isinstance(given, str):
        query = quote(given, safe=f"{KEPT}?/")
    elif isinstance(given, dict):
        pairs = (
            (name, each) for name, value in given.items() for each in (value if isinstance(value, list) else [value])
        )
        query = "&".join(f"{_quoted(name)}={_quoted(_text(each))}" for name, each in pairs)
    else:
        fix = "They are an object of texts and of lists of texts, or a text."
        raise ApiCallError(f"the QueryParameters are {compact(given)}", fix=fix)
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else compact(value)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


# the body


def _body(arguments: Mapping[str, Json], service: ApiService, method: str) -> tuple[bytes | None, list[str]]:
    """The bytes that are sent, None for none, and what is to be said of them."""
    value = arguments.get("RequestBody")
    if "RequestBody" not in arguments or (value is None and service is ApiService.API_GATEWAY):
        return None, []
    if service is ApiService.API_GATEWAY:
        if method not in _WITH_BODY:
            return None, [f"RequestBody is not sent with {method}"]
        if arguments.get("AllowNullValues") is not True:
            value = _without_nulls(value)
        return _bytes(_json_text(value)), []
    transform = arguments.get("Transform")
    encoding = transform.get("RequestBodyEncoding", "NONE") if isinstance(transform, dict) else "NONE"
    if encoding != "URL_ENCODED":
        return _bytes(_json_text(value)), []
    options = transform.get("RequestEncodingOptions") if isinstance(transform, dict) else None
    given = options.get("ArrayFormat", "INDICES") if isinstance(options, dict) else "INDICES"
    if given not in tuple(ArrayFormat):
        raise ApiCallError(f"the ArrayFormat is {compact(given)}", fix=f"One of {', '.join(ArrayFormat)}.")
    if not isinstance(value, dict):
        raise ApiCallError(f"the RequestBody is {compact(value)[:80]}, of which no form can be made")
    notes = [] if _has_form_type(arguments) else ["sent as a form, though no content-type header says so"]
    return _bytes(form_text(value, ArrayFormat(str(given)))), notes


def _has_form_type(arguments: Mapping[str, Json]) -> bool:
    headers = _headers(arguments.get("Headers"))
    return any(name.lower() == "content-type" and "form-urlencoded" in value for name, value in headers)


def _json_text(value: Json) -> str:
    return value if isinstance(value, str) else compact(value)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _without_nulls(value: Json) -> Json:
    """AWS docs: fields with null values are not sent, unless AllowNullValues says so."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def form_text(value: Mapping[str, Json], array_format: ArrayFormat) -> str:
    """An object as `application/x-www-form-urlencoded` has it: `metadata%5Border%5D=1`."""
    return "&".join(
        f"{_quoted(key)}={_quoted(text)}"
        for name, each in value.items()
        for key, text in _pairs(name, each, array_format)
    )


def _pairs(key: str, value: Json, array_format: ArrayFormat) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _pairs(f"{key}[{name}]", each, array_format)
    elif isinstance(value, list) and array_format is ArrayFormat.COMMAS:
        if any(isinstance(each, dict | list) for each in value):
            raise ApiCallError(f"the list {key} holds more than texts, and ArrayFormat is COMMAS")
        if value:
            yield key, ",".join(map(_text, value))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            ends = {ArrayFormat.INDICES: f"[{index}]", ArrayFormat.BRACKETS: "[]"}
            yield from _pairs(key + ends.get(array_format, ""), each, array_format)
    else:
        yield key, _text(value)
