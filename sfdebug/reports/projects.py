"""What a project has, as lines and as one object: its machines, and the values that were assumed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sfdebug.projects.model import AssumedBasis, CodeKind
from sfdebug.reports.triggers import project_triggers, trigger_dict, trigger_lines
from sfdebug.text import cell_width, counted, fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfdebug.projects.model import AssumedValue, MachineTrigger, ProjectFunction, ProjectMachine, TaskTarget
    from sfdebug.projects.project import Project
    from sfdebug.values import Json

_MOST_NAMED: Final = 6
_MOST_MADE: Final = 40
_HANDLER_SUFFIXES: Final = (".py", ".mjs", ".js", ".cjs", ".ts", ".mts", ".rb")

MachineRow = tuple[str, str, str, str, str]
"""Name, type, states, triggers, file with the line."""


def machine_row(machine: ProjectMachine) -> MachineRow:
    """What a list says of a machine."""
    states = machine.states
    size = counted(states, "state") if states is not None else "cannot be read"
    place = f"{machine.file}:{machine.line}" if machine.line else machine.file
    return machine.name, str(machine.type), size, triggers_text(machine.triggers), place


def triggers_text(triggers: Sequence[MachineTrigger]) -> str:
    """What starts a machine, in short: `Schedule rate(1 day), Api POST /orders`."""
    return ", ".join(f"{each.kind} {each.detail}".strip() for each in triggers) or "no trigger"


def machine_rows(machines: Iterable[ProjectMachine], widest: int = 0) -> list[MachineRow]:
    """What a list says of machines, each column but the last as wide as it must be, and no wider than `widest`."""
    rows = [machine_row(machine) for machine in machines]
    if widest:
        rows = [(name, kind, size, fit(triggers, widest).rstrip(), place) for name, kind, size, triggers, place in rows]
    widths = [max((cell_width(row[column]) for row in rows), default=0) for column in range(4)]
    return [
        (
            _padded(name, widths[0]),
            _padded(kind, widths[1]),
            _padded(size, widths[2]),
            _padded(triggers, widths[3]),
            place,
        )
        for name, kind, size, triggers, place in rows
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_width(text))


def machine_lines(machines: Iterable[ProjectMachine]) -> list[str]:
    """A table of machines, a line each."""
    return ["  ".join(row) for row in machine_rows(machines)]


def assumed_line(machine: ProjectMachine) -> str:
    """What was resolved and assumed for a machine, in a line; "" when nothing was assumed."""
    assumed, made = split_assumed(machine.assumed)
    if not assumed:
        return ""
    listed = ", ".join(_assumed_text(one) for one in assumed[:_MOST_NAMED])
    listed += f" and {len(assumed) - _MOST_NAMED} more" if len(assumed) > _MOST_NAMED else ""
    line = f"{assumed_count(machine)}: {listed}"
    if made:
        names = f"{counted(len(made), 'name')} that deployment makes"
        line += f"; {names}: the logical {'id stands' if len(made) == 1 else 'ids stand'} in"
    return line


def assumed_count(machine: ProjectMachine) -> str:
    """How many placeholders were resolved, and how many values assumed; "" when none was assumed."""
    assumed, _ = split_assumed(machine.assumed)
    resolved = sum(1 for one in machine.substitutions if one.is_used)
    if not assumed:
        return ""
    if not resolved:
        return f"{counted(len(assumed), 'value')} assumed"
    return f"{counted(resolved, 'placeholder')} resolved, {len(assumed)} assumed"


def target_text(target: TaskTarget, root: str) -> str:
    """What a Task leads to: `function ChargeFunction, src/charge/app.py:handler`. Paths are relative to `root`."""
    if target.function is not None:
        where = function_place(target.function, root)
        return f"function {target.name}" + (f", {where}" if where else "")
    if target.machine is not None:
        place = target.machine.file
        return f"state machine {target.name}" + (f", {_relative(place, root)}" if place else "")
    resource = target.resource
    own = f" ({resource.name})" if resource is not None and resource.name not in ("", target.name) else ""
    return f"{target.kind} {target.name}{own}"


def function_place(function: ProjectFunction, root: str) -> str:
    """Where the handler of a function is: its file and name where the file is there, else what is known."""
    if function.code is CodeKind.INLINE:
        return f"inline in {_relative(function.file, root)}:{function.line}"
    if function.folder is None:
        return function.source
    module, _, name = function.handler.rpartition(".")
    for suffix in _HANDLER_SUFFIXES:
        path = os.path.join(function.folder, f"{module}{suffix}")
        if module and os.path.isfile(path):
            return f"{_relative(path, root)}:{name}"
    handler = f", handler {function.handler}" if function.handler else ""
    return f"{_relative(function.folder, root)}{handler}"


def _relative(path: str, root: str) -> str:
    """A path as people read it: from the project's folder, unless it lies outside."""
    found = os.path.relpath(path, root)
    return path if found.startswith("..") else found


