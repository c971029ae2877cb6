"""Fixtures that the whole suite shares."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from tests import compiled_tests, parsed_styles, read_models, settling
from tests.aws_stub import isolated_environment
from tests.examples import STEADY

# Tests start hundreds of programs, each of which would compile sfdebug anew where PYTHONDONTWRITEBYTECODE is set: what
# they compile is kept out of the tree, as the Makefile has it, and so are the tests, for the next run.
if sys.dont_write_bytecode and sys.pycache_prefix is None and sys.prefix != sys.base_prefix:
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = f"{sys.prefix}/compiled"
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or the interpreter was told with -B

# Screens that move make tests slow and pictures differ. Textual reads this at import, which pytest's snapshot
# plugin has done before this file is read: hence both.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("GITHUB_ACTIONS", None)  # annotations are for what is tested there, not for its tests
if "textual.constants" in sys.modules:
    sys.modules["textual.constants"].TEXTUAL_ANIMATIONS = "none"  # type: ignore[attr-defined]

# What is kept of the debugger's sessions, of executions in AWS, and of faults, is no test's to find.
STATE = TemporaryDirectory(prefix="sfdebug-state-")
os.environ["XDG_STATE_HOME"] = STATE.name
os.environ["XDG_CACHE_HOME"] = f"{STATE.name}/cache"
settling.install()
parsed_styles.install()
read_models.install()

# What a shell starts in the background ignores Ctrl+C, and so does all that it starts: programs that tests interrupt
# would go on, and be waited for without end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Twenty thousand tests are a million objects that stay: to look through them whenever some others were made is a third
# of the time of an interface test. Python's collector looks not at what was there before the tests, and at what they
# made once there is much of it: between two of them, or in the middle of one that goes on and on.
_SELDOM = (1_000_000, 1, 1)
_MUCH = 300_000
gc.set_threshold(*_SELDOM)
_STACK = sys.getrecursionlimit()


def pytest_collection(session: pytest.Session) -> None:
    """Each of several processes first compiles files that are its own, and imports none of them: what one has compiled,
    the others find. Otherwise, in a tree that is new, all of them would rewrite the same file at the same time.
    """
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if count > 1:
        compiled_tests.compile_share(session, int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")), count)


def pytest_collection_finish() -> None:
    """What stays to the end is no garbage."""
    gc.collect()
    gc.freeze()


# Of tests that name no number of examples there are 60 (tests/examples.py); a slow machine is no failure.
settings.register_profile(
    "steady", max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady" if STEADY else "explore")

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


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """No thread of a store that a test has left open stays: there would be more of them with each test."""
    kept = sys.modules.get("tests.kept_hosts")
    if kept is not None:
        kept.end_threads()
    # What a test ran has set both up for itself: sfdebug's own commands the one, mypy the other.
    gc.set_threshold(*_SELDOM)
    sys.setrecursionlimit(_STACK)
    if gc.get_count()[0] > _MUCH:
        gc.collect()  # of what came about since the last time: garbage is not kept for good
        gc.freeze()
