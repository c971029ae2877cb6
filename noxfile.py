"""The commands of the Makefile on every Python that sfdebug is meant for; one that is not on this machine is skipped.

`nox -s tests-3.13 -- tests/unit` runs a part of the suite on one of them, `nox -s check wheel` all but the suite.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "virtualenv"  # it brings pip, which the Makefile calls
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
DIST = Path("dist")
SAMPLE = Path("samples/order").resolve()


def make(session: nox.Session, *arguments: str) -> None:
    """`make` with the session's environment in place of .venv: it installs there what it needs."""
    session.run("make", f"VENV={session.virtualenv.location}", *arguments, external=True)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the suite, or what is named after `--`."""
    make(session, "test", *([f"TESTS={' '.join(session.posargs)}"] if session.posargs else []))


@nox.session(python=PYTHONS[0])
def check(session: nox.Session) -> None:
    """Lint, formatting, types, import contracts: they ask for what the oldest Python can do, whichever runs them."""
    make(session, "check")


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    """Build what is released into dist/, check it, and use the wheel as somebody does who has installed only that."""
    session.install("build", "twine")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST), silent=True)
    built = sorted(str(path.resolve()) for path in DIST.iterdir())
    session.run("twine", "check", "--strict", *built)
    elsewhere = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "venv", "--clear", str(elsewhere / "installed"))
    binaries = elsewhere / "installed" / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(binaries / "python")
    session.run(
        python, "-m", "pip", "install", "--quiet", next(one for one in built if one.endswith(".whl")), external=True
    )
    sfdebug = str(binaries / "sfdebug")
    mocks = ("-m", str(SAMPLE / "MockConfigFile.json"), "-c", "HappyPath")
    with session.chdir(elsewhere):
        session.run(sfdebug, "--version", external=True)
        session.run(sfdebug, "demo", "--list", external=True)
        session.run(
            sfdebug, "run", str(SAMPLE / "order.asl.json"), "-i", f"@{SAMPLE / 'input.json'}", *mocks, external=True
        )
