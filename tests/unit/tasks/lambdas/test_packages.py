"""Packages that a handler loads and does not bring along: what installs them is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from sfdebug.tasks.lambdas.function import LambdaFunction, function_from, interpreter_of
from sfdebug.tasks.lambdas.packages import lacking_note, node_path, python_layers
from sfdebug.tasks.lambdas.worker import Worker

CJS = "Error: Cannot find module '{}'\\nRequire stack:"
ESM = "Cannot find package '{}' imported from /app.mjs"
PYTHON = "Unable to import module 'app': No module named '{}'"


def made(folder: Path, name: str, **files: str) -> LambdaFunction:
    (folder / ".git").mkdir()
    code = folder / "src"
    code.mkdir()
    (code / name).write_text("")
    for file, text in files.items():
        path = folder / file.replace("__", "/").replace("_dot_", ".")
        path.write_text(text)
    return function_from(f"f={code / name}:handler")


def test_a_python_package_goes_into_a_venv_beside_its_requirements(tmp_path: Path) -> None:
    function = made(tmp_path, "app.py", requirements_dot_txt="pandas\n")
    said = lacking_note(function, "/usr/bin/python3", PYTHON.format("pandas.core"))
    own = tmp_path / ".venv"
    listed = tmp_path / "requirements.txt"
    assert said == f"pandas is not installed for it: python3 -m venv {own} && {own}/bin/pip install -r {listed}"
    (own / "bin").mkdir(parents=True)
    (own / "pyvenv.cfg").write_text("")
    (own / "bin" / "python").write_text("")
    said = lacking_note(function, interpreter_of(function), PYTHON.format("pandas"))
    assert said == f"pandas is not installed for it: {own}/bin/python -m pip install -r {listed}"
    inline = replace(function, folder=str(tmp_path / "sfdebug-function-x"))
    said = lacking_note(inline, "/usr/bin/python3", "No module named 'pandas'")
    assert said.startswith("pandas is not installed for it: /usr/bin/python3 -m pip install ")


def test_a_manifest_without_bounds_and_a_folder_of_its_name_are_passed_over(tmp_path: Path) -> None:
    function = made(tmp_path, "app.mjs", package_dot_json='{"dependencies": {"uuid": "1"}}')
    (tmp_path / "src" / "package.json").mkdir()
    said = lacking_note(function, "/usr/bin/node", CJS.format("uuid"))
    assert said == f"uuid is not installed for it: npm install --prefix {tmp_path}"
    with (tmp_path / "package.json").open("r+b") as manifest:
        manifest.truncate(1 << 21)
    said = lacking_note(function, "/usr/bin/node", CJS.format("uuid"))
    assert said == f"uuid is not installed for it: npm install --prefix {tmp_path / 'src'} uuid"


def test_layers_that_are_not_here_are_named(tmp_path: Path) -> None:
    function = replace(made(tmp_path, "app.py"), absent_layers=("arn:aws:lambda:eu-west-1:1:layer:Powertools:3",))
    said = lacking_note(function, "/usr/bin/python3", PYTHON.format("aws_lambda_powertools"))
    assert said.endswith("in a layer that is not on this machine: arn:aws:lambda:eu-west-1:1:layer:Powertools:3")


def test_a_layer_that_is_not_built_is_where_it_is_built_from(tmp_path: Path) -> None:
    function = replace(made(tmp_path, "app.py"), layers=(str(tmp_path / "one"), str(tmp_path / "two")))
    (tmp_path / "one" / "python").mkdir(parents=True)
    (tmp_path / "two" / "node_modules").mkdir(parents=True)
    assert python_layers(function) == [str(tmp_path / "one" / "python"), str(tmp_path / "two")]
    assert str(tmp_path / "two" / "node_modules") in node_path(function, "/nowhere/bin/node")


def test_paths_are_told_as_they_are_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    function = made(tmp_path, "app.py", requirements_dot_txt="pandas\n")
    said = lacking_note(function, "/usr/bin/python3", PYTHON.format("pandas"))
    assert said.endswith("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt")


def test_without_requirements_the_package_is_named(tmp_path: Path) -> None:
    function = made(tmp_path, "app.py")
    said = lacking_note(function, "/usr/bin/python3", PYTHON.format("PIL"))
    assert said.endswith("/src/.venv/bin/pip install PIL (or the package that has it)")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CJS.format("axios"), "axios is not installed for it: npm install --prefix {}/src axios"),
        (ESM.format("@acme/deep/er"), "@acme/deep is not installed for it: npm install --prefix {}/src @acme/deep"),
        (ESM.format("listed"), "listed is not installed for it: npm install --prefix {}"),
        (
            CJS.format("@aws-sdk/client-sqs"),
            "Lambda's runtime has @aws-sdk/client-sqs, and Node.js here has not: npm install -g @aws-sdk/client-sqs",
        ),
        (CJS.format("./near"), ""),
        ("something else", ""),
    ],
)
def test_a_node_package(tmp_path: Path, error: str, said: str) -> None:
    function = made(tmp_path, "app.mjs", package_dot_json='{"dependencies": {"listed": "1"}}')
    assert lacking_note(function, "node", error) == said.format(tmp_path)


def test_what_a_handler_should_have_itself_is_not_to_be_installed(tmp_path: Path) -> None:
    function = made(tmp_path, "app.py", src__shared_dot_py="")
    assert lacking_note(function, "python3", PYTHON.format("shared.deep")) == ""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize(
    "text", ["import { Client } from '@aws-sdk/client-x'", "const { Client } = require('@aws-sdk/client-x')"]
)
def test_the_sdk_that_npm_installed_for_all_is_found_as_lambdas_own(tmp_path: Path, text: str) -> None:
    node = shutil.which("node")
    assert node is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "node").symlink_to(node)
    package = tmp_path / "lib" / "node_modules" / "@aws-sdk" / "client-x"
    package.mkdir(parents=True)
    (package / "index.js").write_text("exports.Client = 'found'")
    code = tmp_path / ("app.mjs" if text.startswith("import") else "app.cjs")
    exported = "export const" if text.startswith("import") else "exports."
    code.write_text(f"{text};\n{exported}{' ' if exported[-1] == 't' else ''}handler = async () => Client;\n")
    function = function_from(f"f={code}:handler")
    lacking = Worker(function, {})
    found = Worker(replace(function, interpreter=str(tmp_path / "bin" / "node")), {})
    try:
        assert "npm install -g @aws-sdk/client-x" in lacking.invoke("{}", "arn").notes[-1]
        assert found.invoke("{}", "arn").text == '"found"'
    finally:
        lacking.close()
        found.close()
