"""The commands about what Tasks called outside of the program: their logs, and what stays done when one goes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.stepping.outside_calls import Effect
from sfdebug.debugger.wording.answerers import in_words
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.tasks.answerers import REAL
from sfdebug.tasks.outside import AskingHandler, calling_handlers, surroundings_in
from sfdebug.text import counted
from sfdebug.tui.keys import key_of
from sfdebug.tui.widgets.notice import Tone
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.verbs import Verb
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.answerers import Answerer
    from sfdebug.tasks.call_log import AttemptKey
    from sfdebug.tasks.outside import OutsideCall
    from sfdebug.tui.commands.host import PaneHost
    from sfdebug.tui.panes.stages import StageSelection

_MOST_SENT: Final = 400
"""So many characters of what was sent stand in a sentence."""

_LOST: Final = "was not kept: the call was made before the session was left"


class CallCommands:
    """What is known of the calls of the stages that are shown."""

    def __init__(self, host: PaneHost) -> None:
        self.host = host
        self.debugger = host.debugger
        self._told: set[AttemptKey] = set()
        """Attempts of which was said once that what they called stays done."""

    def of_stage(self, look: StageSelection, row: int) -> OutsideCall | None:
        """The call of a stage on the screen; None where it made none."""
        attempt = self._attempt_of(look, row)
        if look.visit is None or attempt is None:
            return None
        call, stage = self.debugger.calls.last_of(look.visit, attempt), look.lines[row].stage
        is_waiting = stage is not None and stage.status is StageStatus.WAITING
        is_to_come = call is not None and call.answer is not None and is_waiting
        return None if is_to_come else call

    def show_log(self) -> None:
        """Show all that the Task at hand wrote: of the stage that is chosen, else of its last attempt; where it has not
        called yet, what the last call before here wrote. While a call is under way, what was sent."""
        if self.show_under_way():
            return
        look, calls = self.host.selection, self.debugger.calls
        call, title = self.of_stage(look, self.host.stages.cursor), ""
        effects: tuple[Effect, ...] = ()
        if look.visit is not None and look.state is not None:
            call, title = call or calls.last_of(look.visit), f"What {look.state.name} called"
            attempt = self._attempt_of(look, self.host.stages.cursor)
            effects = calls.inside_of(look.visit, attempt) or calls.last(look.visit)
        if call is not None:
            effects = (Effect(call.callee, (), call=call),)
        its = "its log"
        if not effects:
            effects, its = calls.last(), "the log of the last call before here"
            title = "The last call before here" if len(effects) == 1 else "The last calls before here"
        if not effects:
            why = "was called here yet" if calls.can_be_made else "is called by this session"
            self.host.say(f"nothing outside {why}", Tone.REFUSAL)
            return
        if all(effect.call is None for effect in effects):
            self.host.say(f"{its} {_LOST}", Tone.REFUSAL)
            return
        from sfdebug.tui.dialogs.messages import TextDialog
        from sfdebug.tui.panes.call_lines import logs_text

        self.host.ask(TextDialog(title, logs_text(effects, self.host.glyphs, _LOST)))

    def _attempt_of(self, look: StageSelection, row: int) -> int | None:
        """The attempt that a stage on the screen is of; None for one that is of no Task's."""
        line = look.lines[row] if 0 <= row < len(look.lines) else None
        if look.visit is None or line is None or line.stage is None or line.name is not StageName.TASK:
            return None
        return look.visit.redriven_after + line.stage.attempt

    def show_under_way(self) -> bool:
        """Show whole what is being called just now, and with what; whether something is."""
        found = self.under_way()
        if found is None:
            return False
        from sfdebug.tui.dialogs.messages import TextDialog

        request, who = found
        sent = json.dumps(request.input, indent=2, ensure_ascii=False)
        text = f"{in_words(who)} is called for {named(request.state.name)}, with\n\n{sent}"
        self.host.ask(TextDialog("The call that is under way", text))
        return True

    def under_way(self) -> tuple[TaskRequest, Answerer] | None:
        """What is really called just now, on whatever thread, and by which request; None where nothing is."""
        request = self.debugger.answering.under_way
        who = self.debugger.answering.who(request) if request is not None else None
        return (request, who) if request is not None and who is not None and who.kind in REAL else None

    def progress(self) -> tuple[str, str]:
        """What is being called, in short, and a sentence on it with what was sent; "" where nothing is."""
        found = self.under_way()
        if found is None:
            return "", ""
        request, who = found
        if any(each.is_beginning for each in surroundings_in(self.debugger.tasks)):
            return "starting local services", f"Starting local services before {in_words(who)} is called."
        sent = compact(request.input)[:_MOST_SENT]
        return f"calling {who.name}", f"Calling {in_words(who)} for {named(request.state.name)}, with {sent}"

    def show_services(self) -> None:
        """Show what the services hold that Tasks have called."""
        found = next((each for each in surroundings_in(self.debugger.tasks) if each.has_services), None)
        if found is None:
            self.host.say("no services are called: --services local has them on this machine", Tone.REFUSAL)
            return
        from sfdebug.tui.dialogs.services import ServicesDialog

        is_local = found.can_be_reset
        place = "on this machine" if is_local else ""
        lost = self._not_in_them if is_local else str
        self.host.ask(ServicesDialog(found.contents, found.reset if is_local else None, place, lost))

    def _not_in_them(self) -> str:
        lost = self.debugger.calls.lost()
        return f"what {counted(lost, 'earlier call')} did is not in them" if lost else ""

    def what_began(self) -> str:
        """What local services have begun with, and what they do not hold, once; "" where none have begun."""
        notes = [note for each in surroundings_in(self.debugger.tasks) for note in each.take_notes()]
        if not notes:
            return ""
        lost = self._not_in_them()
        return "\n".join((f"local services: {notes[0]}{f'; {lost}' if lost else ''}", *notes[1:]))

    def ask_leave(self, verb: Verb | None, begin: Callable[[Verb], None]) -> bool:
        """Where a verb was refused for a call that has to be allowed, ask for that, and go on; whether it is so."""
        asking = (each for each in calling_handlers(self.debugger.tasks) if isinstance(each, AskingHandler))
        waiting = next((each for each in asking if each.wanted is not None), None)
        if waiting is None or verb is None:
            return False
        from sfdebug.tui.dialogs.messages import ConfirmDialog

        def answered(is_allowed: bool | None) -> None:
            if is_allowed:
                waiting.allow()
                begin(verb)
            else:
                self.host.say("not called", Tone.REFUSAL)

        self.host.ask(
            ConfirmDialog("Call it?", waiting.question(), yes="call, from now on", no="do not call"), answered
        )
        return True

    def what_stays(self, before: TimelineNode) -> str:
        """What to say where calls are left behind, on a way back or on a fork, once for each of them; "" where there is
        nothing new to say."""
        left = self.debugger.calls.left_behind(before)
        fresh = [effect for effect in left if effect.attempt not in self._told]
        if not fresh:
            return ""
        self._told |= {effect.attempt for effect in fresh}
        names = ", ".join(dict.fromkeys(effect.callee for effect in reversed(fresh)))
        began = dict.fromkeys(effect.states[0] for effect in reversed(fresh) if effect.states)
        inside = f" in what {', '.join(map(named, began))} started" if began else ""
        if any(not effect.states for effect in fresh):
            again = f"{key_of('impose.again')} calls again"
        else:
            again = f"{key_of('impose.again')} inside calls again"
        if len(fresh) == 1:
            return f"{names}{inside} is not called again when you step on: what it did stays done, {again}"
        made = f"{counted(len(fresh), 'call')} ({names})"
        if began and not all(effect.states for effect in fresh):
            inside = f",{inside} too,"
        return f"{made}{inside} are not made again when you step on: what they did stays done, {again}"
