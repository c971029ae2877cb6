"""JSONata expressions: compiled once, evaluated against `$states` and the variables.

The one room that knows the library `jsonata-python`: it reads the text; what AWS makes of it is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.jsonata_errors import JsonataSyntaxError
from sfdebug.expressions.jsonata_limits import DEFAULT_LIMITS, JsonataLimits, Run
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy
    from sfdebug.expressions.jsonata_frames import Evaluator

_NOTHING: Final[Mapping[str, Json]] = {}


class Jsonata:
    """A compiled expression. `text` is what it was compiled from."""

    __slots__ = ("_evaluate", "_run", "text", "tree")

    def __init__(self, text: str, tree: Any, evaluate: Evaluator, run: Callable[..., Value]) -> None:
        self.text = text
        self.tree = tree
        self._evaluate = evaluate
        self._run = run

    def __repr__(self) -> str:
        return f"Jsonata({self.text!r})"

    def evaluate(
        self,
        states: Json,
        variables: Mapping[str, Json] = _NOTHING,
        *,
        entropy: Entropy | None = None,
        limits: JsonataLimits = DEFAULT_LIMITS,
        now: int | None = None,
    ) -> Value:
        """The value of the expression, MISSING when it is undefined; it shares nothing with the inputs.

        `states` is what `$states` means, `now` the time of $now and $millis in milliseconds.
        Raises JsonataFault, and UnsupportedResultError when the result holds a function.
        """
        return self.evaluate_on(MISSING, variables, {"states": states}, Run(limits, entropy, now))

    def evaluate_on(self, input: Value, variables: Mapping[str, Any], names: dict[str, Any], run: Run) -> Value:
        """The value of the expression with a document of its own as `$` and `$$`, which AWS does not offer."""
        return self._run(self._evaluate, input, variables, names, run)


def is_jsonata_string(text: str) -> bool:
    """Whether a string of a definition is a JSONata expression: wholly between `{%` and `%}` (recorded: a blank before
    the `{%` makes it a literal)."""
    return len(text) >= 4 and text.startswith("{%") and text.endswith("%}")


def jsonata_text(text: str) -> str:
    """The expression in a `{% … %}` string, as AWS shows it in causes (recorded: without the blanks around it)."""
    return text[2:-2].strip()


@lru_cache(maxsize=2048)
def compile_jsonata(text: str) -> Jsonata:
    """Compile an expression as AWS takes it. Raises JsonataSyntaxError with the offset of the fault in `text`."""
    from sfdebug.expressions.jsonata_names import refuse_top_level

    compiled = compile_reference_jsonata(text)
    refuse_top_level(text, compiled.tree)
    return compiled


@lru_cache(maxsize=2048)
def compile_reference_jsonata(text: str) -> Jsonata:
    """Compile as the JSONata reference does, which takes `$` and `$$` at the top. Raises JsonataSyntaxError."""
    from sfdebug.expressions.jsonata_compiler import compile_node
    from sfdebug.expressions.jsonata_reading import read
    from sfdebug.expressions.jsonata_running import run_compiled

    tree = read(text)
    try:
        return Jsonata(text, tree, compile_node(tree), run_compiled)
    except RecursionError:
        raise JsonataSyntaxError(text, 0, "the expression is nested too deep", fix="Split it up.") from None
