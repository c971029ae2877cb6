"""Why the data of a state are what they are: the stages before its work, and those after it.

Source: States Language specification, "Input and Output Processing"; AWS docs, "Processing input and output",
"Transforming data with JSONata in Step Functions", "Passing data between states with variables".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.explaining.model import StageFacts, StageReasons, lost_keys
from sfdebug.debugger.explaining.templates import (
    code,
    comes,
    is_or_are,
    key_list,
    keys_read,
    mentions,
    pronoun,
    reads,
    texts_in,
    unread_jsonata,
    unread_path,
)
from sfdebug.debugger.wording.positions import container_of
from sfdebug.debugger.wording.values import lost_by, named, noun, simple_path
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.events import Event

# The input


def input_(facts: StageFacts) -> StageReasons:
    """Input: whose output it is."""
    if facts.stage is not None and facts.stage.provenance is Provenance.USER:
        return StageReasons(
            "You have put it in the place of what the state would have been given. All after it is computed."
        )
    entered = _entered_after(facts)
    if entered is None:
        return StageReasons("The input of a state is the output of the one before it; the first gets that of the run.")
    if entered.type == EventType.EXECUTION_STARTED and facts.container is None:
        return StageReasons("It is the first state: its input is that of the execution.")
    if entered.type == EventType.PARALLEL_STATE_STARTED and facts.container is not None:
        name = named(facts.container.name)
        return StageReasons(f"Each branch of {name} starts with the same value, which {name} hands to all of them.")
    if entered.type in (EventType.MAP_ITERATION_STARTED, EventType.EXECUTION_STARTED) and facts.container is not None:
        return StageReasons(_iteration_input(facts), _item_alone(facts))
    if str(entered.type).endswith("StateExited"):
        return StageReasons(f"The input of a state is the output of the one before it, here of {named(entered.state)}.")
    return StageReasons("The input of a state is the output of the one before it.")


def _entered_after(facts: StageFacts) -> Event | None:
    """The event that the state was entered after; None where it is not at hand."""
    visit, execution = facts.visit, facts.execution
    if visit is None:
        return None
    events = execution.events
    child = next((id for id in _prefixes(visit.branch) if _is_child(facts, id)), None)
    if child is not None:
        running = execution.children.get(child)
        if running is None:
            return None
        events = running.events
    at = visit.entered_event_id - 1
    if not events.first <= at < len(events) or events[at].id != visit.entered_event_id:
        return None
    # Recorded: the first StateEntered says that it follows no event.
    before = max(events[at].previous_event_id - 1, 0)
    return events[before] if events.first <= before < len(events) and events[before].id == before + 1 else None


def _prefixes(branch: tuple[tuple[str, int], ...]) -> list[tuple[tuple[str, int], ...]]:
    return [branch[:length] for length in range(len(branch), 0, -1)]


def _is_child(facts: StageFacts, branch: tuple[tuple[str, int], ...]) -> bool:
    container = container_of(facts.execution, branch)
    return container is not None and container.is_distributed


def _iteration_input(facts: StageFacts) -> str:
    container, visit = facts.container, facts.visit
    assert container is not None
    assert visit is not None
    number = visit.branch[-1][1] + 1
    selector = "ItemSelector" if "ItemSelector" in container.fields else "Parameters"
    made = f", as {selector} of {named(container.name)} makes it" if selector in container.fields else ""
    run = "child execution" if container.is_distributed else "iteration"
    thing = "batch" if "ItemBatcher" in container.fields else "item"
    return f"It is the first state of {run} {number:,}, which is given {thing} {number:,}{made}."


def _item_alone(facts: StageFacts) -> str:
    """What of the Map's input does not reach an iteration that is given nothing but its item."""
    container, visit = facts.container, facts.visit
    if container is None or visit is None or container.type is not StateType.MAP:
        return ""
    if {"ItemSelector", "Parameters", "ItemReader", "ItemBatcher"} & container.fields.keys():
        return ""
    around = facts.execution.branches.get(visit.branch[:-1])
    begun = around.visit if around is not None else None
    path = container.fields.get("ItemsPath")
    keys = simple_path(path) if isinstance(path, str) else None
    if begun is None or begun.number > visit.number or not isinstance(begun.input, dict) or not keys:
        return ""  # another stay in the Map than the one that started it, or none
    rest = [key for key in begun.input if key != keys[0]]
    if not rest:
        return ""
    run = "A child execution" if container.is_distributed else "An iteration"
    return (
        f"One might expect the whole input of {named(container.name)}, with {key_list(rest)}. {run} sees its item "
        "alone: an ItemSelector hands on more."
    )


# Before the work


