"""How questions and their answers are written: the prompt, and each choice in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.stages import sentence
from sfdebug.debugger.wording.values import fault_with_cause, named, noun, quoted
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.answers import DEFAULT
from sfdebug.lessons.questions.model import OF_RUN
from sfdebug.text import ELLIPSIS, cell_width, clean, counted, fit, fit_ends
from sfdebug.times import seconds_text
from sfdebug.values import Json, Value, compact, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.lessons.model import Asked
    from sfdebug.lessons.questions.answers import Found

LONGEST: Final = 76
"""The cells of a choice that is written in one line."""
_DEEPEST: Final = 12
_CLIPPED: Final = 24
"""So much is shown of a text in a value that is too long."""
_SHORTEST: Final = 4
"""Of a text that has fewer cells nothing can be told."""
_SHORT: Final = 12
"""A value of so many characters is written out, though all choices have it."""
_MOST_TOLD: Final = 200
"""So long is the sentence on what happens: three lines of the foot."""

_UNITS: Final = {PredictKind.DELAY: "s", PredictKind.ATTEMPTS: "attempts", PredictKind.VISITS: "times"}
_COUNTED: Final = {"executions": "child executions"}
_MILLISECONDS: Final = ("Time", "Duration")


def unit_of(asked: Asked) -> str:
    """The unit of the numbers that are asked for; "" where they have none."""
    if asked.kind is PredictKind.COUNT:
        return _COUNTED.get(asked.of, asked.of)
    if asked.kind is PredictKind.METRIC:
        return "ms" if asked.name.endswith(_MILLISECONDS) else ""
    return _UNITS.get(asked.kind, "")


def _run_prompt(asked: Asked, state: State | None) -> str:
    name = named(state.name) if state is not None else "the execution"
    if asked.kind is PredictKind.VISITS:
        return f"How many times is {name} entered in this run?"
    if asked.kind is PredictKind.METRIC:
        return f"What is the sum of {asked.name} that this run leaves in CloudWatch?"
    if asked.kind is PredictKind.COUNT:
        what = "child executions" if asked.of == "executions" else asked.of
        whose = name if asked.of == "iterations" else "this run"
        return f"How many {what} does {whose} have?"
    runs = "one run" if asked.runs == 1 else f"{asked.runs:,} runs"
    if len(asked.types) == 1:
        do = "does" if asked.runs == 1 else "do"
        return f"What {do} {runs} like this one cost as {asked.types[0].capitalize()} workflows?"
    return f"Which type is cheaper for {runs} like this one?"


def prompt_of(asked: Asked, state: State | None, *, is_at_hand: bool) -> str:
    """What is asked, as one question; `is_at_hand` says that the state has been entered."""
    if asked.kind in OF_RUN:
        return _run_prompt(asked, state)
    if asked.kind is PredictKind.VALUE:
        return f"What is the value of {quoted(asked.expression)} here?"
    if asked.is_of_execution or state is None:
        return _EXECUTION_PROMPTS[asked.kind]
    name = named(state.name)
    kind = asked.kind
    if kind is PredictKind.OUTPUT:
        return (
            f"What comes out of {asked.stage} of {name}?"
            if asked.stage is not None
            else f"What is the output of {name}?"
        )
    if kind is PredictKind.DELAY:
        if state.type is StateType.WAIT:
            return f"How many seconds does {name} wait?"
        return f"How many seconds pass before retry {asked.retry} of {name}?"
    if kind is PredictKind.VARIABLE:
        when = f"inside of {name}" if asked.when == "inside" else f"after {name}"
        return f"What is ${asked.name} {when}?"
    if kind is PredictKind.INPUT:
        is_next = is_at_hand and not asked.state
        return f"What is the input of the state after {name}?" if is_next else f"What is the input of {name}?"
    return _STATE_PROMPTS[kind].format(name)


_STATE_PROMPTS: Final = {
    PredictKind.NEXT: "Which state comes after {}?",
    PredictKind.RULE: "Which rule of {} is taken?",
    PredictKind.CATCHER: "Which Catcher of {} takes the error?",
    PredictKind.ATTEMPTS: "How many attempts are made in this visit of {}?",
    PredictKind.STATUS: "How does {} end?",
    PredictKind.ERROR: "With which error does {} fail?",
}
_EXECUTION_PROMPTS: Final = {
    **dict.fromkeys(PredictKind, "What comes of the execution?"),
    PredictKind.OUTPUT: "What is the output of the execution?",
    PredictKind.STATUS: "How does the execution end?",
    PredictKind.ERROR: "With which error does the execution end?",
}


def texts_of(asked: Asked, state: State | None, answers: Sequence[tuple[Value, str]]) -> list[str]:
    """Each answer in a line, all of them so that one can be told from another."""
    if asked.kind in (PredictKind.OUTPUT, PredictKind.INPUT, PredictKind.VARIABLE, PredictKind.VALUE):
        texts = iter(json_texts([value for value, _ in answers if is_present(value)]))
        return [next(texts) if is_present(one) else _without_value(asked, why) for one, why in answers]
    return [_text(asked, state, value, error) for value, error in answers]


def _without_value(asked: Asked, error: str) -> str:
    if not error:
        return "no value: there is no such variable" if asked.kind is PredictKind.VARIABLE else "nothing"
    return f"nothing: it fails with {clean(error)}"


def _text(asked: Asked, state: State | None, value: Value, error: str) -> str:
    kind = asked.kind
    if not is_present(value):
        return f"none: it fails with {clean(error)}" if error else "none: it fails"
    if kind is PredictKind.RULE:
        return _rule_text(state, value)
    if kind is PredictKind.CATCHER:
        return _catcher_text(state, value)
    if kind is PredictKind.NEXT:
        return named(clean(str(value))) if value is not None else "none: it ends there"
    if kind is PredictKind.DELAY and isinstance(value, int | float):
        return seconds_text(value)
    if kind is PredictKind.ERROR and value is None:
        return "none: it does not fail"
    unit = unit_of(asked)
    if unit and isinstance(value, int):
        return f"{value:,} ms" if unit == "ms" else counted(value, unit.removesuffix("s"))
    return f"{value:,}" if isinstance(value, int) else clean(str(value))


def _rule_text(state: State | None, value: Json) -> str:
    if value == DEFAULT or not isinstance(value, int) or state is None:
        leads = f", to {named(state.default)}" if state is not None and state.default is not None else ""
        return f"{value}{leads}"
    leads = f", to {named(state.choices[value - 1].next)}" if value <= len(state.choices) else ""
    return f"rule {value}{leads}"


def _catcher_text(state: State | None, value: Json) -> str:
    if not isinstance(value, int) or state is None or value > len(state.catchers):
        return "none"
    catcher = state.catchers[value - 1]
    return f"Catcher {value} ({', '.join(catcher.error_equals)}), to {named(catcher.next)}"


# JSON in a line


def json_texts(values: Sequence[Json]) -> list[str]:
    """Each value as a line of JSON, the keys of all in one order. Of one that is too long, what the others have too is
    left out; what tells them apart then stands in front, in all of them."""
    values = in_one_order(values)
    if any(cell_width(clean(spaced(_shortened(value, _others(values, value))))) > LONGEST for value in values):
        values = in_one_order(values, is_telling_first=True)
    texts = [_json_text(value, _others(values, value)) for value in values]
    for make in (lambda value, others: _within(_differing(value, others), LONGEST), _both_ends):
        for text in {text for text in texts if texts.count(text) > 1}:
            alike = [at for at, other in enumerate(texts) if other == text]
            for at in alike:
                texts[at] = make(values[at], [values[other] for other in alike if other != at])
    if len(set(texts)) == len(texts):
        return texts
    return [f"{fit(text, LONGEST - 4)} ({number})" for number, text in enumerate(texts, start=1)]


def _others(values: Sequence[Json], value: Json) -> list[Json]:
    return [other for other in values if other is not value]


def in_one_order(values: Sequence[Json], *, is_telling_first: bool = False) -> list[Json]:
    """The same values, with the keys of their objects in one order: none can be told from the others by that.

    Args:
        values: Answers to one question.
        is_telling_first: Whether keys whose values are not the same in all come first.

    Returns:
        The values; at each place, keys stand as in the largest object there, which need not be in the right answer.
    """
    return [_arranged(value, values, is_telling_first, 0) for value in values]


def _arranged(value: Json, peers: Sequence[Json], is_telling_first: bool, depth: int) -> Json:
    """A value with its keys in the order that it has in common with what stands in its place in all answers."""
    if isinstance(value, dict) and depth <= _DEEPEST:
        objects = [one for one in peers if isinstance(one, dict)]
        return {
            key: _arranged(value[key], [one[key] for one in objects if key in one], is_telling_first, depth + 1)
            for key in _keys_in_order(objects, is_telling_first)
            if key in value
        }
    if isinstance(value, list) and depth <= _DEEPEST:
        lists = [one for one in peers if isinstance(one, list)]
        return [
            _arranged(item, [one[at] for one in lists if at < len(one)], is_telling_first, depth + 1)
            for at, item in enumerate(value)
        ]
    return value


def _keys_in_order(objects: Sequence[dict[str, Json]], is_telling_first: bool) -> list[str]:
    """The keys of all of these, once: as the largest has them, then what the next has besides."""
    keys = list(dict.fromkeys(key for one in sorted(objects, key=len, reverse=True) for key in one))

    def is_alike(key: str) -> bool:  # most have it, and all that do have the same there
        found = [one[key] for one in objects if key in one]
        return 2 * len(found) > len(objects) and all(same(one, found[0]) for one in found)

    return sorted(keys, key=is_alike) if is_telling_first else keys


def _json_text(value: Json, others: Sequence[Json]) -> str:
    """A value in a line, shorter and shorter until it fits."""
    made: Json = value
    for shorten in (_shortened, _differing, lambda value, others: _clipped(_differing(value, others))):
        text = clean(spaced(made))
        if cell_width(text) <= LONGEST:
            return text
        made = shorten(value, others)
    return _within(made, LONGEST)


_CLOSING: Final = {"{": "}", "[": "]"}
_LEFT_OUT: Final = f", {ELLIPSIS}"


def shorter_json(text: str, width: int) -> str:
    """A line of JSON in so many cells: what does not fit is left out behind a comma, and all brackets are closed.

    Args:
        text: A text of `json_texts`; one that is no object and no list is cut where it has to end.
        width: The cells that there are.

    Returns:
        The text, or a shorter one that ends as it begins: `{"to": "Ada", …}`.
    """
    if cell_width(text) <= width or text[:1] not in _CLOSING:
        return fit(text, width)
    found, opened, is_in_text, is_escaped = "", "", False, False
    for at, character in enumerate(text):
        if is_in_text:
            is_in_text = character != '"' or is_escaped
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            is_in_text = True
        elif character in _CLOSING:
            opened += character
        elif character in "}]":
            opened = opened[:-1]
        elif character == ",":
            made = text[:at] + _LEFT_OUT + "".join(_CLOSING[one] for one in reversed(opened))
            found = made if cell_width(made) <= width else found
    return found or fit(text, width)


_LEAST_OBJECT: Final = "{…}"


def _within(value: Json, width: int) -> str:
    """A value as JSON in so many cells: of what does not fit, `…` stands in its place."""
    text = clean(spaced(value))
    if cell_width(text) <= width:
        return text
    if width < cell_width(_LEAST_OBJECT):
        return ELLIPSIS
    if isinstance(value, dict) and value:
        parts = [(f"{clean(compact(key))}: ", item) for key, item in value.items()]
        return f"{{{_parts_within(parts, width - 2)}}}"
    if isinstance(value, list) and value:
        return f"[{_parts_within([('', item) for item in value], width - 2)}]"
    if isinstance(value, str) and width > _SHORTEST:
        return f'{fit(text.removesuffix(chr(34)), width - 1)}"'
    return ELLIPSIS


def _parts_within(parts: Sequence[tuple[str, Json]], width: int) -> str:
    """The items of an object or a list, as many as there is room for; `…` for the others."""
    made: list[str] = []
    used = 0
    for number, (name, item) in enumerate(parts, start=1):
        rest = 0 if number == len(parts) else cell_width(f", {ELLIPSIS}")
        room = width - used - cell_width(name) - rest
        if room < 1:
            return ", ".join([*made, ELLIPSIS])
        made.append(name + _within(item, room))
        used += cell_width(made[-1]) + 2
    return ", ".join(made)


def _clipped(value: Json) -> Json:
    """A value whose texts are no longer than what tells them apart, mostly."""
    if isinstance(value, dict):
        return {key: _clipped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clipped(item) for item in value]
    is_long = isinstance(value, str) and not isinstance(value, _Ellipsis) and len(value) > _CLIPPED
    return f"{value[: _CLIPPED - 1]}…" if is_long and isinstance(value, str) else value


def _both_ends(value: Json, others: Sequence[Json]) -> str:
    """A value in a line, of which the end is shown too."""
    return fit_ends(clean(spaced(_differing(value, others))), LONGEST, LONGEST // 2)


def _shortened(value: Json, others: Sequence[Json]) -> Json:
    """A value without what is the same in all others, of which the keys remain; short values stay."""
    if isinstance(value, list):
        return _items_shortened(value, others)
    if not isinstance(value, dict):
        return value
    made: dict[str, Json] = {}
    for key, item in value.items():
        alike = [one[key] for one in others if isinstance(one, dict) and key in one]
        if alike and all(same(one, item) for one in alike) and len(compact(item)) > _SHORT:
            made[key] = _Ellipsis()
        else:
            made[key] = _shortened(item, alike) if alike else item
    return made


def _items_shortened(value: list[Json], others: Sequence[Json]) -> Json:
    lists = [one for one in others if isinstance(one, list) and len(one) == len(value)]
    if not lists:
        return value
    made: list[Json] = []
    for index, item in enumerate(value):
        alike = [one[index] for one in lists]
        is_alike = all(same(one, item) for one in alike) and len(compact(item)) > _SHORT
        made.append(_Ellipsis() if is_alike else _shortened(item, alike))
    return made


def _differing(value: Json, others: Sequence[Json]) -> Json:
    """A value with what tells it from the others, and no more than the keys of all else."""
    if not isinstance(value, dict):
        return _shortened(value, others)
    objects = [one for one in others if isinstance(one, dict)]
    made: dict[str, Json] = {}
    for key, item in value.items():
        alike = [one[key] for one in objects if key in one]
        if len(alike) == len(objects) and alike and all(same(one, item) for one in alike):
            made[key] = _Ellipsis()
        else:
            made[key] = _differing(item, alike) if alike else item
    return made


class _Ellipsis(str):
    """What stands for a value that all have."""

    __slots__ = ()


def spaced(value: Json, depth: int = 0) -> str:
    """A value as JSON with a blank after each comma and colon."""
    if isinstance(value, _Ellipsis) or (depth > _DEEPEST and isinstance(value, dict | list)):
        return "…"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{compact(key)}: {spaced(item, depth + 1)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(spaced(item, depth + 1) for item in value) + "]"
    return compact(value)


def told(asked: Asked, found: Found) -> str:
    """What happens, in a sentence: mostly that of the stage where the answer is found; "" where the answer says it.

    It is cut where it is long: the cause of an error may have all data of a state in it.
    """
    return fit(_told(asked, found), _MOST_TOLD)


def _told(asked: Asked, found: Found) -> str:
    visit, stage, execution = found.visit, found.stage, found.execution
    if found.told:
        return found.told
    if visit is None:
        if execution is None or execution.fault is None:
            return ""
        if execution.status is ExecutionStatus.TIMED_OUT:
            return f"The execution times out: its error is {fault_with_cause(execution.fault)}."
        return f"The execution fails with {fault_with_cause(execution.fault)}."
    name = named(visit.state.name)
    if asked.kind is PredictKind.INPUT:
        return f"{name} starts with {noun(found.value)}."
    if asked.kind is PredictKind.NEXT and stage is None and is_present(found.value):
        return (
            f"Next of {name} is {named(visit.next)}."
            if visit.next is not None
            else f"{name} has no Next: it is the end."
        )
    if stage is None:
        return f"{name} fails with {fault_with_cause(visit.fault)}." if visit.fault is not None else ""
    started = execution.settings.start_time if execution is not None else None
    return sentence(stage, visit.state, visit=visit, started_at=started)
