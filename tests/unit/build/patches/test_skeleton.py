from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.build.patches.skeleton import settle_application, settle_tool
from layerwright.testing.tree import tree

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = "home = /python/bin\nversion = {}\ncommand = /python/bin/python3.13 -m venv /venv\n"


def environment(path: Path, version: str, activate: str) -> Path:
    """Write what the ``venv`` module of *version* writes."""
    (path / "bin").mkdir(parents=True)
    (path / "pyvenv.cfg").write_text(CONFIGURATION.format(version))
    for name in ("activate", "activate.csh", "activate.fish", "Activate.ps1"):
        (path / "bin" / name).write_text(activate)
    (path / "bin" / "activate-global-python-argcomplete").touch()
    return path


def test_environments_of_two_patch_releases_are_equal(tmp_path: Path) -> None:
    place = tmp_path / "venv"
    found = []
    for version, activate in (("3.13.0", "one"), ("3.13.1", "other")):
        settle_application(environment(place, version, activate))
        found.append(tree(place))
        shutil.rmtree(place)
    assert found[0] == found[1]


def test_the_version_is_the_minor_version_and_the_rest_stays(tmp_path: Path) -> None:
    place = environment(tmp_path / "venv", "3.13.1", "")
    settle_application(place)
    assert (place / "pyvenv.cfg").read_text() == CONFIGURATION.format("3.13")
    assert names(place / "bin") == [
        "activate", "activate-global-python-argcomplete", "activate.csh", "activate.fish",
    ]  # fmt: skip


def test_the_environment_of_a_tool_has_no_scripts_that_activate_it(tmp_path: Path) -> None:
    place = environment(tmp_path / "venv", "3.13.1", "")
    settle_tool(tmp_path)
    assert (place / "pyvenv.cfg").read_text() == CONFIGURATION.format("3.13")
    assert names(place / "bin") == ["activate-global-python-argcomplete"]


def test_a_real_environment_works_as_before(tmp_path: Path) -> None:
    place = tmp_path / "venv"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", place], check=True)
    settle_application(place)
    command = [place / "bin" / "python", "-I", "-c", "import sys; print(sys.prefix)"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == str(place)


SESSION = """\
{source} {script}
echo "$VIRTUAL_ENV|$VIRTUAL_ENV_PROMPT|$PATH"
{source} {script}
deactivate
echo "{unset}|$PATH"
"""
POSIX_UNSET = "${VIRTUAL_ENV-unset}"


@pytest.mark.parametrize(
    ("shell", "options", "script", "source", "unset"),
    [
        ("sh", ("-eu",), "activate", ".", POSIX_UNSET),
        ("bash", ("-eu",), "activate", ".", POSIX_UNSET),
        ("zsh", ("-f", "-eu"), "activate", ".", POSIX_UNSET),
        ("tcsh", ("-f",), "activate.csh", "source", "$?VIRTUAL_ENV"),
        ("fish", ("--no-config",), "activate.fish", "source", "$VIRTUAL_ENV"),
    ],
)
@pytest.mark.parametrize("name", ["venv", "it's $HOME 100%"])
def test_each_shell_can_activate_and_deactivate_it(
    tmp_path: Path, shell: str, options: tuple[str, ...], script: str, source: str, unset: str, name: str
) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell} on this machine")
    place = tmp_path / name
    place.mkdir()
    settle_application(place)
    path = "/usr/bin:/bin"
    session = tmp_path / "session"
    # Relative, so that the shell need not quote it.
    session.write_text(SESSION.format(source=source, script=f"./{script}", unset=unset))
    done = subprocess.run(
        [found, *options, session],
        check=True,
        capture_output=True,
        text=True,
        cwd=place / "bin",
        env={"PATH": path, "HOME": str(tmp_path)},
    )
    assert done.stderr == ""
    gone = {"tcsh": "0", "fish": ""}.get(shell, "unset")
    assert done.stdout.splitlines() == [f"{place}|{name}|{place}/bin:{path}", f"{gone}|{path}"]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())
