"""The command that shows the meter of the run: what it has used up to where one stands. Counting loads when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.errors import SfdebugError
from sfdebug.limits import ExecutionType
from sfdebug.tui.settings import settings_of
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from sfdebug.forecast.children import ChildrenMeter, ChildrenUsage, ForkedMeters
    from sfdebug.forecast.reading import MeterReading
    from sfdebug.rates import RateTable
    from sfdebug.tui.commands.host import Dispatcher, PaneHost
    from sfdebug.tui.dialogs.meter import MeterDialog


class MeterCommands:
    """Counts the events of the timelines that are looked at: each once on all forks that are alike up to it."""

    def __init__(self, host: PaneHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands
        self._meters: ForkedMeters | None = None
        self._children: ChildrenMeter | None = None
        self._rates: RateTable | None = None
        self._dialog: MeterDialog | None = None

    def show(self) -> None:
        """Show the meter; the keys that step work in it."""
        from sfdebug.rates import default_rates

        try:
            read = settings_of(self.host.app).read_rates
            self._rates = read() if read is not None else default_rates()
        except SfdebugError as error:
            self.host.say(str(error), Tone.TROUBLE)
            return
        from sfdebug.tui.dialogs.meter import MeterDialog

        self._dialog = MeterDialog(self.reading(), self.commands.run)
        self.host.ask(self._dialog, self._closed)

    def _closed(self, _: None) -> None:
        self._dialog = None

    def follow(self) -> None:
        """Where one stands is another place now."""
        if self._dialog is not None:
            self._dialog.tell(self.reading())

    def reading(self) -> MeterReading:
        """The meter where one stands: of the execution, or of the child execution in focus."""
        from sfdebug.forecast.children import ForkedMeters
        from sfdebug.forecast.reading import RunUnderWay, reading_at
        from sfdebug.forecast.usage import RunSource
        from sfdebug.rates import default_rates

        view, recorded = self.host.view, self.debugger.recorded
        events, count = view.events, view.event_index
        if self._meters is None:
            self._meters = ForkedMeters()
        name = view.child.arn if view.child is not None else ""
        meter = self._meters.up_to(name, events, count, view.fork_id)
        settings = view.execution.settings
        kind, region, source = settings.execution_type, settings.region, RunSource.SIMULATED
        if recorded is not None:
            facts = recorded.recording.facts
            kind, region, source = facts.execution_type, facts.region or region, RunSource.RECORDED
        if view.child is not None:
            kind = view.child.execution_type
        run = RunUnderWay(view.execution.machine, source, ExecutionType(kind), region, self._rates or default_rates())
        return reading_at(run, meter, events, count, self._children_used() if view.child is None else ())

    def _children_used(self) -> tuple[ChildrenUsage, ...]:
        """What the child executions have used that stand where one looks, those that run among them."""
        from sfdebug.forecast.children import ChildrenMeter

        if self._children is None:
            self._children = ChildrenMeter(self._meters)
        return self._children.used_in(self.host.view.execution)
