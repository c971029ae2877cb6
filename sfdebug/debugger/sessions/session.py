"""A saved session as it was read: what it is of, and all that was done in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import msgspec
from msgspec import Struct

from sfdebug.debugger.sessions.coding import Keeping
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import text_of, value_in
from sfdebug.debugger.sessions.records import (
    FORMAT,
    Beginning,
    Done,
    Input,
    Kept,
    Summary,
    Text,
    record_of,
)
from sfdebug.engine.execution.settings import Settings
from sfdebug.values import MAX_NESTING, Json, is_deeper

if TYPE_CHECKING:
    from pathlib import Path

    from sfdebug.debugger.sessions.lines import Lines

_NOT_ONE = "A session is a file that sfdebug wrote: sfdebug sessions lists those that it keeps."


class Session(Struct, frozen=True):
    """A saved session. `kept` are its long data; `damaged` is the line from which on it is lost, 0 where none is."""

    path: Path
    lines: Lines
    beginning: Beginning
    text: str
    input: Json
    done: tuple[Done, ...]
    kept: list[Json]
    keeping: Keeping
    damaged: int = 0

    @property
    def summary(self) -> Summary:
        """Where it stands."""
        return self.done[-1].summary if self.done else Summary()

    @property
    def time(self) -> float:
        """When something was done in it last, in seconds since 1970."""
        return self.done[-1].time if self.done else self.beginning.began

    @property
    def seen(self) -> dict[str, Any]:
        """How it was looked at last."""
        return next((one.seen for one in reversed(self.done) if one.seen is not None), {})

    @property
    def settings(self) -> Settings:
        """The settings that it runs with. Raises SessionError when they are none."""
        return settings_of(self.beginning.settings)


def session_in(path: Path, lines: Lines) -> Session:
    """The session in the lines of a journal.

    Raises SessionError when they are none, or of a format that this version does not know.
    """
    try:
        return _session(path, lines)
    except SessionError as error:
        raise SessionError(error.what, where=str(path), fix=error.fix or _NOT_ONE) from error


def _session(path: Path, lines: Lines) -> Session:
    if len(lines.texts) < 3:
        raise SessionError("this is no session of sfdebug, or it broke off before it began")
    beginning, text, given = (record_of(_checked(value_in(line))) for line in lines.texts[:3])
    if not isinstance(beginning, Beginning) or not isinstance(text, Text) or not isinstance(given, Input):
        raise SessionError("this is no session of sfdebug")
    if is_deeper(given.v, MAX_NESTING):
        raise SessionError(f"its input is nested more than {MAX_NESTING} levels deep")
    done: list[Done] = []
    kept: list[Json] = []
    keeping, damaged = Keeping(), lines.damaged
    for line in lines.texts[3:]:
        record = record_of(value_in(line))
        if isinstance(record, Kept):
            if is_deeper(record.v, MAX_NESTING):
                raise SessionError(f"it holds data that are nested more than {MAX_NESTING} levels deep")
            kept.append(record.v)
            keeping.take(line[len(b'{"is":"data","v":') : -1])
        elif isinstance(record, Done):
            done.append(record)
        else:
            raise SessionError("it begins twice")
    return Session(path, lines, beginning, text.v, given.v, tuple(done), kept, keeping, damaged)


def _checked(value: Any) -> Any:
    if isinstance(value, dict) and value.get("is") == "session" and value.get("format") != FORMAT:
        fix = "Install a version of sfdebug that is as new as the one that wrote it."
        raise SessionError(f"it is of a format ({value.get('format')}) that this version does not know", fix=fix)
    return value


def checksum(text: str) -> str:
    """What tells whether a definition is the same."""
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def input_checksum(given: Json) -> str:
    """What tells whether an input is the same."""
    return checksum(text_of(given))


def plain_settings(settings: Settings) -> dict[str, Any]:
    """Settings as a JSON value, without what is as it is by default."""
    others = {
        name: value for name in settings.__struct_fields__ if (value := getattr(settings, name)) != _default(name)
    }
    plain: dict[str, Any] = msgspec.to_builtins(others)  # of few of them: an execution that is kept waits for this
    return plain


_DEFAULTS: Final = Settings()


def _default(name: str) -> Any:
    return getattr(_DEFAULTS, name)


def settings_of(plain: dict[str, Any]) -> Settings:
    """Settings from a JSON value. Raises SessionError when they are none."""
    context = plain.get("context")
    try:
        found = msgspec.convert({name: value for name, value in plain.items() if name != "context"}, type=_checking())
    except msgspec.ValidationError as error:
        raise SessionError(f"it has settings that this version does not know: {error}") from None
    if context is not None and not isinstance(context, dict):
        raise SessionError("it has a Context object that is none")
    return Settings(**{name: getattr(found, name) for name in found.__struct_fields__}, context=context)


@cache
def _checking() -> type[Struct]:
    """A type like Settings that JSON is checked against, without the Context object, which is any JSON object."""
    hints = get_type_hints(Settings)
    defaults = dict(zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True))
    fields = [(name, hints[name], defaults[name]) for name in Settings.__struct_fields__ if name != "context"]
    return msgspec.defstruct("Settings", fields, forbid_unknown_fields=True)
