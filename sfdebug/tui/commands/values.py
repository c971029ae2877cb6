"""The command about the values of a project: what was given and assumed, in a list from which each can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.projects.model import AssumedBasis
from sfdebug.tui.keys import key_of
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import StatePath
    from sfdebug.projects.addresses import ProjectValues
    from sfdebug.projects.model import ProjectMachine
    from sfdebug.projects.project import Project
    from sfdebug.tui.commands.definition import DefinitionCommands
    from sfdebug.tui.commands.host import EditingHost
    from sfdebug.tui.dialogs.list_dialog import ListItem

PARAMETER: Final = "parameter"
SUBSTITUTION: Final = "substitution"
REGION: Final = "region"
ACCOUNT: Final = "account"
NOTHING: Final = ""


class ProjectValue(Struct, frozen=True):
    """A value that a project was read with: what sets it, its name, what it is, and what is to be said of it."""

    kind: str
    name: str
    value: str
    note: str
    is_assumed: bool = False


class ValueCommands:
    """Lists the values, and reads the project again with another one."""

    def __init__(self, host: EditingHost, definition: DefinitionCommands) -> None:
        self.host = host
        self.definition = definition

    def assumed_text(self) -> str:
        """How much of the project had to be assumed, and which key lists it; "" where nothing was."""
        in_use = self.host.in_use
        opened = in_use.opened if in_use is not None and in_use.is_of_project else None
        if opened is not None and opened.machine is not None:
            from sfdebug.reports.projects import assumed_count

            count = assumed_count(opened.machine)
            if count:
                return f"{count}: {key_of('program.values')} lists them, and sets them"
        return ""

    def leads_to(self, path: StatePath) -> str:
        """What the Task of a state calls in the project that the definition is from, in words; "" for all else."""
        in_use = self.host.in_use
        project = in_use.project if path and in_use is not None else None
        if project is None:
            return ""
        try:
            state = self.host.debugger.machine.state(path)
        except KeyError:  # a name that only a recording has
            return ""
        target = project.target(state.resource, state.arguments) if state.resource else None
        if target is None:
            return ""
        from sfdebug.reports.projects import target_text

        return target_text(target, project.root)

    def choose(self) -> None:
        """Show the values; one that is chosen can be set."""
        in_use = self.definition.in_use
        opened = in_use.opened if in_use is not None and in_use.is_of_project else None
        if opened is None or opened.project is None or opened.machine is None:
            self.host.say("the definition is no project's: nothing was assumed for it", Tone.REFUSAL)
            return
        from sfdebug.reports.projects import assumed_count, outside_line
        from sfdebug.tui.dialogs.list_dialog import ListDialog

        items = [_item(value) for value in values_of(opened.project, opened.machine)]
        explanation = assumed_count(opened.machine) or "nothing was assumed"
        if opened.outside:
            explanation += f"; {outside_line(opened.outside)}"
        title = f"Values of {opened.address.name}"
        self.host.ask(ListDialog(title, items, f"{explanation}; Enter sets one", verb="set"), self._chosen)

    def _chosen(self, value: ProjectValue | None) -> None:
        if value is None:
            return
        if value.kind == NOTHING:
            self.host.say(f"{value.name} is made when the project is deployed: nothing sets it", Tone.REFUSAL)
            return
        from sfdebug.tui.dialogs.messages import ValueDialog

        def answered(text: str | None) -> None:
            if text is not None and text != value.value:
                self._set(value, text)

        shown = "" if value.value == f"${{{value.name}}}" else value.value
        self.host.ask(ValueDialog(value.name, value.note, shown), answered)

    def _set(self, value: ProjectValue, text: str) -> None:
        in_use = self.definition.in_use
        assert in_use is not None, "it has values"
        what = f"{value.name} = {text}" if text else f"{value.name} as the project has it"
        self.definition.take_values(with_value(in_use.address.values, value, text), what)


def values_of(project: Project, machine: ProjectMachine) -> Iterator[ProjectValue]:
    """The values that a machine was read with, assumed ones first."""
    found = list(_all_values(project, machine))
    yield from sorted(found, key=lambda value: (not value.is_assumed, value.kind == NOTHING))


def _all_values(project: Project, machine: ProjectMachine) -> Iterator[ProjectValue]:
    assumed = {one.name: one for one in (*project.assumed, *machine.assumed)}
    for parameter in project.parameters:
        known = assumed.pop(parameter.name, None)
        note = known.why if known is not None else parameter.origin or "no value"
        if parameter.allowed:
            note += f"; one of {', '.join(parameter.allowed)}"
        yield ProjectValue(PARAMETER, parameter.name, parameter.value, note, known is not None)
    for name, value, kind in (("AWS::Region", project.region, REGION), ("AWS::AccountId", project.account, ACCOUNT)):
        known = assumed.pop(name, None)
        yield ProjectValue(kind, name, value, known.why if known is not None else "", known is not None)
    for substitution in machine.substitutions:
        note = substitution.expression if substitution.is_used else "the definition does not use it"
        yield ProjectValue(SUBSTITUTION, substitution.name, substitution.value, note)
    for one in assumed.values():
        if one.basis is AssumedBasis.GENERATED_NAME or not one.option:
            yield ProjectValue(NOTHING, one.name, one.value, one.why)
        else:
            yield ProjectValue(SUBSTITUTION, one.name, one.value, one.why, is_assumed=True)


def _item(value: ProjectValue) -> ListItem[ProjectValue]:
    from sfdebug.tui.dialogs.list_dialog import ListItem

    text = value.value or "(none)"
    note = f"   {value.note}" if value.note else ""
    sign = "?" if value.is_assumed else ""
    return ListItem(value, value.name, f"{text}{note}", sign, "waiting" if value.is_assumed else "")


def with_value(values: ProjectValues, value: ProjectValue, text: str) -> ProjectValues:
    """The values with one set; an empty text takes it back."""
    if value.kind == REGION:
        return replace(values, region=text)
    if value.kind == ACCOUNT:
        return replace(values, account=text)
    before = values.parameters if value.kind == PARAMETER else values.substitutions
    after = {name: given for name, given in before.items() if name != value.name} | ({value.name: text} if text else {})
    return replace(values, parameters=after) if value.kind == PARAMETER else replace(values, substitutions=after)
