"""The arguments of a service integration, held against what the integration takes.

Sources: for AWS SDK integrations botocore's models, with the names of the SDK for Java; for the optimized ones the
Developer Guide's page of each service where their call is not an API's own. Measured with
ValidateStateMachineDefinition (iwamot/sfnx, docs/design.md; badmintoncryer/cdk-preflight): unknown fields, missing
required ones (idempotency tokens of SDK integrations too) and literals of the wrong type are refused; values that are
computed pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.models import ApiShape, ShapeKind, input_shape
from sfdebug.aws.catalogue.names import SDK, Api, api_of, field_names, sdk_field_names
from sfdebug.values import Json

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in the arguments."""

IsComputed: TypeAlias = "Callable[[Json], bool]"
"""Says whether a value is worked out only when the Task starts: an expression, a placeholder."""

COMPUTED: Final = ".$"
"""The end of a key whose value a JSONPath state computes."""


class Mistake(StrEnum):
    """What is wrong with an argument."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    WRONG_KIND = "wrong kind"


class ArgumentFault(NamedTuple):
    """A mistake in the arguments: `path` leads to the field, or to the object that lacks the field `name`.

    `known` are the fields that there are, the one that `name` must have been meant for first when `is_misspelled`;
    `wanted` says what JSON a field takes.
    """

    mistake: Mistake
    path: Path
    name: str
    known: tuple[str, ...] = ()
    is_misspelled: bool = False
    wanted: str = ""


class _Field(Struct, frozen=True):
    names: tuple[str, ...]
    form: _Form | None
    is_required: bool = False
    takes: tuple[type, ...] = ()


_Form: TypeAlias = "tuple[_Field, ...] | ApiShape"


def _plain(required: str, optional: str = "") -> tuple[_Field, ...]:
    """The fields of a call that no API has, by name."""
    return (
        *(_Field((name,), None, is_required=True) for name in required.split()),
        *(_Field((name,), None) for name in optional.split()),
    )


_HARNESS: Final = _plain(
    "HarnessArn Messages",
    "RuntimeSessionId RuntimeUserId Qualifier ActorId Model SystemPrompt Tools Skills AllowedTools MaxIterations"
    " MaxTokens TimeoutSeconds TraceParent TraceState TraceId Baggage",
)
"""The guide's own examples leave out RuntimeSessionId, which the API's model requires."""

_HTTP: Final = "Headers QueryParameters RequestBody"
_FORMS: Final[Mapping[tuple[str, str], tuple[_Field, ...]]] = {
    ("apigateway", "invoke"): _plain("ApiEndpoint Method", f"{_HTTP} Stage Path AllowNullValues AuthType"),
    ("bedrockagentcore", "invokeHarness"): _HARNESS,
    ("bedrock-agentcore", "invokeHarness"): _HARNESS,
    ("bedrock", "invokeModel"): _plain(
        "ModelId", "Body Input Output ContentType Accept GuardrailIdentifier GuardrailVersion Trace"
        " PerformanceConfigLatency ServiceTier",
    ),
    ("eks", "call"): _plain("ClusterName CertificateAuthority Endpoint Method Path", "QueryParameters RequestBody"),
    ("eks", "runJob"): _plain("ClusterName CertificateAuthority Endpoint Job", "Namespace LogOptions"),
    ("elasticmapreduce", "addStep"): _plain("ClusterId Step", "ExecutionRoleArn"),
    ("elasticmapreduce", "cancelStep"): _plain("ClusterId StepId", "StepCancellationOption"),
    ("elasticmapreduce", "modifyInstanceFleetByName"): _plain("ClusterId InstanceFleetName InstanceFleet"),
    ("elasticmapreduce", "modifyInstanceGroupByName"): _plain("ClusterId InstanceGroupName InstanceGroup"),
    ("elasticmapreduce", "setClusterTerminationProtection"): _plain("ClusterId TerminationProtected"),
    ("elasticmapreduce", "terminateCluster"): _plain("ClusterId"),
    ("http", "invoke"): _plain("ApiEndpoint Method", f"{_HTTP} Authentication InvocationConfig Transform"),
}  # fmt: skip
"""Optimized calls that no API has. Source: the Developer Guide's page of each service."""

_NOT_OF_JOBS: Final = {("ecs", "runTask.sync"): ("Count", "StartedBy")}
"""Fields that an API has and waiting for its job does not. Reported."""

_TAKES: Final[Mapping[tuple[str, str, str], tuple[type, ...]]] = {
    ("lambda", "invoke", "Payload"): (str, dict, list, type(None)),
}
"""The JSON that a field takes, where it is another than its API's. Measured."""

_KINDS: Final[Mapping[ShapeKind, tuple[type, ...]]] = {
    ShapeKind.OBJECT: (dict,),
    ShapeKind.MAP: (dict,),
    ShapeKind.ARRAY: (list,),
    ShapeKind.NUMBER: (int, float, str),
    ShapeKind.BOOLEAN: (bool, str),
}
"""The JSON of a literal of each kind. Definitions that are deployed give numbers and booleans as texts too."""

_TEXTS: Final = (str, dict, list)
"""The JSON of a literal text: JSON that it is to hold may stand as it is, and Step Functions writes it out."""

