"""Mistakes about what a Catcher gives on: its ResultPath, its Output, and what becomes of the input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import QueryLanguage
from sfdebug.debugger.wording.values import are, listed, named, quoted
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.lessons.questions.mistakes.paths import DATA, gone, is_mine, keys_beside, keys_of
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Stage, Visit

_WHOLE: Final = "$"


def _taken(visit: Visit) -> Stage | None:
    """The Catcher that has taken an error."""
    return next((s for s in visit.stages if s.name is StageName.CATCH and s.status is StageStatus.MATCHED), None)


def _path(visit: Visit, stage: Stage) -> Json:
    return visit.state.catchers[stage.index or 0].fields.get("ResultPath", _WHOLE)


def _bare(visit: Visit, stage: Stage) -> str:
    """What of the Catcher makes its error take the place of everything, as the beginning of a sentence."""
    is_written = "ResultPath" in visit.state.catchers[stage.index or 0].fields
    return f"ResultPath of the Catcher is {quoted(_WHOLE)}" if is_written else "The Catcher has no ResultPath"


def _with_path(state: State, visit: Visit, path: Json) -> State | None:
    """The state with another ResultPath of the Catcher that has taken the error."""
    stage = _taken(visit)
    if stage is None or state.query_language is not QueryLanguage.JSONPATH or _path(visit, stage) == path:
        return None
    index = stage.index or 0
    catchers = [
        replace(one, fields={**one.fields, "ResultPath": path}) if one.index == index else one for one in state.catchers
    ]
    return replace(state, catchers=tuple(catchers))


def _error_merged(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    stage = _taken(visit) if visit is not None else None
    if visit is None or stage is None or not is_mine(case) or case.asked.stage not in (None, StageName.CATCH):
        return
    error, given = stage.before, visit.input
    if not isinstance(error, dict) or not isinstance(given, dict):
        return
    path = _path(visit, stage)
    if visit.state.query_language is QueryLanguage.JSONATA:
        say = "What goes on is the Error Output alone, or the Output of the Catcher: nothing is merged with the input."
    elif path == _WHOLE:
        say = f"{_bare(visit, stage)}, so Error and Cause take the place of the whole input{gone(keys_of(given))}."
    elif path is None:
        say = "ResultPath null of the Catcher throws Error and Cause away: the input goes on as it was."
    else:
        say = (
            f"ResultPath {quoted(path)} of the Catcher puts Error and Cause at that place, "
            "not beside the keys of the input."
        )
    yield Wrong({**given, **error}, say)


def _input_kept(case: Case) -> Iterator[Wrong]:
    """The input as it was, without the error."""

    def say(state: State, visit: Visit) -> str:
        stage = _taken(visit)
        path = _path(visit, stage) if stage is not None else _WHOLE
        if stage is not None and path == _WHOLE:
            return (
                f"{_bare(visit, stage)}, so what {named(state.name)} gives on is Error and Cause, and not the "
                f"input{gone(keys_of(visit.input))}."
            )
        return f"ResultPath {quoted(path)} of the Catcher adds Error and Cause to the input of {named(state.name)}."

    yield from case.altering(lambda state, visit: _with_path(state, visit, None), say)
    visit = case.visit
    is_asked = is_mine(case) and case.asked.stage is None
    if (
        visit is None
        or _taken(visit) is None
        or visit.state.query_language is not QueryLanguage.JSONATA
        or not is_asked
    ):
        return
    name = named(visit.state.name)
    yield Wrong(
        visit.input, f"What a Catcher gives on is the error, not the input of {name}, unless its Output says so."
    )


def _error_alone(case: Case) -> Iterator[Wrong]:
    """Error and Cause alone, although the Catcher has a ResultPath."""

    def say(state: State, visit: Visit) -> str:
        stage = _taken(visit)
        path = _path(visit, stage) if stage is not None else _WHOLE
        rest = keys_beside(visit.input, path)
        keeps = f": {listed(rest)} {are(rest)} still there" if rest else ""
        return f"ResultPath {quoted(path)} of the Catcher keeps the input of {named(state.name)}{keeps}."

    return case.altering(lambda state, visit: _with_path(state, visit, _WHOLE), say)


def _error_at_place(case: Case) -> Iterator[Wrong]:
    """Error and Cause put at a place that nobody has named."""

    def change(state: State, visit: Visit) -> State | None:
        stage = _taken(visit)
        is_bare = stage is not None and _path(visit, stage) == _WHOLE and isinstance(visit.input, dict)
        return _with_path(state, visit, "$.error") if is_bare else None

    def say(state: State, visit: Visit) -> str:
        return (
            f"The Catcher of {named(state.name)} names no place with ResultPath: Error and "
            "Cause take the place of everything."
        )

    return case.altering(change, say)


def _state_path_used(case: Case) -> Iterator[Wrong]:
    """ResultPath of the state taken for that of its Catcher."""

    def change(state: State, visit: Visit) -> State | None:
        own = state.fields.get("ResultPath")
        return _with_path(state, visit, own) if isinstance(own, str) and _taken(visit) is not None else None

    def say(state: State, visit: Visit) -> str:
        own = quoted(state.fields.get("ResultPath"))
        return f"ResultPath {own} is for the result of {named(state.name)}: for an error, that of the Catcher counts."

    return case.altering(change, say)


CATCH_MISTAKES: Final = (
    KnownMistake(
        "error-merged", DATA, "Error and Cause are put beside the keys of the input", _error_merged, (StageName.CATCH,)
    ),
    KnownMistake(
        "catcher-keeps-input", DATA, "a Catcher gives on the input as it was", _input_kept, (StageName.CATCH,)
    ),
    KnownMistake(
        "error-takes-all",
        DATA,
        "the error takes the place of everything, although the Catcher has a ResultPath",
        _error_alone,
        (StageName.CATCH,),
    ),
    KnownMistake(
        "result-path-for-error",
        DATA,
        "the state's own ResultPath is for its errors too",
        _state_path_used,
        (StageName.CATCH,),
    ),
    KnownMistake(
        "error-gets-a-place",
        DATA,
        "an error gets a place of its own, which nobody has named",
        _error_at_place,
        (StageName.CATCH,),
    ),
)
