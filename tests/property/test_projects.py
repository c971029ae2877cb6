"""Projects: whatever is substituted, places stay in their file; whatever is mutated, an error says what is wrong."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.project_seeds import PROJECTS, TERRAFORM, changed_project, write_project
from sfdebug.asl.text.placed import whole
from sfdebug.asl.text.source import Document, Source
from sfdebug.errors import SfdebugError
from sfdebug.projects.definitions import PLACEHOLDER
from sfdebug.projects.loading import load_project
from sfdebug.projects.project import Project
from tests.examples import examples

VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029"), max_size=40)
NAMES = ("charge", "queue", "patience", "word")


def opened(folder: Path, substitutions: dict[str, str] | None = None) -> Project:
    return load_project(folder, substitutions=substitutions, environment={})


@pytest.mark.parametrize("name", PROJECTS)
def test_the_projects_themselves_open(tmp_path: Path, name: str) -> None:
    project = opened(write_project(tmp_path, PROJECTS[name]))
    assert project.machines
    assert [machine.problems for machine in project.machines if machine.definition is None] == []
    assert [problem for problem in project.problems if problem.severity == "error"] == []


@settings(max_examples=examples(60))
@given(st.text("ab${charge}\n é", max_size=60), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_each_character_comes_from_where_it_was_or_from_its_placeholder(text: str, values: dict[str, str]) -> None:
    origin = Source("file", text)
    made = whole(origin).substituted(PLACEHOLDER, lambda match: values.get(match[1]))
    spans = [(match.start(), match.end()) for match in PLACEHOLDER.finditer(text) if match[1] in values]
    kept = [at for at in range(len(text)) if not any(start <= at < end for start, end in spans)]
    seen = []
    for offset, character in enumerate(made.text):
        place = made.place(offset)
        if any(start == place for start, _ in spans):
            continue
        assert text[place] == character
        seen.append(place)
    assert seen == kept


@settings(max_examples=examples(15))
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_substitution_never_moves_a_place_to_another_file(values: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write_project(Path(name), {**PROJECTS["sam"], **TERRAFORM, "main.tf": ""})
        plain, filled = opened(folder), opened(folder, values)
        for before, machine in zip(plain.machines, filled.machines, strict=True):
            assert machine.file == before.file
            text = Path(before.file).read_text(encoding="utf-8")
            lines = text.splitlines()
            for problem in machine.problems:
                assert problem.file in (machine.file, plain.path)
                assert 1 <= problem.line <= len(lines)
                assert problem.excerpt == lines[problem.line - 1]
            if machine.definition is not None:
                _check_places(machine.definition.document, machine.file, lines)


def _check_places(document: Document, file: str, lines: list[str]) -> None:
    """Each key of a definition stands where its place says."""
    assert document.source.name == file
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), document.value)]
    while waiting:
        pointer, value = waiting.pop()
        span = document.key_span(pointer)
        assert 1 <= span.line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        if (
            pointer
            and isinstance(pointer[-1], str)
            and pointer[-1] in ("Type", "Resource", "Next", "Parameters", "End")
        ):
            assert pointer[-1] in lines[span.line - 1][span.column - 1 :]
        if isinstance(value, dict):
            waiting += [((*pointer, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [((*pointer, index), item) for index, item in enumerate(value)]


@settings(max_examples=examples(150))
@given(st.integers(0, 1 << 48))
def test_a_mutated_project_opens_or_says_what_is_wrong(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write_project(Path(name), changed_project(random.Random(seed)))
        try:
            project = opened(folder)
        except SfdebugError as error:
            assert error.what
            return
        assert all(machine.problems for machine in project.machines if machine.definition is None)
        assert all(each.what and each.file for machine in project.machines for each in machine.problems)