_WORDS: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def argument_faults(
    service: str, action: str, arguments: Mapping[str, Json], is_computed: IsComputed, *, computes_keys: bool
) -> Iterator[ArgumentFault]:
    """What is wrong with the arguments of an integration that Step Functions has, by its resourceType and resource.

    `computes_keys` says that keys which end in `.$` are those of computed values. Raises MissingModelsError when
    botocore is not installed.
    """
    form = _form(service, action)
    if form is not None:
        yield from _Check(service.startswith(SDK), is_computed, computes_keys).faults(form, arguments, ())


@lru_cache(maxsize=1024)
def _form(service: str, action: str) -> tuple[_Field, ...] | None:
    call, pattern = split_pattern(action)
    if (service, call) in _FORMS:
        return _FORMS[service, call]
    api = Api("eks", call) if service == "eks" else api_of(service, call)
    shape = input_shape(api.service, api.operation) if api is not None else None
    if shape is None:
        return None
    is_sdk = service.startswith(SDK)
    left_out = _NOT_OF_JOBS.get((service, action), ())
    fields = _fields(shape, is_sdk)
    if is_sdk and pattern:
        return fields
    return tuple(
        _Field(field.names, field.form, field.is_required, _TAKES.get((service, call, field.names[0]), field.takes))
        for field in fields
        if field.names[0] not in left_out
    )


@lru_cache(maxsize=8192)
def _fields(shape: ApiShape, is_sdk: bool) -> tuple[_Field, ...]:
    required = shape.required_members
    return tuple(
        _Field(
            sdk_field_names(name) if is_sdk else field_names(name),
            member,
            # Measured: an SDK integration wants the idempotency tokens that an SDK would fill in.
            name in required and (is_sdk or not member.is_idempotency_token),
            _TEXTS if member.is_text else _KINDS.get(member.kind, ()),
        )
        for name, member in shape.members
    )


class _Check:
    """Walks the arguments beside the form of what is taken."""

    def __init__(self, is_sdk: bool, is_computed: IsComputed, computes_keys: bool) -> None:
        self.is_sdk = is_sdk
        self.is_computed = is_computed
        self.computes_keys = computes_keys

    def faults(self, form: tuple[_Field, ...], value: Mapping[str, Json], path: Path) -> Iterator[ArgumentFault]:
        """The faults of an object with these fields."""
        by_name = {name: field for field in form for name in field.names}
        given = {self._name(key) for key in value}
        for field in form:
            if field.is_required and not given.intersection(field.names):
                yield ArgumentFault(Mistake.MISSING, path, field.names[0])
        for key, item in value.items():
            name = self._name(key)
            found = by_name.get(name) or self._small(by_name, name, path)
            if found is None:
                yield self._unknown(form, key, (*path, key))
            elif name == key and not self.is_computed(item):
                yield from self._value(found, item, (*path, key))

    def _name(self, key: str) -> str:
        return key.removesuffix(COMPUTED) if self.computes_keys else key

    def _small(self, by_name: Mapping[str, _Field], name: str, path: Path) -> _Field | None:
        """The guide's pages let fields inside the arguments of optimized integrations begin with a small letter."""
        return None if self.is_sdk or not path else by_name.get(name[:1].upper() + name[1:])

    def _unknown(self, form: tuple[_Field, ...], key: str, path: Path) -> ArgumentFault:
        name = self._name(key)
        known = tuple(field.names[0] for field in form)
        meant = next((each for each in known if _folded(each) == _folded(name)), None)
        if meant is None:
            return ArgumentFault(Mistake.UNKNOWN, path, name, known)
        return ArgumentFault(
            Mistake.UNKNOWN, path, name, (meant, *(each for each in known if each != meant)), is_misspelled=True
        )

    def _value(self, field: _Field, value: Json, path: Path) -> Iterator[ArgumentFault]:
        if field.takes and value is not None and not _is_one_of(value, field.takes):
            *others, last = dict.fromkeys(_WORDS[each] for each in field.takes)
            wanted = f"{', '.join(others)} or {last}" if others else last
            yield ArgumentFault(Mistake.WRONG_KIND, path, str(path[-1]), wanted=wanted)
        elif isinstance(field.form, ApiShape):
            yield from self._inside(field.form, value, path)

    def _inside(self, shape: ApiShape, value: Json, path: Path) -> Iterator[ArgumentFault]:
        """The faults inside a value of an API's model."""
        if self.is_computed(value):
            return
        if isinstance(value, dict) and shape.kind is ShapeKind.OBJECT:
            yield from self.faults(_fields(shape, self.is_sdk), value, path)
        elif isinstance(value, dict) and shape.kind is ShapeKind.MAP:
            for key, item in value.items():
                inner = shape.field(key)
                if inner is not None and self._name(key) == key:
                    yield from self._inside(inner, item, (*path, key))
        elif isinstance(value, list) and shape.kind is ShapeKind.ARRAY:
            for index, item in enumerate(value):
                yield from self._inside(shape.element, item, (*path, index))


def _is_one_of(value: Json, kinds: tuple[type, ...]) -> bool:
    return type(value) in kinds or (isinstance(value, bool) and bool in kinds)


def _folded(name: str) -> str:
    return name.replace("-", "").replace("_", "").casefold()
