"""Calls of services that AWS recorded: made again on this machine, they give the recorded shape, or the same error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.service_calls import (
    DOCUMENT,
    EXCEPTIONS,
    RecordedCall,
    difference,
    expected,
    recorded_calls,
    table,
    table_in,
    unlike,
)
from tests.conformance.service_world import ServiceWorld, lacking

CALLS = recorded_calls()


@pytest.fixture(scope="module")
def world() -> Iterator[ServiceWorld]:
    with ServiceWorld.running() as found:
        yield found


@pytest.mark.skipif(not CALLS, reason="the recorded executions are not beside this checkout")
@pytest.mark.skipif(bool(lacking()), reason=f"services on this machine lack {', '.join(lacking())}")
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_recorded_call_gives_the_same_here(world: ServiceWorld, call: RecordedCall) -> None:
    found = difference(call, world.outcome(call))
    if call.exception is not None:
        assert found is not None, f"no longer an exception, take it off the list: {call.exception}"
        pytest.xfail(call.exception)
    assert found is None, found


def test_every_exception_is_one_of_a_recorded_call(shared: Path) -> None:
    assert (shared / "conformance").is_dir()
    assert EXCEPTIONS.keys() <= {(call.case, call.event) for call in CALLS}


def test_the_table_in_the_document_is_up_to_date(shared: Path) -> None:
    """The test of each call says that it is alike unless it is listed, so nothing has to run for this one."""
    assert (shared / "conformance").is_dir()
    assert table_in(DOCUMENT.read_text(encoding="utf-8")) == table(expected()), "run: make services WRITE=1"


@pytest.mark.parametrize(
    ("recorded", "found", "said"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": "<uuid:1>"}, {"a": "5"}, None),
        ({"a": {"Date": "date"}}, {"a": {"Date": ["Sun"]}}, None),
        ({"Content-Length": ["2"]}, {"Content-Length": ["9"]}, None),
        ({"Content-Length": ["2"]}, {"Content-Length": "9"}, "at /Content-Length: recorded ['2'], found '9'"),
        ({"messageId": "x"}, {"MessageId": "x"}, "at /: lacks ['messageId'], has besides ['MessageId']"),
        ([{"a": "1"}], [{"a": 1}], "at /0/a: recorded '1', found 1"),
        ([1, 2], [1], "at : recorded 2 elements, found 1"),
    ],
)
def test_what_counts_as_the_same_shape(recorded: object, found: object, said: str | None) -> None:
    assert unlike(recorded, found) == said