def input_path(facts: StageFacts) -> StageReasons:
    """InputPath."""
    path = facts.expression
    where = "in the fields up to the work" if facts.has_result else "in the other fields"
    if path is None:
        return StageReasons(
            f"InputPath comes first, and null selects nothing: `$` is an empty object {where}.",
            _comes_back(facts, list(facts.before)) if facts.is_done and isinstance(facts.before, dict) else "",
        )
    if path == "$":
        return StageReasons("InputPath `$` is the default: a state without InputPath works on its whole input, too.")
    if isinstance(path, str) and path.startswith("$$"):
        return StageReasons(f"`$$` is the Context object. What InputPath selects from it is `$` {where}.")
    lost = lost_by(path, facts.before) if facts.is_done and isinstance(path, str) else []
    why = f"InputPath comes first: what it selects is `$` {where}."
    return StageReasons(why, _comes_back(facts, lost))


def _comes_back(facts: StageFacts, lost: list[str]) -> str:
    """Whether what InputPath leaves behind is in the output after all."""
    if not lost:
        return ""
    names, it, verb = key_list(lost), pronoun(lost), comes(lost)
    if not facts.has_result:
        return (
            f"One might expect {names} in the output. A {facts.state.type} gives on what InputPath selects, so {it} "
            f"{is_or_are(lost)} gone."
        )
    path = facts.field("ResultPath")
    if is_present(path) and path != "$":
        return (
            f"One might expect {names} to be lost. ResultPath goes back to the raw input, and {it} {verb} back with it."
        )
    how = "ResultPath `$` puts the result" if path == "$" else "Without ResultPath the result is put"
    return f"One might expect {names} to come back after the work. {how} in place of the input."


def parameters(facts: StageFacts) -> StageReasons:
    """Parameters of a Task, a Parallel or a Pass."""
    whole = {
        StateType.TASK: "all that the Task is called with",
        StateType.PARALLEL: "all that the branches are given",
    }.get(facts.state.type, "the whole result of the Pass")
    of = " into what InputPath selects" if facts.has("InputPath") else ""
    why = f"Parameters makes up {whole}: a key that ends in `.$` holds a path{of}, or a function."
    expected = _unread_path(facts.expression)
    if not expected and facts.is_done and isinstance(facts.before, dict):
        read = keys_read(facts.expression)
        left = [key for key in facts.before if key not in read] if read is not None else []
        if left:
            expected = f"One might expect {key_list(left)} to go along. Parameters takes the place of the input."
    return StageReasons(why, expected)


def _unread_path(template: Value) -> str:
    return _unread(unread_path(template), "be read. The key does not end in `.$`, so the text itself is passed.")


def _unread_jsonata(template: Value) -> str:
    why = "Only a text that is wholly in `{% … %}` is an expression."
    return _unread(unread_jsonata(template), f"be worked out. {why}")


def _unread(found: tuple[str, str] | None, expected: str) -> str:
    """What one may expect of a text in a template that is passed as it stands, with the key that it stands under."""
    if found is None:
        return ""
    key, text = found
    under = f"under {code(key)} " if key else ""
    return f"One might expect {code(text)} {under}to {expected}"


def arguments(facts: StageFacts) -> StageReasons:
    """Arguments of a Task or a Parallel in JSONata."""
    whole = (
        "all that the branches are given"
        if facts.state.type is StateType.PARALLEL
        else "all that the Task is called with"
    )
    why = f"Arguments makes up {whole}, from `$states.input`, `$states.context` and the variables."
    expected = _unread_jsonata(facts.expression)
    later = [name for name in ("Output", "Assign") if reads(facts.field(name), r"\$states\.input\b", is_jsonata=True)]
    if not expected and later:
        expected = (
            f"One might expect `$states.input` in {' and '.join(later)} to be these arguments. It stays the raw input "
            "of the state."
        )
    return StageReasons(why, expected)


def result(facts: StageFacts) -> StageReasons:
    """Result of a Pass."""
    why = (
        "Result is a constant of the definition: it is given on as it is written, and nothing in it is read as a path."
    )
    found = next((text for _, text in texts_in(facts.expression) if unread_path(text) is not None), None)
    if found is None:
        return StageReasons(why)
    return StageReasons(
        why, f"One might expect {code(found)} in it to be read. A Pass reads paths in Parameters, not in Result."
    )


# After the work


def result_selector(facts: StageFacts) -> StageReasons:
    """ResultSelector."""
    why = "ResultSelector comes right after the work. `$` is the raw result here, not the input of the state."
    expected = _unread_path(facts.expression)
    lost = lost_keys(facts.before, facts.after) if facts.is_done else []
    read = keys_read(facts.expression)
    lost = [key for key in lost if read is not None and key not in read]
    if not expected and lost:
        expected = (
            f"One might expect {key_list(lost)} of the result to be kept. ResultSelector takes the result's place."
        )
    return StageReasons(why, expected)


