"""What a state is there for, in a few words, before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named
from sfdebug.engine.resources import Family, parse_resource

if TYPE_CHECKING:
    from sfdebug.asl.definition import State


def purpose_of(state: State) -> str:
    """What `state` will do, as the end of a sentence: "it calls sqs:sendMessage". "" when its type says it all."""
    if state.type is StateType.TASK:
        return _task(state)
    if state.type is StateType.CHOICE:
        return _choice(state)
    if state.type is StateType.PARALLEL:
        count = len(state.branches)
        return f"it runs {count} branches side by side" if count > 1 else "it runs its one branch"
    if state.type is StateType.MAP:
        each = "a child execution" if state.is_distributed else "once"
        return f"it runs {each} for each item, from {named(state.branches[0].start_at)} on{_items(state)}"
    return ""


def _items(state: State) -> str:
    """Where the items of a distributed Map come from, when they do not come from its input."""
    reader = state.fields.get("ItemReader")
    resource = parse_resource(str(reader.get("Resource", ""))) if isinstance(reader, dict) else None
    return f"; {resource.type}:{resource.action} gives the items" if resource is not None else ""


def _choice(state: State) -> str:
    count = len(state.choices)
    if count == 1:
        leads = f"its rule leads to {named(state.choices[0].next)} if it matches"
    else:
        leads = f"the first of its {count} rules that matches leads on"
    return f"{leads}, else {named(state.default)}" if state.default else leads


def _task(state: State) -> str:
    resource = parse_resource(state.resource)
    if resource.family is Family.SERVICE:
        called = f"it calls {resource.type}:{resource.action}"
    elif resource.family is Family.ACTIVITY:
        called = "a worker of its activity does the work"
    else:
        called = "it calls a Lambda function"
    retries = max((retrier.max_attempts for retrier in state.retriers), default=0)
    return f"{called}, with up to {retries} retries" if retries > 1 else called
