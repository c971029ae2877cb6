"""The public API: it is complete, documented, and typed so that a stranger's code passes `mypy --strict`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import griffe
import pytest
from mypy import api as mypy

import sfdebug
from bench.reference import PAGE, Public, members, page, public, target

INNER = {
    "Alignment": "how recorded events belong together; read through Replay",
    "Branch": "the engine's own state of a running branch; View has a BranchLine for each",
    "ChildExecution": "the engine's own state of a child execution of a Map Run",
    "CompiledMachine": "a definition made ready to run",
    "Decision": "what the engine was given; an int to a reader, who counts them",
    "Document": "the text of a definition with the position of every value",
    "InjectFailure": "a Decision",
    "Replaying": "a replay that is under way; Debugger.replay_on takes it along, and says how far it is",
    "LastPayload": "how an Event shares its data with the one before it",
    "Log": "a Sequence",
    "Lookout": "what a verb that walks asks the Breakpoints for",
    "Mending": "what `verify --outcomes` computes, and words",
    "NestedStart": "what a Task is about to start; Debugger.nested leads into it",
    "MockedResponse": "what MockConfig.load reads",
    "Pointer": "a tuple of keys and indices",
    "Source": "the text of a definition, and the file that its positions lead to",
    "Until": "a condition that Debugger.run_until waits for",
    "TestCases": "what MockConfig.load reads",
    "Timeline": "what a RunningVerb moves along, of the Debugger that makes it",
}
"""Types that public signatures name and that are not public themselves: opaque to who uses the API, and why."""


@pytest.fixture(scope="module")
def names() -> dict[str, Public]:
    return public()


def names_in(expression: griffe.Expr | str | None, scope: griffe.Object) -> Iterator[str]:
    """The full names in an annotation, or in the value of an alias, which may be a text."""
    for part in expression.iterate(flat=True) if isinstance(expression, griffe.Expr) else [expression]:
        if isinstance(part, griffe.ExprName):
            yield part.canonical_path
        elif isinstance(part, str) and len(part) > 2:
            for name in re.findall(r"[A-Za-z_]\w*", part):
                try:
                    yield scope.module.resolve(name)
                except griffe.NameResolutionError:
                    continue


def signature(found: Public) -> Iterator[str]:
    """The full names of all types in the signature of a function, of a class with its public members, of an alias."""
    if isinstance(found, griffe.Function):
        for parameter in found.parameters:
            yield from names_in(parameter.annotation, found)
        yield from names_in(found.returns, found)
    elif isinstance(found, griffe.Class):
        init = found.members.get("__init__")
        for member in (*members(found), *([init] if isinstance(init, griffe.Function) else [])):
            yield from signature(member)
    elif "TypeAlias" in str(found.annotation):
        yield from names_in(found.value, found)
    else:
        yield from names_in(found.annotation, found)


def own(path: str, scope: Public) -> Public | None:
    """What a full name of the package stands for; None for a name from elsewhere, a module, a type variable."""
    if not path.startswith("sfdebug."):
        return None
    try:
        found = target(scope.package, path)
    except (KeyError, griffe.AliasResolutionError):
        return None
    return None if "TypeVar" in str(getattr(found, "value", "")) else found


def test_every_type_of_a_public_signature_is_public(names: dict[str, Public]) -> None:
    paths = {found.path for found in names.values()}
    named = [(name, own(path, found)) for name, found in names.items() for path in signature(found)]
    lacking = {(name, other.name) for name, other in named if other is not None and other.path not in paths}
    assert {each for each in lacking if each[1] not in INNER} == set()
    assert {other for _, other in lacking} == set(INNER), "what is not named any more goes from INNER"


def test_every_error_that_a_public_docstring_names_is_public(names: dict[str, Public]) -> None:
    for name, found in names.items():
        described = [found, *(members(found) if isinstance(found, griffe.Class) else ())]
        text = "\n".join(each.docstring.value for each in described if each.docstring)
        errors = set(re.findall(r"\b[A-Z]\w+Error\b", "\n".join(re.findall(r"Raises[\s\S]*?(?:\n\n|$)", text))))
        assert errors <= {*sfdebug.__all__, "ClientError", "KeyError", "TypeError", "ValueError"}, name


def test_public_names_say_what_they_are(names: dict[str, Public]) -> None:
    assert [name for name, found in names.items() if not found.docstring] == []


def test_public_functions_say_what_they_take_and_raise(names: dict[str, Public]) -> None:
    for name, found in names.items():
        if isinstance(found, griffe.Function):
            assert found.docstring
            sections = {section.kind.value: section for section in found.docstring.parse("google")}
            described = {each.name.lstrip("*") for each in sections["parameters"].value}
            assert described == {each.name.lstrip("*") for each in found.parameters}, name
            assert "raises" in sections, name


def test_the_reference_is_that_of_these_docstrings(names: dict[str, Public]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(names), "write it anew: make docs"


def test_type_checkers_and_the_interpreter_see_the_same_names(root: Path) -> None:
    tree = ast.parse((root / "sfdebug" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    static = {
        (alias.asname, node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert static == set(sfdebug._NAMES.items())


SNIPPET = """
import sfdebug
from sfdebug import Debugger, FunctionTasks, Json, Stop, StopReason, TaskFailure, TaskRequest, Verification


def charge(order: dict[str, Json], request: TaskRequest) -> Json:
    return {"charged": order["amount"], "attempt": request.attempt}


def declined(order: dict[str, Json]) -> TaskFailure:
    return TaskFailure("Declined", "no money")


tasks = FunctionTasks({"Charge": charge, "Refund": declined})
run = sfdebug.simulate("order.asl.json", input={"amount": 5}, tasks=tasks)
total: int = run.output["charged"] + run.output["items"][0]["price"]
first: str = run.history[0]["type"]
arn: str = run.history[0]["executionStartedEventDetails"]["roleArn"]


class Handler:
    def answer(self, request: TaskRequest) -> sfdebug.Answer | None:
        return sfdebug.TaskResult({"x": 1}) if request.state.name == "Charge" else None


def walk(debugger: Debugger) -> list[str]:
    stops: list[Stop] = [debugger.step_over()]
    while stops[-1].reason is not StopReason.END:
        stops.append(debugger.step_into())
    view: sfdebug.View = debugger.view()
    return [line.name for line in view.visit_stages]


walk(Debugger({"StartAt": "A", "States": {}}, tasks=Handler()))
verdict: Verification = sfdebug.verify("order.asl.json", "history.json", raise_on_failure=True)
print(verdict.status is sfdebug.VerificationStatus.IDENTICAL, [one.explanation for one in verdict.differences])
print(sfdebug.replay("order.asl.json", [{"id": 1}]).execution.output["x"])
print(sfdebug.graph("order.asl.json").nodes["A",]["type"])
problems: list[str] = [f"{problem.line}: {problem.what}" for problem in sfdebug.load("a.json").warnings]
print(sfdebug.test_state(definition="{}", input="{}")["status"], sfdebug.validate("{}")["diagnostics"][0]["code"])
"""


def test_a_strangers_code_passes_mypy(root: Path, tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    cache = ["--cache-dir", str(tmp_path / "cache")] if not (root / ".mypy_cache").exists() else []
    said, wrong, code = mypy.run([str(snippet), "--strict", "--config-file", str(root / "pyproject.toml"), *cache])
    assert (code, wrong) == (0, ""), said
