"""Reading the files of a project: within bounds, each noted, those outside its folder marked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.reader import closest
from sfdebug.asl.text.decoding import decode
from sfdebug.asl.text.json import scan_json
from sfdebug.asl.text.problems import ProblemList, Scan, file_problem
from sfdebug.errors import DefinitionError
from sfdebug.files import has_too_many_values, read_file
from sfdebug.projects.model import FileRole, ProjectError, ProjectFile

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document, Source
    from sfdebug.errors import Problem

MAX_TEMPLATE_BYTES: Final = 1 << 23
"""Largest template read: CloudFormation takes 1 MB, however generously it is indented here."""

MAX_TEMPLATE_VALUES: Final = 400_000
MAX_FILES: Final = 500
"""Most files that are read for one project: CloudFormation takes 500 resources in a template."""

MAX_LISTED: Final = 1_000
_JSON_SUFFIXES: Final = (".json", ".template", ".asl")


class ProjectFiles:
    """Reads the files of one project. `root` is its folder; paths are shown as `root` was given, not made absolute."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real_root = os.path.realpath(root)
        self._read: dict[str, ProjectFile] = {}

    @property
    def files(self) -> tuple[ProjectFile, ...]:
        """What was read, in order."""
        return tuple(self._read.values())

    def shown(self, path: Path) -> str:
        """What errors call a file."""
        return os.path.normpath(path)

    def is_outside(self, path: Path) -> bool:
        """Whether a path leads out of the project's folder."""
        real = os.path.realpath(path)
        return os.path.commonpath([real, self._real_root]) != self._real_root if os.path.isabs(real) else True

    def bytes_of(self, path: Path, role: FileRole, most: int = MAX_TEMPLATE_BYTES) -> bytes:
        """The content of a file. Raises OSError or ValueError, whose text says what is wrong."""
        name = self.shown(path)
        if name not in self._read and len(self._read) >= MAX_FILES:
            raise ValueError(f"more than {MAX_FILES} files are named")
        data = read_file(path, most)
        self._read.setdefault(name, ProjectFile(name, role, self.is_outside(path)))
        return data

    def source(self, path: Path, role: FileRole, most: int = MAX_TEMPLATE_BYTES) -> Source:
        """The text of a file. Raises ProjectError for one that cannot be read."""
        name = self.shown(path)
        try:
            return decode(self.bytes_of(path, role, most), name)
        except (OSError, ValueError) as error:
            raise ProjectError([file_problem(name, *why_unreadable(error))]) from error
        except DefinitionError as error:
            raise ProjectError(error.problems) from error

    def template(self, path: Path, role: FileRole = FileRole.TEMPLATE) -> tuple[Document, tuple[Problem, ...]]:
        """A template in JSON or YAML, and what its text is forgiven. Raises ProjectError when it is neither."""
        source = self.source(path, role)
        if has_too_many_values(source.text, MAX_TEMPLATE_VALUES):
            what = f"it has more than {MAX_TEMPLATE_VALUES:,} values: no template has"
            raise ProjectError([file_problem(source.name, what, "give a template")])
        return read_template(source)


def read_template(source: Source) -> tuple[Document, tuple[Problem, ...]]:
    """The document in a template's text, and what it is forgiven. Raises ProjectError when it is none."""
    scan = scan_template(source)
    if scan.document is None or scan.errors:
        raise ProjectError(scan.errors)
    return scan.document, scan.document.warnings


def scan_template(source: Source) -> Scan:
    """Read a template's text, in JSON when it begins as JSON does, else in CloudFormation's YAML."""
    begins_as_json = source.text.lstrip()[:1] in ("{", "[")
    if begins_as_json:
        scan = scan_json(source, forgives_repeats=True)
        if not scan.errors or source.name.lower().endswith(_JSON_SUFFIXES):
            return scan
    from sfdebug.asl.text.template_yaml import scan_template_yaml

    return scan_template_yaml(source)


def closest_file(path: Path) -> str:
    """The name of a file beside one that is not there which was probably meant, "" when there is none."""
    try:
        names = os.listdir(path.parent)[:MAX_LISTED]
    except (OSError, ValueError):
        return ""
    return closest(path.name, names) or ""


def why_unreadable(error: Exception) -> tuple[str, str]:
    """What is wrong with a file that cannot be read, and how to mend it."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file", "check the path"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, and a file is needed", "name the file in it"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it", "check its permissions"
    reason = getattr(error, "strerror", None) or str(error)
    return f"it cannot be read: {reason}", "check the path"


def problem_in(source: Source, start: int, end: int, what: str, fix: str, *, severity: str = "error") -> Problem:
    """A problem with a stretch of a file."""
    return ProblemList(source).add(start, end, what, fix, severity=severity)


def problem_at(
    document: Document,
    pointer: tuple[str | int, ...],
    what: str,
    fix: str,
    *,
    severity: str = "error",
    key: bool = False,
) -> Problem:
    """A problem with the value at `pointer` of a template, or with its key."""
    span = document.key_span(pointer) if key else document.span(pointer)
    where = ".".join(map(str, pointer))
    return ProblemList(document.source).add(span.start, span.end, what, fix, where=where, severity=severity)
