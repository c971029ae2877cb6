"""What Step Functions takes and gives has the fields of each API under names of its own, there and back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from sfdebug.aws.catalogue.models import operation, operation_names, sdk_services
from sfdebug.aws.catalogue.names import sdk_service
from sfdebug.aws.service_calls import _given_out, _taken_in
from tests.examples import examples

pytest.importorskip("botocore")

_DEPTH = 4
_FREE = st.sets(st.sampled_from(["id", "camelCase", "PascalCase", "x-amz-meta", "URLPath"]), max_size=3)


@lru_cache(maxsize=64)
def shapes_of(service: str) -> tuple[Any, ...]:
    name = sdk_service(service)
    found = (operation(name, call).input_shape for call in operation_names(name))
    return tuple(shape for shape in found if shape is not None and shape.members)


@st.composite
def values(draw: DrawFn, shape: Any, depth: int = 0) -> Any:
    """A value of a shape, as botocore has it; texts and numbers stand for themselves."""
    kind = shape.type_name
    if kind == "structure":
        names = list(shape.members) if depth < _DEPTH else []
        chosen = draw(st.lists(st.sampled_from(names), max_size=4, unique=True)) if names else []
        return {name: draw(values(shape.members[name], depth + 1)) for name in chosen}
    if kind == "list":
        return [draw(values(shape.member, depth + 1)) for _ in range(draw(st.integers(0, 2)))]
    if kind == "map":
        return {key: draw(values(shape.value, depth + 1)) for key in sorted(draw(_FREE))}
    if kind in ("integer", "long"):
        return draw(st.integers(-5, 1 << 40))
    if kind in ("float", "double"):
        return draw(st.floats(allow_nan=False, allow_infinity=False))
    if kind == "boolean":
        return draw(st.booleans())
    text: str = draw(st.text(max_size=4))
    return text.encode("utf-8", "ignore") if kind == "blob" else text


def keys_of_maps(value: Any, shape: Any) -> list[str]:
    """The keys of all maps in a value, which no rule may change."""
    if shape.type_name == "map" and isinstance(value, dict):
        return [*value, *(key for each in value.values() for key in keys_of_maps(each, shape.value))]
    if shape.type_name == "structure" and isinstance(value, dict):
        return [key for name, each in value.items() for key in keys_of_maps(each, shape.members[name])]
    if shape.type_name == "list" and isinstance(value, list):
        return [key for each in value for key in keys_of_maps(each, shape.member)]
    return []


@pytest.mark.parametrize("is_sdk", [False, True])
@settings(
    deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_fields_come_back_under_the_names_of_the_api(data: st.DataObject, is_sdk: bool) -> None:
    service = data.draw(st.sampled_from([each for each in sdk_services() if each != "ec2"]))
    shapes = shapes_of(service)
    if not shapes:
        return
    shape = data.draw(st.sampled_from(shapes))
    value = data.draw(values(shape))
    shown = _given_out(value, shape, is_sdk=is_sdk)
    assert isinstance(shown, dict)
    assert all(name[:1] == name[:1].upper() for name in shown), "fields begin with a capital"
    assert _taken_in(shown, shape) == value
    known = keys_of_maps(value, shape)
    assert all(key in str(shown) for key in known)
