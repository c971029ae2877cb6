"""Requests as AWS takes them: read as JSON, and checked by the API's model, with AWS's words for what is wrong.

The model is botocore's, read once; of each operation a checker is made when it is first called. The words are those of
recorded answers: "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: …".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sfdebug.aws.catalogue.models import operation, operation_names
from sfdebug.server.errors import ApiRefusalError, ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVICE: Final = "stepfunctions"
"""What botocore calls it."""

_RECORDED_ORDERS: Final = {
    "ExecutionStatus": ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"),
}
"""The order in which AWS lists what a text may be, where that is recorded; the model's order stands for the others."""

_PAYLOAD: Final = "SensitiveData"
"""What the model calls inputs and outputs. Measured on AWS by others: their size is counted in bytes, and so told."""

_WANTED: Final = {"string": "String", "boolean": "Boolean", "integer": "Integer", "long": "Long", "float": "Float"}


@lru_cache(maxsize=1)
def operations() -> frozenset[str]:
    """The operations of the API, by AWS's names."""
    return frozenset(operation_names(SERVICE))


def read_request(name: str, body: bytes, service: str = SERVICE) -> dict[str, Any]:
    """The members of a request of a service, which are those that the model knows, and as it wants them.

    Raises ApiRefusalError: SerializationException for what is no JSON or of another type, ValidationException for what
    breaks a constraint.
    """
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ApiRefusalError(ErrorType.SERIALIZATION, "the body of the request is no JSON") from None
    if not isinstance(given, dict):
        raise ApiRefusalError(ErrorType.SERIALIZATION, "the body of the request is no JSON object")
    checker = _checker(name, service)
    members = checker.taken(given)
    broken = list(checker.broken(members))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
        raise ApiRefusalError(ErrorType.VALIDATION, count + "; ".join(broken))
    return members


class _Checker:
    """What one structure of the model may hold; made of the model's shape."""

    def __init__(self, shape: Any) -> None:
        required = set(shape.required_members) if shape is not None else set()
        members = shape.members.items() if shape is not None else ()
        self._values = {name: _Value(member, name in required) for name, member in members}

    def taken(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The members that the model knows and that are there. Raises ApiRefusalError (SerializationException)."""
        return {name: value.taken(given[name]) for name, value in self._values.items() if given.get(name) is not None}

    def broken(self, members: Mapping[str, Any], place: str = "") -> Iterator[str]:
        """What is wrong, as AWS words it."""
        for name, value in self._values.items():
            shown = name[:1].lower() + name[1:]  # recorded of PutEvents: 'entries', where the model has Entries
            path = f"{place}.{shown}" if place else shown
            if name in members:
                yield from value.broken(members[name], path)
            elif value.is_required:
                # As other services of the same framework say it.
                yield f"Value null at '{path}' failed to satisfy constraint: Member must not be null"

    def shown(self, members: Mapping[str, Any]) -> str:
        """A structure in a message, as Java writes one."""
        shown = (f"{name}={value.shown(members[name])}" for name, value in self._values.items() if name in members)
        return ", ".join(shown)


class _Value:
    """What one member may be."""

    def __init__(self, shape: Any, is_required: bool = False) -> None:
        self.is_required = is_required
        self._name = shape.name
        self._type = shape.type_name
        self._is_secret = bool(shape.metadata.get("sensitive"))
        self._structure = _Checker(shape) if self._type == "structure" else None
        self._element = _Value(shape.member) if self._type == "list" else None
        self._rules = tuple(_rules(shape))

    def taken(self, value: Any) -> Any:
        """The value, of the type that the model says. Raises ApiRefusalError (SerializationException)."""
        if self._structure is not None:
            if isinstance(value, dict):
                return self._structure.taken(value)
        elif self._element is not None:
            if isinstance(value, list):
                return [self._element.taken(each) for each in value]
        elif self._type == "string":
            if isinstance(value, str):
                return value
        elif self._type == "boolean":
            if isinstance(value, bool):
                return value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if self._type in ("float", "double", "timestamp"):
                return float(value)
            if value == int(value):
                return int(value)
        raise ApiRefusalError(
            ErrorType.SERIALIZATION, f"{_kind(value)} can not be converted to {_article(self._wanted)}"
        )

    @property
    def _wanted(self) -> str:
        return _WANTED.get(self._type, "Structure" if self._structure is not None else "List")

    def broken(self, value: Any, path: str) -> Iterator[str]:
        """What is wrong with it, as AWS words it."""
        for holds, rule in self._rules:
            if not holds(value):
                # The model marks what is never shown.
                shown = "Value" if self._is_secret else f"Value '{self.shown(value)}'"
                yield f"{shown} at '{path}' failed to satisfy constraint: {rule}"
        if self._structure is not None:
            yield from self._structure.broken(value, path)
        elif self._element is not None:
            for number, each in enumerate(value, 1):  # recorded: routingConfiguration.1.member.weight
                yield from self._element.broken(each, f"{path}.{number}.member")

    def shown(self, value: Any) -> str:
        """The value in a message, as Java writes it."""
        if self._element is not None:
            return f"[{', '.join(self._element.shown(each) for each in value)}]"
        if self._structure is not None:
            return f"{self._name}({self._structure.shown(value)})"  # recorded: RoutingConfigurationListItem(…)
        return str(value)


def _rules(shape: Any) -> Iterator[tuple[Callable[[Any], bool], str]]:
    """The constraints of a shape: whether a value keeps to one, and its words."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    is_number = shape.type_name in ("integer", "long", "float", "double")
    measure: Callable[[Any], float] = float if is_number else len
    what = "value" if is_number else "length"
    if shape.name == _PAYLOAD:
        yield (
            (lambda value: _bytes(value) <= most),
            f"Member must have size less than or equal to {most} bytes in UTF-8 encoding",
        )
    elif most is not None:
        yield (lambda value: measure(value) <= most), f"Member must have {what} less than or equal to {most}"
    if least is not None:
        yield (lambda value: measure(value) >= least), f"Member must have {what} greater than or equal to {least}"
    pattern = shape.metadata.get("pattern")
    if pattern is not None:
        compiled = re.compile(pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]"))
        matches = compiled.fullmatch
        yield (
            lambda value: matches(value) is not None,
            f"Member must satisfy regular expression pattern: {pattern}",
        )
    enum = tuple(getattr(shape, "enum", ()) or ())
    if enum:
        listed = ", ".join(_RECORDED_ORDERS.get(shape.name, enum))
        yield (lambda value: value in enum), f"Member must satisfy enum value set: [{listed}]"


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "START_OBJECT"
    if isinstance(value, list):
        return "START_ARRAY"
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "AEIOU" else f"a {noun}"


@lru_cache(maxsize=64)
def _checker(name: str, service: str) -> _Checker:
    found = operation(service, name)
    return _Checker(None if found is None else found.input_shape)
