"""Which modules are loaded on the way to something: libraries by their names, how many there are, and ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
_MARK: Final = "loaded: "

_FIRST_FRAME: Final = """
import asyncio, io
from textual.app import App
from tests import settling
settling.install()
class Terminal(io.StringIO):
    isatty = lambda self: True
async def first_frame(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert app.screen.graph.drawing is not None, "the first frame has no graph"
App.run = lambda app, **options: asyncio.run(first_frame(app)) or 0
sys.stdin, sys.stderr = Terminal(), Terminal()
sys.stdout = Terminal()
"""

WAYS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "import sfdebug": ("import sfdebug", ()),
    "sfdebug --help": ("main()", ("--help",)),
    "sfdebug run": (
        "main()",
        ("run", "samples/order/order.asl.json", "-i", "@samples/order/input.json",
         "-m", "samples/order/MockConfigFile.json", "-c", "HappyPath"),
    ),
    "the first frame": (_FIRST_FRAME + "main()", ("samples/order/order.asl.json", "-i", "@samples/order/input.json")),
}  # fmt: skip

HEAVY: Final = frozenset([
    "argparse", "ast", "asyncio", "bz2", "concurrent", "configparser", "csv", "ctypes", "curses", "dataclasses",
    "decimal", "difflib", "dis", "email", "fractions", "gettext", "gzip", "hashlib", "hmac", "html", "http",
    "importlib.metadata", "inspect", "ipaddress", "json", "locale", "logging", "lzma", "mimetypes",
    "multiprocessing", "optparse", "pathlib", "pdb", "pickle", "platform", "plistlib", "pprint", "pydoc", "queue",
    "random", "secrets", "select", "selectors", "shlex", "shutil", "signal", "smtplib", "socket", "sqlite3",
    "ssl", "statistics", "string", "subprocess", "tarfile", "tempfile", "textwrap", "threading", "timeit",
    "tokenize", "tomllib", "traceback", "typing", "unittest", "urllib", "urllib.request", "uuid", "webbrowser",
    "xml", "xmlrpc", "zipfile", "zoneinfo",
])  # fmt: skip
"""What of the standard library takes a millisecond or more to load, or shows that something heavier came along."""


@dataclass(frozen=True)
class Loaded:
    """What a process has loaded."""

    libraries: list[str]
    standard: list[str]
    of_libraries: int
    ours: int

    @classmethod
    def after(cls, way: str) -> Loaded:
        """What a fresh Python has loaded at the end of one of `WAYS`."""
        code, arguments = WAYS[way]
        probe = (
            f"import sys; before = set(sys.modules)\nsys.argv = ['sfdebug', *{arguments!r}]\n"
            "def main():\n    from sfdebug.cli.main import main\n    sys.exit(main())\n"
            f"try:\n    exec({code!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
            "found = {n: str(getattr(m, '__file__', '') or '') for n, m in sys.modules.items() if n not in before}\n"
            f"import json; sys.__stdout__.write('\\n{_MARK}' + json.dumps(found))"
        )
        with tempfile.TemporaryDirectory() as folder:  # no session, and no setting, of whoever runs this
            done = subprocess.run(
                [sys.executable, "-c", probe],
                capture_output=True,
                text=True,
                cwd=ROOT,
                check=False,
                encoding="utf-8",
                env={**os.environ, "XDG_STATE_HOME": folder, "SFDEBUG_CONFIG": ""},
            )
        found = done.stdout.rpartition(_MARK)[2]
        if done.returncode or not found.startswith("{"):
            raise AssertionError(f"{way} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return cls.of(json.loads(found))

    @classmethod
    def of(cls, places: dict[str, str]) -> Loaded:
        """Sorted out, from the names of modules and their files."""
        names = set(places)
        ours = {name for name in names if name.partition(".")[0] == "sfdebug"}
        foreign = {name for name, file in places.items() if "site-packages" in file} - ours
        libraries = {name.partition(".")[0] for name in foreign if not name.startswith(("_virtualenv", "__editable"))}
        return cls(sorted(libraries), sorted(names & HEAVY), len(foreign), len(ours))

    def as_json(self) -> dict[str, Any]:
        """As `budgets.json` has it."""
        return {
            "libraries": self.libraries,
            "of the standard library": self.standard,
            "modules of libraries": self.of_libraries,
            "modules of sfdebug": self.ours,
        }
