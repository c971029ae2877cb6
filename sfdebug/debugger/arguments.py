"""What the verbs are given by Python code: why it cannot be used, in words, before anything is done with it."""

from __future__ import annotations

from typing import Any


def why_no_number(value: Any, what: str) -> str | None:
    """Why `value`, which is to be a number of `what`, is none; None when it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    return f"{what} is named by its number, not by a {type(value).__name__}"


def why_no_text(value: Any, what: str) -> str | None:
    """Why `value`, which is to be `what`, is no text; None when it is."""
    return None if isinstance(value, str) else f"{what} is a text, not a {type(value).__name__}"


def why_no_path(value: Any) -> str | None:
    """Why `value` is no path of a state; None when it may be one."""
    if isinstance(value, tuple) and all(isinstance(step, str | int) for step in value):
        return None
    return "a state is named by its path, a tuple such as ('Each order', 0, 'Charge')"


def why_no_branch(value: Any) -> str | None:
    """Why `value` is no id of a branch; None when it may be one."""
    if isinstance(value, tuple) and all(isinstance(step, tuple) for step in value):
        return None
    return "a branch is named by its id, a tuple such as (('Each order', 0),)"
