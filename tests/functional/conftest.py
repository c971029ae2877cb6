"""Fixtures of the tests that speak to AWS as a stub on the loopback interface plays it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws_stub import StubAws, isolated_environment, serving


@pytest.fixture
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials, configuration and region of nobody: nothing of this machine's own is asked."""
    for name, value in isolated_environment(str(tmp_path)).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[StubAws, str]]:
    """The stub and its address; each test resets it."""
    stub = StubAws()
    with serving(stub) as address:
        yield stub, address
