"""What becomes of errors, and why: what raises them, and what Retriers and Catchers make of them.

Source: States Language specification, "Errors", "Retrying after error", "Fallback states"; AWS docs, "Handling errors
in Step Functions workflows". Where a recorded execution shows something else, it is told as recorded.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.debugger.explaining.model import StageReasons, lost_keys
from sfdebug.debugger.explaining.templates import code, key_list, retries, shortened, tries
from sfdebug.debugger.wording.values import fault_name, listed, named, noun
from sfdebug.engine.execution.visit import RetryVerdict, StageName, StageStatus
from sfdebug.engine.faults import (
    ALL,
    DATA_LIMIT_EXCEEDED,
    QUERY_EVALUATION_ERROR,
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
    matches,
    retry_delay,
)
from sfdebug.times import seconds_text
from sfdebug.values import Value, is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import Retrier, State
    from sfdebug.debugger.explaining.model import StageFacts
    from sfdebug.engine.execution.visit import Fault

# What is asked about an error


def asked_next(state: State, error: str | None = None) -> str:
    """Who is asked about an error of the state, as a sentence."""
    if error == RUNTIME:
        return "States.Runtime can be neither retried nor caught."
    if state.type not in (StateType.TASK, StateType.PARALLEL, StateType.MAP):
        return f"A {state.type} has no Retry and no Catch, so it fails with it."
    if state.retriers and state.catchers:
        return "The Retriers are asked first, then the Catchers."
    if state.retriers:
        return "The Retriers are asked; there is no Catch."
    if state.catchers:
        return "There is no Retry, so the Catchers are asked."
    return "There is no Retry and no Catch, so the state fails with it."


def failed(facts: StageFacts) -> StageReasons:
    """A field that could not be worked out."""
    fault = facts.stage.fault if facts.stage is not None else None
    error = fault.error if fault is not None else None
    if error == DATA_LIMIT_EXCEEDED:
        return StageReasons(f"No input, result or output may have more than 256 KiB. {asked_next(facts.state)}")
    if error == QUERY_EVALUATION_ERROR:
        return StageReasons(
            f"JSONata that cannot be worked out raises States.QueryEvaluationError. {asked_next(facts.state)}",
            _nothing_found(facts, fault),
        )
    if error == RUNTIME:
        why = "AWS calls this States.Runtime, which no Retrier and no Catcher takes, not even with States.ALL."
        return StageReasons(why, _path_nowhere(facts, fault))
    if facts.name is StageName.ITEM_READER:
        return StageReasons(f"What was read is no dataset as ReaderConfig describes it. {asked_next(facts.state)}")
    return StageReasons(f"The field cannot be used with these data. {asked_next(facts.state)}")


def _nothing_found(facts: StageFacts, fault: Fault | None) -> str:
    if fault is None or "returned nothing (undefined)" not in (fault.cause or ""):
        return ""
    if facts.name is StageName.RULE:
        return (
            "One might expect a value that is not there to count as false. A Condition must give true or false itself."
        )
    return (
        "One might expect null, or the field to be left out. An expression that gives nothing fails the state; "
        "`$exists(…)` asks first."
    )


_PREAMBLE: Final = re.compile(
    r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. ", re.DOTALL
)
_SOUGHT: Final = re.compile(r"(?:Invalid path|The JSONPath) '(\$(?:\.[^'\s]*)?)'")


def _path_nowhere(facts: StageFacts, fault: Fault | None) -> str:
    """What is said of a path that finds nothing: where the value would have been, if the state once had it."""
    found = _SOUGHT.match(_own_words(fault))
    if found is None:
        return ""
    path = found[1]
    if facts.name is StageName.RULE:
        return (
            f"One might expect a rule on a missing {code(path)} not to match. It is an error: IsPresent, before it in "
            "an And, asks first."
        )
    key = re.match(r"\$\.([A-Za-z_][\w-]*)", path)
    raw = facts.raw_input
    had_it = key is not None and isinstance(raw, dict) and key[1] in raw
    lacks_it = not isinstance(facts.before, dict) or (key is not None and key[1] not in facts.before)
    if had_it and lacks_it and key is not None and is_present(facts.before):
        return _elsewhere(facts, key[1], path)
    has = f": `$` is {noun(facts.before)}" if is_present(facts.before) else ""
    return f"One might expect null where {code(path)} leads nowhere. In JSONPath that is an error{has}."


_OF_RESULTS: Final = {
    StageName.RESULT_SELECTOR: "In ResultSelector `$` is the result",
    StageName.ASSIGN: "In Assign `$` is the result",
    StageName.OUTPUT_PATH: "Without a ResultPath that keeps it, the input is gone",
}
"""What `$` is, or what has become of the input, in the fields behind the work of a state."""


def _elsewhere(facts: StageFacts, key: str, path: str) -> str:
    meant = _OF_RESULTS.get(facts.name) if facts.has_result else None
    if meant is None:
        meant = "`$` is what InputPath selects" if facts.has("InputPath") else f"Here `$` is {noun(facts.before)}"
    return f"One might expect {code(path)} to be there, for the input of the state has {shortened(key)}. {meant}."


def _own_words(fault: Fault | None) -> str:
    return without_preamble(fault.cause or "" if fault is not None else "")


def without_preamble(text: str) -> str:
    """A text without the sentence in which AWS names the state: that is named anyway."""
    return _PREAMBLE.sub("", text)


# A Fail state, and failures made by hand


def error(facts: StageFacts) -> StageReasons:
    """Error of a Fail."""
    if facts.container is None:
        return StageReasons(
            "A Fail ends the execution with its Error and Cause. It has no Retry, no Catch and no output."
        )
    name = named(facts.container.name)
    if facts.container.is_distributed:
        return StageReasons(f"A Fail ends the child execution. Whether {name} goes on depends on how many may fail.")
    asked = [name for name in ("Retry", "Catch") if name in facts.container.fields]
    are = "is" if len(asked) == 1 else "are"
    handlers = f"whose {' and '.join(asked)} {are} asked" if asked else "which has no Retry and no Catch"
    run = "iteration" if facts.container.type is StateType.MAP else "branch"
    return StageReasons(
        f"A Fail has no Retry and no Catch of its own: it fails {name}, {handlers}.",
        f"One might expect the Fail to end its {run} alone. It fails the whole {facts.container.type}.",
    )


def injected(facts: StageFacts) -> StageReasons:
    """A failure that the user has made."""
    return StageReasons(f"To AWS's rules it is an error like any other. {asked_next(facts.state)}")


# Retry


def retry(facts: StageFacts) -> StageReasons:
    """One Retrier."""
    index = facts.index or 0
    retriers = facts.state.retriers
    if index >= len(retriers):
        return StageReasons("The Retriers are asked in their order, and the first that names the error decides.")
    retrier, stage = retriers[index], facts.stage
    if stage is None:
        return StageReasons(
            f"It takes {_takes(retrier.error_equals)}, for {retries(retrier.max_attempts)}. The first Retrier that "
            "names the error decides."
        )
    verdict = stage.detail if isinstance(stage.detail, RetryVerdict) else None
    if verdict is None:
        return StageReasons("The Retriers are asked in their order, and the first that names the error decides.")
    if stage.status is StageStatus.MATCHED:
        return StageReasons(_delay(retrier, verdict, stage.after), _counting(facts, retrier, verdict))
    if verdict.matched:
        return _used_up(facts, retrier)
    return StageReasons(
        f"It takes {_takes(retrier.error_equals)}. {_after_retrier(facts, index)}",
        _not_covered(retrier.error_equals, stage.fault),
    )


_WILDCARDS: Final = (ALL, TASK_FAILED)


def _takes(error_equals: Sequence[str]) -> str:
    """Which errors an ErrorEquals takes: "A and B", "every error"."""
    if ALL in error_equals:
        return "every error but States.Runtime"
    return listed([shortened(name, 60) for name in error_equals])


def _delay(retrier: Retrier, verdict: RetryVerdict, waited: Value) -> str:
    """How the delay came about, with numbers."""
    interval, rate, used = retrier.interval_seconds, retrier.backoff_rate, verdict.attempts_used
    longest = verdict.delay_seconds or 0.0
    if used and rate == 1:
        text = f"The delay is IntervalSeconds, {interval:,} s, each time, for BackoffRate 1 does not let it grow"
    elif used:
        power = f"^{used}" if used > 1 else ""
        text = f"The delay is IntervalSeconds {interval:,} × BackoffRate {rate:g}{power}"
    else:
        text = f"The delay before the first retry is IntervalSeconds, {interval:,} s"
    most = retrier.max_delay_seconds
    if most is not None and longest == most and retry_delay(replace(retrier, max_delay_seconds=None), used) > most:
        text += f", but MaxDelaySeconds allows {seconds_text(longest)}"
    elif used and rate != 1:
        text += f" = {seconds_text(round(longest, 3))}"
    if retrier.jitter_strategy == "FULL" and isinstance(waited, int | float):
        text += f"; JitterStrategy FULL waits a random part of it, {seconds_text(round(waited, 3))}"
    return f"{text}. It is retry {used + 1:,} of MaxAttempts {retrier.max_attempts:,}."


def _counting(facts: StageFacts, retrier: Retrier, verdict: RetryVerdict) -> str:
    since = takewhile(lambda stage: stage.name is not StageName.REDRIVE, reversed(facts.earlier))
    others = [
        stage
        for stage in since
        if stage.name is StageName.RETRY and stage.status is StageStatus.MATCHED and stage.index != facts.index
    ]
    if others and not verdict.attempts_used:
        return (
            f"One might expect the count to go on after {retries(len(others))} before. Each Retrier counts and waits "
            "for itself alone."
        )
    if verdict.attempts_used:
        return ""
    most = retrier.max_attempts
    makes = f"with the first try that makes {most + 1:,}"
    if len(facts.state.retriers) > 1:
        makes = "the first try is none of them, and neither are those of other Retriers"
    return f"One might expect MaxAttempts {most:,} to mean {tries(most)} in all. It counts the retries: {makes}."


def _used_up(facts: StageFacts, retrier: Retrier) -> StageReasons:
    index, stage = facts.index or 0, facts.stage
    fault = stage.fault if stage is not None else None
    most = retrier.max_attempts
    why = "The first Retrier that names the error decides, also when it has no retries left. "
    if not most:
        why = "MaxAttempts 0 means never: such a Retrier keeps its errors from those after it. "
    why += "The Catchers are asked next." if facts.state.catchers else "There is no Catch, so the state fails."
    later = [
        other.index + 1
        for other in facts.state.retriers[index + 1 :]
        if fault is not None and matches(other.error_equals, fault.error, fault.aliases)
    ]
    if not later:
        return StageReasons(why)
    return StageReasons(
        why, f"One might expect Retrier {later[0]} to go on, for it names the error, too. It is not asked."
    )


def _after_retrier(facts: StageFacts, index: int) -> str:
    if index + 1 < len(facts.state.retriers):
        return f"Retrier {index + 2} is asked next."
    return (
        "It was the last one: the Catchers are next."
        if facts.state.catchers
        else "It was the last one, and there is no Catch: the state fails."
    )


def _not_covered(error_equals: Sequence[str], fault: Fault | None) -> str:
    """What is said where somebody who knows the wildcards by name, or the error by ear, may be surprised."""
    error = fault.error if fault is not None else None
    if error is None:
        return ""
    if error == RUNTIME and {ALL, TASK_FAILED, RUNTIME} & set(error_equals):
        name = next(name for name in (RUNTIME, ALL, TASK_FAILED) if name in error_equals)
        return f"One might expect {name} to take it. States.Runtime can be neither retried nor caught."
    if TASK_FAILED in error_equals and error in (TIMEOUT, QUERY_EVALUATION_ERROR):
        but = "It covers all but States.Timeout and States.QueryEvaluationError"
        return f"One might expect States.TaskFailed to cover it. {but}."
    almost = next((name for name in error_equals if get_close_matches(name, _WILDCARDS, 1, 0.85)), None)
    if almost is not None and almost not in _WILDCARDS:
        right = get_close_matches(almost, _WILDCARDS, 1)[0]
        return f"One might expect {code(almost)} to be a wildcard. It is spelled {right}."
    near = next((name for name in error_equals if name.casefold() == error.casefold()), None)
    if near is None:
        near = next((name for name in error_equals if name.rpartition(".")[2] == error.rpartition(".")[2]), None)
    if near is not None:
        return (
            f"One might expect {code(near)} to match {code(error)}. Error names match letter by letter, or not at all."
        )
    return ""


# Catch


def catch(facts: StageFacts) -> StageReasons:
    """One Catcher."""
    index, stage = facts.index or 0, facts.stage
    catchers = facts.state.catchers
    if stage is None or index >= len(catchers):
        takes = f"It takes {_takes(catchers[index].error_equals)}. " if index < len(catchers) else ""
        return StageReasons(f"{takes}Catchers are asked in their order, once no Retrier tries again.")
    catcher = catchers[index]
    if stage.status is not StageStatus.MATCHED:
        if index + 1 < len(catchers):
            following = f"Catcher {index + 2} is asked next."
        else:
            following = "It was the last one, so the state fails."
        why = f"It takes {_takes(catcher.error_equals)}. {following}"
        return StageReasons(why, _not_covered(catcher.error_equals, stage.fault))
    if not facts.state.retriers:
        asked = "There is no Retry, so the Catchers are asked at once"
    elif facts.last(StageName.RETRY) is not None:
        asked = "Catchers are asked once no Retrier tries again"
    else:
        asked = "No Retrier was asked"
    how = _how_it_takes(catcher.error_equals, stage.fault)
    return StageReasons(f"{how} {asked}.", _after_catch(facts))


def _how_it_takes(error_equals: Sequence[str], fault: Fault | None) -> str:
    error = fault.error if fault is not None else None
    if error is not None and error in error_equals:
        return f"ErrorEquals names {shortened(error, 60)}."
    alias = next((name for name in (fault.aliases if fault is not None else ()) if name in error_equals), None)
    if alias is not None:
        return f"{alias} in ErrorEquals names it, too."
    wildcard = ALL if ALL in error_equals else TASK_FAILED
    return f"{wildcard} in ErrorEquals covers it."


def _after_catch(facts: StageFacts) -> str:
    stage, catcher = facts.stage, facts.state.catchers[facts.index or 0]
    error = fault_name(stage.fault) if stage is not None else ""
    if error == DATA_LIMIT_EXCEEDED and error not in catcher.error_equals:
        return (
            "One might expect it not to be caught: AWS's guide says that States.ALL does not cover "
            "States.DataLimitExceeded. An execution recorded on AWS shows that it does."
        )
    replaces = "Output" not in catcher.fields if facts.is_jsonata else catcher.fields.get("ResultPath", "$") == "$"
    lost = lost_keys(facts.raw_input, facts.after) if replaces else []
    if lost:
        if facts.is_jsonata:
            why = "Without an Output of the Catcher, the Error Output is all there is"
        else:
            written = "ResultPath" in catcher.fields
            why = f"{'With ResultPath `$`' if written else 'Without ResultPath'} the Error Output is all there is"
        return f"One might expect {named(catcher.next)} to get {key_list(lost)}, too. {why}."
    if facts.has("OutputPath"):
        return "One might expect OutputPath to be applied. What is caught goes through the Catcher's own fields alone."
    return ""


def redrive(facts: StageFacts) -> StageReasons:
    """A redrive."""
    retries_anew = " All Retriers count from the start again." if facts.state.retriers else ""
    return StageReasons(
        f"A redrive goes on with what did not succeed: {named(facts.state.name)} is not entered again.{retries_anew}",
        "One might expect the execution to begin at its first state. What has succeeded is not run again.",
    )
