"""Test files as pytest rewrites and compiles them, written to where it looks for them, before anything is collected."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite


def compile_share(session: pytest.Session, number: int, count: int) -> None:
    """Compile the files of process `number` of `count` that are not compiled yet; what cannot be is told where it is
    collected."""
    files = sorted(path for given in session.config.args for path in Path(given).resolve().rglob("test_*.py"))
    if sys.dont_write_bytecode:
        return
    for path in files[number * len(files) // count : (number + 1) * len(files) // count]:
        folder = rewrite.get_cache_dir(path)
        compiled = folder / f"{path.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(path, compiled) is not None or not rewrite.try_makedirs(folder):
            continue
        try:
            found, code = rewrite._rewrite_test(path, session.config)
        except (OSError, SyntaxError, ValueError):
            continue
        rewrite._write_pyc(session.config.stash[rewrite.assertstate_key], code, found, compiled)
