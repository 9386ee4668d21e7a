"""The plugin reads requirements files and settings as pip itself does: both are asked, and compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import Project
from layerwright.testing.applications import Application
from layerwright.testing.machine import clean_env
from layerwright_pip.pip_config import read_settings
from layerwright_pip.requirement_line import expanded
from layerwright_pip.requirements_file import read_closure
from tests.fixtures.wheelhouse import wheelhouse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.integration

PIPS = {"the bundled pip": "", **{wheel.name: str(wheel) for wheel in sorted(wheelhouse().glob("pip-*.whl"))}}
"""Every pip at hand, as a ``PYTHONPATH``."""

READ_FILES = """
import json, os, sys
from pip._internal.network.session import PipSession
from pip._internal.req.req_file import parse_requirements
found = []
for directory in sys.argv[1:]:
    os.chdir(directory)
    for r in parse_requirements("requirements.txt", session=PipSession()):
        hashes = [f"{k}:{v}" for k, values in (r.options or {}).get("hashes", {}).items() for v in values]
        place = r.comes_from.split(None, 1)[1].replace(os.getcwd() + "/", "")
        found.append([os.path.basename(directory), place, r.requirement.strip(), r.is_editable, r.constraint, hashes])
print(json.dumps(found))
"""
READ_SETTINGS = """
import json, os, sys
from pip._internal.commands import create_command
found = []
for variables in map(json.loads, sys.argv[1:]):
    os.environ.clear()
    os.environ.update(variables)
    parser = create_command("install").parser
    parser.config.load()
    found.append(dict(parser._get_ordered_configuration_items()))
print(json.dumps(found))
"""
HASH = "sha256:" + 64 * "a"
CASES: Mapping[str, str | bytes] = {
    "plain": "flask\n\n# comment\ndjango>=5 # why\n  numpy ; python_version > '3'\n",
    "continued": f"flask==1 \\\n    --hash={HASH} \\\n    --hash {HASH}\ndjango \\\n # x\npandas\\\n",
    "continued into a comment": "flask \\\n# django \\\nnumpy\n#\\\npandas",
    "urls": "a @ https://example.com/a.zip#egg=a\nhttps://example.com/b.zip#sha256=00 # c\n",
    "editable": "-e ./src\n--editable=./src\n-e ./src -r nowhere.txt\n",
    "includes": "-r other.txt\n-rother.txt\n--requirement other.txt -r nowhere.txt\n--constraint=sub/limits.txt",
    "abbreviated": "--requirem other.txt\n--cons other.txt\n",
    "quoted": "-r 'with space.txt'\n--requirement=\"with space.txt\"\n",
    "requirement wins": "flask -r nowhere.txt --pre\n-r other.txt -c nowhere.txt\n",
    "options": "--pre --no-index\n-f ./wheels\n-i https://example.com/simple\n--trusted-host a.example.com\n",
    "variables": "${NAME}==${VERSION}\nx ; os_name == '$NAME${name}${UNSET}${EMPTY}'\n-r ${FILE}.txt\n",
    "variables in variables": "a${NESTED} ; os_name == '${NAME}'\n${NAME}==1 ; os_name == '${NESTED}'\n",
    "line ends": "a\r\nb\rc\x0bd\x0ce\x1cf\x85g\u2028h",
    "hash quoted": f"flask --hash='{HASH}'\nflask   --hash={HASH}   \n",
    "build options": "flask --config-settings=a=b\n",
    "UTF-8 with a mark": "flask\ndjango".encode("utf-8-sig"),
    "UTF-16": "flask\ndjango".encode("utf-16"),
    "declared": b"# coding: latin-1\nflask # \xe9",
}
ENVIRONMENT = {
    "NAME": "flask",
    "VERSION": "3",
    "name": "no",
    "NESTED": "${NAME}",
    "EMPTY": "",
    "FILE": "other",
}


@pytest.fixture(params=[*PIPS.values()], ids=[*PIPS])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    return clean_env(tmp_path / "home") | {"PYTHONPATH": request.param}


def test_requirements_files(app: Application, env: dict[str, str]) -> None:
    env |= ENVIRONMENT
    ours = []
    for case, content in CASES.items():
        app.write(f"{case}/requirements.txt", content)
        app.write(f"{case}/other.txt", "one\ntwo\n-r sub/deep.txt")
        app.write(f"{case}/sub/deep.txt", "three\n-c limits.txt")
        app.write(f"{case}/sub/limits.txt", "four<5")
        app.write(f"{case}/with space.txt", "five")
        app.write(f"{case}/src/pyproject.toml", "")
        for r in read_closure(Project(app.path / case), env, ["requirements.txt"]).requirements:
            place, text = f"{r.file} (line {r.line})", expanded(r.text, env)
            ours.append([case, place, text, r.editable, r.constraint, [*r.hashes]])
    assert ours == by_pip(READ_FILES, env, *(str(app.path / case) for case in CASES))


def test_settings(app: Application, env: dict[str, str]) -> None:
    home = env["HOME"]
    for path, text in {
        "xdg-a/pip/pip.conf": "[global]\nindex-url = a\nretries = 1\ntimeout = 1\n",
        "xdg-b/pip/pip.conf": "[global]\nindex-url = b\n[install]\nretries = 2\n",
        "xdg-c/pip/pip.conf": "[install]\nindex-url = c\nretries = 3\n",
        ".pip/pip.conf": "[global]\ntimeout = 3\nno_index = yes\n[install]\n--pre = 1\n",
        ".config/pip/pip.conf": "[global]\ntimeout = 4\n[download]\ntimeout = 5\n",
        "own.conf": "[install]\nfind-links =\n  one\n  two\nno-deps =\n",
    }.items():
        Application(app.path.parent).write(f"home/{path}", text)
    env |= {"XDG_CONFIG_DIRS": f"{home}/xdg-a:{home}/xdg-b"}
    environments = [
        env,
        env | {"PIP_INDEX_URL": "e", "PIP_NO_INPUT": "", "PIP_PREFER_BINARY": "1"},
        env | {"PIP_CONFIG_FILE": f"{home}/own.conf"},
        env | {"PIP_CONFIG_FILE": f"{home}/missing.conf"},
        env | {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "e"},
        env | {"XDG_CONFIG_HOME": f"{home}/xdg-c"},
    ]
    theirs = by_pip(READ_SETTINGS, env, *map(json.dumps, environments))
    for one in theirs:
        one.pop("config-file", None)
    assert [
        {name: s.value for name, s in read_settings(Project(app.path), one).items()} for one in environments
    ] == theirs


def by_pip(script: str, env: Mapping[str, str], *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
