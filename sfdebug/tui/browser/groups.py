"""Failures that are alike, together: by error, by the state that failed, and by the shape of the cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import replace

from sfdebug.executions.account import AccountSource
from sfdebug.text import counted
from sfdebug.times import duration_text, moment_text
from sfdebug.tui.browser.actions import act, action_keys
from sfdebug.tui.browser.base import entry_lines
from sfdebug.tui.browser.chosen import Chosen
from sfdebug.tui.browser.feed_screens import FeedOwner, FeedScreen
from sfdebug.tui.browser.filters import STATUSES
from sfdebug.tui.browser.keys import COMMON, OPEN, ListKey, bindings
from sfdebug.tui.browser.lists import GroupList, first_line
from sfdebug.tui.browser.opening import open_execution
from sfdebug.tui.browser.reading import Once, ReadingDone, ReadingFailed
from sfdebug.tui.browser.telling import looked_words
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from textual.binding import BindingType
    from textual.timer import Timer

    from sfdebug.executions.groups import FailureGroup
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.browser.reading import Filled, PageLoaded
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.widgets.search import Matcher


_WIDE: Final = 110
_REST: Final = 0.3
"""Seconds that the cursor rests on a group before AWS is asked about it."""


class GroupsScreen(FeedScreen["FailureGroup"]):
    """The groups; Enter shows the members of one as a list, and q there comes back."""

    KEYS = (
        OPEN,
        ListKey("groups.newest", "n", "open its newest", "Open the newest execution of the group", "newest", 1),
        ListKey("groups.time", "t", "time", "The last hour, 3 hours, day, week, month; T back", "time(1)", 4),
        ListKey("groups.time_back", "T", "time back", "The span of time before", "time(-1)"),
        ListKey("groups.more", "plus", "look on", "Look into more of those that failed", "look_on", 5),
        *action_keys(),
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    NOTHING = "no failure is known in this time"

    def __init__(self, owner: FeedOwner, at: str = "") -> None:
        """`at` is the key of the group that is to have the cursor."""
        self.groups = GroupList()
        super().__init__(owner, self.groups, at)
        self._asking: Once | None = None
        self._asked: set[str] = set()
        """The keys of executions of which the definition was asked for."""
        self._why_no_version = ""
        self._rest: Timer | None = None

    def found(self, matches: Matcher | None) -> Sequence[FailureGroup]:
        """The groups, those that fit."""
        found = self.owner.groups()
        if matches is None:
            return found
        return tuple(one for one in found if matches(f"{one.error} {one.state} {one.status} {one.shape}"))

    @property
    def wants_more(self) -> bool:
        """The list of those that failed goes on."""
        shown = self.owner.feed.shown
        return bool(shown) and shown[-1].is_unsuccessful and not self.owner.feed.is_whole

    def count_words(self) -> Piece:
        """How many groups."""
        count = len(self.groups.entries)
        return (counted(count, "kind of failure") if count == 1 else f"{count:,} kinds of failure"), "muted"

    def looked_words(self) -> Piece:
        """How many were looked into, and whether that is all."""
        owner = self.owner
        words, paint = looked_words(owner.feed, owner.narrowing.entry.taken(owner.feed.shown, self.now()))
        more = "" if self.owner.feed.has_all_failures else " so far: further back was not read"
        return f"{words}{more}", paint

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`error Oops · last 24 h        340 failed, 200 looked into`: the entry of the overview that is open, too."""
        left, right = super().filters()
        parts = [part for part, hides in replace(self.owner.narrowing.entry, hours=None).parts() if hides]
        dot = f" {glyphs_of(self).dot} "
        return [*(piece for part in parts for piece in ((part, "current"), (dot, "faint"))), *left], right

    def about(self, entry: FailureGroup) -> list[list[Piece]]:
        """How many, since when, under which versions, and a cause in full."""
        glyphs = glyphs_of(self)
        sign, paint = STATUSES.get(entry.status, ("unvisited", "muted"))
        where = f" in {entry.state}" if entry.state else ""
        head: list[Piece] = [
            (f"{getattr(glyphs, sign)} {entry.count:,} {entry.status}{where}", paint),
            (f"   {entry.error}", "strong"),
            (f"   {self._moment(entry.first_seen)} to {self._moment(entry.last_seen)}", "muted"),
        ]
        return entry_lines(head, [(first_line(entry.example_cause), "")], [(self._versions(entry), "muted")])

    def _moment(self, time: int | None) -> str:
        """A time, on a narrow terminal without its year."""
        text = moment_text(time, self.groups.zone)
        return text if self.size.width >= _WIDE else text[5:]

    def _versions(self, group: FailureGroup) -> str:
        """Under which definition the first of them ran, and since when it was in force."""
        rows = self.owner.feed.rows
        first, newest = rows.get(group.members[-1]), rows.get(group.members[0])
        if first is None or newest is None or not (first.version or newest.version):
            return self._why_no_version or versions_text(group, None, None, self.groups.zone)
        return versions_text(group, first, newest, self.groups.zone)

    def open_entry(self, entry: FailureGroup) -> None:
        """Its members, as a list."""
        self.dismiss()
        self.owner.show_group(entry)

    def action_newest(self) -> None:
        """Open the newest of the group at hand."""
        group = self.groups.entry
        if group is not None:
            newest = self.owner.feed.rows.get(group.members[0])
            if newest is not None:
                open_execution(self.owner, self, newest)

    def chosen(self) -> Chosen:
        """What a key is pressed on: the newest of the group, its members."""
        owner, group = self.owner, self.groups.entry
        members = [owner.feed.rows[key] for key in group.members if key in owner.feed.rows] if group is not None else []
        newest = members[0] if members else None
        feed = owner.feed
        return Chosen(
            self,
            self.place,
            feed.of,
            owner.name_of_list,
            newest,
            owner.list_of,
            (),
            members,
            feed.shown,
            owner.children_of,
            group,
            is_whole=feed.is_whole,
        )

    def action_act(self, id: str) -> None:
        """What another part does with what is chosen."""
        act(id, self.chosen())

    def action_look_on(self) -> None:
        """Look into more."""
        self.owner.action_look_on()
        self.show_lines()

    def action_copy(self) -> None:
        """Copy the ARN of the newest of the group."""
        group = self.groups.entry
        if group is not None:
            self.app.copy_to_clipboard(group.members[0])
            self.say(f"copied: {group.members[0]}")

    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        """Definitions that were asked for; all else the list below reads."""
        if event.reader is not self._asking:
            return
        self._asking = None
        if isinstance(event, ReadingFailed):
            self._why_no_version = f"which definition they ran is not known: {event.error}".splitlines()[0]
        elif isinstance(event, ReadingDone):
            for one in event.result:
                self.owner.feed.learn(one)
            self.refresh_list()
        self.show_detail()

    def seen(self) -> None:
        """Another group is at hand: ask which definition its first and its newest ran, when one stays there."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST, self.ask_definitions)

    def ask_definitions(self) -> None:
        """Ask which definition the first and the newest of the group at hand ran, unless that is known."""
        group, source = self.groups.entry, self.owner.source if self.place.is_account else None
        if group is None or not isinstance(source, AccountSource) or self._asking is not None:
            return
        rows = self.owner.feed.rows
        ends = [rows[key] for key in dict.fromkeys((group.members[-1], group.members[0])) if key in rows]
        asked = [one for one in ends if not one.definition_hash and one.key not in self._asked and one.is_over]
        if asked and not self._why_no_version:
            self._asked.update(one.key for one in asked)
            self._asking = Once(self, lambda: [source.revised(one) for one in asked])

    def stop_reading(self) -> None:
        """Nothing that was asked is waited for any more."""
        if self._asking is not None:
            self._asking.stop()


def versions_text(
    group: FailureGroup, first: ExecutionOutcome | None, newest: ExecutionOutcome | None, zone: tzinfo | None
) -> str:
    """`since version 7, the definition of 2026-11-28 22:14:03, 3 h before the first of them; also under version 8`; a
    hash where a text is known and no version."""
    if first is None or newest is None or not first.version:
        return "which version of the definition they ran is not known"
    text = f"the first ran {_definition_name(first, zone)}"
    if first.definition_at is not None and group.first_seen is not None:
        before = group.first_seen - first.definition_at
        text += f", {duration_text(before)} old by then" if before >= 0 else ""
    if first.definition_hash and first.definition_at is not None:
        text += f" (hash {first.definition_hash[:8]})"
    if newest.version and newest.version != first.version:
        return f"{text}; the newest {_definition_name(newest, zone)}"
    others = [_version_name(one) for one in group.versions if one not in (first.version, newest.version)]
    return f"{text}; also under {', '.join(others)}" if others else text


def _definition_name(outcome: ExecutionOutcome, zone: tzinfo | None) -> str:
    """`version 7`, `the definition of 2026-11-28 22:14:03`, with the hash of its text as far as that is known."""
    version = f"version {_version_name(outcome.version_arn)}" if outcome.version_arn else ""
    if outcome.definition_at is None:
        return version or f"a definition with the hash {outcome.definition_hash}"
    since = f"the definition of {moment_text(outcome.definition_at, zone)}"
    return f"{version}, {since}" if version else since


def _version_name(version: str) -> str:
    """The number at the end of a version's ARN; a hash as it is."""
    return version.rpartition(":")[2]
