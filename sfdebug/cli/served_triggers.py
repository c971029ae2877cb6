"""What starts executions by itself where something is served: triggers of its machines, services to listen to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sfdebug.cli.console import say
from sfdebug.text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.hosting.clock import WallClock
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.scheduling import JobScheduler
    from sfdebug.hosting.triggers.book import TriggerBook
    from sfdebug.hosting.triggers.hosted_trigger import HostedTrigger
    from sfdebug.projects.model import ProjectMachine
    from sfdebug.tasks.surroundings import Surroundings


def wants_services(machines: Sequence[ProjectMachine]) -> bool:
    """Whether something that starts one of the machines comes from services: an event, a message of a queue."""
    from sfdebug.projects.model import TriggerSource

    sources = (TriggerSource.EVENTS, TriggerSource.PIPE)
    return any(trigger.source in sources for machine in machines for trigger in machine.triggers)


def trigger_book(host: ExecutionHost, machines: Sequence[tuple[ProjectMachine, str]]) -> TriggerBook:
    """The triggers of machines that are hosted under these names."""
    from sfdebug.hosting.triggers.book import TriggerBook

    triggers = [
        (trigger, host.machines.arn_of(name), machine.name)
        for machine, name in machines
        for trigger in machine.triggers
    ]
    return TriggerBook(host, triggers, _note)


def have_told(surroundings: Surroundings | None, machines: Sequence[ProjectMachine]) -> None:
    """Have services on this machine tell what happens there, where it starts something: before they are begun."""
    if surroundings is not None and surroundings.local is not None and wants_services(machines):
        surroundings.local.tells = True


@contextmanager
def listening(
    book: TriggerBook, surroundings: Surroundings | None, machines: Sequence[ProjectMachine]
) -> Iterator[None]:
    """Inside, what happens in services on this machine fires triggers. Raises LocalServicesError, UsageError for seeds
    that cannot be put in."""
    local = surroundings.local if surroundings is not None else None
    if surroundings is None or local is None or not local.tells:
        if surroundings is not None and surroundings.has_services and wants_services(machines):
            _note("what happens in services elsewhere starts nothing here; PutEvents at this address does")
        yield
        return
    from sfdebug.hosting.triggers.listening import ServiceListener
    from sfdebug.tasks.services.happenings import LocalHappenings

    surroundings.begin()
    services = LocalHappenings(local, surroundings.clients)
    services.make_buses({trigger.bus for trigger in book.list if trigger.pattern is not None})
    listener = ServiceListener(book, services, _note)
    listener.start()
    book.forward = listener.put_entries
    try:
        yield
    finally:
        book.forward = None
        listener.close()  # the services end later: executions that are kept may be calling them


@contextmanager
def clocked(book: TriggerBook, scheduler: JobScheduler, clock: WallClock, *, is_wanted: bool) -> Iterator[None]:
    """Inside, the clock fires the schedules of a book, where that is wanted."""
    if not is_wanted:
        yield
        return
    from sfdebug.hosting.triggers.schedule_clock import ScheduleClock

    clockwork = ScheduleClock(book, scheduler, clock)
    if not len(clockwork):
        _note("--schedules has nothing to fire: no state machine here has a schedule that is enabled and can be read")
    clockwork.start()
    try:
        yield
    finally:
        clockwork.close()


def served_trigger_lines(book: TriggerBook) -> list[str]:
    """What starts what is served, a line for each."""
    from sfdebug.reports.triggers import trigger_lines

    rows = [(each.machine_name, each.trigger, each.why_not or _next_words(each)) for each in book.list]
    return trigger_lines(rows)


def _next_words(trigger: HostedTrigger) -> str:
    """When the clock fires a trigger next, "" for one that has no time."""
    from sfdebug.times import moment_text

    return f"next at {moment_text(trigger.due)} UTC" if trigger.due is not None else ""


def _note(words: str) -> None:
    say(f"sfdebug: {escaped(words)}")
