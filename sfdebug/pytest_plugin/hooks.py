"""What pytest calls: options, markers, collection, fixtures, what is said of a test that failed. Everything else is
imported when it is first needed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfdebug.pytest_plugin.noted import COUNTER, LOST_WORKER, RUNS, SNAPSHOT_FOLDER, SNAPSHOTS_OUTPUT, note_run

if TYPE_CHECKING:
    from sfdebug.pytest_plugin.collecting import CaseFile
    from sfdebug.pytest_plugin.endpoint import ServedEndpoint
    from sfdebug.pytest_plugin.machines import MachineState
    from sfdebug.pytest_plugin.runs import CaseRun, MachineRunner
    from sfdebug.pytest_plugin.services import TestServices
    from sfdebug.pytest_plugin.snapshots import HistorySnapshot

_CollectError = pytest.Collector.CollectError
"""What pytest tells without a traceback."""
_SUFFIXES = (".sfn.yaml", ".sfn.yml")
_FILES = ("html", "lcov", "cobertura", "markdown")
_MARKERS = (
    "sfn_machine(address): the state machine that sfn_run and sfn_endpoint are about: a definition, or PATH#NAME in a "
    "project, from the folder of the test's file",
    "sfn_cases(file, machine=None, state_machine=None, input=None): a test for each test case of a mock file, which "
    "the fixture sfn_case runs",
    "sfn_mocks(file): the mock file whose test cases sfn_endpoint starts with stateMachineArn#NAME",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and one setting."""
    group = parser.getgroup("sfdebug", "state machines (sfdebug)")
    group.addoption("--sfn-debug", action="store_true", help="open each run that is not as expected in the debugger")
    group.addoption("--sfn-update", action="store_true", help="write the snapshots of histories anew")
    group.addoption("--sfn-cov", action="store_true", help="say what of state machines the tests took, and what never")
    for name in _FILES:
        group.addoption(f"--sfn-cov-{name}", metavar="FILE", help=f"write that as {name}")
    group.addoption("--sfn-cov-fail-under", metavar="PERCENT", type=float, help="fail below this share of everything")
    group.addoption(
        "--sfn-cov-fail-under-errors", metavar="PERCENT", type=float, help="fail below this share of the error paths"
    )
    parser.addini("sfn_machine", "the state machine of tests that say no other, from the folder of the ini-file")


