"""The execution at hand for a ticket: it is read, counted among those that the list knows, and shown as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfdebug.aws.errors import DeniedError, NotFoundError, NotSupportedError
from sfdebug.executions.outcome import Known

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.ticket import FailureStatistics, Ticket
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.history.recording import Recording
    from sfdebug.tui.browser.chosen import Chosen
    from sfdebug.tui.browser.reading import Work


def show_ticket(chosen: Chosen) -> None:
    """Read the execution at hand, and show what a ticket needs to know of it; with another one marked, also what is
    different from that."""
    entry = chosen.entry
    if entry is None:
        chosen.screen.say("there is no execution here")
        return

    def read(work: Work) -> Ticket:
        return _read(work, chosen, entry)

    def then(ticket: Ticket) -> None:
        from sfdebug.tui.recordings.ticket_dialog import TicketDialog

        chosen.screen.app.push_screen(TicketDialog(ticket))

    name = entry.title or "it"
    chosen.screen.work(f"reading {name}", read, then, "There is no ticket to be had of this execution")


def how_often(
    outcome: ExecutionOutcome, known: Sequence[ExecutionOutcome], *, is_whole: bool
) -> FailureStatistics | None:
    """How often it failed like that, among those of its state machine that a list knows."""
    from sfdebug.debugger.ticket import statistics_of
    from sfdebug.executions.groups import group_failures

    # By the same words as the others: what a list knows is from the end of a history, and can be less.
    own = next((one for one in known if one.key == outcome.key and one.known >= Known.DESCRIBED), outcome)
    if not own.is_unsuccessful or own.known < Known.DESCRIBED:
        return None
    everyone = [own, *(one for one in known if one.key != outcome.key)]
    starts = [one.started_at for one in known if one.started_at is not None]
    since = min(starts, default=None) if not is_whole else None
    return statistics_of(outcome, group_failures(everyone), everyone, since=since, is_whole=is_whole)


def _read(work: Work, chosen: Chosen, entry: ExecutionOutcome) -> Ticket:
    """What is known of it; where its history is denied, what the list and its description say."""
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.debugger.ticket import ticket_of, ticket_without_history
    from sfdebug.tui.browser.loading import parsed
    from sfdebug.tui.browser.places import KeptPlace

    source = work.source
    outcome = source.outcome(entry)
    work.check()
    counted = how_often(outcome, chosen.known, is_whole=chosen.is_whole)
    work.tell("its history")
    try:
        recording = source.recording(outcome)
    except (DeniedError, NotFoundError, NotSupportedError) as error:
        return ticket_without_history(outcome, error.what, counted)
    work.check()
    machine = chosen.place.machine if isinstance(chosen.place, KeptPlace) else None

    def opened(one: ExecutionOutcome, recording: Recording) -> RecordedSession:
        recorded = parsed(source.definition(one), one.name)
        return open_recording(recording, machine or recorded, recorded_definition=recorded)

    run = opened(outcome, recording)
    others = [one for one in chosen.marked if one.key != outcome.key]
    if len(others) != 1:
        return ticket_of(run, outcome, counted)
    work.tell(f"the history of {others[0].title}")
    return ticket_of(run, outcome, counted, against=opened(others[0], source.recording(others[0])))
