"""What loading, validating and linting say besides advice, as rules: AWS's own checks, and likely mistakes.

They are looked for in `sfdebug.asl`, each next to the field that it is about; here is what can be asked of them.
"""

from __future__ import annotations

from typing import Final

from sfdebug.advice.rule import GUIDE, Rule, Severity, id_of

_API: Final = (
    "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html"
)
_SPECIFICATION: Final = "https://states-language.net/spec.html"
_VARIABLES: Final = f"{GUIDE}workflow-variables.html"
_JSONATA: Final = f"{GUIDE}transforming-data.html"
_AS_SAID: Final = "see the finding: each says how to mend it"


def _rule(code: str, severity: Severity, why: str, source: str, fix: str = _AS_SAID) -> Rule:
    return Rule(id=id_of(code), severity=severity, why=why, fix=fix, source=source)


def _refused(code: str, why: str) -> Rule:
    return _rule(code, Severity.ERROR, why, _API)


RULES: Final = (
    _refused("SCHEMA_VALIDATION_FAILED", "AWS refuses a definition whose fields are not those of the States Language."),
    _refused("INVALID_JSON_DESCRIPTION", "AWS reads JSON, and this text is none."),
    _refused("MISSING_TRANSITION_TARGET", "AWS refuses a transition to no state, and a state that nothing leads to."),
    _refused("MISSING_END_STATE", "AWS refuses states from which no way leads to an end."),
    _refused("INVALID_STATE_NAME", "AWS refuses such a name of a state."),
    _refused("DUPLICATE_STATE_NAME", "State names are unique in a definition, those of branches included."),
    _refused("INVALID_LABEL_NAME", "AWS refuses such a label of a distributed Map."),
    _refused("DUPLICATE_LABEL_NAME", "Labels of distributed Maps are unique in a definition."),
    _refused("INVALID_VARIABLE_NAME", "AWS refuses such a name of a variable."),
    _refused("RESERVED_VARIABLE_NAME", "The name belongs to AWS: $states holds what a state can read."),
    _refused("DUPLICATE_VARIABLE_NAME", "A branch cannot have a variable of the name of one around it."),
    _refused("INVALID_JSONATA_EXPRESSION", "AWS refuses an expression that is no JSONata."),
    _refused("UNSUPPORTED_JSONATA_EXPRESSION", "AWS refuses an expression that uses what its JSONata does not have."),
    _rule("NO_DOLLAR", Severity.WARNING, "A path or a call stands under a key without .$, so it is plain text.", _API),
    _rule("NO_PATH", Severity.WARNING, "A path stands in a field whose name does not end in Path.", _API),
    _rule("PASS_RESULT_IS_STATIC", Severity.WARNING, "The Result of a Pass state is never computed.", _API),
    _rule("UNKNOWN_ARGUMENT", Severity.ERROR, "AWS takes the definition, and the Task fails when it starts.", _API),
    _rule("UNKNOWN_VARIABLE", Severity.ERROR, "The variable is set nowhere that the state could see.", _VARIABLES),
    _rule("HIDDEN_VARIABLE", Severity.ERROR, "A distributed Map does not see the variables around it.", _VARIABLES),
    _rule("UNSET_VARIABLE", Severity.WARNING, "The variable is never set before the state runs.", _VARIABLES),
    _rule("UNKNOWN_FUNCTION", Severity.ERROR, "There is no such function in AWS's JSONata.", _JSONATA),
    _rule("UNMARKED_EXPRESSION", Severity.WARNING, "JSONata stands between {% and %}: this is plain text.", _JSONATA),
    _rule("DOLLAR_KEY", Severity.WARNING, "Only JSONPath states compute keys that end in .$.", _JSONATA),
    _rule("JSONATA_IN_JSONPATH", Severity.WARNING, "A JSONata expression in a JSONPath state is plain text.", _JSONATA),
    _rule("NO_TASK_TOKEN", Severity.WARNING, "Only a Task has a token in its Context object.", _JSONATA),
    _rule("NO_DEFAULT", Severity.WARNING, "When no rule of the Choice matches, the execution fails.", _SPECIFICATION),
    _rule("NEVER_REACHED", Severity.WARNING, "Entries before this one take its errors already.", _SPECIFICATION),
    _rule("UNKNOWN_ERROR_NAME", Severity.WARNING, "AWS has no error of this name: it never matches.", _SPECIFICATION),
    _rule("NO_END_STATE", Severity.WARNING, "The states have no end of their own.", _SPECIFICATION),
    _rule(
        "UNREACHABLE_STATE", Severity.WARNING, "The state never runs: what leads to it is unreachable.", _SPECIFICATION
    ),
    _rule(
        "DISTRIBUTED_FIELD",
        Severity.WARNING,
        "The field belongs to distributed Maps, and does nothing in one that runs inline.",
        f"{GUIDE}state-map-distributed.html",
    ),
    _rule(
        "DEFINITION_NOT_READ",
        Severity.ERROR,
        "The template has its definition where it cannot be read from here, so that nothing in it was looked at.",
        "sfdebug",
    ),
    _rule(
        "UNKNOWN_RULE_IGNORED",
        Severity.WARNING,
        "A comment asks for silence about an error, or a rule that there is not, so that it silences nothing.",
        "sfdebug",
        "write the id of a rule: sfdebug lint --rules lists them",
    ),
)
