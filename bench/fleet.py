"""How long an engineer on call waits: the executions of an account of five machines with 10,000 of them, on loopback.

The account is a stub in this process; `sfdebug` is a process of its own, and the seconds are those that its processor
takes, from its start on: AWS's answers take as long as they take.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from bench.figures import Figure, Unit
from bench.processes import ROOT
from tests.aws_fleet import Fleet
from tests.aws_stub import REGION, isolated_environment, serving

EXECUTIONS: Final = 10_000
_MACHINE: Final = "Orders"


class Cost(Struct, frozen=True):
    """What a process took: seconds of the processor, and the most memory that it had, in bytes."""

    seconds: float
    memory: float


def figures(baseline: float) -> Iterator[Figure]:
    """The list, the groups, an archive of one machine, and the list of all offline."""
    fleet = Fleet(EXECUTIONS)
    with tempfile.TemporaryDirectory() as name, serving(fleet) as address:
        folder = Path(name)
        one = _cost(folder, address, "executions", "--last", "1")
        groups = _cost(folder, address, "executions", "--groups")
        requests = Counter(fleet.asked)
        fleet.requests.clear()
        whole = _cost(folder, address, "executions", "--last", f"{EXECUTIONS}")
        pages = Counter(fleet.asked)
        archive = _cost(folder, address, "fetch", "--machine", _MACHINE, "--last", f"{EXECUTIONS}", "-o", "archive")
        written = sum(1 for _ in (folder / "archive" / _MACHINE).iterdir())
        offline = _cost(folder, address, "executions", "archive", "--last", f"{EXECUTIONS}")
    taken = whole.seconds - one.seconds
    yield Figure(
        "fleet/list", f"list of {EXECUTIONS:,} executions of 5 machines", Unit.MILLISECONDS, taken, 1.0, baseline
    )
    yield Figure("fleet/pages", "requests for that list", Unit.COUNT, pages.total(), 25)
    yield Figure(
        "fleet/memory", "memory for that list, the program's own included", Unit.MEGABYTES, whole.memory, 100e6
    )
    each = (groups.seconds - one.seconds) / requests["GetExecutionHistory"]
    what = f"groups: looking into each of {requests['GetExecutionHistory']:,} failures"
    yield Figure("fleet/groups", what, Unit.MICROSECONDS, each, 0.004, baseline)
    each = (archive.seconds - one.seconds) / written
    yield Figure(
        "fleet/archive", f"each of {written:,} executions in an archive", Unit.MICROSECONDS, each, 0.005, baseline
    )
    yield Figure("fleet/archive/memory", "memory for that", Unit.MEGABYTES, archive.memory, 100e6)
    what = f"list of an archive of {written:,}, from the start of the program"
    yield Figure("fleet/offline", what, Unit.MILLISECONDS, offline.seconds, 1.0, baseline)


def _cost(folder: Path, address: str, *arguments: str) -> Cost:
    """`sfdebug` with these arguments, as nobody, in a folder."""
    isolated = {name: value for name, value in isolated_environment(str(folder)).items() if value is not None}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "XDG_"))}
    environment |= {**isolated, "AWS_REGION": REGION, "AWS_ENDPOINT_URL": address, "PYTHONPATH": str(ROOT)}
    environment["XDG_CACHE_HOME"] = str(folder / "cache")
    command = [sys.executable, "-m", "sfdebug", *arguments]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"sfdebug {' '.join(arguments)} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024.0)
