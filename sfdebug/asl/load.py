"""Loading definitions: from a path, stdin, text, bytes or a Python object, in JSON or YAML.

Whatever the bytes, the answer is a `StateMachine` or a `DefinitionError` that says what is wrong and where.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.examination import Examination, examine, parse
from sfdebug.asl.findings import with_labels
from sfdebug.asl.lookalikes import definition_in, is_lookalike, lookalike
from sfdebug.asl.text.decoding import decode
from sfdebug.asl.text.json import scan_json
from sfdebug.asl.text.placed import PlacedSource
from sfdebug.asl.text.problems import ProblemList, Scan, dotted, file_problem, ordered, quote
from sfdebug.asl.text.source import Source
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.files import has_too_many_values, read_file
from sfdebug.limits import MAX_DEFINITION_BYTES
from sfdebug.text import with_article
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document
    from sfdebug.errors import Problem
    from sfdebug.values import Json

Definition: TypeAlias = "Mapping[str, object] | str | os.PathLike[str] | StateMachine"
"""What stands for a definition: a dict, a text in JSON or YAML, the path of a file, a loaded definition."""

STDIN: Final = "-"
MAX_FILE_BYTES: Final = 8 * MAX_DEFINITION_BYTES
"""Largest file read: a definition within AWS's limit, however generously it is indented."""

_JSON_SUFFIXES: Final = (".json", ".asl")
_YAML_SUFFIXES: Final = (".yaml", ".yml")
_FORMATS: Final = ("json", "yaml")
_TEXT_OUTPUT: Final = re.compile(r"[\w.:+-]{1,60}\t\{")
_TABLE_OUTPUT: Final = re.compile(r"\s*-{20,}\r?\n\|")


def load_definition(path: str | os.PathLike[str]) -> StateMachine:
    """The definition in the file at `path`, or on standard input for "-".

    Raises DefinitionError, with all problems found, when it cannot be read or is not a valid definition.
    """
    return parse_definition(*_read(path))


def parse_definition(text: str | bytes, name: str = "<stdin>", format: str | None = None) -> StateMachine:
    """The definition in `text`, which errors call `name`.

    `format` is "json" or "yaml"; None lets the ending of `name` say, or else the text itself. Raises DefinitionError
    with all problems found, and ValueError for another format.
    """
    document, known = _document(text, name, format)
    return parse(document, known)


def examine_definition(
    text: str | bytes, name: str = "<stdin>", format: str | None = None, *, anything: bool = False
) -> Examination:
    """Everything that can be said of the definition in `text`, faulty as it may be.

    `anything` takes a text that clearly is something else (a template, a history) for the definition it is given as.
    Raises DefinitionError when the text itself cannot be read, and ValueError for another format.
    """
    return _examined(*_document(text, name, format, anything))


def _examined(document: Document, known: tuple[Problem, ...]) -> Examination:
    errors = tuple(problem for problem in known if problem.severity == "error")
    if errors:
        raise DefinitionError(ordered((*errors, *examine(document).errors)))
    return examine(document)


def parse_source(source: Source, format: str | None = None) -> StateMachine:
    """The definition in a text that was read already, such as one out of a template.

    Raises DefinitionError with all problems found.
    """
    document, known = _document_in(source, format, False)
    return parse(document, known)


def examine_source(source: Source, format: str | None = None) -> Examination:
    """Everything that can be said of the definition in a text that was read already, faulty as it may be.

    Raises DefinitionError when it cannot be read.
    """
    document, known = _document_in(source, format, False)
    examination = _examined(document, known)
    return replace(examination, findings=with_labels(examination.findings, source))


def read_source(path: str | os.PathLike[str]) -> Source:
    """The text at `path`, or on standard input for "-". Raises DefinitionError when it cannot be read."""
    return _source(*_read(path))


def examine_file(path: str | os.PathLike[str]) -> Examination:
    """Everything that can be said of the definition in a file, or on standard input for "-".

    Raises DefinitionError when it cannot be read.
    """
    return examine_definition(*_read(path))


def holds_definition(path: str | os.PathLike[str]) -> bool:
    """Whether there is a definition in a file, faulty as it may be.

    Of what clearly is something else, a long history perhaps, nobody asks where in it anything stands.
    """
    try:
        source = read_source(path)
        if _is_lookalike(source.text):
            return False
        value = _examined(*_document_in(source, None, False)).document.value
    except DefinitionError:
        return False
    return isinstance(value, dict) and not value.keys().isdisjoint(("StartAt", "States"))


