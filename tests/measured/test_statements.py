"""What others measured on AWS is what sfdebug does."""

from __future__ import annotations

import pytest

from tests.measured.statements import Statement, difference, statements

STATEMENTS = [
    pytest.param(statement, id=f"{title}-{statement.name[:80]}") for title, found in statements() for statement in found
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_measured_statement(statement: Statement) -> None:
    assert difference(statement) is None, statement.source


def test_each_statement_is_told_once() -> None:
    names = [(title, statement.name) for title, found in statements() for statement in found]
    assert len(set(names)) == len(names)
    assert all(statement.source for _, found in statements() for statement in found)
