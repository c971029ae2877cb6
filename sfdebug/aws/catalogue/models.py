"""The API models that botocore ships, read lazily: what a service's answer must look like."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sfdebug.aws.catalogue.names import RESULT_APIS, api_of, field_names, sdk_name
from sfdebug.errors import SfdebugError


class MissingModelsError(SfdebugError):
    """The API models are needed, and botocore, which has them, is not installed."""


class ShapeKind(StrEnum):
    """What a field of an API is in JSON."""

    OBJECT = "object"
    MAP = "map"
    ARRAY = "array"
    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ANY = "any"


_KINDS: Final = {
    "structure": ShapeKind.OBJECT,
    "map": ShapeKind.MAP,
    "list": ShapeKind.ARRAY,
    "string": ShapeKind.STRING,
    "char": ShapeKind.STRING,
    "blob": ShapeKind.STRING,
    "timestamp": ShapeKind.STRING,
    "integer": ShapeKind.NUMBER,
    "long": ShapeKind.NUMBER,
    "float": ShapeKind.NUMBER,
    "double": ShapeKind.NUMBER,
    "bigdecimal": ShapeKind.NUMBER,
    "boolean": ShapeKind.BOOLEAN,
}
"""Recorded: a timestamp and a blob are strings in Step Functions."""


_RECORDED_MAXIMA: Final = {("lambda", "MemorySize"): 10_240}
"""Bounds by service and shape that botocore has since changed, and Step Functions had not when it was recorded:
TestState refuses a MemorySize of 10241."""


class ApiShape:
    """What a model says of one value: its kind in JSON, its fields, and its bounds."""

    def __init__(self, shape: Any, service: str) -> None:
        self._shape = shape
        self._service = service
        self.kind = _kind(shape)

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The fields that an object must have, each with the names it may go by, as Step Functions writes them."""
        if self.kind is not ShapeKind.OBJECT:
            return ()
        return tuple(field_names(member) for member in self._shape.required_members)

    @property
    def is_text(self) -> bool:
        """Whether the value is text or bytes for the API itself; a timestamp is not."""
        return self._shape.type_name in ("string", "char", "blob")

    @property
    def members(self) -> tuple[tuple[str, ApiShape], ...]:
        """The fields that an object may have, by the API's own names."""
        if self.kind is not ShapeKind.OBJECT:
            return ()
        return tuple((name, ApiShape(shape, self._service)) for name, shape in self._shape.members.items())

    @property
    def required_members(self) -> tuple[str, ...]:
        """The fields that an object must have, by the API's own names."""
        return tuple(self._shape.required_members) if self.kind is ShapeKind.OBJECT else ()

    @property
    def is_idempotency_token(self) -> bool:
        """Whether a client library fills the field in when it is not given."""
        return bool(self._shape.metadata.get("idempotencyToken"))

    def field(self, name: str) -> ApiShape | None:
        """What the model says of a field or a map's value; None when it knows no such field."""
        if self.kind is ShapeKind.MAP:
            return ApiShape(self._shape.value, self._service)
        if self.kind is not ShapeKind.OBJECT:
            return None
        for member, shape in self._shape.members.items():
            if name in field_names(member):
                return ApiShape(shape, self._service)
        return None

    @property
    def element(self) -> ApiShape:
        """What the model says of each value of an array."""
        return ApiShape(self._shape.member, self._service)

    @property
    def enum(self) -> tuple[str, ...]:
        """The texts that it may be; empty when it may be any."""
        return tuple(getattr(self._shape, "enum", ()) or ())

    @property
    def minimum(self) -> float | None:
        """The least number, or the least length of a string."""
        bound: float | None = self._shape.metadata.get("min")
        return bound

    @property
    def maximum(self) -> float | None:
        """The greatest number, or the greatest length of a string."""
        recorded = _RECORDED_MAXIMA.get((self._service, self._shape.name))
        bound: float | None = self._shape.metadata.get("max") if recorded is None else recorded
        return bound


def result_shape(service: str, action: str) -> ApiShape | None:
    """What a Task answers, by the resourceType and resource of its Resource; None when no model says.

    Raises MissingModelsError when botocore is not installed.
    """
    api = RESULT_APIS.get((service, action)) or api_of(service, action)
    if api is None:
        return None
    found = operation(api.service, api.operation)
    if found is None:
        return None
    shape = found.output_shape
    if shape is None:
        return None
    for member in api.members:
        shape = shape.members[member]
        shape = shape.member if shape.type_name == "list" else shape
    return ApiShape(shape, api.service)


def input_shape(service: str, call: str) -> ApiShape | None:
    """What an operation takes, by botocore's name of its service; None when no model says, or it takes nothing.

    Raises MissingModelsError when botocore is not installed.
    """
    found = operation(service, call)
    return None if found is None or found.input_shape is None else ApiShape(found.input_shape, service)


def operation(service: str, name: str) -> Any:
    """The model of an operation, whose name may begin with a small letter; None when there is none.

    Raises MissingModelsError when botocore is not installed.
    """
    model = _service_model(service)
    wanted = name.lower()
    found = (
        next((each for each in model.operation_names if each.lower() == wanted), None) if model is not None else None
    )
    return None if found is None else model.operation_model(found)


class ServiceMetadata(NamedTuple):
    """What a service's requests are signed for, and what its endpoint begins with."""

    signing_name: str
    endpoint_prefix: str


def service_metadata(service: str) -> ServiceMetadata | None:
    """How a service is called on the wire; None when there is no model of it.

    Raises MissingModelsError when botocore is not installed.
    """
    model = _service_model(service)
    return None if model is None else ServiceMetadata(model.signing_name, model.endpoint_prefix)


def operation_names(service: str) -> tuple[str, ...]:
    """Every operation of a service, as its API calls it. Raises MissingModelsError when botocore is not installed."""
    model = _service_model(service)
    return () if model is None else tuple(model.operation_names)


@lru_cache(maxsize=1)
def sdk_services() -> tuple[str, ...]:
    """Every service of botocore, as a Resource names it; no model is read for that.

    Raises MissingModelsError when botocore is not installed.
    """
    return tuple(sorted({sdk_name(name) for name in _loader().list_available_services("service-2")}))


def _kind(shape: Any) -> ShapeKind:
    if getattr(shape, "is_document_type", False) or getattr(shape, "is_eventstream", False):
        return ShapeKind.ANY
    return _KINDS.get(shape.type_name, ShapeKind.ANY)


@lru_cache(maxsize=32)
def _service_model(service: str) -> Any:
    """The model of a service, None when botocore has none by that name."""
    loader = _loader()
    names = loader.list_available_services("service-2")
    name = service if service in names else next((name for name in names if name.replace("-", "") == service), None)
    if name is None:
        return None
    from botocore.model import ServiceModel

    return ServiceModel(loader.load_service_model(name, "service-2"), name)


@lru_cache(maxsize=1)
def _loader() -> Any:
    try:
        from botocore.loaders import Loader
    except ImportError as error:
        raise MissingModelsError(
            "a mocked result is checked against the API models of botocore, which is not installed",
            where="mock.fieldValidationMode",
            fix='Install boto3, or leave the check out: "fieldValidationMode": "NONE".',
        ) from error
    return Loader()
