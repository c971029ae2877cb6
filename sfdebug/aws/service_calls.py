"""Calls of any AWS service as Step Functions makes them, at an endpoint that the user has chosen: names of fields as
Step Functions writes them on both sides, values as JSON.

This is the one place that may change something, and it is asked only by the Tasks that a user lets run. What sfdebug
itself wants to know of AWS goes through `AwsReader`, which can only read.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from msgspec import Struct, field

from sfdebug.aws.answer_metadata import time_in_answer
from sfdebug.aws.catalogue.models import operation
from sfdebug.aws.catalogue.names import field_names, sdk_field_names
from sfdebug.aws.errors import code_of
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from sfdebug.values import Json

_SECONDS: Final = 60.0
_SECONDS_TO_CONNECT: Final = 5.0
_TOLD: Final = 1.0
"""From so many seconds on, it is said how long was waited."""
_MOST_BYTES: Final = 1 << 20
"""Bytes that are read of a stream: more than any result of a Task may have, so that a larger one is refused as such."""
BY_HAND: Final = "Give the Task's result yourself, or have a mock file answer it (--mocks FILE)."
FAILED_HEADER: Final = "x-sfdebug-failed"
"""In what header local services say which error of their own they have ended a call with."""
_MOST_MISFITS: Final = 5
_LOCAL_KEY: Final = "local"
"""A key that is none: what listens at a local endpoint takes any."""


class ServiceCallError(SfdebugError):
    """A call that has no answer of the service: nobody listens there, the credentials lack, the model does not have
    it."""


class ServiceFaultError(SfdebugError):
    """What the service refused the call with.

    `shape` is the name of the exception in its model, "" for one that has none there; `code` what the wire says.
    `newer_shape` is what newer SDKs make of it, where a service has given its protocol up for another one.
    """

    def __init__(
        self, code: str, message: str, status: int, request_id: str, shape: str = "", newer_shape: str = ""
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.shape = shape
        self.newer_shape = newer_shape or shape


class ServiceAnswer(Struct, frozen=True):
    """What a service answered: its output as JSON, and what HTTP says beside it. Header names are in small letters."""

    output: dict[str, Json]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""


class ServiceEndpoint(Struct, frozen=True):
    """Where services are called: `url`, or None for AWS itself, with `profile`; `region` is that of the calls."""

    url: str | None
    region: str
    profile: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Other addresses for some services, by botocore's names."""


