"""What a screen has to know of its session: what keeps it, how it was looked at, which earlier one could go on.

None of it is worked out before the first picture is painted.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger import Debugger
    from sfdebug.debugger.sessions.keeper import SessionKeeper
    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.projects.in_use import DefinitionInUse


class Offer(Struct, frozen=True):
    """An earlier session that could go on: what it is, in words, and what goes on with it.

    `resume` raises SfdebugError when it cannot be opened any more.
    """

    text: str
    note: str
    resume: Callable[[], Continued]


class CaseList(Struct, frozen=True):
    """The test cases that can answer the Tasks of a session. `find` names them all, and raises SfdebugError when the
    mock file cannot be read; `begin` gives a new session in one of them ("" for none: the user answers)."""

    file: str
    current: str
    find: Callable[[], tuple[str, ...]]
    begin: Callable[[str], tuple[Debugger, ScreenSession]]


class BegunCase(Struct, frozen=True):
    """A session in another test case, as it was left."""

    debugger: Debugger
    session: ScreenSession
    looks: dict[str, Any]


class ScreenSession(Struct, frozen=True, dict=True):
    """The session of a screen. `make_keeper` gives what keeps it, `find_offer` an earlier one that could go on; `seen`
    is how it was looked at, `greeting` what there is to say at first, `cases` what else could answer its Tasks,
    `in_use` where its definition is from, None where that is no file; `find_to_watch` gives a few sentences on what to
    watch in it."""

    make_keeper: Callable[[], SessionKeeper]
    find_offer: Callable[[], Offer | None] | None = None
    seen: dict[str, Any] | None = None
    greeting: str = ""
    cases: CaseList | None = None
    in_use: DefinitionInUse | None = None
    find_to_watch: Callable[[], tuple[str, ...]] | None = None

    @cached_property
    def to_watch(self) -> tuple[str, ...]:
        """What to watch in it, in sentences; mostly nothing."""
        return self.find_to_watch() if self.find_to_watch is not None else ()

    @cached_property
    def keeper(self) -> SessionKeeper:
        """What keeps it, from when it is asked for."""
        return self.make_keeper()


def session_continued(
    continued: Continued,
    cases: CaseList | None = None,
    in_use: DefinitionInUse | None = None,
    find_to_watch: Callable[[], tuple[str, ...]] | None = None,
) -> ScreenSession:
    """The session of a screen that goes on with an earlier one."""
    greeting = "\n".join(continued.notes)
    return ScreenSession(
        lambda: continued.keeper,
        seen=continued.seen,
        greeting=greeting,
        cases=cases,
        in_use=in_use,
        find_to_watch=find_to_watch,
    )


def session_edited(
    session: ScreenSession, debugger: Debugger, in_use: DefinitionInUse | None, looks: dict[str, Any]
) -> ScreenSession:
    """The session of a run under another definition: kept beside that of the run before, and looked at as that was."""
    keeper = session.keeper.for_edited(debugger, in_use.address if in_use is not None else None)
    return replace(session, make_keeper=lambda: keeper, find_offer=None, seen=looks)
