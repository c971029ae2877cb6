"""How many state machines of other people's projects open: `python -m bench.projects FOLDER...`.

The folders are checkouts of public repositories, which are never committed. Each template, configuration, cloud
assembly, folder with `.tf` files, state and stack in them is opened as a user would open it, and modules of Terraform
by way of what calls them. The table counts, by format, the machines that open, those that say why they do not (a file,
a line, and how to mend it), and whatever else happens, which is a bug. Times are of the
processor, of a second opening in one process.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Final

from msgspec import Struct

from sfdebug.errors import DefinitionError, Problem
from sfdebug.projects.finding import MANIFEST, find_project
from sfdebug.projects.loading import load_project
from sfdebug.projects.model import ProjectFormat, ProjectMachine

BUDGET: Final = 150
"""Milliseconds that opening a template may take."""

_SKIPPED: Final = frozenset({".git", "node_modules", ".terraform", ".venv"})
_SUFFIXES: Final = (".yaml", ".yml", ".json", ".template", ".tfstate")
_MACHINES: Final = re.compile(
    rb"AWS::(?:StepFunctions|Serverless)::StateMachine\b|^stepFunctions\s*:|aws_sfn_state_machine|aws:sfn/stateMachine",
    re.MULTILINE,
)
_RESOURCE: Final = re.compile(rb'resource\s+"aws_sfn_state_machine"|terraform-aws-modules/step-functions')

_SOURCE: Final = re.compile(rb'^\s*source\s*=\s*"(\.{1,2}/[^"]*)"', re.MULTILINE)


class Opened(Struct):
    """What became of one project: its machines that open, those that say why not, and what is a bug."""

    path: Path
    format: str
    opened: int = 0
    explained: int = 0
    broken: int = 0
    milliseconds: float = 0.0
    reasons: list[str] = []


def candidates(folder: Path) -> Iterator[Path]:
    """What a user would open in a folder: files that may have machines, and folders with Terraform."""
    yield from terraform_folders(folder)
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        here = Path(place)
        for name in sorted(names):
            if name.lower().endswith(_SUFFIXES) and name != MANIFEST and not name.endswith(".assets.json"):
                path = here / name
                if path.stat().st_size < 1 << 23 and _MACHINES.search(path.read_bytes()):
                    yield path


def terraform_folders(folder: Path) -> list[Path]:
    """Folders with `.tf` files that have machines, their own or of modules that they call, and that nothing calls."""
    has_machine: set[Path] = set()
    calls: dict[Path, set[Path]] = {}
    for path in folder.rglob("*.tf"):
        if not _SKIPPED & set(path.parts) and path.is_file():
            text = path.read_bytes()
            here = path.parent.resolve()
            sources = (match[1].decode(errors="replace") for match in _SOURCE.finditer(text))
            calls.setdefault(here, set()).update(Path(os.path.normpath(here / source)) for source in sources)
            has_machine |= {here} if _RESOURCE.search(text) else set()

    def reaches(place: Path, depth: int) -> bool:
        return place in has_machine or (depth < 8 and any(reaches(each, depth + 1) for each in calls.get(place, ())))

    called = {each for place in calls if reaches(place, 0) for each in calls[place]}
    return sorted(place for place in calls if place not in called and reaches(place, 0))


def open_one(path: Path) -> Opened | None:
    """Open a project; None for what is none."""
    try:
        found = find_project(path)
    except DefinitionError:
        return None
    form = str(found.format)
    try:
        load_project(path, environment={})
        began = process_time()
        project = load_project(path, environment={})
        took = (process_time() - began) * 1000
    except DefinitionError as error:
        if any("there is no state machine" in each.what for each in error.problems):
            return None  # it names the type in a comment, a policy or a condition
        return Opened(path, form, explained=1, reasons=[_reason(error.problems[0])])
    except Exception:
        traceback.print_exc()
        return Opened(path, form, broken=1, reasons=[f"{path}: a traceback"])
    result = Opened(path, str(project.format), milliseconds=took, reasons=[])
    for machine in project.machines:
        _count(result, machine)
    return result


def _count(result: Opened, machine: ProjectMachine) -> None:
    if machine.definition is not None:
        result.opened += 1
        return
    if machine.problems and all(each.file and each.fix and each.line for each in machine.problems):
        result.explained += 1
    else:
        result.broken += 1
    result.reasons += [f"{machine.name}: {_reason(machine.problems[0])}" if machine.problems else f"{machine.name}: ?"]


def _reason(problem: Problem) -> str:
    return f"{problem.location}: {problem.what}"


def table(results: Sequence[Opened]) -> str:
    """The table by format."""
    lines = ["| format | projects | machines | open | say why not | else | median ms | slowest ms |", "|---" * 8 + "|"]
    groups: dict[str, list[Opened]] = {str(form): [] for form in ProjectFormat}
    for each in results:
        groups.setdefault(each.format, []).append(each)
    for form, found in [*groups.items(), ("all", list(results))]:
        if not found:
            continue
        opened, explained = sum(each.opened for each in found), sum(each.explained for each in found)
        broken = sum(each.broken for each in found)
        times = sorted(each.milliseconds for each in found)
        numbers = (len(found), opened + explained + broken, opened, explained, broken)
        slow = f"{times[len(times) // 2]:.0f} | {times[-1]:.0f}"
        lines.append(f"| {form} | {' | '.join(map(str, numbers))} | {slow} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open what is in the folders, print the table, and why what does not open does not."""
    parser = argparse.ArgumentParser(prog="python -m bench.projects", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, help="checkouts of repositories")
    parser.add_argument("--reasons", action="store_true", help="say of each machine that does not open why")
    given = parser.parse_args(arguments)
    results = [result for folder in given.folders for path in candidates(folder) if (result := open_one(path))]
    print(table(results))
    slow = [each for each in results if each.milliseconds > BUDGET]
    print(f"\n{len(slow)} of {len(results)} take more than {BUDGET} ms")
    for each in slow:
        print(f"  {each.milliseconds:.0f} ms {each.path}")
    if given.reasons:
        for reason, count in sorted(Counter(reason for each in results for reason in each.reasons).items()):
            print(f"{count} {reason}")
    return 1 if any(each.broken for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
