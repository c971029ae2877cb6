"""What can be asked of the debugger and what it answers: the verbs, and the stop that each ends with."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from sfdebug.errors import UsageError
from sfdebug.text import with_article


class Verb(StrEnum):
    """What the debugger can be asked to do: the methods of `Debugger` that end with a `Stop`, by their names."""

    STEP_INTO = "step_into"
    STEP_OVER = "step_over"
    STEP_OUT = "step_out"
    RUN = "run"
    RUN_TO_STATE = "run_to_state"
    RUN_TO_EVENT = "run_to_event"
    RUN_UNTIL = "run_until"
    STEP_BACK = "step_back"
    BACK_OVER = "back_over"
    BACK_OUT = "back_out"
    RUN_BACK = "run_back"
    RUN_BACK_TO_STATE = "run_back_to_state"
    RUN_BACK_TO_EVENT = "run_back_to_event"
    RESTART = "restart"
    SCRUB = "scrub"
    GOTO_EVENT = "goto_event"
    GOTO_CHILD = "goto_child"
    GOTO_NODE = "goto_node"
    GOTO_VISIT = "goto_visit"
    GOTO_STAGE = "goto_stage"
    GOTO_FAILURE = "goto_failure"
    GOTO_RECORDED = "goto_recorded"
    SWITCH_FORK = "switch_fork"
    FOCUS_BRANCH = "focus_branch"
    FORK_HERE = "fork_here"
    LEAVE_FORK = "leave_fork"
    REDO = "redo"
    FORCE_CHOICE = "force_choice"
    INJECT_FAILURE = "inject_failure"
    EDIT_INPUT = "edit_input"
    ANSWER_TASK = "answer_task"
    EDIT_RESULT = "edit_result"
    CALL_AGAIN = "call_again"
    CHOOSE_ANSWERER = "choose_answerer"


class StopReason(StrEnum):
    """What a verb ended with."""

    START = "start"
    """At the beginning of the timeline."""
    STEP = "step"
    """The verb did what it says."""
    BREAKPOINT = "breakpoint"
    """At a breakpoint: `breakpoints` are the texts of those that stop here."""
    FAULT = "fault"
    """A fault was raised, and faults are watched."""
    QUESTION = "question"
    """A Task waits for an answer that nobody but the user can give."""
    END = "end"
    """The execution is over."""
    JUMP = "jump"
    """Moved along the timeline to a place that was asked for."""
    CHANGED = "changed"
    """An intervention was taken in (see `forked`)."""
    REFUSED = "refused"
    """The verb makes no sense here: `text` says why. Nothing has changed."""
    INTERRUPTED = "interrupted"
    """The caller asked to stop."""
    EDGE = "edge"
    """The recording goes no further, though the execution was not over."""
    LIMIT = "limit"
    """So many steps were made without an end; calling the verb again goes on."""


class Hint(NamedTuple):
    """A verb that helps from here. `does` says what it does ("takes it back"), for faces to put behind their own key or
    name for the verb; "" where the sentence that the hint belongs to has said so."""

    verb: Verb
    does: str = ""


class Stop(Struct, frozen=True, gc=False):
    """Why a verb stopped, in a word and in a plain sentence. `forked` is the id of the fork that it made, if any.

    `hints` are the verbs that help from here. No sentence names a key: which one calls a verb is for the face to say.
    `breakpoints` are those that stopped it, as they are written. `inside` is the state machine that a Task here has
    started, where it is there that it stopped: `Debugger.nested` leads there.
    """

    reason: StopReason
    text: str
    forked: int | None = None
    hints: tuple[Hint, ...] = ()
    breakpoints: tuple[str, ...] = ()
    inside: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether the verb did nothing."""
        return self.reason is StopReason.REFUSED


def refused(why: str, *helping: Verb) -> Stop:
    """The stop of a verb that did nothing; `helping` are those that `why` tells to use instead."""
    return Stop(StopReason.REFUSED, why, hints=tuple(map(Hint, helping)))


# What Python code gives to the verbs: a refusal of what cannot be used, before anything is done with it.


def no_number(value: Any, what: str) -> Stop | None:
    """The refusal of `value`, which is to be a number of `what`; None when it is one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    return refused(f"{what} is named by its number, not by {with_article(value)}")


def no_function(value: Any, what: str) -> Stop | None:
    """The refusal of `value`, which is to be `what`; None when it can be called, or is None."""
    return None if value is None or callable(value) else refused(f"{what} is a function without arguments")


def no_text(value: Any, what: str) -> Stop | None:
    """The refusal of `value`, which is to be `what`; None when it is a text."""
    return None if isinstance(value, str) else refused(f"{what} is a text, not {with_article(value)}")


def no_path(value: Any) -> Stop | None:
    """The refusal of `value` as the path of a state; None when it may be one."""
    if isinstance(value, tuple) and all(isinstance(step, str | int) for step in value):
        return None
    return refused("a state is named by its path, a tuple such as ('Each order', 0, 'Charge')")


def no_branch(value: Any) -> Stop | None:
    """The refusal of `value` as the id of a branch; None when it may be one."""
    if isinstance(value, tuple) and all(isinstance(step, tuple) for step in value):
        return None
    return refused("a branch is named by its id, a tuple such as (('Each order', 0),)")


def check_count(name: str, value: Any, example: int) -> None:
    """Raises UsageError for what is no count from 1 on; `example` is one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{name} is a count from 1 on, not {value!r}", fix=f"Write: {name}={example}")
