"""A Lambda function that can be run here: its code, what it is told, and the interpreter that runs it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from sfdebug.errors import UsageError
from sfdebug.text import escaped

DEFAULT_TIMEOUT: Final = 3.0
"""Seconds. Source: AWS docs, "Configure Lambda function timeout"."""

DEFAULT_MEMORY: Final = 128
TEMPORARY: Final = "sfdebug-function-"
"""How the names of folders begin that are made for code of templates and archives."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,140}")
_OTHER_RUNTIMES: Final = {
    ".jar": "Java",
    ".class": "Java",
    ".go": "Go",
    ".rb": "Ruby",
    ".cs": ".NET",
    ".ts": "TypeScript",
}


class Language(Enum):
    """What a handler is written in."""

    PYTHON = "python"
    NODE = "node"

    @property
    def title(self) -> str:
        """Its name as people write it."""
        return "Python" if self is Language.PYTHON else "Node.js"


class LambdaFunction(Struct, frozen=True):
    """A function with the handler `handler` in `folder`: `app.handler`, as Lambda writes it.

    `runtime` is AWS's name of it ("python3.12", "nodejs20.x"), "" where that is not said. `timeout` is in seconds,
    `memory` in MB. `interpreter` is a path; "" for the one that `interpreter_of` finds. `layers` are folders;
    `absent_layers` are what is said of those that are not on this machine.
    """

    name: str
    language: Language
    folder: str
    handler: str
    runtime: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = DEFAULT_TIMEOUT
    memory: int = DEFAULT_MEMORY
    layers: tuple[str, ...] = ()
    absent_layers: tuple[str, ...] = ()
    interpreter: str = ""
    arn: str = ""

    @property
    def place(self) -> str:
        """`src/app.py:handler`, from the working folder where it is below that."""
        module, _, name = self.handler.rpartition(".")
        path = Path(self.folder) / module
        for ending in (".py", ".js", ".mjs", ".cjs"):
            if (found := path.with_name(path.name + ending)).is_file():
                path = found
                break
        try:
            return f"{path.relative_to(Path.cwd())}:{name}"
        except ValueError:
            return f"{path}:{name}"


def function_name(text: str) -> str:
    """The name in what a Task calls: a name, an ARN, a partial ARN, each with or without a version or an alias.

    Source: AWS API, Lambda Invoke, `FunctionName`.
    """
    parts = text.split(":")
    if "function" in parts[:-1]:
        return parts[parts.index("function") + 1]
    return parts[0]


def function_from(option: str) -> LambdaFunction:
    """The function that `NAME=FILE:HANDLER` names. Raises UsageError that says what is wrong with it."""
    where = f"--function {escaped(option)}"
    given, has_file, rest = option.partition("=")
    file, has_handler, handler = rest.rpartition(":")
    name = function_name(given)
    if not (has_file and has_handler and name and file and handler):
        raise UsageError(
            "it does not say which function and which handler",
            where=where,
            fix="Write it as NAME=FILE:HANDLER, such as charge=src/charge/app.py:handler",
        )
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{escaped(given)}' is no name or ARN of a Lambda function",
            where=where,
            fix="Names have letters, digits, - and _.",
        )
    path = Path(file).expanduser()
    if not path.is_file():
        raise UsageError(f"there is no file {escaped(file)}", where=where, fix=_fix_for(path))
    language = language_of(path)
    if language is None:
        other = _OTHER_RUNTIMES.get(path.suffix.lower())
        what = f"{other} is not run here" if other else "only Python and Node.js are run here (.py, .js, .mjs, .cjs)"
        raise UsageError(
            what,
            where=where,
            fix="Serve it with sam local start-lambda, say, and give --lambda-endpoint http://127.0.0.1:3001",
        )
    folder = path.resolve().parent
    endings = (".js", ".mjs", ".cjs")
    before = endings[: endings.index(path.suffix)] if path.suffix in endings else ()
    if first := next((found for ending in before if (found := path.with_suffix(ending)).is_file()), None):
        what = f"Lambda would load {first.name}, which lies beside {escaped(path.name)}"
        raise UsageError(what, where=where, fix="Name that one, or give one of them another name.")
    return LambdaFunction(
        name, language, str(folder), f"{path.stem}.{handler}", arn=given if given.startswith("arn:") else ""
    )


def _fix_for(path: Path) -> str:
    if path.is_dir():
        return "That is a folder: name the file that has the handler."
    return "FILE is a path from here, with its ending: src/app.py:handler"


def language_of(path: Path) -> Language | None:
    """What a file is written in, by its ending; None for what is not run here."""
    ending = path.suffix.lower()
    if ending == ".py":
        return Language.PYTHON
    return Language.NODE if ending in (".js", ".mjs", ".cjs") else None


def interpreter_of(function: LambdaFunction) -> str:
    """The interpreter for a function: its own, that of a `.venv` at its code or above, the version of its Runtime, then
    what is on the PATH.

    Raises UsageError when there is none, with what to install.
    """
    if function.interpreter:
        return function.interpreter
    if function.language is Language.NODE:
        node = shutil.which("node")
        if node is None:
            raise UsageError(
                "there is no node on the PATH",
                where=function.name,
                fix="Install Node.js, or answer its Tasks with mocks.",
            )
        return node
    for folder in (Path(function.folder), *Path(function.folder).parents):
        for name in (".venv", "venv"):
            for inside in ("bin/python", "Scripts/python.exe"):
                if (found := folder / name / inside).is_file():
                    return str(found)
        if (folder / ".git").exists() or folder == Path.home():
            break
    names = (function.runtime, "python3") if function.runtime.startswith("python") else ("python3",)
    on_path = (path for name in names if (path := shutil.which(name)))
    return next((path for path in on_path if version_of(path)), sys.executable)


@functools.cache
def version_of(interpreter: str) -> str:
    """`3.11` or `20.1`; "" where it does not say, or does not run: pyenv has a file for each version that somebody
    installed, and most of them only say that this one is not chosen."""
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([interpreter, "--version"], capture_output=True, text=True, timeout=10, check=False)
        found = re.search(r"(\d+\.\d+)", said.stdout or said.stderr)
        if found and said.returncode == 0:
            return found[1]
    return ""


def version_note(function: LambdaFunction, version: str) -> str:
    """What there is to say of the interpreter's version, "3.11" or "20": "" when it is that of the Runtime."""
    wanted = re.fullmatch(r"(?:python|nodejs)(\d+(?:\.\d+)?)(?:\.x)?", function.runtime)
    if wanted is None or not version:
        return ""
    has = version if function.language is Language.PYTHON else version.partition(".")[0]
    if has == wanted[1]:
        return ""
    return f"runs under {function.language.title} {has}, and its Runtime is {function.runtime}"
