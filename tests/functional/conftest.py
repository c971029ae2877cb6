"""Fixtures of the tests that speak to AWS as a stub on the loopback interface plays it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdebug.aws.concurrency import Backoff
from tests.aws_fleet import Fleet
from tests.aws_stub import StubAws, serving


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[StubAws, str]]:
    """The stub and its address; each test resets it."""
    stub = StubAws()
    with serving(stub) as address:
        yield stub, address


@pytest.fixture(scope="module")
def served_fleet() -> Iterator[tuple[Fleet, str]]:
    """An account with a thousand executions of five machines, and its address."""
    fleet = Fleet(count=1_000)
    with serving(fleet) as address:
        yield fleet, address


@pytest.fixture
def fleet(
    served_fleet: tuple[Fleet, str], isolated: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Fleet]:
    """That account as the one that is asked, from an empty folder, without a wait before AWS is asked again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", served_fleet[1])
    monkeypatch.setattr(Backoff, "seconds", lambda backoff, attempt: 0.0)
    served_fleet[0].reset()
    yield served_fleet[0]
    served_fleet[0].released.clear()
