"""`--store FILE`: what `serve` and `exec` keep in a file and go on from, and what is said of that."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import say
from sfdebug.errors import UsageError
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.store.reopening import Reopened
    from sfdebug.hosting.store.store import HostStore

_NAMED: Final = 5
"""So many of several are named."""


@contextmanager
def opened_store(path: str | None) -> Iterator[HostStore | None]:
    """The store in a file, closed in the end; None for no file. Raises UsageError where it cannot be used."""
    if path is None:
        yield None
        return
    from sfdebug.hosting.store.store import HostStore

    shown = escaped(path)
    store = HostStore.open(
        path,
        lambda why: say(
            f"sfdebug: {shown} cannot be written: {escaped(why)}. Calls are refused and executions wait until it can; "
            "nothing is lost that was told"
        ),
        lambda: say(f"sfdebug: {shown} is written again: calls are answered, and executions go on"),
    )
    try:
        yield store
    finally:
        close_store(store)


def close_store(store: HostStore) -> None:
    """Write what is still to be written, and say what could not be; nothing for one that is closed."""
    lost = store.close()
    if lost:
        say(f"sfdebug: {escaped(store.path)}: what happened last could not be written, and was told to nobody")


def reopen(store: HostStore, host: ExecutionHost) -> None:
    """Have a host be as it was kept, and say what became of it. Raises UsageError for what cannot be read."""
    reopened = store.reopen(host)
    for line in reopened_lines(store.path, reopened):
        say(f"sfdebug: {line}")


def reopened_lines(path: str, reopened: Reopened) -> Iterator[str]:
    """What is said of a host that was kept."""
    shown = escaped(path)
    if reopened.running:
        verb = "goes" if reopened.running == 1 else "go"
        yield f"{shown}: {counted(reopened.running, 'execution')} that ran {verb} on"
    if reopened.called:
        what = (
            "a Task was being called when it ended, and is called again: "
            if len(reopened.called) == 1
            else (f"{len(reopened.called):,} Tasks were being called when it ended, and are called again: ")
        )
        yield what + _some([f"{one.state} of {one.execution_arn}" for one in reopened.called])
    for one in reopened.not_taken_up:
        yield f"{escaped(one.arn)} is kept as it is, and not gone on with: {escaped(one.why)}"
    if reopened.without_case:
        yield (
            "there is no longer the test case that answered the Tasks of "
            f"{_some(list(reopened.without_case))}: whatever else answers is asked"
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(escaped(name) for name in names[:_NAMED]) + more


def create_or_update(host: ExecutionHost, name: str, definition: str, type: str, role_arn: str) -> None:
    """Have a machine be there as a file says it is; one that was kept otherwise is updated, which is said.

    Raises UsageError where it was kept as one of the other type.
    """
    from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
    from sfdebug.server.operations.machines import preload

    arn = host.machines.arn_of(name)
    try:
        preload(host, name, definition, type, role_arn)
    except HostRefusalError as refusal:
        if refusal.reason is RefusalReason.MACHINE_DELETING:
            say(f"sfdebug: {escaped(arn)} is being deleted, and cannot be started: executions of it still run")
            return
        if refusal.reason is not RefusalReason.MACHINE_EXISTS:
            raise
        kept = host.machines.get(arn)
        if kept.type != type:
            what = f"{name} was kept as a state machine of the type {kept.type}, and is {type} now"
            fix = "A state machine does not change its type: delete it (delete-state-machine), or give another --store."
            raise UsageError(what, where=arn, fix=fix) from None
        if (kept.definition, kept.role_arn) != (definition, role_arn):
            host.machines.update(arn, definition=definition, role_arn=role_arn)
            say(f"sfdebug: {escaped(arn)} was kept otherwise: it is updated, and starts as the file says now")
