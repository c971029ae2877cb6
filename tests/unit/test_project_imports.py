"""What is loaded when: faces start fast because heavy libraries are imported where they are used."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

HEAVY = ("textual", "rich", "boto3", "botocore", "networkx", "jsonpath_ng", "yaml", "regex")


ALLOWED = {
    "textual": "tui",
    "boto3": "aws",
    "textual_serve": "cli",
    "networkx": "state_graph",
    "jsonpath_ng": "expressions",
}
"""The one room that may import each of these libraries."""


def contracts(root: Path) -> list[dict[str, Any]]:
    """The import contracts of pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return found


def rooms(root: Path) -> set[str]:
    """What stands directly in the package: folders and modules."""
    entries = (root / "sfdebug").iterdir()
    return {path.stem for path in entries if path.suffix == ".py" or (path / "__init__.py").exists()} - {
        "__init__",
        "__main__",
    }


@pytest.mark.parametrize(("library", "room"), ALLOWED.items())
def test_a_library_of_one_room_is_forbidden_to_every_other(root: Path, library: str, room: str) -> None:
    [contract] = [one for one in contracts(root) if library in one.get("forbidden_modules", ())]
    assert set(contract["source_modules"]) == {f"sfdebug.{other}" for other in rooms(root) - {room}}


def test_every_library_that_is_forbidden_has_its_room(root: Path) -> None:
    forbidden = [one["forbidden_modules"] for one in contracts(root) if one["type"] == "forbidden"]
    outside = {names[0] for names in forbidden if not names[0].startswith("sfdebug.")}
    assert outside == set(ALLOWED)


def test_every_room_that_is_a_folder_has_layers_of_its_own(root: Path) -> None:
    layered = {one["containers"][0] for one in contracts(root) if one["type"] == "layers" and one["exhaustive"]}
    assert {f"sfdebug.{room}" for room in rooms(root) if (root / "sfdebug" / room).is_dir()} <= layered


def loaded_after(code: str, root: Path) -> set[str]:
    """The names of the modules that a fresh Python has loaded after `code`."""
    probe = (
        "import sys, io\n"
        "out, sys.stdout = sys.stdout, io.StringIO()\n"
        f"try:\n    {code}\n"
        "except SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=out)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=root, check=True)
    return set(done.stdout.split())


def command(line: str) -> str:
    return f"from sfdebug.cli.main import main; main({line.split()!r})"


def heavy(modules: set[str]) -> set[str]:
    return {name for name in HEAVY if name in modules}


@pytest.mark.parametrize(
    "code",
    [
        "import sfdebug",
        "import sfdebug; sfdebug.__version__; dir(sfdebug)",
        command("--help"),
        command("--version"),
        command("run --help"),
        command("demo --list"),
        command("completion bash"),
    ],
)
def test_nothing_heavy_is_loaded(code: str, root: Path) -> None:
    modules = loaded_after(code, root)
    assert "sfdebug" in modules
    assert heavy(modules) == set()


def test_help_loads_few_modules_of_our_own(root: Path) -> None:
    ours = {name for name in loaded_after(command("--help"), root) if name.startswith("sfdebug.")}
    assert not {
        name for name in ours if name.split(".")[1] in ("asl", "engine", "debugger", "expressions", "drawing", "tui")
    }


def test_a_headless_run_loads_no_screen_no_graph_and_no_aws_client(root: Path) -> None:
    order = "samples/order"
    line = f"run {order}/order.asl.json -i @{order}/input.json -m {order}/MockConfigFile.json -c HappyPath"
    assert not heavy(loaded_after(command(line), root)) & {"textual", "rich", "boto3", "botocore", "networkx"}


def test_the_debugger_without_a_screen_loads_none(root: Path) -> None:
    code = "from sfdebug.debugger import Debugger; Debugger('samples/polling/polling.asl.json', {}).view()"
    assert not heavy(loaded_after(code, root)) & {"textual", "rich", "boto3", "botocore", "networkx"}


def test_an_expression_in_jsonata_loads_no_more_of_the_library_than_its_parser(root: Path) -> None:
    code = "from sfdebug.expressions.jsonata.expression import compile_jsonata; compile_jsonata('$x')"
    evaluator = {"jsonata.functions", "jsonata.jsonata", "jsonata.datetimeutils"}
    assert loaded_after(code, root) & (evaluator | {"jsonata.parser"}) == {"jsonata.parser"}
    whole = loaded_after(f"{code}; from jsonata import Jsonata; assert Jsonata('1 + 1').evaluate({{}}) == 2", root)
    assert evaluator <= whole


@pytest.mark.parametrize("sample", ["image-pipeline", "polling", "map-orders"])
def test_the_first_frame_is_drawn_without_networkx(root: Path, sample: str) -> None:
    code = (
        "from sfdebug.tui import run; from sfdebug.debugger import Debugger; "
        "from sfdebug.drawing import build; from sfdebug.drawing.painting.paint import paint; "
        f"paint(build(Debugger('samples/{sample}/{sample}.asl.json', {{}}).machine))"
    )
    assert heavy(loaded_after(code, root)) & {"networkx", "boto3", "botocore"} == set()


def test_the_graph_brings_networkx_and_no_screen(root: Path) -> None:
    code = "import sfdebug; sfdebug.graph('samples/order/order.asl.json')"
    assert heavy(loaded_after(code, root)) == {"networkx"}


def test_every_public_name_can_be_imported() -> None:
    import sfdebug

    for name in sfdebug.__all__:
        assert getattr(sfdebug, name) is not None
    assert set(dir(sfdebug)) == set(sfdebug.__all__)


def test_a_module_does_not_hide_the_function_of_its_name(root: Path) -> None:
    code = "import sfdebug.simulation, sfdebug; assert callable(sfdebug.simulate) and callable(sfdebug.load)"
    assert "sfdebug.simulation" in loaded_after(code, root)


def test_an_unknown_name_is_an_attribute_error() -> None:
    import sfdebug

    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        sfdebug.simulat  # noqa: B018
