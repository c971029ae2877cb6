"""Runs the `sfdebug` command: in this process, or in one of its own where streams and signals matter."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from sfdebug.cli.main import main
from tests.programs import LONGEST

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Outcome:
    """What a command line did."""

    code: int
    out: str
    err: str


def sfdebug(*argv: str, stdin: str | bytes = "") -> Outcome:
    """The command with these arguments, without a terminal."""
    out, err = io.StringIO(), io.StringIO()
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    with redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8")):
        code = main(argv)
    return Outcome(code, out.getvalue(), err.getvalue())


def sfdebug_process(*argv: str, stdin: str = "", cwd: Path = ROOT, **environment: str) -> Outcome:
    """The command as a process."""
    done = subprocess.run(
        [sys.executable, "-m", "sfdebug", *argv],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
        timeout=LONGEST,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
