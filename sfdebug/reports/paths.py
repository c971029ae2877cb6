"""Paths in reports, as those who read these look for them, and what tells findings apart."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from sfdebug.files import plain_path


def repository_path(path: str) -> str:
    """A path with slashes, as what stands beside lines of a repository has it: from its root, whichever folder of it is
    that of work. Where there is none, or the file is in another one: from the folder of work where the file is below
    that, else absolute.

    What is in no file (`<stdin>`) has a name all the same (`stdin`): GitHub refuses a whole report for one result
    without a file, and GitLab shows none that has no file.
    """
    if path.startswith("<"):
        return path.strip("<>")
    root = _repository()
    return path_below(path, root if root is not None and _is_below(path, root) else os.getcwd())


def path_below(path: str, folder: str) -> str:
    """A path with slashes: relative to the folder where it is below it, else absolute."""
    whole = os.path.abspath(plain_path(path))
    return Path(os.path.relpath(whole, folder) if _is_below(whole, folder) else whole).as_posix()


def common_folder(paths: Iterable[str]) -> str:
    """The folder that all of some files are named from: that of work where all are below it, else the root of the
    repository, else the next one that all are below."""
    files = [os.path.abspath(plain_path(path)) for path in paths]
    found = [folder for folder in (os.getcwd(), _repository()) if folder is not None]
    for folder in found:
        if all(_is_below(file, folder) for file in files):
            return folder
    try:
        return os.path.commonpath([found[0], *map(os.path.dirname, files)])
    except ValueError:  # they are on several drives
        return found[0]


def _is_below(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([os.path.abspath(plain_path(path)), folder]) == folder
    except ValueError:  # they are on several drives
        return False


def _repository() -> str | None:
    """The root of the git repository that the folder of work is in; a work tree and a submodule have a file there."""
    here = Path.cwd()
    return next((str(one) for one in (here, *here.parents) if (one / ".git").exists()), None)


def fingerprint(*parts: str) -> str:
    """What tells one finding from all others, of what stays when lines move."""
    import hashlib  # here: it loads OpenSSL, which most reports do without

    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
