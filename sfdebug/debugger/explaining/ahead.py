"""What a stage that is still to come is going to do: as its field says, with nothing told of what will come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining.templates import shortened
from sfdebug.debugger.wording.values import listed, named, quoted
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.resources import Family, parse_resource
from sfdebug.values import Value, is_present

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger.explaining.model import StageFacts

_LONGEST: Final = 60


def ahead(facts: StageFacts) -> str:
    """What the stage is going to do, as a sentence."""
    return f"Still to come: {_AHEAD[facts.name](facts)}."


def _written(value: Value) -> str:
    """A path or an expression as written; nothing for one that is an object."""
    return f" {quoted(shortened(value, _LONGEST))}" if isinstance(value, str) else " null" if value is None else ""


def _field(does: str) -> Callable[[StageFacts], str]:
    return lambda facts: f"{facts.name}{_written(facts.expression)} {does}"


def _rule(facts: StageFacts) -> str:
    index = facts.index or 0
    rules = facts.state.choices
    target = f", and leads to {named(rules[index].next)} if it matches" if index < len(rules) else ""
    return f"rule {index + 1} of {len(rules)} is tried{target}"


def _retry(facts: StageFacts) -> str:
    index = facts.index or 0
    retriers = facts.state.retriers
    names = (
        listed([shortened(name, _LONGEST) for name in retriers[index].error_equals]) if index < len(retriers) else ""
    )
    return f"Retrier {index + 1} is asked whether it tries again{f', for {names}' if names else ''}"


def _catch(facts: StageFacts) -> str:
    index = facts.index or 0
    catchers = facts.state.catchers
    if index >= len(catchers):
        return f"Catcher {index + 1} is asked whether it takes the error"
    catcher = catchers[index]
    names = listed([shortened(name, _LONGEST) for name in catcher.error_equals])
    return f"Catcher {index + 1}, for {names}, is asked whether it takes the error; it leads to {named(catcher.next)}"


def _default(facts: StageFacts) -> str:
    return f"the Default leads to {named(facts.state.default or '')}, if no rule matches"


def _output(facts: StageFacts) -> str:
    if facts.is_jsonata and is_present(facts.expression):
        return "Output makes what the state gives on"
    following = facts.state.next
    return f"{named(facts.state.name)} is left" + (f" for {named(following)}" if following is not None else "")


def _task(facts: StageFacts) -> str:
    name, resource = named(facts.state.name), parse_resource(facts.state.resource)
    if resource.family is Family.ACTIVITY:
        return f"{name} waits for a worker of its activity"
    called = f"{resource.type}:{resource.action}" if resource.family is Family.SERVICE else "a Lambda function"
    return f"{name} calls {shortened(called, _LONGEST)}"


_AHEAD: Final[dict[StageName, Callable[[StageFacts], str]]] = {
    StageName.INPUT: lambda facts: f"{named(facts.state.name)} is entered with its input",
    StageName.INPUT_PATH: _field("selects what the state works on"),
    StageName.PARAMETERS: _field("builds what the work is given"),
    StageName.ARGUMENTS: _field("builds what the work is given"),
    StageName.ITEMS_PATH: _field("finds the items"),
    StageName.ITEMS: _field("gives the items"),
    StageName.ITEM_READER: _field("reads the items"),
    StageName.ITEM_SELECTOR: _field("builds what each item is run with"),
    StageName.ITEM_BATCHER: _field("puts the items into batches"),
    StageName.RESULT: lambda facts: "Result is given in place of the input",
    StageName.TASK: _task,
    StageName.BRANCHES: lambda facts: f"{named(facts.state.name)} runs its branches",
    StageName.ITERATIONS: lambda facts: f"{named(facts.state.name)} runs its iterations",
    StageName.MAP_RUN: lambda facts: f"{named(facts.state.name)} runs its child executions",
    StageName.RESULT_WRITER: _field("writes or shapes the results"),
    StageName.RULE: _rule,
    StageName.DEFAULT: _default,
    StageName.WAIT: lambda facts: f"{named(facts.state.name)} waits",
    StageName.ERROR: lambda facts: f"{named(facts.state.name)} raises its error",
    StageName.RETRY: _retry,
    StageName.CATCH: _catch,
    StageName.REDRIVE: lambda facts: f"{named(facts.state.name)} is redriven",
    StageName.RESULT_SELECTOR: _field("builds the result anew"),
    StageName.RESULT_PATH: _field("puts the result into the input"),
    StageName.ASSIGN: _field("gives variables their values"),
    StageName.OUTPUT_PATH: _field("selects the output"),
    StageName.OUTPUT: _output,
}