def _is_lookalike(text: str) -> bool:
    try:
        return text.lstrip()[:1] == "{" and is_lookalike(json.loads(text))
    except (ValueError, RecursionError):
        return False


def _document(
    text: str | bytes, name: str, format: str | None, anything: bool = False
) -> tuple[Document, tuple[Problem, ...]]:
    if format not in (None, *_FORMATS):
        raise ValueError(f"format must be json or yaml, not {format!r}")
    return _document_in(_source(text, name), format, anything)


def _source(text: str | bytes, name: str) -> Source:
    if len(text) > MAX_FILE_BYTES:
        raise _too_large(name)
    if has_too_many_values(text, MAX_DEFINITION_BYTES):  # each takes a byte at least
        raise _too_large(name, f"the file has more than {MAX_DEFINITION_BYTES:,} values: no definition has")
    return decode(text, name)


def _document_in(source: Source, format: str | None, anything: bool) -> tuple[Document, tuple[Problem, ...]]:
    name = source.name
    if not anything:
        _refuse_printed(source)
    scan = _scan(source, format)
    document = scan.document
    if document is not None and not anything:
        inside = definition_in(document)
        if isinstance(inside, str):
            return _document(inside, f"{name}#definition", None)
        if inside is not None:
            scan, document = Scan(inside, scan.problems, scan.trusted), inside
        _refuse_lookalike(scan)
    if document is None or (scan.errors and not scan.trusted):
        raise DefinitionError(scan.errors)
    if len(source.text) > MAX_DEFINITION_BYTES and not scan.errors:
        _check_size(name, document.value)
    return document, scan.problems


def definition_from(value: Definition) -> StateMachine:
    """The definition that a value stands for, parsed and checked.

    Args:
        value: The path of a file ("-" is stdin), a text in JSON or YAML, a dict, or a definition itself. A string is a
            path when it is named like a file or there is such a file, and a text when it has several lines or is JSON.

    Raises:
        DefinitionError: With all problems found, when it cannot be read or is no valid definition.
        UsageError: For anything else.
    """
    if isinstance(value, StateMachine):
        return value
    if isinstance(value, str):
        if is_path(value):
            return load_definition(value)
        if not _is_text(value):
            what = f"{quote(value)} is no definition, and there is no such file"
            fix = "give a dict, a text in JSON or YAML, or the path of a file"
            raise DefinitionError([file_problem("<definition>", what, fix)])
        return parse_definition(value, "<definition>")
    if isinstance(value, Mapping):
        return parse_definition(text_of(value), "<definition>", "json")
    if isinstance(value, os.PathLike):
        return load_definition(value)
    raise no_definition(value)


def is_path(text: str) -> bool:
    """Whether a string stands for a file: it is no definition, and there is such a file, or it is named like one."""
    if _is_text(text):
        return False
    if text == STDIN or text.lower().endswith((*_JSON_SUFFIXES, *_YAML_SUFFIXES)):
        return True
    try:
        is_there = Path(text).exists()
    except (OSError, ValueError):  # too long for a name, for one
        is_there = False
    return is_there or ("/" in text and not set(text) & set(" \t:"))


def no_definition(value: object) -> UsageError:
    """The error for a value of a type that no definition has."""
    what = f"a definition is a dict, a JSON or YAML text, a path or a loaded definition, not {with_article(value)}"
    fix = "Decode bytes first." if isinstance(value, bytes | bytearray) else "Give the path of the definition's file."
    return UsageError(what, fix=fix)


def _is_text(text: str) -> bool:
    """Whether a string can only be a text: nothing, JSON of any kind, an object that was begun, or several lines."""
    if "\n" in text or text.lstrip("\ufeff \t\r")[:1] in ("", "{"):
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def text_of(value: Mapping[str, object]) -> str:
    """A dict written out, so that problems in it have a position and a line to show."""
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        what = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        fix = "give dicts, lists, strings, finite numbers, booleans and None"
        raise DefinitionError([file_problem("<definition>", f"this cannot be written as JSON: {what}", fix)]) from error


def _read(path: str | os.PathLike[str]) -> tuple[str | bytes, str]:
    """What is at `path` or on standard input, and what errors call it."""
    name = os.fsdecode(path)
    if name == STDIN:
        return _read_stdin(), "<stdin>"
    try:
        return read_file(name, MAX_FILE_BYTES), name
    except FileNotFoundError as error:
        what, fix = no_such_file(name)
        raise _unreadable(name, what, fix) from error
    except IsADirectoryError as error:
        fix = "give the file inside it that holds the definition"
        raise _unreadable(name, "this is a directory", fix) from error
    except PermissionError as error:
        what = "this is a directory" if Path(name).is_dir() else "you are not allowed to read it"
        raise _unreadable(name, what, "check the path and its permissions") from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            raise _too_large(name) from error
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(name, f"it cannot be read: {reason}", "check the path") from error


