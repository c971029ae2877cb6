"""Decisions as JSON and back: nothing that a file says is taken on trust.

A decision is `["answer", {"branch": [], "answer": …}]`: its kind, and the fields that are not as they are by default.
Data are `{"v": …}`, or where they are long `{"d": 3}`: the fourth value that the journal has kept aside, once, however
often it is needed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from msgspec import Struct

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import text_of
from sfdebug.engine.execution.decisions import (
    AdjustMapRun,
    Answer,
    AnswerTask,
    BeginTask,
    BranchId,
    Dataset,
    Decision,
    EditInput,
    EditOutput,
    ExpireExecution,
    ForceChoice,
    InjectFailure,
    Proceed,
    Provenance,
    Redrive,
    RefuseTask,
    StopExecution,
    Submission,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.values import MAX_NESTING, MISSING, Json, is_deeper, is_present

_LONG: Final = 512
"""Data whose text is longer are kept aside."""

_DECISIONS: Final[dict[str, type[Struct]]] = {
    "proceed": Proceed,
    "answer": AnswerTask,
    "begin": BeginTask,
    "force": ForceChoice,
    "inject": InjectFailure,
    "input": EditInput,
    "output": EditOutput,
    "refuse": RefuseTask,
    "stop": StopExecution,
    "expire": ExpireExecution,
    "redrive": Redrive,
    "adjust": AdjustMapRun,
}
_ANSWERS: Final[dict[str, type[Struct]]] = {
    "result": TaskResult,
    "failure": TaskFailure,
    "silence": TaskSilence,
    "dataset": Dataset,
}
_KINDS: Final = {kind: name for table in (_DECISIONS, _ANSWERS) for name, kind in table.items()}


class Keeping:
    """Long data, each kept once. `new` are the texts that no journal has yet."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self.new: list[str] = []

    def code(self, value: Json) -> dict[str, Any]:
        """A value, or where it is long the number under which it is kept."""
        text = text_of(value)
        if len(text) <= _LONG:
            return {"v": value}
        digest = _digest(text.encode("ascii"))
        if digest not in self._numbers:
            self._numbers[digest] = len(self._numbers)
            self.new.append(text)
        return {"d": self._numbers[digest]}

    def take(self, text: bytes) -> None:
        """Text of a value that a journal has already."""
        self._numbers.setdefault(_digest(text), len(self._numbers))

    def forget_new(self) -> None:
        """What was new could not be written: it is as if it had not been seen."""
        for text in self.new:
            del self._numbers[_digest(text.encode("ascii"))]
        self.new = []


def _digest(text: bytes) -> bytes:
    from hashlib import sha256  # loads OpenSSL: not for a session without long data

    return sha256(text).digest()


def value_of(coded: Any, kept: list[Json]) -> Json:
    """Data from a journal. Raises SessionError for what stands for none."""
    if isinstance(coded, dict) and len(coded) == 1:
        if "v" in coded:
            value: Json = coded["v"]
            if is_deeper(value, MAX_NESTING):
                raise SessionError(f"it holds data that are nested more than {MAX_NESTING} levels deep")
            return value
        number = coded.get("d")
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(kept):
            return kept[number]
    raise SessionError("it refers to data that it does not hold")


# Fields, by their names: whatever decision they are of, they are of one kind


def _branch(value: Any) -> BranchId:
    steps = _list(value)
    return tuple((_text(name), _whole(index)) for name, index in (_pair(step) for step in steps))


def _branch_or_none(value: Any) -> BranchId | None:
    return None if value is None else _branch(value)


def _path(value: Any) -> tuple[str | int, ...]:
    return tuple(step if isinstance(step, str) else _whole(step) for step in _list(value))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SessionError(f"it has {text_of(value)[:40]} where a list belongs")
    return value


def _pair(value: Any) -> tuple[Any, Any]:
    if len(_list(value)) != 2:
        raise SessionError("it names a branch in a way that none is named")
    return value[0], value[1]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise SessionError(f"it has {text_of(value)[:40]} where a text belongs")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SessionError(f"it has {text_of(value)[:40]} where a whole number belongs")
    return value