class ServiceClients:
    """boto3's clients at an endpoint, each made when it is first called."""

    def __init__(self, endpoint: ServiceEndpoint) -> None:
        self.endpoint = endpoint
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()
        """Clients are made one by one; what is made may be called by many threads (boto3's documentation)."""

    def call(
        self, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        """Make a call, by botocore's name of the service; `is_sdk` says whose names the fields of the answer have.

        Raises ServiceFaultError when the service refuses it, ServiceCallError when there is no answer,
        MissingModelsError without botocore.
        """
        model = operation(service, call)
        if model is None:
            raise ServiceCallError(f"the models of AWS's services know no {service}:{call}", fix=BY_HAND)
        client = self.client(model.service_model.service_name, region)
        arguments = arguments if is_sdk else _serialized(arguments)
        given = _taken_in(arguments, model.input_shape) if model.input_shape is not None else {}
        _check_required(given, model)
        misfits = list(islice(_misfits(given, model.input_shape, ""), _MOST_MISFITS)) if given else []
        if misfits:
            said = f"{service}:{call} does not take these arguments: {'; '.join(misfits)}"
            raise ServiceCallError(said, fix="Mend the Parameters or Arguments of the state.")
        name = client.meta.method_to_api_mapping
        method = next(python for python, api in name.items() if api == model.name)
        began = time.monotonic()
        try:
            answer = getattr(client, method)(**given)
        except Exception as error:  # boto3's errors have no base class of their own
            raise self._fault(error, model, time.monotonic() - began) from error
        meta = answer.pop("ResponseMetadata", {})
        output = _given_out(answer, model.output_shape, is_sdk=is_sdk) if model.output_shape is not None else {}
        assert isinstance(output, dict)
        headers = {str(key).lower(): str(value) for key, value in meta.get("HTTPHeaders", {}).items()}
        return ServiceAnswer(output, meta.get("HTTPStatusCode", 200), headers, meta.get("RequestId", ""))

    def client(self, service: str, region: str | None = None) -> Any:
        """boto3's client of a service. Raises ServiceCallError without boto3, or where it cannot be made."""
        key = (service, region or self.endpoint.region)
        with self._making:
            if key not in self._clients:
                self._clients[key] = self._made(*key)
            return self._clients[key]

    def _made(self, service: str, region: str) -> Any:
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise ServiceCallError("calling services needs boto3", fix="Install it: pip install boto3") from error
        endpoint = self.endpoint
        config = Config(
            connect_timeout=_SECONDS_TO_CONNECT,
            read_timeout=_SECONDS,
            retries={"total_max_attempts": 1, "mode": "standard"},
            s3={"addressing_style": "path"} if endpoint.url is not None else None,
            proxies={} if endpoint.url is not None else None,
            parameter_validation=False,  # what a service says of wrong arguments is the answer
            response_checksum_validation="when_required",  # else S3 is asked for checksums, which it is not (recorded)
            user_agent_extra="sfdebug",
        )
        keys: dict[str, Any] = {}
        if endpoint.url is not None:
            keys = {
                "endpoint_url": endpoint.overrides.get(service, endpoint.url),
                "aws_access_key_id": _LOCAL_KEY,
                "aws_secret_access_key": _LOCAL_KEY,
                "aws_session_token": _LOCAL_KEY,
            }
        try:
            if self._session is None:
                self._session = boto3.Session(profile_name=endpoint.profile)
            return self._session.client(service, region_name=region, config=config, **keys)
        except Exception as error:
            raise ServiceCallError(f"{service} cannot be called: {error}") from error

    def _unserved(self, name: str, told: str) -> ServiceCallError:
        """What is said of a call that ends in a fault of the server's own; `told` is what moto says of it."""
        if told.startswith("NotImplementedError"):
            return ServiceCallError(f"{name} is not among the calls that moto knows", fix=BY_HAND)
        if told.startswith("NotServedError"):
            service = name.partition(":")[0]
            return ServiceCallError(f"{service} is not among the services that moto knows: {name}", fix=BY_HAND)
        if told.startswith("ModuleNotFoundError"):
            fix = f"Install what it needs: pip install 'moto[{name.partition(':')[0]}]'"
            return ServiceCallError(f"moto cannot serve {name}: {told.partition(': ')[2]}", fix=fix)
        if told:
            return ServiceCallError(f"moto fails at {name}: {told}", fix=BY_HAND)
        return ServiceCallError(f"{name} is not served at {self.endpoint.url or 'AWS'}", fix=BY_HAND)

    def _fault(self, error: Exception, model: Any, seconds: float) -> SfdebugError:
        response: Any = getattr(error, "response", None)
        code = code_of(error)
        if not isinstance(response, dict) or not code:
            where = self.endpoint.url or "AWS"
            waited = f" after {seconds:.0f} s" if seconds >= _TOLD else ""
            return ServiceCallError(
                f"{model.service_model.service_name}:{model.name} has no answer at {where}{waited}: {error}"
            )
        meta = response.get("ResponseMetadata", {})
        message = str(response.get("Error", {}).get("Message", ""))
        request_id = str(meta.get("RequestId") or "")
        status = meta.get("HTTPStatusCode", 400)
        told = str(meta.get("HTTPHeaders", {}).get(FAILED_HEADER, ""))
        if status >= 500 and (told or _is_page(message)):
            return self._unserved(f"{model.service_model.service_name}:{model.name}", told)
        newer = str(response.get("Error", {}).get("QueryErrorCode") or "").rpartition("#")[2]
        return ServiceFaultError(
            code, message, status, request_id, _shape_of(code, model), _shape_of(newer, model) if newer else ""
        )


def _is_page(message: str) -> bool:
    return "<html" in message.lower() or message in ("", "Internal Server Error")


def _shape_of(code: str, model: Any) -> str:
    """The name of the exception with this code in the model of an operation; "" where the model has none such."""
    for shape in (*model.error_shapes, *model.service_model.error_shapes):
        known = {shape.name, shape.metadata.get("error", {}).get("code")}
        if code in known:
            return str(shape.name)
    return ""


# what goes in


_TAKE_JSON: Final = frozenset({"MessageBody", "Message", "Input"})
"""Texts of optimized integrations for which any JSON may be given: it is written out."""


def _serialized(arguments: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments of an optimized integration with numbers and booleans as text where any JSON is taken."""
    return {
        name: json.dumps(value) if name in _TAKE_JSON and isinstance(value, int | float) else value
        for name, value in arguments.items()
    }


def _taken_in(value: Any, shape: Any) -> Any:
    """A value with the names of the API in place of Step Functions' own."""
    if value is None:
        return None
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        given = {name: each for name, each in value.items() if each is not None}
        return {_member(name, shape): _taken_in(each, _member_shape(name, shape)) for name, each in given.items()}
    if kind == "map" and isinstance(value, Mapping):
        return {name: _taken_in(each, shape.value) for name, each in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_taken_in(each, shape.member) for each in value]
    if kind == "blob":
        return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode("utf-8")
    if kind == "string" and isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def _check_required(given: Mapping[str, Any], model: Any) -> None:
    """What services say of an argument that is null or not there (recorded of DynamoDB)."""
    shape = model.input_shape
    lacking = [name for name in shape.required_members if name not in given] if shape is not None else []
    if not lacking:
        return
    count = f"{len(lacking)} validation error{'s' if len(lacking) > 1 else ''} detected: "
    each = (
        f"Value null at '{name[:1].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
        for name in lacking
    )
    raise ServiceFaultError("ValidationException", count + "; ".join(each), 400, str(uuid4()))


_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (bytes,),
}
_JSON_NAMES: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a text",
    bytes: "a text",
    bool: "a boolean",
}