def no_such_file(name: str) -> tuple[str, str]:
    """What is wrong with a name that no file has, and how to fix it: an ARN names what has to be saved first."""
    if not name.startswith(("arn:", "https://", "http://")):
        return "there is no such file", "check the path; - reads from standard input"
    if ":stateMachine:" in name:
        fix = (
            "save what AWS says of it, which can be given: aws stepfunctions describe-state-machine --state-machine-arn"
        )
        return "this names a state machine in AWS, and a file is needed", f"{fix} {name}"
    what = "this names something in AWS, and the file of a definition is needed"
    return what, "sfdebug fetch ARN saves an execution with its definition; sfdebug replay ARN opens it"


def _read_stdin() -> str | bytes:
    if sys.stdin is None:
        raise _unreadable("<stdin>", "there is no standard input", "give a path")
    binary = getattr(sys.stdin, "buffer", None)
    try:
        data: str | bytes = (sys.stdin if binary is None else binary).read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable("<stdin>", f"it cannot be read: {error}", "give a path") from error
    return data


def _too_large(name: str, what: str = "") -> DefinitionError:
    what = what or f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB: no definition is"
    return _unreadable(name, what, "give a definition; AWS takes up to 1 MiB")


def _unreadable(name: str, what: str, fix: str) -> DefinitionError:
    return DefinitionError([file_problem(name, what, fix)])


def _scan(source: Source, format: str | None) -> Scan:
    lower = source.name.lower()
    if format is None and isinstance(source, PlacedSource):
        format = source.format or None
    if format is None and lower.endswith(_JSON_SUFFIXES):
        format = "json"
    if format is None and lower.endswith(_YAML_SUFFIXES):
        format = "yaml"
    if format is None:
        first = source.text.lstrip()[:1]
        format = "json" if first in ("", "{", "[", '"', "/") else "yaml"
        if first == '"' and scan_json(source).errors:  # a text that YAML has folded
            format = "yaml"
    if format == "json":
        scan = scan_json(source)
        return _says_yaml(source, scan) if scan.document is None or scan.errors else scan
    from sfdebug.asl.text.yaml import scan_yaml

    return scan_yaml(source)


def _says_yaml(source: Source, scan: Scan) -> Scan:
    """The scan of a text that was to be JSON, replaced by one plain word when it clearly is YAML."""
    first = source.text.lstrip()[:1]
    if not (first.isalpha() or first in ("#", "-", "%")) or not any(
        line.startswith(("StartAt:", "States:", "Comment:", "QueryLanguage:")) for line in source.text.splitlines()
    ):
        return scan
    problems = ProblemList(source)
    start = len(source.text) - len(source.text.lstrip())
    problems.add(start, start + 1, "this is YAML, in a file that is named as JSON", "give it a name that ends in .yaml")
    return Scan(None, tuple(problems.items), trusted=False)


def _refuse_printed(source: Source) -> None:
    """Raises DefinitionError for an answer of AWS's command line that is printed for people."""
    for pattern, output in ((_TEXT_OUTPUT, "text"), (_TABLE_OUTPUT, "table")):
        if pattern.match(source.text):
            what = f"this is an answer that --output {output} printed, not a definition"
            fix = "print it with --output json or yaml, or the definition alone: --query definition --output text"
            raise DefinitionError([ProblemList(source).add(0, 1, what, fix)])


def _refuse_lookalike(scan: Scan) -> None:
    assert scan.document is not None, "the caller looked"
    found = lookalike(scan.document.value)
    if found is None:
        return
    pointer, what, fix = found
    span = scan.document.key_span(pointer)
    problems = ProblemList(scan.document.source)
    raise DefinitionError([problems.add(span.start, span.end, what, fix, where=dotted(pointer))])


def _check_size(name: str, value: Json) -> None:
    size = len(compact(value).encode())
    if size > MAX_DEFINITION_BYTES:
        what = f"the definition has {size:,} bytes: AWS takes at most {MAX_DEFINITION_BYTES:,}"
        raise DefinitionError([file_problem(name, what, "split it: let it start other state machines")])
