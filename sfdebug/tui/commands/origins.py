"""Asking who changed the value at the cursor of the Data pane, and who reads it. Its dialog loads when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.visit import StageName
from sfdebug.text import clean, counted
from sfdebug.tui.json.modes import Mode
from sfdebug.tui.json.text import path_text
from sfdebug.tui.painting.describe import short
from sfdebug.tui.painting.paint import fit
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.data_origins.model import DataOrigin, DataPlace, Keys
    from sfdebug.debugger.data_origins.origins import DataOrigins
    from sfdebug.tui.commands.host import Dispatcher, PaneHost
    from sfdebug.tui.origins.rows import OriginRow

_WIDEST_VALUE: Final = 60


class OriginCommands:
    """The command, for the value that the Data pane shows."""

    def __init__(self, host: PaneHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self.commands = commands
        self._origins: DataOrigins | None = None

    @property
    def origins(self) -> DataOrigins:
        """What has been looked up, which the next question need not look up again."""
        if self._origins is None:
            from sfdebug.debugger.data_origins.origins import DataOrigins

            self._origins = DataOrigins(self.debugger.timeline)
        return self._origins

    def who_changed(self) -> None:
        """List where the value at the cursor of the Data pane is from, and what reads it."""
        look, json = self.host.selection, self.host.data.json
        keys = json.pointer
        if json.mode is Mode.EXPRESSION and look.visit is not None:
            self.host.say("an expression is written in the definition: choose the value before or after", Tone.REFUSAL)
            return
        try:
            origin = self._origin(keys)
        except KeyError:
            self.host.say("that visit is on another timeline", Tone.REFUSAL)
            return
        if origin is None or not is_present(origin.value):
            self.host.say("there is no value here yet", Tone.REFUSAL)
            return
        self._open(origin)

    def _origin(self, keys: Keys) -> DataOrigin | None:
        """What is known of the value that is shown; None where there is none."""
        from sfdebug.debugger.data_origins.model import DataPlace, DataSide

        look, mode = self.host.selection, self.host.data.mode
        origins = self.origins
        if look.visit is None:
            here = position_at(self.debugger.cursor)
            is_coming = look.is_here and here.branch is not None and here.visit is None
            return origins.coming(here, keys) if is_coming and mode is not Mode.VARIABLES else None
        row = self.host.stages.cursor
        count = len(look.visit.stages)
        stage = min(row if 0 <= row < len(look.lines) else look.index, count - 1)
        if stage < 0 or (look.lines[stage].stage is None and stage < len(look.lines)):
            return None
        if mode is Mode.VARIABLES:
            return origins.of(self._variable(look.visit.number, stage, keys)) if keys else None
        if mode is Mode.BEFORE:
            return origins.of(origins.given(look.visit.number, stage, keys))
        return origins.of(DataPlace(look.visit.number, stage, DataSide.AFTER, keys))

    def _variable(self, number: int, stage: int, keys: Keys) -> DataPlace:
        """A variable: as Assign has made it by this stage, else as the state sees it."""
        from sfdebug.debugger.data_origins.model import DataPlace, DataSide

        origins, name = self.origins, str(keys[0])
        visit = origins.visit(DataPlace(number, 0))
        for at in range(stage, -1, -1):
            given = visit.stages[at]
            if given.name is StageName.ASSIGN and isinstance(given.after, dict) and name in given.after:
                return DataPlace(number, at, DataSide.AFTER, keys)
        return DataPlace(number, stage, DataSide.VARIABLE, keys[1:], name)

    def _open(self, origin: DataOrigin) -> None:
        from sfdebug.tui.origins.dialog import OriginDialog
        from sfdebug.tui.origins.rows import origin_rows

        origins = self.origins

        def ask(place: DataPlace) -> tuple[str, Sequence[OriginRow]]:
            found = origins.of(place)
            return self._told(found), origin_rows(found, origins)

        def chosen(place: DataPlace | None) -> None:
            if place is not None:
                self.commands.settle(self.debugger.goto_stage(place.visit, place.stage))

        rows = origin_rows(origin, origins)
        self.host.ask(OriginDialog("Who changed this?", self._told(origin), rows, ask), chosen)

    def _told(self, origin: DataOrigin) -> str:
        """The value in a line: `$.order.id, at Parameters of Sum: "o-7", 3 steps back`."""
        place = origin.place
        path = f"${place.name}{path_text(place.keys)[1:]}" if place.name else path_text(place.keys)
        where = ""
        if place.visit:
            visit = self.origins.visit(place)
            where = f" at {visit.stages[place.stage].name} of {clean(visit.state.name)}"
        shown = f": {fit(short(origin.value), _WIDEST_VALUE)}" if is_present(origin.value) else ""
        return f"{path}{where}, {counted(len(origin.steps), 'step')} back{shown}"
