"""States and scopes: from JSON values to `State` and `Scope`, noting everything that is wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, Scope, State, StateType
from sfdebug.asl.findings import EMPTY, AwsVerdict, listed, needs_one, not_supported, only_one
from sfdebug.asl.parsing.choices import parse_choices
from sfdebug.asl.parsing.fields import BRANCH, MACHINE, PROCESSOR, PROCESSOR_CONFIG, PROCESSORS, REQUIRED, STATES, WAITS
from sfdebug.asl.parsing.handlers import parse_catchers, parse_retriers
from sfdebug.asl.parsing.maps import check_map
from sfdebug.asl.parsing.objects import as_entries, as_object, check_exclusive, check_fields, require, text_or_none
from sfdebug.asl.parsing.shapes import expected
from sfdebug.asl.reader import closest, has_placeholder
from sfdebug.asl.text.problems import quote
from sfdebug.limits import MAX_STATE_NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.asl.parsing.fields import FieldTable
    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

TYPES: Final = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
"""The state types in the order in which AWS lists them (recorded)."""

_TERMINAL: Final = (StateType.SUCCEED, StateType.FAIL)
_TYPE: Final = AwsVerdict(f"The field 'Type' should have one of these values: {listed(TYPES)}")
"""Recorded."""

_NO_TYPE: Final = AwsVerdict("The field 'Type' is required")
"""Recorded."""

_DOWNGRADE: Final = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
_WAYS: Final = ("Next", "End")
_BAD_NAME: Final = "INVALID_STATE_NAME"


def language_of(given: Json, inherited: QueryLanguage) -> QueryLanguage:
    """What a QueryLanguage means. Reported: AWS takes whatever is not exactly "JSONPath" for JSONata."""
    if given == QueryLanguage.JSONPATH:
        return QueryLanguage.JSONPATH
    return inherited if has_placeholder(given) else QueryLanguage.JSONATA


class ScopeParser:
    """Parses scopes and their states for one machine, whose query language its states inherit."""

    def __init__(self, reader: DefinitionReader, language: QueryLanguage) -> None:
        self.reader = reader
        self.machine_language = language

    def scope(
        self, pointer: Pointer, path: StatePath, value: Mapping[str, Json], fields: FieldTable, owner: str
    ) -> Scope:
        """The scope at `pointer`: the machine's top level, a branch, or a processor."""
        reader = self.reader
        check_fields(reader, pointer, value, fields, QueryLanguage.JSONPATH, owner)
        require(reader, pointer, value, ("States", "StartAt"), owner)
        states: dict[str, State] = {}
        listed = value.get("States", {})
        here = (*pointer, "States")
        given = as_object(reader, here, listed, "an object") if "States" in value else {}
        if given == {} and "States" in value:
            reader.error(here, "'States' is empty", "write at least one state", key=True, aws=EMPTY)
        for name, item in (given or {}).items():
            state = self._state(name, item, (*here, name), (*path, name))
            if state is not None:
                states[name] = state
        comment = value.get("Comment")
        return Scope(
            start_at=text_or_none(value.get("StartAt")) or "",
            states=states,
            pointer=pointer,
            path=path,
            comment=comment if isinstance(comment, str) else "",
            fields=value,
        )

    def _state(self, name: str, value: Json, pointer: Pointer, path: StatePath) -> State | None:
        reader = self.reader
        if not isinstance(value, dict) and name in MACHINE:
            what = f"{quote(name)} stands among the states, and is none"
            aws = expected("OBJECT")
            reader.error(pointer, what, "move it out of 'States', beside 'StartAt'", key=True, aws=aws)
            return None
        fields = as_object(reader, pointer, value, "a state, which is an object")
        if fields is None:
            return None
        self._name(name, pointer)
        language = self._language(fields, pointer)
        type_ = self._type(fields, pointer)
        if type_ is None:
            return self._untyped(name, fields, pointer, path)
        owner = f"a {type_} state"
        self._fields(fields, pointer, type_, language, owner)
        ends, next_name = self._transition(fields, pointer, type_, owner)
        return State(
            name=name,
            type=type_,
            path=path,
            pointer=pointer,
            fields=fields,
            query_language=language,
            next=next_name,
            end=ends,
            retriers=parse_retriers(reader, (*pointer, "Retry"), fields["Retry"], language)
            if "Retry" in fields and "Retry" in STATES[type_]
            else (),
            catchers=parse_catchers(reader, (*pointer, "Catch"), fields["Catch"], language)
            if "Catch" in fields and "Catch" in STATES[type_]
            else (),
            choices=parse_choices(reader, (*pointer, "Choices"), fields["Choices"], language)
            if type_ is StateType.CHOICE and "Choices" in fields
            else (),
            default=text_or_none(fields.get("Default")) if type_ is StateType.CHOICE else None,
            branches=self._branches(fields, pointer, path, type_),
        )

    def _name(self, name: str, pointer: Pointer) -> None:
        """State names: up to 80 characters, once in a whole definition. Source: specification, "States"."""
        reader = self.reader
        if not name:
            aws = AwsVerdict("State name cannot be empty", _BAD_NAME)
            reader.error(pointer, "this state has no name", "write a name between the quotes", key=True, aws=aws)
        if len(name) > MAX_STATE_NAME_LENGTH:
            what = f"the state's name has {len(name)} characters: at most {MAX_STATE_NAME_LENGTH} are allowed"
            said = f"State name '{name}' exceeds the {MAX_STATE_NAME_LENGTH}-character limit allowed by the service"
            reader.error(pointer, what, "shorten it", key=True, aws=AwsVerdict(said, _BAD_NAME))
        first = reader.state_names.setdefault(name, pointer)
        if first != pointer:
            line = reader.document.key_span(first).line
            what = f"there is another state called {quote(name)}, on line {line}"
            fix = "rename one of them: names are unique in a whole definition"
            aws = AwsVerdict(f"Duplicate State name: {name}", "DUPLICATE_STATE_NAME")  # reported
            reader.error(pointer, what, fix, key=True, aws=aws)

    def _language(self, fields: Mapping[str, Json], pointer: Pointer) -> QueryLanguage:
        """The state's language, which it does not hand on to the states inside it (recorded)."""
        language = language_of(fields.get("QueryLanguage", self.machine_language), self.machine_language)
        if self._is_downgraded(language):
            what = "'QueryLanguage' cannot be JSONPath in a state machine whose 'QueryLanguage' is JSONata"
            fix = "take the machine's 'QueryLanguage' away, and give it to each state that is JSONata"
            self.reader.error((*pointer, "QueryLanguage"), what, fix, aws=AwsVerdict(_DOWNGRADE, at=pointer))
        return language

    def _is_downgraded(self, language: QueryLanguage) -> bool:
        return self.machine_language is QueryLanguage.JSONATA and language is QueryLanguage.JSONPATH

    def _type(self, fields: Mapping[str, Json], pointer: Pointer) -> StateType | None:
        reader = self.reader
        known = ", ".join(StateType)
        if "Type" not in fields:
            require(reader, pointer, fields, ("Type",), "a state", said=_NO_TYPE)
            return None
        given = fields["Type"]
        if isinstance(given, str):
            for type_ in StateType:
                if given == type_:
                    return type_
            fix = reader.suggest(given, StateType, f"the types are {known}")
            reader.error((*pointer, "Type"), f"there is no state type {quote(given)}", fix, aws=_TYPE)
        else:
            fix = f"the types are {known}"
            reader.error((*pointer, "Type"), "'Type' must be a string", fix, aws=expected("STRING"))
        return None

    def _untyped(self, name: str, fields: dict[str, Json], pointer: Pointer, path: StatePath) -> State:
        """A stand-in for a state without a usable type, so that what leads to and from it is still checked."""
        following = text_or_none(fields.get("Next"))
        return State(name, StateType.PASS, path, pointer, fields, next=following, end=following is None)

    def _fields(
        self, fields: dict[str, Json], pointer: Pointer, type_: StateType, language: QueryLanguage, owner: str
    ) -> None:
        reader = self.reader
        known: Mapping[str, Json] = fields
        if type_ in _TERMINAL or type_ is StateType.CHOICE:
            known = {key: value for key, value in fields.items() if key not in ("Next", "End")}
        # Reported: of a state that may not be JSONPath, AWS does not say which of its fields are JSONata's.
        downgraded = self._is_downgraded(language)
        check_fields(reader, pointer, known, STATES[type_], language, owner, any_language=downgraded)
        require(reader, pointer, fields, REQUIRED.get(type_, ()), owner)
        check_exclusive(reader, pointer, fields)
        if type_ is StateType.WAIT and not any(name in fields for name in WAITS):
            what = "a Wait state needs to know how long"
            fix = "add one of Seconds, SecondsPath, Timestamp, TimestampPath"
            reader.error(pointer, what, fix, key=True, aws=needs_one(WAITS))
        if type_ is StateType.TASK:
            self._task(fields, pointer)
        if type_ is StateType.MAP:
            check_map(reader, fields, pointer, language)

    def _task(self, fields: dict[str, Json], pointer: Pointer) -> None:
        reader = self.reader
        resource = fields.get("Resource")
        timeout, heartbeat = fields.get("TimeoutSeconds"), fields.get("HeartbeatSeconds")
        if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
            what = f"'HeartbeatSeconds' must be smaller than 'TimeoutSeconds', which is {timeout}"
            reader.error((*pointer, "HeartbeatSeconds"), what, "make it smaller")
        if isinstance(resource, str) and ":activity:" in resource and "Credentials" in fields:
            what = "an activity takes no 'Credentials': its worker has its own"
            aws = AwsVerdict("The field 'Credentials' is not supported for activities")  # reported
            reader.warn((*pointer, "Credentials"), what, "take it out", key=True, aws=aws)

    def _transition(
        self, fields: dict[str, Json], pointer: Pointer, type_: StateType, owner: str
    ) -> tuple[bool, str | None]:
        """Where the state leads: whether it ends its scope, and its Next. Source: specification, "Transitions"."""
        reader = self.reader
        given = [name for name in fields if name in ("Next", "End")]
        if type_ is StateType.CHOICE or type_ in _TERMINAL:
            for name in given:
                fix = "its rules and 'Default' say where it leads" if type_ is StateType.CHOICE else "it ends the scope"
                what = f"{owner} has no {quote(name)}"
                aws = not_supported(name, pointer)
                reader.error((*pointer, name), what, f"take it out: {fix}", key=True, aws=aws)
            return False, None
        ends = fields.get("End") is True
        if ends and "Next" in fields:
            what = "a state leads on with 'Next' or ends with 'End', not both"
            fix = f"keep one: 'Next' is {quote(str(fields['Next']))}"
            reader.error((*pointer, given[-1]), what, fix, key=True, aws=only_one(_WAYS, pointer))
        if "Next" not in fields and not ends and ("End" not in fields or fields["End"] is False):
            close = next((key for key in fields if key not in STATES[type_] and closest(key, ("Next", "End"))), None)
            fix = f"is {quote(close)} meant to be 'Next' or 'End'?" if close else 'add "Next": "…" or "End": true'
            what = "this state has neither 'Next' nor 'End': it leads nowhere"
            reader.error(pointer, what, fix, key=True, aws=needs_one(_WAYS))
        if fields.get("Next") == "":
            reader.error((*pointer, "Next"), "'Next' is empty", "write the name of a state", aws=EMPTY)
        return ends, text_or_none(fields.get("Next"))

    def _branches(
        self, fields: dict[str, Json], pointer: Pointer, path: StatePath, type_: StateType
    ) -> tuple[Scope, ...]:
        reader = self.reader
        if type_ is StateType.PARALLEL and "Branches" in fields:
            here = (*pointer, "Branches")
            if fields["Branches"] == []:
                reader.error(here, "'Branches' is empty", "write at least one branch", aws=EMPTY)
            entries = as_entries(reader, here, fields["Branches"], "branches")
            return tuple(
                self.scope(at, (*path, index), entry, BRANCH, "a branch") for index, (at, entry) in enumerate(entries)
            )
        if type_ is StateType.MAP:
            name = next((name for name in PROCESSORS if name in fields), None)
            if name is not None:
                return self._processor((*pointer, name), path, fields[name])
        return ()

    def _processor(self, pointer: Pointer, path: StatePath, value: Json) -> tuple[Scope, ...]:
        reader = self.reader
        entry = as_object(reader, pointer, value, "an object with StartAt and States")
        if entry is None:
            return ()
        config = entry.get("ProcessorConfig")
        if isinstance(config, dict):
            here = (*pointer, "ProcessorConfig")
            check_fields(reader, here, config, PROCESSOR_CONFIG, QueryLanguage.JSONPATH, "a ProcessorConfig")
            if config.get("Mode") == "DISTRIBUTED":
                require(reader, here, config, ("ExecutionType",), "a distributed Map's ProcessorConfig")
            elif "ExecutionType" in config and not has_placeholder(config.get("Mode")):
                what = "'ExecutionType' does nothing in a Map that runs inline: AWS rejects it"
                fix = 'take it out, or write "Mode": "DISTRIBUTED"'
                aws = not_supported("ExecutionType", here)
                reader.warn((*here, "ExecutionType"), what, fix, key=True, aws=aws)
        return (self.scope(pointer, (*path, 0), entry, PROCESSOR, "a processor"),)