def _whole_or_none(value: Any) -> int | None:
    return None if value is None else _whole(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SessionError(f"it has {text_of(value)[:40]} where a number belongs")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise SessionError(f"it has {text_of(value)[:40]} where true or false belongs")
    return value


def _provenance(value: Any) -> Provenance:
    try:
        return Provenance(value)
    except ValueError:
        raise SessionError(f"it has a value from nowhere that is known: {text_of(value)[:40]}") from None


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    try:
        return base64.b64decode(_text(value), validate=True)
    except ValueError:
        raise SessionError("it has bytes that are no base64") from None


def _files(value: Any) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise SessionError("it has files without names")
    return {name: _bytes(content) or b"" for name, content in value.items()}


_PLAIN: Final[dict[str, Callable[[Any], Any]]] = {
    "branch": _branch,
    "child": _branch,
    "concurrency": _whole_or_none,
    "tolerated_count": _whole_or_none,
    "tolerated_percentage": lambda value: None if value is None else _number(value),
    "state": _path,
    "rule": _whole_or_none,
    "error": _text_or_none,
    "cause": _text_or_none,
    "attempts": _whole,
    "after_seconds": _number,
    "at": _whole_or_none,
    "whole_visit": _flag,
    "begun": _flag,
    "failure": _text,
    "worker_name": _text_or_none,
    "source": _text,
    "provenance": _provenance,
    "content": _bytes,
    "files": _files,
}
_DATA: Final = frozenset({"input", "output", "response"})


def code_decision(decision: Decision, keeping: Keeping) -> list[Any]:
    """A decision, for a journal."""
    return [_KINDS[type(decision)], _coded(decision, keeping)]


def code_answer(answer: Answer | None, keeping: Keeping) -> list[Any] | None:
    """What a Task was answered, for a journal; None for what is not answered yet."""
    return None if answer is None else [_KINDS[type(answer)], _coded(answer, keeping)]


def _coded(struct: Struct, keeping: Keeping) -> dict[str, Any]:
    defaults = dict(zip(reversed(struct.__struct_fields__), reversed(struct.__struct_defaults__), strict=False))
    coded = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if name in defaults and value is defaults[name]:
            continue
        coded[name] = _coded_field(name, value, keeping)
    return coded


def _coded_field(name: str, value: Any, keeping: Keeping) -> Any:
    if name == "answer":
        return code_answer(value, keeping)
    if name == "submission":
        return _coded(value, keeping) if value is not None else None
    if name in _DATA:
        return keeping.code(value) if is_present(value) else None
    if name in ("objects", "items"):
        return keeping.code(list(value)) if value is not None else None
    if name == "assigned":
        return keeping.code(dict(value)) if value is not None else None
    if name == "content":
        return base64.b64encode(value).decode("ascii") if value is not None else None
    if name == "files":
        return {key: base64.b64encode(content).decode("ascii") for key, content in value.items()}
    return str(value) if name == "provenance" else value


def decision_of(coded: Any, kept: list[Json]) -> Decision:
    """A decision from a journal. Raises SessionError for what stands for none."""
    return cast("Decision", _made(coded, _DECISIONS, kept))


def answer_of(coded: Any, kept: list[Json]) -> Answer | None:
    """An answer from a journal; None where none had come. Raises SessionError for what stands for none."""
    return None if coded is None else cast("Answer", _made(coded, _ANSWERS, kept))


def _made(coded: Any, table: Mapping[str, type[Struct]], kept: list[Json]) -> Struct:
    kind, fields = _pair(coded)
    made = table.get(kind) if isinstance(kind, str) else None
    if made is None or not isinstance(fields, dict):
        raise SessionError(f"it has a decision of a kind that is not known: {text_of(kind)[:40]}")
    unknown = fields.keys() - set(made.__struct_fields__)
    if unknown:
        raise SessionError(f"it has a decision with a field that is not known: {min(unknown)}")
    try:
        return made(**{name: _field(made, name, value, kept) for name, value in fields.items()})
    except (TypeError, ValueError) as error:
        raise SessionError(f"it has a decision that is not whole: {error}") from None


def _field(made: type[Struct], name: str, value: Any, kept: list[Json]) -> Any:
    if name == "answer":
        return _made(value, _ANSWERS, kept)
    if name == "submission":
        return None if value is None and made is not BeginTask else _submission(value, kept)
    if name in _DATA:
        return MISSING if value is None and name == "response" else value_of(value, kept)
    if name in ("objects", "items"):
        return None if value is None else tuple(_list(value_of(value, kept)))
    if name == "assigned":
        return None if value is None else _object(value_of(value, kept))
    if name == "branch" and made is Proceed:
        return _branch_or_none(value)
    return _PLAIN[name](value)


def _submission(value: Any, kept: list[Json]) -> Struct:
    return _made(["submission", value], {"submission": Submission}, kept)


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise SessionError("it has variables without names")
    return value


def code_branch(branch: BranchId) -> list[Any]:
    """The id of a branch, for a journal."""
    return [list(step) for step in branch]


def branch_of(coded: Any) -> BranchId:
    """The id of a branch from a journal. Raises SessionError for what is none."""
    return _branch(coded)


def path_of(coded: Any) -> tuple[str | int, ...]:
    """The path of a state from a journal. Raises SessionError for what is none."""
    return _path(coded)
