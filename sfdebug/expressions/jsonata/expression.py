"""JSONata expressions: compiled once, evaluated against `$states` and the variables.

The library `jsonata-python` reads the text (`library.py` imports it); what AWS makes of it is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError, out_of_memory, too_deep
from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.expressions.jsonata.library import STACK_ROOM
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.values import AS_IT_IS, exact, outermost, plain
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy

_NOTHING: Final[Mapping[str, Json]] = {}


class Jsonata:
    """A compiled expression. `text` is what it was compiled from, `tree` its syntax tree as the library made it."""

    __slots__ = ("_evaluate", "text", "tree")

    def __init__(self, text: str, tree: Any, evaluate: Evaluator) -> None:
        self.text = text
        self.tree = tree
        self._evaluate = evaluate

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
        """The value of the expression, MISSING when it is undefined. It may share structure with the inputs, which are
        never changed.

        `states` is what `$states` means, `now` the time of $now and $millis in milliseconds.
        Raises JsonataFault, and UnsupportedResultError when the result holds a function.
        """
        return self.evaluate_in(JsonataRun(limits, entropy, now, states, variables))

    def evaluate_in(self, run: JsonataRun, input: Any = MISSING) -> Value:
        """The value of the expression in an evaluation that was set up for it, with `input` as `$`.

        Raises JsonataFault and UnsupportedResultError.
        """
        try:
            try:
                result = self._evaluate(input, Frame(run, None, None))
                kind = type(result)
                return result if kind in AS_IT_IS or (kind is int and exact(result)) else plain(result, run)
            except RecursionError:  # the data nest so deep that Python's stack was too small: again, with room
                run.base = run.depth = 0
                with STACK_ROOM:
                    result = self._evaluate(input, Frame(run, None, None))
                    return result if type(result) in AS_IT_IS else plain(result, run)
        except RecursionError:
            raise too_deep("Python's stack") from None
        except ArithmeticError as error:
            raise JsonataFault("D1001", value=str(error)) from None
        except MemoryError:
            raise out_of_memory() from None

    def evaluate_on(self, input: Value, variables: Mapping[str, Any], run: JsonataRun) -> Value:
        """The value of the expression with a document of its own as `$` and `$$`, which AWS does not offer."""
        run.input = input
        run.variables = variables
        return self.evaluate_in(run, outermost(input))


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
    from sfdebug.expressions.jsonata.names import refuse_top_level

    compiled = compile_reference_jsonata(text)
    refuse_top_level(text, compiled.tree)
    return compiled


@lru_cache(maxsize=2048)
def compile_reference_jsonata(text: str) -> Jsonata:
    """Compile as the JSONata reference does, which takes `$` and `$$` at the top. Raises JsonataSyntaxError."""
    from sfdebug.expressions.jsonata.compiler import compile_tree
    from sfdebug.expressions.jsonata.reading import read

    tree = read(text)
    try:
        with STACK_ROOM:
            return Jsonata(text, tree, compile_tree(text, tree))
    except RecursionError:
        raise JsonataSyntaxError(text, 0, "the expression is nested too deep", fix="Split it up.") from None