def _assumed_text(value: AssumedValue) -> str:
    """`Stage = dev (--parameter Stage=…)`; of one that nobody knows, only its name."""
    shown = f"{value.name} is not known" if value.value == f"${{{value.name}}}" else f"{value.name} = {value.value}"
    return f"{shown} ({value.option})" if value.option else shown


def outside_line(files: Sequence[str]) -> str:
    """Which files were read that do not lie in the project's folder."""
    listed = ", ".join(files[:_MOST_NAMED])
    listed += f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return f"read outside of the project's folder, as a path in the project names it: {listed}"


def split_assumed(values: Iterable[AssumedValue]) -> tuple[list[AssumedValue], list[AssumedValue]]:
    """Values that somebody may want to set, and names that only deployment makes."""
    assumed: list[AssumedValue] = []
    made: list[AssumedValue] = []
    for one in values:
        (made if one.basis is AssumedBasis.GENERATED_NAME else assumed).append(one)
    return assumed, made


def assumed_rows(values: Iterable[AssumedValue]) -> list[str]:
    """Every assumed value on a line of its own, with why, and how to say it."""
    lines = []
    for one in values:
        how = f"; {one.option} says it" if one.option else ""
        value = "" if one.value == f"${{{one.name}}}" else f" = {one.value}"
        lines.append(f"{one.name}{value}: {one.why}{how}")
    return lines


def project_lines(project: Project) -> list[str]:
    """A project for people: what it is, its machines, what is wrong with those that cannot be opened, what was
    assumed."""
    count = counted(len(project.machines), "state machine")
    lines = [f"{project.path}: {project.format}, {count}", ""]
    lines += [f"  {line}" for line in machine_lines(project.machines)]
    for machine in project.machines:
        for problem in machine.problems[:3]:
            fix = f" ({problem.fix})" if problem.fix else ""
            lines += ["", f"  {machine.name}: {problem.location}: {problem.what}{fix}"]
    started = trigger_lines(project_triggers(project.machines))
    if started:
        lines += ["", "started by:", *(f"  {line}" for line in started)]
    assumed, made = split_assumed(project.assumed)
    if assumed:
        lines += ["", f"{counted(len(assumed), 'value')} assumed:", *(f"  {line}" for line in assumed_rows(assumed))]
    outside = [file.path for file in project.files if file.is_outside]
    if outside:
        lines += ["", outside_line(outside)]
    if made:
        names = ", ".join(one.name for one in made[:_MOST_MADE])
        if len(made) > _MOST_MADE:
            names += f" and {len(made) - _MOST_MADE:,} more: --json has all of them"
        lines += ["", f"made at deployment, the logical ids stand in: {names}"]
    return lines


def project_dict(project: Project) -> dict[str, Json]:
    """A project as one object."""
    return {
        "path": project.path,
        "root": project.root,
        "format": str(project.format),
        "region": project.region,
        "account": project.account,
        "machines": [_machine_dict(machine) for machine in project.machines],
        "functions": [
            {
                "name": each.name,
                "logicalId": each.logical_id,
                "arn": each.arn,
                "handler": each.handler,
                "runtime": each.runtime,
                "folder": each.folder,
                "code": str(each.code),
            }
            for each in project.functions
        ],
        "parameters": [
            {"name": each.name, "type": each.type, "value": each.value, "origin": each.origin}
            for each in project.parameters
        ],
        "assumed": [_assumed_dict(each) for each in project.assumed],
        "files": [{"path": each.path, "role": str(each.role), "isOutside": each.is_outside} for each in project.files],
    }


def _machine_dict(machine: ProjectMachine) -> dict[str, Json]:
    return {
        "name": machine.name,
        "logicalId": machine.logical_id,
        "physicalName": machine.physical_name,
        "arn": machine.arn,
        "constructPath": machine.construct_path,
        "type": str(machine.type),
        "states": machine.states,
        "triggers": [trigger_dict(each) for each in machine.triggers],
        "file": machine.file,
        "line": machine.line,
        "substitutions": {each.name: each.value for each in machine.substitutions},
        "assumed": [each.name for each in machine.assumed],
        "problems": [
            {"what": each.what, "fix": each.fix, "file": each.file, "line": each.line, "column": each.column}
            for each in machine.problems
        ],
    }


def _assumed_dict(value: AssumedValue) -> dict[str, Json]:
    return {
        "name": value.name,
        "value": value.value,
        "basis": str(value.basis),
        "why": value.why,
        "option": value.option,
        "file": value.file,
        "line": value.line,
        "column": value.column,
    }