def _misfits(value: Any, shape: Any, place: str) -> Iterator[str]:
    """What of the arguments no call can carry: fields that there are not, objects in place of texts and the like."""
    wanted: tuple[type, ...] = _KINDS.get(shape.type_name, (str, int, float, bool))
    if value is None or getattr(shape, "is_document_type", False):
        return
    fits = isinstance(value, wanted)
    if not fits:
        there = _JSON_NAMES.get(type(value), "a number")
        is_scalar = shape.type_name not in _KINDS
        yield f"{place or 'all'} is {there}, not {'a single value' if is_scalar else _JSON_NAMES[wanted[0]]}"
    elif shape.type_name == "structure":
        for name, each in value.items():
            if name in shape.members:
                yield from _misfits(each, shape.members[name], f"{place}/{name}")
            else:
                yield f"there is no field {place}/{name}"
    elif shape.type_name == "map":
        for name, each in value.items():
            yield from _misfits(each, shape.value, f"{place}/{name}")
    elif shape.type_name == "list":
        for index, each in enumerate(value):
            yield from _misfits(each, shape.member, f"{place}/{index}")


class _Anything:
    """Stands for the shape of what a model does not know: it is handed on as it is."""

    type_name = ""


def _member(name: str, shape: Any) -> str:
    if name in shape.members:
        return name
    found = (member for member in shape.members if name in field_names(member) or name in sdk_field_names(member))
    return next(found, name)


def _member_shape(name: str, shape: Any) -> Any:
    return shape.members.get(_member(name, shape), _Anything)


# what comes out


def _given_out(value: Any, shape: Any, *, is_sdk: bool) -> Json:
    """An output as JSON, with the names that Step Functions gives its fields."""
    kind = shape.type_name
    if hasattr(value, "read"):
        with closing(value):
            value = value.read(_MOST_BYTES)
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, datetime):
        since = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return time_in_answer(since // timedelta(milliseconds=1), is_sdk=is_sdk)
    if kind == "structure" and isinstance(value, Mapping):
        members = shape.members
        named = {_out_name(name, is_sdk=is_sdk): (each, members.get(name)) for name, each in value.items()}
        return {name: _given_out(each, of or _Anything, is_sdk=is_sdk) for name, (each, of) in named.items()}
    if kind == "map" and isinstance(value, Mapping):
        return {str(name): _given_out(each, shape.value, is_sdk=is_sdk) for name, each in value.items()}
    if isinstance(value, list | tuple):
        of = shape.member if kind == "list" else _Anything
        return [_given_out(each, of, is_sdk=is_sdk) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _given_out(each, _Anything, is_sdk=is_sdk) for name, each in value.items()}
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _out_name(member: str, *, is_sdk: bool) -> str:
    return sdk_field_names(member)[0] if is_sdk else member[:1].upper() + member[1:]
