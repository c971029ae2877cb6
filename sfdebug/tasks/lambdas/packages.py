"""Packages that a handler loads and does not bring along: where Lambda's runtime has them, and what installs them here.

Source: AWS docs, "Building Lambda functions with Node.js", Runtime-included SDK versions.
"""

from __future__ import annotations

import functools
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.files import read_file
from sfdebug.tasks.lambdas.function import TEMPORARY, Language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.tasks.lambdas.function import LambdaFunction

_LACKING: Final = re.compile(r"No module named '([\w.]+)'|Cannot find (?:module|package) '([^'./][^']*)'")
_MOST_MANIFEST: Final = 1 << 20
"""Bytes of a package.json that is looked into."""
_SDK: Final = ("@aws-sdk", "@smithy", "aws-sdk")


@functools.cache
def python_packages() -> str:
    """The folder with our own boto3, which a Python that has none finds there, as Lambda's runtime has one."""
    found = find_spec("boto3")
    return str(Path(found.origin).parents[1]) if found is not None and found.origin else ""


def python_layers(function: LambdaFunction) -> list[str]:
    """The folders with the packages of layers; of one that `sam build` has not built, the folder that it builds from.

    Source: AWS docs, "Building Lambda layers in AWS SAM": what lies in ContentUri goes into `python`.
    """
    built = ((Path(layer), Path(layer, "python")) for layer in function.layers)
    return [str(inside if inside.is_dir() else layer) for layer, inside in built]


def node_path(function: LambdaFunction, interpreter: str) -> list[str]:
    """Where modules are looked for besides: in layers, and for the AWS SDK, among the packages that npm has installed
    for all. Source: AWS docs, "Working with layers for Node.js"."""
    version = re.fullmatch(r"nodejs(\d+)\.x", function.runtime)
    kinds = [f"node{version[1]}/node_modules", "node_modules"] if version else ["node_modules"]
    layers = [str(Path(layer, "nodejs", kind)) for kind in kinds for layer in function.layers]
    unbuilt = [str(Path(layer, "node_modules")) for layer in function.layers if not Path(layer, "nodejs").is_dir()]
    return [*layers, *unbuilt, *map(str, _with_sdk(interpreter))]


def _with_sdk(interpreter: str) -> tuple[Path, ...]:
    node = Path(interpreter)
    prefixes = dict.fromkeys((node.parent.parent, node.resolve().parent.parent, Path("/usr/local")))
    places = (prefix / "lib" / "node_modules" for prefix in prefixes)
    return tuple(place for place in places if any((place / name).is_dir() for name in _SDK))


def lacking_note(function: LambdaFunction, interpreter: str, error: str) -> str:
    """What installs the package that an error of a handler says is missing; "" where it names none."""
    found = _LACKING.search(error)
    if found is None:
        return ""
    if function.language is Language.PYTHON:
        note = _python_note(function, interpreter, found[1].partition(".")[0]) if found[1] else ""
    else:
        name = "/".join(found[2].split("/")[: 2 if found[2].startswith("@") else 1]) if found[2] else ""
        note = _node_note(function, name) if name and not name.startswith("node:") else ""
    absent = ", ".join(function.absent_layers)
    return f"{note}; it may be in a layer that is not on this machine: {absent}" if note and absent else note


def _python_note(function: LambdaFunction, interpreter: str, name: str) -> str:
    folder = Path(function.folder)
    if (folder / name).is_dir() or (folder / f"{name}.py").is_file():
        return ""
    listed = next(
        (place / "requirements.txt" for place in _above(folder) if (place / "requirements.txt").is_file()), None
    )
    what = f"-r {_quoted(listed)}" if listed is not None else f"{name} (or the package that has it)"
    place = Path(interpreter).parent
    if (place.parent / "pyvenv.cfg").is_file() or _is_temporary(folder):
        return f"{name} is not installed for it: {_quoted(Path(interpreter))} -m pip install {what}"
    own = (listed.parent if listed is not None else folder) / ".venv"
    made = f"python3 -m venv {_quoted(own)}"
    return f"{name} is not installed for it: {made} && {_quoted(own / 'bin' / 'pip')} install {what}"


def _node_note(function: LambdaFunction, name: str) -> str:
    for place in _above(Path(function.folder)):
        manifest = place / "package.json"
        try:
            listed = read_file(manifest, _MOST_MANIFEST)
        except (OSError, ValueError):  # there is none, or one that nobody has written
            continue
        if f'"{name}"'.encode() in listed:
            return f"{name} is not installed for it: npm install --prefix {_quoted(place)}"
    if name.split("/")[0] in _SDK:
        return f"Lambda's runtime has {name}, and Node.js here has not: npm install -g {name}"
    return f"{name} is not installed for it: npm install --prefix {_quoted(Path(function.folder))} {name}"


def _is_temporary(folder: Path) -> bool:
    """Whether it is of code that stands in a template, which has another folder next time."""
    return folder.name.startswith(TEMPORARY)


def _above(folder: Path) -> Iterator[Path]:
    """A folder and those above it, to the end of its project."""
    for place in (folder, *folder.parents):
        if place == Path.home() or place == place.parent:
            return
        yield place
        if (place / ".git").exists():
            return


def _quoted(path: Path) -> str:
    """For a shell: as it is from here, where it is below that."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here)) if path.is_relative_to(here) else str(path))
