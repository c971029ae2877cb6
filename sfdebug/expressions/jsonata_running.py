"""Runs a compiled JSONata expression: sets up its names, and makes its result plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sfdebug.expressions.jsonata_builtins import FUNCTIONS
from sfdebug.expressions.jsonata_errors import TOO_DEEP, JsonataFault
from sfdebug.expressions.jsonata_frames import Evaluator, Frame
from sfdebug.expressions.jsonata_limits import Run
from sfdebug.expressions.jsonata_values import Sequence, plain
from sfdebug.values import MISSING, Value


def run_compiled(
    evaluate: Evaluator, input: Value, variables: Mapping[str, Any], names: dict[str, Any], run: Run
) -> Value:
    """The value of an expression with `input` as its document. Raises JsonataFault and UnsupportedResultError.

    `names` are bound like variables, and are where the expression's own assignments go; `variables` is not written to.
    """
    outer: Any = input
    if isinstance(input, list):
        outer = Sequence([input])
        outer.outer = True
    frame = Frame(run, names, Frame(run, variables, Frame(run, FUNCTIONS, None)))
    frame.bind("$", input)
    try:
        result = evaluate(outer, frame)
        return MISSING if result is MISSING else plain(result, run)
    except RecursionError:
        raise JsonataFault(TOO_DEEP, value=run.limits.calls) from None
    except ArithmeticError as error:
        raise JsonataFault("D1001", value=str(error)) from None