def result_path(facts: StageFacts) -> StageReasons:
    """ResultPath."""
    path, raw = facts.expression, facts.raw_input
    shaped = next((name for name in ("Parameters", "InputPath") if facts.has(name)), "")
    if path is None:
        why = "ResultPath null keeps nothing of the result: the raw input goes on."
        expected = _not_shaped(shaped) if shaped else ""
        return StageReasons(why, expected)
    if path == "$":
        lost = lost_keys(raw, facts.after) if facts.is_done else []
        return StageReasons(
            "ResultPath `$` is the default: the result takes the place of the whole input.",
            _not_kept(lost) if lost else "",
        )
    why = "ResultPath goes back to the raw input, as the state was entered with it, and puts the result in there."
    old = _at(raw, path) if facts.is_done and isinstance(path, str) else MISSING
    if is_present(old):
        return StageReasons(
            why,
            f"One might expect the old value at {code(str(path))}, {noun(old)}, to be kept as well. It is replaced.",
        )
    is_result = (
        facts.state.type is StateType.PASS
    )  # what these make is put at ResultPath, and is not for the work alone
    return StageReasons(why, _not_shaped(shaped) if shaped and facts.is_done and not is_result else "")


def _not_shaped(shaped: str) -> str:
    did = "built" if shaped == "Parameters" else "selected"
    return f"One might expect to go on with what {shaped} {did}. That was for the work alone: the raw input is back."


def _not_kept(lost: list[str]) -> str:
    return f"One might expect {key_list(lost)} to be kept. That takes a ResultPath such as `$.result`."


def _at(value: Value, path: str) -> Value:
    """What is at a path that only names keys; MISSING where nothing is."""
    keys = simple_path(path)
    if not keys:
        return MISSING
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return MISSING
        value = value[key]
    return value


def assign(facts: StageFacts) -> StageReasons:
    """Assign."""
    seen = "Assign takes effect when the state is left: all expressions of the state see the values at its entry."
    if facts.is_jsonata:
        seen += " `$states.errorOutput` is the error." if facts.catcher is not None else ""
    elif facts.catcher is not None:
        seen += " `$` is the Error Output here."
    elif facts.has_result:
        seen += " `$` is the result here."
    new = facts.after if facts.is_done and isinstance(facts.after, dict) else {}
    written = facts.expression if isinstance(facts.expression, dict) else {}
    return StageReasons(seen, _old_value_seen(facts, new, written) or _gone_at_the_end(facts, new))


def _old_value_seen(facts: StageFacts, new: dict[str, Json], written: dict[str, Json]) -> str:
    """A variable of which another expression of this state sees the old value."""
    entry = facts.visit.variables if facts.visit is not None else {}
    for name in new:
        if name not in entry:
            continue
        used = rf"\${re.escape(name)}(?![\w])"
        others = {key: value for key, value in written.items() if key.removesuffix(".$") != name}
        own = facts.catcher is None and facts.last(StageName.RULE) is None
        fields = ("Output", "OutputPath") if own else ()
        where = next((field for field in fields if reads(facts.field(field), used, is_jsonata=facts.is_jsonata)), "")
        where = where or ("the other variables" if reads(others, used, is_jsonata=facts.is_jsonata) else "")
        if where:
            sees = "sees" if where != "the other variables" else "see"
            return (
                f"One might expect {where} to see the new {code('$' + name)}. {where[:1].upper()}{where[1:]} {sees} "
                f"{noun(entry[name])}, as it was at entry."
            )
    return ""


def _gone_at_the_end(facts: StageFacts, new: dict[str, Json]) -> str:
    """Variables of a branch or an iteration, which nobody sees after it."""
    if not new or facts.visit is None or not facts.visit.branch or facts.container is None:
        return ""
    names = [f"${name}" for name in new]
    run = run_of(facts)
    return (
        f"One might expect {key_list(names)} after {named(facts.container.name)}, too. What {run} assigns is gone when "
        "it ends: only its output gets out."
    )


def run_of(facts: StageFacts) -> str:
    """What runs around the state: "a branch", "an iteration", "a child execution"."""
    if facts.container is None or facts.container.type is not StateType.MAP:
        return "a branch"
    return "a child execution" if facts.container.is_distributed else "an iteration"


