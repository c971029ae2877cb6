"""Fixtures that the whole suite shares."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from tests import settling
from tests.aws_stub import isolated_environment

# Screens that move make tests slow and pictures differ. Textual reads this at import, which pytest's snapshot
# plugin has done before this file is read: hence both.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
if "textual.constants" in sys.modules:
    sys.modules["textual.constants"].TEXTUAL_ANIMATIONS = "none"  # type: ignore[attr-defined]

# What is kept of the debugger's sessions, of executions in AWS, and of faults, is no test's to find.
STATE = TemporaryDirectory(prefix="sfdebug-state-")
os.environ["XDG_STATE_HOME"] = STATE.name
os.environ["XDG_CACHE_HOME"] = f"{STATE.name}/cache"
settling.install()

# Twelve thousand tests are a million objects that stay: to look through them whenever some others were made is a third
# of the time of an interface test. Python's collector looks more seldom, and not at what was there before the tests.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """What stays to the end is no garbage."""
    gc.collect()
    gc.freeze()


# A test that is green here is green everywhere: examples are derived from the test, not drawn anew, and a slow
# machine is no failure. SFDEBUG_HYPOTHESIS=explore looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("SFDEBUG_HYPOTHESIS", "steady"))

ROOT = Path(__file__).parents[1]


@pytest.fixture
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials, configuration and region of nobody: nothing of this machine's own is asked."""
    for name, value in isolated_environment(str(tmp_path)).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded executions and real definitions, which lies beside some checkouts."""
    folder = ROOT.parent / "shared"
    if not (folder / "conformance").is_dir():
        pytest.skip("the shared recordings and definitions are not beside this checkout (../shared)")
    return folder
