"""botocore reads its descriptions of AWS's services anew for each client: here once for all in a process of tests.

Half of what a command takes that asks a stand-in of AWS one thing. Within a session botocore, too, gives the same
objects to all of its clients, so nobody changes them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from botocore import loaders

_load_file: Final = loaders.JSONFileLoader._load_file


def install() -> None:
    """Let every session look among what others have read."""
    loaders.JSONFileLoader._load_file = _read_once


def _read_once(loader: Any, full_path: str, open_method: Any) -> Any:
    if not full_path.startswith(loaders.BOTOCORE_ROOT):  # what is a test's own can change
        return _load_file(loader, full_path, open_method)
    return _read(full_path, open_method)


@cache
def _read(full_path: str, open_method: Any) -> Any:
    return _load_file(loaders.JSONFileLoader(), full_path, open_method)