def pytest_configure(config: pytest.Config) -> None:
    """Say which markers there are, and whether coverage is wanted."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    option = config.option
    for name in ("fail-under", "fail-under-errors"):
        share = getattr(option, f"sfn_cov_{name.replace('-', '_')}", None)
        if share is not None and not 0 <= share <= 100:
            raise pytest.UsageError(f"--sfn-cov-{name}: {share:g} is no share: give percent, from 0 to 100")
    names = ("sfn_cov", *(f"sfn_cov_{name}" for name in (*_FILES, "fail_under", "fail_under_errors")))
    if any(getattr(option, name, None) not in (None, False) for name in names):
        from sfdebug.pytest_plugin.covering import CoverageLog

        config.stash[COUNTER] = log = CoverageLog(config)
        config.pluginmanager.register(log, "sfdebug-coverage")
    is_shared_out = getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no"
    if getattr(option, "sfn_debug", False) and is_shared_out:
        raise pytest.UsageError("--sfn-debug opens a debugger, which takes one process: leave out -n and --dist")


def _is_case_file(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaseFile | None:
    """A file of test cases is one of tests."""
    if not _is_case_file(file_path):
        return None
    from sfdebug.pytest_plugin.collecting import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each case that `sfn_cases` names. A marker of a test that has no use for it is an error, and so is one
    that names no case: pytest would skip the test."""
    node = metafunc.definition
    own = {marker.name for marker in node.own_markers}
    if "sfn_mocks" in own and "sfn_endpoint" not in metafunc.fixturenames:
        raise _CollectError(
            f"{node.nodeid} is marked with sfn_mocks and takes no sfn_endpoint: it would change nothing"
        )
    marker = node.get_closest_marker("sfn_cases")
    if marker is None:
        return
    if "sfn_case" not in metafunc.fixturenames:
        raise _CollectError(
            f"{node.nodeid} is marked with sfn_cases and takes no sfn_case: write def test_...(sfn_case)"
        )
    from sfdebug.errors import SfdebugError
    from sfdebug.pytest_plugin.machines import marked_cases

    try:
        cases = marked_cases(node, marker)
    except (pytest.UsageError, SfdebugError) as error:
        raise _CollectError(str(error)) from None
    if not cases:
        raise _CollectError(f"{node.nodeid}: there is no test case in {marker.args[0]}")
    metafunc.parametrize("sfn_case", cases, indirect=True, ids=[case.name for case in cases])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Watch the tests that have snapshots beside them, before any of them is left out."""
    folders = {item.path.parent for item in items}
    watched = {folder for folder in folders if (folder / SNAPSHOT_FOLDER).is_dir()}
    if watched:
        from sfdebug.pytest_plugin.unused import log_of

        log_of(config).begin(item for item in items if item.path.parent in watched)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of xdist is through: take in what it noted of snapshots."""
    output = getattr(node, "workeroutput", None)
    if output is None:
        node.config.stash[LOST_WORKER] = True
    elif SNAPSHOTS_OUTPUT in output:
        from sfdebug.pytest_plugin.unused import log_of

        log_of(node.config).take_in(output[SNAPSHOTS_OUTPUT])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Of a test that failed it is said where its runs went, and how they are opened."""
    report = yield
    runs: list[CaseRun] = item.stash.get(RUNS, [])
    if report.when != "teardown" and runs and not report.skipped:
        from sfdebug.pytest_plugin.failing import forget_kept, kept_sections

        if report.failed:
            report.sections += kept_sections(item, runs)
        elif report.when == "call":
            forget_kept(item, runs)
    return report


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, report: pytest.CollectReport | pytest.TestReport
) -> None:
    """With --sfn-debug: open the last run of a test that failed."""
    if node.config.option.sfn_debug and isinstance(node, pytest.Item) and isinstance(report, pytest.TestReport):
        from sfdebug.pytest_plugin.failing import open_debugger

        runs: list[CaseRun] = node.stash.get(RUNS, [])
        names = getattr(node, "fixturenames", ())
        if runs or _is_case_file(node.path) or any(name.startswith("sfn_") for name in names):
            open_debugger(node, report, runs)


# fixtures


@pytest.fixture
def sfn_machine(request: pytest.FixtureRequest) -> str:
    """The state machine of a test: by its marker `sfn_machine`, else by the setting of that name.

    Override it to say which in another way; it is a path, or `PATH#NAME` in a project.
    """
    from sfdebug.pytest_plugin.machines import machine_of

    return machine_of(request.node)


@pytest.fixture
def sfn_run(request: pytest.FixtureRequest) -> MachineRunner:
    """Runs the state machine: `run = sfn_run({"total": 5}, case="HappyPath")`, then `run.output`, `run.expect(...)`.

    A Task that nobody answers is an error.
    """
    from sfdebug.pytest_plugin.runs import MachineRunner

    return MachineRunner(request, lambda run: note_run(request.node, run))


@pytest.fixture
def sfn_case(request: pytest.FixtureRequest) -> CaseRun:
    """The run of one test case of the mock file that the marker `sfn_cases` names."""
    from sfdebug.errors import SfdebugError
    from sfdebug.pytest_plugin.runs import run_marked
    from sfdebug.testing.running import told

    if not hasattr(request, "param"):
        what = "takes sfn_case, and no marker says which cases: @pytest.mark.sfn_cases(FILE)"
        pytest.fail(f"{request.node.nodeid} {what}", pytrace=False)
    try:
        run = run_marked(request.param, lambda run: note_run(request.node, run))
    except SfdebugError as error:
        why = told(error)
    else:
        note_run(request.node, run)
        return run
    pytest.fail(why, pytrace=False)  # behind the error, which would be told with it once more


@pytest.fixture
def sfn_state(request: pytest.FixtureRequest) -> MachineState:
    """One state alone, as AWS's TestState runs it: `sfn_state("Charge card", {"total": 5}, mock={...})`."""
    from sfdebug.pytest_plugin.machines import MachineState

    return MachineState(request)


@pytest.fixture
def sfn_endpoint(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedEndpoint]:
    """A local Step Functions for one test, which AWS's SDKs find by the environment; with the machine of the test."""
    from sfdebug.pytest_plugin.endpoint import served

    with served(request.node, monkeypatch) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def _sfn_services_process() -> Iterator[TestServices]:
    from sfdebug.pytest_plugin.services import TestServices

    services = TestServices()
    try:
        yield services
    finally:
        services.close()


@pytest.fixture
def sfn_services(
    request: pytest.FixtureRequest, _sfn_services_process: TestServices, monkeypatch: pytest.MonkeyPatch
) -> TestServices:
    """AWS services on this machine (moto), empty for each test; AWS's SDKs find them by the environment."""
    from sfdebug.pytest_plugin.services import region_of

    _sfn_services_process.begin(monkeypatch, region_of(request))
    return _sfn_services_process


@pytest.fixture
def sfn_snapshot(request: pytest.FixtureRequest) -> HistorySnapshot:
    """Holds the history of a run against the one that was written when it was right: `sfn_snapshot(run)`."""
    from sfdebug.pytest_plugin.snapshots import HistorySnapshot

    return HistorySnapshot(request.node)
