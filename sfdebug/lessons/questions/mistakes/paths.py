"""Mistakes about InputPath, OutputPath and ResultPath: what is kept, what is lost, where a result goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.wording.values import are, kept_by, listed, lost_by, named, noun, quoted, simple_path
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.altering import with_fields, without_fields
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong, stage_of
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Stage, Visit

DATA: Final = frozenset({PredictKind.OUTPUT, PredictKind.INPUT})
_RESULTS: Final = (StateType.TASK, StateType.PASS, StateType.PARALLEL, StateType.MAP)
_WHOLE: Final = "$"


def gone(names: list[str]) -> str:
    """That some keys are gone, as the end of a sentence; "" where none are."""
    return f": {listed(names)} {are(names)} gone" if names else ""


def keys_of(value: Json | object) -> list[str]:
    """The keys of an object; none of anything else."""
    return list(value) if isinstance(value, dict) else []


def keys_beside(value: Json, path: Json | object) -> list[str]:
    """The keys of an object that something which is put at a path leaves as they are."""
    place = simple_path(path) if isinstance(path, str) else None
    return [key for key in keys_of(value) if not place or key != place[0]]


def is_caught(visit: Visit) -> bool:
    """Whether a Catcher has taken the error of a visit."""
    return any(stage.name is StageName.CATCH and stage.status is StageStatus.MATCHED for stage in visit.stages)


# InputPath and OutputPath


def _has(state: State, name: str) -> bool:
    return name in state.fields and state.fields[name] != _WHOLE


def _input_path_ignored(case: Case) -> Iterator[Wrong]:
    def say(state: State, visit: Visit) -> str:
        path = state.fields["InputPath"]
        if not isinstance(path, str):
            return f"InputPath null comes first: {named(state.name)} works on an empty object."
        lost = lost_by(path, visit.input)
        out = f"; {listed(lost)} {are(lost)} out of its sight" if lost else ""
        return f"InputPath {quoted(path)} comes first: {named(state.name)} works on {kept_by(path)} alone{out}."

    return case.skipping("InputPath", _has, say)


def _output_path_ignored(case: Case) -> Iterator[Wrong]:
    def say(state: State, visit: Visit) -> str:
        path = state.fields["OutputPath"]
        if not isinstance(path, str):
            return f"OutputPath null comes last: {named(state.name)} passes on an empty object."
        stage = stage_of(visit, StageName.OUTPUT_PATH)
        lost = lost_by(path, stage.before) if stage is not None else []
        left = f"; {listed(lost)} {are(lost)} left behind" if lost else ""
        return f"OutputPath {quoted(path)} comes last: {named(state.name)} passes on {kept_by(path)} alone{left}."

    return case.skipping("OutputPath", _has, say)


def _path_null(case: Case) -> Iterator[Wrong]:
    """A path that is null taken for one that gives null."""
    visit = case.visit
    if visit is None or not is_mine(case):
        return
    for name in ("InputPath", "OutputPath"):
        is_asked = case.asked.stage in (None, StageName(name))
        if is_asked and name in visit.state.fields and visit.state.fields[name] is None and case.found.value == {}:
            yield Wrong(None, f"{name} null gives an empty object, not null.")


def _name_kept(case: Case) -> Iterator[Wrong]:
    """What a path selects, still under its name."""
    visit, stage = case.visit, case.found.stage
    if visit is None or stage is None or not is_mine(case) or not is_present(stage.after):
        return
    if case.asked.stage in _SELECTING and isinstance(stage.expression, str):
        keys = simple_path(stage.expression)
        if keys:
            path = quoted(stage.expression)
            say = f"{stage.name} {path} gives what stands at {keys[-1]}, and not an object with {keys[-1]} in it."
            yield Wrong({keys[-1]: stage.after}, say)


_SELECTING: Final = (StageName.INPUT_PATH, StageName.OUTPUT_PATH, StageName.ITEMS_PATH)


def _output_path_first(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if case.asked.stage not in (None, StageName.OUTPUT_PATH, StageName.RESULT_PATH) or visit is None:
        return
    if not is_mine(case):
        return
    stage, path = stage_of(visit, StageName.RESULT_PATH), visit.state.fields.get("OutputPath")
    where = visit.state.fields.get("ResultPath")
    if stage is None or not isinstance(path, str) or path.startswith("$$") or not isinstance(where, str):
        return
    if not is_present(stage.before):
        return
    try:
        selected = compile_path(path).read(Environment(stage.before, None, visit.variables))
        value = compile_reference_path(where).write(visit.input, selected)
    except ExpressionError:
        return
    yield Wrong(
        value,
        f"ResultPath comes before OutputPath: first the result is put at {quoted(where)} of the input, then OutputPath "
        f"{quoted(path)} selects from both together.",
    )


def is_mine(case: Case) -> bool:
    """Whether it asks what the visit itself gives, and not what another state gets or gives."""
    return case.asked.kind is PredictKind.OUTPUT and not case.asked.is_of_execution


def _output_path_on_caught(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None or not is_mine(case) or not is_caught(visit) or case.asked.stage is not None:
        return
    path, value = visit.state.fields.get("OutputPath"), visit.output
    if not isinstance(path, str) or path.startswith("$$") or not is_present(value):
        return
    say = f"A Catcher's output goes to {named(visit.next or '')} as it is: OutputPath {quoted(path)} is for a result."
    try:
        yield Wrong(compile_path(path).read(Environment(value, None, visit.variables)), say)
    except ExpressionError:
        return


# ResultPath


def _result(state: State) -> str:
    return "Result" if state.type is StateType.PASS and "Result" in state.fields else "the result"


def _takes_result(state: State, visit: Visit) -> bool:
    """Whether a visit had a result that ResultPath decides about."""
    is_paths = state.query_language is QueryLanguage.JSONPATH and state.type in _RESULTS
    return is_paths and not is_caught(visit)


def _replaces(state: State) -> bool:
    """Whether a result takes the place of everything."""
    return state.fields.get("ResultPath", _WHOLE) == _WHOLE


def _is_by_default(state: State) -> str:
    return f"ResultPath is {quoted('$')}" if "ResultPath" in state.fields else "There is no ResultPath"


def _effective(visit: Visit) -> Stage | None:
    """The last stage before ResultPath, which gives the result."""
    at = next((n for n, stage in enumerate(visit.stages) if stage.name is StageName.RESULT_PATH), None)
    before = visit.stages[:at] if at is not None else visit.stages
    given = (StageName.ASSIGN, StageName.OUTPUT_PATH, StageName.OUTPUT, StageName.RETRY, StageName.CATCH)
    return next((s for s in reversed(before) if s.name not in given and is_present(s.after)), None)


def _merged(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None or not is_mine(case) or not _takes_result(visit.state, visit) or not _has_result(visit.state):
        return
    if case.asked.stage not in (None, StageName.RESULT_PATH, StageName.RESULT):
        return
    made, given, state = _effective(visit), visit.input, visit.state
    result = made.after if made is not None else None
    if not isinstance(result, dict) or not isinstance(given, dict) or made is None or made.name is StageName.INPUT:
        return
    path = state.fields.get("ResultPath", _WHOLE)
    if path == _WHOLE:
        lost = [key for key in given if key not in result]
        say = f"{_is_by_default(state)}, so {_result(state)} takes the place of the whole input{gone(lost)}."
    elif path is None:
        say = "ResultPath null throws the result away: nothing of it is put beside the input."
    elif not result:
        say = f"ResultPath {quoted(path)} puts {_result(state)} whole at that place: the empty object stands there."
    else:
        say = (
            f"ResultPath {quoted(path)} puts {_result(state)} whole at that place: {listed(list(result))} "
            f"{'stands' if len(result) == 1 else 'stand'} in there, not beside the keys of the input."
        )
    yield Wrong({**given, **result}, say)


def _nested(case: Case) -> Iterator[Wrong]:
    """Put at a place that nobody has named."""

    def change(state: State, visit: Visit) -> State | None:
        is_there = _takes_result(state, visit) and _replaces(state) and isinstance(visit.input, dict)
        return with_fields(state, ResultPath="$.result") if is_there and _has_result(state) else None

    def say(state: State, visit: Visit) -> str:
        return (
            f"{_is_by_default(state)}, so {_result(state)} gets no place of its own: it takes the place of the whole "
            f"input of {named(state.name)}."
        )

    return case.altering(change, say)


def _has_result(state: State) -> bool:
    """Whether the result of a state is something else than its input."""
    return state.type is not StateType.PASS or bool({"Result", "Parameters"} & set(state.fields))


def _discarded(case: Case) -> Iterator[Wrong]:
    """The input goes on, as if the result was not taken up."""

    def change(state: State, visit: Visit) -> State | None:
        is_there = _takes_result(state, visit) and state.fields.get("ResultPath", _WHOLE) is not None
        return with_fields(state, ResultPath=None) if is_there and _has_result(state) else None

    def say(state: State, visit: Visit) -> str:
        if _replaces(state):
            return (
                f"{_is_by_default(state)}, so {_result(state)} goes on and the input does not: only ResultPath null "
                f"keeps the input of {named(state.name)} as it was."
            )
        path = state.fields.get("ResultPath")
        return f"ResultPath {quoted(path)} adds {_result(state)} to the input: only ResultPath null throws it away."

    return case.altering(change, say)


def _replaced(case: Case) -> Iterator[Wrong]:
    """The result alone goes on, although ResultPath has a place for it."""

    def change(state: State, visit: Visit) -> State | None:
        path = state.fields.get("ResultPath", _WHOLE)
        is_there = _takes_result(state, visit) and isinstance(path, str) and path != _WHOLE
        return without_fields(state, "ResultPath") if is_there else None

    def say(state: State, visit: Visit) -> str:
        path = state.fields["ResultPath"]
        rest = keys_beside(visit.input, path)
        beside = f"; {listed(rest)} {'goes' if len(rest) == 1 else 'go'} on beside it" if rest else ""
        return f"ResultPath {quoted(path)} adds {_result(state)} to the input of {named(state.name)}{beside}."

    yield from _unplaced(case, change, say)


def _unplaced(
    case: Case, change: Callable[[State, Visit], State | None], say: Callable[[State, Visit], str]
) -> Iterator[Wrong]:
    """What comes of a state without its ResultPath; of that stage itself, the result as it was."""
    visit, stage = case.visit, case.found.stage
    if case.asked.stage is not StageName.RESULT_PATH:
        yield from case.altering(change, say)
    elif visit is not None and stage is not None and change(visit.state, visit) is not None:
        yield Wrong(stage.before, say(visit.state, visit))


def _null_ignored(case: Case) -> Iterator[Wrong]:
    """The result goes on, although ResultPath is null."""

    def change(state: State, visit: Visit) -> State | None:
        is_there = _takes_result(state, visit) and state.fields.get("ResultPath", _WHOLE) is None
        return without_fields(state, "ResultPath") if is_there else None

    def say(state: State, visit: Visit) -> str:
        return f"ResultPath null throws the result away: the input of {named(state.name)} goes on as it was."

    yield from _unplaced(case, change, say)


def _null_gives_null(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None or not is_mine(case) or not _takes_result(visit.state, visit):
        return
    if visit.state.fields.get("ResultPath", _WHOLE) is None and case.asked.stage in (None, StageName.RESULT_PATH):
        yield Wrong(
            None,
            f"ResultPath null throws the result away, not the input: what {named(visit.state.name)} was given goes on.",
        )


def _into_selected(case: Case) -> Iterator[Wrong]:
    """The result put into what InputPath or Parameters made of the input."""
    visit = case.visit
    if visit is None or not is_mine(case) or case.asked.stage not in (None, StageName.RESULT_PATH):
        return
    path, made = visit.state.fields.get("ResultPath"), _effective(visit)
    if not isinstance(path, str) or path == _WHOLE or made is None or not is_present(made.after):
        return
    for name in (StageName.INPUT_PATH, StageName.PARAMETERS):
        stage = stage_of(visit, name)
        if stage is None or not is_present(stage.after) or is_caught(visit):
            continue
        try:
            value = compile_reference_path(path).write(stage.after, made.after)
        except ExpressionError:
            continue
        yield Wrong(
            value,
            f"ResultPath {quoted(path)} puts the result into the input of {named(visit.state.name)} as it came, not "
            f"into what {name} made of it.",
        )


def _nothing_changes(case: Case) -> Iterator[Wrong]:
    """What somebody says who does not see that the data change at all."""
    visit, stage = case.visit, case.found.stage
    if visit is None or not is_mine(case):
        return
    name = named(visit.state.name)
    if case.asked.stage is not None and stage is not None and not is_present(stage.after):
        yield Wrong(stage.before, f"{stage.name} gives nothing: it fails with {case.found.error}.")
    elif case.asked.stage is not None and stage is not None:
        yield Wrong(stage.before, f"{stage.name} changes what it is given: it makes {noun(stage.after)} of it.")
    elif is_present(case.found.value):
        yield Wrong(
            visit.input, f"{name} does not pass on its input as it came: its output is {noun(case.found.value)}."
        )


LAST_MISTAKES: Final = (KnownMistake("nothing-changes", DATA, "the data go on as they were", _nothing_changes, None),)
"""What is offered where nothing else is."""

PATH_MISTAKES: Final = (
    KnownMistake(
        "result-path-merged",
        DATA,
        "the keys of a result are put beside those of the input",
        _merged,
        (
            StageName.RESULT_PATH,
            StageName.RESULT,
        ),
    ),
    KnownMistake(
        "result-discarded", DATA, "the input goes on, and the result does not", _discarded, (StageName.RESULT_PATH,)
    ),
    KnownMistake(
        "result-path-replaced",
        DATA,
        "the result alone goes on, although ResultPath has a place for it",
        _replaced,
        (StageName.RESULT_PATH,),
    ),
    KnownMistake(
        "result-path-null-ignored",
        DATA,
        "the result goes on, although ResultPath is null",
        _null_ignored,
        (StageName.RESULT_PATH,),
    ),
    KnownMistake(
        "result-path-null-gives-null", DATA, "ResultPath null gives null", _null_gives_null, (StageName.RESULT_PATH,)
    ),
    KnownMistake(
        "result-path-into-selected",
        DATA,
        "ResultPath writes into what InputPath or Parameters made of the input",
        _into_selected,
        (StageName.RESULT_PATH,),
    ),
    KnownMistake(
        "result-path-nested",
        DATA,
        "a result gets a place of its own, which nobody has named",
        _nested,
        (StageName.RESULT_PATH,),
    ),
    KnownMistake(
        "input-path-ignored",
        DATA,
        "InputPath changes nothing, or comes later",
        _input_path_ignored,
        (
            StageName.INPUT_PATH,
            StageName.PARAMETERS,
            StageName.ITEMS_PATH,
        ),
    ),
    KnownMistake(
        "output-path-ignored", DATA, "OutputPath changes nothing", _output_path_ignored, (StageName.OUTPUT_PATH,)
    ),
    KnownMistake(
        "path-keeps-name",
        DATA,
        "a path gives an object with the last key in it",
        _name_kept,
        (
            StageName.INPUT_PATH,
            StageName.OUTPUT_PATH,
            StageName.ITEMS_PATH,
        ),
    ),
    KnownMistake(
        "output-path-first",
        DATA,
        "OutputPath selects from the result, before ResultPath",
        _output_path_first,
        (
            StageName.OUTPUT_PATH,
            StageName.RESULT_PATH,
        ),
    ),
    KnownMistake(
        "output-path-on-caught", DATA, "OutputPath is applied to what a Catcher gives on", _output_path_on_caught
    ),
    KnownMistake(
        "path-null-gives-null",
        DATA,
        "InputPath or OutputPath null gives null",
        _path_null,
        (
            StageName.INPUT_PATH,
            StageName.OUTPUT_PATH,
        ),
    ),
)
