"""Advice on the definition that is open: looked for once it is painted, marked in the graph, listed with warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.limits import ExecutionType
from sfdebug.tui.settings import settings_of

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.asl.findings import Finding
    from sfdebug.errors import Problem
    from sfdebug.tui.commands.host import CommandHost


class AdviceCommands:
    """What is advised on the machine at hand; looked for anew when that is another one."""

    def __init__(self, host: CommandHost) -> None:
        self.host = host
        self._of: StateMachine | None = None
        self._found: list[Finding] = []
        self._shown: StateMachine | None = None

    def show(self) -> None:
        """Mark what there is advice on, if that is wanted."""
        machine = self.host.debugger.machine
        if machine is self._shown or not settings_of(self.host.app).configuration.advice:
            return
        from sfdebug.advice.advising import by_state

        self._shown = machine
        self.host.graph_body.advise(by_state(machine, self.found))

    @property
    def is_looked_for(self) -> bool:
        """Whether advice is looked for on the machine at hand: not on one that was made of a history, which nobody
        wrote."""
        recorded = self.host.debugger.recorded
        return recorded is None or not recorded.is_reconstructed

    @property
    def found(self) -> list[Finding]:
        """All advice on the machine at hand that is not silenced; none where it is not looked for."""
        machine = self.host.debugger.machine
        if not self.is_looked_for:
            return []
        if machine is not self._of:
            self._of, self._found = machine, self._look(machine)
        return self._found

    def problems(self) -> tuple[Problem, ...]:
        """The same as what can be listed, each with the id of its rule."""
        from sfdebug.advice.registry import shown_problem

        return tuple(shown_problem(finding) for finding in self.found)

    def _look(self, machine: StateMachine) -> list[Finding]:
        from sfdebug.advice.advising import advice_on, severity_of
        from sfdebug.advice.rule import Severity
        from sfdebug.advice.silencing import silenced

        type = ExecutionType(self.host.debugger.execution.settings.execution_type)
        ignored = settings_of(self.host.app).configuration.ignore
        advice = [*advice_on(machine, type, reads_models=False), *self._on_deployment(machine)]
        found = silenced(advice, machine.document, ignored)
        return [finding for finding in found if severity_of(finding).is_at_least(Severity.ADVICE)]

    def _on_deployment(self, machine: StateMachine) -> tuple[Finding, ...]:
        """What its template says of it, where the machine is one of a project as it was read last."""
        opened = self.host.in_use.opened if self.host.in_use is not None else None
        if opened is None or opened.project is None or opened.machine is None or opened.machine.definition is None:
            return ()
        if opened.machine.definition.document.source.text != machine.document.source.text:
            return ()
        from sfdebug.advice.rules.deploying import deployment_advice

        return deployment_advice(opened.project, opened.machine)
