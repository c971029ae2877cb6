"""A session without its data, for passing on: it goes the same way, which is seen by playing it before it is saved."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from sfdebug.aws.redacting import Redactor
from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text
from sfdebug.debugger.sessions.changes import changes, written_at
from sfdebug.debugger.sessions.coding import Keeping
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import text_of
from sfdebug.debugger.sessions.records import Input, Kept, Stops, TaskSources, Text, Walked, plain
from sfdebug.debugger.sessions.session import checksum

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.sessions.records import Beginning, Done
    from sfdebug.values import Json

_AS_IT_WAS = "Save it as it is, without --redact, if those who get it may see its data."


def redacted_texts(debugger: Debugger, beginning: Beginning, now: float) -> list[str]:
    """The journal of a debugger without its data: without texts, numbers and times of the input, of answers and edits.

    Conditions, messages of breakpoints, watches, what is looked at, the files that answered Tasks and where files lie
    are left out. Raises SessionError for data that cannot be taken out.
    """
    keeping = Keeping()
    done = changes(debugger, written_at(debugger, {}, is_all=False), {}, keeping, now)
    if done is not None and done.stops is not None:  # conditions, messages and watches may hold data
        plain_ones = [breakpoint_text(point) for point in debugger.breakpoints.all if point.is_plain]
        done = replace(done, stops=Stops(plain_ones))
    definition = debugger.machine.document.source.text
    redactor = Redactor(definition)
    given = debugger.timeline.main_nodes[0].execution.input

    def journal(change: Callable[[str], str]) -> list[str]:
        return _texts(redactor, beginning, definition, given, keeping, done, change)

    for text in journal(redactor.learn):
        redactor.learn_accounts(text)
    return [redactor.without_accounts(text) for text in journal(redactor.redacted)]


def _texts(
    redactor: Redactor,
    beginning: Beginning,
    definition: str,
    given: Json,
    keeping: Keeping,
    done: Done | None,
    change: Callable[[str], str],
) -> list[str]:
    def changed(value: Json) -> Json:
        result: Json = json.loads(change(json.dumps(value, ensure_ascii=False)))
        return result

    settings = dict(beginning.settings)
    if settings.get("context") is not None:
        settings["context"] = changed(settings["context"])
    of = beginning.recording
    text = redactor.without_accounts(definition)
    bare = replace(
        beginning,
        name=PurePath(beginning.name).name,
        definition="",
        sha256=checksum(text),
        settings=settings,
        sources=TaskSources(),
        recording=replace(of, path=PurePath(of.path).name) if of is not None else None,
        given="",
        is_redacted=True,
    )
    texts = [text_of(plain(bare)), text_of(plain(Text(text))), text_of(plain(Input(changed(given))))]
    texts += [text_of(plain(Kept(changed(json.loads(kept))))) for kept in keeping.new]
    if done is not None:
        moves = [_walked(move, changed, change) if isinstance(move, Walked) else move for move in done.moves]
        texts.append(text_of(plain(replace(done, moves=moves, called=None))))
    return texts


def _walked(move: Walked, changed: Callable[[Json], Json], change: Callable[[str], str]) -> Walked:
    by = [step if isinstance(step, int) else [*_inside(step[:2], changed, change), *step[2:]] for step in move.by]
    return replace(move, by=msgspec.to_builtins(by))


def _inside(coded: Any, changed: Callable[[Json], Json], change: Callable[[str], str]) -> Any:
    """A decision with its data changed: values, causes, the names of workers."""
    if isinstance(coded, list):
        return [_inside(inner, changed, change) for inner in coded]
    if not isinstance(coded, dict):
        return coded
    if coded.keys() == {"v"}:
        return {"v": changed(coded["v"])}
    if coded.get("content") is not None or coded.get("files"):
        what = "the items of a distributed Map came from files, whose data cannot be taken out"
        raise SessionError(what, fix=_AS_IT_WAS)
    return {
        name: change(inner)
        if name in ("cause", "worker_name") and isinstance(inner, str)
        else _inside(inner, changed, change)
        for name, inner in coded.items()
    }
