"""Where a definition is: addresses as text, what they lead to, and what is in use while files change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sfdebug.asl.lookalikes import may_be_project
from sfdebug.errors import UsageError
from sfdebug.projects.addresses import DefinitionAddress, ProjectValues
from sfdebug.projects.in_use import DefinitionInUse
from sfdebug.projects.model import ProjectError
from tests.unit.projects.folders import PASS, line_of, write

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Word: {Type: String, Default: hello}
Resources:
  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionSubstitutions: {Word: !Ref Word}
      Definition:
        StartAt: Say
        States:
          Say: {Type: Pass, Result: "${Word}", Next: End}
          End: {Type: Succeed}
"""


def test_addresses_are_read_and_written(tmp_path: Path) -> None:
    write(tmp_path, template_dot_yaml=TEMPLATE)
    path = str(tmp_path / "template.yaml")
    assert DefinitionAddress.read(path) == DefinitionAddress(path)
    assert DefinitionAddress.read(f"{path}#Shop/Chain").text == f"{path}#Shop/Chain"
    assert DefinitionAddress.read(f"{path}#Shop/Chain").name == "Shop/Chain"
    assert DefinitionAddress.read(path, "Shop").text == f"{path}#Shop"
    assert DefinitionAddress.read("-").absolute().path == "-"
    with pytest.raises(UsageError, match="two state machines are named"):
        DefinitionAddress.read(f"{path}#A", "B")
    (tmp_path / "a#b.json").write_text(PASS)
    assert DefinitionAddress.read(str(tmp_path / "a#b.json")).name == ""


def test_a_name_is_for_a_project_and_so_are_parameters(tmp_path: Path) -> None:
    write(tmp_path, own_dot_asl_dot_json=PASS, template_dot_yaml=TEMPLATE)
    own = DefinitionAddress(str(tmp_path / "own.asl.json"))
    assert own.opened().files == (own.path,)
    assert own.opened().definition.name == own.path
    with pytest.raises(UsageError, match="this is no project"):
        DefinitionAddress(own.path, "Shop").opened()
    with pytest.raises(UsageError, match="parameters are a template's"):
        DefinitionAddress(own.path, "", ProjectValues({"a": "b"})).opened()
    opened = DefinitionAddress(str(tmp_path)).opened()
    assert opened.address.name == "Shop"
    assert opened.files == (str(tmp_path / "template.yaml"),)
    with pytest.raises(ProjectError):
        DefinitionAddress(str(tmp_path / "nothing")).project()


def test_pipes_are_not_opened_to_see_what_they_are(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not may_be_project(str(tmp_path / "pipe"))
    assert may_be_project("main.tf")


@pytest.mark.parametrize(("file", "name"), [("template.yaml", "Shop"), ("own.asl.json", "")])
def test_what_is_written_while_a_definition_is_read_is_seen(
    tmp_path: Path, file: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, template_dot_yaml=TEMPLATE, own_dot_asl_dot_json=PASS)
    path = tmp_path / file
    text = path.read_text()
    os.utime(path, (1, 1))
    in_use = DefinitionInUse.of(DefinitionAddress(file, name).opened())
    path.write_text(text + "\n")
    assert in_use.look() == ()
    assert in_use.look() == (str(path),), "it was written before the first look"
    in_use.take(in_use.read())
    assert in_use.look() == in_use.look() == ()
    read = in_use.read()
    path.write_text(text)
    in_use.take(read)
    assert in_use.look() == (str(path),), "it was written between reading it and taking it"
    os.utime(path, (2**32, 2**32))
    assert in_use.look() == (str(path),)
    in_use.take(in_use.read())
    assert in_use.look() == (), "a clock that is ahead makes nothing another one"


def test_what_is_in_use_follows_its_files(tmp_path: Path) -> None:
    write(tmp_path, template_dot_yaml=TEMPLATE)
    path = tmp_path / "template.yaml"
    in_use = DefinitionInUse(DefinitionAddress(str(path), "Shop"))
    assert in_use.opened is not None
    machine = in_use.opened.definition
    assert in_use.place_of(machine, ("Say",)) == (str(path), line_of(path, "Say:"))
    assert in_use.look() == ()
    path.write_text("# a line\n" + path.read_text(), encoding="utf-8")
    os.utime(path, (1, 1))
    assert in_use.look() == (str(path),)
    assert in_use.look() == ()
    in_use.take(in_use.read())
    assert in_use.place_of(machine, ("Say",)) == (str(path), line_of(path, "Say:")), "where the same text is now"
    changed = in_use.read(ProjectValues({"Word": "bye"}))
    assert in_use.address.values == ProjectValues()
    in_use.take(changed)
    assert in_use.address.values.parameters == {"Word": "bye"}
    assert '"bye"' in changed.definition.document.source.text
    assert in_use.place_of(machine, ("Gone",)) == (str(path), 1)
    path.unlink()
    assert in_use.look() == (str(path),)
    with pytest.raises(ProjectError):
        in_use.read()
    assert DefinitionInUse(DefinitionAddress(str(path), "Shop")).opened is None