def output_path(facts: StageFacts) -> StageReasons:
    """OutputPath."""
    path = facts.expression
    after = "ResultPath" if facts.has("ResultPath") else "all else"
    if path is None:
        return StageReasons(f"OutputPath comes last, after {after}, and null selects nothing: {{}} is given on.")
    if path == "$":
        return StageReasons("OutputPath `$` is the default: without OutputPath all is given on, too.")
    if isinstance(path, str) and path.startswith("$$"):
        return StageReasons("`$$` is the Context object. What OutputPath selects from it is the output.")
    where = facts.field("ResultPath")
    if where is None:
        why = "OutputPath comes last, after ResultPath: that is null, so it selects from the raw input."
    elif is_present(where) and where != "$":
        why = "OutputPath comes last, after ResultPath: it selects from the input with the result in it."
    elif is_present(where):
        why = (
            "OutputPath comes last, after ResultPath `$`: it selects from the result, for that has replaced the input."
        )
    elif facts.has_result:
        why = "OutputPath comes last: without ResultPath it selects from the result, for that has replaced the input."
    else:
        why = "OutputPath comes last: it selects what of its input the state gives on."
    lost = lost_by(path, facts.before) if facts.is_done and isinstance(path, str) else []
    if not lost:
        return StageReasons(why)
    return StageReasons(
        why, f"One might expect {key_list(lost)} in the output. Nothing but what OutputPath selects gets there."
    )


# The output


def output(facts: StageFacts) -> StageReasons:
    """Output: the end of every visit that is left."""
    if facts.stage is not None and facts.stage.provenance is Provenance.USER:
        return StageReasons("You have put it in the place of what the state gave. All after it is computed.")
    lost = lost_keys(facts.raw_input, facts.after) if facts.is_done else []
    if facts.is_jsonata:
        return _jsonata_output(facts, lost)
    if facts.catcher is not None:
        return StageReasons("A Catcher's output is made by its own ResultPath alone: no OutputPath is applied to it.")
    if not facts.has_result:
        path = "InputPath and OutputPath" if facts.has("OutputPath") or facts.has("InputPath") else ""
        shaped = f", as far as {path} let it through" if path else ""
        return StageReasons(f"A {facts.state.type} makes nothing new: its output is its input{shaped}.")
    if facts.has("ResultPath") or facts.has("OutputPath"):
        last = "OutputPath" if facts.has("OutputPath") else "ResultPath"
        return StageReasons(f"What {last} gives is the output.{_whole_input(facts)}")
    if facts.state.type is StateType.PASS and not facts.has("Result") and not facts.has("Parameters"):
        gives = "what InputPath selects" if facts.has("InputPath") else "its input"
        return StageReasons(f"A Pass without Result and Parameters gives on {gives}.{_whole_input(facts)}")
    why = "Without ResultPath the result takes the place of the input: that is the default, `$`."
    return StageReasons(why, _not_kept(lost) if lost else "")


def _whole_input(facts: StageFacts) -> str:
    following = facts.visit.next if facts.visit is not None else facts.state.next
    return f" It is the whole input of {named(following)}." if following is not None else ""


def _jsonata_output(facts: StageFacts, lost: list[str]) -> StageReasons:
    has_output = is_present(facts.expression)
    if facts.catcher is not None:
        if not has_output:
            return StageReasons("Without an Output of its Catcher, the Error Output is all that is given on.")
        why = "Its Catcher's Output is all that is given on: `$states.errorOutput` is the error in it."
        return StageReasons(why, _not_taken_up(facts, lost))
    if has_output:
        sees = (
            "`$states.result` is the result in it, "
            if facts.has_result and facts.state.type is not StateType.PASS
            else ""
        )
        why = f"Output is all that is given on: {sees}`$states.input` the raw input."
        if not sees:
            why = "Output is all that is given on: `$states.input` is the raw input in it."
        return StageReasons(why, _unread_jsonata(facts.expression) or _not_taken_up(facts, lost))
    if facts.has_result and facts.state.type is not StateType.PASS:
        expected = (
            f"One might expect {key_list(lost)} to be kept. The result takes the place of the input." if lost else ""
        )
        return StageReasons("Without Output, the result itself is the output.", expected)
    rule = facts.last(StageName.RULE)
    took = rule is not None and rule.status in (StageStatus.MATCHED, StageStatus.FORCED)
    why = f"Without Output, a {facts.state.type} gives its input on."
    if took and facts.has("Output"):
        return StageReasons(
            "The rule has no Output, so the input is given on.",
            "One might expect the Output of the Choice itself to be used. That one is for its Default alone.",
        )
    return StageReasons(why)


def _not_taken_up(facts: StageFacts, lost: list[str]) -> str:
    """The keys of the input that an Output does not mention."""
    if mentions(facts.expression, r"\$states(?!\.(?:input\.|result\b|errorOutput\b|context\b))"):
        return ""  # it may take the whole input up
    left = [key for key in lost if not mentions(facts.expression, re.escape(key))]
    if not left:
        return ""
    return f"One might expect {key_list(left)} to be kept. Output adds nothing to the input, it takes its place."
